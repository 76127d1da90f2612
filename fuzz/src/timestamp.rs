//! Laws of [`TimestampRequest`] and [`TimestampResponse`].

use yinxin::crypto::digest::DigestAlgorithm;
use yinxin::crypto::digest::digest;
use yinxin::pki::oid::Oid;
use yinxin::signature::timestamp::answer;
use yinxin::signature::timestamp::request::CertificateRequest;
use yinxin::signature::timestamp::request::TimestampRequest;
use yinxin::signature::timestamp::response::FailureReason;
use yinxin::signature::timestamp::response::Grant;
use yinxin::signature::timestamp::response::TimestampResponse;

/// What is read is written so that it reads as the same; with its last byte missing, or one more, it is no
/// request; what is refused has a reason that can be answered and shown.
pub fn request(data: &[u8]) {
    let request = match TimestampRequest::parse(data) {
        Ok(request) => request,
        Err(refusal) => {
            let text = refusal.to_string();
            assert!(!text.chars().any(char::is_control), "{text:?}");
            let answer = TimestampResponse::rejection(refusal.failure(), &text);
            assert_eq!(
                TimestampResponse::parse(&answer.to_der()).expect("ours"),
                answer
            );
            return;
        }
    };
    let written = request.to_der().expect("what was read can be written");
    assert_eq!(TimestampRequest::parse(&written).expect("ours"), request);
    assert!(
        TimestampRequest::parse(&[data, &[0]].concat()).is_err(),
        "a byte more"
    );
    let shorter = data.split_last().map_or(data, |(_, shorter)| shorter);
    assert!(TimestampRequest::parse(shorter).is_err(), "a byte fewer");
}

/// What is read is written so that it reads as the same; texts can be shown on a terminal; no token answers what
/// nobody asked.
pub fn response(data: &[u8]) {
    let Ok(response) = TimestampResponse::parse(data) else {
        return;
    };
    let written = response.to_der();
    assert_eq!(TimestampResponse::parse(&written).expect("ours"), response);
    match &response {
        TimestampResponse::Granted { token, .. } => {
            let nonce = [0x55; 16];
            let asked = TimestampRequest::new(digest(DigestAlgorithm::Sha256, token), nonce);
            assert!(
                answer::check(&asked, token).is_err(),
                "about its own digest"
            );
        }
        TimestampResponse::Refused(refusal) => {
            for text in &refusal.texts {
                assert!(!text.chars().any(char::is_control), "{text:?}");
            }
        }
    }
}

/// First requests: each digest, with and without what is optional.
pub fn requests() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for algorithm in [
        DigestAlgorithm::Sha1,
        DigestAlgorithm::Sha256,
        DigestAlgorithm::Sha512,
        DigestAlgorithm::Sm3,
    ] {
        let whole = TimestampRequest {
            policy: Some(Oid::parse("1.2.3").expect("an OID")),
            ..TimestampRequest::new(digest(algorithm, b"content"), [7; 16])
        };
        let bare = TimestampRequest {
            policy: None,
            nonce: None,
            certificates: CertificateRequest::No,
            ..whole.clone()
        };
        for request in [whole, bare] {
            seeds.push(request.to_der().expect("a request"));
        }
    }
    seeds
}

/// First answers: tokens that are none, and refusals.
pub fn responses() -> Vec<Vec<u8>> {
    let token = vec![0x30, 0x00];
    let grant = Grant::Modified;
    vec![
        TimestampResponse::Granted { token, grant }.to_der(),
        TimestampResponse::rejection(FailureReason::BadAlgorithm, "SHA-1").to_der(),
        TimestampResponse::rejection(FailureReason::SystemFailure, "").to_der(),
    ]
}
