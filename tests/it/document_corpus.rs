//! Signed documents of others, through the command that everybody uses: `yinxin verify`.
//!
//! The corpus says what the signature over *these bytes* has to say, whoever is trusted: whether it is intact,
//! how many there are, of which level, whether the certificate is the one that it names, and whether its
//! timestamps are about it. What differs is a finding; a finding is an exception in
//! `tests/corpora/documents/exceptions.json`, with clause and reason, or it fails the run.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use serde_json::Value;
use yinxin::cli;
use yinxin::cli::exit::Exit;
use yinxin::cli::terminal::Terminal;

use crate::corpora::corpora;
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
    detached_content: Vec<Content>,
    #[serde(default)]
    tags: Vec<String>,
}

#[derive(Deserialize)]
struct Expected {
    crypto_intact: Option<bool>,
    level: Option<String>,
    signing_cert_ref: Option<String>,
    signature_timestamps: Option<Vec<Stamp>>,
}

#[derive(Deserialize)]
struct Stamp {
    intact: Option<bool>,
}

#[derive(Deserialize)]
struct Content {
    name: Option<String>,
    file: String,
}

/// What the command says, and how it ends. It never panics.
pub(crate) fn verify(arguments: Vec<String>) -> (Exit, Option<Value>) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut terminal = Terminal {
        out: &mut out,
        err: &mut err,
        interactive: false,
    };
    let all = ["yinxin", "verify", "--json"].map(str::to_owned);
    let all = all.into_iter().chain(arguments).map(Into::into);
    let exit = cli::run(all, &mut terminal);
    (exit, serde_json::from_slice(&out).ok())
}

impl Case {
    fn arguments(&self, folder: &Path) -> Vec<String> {
        let path = |file: &str| folder.join(file).display().to_string();
        let mut arguments = vec![path(&self.file)];
        for content in &self.detached_content {
            let file = path(&content.file);
            let name = content.name.as_deref();
            arguments.push("--content".to_owned());
            arguments.push(name.map_or_else(|| file.clone(), |name| format!("{name}={file}")));
        }
        arguments
    }

    /// What differs from what is expected.
    fn findings(&self, report: &Value) -> Vec<String> {
        let signatures = report["signatures"].as_array().unwrap();
        let intact: Vec<Option<bool>> = signatures
            .iter()
            .map(|signature| signature["cryptographic"]["intact"].as_bool())
            .collect();
        let mut findings: Vec<String> = self.verdict(report, &intact).into_iter().collect();
        if signatures.len() != self.signatures && self.expected != "reject" {
            let found = signatures.len();
            findings.push(format!("{found} signatures instead of {}", self.signatures));
        }
        // Of JAdES `jades_corpus` says more, by what was read.
        if self.format == "cades" {
            for (signature, expected) in signatures.iter().zip(&self.per_signature) {
                findings.extend(expected.findings(signature));
            }
        }
        findings
    }

    fn verdict(&self, report: &Value, intact: &[Option<bool>]) -> Option<String> {
        let sound = !intact.is_empty() && intact.iter().all(|one| *one == Some(true));
        let indication = report["indication"].as_str().unwrap();
        let told = |what: &str| format!("{what}: {indication}, intact {intact:?}");
        let told_as_attacked = report["signatures"].as_array().unwrap().iter().any(|one| {
            let sub_indication = one["subIndication"].as_str().unwrap_or_default();
            ["FORMAT_FAILURE", "SIG_CONSTRAINTS_FAILURE"].contains(&sub_indication)
        });
        let fits = match self.expected.as_str() {
            "pass" => sound && !told_as_attacked,
            "fail" => intact.contains(&Some(false)) || indication == "TOTAL-FAILED",
            "not_pass" => !sound || told_as_attacked,
            "reject" => !sound,
            "indeterminate" => indication == "INDETERMINATE" && intact.iter().all(Option::is_none),
            "unsigned" => intact.is_empty() && indication == "INDETERMINATE",
            "either" => true,
            other => panic!("{other}"),
        };
        // Nothing here is trusted, so nothing passes as a whole.
        let fits = fits && indication != "TOTAL-PASSED";
        (!fits).then(|| told(&format!("{} {:?}", self.expected, self.tags)))
    }
}

impl Expected {
    fn findings(&self, signature: &Value) -> Vec<String> {
        let mut findings = Vec::new();
        let intact = signature["cryptographic"]["intact"].as_bool();
        if self.crypto_intact.is_some() && intact.is_some() && intact != self.crypto_intact {
            findings.push(format!(
                "intact {intact:?} instead of {:?}",
                self.crypto_intact
            ));
        }
        let format = signature["format"].as_str().unwrap();
        if let Some(level) = &self.level
            && !format.ends_with(&format!("BASELINE-{level}"))
        {
            findings.push(format!("level {format} instead of {level}"));
        }
        let reference = signature["signingCertificateReference"].as_str();
        if let Some(expected) = self.signing_cert_ref.as_deref()
            && Some(expected) != reference
        {
            findings.push(format!("reference {reference:?} instead of {expected}"));
        }
        findings.extend(self.stamps(signature));
        findings
    }

    fn stamps(&self, signature: &Value) -> Option<String> {
        let expected = self.signature_timestamps.as_ref()?.iter();
        let expected: Vec<bool> = expected.map(|stamp| stamp.intact == Some(true)).collect();
        let stamps = signature["timestamps"].as_array().into_iter().flatten();
        let found: Vec<bool> = stamps
            .filter(|stamp| stamp["kind"] == "signature" && stamp["time"].is_string())
            .map(|stamp| {
                let intact = stamp["signature"]["cryptographic"]["intact"].as_bool();
                stamp["imprint"] == "match" && intact == Some(true)
            })
            .collect();
        (found != expected).then(|| format!("timestamps {found:?} instead of {expected:?}"))
    }
}

/// How many cases of each format the corpus's README counts.
const COUNTS: [(&str, usize); 2] = [("cades", 94), ("jades", 35)];

#[test]
#[expect(clippy::print_stderr, reason = "the counts are what these tests show")]
fn every_document_says_what_its_makers_say() {
    let Some(folder) = corpora().map(|folder| folder.join("documents")) else {
        return;
    };
    let suite: Suite =
        serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
    let mut exceptions = Exceptions::read(include_str!("../corpora/documents/exceptions.json"));
    let mut problems = Vec::new();
    let excepted = exceptions.len();
    for (format, count) in COUNTS {
        let cases: Vec<&Case> = suite
            .cases
            .iter()
            .filter(|case| case.format == format)
            .collect();
        assert_eq!(cases.len(), count, "{format}");
        for case in cases {
            let (_, report) = verify(case.arguments(&folder));
            let Some(report) = report else {
                problems.push(format!("{}: no report", case.file));
                continue;
            };
            for finding in case.findings(&report) {
                if !exceptions.take(&case.id, &finding) {
                    problems.push(format!("{} ({}): {finding}", case.file, case.id));
                }
            }
        }
        eprintln!(
            "{format}: {count} cases, {excepted} exceptions, {} problems",
            problems.len()
        );
    }
    problems.extend(exceptions.stale());
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn containers_that_are_not_read_are_refused_by_name_and_not_mistaken() {
    let Some(folder) = corpora().map(|folder| folder.join("documents")) else {
        return;
    };
    let suite: Suite =
        serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
    let mut refused = 0;
    for case in &suite.cases {
        if ["cades", "jades", "pades"].contains(&case.format.as_str()) {
            continue;
        }
        let path = folder.join(&case.file).display().to_string();
        let (exit, report) = verify(vec![path]);
        assert_eq!((exit, report), (Exit::Data, None), "{}", case.file);
        refused += 1;
    }
    assert_eq!(refused, 381);
}

#[derive(Deserialize)]
pub(crate) struct NationalSuite {
    pub(crate) cases: Vec<NationalCase>,
}

#[derive(Deserialize)]
pub(crate) struct NationalCase {
    pub(crate) file: String,
    kind: String,
    result: String,
    at: String,
    trust: Vec<String>,
    #[serde(default)]
    intermediates: Vec<String>,
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    crls: Vec<String>,
    #[serde(default)]
    pub(crate) ambiguous: bool,
    why: String,
    #[serde(default)]
    signers: Vec<String>,
}

impl NationalCase {
    pub(crate) fn arguments(&self, folder: &Path) -> Vec<String> {
        let path = |file: &str| folder.join(file).display().to_string();
        let mut arguments = vec![path(&self.file), "--at".to_owned(), self.at.clone()];
        let mut add = |flag: &str, files: &[String]| {
            for file in files {
                arguments.extend([flag.to_owned(), path(file)]);
            }
        };
        add("--anchor", &self.trust);
        add("--intermediate", &self.intermediates);
        add("--crl", &self.crls);
        add("--content", self.content.as_slice());
        if self.crls.is_empty() {
            arguments.push("--no-revocation".to_owned());
        }
        arguments
    }

    /// Accepted, though it is not valid, or the other way round.
    pub(crate) fn problem(&self, report: &Value) -> Option<String> {
        let (indication, why) = (&report["indication"], &self.why);
        let differs = (indication == "TOTAL-PASSED") != (self.result == "valid");
        differs.then(|| format!("{}: {indication} ({why})", self.file))
    }
}

/// SM2 in the dialects of GM/T 0010 and of RFC 5652, by several makers: accepted if and only if they are valid.
#[test]
#[expect(clippy::print_stderr, reason = "the counts are what these tests show")]
fn national_signatures_are_accepted_if_and_only_if_they_are_valid() {
    let Some(folder) = corpora().map(|folder| PathBuf::from_iter([folder, "china/sm2".into()]))
    else {
        return;
    };
    let suite: NationalSuite =
        serde_json::from_str(&fs::read_to_string(folder.join("expected.json")).unwrap()).unwrap();
    let cases = suite
        .cases
        .iter()
        .filter(|case| ["cms", "tst"].contains(&case.kind.as_str()));
    let (mut count, mut problems) = (0, Vec::new());
    for case in cases {
        count += 1;
        let (exit, report) = verify(case.arguments(&folder));
        let report = report.unwrap_or_else(|| panic!("{}: no report", case.file));
        let passed = report["indication"] == "TOTAL-PASSED";
        assert_eq!(passed, exit == Exit::Success, "{}", case.file);
        problems.extend(case.problem(&report));
        // The signers of a SET stand in the order of their encodings, not in that of the list.
        let passes = |verdict: &str| verdict == "valid";
        let signatures = report["signatures"].as_array().unwrap().iter();
        let passed = signatures.filter(|signature| signature["indication"] == "TOTAL-PASSED");
        let expected = case
            .signers
            .iter()
            .filter(|verdict| passes(verdict))
            .count();
        assert!(
            case.signers.is_empty() || passed.count() == expected,
            "{}",
            case.file
        );
    }
    eprintln!("china/sm2: {count} documents, {} problems", problems.len());
    assert!(problems.is_empty(), "{problems:#?}");
    assert_eq!(count, 50);
}
