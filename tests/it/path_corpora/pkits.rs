//! NIST PKITS 1.0.1: every case with its path as given and in three random orders, with full revocation
//! checking, and with the valid policy set that it must have.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use yinxin::crypto::random::Random as _;
use yinxin::crypto::random::SeededRandom;

use crate::corpora::corpora;
use crate::path_corpora::case::Case;
use crate::path_corpora::case::Expected;
use crate::path_corpora::case::Finding;
use crate::path_corpora::exceptions;
use crate::path_corpora::judge::judge;
use crate::path_corpora::ledger;
use crate::path_corpora::ledger::Suite;
use crate::path_corpora::question::Question;
use crate::path_corpora::readme::Readme;

#[derive(Deserialize)]
struct File {
    validation_time: String,
    cases: Vec<PkitsCase>,
}

#[derive(Deserialize)]
struct PkitsCase {
    id: String,
    certs: Vec<String>,
    extra_certs: Vec<String>,
    crls: Vec<String>,
    settings: Settings,
    expect: String,
    reason: String,
    user_constrained_policy_set: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Settings {
    user_initial_policy_set: PolicySet,
    require_explicit_policy: bool,
    inhibit_policy_mapping: bool,
    inhibit_any_policy: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum PolicySet {
    Some(Vec<String>),
    Any(String),
}

/// Valid paths that may be refused, for their DSA keys alone.
const DSA: [&str; 2] = ["4.1.4", "4.1.5"];

/// The path as given, and three random orders.
const SEEDS: [Option<u8>; 4] = [None, Some(1), Some(2), Some(3)];

#[test]
fn every_case_in_every_order_is_judged_right() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("pkits");
    let cases = cases(&folder);
    assert_counts(&cases, &Readme::read(&folder));
    let suite = Suite {
        name: "pkits",
        words: ["valid", "invalid"],
        exceptions: &exceptions::read("pkits"),
        permits: &|case, finding| {
            DSA.contains(&case.id.as_str()) && matches!(finding, Finding::WrongRefusal(_))
        },
    };
    ledger::run(&suite, &cases, &judge).assert_clean();
}

fn cases(folder: &Path) -> Vec<Case> {
    let text = fs::read_to_string(folder.join("cases.json")).unwrap();
    let file: File = serde_json::from_str(&text).unwrap();
    let at = &file.validation_time;
    file.cases
        .into_iter()
        .map(|case| case.read(folder, at))
        .collect()
}

fn assert_counts(cases: &[Case], readme: &Readme) {
    let mut counts: BTreeMap<String, [usize; 2]> = BTreeMap::new();
    for case in cases {
        let section: Vec<&str> = case.id.splitn(3, '.').take(2).collect();
        for name in [section.join("."), "all".to_owned()] {
            let [valid, invalid] = counts.entry(name).or_default();
            match case.expected {
                Expected::Accepted => *valid += 1,
                Expected::Refused => *invalid += 1,
            }
        }
    }
    assert_eq!(counts.len(), 17);
    for (section, count) in counts {
        let rows = readme.rows(&section);
        assert_eq!(rows.len(), 1, "{section}");
        assert!(
            rows[0].ends_with(&count),
            "{section}: {count:?}, README: {rows:?}"
        );
    }
}

impl PkitsCase {
    fn read(self, folder: &Path, at: &str) -> Case {
        let certificate = |name: &String| folder.join("certs").join(name);
        let [anchor, middle @ .., end_entity] = self.certs.as_slice() else {
            panic!("{}: no path", self.id);
        };
        let middle = middle.iter().chain(&self.extra_certs);
        let given = Question {
            end_entity: certificate(end_entity),
            anchors: vec![certificate(anchor)],
            intermediates: middle.map(certificate).collect(),
            crls: self
                .crls
                .iter()
                .map(|name| folder.join("crls").join(name))
                .collect(),
            at: at.to_owned(),
            flags: self.settings.flags(),
            policies: self.settings.policies(),
            ..Question::default()
        };
        Case {
            questions: SEEDS.map(|seed| shuffled(&given, seed)).to_vec(),
            expected: match self.expect.as_str() {
                "valid" => Expected::Accepted,
                "invalid" => Expected::Refused,
                other => panic!("{}: unheard-of {other}", self.id),
            },
            policies: self
                .user_constrained_policy_set
                .map(|set| set.into_iter().collect()),
            id: self.id,
            why: self.reason,
        }
    }
}

impl Settings {
    fn flags(&self) -> Vec<&'static str> {
        [
            (self.require_explicit_policy, "--require-explicit-policy"),
            (self.inhibit_policy_mapping, "--inhibit-policy-mapping"),
            (self.inhibit_any_policy, "--inhibit-any-policy"),
        ]
        .into_iter()
        .filter_map(|(is_set, flag)| is_set.then_some(flag))
        .collect()
    }

    fn policies(&self) -> Vec<String> {
        match &self.user_initial_policy_set {
            PolicySet::Some(policies) => policies.clone(),
            PolicySet::Any(any) => {
                assert_eq!(any, "any");
                Vec::new()
            }
        }
    }
}

fn shuffled(question: &Question, seed: Option<u8>) -> Question {
    let mut question = question.clone();
    if let Some(seed) = seed {
        let random = SeededRandom::new([seed; 32]);
        shuffle(&mut question.intermediates, &random);
        shuffle(&mut question.crls, &random);
    }
    question
}

/// Fisher and Yates; the lists are short enough for one octet.
fn shuffle<T>(list: &mut [T], random: &SeededRandom) {
    for last in (1..list.len()).rev() {
        let mut octet = [0];
        random.fill(&mut octet).unwrap();
        list.swap(last, usize::from(octet[0]) % (last + 1));
    }
}
