//! A CA of ours: its certificate and its key.

use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::Certificate;
use crate::pki::issue::error::IssueError;

/// A CA certificate together with its key: what certificates are issued with.
#[derive(Debug)]
pub struct IssuingCa {
    certificate: Certificate,
    key: SigningKey,
}

impl IssuingCa {
    /// Puts the two together.
    ///
    /// # Errors
    /// [`IssueError::WrongPurpose`], [`IssueError::KeyMismatch`] or [`IssueError::NotACa`] if they are
    /// not a CA.
    pub fn new(certificate: Certificate, key: SigningKey) -> Result<Self, IssueError> {
        require_ca_key(&key)?;
        if certificate.public_key().spki_der() != key.public_key().spki_der() {
            return Err(IssueError::KeyMismatch);
        }
        let is_ca = certificate
            .basic_constraints()
            .is_some_and(|constraints| constraints.is_ca);
        let signs = certificate
            .key_usage()
            .is_some_and(|usage| usage.key_cert_sign());
        if !is_ca || !signs {
            return Err(IssueError::NotACa);
        }
        Ok(Self { certificate, key })
    }

    /// The CA's certificate.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// The CA's key.
    #[must_use]
    pub const fn key(&self) -> &SigningKey {
        &self.key
    }
}

/// Keys serve one purpose each; only those of CAs sign certificates.
pub(super) fn require_ca_key(key: &SigningKey) -> Result<(), IssueError> {
    match key.purpose() {
        KeyPurpose::CertificateAuthority => Ok(()),
        other @ (KeyPurpose::Credential
        | KeyPurpose::Receipt
        | KeyPurpose::StatusList
        | KeyPurpose::Timestamp) => Err(IssueError::WrongPurpose(other)),
    }
}
