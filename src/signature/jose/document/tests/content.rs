//! Where the content is: inside, elsewhere, or named by `sigD`.

use serde_json::Value;
use serde_json::json;

use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::encoding::base64url;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::FaultWeight;
use crate::signature::facts::Integrity;
use crate::signature::jose::document::JwsDocument;
use crate::signature::jose::document::tests::made::CONTENT;
use crate::signature::jose::document::tests::made::Signer;
use crate::signature::jose::document::tests::made::facts;
use crate::signature::jose::document::tests::made::facts_with;
use crate::signature::jose::document::tests::made::irregular;
use crate::signature::jose::document::tests::made::parse;
use crate::signature::jose::document::tests::made::serious;
use crate::signature::jose::error::JoseError;

const OTHER: &[u8] = b"other content";

fn encoded(bytes: &[u8]) -> Vec<u8> {
    base64url::encode(bytes).into_bytes()
}

/// Content of which only this digest is known.
fn known_by_digest(name: &str, bytes: &[u8]) -> DetachedContent {
    DetachedContent {
        name: Some(name.to_owned()),
        digests: vec![digest(DigestAlgorithm::Sha256, bytes)],
        bytes: None,
    }
}

#[test]
fn detached_content_is_what_the_value_is_over() {
    let document = Signer::new().detached(json!({}), &encoded(CONTENT));
    assert!(parse(&document).needs().bytes);
    assert_eq!(parse(&document).payload(), None);
    let with = |contents: &[(&str, &[u8])]| {
        let facts = facts_with(&document, contents);
        assert_eq!(facts.coverage, ContentCoverage::Detached);
        facts.integrity
    };
    assert_eq!(with(&[("", CONTENT)]), Integrity::Intact);
    assert_eq!(with(&[("a", OTHER), ("b", CONTENT)]), Integrity::Intact);
    assert_eq!(with(&[("", OTHER)]), Integrity::ValueWrong);
    assert_eq!(with(&[]), Integrity::ContentMissing);
    let facts = parse(&document).facts(&[known_by_digest("a", CONTENT)]);
    assert_eq!(facts[0].integrity, Integrity::ContentMissing);
}

#[test]
fn content_inside_is_not_exchanged_for_content_from_elsewhere() {
    let document = Signer::new().flattened(json!({}));
    let with = |document: &Value, bytes| facts_with(document, &[("", bytes)]).integrity;
    assert_eq!(with(&document, OTHER), Integrity::Intact);
    let mut emptied = document;
    emptied["payload"] = json!("");
    assert_eq!(with(&emptied, OTHER), Integrity::ValueWrong);
    assert_eq!(with(&emptied, CONTENT), Integrity::Intact);
}

#[test]
fn a_signature_over_nothing_is_over_nothing_else() {
    let document = Signer::new().detached(json!({}), b"");
    let alone = facts(&document);
    assert_eq!(
        (alone.integrity, alone.coverage),
        (Integrity::Intact, ContentCoverage::Whole)
    );
    let with = facts_with(&document, &[("", CONTENT)]);
    assert_eq!(with.integrity, Integrity::ValueWrong);
}

#[test]
fn an_unencoded_payload_is_signed_as_it_is() {
    let signer = Signer::new();
    let unencoded = json!({"b64": false, "crit": ["b64"]});
    let with = |document: &Value| facts_with(document, &[("", CONTENT)]).integrity;
    let document = signer.detached(unencoded.clone(), CONTENT);
    assert_eq!(with(&document), Integrity::Intact);
    let mut inside = document.clone();
    inside["payload"] = json!(std::str::from_utf8(CONTENT).unwrap());
    assert_eq!(facts(&inside).integrity, Integrity::Intact);
    assert_eq!(parse(&inside).payload(), Some(CONTENT));
    assert!(serious(&facts(&inside)).is_empty());
    // Without `b64` the same content would be signed in base64url.
    let document = signer.detached(unencoded, &encoded(CONTENT));
    assert_eq!(with(&document), Integrity::ValueWrong);
    let same = signer.detached(json!({"b64": true, "crit": ["b64"]}), &encoded(CONTENT));
    assert_eq!(with(&same), Integrity::Intact);
}

#[test]
fn b64_counts_only_where_it_is_critical_and_protected() {
    let signer = Signer::new();
    for (more, is_broken) in [
        (json!({"b64": false, "crit": ["b64"]}), false),
        (json!({"b64": false}), true),
        (json!({"b64": "false", "crit": ["b64"]}), true),
    ] {
        let document = signer.detached(more.clone(), CONTENT);
        let facts = facts_with(&document, &[("", CONTENT)]);
        assert_eq!(!serious(&facts).is_empty(), is_broken, "{more}");
    }
    let mut document = signer.flattened(json!({}));
    document["header"] = json!({"b64": true});
    assert_eq!(serious(&facts(&document)), [(FaultWeight::Broken, "b64")]);
}

#[test]
fn signatures_of_one_payload_agree_on_its_encoding() {
    let signer = Signer::new();
    let payload = base64url::encode(CONTENT);
    let one = signer.signature_over(&signer.header(json!({})), payload.as_bytes());
    let header = signer.header(json!({"b64": false, "crit": ["b64"]}));
    let other = signer.signature_over(&header, payload.as_bytes());
    let document = |pairs: &[&[String; 2]]| {
        let signatures = pairs
            .iter()
            .map(|[protected, value]| json!({"protected": protected, "signature": value}));
        let signatures: Vec<Value> = signatures.collect();
        parse(&json!({"payload": payload, "signatures": signatures}))
    };
    for facts in document(&[&one, &other]).facts(&[]) {
        assert_eq!(serious(&facts), [(FaultWeight::Broken, "b64")]);
    }
    for same in [&one, &other] {
        let facts = document(&[same, same]).facts(&[]);
        assert!(facts.iter().all(|facts| serious(facts).is_empty()));
        assert!(facts.iter().all(|one| one.integrity == Integrity::Intact));
    }
}

/// `sigD` by digests of `bytes` under these names.
fn by_hash(names: &[&str], bytes: &[u8]) -> Value {
    let digest = digest(DigestAlgorithm::Sha256, bytes);
    let digests = vec![base64url::encode(digest.as_bytes()); names.len()];
    json!({
        "mId": "http://uri.etsi.org/19182/ObjectIdByURIHash",
        "pars": names, "hashM": "S256", "hashV": digests,
    })
}

fn by_uri(names: &[&str]) -> Value {
    json!({"mId": "http://uri.etsi.org/19182/ObjectIdByURI", "pars": names})
}

fn critical(sig_d: Value) -> Value {
    json!({"sigD": sig_d, "crit": ["sigD"]})
}

fn unencoded(sig_d: Value) -> Value {
    json!({"sigD": sig_d, "b64": false, "crit": ["sigD", "b64"]})
}

#[test]
fn contents_that_are_named_by_their_digests_have_to_have_them() {
    let signer = Signer::new();
    let names: &[&str] = &["http://x.example/a/b.txt"];
    for more in [
        critical(by_hash(names, &encoded(CONTENT))),
        unencoded(by_hash(names, CONTENT)),
    ] {
        let document = signer.detached(more, b"");
        let needs = parse(&document).needs();
        assert!(needs.digests.contains(&DigestAlgorithm::Sha256));
        let with = |contents: &[(&str, &[u8])]| facts_with(&document, contents);
        let intact = with(&[("http://x.example/a/b.txt", CONTENT)]);
        assert_eq!(intact.integrity, Integrity::Intact);
        assert_eq!(intact.coverage, ContentCoverage::Detached);
        assert_eq!(intact.digest, Some(DigestAlgorithm::Sha256));
        assert!(intact.faults.is_empty(), "{:?}", intact.faults);
        let integrity = |contents: &[(&str, &[u8])]| with(contents).integrity;
        assert_eq!(integrity(&[("b.txt", CONTENT)]), Integrity::Intact);
        assert_eq!(integrity(&[("", CONTENT)]), Integrity::Intact);
        assert_eq!(integrity(&[("b.txt", OTHER)]), Integrity::ContentDiffers);
        assert_eq!(integrity(&[("c.txt", CONTENT)]), Integrity::ContentMissing);
        assert_eq!(integrity(&[]), Integrity::ContentMissing);
        // Two of one last segment: neither is meant more than the other.
        let two: &[(&str, &[u8])] = &[("1/b.txt", CONTENT), ("2/b.txt", OTHER)];
        assert_eq!(integrity(two), Integrity::ContentMissing);
    }
    // The value is over the empty payload: one over the content is wrong.
    let named = critical(by_hash(&["b"], &encoded(CONTENT)));
    let over_content = signer.detached(named, &encoded(CONTENT));
    let facts = facts_with(&over_content, &[("b", CONTENT)]);
    assert_eq!(facts.integrity, Integrity::ValueWrong);
}

#[test]
fn a_digest_of_the_content_decides_where_it_is_what_was_signed() {
    let signer = Signer::new();
    let with = |document: &Value, content| parse(document).facts(&[content])[0].integrity.clone();
    let (right, wrong) = (known_by_digest("a", CONTENT), known_by_digest("a", OTHER));
    let document = signer.detached(unencoded(by_hash(&["a"], CONTENT)), b"");
    assert!(!parse(&document).needs().bytes);
    assert_eq!(with(&document, right.clone()), Integrity::Intact);
    assert_eq!(with(&document, wrong.clone()), Integrity::ContentDiffers);
    // Of base64url nothing is known.
    let document = signer.detached(critical(by_hash(&["a"], &encoded(CONTENT))), b"");
    assert!(parse(&document).needs().bytes);
    assert_eq!(with(&document, right), Integrity::ContentMissing);
    assert_eq!(with(&document, wrong), Integrity::ContentMissing);
}

#[test]
fn a_digest_of_the_content_in_place_of_its_base64url_is_told() {
    let document = Signer::new().detached(critical(by_hash(&["a"], CONTENT)), b"");
    let facts = facts_with(&document, &[("a", CONTENT)]);
    assert_eq!(facts.integrity, Integrity::Intact);
    assert_eq!(irregular(&facts), ["sigD"]);
    let facts = facts_with(&document, &[("a", OTHER)]);
    assert_eq!(facts.integrity, Integrity::ContentDiffers);
}

#[test]
fn every_named_content_has_to_be_there() {
    let sig_d = by_hash(&["a", "b"], &encoded(CONTENT));
    let document = Signer::new().detached(critical(sig_d), b"");
    let with = |contents: &[(&str, &[u8])]| facts_with(&document, contents).integrity;
    assert_eq!(with(&[("b", CONTENT), ("a", CONTENT)]), Integrity::Intact);
    let differs = with(&[("a", CONTENT), ("b", OTHER)]);
    assert_eq!(differs, Integrity::ContentDiffers);
    assert_eq!(with(&[("a", CONTENT)]), Integrity::ContentMissing);
    assert_eq!(with(&[("", CONTENT)]), Integrity::ContentMissing);
}

#[test]
fn contents_that_are_named_by_uri_are_the_payload_in_their_order() {
    let signer = Signer::new();
    let together = [CONTENT, OTHER].concat();
    let each = [encoded(CONTENT), encoded(OTHER)].concat();
    let sig_d = || by_uri(&["a", "b"]);
    for document in [
        signer.detached(critical(sig_d()), &each),
        signer.detached(critical(sig_d()), &encoded(&together)),
        signer.detached(unencoded(sig_d()), &together),
    ] {
        assert!(parse(&document).needs().bytes);
        let with = |contents: &[(&str, &[u8])]| facts_with(&document, contents).integrity;
        assert_eq!(with(&[("b", OTHER), ("a", CONTENT)]), Integrity::Intact);
        assert_eq!(with(&[("a", OTHER), ("b", CONTENT)]), Integrity::ValueWrong);
        assert_eq!(with(&[("a", CONTENT)]), Integrity::ContentMissing);
        assert_eq!(with(&[]), Integrity::ContentMissing);
    }
}

#[test]
fn what_sig_d_says_and_we_do_not_know_is_never_intact() {
    let signer = Signer::new();
    let with = |name: &str, value: Value| {
        let mut sig_d = by_hash(&["a"], &encoded(CONTENT));
        sig_d[name] = value;
        let document = signer.detached(critical(sig_d), b"");
        let facts = facts_with(&document, &[("a", CONTENT)]);
        match serious(&facts)[..] {
            [(weight, "sigD")] => (weight, facts.integrity.clone()),
            _ => panic!("{:?}", facts.faults),
        }
    };
    let uri = "http://www.w3.org/2001/04/xmlenc#sha256";
    assert_eq!(
        with("hashM", json!(uri)),
        (FaultWeight::Unprocessed, Integrity::AlgorithmUnknown)
    );
    for mechanism in ["http://uri.etsi.org/19182/HttpHeaders", "urn:x"] {
        assert_eq!(
            with("mId", json!(mechanism)),
            (FaultWeight::Unprocessed, Integrity::ContentMissing)
        );
    }
    for (name, value) in [
        ("mId", json!(1)),
        ("hashM", json!(1)),
        ("hashV", json!([])),
        ("hashV", json!(["AAAA"])),
        ("hashV", json!(["="])),
        ("pars", json!([])),
        ("pars", json!([1])),
        ("pars", json!("a")),
    ] {
        let found = with(name, value.clone());
        let expected = (FaultWeight::Broken, Integrity::ContentMissing);
        assert_eq!(found, expected, "{name} {value}");
    }
    let many: Vec<String> = (0..257).map(|number| number.to_string()).collect();
    assert_eq!(
        with("pars", json!(many)),
        (FaultWeight::Unprocessed, Integrity::ContentMissing)
    );
}

#[test]
fn content_is_not_in_two_places() {
    let signer = Signer::new();
    let payload = base64url::encode(OTHER);
    let header = signer.header(critical(by_hash(&["a"], &encoded(CONTENT))));
    let [protected, signature] = signer.signature_over(&header, payload.as_bytes());
    let document = json!({"payload": payload, "protected": protected, "signature": signature});
    let facts = facts_with(&document, &[("a", CONTENT)]);
    assert_eq!(serious(&facts), [(FaultWeight::Broken, "sigD")]);
}

#[test]
fn a_payload_in_the_clear_needs_every_signature_to_say_so() {
    let document = json!({"payload": "ü", "protected": "e30", "signature": ""});
    let refused = JwsDocument::parse(document.to_string().as_bytes());
    assert!(matches!(refused, Err(JoseError::Encoding { .. })));
}
