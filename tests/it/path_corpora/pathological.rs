//! limbo's `pathological::*`: how much of the budget hostile input takes.
//!
//! The benchmark `path` includes this file and prints how long each takes.

use std::fs;

use serde::Deserialize;
use yinxin::clock::Timestamp;
use yinxin::encoding::pem;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::path::PathValidator;
use yinxin::pki::path::Spending;
use yinxin::pki::trust_anchor::AnchorSet;
use yinxin::pki::trust_anchor::TrustAnchor;

use crate::corpora::corpora;

#[derive(Deserialize)]
struct File {
    testcases: Vec<Pathological>,
}

/// One of the cases.
#[derive(Deserialize)]
pub(crate) struct Pathological {
    pub(crate) id: String,
    trusted_certs: Vec<String>,
    untrusted_intermediates: Vec<String>,
    peer_certificate: String,
    validation_time: Option<String>,
}

/// What a search took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Work {
    pub(crate) signature_checks: u32,
    pub(crate) steps: u32,
    pub(crate) name_comparisons: u32,
}

/// The cases, and what each of them may take at most.
pub(crate) fn cases() -> Option<Vec<(Pathological, Work)>> {
    let text = fs::read_to_string(corpora()?.join("limbo/limbo.json")).unwrap();
    let file: File = serde_json::from_str(&text).unwrap();
    let cases: Vec<(Pathological, Work)> = file
        .testcases
        .into_iter()
        .filter(|case| case.id.starts_with("pathological::"))
        .map(|case| {
            let allowed = allowed(&case.id);
            (case, allowed)
        })
        .collect();
    assert_eq!(cases.len(), ALLOWED.len());
    Some(cases)
}

fn allowed(id: &str) -> Work {
    let row = ALLOWED.iter().find(|(name, _)| id.ends_with(name));
    let (_, [signature_checks, steps, name_comparisons]) = row.unwrap_or_else(|| panic!("{id}"));
    Work {
        signature_checks: *signature_checks,
        steps: *steps,
        name_comparisons: *name_comparisons,
    }
}

impl Pathological {
    /// Validates, from DER, whatever comes of it. What cannot be read takes no part.
    pub(crate) fn validate(&self) -> Work {
        let read = |text: &String| {
            let block = pem::decode(text.as_bytes(), 1).unwrap().remove(0);
            Certificate::parse_der(&block.der).ok()
        };
        let anchors = self.trusted_certs.iter().filter_map(read);
        let anchors: AnchorSet = anchors.map(TrustAnchor::new).collect();
        let intermediates = self.untrusted_intermediates.iter().filter_map(read);
        let intermediates: Vec<Certificate> = intermediates.collect();
        let at = self.validation_time.as_deref();
        let at = Timestamp::parse(at.unwrap_or("2024-06-01T00:00:00Z")).unwrap();
        let spending = Spending::default();
        if let Some(end_entity) = read(&self.peer_certificate) {
            // The name asked for is asked of a path that is valid.
            let _ = PathValidator::new(&anchors, &intermediates, at)
                .with_spending(&spending)
                .validate(&end_entity);
        }
        Work {
            signature_checks: spending.signature_checks(),
            steps: spending.steps(),
            name_comparisons: spending.name_comparisons(),
        }
    }
}

impl Work {
    /// Whether nothing of it is more than `allowed`.
    pub(crate) fn is_within(self, allowed: Self) -> bool {
        self.signature_checks <= allowed.signature_checks
            && self.steps <= allowed.steps
            && self.name_comparisons <= allowed.name_comparisons
    }
}

/// Signature checks, steps and comparisons of names.
const ALLOWED: [(&str, [u32; 3]); 11] = [
    ("::multiple-chains-expired-intermediate", [1, 1, 0]),
    ("::intermediate-cycle-distinct-cas", [2, 2, 0]),
    ("::intermediate-cycle-distinct-cas-max-depth", [2, 2, 0]),
    ("::intermediate-cycle-same-logical-ca", [3, 3, 0]),
    ("::nc-dos-1", [0, 0, 0]),
    ("::nc-dos-2", [1, 1, 250_000]),
    ("::nc-dos-3", [1, 1, 0]),
    (
        "::pathological-chain-distinct-subject-distinct-key",
        [19, 20, 0],
    ),
    (
        "::pathological-chain-same-subject-distinct-key",
        [100, 101, 0],
    ),
    (
        "::pathological-chain-distinct-subject-same-key",
        [19, 20, 0],
    ),
    ("::pathological-chain-same-subject-same-key", [1, 100, 0]),
];

#[test]
fn hostile_input_takes_no_more_than_it_did() {
    for (case, allowed) in cases().unwrap_or_default() {
        let work = case.validate();
        assert!(work.is_within(allowed), "{}: {work:?}", case.id);
    }
}
