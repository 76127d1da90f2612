//! Laws of [`JwsDocument`].
//!
//! An input that begins with `!` is a recipe: changes of a document that is signed here, each of four bytes, so
//! that the base64url stays whole and the change reaches what was signed. Any other input is read as it is.

use std::sync::LazyLock;

use serde_json::Value;
use serde_json::json;
use yinxin::encoding::base64;
use yinxin::encoding::base64url;
use yinxin::signature::facts::Integrity;
use yinxin::signature::jose::document::JwsDocument;

use crate::certificate_writer as writer;
use crate::certificate_writer::Draft;
use crate::certificate_writer::KeyPair;
use crate::certificate_writer::Sign;

const MEMBERS: [&str; 3] = ["payload", "protected", "signature"];
const CONTENT: &[u8] = br#"{"content":"of the document"}"#;

/// What is signed here, in flattened serialisation.
static SIGNED: LazyLock<Value> = LazyLock::new(|| {
    let key = KeyPair::ed25519();
    let name = writer::common_name("signer");
    let certificate = Draft::new(name.clone(), name, &key).sign(&key);
    let header = json!({
        "alg": "EdDSA", "x5c": [base64::encode(&certificate)],
        "sigT": "2026-01-02T03:04:05Z", "crit": ["sigT"],
    });
    let protected = base64url::encode(header.to_string().as_bytes());
    let payload = base64url::encode(CONTENT);
    let value = key.sign(format!("{protected}.{payload}").as_bytes());
    json!({"payload": payload, "protected": protected, "signature": base64url::encode(&value)})
});

/// A signed document of which any bit was changed has no intact signature, in any serialisation; one that is left
/// as it was has; there are as many facts as signatures; a refusal can be shown on a terminal.
pub fn facts(data: &[u8]) {
    let Some((b'!', recipe)) = data.split_first().map(|(first, rest)| (*first, rest)) else {
        let _ = has_intact_signature(data);
        return;
    };
    let changed = change(&SIGNED, recipe);
    let is_same = changed == *SIGNED;
    let text = |name: &str| changed[name].as_str().unwrap_or_default();
    let compact = format!(
        "{}.{}.{}",
        text("protected"),
        text("payload"),
        text("signature")
    );
    let signature = json!({"protected": changed["protected"], "signature": changed["signature"]});
    let general = json!({"payload": changed["payload"], "signatures": [signature]});
    for document in [compact, changed.to_string(), general.to_string()] {
        let is_intact = has_intact_signature(document.as_bytes());
        assert_eq!(is_intact, is_same, "{document}");
    }
}

/// Changes of four bytes: which member, where in it (two bytes), and the bits that are turned.
fn change(signed: &Value, recipe: &[u8]) -> Value {
    let mut changed = signed.clone();
    for step in recipe.chunks_exact(4).take(16) {
        let &[member, high, low, bits] = step else {
            break;
        };
        let member = MEMBERS[usize::from(member) % MEMBERS.len()];
        let text = changed[member].as_str().unwrap_or_default();
        let mut bytes = base64url::decode(text, 1 << 20).expect("what was encoded here");
        let place = usize::from(u16::from_be_bytes([high, low])) % bytes.len();
        bytes[place] ^= bits;
        changed[member] = base64url::encode(&bytes).into();
    }
    changed
}

fn has_intact_signature(bytes: &[u8]) -> bool {
    let document = match JwsDocument::parse(bytes) {
        Ok(document) => document,
        Err(refusal) => {
            let message = refusal.to_string();
            assert!(!message.chars().any(char::is_control), "{message:?}");
            return false;
        }
    };
    let facts = document.facts(&[]);
    assert_eq!(facts.len(), document.signature_count());
    for facts in &facts {
        for shown in &facts.attributes {
            assert!(!shown.value.chars().any(char::is_control), "{shown:?}");
        }
    }
    let mut facts = facts.iter();
    facts.any(|facts| facts.integrity == Integrity::Intact)
}

/// Recipes, and documents with everything that can stand in them.
pub fn seeds() -> Vec<Vec<u8>> {
    let mut full = SIGNED.clone();
    let timestamp = json!({"tstTokens": [{"val": base64::encode(b"0\x80\x06\x00")}]});
    let values = json!({"crlVals": [{"val": "MAA="}], "ocspVals": [{"val": "MAA="}]});
    full["header"] = json!({"etsiU": [
        {"sigTst": timestamp}, {"xVals": [{"x509Cert": {"val": "MAA="}}]}, {"rVals": values},
        {"cSig": SIGNED.clone()}, {"arcTst": timestamp},
    ]});
    let named = json!({
        "alg": "EdDSA", "b64": false, "crit": ["b64", "sigD"],
        "sigD": {
            "mId": "http://uri.etsi.org/19182/ObjectIdByURIHash",
            "pars": ["a"], "hashM": "S256", "hashV": [base64url::encode(&[0; 32])],
        },
    });
    let named = base64url::encode(named.to_string().as_bytes());
    vec![
        b"!".to_vec(),
        b"!\x00\x00\x01\x01".to_vec(),
        b"!\x01\x00\x01\x80\x01\x00\x01\x80".to_vec(),
        b"!\x02\x00\x3f\x20".to_vec(),
        full.to_string().into_bytes(),
        format!("{named}..AAAA").into_bytes(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_keeps_the_laws() {
        for seed in seeds() {
            facts(&seed);
        }
    }

    #[test]
    fn a_recipe_changes_what_it_says_and_nothing_else() {
        assert_eq!(change(&SIGNED, b""), *SIGNED);
        assert_eq!(change(&SIGNED, b"\x00\x00\x00\x00"), *SIGNED);
        let changed = change(&SIGNED, b"\x00\x00\x00\x01");
        assert_ne!(changed["payload"], SIGNED["payload"]);
        assert_eq!(changed["protected"], SIGNED["protected"]);
        assert_eq!(change(&changed, b"\x00\x00\x00\x01"), *SIGNED);
    }
}
