//! The exact bytes of a certificate's fields (RFC 5280 §4.1): what is signed, by which algorithm, for
//! which key. Everything is accounted for: an element too many anywhere down to the single extension
//! is an error.

use std::collections::BTreeSet;

use crate::pki::certificate::error::CertificateError;
use crate::pki::der;
use crate::pki::der::DerError;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::oid::Oid;

/// Where each field lies; every slice is a whole encoding unless it says otherwise.
pub(super) struct Layout<'a> {
    pub(super) tbs: &'a [u8],
    pub(super) version: u32,
    /// Contents octets of the INTEGER.
    pub(super) serial: &'a [u8],
    pub(super) signature_algorithm: AlgorithmIdentifier<'a>,
    pub(super) issuer: &'a [u8],
    pub(super) not_before: Element<'a>,
    pub(super) not_after: Element<'a>,
    pub(super) subject: &'a [u8],
    pub(super) public_key: &'a [u8],
    pub(super) extensions: Vec<RawExtension<'a>>,
    /// The octets of the BIT STRING.
    pub(super) signature: &'a [u8],
}

/// RFC 5280 §4.1.1.2.
pub(super) struct AlgorithmIdentifier<'a> {
    pub(super) oid: Oid,
    pub(super) parameters: Option<&'a [u8]>,
}

/// RFC 5280 §4.2; `value` is what the OCTET STRING holds.
pub(super) struct RawExtension<'a> {
    pub(super) oid: Oid,
    pub(super) is_critical: bool,
    pub(super) value: &'a [u8],
}

impl<'a> Layout<'a> {
    /// Reads `certificate`, whose canonical form [`der::check`] has established.
    pub(super) fn read(certificate: &'a [u8]) -> Result<Self, CertificateError> {
        let mut fields = Reader::new(certificate).expect(der::SEQUENCE)?.reader();
        let tbs = fields.expect(der::SEQUENCE)?;
        let outer_algorithm = fields.expect(der::SEQUENCE)?;
        let signature = fields.expect(der::BIT_STRING)?.whole_octets()?;
        fields.finish()?;

        let mut fields = tbs.reader();
        let version = read_version(&mut fields)?;
        let serial = fields.expect(der::INTEGER)?.content;
        let inner_algorithm = fields.expect(der::SEQUENCE)?;
        if inner_algorithm.whole != outer_algorithm.whole {
            return Err(CertificateError::AlgorithmMismatch);
        }
        let issuer = fields.expect(der::SEQUENCE)?.whole;
        let (not_before, not_after) = read_validity(fields.expect(der::SEQUENCE)?.reader())?;
        let subject = fields.expect(der::SEQUENCE)?.whole;
        let public_key = fields.expect(der::SEQUENCE)?.whole;
        // issuerUniqueID [1] and subjectUniqueID [2]: nothing uses them (RFC 5280 §4.1.2.8).
        fields.optional(der::context_primitive(1))?;
        fields.optional(der::context_primitive(2))?;
        let extensions = read_extensions(&mut fields)?;
        fields.finish()?;

        if version < 3 && !extensions.is_empty() {
            return Err(CertificateError::ExtensionsBeforeVersion3 { version });
        }
        Ok(Self {
            tbs: tbs.whole,
            version,
            serial,
            signature_algorithm: read_algorithm(inner_algorithm)?,
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

fn read_algorithm(element: Element<'_>) -> Result<AlgorithmIdentifier<'_>, CertificateError> {
    let mut fields = element.reader();
    let oid = fields.expect(der::OBJECT_IDENTIFIER)?;
    let parameters = if fields.is_at_end() {
        None
    } else {
        Some(fields.read()?.whole)
    };
    fields.finish()?;
    Ok(AlgorithmIdentifier {
        oid: Oid::from_der_content(oid.content)?,
        parameters,
    })
}

fn read_validity(mut fields: Reader<'_>) -> Result<(Element<'_>, Element<'_>), DerError> {
    let not_before = fields.read()?;
    let not_after = fields.read()?;
    fields.finish()?;
    Ok((not_before, not_after))
}

/// `extensions [3] EXPLICIT Extensions OPTIONAL`.
fn read_extensions<'a>(fields: &mut Reader<'a>) -> Result<Vec<RawExtension<'a>>, CertificateError> {
    let Some(tagged) = fields.optional(der::context_constructed(3))? else {
        return Ok(Vec::new());
    };
    let mut inner = tagged.reader();
    let mut list = inner.expect(der::SEQUENCE)?.reader();
    inner.finish()?;

    let mut extensions = Vec::new();
    let mut seen = BTreeSet::new();
    while !list.is_at_end() {
        let extension = read_extension(list.expect(der::SEQUENCE)?.reader())?;
        if !seen.insert(extension.oid.clone()) {
            return Err(CertificateError::DuplicateExtension(extension.oid));
        }
        extensions.push(extension);
    }
    Ok(extensions)
}

fn read_extension(mut fields: Reader<'_>) -> Result<RawExtension<'_>, CertificateError> {
    let oid = fields.expect(der::OBJECT_IDENTIFIER)?;
    let critical = fields.optional(der::BOOLEAN)?;
    let value = fields.expect(der::OCTET_STRING)?;
    fields.finish()?;
    Ok(RawExtension {
        oid: Oid::from_der_content(oid.content)?,
        is_critical: critical.is_some_and(|boolean| boolean.content != [0]),
        value: value.content,
    })
}
