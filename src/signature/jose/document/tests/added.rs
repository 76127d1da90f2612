//! What was added to a signature: timestamps, evidence, counter-signatures.

use serde_json::Value;
use serde_json::json;

use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::encoding::base64;
use crate::encoding::base64url;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Imprint;
use crate::signature::facts::Integrity;
use crate::signature::facts::SignatureFacts;
use crate::signature::facts::TimestampFacts;
use crate::signature::facts::TimestampKind;
use crate::signature::jose::document::tests::made::CONTENT;
use crate::signature::jose::document::tests::made::Signer;
use crate::signature::jose::document::tests::made::compact;
use crate::signature::jose::document::tests::made::encode;
use crate::signature::jose::document::tests::made::facts;
use crate::signature::jose::document::tests::made::facts_with;
use crate::signature::jose::document::tests::made::irregular;
use crate::signature::jose::document::tests::made::serious;

fn oid(text: &str) -> Vec<u8> {
    Oid::parse(text).unwrap().to_der()
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    der::encode(der::SEQUENCE, &parts.concat())
}

/// A timestamp token about `covered`, signed by nobody: enough to compare its imprint.
fn token(covered: &[u8]) -> Value {
    let sha256 = sequence(&[oid("2.16.840.1.101.3.4.2.1")]);
    let number = |value: u8| der::encode(der::INTEGER, &[value]);
    let digest = digest(DigestAlgorithm::Sha256, covered);
    let imprint = sequence(&[
        sha256.clone(),
        der::encode(der::OCTET_STRING, digest.as_bytes()),
    ]);
    let time = der::encode(der::GENERALIZED_TIME, b"20260102030405Z");
    let info = sequence(&[number(1), oid("1.2.3"), imprint, number(7), time]);
    let explicit = |content: &[u8]| der::encode(der::context_constructed(0), content);
    let content = sequence(&[
        oid("1.2.840.113549.1.9.16.1.4"),
        explicit(&der::encode(der::OCTET_STRING, &info)),
    ]);
    let signer = sequence(&[
        number(1),
        sequence(&[sequence(&[]), number(1)]),
        sha256,
        sequence(&[oid("1.2.840.10045.4.3.2")]),
        der::encode(der::OCTET_STRING, b"no value"),
    ]);
    let set = |content: &[u8]| der::encode(0x31, content);
    let signed_data = sequence(&[number(3), set(&[]), content, set(&signer)]);
    let token = sequence(&[oid("1.2.840.113549.1.7.2"), explicit(&signed_data)]);
    json!({"tstTokens": [{"val": base64::encode(&token)}]})
}

fn component(name: &str, value: Value) -> Value {
    let mut component = json!({});
    component[name] = value;
    component
}

fn text(document: &Value, name: &str) -> String {
    document[name].as_str().unwrap_or_default().to_owned()
}

fn with_etsi_u(document: &Value, components: &[Value]) -> Value {
    let mut document = document.clone();
    document["header"] = json!({"etsiU": components});
    document
}

fn encoded(components: &[Value]) -> Vec<Value> {
    components.iter().map(|one| json!(encode(one))).collect()
}

fn imprints(timestamps: &[TimestampFacts]) -> Vec<(TimestampKind, Imprint)> {
    let both = timestamps.iter().map(|one| (one.kind, one.imprint));
    both.collect()
}

#[test]
fn a_signature_timestamp_is_about_the_text_of_the_value() {
    let document = Signer::new().flattened(json!({}));
    let value = base64url::decode(&text(&document, "signature"), 99).unwrap();
    for (covered, imprint) in [
        (text(&document, "signature").into_bytes(), Imprint::Matches),
        (value, Imprint::Differs),
    ] {
        let stamp = component("sigTst", token(&covered));
        for components in [encoded(std::slice::from_ref(&stamp)), vec![stamp]] {
            let facts = facts(&with_etsi_u(&document, &components));
            assert_eq!(
                imprints(&facts.timestamps),
                [(TimestampKind::Signature, imprint)]
            );
            assert_eq!(facts.format, "JAdES-BASELINE-T");
            assert!(facts.timestamps[0].time.is_some());
        }
    }
}

#[test]
fn an_archive_timestamp_is_about_everything_before_it() {
    let document = Signer::new().flattened(json!({}));
    let before = encoded(&[
        component("sigTst", token(text(&document, "signature").as_bytes())),
        component("xVals", json!([])),
    ]);
    let parts = ["payload", "protected", "signature"].map(|name| text(&document, name));
    let joined: String = before.iter().map(|one| one.as_str().unwrap()).collect();
    let covered = format!("{}.{joined}", parts.join("."));
    let archive = |covered: &str| component("arcTst", token(covered.as_bytes()));
    let found = |components: &[Value]| {
        let facts = facts(&with_etsi_u(&document, components));
        assert_eq!(facts.format, "JAdES-BASELINE-LTA");
        facts.timestamps.last().map(|one| (one.kind, one.imprint))
    };
    let mut right = before.clone();
    right.push(json!(encode(&archive(&covered))));
    let kind = TimestampKind::Archive;
    assert_eq!(found(&right), Some((kind, Imprint::Matches)));
    // A component that was taken away or put before it.
    let without = [right[0].clone(), right[2].clone()];
    assert_eq!(found(&without), Some((kind, Imprint::Differs)));
    // What is in the clear has no one form; what covers a part only is not known.
    let mut clear = right.clone();
    clear[1] = component("xVals", json!([]));
    assert_eq!(found(&clear), Some((kind, Imprint::Unknown)));
    let mut partial = archive(&covered);
    partial["arcTst"]["timeStamped"] = json!("previousArcTst");
    right[2] = json!(encode(&partial));
    assert_eq!(found(&right), Some((kind, Imprint::Unknown)));
}

#[test]
fn timestamps_over_references_are_about_those_before_them() {
    let document = Signer::new().flattened(json!({}));
    let signature = text(&document, "signature");
    let before = encoded(&[
        component("sigTst", token(signature.as_bytes())),
        component("xRefs", json!([])),
        component("xVals", json!([])),
        component("rRefs", json!({})),
    ]);
    let at = |place: usize| before[place].as_str().unwrap();
    let references = format!("{}{}", at(1), at(3));
    let with_signature = format!("{signature}.{}{references}", at(0));
    for (name, covered, imprint) in [
        ("rfsTst", &references, Imprint::Matches),
        ("rfsTst", &with_signature, Imprint::Differs),
        ("sigRTst", &with_signature, Imprint::Matches),
        ("sigRTst", &references, Imprint::Differs),
    ] {
        let mut components = before.clone();
        let stamp = component(name, token(covered.as_bytes()));
        components.push(json!(encode(&stamp)));
        components.push(json!(encode(&component("axRefs", json!([])))));
        let facts = facts(&with_etsi_u(&document, &components));
        let found = imprints(&facts.timestamps);
        assert_eq!(found[1], (TimestampKind::References, imprint), "{name}");
    }
}

#[test]
fn a_content_timestamp_is_about_the_content_as_it_is_signed() {
    let signer = Signer::new();
    let payload = base64url::encode(CONTENT);
    for (covered, imprint) in [
        (payload.as_bytes(), Imprint::Matches),
        (CONTENT, Imprint::Differs),
    ] {
        let more = json!({"adoTst": token(covered), "crit": ["adoTst"]});
        let inside = facts(&signer.flattened(more.clone()));
        let kind = TimestampKind::Content;
        assert_eq!(imprints(&inside.timestamps), [(kind, imprint)]);
        assert!(serious(&inside).is_empty());
        let document = signer.detached(more, payload.as_bytes());
        let detached = facts_with(&document, &[("", CONTENT)]);
        assert_eq!(imprints(&detached.timestamps), [(kind, imprint)]);
        let missing = facts(&document);
        assert_eq!(imprints(&missing.timestamps), [(kind, Imprint::Unknown)]);
    }
}

#[test]
fn what_is_no_token_is_told() {
    let document = Signer::new().flattened(json!({}));
    for value in [json!("AAAA"), json!("!"), json!(1)] {
        let stamp = component("sigTst", json!({"tstTokens": [{"val": value}]}));
        let facts = facts(&with_etsi_u(&document, &[stamp]));
        assert_eq!(facts.timestamps.len(), 1);
        assert!(facts.timestamps[0].malformed.is_some());
        assert_eq!(facts.integrity, Integrity::Intact);
    }
}

#[test]
fn components_that_cannot_be_read_are_left_out_and_told() {
    let document = Signer::new().flattened(json!({}));
    let good = json!(encode(&json!({"xVals": []})));
    let with = |components: &[Value]| facts(&with_etsi_u(&document, components));
    assert!(irregular(&with(std::slice::from_ref(&good))).is_empty());
    for bad in [
        json!("!"),
        json!(base64url::encode(b"{")),
        json!(base64url::encode(br#"{"a":1,"a":2}"#)),
        json!({"a": 1, "b": 2}),
        json!(1),
    ] {
        let facts = with(&[good.clone(), bad.clone()]);
        assert_eq!(irregular(&facts), ["etsiU"], "{bad}");
        assert_eq!(facts.integrity, Integrity::Intact);
    }
    assert_eq!(irregular(&with(&[])), ["etsiU"]);
    let mixed = with(&[good.clone(), json!({"xVals": []})]);
    assert_eq!(irregular(&mixed), ["etsiU"]);
    assert_eq!(irregular(&with(&vec![good; 257])), ["etsiU"]);
    let mut protected = Signer::new().flattened(json!({"etsiU": [{"sigTst": {}}]}));
    assert_eq!(irregular(&facts(&protected)), ["etsiU"]);
    assert_eq!(facts(&protected).format, "JAdES-BASELINE-B");
    protected["header"] = json!({"etsiU": 1});
    assert!(irregular(&facts(&protected)).contains(&"etsiU"));
}

#[test]
fn evidence_and_certificates_come_along() {
    let (signer, other) = (Signer::new(), Signer::new());
    let document = signer.flattened(json!({}));
    let x_vals = json!([
        {"x509Cert": {"val": other.der_text()}},
        {"x509Cert": {"val": signer.der_text()}},
        {"x509Cert": {"val": other.der_text()}},
        {"otherCert": {}},
        {"x509Cert": {"val": "AAAA"}},
    ]);
    let r_vals = json!({"crlVals": [{"val": "AAAA"}], "ocspVals": [{"val": "!"}]});
    for components in [
        vec![
            component("xVals", x_vals.clone()),
            component("rVals", r_vals.clone()),
        ],
        vec![component(
            "tstVD",
            json!({"xVals": x_vals, "rVals": r_vals}),
        )],
    ] {
        let facts = facts(&with_etsi_u(&document, &components));
        assert_eq!(facts.certificates, [other.certificate.clone()]);
        let told = irregular(&facts);
        assert_eq!(told, ["xVals", "xVals", "crlVals", "ocspVals"]);
        assert_eq!(facts.format, "JAdES-BASELINE-B");
    }
}

#[test]
fn the_level_is_what_was_added() {
    let document = Signer::new().flattened(json!({}));
    let stamp = || component("sigTst", token(b""));
    let values = || component("rVals", json!({}));
    let archive = || component("arcTst", token(b""));
    for (components, level) in [
        (vec![values()], "JAdES-BASELINE-B"),
        (vec![archive()], "JAdES-BASELINE-B"),
        (vec![stamp()], "JAdES-BASELINE-T"),
        (vec![stamp(), values()], "JAdES-BASELINE-LT"),
        (vec![stamp(), values(), archive()], "JAdES-BASELINE-LTA"),
    ] {
        let facts = facts(&with_etsi_u(&document, &components));
        assert_eq!(facts.format, level);
    }
}

#[test]
fn a_counter_signature_is_over_the_value() {
    let (signer, counter) = (Signer::new(), Signer::new());
    let document = signer.flattened(json!({}));
    let signature = text(&document, "signature");
    let value = base64url::decode(&signature, 99).unwrap();
    let twice = base64url::encode(signature.as_bytes());
    let wrong = base64url::encode(b"another value");
    let inside = |payload: &str| {
        let mut document = counter.detached(json!({}), payload.as_bytes());
        document["payload"] = json!(payload);
        document
    };
    let detached = |input: &str| counter.detached(json!({}), input.as_bytes());
    assert_eq!(base64url::encode(&value), signature);
    for (counter, integrity) in [
        (inside(&signature), Integrity::Intact),
        (inside(&twice), Integrity::Intact),
        (inside(&wrong), Integrity::ContentDiffers),
        (detached(&signature), Integrity::Intact),
        (detached(&twice), Integrity::Intact),
        (detached(&wrong), Integrity::ValueWrong),
        (detached(""), Integrity::ValueWrong),
    ] {
        for counter in [json!(compact(&counter)), counter] {
            let components = [component("cSig", counter)];
            let facts = facts(&with_etsi_u(&document, &components));
            assert_eq!(facts.integrity, Integrity::Intact);
            let [found] = &facts.counter_signatures[..] else {
                panic!("{:?}", facts.counter_signatures)
            };
            assert_eq!(found.integrity, integrity);
            assert_eq!(found.coverage, ContentCoverage::Partial);
        }
    }
}

#[test]
fn a_counter_signature_that_cannot_be_read_is_told() {
    let document = Signer::new().flattened(json!({}));
    for counter in [json!(1), json!("a.b"), json!({"signature": "!"}), json!({})] {
        let facts = facts(&with_etsi_u(&document, &[component("cSig", counter)]));
        assert_eq!(facts.counter_signatures.len(), 1);
        assert_eq!(serious(&facts.counter_signatures[0]).len(), 1);
    }
}

#[test]
fn counter_signatures_of_counter_signatures_end_somewhere() {
    let signer = Signer::new();
    let mut document = signer.flattened(json!({}));
    for _ in 0..6 {
        let mut outer = signer.flattened(json!({}));
        outer["header"] = json!({"etsiU": [{"cSig": document}]});
        document = outer;
    }
    let mut depth = 0;
    let mut found = vec![facts(&document)];
    while let Some(facts) = found.pop() {
        depth += 1;
        found.extend(facts.counter_signatures);
    }
    assert_eq!(depth, 4);
}

#[test]
fn what_one_document_makes_us_compute_is_bounded() {
    let signer = Signer::new();
    let document = signer.flattened(json!({}));
    let token = token(b"")["tstTokens"][0].clone();
    let stamp = component("sigTst", json!({"tstTokens": vec![token; 40]}));
    let few = facts(&with_etsi_u(&document, std::slice::from_ref(&stamp)));
    assert_eq!(few.timestamps.len(), 40);
    assert!(irregular(&few).is_empty());
    let many = facts(&with_etsi_u(&document, &vec![stamp; 2]));
    assert_eq!(many.timestamps.len(), 64);
    assert_eq!(irregular(&many), ["etsiU"]);
    // 32 counter-signatures with one of their own each, 8 times over, and the signature itself.
    let counter = signer.detached(json!({}), text(&document, "signature").as_bytes());
    let counters = vec![component("cSig", counter.clone()); 32];
    let mut nested = counter;
    nested["header"] = json!({"etsiU": counters});
    let nested = vec![component("cSig", nested); 8];
    let facts = facts(&with_etsi_u(&document, &nested));
    let found = |facts: &SignatureFacts| facts.integrity.clone();
    assert_eq!(found(&facts), Integrity::Intact);
    let innermost = &facts.counter_signatures[7].counter_signatures;
    assert_eq!(innermost.len(), 32);
    assert_eq!(found(&innermost[31]), Integrity::BudgetExhausted);
}
