//! The authorities under which client certificates are valid.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::UnixTime;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;

use crate::clock::Clock;
use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::CertificateError;
use crate::registry::client_certificate::PresentedCertificate;

/// The authorities in force; clones share them, so that a reload reaches every connection made after it.
#[derive(Clone)]
pub struct ClientAuthorities {
    clock: Arc<dyn Clock>,
    authorities: Arc<ArcSwap<Vec<Authority>>>,
}

struct Authority {
    sha256: Sha256,
    verifier: Arc<dyn ClientCertVerifier>,
}

/// A certificate cannot be an authority.
#[derive(Debug, thiserror::Error)]
#[error("the certificate {sha256} cannot be an authority of clients")]
pub struct AuthorityError {
    sha256: Sha256,
    #[source]
    cause: rustls::Error,
}

impl ClientAuthorities {
    /// No authority: certificates count by themselves alone.
    #[must_use]
    pub fn none(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            authorities: Arc::default(),
        }
    }

    /// Puts these authorities in force in place of the others.
    ///
    /// # Errors
    /// [`AuthorityError`]; the others stay.
    pub fn replace(&self, certificates: &[Certificate]) -> Result<(), AuthorityError> {
        let read: Result<_, _> = certificates.iter().map(Authority::new).collect();
        self.authorities.store(Arc::new(read?));
        Ok(())
    }

    /// What a peer presented, with the authorities under which it is valid for client authentication now.
    ///
    /// # Errors
    /// [`CertificateError`] when it is no certificate.
    pub(in crate::http) fn present(
        &self,
        end_entity: &[u8],
        intermediates: &[CertificateDer<'_>],
    ) -> Result<PresentedCertificate, CertificateError> {
        let certificate = Certificate::parse_der(end_entity)?;
        let end_entity = CertificateDer::from(end_entity);
        let since = self.clock.now().since(Timestamp::UNIX_EPOCH);
        let now = UnixTime::since_unix_epoch(Duration::from_secs(since.as_secs()));
        let is_under = |authority: &&Authority| {
            let verified = authority
                .verifier
                .verify_client_cert(&end_entity, intermediates, now);
            verified.is_ok()
        };
        let authorities = self.authorities.load();
        let authorities = authorities.iter().filter(is_under);
        Ok(PresentedCertificate {
            certificate,
            authorities: authorities.map(|authority| authority.sha256).collect(),
        })
    }
}

impl Authority {
    fn new(certificate: &Certificate) -> Result<Self, AuthorityError> {
        let sha256 = certificate.sha256();
        let refused = |cause| AuthorityError { sha256, cause };
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from(certificate.der().to_vec()))
            .map_err(refused)?;
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
            .build()
            .map_err(|error| refused(rustls::Error::General(error.to_string())))?;
        Ok(Self { sha256, verifier })
    }
}

/// The one provider of TLS that we use.
pub(in crate::http) fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}
