//! `yinxin verify` on a receipt, with nothing but the keys that are relied on.

use std::fs;

use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use yinxin::crypto::digest::sha256;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::sign::SigningKey;
use yinxin::encoding::base64;
use yinxin::encoding::pem;
use yinxin::evidence::receipt;
use yinxin::evidence::receipt::ReceiptClaims;
use yinxin::evidence::receipt::ReceiptDocument;
use yinxin::evidence::receipt::ReceiptKind;
use yinxin::evidence::receipt::ReceiptProfile;
use yinxin::identifier::opaque_id::ReceiptId;
use yinxin::pki::certificate::Certificate;
use yinxin::signature::jose::sign::sign_compact_as;
use yinxin::validation::report::Indication;

use crate::cli::binary::Ended;
use crate::cli::binary::yinxin;
use crate::running_city::pki;

/// Certificates here are valid from 2025 to 2029.
const AT: &str = "2026-06-02T00:00:00Z";
const CONTENT: &[u8] = "采购合同".as_bytes();

/// Files of a test.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        desk.put("receipt.jws", &signed_with(&pki().receipt.key()));
        desk.put("content", "采购合同");
        desk.put("other", "采购合同!");
        desk.put("jwks.json", &published(&[&pki().receipt.certificate]));
        desk.put("receipt.pem", &pem_of(&pki().receipt.certificate));
        desk.put("city.pem", &pem_of(pki().city.certificate()));
        desk.put("alpha.pem", &pem_of(pki().alpha.certificate()));
        desk
    }

    fn put(&self, name: &str, text: &str) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    /// Verifies `file`; names of files of the desk are given as paths.
    fn verify(&self, file: &str, arguments: &[&str]) -> Ended {
        let path = |name: &&str| {
            let path = self.0.path().join(name);
            match path.exists() {
                true => path.to_str().unwrap().to_owned(),
                false => (*name).to_owned(),
            }
        };
        let whole = [&["verify", file], arguments].concat();
        let whole: Vec<String> = whole.iter().map(path).collect();
        yinxin(whole)
    }
}

fn pem_of(certificate: &Certificate) -> String {
    pem::encode("CERTIFICATE", certificate.der())
}

fn claims() -> ReceiptClaims {
    ReceiptClaims {
        indication: Some(Indication::TotalFailed),
        document: Some(ReceiptDocument {
            sha256: Some(sha256(CONTENT).into()),
            sm3: None,
            seen: true,
        }),
        profile: Some(ReceiptProfile {
            name: "bank-x/loan".to_owned(),
            version: 7,
            digest: sha256(b"profile").into(),
            narrowed_to: Vec::new(),
            narrowed_count: None,
        }),
        ..ReceiptClaims::new(
            ReceiptKind::Verify,
            ReceiptId::from_random([3; 16]),
            "https://yinxin.example",
            "bank-x",
            // 2026-06-01T00:00:00Z
            1_780_272_000,
        )
    }
}

fn signed_with(key: &SigningKey) -> String {
    receipt::sign(&claims(), key).unwrap()
}

/// A saved key set with these certificates' keys.
fn published(certificates: &[&Certificate]) -> String {
    let keys = certificates.iter().map(|certificate| {
        let mut jwk = certificate.public_key().to_jwk().unwrap();
        jwk["kid"] = json!(certificate.public_key().jwk_thumbprint().unwrap());
        jwk["purpose"] = json!("receipt");
        jwk["typ"] = json!("verification-receipt+jwt");
        jwk["x5c"] = json!([base64::encode(certificate.der())]);
        jwk
    });
    json!({"keys": keys.collect::<Vec<Value>>()}).to_string()
}

fn told(ended: &Ended) -> Value {
    serde_json::from_str(&ended.out).unwrap_or_else(|_| panic!("{ended:?}"))
}

#[test]
fn a_receipt_is_judged_by_saved_keys_or_below_an_anchor() {
    let desk = Desk::new();
    for by in [
        &["--jwks", "jwks.json"][..],
        &["--anchor", "receipt.pem"],
        &["--jwks", "jwks.json", "--anchor", "city.pem"],
        &["--anchor", "city.pem", "--intermediate", "receipt.pem"],
    ] {
        let base = [by, &["--at", AT, "--content", "content"]].concat();
        let shown = desk.verify("receipt.jws", &base).with(0);
        for words in [
            "TOTAL-PASSED",
            "回执真实",
            "verdict   结论 TOTAL-FAILED",
            "asked by  查询单位 bank-x",
            "answered  时间 2026-06-01T00:00:00Z",
            &sha256(CONTENT).to_string(),
        ] {
            assert!(shown.out.contains(words), "{words}: {}", shown.out);
        }
        let json = desk.verify("receipt.jws", &[&base[..], &["--json"]].concat());
        let verdict = told(&json.with(0));
        assert_eq!(verdict["indication"], "TOTAL-PASSED");
        assert_eq!(verdict["claims"]["aud"], "bank-x");
        assert_eq!(verdict["reasons"], json!([]));
    }
}

#[test]
fn what_speaks_against_a_receipt_is_told() {
    let desk = Desk::new();
    let genuine = signed_with(&pki().receipt.key());
    let other = SigningKey::generate(KeyPurpose::Receipt).unwrap().0;
    desk.put("forged.jws", &signed_with(&other));
    let mut parts: Vec<String> = genuine.split('.').map(str::to_owned).collect();
    parts[1] = {
        let other = ReceiptClaims {
            aud: "bank-y".to_owned(),
            ..claims()
        };
        let signed = receipt::sign(&other, &pki().receipt.key()).unwrap();
        signed.split('.').nth(1).unwrap().to_owned()
    };
    desk.put("altered.jws", &parts.join("."));
    desk.put("cut.jws", genuine.rsplit_once('.').unwrap().0);
    let expired = ["--jwks", "jwks.json", "--at", "2031-01-01T00:00:00Z"];
    let saved = ["--jwks", "jwks.json", "--at", AT];
    let with_other = [&saved[..], &["--content", "other"]].concat();
    let elsewhere = ["--jwks", "jwks.json", "--anchor", "alpha.pem", "--at", AT];
    let nothing = ["--at", AT];
    for (file, arguments, exit, code) in [
        ("forged.jws", &saved[..], 2, "RECEIPT_KEY_UNKNOWN"),
        ("altered.jws", &saved, 1, "RECEIPT_SIGNATURE_WRONG"),
        ("cut.jws", &saved, 1, "RECEIPT_MALFORMED"),
        ("receipt.jws", &expired, 2, "RECEIPT_KEY_NOT_VALID"),
        ("receipt.jws", &with_other, 1, "RECEIPT_DOCUMENT_DIFFERS"),
        ("receipt.jws", &elsewhere, 2, "RECEIPT_KEY_UNKNOWN"),
        ("receipt.jws", &nothing, 2, "RECEIPT_KEY_UNKNOWN"),
    ] {
        let ended = desk.verify(file, &[arguments, &["--json"]].concat());
        let verdict = told(&ended.with(exit));
        assert_eq!(verdict["reasons"][0]["code"], code, "{file} {verdict:#}");
        let shown = desk.verify(file, arguments).with(exit);
        assert!(shown.out.contains(code), "{}", shown.out);
        assert!(!shown.out.contains("回执真实"), "{}", shown.out);
    }
}

#[test]
fn what_another_type_of_ours_says_is_no_receipt() {
    let desk = Desk::new();
    let payload = serde_json::to_value(claims()).unwrap();
    let kid = pki().receipt.certificate.public_key().jwk_thumbprint();
    let header = [("kid", json!(kid.unwrap()))];
    let head = sign_compact_as(&pki().receipt.key(), "audit-head+jwt", &header, &payload);
    desk.put("head.jws", &head.unwrap());
    let ended = desk.verify("head.jws", &["--jwks", "jwks.json", "--at", AT]);
    assert!(!ended.out.contains("TOTAL-PASSED"), "{}", ended.out);
    ended.with(2);
    desk.put("broken.json", "{}");
    let ended = desk.verify("receipt.jws", &["--jwks", "broken.json"]);
    ended.with(65);
    let ended = desk.verify("receipt.jws", &["--jwks", "missing.json"]);
    ended.with(66);
}
