//! Why bytes are not a CRL that is read, and why one that is read is not used.

use crate::encoding::pem::PemError;
use crate::pki::algorithm_identifier::AlgorithmIdentifierError;
use crate::pki::der::DerError;
use crate::pki::name::NameError;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;

/// Why bytes are not a CRL, or not one that RFC 5280 §5 allows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// RFC 5280 §5.1.1.2: "This field MUST contain the same algorithm identifier as the signature field
    /// in the sequence tbsCertList".
    #[error("the signed and the outer signature algorithm differ")]
    AlgorithmMismatch,
    /// RFC 5280 §5.3.3: entries name certificate issuers in an indirect CRL, and this is none.
    #[error("an entry names a certificate issuer, but the CRL is not indirect")]
    CertificateIssuerInDirectCrl,
    /// The encoding is not DER, or not the structure of RFC 5280 §5.1.
    #[error("malformed CRL: {0}")]
    Der(#[from] DerError),
    /// RFC 5280 §4.2, of which §5.2 has the form: an extension occurs once.
    #[error("extension {0} occurs twice")]
    DuplicateExtension(Oid),
    /// No CRL where at least one was expected.
    #[error("there is no CRL")]
    Empty,
    /// RFC 5280 §5.1.2.1: extensions, of the CRL or of an entry, exist in version 2 only.
    #[error("a CRL of version 1 has extensions")]
    ExtensionsInVersion1,
    /// An extension that is read does not have the form that RFC 5280 gives it.
    #[error("malformed extension {0}")]
    MalformedExtension(Oid),
    /// The issuer.
    #[error(transparent)]
    Name(#[from] NameError),
    /// An object identifier.
    #[error(transparent)]
    Oid(#[from] OidError),
    /// The PEM armour around the CRLs.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// RFC 5280 §5.1.2.4 to §5.1.2.6: `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`, a date that exists.
    #[error("malformed {field} date")]
    Time {
        /// `thisUpdate`, `nextUpdate` or `revocationDate`.
        field: &'static str,
    },
    /// More bytes than a CRL may have.
    #[error("a CRL of {size_bytes} bytes; at most {max_bytes} are read")]
    TooLarge {
        /// As handed in.
        size_bytes: usize,
        /// The limit.
        max_bytes: usize,
    },
    /// A PEM block holds something else.
    #[error("a PEM block is labelled `{0}`, not `X509 CRL`")]
    UnexpectedPemLabel(String),
    /// RFC 5280 §5.1.2.1 knows version 2, and version 1 by its absence.
    #[error("unknown CRL version")]
    UnknownVersion,
}

/// Why a well-formed CRL is not used: what it says cannot be relied on, for any certificate.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrlFlaw {
    /// RFC 5280 §5.2.3: "CRL issuers conforming to this profile MUST include this extension in all CRLs
    /// and MUST mark this extension as non-critical." It is marked critical.
    #[error("the CRL number is critical")]
    CriticalNumber,
    /// RFC 5280 §5.2, §5.3: "If a CRL contains a critical extension that the application cannot process,
    /// then the application MUST NOT use that CRL to determine the status of certificates."
    #[error("the CRL has the unknown critical extension {0}")]
    UnknownCriticalExtension(Oid),
}

impl From<AlgorithmIdentifierError> for CrlError {
    fn from(error: AlgorithmIdentifierError) -> Self {
        match error {
            AlgorithmIdentifierError::Der(cause) => Self::Der(cause),
            AlgorithmIdentifierError::Oid(cause) => Self::Oid(cause),
        }
    }
}
