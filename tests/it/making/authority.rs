//! `POST /tsa`.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use yinxin::clock::Clock as _;
use yinxin::crypto::digest::DigestAlgorithm;
use yinxin::crypto::digest::digest;
use yinxin::evidence::audit::AuditAction;
use yinxin::pki::oid::Oid;
use yinxin::signature::timestamp::answer;
use yinxin::signature::timestamp::request::TimestampRequest;
use yinxin::signature::timestamp::response::FailureReason;
use yinxin::signature::timestamp::response::TimestampResponse;

use crate::http::client::Ask;
use crate::http::town::Town;
use crate::interop::openssl::OpenSsl;
use crate::running_city::pki;
use crate::running_city::time;

const QUERY: &str = "application/timestamp-query";

pub(super) fn request(content: &[u8], nonce: u8) -> TimestampRequest {
    TimestampRequest::new(digest(DigestAlgorithm::Sha256, content), [nonce; 16])
}

fn ask(query: &[u8]) -> Ask {
    Ask::post("/tsa").body(QUERY, query)
}

fn answered(town: &Town, query: &[u8]) -> TimestampResponse {
    let answer = town.ask(&ask(query));
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("content-type"),
        Some("application/timestamp-reply")
    );
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    TimestampResponse::parse(&answer.body).unwrap()
}

fn token(response: TimestampResponse) -> Vec<u8> {
    match response {
        TimestampResponse::Granted { token, .. } => token,
        TimestampResponse::Refused(refusal) => panic!("{refusal:?}"),
    }
}

fn reason(response: &TimestampResponse) -> Option<FailureReason> {
    match response {
        TimestampResponse::Granted { .. } => None,
        TimestampResponse::Refused(refusal) => refusal.reason,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_what_was_asked_for_and_recorded() {
    let town = Town::open().await;
    let asked = request(b"content", 1);
    let token = token(answered(&town, &asked.to_der().unwrap()));
    let answer = answer::check(&asked, &token).unwrap();
    assert_eq!(answer.info.time, town.city.clock.now());
    let certificate = &pki().timestamp.certificate;
    assert_eq!(answer.authority.as_ref(), Some(certificate));
    let events = town.city.store.audit().list(0, 1000).await.unwrap();
    let recorded = events
        .iter()
        .map(|recorded| &recorded.event)
        .find(|event| event.action == AuditAction::TimestampIssued)
        .unwrap();
    let serial = yinxin::encoding::hex::encode(&answer.info.serial);
    assert_eq!(recorded.object, serial);
    assert_eq!(recorded.at, answer.info.time);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_says_why() {
    let town = Town::open().await;
    let good = request(b"content", 1);
    let sha1 = TimestampRequest {
        imprint: digest(DigestAlgorithm::Sha1, b"content"),
        ..good.clone()
    };
    let policy = TimestampRequest {
        policy: Some(Oid::parse("1.2.3").unwrap()),
        ..good.clone()
    };
    let good = good.to_der().unwrap();
    let mut extended = good.clone();
    // A critical extension behind everything else; the lengths stay below 128.
    let extension = yinxin::encoding::hex::decode("a00f300d06032a03040101ff0403010101").unwrap();
    extended[1] += u8::try_from(extension.len()).unwrap();
    extended.extend(extension);
    for (query, expected) in [
        (sha1.to_der().unwrap(), FailureReason::BadAlgorithm),
        (policy.to_der().unwrap(), FailureReason::UnacceptedPolicy),
        (extended, FailureReason::UnacceptedExtension),
        (good[..20].to_vec(), FailureReason::BadDataFormat),
        (Vec::new(), FailureReason::BadDataFormat),
        (b"not DER at all".to_vec(), FailureReason::BadDataFormat),
    ] {
        let response = answered(&town, &query);
        assert_eq!(reason(&response), Some(expected), "{query:02x?}");
    }
    let other_type = Ask::post("/tsa").body("application/octet-stream", good.clone());
    town.ask(&other_type).problem(415, "UNSUPPORTED_MEDIA_TYPE");
    town.ask(&ask(&[0; 10_000])).problem(413, "BODY_TOO_LARGE");
    town.ask(&Ask::get("/tsa"))
        .problem(405, "METHOD_NOT_ALLOWED");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_went_back_signs_nothing() {
    let town = Town::open().await;
    let query = request(b"content", 1).to_der().unwrap();
    token(answered(&town, &query));
    let now = town.city.clock.now();
    town.city.clock.set(now.minus(Duration::from_secs(3600)));
    let response = answered(&town, &query);
    assert_eq!(reason(&response), Some(FailureReason::TimeNotAvailable));
    town.city.clock.set(now);
    token(answered(&town, &query));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_has_ended_makes_nothing() {
    let town = Town::open().await;
    town.city.clock.set(time("2031-01-01T00:00:00Z"));
    let query = request(b"content", 1).to_der().unwrap();
    let response = answered(&town, &query);
    assert_eq!(reason(&response), Some(FailureReason::SystemFailure));
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_at_the_same_time_get_serial_numbers_of_their_own() {
    let town = Town::open().await;
    let address = town.address;
    let asking = (0..32).map(|number| {
        tokio::task::spawn_blocking(move || {
            let asked = request(b"content", number);
            let reply = ask(&asked.to_der().unwrap()).of(address).body;
            let token = token(TimestampResponse::parse(&reply).unwrap());
            answer::check(&asked, &token).unwrap().info.serial
        })
    });
    let mut serials = BTreeSet::new();
    for asked in asking.collect::<Vec<_>>() {
        serials.insert(asked.await.unwrap());
    }
    assert_eq!(serials.len(), 32);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_is_limited_by_address() {
    let town = Town::with_public_limit(2).await;
    let query = request(b"content", 1).to_der().unwrap();
    token(answered(&town, &query));
    // A key opens no gate here.
    let again = ask(&query).key(&town.bank);
    town.ask(&again).problem(429, "RATE_LIMITED");
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_asks_and_verifies() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let town = Town::open().await;
    openssl.write("root.pem", &[pki().city.certificate()]);
    openssl.write("tsa.pem", &[&pki().timestamp.certificate]);
    fs::write(openssl.path().join("content"), "content").unwrap();
    let at = town.city.clock.now().as_unix_seconds().to_string();
    for (digest, cert) in [
        ("-sha256", Some("-cert")),
        ("-sha384", None),
        ("-sha512", Some("-cert")),
        ("-sm3", Some("-cert")),
    ] {
        let mut query = vec!["ts", "-query", "-data", "content", digest, "-out", "query"];
        query.extend(cert);
        openssl.succeed(&query);
        let query = fs::read(openssl.path().join("query")).unwrap();
        let reply = town.ask(&ask(&query)).body;
        fs::write(openssl.path().join("reply"), &reply).unwrap();
        let shown = openssl.run(&["ts", "-reply", "-in", "reply", "-text"]);
        let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
        assert!(shown.contains("Status: Granted."), "{shown}");
        for about in [["-queryfile", "query"], ["-data", "content"]] {
            let mut verify = vec!["ts", "-verify", "-in", "reply", "-attime", &at];
            verify.extend(["-CAfile", "root.pem", "-untrusted", "tsa.pem"]);
            verify.extend(about);
            openssl.succeed(&verify);
        }
        let token = token(TimestampResponse::parse(&reply).unwrap());
        fs::write(openssl.path().join("token"), token).unwrap();
        openssl.succeed(&[
            "ts",
            "-verify",
            "-in",
            "token",
            "-token_in",
            "-attime",
            &at,
            "-CAfile",
            "root.pem",
            "-untrusted",
            "tsa.pem",
            "-data",
            "content",
        ]);
    }
}
