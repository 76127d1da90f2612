//! Compact JWS against Wycheproof's `json_web_signature_test.json`: every case, with every divergence
//! listed and nothing else tolerated.

use std::fs;

use openssl::bn::BigNum;
use openssl::ec::EcGroup;
use openssl::ec::EcKey;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use serde_json::Value;
use yinxin::crypto::public_key::PublicKey;
use yinxin::encoding::base64url;
use yinxin::signature::jose::compact::CompactJws;

use crate::corpora::corpora;

/// Why we answer otherwise than the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Divergence {
    /// The file says valid: a MAC, which proves nothing to a third party.
    Mac,
    /// The file says invalid: only the JWK's `use`, `key_ops` or `alg` forbids it. Our keys come in
    /// certificates, whose own extensions say what they are for.
    JwkMember,
}

struct Judged {
    id: u64,
    expected: bool,
    accepted: bool,
    divergence: Option<Divergence>,
}

#[test]
fn every_case_is_judged_right_or_listed() {
    let Some(corpora) = corpora() else { return };
    let file = fs::read(corpora.join("wycheproof/json_web_signature_test.json")).unwrap();
    let file: Value = serde_json::from_slice(&file).unwrap();
    let groups = file["testGroups"].as_array().unwrap();
    let judged: Vec<Judged> = groups.iter().flat_map(judge_group).collect();
    assert_eq!(judged.len(), 401);
    let unexplained: Vec<(u64, bool)> = judged
        .iter()
        .filter(|case| (case.expected != case.accepted) != case.divergence.is_some())
        .map(|case| (case.id, case.accepted))
        .collect();
    assert!(unexplained.is_empty(), "{unexplained:?}");
    let count = |wanted| {
        let diverging = judged.iter().filter(|case| case.divergence == Some(wanted));
        diverging.count()
    };
    assert_eq!(
        (count(Divergence::Mac), count(Divergence::JwkMember)),
        (10, 9)
    );
}

fn judge_group(group: &Value) -> Vec<Judged> {
    let jwk = if group["public"].is_object() {
        &group["public"]
    } else {
        &group["private"]
    };
    let key = public_key(jwk);
    let cases = group["tests"].as_array().unwrap().iter();
    cases
        .map(|case| {
            let jws = case["jws"].as_str().map(CompactJws::parse);
            let accepted = match (&jws, &key) {
                (Some(Ok(jws)), Some(key)) => jws.verify(key).is_ok(),
                _ => false,
            };
            let expected = case["result"] == "valid";
            let id = case["tcId"].as_u64().unwrap();
            Judged {
                id,
                expected,
                accepted,
                divergence: divergence(jwk, id, expected),
            }
        })
        .collect()
}

/// Cases that only a member of the JWK forbids: its `alg`, then its `use` and `key_ops`.
const FORBIDDEN_BY_JWK: [u64; 9] = [332, 334, 336, 338, 340, 353, 354, 355, 356];

/// Which divergence, if any, this case is to have.
fn divergence(jwk: &Value, id: u64, valid: bool) -> Option<Divergence> {
    if FORBIDDEN_BY_JWK.contains(&id) {
        return Some(Divergence::JwkMember);
    }
    (valid && jwk["kty"] == "oct").then_some(Divergence::Mac)
}

/// The key as a certificate would carry it. None: a shared secret.
fn public_key(jwk: &Value) -> Option<PublicKey> {
    let number = |name: &str| {
        let bytes = base64url::decode(jwk[name].as_str().unwrap(), 1024).unwrap();
        BigNum::from_slice(&bytes).unwrap()
    };
    let der = match jwk["kty"].as_str().unwrap() {
        "EC" => {
            let curve = match jwk["crv"].as_str().unwrap() {
                "P-256" => Nid::X9_62_PRIME256V1,
                "P-521" => Nid::SECP521R1,
                other => panic!("{other}"),
            };
            let group = EcGroup::from_curve_name(curve).unwrap();
            let key = EcKey::from_public_key_affine_coordinates(&group, &number("x"), &number("y"));
            PKey::from_ec_key(key.unwrap()).unwrap().public_key_to_der()
        }
        "RSA" => {
            let key = Rsa::from_public_components(number("n"), number("e"));
            PKey::from_rsa(key.unwrap()).unwrap().public_key_to_der()
        }
        _ => return None,
    };
    Some(PublicKey::from_spki_der(&der.unwrap()).unwrap())
}
