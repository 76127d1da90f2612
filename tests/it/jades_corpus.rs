//! Every `JAdES` and JWS document of the corpus, as far as facts go: integrity, number, level and signer of the
//! signatures, and whether their timestamps are about them. Where we answer otherwise than the corpus stands in
//! `tests/corpora/documents/jades-exceptions.json`, and nowhere else.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;
use yinxin::clock::Timestamp;
use yinxin::signature::detached::DetachedContent;
use yinxin::signature::facts::FaultWeight;
use yinxin::signature::facts::Imprint;
use yinxin::signature::facts::Integrity;
use yinxin::signature::facts::SignatureFacts;
use yinxin::signature::facts::TimestampFacts;
use yinxin::signature::jose::document::JwsDocument;
use yinxin::signature::sniff::Container;
use yinxin::signature::sniff::sniff;

use crate::corpora::corpora;

/// Cases of the format in the corpus.
const CASES: usize = 35;

#[derive(Deserialize)]
struct Corpus {
    cases: Vec<Value>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    file: String,
    expected: String,
    signatures: usize,
    per_signature: Vec<ExpectedSignature>,
    detached_content: Vec<ExpectedContent>,
}

#[derive(Deserialize)]
struct ExpectedSignature {
    crypto_intact: Option<bool>,
    signer_cn: Option<String>,
    signing_time: Option<String>,
    level: Option<String>,
}

#[derive(Deserialize)]
struct ExpectedContent {
    name: String,
    file: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "they are there to be read by people")]
struct Exception {
    id: String,
    expected: String,
    actual: String,
    clause: String,
    reason: String,
}

/// What timestamps say, counted.
#[derive(Debug, Default, PartialEq, Eq)]
struct Imprints {
    about_it: usize,
    about_something_else: usize,
    unknown: usize,
    intact_tokens: usize,
}

#[test]
#[expect(clippy::print_stderr, reason = "the counts are what this test shows")]
fn every_document_has_the_facts_that_the_corpus_expects() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("documents");
    let corpus = fs::read_to_string(folder.join("expected.json")).unwrap();
    let corpus: Corpus = serde_json::from_str(&corpus).unwrap();
    let cases = corpus.cases.into_iter();
    let cases: Vec<Case> = cases
        .filter(|case| case["format"] == "jades")
        .map(|case| serde_json::from_value(case).unwrap())
        .collect();
    assert_eq!(cases.len(), CASES);

    let mut exceptions: BTreeMap<String, Exception> = exceptions();
    let mut by_verdict: BTreeMap<&str, usize> = BTreeMap::new();
    let mut imprints = Imprints::default();
    let mut wrong = Vec::new();
    for case in &cases {
        *by_verdict.entry(&case.expected).or_default() += 1;
        let found = judge(case, &folder, &mut imprints);
        if found.is_empty() || exceptions.remove(&case.id).is_some() {
            continue;
        }
        wrong.push((&case.id, &case.file, found));
    }
    eprintln!("{CASES} cases: {by_verdict:?}; timestamps: {imprints:?}");
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        exceptions.is_empty(),
        "no longer needed: {:?}",
        exceptions.keys()
    );
    // The same imprints were computed by another program when this test was written.
    assert_eq!(
        imprints,
        Imprints {
            about_it: 11,
            about_something_else: 3,
            unknown: 0,
            intact_tokens: 14,
        }
    );
}

fn exceptions() -> BTreeMap<String, Exception> {
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpora/documents/jades-exceptions.json");
    let list: Vec<Exception> = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    list.into_iter().map(|one| (one.id.clone(), one)).collect()
}

/// What is otherwise than the corpus says.
fn judge(case: &Case, folder: &Path, imprints: &mut Imprints) -> Vec<String> {
    let bytes = fs::read(folder.join(&case.file)).unwrap();
    let container = sniff(&bytes);
    assert!(
        matches!(container, Container::CompactJws | Container::JwsJson),
        "{}: {container:?}",
        case.file
    );
    let document = match (JwsDocument::parse(&bytes), case.expected.as_str()) {
        (Err(_), "reject") => return Vec::new(),
        (Err(error), _) => return vec![error.to_string()],
        (Ok(_), "reject") => return vec!["is read".to_owned()],
        (Ok(document), _) => document,
    };
    let needs = document.needs();
    let contents = case.detached_content.iter().map(|content| {
        let bytes = fs::read(folder.join(&content.file)).unwrap();
        DetachedContent::of_bytes(Some(content.name.clone()), bytes, &needs)
    });
    let contents: Vec<DetachedContent> = contents.collect();
    let facts = document.facts(&contents);
    let mut wrong = Vec::new();
    if facts.len() != case.signatures {
        wrong.push(format!("{} signatures", facts.len()));
    }
    if !is_as_expected(&case.expected, &facts) {
        let shown = facts.iter().map(|one| (&one.integrity, &one.faults));
        wrong.push(format!(
            "not {}: {:?}",
            case.expected,
            shown.collect::<Vec<_>>()
        ));
    }
    for (facts, expected) in facts.iter().zip(&case.per_signature) {
        wrong.extend(compare(facts, expected, case.expected == "either"));
        count(&facts.timestamps, imprints);
    }
    wrong
}

fn is_clean(facts: &SignatureFacts) -> bool {
    facts.integrity == Integrity::Intact
        && facts
            .faults
            .iter()
            .all(|fault| fault.weight == FaultWeight::Irregular)
        && facts.counter_signatures.iter().all(is_clean)
}

fn is_as_expected(expected: &str, facts: &[SignatureFacts]) -> bool {
    let intact = |facts: &SignatureFacts| facts.integrity.intact();
    match expected {
        "pass" => facts.iter().all(is_clean),
        "fail" => facts.iter().any(|one| intact(one) == Some(false)),
        "not_pass" => !facts.iter().all(is_clean),
        "indeterminate" => facts.iter().all(|one| intact(one).is_none()),
        "either" => true,
        other => panic!("unheard-of verdict {other}"),
    }
}

fn compare(facts: &SignatureFacts, expected: &ExpectedSignature, is_disputed: bool) -> Vec<String> {
    let mut wrong = Vec::new();
    if facts.integrity.intact() != expected.crypto_intact && !is_disputed {
        wrong.push(format!("{:?}", facts.integrity));
    }
    if let Some(level) = &expected.level
        && facts.format != format!("JAdES-BASELINE-{level}")
    {
        wrong.push(facts.format.clone());
    }
    if let Some(name) = &expected.signer_cn {
        let signer = facts.signer.as_ref().map(|one| one.subject().to_string());
        if !signer.as_ref().is_some_and(|signer| signer.contains(name)) {
            wrong.push(format!("signed by {signer:?}"));
        }
    }
    if let Some(time) = &expected.signing_time
        && facts.claimed_at != Some(Timestamp::parse(time).unwrap())
    {
        wrong.push(format!("signed at {:?}", facts.claimed_at));
    }
    wrong
}

fn count(timestamps: &[TimestampFacts], imprints: &mut Imprints) {
    for timestamp in timestamps {
        match timestamp.imprint {
            Imprint::Matches => imprints.about_it += 1,
            Imprint::Differs => imprints.about_something_else += 1,
            Imprint::Unknown => imprints.unknown += 1,
        }
        let signature = timestamp.signature.as_ref();
        if signature.is_some_and(|signature| signature.integrity == Integrity::Intact) {
            imprints.intact_tokens += 1;
        }
    }
}
