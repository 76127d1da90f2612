//! CRLs of ours.

use super::*;
use crate::crypto::random::SeededRandom;
use crate::pki::certificate::SerialNumber;
use crate::pki::issue::crl::CrlProfile;
use crate::pki::issue::crl::RevokedCertificate;
use crate::pki::issue::crl::issue_crl;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::reason::RevocationReason;
use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::x509::X509Builder;
use openssl::x509::X509Name;
use openssl::x509::extension::BasicConstraints;
use openssl::x509::extension::KeyUsage;

fn sm2_root() -> IssuingCa {
    let random = SeededRandom::new([4; 32]);
    let purpose = KeyPurpose::CertificateAuthority;
    let (key, _) = SigningKey::generate_sm2(purpose, &random).unwrap();
    let certificate = issue_root(&key, &profile("Root"), None).unwrap();
    IssuingCa::new(certificate, key).unwrap()
}

fn serial(last: u8) -> SerialNumber {
    let mut profile = profile("End");
    profile.serial[15] = last;
    let certificate = end_entity(&profile, &credential()).unwrap();
    certificate.serial().clone()
}

fn crl_profile(revoked: Vec<RevokedCertificate>) -> CrlProfile {
    CrlProfile {
        number: 0x1_00ff,
        this_update: at("2026-02-01T00:00:00Z"),
        next_update: at("2026-02-02T00:00:00Z"),
        revoked,
    }
}

fn revoked(last: u8, reason: RevocationReason) -> RevokedCertificate {
    RevokedCertificate {
        serial: serial(last),
        at: at("2026-01-31T12:00:00Z"),
        reason,
    }
}

#[test]
fn a_crl_says_what_it_was_asked_to() {
    let reasons = [
        RevocationReason::Unspecified,
        RevocationReason::KeyCompromise,
        RevocationReason::CaCompromise,
        RevocationReason::AffiliationChanged,
        RevocationReason::Superseded,
        RevocationReason::CessationOfOperation,
        RevocationReason::CertificateHold,
        RevocationReason::PrivilegeWithdrawn,
        RevocationReason::AaCompromise,
    ];
    for issuer in [root(), sm2_root()] {
        let entries = (1..)
            .zip(reasons)
            .map(|(last, reason)| revoked(last, reason));
        let der = issue_crl(&issuer, &crl_profile(entries.collect())).unwrap();
        let crl = Crl::parse_der(der).unwrap();
        let ca = issuer.certificate();
        assert_eq!(crl.version(), 2);
        assert_eq!(crl.issuer(), ca.subject());
        assert_eq!(crl.authority_key_id(), ca.subject_key_id());
        assert_eq!(crl.number().unwrap().to_string(), "0100ff");
        assert_eq!(crl.entry_count(), reasons.len());
        for (last, reason) in (1..).zip(reasons) {
            let entry = crl.find(ca.subject(), &serial(last)).unwrap();
            assert_eq!(entry.reason, reason);
            assert_eq!(entry.revocation_date, at("2026-01-31T12:00:00Z"));
        }
        assert_eq!(crl.find(ca.subject(), &serial(0x80)), None);
        assert!(crl.verify_signature(ca.public_key()).is_ok());
        for other in [root(), sm2_root()] {
            let other = other.certificate().public_key();
            assert_eq!(
                crl.verify_signature(other).is_ok(),
                other == ca.public_key()
            );
        }
    }
}

#[test]
fn a_crl_may_revoke_nothing() {
    for number in [0, 1, 0x80, u64::MAX] {
        let profile = CrlProfile {
            number,
            ..crl_profile(Vec::new())
        };
        let crl = Crl::parse_der(issue_crl(&root(), &profile).unwrap()).unwrap();
        assert_eq!(crl.entry_count(), 0);
    }
}

#[test]
fn a_ca_that_may_not_sign_crls_signs_none() {
    let purpose = KeyPurpose::CertificateAuthority;
    let (key, pkcs8) = SigningKey::generate(purpose).unwrap();
    let openssl = PKey::private_key_from_der(pkcs8.expose()).unwrap();
    let mut made = X509Builder::new().unwrap();
    made.set_version(2).unwrap();
    made.set_pubkey(&openssl).unwrap();
    let [not_before, not_after] = [0, 1].map(|days| Asn1Time::days_from_now(days).unwrap());
    made.set_not_before(&not_before).unwrap();
    made.set_not_after(&not_after).unwrap();
    let serial = BigNum::from_u32(1).unwrap().to_asn1_integer().unwrap();
    made.set_serial_number(&serial).unwrap();
    let ca = BasicConstraints::new().critical().ca().build().unwrap();
    made.append_extension(ca).unwrap();
    let usage = KeyUsage::new().critical().key_cert_sign().build().unwrap();
    made.append_extension(usage).unwrap();
    let mut name = X509Name::builder().unwrap();
    name.append_entry_by_text("CN", "CA").unwrap();
    let name = name.build();
    made.set_subject_name(&name).unwrap();
    made.set_issuer_name(&name).unwrap();
    made.sign(&openssl, MessageDigest::sha256()).unwrap();
    let certificate = Certificate::parse_der(&made.build().to_der().unwrap()).unwrap();
    let issuer = IssuingCa::new(certificate, key).unwrap();
    assert!(matches!(
        issue_crl(&issuer, &crl_profile(Vec::new())),
        Err(IssueError::NotACrlIssuer)
    ));
}

#[test]
fn a_crl_that_makes_no_sense_is_not_issued() {
    let issued = |profile: &CrlProfile| issue_crl(&root(), profile);
    let backwards = CrlProfile {
        next_update: at("2026-01-31T23:59:59Z"),
        ..crl_profile(Vec::new())
    };
    assert!(matches!(issued(&backwards), Err(IssueError::Dates)));
    for reason in [
        RevocationReason::RemoveFromCrl,
        RevocationReason::Unrecognised(7),
    ] {
        let profile = crl_profile(vec![revoked(1, reason)]);
        assert!(matches!(issued(&profile), Err(IssueError::Reason(_))));
    }
    // One serial number with two reasons would be two answers.
    let twice = crl_profile(vec![
        revoked(1, RevocationReason::KeyCompromise),
        revoked(1, RevocationReason::Superseded),
    ]);
    assert!(issued(&twice).is_err());
}
