//! Signers and documents for the tests of this module.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::sign::SigningKey;
use crate::encoding::base64;
use crate::encoding::base64url;
use crate::pki::certificate::Certificate;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::Fault;
use crate::signature::facts::FaultWeight;
use crate::signature::facts::SignatureFacts;
use crate::signature::jose::document::JwsDocument;

pub(super) const CONTENT: &[u8] = "东莞: content".as_bytes();

/// Somebody with a key on P-256 and a certificate of their own.
pub(super) struct Signer {
    key: SigningKey,
    pub(super) certificate: Certificate,
}

impl Signer {
    pub(super) fn new() -> Self {
        let names = vec!["signer.example".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        let pkcs8 = made.signing_key.serialize_der();
        Self {
            key: SigningKey::from_pkcs8(KeyPurpose::Receipt, &pkcs8).unwrap(),
            certificate: Certificate::parse_der(made.cert.der()).unwrap(),
        }
    }

    pub(super) fn der_text(&self) -> String {
        base64::encode(self.certificate.der())
    }

    /// `alg`, `x5c` and a time, and whatever `more` says: null takes a member away.
    pub(super) fn header(&self, more: Value) -> Map<String, Value> {
        let mut header = Map::new();
        header.insert("alg".to_owned(), json!("ES256"));
        header.insert("x5c".to_owned(), json!([self.der_text()]));
        header.insert("sigT".to_owned(), json!("2026-01-02T03:04:05Z"));
        for (name, value) in more.as_object().unwrap() {
            match value {
                Value::Null => header.remove(name),
                value => header.insert(name.clone(), value.clone()),
            };
        }
        header
    }

    /// `protected` and `signature` over what stands after the dot.
    pub(super) fn signature_over(&self, header: &Map<String, Value>, input: &[u8]) -> [String; 2] {
        let protected = encode(&Value::Object(header.clone()));
        let message = [protected.as_bytes(), b".", input].concat();
        let value = base64url::encode(&self.key.sign(&message).unwrap());
        [protected, value]
    }

    /// A flattened document over [`CONTENT`], with `more` in its protected header.
    pub(super) fn flattened(&self, more: Value) -> Value {
        let payload = base64url::encode(CONTENT);
        let header = self.header(more);
        let [protected, signature] = self.signature_over(&header, payload.as_bytes());
        json!({"payload": payload, "protected": protected, "signature": signature})
    }

    /// A flattened document without payload, over `input` as it is.
    pub(super) fn detached(&self, more: Value, input: &[u8]) -> Value {
        let header = self.header(more);
        let [protected, signature] = self.signature_over(&header, input);
        json!({"protected": protected, "signature": signature})
    }
}

pub(super) fn encode(value: &Value) -> String {
    base64url::encode(value.to_string().as_bytes())
}

pub(super) fn compact(flattened: &Value) -> String {
    let text = |name: &str| flattened[name].as_str().unwrap_or_default();
    format!(
        "{}.{}.{}",
        text("protected"),
        text("payload"),
        text("signature")
    )
}

pub(super) fn parse(document: &Value) -> JwsDocument {
    JwsDocument::parse(document.to_string().as_bytes()).unwrap()
}

/// The facts of the only signature, without content from elsewhere.
pub(super) fn facts(document: &Value) -> SignatureFacts {
    facts_with(document, &[])
}

/// The facts of the only signature; a content without a name has the empty one here.
pub(super) fn facts_with(document: &Value, contents: &[(&str, &[u8])]) -> SignatureFacts {
    let document = parse(document);
    let needs = document.needs();
    let contents = contents.iter().map(|(name, bytes)| {
        let name = (!name.is_empty()).then(|| (*name).to_owned());
        DetachedContent::of_bytes(name, bytes.to_vec(), &needs)
    });
    let contents: Vec<DetachedContent> = contents.collect();
    let mut facts = document.facts(&contents);
    assert_eq!(facts.len(), 1);
    facts.remove(0)
}

/// The faults that are more than irregular, by weight and place.
pub(super) fn serious(facts: &SignatureFacts) -> Vec<(FaultWeight, &str)> {
    let serious = |fault: &&Fault| fault.weight > FaultWeight::Irregular;
    let serious = facts.faults.iter().filter(serious);
    serious
        .map(|fault| (fault.weight, fault.place.as_str()))
        .collect()
}

/// The places of the faults that are only told.
pub(super) fn irregular(facts: &SignatureFacts) -> Vec<&str> {
    let told = |fault: &&Fault| fault.weight == FaultWeight::Irregular;
    let told = facts.faults.iter().filter(told);
    told.map(|fault| fault.place.as_str()).collect()
}
