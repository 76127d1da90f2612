//! SM2 CAs, and chains of SM2 and ECDSA.

use super::*;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::public_key::KeyAlgorithm;
use crate::crypto::random::SeededRandom;
use crate::crypto::sm2::DEFAULT_ID;
use crate::crypto::sm2::Sm2Key;
use openssl::pkey::PKey;
use openssl::pkey_ctx::PkeyCtx;

static RANDOM: SeededRandom = SeededRandom::new([8; 32]);

fn sm2_key(purpose: KeyPurpose) -> SigningKey {
    SigningKey::generate_sm2(purpose, &RANDOM).unwrap().0
}

fn sm2_root() -> IssuingCa {
    let key = sm2_key(KeyPurpose::CertificateAuthority);
    let certificate = issue_root(&key, &profile("SM2 root"), None).unwrap();
    IssuingCa::new(certificate, key).unwrap()
}

fn signer() -> EndEntityUsage {
    EndEntityUsage::Signer(Vec::new())
}

/// OpenSSL's opinion over e, which it cannot compute for certificates.
fn openssl_accepts(certificate: &Certificate, issuer: &Certificate) -> bool {
    let spki = issuer.public_key().spki_der();
    let key = Sm2Key::new(&spki[spki.len() - 65..], DEFAULT_ID).unwrap();
    let openssl = PKey::public_key_from_der(spki).unwrap();
    let mut context = PkeyCtx::new(&openssl).unwrap();
    context.verify_init().unwrap();
    let e = key.digest(certificate.tbs_der());
    context.verify(&e, certificate.signature()).unwrap_or(false)
}

#[test]
fn an_sm2_root_is_signed_by_sm2() {
    let root = sm2_root();
    let certificate = root.certificate();
    assert_eq!(certificate.public_key().algorithm(), KeyAlgorithm::Sm2);
    assert_eq!(
        certificate.signature_algorithm(),
        Some(SignatureAlgorithm::Sm2Sm3)
    );
    assert_eq!(certificate.subject_key_id().unwrap().len(), 20);
    assert!(openssl_accepts(certificate, certificate));
    let other = sm2_root();
    assert!(!openssl_accepts(certificate, other.certificate()));
    assert!(
        certificate
            .verify_signature(other.certificate().public_key())
            .is_err()
    );
}

#[test]
fn the_signing_certificate_of_gm_t_0015_is_issued() {
    let root = sm2_root();
    let key = sm2_key(KeyPurpose::Credential);
    let certificate =
        issue_end_entity(&root, key.public_key(), &profile("Signer"), &signer()).unwrap();
    let usage = certificate.key_usage().unwrap();
    assert!(usage.digital_signature() && usage.content_commitment());
    assert!(!usage.key_cert_sign() && !usage.is_encryption_only());
    assert!(openssl_accepts(&certificate, root.certificate()));
}

#[test]
fn chains_of_both_kinds_are_paths() {
    let sm2 = || sm2_key(KeyPurpose::CertificateAuthority);
    let ecdsa = || key(KeyPurpose::CertificateAuthority);
    for (root_key, ca_key, end_key) in [
        (sm2(), sm2(), sm2()),
        (sm2(), ecdsa(), sm2()),
        (ecdsa(), sm2(), ecdsa()),
        (sm2(), ecdsa(), ecdsa()),
        (ecdsa(), ecdsa(), sm2()),
    ] {
        let root = issue_root(&root_key, &profile("Root"), None).unwrap();
        let root = IssuingCa::new(root, root_key).unwrap();
        let ca = issue_intermediate(&root, ca_key.public_key(), &profile("CA"), Some(0)).unwrap();
        let issuing = IssuingCa::new(ca.clone(), ca_key).unwrap();
        let end = issue_end_entity(&issuing, end_key.public_key(), &profile("End"), &signer());
        let end = end.unwrap();
        let anchors = AnchorSet::new(vec![TrustAnchor::new(root.certificate().clone())]);
        let at = at("2030-01-01T00:00:00Z");
        let path = PathValidator::new(&anchors, std::slice::from_ref(&ca), at).validate(&end);
        assert_eq!(path.unwrap().certificates().len(), 2);

        let other = issue_root(&sm2(), &profile("Root"), None).unwrap();
        let anchors = AnchorSet::new(vec![TrustAnchor::new(other)]);
        let path = PathValidator::new(&anchors, &[ca], at).validate(&end);
        assert!(path.is_err(), "a root of the same name with another key");
    }
}

#[test]
fn an_altered_certificate_does_not_verify() {
    let root = sm2_root();
    let key = sm2_key(KeyPurpose::Credential);
    let made = issue_end_entity(&root, key.public_key(), &profile("End"), &signer()).unwrap();
    let mut altered = made.der().to_vec();
    // The last byte of the common name.
    let at = made.subject().der();
    let start = altered
        .windows(at.len())
        .position(|window| window == at)
        .unwrap();
    altered[start + at.len() - 1] ^= 1;
    let altered = Certificate::parse_der(&altered).unwrap();
    assert_ne!(altered, made);
    assert!(
        altered
            .verify_signature(root.certificate().public_key())
            .is_err()
    );
}
