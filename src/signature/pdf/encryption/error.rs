//! Why an encrypted PDF is not read.

use crate::crypto::aes_cbc::AesCbcError;
use crate::signature::pdf::encryption::CryptMethod;

/// Why an encrypted PDF is not read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncryptionError {
    /// A string or stream: its length, or its padding.
    #[error(transparent)]
    Aes(#[from] AesCbcError),
    /// ISO 32000-2 §7.6.4.2, table 21: an entry of the encryption dictionary is too short; absent, it has 0 bytes.
    #[error("entry {entry} of the encryption dictionary has {bytes} bytes, fewer than {needed}")]
    Entry {
        /// `O`, `U`, `UE`.
        entry: &'static str,
        /// How many it has.
        bytes: usize,
        /// How many it should have.
        needed: usize,
    },
    /// ISO 32000-2 §7.6.2, table 20: `Length` is a multiple of 8 from 40 to 128.
    #[error("encryption key of {bits} bits")]
    KeyLength {
        /// `Length`.
        bits: i64,
    },
    /// ISO 32000-2 §7.6.2, table 20: a method of the other versions.
    #[error("method {method:?} is not of version {version} of encryption")]
    Method {
        /// What a crypt filter says.
        method: CryptMethod,
        /// `V`.
        version: i64,
    },
    /// The empty password is not the user's: who wants to read the document must know one.
    #[error("the document opens with a password alone")]
    PasswordNeeded,
    /// Versions 1, 2, 4 and 5 are read, with the revisions 2 to 6 that belong to them.
    #[error("encryption of version {version}, revision {revision} is unknown")]
    Unsupported {
        /// `V`.
        version: i64,
        /// `R`.
        revision: i64,
    },
}
