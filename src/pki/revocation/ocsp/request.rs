//! Writing OCSP requests (RFC 6960 §4.1).

use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::public_key::PublicKey;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::pki::revocation::ocsp::certificate_id::CertificateId;

/// `id-pkix-ocsp-nonce` (RFC 6960 §4.4.1).
const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";

/// Random octets that bind a response to a request (RFC 6960 §4.4.1), as many as RFC 8954
/// allowed at most and RFC 9654, which obsoletes it, takes as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce(pub [u8; 32]);

impl Nonce {
    /// What the extension's OCTET STRING holds: an OCTET STRING of its own (RFC 9654 §2.1).
    pub(super) fn extension_value(&self) -> Vec<u8> {
        der::encode(der::OCTET_STRING, &self.0)
    }
}

/// Writes an unsigned request about one certificate, whose issuer's key is `issuer_key`.
///
/// Responders need not know every `hash`: SHA-1 is understood by all (RFC 5019 §2.1.1), in China SM3 by
/// most. Nothing rests on its strength.
#[must_use]
pub fn request_der(
    certificate: &Certificate,
    issuer_key: &PublicKey,
    hash: DigestAlgorithm,
    nonce: Option<&Nonce>,
) -> Vec<u8> {
    let sequence = |content: &[u8]| der::encode(der::SEQUENCE, content);
    let id = CertificateId::new(certificate, issuer_key, hash).to_der();
    let mut fields = sequence(&sequence(&id));
    let oid = Oid::parse(NONCE).map(|oid| oid.to_der());
    if let (Some(nonce), Ok(mut extension)) = (nonce, oid) {
        extension.extend(der::encode(der::OCTET_STRING, &nonce.extension_value()));
        let extensions = sequence(&sequence(&extension));
        fields.extend(der::encode(der::context_constructed(2), &extensions));
    }
    sequence(&sequence(&fields))
}
