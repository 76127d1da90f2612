//! Why bytes are not a `SignedData`.

use crate::pki::ber::BerError;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;

/// Why bytes are not a `SignedData` as it is read here.
#[derive(Debug, thiserror::Error)]
pub enum CmsError {
    /// The encoding, or the structure of RFC 5652 §5.1.
    #[error(transparent)]
    Ber(#[from] BerError),
    /// Another content type of CMS, encrypted for instance.
    #[error("content of type {0} is not signed data")]
    NotSignedData(Oid),
    /// An object identifier.
    #[error(transparent)]
    Oid(#[from] OidError),
    /// More than are read of one document.
    #[error("more than {maximum} {what}")]
    TooMany {
        /// `signers`, `certificates`.
        what: &'static str,
        /// The limit.
        maximum: usize,
    },
    /// RFC 5652 §5.1 and §5.3 know the versions 1, 3, 4 and 5; GM/T 0010 knows 1.
    #[error("unknown version of {0}")]
    UnknownVersion(&'static str),
}
