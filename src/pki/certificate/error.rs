//! Why bytes are not a certificate that we read.

use crate::crypto::public_key::KeyError;
use crate::encoding::pem::PemError;
use crate::pki::algorithm_identifier::AlgorithmIdentifierError;
use crate::pki::der::DerError;
use crate::pki::name::NameError;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;

/// Why bytes are not a certificate, or not one that RFC 5280 §4 allows.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// RFC 5280 §4.1.1.2: "This field MUST contain the same algorithm identifier as the signature
    /// field in the sequence tbsCertificate".
    #[error("the signed and the outer signature algorithm differ")]
    AlgorithmMismatch,
    /// The encoding is not DER, or not the structure of RFC 5280 §4.1.
    #[error("malformed certificate: {0}")]
    Der(#[from] DerError),
    /// RFC 5280 §4.2: "A certificate MUST NOT include more than one instance of a particular
    /// extension."
    #[error("extension {0} occurs twice")]
    DuplicateExtension(Oid),
    /// No certificate where at least one was expected.
    #[error("there is no certificate")]
    Empty,
    /// RFC 5280 §4.1.2.9: extensions exist in version 3 only.
    #[error("a certificate of version {version} has extensions")]
    ExtensionsBeforeVersion3 {
        /// 1 or 2.
        version: u32,
    },
    /// An extension that decides about validity does not have the form that its standard gives it.
    #[error("malformed extension {0}")]
    MalformedExtension(Oid),
    /// The issuer or the subject.
    #[error(transparent)]
    Name(#[from] NameError),
    /// An object identifier.
    #[error(transparent)]
    Oid(#[from] OidError),
    /// The PEM armour around the certificates.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// The subject's public key.
    #[error("malformed public key: {0}")]
    PublicKey(#[from] KeyError),
    /// RFC 5280 §4.2.1.4: "A certificate policy OID MUST NOT appear more than once in a certificate
    /// policies extension."
    #[error("certificate policy {0} occurs twice")]
    RepeatedPolicy(Oid),
    /// RFC 5280 §4.1.2.5.1, §4.1.2.5.2: `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`, a date that exists.
    #[error("malformed {field} date")]
    Time {
        /// `notBefore` or `notAfter`.
        field: &'static str,
    },
    /// More bytes than a certificate may have.
    #[error("a certificate of {size_bytes} bytes; at most {max_bytes} are read")]
    TooLarge {
        /// As handed in.
        size_bytes: usize,
        /// The limit.
        max_bytes: usize,
    },
    /// A PEM block holds something else, a private key for instance.
    #[error("a PEM block is labelled `{0}`, not `CERTIFICATE`")]
    UnexpectedPemLabel(String),
    /// RFC 5280 §4.1.2.1 knows versions 1 to 3.
    #[error("unknown certificate version")]
    UnknownVersion,
}

impl From<AlgorithmIdentifierError> for CertificateError {
    fn from(error: AlgorithmIdentifierError) -> Self {
        match error {
            AlgorithmIdentifierError::Der(error) => Self::Der(error),
            AlgorithmIdentifierError::Oid(error) => Self::Oid(error),
        }
    }
}
