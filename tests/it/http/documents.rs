//! Documents that somebody tampered with or made to do harm: each gets a verdict, and none of them passes.

use serde_json::Value;
use serde_json::json;
use yinxin::encoding::base64url;

use crate::http::town::Town;

/// The credential with its header changed.
fn with_header(credential: &str, change: impl FnOnce(&mut Value)) -> String {
    let (header, rest) = credential.split_once('.').unwrap();
    let header = base64url::decode(header, 1 << 16).unwrap();
    let mut header: Value = serde_json::from_slice(&header).unwrap();
    change(&mut header);
    format!(
        "{}.{rest}",
        base64url::encode(header.to_string().as_bytes())
    )
}

fn with_member(credential: &str, name: &str, value: Value) -> String {
    with_header(credential, |header| header[name] = value)
}

/// The first disclosure of a credential, with the tilde that ends it.
fn first_disclosure(credential: &str) -> String {
    format!("{}~", credential.split('~').nth(1).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_was_tampered_with_passes() {
    let town = Town::open().await;
    let issued = town.issue(&town.city.company(1).await);
    let genuine = issued["credential"].as_str().unwrap();
    assert_eq!(town.verify(genuine)["indication"], "TOTAL-PASSED");
    let (jwt, _) = genuine.split_once('~').unwrap();
    let unsigned = &jwt[..=jwt.rfind('.').unwrap()];
    let disclosure = first_disclosure(genuine);
    let many = disclosure.repeat(100_000);
    let cases = [
        ("alg none", with_member(genuine, "alg", json!("none"))),
        ("alg HS256", with_member(genuine, "alg", json!("HS256"))),
        ("alg unknown", with_member(genuine, "alg", json!("ES999"))),
        ("crit", with_member(genuine, "crit", json!(["exp"]))),
        (
            "jku",
            with_member(genuine, "jku", json!("https://evil.example/keys")),
        ),
        (
            "x5u",
            with_member(genuine, "x5u", json!("https://evil.example/c")),
        ),
        ("jwk", with_member(genuine, "jwk", json!({"kty": "EC"}))),
        (
            "other typ",
            with_member(genuine, "typ", json!("verification-receipt+jwt")),
        ),
        ("no certificate", with_member(genuine, "x5c", json!([]))),
        ("no signature", format!("{unsigned}~")),
        ("a disclosure twice", format!("{genuine}{disclosure}")),
        ("100,000 disclosures", format!("{genuine}{many}")),
        ("trailing text", format!("{genuine}tail")),
        ("a segment more", genuine.replacen('.', "..", 1)),
        ("cut short", genuine[..genuine.len() - 10].to_owned()),
    ];
    for (name, document) in cases {
        let report = town.verify(document);
        assert_ne!(report["indication"], "TOTAL-PASSED", "{name}: {report}");
        let told = report.to_string().contains("\"severity\":\"error\"");
        assert!(told, "{name} is not explained: {report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_withheld_is_told_and_changes_no_verdict() {
    let town = Town::open().await;
    let issued = town.issue(&town.city.company(1).await);
    let genuine = issued["credential"].as_str().unwrap();
    let (jwt, _) = genuine.split_once('~').unwrap();
    for (document, withheld) in [
        (format!("{jwt}~"), 4),
        (genuine.replacen(&first_disclosure(genuine), "", 1), 1),
    ] {
        let report = town.verify(document);
        assert_eq!(report["indication"], "TOTAL-PASSED", "{report}");
        let names = report["credential"]["withheld"].as_array().unwrap();
        assert!(names.len() >= withheld, "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_credential_whose_time_is_over_fails() {
    let town = Town::open().await;
    let issued = town.issue(&town.city.company(1).await);
    let genuine = issued["credential"].as_str().unwrap();
    town.city.wait(366 * 24 * 60 * 60);
    let report = town.verify(genuine);
    assert_eq!(report["indication"], "TOTAL-FAILED", "{report}");
    assert!(
        report.to_string().contains("CREDENTIAL_EXPIRED"),
        "{report}"
    );
}
