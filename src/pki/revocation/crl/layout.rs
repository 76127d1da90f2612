//! The fields of a CRL (RFC 5280 §5.1), each with its bytes. Everything is accounted for: an element too
//! many anywhere is an error.

use crate::clock::Timestamp;
use crate::pki::algorithm_identifier::AlgorithmIdentifier;
use crate::pki::asn1_time;
use crate::pki::der;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::revocation::crl::error::CrlError;
use crate::pki::revocation::extension;
use crate::pki::revocation::extension::RawExtension;
use crate::pki::revocation::signed::Signed;

/// The fields; entries are not read yet.
pub(super) struct Layout<'a> {
    pub(super) version: u32,
    pub(super) signed: Signed,
    /// The whole encoding of the name.
    pub(super) issuer: &'a [u8],
    pub(super) this_update: Timestamp,
    pub(super) next_update: Option<Timestamp>,
    /// `revokedCertificates`.
    pub(super) entries: Option<Element<'a>>,
    pub(super) extensions: Vec<RawExtension<'a>>,
}

impl<'a> Layout<'a> {
    pub(super) fn read(crl: &'a [u8]) -> Result<Self, CrlError> {
        let mut outer = Reader::new(crl);
        let mut fields = outer.expect(der::SEQUENCE)?.reader();
        outer.finish()?;
        let tbs = fields.expect(der::SEQUENCE)?;
        let outer_algorithm = fields.expect(der::SEQUENCE)?;
        let signature = fields.expect(der::BIT_STRING)?.whole_octets()?;
        fields.finish()?;

        let mut fields = tbs.reader();
        let version = read_version(&mut fields)?;
        let inner_algorithm = fields.expect(der::SEQUENCE)?;
        if inner_algorithm.whole != outer_algorithm.whole {
            return Err(CrlError::AlgorithmMismatch);
        }
        let algorithm = AlgorithmIdentifier::read(inner_algorithm)?;
        let issuer = fields.expect(der::SEQUENCE)?.whole;
        let this_update = read_time("thisUpdate", &fields.read()?)?;
        let next_update = match optional_time(&mut fields)? {
            Some(element) => Some(read_time("nextUpdate", &element)?),
            None => None,
        };
        let entries = fields.optional(der::SEQUENCE)?;
        let extensions = read_extensions(&mut fields)?;
        fields.finish()?;
        Ok(Self {
            version,
            signed: Signed::new(tbs, algorithm, signature),
            issuer,
            this_update,
            next_update,
            entries,
            extensions,
        })
    }
}

/// `version Version OPTIONAL -- if present, MUST be v2`.
fn read_version(fields: &mut Reader<'_>) -> Result<u32, CrlError> {
    match fields.optional(der::INTEGER)?.map(|number| number.content) {
        None => Ok(1),
        Some([1]) => Ok(2),
        Some(_) => Err(CrlError::UnknownVersion),
    }
}

fn optional_time<'a>(fields: &mut Reader<'a>) -> Result<Option<Element<'a>>, CrlError> {
    Ok(match fields.optional(der::UTC_TIME)? {
        Some(element) => Some(element),
        None => fields.optional(der::GENERALIZED_TIME)?,
    })
}

fn read_time(field: &'static str, element: &Element<'_>) -> Result<Timestamp, CrlError> {
    asn1_time::time(element).ok_or(CrlError::Time { field })
}

/// `crlExtensions [0] EXPLICIT Extensions OPTIONAL`.
fn read_extensions<'a>(fields: &mut Reader<'a>) -> Result<Vec<RawExtension<'a>>, CrlError> {
    let Some(tagged) = fields.optional(der::context_constructed(0))? else {
        return Ok(Vec::new());
    };
    let mut inner = tagged.reader();
    let list = inner.expect(der::SEQUENCE)?;
    inner.finish()?;
    let extensions = extension::read_all(list.reader())?;
    match extension::duplicate(&extensions) {
        Some(twice) => Err(CrlError::DuplicateExtension(twice.oid()?)),
        None => Ok(extensions),
    }
}
