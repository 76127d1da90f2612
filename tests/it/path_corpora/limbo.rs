//! x509-limbo: the 208 cases of its own, among them the 14 real chains of `online::*`.
//!
//! [`bettertls`](crate::path_corpora::bettertls) has the cases of BetterTLS, which come in the same form.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::corpora::corpora;
use crate::path_corpora::case::Case;
use crate::path_corpora::case::Expected;
use crate::path_corpora::case::Finding;
use crate::path_corpora::exceptions;
use crate::path_corpora::judge::judge;
use crate::path_corpora::ledger;
use crate::path_corpora::ledger::Suite;
use crate::path_corpora::pem_files::PemFiles;
use crate::path_corpora::question::Question;
use crate::path_corpora::question::Revocation;
use crate::path_corpora::readme::Readme;

/// A file of cases.
#[derive(Deserialize)]
pub(super) struct File {
    pub(super) testcases: Vec<LimboCase>,
}

#[derive(Deserialize)]
pub(super) struct LimboCase {
    pub(super) id: String,
    trusted_certs: Vec<String>,
    untrusted_intermediates: Vec<String>,
    peer_certificate: String,
    #[serde(default)]
    crls: Vec<String>,
    validation_time: Option<String>,
    key_usage: Vec<String>,
    extended_key_usage: Vec<String>,
    expected_result: String,
    expected_peer_name: Option<PeerName>,
    expected_peer_names: Vec<PeerName>,
    max_chain_depth: Option<u32>,
    description: String,
}

#[derive(Deserialize)]
struct PeerName {
    kind: String,
    value: String,
}

/// `index.json`: what six peers answer.
#[derive(Deserialize)]
pub(super) struct Index {
    pub(super) cases: Vec<Indexed>,
}

#[derive(Deserialize)]
pub(super) struct Indexed {
    pub(super) id: String,
    expect: String,
    peers: String,
    /// Upstream takes either answer.
    #[serde(default)]
    pub(super) soft: bool,
}

/// Where a case gives no time: within the validity of everything.
const NOW: &str = "2024-06-01T00:00:00Z";

#[test]
fn every_case_of_limbo_gets_a_report_and_the_right_one() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("limbo");
    let readme = Readme::read(&folder);
    let mut files = PemFiles::new();
    let mut cases = read(&folder, &mut files);
    cases.retain(|case| !case.id.starts_with("bettertls::"));
    assert_counts(&cases, &readme);
    assert_eq!(counts(&cases)["online"], [14, 14, 0]);

    let phrase = " cases expect FAILURE but every";
    let named = readme.quoted_behind(phrase);
    let mut lenient = Index::read(&folder).nobody_enforces();
    lenient.retain(|id| named.contains(id));
    assert_eq!(lenient.len(), readme.number_before(phrase));
    let suite = Suite {
        name: "limbo",
        words: ["SUCCESS", "FAILURE"],
        exceptions: &exceptions::read("limbo"),
        permits: &|case, finding| {
            lenient.contains(&case.id) && matches!(finding, Finding::WrongAccept(_))
        },
    };
    ledger::run(&suite, &cases, &judge).assert_clean();
}

/// The cases of `limbo.json`.
pub(super) fn read(folder: &Path, files: &mut PemFiles) -> Vec<Case> {
    let text = fs::read_to_string(folder.join("limbo.json")).unwrap();
    let file: File = serde_json::from_str(&text).unwrap();
    let cases = file.testcases.into_iter();
    cases.map(|case| case.read(files)).collect()
}

/// Compares each namespace's cases, and how many of them should be accepted and refused, with the README.
pub(super) fn assert_counts(cases: &[Case], readme: &Readme) {
    for (namespace, count) in counts(cases) {
        assert_eq!(readme.rows(&namespace), [count.to_vec()], "{namespace}");
    }
}

fn counts(cases: &[Case]) -> BTreeMap<String, [usize; 3]> {
    let mut counts: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for case in cases {
        let mut parts = case.id.split("::");
        let namespace = match parts.next().unwrap() {
            "bettertls" => format!("bettertls::{}", parts.next().unwrap()),
            other => other.to_owned(),
        };
        let [all, accepted, refused] = counts.entry(namespace).or_default();
        *all += 1;
        match case.expected {
            Expected::Accepted => *accepted += 1,
            Expected::Refused => *refused += 1,
        }
    }
    counts
}

impl LimboCase {
    pub(super) fn read(self, files: &mut PemFiles) -> Case {
        let asked = self.asked();
        let question = Question {
            end_entity: files.put(self.peer_certificate),
            anchors: files.put_all(self.trusted_certs),
            intermediates: files.put_all(self.untrusted_intermediates),
            revocation: match self.crls.as_slice() {
                [] => Revocation::Unchecked,
                _ => Revocation::Checked,
            },
            crls: files.put_all(self.crls),
            at: self.validation_time.unwrap_or_else(|| NOW.to_owned()),
            rules: Some(rules(&self.id)),
            asked,
            max_path_length: self.max_chain_depth,
            ..Question::default()
        };
        Case {
            questions: vec![question],
            expected: match self.expected_result.as_str() {
                "SUCCESS" => Expected::Accepted,
                "FAILURE" => Expected::Refused,
                other => panic!("{}: unheard-of {other}", self.id),
            },
            policies: None,
            id: self.id,
            why: self
                .description
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
        }
    }

    fn asked(&self) -> Vec<(&'static str, String)> {
        let ekus = self
            .extended_key_usage
            .iter()
            .map(|usage| ("--eku", eku(usage)));
        let usages = self
            .key_usage
            .iter()
            .map(|usage| ("--key-usage", usage.clone()));
        let names = self
            .expected_peer_name
            .iter()
            .chain(&self.expected_peer_names);
        ekus.chain(usages)
            .chain(names.map(PeerName::asked))
            .collect()
    }
}

/// `webpki::*` contradicts `rfc5280::*` on purpose; the cases from the web are judged by the web's rules.
fn rules(id: &str) -> &'static str {
    match id.split("::").next() {
        Some("webpki" | "online" | "bettertls") => "webpki",
        _ => "rfc5280",
    }
}

/// The identifier of an extended key usage (RFC 5280 §4.2.1.12).
fn eku(name: &str) -> String {
    match name {
        "serverAuth" => "1.3.6.1.5.5.7.3.1",
        "clientAuth" => "1.3.6.1.5.5.7.3.2",
        "codeSigning" => "1.3.6.1.5.5.7.3.3",
        "emailProtection" => "1.3.6.1.5.5.7.3.4",
        "OCSPSigning" => "1.3.6.1.5.5.7.3.9",
        "anyExtendedKeyUsage" => "2.5.29.37.0",
        other => panic!("unheard-of usage {other}"),
    }
    .to_owned()
}

impl PeerName {
    fn asked(&self) -> (&'static str, String) {
        let option = match self.kind.as_str() {
            "DNS" => "--dns-name",
            "IP" => "--ip-address",
            "RFC822" => "--email",
            other => panic!("unheard-of kind of name {other}"),
        };
        (option, self.value.clone())
    }
}

impl Index {
    pub(super) fn read(folder: &Path) -> Self {
        let text = fs::read_to_string(folder.join("index.json")).unwrap();
        serde_json::from_str(&text).unwrap()
    }

    /// Cases that should be refused and are accepted by every peer that ran them. The README names one
    /// fewer: for CRLs too few ran.
    fn nobody_enforces(self) -> BTreeSet<String> {
        self.cases
            .into_iter()
            .filter(|case| {
                case.expect == "F" && case.peers.contains('S') && !case.peers.contains('F')
            })
            .map(|case| case.id)
            .collect()
    }
}
