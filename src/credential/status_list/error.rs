//! Why a status list was not made, or does not count.

use crate::clock::Timestamp;
use crate::crypto::verify::VerifyError;
use crate::encoding::base64::Base64Error;
use crate::encoding::json::JsonError;
use crate::signature::jose::error::JoseError;

/// Why a status list was not made, or does not count. A list that does not count says nothing: the
/// credential is then neither good nor bad.
#[derive(Debug, thiserror::Error)]
pub enum StatusListError {
    /// A claim of the token is missing or has the wrong form (§5.1).
    #[error("claim `{name}` of the status list is not {expected}")]
    Claim {
        /// Its name.
        name: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
    /// `lst` is not zlib.
    #[error("status list cannot be decompressed")]
    Compression(#[source] std::io::Error),
    /// `lst` is not base64url.
    #[error("status list is not base64url")]
    Encoding(#[source] Base64Error),
    /// §8.3: its time is over.
    #[error("status list expired at {expired_at}, checked at {at}")]
    Expired {
        /// `exp`.
        expired_at: Timestamp,
        /// When it was looked at.
        at: Timestamp,
    },
    /// §8.3: "If the index is out of bounds of the Status List, the Referenced Token MUST be rejected".
    #[error("status list has no index {index}")]
    IndexOutOfRange {
        /// The index.
        index: u64,
    },
    /// The token is no compact JWS, or could not be signed.
    #[error("status list token is malformed")]
    Jws(#[source] JoseError),
    /// `iat` lies ahead.
    #[error("status list was issued at {issued_at}, after {at}")]
    NotYetValid {
        /// `iat`.
        issued_at: Timestamp,
        /// When it was looked at.
        at: Timestamp,
    },
    /// The payload is not strict JSON.
    #[error("payload of the status list is not strict JSON")]
    PayloadJson(#[source] JsonError),
    /// The signature does not verify with the signer's key.
    #[error("signature of the status list does not verify")]
    Signature(#[source] VerifyError),
    /// Signed neither with the issuer's key nor by a certificate of the issuer's CA for this purpose.
    #[error("status list is not signed for this issuer: {problem}")]
    Signer {
        /// What is missing.
        problem: SignerProblem,
    },
    /// §8.3: `sub` is the URI that the credential names.
    #[error("status list is for {found}, not for {expected}")]
    Subject {
        /// What the credential names.
        expected: String,
        /// What the list says.
        found: String,
    },
    /// More than we read or make.
    #[error("status list has more than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// Something follows the compressed data.
    #[error("bytes follow the compressed status list")]
    TrailingBytes,
    /// §5.1: `typ` is `statuslist+jwt`.
    #[error("`typ` is {found}, not `statuslist+jwt`")]
    Type {
        /// What it says.
        found: String,
    },
    /// The value needs more bits than a status has.
    #[error("status {value} needs more bits than the list has")]
    ValueTooLarge {
        /// The value.
        value: u8,
    },
}

/// Why a certificate may not sign the status list of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignerProblem {
    /// The CA's signature on it is wrong, or made with an algorithm that does not suffice.
    CertificateSignature,
    /// It lacks the extended key usage for status lists.
    ExtendedKeyUsage,
    /// Another CA issued it.
    OtherCa,
    /// It is not valid at that time.
    Validity,
    /// The list is signed with an algorithm, or a key, that does not suffice any more.
    WeakAlgorithm,
}

impl std::fmt::Display for SignerProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::CertificateSignature => "the signature on its certificate does not verify",
            Self::ExtendedKeyUsage => "its certificate is not for status lists",
            Self::OtherCa => "its certificate comes from another CA",
            Self::Validity => "its certificate is not valid at this time",
            Self::WeakAlgorithm => "its signature algorithm or key is too weak",
        })
    }
}
