//! Signed attributes.

use super::broken;
use super::facts;
use super::irregular;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::pki::der;
use crate::signature::cms::fixtures::CONTENT;
use crate::signature::cms::fixtures::ECDSA_SHA_256;
use crate::signature::cms::fixtures::Parts;
use crate::signature::cms::fixtures::SHA_256;
use crate::signature::cms::fixtures::SHA_512;
use crate::signature::cms::fixtures::Signer;
use crate::signature::cms::fixtures::algorithm;
use crate::signature::cms::fixtures::attribute;
use crate::signature::cms::fixtures::content_type;
use crate::signature::cms::fixtures::message_digest;
use crate::signature::cms::fixtures::octets;
use crate::signature::cms::fixtures::oid;
use crate::signature::cms::fixtures::sequence;
use crate::signature::cms::fixtures::sha_256;
use crate::signature::cms::fixtures::signing_certificate;
use crate::signature::cms::fixtures::signing_time;
use crate::signature::cms::oids;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::Integrity;
use crate::signature::facts::SignatureFacts;

/// Content type and digest, and what else is said.
fn with(more: &[Vec<u8>]) -> (SignatureFacts, Signer) {
    let signer = Signer::p256("a");
    let mut attributes = vec![content_type(oids::DATA), message_digest(&sha_256(CONTENT))];
    attributes.extend_from_slice(more);
    let parts = Parts::good(&signer).with_attributes(&attributes);
    (facts(&parts, &signer), signer)
}

fn only(attributes: &[Vec<u8>]) -> SignatureFacts {
    let signer = Signer::p256("a");
    facts(&Parts::good(&signer).with_attributes(attributes), &signer)
}

#[test]
fn the_content_has_to_be_what_was_digested() {
    let wrong = only(&[content_type(oids::DATA), message_digest(&sha_256(b"x"))]);
    assert_eq!(wrong.integrity, Integrity::ContentDiffers);
    let none = only(&[content_type(oids::DATA)]);
    assert_eq!(
        none.integrity,
        Integrity::ValueWrong,
        "nothing binds the content"
    );
    assert_eq!(broken(&none), ["messageDigest"]);
}

#[test]
fn the_content_type_has_to_be_there_and_the_same() {
    let good = message_digest(&sha_256(CONTENT));
    assert_eq!(broken(&only(std::slice::from_ref(&good))), ["contentType"]);
    let other = only(&[content_type(oids::TST_INFO), good]);
    assert_eq!(other.integrity, Integrity::Intact);
    assert_eq!(broken(&other), ["contentType"]);
}

#[test]
fn what_occurs_once_occurs_once() {
    for (again, name) in [
        (content_type(oids::DATA), "contentType"),
        (message_digest(&sha_256(CONTENT)), "messageDigest"),
    ] {
        assert_eq!(broken(&with(&[again]).0), [name]);
    }
    let twice = [signing_time("260601000000Z"), signing_time("260602000000Z")];
    assert_eq!(broken(&with(&twice).0), ["signingTime"]);
    let two_values = attribute(
        oids::SIGNING_TIME,
        &[
            der::encode(der::UTC_TIME, b"260601000000Z"),
            der::encode(der::UTC_TIME, b"260602000000Z"),
        ],
    );
    assert_eq!(broken(&with(&[two_values]).0), ["signingTime"]);
    assert_eq!(
        broken(&with(&[attribute(oids::SIGNING_TIME, &[])]).0),
        ["signingTime"]
    );
}

#[test]
fn a_malformed_attribute_refuses() {
    let text = der::encode(der::UTF8_STRING, b"x");
    let malformed = [
        (oids::SIGNING_CERTIFICATE_V2, "signingCertificateV2"),
        (oids::SIGNING_CERTIFICATE, "signingCertificate"),
        (oids::ALGORITHM_PROTECTION, "cmsAlgorithmProtection"),
    ];
    for (kind, name) in malformed {
        assert_eq!(
            broken(&with(&[attribute(kind, std::slice::from_ref(&text))]).0),
            [name]
        );
    }
    let number = der::encode(der::INTEGER, &[1]);
    let facts = only(&[
        content_type(oids::DATA),
        attribute(oids::MESSAGE_DIGEST, &[number]),
    ]);
    assert_eq!(broken(&facts), ["messageDigest", "messageDigest"]);
    // A time that is none is told, since it proves nothing anyway.
    let facts = with(&[signing_time("260601")]).0;
    assert_eq!(
        (irregular(&facts), facts.claimed_at),
        (vec!["signingTime"], None)
    );
}

#[test]
fn attributes_in_another_order_are_signed_in_the_order_of_der_or_as_they_are_written() {
    let signer = Signer::p256("a");
    let mut reversed = Parts::good(&signer);
    let mut attributes = reversed.signer.attributes.clone().unwrap();
    attributes.sort();
    attributes.reverse();
    reversed.signer.attributes = Some(attributes.clone());
    reversed.attributes_as_they_come = true;
    // Signed as written.
    let as_written = facts(&reversed, &signer);
    assert_eq!(as_written.integrity, Integrity::Intact);
    assert_eq!(irregular(&as_written), ["signedAttrs"]);
    // Signed in the order of DER.
    reversed.value = Some(Parts::good(&signer).signature(&signer.key));
    let in_order = facts(&reversed, &signer);
    assert_eq!(in_order.integrity, Integrity::Intact);
    assert_eq!(irregular(&in_order), ["signedAttrs"]);
    // Signed with the tag that they stand under.
    attributes.reverse();
    let tagged = der::encode(der::context_constructed(0), &attributes.concat());
    let mut parts = Parts::good(&signer);
    parts.value = Some(signer.key.sign_der(&tagged).unwrap());
    assert_eq!(facts(&parts, &signer).integrity, Integrity::ValueWrong);
}

#[test]
fn a_certificate_may_be_named_by_any_digest_that_we_know() {
    let (_, signer) = with(&[]);
    let by = |kind: &str, named: Vec<u8>| attribute(kind, &[sequence(&[sequence(&[named])])]);
    let hash = |algorithm| octets(digest(algorithm, signer.certificate.der()).as_bytes());
    let v1 = by(
        oids::SIGNING_CERTIFICATE,
        sequence(&[hash(DigestAlgorithm::Sha1)]),
    );
    let v2 = by(
        oids::SIGNING_CERTIFICATE_V2,
        sequence(&[algorithm(SHA_512), hash(DigestAlgorithm::Sha512)]),
    );
    let wrong = by(oids::SIGNING_CERTIFICATE, sequence(&[octets(&[0; 20])]));
    let unknown = by(
        oids::SIGNING_CERTIFICATE_V2,
        sequence(&[algorithm("1.2.3.4"), hash(DigestAlgorithm::Sha256)]),
    );
    let reference = |more: &[Vec<u8>]| {
        let mut attributes = vec![content_type(oids::DATA), message_digest(&sha_256(CONTENT))];
        attributes.extend_from_slice(more);
        facts(&Parts::good(&signer).with_attributes(&attributes), &signer).reference
    };
    assert_eq!(reference(&[]), CertificateReference::Absent);
    assert_eq!(
        reference(std::slice::from_ref(&v1)),
        CertificateReference::Matches
    );
    assert_eq!(
        reference(std::slice::from_ref(&v2)),
        CertificateReference::Matches
    );
    assert_eq!(reference(&[v1.clone(), v2]), CertificateReference::Matches);
    assert_eq!(
        reference(std::slice::from_ref(&wrong)),
        CertificateReference::Differs
    );
    assert_eq!(reference(&[unknown]), CertificateReference::Differs);
    let right = signing_certificate(&signer.certificate);
    assert_eq!(
        reference(&[wrong, right]),
        CertificateReference::Differs,
        "one that differs is enough"
    );
}

#[test]
fn issuer_and_serial_number_beside_the_digest_are_compared() {
    let signer = Signer::p256("a");
    let named = |serial: &[u8]| {
        let name = der::encode(
            der::context_constructed(4),
            signer.certificate.issuer().der(),
        );
        let issuer_serial = sequence(&[sequence(&[name]), der::encode(der::INTEGER, serial)]);
        let hash = octets(signer.certificate.sha256().as_bytes());
        let list = sequence(&[sequence(&[hash, issuer_serial])]);
        let attributes = [
            content_type(oids::DATA),
            message_digest(&sha_256(CONTENT)),
            attribute(oids::SIGNING_CERTIFICATE_V2, &[sequence(&[list])]),
        ];
        facts(&Parts::good(&signer).with_attributes(&attributes), &signer)
    };
    let serial = signer.certificate.serial().as_bytes();
    assert!(irregular(&named(serial)).is_empty());
    let padded = [&[0], serial].concat();
    assert!(
        irregular(&named(&padded)).is_empty(),
        "a superfluous octet changes no number"
    );
    assert_eq!(irregular(&named(&[1])), ["signingCertificate"]);
}

#[test]
fn algorithms_that_were_signed_along_are_those_that_are_used() {
    let protection = |digest: &str, signature: &str| {
        let signature = der::encode(der::context_constructed(1), &oid(signature));
        let value = sequence(&[algorithm(digest), signature]);
        broken(&with(&[attribute(oids::ALGORITHM_PROTECTION, &[value])]).0).len()
    };
    assert_eq!(protection(SHA_256, ECDSA_SHA_256), 0);
    assert_eq!(protection(SHA_512, ECDSA_SHA_256), 1);
    assert_eq!(protection(SHA_256, "1.2.840.10045.4.3.4"), 1);
    let mac = sequence(&[
        algorithm(SHA_256),
        der::encode(der::context_constructed(2), &oid("1.2.3")),
    ]);
    let found = with(&[attribute(oids::ALGORITHM_PROTECTION, &[mac])]).0;
    assert_eq!(broken(&found), ["cmsAlgorithmProtection"]);
}

#[test]
fn every_attribute_is_shown() {
    let (facts, _) = with(&[attribute("1.2.3.4", &[octets(&[0xab; 80])])]);
    let shown = |name: &str| {
        let found = facts
            .attributes
            .iter()
            .find(|attribute| attribute.name == name);
        found.unwrap().value.clone()
    };
    assert_eq!(shown("contentType"), oids::DATA);
    assert_eq!(shown("1.2.3.4"), format!("{}…", "ab".repeat(64)));
    assert!(facts.attributes.iter().all(|attribute| attribute.signed));
}
