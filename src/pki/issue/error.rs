//! Why no certificate was issued.

use crate::crypto::key_purpose::KeyPurpose;
use crate::pki::certificate::CertificateError;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::oid::OidError;

/// Why no certificate was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// What was made does not read back.
    #[error("the certificate made cannot be read back")]
    Certificate(#[from] CertificateError),
    /// The validity period ends before it begins.
    #[error("the validity period ends before it begins")]
    Dates,
    /// The subject names an attribute type twice.
    #[error("the subject has the attribute {0} twice")]
    DuplicateAttribute(&'static str),
    /// The encoder refused; the text is its own.
    #[error("the certificate cannot be encoded")]
    Encoding(#[source] rcgen::Error),
    /// What was made reads back, but says something else than it should.
    #[error("the certificate made has another {0} than asked for")]
    Inconsistent(&'static str),
    /// The certificate is of another key than the one given.
    #[error("the CA certificate is of another key")]
    KeyMismatch,
    /// The issuer's certificate is not that of a CA which may sign certificates.
    #[error("the issuer's certificate is not a CA certificate")]
    NotACa,
    /// An object identifier of the profile.
    #[error(transparent)]
    Oid(#[from] OidError),
    /// The identifier of an extension or attribute has an arc of more than 64 bits.
    #[error("object identifier {0} cannot be encoded")]
    OidTooLarge(String),
    /// The certificate would be valid when its issuer's is not.
    #[error("the validity period is not within the issuer's")]
    OutsideIssuerValidity,
    /// The issuer may not issue CA certificates (RFC 5280 §4.2.1.9).
    #[error("the issuer's path length does not permit another CA")]
    PathLength,
    /// RFC 5280 §4.1.2.2: a serial number is positive.
    #[error("the serial number is not positive")]
    Serial,
    /// The signature on what was made does not verify.
    #[error("the certificate made does not verify")]
    Signature(#[from] IssuerSignatureError),
    /// A key was to be used for something that it does not serve.
    #[error("a key for the purpose `{}` cannot be used here", .0.name())]
    WrongPurpose(KeyPurpose),
}
