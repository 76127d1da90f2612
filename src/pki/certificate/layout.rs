//! The exact bytes of a certificate's fields (RFC 5280 §4.1): what is signed, by which algorithm, for
//! which key. Everything is accounted for in one pass: an element too many anywhere down to the single
//! extension, or one whose form is not canonical, is an error.

use crate::pki::algorithm_identifier::AlgorithmIdentifier;
use crate::pki::certificate::error::CertificateError;
use crate::pki::certificate::extension::list::Extensions;
use crate::pki::der;
use crate::pki::der::DerError;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::name;

/// Where each field lies.
pub(super) struct Layout<'a> {
    pub(super) tbs: Element<'a>,
    pub(super) version: u32,
    pub(super) serial: Element<'a>,
    pub(super) signature_algorithm: AlgorithmIdentifier<'a>,
    pub(super) issuer: Element<'a>,
    pub(super) not_before: Element<'a>,
    pub(super) not_after: Element<'a>,
    pub(super) subject: Element<'a>,
    /// `SubjectPublicKeyInfo`; what it holds has still to be read.
    pub(super) public_key: Element<'a>,
    pub(super) extensions: Extensions,
    /// The BIT STRING.
    pub(super) signature: Element<'a>,
}

impl<'a> Layout<'a> {
    /// Reads `certificate`, to its last byte.
    pub(super) fn read(certificate: &'a [u8]) -> Result<Self, CertificateError> {
        let mut whole = Reader::new(certificate);
        let mut fields = whole.expect(der::SEQUENCE)?.reader();
        whole.finish()?;
        let tbs = fields.expect(der::SEQUENCE)?;
        let outer_algorithm = fields.expect(der::SEQUENCE)?;
        let signature = fields.expect(der::BIT_STRING)?;
        fields.finish()?;

        let mut fields = tbs.reader();
        let version = read_version(&mut fields)?;
        let serial = fields.expect(der::INTEGER)?;
        let inner_algorithm = fields.expect(der::SEQUENCE)?;
        if inner_algorithm.whole != outer_algorithm.whole {
            return Err(CertificateError::AlgorithmMismatch);
        }
        let signature_algorithm = AlgorithmIdentifier::read(inner_algorithm)?;
        let issuer = read_name(&mut fields)?;
        let (not_before, not_after) = read_validity(fields.expect(der::SEQUENCE)?.reader())?;
        let subject = read_name(&mut fields)?;
        let public_key = fields.expect(der::SEQUENCE)?;
        public_key.check()?;
        for unique_id in [1, 2] {
            // issuerUniqueID and subjectUniqueID: nothing uses them (RFC 5280 §4.1.2.8).
            if let Some(id) = fields.optional(der::context_primitive(unique_id))? {
                id.implicit(der::BIT_STRING)?;
            }
        }
        let extensions = read_extensions(&mut fields, version)?;
        fields.finish()?;
        Ok(Self {
            tbs,
            version,
            serial,
            signature_algorithm,
            issuer,
            not_before,
            not_after,
            subject,
            public_key,
            extensions,
            signature,
        })
    }
}

/// `version [0] EXPLICIT Version DEFAULT v1`; the number that people use, 1 to 3.
fn read_version(fields: &mut Reader<'_>) -> Result<u32, CertificateError> {
    let Some(tagged) = fields.optional(der::context_constructed(0))? else {
        return Ok(1);
    };
    let mut inner = tagged.reader();
    let version = inner.expect(der::INTEGER)?;
    inner.finish()?;
    match version.content {
        [number @ 0..=2] => Ok(u32::from(*number) + 1),
        _ => Err(CertificateError::UnknownVersion),
    }
}

fn read_name<'a>(fields: &mut Reader<'a>) -> Result<Element<'a>, CertificateError> {
    let name = fields.expect(der::SEQUENCE)?;
    name::check(&name)?;
    Ok(name)
}

fn read_validity(mut fields: Reader<'_>) -> Result<(Element<'_>, Element<'_>), DerError> {
    let not_before = fields.any()?;
    let not_after = fields.any()?;
    fields.finish()?;
    Ok((not_before, not_after))
}

/// `extensions [3] EXPLICIT Extensions OPTIONAL`.
fn read_extensions(fields: &mut Reader<'_>, version: u32) -> Result<Extensions, CertificateError> {
    let Some(tagged) = fields.optional(der::context_constructed(3))? else {
        return Ok(Extensions::default());
    };
    let mut inner = tagged.reader();
    let list = inner.expect(der::SEQUENCE)?;
    inner.finish()?;
    if version < 3 && !list.content.is_empty() {
        return Err(CertificateError::ExtensionsBeforeVersion3 { version });
    }
    Extensions::read(&list)
}
