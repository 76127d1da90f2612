//! Which certificate is asked about, and answered for.

use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::public_key::PublicKey;
use crate::pki::algorithm_identifier::AlgorithmIdentifier;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::oid::Oid;
use crate::pki::revocation::ocsp::error::OcspError;

/// `CertID` (RFC 6960 §4.1.1): a certificate by its serial number and by digests of its issuer's name and
/// key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CertificateId {
    /// `None`: one that we do not compute, so nothing can be told to match.
    algorithm: Option<DigestAlgorithm>,
    issuer_name_hash: Vec<u8>,
    issuer_key_hash: Vec<u8>,
    /// Contents octets of the INTEGER.
    serial: Vec<u8>,
}

/// NULL, whole.
const NULL: [u8; 2] = [der::NULL, 0];

impl CertificateId {
    /// Identifies `certificate`, which was signed with `issuer_key`.
    #[must_use]
    pub fn new(
        certificate: &Certificate,
        issuer_key: &PublicKey,
        algorithm: DigestAlgorithm,
    ) -> Self {
        let hash = |bytes: &[u8]| digest(algorithm, bytes).as_bytes().to_vec();
        Self {
            algorithm: Some(algorithm),
            issuer_name_hash: hash(certificate.issuer().der()),
            issuer_key_hash: hash(key_bits(issuer_key)),
            serial: certificate.serial().as_bytes().to_vec(),
        }
    }

    /// Whether `certificate`, signed with `issuer_key`, is the one that is meant.
    #[must_use]
    pub fn matches(&self, certificate: &Certificate, issuer_key: &PublicKey) -> bool {
        self.serial == certificate.serial().as_bytes()
            && self
                .algorithm
                .is_some_and(|algorithm| *self == Self::new(certificate, issuer_key, algorithm))
    }

    /// Contents octets of the serial number.
    pub(in crate::pki::revocation) fn serial(&self) -> &[u8] {
        &self.serial
    }

    pub(super) fn read(element: Element<'_>) -> Result<Self, OcspError> {
        let mut fields = element.reader();
        let hash = AlgorithmIdentifier::read(fields.expect(der::SEQUENCE)?)?;
        let issuer_name_hash = fields.expect(der::OCTET_STRING)?.content.to_vec();
        let issuer_key_hash = fields.expect(der::OCTET_STRING)?.content.to_vec();
        let serial = fields.expect(der::INTEGER)?.content.to_vec();
        fields.finish()?;
        let is_plain = hash
            .parameters()
            .is_none_or(|parameters| parameters == NULL);
        let algorithm = DigestAlgorithm::from_oid(&hash.oid.to_string()).filter(|_| is_plain);
        Ok(Self {
            algorithm,
            issuer_name_hash,
            issuer_key_hash,
            serial,
        })
    }

    /// The encoding, whose algorithm has NULL as parameters, as responders expect it. Empty for an
    /// algorithm that we do not compute.
    pub(super) fn to_der(&self) -> Vec<u8> {
        let oid = self
            .algorithm
            .and_then(|algorithm| Oid::parse(algorithm.oid()).ok());
        let Some(oid) = oid else {
            return Vec::new();
        };
        let algorithm = der::encode(der::SEQUENCE, &[&oid.to_der()[..], &NULL].concat());
        let fields = [
            algorithm,
            der::encode(der::OCTET_STRING, &self.issuer_name_hash),
            der::encode(der::OCTET_STRING, &self.issuer_key_hash),
            der::encode(der::INTEGER, &self.serial),
        ];
        der::encode(der::SEQUENCE, &fields.concat())
    }
}

/// The octets of `subjectPublicKey`: what `issuerKeyHash` and `KeyHash` are digests of (RFC 6960 §4.1.1,
/// §4.2.1: "excluding the tag, length, and number of unused bits").
pub(super) fn key_bits(key: &PublicKey) -> &[u8] {
    let bits = || {
        let mut fields = Reader::new(key.spki_der()).expect(der::SEQUENCE)?.reader();
        fields.expect(der::SEQUENCE)?;
        fields.expect(der::BIT_STRING)?.whole_octets()
    };
    // The key was read before, so it has this form.
    bits().unwrap_or_default()
}
