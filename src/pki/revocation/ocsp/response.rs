//! The fields of a basic OCSP response (RFC 6960 §4.2.1), read to the last byte.

use crate::clock::Timestamp;
use crate::pki::algorithm_identifier::AlgorithmIdentifier;
use crate::pki::asn1_time;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::oid::Oid;
use crate::pki::revocation::extension;
use crate::pki::revocation::extension::RawExtension;
use crate::pki::revocation::ocsp::SingleResponse;
use crate::pki::revocation::ocsp::SingleStatus;
use crate::pki::revocation::ocsp::certificate_id::CertificateId;
use crate::pki::revocation::ocsp::error::OcspError;
use crate::pki::revocation::ocsp::responder::ResponderId;
use crate::pki::revocation::reason::RevocationReason;
use crate::pki::revocation::signed::Signed;

/// More certificates than this are not read from one response: a responder's own is what is needed, and
/// some send those above it as well.
const MAX_CERTIFICATES: usize = 16;

// Contents octets of the extensions that are known: id-pkix-ocsp 1.3.6.1.5.5.7.48.1, one arc more …
const NONCE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 2];
const CRL_REFERENCES: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 3];
const ARCHIVE_CUTOFF: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 6];
const EXTENDED_REVOKE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 9];
// … and those of CRL entries, which RFC 6960 §4.4.5 supports as well: 2.5.29.n.
const REASON_CODE: &[u8] = &[0x55, 0x1d, 21];
const INVALIDITY_DATE: &[u8] = &[0x55, 0x1d, 24];

/// `BasicOCSPResponse`, its parts.
pub(super) struct BasicLayout {
    pub(super) signed: Signed,
    pub(super) responder: ResponderId,
    pub(super) produced_at: Timestamp,
    pub(super) singles: Vec<SingleResponse>,
    /// Value of the nonce extension.
    pub(super) nonce: Option<Vec<u8>>,
    /// A critical extension of the response that nothing here reads.
    pub(super) unknown_critical: Option<Oid>,
    pub(super) certificates: Vec<Certificate>,
}

impl BasicLayout {
    /// Reads the contents of the OCTET STRING `octets`.
    pub(super) fn read(octets: &Element<'_>) -> Result<Self, OcspError> {
        let mut outer = octets.encapsulated();
        let basic = outer.expect(der::SEQUENCE)?;
        outer.finish()?;
        basic.check()?;
        let mut fields = basic.reader();
        let tbs = fields.expect(der::SEQUENCE)?;
        let algorithm = AlgorithmIdentifier::read(fields.expect(der::SEQUENCE)?)?;
        let signature = fields.expect(der::BIT_STRING)?.whole_octets()?;
        let certificates = read_certificates(&mut fields)?;
        fields.finish()?;

        let mut fields = tbs.reader();
        read_version(&mut fields)?;
        let responder = ResponderId::read(read_responder(&mut fields)?)?;
        let produced_at = read_time("producedAt", &fields.read()?)?;
        let mut list = fields.expect(der::SEQUENCE)?.reader();
        let mut singles = Vec::new();
        while !list.is_at_end() {
            singles.push(read_single(list.expect(der::SEQUENCE)?)?);
        }
        let mut layout = Self {
            signed: Signed::new(tbs, algorithm, signature),
            responder,
            produced_at,
            singles,
            nonce: None,
            unknown_critical: None,
            certificates,
        };
        for raw in read_extensions(&mut fields)? {
            match raw.id {
                NONCE => layout.nonce = Some(raw.value.to_vec()),
                EXTENDED_REVOKE => {}
                _ => note_critical(&mut layout.unknown_critical, &raw)?,
            }
        }
        fields.finish()?;
        Ok(layout)
    }
}

/// `version [0] EXPLICIT Version DEFAULT v1`.
fn read_version(fields: &mut Reader<'_>) -> Result<(), OcspError> {
    let Some(tagged) = fields.optional(der::context_constructed(0))? else {
        return Ok(());
    };
    let mut inner = tagged.reader();
    let version = inner.expect(der::INTEGER)?;
    inner.finish()?;
    match version.content {
        [0] => Ok(()),
        _ => Err(OcspError::UnknownVersion),
    }
}

fn read_responder<'a>(fields: &mut Reader<'a>) -> Result<Element<'a>, OcspError> {
    Ok(match fields.optional(der::context_constructed(1))? {
        Some(by_name) => by_name,
        None => fields.expect(der::context_constructed(2))?,
    })
}

/// `certs [0] EXPLICIT SEQUENCE OF Certificate OPTIONAL`. One that is no certificate to us is left out: it
/// cannot help, and whoever needs it will miss it.
fn read_certificates(fields: &mut Reader<'_>) -> Result<Vec<Certificate>, OcspError> {
    let Some(tagged) = fields.optional(der::context_constructed(0))? else {
        return Ok(Vec::new());
    };
    let mut inner = tagged.reader();
    let mut list = inner.expect(der::SEQUENCE)?.reader();
    inner.finish()?;
    let mut certificates = Vec::new();
    let mut count = 0;
    while !list.is_at_end() {
        count += 1;
        if count > MAX_CERTIFICATES {
            let maximum = MAX_CERTIFICATES;
            return Err(OcspError::TooManyCertificates { maximum });
        }
        let element = list.expect(der::SEQUENCE)?;
        certificates.extend(Certificate::parse_der(element.whole));
    }
    Ok(certificates)
}

fn read_time(field: &'static str, element: &Element<'_>) -> Result<Timestamp, OcspError> {
    asn1_time::generalized_time(element).ok_or(OcspError::Time { field })
}

fn read_single(element: Element<'_>) -> Result<SingleResponse, OcspError> {
    let mut fields = element.reader();
    let id = CertificateId::read(fields.expect(der::SEQUENCE)?)?;
    let status = read_status(&mut fields)?;
    let this_update = read_time("thisUpdate", &fields.read()?)?;
    let next_update = match fields.optional(der::context_constructed(0))? {
        Some(tagged) => {
            let mut inner = tagged.reader();
            let time = inner.read()?;
            inner.finish()?;
            Some(read_time("nextUpdate", &time)?)
        }
        None => None,
    };
    let mut single = SingleResponse {
        id,
        status,
        this_update,
        next_update,
        invalidity_date: None,
        unknown_critical: None,
    };
    for raw in read_extensions(&mut fields)? {
        match raw.id {
            CRL_REFERENCES | ARCHIVE_CUTOFF | REASON_CODE => {}
            INVALIDITY_DATE => {
                let time = der::single(raw.value)?;
                let date = asn1_time::generalized_time(&time);
                let malformed = OcspError::MalformedExtension(raw.oid()?);
                single.invalidity_date = Some(date.ok_or(malformed)?);
            }
            _ => note_critical(&mut single.unknown_critical, &raw)?,
        }
    }
    fields.finish()?;
    Ok(single)
}

/// `CertStatus ::= CHOICE { good [0] IMPLICIT NULL, revoked [1] IMPLICIT RevokedInfo, unknown [2] IMPLICIT
/// NULL }`.
fn read_status(fields: &mut Reader<'_>) -> Result<SingleStatus, OcspError> {
    if let Some(good) = fields.optional(der::context_primitive(0))? {
        good.reader().finish()?;
        return Ok(SingleStatus::Good);
    }
    if let Some(unknown) = fields.optional(der::context_primitive(2))? {
        unknown.reader().finish()?;
        return Ok(SingleStatus::Unknown);
    }
    let mut info = fields.expect(der::context_constructed(1))?.reader();
    let at = read_time("revocationTime", &info.read()?)?;
    let reason = match info.optional(der::context_constructed(0))? {
        Some(tagged) => {
            let mut inner = tagged.reader();
            let code = inner.expect(der::ENUMERATED)?;
            inner.finish()?;
            RevocationReason::from_der_content(code.content).ok_or(OcspError::Reason)?
        }
        None => RevocationReason::Unspecified,
    };
    info.finish()?;
    Ok(SingleStatus::Revoked { at, reason })
}

/// `[1] EXPLICIT Extensions OPTIONAL`.
fn read_extensions<'a>(fields: &mut Reader<'a>) -> Result<Vec<RawExtension<'a>>, OcspError> {
    let Some(tagged) = fields.optional(der::context_constructed(1))? else {
        return Ok(Vec::new());
    };
    let mut inner = tagged.reader();
    let list = inner.expect(der::SEQUENCE)?;
    inner.finish()?;
    let extensions = extension::read_all(list.reader())?;
    match extension::duplicate(&extensions) {
        Some(twice) => Err(OcspError::DuplicateExtension(twice.oid()?)),
        None => Ok(extensions),
    }
}

/// Remembers the first critical one.
fn note_critical(found: &mut Option<Oid>, raw: &RawExtension<'_>) -> Result<(), OcspError> {
    if raw.is_critical && found.is_none() {
        *found = Some(raw.oid()?);
    }
    Ok(())
}
