//! Signatures and timestamps that are added, and what becomes of earlier ones.

use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Imprint;
use crate::signature::facts::Integrity;
use crate::signature::facts::modification::ModificationExtent;
use crate::signature::pdf::document;
use crate::signature::pdf::document::PdfFacts;
use crate::signature::pdf::write::request::FieldChoice;
use crate::signature::pdf::write::request::NewSignature;
use crate::signature::pdf::write::request::Rectangle;
use crate::signature::pdf::write::request::ValueKind;
use crate::signature::pdf::write::tests::documents::Objects;
use crate::signature::pdf::write::tests::documents::signature_field;
use crate::signature::pdf::write::tests::signers::Signer;
use crate::signature::pdf::write::tests::signers::request;
use crate::signature::pdf::write::tests::signers::stamp;

/// All are intact, the last covers the file, and after the others nothing was done that they do not allow.
fn assert_sound(file: &[u8], count: usize) -> PdfFacts {
    let facts = document::read(file).unwrap();
    assert_eq!(facts.signatures.len(), count);
    for signature in &facts.signatures {
        assert_eq!(signature.integrity, Integrity::Intact);
        assert_eq!(signature.faults, []);
        let extent = signature.modifications.as_ref().unwrap().extent;
        assert!(extent <= ModificationExtent::Permitted, "{extent:?}");
        assert_eq!(signature.format, "PAdES-BASELINE-B");
        // ISO 32000-2 table 255: `M` says when.
        assert_eq!(signature.claimed_at, Some(request().signed_at));
    }
    let last = facts.signatures.last().unwrap();
    assert_eq!(last.coverage, ContentCoverage::Whole);
    facts
}

/// Appended to, and nothing else.
fn assert_appended(before: &[u8], after: &[u8]) {
    assert_eq!(after.get(..before.len()), Some(before));
    assert!(after.ends_with(b"%%EOF\n"));
}

/// A document in both ways that files are written, and in both at once.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let objects = Objects::plain();
    // The table hides the font from old readers; the stream beside it shows it (ISO 32000-2 §7.5.8.4).
    let mut hybrid = objects.streams();
    let text = String::from_utf8_lossy(&hybrid).into_owned();
    let beside: usize = text.lines().rev().nth(1).unwrap().parse().unwrap();
    let section = hybrid.len();
    let trailer = format!(
        "xref\n0 1\n0000000000 65535 f \ntrailer\n<</Size 9/Root 1 0 R/XRefStm {beside}>>\n\
         startxref\n{section}\n%%EOF\n"
    );
    hybrid.extend(trailer.bytes());
    vec![
        ("table", objects.table("/ID[<00><01>]")),
        ("streams", objects.streams()),
        ("hybrid", hybrid),
    ]
}

#[test]
fn three_sign_one_after_the_other_in_files_of_every_kind() {
    for (kind, file) in files() {
        let mut signed = file;
        for (place, key) in ["p256", "rsa", "ed25519"].into_iter().enumerate() {
            let before = signed;
            signed = Signer::new(key).sign(&before);
            assert_appended(&before, &signed);
            let added = String::from_utf8_lossy(&signed[before.len()..]).into_owned();
            assert_eq!(added.contains("\nxref\n"), kind != "streams", "{kind}");
            assert_eq!(added.contains("/Type /XRef"), kind == "streams", "{kind}");
            let facts = assert_sound(&signed, place + 1);
            let named = |signature: &crate::signature::facts::SignatureFacts| {
                let attributes = signature.attributes.iter();
                let mut field = attributes.filter(|attribute| attribute.name == "field");
                field.next().unwrap().value.clone()
            };
            let names: Vec<String> = facts.signatures.iter().map(named).collect();
            assert_eq!(names, ["Signature1", "Signature2", "Signature3"][..=place]);
        }
    }
}

#[test]
fn every_kind_of_key_signs() {
    let file = Objects::plain().table("");
    for kind in ["rsa", "rsa-pss", "p256", "p384", "p521", "ed25519", "sm2"] {
        let signer = Signer::new(kind);
        let facts = assert_sound(&signer.sign(&file), 1);
        assert_eq!(
            facts.signatures[0].signer.as_ref(),
            Some(&signer.certificate)
        );
    }
}

#[test]
fn sm2_signs_by_gm_t_0010() {
    let file = Objects::plain().table("");
    let request = NewSignature {
        kind: ValueKind::GmCms,
        ..request()
    };
    let signed = Signer::new("sm2").try_sign(&file, &request).unwrap();
    let signed = Signer::new("p256").sign(&signed);
    let facts = document::read(&signed).unwrap();
    let [first, second] = facts.signatures.as_slice() else {
        panic!("{facts:?}");
    };
    assert_eq!(first.integrity, Integrity::Intact);
    assert_eq!(first.coverage, ContentCoverage::Revision);
    assert_eq!(first.claimed_at, Some(request.signed_at));
    let sub_filter = first.attributes.iter();
    let mut sub_filter = sub_filter.filter(|attribute| attribute.name == "SubFilter");
    assert_eq!(sub_filter.next().unwrap().value, "GM.sm2cms.detached");
    assert_eq!(second.integrity, Integrity::Intact);
}

#[test]
fn a_document_is_timestamped_and_signed_after_that() {
    for (_, file) in files() {
        let alone = stamp(&file).unwrap();
        let facts = document::read(&alone).unwrap();
        assert_eq!(facts.timestamps.len(), 1);
        assert_eq!(facts.timestamps[0].imprint, Imprint::Matches);

        let signed = Signer::new("p256").sign(&alone);
        assert_sound(&signed, 1);
        let stamped = stamp(&signed).unwrap();
        assert_appended(&signed, &stamped);
        let again = Signer::new("rsa").sign(&stamped);
        let facts = document::read(&again).unwrap();
        let first = &facts.signatures[0];
        assert_eq!(first.format, "PAdES-BASELINE-T");
        assert_eq!(first.integrity, Integrity::Intact);
        assert_eq!(first.timestamps[0].imprint, Imprint::Matches);
        let extent = first.modifications.as_ref().unwrap().extent;
        assert_eq!(extent, ModificationExtent::Permitted);
        assert_eq!(facts.signatures[1].coverage, ContentCoverage::Whole);
    }
}

#[test]
fn a_visible_signature_shows_text_of_both_scripts() {
    let file = Objects::plain().table("");
    let request = NewSignature {
        field: FieldChoice::New {
            page: 1,
            rectangle: Rectangle::new([300.0, 50.5, 200.0, 60.0]),
        },
        reason: Some("同意 (agreed)"),
        location: Some("上海"),
        ..request()
    };
    let first = Signer::new("p256").try_sign(&file, &request).unwrap();
    let signed = Signer::new("rsa").try_sign(&first, &request).unwrap();
    let facts = assert_sound(&signed, 2);
    let told = |name: &str| {
        let attributes = facts.signatures[0].attributes.iter();
        let mut found = attributes.filter(|attribute| attribute.name == name);
        found.next().map(|attribute| attribute.value.clone())
    };
    assert_eq!(told("Reason").as_deref(), Some("同意 (agreed)"));
    assert_eq!(told("Location").as_deref(), Some("上海"));
    let text = String::from_utf8_lossy(&signed).into_owned();
    // 示例公司, and what follows it in the other font.
    assert!(text.contains("<793a4f8b516c53f8> Tj"), "{text}");
    assert!(text.contains("( One) Tj"));
    assert!(text.contains("(2026-03-01 08:00:00 UTC) Tj"));
    assert!(text.contains("( \\(agreed\\)) Tj"));
    assert!(text.contains("/Encoding /UniGB-UCS2-H"));
    assert!(text.contains("/Rect [300 50.5 500 110.5]"));
}

#[test]
fn rectangles_are_of_a_size_that_can_be_seen() {
    for wrong in [
        [0.0, 0.0, 0.0, 10.0],
        [0.0, 0.0, 10.0, -1.0],
        [f64::NAN, 0.0, 10.0, 10.0],
        [0.0, 0.0, f64::INFINITY, 10.0],
        [20_000.0, 0.0, 10.0, 10.0],
    ] {
        assert_eq!(Rectangle::new(wrong), None, "{wrong:?}");
    }
}

#[test]
fn an_empty_field_is_signed_and_shows_it() {
    let lock = "/Lock<</Type/SigFieldLock/Action/Include/Fields[(b)]>>";
    let text = "<</Type/Annot/Subtype/Widget/FT/Tx/T(b)/Rect[10 100 210 120]/P 3 0 R>>";
    let objects = Objects::with_fields(&[&signature_field("a", lock), text]);
    for file in [objects.table(""), objects.streams()] {
        let request = NewSignature {
            field: FieldChoice::Existing("a"),
            ..request()
        };
        let signed = Signer::new("p256").try_sign(&file, &request).unwrap();
        assert_sound(&signed, 1);
        let added = String::from_utf8_lossy(&signed[file.len()..]).into_owned();
        assert!(added.contains("/AP <</N"), "{added}");
        assert!(added.contains("/TransformMethod /FieldMDP"), "{added}");
        // Another field may still be signed.
        assert_sound(&Signer::new("rsa").sign(&signed), 2);
    }
}

#[test]
fn a_tagged_document_is_signed_without_a_change_of_its_structure() {
    let mut objects = Objects::plain();
    objects.replace(
        1,
        "<</Type/Catalog/Pages 2 0 R/MarkInfo<</Marked true>>/StructTreeRoot 6 0 R>>",
    );
    objects
        .0
        .push((6, "<</Type/StructTreeRoot/K[]>>".to_owned()));
    let signed = Signer::new("p256").sign(&objects.streams());
    assert_sound(&Signer::new("rsa").sign(&signed), 2);
}

#[test]
fn numbers_and_names_survive_being_written_again() {
    let mut objects = Objects::plain();
    let page = objects.0[2].1.replace(
        "/Contents",
        "/A#20b#23(\\050\\\\\\377)/N[-0.0 1.50 -.002 +3 0.00000001 100000000000000000000.5 null true]/Contents",
    );
    objects.replace(3, &page);
    let signed = Signer::new("p256").sign(&objects.table(""));
    assert_sound(&Signer::new("rsa").sign(&signed), 2);
}

#[test]
fn room_that_is_too_small_is_made_anew() {
    let file = Objects::plain().table("");
    let signer = Signer::new("rsa");
    let signed = signer.sign_in(&file, &request(), 10).unwrap();
    assert_sound(&signed, 1);
}

#[test]
fn a_name_that_is_taken_is_not_given_again() {
    let taken = signature_field("Signature1", "");
    let file = Objects::with_fields(&[&taken]).table("");
    let signed = Signer::new("p256").sign(&file);
    let facts = assert_sound(&signed, 1);
    let field = &facts.signatures[0].attributes;
    assert!(field.iter().any(|told| told.value == "Signature2"));
}

#[test]
fn a_reference_that_leads_nowhere_still_does() {
    // As LibreOffice's files look once another program wrote them anew.
    let file = Objects::plain().table("/AdditionalStreams[/x 6 0 R<</y 8 0 R>>]");
    let signed = Signer::new("p256").sign(&file);
    let added = String::from_utf8_lossy(&signed[file.len()..]).into_owned();
    assert!(
        added.starts_with("\n1 0 obj") && added.contains("\n9 0 obj"),
        "{added}"
    );
    assert_sound(&Signer::new("rsa").sign(&signed), 2);
}
