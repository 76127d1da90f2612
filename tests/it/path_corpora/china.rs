//! Chains of SM2 certificates with their CRLs and OCSP answers, made here and by peers, and real ones:
//! accepted if and only if the corpus says `valid`.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;

use crate::corpora::corpora;
use crate::path_corpora::case::Case;
use crate::path_corpora::case::Expected;
use crate::path_corpora::judge::judge;
use crate::path_corpora::ledger;
use crate::path_corpora::ledger::Suite;
use crate::path_corpora::question::Question;
use crate::path_corpora::question::Revocation;
use crate::path_corpora::readme::Readme;

#[derive(Deserialize)]
struct File {
    cases: Vec<ChinaCase>,
}

#[derive(Deserialize)]
struct ChinaCase {
    file: String,
    kind: String,
    at: String,
    result: String,
    #[serde(default)]
    trust: OneOrMany,
    #[serde(default)]
    intermediates: OneOrMany,
    #[serde(default)]
    crls: OneOrMany,
    #[serde(default)]
    ocsp: OneOrMany,
    /// Not graded.
    #[serde(default)]
    ambiguous: bool,
    why: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Default for OneOrMany {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

#[test]
fn every_sm2_chain_is_judged_right() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("china/sm2");
    let cases = cases(&folder);
    let ungraded = cases.iter().filter(|case| case.ambiguous).count();
    assert_eq!(cases.len(), Readme::read(&folder).number_before(" chain,"));
    let cases: Vec<Case> = cases
        .iter()
        .filter(|case| !case.ambiguous)
        .map(|case| case.read(&folder))
        .collect();
    let settlement = ledger::run(&Suite::strict("china/sm2 chains"), &cases, &judge);
    assert_eq!(settlement.cases + ungraded, 62);
    settlement.assert_clean();
}

fn cases(folder: &Path) -> Vec<ChinaCase> {
    let text = fs::read_to_string(folder.join("expected.json")).unwrap();
    let mut file: File = serde_json::from_str(&text).unwrap();
    file.cases.retain(|case| case.kind == "chain");
    file.cases
}

impl ChinaCase {
    fn read(&self, folder: &Path) -> Case {
        let question = Question {
            end_entity: folder.join(&self.file),
            anchors: self.trust.below(folder),
            intermediates: self.intermediates.below(folder),
            crls: self.crls.below(folder),
            ocsp: self.ocsp.below(folder),
            revocation: match (self.crls.names(), self.ocsp.names()) {
                ([], []) => Revocation::Unchecked,
                _ => Revocation::Checked,
            },
            at: self.at.clone(),
            ..Question::default()
        };
        Case {
            id: format!(
                "{} to {} at {}",
                self.file,
                self.trust.names().join(" "),
                self.at
            ),
            questions: vec![question],
            expected: match self.result.as_str() {
                "valid" => Expected::Accepted,
                "invalid" | "indeterminate" => Expected::Refused,
                other => panic!("{}: unheard-of {other}", self.file),
            },
            policies: None,
            why: self.why.clone(),
        }
    }
}

impl OneOrMany {
    fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }

    fn below(&self, folder: &Path) -> Vec<PathBuf> {
        self.names().iter().map(|name| folder.join(name)).collect()
    }
}
