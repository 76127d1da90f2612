//! Who says that it answers, and who may (RFC 6960 §4.2.2.2).

use std::fmt;

use crate::clock::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::encoding::hex;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::der::Element;
use crate::pki::name::DistinguishedName;
use crate::pki::revocation::ocsp::certificate_id::key_bits;
use crate::pki::revocation::ocsp::error::OcspError;

/// `id-kp-OCSPSigning` (RFC 6960 §4.2.2.2).
const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";

/// `ResponderID` (RFC 6960 §4.2.1). It leads to the key that signed, and proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResponderId {
    /// By a digest of the key: SHA-1 by the standard; some use others.
    ByKey(Vec<u8>),
    /// By the name in its certificate.
    ByName(DistinguishedName),
}

/// Why a certificate does not make its holder a responder for an issuer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ResponderError {
    /// RFC 6960 §4.2.2.2: the certificate is not issued "directly by the CA that is identified in the
    /// request", with the key that signed the certificate in question.
    #[error("the responder's certificate is not signed with the key of the certificate's issuer")]
    NotIssuedByCa,
    /// RFC 6960 §4.2.2.2: the certificate has no `id-kp-OCSPSigning`.
    #[error("the responder's certificate is not for signing OCSP responses")]
    NotForOcsp,
    /// RFC 5280 §4.2.1.3: the key usage does not include `digitalSignature`.
    #[error("the responder's key usage does not permit signatures")]
    KeyUsage,
    /// The response was made outside the validity period of the responder's certificate.
    #[error("the responder's certificate is not valid at {at}")]
    NotValid {
        /// The time of judging.
        at: Timestamp,
    },
    /// RFC 5280 §4.2: the certificate has a critical extension that nothing here reads.
    #[error("the responder's certificate has an unknown critical extension")]
    UnknownCriticalExtension,
}

/// How one learns that a responder's own certificate is not revoked (RFC 6960 §4.2.2.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pki::revocation) enum ResponderRevocation {
    /// By evidence, as for any certificate.
    Check,
    /// `id-pkix-ocsp-nocheck`: its issuer says that "an OCSP client can trust a responder for the lifetime
    /// of the responder's certificate".
    NoCheck,
}

impl ResponderId {
    /// Whether `certificate` is of this responder.
    #[must_use]
    pub fn matches(&self, certificate: &Certificate) -> bool {
        match self {
            Self::ByKey(hash) => {
                let algorithms: &[DigestAlgorithm] = match hash.len() {
                    20 => &[DigestAlgorithm::Sha1],
                    32 => &[DigestAlgorithm::Sha256, DigestAlgorithm::Sm3],
                    _ => &[],
                };
                let bits = key_bits(certificate.public_key());
                algorithms
                    .iter()
                    .any(|algorithm| digest(*algorithm, bits).as_bytes() == hash.as_slice())
            }
            Self::ByName(name) => name.matches(certificate.subject()),
        }
    }

    /// Reads `CHOICE { byName [1] Name, byKey [2] KeyHash }`, both tags explicit (RFC 6960 appendix B.1).
    pub(super) fn read(element: Element<'_>) -> Result<Self, OcspError> {
        let mut inner = element.reader();
        if element.tag == der::context_constructed(1) {
            let name = inner.expect(der::SEQUENCE)?;
            inner.finish()?;
            return Ok(Self::ByName(DistinguishedName::parse_der(name.whole)?));
        }
        let hash = inner.expect(der::OCTET_STRING)?;
        inner.finish()?;
        Ok(Self::ByKey(hash.content.to_vec()))
    }
}

impl fmt::Display for ResponderId {
    /// The name, or `key` and the digest.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByKey(hash) => write!(f, "key {}", hex::encode(hash)),
            Self::ByName(name) => write!(f, "{name}"),
        }
    }
}

/// Whether `responder` is the certificate of somebody whom `issuer` lets answer for it; the signature of the
/// issuer on it is not looked at, which costs more than all of this.
///
/// # Errors
/// [`ResponderError`], but never [`ResponderError::NotIssuedByCa`] for the signature.
pub(in crate::pki::revocation) fn authorise(
    responder: &Certificate,
    issuer: &Certificate,
    at: Timestamp,
) -> Result<ResponderRevocation, ResponderError> {
    if !responder.issuer().matches(issuer.subject()) {
        return Err(ResponderError::NotIssuedByCa);
    }
    let is_for_ocsp = responder
        .extended_key_usage()
        .is_some_and(|purposes| purposes.iter().any(|purpose| *purpose == OCSP_SIGNING));
    if !is_for_ocsp {
        return Err(ResponderError::NotForOcsp);
    }
    if responder
        .key_usage()
        .is_some_and(|usage| !usage.digital_signature())
    {
        return Err(ResponderError::KeyUsage);
    }
    if !responder.unhandled_critical().is_empty() {
        return Err(ResponderError::UnknownCriticalExtension);
    }
    let second = at.as_unix_seconds();
    let begin = responder.not_before().as_unix_seconds();
    let end = responder.not_after().as_unix_seconds();
    if !(begin..=end).contains(&second) {
        return Err(ResponderError::NotValid { at });
    }
    Ok(match responder.has_ocsp_no_check() {
        true => ResponderRevocation::NoCheck,
        false => ResponderRevocation::Check,
    })
}
