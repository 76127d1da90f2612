//! The extensions of a CRL (RFC 5280 §5.2): which we know, and what they say.

use crate::pki::der;
use crate::pki::der::Reader;
use crate::pki::revocation::crl::error::CrlError;
use crate::pki::revocation::crl::error::CrlFlaw;
use crate::pki::revocation::crl::issuing_distribution_point::IssuingDistributionPoint;
use crate::pki::revocation::crl::number::CrlNumber;
use crate::pki::revocation::distribution_point::DistributionPoint;
use crate::pki::revocation::distribution_point::parse_distribution_points;
use crate::pki::revocation::extension::RawExtension;

// Contents octets of 2.5.29.n.
const CRL_NUMBER: &[u8] = &[0x55, 0x1d, 20];
const DELTA_CRL_INDICATOR: &[u8] = &[0x55, 0x1d, 27];
const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1d, 28];
const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 35];
const FRESHEST_CRL: &[u8] = &[0x55, 0x1d, 46];

/// What the extensions of one CRL say.
///
/// Any other extension is skipped, or makes the CRL unusable if it is critical. RFC 5280 wants some of
/// those that are read critical and others not; only that of the CRL number is insisted on, because
/// processing an extension that one may skip, or that one must not, comes to the same.
#[derive(Debug, Default)]
pub(super) struct Extensions {
    /// The value as it stands, for comparing, and the identifier within.
    pub(super) authority_key: Option<(Vec<u8>, Option<Vec<u8>>)>,
    pub(super) number: Option<CrlNumber>,
    pub(super) base_number: Option<CrlNumber>,
    pub(super) issuing_distribution_point: Option<IssuingDistributionPoint>,
    pub(super) freshest: Vec<DistributionPoint>,
    pub(super) flaw: Option<CrlFlaw>,
}

impl Extensions {
    pub(super) fn read(list: &[RawExtension<'_>]) -> Result<Self, CrlError> {
        let mut extensions = Self::default();
        for raw in list {
            if extensions.take(raw)?.is_none() {
                return Err(CrlError::MalformedExtension(raw.oid()?));
            }
        }
        Ok(extensions)
    }

    /// Keeps what an extension says; `Ok(None)` if it is one that is read, and does not have its form.
    fn take(&mut self, raw: &RawExtension<'_>) -> Result<Option<()>, CrlError> {
        let taken = match raw.id {
            AUTHORITY_KEY_IDENTIFIER => key_identifier(raw.value)
                .map(|id| self.authority_key = Some((raw.value.to_vec(), id))),
            CRL_NUMBER => {
                if raw.is_critical {
                    self.flaw.get_or_insert(CrlFlaw::CriticalNumber);
                }
                CrlNumber::from_der(raw.value).map(|number| self.number = Some(number))
            }
            DELTA_CRL_INDICATOR => {
                CrlNumber::from_der(raw.value).map(|number| self.base_number = Some(number))
            }
            ISSUING_DISTRIBUTION_POINT => IssuingDistributionPoint::from_der(raw.value)
                .map(|point| self.issuing_distribution_point = Some(point)),
            FRESHEST_CRL => parse_distribution_points(raw.value)
                .ok()
                .map(|points| self.freshest = points),
            _ => {
                if raw.is_critical && self.flaw.is_none() {
                    self.flaw = Some(CrlFlaw::UnknownCriticalExtension(raw.oid()?));
                }
                Some(())
            }
        };
        Ok(taken)
    }
}

/// `keyIdentifier [0]` of an `AuthorityKeyIdentifier` (RFC 5280 §4.2.1.1); the outer `None` if it is not
/// one.
fn key_identifier(value: &[u8]) -> Option<Option<Vec<u8>>> {
    der::check(value).ok()?;
    let mut fields = Reader::new(value).expect(der::SEQUENCE).ok()?.reader();
    let id = fields.optional(der::context_primitive(0)).ok()?;
    fields.optional(der::context_constructed(1)).ok()?;
    fields.optional(der::context_primitive(2)).ok()?;
    fields.finish().ok()?;
    Some(id.map(|id| id.content.to_vec()))
}
