//! The serialisations.

use serde_json::Value;
use serde_json::json;

use crate::encoding::base64url;
use crate::encoding::json::JsonError;
use crate::signature::detached::ContentNeeds;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::FaultWeight;
use crate::signature::facts::Integrity;
use crate::signature::jose::document::JwsDocument;
use crate::signature::jose::document::MAX_DOCUMENT_BYTES;
use crate::signature::jose::document::tests::made::CONTENT;
use crate::signature::jose::document::tests::made::Signer;
use crate::signature::jose::document::tests::made::compact;
use crate::signature::jose::document::tests::made::facts;
use crate::signature::jose::document::tests::made::parse;
use crate::signature::jose::document::tests::made::serious;
use crate::signature::jose::error::JoseError;
use crate::signature::jose::error::Segment;

fn general(documents: &[Value]) -> Value {
    let signatures = documents.iter().map(|one| {
        let mut one = one.clone();
        one.as_object_mut().unwrap().remove("payload");
        one
    });
    let signatures: Vec<Value> = signatures.collect();
    json!({"payload": documents[0]["payload"], "signatures": signatures})
}

fn refusal(text: &str) -> JoseError {
    JwsDocument::parse(text.as_bytes()).unwrap_err()
}

#[test]
fn one_signature_says_the_same_in_every_serialisation() {
    let signer = Signer::new();
    let flattened = signer.flattened(json!({}));
    for text in [
        compact(&flattened),
        format!(" {}\r\n", compact(&flattened)),
        flattened.to_string(),
        format!("\n{flattened:#}\n"),
        general(std::slice::from_ref(&flattened)).to_string(),
    ] {
        let document = JwsDocument::parse(text.as_bytes()).unwrap();
        assert_eq!(document.payload(), Some(CONTENT));
        assert_eq!(document.needs(), ContentNeeds::default());
        assert_eq!(document.signature_count(), 1);
        let facts = document.facts(&[]).remove(0);
        assert_eq!(facts.integrity, Integrity::Intact, "{text}");
        assert_eq!(facts.coverage, ContentCoverage::Whole);
        assert_eq!(facts.signer.as_ref(), Some(&signer.certificate));
        assert!(facts.faults.is_empty(), "{:?}", facts.faults);
        assert_eq!(facts.format, "JAdES-BASELINE-B");
    }
}

#[test]
fn each_of_several_signatures_has_its_own_facts() {
    let (one, other) = (Signer::new(), Signer::new());
    let right = one.flattened(json!({}));
    let mut wrong = other.flattened(json!({}));
    wrong["signature"] = right["signature"].clone();
    let mut broken = other.flattened(json!({}));
    broken["protected"] = json!("e30x");
    let facts = parse(&general(&[right, wrong, broken])).facts(&[]);
    let found: Vec<_> = facts.iter().map(|one| one.integrity.clone()).collect();
    assert_eq!(
        found,
        [
            Integrity::Intact,
            Integrity::ValueWrong,
            Integrity::NoCertificate
        ]
    );
    assert!(serious(&facts[0]).is_empty());
    assert_eq!(serious(&facts[2]), [(FaultWeight::Broken, "header")]);
}

#[test]
fn an_altered_payload_is_told_in_every_serialisation() {
    let mut altered = Signer::new().flattened(json!({}));
    altered["payload"] = json!(base64url::encode(b"other content"));
    assert_eq!(facts(&altered).integrity, Integrity::ValueWrong);
    let compact = JwsDocument::parse(compact(&altered).as_bytes()).unwrap();
    assert_eq!(compact.facts(&[])[0].integrity, Integrity::ValueWrong);
}

#[test]
fn a_text_that_could_mean_two_things_is_refused() {
    let flattened = Signer::new().flattened(json!({}));
    let twice = flattened
        .to_string()
        .replacen('{', r#"{"payload":"e30","#, 1);
    assert!(matches!(
        refusal(&twice),
        JoseError::DocumentJson(JsonError::DuplicateMember { .. })
    ));
    for name in ["protected", "header", "signature"] {
        let mut mixed = general(std::slice::from_ref(&flattened));
        mixed[name] = match name {
            "header" => json!({}),
            name => flattened[name].clone(),
        };
        let refused = refusal(&mixed.to_string());
        assert!(matches!(refused, JoseError::MixedSerialisations), "{name}");
    }
    let mut padded = flattened.clone();
    padded["payload"] = json!(format!("{}=", flattened["payload"].as_str().unwrap()));
    assert!(matches!(
        refusal(&padded.to_string()),
        JoseError::Encoding {
            segment: Segment::Payload,
            ..
        }
    ));
    // Unused bits of the last character: the same value in another spelling.
    let mut respelt = flattened;
    let mut signature = respelt["signature"].as_str().unwrap().to_owned();
    let last = signature.pop().unwrap();
    assert!(matches!(last, 'A' | 'Q' | 'g' | 'w'));
    signature.push(char::from(u8::try_from(last).unwrap() + 1));
    respelt["signature"] = json!(signature);
    assert!(matches!(
        refusal(&respelt.to_string()),
        JoseError::Encoding {
            segment: Segment::Signature,
            ..
        }
    ));
}

#[test]
fn what_is_no_jws_is_named() {
    let good = Signer::new().flattened(json!({}));
    let with = |name: &str, value: Value| {
        let mut document = good.clone();
        document[name] = value;
        refusal(&document.to_string())
    };
    for (name, value) in [
        ("payload", json!(1)),
        ("protected", json!({})),
        ("header", json!([])),
        ("signature", json!(null)),
    ] {
        let refused = with(name, value);
        assert!(
            matches!(refused, JoseError::DocumentMember { name: found, .. } if found == name),
            "{refused:?}"
        );
    }
    for signatures in [json!({}), json!([]), json!(["x"])] {
        let document = json!({"payload": "e30", "signatures": signatures}).to_string();
        assert!(matches!(
            refusal(&document),
            JoseError::DocumentMember {
                name: "signatures",
                ..
            }
        ));
    }
    assert!(matches!(
        refusal(r#"{"payload":"e30"}"#),
        JoseError::DocumentMember {
            name: "signature",
            ..
        }
    ));
    assert!(matches!(refusal("{"), JoseError::DocumentJson(_)));
    assert!(matches!(refusal("a.b"), JoseError::Segments { found: 2 }));
    assert!(matches!(
        refusal("a.b.c.d"),
        JoseError::Segments { found: 4 }
    ));
    let header = |text: &str| with("protected", json!(base64url::encode(text.as_bytes())));
    assert!(matches!(header("[]"), JoseError::HeaderNotObject));
    assert!(matches!(
        header(r#"{"alg":"a","alg":"b"}"#),
        JoseError::HeaderJson(JsonError::DuplicateMember { .. })
    ));
    assert!(matches!(
        JwsDocument::parse(b"\xff.."),
        Err(JoseError::NotText(_))
    ));
    assert!(matches!(
        JwsDocument::parse(&vec![b' '; MAX_DOCUMENT_BYTES + 1]),
        Err(JoseError::TooLong { .. })
    ));
}

#[test]
fn the_number_of_signatures_is_bounded() {
    let one = json!({"protected": "e30", "signature": ""});
    let document = |count| {
        let signatures = vec![one.clone(); count];
        json!({"payload": "e30", "signatures": signatures}).to_string()
    };
    let read = JwsDocument::parse(document(64).as_bytes()).unwrap();
    assert_eq!(read.facts(&[]).len(), 64);
    assert!(matches!(
        refusal(&document(65)),
        JoseError::TooManySignatures { found: 65, .. }
    ));
}
