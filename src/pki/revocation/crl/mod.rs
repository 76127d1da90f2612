//! Certificate revocation lists (RFC 5280 §5): bytes from outside become a [`Crl`] here, or nowhere.
//!
//! Parsing says nothing about who signed a CRL or whether it may speak about a certificate: see
//! [`crate::pki::revocation::check`].

mod entries;
mod entry;
mod error;
mod extension;
#[cfg(test)]
pub(in crate::pki) mod fixtures;
mod issuing_distribution_point;
mod layout;
mod number;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::crypto::public_key::PublicKey;
use crate::encoding::pem;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::certificate::SerialNumber;
use crate::pki::name::DistinguishedName;
use crate::pki::revocation::crl::entries::Entries;
use crate::pki::revocation::crl::entries::Survey;
use crate::pki::revocation::crl::extension::Extensions;
use crate::pki::revocation::crl::layout::Layout;
use crate::pki::revocation::distribution_point::DistributionPoint;
use crate::pki::revocation::signed::Signed;

pub use crate::pki::revocation::crl::entry::CrlEntry;
pub use crate::pki::revocation::crl::error::CrlError;
pub use crate::pki::revocation::crl::error::CrlFlaw;
pub use crate::pki::revocation::crl::issuing_distribution_point::CoveredCertificates;
pub use crate::pki::revocation::crl::issuing_distribution_point::CoveredIssuers;
pub use crate::pki::revocation::crl::issuing_distribution_point::IssuingDistributionPoint;
pub use crate::pki::revocation::crl::number::CrlNumber;

/// More bytes than this are not read as one CRL. An entry takes some 40 bytes, 55 with a reason: a million
/// entries fit.
pub const MAX_SIZE_BYTES: usize = 64 * 1024 * 1024;

const PEM_LABEL: &str = "X509 CRL";

/// A certificate revocation list that was read to its last byte. Cheap to clone.
///
/// Holds its bytes and eight more for each entry once one was looked up. `==` compares the bytes.
#[derive(Clone)]
pub struct Crl(Arc<Fields>);

struct Fields {
    der: Vec<u8>,
    sha256: Sha256,
    version: u32,
    signed: Signed,
    issuer: DistinguishedName,
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    extensions: Extensions,
    flaw: Option<CrlFlaw>,
    entries: Entries,
}

impl Crl {
    /// Reads one DER-encoded CRL of version 1 or 2, all of `der`, which is kept and not copied.
    ///
    /// # Errors
    /// [`CrlError`], for everything that RFC 5280 §5.1 forbids and that could make two readers see two
    /// different CRLs. Let through are irregularities that decide nothing: dates before 2050 as
    /// `GeneralizedTime`, DEFAULT values spelt out, an empty list of entries, no `nextUpdate`. What
    /// forbids the use of a CRL is no error but [`Self::flaw`].
    pub fn parse_der(der: impl Into<Vec<u8>>) -> Result<Self, CrlError> {
        let der: Vec<u8> = der.into();
        if der.len() > MAX_SIZE_BYTES {
            return Err(CrlError::TooLarge {
                size_bytes: der.len(),
                max_bytes: MAX_SIZE_BYTES,
            });
        }
        let layout = Layout::read(&der)?;
        let issuer = DistinguishedName::parse_der(layout.issuer)?;
        let extensions = Extensions::read(&layout.extensions)?;
        let (entries, survey) = match &layout.entries {
            Some(list) => Entries::read(list)?,
            None => (Entries::default(), Survey::default()),
        };
        let has_extensions = survey.has_extensions || !layout.extensions.is_empty();
        if layout.version == 1 && has_extensions {
            return Err(CrlError::ExtensionsInVersion1);
        }
        let is_indirect = extensions
            .issuing_distribution_point
            .as_ref()
            .is_some_and(|point| point.issuers() == CoveredIssuers::Any);
        if survey.names_issuers && !is_indirect {
            return Err(CrlError::CertificateIssuerInDirectCrl);
        }
        let flaw = extensions.flaw.clone().or(survey.flaw);
        Ok(Self(Arc::new(Fields {
            sha256: sha256(&der),
            version: layout.version,
            signed: layout.signed,
            issuer,
            this_update: layout.this_update,
            next_update: layout.next_update,
            extensions,
            flaw,
            entries,
            der,
        })))
    }

    /// The whole encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The encoding of `tbsCertList`: what the issuer signed.
    #[must_use]
    pub fn tbs_der(&self) -> &[u8] {
        self.0.signed.tbs(&self.0.der)
    }

    /// The signature value.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        self.0.signed.signature()
    }

    /// The algorithm that the issuer signed with; `None` if we do not know it.
    #[must_use]
    pub fn signature_algorithm(&self) -> Option<SignatureAlgorithm> {
        self.0.signed.algorithm()
    }

    /// The digest of the whole encoding: what identifies a CRL here.
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        self.0.sha256
    }

    /// 1 or 2.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.0.version
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &DistinguishedName {
        &self.0.issuer
    }

    /// When it was issued.
    #[must_use]
    pub fn this_update(&self) -> Timestamp {
        self.0.this_update
    }

    /// When the next one is issued at the latest. RFC 5280 §5.1.2.5 requires it of issuers, not all heed.
    #[must_use]
    pub fn next_update(&self) -> Option<Timestamp> {
        self.0.next_update
    }

    /// Its number (RFC 5280 §5.2.3).
    #[must_use]
    pub fn number(&self) -> Option<&CrlNumber> {
        self.0.extensions.number.as_ref()
    }

    /// The number of the complete CRL that this one says the changes to (RFC 5280 §5.2.4). `None`: it is
    /// itself complete.
    #[must_use]
    pub fn base_number(&self) -> Option<&CrlNumber> {
        self.0.extensions.base_number.as_ref()
    }

    /// Which certificates and reasons it covers (RFC 5280 §5.2.5); `None`: all of its issuer's.
    #[must_use]
    pub fn issuing_distribution_point(&self) -> Option<&IssuingDistributionPoint> {
        self.0.extensions.issuing_distribution_point.as_ref()
    }

    /// Where delta CRLs to this one are (RFC 5280 §5.2.6).
    #[must_use]
    pub fn freshest_crl(&self) -> &[DistributionPoint] {
        &self.0.extensions.freshest
    }

    /// The key identifier of RFC 5280 §5.2.1: names the key that signed, if the issuer was right.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        let (_, id) = self.0.extensions.authority_key.as_ref()?;
        id.as_deref()
    }

    /// Why this CRL is not to be used for any certificate; `None`: nothing about its form forbids it.
    #[must_use]
    pub fn flaw(&self) -> Option<&CrlFlaw> {
        self.0.flaw.as_ref()
    }

    /// How many entries there are.
    #[must_use]
    pub fn entry_count(&self) -> usize {
        self.0.entries.count()
    }

    /// What it says about the certificate `serial` of `issuer`; `None`: nothing. Of several entries for
    /// one certificate the gravest.
    #[must_use]
    pub fn find(&self, issuer: &DistinguishedName, serial: &SerialNumber) -> Option<CrlEntry> {
        let entries = &self.0.entries;
        entries.find(&self.0.der, &self.0.issuer, (issuer, serial))
    }

    /// Computes whether `key` made the signature. A success is remembered with the CRL, so that asking
    /// again for the same key costs nothing.
    ///
    /// # Errors
    /// [`BadSignature`](crate::crypto::verify::VerifyError::BadSignature) inside if it did not; everything
    /// else means that it was not computed.
    pub fn verify_signature(&self, key: &PublicKey) -> Result<(), IssuerSignatureError> {
        self.0.signed.verify(&self.0.der, key)
    }

    /// Whether [`Self::verify_signature`] has found `key` to be the signer before.
    pub(in crate::pki::revocation) fn is_proven_by(&self, key: &PublicKey) -> bool {
        self.0.signed.is_proven_by(key)
    }

    /// Whether the two say whose key signed in the same words, or both not (RFC 5280 §6.3.3 (c)(3)).
    pub(in crate::pki::revocation) fn has_authority_key_of(&self, other: &Self) -> bool {
        self.0.extensions.authority_key == other.0.extensions.authority_key
    }

    /// Whether the two have the same scope by RFC 5280 §5.2.4 (b): the issuing distribution point is
    /// missing in both or says the same in both.
    pub(in crate::pki::revocation) fn has_scope_of(&self, other: &Self) -> bool {
        self.issuing_distribution_point() == other.issuing_distribution_point()
    }
}

impl PartialEq for Crl {
    fn eq(&self, other: &Self) -> bool {
        self.sha256() == other.sha256()
    }
}

impl Eq for Crl {}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Crl")
            .field("issuer", &self.issuer().to_string())
            .field("this_update", &self.this_update().to_string())
            .field("entries", &self.entry_count())
            .field("sha256", &self.sha256().to_string())
            .finish_non_exhaustive()
    }
}

/// Reads a file of CRLs: PEM with one to `max` blocks, or one DER CRL.
///
/// # Errors
/// [`CrlError`] of the first that is not a CRL; a PEM block of another kind is refused by its label.
pub fn parse_all(bytes: &[u8], max: usize) -> Result<Vec<Crl>, CrlError> {
    if !pem::looks_like_pem(bytes) {
        if bytes.is_empty() {
            return Err(CrlError::Empty);
        }
        return Ok(vec![Crl::parse_der(bytes)?]);
    }
    let mut crls = Vec::new();
    for block in pem::decode(bytes, max)? {
        if block.label != PEM_LABEL {
            return Err(CrlError::UnexpectedPemLabel(block.label));
        }
        crls.push(Crl::parse_der(block.der)?);
    }
    Ok(crls)
}
