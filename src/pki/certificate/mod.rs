//! X.509 certificates (RFC 5280 §4): bytes from outside become a [`Certificate`] here, or nowhere.
//!
//! `x509-parser` reads the structure; since it is lenient, [`crate::pki::der`] goes over the bytes
//! before it and everything that signatures and decisions rest on is taken from that strict reading.
//! Parsing says nothing about trust: see [`crate::pki::path`].

mod error;
pub mod extension;
#[cfg(test)]
pub(in crate::pki) mod fixtures;
mod layout;
mod serial;

use std::fmt;
use std::sync::Arc;

use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::prelude::FromDer;
use x509_parser::time::ASN1Time;

use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::crypto::public_key::PublicKey;
use crate::crypto::verify::SignatureForm;
use crate::crypto::verify::VerifyError;
use crate::crypto::verify::verify_signature;
use crate::encoding::pem;
use crate::pki::certificate::extension::Extensions;
use crate::pki::certificate::layout::Layout;
use crate::pki::der;
use crate::pki::der::Element;
use crate::pki::name;
use crate::pki::name::DistinguishedName;
use crate::pki::oid::Oid;

pub use crate::pki::certificate::error::CertificateError;
pub use crate::pki::certificate::extension::BasicConstraints;
pub use crate::pki::certificate::extension::KeyUsage;
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

struct Fields {
    der: Vec<u8>,
    tbs_der: Vec<u8>,
    signature: Vec<u8>,
    sha256: Sha256,
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
        der::check(der)?;
        let layout = Layout::read(der)?;
        let (_, parsed) = X509Certificate::from_der(der).map_err(X509Error::from)?;
        if parsed.extensions().len() != layout.extensions.len() {
            return Err(X509Error::InvalidExtensions.into());
        }
        let validity = parsed.validity();
        Ok(Self(Arc::new(Fields {
            der: der.to_vec(),
            tbs_der: layout.tbs.to_vec(),
            signature: layout.signature.to_vec(),
            sha256: sha256(der),
            version: layout.version,
            serial: SerialNumber::from_der_content(layout.serial),
            signature_algorithm: SignatureAlgorithm::from_oid(
                layout.signature_algorithm.oid.as_str(),
                layout.signature_algorithm.parameters,
            ),
            signature_algorithm_oid: layout.signature_algorithm.oid,
            issuer: DistinguishedName::parse_der(layout.issuer)?,
            subject: DistinguishedName::parse_der(layout.subject)?,
            not_before: timestamp(layout.not_before, validity.not_before)
                .ok_or(CertificateError::Time { field: "notBefore" })?,
            not_after: timestamp(layout.not_after, validity.not_after)
                .ok_or(CertificateError::Time { field: "notAfter" })?,
            public_key: PublicKey::from_spki_der(layout.public_key)?,
            extensions: Extensions::read(layout.extensions, parsed.extensions())?,
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
        &self.0.tbs_der
    }

    /// The signature value.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.0.signature
    }

    /// The digest of the whole encoding: what identifies a certificate here.
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        self.0.sha256
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

    /// RFC 5280 §4.2.1.9.
    #[must_use]
    pub fn basic_constraints(&self) -> Option<BasicConstraints> {
        self.0.extensions.basic_constraints
    }

    /// RFC 5280 §4.2.1.3. Absence means that the issuer restricts nothing.
    #[must_use]
    pub fn key_usage(&self) -> Option<KeyUsage> {
        self.0.extensions.key_usage
    }

    /// RFC 5280 §4.2.1.12; at least one where present. Absence means that the issuer restricts nothing.
    #[must_use]
    pub fn extended_key_usage(&self) -> Option<&[Oid]> {
        self.0.extensions.extended_key_usage.as_deref()
    }

    /// The policies that the issuer claims to have followed (RFC 5280 §4.2.1.4), without qualifiers.
    #[must_use]
    pub fn certificate_policies(&self) -> &[Oid] {
        &self.0.extensions.certificate_policies
    }

    /// RFC 5280 §4.2.1.2: names the certified key. Of any length.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.0.extensions.subject_key_id.as_deref()
    }

    /// The key identifier of RFC 5280 §4.2.1.1: names the key that signed, if the issuer was right.
    #[must_use]
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.0.extensions.authority_key_id.as_deref()
    }

    /// The critical extensions that nothing here reads. A certificate that has one is unusable
    /// (RFC 5280 §4.2: "MUST reject the certificate if it encounters a critical extension it does not
    /// recognize").
    #[must_use]
    pub fn unhandled_critical(&self) -> &[Oid] {
        &self.0.extensions.unhandled_critical
    }

    /// What the OCTET STRING of the extension `oid` (dotted) holds.
    #[must_use]
    pub fn extension_value(&self, oid: &str) -> Option<&[u8]> {
        self.extension(oid).map(|(_, value)| value)
    }

    /// Whether the extension `oid` (dotted) is there and critical.
    #[must_use]
    pub fn is_extension_critical(&self, oid: &str) -> bool {
        self.extension(oid).is_some_and(|(critical, _)| critical)
    }

    /// The text of an extension whose value is one string, as the identity extensions of Chinese CAs
    /// are (GM/T 0015); where the string has no DER wrapping, as some write it, its octets. Control and
    /// bidirectional characters are removed.
    #[must_use]
    pub fn extension_text(&self, oid: &str) -> Option<String> {
        let value = self.extension_value(oid)?;
        name::text_of_string(value).or_else(|| {
            let bare = std::str::from_utf8(value).ok()?;
            let printable = bare.bytes().all(|byte| (0x20..0x7f).contains(&byte));
            (printable && !bare.is_empty()).then(|| bare.to_owned())
        })
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

    fn extension(&self, oid: &str) -> Option<(bool, &[u8])> {
        let mut values = self.0.extensions.values.iter();
        let (_, critical, value) = values.find(|(found, _, _)| *found == oid)?;
        Some((*critical, value))
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.sha256() == other.sha256()
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

/// Checks the form that RFC 5280 §4.1.2.5.1 and §4.1.2.5.2 prescribe, to the second and in UTC, which
/// `x509-parser` does not, and takes its value. `GeneralizedTime` before 2050 is let through, as NIST's
/// PKITS 4.2.4 asks.
fn timestamp(element: Element<'_>, value: ASN1Time) -> Option<Timestamp> {
    let digits = match element.tag {
        der::UTC_TIME => 12,
        der::GENERALIZED_TIME => 14,
        _ => return None,
    };
    let (zone, date) = element.content.split_last()?;
    let as_prescribed =
        *zone == b'Z' && date.len() == digits && date.iter().all(u8::is_ascii_digit);
    as_prescribed.then(|| Timestamp::from_unix_seconds(value.timestamp()))?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::pki::certificate::fixtures::Parts;
    use crate::pki::certificate::fixtures::common_name;
    use crate::pki::certificate::fixtures::extension;
    use crate::pki::certificate::fixtures::sequence;
    use crate::pki::certificate::fixtures::validity;
    use crate::pki::certificate::fixtures::version;
    use crate::pki::der::DerErrorKind;

    use super::*;

    fn parse(parts: &Parts) -> Result<Certificate, CertificateError> {
        Certificate::parse_der(&parts.der())
    }

    /// `Parts::good()` with one thing changed.
    fn changed(change: impl FnOnce(&mut Parts)) -> Parts {
        let mut parts = Parts::good();
        change(&mut parts);
        parts
    }

    fn refusal(change: impl FnOnce(&mut Parts)) -> String {
        parse(&changed(change)).unwrap_err().to_string()
    }

    #[test]
    fn every_field_is_read() {
        let certificate = parse(&Parts::good()).unwrap();
        assert_eq!(certificate.version(), 3);
        assert_eq!(certificate.serial().to_string(), "1234");
        assert_eq!(certificate.subject().to_string(), "CN=Subject");
        assert_eq!(certificate.issuer().to_string(), "CN=Issuer");
        assert_eq!(certificate.not_before().to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(certificate.not_after().to_string(), "2056-01-01T00:00:00Z");
        assert_eq!(certificate.signature(), [1, 2, 3]);
        assert_eq!(
            certificate.signature_algorithm().unwrap().name(),
            "ECDSA-SHA256"
        );
        assert!(certificate.key_usage().unwrap().digital_signature());
        assert!(!certificate.key_usage().unwrap().key_cert_sign());
        assert!(!certificate.is_self_issued());
        assert!(certificate.unhandled_critical().is_empty());
        assert_eq!(certificate.sha256(), sha256(certificate.der()));
        assert_eq!(
            &certificate.der()[3..3 + certificate.tbs_der().len()],
            certificate.tbs_der()
        );
    }

    #[test]
    fn older_versions_are_read_without_extensions() {
        let old = |number: &[u8]| {
            let number = number.to_vec();
            move |parts: &mut Parts| {
                parts.version = number;
                parts.extensions = Vec::new();
            }
        };
        assert_eq!(parse(&changed(old(&[]))).unwrap().version(), 1);
        let second = parse(&changed(old(&version(1)))).unwrap();
        assert_eq!(second.version(), 2);
        assert_eq!(
            refusal(|parts| parts.version = version(1)),
            "a certificate of version 2 has extensions"
        );
        assert_eq!(
            refusal(|parts| parts.version = version(3)),
            "unknown certificate version"
        );
    }

    #[test]
    fn cut_off_and_trailing_bytes_are_refused() {
        let good = Parts::good().der();
        for end in 0..good.len() {
            assert!(Certificate::parse_der(&good[..end]).is_err(), "{end}");
        }
        let mut trailing = good.clone();
        trailing.push(0);
        let error = Certificate::parse_der(&trailing).unwrap_err();
        assert!(
            matches!(error, CertificateError::Der(e) if e.kind == DerErrorKind::TrailingBytes),
            "{error}"
        );
    }

    #[test]
    fn an_element_too_many_is_refused_wherever_it_stands() {
        let null = [0x05, 0x00];
        let changes: [fn(&mut Parts, Vec<u8>); 7] = [
            |parts, null| parts.after_signature = null,
            |parts, null| parts.after_tbs_fields = null,
            |parts, null| parts.validity = sequence(&[parts.validity[2..].to_vec(), null]),
            |parts, null| parts.extensions.push(null),
            |parts, null| {
                parts.extensions[0] = sequence(&[parts.extensions[0][2..].to_vec(), null])
            },
            |parts, null| {
                parts.version = der::encode(
                    der::context_constructed(0),
                    &[version(2)[2..].to_vec(), null].concat(),
                )
            },
            |parts, null| {
                let members = [parts.inner_algorithm[2..].to_vec(), null.clone(), null];
                parts.inner_algorithm = sequence(&members);
                parts.outer_algorithm = parts.inner_algorithm.clone();
            },
        ];
        for change in changes {
            let error = parse(&changed(|parts| change(parts, null.to_vec()))).unwrap_err();
            assert!(matches!(error, CertificateError::Der(_)), "{error}");
        }
    }

    #[test]
    fn lengths_that_are_not_minimal_are_refused() {
        let error = refusal(|parts| parts.serial = vec![0x02, 0x81, 0x01, 0x05]);
        assert!(
            error.ends_with("length is not encoded in the fewest octets"),
            "{error}"
        );
        let error = refusal(|parts| parts.serial = vec![0x02, 0x02, 0x00, 0x05]);
        assert!(
            error.ends_with("INTEGER is empty or has superfluous octets"),
            "{error}"
        );
    }

    #[test]
    fn both_algorithm_identifiers_are_the_same_bytes() {
        let error = refusal(|parts| {
            let oid = Oid::parse("1.2.840.10045.4.3.2").unwrap().to_der();
            parts.outer_algorithm = sequence(&[oid, vec![0x05, 0x00]]);
        });
        assert_eq!(error, "the signed and the outer signature algorithm differ");
    }

    #[test]
    fn an_extension_occurs_once() {
        let error = refusal(|parts| parts.extensions.push(parts.extensions[0].clone()));
        assert_eq!(error, "extension 2.5.29.15 occurs twice");
    }

    #[test]
    fn serial_numbers_may_be_odd() {
        let serial = |content: &[u8]| {
            let content = content.to_vec();
            parse(&changed(|parts| {
                parts.serial = der::encode(der::INTEGER, &content)
            }))
            .unwrap()
            .serial()
            .clone()
        };
        assert_eq!(
            serial(&[0xff]).irregularity(),
            Some(SerialIrregularity::Negative)
        );
        assert_ne!(serial(&[0xff]), serial(&[0x00, 0xff]));
        assert_eq!(
            serial(&[0x01; 30]).irregularity(),
            Some(SerialIrregularity::TooLong)
        );
    }

    #[test]
    fn dates_have_one_form() {
        let not_after = |tag: u8, text: &str| {
            let end = der::encode(tag, text.as_bytes());
            let begin = der::encode(der::UTC_TIME, b"260101000000Z");
            parse(&changed(|parts| parts.validity = validity(begin, end)))
                .map(|certificate| certificate.not_after().to_string())
        };
        for (tag, text, expected) in [
            (der::UTC_TIME, "491231235959Z", "2049-12-31T23:59:59Z"),
            (der::UTC_TIME, "500101000000Z", "1950-01-01T00:00:00Z"),
            (der::UTC_TIME, "000229000000Z", "2000-02-29T00:00:00Z"),
            (
                der::GENERALIZED_TIME,
                "20261231235959Z",
                "2026-12-31T23:59:59Z",
            ),
            (
                der::GENERALIZED_TIME,
                "99991231235959Z",
                "9999-12-31T23:59:59Z",
            ),
        ] {
            assert_eq!(not_after(tag, text).unwrap(), expected);
        }
        for (tag, text) in [
            (der::UTC_TIME, "2612312359Z"),
            (der::UTC_TIME, "261231235959"),
            (der::UTC_TIME, "261231235959+0000"),
            (der::UTC_TIME, "261331235959Z"),
            (der::UTC_TIME, "260230000000Z"),
            (der::UTC_TIME, "26123123595aZ"),
            (der::UTC_TIME, "20261231235959Z"),
            (der::GENERALIZED_TIME, "20261231235959.5Z"),
            (der::GENERALIZED_TIME, "20261231235959"),
            (der::GENERALIZED_TIME, "20261231235959+0800"),
            (der::GENERALIZED_TIME, "202612312359Z"),
            (der::GENERALIZED_TIME, "20261231240000Z"),
            (der::GENERALIZED_TIME, "00001231235959Z"),
            (der::UTF8_STRING, "261231235959Z"),
        ] {
            assert!(not_after(tag, text).is_err(), "{text}");
        }
    }

    #[test]
    fn extensions_are_read() {
        let basic = [0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, 0x03];
        let purpose = sequence(&[Oid::parse("1.3.6.1.5.5.7.3.30").unwrap().to_der()]);
        let policy = sequence(&[sequence(&[Oid::parse("1.2.3.4").unwrap().to_der()])]);
        let certificate = parse(&changed(|parts| {
            parts.extensions.extend([
                extension(extension::BASIC_CONSTRAINTS, true, &basic),
                extension(extension::EXTENDED_KEY_USAGE, true, &purpose),
                extension(extension::CERTIFICATE_POLICIES, false, &policy),
                extension(
                    extension::SUBJECT_KEY_IDENTIFIER,
                    false,
                    &[0x04, 0x02, 7, 8],
                ),
                extension(
                    extension::AUTHORITY_KEY_IDENTIFIER,
                    false,
                    &[0x30, 0x04, 0x80, 0x02, 5, 6],
                ),
                extension(extension::NAME_CONSTRAINTS, true, &[0x30, 0x00]),
                extension("1.2.3.5", false, &[0x13, 0x01, b'x']),
                extension("1.2.3.6", true, b"bare"),
            ]);
        }))
        .unwrap();
        let constraints = certificate.basic_constraints().unwrap();
        assert_eq!(
            (constraints.is_ca, constraints.max_path_length),
            (true, Some(3))
        );
        assert_eq!(
            certificate.extended_key_usage().unwrap(),
            ["1.3.6.1.5.5.7.3.30"]
        );
        assert_eq!(certificate.certificate_policies(), ["1.2.3.4"]);
        assert_eq!(certificate.subject_key_id(), Some(&[7, 8][..]));
        assert_eq!(certificate.authority_key_id(), Some(&[5, 6][..]));
        assert_eq!(certificate.unhandled_critical(), ["1.2.3.6"]);
        assert!(certificate.is_extension_critical(extension::NAME_CONSTRAINTS));
        assert!(!certificate.is_extension_critical("1.2.3.5"));
        assert_eq!(certificate.extension_value("1.2.3.6"), Some(&b"bare"[..]));
        assert_eq!(certificate.extension_value("1.2.3.7"), None);
        assert_eq!(certificate.extension_text("1.2.3.5").as_deref(), Some("x"));
        assert_eq!(
            certificate.extension_text("1.2.3.6").as_deref(),
            Some("bare")
        );
        assert_eq!(
            certificate.extension_text(extension::BASIC_CONSTRAINTS),
            None
        );
    }

    #[test]
    fn recognised_extensions_are_well_formed() {
        for (oid, value) in [
            (extension::BASIC_CONSTRAINTS, &[][..]),
            (
                extension::BASIC_CONSTRAINTS,
                &[0x30, 0x03, 0x01, 0x01, 0x01],
            ),
            (
                extension::BASIC_CONSTRAINTS,
                &[0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, 0xff],
            ),
            (
                extension::BASIC_CONSTRAINTS,
                &[0x30, 0x08, 0x01, 0x01, 0xff, 0x02, 0x01, 0x00, 0x05, 0x00],
            ),
            (
                extension::BASIC_CONSTRAINTS,
                &[0x30, 0x03, 0x01, 0x01, 0xff, 0x05, 0x00],
            ),
            (extension::BASIC_CONSTRAINTS, &[0x02, 0x01, 0x01]),
            (extension::KEY_USAGE, &[0x04, 0x01, 0x80]),
            (extension::EXTENDED_KEY_USAGE, &[0x30, 0x00]),
            (extension::EXTENDED_KEY_USAGE, &[0x30, 0x02, 0x05, 0x00]),
            (extension::CERTIFICATE_POLICIES, &[0x30, 0x02, 0x05, 0x00]),
            (extension::SUBJECT_ALTERNATIVE_NAME, b"example.com"),
            (extension::SUBJECT_KEY_IDENTIFIER, b"bare"),
            (extension::AUTHORITY_KEY_IDENTIFIER, b"bare"),
        ] {
            let error = refusal(|parts| parts.extensions = vec![extension(oid, false, value)]);
            assert_eq!(error, format!("malformed extension {oid}"), "{value:02x?}");
        }
    }

    #[test]
    fn subject_and_issuer_may_be_one() {
        let certificate = parse(&changed(|parts| parts.subject = common_name(" issuer "))).unwrap();
        assert!(certificate.is_self_issued());
    }

    #[test]
    fn sizes_are_limited() {
        let error = refusal(|parts| {
            parts.extensions = vec![extension("1.2.3.5", false, &[0; MAX_SIZE_BYTES])];
        });
        assert!(error.starts_with("a certificate of 65"), "{error}");
    }

    #[test]
    fn files_hold_pem_or_der() {
        let der = Parts::good().der();
        assert_eq!(parse_all(&der, 1).unwrap()[0].der(), der);
        let mut text = pem::encode("CERTIFICATE", &der);
        assert_eq!(parse_all(text.as_bytes(), 1).unwrap().len(), 1);
        text.push_str(&pem::encode("CERTIFICATE", &Parts::good().der()));
        assert_eq!(parse_all(text.as_bytes(), 2).unwrap().len(), 2);
        assert!(matches!(
            parse_all(text.as_bytes(), 1),
            Err(CertificateError::Pem(_))
        ));
        text.push_str(&pem::encode("PRIVATE KEY", b"secret"));
        assert!(matches!(
            parse_all(text.as_bytes(), 9),
            Err(CertificateError::UnexpectedPemLabel(label)) if label == "PRIVATE KEY"
        ));
        assert!(matches!(parse_all(b"", 9), Err(CertificateError::Empty)));
        assert!(matches!(
            parse_all(b"no certificate", 9),
            Err(CertificateError::Der(_))
        ));
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_stands_there(position in any::<prop::sample::Index>(), bit in 0..8_u8) {
            // A certificate with one bit changed is refused, or it is another certificate: its own
            // bytes, and other values exactly where the bit lies.
            let good = Parts::good().der();
            let mut other = good.clone();
            let at = position.index(other.len());
            other[at] ^= 1 << bit;
            if let Ok(read) = Certificate::parse_der(&other) {
                prop_assert_eq!(read.der(), &other[..]);
                prop_assert_ne!(read.sha256(), sha256(&good));
                let tbs = 3..3 + read.tbs_der().len();
                prop_assert_eq!(read.tbs_der(), &other[tbs.clone()]);
                prop_assert!(tbs.contains(&at) || read.signature() != [1, 2, 3]);
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(parse_all(&bytes, 3).is_err());
        }
    }
}
