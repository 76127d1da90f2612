//! HMAC-SHA-256 (RFC 2104), under which secrets are stored that need only be recognised again.

use std::fmt;

/// A key for HMAC-SHA-256; shows nothing of itself when printed.
#[derive(Clone)]
pub struct HmacKey(ring::hmac::Key);

impl HmacKey {
    /// A key of any length; 32 random bytes are what it takes (RFC 2104 §3).
    pub fn new(key: &[u8]) -> Self {
        Self(ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key))
    }

    /// The tag of `message`.
    pub fn tag(&self, message: &[u8]) -> [u8; 32] {
        let tag = ring::hmac::sign(&self.0, message);
        let mut out = [0; 32];
        out.copy_from_slice(tag.as_ref());
        out
    }

    /// Whether `tag` is that of `message`, in constant time; a shortened tag is not.
    pub fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        ring::hmac::verify(&self.0, message, tag).is_ok()
    }
}

impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HmacKey(<redacted>)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::hex;

    #[test]
    fn the_example_of_rfc_4231_holds() {
        // RFC 4231 §4.3 (test case 2).
        let key = HmacKey::new(b"Jefe");
        let message = b"what do ya want for nothing?";
        assert_eq!(
            hex::encode(&key.tag(message)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert!(key.verify(message, &key.tag(message)));
    }

    #[test]
    fn anything_else_is_refused() {
        let key = HmacKey::new(b"Jefe");
        let tag = key.tag(b"message");
        let mut flipped = tag;
        flipped[31] ^= 1;
        assert!(!key.verify(b"message", &flipped));
        assert!(!key.verify(b"message", &tag[..31]), "truncated");
        assert!(!key.verify(b"message.", &tag));
        assert!(!HmacKey::new(b"Jeff").verify(b"message", &tag));
        assert!(!format!("{key:?}").contains("Jefe"));
    }
}
