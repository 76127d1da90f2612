//! The value of a signature by each `SubFilter`, good and altered.

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::pkey::Private;
use openssl::rsa::Rsa;
use openssl::sign::Signer;
use std::sync::LazyLock;

use crate::pki::der;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Imprint;
use crate::signature::facts::Integrity;
use crate::signature::facts::SignatureFacts;
use crate::signature::facts::modification::ModificationExtent;
use crate::signature::pdf::fixture;
use crate::signature::pdf::fixture::Pdf;
use crate::signature::pdf::fixture::cms;
use crate::signature::pdf::fixture::cms_attached;
use crate::signature::pdf::fixture::contract;
use crate::signature::pdf::fixture::extent;
use crate::signature::pdf::fixture::gm;
use crate::signature::pdf::fixture::gm_inside;
use crate::signature::pdf::fixture::gm_without_attributes;
use crate::signature::pdf::fixture::is_intact;
use crate::signature::pdf::fixture::rfind;
use crate::signature::pdf::fixture::sha1_inside;
use crate::signature::pdf::fixture::signature;
use crate::signature::pdf::fixture::timestamp;

/// Makes a value over what is covered.
type Value = fn(&[u8]) -> Vec<u8>;

fn signed(sub_filter: &'static str, value: Value) -> Pdf {
    contract()
        .end()
        .sign(&signature(20, "first").by(sub_filter, value))
}

fn altered(pdf: &Pdf) -> SignatureFacts {
    pdf.clone()
        .replace(b"(Pay 100 to Alice)", b"(Pay 999 to Alice)")
        .first()
}

#[test]
fn each_sub_filter_good_and_altered() {
    let cases: [(_, Value, _); 7] = [
        ("adbe.pkcs7.detached", cms, "PDF"),
        ("ETSI.CAdES.detached", cms, "PAdES-BASELINE-B"),
        ("adbe.pkcs7.sha1", sha1_inside, "PDF"),
        ("GM.sm2cms.detached", gm, "PDF"),
        ("GM.sm2cms.detached", gm_inside, "PDF"),
        ("GM.sm2cms.detached", gm_without_attributes, "PDF"),
        ("adbe.pkcs7.detached", gm, "PDF"),
    ];
    for (sub_filter, value, format) in cases {
        let pdf = signed(sub_filter, value);
        let facts = pdf.first();
        assert!(
            is_intact(&facts),
            "{sub_filter} {:?} {:?}",
            facts.integrity,
            facts.faults
        );
        assert_eq!(facts.coverage, ContentCoverage::Whole);
        assert_eq!(extent(&facts), ModificationExtent::None);
        assert_eq!(facts.format, format);
        let integrity = altered(&pdf).integrity;
        let expected = [Integrity::ContentDiffers, Integrity::ValueWrong];
        assert!(expected.contains(&integrity), "{sub_filter} {integrity:?}");
    }
}

#[test]
fn a_seal_that_is_none() {
    let facts = signed("GM.sm2seal", gm).first();
    assert!(!is_intact(&facts));
    assert_eq!(facts.faults[0].place, "Contents");
}

#[test]
fn a_document_timestamp_good_and_altered() {
    let pdf = contract().end().sign(&timestamp(20, "stamp"));
    let facts = pdf.facts();
    assert_eq!((facts.signatures.len(), facts.timestamps.len()), (0, 1));
    assert!(facts.timestamps[0].malformed.is_none());
    assert_eq!(facts.timestamps[0].imprint, Imprint::Matches);
    let altered = pdf
        .replace(b"(Pay 100 to Alice)", b"(Pay 999 to Alice)")
        .facts();
    assert_eq!(altered.timestamps[0].imprint, Imprint::Differs);
}

#[test]
fn content_of_its_own_is_not_the_document() {
    for sub_filter in ["adbe.pkcs7.detached", "ETSI.CAdES.detached"] {
        let facts = signed(sub_filter, cms_attached).first();
        assert_eq!(facts.integrity, Integrity::ContentDiffers);
        assert!(
            facts
                .faults
                .iter()
                .any(|fault| fault.place == "encapContentInfo")
        );
    }
    let others: [(_, Value); 6] = [
        ("adbe.pkcs7.sha1", |_| sha1_inside(b"other")),
        ("GM.sm2cms.detached", |_| gm_inside(b"other")),
        ("GM.sm2cms.detached", |_| gm(b"other")),
        ("ETSI.CAdES.detached", |_| cms(b"other")),
        ("ETSI.CAdES.detached", sha1_inside),
        ("adbe.pkcs7.detached", gm_inside),
    ];
    for (sub_filter, other) in others {
        assert_eq!(
            signed(sub_filter, other).first().integrity,
            Integrity::ContentDiffers
        );
    }
}

#[test]
fn what_follows_the_value() {
    let padded = signed("ETSI.CAdES.detached", cms);
    assert_eq!(padded.first().faults, []);
    let begins = rfind(&padded.bytes, b"/Contents <") + b"/Contents <".len();
    let mut trailing = padded.clone();
    trailing.bytes[begins + 4090..begins + 4094].copy_from_slice(b"beef");
    let facts = trailing.first();
    assert!(is_intact(&facts));
    assert_eq!(facts.faults.len(), 1);
    assert!(facts.faults[0].detail.contains("follow the signature"));
}

#[test]
fn a_value_of_zeros_or_cut_off() {
    let pdf = signed("ETSI.CAdES.detached", cms);
    let begins = rfind(&pdf.bytes, b"/Contents <") + b"/Contents ".len();
    for keep in [0, 1, 2, 10, 200] {
        let value = cms(b"x");
        let mut cut = value[..keep].to_vec();
        cut.resize(2048, 0);
        let facts = pdf.clone().fill(begins, &cut).first();
        assert!(!is_intact(&facts), "{keep}");
        assert_eq!(facts.coverage, ContentCoverage::Whole);
    }
}

#[test]
fn a_sub_filter_that_is_not_known_or_missing() {
    for sub_filter in ["Evil.new", "adbe.pkcs7.detached2", ""] {
        let facts = signed(sub_filter, cms).first();
        assert!(!is_intact(&facts));
        assert_eq!(facts.faults[0].place, "SubFilter");
    }
}

static RSA: LazyLock<PKey<Private>> =
    LazyLock::new(|| PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap());

fn rsa_sha1(covered: &[u8]) -> Vec<u8> {
    let mut signer = Signer::new(MessageDigest::sha1(), &RSA).unwrap();
    der::encode(
        der::OCTET_STRING,
        &signer.sign_oneshot_to_vec(covered).unwrap(),
    )
}

/// A certificate of the RSA key.
fn rsa_certificate() -> Vec<u8> {
    let mut builder = openssl::x509::X509::builder().unwrap();
    let mut name = openssl::x509::X509Name::builder().unwrap();
    name.append_entry_by_text("CN", "RSA").unwrap();
    let name = name.build();
    builder.set_version(2).unwrap();
    let serial = openssl::bn::BigNum::from_u32(77)
        .unwrap()
        .to_asn1_integer()
        .unwrap();
    builder.set_serial_number(&serial).unwrap();
    builder.set_subject_name(&name).unwrap();
    builder.set_issuer_name(&name).unwrap();
    builder.set_pubkey(&RSA).unwrap();
    let at = |text| openssl::asn1::Asn1Time::from_str_x509(text).unwrap();
    builder.set_not_before(&at("20250101000000Z")).unwrap();
    builder.set_not_after(&at("20350101000000Z")).unwrap();
    builder.sign(&RSA, MessageDigest::sha256()).unwrap();
    builder.build().to_der().unwrap()
}

#[test]
fn a_bare_value_good_and_altered() {
    let hex: String = rsa_certificate()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    for certificate in [format!("/Cert <{hex}>"), format!("/Cert [<{hex}>]")] {
        let bare = signature(20, "first")
            .by("adbe.x509.rsa_sha1", rsa_sha1)
            .with(&certificate);
        let pdf = contract().end().sign(&bare);
        assert!(is_intact(&pdf.first()), "{:?}", pdf.first().faults);
        assert!(!is_intact(&altered(&pdf)));
    }
    let none = signed("adbe.x509.rsa_sha1", rsa_sha1);
    assert!(!is_intact(&none.first()));
    let other = signature(20, "first")
        .by("adbe.x509.rsa_sha1", cms)
        .with("/Cert (x)");
    assert!(!is_intact(&contract().end().sign(&other).first()));
}

#[test]
fn fields_that_share_a_signature_are_one() {
    let second = "<</FT /Sig /T (again) /Subtype /Widget /Rect [0 0 0 0] /V 21 0 R>>";
    let begun = contract().end().object(22, second).list(22);
    let facts = begun.sign(&signature(20, "first")).facts();
    assert_eq!(facts.signatures.len(), 1);
    assert!(is_intact(&facts.signatures[0]));
}

#[test]
fn a_field_has_its_type_and_its_value_from_above() {
    let begun = contract()
        .end()
        .object(22, "<</T (group) /FT /Sig /V 21 0 R /Kids [20 0 R]>>")
        .object(
            20,
            "<</T (first) /Parent 22 0 R /Subtype /Widget /Rect [0 0 0 0]>>",
        )
        .fields(&[10, 11, 22])
        .lists();
    let facts = begun.sign_last(&signature(20, "first")).first();
    assert!(is_intact(&facts));
    let name = facts
        .attributes
        .iter()
        .find(|told| told.name == "field")
        .unwrap();
    assert_eq!(name.value, "group.first");
}

#[test]
fn when_it_was_signed_by_what_it_says() {
    let dated = signature(20, "first").by("GM.sm2cms.detached", gm_without_attributes);
    let dated = dated.with("/M (D:20260601080000+08'00') /Reason (\\376\\377\\123\\317)");
    let facts = contract().end().sign(&dated).first();
    let time = fixture::at("2026-06-01T00:00:00Z");
    assert_eq!(facts.claimed_at, Some(time));
    assert!(
        facts
            .attributes
            .iter()
            .any(|told| told.name == "Reason" && told.value == "叏")
    );
}
