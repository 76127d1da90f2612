//! What the authority makes is what the client takes, and nothing else is.

use super::*;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::random::SeededRandom;
use crate::pki::issue;
use crate::pki::issue::IssuingCa;
use crate::pki::issue::profile;
use crate::pki::issue::profile::CertificateProfile;
use crate::pki::issue::profile::EndEntityUsage;
use crate::signature::timestamp::answer;
use crate::signature::timestamp::error::AnswerError;

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

struct Made {
    key: SigningKey,
    certificate: Certificate,
    policy: Oid,
}

impl Made {
    fn with(key: SigningKey, usage: &EndEntityUsage) -> Self {
        let ca_key = SigningKey::generate(KeyPurpose::CertificateAuthority)
            .unwrap()
            .0;
        let mut profile = CertificateProfile {
            subject: vec![(profile::COMMON_NAME, "Test CA".to_owned())],
            serial: profile::serial_from_random([1; 16]),
            not_before: at("2026-01-01T00:00:00Z"),
            not_after: at("2036-01-01T00:00:00Z"),
            policies: Vec::new(),
            crl_url: None,
            identity: Vec::new(),
        };
        let root = issue::issue_root(&ca_key, &profile, None).unwrap();
        let ca = IssuingCa::new(root, ca_key).unwrap();
        profile.subject = vec![(profile::COMMON_NAME, "Test TSA".to_owned())];
        profile.serial = profile::serial_from_random([2; 16]);
        let certificate = issue::issue_end_entity(&ca, key.public_key(), &profile, usage).unwrap();
        Self {
            key,
            certificate,
            policy: Oid::parse("1.2.3.4").unwrap(),
        }
    }

    fn new() -> Self {
        let (key, _) = SigningKey::generate(KeyPurpose::Timestamp).unwrap();
        Self::with(key, &EndEntityUsage::Purpose(KeyPurpose::Timestamp))
    }

    fn issue(&self, request: &TimestampRequest) -> Vec<u8> {
        let authority = Authority {
            key: &self.key,
            certificates: std::slice::from_ref(&self.certificate),
            policy: &self.policy,
            accuracy: Duration::from_secs(5),
        };
        let serial = profile::serial_from_random([7; 16]);
        let now = at("2026-03-01T08:00:00.25Z");
        authority.issue(request, serial, now).unwrap()
    }
}

fn request(algorithm: DigestAlgorithm) -> TimestampRequest {
    TimestampRequest::new(digest(algorithm, b"content"), [9; 16])
}

#[test]
fn a_token_answers_its_request() {
    let made = Made::new();
    for algorithm in [
        DigestAlgorithm::Sha256,
        DigestAlgorithm::Sha384,
        DigestAlgorithm::Sha512,
        DigestAlgorithm::Sm3,
    ] {
        let request = request(algorithm);
        let answer = answer::check(&request, &made.issue(&request)).unwrap();
        assert_eq!(answer.info.time, at("2026-03-01T08:00:00.25Z"));
        assert_eq!(answer.info.policy, made.policy);
        assert_eq!(answer.info.serial, profile::serial_from_random([7; 16]));
        assert_eq!(answer.authority.as_ref(), Some(&made.certificate));
    }
}

#[test]
fn an_authority_with_an_sm2_key_makes_tokens_too() {
    let random = SeededRandom::new([8; 32]);
    let (key, _) = SigningKey::generate_sm2(KeyPurpose::Timestamp, &random).unwrap();
    let made = Made::with(key, &EndEntityUsage::Purpose(KeyPurpose::Timestamp));
    let request = request(DigestAlgorithm::Sm3);
    answer::check(&request, &made.issue(&request)).unwrap();
}

#[test]
fn a_certificate_comes_only_when_asked_for() {
    let made = Made::new();
    let asked = request(DigestAlgorithm::Sha256);
    let unasked = TimestampRequest {
        certificates: CertificateRequest::No,
        ..asked.clone()
    };
    let token = made.issue(&unasked);
    assert!(answer::check(&unasked, &token).unwrap().authority.is_none());
    assert!(matches!(
        answer::check(&asked, &token),
        Err(AnswerError::CertificateMissing)
    ));
}

#[test]
fn what_was_not_asked_for_is_refused() {
    let made = Made::new();
    let asked = request(DigestAlgorithm::Sha256);
    let token = made.issue(&asked);
    let refused = |request: &TimestampRequest| answer::check(request, &token).unwrap_err();
    let other_digest = TimestampRequest {
        imprint: digest(DigestAlgorithm::Sha256, b"other"),
        ..asked.clone()
    };
    assert!(matches!(refused(&other_digest), AnswerError::Imprint));
    let other_nonce = TimestampRequest {
        nonce: Some(vec![1]),
        ..asked.clone()
    };
    assert!(matches!(refused(&other_nonce), AnswerError::Nonce));
    let other_policy = TimestampRequest {
        policy: Some(Oid::parse("1.2.3.5").unwrap()),
        ..asked.clone()
    };
    assert!(matches!(refused(&other_policy), AnswerError::Policy(_)));

    let mut flipped = token.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert!(answer::check(&asked, &flipped).is_err());
    let truncated = &token[..token.len() - 1];
    assert!(answer::check(&asked, truncated).is_err());
}

#[test]
fn a_certificate_for_something_else_makes_no_timestamps() {
    let (key, _) = SigningKey::generate(KeyPurpose::Timestamp).unwrap();
    let eku = Oid::parse(KeyPurpose::Timestamp.eku().unwrap()).unwrap();
    // For timestamps alone, but not critically.
    let made = Made::with(key, &EndEntityUsage::Signer(vec![eku]));
    let asked = request(DigestAlgorithm::Sha256);
    assert!(matches!(
        answer::check(&asked, &made.issue(&asked)),
        Err(AnswerError::NotForTimestamps)
    ));

    let (receipt, _) = SigningKey::generate(KeyPurpose::Receipt).unwrap();
    let authority = Authority {
        key: &receipt,
        certificates: &[],
        policy: &made.policy,
        accuracy: Duration::ZERO,
    };
    let refused = authority.issue(&asked, [1; 16], at("2026-03-01T08:00:00Z"));
    assert!(matches!(
        refused,
        Err(TokenError::WrongPurpose(KeyPurpose::Receipt))
    ));
}
