//! Reading CRLs: each field, each refusal, and looking up.

use proptest::prelude::*;

use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::sign::SigningKey;
use crate::crypto::verify::VerifyError;
use crate::encoding::pem;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::certificate::SerialNumber;
use crate::pki::certificate::fixtures::Parts;
use crate::pki::certificate::fixtures::common_name;
use crate::pki::certificate::fixtures::extension;
use crate::pki::certificate::fixtures::sequence;
use crate::pki::der;
use crate::pki::der::DerErrorKind;
use crate::pki::name::DistinguishedName;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::crl::CrlError;
use crate::pki::revocation::crl::CrlFlaw;
use crate::pki::revocation::crl::MAX_SIZE_BYTES;
use crate::pki::revocation::crl::fixtures::AUTHORITY_KEY_IDENTIFIER;
use crate::pki::revocation::crl::fixtures::CRL_NUMBER;
use crate::pki::revocation::crl::fixtures::CrlParts;
use crate::pki::revocation::crl::fixtures::DELTA_CRL_INDICATOR;
use crate::pki::revocation::crl::fixtures::FRESHEST_CRL;
use crate::pki::revocation::crl::fixtures::INVALIDITY_DATE;
use crate::pki::revocation::crl::fixtures::ISSUING_DISTRIBUTION_POINT;
use crate::pki::revocation::crl::fixtures::REASON_CODE;
use crate::pki::revocation::crl::fixtures::base_number;
use crate::pki::revocation::crl::fixtures::certificate_issuer;
use crate::pki::revocation::crl::fixtures::entry;
use crate::pki::revocation::crl::fixtures::flag;
use crate::pki::revocation::crl::fixtures::issuing_distribution_point;
use crate::pki::revocation::crl::fixtures::number;
use crate::pki::revocation::crl::fixtures::reason;
use crate::pki::revocation::crl::fixtures::utc_time;
use crate::pki::revocation::crl::parse_all;
use crate::pki::revocation::reason::RevocationReason;

/// `CrlParts::good` with something changed.
fn changed(change: impl FnOnce(&mut CrlParts)) -> CrlParts {
    let mut parts = CrlParts::good("CA");
    change(&mut parts);
    parts
}

fn parse(change: impl FnOnce(&mut CrlParts)) -> Result<Crl, CrlError> {
    Crl::parse_der(changed(change).der())
}

fn refusal(change: impl FnOnce(&mut CrlParts)) -> String {
    parse(change).unwrap_err().to_string()
}

fn name(text: &str) -> DistinguishedName {
    DistinguishedName::parse_der(&common_name(text)).unwrap()
}

/// The serial number whose INTEGER has these contents octets.
fn serial(content: &[u8]) -> SerialNumber {
    let mut parts = Parts::good();
    parts.serial = der::encode(der::INTEGER, content);
    let certificate = Certificate::parse_der(&parts.der()).unwrap();
    certificate.serial().clone()
}

fn reason_of(crl: &Crl, issuer: &str, content: &[u8]) -> Option<RevocationReason> {
    let entry = crl.find(&name(issuer), &serial(content))?;
    Some(entry.reason)
}

fn indirect() -> Vec<u8> {
    issuing_distribution_point(&[flag(4)])
}

#[test]
fn every_field_is_read() {
    let crl = parse(|parts| {
        let key = sequence(&[der::encode(der::context_primitive(0), &[7, 8])]);
        let uri = der::encode(der::context_primitive(6), b"http://a/");
        let full = der::encode(der::context_constructed(0), &uri);
        let point = sequence(&[der::encode(der::context_constructed(0), &full)]);
        parts.extensions.extend([
            extension(AUTHORITY_KEY_IDENTIFIER, false, &key),
            base_number(3),
            issuing_distribution_point(&[flag(1)]),
            extension(FRESHEST_CRL, false, &sequence(&[point])),
            extension("1.2.3", false, b"anything"),
        ]);
        parts.entries = Some(vec![entry(&[1], &[])]);
    })
    .unwrap();
    assert_eq!(crl.version(), 2);
    assert_eq!(crl.issuer(), &name("CA"));
    assert_eq!(crl.this_update().to_string(), "2030-01-01T00:00:00Z");
    let next_update = crl.next_update().unwrap();
    assert_eq!(next_update.to_string(), "2030-02-01T00:00:00Z");
    assert_eq!(crl.number().unwrap().to_string(), "05");
    assert_eq!(crl.base_number().unwrap().to_string(), "03");
    assert_eq!(crl.authority_key_id(), Some(&[7, 8][..]));
    assert!(crl.issuing_distribution_point().is_some());
    assert_eq!(crl.freshest_crl().len(), 1);
    assert_eq!(crl.entry_count(), 1);
    assert_eq!(crl.flaw(), None);
    assert_eq!(crl.signature(), [1, 2, 3]);
    assert!(crl.signature_algorithm().is_some());
}

#[test]
fn version_1_has_no_extensions() {
    let old = |parts: &mut CrlParts| {
        parts.version = Vec::new();
        parts.extensions = Vec::new();
        parts.next_update = Vec::new();
        parts.entries = Some(vec![entry(&[9], &[])]);
    };
    let crl = parse(old).unwrap();
    assert_eq!((crl.version(), crl.next_update()), (1, None));
    assert_eq!(crl.flaw(), None);
    assert_eq!(
        reason_of(&crl, "CA", &[9]),
        Some(RevocationReason::Unspecified)
    );
    for change in [
        |parts: &mut CrlParts| parts.extensions = vec![number(5)],
        |parts: &mut CrlParts| parts.entries = Some(vec![entry(&[9], &[reason(1)])]),
    ] {
        let error = parse(|parts| {
            old(parts);
            change(parts);
        });
        assert_eq!(error.unwrap_err(), CrlError::ExtensionsInVersion1);
    }
}

#[test]
fn entries_are_found_with_what_they_say() {
    let date = der::encode(der::GENERALIZED_TIME, b"20290501000000Z");
    let crl = parse(|parts| {
        parts.entries = Some(vec![
            entry(&[1], &[]),
            entry(
                &[2],
                &[
                    reason(1),
                    extension(INVALIDITY_DATE, false, &date),
                    extension("1.2.3", false, b"anything"),
                ],
            ),
            entry(&[3], &[reason(6)]),
        ]);
    })
    .unwrap();
    assert_eq!(
        reason_of(&crl, "CA", &[1]),
        Some(RevocationReason::Unspecified)
    );
    let found = crl.find(&name("ca"), &serial(&[2])).unwrap();
    assert_eq!(found.revocation_date.to_string(), "2029-06-01T00:00:00Z");
    assert_eq!(found.reason, RevocationReason::KeyCompromise);
    let since = found.invalidity_date.unwrap();
    assert_eq!(since.to_string(), "2029-05-01T00:00:00Z");
    assert_eq!(
        reason_of(&crl, "CA", &[3]),
        Some(RevocationReason::CertificateHold)
    );
    assert_eq!(reason_of(&crl, "CA", &[4]), None);
    assert_eq!(reason_of(&crl, "another", &[1]), None);
}

#[test]
fn serial_numbers_keep_their_sign() {
    let crl = parse(|parts| {
        parts.entries = Some(vec![entry(&[0xff], &[]), entry(&[0x00, 0x80], &[])]);
    })
    .unwrap();
    assert!(reason_of(&crl, "CA", &[0xff]).is_some());
    assert!(reason_of(&crl, "CA", &[0x00, 0x80]).is_some());
    assert!(reason_of(&crl, "CA", &[0x00, 0xff]).is_none());
    assert!(reason_of(&crl, "CA", &[0x80]).is_none());
}

#[test]
fn of_several_entries_the_gravest_counts() {
    let listed = |codes: &[u8]| {
        let entries = codes.iter().map(|code| entry(&[1], &[reason(*code)]));
        let entries = entries.collect();
        reason_of(
            &parse(|parts| parts.entries = Some(entries)).unwrap(),
            "CA",
            &[1],
        )
    };
    assert_eq!(listed(&[1, 6, 8]), Some(RevocationReason::KeyCompromise));
    assert_eq!(listed(&[8, 6]), Some(RevocationReason::CertificateHold));
    assert_eq!(listed(&[6, 8, 7]), Some(RevocationReason::Unrecognised(7)));
}

#[test]
fn a_certificate_issuer_holds_until_the_next_one() {
    let crl = parse(|parts| {
        parts.extensions.push(indirect());
        parts.entries = Some(vec![
            entry(&[1], &[]),
            entry(&[2], &[certificate_issuer("A")]),
            entry(&[3], &[]),
            entry(&[2], &[reason(1), certificate_issuer("B")]),
            entry(&[1], &[]),
        ]);
    })
    .unwrap();
    for (issuer, numbers) in [("CA", [1, 0, 0]), ("A", [0, 2, 3]), ("B", [1, 2, 0])] {
        for content in 1..=3 {
            let expected = numbers.contains(&content);
            let found = reason_of(&crl, issuer, &[content]);
            assert_eq!(found.is_some(), expected, "{issuer} {content}");
        }
    }
}

#[test]
fn entries_of_a_direct_crl_name_no_issuer() {
    let entries = || Some(vec![entry(&[2], &[certificate_issuer("A")])]);
    let error = parse(|parts| parts.entries = entries()).unwrap_err();
    assert_eq!(error, CrlError::CertificateIssuerInDirectCrl);
    let direct = |parts: &mut CrlParts| {
        parts
            .extensions
            .push(issuing_distribution_point(&[flag(1)]));
        parts.entries = entries();
    };
    assert_eq!(
        parse(direct).unwrap_err(),
        CrlError::CertificateIssuerInDirectCrl
    );
}

#[test]
fn unknown_critical_extensions_forbid_the_use() {
    let flaw = |change: fn(&mut CrlParts)| parse(change).unwrap().flaw().cloned();
    let unknown = || {
        Some(CrlFlaw::UnknownCriticalExtension(
            crate::pki::oid::Oid::parse("1.2.3").unwrap(),
        ))
    };
    assert_eq!(
        flaw(|parts| parts.extensions.push(extension("1.2.3", true, b"x"))),
        unknown()
    );
    assert_eq!(
        flaw(|parts| {
            let critical = entry(&[7], &[extension("1.2.3", true, b"x")]);
            parts.entries = Some(vec![entry(&[6], &[]), critical, entry(&[8], &[])]);
        }),
        unknown()
    );
}

#[test]
fn a_crl_has_a_number_that_is_not_critical() {
    let flaw = |change: fn(&mut CrlParts)| parse(change).unwrap().flaw().cloned();
    assert_eq!(flaw(|parts| parts.extensions = Vec::new()), None);
    assert_eq!(
        flaw(|parts| parts.extensions = vec![extension(CRL_NUMBER, true, &[2, 1, 5])]),
        Some(CrlFlaw::CriticalNumber)
    );
}

#[test]
fn an_element_too_many_is_refused_wherever_it_stands() {
    let null = || vec![0x05, 0x00];
    let longer = |whole: &[u8]| sequence(&[whole[2..].to_vec(), null()]);
    let changes: [&dyn Fn(&mut CrlParts); 7] = [
        &|parts| parts.after_signature = null(),
        &|parts| parts.after_tbs_fields = null(),
        &|parts| parts.extensions.push(null()),
        &|parts| parts.extensions[0] = longer(&parts.extensions[0]),
        &|parts| parts.entries = Some(vec![null()]),
        &|parts| parts.entries = Some(vec![longer(&entry(&[1], &[reason(1)]))]),
        &|parts| {
            let members = [parts.inner_algorithm[2..].to_vec(), null(), null()];
            parts.inner_algorithm = sequence(&members);
            parts.outer_algorithm = parts.inner_algorithm.clone();
        },
    ];
    for change in changes {
        let error = parse(change).unwrap_err();
        assert!(matches!(error, CrlError::Der(_)), "{error}");
    }
}

#[test]
fn lengths_and_integers_have_one_form() {
    let entries = |bytes: Vec<u8>| parse(|parts| parts.entries = Some(vec![bytes])).unwrap_err();
    let kind = |error| match error {
        CrlError::Der(error) => error.kind,
        error => panic!("{error}"),
    };
    let date = utc_time("290601000000Z");
    let serial = |bytes: &[u8]| kind(entries(sequence(&[bytes.to_vec(), date.clone()])));
    assert_eq!(serial(&[2, 2, 0, 5]), DerErrorKind::Integer);
    assert_eq!(serial(&[2, 0]), DerErrorKind::Integer);
    assert_eq!(serial(&[2, 0x81, 1, 5]), DerErrorKind::LengthNotMinimal);
    assert!(matches!(
        serial(&[0x22, 0]),
        DerErrorKind::UnexpectedTag { .. }
    ));
}

#[test]
fn truncated_and_prolonged_crls_are_refused() {
    let good = changed(|parts| parts.entries = Some(vec![entry(&[1], &[reason(1)])])).der();
    assert!(Crl::parse_der(good.as_slice()).is_ok());
    for end in 0..good.len() {
        let error = Crl::parse_der(&good[..end]).unwrap_err();
        assert!(matches!(error, CrlError::Der(_)), "{error}");
    }
    let error = Crl::parse_der([&good[..], &[0]].concat()).unwrap_err();
    assert!(matches!(error, CrlError::Der(e) if e.kind == DerErrorKind::TrailingBytes));
}

#[test]
fn other_versions_algorithms_and_dates_are_refused() {
    let version = |bytes: &[u8]| refusal(|parts| parts.version = bytes.to_vec());
    assert_eq!(version(&[2, 1, 0]), "unknown CRL version");
    assert_eq!(version(&[2, 1, 2]), "unknown CRL version");
    let error = refusal(|parts| {
        let oid = parts.inner_algorithm[2..].to_vec();
        parts.outer_algorithm = sequence(&[oid, vec![0x05, 0x00]]);
    });
    assert_eq!(error, "the signed and the outer signature algorithm differ");
    for (field, error) in [
        (
            "thisUpdate",
            refusal(|parts| parts.this_update = utc_time("300230000000Z")),
        ),
        (
            "nextUpdate",
            refusal(|parts| parts.next_update = utc_time("3002010000Z")),
        ),
        (
            "revocationDate",
            refusal(|parts| {
                let date = utc_time("300201000000");
                parts.entries = Some(vec![sequence(&[vec![2, 1, 1], date])]);
            }),
        ),
    ] {
        assert_eq!(error, format!("malformed {field} date"));
    }
}

#[test]
fn extensions_that_are_read_have_their_form() {
    for (oid, value) in [
        (CRL_NUMBER, &[2, 1, 0xff][..]),
        (CRL_NUMBER, b"bare"),
        (DELTA_CRL_INDICATOR, &[4, 1, 5]),
        (
            ISSUING_DISTRIBUTION_POINT,
            &[0x30, 6, 0x81, 1, 0xff, 0x82, 1, 0xff],
        ),
        (AUTHORITY_KEY_IDENTIFIER, b"bare"),
        (AUTHORITY_KEY_IDENTIFIER, &[0x30, 2, 5, 0]),
        (FRESHEST_CRL, &[0x30, 0]),
    ] {
        let error = refusal(|parts| parts.extensions = vec![extension(oid, false, value)]);
        assert_eq!(error, format!("malformed extension {oid}"), "{value:02x?}");
    }
    let no_name = sequence(&[der::encode(der::context_primitive(6), b"http://a/")]);
    for (oid, value) in [
        (REASON_CODE, &[2, 1, 1][..]),
        (REASON_CODE, &[10, 2, 1, 1]),
        (REASON_CODE, b"bare"),
        (INVALIDITY_DATE, &utc_time("290601000000Z")),
        ("2.5.29.29", &no_name),
        ("2.5.29.29", b"bare"),
    ] {
        let error = refusal(|parts| {
            parts.extensions.push(indirect());
            parts.entries = Some(vec![entry(&[1], &[extension(oid, false, value)])]);
        });
        assert_eq!(error, format!("malformed extension {oid}"), "{value:02x?}");
    }
}

#[test]
fn an_extension_occurs_once() {
    let error = refusal(|parts| parts.extensions.push(number(6)));
    assert_eq!(error, "extension 2.5.29.20 occurs twice");
    let error = refusal(|parts| parts.entries = Some(vec![entry(&[1], &[reason(1), reason(1)])]));
    assert_eq!(error, "extension 2.5.29.21 occurs twice");
}

#[test]
fn an_empty_list_of_entries_is_none() {
    let crl = parse(|parts| parts.entries = Some(Vec::new())).unwrap();
    assert_eq!(crl.entry_count(), 0);
    assert_eq!(reason_of(&crl, "CA", &[1]), None);
}

#[test]
fn sizes_are_limited() {
    let error = refusal(|parts| {
        parts.extensions = vec![extension("1.2.3", false, &vec![0; MAX_SIZE_BYTES])];
    });
    assert!(error.starts_with("a CRL of 671"), "{error}");
}

#[test]
fn signatures_are_verified_over_what_was_signed() {
    let key = || {
        SigningKey::generate(KeyPurpose::CertificateAuthority)
            .unwrap()
            .0
    };
    let (signer, another) = (key(), key());
    let crl = CrlParts::good("CA").signed_by(&signer);
    let wrong = Err(IssuerSignatureError::Verify(VerifyError::BadSignature));
    assert_eq!(crl.verify_signature(another.public_key()), wrong);
    assert!(!crl.is_proven_by(signer.public_key()));
    assert_eq!(crl.verify_signature(signer.public_key()), Ok(()));
    assert!(crl.is_proven_by(signer.public_key()));
    assert_eq!(crl.verify_signature(signer.public_key()), Ok(()));
    assert_eq!(crl.verify_signature(another.public_key()), wrong);

    let mut altered = crl.der().to_vec();
    let at = altered.windows(2).position(|w| w == b"CA").unwrap();
    altered[at] = b'B';
    let altered = Crl::parse_der(altered).unwrap();
    assert_eq!(altered.verify_signature(signer.public_key()), wrong);

    let unknown = parse(|parts| {
        parts.inner_algorithm = sequence(&[vec![6, 2, 0x2a, 3]]);
        parts.outer_algorithm = parts.inner_algorithm.clone();
    })
    .unwrap();
    assert!(matches!(
        unknown.verify_signature(signer.public_key()),
        Err(IssuerSignatureError::UnsupportedAlgorithm(oid)) if oid == "1.2.3"
    ));
}

#[test]
fn files_hold_pem_or_der() {
    let der = CrlParts::good("CA").der();
    assert_eq!(parse_all(&der, 1).unwrap()[0].der(), der);
    let one = pem::encode("X509 CRL", &der);
    let two = [one.as_str(), &one].concat();
    assert_eq!(parse_all(two.as_bytes(), 2).unwrap().len(), 2);
    assert!(matches!(
        parse_all(two.as_bytes(), 1),
        Err(CrlError::Pem(_))
    ));
    let certificate = pem::encode("CERTIFICATE", &der);
    assert_eq!(
        parse_all(certificate.as_bytes(), 9).unwrap_err(),
        CrlError::UnexpectedPemLabel("CERTIFICATE".to_owned())
    );
    assert_eq!(parse_all(b"", 9).unwrap_err(), CrlError::Empty);
    assert!(matches!(parse_all(b"no CRL", 9), Err(CrlError::Der(_))));
}

proptest! {
    #[test]
    fn what_is_listed_is_found_and_nothing_else(serials in prop::collection::btree_set(prop::collection::vec(1..=0x7f_u8, 1..6), 0..60)) {
        let (listed, others): (Vec<_>, Vec<_>) = serials.iter().enumerate().partition(|(i, _)| i % 2 == 0);
        let entries = listed.iter().map(|(_, content)| entry(content, &[])).collect();
        let crl = parse(|parts| parts.entries = Some(entries)).unwrap();
        prop_assert_eq!(crl.entry_count(), listed.len());
        for (_, content) in listed {
            prop_assert!(reason_of(&crl, "CA", content).is_some());
        }
        for (_, content) in others {
            prop_assert!(reason_of(&crl, "CA", content).is_none());
        }
    }

    #[test]
    fn what_is_read_is_what_stands_there(position in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let good = changed(|parts| parts.entries = Some(vec![entry(&[1], &[reason(1)])])).der();
        let mut other = good.clone();
        let at = position.index(other.len());
        other[at] ^= 1 << bit;
        if let Ok(read) = Crl::parse_der(other.clone()) {
            prop_assert_eq!(read.der(), &other[..]);
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
