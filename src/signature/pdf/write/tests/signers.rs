//! Who signs, and who timestamps.

use std::convert::Infallible;
use std::time::Duration;

use openssl::ec::EcGroup;
use openssl::ec::EcKey;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;

use crate::clock::Timestamp;
use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::document_key::DocumentKey;
use crate::crypto::document_key::RsaPadding;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::public_key::PublicKey;
use crate::crypto::random::SeededRandom;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::Certificate;
use crate::pki::issue;
use crate::pki::issue::IssuingCa;
use crate::pki::issue::profile;
use crate::pki::issue::profile::CertificateProfile;
use crate::pki::issue::profile::EndEntityUsage;
use crate::pki::oid::Oid;
use crate::signature::cms::signed_data::Dialect;
use crate::signature::cms::write::ContentType;
use crate::signature::cms::write::EmbeddedCertificates;
use crate::signature::cms::write::SignedContent;
use crate::signature::cms::write::Signing;
use crate::signature::pdf::write;
use crate::signature::pdf::write::error::MakeError;
use crate::signature::pdf::write::error::PdfWriteError;
use crate::signature::pdf::write::request::FieldChoice;
use crate::signature::pdf::write::request::NewSignature;
use crate::signature::pdf::write::request::ValueKind;
use crate::signature::pdf::write::request::ValueMaker;
use crate::signature::timestamp::issue::Authority;
use crate::signature::timestamp::request::TimestampRequest;

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A CA, of which every signer has a certificate.
pub(super) fn ca() -> IssuingCa {
    let (key, _) = SigningKey::generate(KeyPurpose::CertificateAuthority).unwrap();
    let root = issue::issue_root(&key, &certificate_profile("Test CA", 1), None).unwrap();
    IssuingCa::new(root, key).unwrap()
}

fn certificate_profile(name: &str, serial: u8) -> CertificateProfile {
    CertificateProfile {
        subject: vec![(profile::COMMON_NAME, name.to_owned())],
        serial: profile::serial_from_random([serial; 16]),
        not_before: at("2026-01-01T00:00:00Z"),
        not_after: at("2036-01-01T00:00:00Z"),
        policies: Vec::new(),
        crl_url: None,
        identity: Vec::new(),
    }
}

fn certify(key: &PublicKey, name: &str, usage: &EndEntityUsage) -> Certificate {
    issue::issue_end_entity(&ca(), key, &certificate_profile(name, 2), usage).unwrap()
}

pub(super) struct Signer {
    pub(super) key: DocumentKey,
    pub(super) certificate: Certificate,
}

impl Signer {
    pub(super) fn new(kind: &str) -> Self {
        use crate::crypto::document_key::DocumentSigner as _;
        let ec = |curve| {
            let group = EcGroup::from_curve_name(curve).unwrap();
            PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
        };
        let pkcs8 = match kind {
            "rsa" | "rsa-pss" => PKey::from_rsa(Rsa::generate(2048).unwrap())
                .unwrap()
                .private_key_to_pkcs8()
                .unwrap(),
            "p256" => ec(Nid::X9_62_PRIME256V1).private_key_to_pkcs8().unwrap(),
            "p384" => ec(Nid::SECP384R1).private_key_to_pkcs8().unwrap(),
            "p521" => ec(Nid::SECP521R1).private_key_to_pkcs8().unwrap(),
            "ed25519" => PKey::generate_ed25519()
                .unwrap()
                .private_key_to_pkcs8()
                .unwrap(),
            _ => {
                let random = SeededRandom::new([5; 32]);
                let made = SigningKey::generate_sm2(KeyPurpose::Credential, &random);
                made.unwrap().1.expose().clone()
            }
        };
        let padding = match kind {
            "rsa-pss" => RsaPadding::Pss,
            _ => RsaPadding::Pkcs1,
        };
        let key = DocumentKey::from_pkcs8(&pkcs8, padding).unwrap();
        let usage = EndEntityUsage::Signer(Vec::new());
        let certificate = certify(key.public_key(), "示例公司 One", &usage);
        Self { key, certificate }
    }

    /// Signs, with room for a value of so many bytes in the first place.
    pub(super) fn sign_in(
        &self,
        document: &[u8],
        request: &NewSignature<'_>,
        room: usize,
    ) -> Result<Vec<u8>, PdfWriteError> {
        let signing = Signing {
            key: &self.key,
            certificate: &self.certificate,
            embedded: EmbeddedCertificates::SignersAnd(&[]),
            dialect: match request.kind {
                ValueKind::Cades => Dialect::Cms,
                ValueKind::GmCms => Dialect::Gmt0010,
            },
            content_type: ContentType::Data,
            signed_at: None,
        };
        let mut make = |digest: &Digest| -> Result<Vec<u8>, Infallible> {
            let signed = signing.sign(SignedContent::Detached(digest)).unwrap();
            Ok(signed.to_der().unwrap())
        };
        let maker = ValueMaker {
            digest: signing.digest_algorithm(),
            room,
            make: &mut make,
        };
        write::sign(document, request, maker).map_err(only_pdf)
    }

    pub(super) fn try_sign(
        &self,
        document: &[u8],
        request: &NewSignature<'_>,
    ) -> Result<Vec<u8>, PdfWriteError> {
        self.sign_in(document, request, 3000)
    }

    pub(super) fn sign(&self, document: &[u8]) -> Vec<u8> {
        self.try_sign(document, &request()).unwrap()
    }
}

fn only_pdf(error: MakeError<Infallible>) -> PdfWriteError {
    match error {
        MakeError::Pdf(error) => error,
        MakeError::Value(never) => match never {},
    }
}

/// An invisible signature in a new field on the first page.
pub(super) fn request() -> NewSignature<'static> {
    NewSignature {
        field: FieldChoice::New {
            page: 1,
            rectangle: None,
        },
        kind: ValueKind::Cades,
        signer: "示例公司 One",
        reason: None,
        location: None,
        certification: None,
        signed_at: at("2026-03-01T08:00:00Z"),
    }
}

/// Adds a document timestamp of an authority of its own.
pub(super) fn stamp(document: &[u8]) -> Result<Vec<u8>, PdfWriteError> {
    let (key, _) = SigningKey::generate(KeyPurpose::Timestamp).unwrap();
    let usage = EndEntityUsage::Purpose(KeyPurpose::Timestamp);
    let certificate = certify(key.public_key(), "Test TSA", &usage);
    let policy = Oid::parse("1.2.3.4").unwrap();
    let authority = Authority {
        key: &key,
        certificates: std::slice::from_ref(&certificate),
        policy: &policy,
        accuracy: Duration::from_secs(5),
    };
    let now = at("2026-03-02T08:00:00Z");
    let mut make = |digest: &Digest| -> Result<Vec<u8>, Infallible> {
        let request = TimestampRequest::new(digest.clone(), [9; 16]);
        Ok(authority.issue(&request, [7; 16], now).unwrap())
    };
    let maker = ValueMaker {
        digest: DigestAlgorithm::Sha256,
        room: 4000,
        make: &mut make,
    };
    write::timestamp(document, now, maker).map_err(only_pdf)
}
