//! One entry of `revokedCertificates` (RFC 5280 §5.1.2.6, §5.3).

use crate::clock::Timestamp;
use crate::pki::asn1_time;
use crate::pki::der;
use crate::pki::der::Element;
use crate::pki::general_name::GeneralName;
use crate::pki::general_name::parse_general_names;
use crate::pki::revocation::crl::error::CrlError;
use crate::pki::revocation::crl::error::CrlFlaw;
use crate::pki::revocation::extension::RawExtension;
use crate::pki::revocation::reason::RevocationReason;

// Contents octets of 2.5.29.n.
const REASON_CODE: &[u8] = &[0x55, 0x1d, 21];
const INVALIDITY_DATE: &[u8] = &[0x55, 0x1d, 24];
const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 29];

/// What a CRL says about one certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrlEntry {
    /// `revocationDate`: when the CA processed the revocation.
    pub revocation_date: Timestamp,
    /// `reasonCode`; [`RevocationReason::Unspecified`] where there is none (RFC 5280 §5.3.1).
    pub reason: RevocationReason,
    /// `invalidityDate` (RFC 5280 §5.3.2): since when the key is known or suspected to be compromised, or
    /// the certificate was invalid otherwise. May lie before the revocation.
    pub invalidity_date: Option<Timestamp>,
}

/// An entry as it stands in the CRL.
pub(super) struct RawEntry<'a> {
    /// Contents octets of the INTEGER.
    pub(super) serial: &'a [u8],
    pub(super) entry: CrlEntry,
    /// The value of `certificateIssuer`.
    pub(super) certificate_issuer: Option<&'a [u8]>,
    pub(super) has_extensions: bool,
    pub(super) flaw: Option<CrlFlaw>,
}

impl<'a> RawEntry<'a> {
    /// Reads one entry, strictly, in every level.
    pub(super) fn read(element: &Element<'a>) -> Result<Self, CrlError> {
        let mut fields = element.reader();
        let serial = fields.expect(der::INTEGER)?.content;
        let date = fields.read()?;
        let extensions = fields.optional(der::SEQUENCE)?;
        fields.finish()?;
        let revocation_date = asn1_time::time(&date).ok_or(CrlError::Time {
            field: "revocationDate",
        })?;
        let mut raw = Self {
            serial,
            entry: CrlEntry {
                revocation_date,
                reason: RevocationReason::Unspecified,
                invalidity_date: None,
            },
            certificate_issuer: None,
            has_extensions: extensions.is_some(),
            flaw: None,
        };
        if let Some(extensions) = extensions {
            raw.read_extensions(&extensions)?;
        }
        Ok(raw)
    }

    fn read_extensions(&mut self, extensions: &Element<'a>) -> Result<(), CrlError> {
        let mut list = extensions.reader();
        let mut reason = None;
        while !list.is_at_end() {
            let raw = RawExtension::read(&mut list)?;
            let is_first = match raw.id {
                REASON_CODE => reason.replace(read_reason(&raw)?).is_none(),
                INVALIDITY_DATE => {
                    let date = read_invalidity_date(&raw)?;
                    self.entry.invalidity_date.replace(date).is_none()
                }
                CERTIFICATE_ISSUER => {
                    check_certificate_issuer(&raw)?;
                    self.certificate_issuer.replace(raw.value).is_none()
                }
                _ => {
                    if raw.is_critical && self.flaw.is_none() {
                        self.flaw = Some(CrlFlaw::UnknownCriticalExtension(raw.oid()?));
                    }
                    true
                }
            };
            if !is_first {
                return Err(CrlError::DuplicateExtension(raw.oid()?));
            }
        }
        if let Some(reason) = reason {
            self.entry.reason = reason;
        }
        Ok(())
    }
}

fn read_reason(raw: &RawExtension<'_>) -> Result<RevocationReason, CrlError> {
    der::single(raw.value)
        .ok()
        .filter(|element| element.tag == der::ENUMERATED)
        .and_then(|element| RevocationReason::from_der_content(element.content))
        .ok_or(CrlError::MalformedExtension(raw.oid()?))
}

/// RFC 5280 §5.3.2: always `GeneralizedTime`.
fn read_invalidity_date(raw: &RawExtension<'_>) -> Result<Timestamp, CrlError> {
    der::single(raw.value)
        .ok()
        .and_then(|element| asn1_time::generalized_time(&element))
        .ok_or(CrlError::MalformedExtension(raw.oid()?))
}

/// RFC 5280 §5.3.3: "Conforming CRL issuers MUST include in this extension the distinguished name (DN) from
/// the issuer field of the certificate that corresponds to this CRL entry." Without one nobody could say
/// which certificate is meant.
fn check_certificate_issuer(raw: &RawExtension<'_>) -> Result<(), CrlError> {
    let names = parse_general_names(raw.value).unwrap_or_default();
    let has_name = names
        .iter()
        .any(|name| matches!(name, GeneralName::Directory(_)));
    match has_name {
        true => Ok(()),
        false => Err(CrlError::MalformedExtension(raw.oid()?)),
    }
}
