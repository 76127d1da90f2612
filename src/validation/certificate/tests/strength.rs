//! Weak algorithms and keys, in certificates that our own issuing cannot make.

use openssl::asn1::Asn1Time;
use openssl::bn::BigNum;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use openssl::x509::X509;
use openssl::x509::X509NameBuilder;
use openssl::x509::extension::BasicConstraints;
use openssl::x509::extension::ExtendedKeyUsage;
use openssl::x509::extension::KeyUsage;

use super::*;

/// Makes an RSA certificate with openssl, which our own issuing cannot: weak ones.
struct Rsa1024OrSha1 {
    key: PKey<openssl::pkey::Private>,
    certificate: X509,
}

fn rsa(
    name: &str,
    bits: u32,
    digest: MessageDigest,
    issuer: Option<&Rsa1024OrSha1>,
    is_ca: bool,
) -> Rsa1024OrSha1 {
    let key = PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap();
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let serial = BigNum::from_u32(u32::from(name.as_bytes()[0])).unwrap();
    builder
        .set_serial_number(&serial.to_asn1_integer().unwrap())
        .unwrap();
    builder.set_subject_name(&subject).unwrap();
    let issuer_name = issuer.map_or(&*subject, |issuer| issuer.certificate.subject_name());
    builder.set_issuer_name(issuer_name).unwrap();
    builder
        .set_not_before(&Asn1Time::from_unix(1_735_689_600).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::from_unix(1_798_675_200).unwrap())
        .unwrap();
    builder.set_pubkey(&key).unwrap();
    if is_ca {
        let constraints = BasicConstraints::new().critical().ca().build().unwrap();
        builder.append_extension(constraints).unwrap();
        let usage = KeyUsage::new().critical().key_cert_sign().build().unwrap();
        builder.append_extension(usage).unwrap();
    } else {
        let usage = KeyUsage::new()
            .critical()
            .digital_signature()
            .build()
            .unwrap();
        builder.append_extension(usage).unwrap();
        let eku = ExtendedKeyUsage::new().email_protection().build().unwrap();
        builder.append_extension(eku).unwrap();
    }
    let signing_key = issuer.map_or(&key, |issuer| &issuer.key);
    builder.sign(signing_key, digest).unwrap();
    Rsa1024OrSha1 {
        certificate: builder.build(),
        key,
    }
}

fn parsed(made: &Rsa1024OrSha1) -> Certificate {
    Certificate::parse_der(&made.certificate.to_der().unwrap()).unwrap()
}

#[test]
fn weak_algorithms_and_keys_are_refused_by_policy() {
    let (sha1, sha256) = (MessageDigest::sha1(), MessageDigest::sha256());
    let crypto = SubIndication::CryptoConstraintsFailure;
    let weak_key = [ReasonCode::KeyTooWeak];
    let weak_algorithm = [ReasonCode::AlgorithmTooWeak];
    for (root_bits, middle, end, expected) in [
        (2048, (2048, sha256), (2048, sha256), None),
        (2048, (2048, sha256), (2048, sha1), Some(&weak_algorithm)),
        (2048, (2048, sha1), (2048, sha256), Some(&weak_algorithm)),
        (2048, (2048, sha256), (1024, sha256), Some(&weak_key)),
        (2048, (1024, sha256), (2048, sha256), Some(&weak_key)),
        (1024, (2048, sha256), (2048, sha256), Some(&weak_key)),
    ] {
        let root = rsa("Root", root_bits, sha1, None, true);
        let above = rsa("Middle", middle.0, middle.1, Some(&root), true);
        let below = rsa("Company", end.0, end.1, Some(&above), false);
        let trust = fixture::set(&[fixture::store("a", &[&parsed(&root)], "")]);
        let outcome = outcome(&trust, &["a"], &parsed(&below), &[parsed(&above)]);
        match expected {
            None => assert_passed(&outcome),
            Some(codes) => assert_refused(&outcome, crypto, codes),
        }
    }
}

#[test]
fn a_weak_twin_of_an_intermediate_does_not_spoil_the_good_one() {
    let root = rsa("Root", 2048, MessageDigest::sha256(), None, true);
    let good = rsa("Middle", 2048, MessageDigest::sha256(), Some(&root), true);
    let below = rsa("Company", 2048, MessageDigest::sha256(), Some(&good), false);
    // The same name and key, signed with SHA-1.
    let mut weak = X509::builder().unwrap();
    weak.set_version(2).unwrap();
    weak.set_serial_number(good.certificate.serial_number())
        .unwrap();
    weak.set_subject_name(good.certificate.subject_name())
        .unwrap();
    weak.set_issuer_name(root.certificate.subject_name())
        .unwrap();
    weak.set_not_before(good.certificate.not_before()).unwrap();
    weak.set_not_after(good.certificate.not_after()).unwrap();
    weak.set_pubkey(&good.key).unwrap();
    let constraints = BasicConstraints::new().critical().ca().build().unwrap();
    weak.append_extension(constraints).unwrap();
    weak.sign(&root.key, MessageDigest::sha1()).unwrap();
    let weak = Certificate::parse_der(&weak.build().to_der().unwrap()).unwrap();

    let trust = fixture::set(&[fixture::store("a", &[&parsed(&root)], "")]);
    let (below, good) = (parsed(&below), parsed(&good));
    assert_refused(
        &outcome(&trust, &["a"], &below, std::slice::from_ref(&weak)),
        SubIndication::CryptoConstraintsFailure,
        &[ReasonCode::AlgorithmTooWeak],
    );
    assert_passed(&outcome(
        &trust,
        &["a"],
        &below,
        &[weak.clone(), good.clone()],
    ));
    assert_passed(&outcome(&trust, &["a"], &below, &[good, weak]));
}

#[test]
fn a_ca_may_be_held_to_a_list_of_algorithms() {
    for (allowed, passes) in [
        ("ECDSA-SHA256", true),
        ("ECDSA-P256-SHA256", true),
        ("ECDSA-SHA384", false),
        ("RSA-PKCS1-SHA256", false),
    ] {
        let Plain {
            trust, end_entity, ..
        } = plain(&format!("algorithms = ['{allowed}']"));
        let outcome = outcome(&trust, &["a"], &end_entity, &[]);
        match passes {
            true => assert_passed(&outcome),
            false => assert_refused(
                &outcome,
                SubIndication::CryptoConstraintsFailure,
                &[ReasonCode::AlgorithmNotPermitted],
            ),
        }
    }
}
