//! What extensions say, and what they must not look like.

use crate::pki::certificate::PolicyConstraints;
use crate::pki::certificate::extension;
use crate::pki::certificate::fixtures::extension as written;
use crate::pki::oid::OidKey;

use super::*;

#[test]
fn extensions_are_read() {
    let basic = [0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, 0x03];
    let purpose = sequence(&[Oid::parse("1.3.6.1.5.5.7.3.30").unwrap().to_der()]);
    let policy = sequence(&[sequence(&[Oid::parse("1.2.3.4").unwrap().to_der()])]);
    let certificate = parse(&changed(|parts| {
        parts.extensions.extend([
            written(extension::BASIC_CONSTRAINTS, true, &basic),
            written(extension::EXTENDED_KEY_USAGE, true, &purpose),
            written(extension::CERTIFICATE_POLICIES, false, &policy),
            written(
                extension::SUBJECT_KEY_IDENTIFIER,
                false,
                &[0x04, 0x02, 7, 8],
            ),
            written(
                extension::AUTHORITY_KEY_IDENTIFIER,
                false,
                &[0x30, 0x04, 0x80, 0x02, 5, 6],
            ),
            written(extension::NAME_CONSTRAINTS, true, &[0x30, 0x00]),
            written("1.2.3.5", false, &[0x13, 0x01, b'x']),
            written("1.2.3.6", true, b"bare"),
        ]);
    }))
    .unwrap();
    let constraints = certificate.basic_constraints().unwrap();
    assert_eq!(
        (constraints.is_ca, constraints.max_path_length),
        (true, Some(3))
    );
    assert_eq!(
        certificate.extended_key_usage().unwrap(),
        ["1.3.6.1.5.5.7.3.30"]
    );
    assert_eq!(certificate.certificate_policies(), ["1.2.3.4"]);
    assert_eq!(certificate.subject_key_id(), Some(&[7, 8][..]));
    assert_eq!(certificate.authority_key_id(), Some(&[5, 6][..]));
    assert_eq!(certificate.unhandled_critical(), ["1.2.3.6"]);
    assert!(certificate.is_extension_critical(extension::NAME_CONSTRAINTS));
    assert!(!certificate.is_extension_critical("1.2.3.5"));
    assert_eq!(certificate.extension_value("1.2.3.6"), Some(&b"bare"[..]));
    assert_eq!(certificate.extension_value("1.2.3.7"), None);
    assert_eq!(certificate.extension_text("1.2.3.5").as_deref(), Some("x"));
    assert_eq!(
        certificate.extension_text("1.2.3.6").as_deref(),
        Some("bare")
    );
    assert_eq!(
        certificate.extension_text(extension::BASIC_CONSTRAINTS),
        None
    );
}

#[test]
fn recognised_extensions_are_well_formed() {
    for (oid, value) in [
        (extension::BASIC_CONSTRAINTS, &[][..]),
        (
            extension::BASIC_CONSTRAINTS,
            &[0x30, 0x03, 0x01, 0x01, 0x01],
        ),
        (
            extension::BASIC_CONSTRAINTS,
            &[0x30, 0x06, 0x01, 0x01, 0xff, 0x02, 0x01, 0xff],
        ),
        (
            extension::BASIC_CONSTRAINTS,
            &[0x30, 0x08, 0x01, 0x01, 0xff, 0x02, 0x01, 0x00, 0x05, 0x00],
        ),
        (
            extension::BASIC_CONSTRAINTS,
            &[0x30, 0x03, 0x01, 0x01, 0xff, 0x05, 0x00],
        ),
        (extension::BASIC_CONSTRAINTS, &[0x02, 0x01, 0x01]),
        (extension::BASIC_CONSTRAINTS, &[0x30, 0x00, 0x05, 0x00]),
        (extension::KEY_USAGE, &[0x04, 0x01, 0x80]),
        (extension::KEY_USAGE, &[0x03, 0x02, 0x01, 0x01]),
        (extension::KEY_USAGE, &[0x03, 0x02, 0x07, 0x80, 0x05, 0x00]),
        (extension::EXTENDED_KEY_USAGE, &[0x30, 0x00]),
        (extension::EXTENDED_KEY_USAGE, &[0x30, 0x02, 0x05, 0x00]),
        (
            extension::EXTENDED_KEY_USAGE,
            &[0x30, 0x03, 0x06, 0x01, 0x2a, 0x05, 0x00],
        ),
        (extension::SUBJECT_ALTERNATIVE_NAME, b"example.com"),
        (extension::SUBJECT_ALTERNATIVE_NAME, &[0x30, 0x00]),
        (
            extension::SUBJECT_ALTERNATIVE_NAME,
            &[0x30, 0x03, 0x16, 0x01, b'a'],
        ),
        (
            extension::SUBJECT_ALTERNATIVE_NAME,
            &[0x30, 0x03, 0x89, 0x01, b'a'],
        ),
        (
            extension::SUBJECT_ALTERNATIVE_NAME,
            &[0x30, 0x03, 0xa2, 0x01, b'a'],
        ),
        (
            extension::SUBJECT_ALTERNATIVE_NAME,
            &[0x30, 0x04, 0x82, 0x81, 0x01, b'a'],
        ),
        (extension::SUBJECT_KEY_IDENTIFIER, b"bare"),
        (
            extension::SUBJECT_KEY_IDENTIFIER,
            &[0x04, 0x01, 0x01, 0x05, 0x00],
        ),
        (extension::AUTHORITY_KEY_IDENTIFIER, b"bare"),
        (
            extension::AUTHORITY_KEY_IDENTIFIER,
            &[0x30, 0x04, 0x82, 0x02, 0x00, 0x05],
        ),
        (
            extension::AUTHORITY_KEY_IDENTIFIER,
            &[0x30, 0x04, 0xa1, 0x02, 0x82, 0x01],
        ),
        (
            extension::AUTHORITY_KEY_IDENTIFIER,
            &[0x30, 0x06, 0x82, 0x01, 0x05, 0x80, 0x01, 0x05],
        ),
        (
            extension::AUTHORITY_KEY_IDENTIFIER,
            &[0x30, 0x03, 0x83, 0x01, 0x05],
        ),
    ] {
        let error = refusal(|parts| parts.extensions = vec![written(oid, false, value)]);
        assert_eq!(error, format!("malformed extension {oid}"), "{value:02x?}");
    }
}

/// A certificate with this extension alone.
fn with<'a>(
    oid: impl Into<OidKey<'a>>,
    is_critical: bool,
    value: &[u8],
) -> Result<Certificate, CertificateError> {
    let written = written(oid, is_critical, value);
    parse(&changed(|parts| parts.extensions = vec![written]))
}

fn oid_der(text: &str) -> Vec<u8> {
    Oid::parse(text).unwrap().to_der()
}

/// `PolicyInformation` with whatever follows the identifier.
fn policy(text: &str, qualifiers: &[u8]) -> Vec<u8> {
    sequence(&[oid_der(text), qualifiers.to_vec()])
}

#[test]
fn policies_are_read_without_their_qualifiers() {
    let read = |members: &[Vec<u8>]| {
        with(extension::CERTIFICATE_POLICIES, false, &sequence(members))
            .map(|certificate| certificate.certificate_policies().to_vec())
    };
    let statement = sequence(&[oid_der("1.3.6.1.5.5.7.2.1"), vec![0x16, 0x01, b'a']]);
    let qualified = policy("1.2.4", &sequence(std::slice::from_ref(&statement)));
    let policies = read(&[policy("1.2.3", &[]), qualified.clone()]).unwrap();
    assert_eq!(policies, ["1.2.3", "1.2.4"]);
    let any = read(&[policy("2.5.29.32.0", &[])]).unwrap();
    assert_eq!(any, ["2.5.29.32.0"]);
    assert!(any.contains(extension::ANY_POLICY));

    let error = read(&[qualified.clone(), policy("1.2.3", &[]), qualified]).unwrap_err();
    assert!(
        matches!(&error, CertificateError::RepeatedPolicy(policy) if *policy == "1.2.4"),
        "{error}"
    );
    let not_one = sequence(&[statement[2..].to_vec(), vec![0x05, 0x00]]);
    for bad in [
        &[][..],
        &[vec![0x05, 0x00]],
        &[sequence(&[])],
        &[policy("1.2.3", &[0x05, 0x00])],
        &[policy("1.2.3", &[0x30, 0x02, 0x05, 0x00])],
        &[policy("1.2.3", &sequence(&[not_one]))],
        &[policy("1.2.3", &sequence(&[sequence(&[oid_der("1.2")])]))],
        &[policy("1.2.3", &[0x30, 0x00, 0x05, 0x00])],
    ] {
        let error = read(bad).unwrap_err().to_string();
        assert_eq!(error, "malformed extension 2.5.29.32", "{bad:02x?}");
    }
}

#[test]
fn policy_mappings_are_pairs() {
    let read = |value: &[u8]| {
        with(extension::POLICY_MAPPINGS, true, value)
            .map(|certificate| certificate.policy_mappings().map(<[_]>::to_vec))
    };
    let pair = |from, to| sequence(&[oid_der(from), oid_der(to)]);
    let mappings = read(&sequence(&[pair("1.2.3", "1.2.4"), pair("1.2.3", "1.2.5")]));
    let mappings = mappings.unwrap().unwrap();
    let shown: Vec<String> = mappings
        .iter()
        .map(|(from, to)| format!("{from} {to}"))
        .collect();
    assert_eq!(shown, ["1.2.3 1.2.4", "1.2.3 1.2.5"]);
    assert_eq!(parse(&Parts::good()).unwrap().policy_mappings(), None);
    let three = sequence(&[oid_der("1.2.3"), oid_der("1.2.4"), oid_der("1.2.5")]);
    for bad in [
        sequence(&[]),
        sequence(&[sequence(&[oid_der("1.2.3")])]),
        sequence(&[three]),
        pair("1.2.3", "1.2.4"),
        [sequence(&[pair("1.2.3", "1.2.4")]), vec![0x05, 0x00]].concat(),
    ] {
        let error = read(&bad).unwrap_err().to_string();
        assert_eq!(error, "malformed extension 2.5.29.33", "{bad:02x?}");
    }
}

#[test]
fn skip_counts_are_never_negative_and_saturate() {
    let constraints = |value: &[u8]| {
        with(extension::POLICY_CONSTRAINTS, true, value)
            .map(|certificate| certificate.policy_constraints())
    };
    let both = |require_explicit_policy, inhibit_policy_mapping| {
        Some(PolicyConstraints {
            require_explicit_policy,
            inhibit_policy_mapping,
        })
    };
    for (value, expected) in [
        (&[0x80, 0x01, 0x00][..], both(Some(0), None)),
        (&[0x81, 0x01, 0x7f], both(None, Some(127))),
        (
            &[0x80, 0x02, 0x01, 0x00, 0x81, 0x01, 0x01],
            both(Some(256), Some(1)),
        ),
        (
            &[0x80, 0x05, 0x00, 0xff, 0xff, 0xff, 0xff],
            both(Some(u32::MAX), None),
        ),
        (
            &[0x80, 0x05, 0x01, 0x00, 0x00, 0x00, 0x05],
            both(Some(u32::MAX), None),
        ),
    ] {
        let read = constraints(&der::encode(der::SEQUENCE, value)).unwrap();
        assert_eq!(read, expected, "{value:02x?}");
    }
    for bad in [
        &[0x30, 0x00][..],
        &[0x30, 0x03, 0x80, 0x01, 0xff],
        &[0x30, 0x02, 0x80, 0x00],
        &[0x30, 0x04, 0x80, 0x02, 0x00, 0x01],
        &[0x30, 0x03, 0x82, 0x01, 0x00],
        &[0x30, 0x06, 0x81, 0x01, 0x00, 0x80, 0x01, 0x00],
        &[0x30, 0x03, 0x02, 0x01, 0x00],
        &[0x80, 0x01, 0x00],
        &[0x30, 0x03, 0x80, 0x01, 0x00, 0x05, 0x00],
    ] {
        let error = constraints(bad).unwrap_err().to_string();
        assert_eq!(error, "malformed extension 2.5.29.36", "{bad:02x?}");
    }

    let inhibit = |value: &[u8]| {
        with(extension::INHIBIT_ANY_POLICY, true, value)
            .map(|certificate| certificate.inhibit_any_policy())
    };
    assert_eq!(inhibit(&[0x02, 0x01, 0x00]).unwrap(), Some(0));
    let huge = der::encode(der::INTEGER, &[0x7f; 40]);
    assert_eq!(inhibit(&huge).unwrap(), Some(u32::MAX));
    for bad in [
        &[0x02, 0x01, 0xff][..],
        &[0x02, 0x00],
        &[0x02, 0x02, 0x00, 0x01],
        &[0x30, 0x03, 0x02, 0x01, 0x00],
        &[0x02, 0x01, 0x00, 0x05, 0x00],
    ] {
        assert!(inhibit(bad).is_err(), "{bad:02x?}");
    }

    let length = sequence(&[vec![0x01, 0x01, 0xff], huge]);
    let certificate = with(extension::BASIC_CONSTRAINTS, true, &length).unwrap();
    let constraints = certificate.basic_constraints().unwrap();
    assert_eq!(constraints.max_path_length, Some(u32::MAX));
}

#[test]
fn what_others_read_is_at_least_canonical() {
    for oid in [
        extension::NAME_CONSTRAINTS,
        extension::CRL_DISTRIBUTION_POINTS,
        extension::FRESHEST_CRL,
    ] {
        let good = sequence(&[sequence(&[vec![0x80, 0x01, b'a']])]);
        let certificate = with(oid, true, &good).unwrap();
        assert_eq!(certificate.extension_value(oid), Some(&good[..]));
        assert!(certificate.unhandled_critical().is_empty());
        for bad in [
            &[][..],
            b"bare",
            &[0x31, 0x00],
            &[0x30, 0x00, 0x05, 0x00],
            &[0x30, 0x03, 0x30, 0x01, 0x80],
            &[0x30, 0x04, 0x80, 0x81, 0x01, b'a'],
            &[0x30, 0x80, 0x00, 0x00],
        ] {
            let error = with(oid, false, bad).unwrap_err().to_string();
            assert_eq!(error, format!("malformed extension {oid}"), "{bad:02x?}");
        }
    }
    let certificate = with(extension::NAME_CONSTRAINTS, true, &[0x30, 0x00]).unwrap();
    assert_eq!(certificate.name_constraints_der(), Some(&[0x30, 0x00][..]));
    assert_eq!(certificate.crl_distribution_points_der(), None);
    assert_eq!(certificate.freshest_crl_der(), None);
    assert_eq!(certificate.subject_alternative_name_der(), None);
}

#[test]
fn critical_extensions_are_unhandled_unless_they_are_known() {
    for (oid, value, is_handled) in [
        (extension::AUTHORITY_INFO_ACCESS, &[0x30, 0x00][..], true),
        (extension::SUBJECT_INFO_ACCESS, &[0x30, 0x00], true),
        (extension::ISSUER_ALTERNATIVE_NAME, &[0x30, 0x00], true),
        (extension::OCSP_NO_CHECK, &[0x05, 0x00], true),
        (
            extension::SUBJECT_DIRECTORY_ATTRIBUTES,
            &[0x30, 0x00],
            false,
        ),
    ] {
        let unhandled = |is_critical| {
            let certificate = with(oid, is_critical, value).unwrap();
            assert_eq!(certificate.is_extension_critical(oid), is_critical);
            certificate.unhandled_critical().to_vec()
        };
        let expected = match is_handled {
            true => Vec::new(),
            false => vec![oid.clone()],
        };
        assert_eq!(unhandled(true), expected, "{oid}");
        assert!(unhandled(false).is_empty(), "{oid}");
    }
}

#[test]
fn a_responder_is_excused_by_null_alone() {
    let certificate = with(extension::OCSP_NO_CHECK, false, &[0x05, 0x00]).unwrap();
    assert!(certificate.has_ocsp_no_check());
    assert!(!parse(&Parts::good()).unwrap().has_ocsp_no_check());
    for bad in [&[][..], &[0x30, 0x00], &[0x05, 0x00, 0x00]] {
        assert!(with(extension::OCSP_NO_CHECK, false, bad).is_err());
    }
}

#[test]
fn the_key_that_signed_is_named_in_three_ways() {
    let directory = der::encode(0xa4, &common_name("Root"));
    let value = sequence(&[
        der::encode(0x80, &[5, 6]),
        der::encode(0xa1, &directory),
        der::encode(0x82, &[0xff]),
    ]);
    let certificate = with(extension::AUTHORITY_KEY_IDENTIFIER, false, &value).unwrap();
    assert_eq!(certificate.authority_key_id(), Some(&[5, 6][..]));
    assert_eq!(
        certificate.authority_cert_issuer_der(),
        Some(&directory[..])
    );
    let serial = certificate.authority_cert_serial().unwrap();
    assert_eq!(serial.to_string(), "-01");
    let none = with(extension::AUTHORITY_KEY_IDENTIFIER, false, &[0x30, 0x00]).unwrap();
    assert_eq!(none.authority_key_id(), None);
    assert_eq!(none.authority_cert_issuer_der(), None);
    assert_eq!(none.authority_cert_serial(), None);
}

#[test]
fn addresses_are_hints() {
    let access = |method: &str, address: &[u8]| sequence(&[oid_der(method), address.to_vec()]);
    let (ocsp, issuers) = ("1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2");
    let value = sequence(&[
        access(ocsp, &der::encode(0x86, b"http://one.example")),
        access(issuers, &der::encode(0x86, b"http://two.example")),
        access(ocsp, &der::encode(0x82, b"three.example")),
        access(ocsp, &der::encode(0x86, b"http://four.example")),
    ]);
    let certificate = with(extension::AUTHORITY_INFO_ACCESS, false, &value).unwrap();
    assert_eq!(
        certificate.ocsp_uris(),
        ["http://one.example", "http://four.example"]
    );
    assert_eq!(certificate.ca_issuer_uris(), ["http://two.example"]);
    assert_eq!(certificate.authority_info_access_der(), Some(&value[..]));
    for bad in [
        &[][..],
        b"http://one.example",
        &value[..value.len() - 1],
        &[&value[..], &[0x05, 0x00]].concat(),
    ] {
        let certificate = with(extension::AUTHORITY_INFO_ACCESS, false, bad).unwrap();
        assert!(certificate.ocsp_uris().is_empty(), "{bad:02x?}");
        assert!(certificate.ca_issuer_uris().is_empty(), "{bad:02x?}");
    }
}

#[test]
fn nine_bits_say_what_a_key_is_for() {
    let usage = |bits: &[u8]| {
        let value = der::encode(der::BIT_STRING, bits);
        let certificate = with(extension::KEY_USAGE, true, &value).unwrap();
        certificate.key_usage().unwrap()
    };
    let shown = |bits: &[u8]| {
        let usage = usage(bits);
        (
            usage.digital_signature(),
            usage.content_commitment(),
            usage.key_cert_sign(),
            usage.crl_sign(),
            usage.is_encryption_only(),
        )
    };
    assert_eq!(shown(&[0x07, 0x80]), (true, false, false, false, false));
    assert_eq!(shown(&[0x06, 0x40]), (false, true, false, false, false));
    assert_eq!(shown(&[0x01, 0x06]), (false, false, true, true, false));
    assert_eq!(shown(&[0x03, 0x38]), (false, false, false, false, true));
    assert_eq!(shown(&[0x00]), (false, false, false, false, false));
    assert_ne!(usage(&[0x07, 0x00, 0x80]), usage(&[0x00]));
    assert_eq!(usage(&[0x07, 0x80, 0x00, 0x80]), usage(&[0x07, 0x80]));
}
