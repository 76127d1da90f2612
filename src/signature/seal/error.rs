//! Why bytes are not a seal's signature.

use crate::pki::der::DerError;
use crate::pki::oid::OidError;

/// Why bytes are not a `SES_Signature` as it is read here.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// GB/T 38540-2020: 1 for certificates, 2 for their digests.
    #[error("certListType is neither 1 nor 2")]
    CertificateListType,
    /// The encoding, or the structure of the version.
    #[error(transparent)]
    Der(#[from] DerError),
    /// A number that has to fit 32 bits, and is not negative.
    #[error("{0} is no number that is read here")]
    Number(&'static str),
    /// An object identifier.
    #[error(transparent)]
    Oid(#[from] OidError),
    /// A string that is no text of its type.
    #[error("{0} is no text")]
    Text(&'static str),
    /// Neither `YYYYMMDDHHMMSSZ` nor `YYMMDDHHMMSSZ`.
    #[error("{0} is not a time as the standard writes it")]
    Time(&'static str),
    /// More than is read of one seal.
    #[error("{what} is larger than {maximum}")]
    TooLarge {
        /// `certList`, `picture`.
        what: &'static str,
        /// The limit: members, or octets.
        maximum: usize,
    },
    /// There are the versions 1, 4 and 5.
    #[error("unknown version {0} of an electronic seal")]
    UnknownVersion(u32),
    /// A seal of one version in a signature of another, whose structures differ.
    #[error("a seal of version {seal} in a signature of version {signature}")]
    VersionMismatch {
        /// By the seal's header.
        seal: u32,
        /// By what was signed.
        signature: u32,
    },
}
