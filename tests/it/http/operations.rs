//! What operators and machines ask, and what every answer carries.

use serde_json::Value;
use yinxin::validation::reason::REASONS;

use crate::http::client::Ask;
use crate::http::town::Town;

/// Everything that is got without a key and without a company.
const OPEN: [&str; 13] = [
    "/",
    "/docs",
    "/livez",
    "/metrics",
    "/openapi.json",
    "/problems/not-found",
    "/readyz",
    "/static/page.css",
    "/static/page.js",
    "/v1/reasons",
    "/version",
    "/.well-known/jwks.json",
    "/.well-known/jwt-vc-issuer",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_keeps_browsers_from_mischief_and_has_an_identifier() {
    let town = Town::open().await;
    let mut seen = std::collections::BTreeSet::new();
    for path in OPEN
        .iter()
        .chain(&["/no-such-page", "/v1/companies?name=x"])
    {
        let answer = town.ask(&Ask::get(*path));
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("strict-transport-security", "max-age=63072000"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
        let id = answer.header("x-request-id").unwrap().to_owned();
        assert!(seen.insert(id), "{path}: an identifier came twice");
        assert_eq!(answer.header("server"), None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_identifier_that_a_caller_sends_is_not_taken_over() {
    let town = Town::open().await;
    let answer = town.ask(&Ask::get("/livez").header("X-Request-Id", "mine"));
    assert_ne!(answer.header("x-request-id"), Some("mine"));
}

#[tokio::test(flavor = "multi_thread")]
async fn head_is_get_without_the_body() {
    let town = Town::open().await;
    for path in OPEN {
        let (head, get) = (town.ask(&Ask::new("HEAD", path)), town.ask(&Ask::get(path)));
        assert_eq!((head.status, head.body.len()), (get.status, 0), "{path}");
        assert_eq!(get.status, 200, "{path}");
        assert_eq!(
            head.header("content-type"),
            get.header("content-type"),
            "{path}"
        );
        if path != "/metrics" {
            assert_eq!(
                head.header("content-length"),
                get.header("content-length"),
                "{path}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_lives_is_ready_and_says_which_version_it_is() {
    let town = Town::open().await;
    assert_eq!(town.ask(&Ask::get("/livez")).status, 200);
    assert_eq!(town.ask(&Ask::get("/readyz")).status, 200);
    let version = town.ask(&Ask::get("/version")).expect(200);
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_it_lives_but_is_not_ready() {
    let town = Town::open().await;
    town.city.app.close().await;
    assert_eq!(town.ask(&Ask::get("/livez")).status, 200);
    let answer = town.ask(&Ask::get("/readyz"));
    assert_eq!(answer.status, 503, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_requests_verdicts_and_problems_and_name_nobody() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let issued = town.issue(&uscc);
    town.verify(issued["credential"].as_str().unwrap());
    let id = issued["id"].as_str().unwrap();
    town.ask(&Ask::get(format!("/v1/credentials/{id}")))
        .problem(401, "API_KEY_MISSING");
    let metrics = town.ask(&Ask::get("/metrics"));
    let text = metrics.text();
    assert!(text.contains("indication=\"TOTAL-PASSED\""), "{text}");
    assert!(text.contains("api-key-missing"), "{text}");
    assert!(text.contains("/v1/credentials/{id}"), "{text}");
    assert!(
        !text.contains(uscc.as_str()) && !text.contains("bank-a"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_reason_of_a_verdict_can_be_looked_up() {
    let town = Town::open().await;
    let reasons = town.ask(&Ask::get("/v1/reasons")).expect(200);
    let listed = reasons.to_string();
    for reason in REASONS {
        assert!(listed.contains(reason.code.as_str()), "{:?}", reason.code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn published_keys_are_those_that_sign() {
    let town = Town::open().await;
    let issued = town.issue(&town.city.company(1).await);
    let credential = issued["credential"].as_str().unwrap();
    let header = credential.split('.').next().unwrap();
    let header = yinxin::encoding::base64url::decode(header, 1 << 16).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let metadata = town
        .ask(&Ask::get("/.well-known/jwt-vc-issuer"))
        .expect(200);
    let keys = metadata["jwks"]["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0]["x5c"], header["x5c"]);
    assert!(keys[0].get("d").is_none(), "a private key was published");
    let all = town.ask(&Ask::get("/.well-known/jwks.json")).expect(200);
    assert_eq!(all["keys"].as_array().unwrap().len(), 3);
    assert!(!all.to_string().contains("\"d\":"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_type_is_described_at_its_address() {
    let town = Town::open().await;
    let issued = town.issue(&town.city.company(1).await);
    let vct = issued["type"].as_str().unwrap();
    let path = vct.strip_prefix(crate::running_city::URL).unwrap();
    let described = town.ask(&Ask::get(path)).expect(200);
    assert_eq!(described["vct"], vct);
}
