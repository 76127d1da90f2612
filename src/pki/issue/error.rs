//! Why no certificate, or no CRL, was issued.

use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::sign::SignError;
use crate::pki::certificate::CertificateError;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::oid::OidError;
use crate::pki::revocation::crl::CrlError;
use crate::pki::revocation::reason::RevocationReason;

/// Why no certificate, or no CRL, was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// What was made does not read back.
    #[error("the certificate made cannot be read back")]
    Certificate(#[from] CertificateError),
    /// RFC 5280, Appendix A.1: a country is two letters.
    #[error("the country is not two letters")]
    Country,
    /// What was made does not read back.
    #[error("the CRL made cannot be read back")]
    Crl(#[from] CrlError),
    /// The validity period ends before it begins.
    #[error("the validity period ends before it begins")]
    Dates,
    /// The subject names an attribute type twice.
    #[error("the subject has the attribute {0} twice")]
    DuplicateAttribute(&'static str),
    /// What was made reads back, but says something else than it should.
    #[error("what was made has another {0} than asked for")]
    Inconsistent(&'static str),
    /// The certificate is of another key than the one given.
    #[error("the CA certificate is of another key")]
    KeyMismatch,
    /// The issuer's certificate is not that of a CA which may sign certificates.
    #[error("the issuer's certificate is not a CA certificate")]
    NotACa,
    /// The issuer's certificate does not let it sign CRLs (RFC 5280 §4.2.1.3).
    #[error("the issuer's certificate does not permit CRLs")]
    NotACrlIssuer,
    /// An object identifier of the profile.
    #[error(transparent)]
    Oid(#[from] OidError),
    /// The certificate would be valid when its issuer's is not.
    #[error("the validity period is not within the issuer's")]
    OutsideIssuerValidity,
    /// The issuer may not issue CA certificates (RFC 5280 §4.2.1.9).
    #[error("the issuer's path length does not permit another CA")]
    PathLength,
    /// A reason that no complete CRL gives.
    #[error("a complete CRL does not give the reason `{0}`")]
    Reason(RevocationReason),
    /// RFC 5280 §4.1.2.2: a serial number is positive.
    #[error("the serial number is not positive")]
    Serial,
    /// The key did not sign.
    #[error("the key did not sign")]
    Sign(#[source] SignError),
    /// The signature on what was made does not verify.
    #[error("what was made does not verify")]
    Signature(#[from] IssuerSignatureError),
    /// A CRL would be published where nobody can fetch it.
    #[error("`{0}` is not an HTTP address")]
    Url(String),
    /// A key was to be used for something that it does not serve.
    #[error("a key for the purpose `{}` cannot be used here", .0.name())]
    WrongPurpose(KeyPurpose),
}
