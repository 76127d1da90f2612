//! Decryption of PDF that anyone may open: the standard security handler with the empty user password
//! (ISO 32000-2 §7.6; what that deprecates stands there too, and in ISO 32000-1 §7.6).
//!
//! A signature is over the bytes of the file as they stand, encrypted or not. To find it, and to read what its
//! dictionary says, a reader has to decrypt strings and object streams: [`Decryption`] does. It is nobody's
//! protection: the password is empty, and neither RC4 nor CBC shows a change.
//!
//! Knows nothing of PDF's objects. The caller reads the encryption dictionary, refuses other handlers than
//! `Standard`, and leaves as they are:
//!
//! - the strings of the trailer's `ID` and of the encryption dictionary, those in object streams (the stream is
//!   encrypted as a whole), and the `Contents` of a signature (§7.6.2);
//! - cross-reference streams (§7.5.8.2), streams whose own `Crypt` filter is `Identity` (§7.4.10), and the document's
//!   metadata stream where `EncryptMetadata` is false (table 21).

mod file_key;

pub mod error;

#[cfg(test)]
mod tests;

use std::fmt;

use crate::crypto::aes_cbc;
use crate::crypto::aes_cbc::AesCbcError;
use crate::crypto::aes_cbc::AesKey;
use crate::crypto::weak::md5;
use crate::crypto::weak::rc4;
use crate::signature::pdf::encryption::error::EncryptionError;
use crate::signature::pdf::encryption::file_key::FileKey;

/// What the encryption dictionary of the standard security handler says (ISO 32000-2 §7.6.2 table 20, §7.6.4.2
/// table 21, §7.6.6 table 25), as it says it: nothing is checked yet.
#[derive(Clone, Debug)]
pub struct EncryptionSettings {
    /// `V`, the version of the algorithm.
    pub version: i64,
    /// `R`, the revision of the security handler.
    pub revision: i64,
    /// `Length` of the dictionary itself, in bits; 40 where it is absent, and asked for in version 2 alone.
    pub length_bits: Option<i64>,
    /// `P`; 32 bits, however they are written.
    pub permissions: i64,
    /// `O`.
    pub owner: Vec<u8>,
    /// `U`.
    pub user: Vec<u8>,
    /// `UE`, of version 5 alone.
    pub user_key: Option<Vec<u8>>,
    /// `EncryptMetadata`; true where it is absent.
    pub encrypt_metadata: bool,
    /// `CFM` of the crypt filter that `StmF` names, of versions 4 and 5 alone: before, all is RC4.
    pub stream_method: CryptMethod,
    /// `CFM` of the crypt filter that `StrF` names, of versions 4 and 5 alone: before, all is RC4.
    pub string_method: CryptMethod,
    /// The first element of the trailer's `ID`; empty where it is absent.
    pub first_id: Vec<u8>,
}

/// How a crypt filter decrypts (ISO 32000-2 §7.6.6, tables 25 and 26).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CryptMethod {
    /// The filter named `Identity`, which also stands where `StmF` or `StrF` does not: nothing is encrypted.
    Identity,
    /// `V2`: RC4.
    Rc4,
    /// `AESV2`: AES-128.
    AesV2,
    /// `AESV3`: AES-256.
    AesV3,
}

/// Decrypts the strings and streams of one document.
pub struct Decryption {
    strings: Decipher,
    streams: Decipher,
}

impl Decryption {
    /// Opens a document with the empty user password, which is verified. Where neither strings nor streams are
    /// encrypted, but attached files alone (`EFF`), there is nothing that a password would open.
    ///
    /// # Errors
    /// [`EncryptionError::PasswordNeeded`] where another password is the user's; every other one but
    /// [`EncryptionError::Aes`] where the dictionary is none that is read here.
    pub fn with_empty_password(settings: &EncryptionSettings) -> Result<Self, EncryptionError> {
        let (strings, streams) = match settings.version {
            4 | 5 => (settings.string_method, settings.stream_method),
            _ => (CryptMethod::Rc4, CryptMethod::Rc4),
        };
        if (strings, streams) == (CryptMethod::Identity, CryptMethod::Identity) {
            return Ok(Self {
                strings: Decipher::Identity,
                streams: Decipher::Identity,
            });
        }
        let key = FileKey::of_empty_password(settings)?;
        let decipher = |method| {
            Decipher::new(method, &key).ok_or(EncryptionError::Method {
                method,
                version: settings.version,
            })
        };
        Ok(Self {
            strings: decipher(strings)?,
            streams: decipher(streams)?,
        })
    }

    /// Decrypts a string, its escapes or hexadecimal digits already read, of the indirect object `id` (number,
    /// generation) that it is or is in. One of no bytes is itself.
    ///
    /// # Errors
    /// [`EncryptionError::Aes`].
    pub fn decrypt_string(&self, id: (u32, u16), bytes: &[u8]) -> Result<Vec<u8>, EncryptionError> {
        self.strings.decrypt(id, bytes)
    }

    /// Decrypts a stream of the indirect object `id` (number, generation), before any of its filters. One of no bytes
    /// is itself.
    ///
    /// # Errors
    /// [`EncryptionError::Aes`].
    pub fn decrypt_stream(&self, id: (u32, u16), bytes: &[u8]) -> Result<Vec<u8>, EncryptionError> {
        self.streams.decrypt(id, bytes)
    }
}

impl fmt::Debug for Decryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decryption").finish_non_exhaustive()
    }
}

/// A method with the key that it takes.
enum Decipher {
    Identity,
    /// Each object has a key of its own, derived from this one.
    Rc4(Vec<u8>),
    /// Each object has a key of its own, derived from this one.
    Aes128(Vec<u8>),
    Aes256(AesKey),
}

impl Decipher {
    /// None for a method that has no use for such a key.
    fn new(method: CryptMethod, key: &FileKey) -> Option<Self> {
        match (method, key) {
            (CryptMethod::Identity, _) => Some(Self::Identity),
            (CryptMethod::Rc4, FileKey::PerObject(key)) => Some(Self::Rc4(key.clone())),
            (CryptMethod::AesV2, FileKey::PerObject(key)) => Some(Self::Aes128(key.clone())),
            (CryptMethod::AesV3, FileKey::Whole(key)) => Some(Self::Aes256(AesKey::Aes256(*key))),
            (CryptMethod::Rc4 | CryptMethod::AesV2, FileKey::Whole(_))
            | (CryptMethod::AesV3, FileKey::PerObject(_)) => None,
        }
    }

    fn decrypt(&self, id: (u32, u16), bytes: &[u8]) -> Result<Vec<u8>, EncryptionError> {
        match self {
            Self::Identity => Ok(bytes.to_vec()),
            Self::Rc4(key) => {
                // Algorithm 1 (d): n + 5 bytes of the digest, and 16 at most, which is all it has.
                let length = key.len().saturating_add(5);
                let key = object_key(key, id, b"").into_iter().take(length);
                Ok(rc4(&key.collect::<Vec<_>>(), bytes))
            }
            Self::Aes128(key) => decrypt_aes(&AesKey::Aes128(object_key(key, id, b"sAlT")), bytes),
            Self::Aes256(key) => decrypt_aes(key, bytes),
        }
    }
}

/// Algorithm 1 (a) to (c) (ISO 32000-2 §7.6.3.2): the digest of the key, the three low bytes of the object's number,
/// its generation, and for AES four bytes more.
fn object_key(key: &[u8], (number, generation): (u32, u16), salt: &[u8]) -> [u8; 16] {
    let mut input = key.to_vec();
    input.extend(number.to_le_bytes().into_iter().take(3));
    input.extend(generation.to_le_bytes());
    input.extend(salt);
    md5(&input)
}

/// Algorithms 1 and 1.A (ISO 32000-2 §7.6.3.2, §7.6.3.3): the first block is the initialisation vector, and the last
/// ends in padding.
fn decrypt_aes(key: &AesKey, bytes: &[u8]) -> Result<Vec<u8>, EncryptionError> {
    // Writers leave what is empty as it is, although it would have its vector and a block of padding.
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let length = || AesCbcError::Length { bytes: bytes.len() };
    let (iv, ciphertext) = bytes.split_first_chunk().ok_or_else(length)?;
    Ok(aes_cbc::decrypt_padded(key, iv, ciphertext)?)
}
