//! MD5 and RC4: broken, and here for one use alone, to read PDF that was encrypted with them long ago.
//!
//! Whoever wants two messages with one MD5 digest makes them, and RC4 betrays what it encrypts (RFC 6151 §2,
//! RFC 7465 §1). Nothing is signed, verified or kept secret with either: [`crate::crypto::digest`] has no MD5, so
//! that no signature can name it, and there is no other door to RC4 than this one.

use openssl::hash::MessageDigest;
use openssl::hash::hash;

/// The MD5 digest of `bytes` (RFC 1321); proves nothing about them.
#[expect(
    clippy::expect_used,
    reason = "OpenSSL is linked with MD5; nothing in the bytes makes it fail"
)]
pub fn md5(bytes: &[u8]) -> [u8; 16] {
    let digest = hash(MessageDigest::md5(), bytes).expect("a digest of OpenSSL");
    let mut out = [0; 16];
    out.copy_from_slice(&digest);
    out
}

/// Encrypts or decrypts with RC4, which are the same. `key`: 1 to 256 bytes.
#[expect(
    clippy::indexing_slicing,
    reason = "every index is a byte, and the state has a place for each"
)]
pub fn rc4(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut state = [0_u8; 256];
    for (value, place) in (0..=u8::MAX).zip(&mut state) {
        *place = value;
    }
    let mut j = 0_u8;
    for (i, key) in (0..=u8::MAX).zip(key.iter().cycle()) {
        j = j.wrapping_add(state[usize::from(i)]).wrapping_add(*key);
        state.swap(usize::from(i), usize::from(j));
    }
    let (mut i, mut j) = (0_u8, 0_u8);
    let decrypted = bytes.iter().map(|byte| {
        i = i.wrapping_add(1);
        j = j.wrapping_add(state[usize::from(i)]);
        state.swap(usize::from(i), usize::from(j));
        let sum = state[usize::from(i)].wrapping_add(state[usize::from(j)]);
        byte ^ state[usize::from(sum)]
    });
    decrypted.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::hex;

    #[test]
    fn md5_gives_the_answers_of_rfc_1321() {
        // RFC 1321 annex A.5.
        for (message, digest) in [
            ("", "d41d8cd98f00b204e9800998ecf8427e"),
            ("abc", "900150983cd24fb0d6963f7d28e17f72"),
            ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ] {
            assert_eq!(hex::encode(&md5(message.as_bytes())), digest);
        }
    }

    #[test]
    fn rc4_gives_the_key_streams_of_rfc_6229() {
        // RFC 6229 §2, offset 0.
        for (key, stream) in [
            ("0102030405", "b2396305f03dc027ccc3524a0a1118a8"),
            (
                "0102030405060708090a0b0c0d0e0f10",
                "9ac7cc9a609d1ef7b2932899cde41b97",
            ),
        ] {
            let key = hex::decode(key).unwrap();
            assert_eq!(hex::encode(&rc4(&key, &[0; 16])), stream);
        }
    }

    #[test]
    fn rc4_undoes_itself_at_any_length() {
        let message = vec![7; 1000];
        for length in [0, 1, 255, 256, 257, 1000] {
            let (message, _) = message.split_at(length);
            assert_eq!(rc4(b"key", &rc4(b"key", message)), message);
        }
    }
}
