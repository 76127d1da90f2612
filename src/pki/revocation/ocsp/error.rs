//! Why bytes are not an OCSP response that is read, and why one that is read is not used.

use crate::pki::algorithm_identifier::AlgorithmIdentifierError;
use crate::pki::der::DerError;
use crate::pki::name::NameError;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;

/// Why bytes are not an OCSP response, or not one that RFC 6960 §4.2 allows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OcspError {
    /// The encoding is not DER, or not the structure of RFC 6960 §4.2.1.
    #[error("malformed OCSP response: {0}")]
    Der(#[from] DerError),
    /// An extension occurs twice in one list.
    #[error("extension {0} occurs twice")]
    DuplicateExtension(Oid),
    /// An extension that is read does not have the form that its standard gives it.
    #[error("malformed extension {0}")]
    MalformedExtension(Oid),
    /// The responder's name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The status is `successful`, but there is no response; or the other way round (RFC 6960 §4.2.1:
    /// "If the value of responseStatus is one of the error conditions, the responseBytes field is not
    /// set").
    #[error("the status of the OCSP response does not go with its content")]
    NoResponse,
    /// An object identifier.
    #[error(transparent)]
    Oid(#[from] OidError),
    /// RFC 6960 §4.2.2.1: a time that is not `YYYYMMDDHHMMSSZ`, or does not exist.
    #[error("malformed {field} date")]
    Time {
        /// `producedAt`, `thisUpdate`, `nextUpdate` or `revocationTime`.
        field: &'static str,
    },
    /// More bytes than a response may have.
    #[error("an OCSP response of {size_bytes} bytes; at most {max_bytes} are read")]
    TooLarge {
        /// As handed in.
        size_bytes: usize,
        /// The limit.
        max_bytes: usize,
    },
    /// More certificates in it than are read.
    #[error("more than {maximum} certificates in an OCSP response")]
    TooManyCertificates {
        /// The limit.
        maximum: usize,
    },
    /// `CRLReason` is no number that a reason can be.
    #[error("malformed revocation reason")]
    Reason,
    /// RFC 6960 §4.2.1 has no such `responseStatus`.
    #[error("unknown OCSP response status")]
    UnknownStatus,
    /// RFC 6960 §4.2.1 knows version 1.
    #[error("unknown OCSP response version")]
    UnknownVersion,
    /// RFC 6960 §4.2.1: "OCSP clients SHALL be capable of receiving and processing responses of the
    /// id-pkix-ocsp-basic response type"; there is no other.
    #[error("unknown OCSP response type {0}")]
    UnsupportedType(Oid),
}

impl From<AlgorithmIdentifierError> for OcspError {
    fn from(error: AlgorithmIdentifierError) -> Self {
        match error {
            AlgorithmIdentifierError::Der(cause) => Self::Der(cause),
            AlgorithmIdentifierError::Oid(cause) => Self::Oid(cause),
        }
    }
}
