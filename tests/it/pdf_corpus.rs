//! Signed PDFs of others, through the command that everybody uses: `yinxin verify`.
//!
//! The corpus says what the signatures over *these bytes* have to say, whoever is trusted: whether they are
//! intact, how many there are, whether the last covers the whole document, and what was done after each. What
//! differs is a finding; a finding is an exception in `tests/corpora/documents/pades-exceptions.json`, with clause
//! and reason, or it fails the run.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;
use yinxin::cli::exit::Exit;

use crate::corpora::corpora;
use crate::document_corpus::NationalSuite;
use crate::document_corpus::verify;
use crate::exceptions::Exceptions;

#[derive(Deserialize)]
struct Suite {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    file: String,
    format: String,
    expected: String,
    signatures: usize,
    #[serde(default)]
    per_signature: Vec<Expected>,
    #[serde(default)]
    doc_timestamps: Vec<Value>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Expected {
    crypto_intact: Option<bool>,
    covers_whole_document: Option<bool>,
    modifications_after: Option<String>,
}

/// What a report says of one signature.
struct Told {
    intact: Option<bool>,
    coverage: String,
    modifications: String,
    sub_indication: String,
}

impl Told {
    fn of(signature: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            intact: signature["cryptographic"]["intact"].as_bool(),
            coverage: text(&signature["coverage"]),
            modifications: text(&signature["modificationsAfter"]),
            sub_indication: text(&signature["subIndication"]),
        }
    }

    /// Whether it says that something is wrong with the document, beside the mathematics.
    fn is_attacked(&self) -> bool {
        ["forbidden", "unknown"].contains(&self.modifications.as_str())
            || self.coverage == "partial"
            || ["FORMAT_FAILURE", "SIG_CONSTRAINTS_FAILURE"].contains(&self.sub_indication.as_str())
    }
}

impl Case {
    /// What differs from what is expected.
    fn findings(&self, report: Option<&Value>) -> Vec<String> {
        let indication = report.and_then(|report| report["indication"].as_str());
        let signatures = report.and_then(|report| report["signatures"].as_array());
        let told: Vec<Told> = signatures.into_iter().flatten().map(Told::of).collect();
        // The signatures of documents with timestamps alone are those timestamps.
        let is_timestamped_only = self.signatures == 0 && !self.doc_timestamps.is_empty();
        let told = if is_timestamped_only {
            Vec::new()
        } else {
            told
        };
        let mut findings: Vec<String> = self.verdict(indication, &told).into_iter().collect();
        if report.is_none() {
            return findings;
        }
        if told.len() != self.signatures && self.expected != "reject" {
            findings.push(format!(
                "{} signatures instead of {}",
                told.len(),
                self.signatures
            ));
        }
        for (number, (told, expected)) in (1..).zip(told.iter().zip(&self.per_signature)) {
            let differences = expected.differences(told);
            findings.extend(differences.map(|what| format!("signature {number}: {what}")));
        }
        findings
    }

    fn verdict(&self, indication: Option<&str>, told: &[Told]) -> Option<String> {
        let indication = indication.unwrap_or("no report");
        let sound = !told.is_empty() && told.iter().all(|one| one.intact == Some(true));
        let attacked = told.iter().any(Told::is_attacked);
        let whole = told.iter().all(|one| one.coverage == "whole-document");
        let other_reason = self.tags.iter().any(|tag| tag == "other-tool-invalid");
        let fits = match self.expected.as_str() {
            "pass" => sound && (!attacked || other_reason),
            "fail" => {
                told.iter().any(|one| one.intact == Some(false)) || indication == "TOTAL-FAILED"
            }
            "not_pass" => !sound || attacked || !whole,
            "reject" => !sound,
            "unsigned" => told.is_empty(),
            "either" => true,
            other => panic!("{other}"),
        };
        // Nothing here is trusted, so nothing passes as a whole.
        let fits = fits && indication != "TOTAL-PASSED";
        let intact: Vec<_> = told.iter().map(|one| one.intact).collect();
        let (expected, tags) = (&self.expected, &self.tags);
        (!fits).then(|| {
            format!("{expected} {tags:?}: {indication}, intact {intact:?}, attacked {attacked}")
        })
    }
}

impl Expected {
    fn differences(&self, told: &Told) -> impl Iterator<Item = String> {
        let intact = (self.crypto_intact.is_some()
            && told.intact.is_some()
            && told.intact != self.crypto_intact)
            .then(|| {
                format!(
                    "intact {:?} instead of {:?}",
                    told.intact, self.crypto_intact
                )
            });
        // Of a signature that is not intact it does not matter what it covers.
        let is_compared = told.intact == Some(true);
        let whole = told.coverage == "whole-document";
        let coverage = self
            .covers_whole_document
            .filter(|wanted| is_compared && *wanted != whole)
            .map(|wanted| format!("coverage {} instead of whole: {wanted}", told.coverage));
        let wanted: &[&str] = match self.modifications_after.as_deref() {
            Some("NONE") => &["none"],
            Some("LTA_UPDATES" | "FORM_FILLING") => &["permitted"],
            Some("OTHER") => &["forbidden", "unknown"],
            _ => &[],
        };
        let differs = is_compared && !wanted.is_empty();
        let modifications =
            (differs && !wanted.contains(&told.modifications.as_str())).then(|| {
                let wanted = self.modifications_after.as_deref().unwrap_or_default();
                format!("modifications {} instead of {wanted}", told.modifications)
            });
        intact.into_iter().chain(coverage).chain(modifications)
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "the counts are what these tests show")]
fn every_pdf_says_what_its_makers_say() {
    let Some(folder) = corpora().map(|folder| folder.join("documents")) else {
        return;
    };
    let suite: Suite =
        serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
    let mut exceptions =
        Exceptions::read(include_str!("../corpora/documents/pades-exceptions.json"));
    let (excepted, mut count, mut problems) = (exceptions.len(), 0, Vec::new());
    for case in suite.cases.iter().filter(|case| case.format == "pades") {
        count += 1;
        let path = folder.join(&case.file);
        let (exit, report) = verify(vec![path.display().to_string()]);
        assert!(
            report.is_some() || exit == Exit::Data,
            "{}: no report",
            case.file
        );
        let mut findings = case.findings(report.as_ref());
        findings.extend(timestamps_differ(case, &path));
        for finding in findings {
            if !exceptions.take(&case.id, &finding) {
                problems.push(format!("{} ({}): {finding}", case.file, case.id));
            }
        }
    }
    problems.extend(exceptions.stale());
    eprintln!(
        "pades: {count} cases, {excepted} exceptions, {} problems",
        problems.len()
    );
    assert!(problems.is_empty(), "{problems:#?}");
    assert_eq!(count, 152);
}

/// The document timestamps, which a report tells with each signature that they cover.
fn timestamps_differ(case: &Case, path: &Path) -> Option<String> {
    let facts = yinxin::signature::pdf::document::read(&fs::read(path).unwrap()).ok()?;
    let found: usize = facts
        .revisions
        .iter()
        .map(|revision| revision.timestamps.len())
        .sum();
    let expected = case.doc_timestamps.len();
    let is_compared = case.expected == "pass" && found != expected;
    is_compared.then(|| format!("{found} document timestamps instead of {expected}"))
}

/// SM2 in the forms that PDFs have in China, and electronic seals: accepted if and only if they are valid.
#[test]
fn national_pdfs_are_accepted_if_and_only_if_they_are_valid() {
    let Some(folder) = corpora().map(|folder| PathBuf::from_iter([folder, "china/pdf".into()]))
    else {
        return;
    };
    let suite: NationalSuite =
        serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
    let mut problems = Vec::new();
    let cases = suite.cases.iter().filter(|case| !case.ambiguous);
    for case in cases {
        let (_, report) = verify(case.arguments(&folder));
        let report = report.unwrap_or_else(|| panic!("{}: no report", case.file));
        problems.extend(case.problem(&report));
    }
    assert!(problems.is_empty(), "{problems:#?}");
    assert_eq!(suite.cases.len(), 28);
}
