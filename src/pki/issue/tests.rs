//! What we issue is read by ourselves, accepted on a path, and says what its profile says.

mod crl;
mod sm2;

use crate::clock::Timestamp;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::public_key::PublicKey;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::issue::IssueError;
use crate::pki::issue::IssuingCa;
use crate::pki::issue::issue_end_entity;
use crate::pki::issue::issue_intermediate;
use crate::pki::issue::issue_root;
use crate::pki::issue::profile::COMMON_NAME;
use crate::pki::issue::profile::COUNTRY;
use crate::pki::issue::profile::CertificateProfile;
use crate::pki::issue::profile::EndEntityUsage;
use crate::pki::issue::profile::ORGANISATION;
use crate::pki::issue::profile::ORGANISATION_CODE_EXTENSION;
use crate::pki::issue::profile::ORGANISATION_IDENTIFIER;
use crate::pki::issue::profile::serial_from_random;
use crate::pki::oid::Oid;
use crate::pki::path::PathError;
use crate::pki::path::PathValidator;
use crate::pki::revocation::distribution_point::parse_distribution_points;
use crate::pki::trust_anchor::AnchorSet;
use crate::pki::trust_anchor::TrustAnchor;

const USCC: &str = "91441900MAXX00015U";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn key(purpose: KeyPurpose) -> SigningKey {
    SigningKey::generate(purpose).unwrap().0
}

fn profile(common_name: &str) -> CertificateProfile {
    CertificateProfile {
        subject: vec![
            (COUNTRY, "CN".to_owned()),
            (ORGANISATION, "东莞市演示机构".to_owned()),
            (ORGANISATION_IDENTIFIER, format!("NTRCN-{USCC}")),
            (COMMON_NAME, common_name.to_owned()),
        ],
        serial: serial_from_random([0x5a; 16]),
        not_before: at("2026-01-01T00:00:00Z"),
        not_after: at("2056-01-01T00:00:00Z"),
        policies: Vec::new(),
        crl_url: None,
        identity: Vec::new(),
    }
}

fn root() -> IssuingCa {
    let key = key(KeyPurpose::CertificateAuthority);
    let certificate = issue_root(&key, &profile("Root"), None).unwrap();
    IssuingCa::new(certificate, key).unwrap()
}

fn end_entity(
    profile: &CertificateProfile,
    usage: &EndEntityUsage,
) -> Result<Certificate, IssueError> {
    issue_end_entity(
        &root(),
        key(KeyPurpose::Credential).public_key(),
        profile,
        usage,
    )
}

fn credential() -> EndEntityUsage {
    EndEntityUsage::Purpose(KeyPurpose::Credential)
}

#[test]
fn a_root_says_what_a_root_says() {
    let root = root();
    let certificate = root.certificate();
    assert_eq!(
        certificate.subject().to_string(),
        format!("CN=Root,organizationIdentifier=NTRCN-{USCC},O=东莞市演示机构,C=CN")
    );
    assert!(certificate.is_self_issued());
    assert_eq!(certificate.serial().to_string(), "5a".repeat(16));
    assert_eq!(certificate.not_before(), at("2026-01-01T00:00:00Z"));
    assert_eq!(certificate.not_after(), at("2056-01-01T00:00:00Z"));
    let constraints = certificate.basic_constraints().unwrap();
    assert_eq!(
        (constraints.is_ca, constraints.max_path_length),
        (true, None)
    );
    let usage = certificate.key_usage().unwrap();
    assert!(usage.key_cert_sign() && usage.crl_sign() && !usage.digital_signature());
    assert!(certificate.is_extension_critical(extension::BASIC_CONSTRAINTS));
    assert!(certificate.is_extension_critical(extension::KEY_USAGE));
    assert_eq!(certificate.subject_key_id().unwrap().len(), 20);
    assert_eq!(certificate.authority_key_id(), certificate.subject_key_id());
    assert!(certificate.unhandled_critical().is_empty());
}

#[test]
fn a_chain_of_ours_is_a_path() {
    let root = root();
    let intermediate_key = key(KeyPurpose::CertificateAuthority);
    let intermediate = issue_intermediate(
        &root,
        intermediate_key.public_key(),
        &profile("Intermediate"),
        Some(0),
    )
    .unwrap();
    assert_eq!(
        intermediate.basic_constraints().unwrap().max_path_length,
        Some(0)
    );
    let issuing = IssuingCa::new(intermediate.clone(), intermediate_key).unwrap();
    let receipt = key(KeyPurpose::Receipt);
    let usage = EndEntityUsage::Purpose(KeyPurpose::Receipt);
    let end = issue_end_entity(&issuing, receipt.public_key(), &profile("End"), &usage).unwrap();
    assert_eq!(end.authority_key_id(), intermediate.subject_key_id());

    let anchors = AnchorSet::new([TrustAnchor::new(root.certificate().clone())]);
    let path = PathValidator::new(&anchors, &[intermediate], at("2030-01-01T00:00:00Z"))
        .validate(&end)
        .unwrap();
    assert_eq!(path.certificates().len(), 2);
    let error = PathValidator::new(&anchors, &[], at("2030-01-01T00:00:00Z")).validate(&end);
    assert_eq!(error.unwrap_err(), PathError::NoPath(None));

    // The intermediate may not make further CAs.
    let error = issue_intermediate(&issuing, receipt.public_key(), &profile("Third"), None);
    assert!(matches!(error, Err(IssueError::PathLength)));
}

#[test]
fn a_key_of_the_service_has_its_purpose_and_no_other() {
    for purpose in [
        KeyPurpose::Credential,
        KeyPurpose::Receipt,
        KeyPurpose::StatusList,
    ] {
        let certificate = end_entity(&profile("Key"), &EndEntityUsage::Purpose(purpose)).unwrap();
        assert_eq!(
            certificate.extended_key_usage().unwrap(),
            [purpose.eku().unwrap()]
        );
        assert!(certificate.is_extension_critical(extension::EXTENDED_KEY_USAGE));
        assert!(certificate.is_extension_critical(extension::KEY_USAGE));
        let usage = certificate.key_usage().unwrap();
        assert!(usage.digital_signature() && !usage.content_commitment() && !usage.key_cert_sign());
        let constraints = certificate.basic_constraints().unwrap();
        assert_eq!(
            (constraints.is_ca, constraints.max_path_length),
            (false, None)
        );
    }
    assert!(matches!(
        end_entity(
            &profile("Key"),
            &EndEntityUsage::Purpose(KeyPurpose::CertificateAuthority)
        ),
        Err(IssueError::WrongPurpose(KeyPurpose::CertificateAuthority))
    ));
}

#[test]
fn a_signer_has_policies_and_identity() {
    let mut profile = profile("Signer");
    profile.policies = vec![
        Oid::parse("2.25.1.2").unwrap(),
        Oid::parse("2.25.1.3").unwrap(),
    ];
    profile.identity = vec![
        (
            Oid::parse(ORGANISATION_CODE_EXTENSION).unwrap(),
            USCC.to_owned(),
        ),
        (Oid::parse("2.25.9").unwrap(), "东莞".to_owned()),
    ];
    let usages = vec![Oid::parse("1.3.6.1.5.5.7.3.36").unwrap()];
    let certificate = end_entity(&profile, &EndEntityUsage::Signer(usages)).unwrap();
    assert_eq!(certificate.certificate_policies(), ["2.25.1.2", "2.25.1.3"]);
    assert_eq!(
        certificate
            .extension_text(ORGANISATION_CODE_EXTENSION)
            .as_deref(),
        Some(USCC)
    );
    assert_eq!(
        certificate.extension_text("2.25.9").as_deref(),
        Some("东莞")
    );
    assert_eq!(
        certificate.extended_key_usage().unwrap(),
        ["1.3.6.1.5.5.7.3.36"]
    );
    assert!(!certificate.is_extension_critical(extension::EXTENDED_KEY_USAGE));
    assert!(certificate.key_usage().unwrap().content_commitment());
    assert_eq!(
        certificate
            .subject()
            .attribute(ORGANISATION_IDENTIFIER)
            .unwrap(),
        format!("NTRCN-{USCC}")
    );

    let certificate = end_entity(&profile, &EndEntityUsage::Signer(Vec::new())).unwrap();
    assert_eq!(certificate.extended_key_usage(), None);
}

#[test]
fn keys_of_other_kinds_are_certified() {
    for (spki, algorithm) in [
        (
            rcgen::KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384),
            "P-384",
        ),
        (
            rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519),
            "Ed25519",
        ),
    ] {
        let spki = rcgen::PublicKeyData::subject_public_key_info(&spki.unwrap());
        let key = PublicKey::from_spki_der(&spki).unwrap();
        let certificate = issue_end_entity(&root(), &key, &profile("Other"), &credential());
        assert_eq!(
            certificate.unwrap().public_key().spki_der(),
            spki,
            "{algorithm}"
        );
    }
}

#[test]
fn a_profile_that_makes_no_sense_is_refused() {
    let refused = |change: fn(&mut CertificateProfile)| {
        let mut profile = profile("End");
        change(&mut profile);
        end_entity(&profile, &credential()).unwrap_err()
    };
    assert!(matches!(
        refused(|p| p.serial = [0; 16]),
        IssueError::Serial
    ));
    assert!(matches!(
        refused(|p| p.serial = [0x80; 16]),
        IssueError::Serial
    ));
    assert!(matches!(
        refused(|p| p.not_after = at("2025-01-01T00:00:00Z")),
        IssueError::Dates
    ));
    for change in [
        |p: &mut CertificateProfile| p.not_after = at("2056-01-01T00:00:01Z"),
        |p: &mut CertificateProfile| p.not_before = at("2025-12-31T23:59:59Z"),
    ] {
        assert!(matches!(refused(change), IssueError::OutsideIssuerValidity));
    }
    assert!(matches!(
        refused(|p| p.subject.push((COMMON_NAME, "Two".to_owned()))),
        IssueError::DuplicateAttribute(COMMON_NAME)
    ));
    assert!(matches!(
        refused(|p| p.subject[0].1 = "中国".to_owned()),
        IssueError::Country
    ));
    for url in [
        "",
        "ldap://ldap.invalid/",
        "http://例子.invalid/",
        "http://a b/",
    ] {
        let mut profile = profile("End");
        profile.crl_url = Some(url.to_owned());
        assert!(matches!(
            end_entity(&profile, &credential()),
            Err(IssueError::Url(_))
        ));
    }
    // The same extension twice would be two certificates to two readers.
    assert!(matches!(
        refused(|p| p.identity = vec![(Oid::parse("2.25.9").unwrap(), String::new()); 2]),
        IssueError::Certificate(_)
    ));
}

#[test]
fn identifiers_of_any_size_are_written() {
    let mut profile = profile("End");
    let drawn = "2.25.340282366920938463463374607431768211455";
    profile.identity = vec![(Oid::parse(drawn).unwrap(), "text".to_owned())];
    let certificate = end_entity(&profile, &credential()).unwrap();
    assert_eq!(certificate.extension_text(drawn).as_deref(), Some("text"));
}

#[test]
fn a_certificate_says_where_its_crl_is() {
    let mut profile = profile("End");
    profile.crl_url = Some("http://crl.invalid/city.crl".to_owned());
    let certificate = end_entity(&profile, &credential()).unwrap();
    let value = certificate.extension_value(extension::CRL_DISTRIBUTION_POINTS);
    let points = parse_distribution_points(value.unwrap()).unwrap();
    let locations: Vec<String> = points
        .iter()
        .flat_map(|point| point.locations().map(|location| format!("{location:?}")))
        .collect();
    assert_eq!(locations.len(), 1);
    assert!(
        locations[0].contains("http://crl.invalid/city.crl"),
        "{locations:?}"
    );
    assert!(!certificate.is_extension_critical(extension::CRL_DISTRIBUTION_POINTS));
}

#[test]
fn a_small_serial_number_and_seconds_survive() {
    let mut profile = profile("End");
    profile.serial = [0; 16];
    profile.serial[15] = 0x80;
    profile.not_before = at("2026-01-01T00:00:00.75Z");
    let certificate = end_entity(&profile, &credential()).unwrap();
    assert_eq!(certificate.serial().to_string(), "80");
    assert_eq!(certificate.not_before(), at("2026-01-01T00:00:00Z"));
}

#[test]
fn only_a_ca_with_its_own_key_issues() {
    let other = key(KeyPurpose::CertificateAuthority);
    let root = root();
    assert!(matches!(
        IssuingCa::new(root.certificate().clone(), other),
        Err(IssueError::KeyMismatch)
    ));
    let (credential_key, pkcs8) = SigningKey::generate(KeyPurpose::Credential).unwrap();
    assert!(matches!(
        issue_root(&credential_key, &profile("Root"), None),
        Err(IssueError::WrongPurpose(KeyPurpose::Credential))
    ));
    let end = issue_end_entity(
        &root,
        credential_key.public_key(),
        &profile("End"),
        &credential(),
    )
    .unwrap();
    assert!(matches!(
        IssuingCa::new(end.clone(), credential_key),
        Err(IssueError::WrongPurpose(KeyPurpose::Credential))
    ));
    let misused = SigningKey::from_pkcs8(KeyPurpose::CertificateAuthority, pkcs8.expose()).unwrap();
    assert!(matches!(
        IssuingCa::new(end, misused),
        Err(IssueError::NotACa)
    ));
}
