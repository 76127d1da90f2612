//! Laws: what was signed cannot be changed and stay intact.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use crate::encoding::base64url;
use crate::signature::facts::Integrity;
use crate::signature::jose::document::JwsDocument;
use crate::signature::jose::document::tests::made::Signer;
use crate::signature::jose::document::tests::made::compact;

static SIGNED: LazyLock<Value> = LazyLock::new(|| {
    let signer = Signer::new();
    let mut document = signer.flattened(json!({"crit": ["sigT"]}));
    document["header"] = json!({"kid": "1"});
    document
});

/// Whether some signature of these bytes is intact.
fn is_intact(bytes: &[u8]) -> bool {
    let Ok(document) = JwsDocument::parse(bytes) else {
        return false;
    };
    let facts = document.facts(&[]);
    facts.iter().any(|one| one.integrity == Integrity::Intact)
}

fn flip(bytes: &mut [u8], place: usize, bit: u8) {
    let length = bytes.len();
    bytes[place % length] ^= 1 << bit;
}

proptest! {
    #[test]
    fn a_bit_of_what_was_signed_decides(
        name in prop::sample::select(vec!["payload", "protected", "signature"]),
        place: usize,
        bit in 0_u8..8,
    ) {
        prop_assert!(is_intact(SIGNED.to_string().as_bytes()));
        let text = SIGNED[name].as_str().unwrap();
        let mut decoded = base64url::decode(text, 1 << 20).unwrap();
        flip(&mut decoded, place, bit);
        let mut changed = SIGNED.clone();
        changed[name] = json!(base64url::encode(&decoded));
        prop_assert!(!is_intact(changed.to_string().as_bytes()));
        prop_assert!(!is_intact(compact(&changed).as_bytes()));
    }

    #[test]
    fn a_bit_of_the_compact_text_decides(place: usize, bit in 0_u8..8) {
        let mut text = compact(&SIGNED).into_bytes();
        prop_assert!(is_intact(&text));
        flip(&mut text, place, bit);
        prop_assert!(!is_intact(&text));
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
        let _ = is_intact(&bytes);
    }

    #[test]
    fn no_change_of_a_document_makes_the_reader_panic(
        changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..8),
    ) {
        let mut text = SIGNED.to_string().into_bytes();
        for (place, byte) in changes {
            let length = text.len();
            text[place % length] = byte;
        }
        let _ = is_intact(&text);
    }
}
