//! Seals for tests, put together from parts of which each can be made wrong.

use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::random::SeededRandom;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::signature::cms::fixtures::Signer;
use crate::signature::cms::fixtures::certify;
use crate::signature::cms::fixtures::octets;
use crate::signature::cms::fixtures::oid;
use crate::signature::cms::fixtures::sequence;
use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;

pub(crate) const SM2_SM3: &str = "1.2.156.10197.1.501";
pub(crate) const CONTENT: &[u8] = "某公司的营业执照".as_bytes();

/// A signer of SM2 whose key follows from `seed`, certified by itself.
pub(crate) fn signer(name: &str, seed: u8) -> Signer {
    let key = sm2_key(seed);
    let certificate = certify(&key, name, seed);
    Signer { key, certificate }
}

pub(crate) fn sm2_key(seed: u8) -> SigningKey {
    let random = SeededRandom::new([seed; 32]);
    let key = SigningKey::generate_sm2(KeyPurpose::CertificateAuthority, &random);
    key.unwrap().0
}

/// The content that is signed, as it is handed in.
pub(crate) fn content() -> Vec<DetachedContent> {
    content_of(CONTENT)
}

pub(crate) fn content_of(bytes: &[u8]) -> Vec<DetachedContent> {
    let needs = ContentNeeds::default();
    vec![DetachedContent::of_bytes(None, bytes.to_vec(), &needs)]
}

/// Who may sign with a seal.
#[derive(Clone, Debug)]
pub(crate) enum Listed {
    Certificates(Vec<Vec<u8>>),
    /// The name of the algorithm, and digests.
    Digests(&'static str, Vec<Vec<u8>>),
}

/// The parts of a seal and of a signature with it.
#[derive(Clone, Debug)]
pub(crate) struct Parts {
    /// Of the signature, and of the seal's header.
    pub(crate) versions: (u8, u8),
    pub(crate) header_id: &'static str,
    pub(crate) name: Vec<u8>,
    pub(crate) listed: Listed,
    /// Made, valid from, valid until: whole elements.
    pub(crate) times: [Vec<u8>; 3],
    pub(crate) picture: Vec<u8>,
    /// What follows in the seal's information.
    pub(crate) seal_extensions: Vec<u8>,
    /// What follows in what is signed.
    pub(crate) extensions: Vec<u8>,
    /// `timeInfo`, a whole element.
    pub(crate) time: Vec<u8>,
    pub(crate) data_hash: Vec<u8>,
    pub(crate) maker: Certificate,
    pub(crate) signer: Certificate,
    pub(crate) algorithm: &'static str,
    pub(crate) maker_algorithm: &'static str,
    /// In place of the values that the keys make.
    pub(crate) value: Option<Vec<u8>>,
    pub(crate) maker_value: Option<Vec<u8>>,
    /// Of the signature's value.
    pub(crate) timestamp: Option<Vec<u8>>,
    /// Of the seal.
    pub(crate) seal_timestamp: Option<Vec<u8>>,
}

pub(crate) fn generalized(text: &str) -> Vec<u8> {
    der::encode(der::GENERALIZED_TIME, text.as_bytes())
}

pub(crate) fn utc(text: &str) -> Vec<u8> {
    der::encode(der::UTC_TIME, text.as_bytes())
}

pub(crate) fn bits(bytes: &[u8]) -> Vec<u8> {
    der::encode(der::BIT_STRING, &[&[0], bytes].concat())
}

fn ia5(text: &str) -> Vec<u8> {
    der::encode(der::IA5_STRING, text.as_bytes())
}

fn integer(value: u8) -> Vec<u8> {
    der::encode_unsigned(&[value])
}

fn tagged(inner: Option<&Vec<u8>>) -> Vec<u8> {
    let inner = inner.map(|bytes| der::encode(der::context_constructed(0), &bits(bytes)));
    inner.unwrap_or_default()
}

impl Parts {
    /// A seal of 2025 to 2029, put on the content in June 2026.
    pub(crate) fn good(version: u8, signer: &Signer, maker: &Signer) -> Self {
        let all = ["250101000000Z", "250101000000Z", "300101000000Z"];
        let (times, time) = match version {
            1 => (all.map(utc), bits(b"20260601000000Z")),
            _ => (
                all.map(|text| generalized(&format!("20{text}"))),
                generalized("20260601000000Z"),
            ),
        };
        Self {
            versions: (version, version),
            header_id: "ES",
            name: "某公司公章".as_bytes().to_vec(),
            listed: Listed::Certificates(vec![signer.certificate.der().to_vec()]),
            times,
            picture: vec![0x89, b'P', b'N', b'G'],
            seal_extensions: Vec::new(),
            extensions: Vec::new(),
            time,
            data_hash: digest(DigestAlgorithm::Sm3, CONTENT).as_bytes().to_vec(),
            maker: maker.certificate.clone(),
            signer: signer.certificate.clone(),
            algorithm: SM2_SM3,
            maker_algorithm: SM2_SM3,
            value: None,
            maker_value: None,
            timestamp: None,
            seal_timestamp: None,
        }
    }

    /// Lists the digest of the signer's certificate instead of the certificate.
    pub(crate) fn listed_by_digest(mut self, algorithm: &'static str) -> Self {
        let own = digest(DigestAlgorithm::Sm3, self.signer.der());
        self.listed = Listed::Digests(algorithm, vec![own.as_bytes().to_vec()]);
        self
    }

    const fn is_first(&self) -> bool {
        self.versions.0 == 1
    }

    /// `eSealInfo`.
    pub(crate) fn information(&self) -> Vec<u8> {
        let header = sequence(&[ia5(self.header_id), integer(self.versions.1), ia5("YINXIN")]);
        let list = match &self.listed {
            Listed::Certificates(listed) => {
                let members: Vec<_> = listed.iter().map(|der| octets(der)).collect();
                (integer(1), sequence(&members))
            }
            Listed::Digests(algorithm, listed) => {
                let name = der::encode(der::PRINTABLE_STRING, algorithm.as_bytes());
                let members = listed.iter();
                let members: Vec<_> = members
                    .map(|digest| sequence(&[name.clone(), octets(digest)]))
                    .collect();
                (integer(2), sequence(&members))
            }
        };
        let list_type = match self.is_first() {
            true => Vec::new(),
            false => list.0,
        };
        let property = sequence(&[
            integer(1),
            der::encode(der::UTF8_STRING, &self.name),
            list_type,
            list.1,
            self.times.concat(),
        ]);
        let picture = sequence(&[ia5("PNG"), octets(&self.picture), integer(40), integer(30)]);
        let extensions = self.seal_extensions.clone();
        sequence(&[header, ia5("44190000000001"), property, picture, extensions])
    }

    /// What the maker signs.
    pub(crate) fn maker_message(&self) -> Vec<u8> {
        match self.is_first() {
            true => sequence(&[
                self.information(),
                octets(self.maker.der()),
                oid(self.maker_algorithm),
            ]),
            false => self.information(),
        }
    }

    fn seal(&self, maker: &SigningKey) -> Vec<u8> {
        let value = self.maker_value.clone();
        let value = value.unwrap_or_else(|| maker.sign_der(&self.maker_message()).unwrap());
        let signed = [
            octets(self.maker.der()),
            oid(self.maker_algorithm),
            bits(&value),
        ];
        let (information, timestamp) = (self.information(), tagged(self.seal_timestamp.as_ref()));
        match self.is_first() {
            true => sequence(&[information, sequence(&signed), timestamp]),
            false => sequence(&[information, signed.concat(), timestamp]),
        }
    }

    /// `toSign`.
    pub(crate) fn message(&self, maker: &SigningKey) -> Vec<u8> {
        let inside = match self.is_first() {
            true => self.signer_fields(),
            false => self.extensions.clone(),
        };
        sequence(&[
            integer(self.versions.0),
            self.seal(maker),
            self.time.clone(),
            bits(&self.data_hash),
            ia5("ByteRange"),
            inside,
        ])
    }

    fn signer_fields(&self) -> Vec<u8> {
        [octets(self.signer.der()), oid(self.algorithm)].concat()
    }

    pub(crate) fn signature(&self, signer: &SigningKey, maker: &SigningKey) -> Vec<u8> {
        let value = self.value.clone();
        value.unwrap_or_else(|| signer.sign_der(&self.message(maker)).unwrap())
    }

    pub(crate) fn der(&self, signer: &SigningKey, maker: &SigningKey) -> Vec<u8> {
        let outside = match self.is_first() {
            true => Vec::new(),
            false => self.signer_fields(),
        };
        sequence(&[
            self.message(maker),
            outside,
            bits(&self.signature(signer, maker)),
            tagged(self.timestamp.as_ref()),
        ])
    }
}
