//! A small town of CAs, and evidence of them, for tests.

use std::rc::Rc;

use crate::clock::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::certificate::fixtures::Parts;
use crate::pki::certificate::fixtures::common_name;
use crate::pki::certificate::fixtures::extension as encode_extension;
use crate::pki::certificate::fixtures::sequence;
use crate::pki::der;
use crate::pki::path::PathValidator;
use crate::pki::path::ValidatedPath;
use crate::pki::revocation::check::RevocationChecker;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::crl::fixtures::CrlParts;
use crate::pki::revocation::crl::fixtures::entry;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::freshness::FreshnessPolicy;
use crate::pki::revocation::ocsp::BasicResponse;
use crate::pki::revocation::ocsp::CertificateId;
use crate::pki::revocation::ocsp::OcspResponse;
use crate::pki::revocation::status::CertificateStatus;
use crate::pki::revocation::undetermined::CrlProblem;
use crate::pki::revocation::undetermined::OcspProblem;
use crate::pki::revocation::undetermined::UndeterminedReason;
use crate::pki::trust_anchor::AnchorSet;
use crate::pki::trust_anchor::TrustAnchor;

/// The serial number of the certificate that tests ask about.
pub(super) const SERIAL: u8 = 7;

/// What key usage says, as the octets of its BIT STRING.
pub(super) const CERT_AND_CRL_SIGN: &[u8] = &[0x01, 0x06];
pub(super) const CERT_SIGN: &[u8] = &[0x02, 0x04];
pub(super) const CRL_SIGN: &[u8] = &[0x01, 0x02];
pub(super) const DIGITAL_SIGNATURE: &[u8] = &[0x07, 0x80];

/// Within the time of everything that the fixtures make.
pub(super) fn now() -> Timestamp {
    at("2030-01-03T00:00:00Z")
}

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(super) fn new_key() -> Rc<SigningKey> {
    let (key, _) = SigningKey::generate(KeyPurpose::CertificateAuthority).unwrap();
    Rc::new(key)
}

/// Somebody with a name, a key and a certificate.
#[derive(Clone)]
pub(super) struct Holder {
    pub(super) name: &'static str,
    pub(super) key: Rc<SigningKey>,
    pub(super) certificate: Certificate,
}

/// What a certificate says beside names and key.
#[derive(Clone)]
pub(super) struct Says<'a> {
    pub(super) serial: u8,
    pub(super) is_ca: bool,
    pub(super) key_usage: Option<&'a [u8]>,
    pub(super) more: Vec<Vec<u8>>,
    /// `notAfter`, as `UTCTime`.
    pub(super) not_after: &'a [u8],
}

impl Says<'_> {
    pub(super) fn ca(serial: u8) -> Self {
        Self {
            serial,
            is_ca: true,
            key_usage: Some(CERT_AND_CRL_SIGN),
            more: Vec::new(),
            not_after: b"491231235959Z",
        }
    }

    pub(super) fn end_entity(serial: u8) -> Self {
        Self {
            is_ca: false,
            key_usage: Some(DIGITAL_SIGNATURE),
            ..Self::ca(serial)
        }
    }

    pub(super) fn with(mut self, extension: Vec<u8>) -> Self {
        self.more.push(extension);
        self
    }
}

impl Holder {
    /// A CA that certifies itself.
    pub(super) fn root(name: &'static str) -> Self {
        Self::self_signed(name, &Says::ca(1))
    }

    pub(super) fn self_signed(name: &'static str, says: &Says<'_>) -> Self {
        let key = new_key();
        let certificate = write_certificate((name, &key), (name, &key), says);
        Self {
            name,
            key,
            certificate,
        }
    }

    /// Certifies somebody with a new key.
    pub(super) fn certify(&self, name: &'static str, says: &Says<'_>) -> Self {
        self.certify_key(name, &new_key(), says)
    }

    /// Certifies a key under a name.
    pub(super) fn certify_key(
        &self,
        name: &'static str,
        key: &Rc<SigningKey>,
        says: &Says<'_>,
    ) -> Self {
        Self {
            name,
            key: Rc::clone(key),
            certificate: write_certificate((name, key), (self.name, &self.key), says),
        }
    }

    /// The certificate that tests ask about.
    pub(super) fn end_entity(&self) -> Certificate {
        self.certify("End entity", &Says::end_entity(SERIAL))
            .certificate
    }

    /// A CRL of its own, changed.
    pub(super) fn crl(&self, change: impl FnOnce(&mut CrlParts)) -> Crl {
        let mut parts = CrlParts::good(self.name);
        change(&mut parts);
        parts.signed_by(&self.key)
    }

    /// A CRL that lists [`SERIAL`] with these entry extensions.
    pub(super) fn crl_listing(&self, extensions: &[Vec<u8>]) -> Crl {
        self.crl(|parts| parts.entries = Some(vec![entry(&[SERIAL], extensions)]))
    }

    /// How OCSP names a certificate of this issuer's.
    pub(super) fn id(&self, certificate: &Certificate) -> CertificateId {
        CertificateId::new(certificate, self.key.public_key(), DigestAlgorithm::Sha1)
    }

    /// Itself as a trust anchor with a path of one certificate below it.
    pub(super) fn path(&self, end_entity: &Certificate) -> ValidatedPath {
        path(self, &[], end_entity)
    }
}

fn write_certificate(
    (subject, key): (&str, &SigningKey),
    (issuer, issuer_key): (&str, &SigningKey),
    says: &Says<'_>,
) -> Certificate {
    let mut parts = Parts::good();
    parts.serial = der::encode(der::INTEGER, &[says.serial]);
    parts.subject = common_name(subject);
    parts.issuer = common_name(issuer);
    parts.public_key = key.public_key().spki_der().to_vec();
    parts.validity = sequence(&[
        der::encode(der::UTC_TIME, b"200101000000Z"),
        der::encode(der::UTC_TIME, says.not_after),
    ]);
    parts.extensions = says.more.clone();
    if says.is_ca {
        let value = sequence(&[der::encode(der::BOOLEAN, &[0xff])]);
        let basic = encode_extension(extension::BASIC_CONSTRAINTS, true, &value);
        parts.extensions.push(basic);
    }
    if let Some(bits) = says.key_usage {
        let value = der::encode(der::BIT_STRING, bits);
        let usage = encode_extension(extension::KEY_USAGE, true, &value);
        parts.extensions.push(usage);
    }
    parts.signed_by(issuer_key)
}

pub(super) fn anchors(root: &Holder) -> AnchorSet {
    AnchorSet::new([TrustAnchor::new(root.certificate.clone())])
}

pub(super) fn path(
    root: &Holder,
    intermediates: &[&Holder],
    end_entity: &Certificate,
) -> ValidatedPath {
    let anchors = anchors(root);
    let intermediates: Vec<Certificate> = intermediates
        .iter()
        .map(|holder| holder.certificate.clone())
        .collect();
    PathValidator::new(&anchors, &intermediates, now())
        .validate(end_entity)
        .unwrap()
}

/// Evidence of CRLs alone.
pub(super) fn lists(crls: &[Crl]) -> Evidence {
    Evidence::new(crls.iter().cloned(), [])
}

/// Evidence of OCSP responses alone.
pub(super) fn answers(responses: &[BasicResponse]) -> Evidence {
    let responses = responses.iter().cloned();
    Evidence::new([], responses.map(|one| OcspResponse::Basic(one).into()))
}

/// The status of the end entity, judged now.
pub(super) fn status(path: &ValidatedPath, evidence: &Evidence) -> CertificateStatus {
    status_with(path, evidence, &[], FreshnessPolicy::at(now()))
}

pub(super) fn status_with(
    path: &ValidatedPath,
    evidence: &Evidence,
    pool: &[Certificate],
    freshness: FreshnessPolicy,
) -> CertificateStatus {
    let statuses = RevocationChecker::new(&[evidence], pool, freshness).check(path);
    statuses.into_iter().next().unwrap()
}

/// Why nothing is known.
#[track_caller]
pub(super) fn obstacles(status: CertificateStatus) -> Vec<UndeterminedReason> {
    match status {
        CertificateStatus::Undetermined { why } => why,
        determined => panic!("{determined:#?}"),
    }
}

/// The only problem with the only CRL.
#[track_caller]
pub(super) fn crl_problem(status: CertificateStatus) -> CrlProblem {
    match obstacles(status).as_slice() {
        [UndeterminedReason::Crl { problem, .. }] => problem.clone(),
        why => panic!("{why:#?}"),
    }
}

/// The only problem with the only response.
#[track_caller]
pub(super) fn ocsp_problem(status: CertificateStatus) -> OcspProblem {
    match obstacles(status).as_slice() {
        [UndeterminedReason::Ocsp { problem, .. }] => problem.clone(),
        why => panic!("{why:#?}"),
    }
}
