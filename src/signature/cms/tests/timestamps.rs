//! Timestamps and counter-signatures.

use super::broken;
use super::facts;
use crate::pki::der;
use crate::signature::cms::fixtures::CONTENT;
use crate::signature::cms::fixtures::Parts;
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
use crate::signature::cms::fixtures::tst_info;
use crate::signature::cms::oids;
use crate::signature::cms::signed_data::SignedData;
use crate::signature::cms::timestamp_token::TstInfo;
use crate::signature::cms::timestamp_token::TstInfoError;
use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::Imprint;
use crate::signature::facts::Integrity;
use crate::signature::facts::TimestampFacts;
use crate::signature::facts::TimestampKind;

const TIME: &str = "20260601000000Z";

/// A document with its value fixed, so that something can be added about it.
fn fixed(signer: &Signer) -> Parts {
    let mut parts = Parts::good(signer);
    parts.value = Some(parts.signature(&signer.key));
    parts
}

fn stamped(imprint: &[u8]) -> TimestampFacts {
    let (signer, authority) = (Signer::p256("a"), Signer::p256("tsa"));
    let mut parts = fixed(&signer);
    let covered = if imprint.is_empty() {
        sha_256(&parts.signature(&signer.key))
    } else {
        imprint.to_vec()
    };
    let token = Parts::token(&authority, &covered, TIME).der(&authority.key);
    parts.signer.unsigned = vec![attribute(oids::SIGNATURE_TIMESTAMP, &[token])];
    let mut facts = facts(&parts, &signer);
    assert_eq!(facts.format, "CAdES-BASELINE-T");
    assert_eq!(facts.timestamps.len(), 1);
    facts.timestamps.remove(0)
}

#[test]
fn a_timestamp_is_about_the_value_that_it_stands_beside() {
    let stamp = stamped(&[]);
    assert_eq!(stamp.kind, TimestampKind::Signature);
    assert_eq!(stamp.imprint, Imprint::Matches);
    assert_eq!(stamp.time.unwrap().to_string(), "2026-06-01T00:00:00Z");
    let signature = stamp.signature.unwrap();
    assert_eq!(
        (signature.format.as_str(), &signature.integrity),
        ("timestamp", &Integrity::Intact)
    );
    assert_eq!(stamped(&sha_256(b"x")).imprint, Imprint::Differs);
}

#[test]
fn a_content_timestamp_is_signed_and_about_the_content() {
    let (signer, authority) = (Signer::p256("a"), Signer::p256("tsa"));
    for (covered, imprint) in [
        (CONTENT, Imprint::Matches),
        (b"x".as_slice(), Imprint::Differs),
    ] {
        let token = Parts::token(&authority, &sha_256(covered), TIME).der(&authority.key);
        let attributes = [
            content_type(oids::DATA),
            message_digest(&sha_256(CONTENT)),
            signing_certificate(&signer.certificate),
            attribute(oids::CONTENT_TIMESTAMP, &[token]),
        ];
        let found = facts(&Parts::good(&signer).with_attributes(&attributes), &signer);
        assert_eq!(found.integrity, Integrity::Intact);
        assert_eq!(found.timestamps[0].kind, TimestampKind::Content);
        assert_eq!(found.timestamps[0].imprint, imprint);
    }
}

#[test]
fn a_token_is_a_signature_over_tst_info_by_one_signer() {
    let (signer, authority) = (Signer::p256("a"), Signer::p256("tsa"));
    let malformed = |token: Vec<u8>| {
        let mut parts = fixed(&signer);
        parts.signer.unsigned = vec![attribute(oids::SIGNATURE_TIMESTAMP, &[token])];
        let mut facts = facts(&parts, &signer);
        let stamp = facts.timestamps.remove(0);
        (stamp.malformed, stamp.signature.is_none())
    };
    let document = Parts::good(&authority).der(&authority.key);
    assert!(malformed(document).0.unwrap().contains("is no timestamp"));
    let mut two = Parts::token(&authority, &[0; 32], TIME);
    two.more_signers = vec![two.signer_info(&authority.key)];
    assert!(
        malformed(two.der(&authority.key))
            .0
            .unwrap()
            .contains("2 signers")
    );
    assert!(malformed(sequence(&[])).1);
    // Its own signature has to be about what it says.
    let mut altered = Parts::token(&authority, &[0; 32], TIME);
    altered.content = Some(tst_info(&[1; 32], TIME));
    let mut parts = fixed(&signer);
    let token = altered.der(&authority.key);
    parts.signer.unsigned = vec![attribute(oids::SIGNATURE_TIMESTAMP, &[token])];
    let found = facts(&parts, &signer).timestamps.remove(0);
    assert_eq!(
        found.signature.unwrap().integrity,
        Integrity::ContentDiffers
    );
}

#[test]
fn tst_info_is_read_to_the_last_field() {
    let good = tst_info(&[7; 32], "20260601000000.25Z");
    let info = TstInfo::parse(&good).unwrap();
    assert_eq!(info.time.as_micros() % 1_000_000, 250_000);
    assert_eq!(info.serial, [42]);
    assert!(matches!(
        TstInfo::parse(&tst_info(&[7; 31], TIME)),
        Err(TstInfoError::Imprint)
    ));
    for time in [
        "20260601000000",
        "202606010000Z",
        "20260601000000.Z",
        "20261301000000Z",
    ] {
        assert!(
            matches!(
                TstInfo::parse(&tst_info(&[7; 32], time)),
                Err(TstInfoError::Time)
            ),
            "{time}"
        );
    }
    let fields = |more: &[Vec<u8>]| {
        let base = der::single(&good).unwrap().content;
        der::encode(der::SEQUENCE, &[base, &more.concat()].concat())
    };
    let nonce = der::encode(der::INTEGER, &[9]);
    assert_eq!(
        TstInfo::parse(&fields(std::slice::from_ref(&nonce)))
            .unwrap()
            .nonce,
        Some(vec![9])
    );
    assert!(TstInfo::parse(&fields(&[nonce.clone(), nonce])).is_err());
    let extension = |critical: &[u8]| {
        let boolean = der::encode(der::BOOLEAN, critical);
        let one = sequence(&[oid("1.2.3"), boolean, octets(&[])]);
        fields(&[der::encode(der::context_constructed(1), &one)])
    };
    assert!(TstInfo::parse(&extension(&[0])).is_ok());
    assert!(matches!(
        TstInfo::parse(&extension(&[0xff])),
        Err(TstInfoError::CriticalExtension)
    ));
    let other_version = good
        .iter()
        .enumerate()
        .map(|(at, byte)| if at == 4 { 2 } else { *byte });
    let other_version: Vec<u8> = other_version.collect();
    assert!(matches!(
        TstInfo::parse(&other_version),
        Err(TstInfoError::Version)
    ));
}

#[test]
fn a_token_alone_is_about_what_is_handed_in() {
    let authority = Signer::p256("tsa");
    let token = Parts::token(&authority, &sha_256(CONTENT), TIME).der(&authority.key);
    let signed = SignedData::parse(&token).unwrap();
    assert!(signed.is_timestamp_token());
    let needs = signed.timestamp_needs();
    let of = |bytes: &[u8]| [DetachedContent::of_bytes(None, bytes.to_vec(), &needs)];
    assert_eq!(signed.timestamp(&of(CONTENT)).imprint, Imprint::Matches);
    assert_eq!(signed.timestamp(&of(b"x")).imprint, Imprint::Differs);
    assert_eq!(signed.timestamp(&[]).imprint, Imprint::Unknown);
}

/// An archive timestamp of version 3 over a document, whose index leaves out what `forgets` says.
fn archived(forgets: usize, alter: impl Fn(&mut Parts)) -> Vec<TimestampFacts> {
    let (signer, authority) = (Signer::p256("a"), Signer::p256("tsa"));
    let mut parts = fixed(&signer);
    let value = parts.signature(&signer.key);
    let stamp = Parts::token(&authority, &sha_256(&value), TIME).der(&authority.key);
    let stamp_attribute = attribute(oids::SIGNATURE_TIMESTAMP, std::slice::from_ref(&stamp));
    parts.signer.unsigned = vec![stamp_attribute];
    let list = |members: &[Vec<u8>]| sequence(members);
    let certificate = octets(&sha_256(signer.certificate.der()));
    let attribute_value = octets(&sha_256(&[oid(oids::SIGNATURE_TIMESTAMP), stamp].concat()));
    let attributes = [attribute_value];
    let index = sequence(&[
        algorithm(crate::signature::cms::fixtures::SHA_256),
        list(&[certificate]),
        list(&[]),
        list(&attributes[forgets..]),
    ]);
    let signer_parts = &parts.signer;
    let mut members = signer_parts.attributes.clone().unwrap();
    members.sort();
    let covered = [
        oid(oids::DATA),
        sha_256(CONTENT),
        der::encode(der::INTEGER, &[1]),
        signer_parts.sid.clone(),
        signer_parts.digest.clone(),
        der::encode(der::context_constructed(0), &members.concat()),
        signer_parts.algorithm.clone(),
        octets(&value),
        index.clone(),
    ];
    let mut token = Parts::token(&authority, &sha_256(&covered.concat()), "20260701000000Z");
    token.signer.unsigned = vec![attribute(oids::ATS_HASH_INDEX_V3, &[index])];
    let token = token.der(&authority.key);
    parts
        .signer
        .unsigned
        .push(attribute(oids::ARCHIVE_TIMESTAMP_V3, &[token]));
    alter(&mut parts);
    facts(&parts, &signer).timestamps
}

#[test]
fn an_archive_timestamp_covers_what_its_index_lists() {
    let found = archived(0, |_| {});
    assert_eq!(found[1].kind, TimestampKind::Archive);
    assert_eq!(
        (found[1].imprint, &found[1].covers),
        (Imprint::Matches, &vec![0])
    );
    let forgetful = archived(1, |_| {});
    assert_eq!(
        (forgetful[1].imprint, forgetful[1].covers.len()),
        (Imprint::Matches, 0)
    );
}

#[test]
fn an_archive_timestamp_notices_what_is_gone_or_changed() {
    let without_certificate = archived(0, |parts| {
        parts.certificates = vec![Signer::p256("x").certificate.der().to_vec()];
    });
    assert_eq!(without_certificate[1].imprint, Imprint::Unknown);
    let without_stamp = archived(0, |parts| {
        parts.signer.unsigned.remove(0);
    });
    assert_eq!(without_stamp[0].imprint, Imprint::Unknown);
    let other_content = archived(0, |parts| parts.content = Some(b"x".to_vec()));
    assert_eq!(other_content[1].imprint, Imprint::Differs);
    let other_value = archived(0, |parts| parts.value = Some(vec![0x30, 0]));
    assert_eq!(other_value[1].imprint, Imprint::Differs);
}

#[test]
fn nesting_is_bounded() {
    let (signer, authority) = (Signer::p256("a"), Signer::p256("tsa"));
    let mut inner = Parts::token(&authority, &[0; 32], TIME).der(&authority.key);
    for _ in 0..4 {
        let mut token = Parts::token(&authority, &[0; 32], TIME);
        token.signer.unsigned = vec![attribute(oids::SIGNATURE_TIMESTAMP, &[inner])];
        inner = token.der(&authority.key);
    }
    let mut parts = fixed(&signer);
    parts.signer.unsigned = vec![attribute(oids::SIGNATURE_TIMESTAMP, &[inner])];
    let mut stamps = facts(&parts, &signer).timestamps;
    let mut depth = 0;
    while let Some(signature) = stamps.pop().and_then(|stamp| stamp.signature) {
        depth += 1;
        stamps = signature.timestamps.clone();
    }
    assert_eq!(depth, 3);
}

#[test]
fn a_counter_signature_is_over_the_value() {
    let (signer, witness) = (Signer::p256("a"), Signer::p256("w"));
    let countered = |covered: &[u8]| {
        let mut parts = fixed(&signer);
        let counter = Parts::good(&witness).with_attributes(&[
            message_digest(&sha_256(covered)),
            signing_time("260602000000Z"),
        ]);
        parts.certificates.push(witness.certificate.der().to_vec());
        let counter = counter.signer_info(&witness.key);
        parts.signer.unsigned = vec![attribute(oids::COUNTER_SIGNATURE, &[counter])];
        facts(&parts, &signer)
    };
    let value = fixed(&signer);
    let mut parts = value.clone();
    let counter = Parts::good(&witness)
        .with_attributes(&[message_digest(&sha_256(&value.signature(&signer.key)))]);
    parts.certificates.push(witness.certificate.der().to_vec());
    let counter = counter.signer_info(&witness.key);
    parts.signer.unsigned = vec![attribute(oids::COUNTER_SIGNATURE, &[counter])];
    let good = facts(&parts, &signer);
    let [counter] = good.counter_signatures.as_slice() else {
        panic!("one counter-signature");
    };
    assert_eq!(counter.integrity, Integrity::Intact);
    assert_eq!(counter.signer.as_ref(), Some(&witness.certificate));
    assert!(
        broken(counter).is_empty(),
        "a counter-signature has no content type"
    );
    let other = countered(b"x");
    assert_eq!(other.integrity, Integrity::Intact);
    assert_eq!(
        other.counter_signatures[0].integrity,
        Integrity::ContentDiffers
    );
    let mut parts = fixed(&signer);
    parts.signer.unsigned = vec![attribute(oids::COUNTER_SIGNATURE, &[octets(b"x")])];
    assert_eq!(
        broken(&facts(&parts, &signer).counter_signatures[0]),
        ["countersignature"]
    );
}

#[test]
fn what_a_document_needs_includes_what_its_timestamps_need() {
    let (signer, authority) = (Signer::p256("a"), Signer::p256("tsa"));
    let token = Parts::token(&authority, &[0; 32], TIME).der(&authority.key);
    let attributes = [
        content_type(oids::DATA),
        message_digest(&[0; 64]),
        attribute(oids::CONTENT_TIMESTAMP, &[token]),
    ];
    let mut parts = Parts::good(&signer).detached().with_attributes(&attributes);
    parts.signer.digest = algorithm(crate::signature::cms::fixtures::SHA_512);
    let der = parts.der(&signer.key);
    let needs: ContentNeeds = SignedData::parse(&der).unwrap().needs();
    let names: Vec<&str> = needs.digests.iter().map(|digest| digest.name()).collect();
    assert_eq!(names, ["SHA-256", "SHA-512"]);
}
