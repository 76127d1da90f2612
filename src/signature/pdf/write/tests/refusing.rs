//! What is refused, and by which reason.

use crate::signature::facts::Integrity;
use crate::signature::facts::modification::ModificationExtent;
use crate::signature::pdf::document;
use crate::signature::pdf::write::error::PdfWriteError;
use crate::signature::pdf::write::read_back::Added;
use crate::signature::pdf::write::read_back::require_sound;
use crate::signature::pdf::write::request::Certification;
use crate::signature::pdf::write::request::FieldChoice;
use crate::signature::pdf::write::request::NewSignature;
use crate::signature::pdf::write::request::Rectangle;
use crate::signature::pdf::write::tests::documents::Objects;
use crate::signature::pdf::write::tests::documents::signature_field;
use crate::signature::pdf::write::tests::signers::Signer;
use crate::signature::pdf::write::tests::signers::request;
use crate::signature::pdf::write::tests::signers::stamp;

fn certified(level: Certification) -> Vec<u8> {
    let request = NewSignature {
        certification: Some(level),
        ..request()
    };
    let file = Objects::plain().table("");
    Signer::new("p256").try_sign(&file, &request).unwrap()
}

#[test]
fn after_a_certification_for_good_nobody_signs() {
    let file = certified(Certification::Nothing);
    let refused = Signer::new("rsa").try_sign(&file, &request()).unwrap_err();
    let by = "Signature1".to_owned();
    assert_eq!(refused, PdfWriteError::Final { by });
    // ETSI EN 319 142-1 §5.4: evidence and timestamps are no change.
    let stamped = stamp(&file).unwrap();
    let facts = document::read(&stamped).unwrap();
    let extent = facts.signatures[0].modifications.as_ref().unwrap().extent;
    assert_eq!(extent, ModificationExtent::Permitted);
}

#[test]
fn after_a_certification_for_forms_others_sign() {
    for level in [Certification::Forms, Certification::Annotations] {
        let signed = Signer::new("rsa").sign(&certified(level));
        let facts = document::read(&signed).unwrap();
        let extent = facts.signatures[0].modifications.as_ref().unwrap().extent;
        assert_eq!(extent, ModificationExtent::Permitted);
        let text = String::from_utf8_lossy(&signed).into_owned();
        assert!(text.contains("/Perms <</DocMDP"), "{text}");
        let shown = NewSignature {
            field: FieldChoice::New {
                page: 1,
                rectangle: Rectangle::new([10.0, 10.0, 100.0, 50.0]),
            },
            ..request()
        };
        let by = "Signature1".to_owned();
        assert_eq!(
            Signer::new("rsa").try_sign(&signed, &shown).unwrap_err(),
            PdfWriteError::CertifiedLook { by }
        );
    }
}

#[test]
fn a_signed_document_is_not_certified() {
    let signer = Signer::new("p256");
    let signed = signer.sign(&Objects::plain().table(""));
    let request = NewSignature {
        certification: Some(Certification::Forms),
        ..request()
    };
    let refused = signer.try_sign(&signed, &request).unwrap_err();
    assert_eq!(refused, PdfWriteError::CertifiedTooLate);
}

#[test]
fn a_locked_field_is_not_signed() {
    let lock = "/Lock<</Type/SigFieldLock/Action/Include/Fields[(b)]>>";
    let fields = [signature_field("a", lock), signature_field("b", "")];
    let file = Objects::with_fields(&[&fields[0], &fields[1]]).table("");
    let in_field = |name| NewSignature {
        field: FieldChoice::Existing(name),
        ..request()
    };
    let signer = Signer::new("p256");
    let signed = signer.try_sign(&file, &in_field("a")).unwrap();
    let (field, by) = ("b".to_owned(), "a".to_owned());
    assert_eq!(
        signer.try_sign(&signed, &in_field("b")).unwrap_err(),
        PdfWriteError::FieldLocked { field, by }
    );
    // The other way round both are signed.
    let signed = signer.try_sign(&file, &in_field("b")).unwrap();
    signer.try_sign(&signed, &in_field("a")).unwrap();
}

#[test]
fn a_field_that_cannot_be_signed_is_named() {
    let demanding = signature_field("c", "/SV<</Ff 1/Filter/Other>>");
    let text = "<</Type/Annot/Subtype/Widget/FT/Tx/T(d)/Rect[10 100 210 120]/P 3 0 R>>";
    let fields = [
        &signature_field("a", ""),
        &signature_field("b", ""),
        &demanding,
    ];
    let file = Objects::with_fields(&[fields[0], fields[1], fields[2], text]).table("");
    let in_field = |name| NewSignature {
        field: FieldChoice::Existing(name),
        ..request()
    };
    let signer = Signer::new("p256");
    let signed = signer.try_sign(&file, &in_field("a")).unwrap();
    let refused = |name| signer.try_sign(&signed, &in_field(name)).unwrap_err();
    assert_eq!(refused("a"), PdfWriteError::FieldIsSigned("a".to_owned()));
    assert_eq!(refused("c"), PdfWriteError::FieldDemands("c".to_owned()));
    for missing in ["d", "e"] {
        assert_eq!(
            refused(missing),
            PdfWriteError::FieldMissing {
                name: missing.to_owned(),
                known: vec!["b".to_owned(), "c".to_owned()],
            }
        );
    }
    let (page, rectangle) = (2, None);
    let elsewhere = NewSignature {
        field: FieldChoice::New { page, rectangle },
        ..request()
    };
    let pages = 1;
    assert_eq!(
        signer.try_sign(&file, &elsewhere).unwrap_err(),
        PdfWriteError::PageMissing { page, pages }
    );
}

#[test]
fn an_encrypted_document_is_refused() {
    let mut objects = Objects::plain();
    objects
        .0
        .push((6, "<</Filter/Standard/V 1/R 2/O()/U()/P -4>>".to_owned()));
    let file = objects.table("/Encrypt 6 0 R");
    let signer = Signer::new("p256");
    let refused = signer.try_sign(&file, &request()).unwrap_err();
    assert_eq!(refused, PdfWriteError::Encrypted);
    assert_eq!(stamp(&file).unwrap_err(), PdfWriteError::Encrypted);
}

#[test]
fn a_file_that_is_not_whole_is_refused() {
    let signer = Signer::new("p256");
    let file = Objects::plain().table("");
    for length in [0, 10, file.len() / 2, file.len() - 3] {
        let refused = signer.try_sign(&file[..length], &request());
        assert!(matches!(refused, Err(PdfWriteError::Pdf(_))), "{refused:?}");
    }
    // What a signature does not cover at the end of the file hides nothing that is made with it.
    let mut wrong = signer.sign(&file);
    wrong.extend(b"startxref\n9\n%%EOF\n");
    assert!(signer.try_sign(&wrong, &request()).is_err());
}

#[test]
fn what_is_forged_does_not_get_better() {
    let signer = Signer::new("p256");
    let mut file = signer.sign(&Objects::plain().table(""));
    let place = file.windows(8).position(|window| window == b"Contract");
    file[place.unwrap()] = b'K';
    let signed = signer.sign(&file);
    let facts = document::read(&signed).unwrap();
    assert_eq!(facts.signatures[0].integrity, Integrity::ContentDiffers);
    assert_eq!(facts.signatures[1].integrity, Integrity::Intact);
}

#[test]
fn what_spoils_an_earlier_signature_is_found() {
    let signer = Signer::new("p256");
    let before = signer.sign(&Objects::plain().table(""));
    // A revision that turns the page, and a signature over that.
    let mut turned = before.clone();
    let page = "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Rotate 90>>\nendobj\n";
    let (offset, section) = (turned.len(), turned.len() + page.len());
    let previous = String::from_utf8_lossy(&before).into_owned();
    let previous = previous.lines().rev().nth(1).unwrap().to_owned();
    let trailer = format!("trailer\n<</Size 9/Root 1 0 R/Prev {previous}>>");
    let end = format!("xref\n3 1\n{offset:010} 00000 n \n{trailer}\nstartxref\n{section}\n%%EOF\n");
    turned.extend(page.bytes().chain(end.bytes()));
    let after = signer.sign(&turned);
    let refused = require_sound(&before, &after, Added::Signature).unwrap_err();
    let PdfWriteError::EarlierSignature { number, detail } = refused else {
        panic!("{refused}");
    };
    assert_eq!(number, 1);
    assert!(detail.contains("page 1"), "{detail}");
    // And what is not what it should be.
    let refused = |after: &[u8], added| require_sound(&before, after, added).unwrap_err();
    for added in [Added::Signature, Added::Timestamp] {
        assert!(matches!(
            refused(&before, added),
            PdfWriteError::NotIntact(_)
        ));
    }
}
