//! X.509 certificates (RFC 5280 §4): bytes from outside become a [`Certificate`] here, or nowhere.
//!
//! Every byte is looked at, once: the structure, the names and the extensions that decide are read
//! strictly here, by [`crate::pki::der`]. What is asked for rarely is read when it is asked for, in part by
//! `x509-parser`, which also is the second reader in tests. Parsing says nothing about trust: see
//! [`crate::pki::path`].

mod error;
pub mod extension;
mod extensions;
#[cfg(test)]
pub(in crate::pki) mod fixtures;
mod layout;
mod serial;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::OnceLock;

use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::crypto::public_key::PublicKey;
use crate::crypto::verify::SignatureForm;
use crate::crypto::verify::VerifyError;
use crate::crypto::verify::verify_signature;
use crate::encoding::pem;
use crate::pki::asn1_time;
use crate::pki::certificate::extension::list::Extensions;
use crate::pki::certificate::layout::Layout;
use crate::pki::der::Element;
use crate::pki::name::DistinguishedName;
use crate::pki::oid::Oid;

pub use crate::pki::certificate::error::CertificateError;
pub use crate::pki::certificate::extension::BasicConstraints;
pub use crate::pki::certificate::extension::KeyUsage;
pub use crate::pki::certificate::extension::KeyUsageBit;
pub use crate::pki::certificate::extension::PolicyConstraints;
pub use crate::pki::certificate::serial::SerialIrregularity;
pub use crate::pki::certificate::serial::SerialNumber;

/// More bytes than this are not read as one certificate. Certificates in use have one or two KiB; the
/// longest signature that is standardised, of SLH-DSA (FIPS 205), has 49 856 bytes.
pub const MAX_SIZE_BYTES: usize = 64 * 1024;

/// A certificate that was read to its last byte. Cheap to clone.
///
/// `==` compares the bytes.
#[derive(Clone)]
pub struct Certificate(Arc<Fields>);

/// Ranges lie in `der`, which the names share.
struct Fields {
    der: Arc<[u8]>,
    tbs: Range<usize>,
    signature: Range<usize>,
    sha256: OnceLock<Sha256>,
    version: u32,
    serial: SerialNumber,
    signature_algorithm: Option<SignatureAlgorithm>,
    signature_algorithm_oid: Oid,
    issuer: DistinguishedName,
    subject: DistinguishedName,
    not_before: Timestamp,
    not_after: Timestamp,
    public_key: PublicKey,
    extensions: Extensions,
}

/// Why the signature on a certificate was not found to be made by a key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IssuerSignatureError {
    /// The certificate is signed with an algorithm that we do not compute.
    #[error("unsupported signature algorithm {0}")]
    UnsupportedAlgorithm(Oid),
    /// It was computed and is wrong, or cannot be computed with this key.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

impl Certificate {
    /// Reads one DER-encoded certificate of version 1, 2 or 3, all of `der`.
    ///
    /// # Errors
    /// [`CertificateError`], for everything that RFC 5280 §4.1 and §4.2 forbid and that could make two
    /// readers see two different certificates. Irregularities that certificates in use have and that
    /// decide nothing are taken in: odd serial numbers ([`SerialNumber::irregularity`]), dates before
    /// 2050 as `GeneralizedTime`, members of a SET out of order, DEFAULT values spelt out.
    pub fn parse_der(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > MAX_SIZE_BYTES {
            return Err(CertificateError::TooLarge {
                size_bytes: der.len(),
                max_bytes: MAX_SIZE_BYTES,
            });
        }
        let layout = Layout::read(der)?;
        let public_key = PublicKey::from_spki_der(layout.public_key.whole)?;
        let time = |element: Element<'_>, field| {
            asn1_time::time(&element).ok_or(CertificateError::Time { field })
        };
        let bytes: Arc<[u8]> = der.into();
        let name = |element: Element<'_>| {
            DistinguishedName::of_checked(Arc::clone(&bytes), element.range())
        };
        Ok(Self(Arc::new(Fields {
            tbs: layout.tbs.range(),
            signature: signature_range(&layout.signature),
            sha256: OnceLock::new(),
            version: layout.version,
            serial: SerialNumber::from_der_content(layout.serial.content),
            signature_algorithm: layout.signature_algorithm.signature_algorithm(),
            signature_algorithm_oid: layout.signature_algorithm.oid,
            issuer: name(layout.issuer),
            subject: name(layout.subject),
            not_before: time(layout.not_before, "notBefore")?,
            not_after: time(layout.not_after, "notAfter")?,
            public_key,
            extensions: layout.extensions,
            der: bytes,
        })))
    }

    /// The whole encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The encoding of `tbsCertificate`: what the issuer signed.
    #[must_use]
    pub fn tbs_der(&self) -> &[u8] {
        self.bytes(&self.0.tbs)
    }

    /// The signature value. Empty if its bits do not fill their last octet: no algorithm makes such, and
    /// none verifies nothing.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.bytes(&self.0.signature)
    }

    /// The digest of the whole encoding: what identifies a certificate here.
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        *self.0.sha256.get_or_init(|| sha256(self.der()))
    }

    /// 1, 2 or 3.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.0.version
    }

    /// The serial number, which is the issuer's and may be irregular.
    #[must_use]
    pub fn serial(&self) -> &SerialNumber {
        &self.0.serial
    }

    /// Who is certified. May be empty in an end-entity certificate (RFC 5280 §4.1.2.6).
    #[must_use]
    pub fn subject(&self) -> &DistinguishedName {
        &self.0.subject
    }

    /// Who certifies.
    #[must_use]
    pub fn issuer(&self) -> &DistinguishedName {
        &self.0.issuer
    }

    /// Whether subject and issuer are the same entity (RFC 5280 §3.2); says nothing about the key.
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.subject().matches(self.issuer())
    }

    /// The first second of the validity period.
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.0.not_before
    }

    /// The last second of the validity period, which it includes (RFC 5280 §4.1.2.5).
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.0.not_after
    }

    /// The certified key. It may be of a kind with which nothing can be verified.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.0.public_key
    }

    /// The algorithm that the issuer signed with; `None` if we do not know it.
    #[must_use]
    pub fn signature_algorithm(&self) -> Option<SignatureAlgorithm> {
        self.0.signature_algorithm
    }

    /// The identifier of that algorithm, known or not.
    #[must_use]
    pub fn signature_algorithm_oid(&self) -> &Oid {
        &self.0.signature_algorithm_oid
    }

    /// Computes whether `issuer_key` made the signature on this certificate.
    ///
    /// # Errors
    /// [`VerifyError::BadSignature`] inside if it did not; everything else means that it was not
    /// computed.
    pub fn verify_signature(&self, issuer_key: &PublicKey) -> Result<(), IssuerSignatureError> {
        let Some(algorithm) = self.signature_algorithm() else {
            let oid = self.signature_algorithm_oid().clone();
            return Err(IssuerSignatureError::UnsupportedAlgorithm(oid));
        };
        verify_signature(
            algorithm,
            issuer_key,
            self.tbs_der(),
            self.signature(),
            SignatureForm::Der,
        )?;
        Ok(())
    }

    fn bytes(&self, range: &Range<usize>) -> &[u8] {
        self.0.der.get(range.clone()).unwrap_or_default()
    }
}

/// Where the octets of a BIT STRING lie; nowhere if there are unused bits.
fn signature_range(bit_string: &Element<'_>) -> Range<usize> {
    let range = bit_string.content_range();
    match bit_string.whole_octets() {
        Ok(octets) => range.end.saturating_sub(octets.len())..range.end,
        Err(_) => 0..0,
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der() == other.der()
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject().to_string())
            .field("issuer", &self.issuer().to_string())
            .field("serial", &self.serial().to_string())
            .field("sha256", &self.sha256().to_string())
            .finish_non_exhaustive()
    }
}

/// Reads a file of certificates: PEM with one to `max` blocks, or one DER certificate.
///
/// # Errors
/// [`CertificateError`] of the first that is not a certificate; a PEM block of another kind (a private
/// key!) is refused by its label.
pub fn parse_all(bytes: &[u8], max: usize) -> Result<Vec<Certificate>, CertificateError> {
    if !pem::looks_like_pem(bytes) {
        if bytes.is_empty() {
            return Err(CertificateError::Empty);
        }
        return Ok(vec![Certificate::parse_der(bytes)?]);
    }
    let mut certificates = Vec::new();
    for block in pem::decode(bytes, max)? {
        if block.label != "CERTIFICATE" {
            return Err(CertificateError::UnexpectedPemLabel(block.label));
        }
        certificates.push(Certificate::parse_der(&block.der)?);
    }
    if certificates.is_empty() {
        return Err(CertificateError::Empty);
    }
    Ok(certificates)
}
