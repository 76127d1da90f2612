mod extensions;

use proptest::prelude::*;

use crate::pki::certificate::fixtures::Parts;
use crate::pki::certificate::fixtures::common_name;
use crate::pki::certificate::fixtures::extension;
use crate::pki::certificate::fixtures::sequence;
use crate::pki::certificate::fixtures::validity;
use crate::pki::certificate::fixtures::version;
use crate::pki::der;
use crate::pki::der::DerErrorKind;

use super::*;

fn parse(parts: &Parts) -> Result<Certificate, CertificateError> {
    Certificate::parse_der(&parts.der())
}

/// `Parts::good()` with one thing changed.
fn changed(change: impl FnOnce(&mut Parts)) -> Parts {
    let mut parts = Parts::good();
    change(&mut parts);
    parts
}

fn refusal(change: impl FnOnce(&mut Parts)) -> String {
    parse(&changed(change)).unwrap_err().to_string()
}

#[test]
fn every_field_is_read() {
    let certificate = parse(&Parts::good()).unwrap();
    assert_eq!(certificate.version(), 3);
    assert_eq!(certificate.serial().to_string(), "1234");
    assert_eq!(certificate.subject().to_string(), "CN=Subject");
    assert_eq!(certificate.issuer().to_string(), "CN=Issuer");
    assert_eq!(certificate.not_before().to_string(), "2026-01-01T00:00:00Z");
    assert_eq!(certificate.not_after().to_string(), "2056-01-01T00:00:00Z");
    assert_eq!(certificate.signature(), [1, 2, 3]);
    assert_eq!(
        certificate.signature_algorithm().unwrap().name(),
        "ECDSA-SHA256"
    );
    assert!(certificate.key_usage().unwrap().digital_signature());
    assert!(!certificate.key_usage().unwrap().key_cert_sign());
    assert!(!certificate.is_self_issued());
    assert!(certificate.unhandled_critical().is_empty());
    assert_eq!(certificate.sha256(), sha256(certificate.der()));
    assert_eq!(
        &certificate.der()[3..3 + certificate.tbs_der().len()],
        certificate.tbs_der()
    );
}

#[test]
fn older_versions_are_read_without_extensions() {
    let old = |number: &[u8]| {
        let number = number.to_vec();
        move |parts: &mut Parts| {
            parts.version = number;
            parts.extensions = Vec::new();
        }
    };
    assert_eq!(parse(&changed(old(&[]))).unwrap().version(), 1);
    let second = parse(&changed(old(&version(1)))).unwrap();
    assert_eq!(second.version(), 2);
    assert_eq!(
        refusal(|parts| parts.version = version(1)),
        "a certificate of version 2 has extensions"
    );
    assert_eq!(
        refusal(|parts| parts.version = version(3)),
        "unknown certificate version"
    );
}

#[test]
fn cut_off_and_trailing_bytes_are_refused() {
    let good = Parts::good().der();
    for end in 0..good.len() {
        assert!(Certificate::parse_der(&good[..end]).is_err(), "{end}");
    }
    let mut trailing = good.clone();
    trailing.push(0);
    let error = Certificate::parse_der(&trailing).unwrap_err();
    assert!(
        matches!(error, CertificateError::Der(e) if e.kind == DerErrorKind::TrailingBytes),
        "{error}"
    );
}

#[test]
fn an_element_too_many_is_refused_wherever_it_stands() {
    let null = [0x05, 0x00];
    let changes: [fn(&mut Parts, Vec<u8>); 7] = [
        |parts, null| parts.after_signature = null,
        |parts, null| parts.after_tbs_fields = null,
        |parts, null| parts.validity = sequence(&[parts.validity[2..].to_vec(), null]),
        |parts, null| parts.extensions.push(null),
        |parts, null| parts.extensions[0] = sequence(&[parts.extensions[0][2..].to_vec(), null]),
        |parts, null| {
            parts.version = der::encode(
                der::context_constructed(0),
                &[version(2)[2..].to_vec(), null].concat(),
            )
        },
        |parts, null| {
            let members = [parts.inner_algorithm[2..].to_vec(), null.clone(), null];
            parts.inner_algorithm = sequence(&members);
            parts.outer_algorithm = parts.inner_algorithm.clone();
        },
    ];
    for change in changes {
        let error = parse(&changed(|parts| change(parts, null.to_vec()))).unwrap_err();
        assert!(matches!(error, CertificateError::Der(_)), "{error}");
    }
}

#[test]
fn lengths_that_are_not_minimal_are_refused() {
    let error = refusal(|parts| parts.serial = vec![0x02, 0x81, 0x01, 0x05]);
    assert!(
        error.ends_with("length is not encoded in the fewest octets"),
        "{error}"
    );
    let error = refusal(|parts| parts.serial = vec![0x02, 0x02, 0x00, 0x05]);
    assert!(
        error.ends_with("INTEGER is empty or has superfluous octets"),
        "{error}"
    );
}

#[test]
fn both_algorithm_identifiers_are_the_same_bytes() {
    let error = refusal(|parts| {
        let oid = Oid::parse("1.2.840.10045.4.3.2").unwrap().to_der();
        parts.outer_algorithm = sequence(&[oid, vec![0x05, 0x00]]);
    });
    assert_eq!(error, "the signed and the outer signature algorithm differ");
}

#[test]
fn an_extension_occurs_once() {
    let error = refusal(|parts| parts.extensions.push(parts.extensions[0].clone()));
    assert_eq!(error, "extension 2.5.29.15 occurs twice");
    let error = refusal(|parts| {
        let unknown = ["1.2.3.5", "1.2.3.6", "1.2.3.5"];
        parts.extensions = unknown.map(|oid| extension(oid, false, &[])).to_vec();
    });
    assert_eq!(error, "extension 1.2.3.5 occurs twice");
}

#[test]
fn unique_identifiers_are_bit_strings_in_their_order() {
    let with = |ids: &[&[u8]]| parse(&changed(|parts| parts.unique_ids = ids.concat()));
    let (issuer, subject) = ([0x81, 0x02, 0x00, 0x01], [0x82, 0x02, 0x00, 0x01]);
    assert!(with(&[&issuer, &subject]).is_ok());
    assert!(with(&[&subject]).is_ok());
    for bad in [
        &[&subject[..], &issuer][..],
        &[&issuer, &issuer],
        &[&[0x81, 0x00]],
        &[&[0x81, 0x02, 0x01, 0x01]],
        &[&[0xa1, 0x02, 0x00, 0x01]],
    ] {
        let error = with(bad).unwrap_err();
        assert!(matches!(error, CertificateError::Der(_)), "{error}");
    }
}

#[test]
fn a_signature_with_unused_bits_is_none() {
    // PKITS 4.1.2 spoils a signature so: the certificate can be read, and nobody signed it.
    let bits = der::encode(der::BIT_STRING, &[1, 1, 2, 2]);
    let certificate = parse(&changed(|parts| parts.signature = bits.clone())).unwrap();
    assert!(certificate.signature().is_empty());
    let refused = certificate.verify_signature(certificate.public_key());
    let bad = IssuerSignatureError::Verify(VerifyError::BadSignature);
    assert_eq!(refused, Err(bad));
    let error = refusal(|parts| parts.signature = der::encode(der::BIT_STRING, &[1, 1, 2, 3]));
    assert!(error.ends_with("malformed BIT STRING"), "{error}");
}

#[test]
fn names_are_read_with_the_certificate() {
    let error = refusal(|parts| parts.issuer = sequence(&[der::encode(der::SET, &[])]));
    assert_eq!(error, "malformed name: a part of it has no attribute");
    let error = refusal(|parts| parts.subject = sequence(&[sequence(&[])]));
    assert!(error.starts_with("malformed name: byte"), "{error}");
    let error = refusal(|parts| parts.subject = der::encode(der::SET, &[]));
    assert!(error.starts_with("malformed certificate: byte"), "{error}");
    let certificate = parse(&Parts::good()).unwrap();
    let alone = DistinguishedName::parse_der(&common_name("Subject")).unwrap();
    assert_eq!(certificate.subject(), &alone);
    assert!(certificate.subject().matches(&alone));
    assert_eq!(
        certificate.subject().comparison_key(),
        alone.comparison_key()
    );
}

#[test]
fn serial_numbers_may_be_odd() {
    let serial = |content: &[u8]| {
        let content = content.to_vec();
        parse(&changed(|parts| {
            parts.serial = der::encode(der::INTEGER, &content)
        }))
        .unwrap()
        .serial()
        .clone()
    };
    assert_eq!(
        serial(&[0xff]).irregularity(),
        Some(SerialIrregularity::Negative)
    );
    assert_ne!(serial(&[0xff]), serial(&[0x00, 0xff]));
    assert_eq!(
        serial(&[0x01; 30]).irregularity(),
        Some(SerialIrregularity::TooLong)
    );
}

#[test]
fn dates_have_one_form() {
    let not_after = |tag: u8, text: &str| {
        let end = der::encode(tag, text.as_bytes());
        let begin = der::encode(der::UTC_TIME, b"260101000000Z");
        parse(&changed(|parts| parts.validity = validity(begin, end)))
            .map(|certificate| certificate.not_after().to_string())
    };
    for (tag, text, expected) in [
        (der::UTC_TIME, "491231235959Z", "2049-12-31T23:59:59Z"),
        (der::UTC_TIME, "500101000000Z", "1950-01-01T00:00:00Z"),
        (der::UTC_TIME, "000229000000Z", "2000-02-29T00:00:00Z"),
        (
            der::GENERALIZED_TIME,
            "20261231235959Z",
            "2026-12-31T23:59:59Z",
        ),
        (
            der::GENERALIZED_TIME,
            "99991231235959Z",
            "9999-12-31T23:59:59Z",
        ),
    ] {
        assert_eq!(not_after(tag, text).unwrap(), expected);
    }
    for (tag, text) in [
        (der::UTC_TIME, "2612312359Z"),
        (der::UTC_TIME, "261231235959"),
        (der::UTC_TIME, "261231235959+0000"),
        (der::UTC_TIME, "261331235959Z"),
        (der::UTC_TIME, "260230000000Z"),
        (der::UTC_TIME, "26123123595aZ"),
        (der::UTC_TIME, "20261231235959Z"),
        (der::GENERALIZED_TIME, "20261231235959.5Z"),
        (der::GENERALIZED_TIME, "20261231235959"),
        (der::GENERALIZED_TIME, "20261231235959+0800"),
        (der::GENERALIZED_TIME, "202612312359Z"),
        (der::GENERALIZED_TIME, "20261231240000Z"),
        (der::GENERALIZED_TIME, "00001231235959Z"),
        (der::UTF8_STRING, "261231235959Z"),
    ] {
        assert!(not_after(tag, text).is_err(), "{text}");
    }
}

#[test]
fn subject_and_issuer_may_be_one() {
    let certificate = parse(&changed(|parts| parts.subject = common_name(" issuer "))).unwrap();
    assert!(certificate.is_self_issued());
}

#[test]
fn sizes_are_limited() {
    let error = refusal(|parts| {
        parts.extensions = vec![extension("1.2.3.5", false, &[0; MAX_SIZE_BYTES])];
    });
    assert!(error.starts_with("a certificate of 65"), "{error}");
}

#[test]
fn files_hold_pem_or_der() {
    let der = Parts::good().der();
    assert_eq!(parse_all(&der, 1).unwrap()[0].der(), der);
    let mut text = pem::encode("CERTIFICATE", &der);
    assert_eq!(parse_all(text.as_bytes(), 1).unwrap().len(), 1);
    text.push_str(&pem::encode("CERTIFICATE", &Parts::good().der()));
    assert_eq!(parse_all(text.as_bytes(), 2).unwrap().len(), 2);
    assert!(matches!(
        parse_all(text.as_bytes(), 1),
        Err(CertificateError::Pem(_))
    ));
    text.push_str(&pem::encode("PRIVATE KEY", b"secret"));
    assert!(matches!(
        parse_all(text.as_bytes(), 9),
        Err(CertificateError::UnexpectedPemLabel(label)) if label == "PRIVATE KEY"
    ));
    assert!(matches!(parse_all(b"", 9), Err(CertificateError::Empty)));
    assert!(matches!(
        parse_all(b"no certificate", 9),
        Err(CertificateError::Der(_))
    ));
}

proptest! {
    #[test]
    fn what_is_read_is_what_stands_there(position in any::<prop::sample::Index>(), bit in 0..8_u8) {
        // A certificate with one bit changed is refused, or it is another certificate: its own
        // bytes, and other values exactly where the bit lies.
        let good = Parts::good().der();
        let mut other = good.clone();
        let at = position.index(other.len());
        other[at] ^= 1 << bit;
        if let Ok(read) = Certificate::parse_der(&other) {
            prop_assert_eq!(read.der(), &other[..]);
            prop_assert_ne!(read.sha256(), sha256(&good));
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
