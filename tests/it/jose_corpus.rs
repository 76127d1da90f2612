//! Compact JWS and keys in JSON against Wycheproof's `json_web_signature_test.json` and `json_web_key_test.json`:
//! every case, with every divergence listed and nothing else tolerated.
//!
//! There are two divergences. What a MAC protects proves nothing to a third party, so that keys for MACs are
//! refused, and with them the cases that the files call valid. And a key verifies by the algorithm that it names
//! (RFC 7517 §4.4), which the file itself demands elsewhere: [`ALGORITHM_OF_KEY_DIFFERS`].

use std::fs;

use serde_json::Value;
use yinxin::crypto::jwk::Jwk;
use yinxin::crypto::jwk::JwkError;
use yinxin::crypto::jwk::JwkSet;
use yinxin::signature::jose::compact::CompactJws;

use crate::corpora::corpora;

/// Cases that the file calls valid: the key says PS256 and the signature, of RFC 7520 §4.2, is PS384. The cases
/// 332 to 340 differ in the same way, and the file calls them invalid.
const ALGORITHM_OF_KEY_DIFFERS: [u64; 2] = [346, 350];

struct Judged {
    id: u64,
    expected: bool,
    accepted: bool,
    /// Whether the keys are for MACs.
    is_mac: bool,
}

#[test]
#[expect(clippy::print_stderr, reason = "the counts are what this test shows")]
fn every_signature_is_judged_right_or_a_mac() {
    let Some(groups) = groups("json_web_signature_test.json") else {
        return;
    };
    let judged: Vec<Judged> = groups.iter().flat_map(judge_signatures).collect();
    let counts = assert_right(&judged);
    eprintln!("json_web_signature_test.json: {counts:?}");
    assert_eq!(
        counts,
        Counts {
            accepted: 34,
            refused: 327,
            macs_refused: 40,
            macs_called_valid: 10,
        }
    );
    assert_eq!(judged.len(), 401);
}

#[test]
#[expect(clippy::print_stderr, reason = "the counts are what this test shows")]
fn every_key_set_is_judged_right_or_of_macs() {
    let Some(groups) = groups("json_web_key_test.json") else {
        return;
    };
    let judged: Vec<Judged> = groups.iter().flat_map(judge_key_set).collect();
    let counts = assert_right(&judged);
    eprintln!("json_web_key_test.json: {counts:?}");
    assert_eq!(
        counts,
        Counts {
            accepted: 1,
            refused: 10,
            macs_refused: 15,
            macs_called_valid: 4,
        }
    );
    assert_eq!(judged.len(), 26);
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    accepted: usize,
    refused: usize,
    /// All cases with keys for MACs.
    macs_refused: usize,
    /// Those among them that the file calls valid.
    macs_called_valid: usize,
}

#[track_caller]
fn assert_right(judged: &[Judged]) -> Counts {
    let mut counts = Counts::default();
    let mut wrong = Vec::new();
    for case in judged {
        let is_right = match case.is_mac {
            true => !case.accepted,
            false if ALGORITHM_OF_KEY_DIFFERS.contains(&case.id) => case.expected && !case.accepted,
            false => case.accepted == case.expected,
        };
        if !is_right {
            wrong.push((case.id, case.accepted));
        }
        match (case.is_mac, case.accepted) {
            (false, true) => counts.accepted += 1,
            (false, false) => counts.refused += 1,
            (true, _) => counts.macs_refused += 1,
        }
        if case.is_mac && case.expected {
            counts.macs_called_valid += 1;
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    counts
}

fn groups(file: &str) -> Option<Vec<Value>> {
    let file = fs::read(corpora()?.join("wycheproof").join(file)).unwrap();
    let mut file: Value = serde_json::from_slice(&file).unwrap();
    serde_json::from_value(file["testGroups"].take()).unwrap()
}

/// The public key of a group, or the only one that it has.
fn key_of(group: &Value) -> &Value {
    group.get("public").unwrap_or_else(|| &group["private"])
}

/// One key signs what it allows.
fn is_verified(jws: &CompactJws, key: &Jwk) -> bool {
    let is_permitted = jws.algorithm().is_some_and(|one| key.permits(one));
    is_permitted && jws.verify(key.key()).is_ok()
}

fn judged(case: &Value, accepted: bool, is_mac: bool) -> Judged {
    Judged {
        id: case["tcId"].as_u64().unwrap(),
        expected: case["result"] == "valid",
        accepted,
        is_mac,
    }
}

fn compact(case: &Value) -> Option<CompactJws> {
    CompactJws::parse(case["jws"].as_str()?).ok()
}

fn judge_signatures(group: &Value) -> Vec<Judged> {
    let key = Jwk::parse(key_of(group));
    let is_mac = matches!(key, Err(JwkError::Symmetric));
    let cases = group["tests"].as_array().unwrap().iter();
    cases
        .map(|case| {
            let accepted = match (&key, compact(case)) {
                (Ok(key), Some(jws)) => is_verified(&jws, key),
                _ => false,
            };
            judged(case, accepted, is_mac)
        })
        .collect()
}

fn judge_key_set(group: &Value) -> Vec<Judged> {
    let keys = JwkSet::parse(key_of(group));
    let is_mac = matches!(keys, Err(JwkError::Symmetric));
    let cases = group["tests"].as_array().unwrap().iter();
    cases
        .map(|case| {
            let accepted = match (&keys, compact(case)) {
                (Ok(keys), Some(jws)) => {
                    let key = jws.kid().and_then(|kid| keys.find(kid));
                    key.is_some_and(|key| is_verified(&jws, key))
                }
                _ => false,
            };
            judged(case, accepted, is_mac)
        })
        .collect()
}
