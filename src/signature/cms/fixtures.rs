//! Signed documents for tests, put together from parts of which each can be made wrong.

use crate::clock::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::random::SeededRandom;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::issue::issue_root;
use crate::pki::issue::profile::COMMON_NAME;
use crate::pki::issue::profile::CertificateProfile;
use crate::pki::oid::Oid;
use crate::signature::cms::oids;

pub(crate) const SHA_256: &str = "2.16.840.1.101.3.4.2.1";
pub(crate) const SHA_512: &str = "2.16.840.1.101.3.4.2.3";
pub(crate) const SM3: &str = "1.2.156.10197.1.401";
pub(crate) const ECDSA_SHA_256: &str = "1.2.840.10045.4.3.2";
pub(crate) const CONTENT: &[u8] = "某公司申请变更登记".as_bytes();

/// A key, and its certificate issued by itself.
#[derive(Debug)]
pub(crate) struct Signer {
    pub(crate) key: SigningKey,
    pub(crate) certificate: Certificate,
}

impl Signer {
    pub(crate) fn new(key: SigningKey, certificate: Certificate) -> Self {
        Self { key, certificate }
    }

    pub(crate) fn p256(name: &str) -> Self {
        Self::of(
            SigningKey::generate(KeyPurpose::CertificateAuthority)
                .unwrap()
                .0,
            name,
            1,
        )
    }

    pub(crate) fn sm2(name: &str) -> Self {
        let random = SeededRandom::new([7; 32]);
        let key = SigningKey::generate_sm2(KeyPurpose::CertificateAuthority, &random).unwrap();
        Self::of(key.0, name, 1)
    }

    /// Another certificate of the same key.
    pub(crate) fn twin(&self, name: &str) -> Certificate {
        certify(&self.key, name, 2)
    }

    fn of(key: SigningKey, name: &str, serial: u8) -> Self {
        let certificate = certify(&key, name, serial);
        Self { key, certificate }
    }
}

/// A certificate that a key issues to itself.
pub(crate) fn certify(key: &SigningKey, name: &str, serial: u8) -> Certificate {
    let mut number = [0x40; 16];
    number[15] = serial;
    let profile = CertificateProfile {
        subject: vec![(COMMON_NAME, name.to_owned())],
        serial: number,
        not_before: Timestamp::parse("2025-01-01T00:00:00Z").unwrap(),
        not_after: Timestamp::parse("2030-01-01T00:00:00Z").unwrap(),
        policies: Vec::new(),
        crl_url: None,
        identity: Vec::new(),
    };
    issue_root(key, &profile, None).unwrap()
}

/// One `SignerInfo`, which [`Parts::der`] signs.
#[derive(Clone, Debug)]
pub(crate) struct SignerParts {
    pub(crate) version: u8,
    /// The whole `SignerIdentifier`.
    pub(crate) sid: Vec<u8>,
    pub(crate) digest: Vec<u8>,
    /// Whole attributes; none: the content itself is signed.
    pub(crate) attributes: Option<Vec<Vec<u8>>>,
    pub(crate) algorithm: Vec<u8>,
    pub(crate) unsigned: Vec<Vec<u8>>,
}

/// The parts of a `SignedData` of one signer.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    pub(crate) outer_type: &'static str,
    pub(crate) version: u8,
    pub(crate) content_type: &'static str,
    /// What lies inside; none: it is detached.
    pub(crate) content: Option<Vec<u8>>,
    pub(crate) certificates: Vec<Vec<u8>>,
    pub(crate) crls: Vec<Vec<u8>>,
    pub(crate) signer: SignerParts,
    /// What is written instead of the order of DER.
    pub(crate) attributes_as_they_come: bool,
    /// In place of the value that the key makes.
    pub(crate) value: Option<Vec<u8>>,
    /// More `SignerInfo`s, whole.
    pub(crate) more_signers: Vec<Vec<u8>>,
}

pub(crate) fn sequence(members: &[Vec<u8>]) -> Vec<u8> {
    der::encode(der::SEQUENCE, &members.concat())
}

pub(crate) fn oid(text: &str) -> Vec<u8> {
    Oid::parse(text).unwrap().to_der()
}

pub(crate) fn octets(bytes: &[u8]) -> Vec<u8> {
    der::encode(der::OCTET_STRING, bytes)
}

pub(crate) fn algorithm(text: &str) -> Vec<u8> {
    sequence(&[oid(text)])
}

pub(crate) fn attribute(kind: &str, values: &[Vec<u8>]) -> Vec<u8> {
    sequence(&[oid(kind), der::encode(der::SET, &values.concat())])
}

pub(crate) fn content_type(kind: &str) -> Vec<u8> {
    attribute(oids::CONTENT_TYPE, &[oid(kind)])
}

pub(crate) fn message_digest(bytes: &[u8]) -> Vec<u8> {
    attribute(oids::MESSAGE_DIGEST, &[octets(bytes)])
}

pub(crate) fn signing_time(utc: &str) -> Vec<u8> {
    attribute(
        oids::SIGNING_TIME,
        &[der::encode(der::UTC_TIME, utc.as_bytes())],
    )
}

/// The ESS attribute of version 2, with SHA-256.
pub(crate) fn signing_certificate(certificate: &Certificate) -> Vec<u8> {
    let hash = octets(certificate.sha256().as_bytes());
    let list = sequence(&[sequence(&[hash])]);
    attribute(oids::SIGNING_CERTIFICATE_V2, &[sequence(&[list])])
}

pub(crate) fn issuer_and_serial(certificate: &Certificate) -> Vec<u8> {
    let serial = der::encode(der::INTEGER, certificate.serial().as_bytes());
    sequence(&[certificate.issuer().der().to_vec(), serial])
}

pub(crate) fn sha_256(bytes: &[u8]) -> Vec<u8> {
    digest(DigestAlgorithm::Sha256, bytes).as_bytes().to_vec()
}

impl Parts {
    /// CAdES-BASELINE-B with the content inside.
    pub(crate) fn good(signer: &Signer) -> Self {
        Self {
            outer_type: oids::SIGNED_DATA,
            version: 1,
            content_type: oids::DATA,
            content: Some(CONTENT.to_vec()),
            certificates: vec![signer.certificate.der().to_vec()],
            crls: Vec::new(),
            signer: SignerParts {
                version: 1,
                sid: issuer_and_serial(&signer.certificate),
                digest: algorithm(SHA_256),
                attributes: Some(vec![
                    content_type(oids::DATA),
                    message_digest(&sha_256(CONTENT)),
                    signing_time("260601000000Z"),
                    signing_certificate(&signer.certificate),
                ]),
                algorithm: algorithm(ECDSA_SHA_256),
                unsigned: Vec::new(),
            },
            attributes_as_they_come: false,
            value: None,
            more_signers: Vec::new(),
        }
    }

    /// GM/T 0010 with the content inside.
    pub(crate) fn gm(signer: &Signer) -> Self {
        let hash = digest(DigestAlgorithm::Sm3, CONTENT);
        let mut parts = Self::good(signer);
        parts.outer_type = oids::GM_SIGNED_DATA;
        parts.content_type = oids::GM_DATA;
        parts.signer.digest = algorithm(SM3);
        parts.signer.algorithm = algorithm(oids::SM2_SIGNATURE);
        parts.signer.attributes = Some(vec![
            content_type(oids::GM_DATA),
            message_digest(hash.as_bytes()),
            signing_time("260601000000Z"),
        ]);
        parts
    }

    /// A timestamp token over an imprint.
    pub(crate) fn token(authority: &Signer, imprint: &[u8], time: &str) -> Self {
        let mut parts = Self::good(authority);
        let info = tst_info(imprint, time);
        parts.version = 3;
        parts.content_type = oids::TST_INFO;
        parts.signer.attributes = Some(vec![
            content_type(oids::TST_INFO),
            message_digest(&sha_256(&info)),
            signing_certificate(&authority.certificate),
        ]);
        parts.content = Some(info);
        parts
    }

    /// Signs again what the attributes should say of `content`.
    pub(crate) fn with_attributes(mut self, attributes: &[Vec<u8>]) -> Self {
        self.signer.attributes = Some(attributes.to_vec());
        self
    }

    pub(crate) fn detached(mut self) -> Self {
        self.content = None;
        self
    }

    /// What the signature covers.
    fn message(&self) -> Vec<u8> {
        match &self.signer.attributes {
            Some(attributes) => der::encode(der::SET, &self.in_order(attributes).concat()),
            None => self.content.clone().unwrap_or_else(|| CONTENT.to_vec()),
        }
    }

    fn in_order(&self, attributes: &[Vec<u8>]) -> Vec<Vec<u8>> {
        let mut attributes = attributes.to_vec();
        if !self.attributes_as_they_come {
            attributes.sort();
        }
        attributes
    }

    pub(crate) fn signature(&self, key: &SigningKey) -> Vec<u8> {
        self.value
            .clone()
            .unwrap_or_else(|| key.sign_der(&self.message()).unwrap())
    }

    pub(crate) fn signer_info(&self, key: &SigningKey) -> Vec<u8> {
        let signer = &self.signer;
        let tagged = |number: u8, members: &[Vec<u8>]| match members {
            [] => Vec::new(),
            members => der::encode(der::context_constructed(number), &members.concat()),
        };
        let attributes = signer.attributes.as_ref().map(|all| self.in_order(all));
        sequence(&[
            der::encode(der::INTEGER, &[signer.version]),
            signer.sid.clone(),
            signer.digest.clone(),
            tagged(0, attributes.as_deref().unwrap_or_default()),
            signer.algorithm.clone(),
            octets(&self.signature(key)),
            tagged(1, &signer.unsigned),
        ])
    }

    pub(crate) fn der(&self, key: &SigningKey) -> Vec<u8> {
        let explicit =
            |number: u8, inner: &[u8]| der::encode(der::context_constructed(number), inner);
        let set = |number: u8, members: &[Vec<u8>]| match members {
            [] => Vec::new(),
            members => explicit(number, &members.concat()),
        };
        let content = self
            .content
            .as_ref()
            .map(|bytes| explicit(0, &octets(bytes)));
        let mut signers = vec![self.signer_info(key)];
        signers.extend(self.more_signers.iter().cloned());
        let signed_data = sequence(&[
            der::encode(der::INTEGER, &[self.version]),
            der::encode(der::SET, &self.signer.digest),
            sequence(&[oid(self.content_type), content.unwrap_or_default()]),
            set(0, &self.certificates),
            set(1, &self.crls),
            der::encode(der::SET, &signers.concat()),
        ]);
        sequence(&[oid(self.outer_type), explicit(0, &signed_data)])
    }
}

/// `TSTInfo` of SHA-256.
pub(crate) fn tst_info(imprint: &[u8], time: &str) -> Vec<u8> {
    sequence(&[
        der::encode(der::INTEGER, &[1]),
        oid("1.2.3.4"),
        sequence(&[algorithm(SHA_256), octets(imprint)]),
        der::encode(der::INTEGER, &[42]),
        der::encode(der::GENERALIZED_TIME, time.as_bytes()),
    ])
}
