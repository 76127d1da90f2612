//! Trust anchors: keys that are believed because somebody decided so, not because of a signature.

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::crypto::public_key::PublicKey;
use crate::pki::certificate::Certificate;
use crate::pki::name::DistinguishedName;

/// A name and a key that paths may end at (RFC 5280 §6.1.1 (d)), held as a certificate.
///
/// Who decides to trust is somebody else; here it is taken as decided. The certificate's own signature
/// is not looked at, and neither are its dates: [`Self::not_after`] is there to warn by. What its
/// extensions forbid is honoured (RFC 5937): see [`crate::pki::path`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustAnchor {
    certificate: Certificate,
}

impl TrustAnchor {
    /// Makes `certificate` an anchor.
    #[must_use]
    pub const fn new(certificate: Certificate) -> Self {
        Self { certificate }
    }

    /// The certificate that the anchor came as.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What identifies the anchor: the SHA-256 digest of its certificate.
    #[must_use]
    pub fn id(&self) -> Sha256 {
        self.certificate.sha256()
    }

    /// The name that certificates give as their issuer.
    #[must_use]
    pub fn name(&self) -> &DistinguishedName {
        self.certificate.subject()
    }

    /// The key that verifies them.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        self.certificate.public_key()
    }

    /// When its certificate ends. Paths are accepted afterwards, but the anchor wants replacing.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.certificate.not_after()
    }
}

impl From<Certificate> for TrustAnchor {
    fn from(certificate: Certificate) -> Self {
        Self::new(certificate)
    }
}
