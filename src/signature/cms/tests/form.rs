//! Structure, dialects and algorithms.

use super::broken;
use super::facts;
use super::facts_of;
use super::irregular;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::pki::der;
use crate::signature::cms::error::CmsError;
use crate::signature::cms::fixtures::CONTENT;
use crate::signature::cms::fixtures::ECDSA_SHA_256;
use crate::signature::cms::fixtures::Parts;
use crate::signature::cms::fixtures::SHA_256;
use crate::signature::cms::fixtures::SHA_512;
use crate::signature::cms::fixtures::SM3;
use crate::signature::cms::fixtures::Signer;
use crate::signature::cms::fixtures::algorithm;
use crate::signature::cms::fixtures::attribute;
use crate::signature::cms::fixtures::certify;
use crate::signature::cms::fixtures::content_type;
use crate::signature::cms::fixtures::issuer_and_serial;
use crate::signature::cms::fixtures::message_digest;
use crate::signature::cms::fixtures::oid;
use crate::signature::cms::fixtures::sequence;
use crate::signature::cms::fixtures::sha_256;
use crate::signature::cms::oids;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Integrity;

fn parse_error(parts: &Parts, signer: &Signer) -> CmsError {
    SignedData::parse(&parts.der(&signer.key)).unwrap_err()
}

#[test]
fn a_good_document_is_intact_and_says_who_when_and_how() {
    let signer = Signer::p256("a");
    let facts = facts(&Parts::good(&signer), &signer);
    assert_eq!(facts.integrity, Integrity::Intact);
    assert_eq!(facts.format, "CAdES-BASELINE-B");
    assert_eq!(facts.coverage, ContentCoverage::Whole);
    assert_eq!(facts.reference, CertificateReference::Matches);
    assert_eq!(facts.signer.as_ref(), Some(&signer.certificate));
    assert_eq!(facts.algorithm.name, "ECDSA-SHA256");
    assert_eq!(facts.digest, Some(DigestAlgorithm::Sha256));
    assert_eq!(
        facts.claimed_at.unwrap().to_string(),
        "2026-06-01T00:00:00Z"
    );
    assert!(facts.faults.is_empty(), "{:?}", facts.faults);
}

#[test]
fn detached_content_may_be_digested_elsewhere_and_has_to_be_the_one() {
    let signer = Signer::p256("a");
    let der = Parts::good(&signer).detached().der(&signer.key);
    let needs = SignedData::parse(&der).unwrap().needs();
    let expected = ContentNeeds {
        digests: [DigestAlgorithm::Sha256].into(),
        bytes: false,
    };
    assert_eq!(needs, expected);
    let of = |bytes: &[u8]| DetachedContent {
        digests: vec![digest(DigestAlgorithm::Sha256, bytes)],
        ..DetachedContent::default()
    };
    let facts = facts_of(&der, &[of(CONTENT)]);
    assert_eq!(facts.integrity, Integrity::Intact);
    assert_eq!(facts.coverage, ContentCoverage::Detached);
    assert_eq!(
        facts_of(&der, &[of(b"x")]).integrity,
        Integrity::ContentDiffers
    );
    assert_eq!(facts_of(&der, &[]).integrity, Integrity::ContentMissing);
    // Of several, the one that was signed.
    assert_eq!(
        facts_of(&der, &[of(b"x"), of(CONTENT)]).integrity,
        Integrity::Intact
    );
    let other = DetachedContent {
        digests: vec![digest(DigestAlgorithm::Sha512, CONTENT)],
        ..DetachedContent::default()
    };
    assert_eq!(
        facts_of(&der, &[other]).integrity,
        Integrity::ContentMissing
    );
}

#[test]
fn a_wrong_value_is_wrong_though_the_content_is_missing() {
    let signer = Signer::p256("a");
    let mut parts = Parts::good(&signer).detached();
    parts.value = Some(Signer::p256("b").key.sign_der(b"x").unwrap());
    assert_eq!(facts(&parts, &signer).integrity, Integrity::ValueWrong);
}

#[test]
fn without_attributes_the_content_itself_is_signed() {
    let signer = Signer::p256("a");
    let mut parts = Parts::good(&signer);
    parts.signer.attributes = None;
    let attached = facts(&parts, &signer);
    assert_eq!(attached.integrity, Integrity::Intact);
    assert_eq!(attached.format, "CMS");
    assert_eq!(attached.reference, CertificateReference::Absent);
    let der = parts.detached().der(&signer.key);
    assert!(SignedData::parse(&der).unwrap().needs().bytes);
    let of =
        |bytes: &[u8]| DetachedContent::of_bytes(None, bytes.to_vec(), &ContentNeeds::default());
    assert_eq!(facts_of(&der, &[of(CONTENT)]).integrity, Integrity::Intact);
    assert_eq!(facts_of(&der, &[of(b"x")]).integrity, Integrity::ValueWrong);
    assert_eq!(facts_of(&der, &[]).integrity, Integrity::ContentMissing);
}

#[test]
fn attributes_are_not_taken_for_content() {
    let signer = Signer::p256("a");
    let good = Parts::good(&signer);
    let mut members = good.signer.attributes.clone().unwrap();
    members.sort();
    let mut stripped = good.clone();
    stripped.value = Some(good.signature(&signer.key));
    stripped.content = Some(der::encode(der::SET, &members.concat()));
    stripped.signer.attributes = None;
    let facts = facts(&stripped, &signer);
    assert_eq!(
        facts.integrity,
        Integrity::Intact,
        "the mathematics is fooled"
    );
    assert_eq!(broken(&facts), ["signedAttrs"]);
}

#[test]
fn what_lies_around_the_structure_is_refused() {
    let signer = Signer::p256("a");
    let der = Parts::good(&signer).der(&signer.key);
    for end in 1..der.len() {
        assert!(SignedData::parse(&der[..end]).is_err(), "{end}");
    }
    assert!(SignedData::parse(&[&der[..], &[1]].concat()).is_err());
    let padded = facts_of(&[&der[..], &[0, 0]].concat(), &[]);
    assert_eq!(padded.integrity, Integrity::Intact);
    assert_eq!(irregular(&padded), ["ContentInfo"]);
    let national = Signer::sm2("b");
    let der = Parts::gm(&national).der(&national.key);
    assert!(SignedData::parse(&der).is_ok());
    assert!(SignedData::parse(&[&der[..], &[0, 0]].concat()).is_err());
}

#[test]
fn other_structures_are_named() {
    let signer = Signer::p256("a");
    let mut encrypted = Parts::good(&signer);
    encrypted.outer_type = "1.2.840.113549.1.7.3";
    assert!(matches!(
        parse_error(&encrypted, &signer),
        CmsError::NotSignedData(_)
    ));
    let mut version = Parts::good(&signer);
    version.version = 9;
    assert!(matches!(
        parse_error(&version, &signer),
        CmsError::UnknownVersion("SignedData")
    ));
    let mut version = Parts::good(&signer);
    version.signer.version = 9;
    assert!(matches!(
        parse_error(&version, &signer),
        CmsError::UnknownVersion("SignerInfo")
    ));
    let mut crowd = Parts::good(&signer);
    crowd.more_signers = vec![crowd.signer_info(&signer.key); 64];
    assert!(matches!(
        parse_error(&crowd, &signer),
        CmsError::TooMany {
            what: "signers",
            ..
        }
    ));
}

#[test]
fn computations_are_bounded_whatever_the_document_asks() {
    let signer = Signer::p256("a");
    let mut parts = Parts::good(&signer);
    let value = parts.signature(&signer.key);
    let counter = parts
        .clone()
        .with_attributes(&[message_digest(&sha_256(&value))]);
    let counter = counter.signer_info(&signer.key);
    parts.value = Some(value);
    let many = vec![counter; 10];
    parts.signer.unsigned = vec![attribute(oids::COUNTER_SIGNATURE, &many)];
    let info = parts.signer_info(&signer.key);
    parts.more_signers = vec![info; 30];
    let der = parts.der(&signer.key);
    let facts = SignedData::parse(&der).unwrap().facts(&[]);
    let of_all = facts
        .iter()
        .flat_map(|one| std::iter::once(one).chain(&one.counter_signatures));
    let exhausted = of_all.filter(|one| one.integrity == Integrity::BudgetExhausted);
    assert_eq!(exhausted.count(), 31 * 11 - 256);
}

#[test]
fn the_certificate_is_found_among_those_of_the_same_name_and_number() {
    let signer = Signer::p256("a");
    let stranger = Signer::p256("a");
    assert_eq!(stranger.certificate.serial(), signer.certificate.serial());
    let mut parts = Parts::good(&signer);
    parts
        .certificates
        .insert(0, stranger.certificate.der().to_vec());
    let found = facts(&parts, &signer);
    assert_eq!(found.integrity, Integrity::Intact);
    assert_eq!(found.signer.as_ref(), Some(&signer.certificate));
    assert_eq!(irregular(&found), ["sid"]);
    // Without the right one, the other is no signer.
    parts.certificates.pop();
    let found = facts(&parts, &signer);
    assert_eq!(found.integrity, Integrity::ValueWrong);
    assert_eq!(found.reference, CertificateReference::Differs);
    parts.certificates.clear();
    assert_eq!(facts(&parts, &signer).integrity, Integrity::NoCertificate);
}

#[test]
fn a_certificate_is_found_by_its_key_identifier() {
    let signer = Signer::p256("a");
    let mut parts = Parts::good(&signer);
    let id = signer.certificate.subject_key_id().unwrap().to_vec();
    parts.signer.version = 3;
    parts.signer.sid = der::encode(der::context_primitive(0), &id);
    assert_eq!(facts(&parts, &signer).integrity, Integrity::Intact);
    parts.signer.sid = der::encode(der::context_primitive(0), &id[1..]);
    assert_eq!(facts(&parts, &signer).integrity, Integrity::NoCertificate);
}

#[test]
fn another_certificate_of_the_same_key_is_not_the_one_that_was_named() {
    let signer = Signer::p256("a");
    let twin = signer.twin("b");
    let mut parts = Parts::good(&signer);
    parts.certificates = vec![twin.der().to_vec()];
    parts.signer.sid = issuer_and_serial(&twin);
    let found = facts(&parts, &signer);
    assert_eq!(found.integrity, Integrity::Intact);
    assert_eq!(found.reference, CertificateReference::Differs);
}

#[test]
fn algorithms_have_to_agree() {
    let signer = Signer::p256("a");
    let mut parts = Parts::good(&signer);
    parts.signer.digest = algorithm(SHA_512);
    let hash = digest(DigestAlgorithm::Sha512, CONTENT);
    let attributes = [content_type(oids::DATA), message_digest(hash.as_bytes())];
    let mixed = facts(&parts.clone().with_attributes(&attributes), &signer);
    assert_eq!(mixed.integrity, Integrity::Intact);
    assert_eq!(irregular(&mixed), ["digestAlgorithm"]);
    parts.signer.attributes = None;
    assert_eq!(broken(&facts(&parts, &signer)), ["digestAlgorithm"]);

    let national = Signer::sm2("b");
    let mut parts = Parts::gm(&national);
    parts.signer.digest = algorithm(SHA_256);
    let attributes = [
        content_type(oids::GM_DATA),
        message_digest(&sha_256(CONTENT)),
    ];
    let mixed = facts(&parts.with_attributes(&attributes), &national);
    assert_eq!(mixed.integrity, Integrity::Intact);
    assert_eq!(broken(&mixed), ["digestAlgorithm"]);
}

#[test]
fn unknown_algorithms_and_foreign_keys_are_told_apart() {
    let signer = Signer::p256("a");
    let mut parts = Parts::good(&signer);
    parts.signer.algorithm = algorithm("1.2.3.4");
    let unknown = facts(&parts, &signer);
    assert_eq!(unknown.integrity, Integrity::AlgorithmUnknown);
    assert_eq!(unknown.algorithm.name, "1.2.3.4");
    parts.signer.algorithm = algorithm("1.2.840.113549.1.1.11");
    assert!(matches!(
        facts(&parts, &signer).integrity,
        Integrity::KeyMismatch { .. }
    ));
    parts.signer.algorithm = algorithm(ECDSA_SHA_256);
    parts.signer.digest = algorithm("1.2.840.113549.2.5");
    let unknown = facts(&parts, &signer);
    assert_eq!(unknown.integrity, Integrity::AlgorithmUnknown);
}

#[test]
fn spellings_of_algorithms_that_occur_are_understood() {
    let signer = Signer::p256("a");
    let mut parts = Parts::good(&signer);
    parts.signer.algorithm = sequence(&[oid(ECDSA_SHA_256), vec![0x05, 0x00]]);
    assert_eq!(facts(&parts, &signer).integrity, Integrity::Intact);
    assert_eq!(irregular(&facts(&parts, &signer)), ["signatureAlgorithm"]);
    parts.signer.algorithm = algorithm(oids::EC_PUBLIC_KEY);
    assert_eq!(facts(&parts, &signer).integrity, Integrity::Intact);
    assert_eq!(irregular(&facts(&parts, &signer)), ["signatureAlgorithm"]);
    // r and s in fixed length (BSI TR-03111).
    let mut message = parts.signer.attributes.clone().unwrap();
    message.sort();
    let message = der::encode(der::SET, &message.concat());
    parts.signer.algorithm = algorithm("0.4.0.127.0.7.1.1.4.1.3");
    parts.value = Some(signer.key.sign(&message).unwrap());
    assert_eq!(facts(&parts, &signer).integrity, Integrity::Intact);
    parts.value = Some(signer.key.sign_der(&message).unwrap());
    assert_eq!(facts(&parts, &signer).integrity, Integrity::ValueWrong);
}

#[test]
fn national_documents_are_read_in_the_mixtures_that_occur() {
    let signer = Signer::sm2("a");
    for outer in [oids::GM_SIGNED_DATA, oids::SIGNED_DATA] {
        for inner in [oids::GM_DATA, oids::DATA] {
            for name in [oids::SM2_SIGNATURE, oids::SM2_CURVE, "1.2.156.10197.1.501"] {
                let hash = digest(DigestAlgorithm::Sm3, CONTENT);
                let mut parts = Parts::gm(&signer);
                parts.outer_type = outer;
                parts.content_type = inner;
                parts.signer.algorithm = sequence(&[oid(name), vec![0x05, 0x00]]);
                parts.signer.digest = sequence(&[oid(SM3), vec![0x05, 0x00]]);
                let attributes = [content_type(inner), message_digest(hash.as_bytes())];
                let found = facts(&parts.with_attributes(&attributes), &signer);
                assert_eq!(found.integrity, Integrity::Intact, "{outer} {inner} {name}");
                assert_eq!(found.format, "CMS");
                assert_eq!(irregular(&found).is_empty(), name != oids::SM2_CURVE);
                assert!(broken(&found).is_empty());
            }
        }
    }
    let mut fixed = Parts::gm(&signer);
    fixed.value = Some(vec![7; 64]);
    assert_eq!(facts(&fixed, &signer).integrity, Integrity::ValueWrong);
}

#[test]
fn documents_of_indefinite_length_in_pieces_are_the_same_documents() {
    let signer = Signer::p256("a");
    let der = Parts::good(&signer).der(&signer.key);
    let ber = in_ber(&der);
    assert_ne!(der, ber);
    let facts = facts_of(&ber, &[]);
    assert_eq!(facts.integrity, Integrity::Intact);
    let signed = SignedData::parse(&ber).unwrap();
    assert_eq!(signed.content().unwrap().len(), CONTENT.len().div_ceil(5));
    assert_eq!(signed.content().unwrap().concat(), CONTENT);
}

/// The outer levels with indefinite lengths, and the content in pieces of five octets.
fn in_ber(der: &[u8]) -> Vec<u8> {
    let open = |tag: u8, inner: Vec<u8>| [vec![tag, 0x80], inner, vec![0, 0]].concat();
    let members = |der: &[u8]| {
        let mut reader = der::single(der).unwrap().reader();
        let mut members = Vec::new();
        while !reader.is_at_end() {
            members.push(reader.read().unwrap().whole.to_vec());
        }
        members
    };
    let outer = members(der);
    let mut fields = members(&members(&outer[1])[0]);
    let inside = members(&fields[2]);
    let pieces = CONTENT
        .chunks(5)
        .flat_map(|piece| der::encode(der::OCTET_STRING, piece));
    let content = open(0xa0, open(0x24, pieces.collect()));
    fields[2] = open(der::SEQUENCE, [inside[0].clone(), content].concat());
    let signed_data = open(der::SEQUENCE, fields.concat());
    open(
        der::SEQUENCE,
        [outer[0].clone(), open(0xa0, signed_data)].concat(),
    )
}

#[test]
fn what_cannot_be_read_beside_the_signature_is_left_out_and_told() {
    let signer = Signer::p256("a");
    let mut parts = Parts::good(&signer);
    parts.certificates.push(sequence(&[vec![0x02, 1, 1]]));
    parts
        .certificates
        .push(der::encode(der::context_constructed(1), &[]));
    parts.crls.push(sequence(&[]));
    let facts = facts(&parts, &signer);
    assert_eq!(facts.integrity, Integrity::Intact);
    assert_eq!(irregular(&facts), ["certificates"; 3]);
    let stranger = certify(&Signer::p256("x").key, "x", 9);
    let mut parts = Parts::good(&signer);
    parts.certificates = vec![stranger.der().to_vec(); 2];
    parts.certificates.push(signer.certificate.der().to_vec());
    let facts = super::facts(&parts, &signer);
    assert_eq!(
        facts.certificates,
        [stranger],
        "once each, the signer's apart"
    );
}
