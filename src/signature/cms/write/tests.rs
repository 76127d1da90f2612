//! What is written reads back, and is what was asked for.

use super::*;
use crate::crypto::document_key::DocumentKey;
use crate::crypto::document_key::RsaPadding;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::random::SeededRandom;
use crate::crypto::sign::SigningKey;
use crate::pki::issue;
use crate::pki::issue::IssuingCa;
use crate::pki::issue::profile;
use crate::pki::issue::profile::CertificateProfile;
use crate::pki::issue::profile::EndEntityUsage;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::FaultWeight;
use crate::signature::facts::Integrity;
use openssl::ec::EcGroup;
use openssl::ec::EcKey;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;

const CONTENT: &[u8] = b"what was agreed";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// A certificate for a key, from a CA of its own.
fn certify(key: &DocumentKey) -> Certificate {
    let ca_key = SigningKey::generate(KeyPurpose::CertificateAuthority)
        .unwrap()
        .0;
    let mut profile = CertificateProfile {
        subject: vec![(profile::COMMON_NAME, "Test CA".to_owned())],
        serial: profile::serial_from_random([1; 16]),
        not_before: at("2026-01-01T00:00:00Z"),
        not_after: at("2036-01-01T00:00:00Z"),
        policies: Vec::new(),
        crl_url: None,
        identity: Vec::new(),
    };
    let root = issue::issue_root(&ca_key, &profile, None).unwrap();
    let ca = IssuingCa::new(root, ca_key).unwrap();
    profile.subject = vec![(profile::COMMON_NAME, "示例公司".to_owned())];
    profile.serial = profile::serial_from_random([2; 16]);
    let usage = EndEntityUsage::Signer(Vec::new());
    issue::issue_end_entity(&ca, key.public_key(), &profile, &usage).unwrap()
}

fn keys() -> Vec<(&'static str, DocumentKey)> {
    let read = |pkcs8: &[u8], padding| DocumentKey::from_pkcs8(pkcs8, padding).unwrap();
    let ec = |curve| {
        let group = EcGroup::from_curve_name(curve).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        read(&key.private_key_to_pkcs8().unwrap(), RsaPadding::Pkcs1)
    };
    let rsa = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let rsa = rsa.private_key_to_pkcs8().unwrap();
    let ed25519 = PKey::generate_ed25519().unwrap();
    vec![
        ("rsa", read(&rsa, RsaPadding::Pkcs1)),
        ("rsa-pss", read(&rsa, RsaPadding::Pss)),
        ("p256", ec(Nid::X9_62_PRIME256V1)),
        ("p384", ec(Nid::SECP384R1)),
        ("p521", ec(Nid::SECP521R1)),
        (
            "ed25519",
            read(&ed25519.private_key_to_pkcs8().unwrap(), RsaPadding::Pkcs1),
        ),
        ("sm2", sm2()),
    ]
}

fn sm2() -> DocumentKey {
    let random = SeededRandom::new([5; 32]);
    let (_, pkcs8) = SigningKey::generate_sm2(KeyPurpose::Credential, &random).unwrap();
    DocumentKey::from_pkcs8(pkcs8.expose(), RsaPadding::Pkcs1).unwrap()
}

fn signing<'a>(
    key: &'a DocumentKey,
    certificate: &'a Certificate,
    dialect: Dialect,
) -> Signing<'a> {
    Signing {
        key,
        certificate,
        embedded: EmbeddedCertificates::SignersAnd(&[]),
        dialect,
        content_type: ContentType::Data,
        signed_at: Some(at("2026-03-01T08:00:00Z")),
    }
}

#[test]
fn what_is_written_reads_back_intact_without_a_fault() {
    for (name, key) in keys() {
        let certificate = certify(&key);
        let dialects: &[Dialect] = match name {
            "sm2" => &[Dialect::Cms, Dialect::Gmt0010],
            _ => &[Dialect::Cms],
        };
        for dialect in dialects {
            let signing = signing(&key, &certificate, *dialect);
            let digest = digest(signing.digest_algorithm(), CONTENT);
            for (content, coverage) in [
                (SignedContent::Attached(CONTENT), ContentCoverage::Whole),
                (SignedContent::Detached(&digest), ContentCoverage::Detached),
            ] {
                let written = signing.sign(content).unwrap().to_der().unwrap();
                der::check(&written).unwrap();
                let read = SignedData::parse(&written).unwrap();
                assert_eq!(read.dialect(), *dialect);
                let apart = DetachedContent {
                    digests: vec![digest.clone()],
                    ..DetachedContent::default()
                };
                let facts = read.facts(&[apart]).remove(0);
                assert_eq!(facts.integrity, Integrity::Intact, "{name} {dialect:?}");
                assert_eq!(facts.coverage, coverage);
                assert_eq!(facts.faults, [], "{name}");
                assert_eq!(facts.reference, CertificateReference::Matches, "{name}");
                assert_eq!(facts.claimed_at, signing.signed_at);
                assert_eq!(facts.signer.as_ref(), Some(&certificate));
                let format = match dialect {
                    Dialect::Cms => "CAdES-BASELINE-B",
                    Dialect::Gmt0010 => "CMS",
                };
                assert_eq!(facts.format, format);
            }
        }
    }
}

#[test]
fn other_content_does_not_pass() {
    let key = sm2();
    let certificate = certify(&key);
    let signing = signing(&key, &certificate, Dialect::Gmt0010);
    let written = signing.sign(SignedContent::Attached(CONTENT)).unwrap();
    let mut written = written.to_der().unwrap();
    let place = written
        .windows(CONTENT.len())
        .position(|window| window == CONTENT)
        .unwrap();
    written[place] ^= 1;
    let facts = SignedData::parse(&written).unwrap().facts(&[]).remove(0);
    assert_eq!(facts.integrity, Integrity::ContentDiffers);
}

#[test]
fn a_key_that_does_not_fit_signs_nothing() {
    let keys = keys();
    let (_, rsa) = &keys[0];
    let (_, p256) = &keys[2];
    let certificate = certify(rsa);
    let content = SignedContent::Attached(CONTENT);
    assert!(matches!(
        signing(p256, &certificate, Dialect::Cms).sign(content),
        Err(CmsWriteError::KeyMismatch)
    ));
    assert!(matches!(
        signing(rsa, &certificate, Dialect::Gmt0010).sign(content),
        Err(CmsWriteError::DialectNeedsSm2)
    ));
    let digest = digest(DigestAlgorithm::Sha512, CONTENT);
    assert!(matches!(
        signing(rsa, &certificate, Dialect::Cms).sign(SignedContent::Detached(&digest)),
        Err(CmsWriteError::Digest { .. })
    ));
}

#[test]
fn an_unreadable_timestamp_is_told_and_not_taken() {
    let key = sm2();
    let certificate = certify(&key);
    let signed = signing(&key, &certificate, Dialect::Cms)
        .sign(SignedContent::Attached(CONTENT))
        .unwrap()
        .with_timestamp(sequence(&[]));
    let written = signed.to_der().unwrap();
    let facts = SignedData::parse(&written).unwrap().facts(&[]).remove(0);
    assert_eq!(facts.integrity, Integrity::Intact);
    assert!(facts.timestamps[0].malformed.is_some());
    assert!(
        facts
            .faults
            .iter()
            .all(|fault| fault.weight < FaultWeight::Broken)
    );
}
