//! Why a receipt was not made or not accepted.

use crate::crypto::verify::VerifyError;
use crate::encoding::json::JsonError;
use crate::evidence::receipt::MAX_BYTES;
use crate::signature::jose::error::JoseError;

/// Why a receipt was not made or not accepted.
#[derive(Debug, thiserror::Error)]
pub enum ReceiptError {
    /// The payload is not what a receipt says.
    #[error("the claims are not those of a receipt")]
    Claims(#[source] serde_json::Error),
    /// A claim is longer than agreed, or has characters that do not print.
    #[error(
        "`{name}` has more than {max_characters} characters or {max_bytes} bytes, or control characters"
    )]
    Field {
        /// Which claim.
        name: &'static str,
        /// How many characters it may have.
        max_characters: usize,
        /// How many bytes of UTF-8 it may have.
        max_bytes: usize,
    },
    /// Not a compact JWS of the strict kind, or it could not be signed.
    #[error(transparent)]
    Jose(#[from] JoseError),
    /// The payload is not strict JSON.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// The key has no thumbprint, so it cannot be a receipt key.
    #[error("the key cannot be a receipt key")]
    Key,
    /// A claim is missing that this kind of receipt needs, or is there although it does not belong.
    #[error("`{name}` does not fit this kind of receipt")]
    Misfit {
        /// Which claim.
        name: &'static str,
    },
    /// The receipt names another key.
    #[error("the receipt was signed with another key")]
    OtherKey,
    /// The key is for something else.
    #[error("a key for {purpose} signs no receipts")]
    Purpose {
        /// What it is for.
        purpose: &'static str,
    },
    /// The signature does not fit: altered or forged.
    #[error("the receipt's signature does not match")]
    Signature(#[source] VerifyError),
    /// Longer than receipts are.
    #[error("a receipt of {bytes} bytes; at most {MAX_BYTES} are allowed")]
    TooLarge {
        /// How long it is.
        bytes: usize,
    },
    /// A JWT of another type.
    #[error("not a receipt: `typ` is another")]
    Type,
}
