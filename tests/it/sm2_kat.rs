//! SM3 and SM2 against known answers, published and adversarial.

use std::collections::BTreeMap;
use std::fs;

use openssl::pkey::PKey;
use openssl::pkey_ctx::PkeyCtx;
use serde::Deserialize;
use yinxin::crypto::algorithm::SignatureAlgorithm;
use yinxin::crypto::digest::DigestAlgorithm;
use yinxin::crypto::digest::digest;
use yinxin::crypto::public_key::KeyAlgorithm;
use yinxin::crypto::public_key::KeyError;
use yinxin::crypto::public_key::PublicKey;
use yinxin::crypto::sm2::DEFAULT_ID;
use yinxin::crypto::sm2::Sm2Key;
use yinxin::crypto::verify::SignatureForm;
use yinxin::crypto::verify::verify_signature;
use yinxin::encoding::hex;

use crate::corpora::corpora;

#[derive(Deserialize)]
struct Kat {
    sm3: Vec<Sm3Case>,
    sm3_repeat: Vec<RepeatCase>,
    sm2_sign: Vec<SignCase>,
    sm2_example_curve: Vec<SignCase>,
    sm2_verify: Vec<VerifyCase>,
}

#[derive(Deserialize)]
struct Sm3Case {
    msg: String,
    digest: String,
}

#[derive(Deserialize)]
struct RepeatCase {
    repeat: String,
    count: usize,
    digest: String,
}

#[derive(Deserialize)]
struct SignCase {
    #[serde(rename = "pub")]
    point: String,
    id: String,
    msg: String,
    za: String,
    e: String,
    sig_der: Option<String>,
}

#[derive(Deserialize)]
struct VerifyCase {
    tc: u32,
    level: String,
    result: String,
    comment: String,
    #[serde(rename = "pub")]
    point: String,
    sig: String,
    msg: Option<String>,
    id: Option<String>,
    e: Option<String>,
}

fn kat() -> Option<Kat> {
    let file = corpora()?.join("china/sm2-kat.json");
    Some(serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap())
}

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}

#[test]
fn sm3_digests_are_right() {
    let Some(kat) = kat() else { return };
    let sm3 = |message: &[u8]| digest(DigestAlgorithm::Sm3, message).to_hex();
    for case in &kat.sm3 {
        assert_eq!(sm3(&bytes(&case.msg)), case.digest);
    }
    for case in &kat.sm3_repeat {
        assert_eq!(sm3(&bytes(&case.repeat).repeat(case.count)), case.digest);
    }
    assert_eq!((kat.sm3.len(), kat.sm3_repeat.len()), (19, 1));
}

#[test]
fn z_and_e_are_right() {
    let Some(kat) = kat() else { return };
    for case in &kat.sm2_sign {
        let key = Sm2Key::new(&bytes(&case.point), &bytes(&case.id)).unwrap();
        let e = key.digest(&bytes(&case.msg));
        assert_eq!(hex::encode(key.z()), case.za);
        assert_eq!(hex::encode(&e), case.e);
        assert!(key.verify_digest(&e, &bytes(case.sig_der.as_ref().unwrap())));
    }
    assert_eq!(kat.sm2_sign.len(), 2);
}

#[test]
fn the_curve_of_the_draft_is_no_curve_of_ours() {
    let Some(kat) = kat() else { return };
    for case in &kat.sm2_example_curve {
        assert!(Sm2Key::new(&bytes(&case.point), &bytes(&case.id)).is_none());
    }
    assert_eq!(kat.sm2_example_curve.len(), 1);
}

#[test]
#[expect(clippy::print_stderr, reason = "the counts are what this test shows")]
fn every_vector_is_judged_right() {
    let Some(kat) = kat() else { return };
    let mut counts: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for case in &kat.sm2_verify {
        let shown = format!("{} {}", case.tc, case.comment);
        let accepted = accepts(case);
        match case.result.as_str() {
            "valid" => assert!(accepted, "{shown}"),
            "invalid" => assert!(!accepted, "{shown}"),
            // The private key n - 1, which the standard excludes: we refuse it.
            "acceptable" => assert!(!accepted, "{shown}"),
            other => panic!("unheard-of result {other}"),
        }
        *counts.entry((case.result.as_str(), accepted)).or_default() += 1;
        assert_x509_agrees(case, accepted);
    }
    eprintln!("{counts:?}");
    let counts: Vec<_> = counts.into_iter().collect();
    assert_eq!(
        counts,
        [
            (("acceptable", false), 1),
            (("invalid", false), 44),
            (("valid", true), 31)
        ]
    );
}

fn accepts(case: &VerifyCase) -> bool {
    let id = case.id.as_deref().map_or(DEFAULT_ID.to_vec(), bytes);
    let Some(key) = Sm2Key::new(&bytes(&case.point), &id) else {
        return false;
    };
    let e = match (case.level.as_str(), &case.msg, &case.e) {
        ("message", Some(message), _) => key.digest(&bytes(message)),
        ("digest", _, Some(e)) => hex::decode_array(e).unwrap(),
        _ => panic!("{} has neither message nor digest", case.tc),
    };
    let accepted = key.verify_digest(&e, &bytes(&case.sig));
    if let Some(opinion) = openssl_accepts(&bytes(&case.point), &e, &bytes(&case.sig)) {
        // The key -G is one to OpenSSL.
        let expected = accepted || case.result == "acceptable";
        assert_eq!(opinion, expected, "OpenSSL on {}", case.tc);
    }
    accepted
}

/// The second opinion, over e itself; none about keys that OpenSSL does not read.
fn openssl_accepts(point: &[u8], e: &[u8], signature: &[u8]) -> Option<bool> {
    let key = PKey::public_key_from_der(&spki(point)).ok()?;
    let mut context = PkeyCtx::new(&key).unwrap();
    context.verify_init().unwrap();
    Some(context.verify(e, signature).unwrap_or(false))
}

/// The same through the public door, as a certificate's signature: the identifier is the default one, and
/// the key uncompressed.
fn assert_x509_agrees(case: &VerifyCase, accepted: bool) {
    let point = bytes(&case.point);
    let key = PublicKey::from_spki_der(&spki(&point));
    if point.len() != 65 || point.first() != Some(&4) {
        assert_eq!(key.unwrap_err(), KeyError::EcPoint, "{}", case.tc);
        return;
    }
    let key = key.unwrap();
    assert_eq!(key.algorithm(), KeyAlgorithm::Sm2);
    let Some(message) = &case.msg else { return };
    let is_default = case.id.as_deref().map(bytes).as_deref() == Some(DEFAULT_ID);
    let (message, signature) = (bytes(message), bytes(&case.sig));
    let verify = |form| {
        let algorithm = SignatureAlgorithm::Sm2Sm3;
        verify_signature(algorithm, &key, &message, &signature, form).is_ok()
    };
    // What was signed for another holder and is judged for that one may well be wrong as such.
    if is_default {
        assert_eq!(verify(SignatureForm::Der), accepted, "{}", case.tc);
    } else if accepted {
        assert!(!verify(SignatureForm::Der), "{}", case.tc);
    }
    assert!(!verify(SignatureForm::Fixed), "{}", case.tc);
}

fn spki(point: &[u8]) -> Vec<u8> {
    let id = bytes("301306072a8648ce3d020106082a811ccf5501822d");
    let length = u8::try_from(point.len() + 1).unwrap();
    let key = [&[0x03, length, 0x00], point].concat();
    let total = u8::try_from(id.len() + key.len()).unwrap();
    [&[0x30, total], id.as_slice(), key.as_slice()].concat()
}
