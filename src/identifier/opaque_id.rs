//! Identifiers without meaning: 128 bits, written as 22 characters of base64url.
//!
//! They are random, so that nobody finds a credential by counting; those of receipts but for the time in front.

use std::cmp::Ordering;
use std::fmt;
use std::hash::Hash;
use std::hash::Hasher;
use std::marker::PhantomData;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;

/// Names a credential.
pub type CredentialId = OpaqueId<Credential>;
/// Names an audit event.
pub type EventId = OpaqueId<Event>;
/// Names a receipt.
pub type ReceiptId = OpaqueId<Receipt>;
/// Names a segment of the audit trail.
pub type SegmentId = OpaqueId<Segment>;

/// Marks [`CredentialId`].
#[derive(Clone, Copy, Debug)]
pub enum Credential {}
/// Marks [`EventId`].
#[derive(Clone, Copy, Debug)]
pub enum Event {}
/// Marks [`ReceiptId`].
#[derive(Clone, Copy, Debug)]
pub enum Receipt {}
/// Marks [`SegmentId`].
#[derive(Clone, Copy, Debug)]
pub enum Segment {}

/// 128 bits that name one thing of the kind `K`; the ids of different kinds do not mix.
pub struct OpaqueId<K> {
    text: String,
    kind: PhantomData<fn() -> K>,
}

impl<K> OpaqueId<K> {
    /// The id of these bits, which the caller took from a cryptographic source.
    pub fn from_random(bits: [u8; 16]) -> Self {
        Self {
            text: URL_SAFE_NO_PAD.encode(bits),
            kind: PhantomData,
        }
    }

    /// Reads the 22 characters; the four bits that the last one has to spare must be zero, so that an id
    /// has one spelling.
    ///
    /// # Errors
    /// [`OpaqueIdError`].
    pub fn parse(text: &str) -> Result<Self, OpaqueIdError> {
        let mut bits = [0; 16];
        match URL_SAFE_NO_PAD.decode_slice(text, &mut bits) {
            Ok(16) => Ok(Self::from_random(bits)),
            Ok(_) | Err(_) => Err(OpaqueIdError),
        }
    }

    /// The 22 characters.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl ReceiptId {
    /// The id of a receipt that is signed at that time, which it tells anyway: 48 bits of milliseconds since 1970, as
    /// in a UUID of version 7 (RFC 9562 §5.7), and 80 random ones. Receipts that are made one after the other lie side
    /// by side in an index.
    pub fn new(milliseconds: u64, random: [u8; 10]) -> Self {
        let [_, _, time @ ..] = milliseconds.to_be_bytes();
        let mut bits = [0; 16];
        let (front, back) = bits.split_at_mut(time.len());
        front.copy_from_slice(&time);
        back.copy_from_slice(&random);
        Self::from_random(bits)
    }
}

/// A text is not an id of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an id is 22 characters of base64url")]
pub struct OpaqueIdError;

// By hand, because a derive would demand of the marker `K` what only the text needs.

impl<K> Clone for OpaqueId<K> {
    fn clone(&self) -> Self {
        Self {
            text: self.text.clone(),
            kind: PhantomData,
        }
    }
}

impl<K> fmt::Debug for OpaqueId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K> fmt::Display for OpaqueId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<K> PartialEq for OpaqueId<K> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<K> Eq for OpaqueId<K> {}

impl<K> PartialOrd for OpaqueId<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for OpaqueId<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl<K> Hash for OpaqueId<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<K> Serialize for OpaqueId<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de, K> Deserialize<'de> for OpaqueId<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_id_has_one_spelling() {
        let id = CredentialId::from_random([0xff; 16]);
        assert_eq!(id.as_str(), "_____________________w");
        for text in [
            "",
            "_____________________x",
            "____________________w",
            "______________________w",
            "_____________________w==",
            "/////////////////////w",
            " ____________________w",
        ] {
            assert_eq!(CredentialId::parse(text), Err(OpaqueIdError), "{text}");
        }
    }

    #[test]
    fn receipts_of_one_time_begin_alike_and_differ() {
        let id = ReceiptId::new(1_700_000_000_000, [0xff; 10]);
        assert_eq!(id.as_str(), "AYvP5WgA_____________w");
        let other = ReceiptId::new(1_700_000_000_000, [0; 10]);
        assert_eq!(id.as_str().get(..8), other.as_str().get(..8));
        assert_ne!(id, other);
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_as_the_same(bits: [u8; 16]) {
            let id = ReceiptId::from_random(bits);
            prop_assert_eq!(id.as_str().len(), 22);
            prop_assert_eq!(&ReceiptId::parse(id.as_str()).unwrap(), &id);
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<ReceiptId>(&json).unwrap(), id);
        }
    }
}
