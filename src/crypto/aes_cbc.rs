//! AES in the CBC mode (FIPS 197, NIST SP 800-38A §6.2), to read what others encrypted.
//!
//! CBC authenticates nothing: what decrypts without complaint may have been changed all the same. OpenSSL computes.

use openssl::cipher::Cipher;
use openssl::cipher::CipherRef;
use openssl::cipher_ctx::CipherCtx;
use openssl::cipher_ctx::CipherCtxRef;
use openssl::error::ErrorStack;

/// What AES encrypts at a time, and the length of an initialisation vector.
pub const BLOCK_BYTES: usize = 16;

/// OpenSSL counts the bytes of one call in a C `int`.
const BYTES_PER_CALL: usize = 1 << 20;

/// A key, of a length that AES has.
pub enum AesKey {
    /// AES-128.
    Aes128([u8; 16]),
    /// AES-256.
    Aes256([u8; 32]),
}

impl AesKey {
    fn cipher(&self) -> &'static CipherRef {
        match self {
            Self::Aes128(_) => Cipher::aes_128_cbc(),
            Self::Aes256(_) => Cipher::aes_256_cbc(),
        }
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Aes128(key) => key,
            Self::Aes256(key) => key,
        }
    }
}

/// Why bytes were not decrypted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum AesCbcError {
    /// Not whole blocks, or none where padding must be.
    #[error("{bytes} bytes are not the whole blocks that AES makes")]
    Length {
        /// How many there are.
        bytes: usize,
    },
    /// RFC 5652 §6.3: the last block does not end as padding does. The key is another one, or bytes were changed.
    #[error("what AES decrypts does not end in padding: another key, or changed bytes")]
    Padding,
}

/// Decrypts, and takes off the padding of RFC 5652 §6.3 (“PKCS #7”).
///
/// # Errors
/// [`AesCbcError::Length`], [`AesCbcError::Padding`].
pub fn decrypt_padded(
    key: &AesKey,
    iv: &[u8; BLOCK_BYTES],
    ciphertext: &[u8],
) -> Result<Vec<u8>, AesCbcError> {
    let ciphertext = blocks(ciphertext)?;
    if ciphertext.is_empty() {
        return Err(AesCbcError::Length { bytes: 0 });
    }
    // Of whole blocks, all that OpenSSL finds wrong is the padding.
    let decrypted = run(ciphertext, |context| {
        context.decrypt_init(Some(key.cipher()), Some(key.as_bytes()), Some(iv))
    });
    decrypted.map_err(|_cause: ErrorStack| AesCbcError::Padding)
}

/// Decrypts whole blocks that were not padded.
///
/// # Errors
/// [`AesCbcError::Length`].
pub fn decrypt_blocks(
    key: &AesKey,
    iv: &[u8; BLOCK_BYTES],
    ciphertext: &[u8],
) -> Result<Vec<u8>, AesCbcError> {
    let decrypted = run(blocks(ciphertext)?, |context| {
        context.decrypt_init(Some(key.cipher()), Some(key.as_bytes()), Some(iv))?;
        context.set_padding(false);
        Ok(())
    });
    Ok(unpadded(decrypted))
}

/// Encrypts whole blocks, without padding.
///
/// # Errors
/// [`AesCbcError::Length`].
pub fn encrypt_blocks(
    key: &AesKey,
    iv: &[u8; BLOCK_BYTES],
    plaintext: &[u8],
) -> Result<Vec<u8>, AesCbcError> {
    let encrypted = run(blocks(plaintext)?, |context| {
        context.encrypt_init(Some(key.cipher()), Some(key.as_bytes()), Some(iv))?;
        context.set_padding(false);
        Ok(())
    });
    Ok(unpadded(encrypted))
}

fn blocks(bytes: &[u8]) -> Result<&[u8], AesCbcError> {
    match bytes.len() {
        length if length.is_multiple_of(BLOCK_BYTES) => Ok(bytes),
        bytes => Err(AesCbcError::Length { bytes }),
    }
}

fn run(
    input: &[u8],
    start: impl FnOnce(&mut CipherCtxRef) -> Result<(), ErrorStack>,
) -> Result<Vec<u8>, ErrorStack> {
    let mut context = CipherCtx::new()?;
    start(&mut context)?;
    let mut output = Vec::with_capacity(input.len().saturating_add(BLOCK_BYTES));
    for part in input.chunks(BYTES_PER_CALL) {
        context.cipher_update_vec(part, &mut output)?;
    }
    context.cipher_final_vec(&mut output)?;
    Ok(output)
}

#[expect(
    clippy::expect_used,
    reason = "OpenSSL is linked with AES; nothing in whole blocks makes it fail without padding"
)]
fn unpadded(answer: Result<Vec<u8>, ErrorStack>) -> Vec<u8> {
    answer.expect("AES of OpenSSL")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::hex;

    /// NIST SP 800-38A annex F.2: the first two blocks, and the vector.
    const PLAINTEXT: &str = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51";
    const IV: &str = "000102030405060708090a0b0c0d0e0f";

    fn aes_128() -> AesKey {
        AesKey::Aes128(hex::decode_array("2b7e151628aed2a6abf7158809cf4f3c").unwrap())
    }

    fn aes_256() -> AesKey {
        let key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4";
        AesKey::Aes256(hex::decode_array(key).unwrap())
    }

    #[test]
    fn known_answers_hold() {
        let (iv, plaintext) = (
            hex::decode_array(IV).unwrap(),
            hex::decode(PLAINTEXT).unwrap(),
        );
        for (key, expected) in [
            (
                aes_128(),
                "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2",
            ),
            (
                aes_256(),
                "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d",
            ),
        ] {
            let encrypted = encrypt_blocks(&key, &iv, &plaintext).unwrap();
            assert_eq!(hex::encode(&encrypted), expected);
            assert_eq!(decrypt_blocks(&key, &iv, &encrypted).unwrap(), plaintext);
        }
    }

    #[test]
    fn padding_is_taken_off_and_must_be_right() {
        let encrypt = |padded: &[u8]| encrypt_blocks(&aes_128(), &[0; 16], padded).unwrap();
        let decrypt = |padded: &[u8]| decrypt_padded(&aes_128(), &[0; 16], &encrypt(padded));
        assert_eq!(decrypt(&[16; 16]).unwrap(), b"");
        assert_eq!(decrypt(b"fifteen bytes..\x01").unwrap(), b"fifteen bytes..");
        for (name, padded) in [
            ("zero", b"fifteen bytes..\x00"),
            ("longer than a block", b"fifteen bytes..\x11"),
            ("of two kinds", b"fourteen byte.\x01\x02"),
        ] {
            assert_eq!(decrypt(padded), Err(AesCbcError::Padding), "{name}");
        }
    }

    #[test]
    fn only_whole_blocks_are_taken() {
        for bytes in [1, 15, 17] {
            let (input, refused) = (vec![0; bytes], Err(AesCbcError::Length { bytes }));
            assert_eq!(decrypt_padded(&aes_256(), &[0; 16], &input), refused);
            assert_eq!(decrypt_blocks(&aes_256(), &[0; 16], &input), refused);
            assert_eq!(encrypt_blocks(&aes_256(), &[0; 16], &input), refused);
        }
        let none = decrypt_padded(&aes_256(), &[0; 16], b"");
        assert_eq!(none, Err(AesCbcError::Length { bytes: 0 }));
        assert_eq!(decrypt_blocks(&aes_256(), &[0; 16], b"").unwrap(), b"");
    }

    #[test]
    fn more_than_one_call_gives_what_one_would() {
        let long = vec![0x2a; BYTES_PER_CALL * 2 + BLOCK_BYTES];
        let encrypted = encrypt_blocks(&aes_256(), &[1; 16], &long).unwrap();
        assert_eq!(
            decrypt_blocks(&aes_256(), &[1; 16], &encrypted).unwrap(),
            long
        );
    }
}
