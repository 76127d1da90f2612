//! Attacks on certified documents: annotations that cover what was signed, fields that are no signatures, and changes
//! beyond what the certification allows (ISO 32000-2 §12.8.2).

use crate::signature::facts::modification::ModificationExtent;
use crate::signature::pdf::fixture::LOOK;
use crate::signature::pdf::fixture::Pdf;
use crate::signature::pdf::fixture::amount;
use crate::signature::pdf::fixture::contract;
use crate::signature::pdf::fixture::extent;
use crate::signature::pdf::fixture::forbidden;
use crate::signature::pdf::fixture::is_intact;
use crate::signature::pdf::fixture::rfind;
use crate::signature::pdf::fixture::signature;
use crate::signature::pdf::fixture::timestamp;

const EVIL: &[u8] = b"1 1 1 rg 0 0 200 20 re f BT /F1 12 Tf (999) Tj ET";

/// The contract, certified at a level.
fn certified(level: u8) -> Pdf {
    let catalog = "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Perms <</DocMDP 21 0 R>>>>";
    let prepared = contract().end().object(1, catalog);
    prepared.sign(&signature(20, "first").certifying(level))
}

#[track_caller]
fn assert_forbidden(attacked: &Pdf, place: &str, object: &str) {
    let facts = attacked.first();
    let changes = forbidden(&facts);
    assert_eq!(
        extent(&facts),
        ModificationExtent::Forbidden,
        "{changes:#?}"
    );
    let is_named = changes
        .iter()
        .any(|one| one.place == place && one.object.as_deref() == Some(object));
    assert!(is_named, "{changes:#?}");
    assert!(
        changes
            .iter()
            .all(|one| !one.place.starts_with("page") || one.page.is_some())
    );
}

fn annotated(level: u8, annotation: &str) -> Pdf {
    let attacked = certified(level).stream(51, LOOK, EVIL);
    let annotation = format!("<</Type /Annot /Rect [0 600 612 792] /P 3 0 R /F 4 {annotation}>>");
    let mut attacked = attacked.object(50, &annotation);
    let annotations = [10, 11, 20, 50];
    attacked = attacked.annotations(&annotations).lists();
    attacked.end()
}

#[test]
fn evil_annotation_where_annotations_are_allowed() {
    for subtype in [
        "FreeText",
        "Stamp",
        "Redact",
        "Highlight",
        "Square",
        "Ink",
        "Line",
        "Link",
        "Watermark",
        "FileAttachment",
    ] {
        let attacked = annotated(
            3,
            &format!("/Subtype /{subtype} /Contents (999) /AP <</N 51 0 R>>"),
        );
        let place = format!("page 1, annotation /{subtype} added");
        assert_forbidden(&attacked, &place, "50 0");
    }
    for more in [
        "/AP <</N 51 0 R>>",
        "/A <</S /JavaScript /JS (x)>>",
        "/AA <<>>",
    ] {
        let attacked = annotated(3, &format!("/Subtype /Text /Contents (note) {more}"));
        assert_forbidden(&attacked, "page 1, annotation /Text added", "50 0");
    }
}

#[test]
fn a_note_is_permitted_where_annotations_are() {
    let note = "/Subtype /Text /Contents (note)";
    assert_eq!(
        extent(&annotated(3, note).first()),
        ModificationExtent::Permitted
    );
    for level in [1, 2] {
        assert_forbidden(
            &annotated(level, note),
            "page 1, annotation /Text added",
            "50 0",
        );
    }
}

#[test]
fn sneaky_signature_field_that_shows_and_is_not_signed() {
    for more in [
        "/AP <</N 51 0 R>>",
        "/AP <</N <</On 51 0 R>>>> /AS /On",
        "/AP <</D 51 0 R>>",
        "/MK <</BG [1 1 1]>>",
        "/A <</S /JavaScript /JS (x)>>",
        "/AA <</E <</S /JavaScript /JS (x)>>>>",
        "/V <</Type /Sig>> /AP <</N 51 0 R>>",
        "/V (signed) /AP <</N 51 0 R>>",
        // The signature that is there already, shown once more.
        "/V 21 0 R /AP <</N 51 0 R>>",
    ] {
        let field = format!(
            "<</FT /Sig /T (sneaky) /Subtype /Widget /Rect [0 600 612 792] /P 3 0 R {more}>>"
        );
        let attacked = certified(2)
            .stream(51, LOOK, EVIL)
            .object(50, &field)
            .list(50)
            .lists()
            .end();
        assert_forbidden(&attacked, "field sneaky", "50 0");
    }
}

#[test]
fn sneaky_field_that_is_another_annotation() {
    for subtype in ["Highlight", "Square", "FreeText", "RichMedia", "Link"] {
        let field = format!(
            "<</FT /Sig /T (sneaky) /Subtype /{subtype} /Rect [0 600 612 792] /P 3 0 R \
             /C [1 1 1] /IC [1 1 1] /QuadPoints [0 600 612 600 0 792 612 792]>>"
        );
        let attacked = certified(2).object(50, &field).list(50).lists().end();
        assert_forbidden(&attacked, "field sneaky", "50 0");
        let look = format!("/Rect [0 600 612 792] /Subtype /{subtype}");
        let other = signature(30, "second").field(&look.replace("/Subtype", "/S"));
        let signed = certified(2).sign(&other);
        assert_eq!(extent(&signed.first()), ModificationExtent::Permitted);
        let field = format!("<</FT /Sig /T (other) /P 3 0 R /V 31 0 R {look}>>");
        let begun = certified(2).object(30, &field).list(30).lists();
        assert_forbidden(
            &begun.sign_last(&signature(30, "other")),
            "field other",
            "30 0",
        );
    }
}

#[test]
fn sneaky_signature_that_is_none() {
    fn nonsense(_: &[u8]) -> Vec<u8> {
        vec![0x30, 0x03, 0x02, 0x01, 0x01]
    }
    let look = "/Rect [0 600 612 792] /AP <</N 51 0 R>>";
    let other = signature(30, "second")
        .field(look)
        .by("ETSI.CAdES.detached", nonsense);
    let attacked = certified(2).stream(51, LOOK, EVIL).sign(&other);
    assert_forbidden(&attacked, "field second", "30 0");
    let unknown = signature(30, "second")
        .field(look)
        .by("Evil.unknown", nonsense);
    let attacked = certified(2).stream(51, LOOK, EVIL).sign(&unknown);
    assert_forbidden(&attacked, "field second", "30 0");
}

#[test]
fn sneaky_signature_of_another_document() {
    let look = "/Rect [0 600 612 792] /AP <</N 51 0 R>>";
    let other = signature(30, "second").field(look);
    let signed = certified(2).stream(51, LOOK, EVIL).sign(&other);
    let begins = rfind(&signed.bytes, b"/Contents <") + b"/Contents ".len();
    let value = crate::signature::pdf::fixture::cms(b"something else");
    let attacked = signed.fill(begins, &value);
    assert_forbidden(&attacked, "field second", "30 0");
    assert!(!is_intact(&attacked.facts().signatures[1]));
}

#[test]
fn sneaky_second_field_for_a_signature_made_since() {
    let signed = certified(2).sign(&signature(30, "second"));
    let field = "<</FT /Sig /T (third) /Subtype /Widget /Rect [0 600 612 792] /P 3 0 R \
                 /V 31 0 R /AP <</N 51 0 R>>>>";
    let attacked = signed
        .stream(51, LOOK, EVIL)
        .object(50, field)
        .list(50)
        .lists()
        .end();
    for facts in attacked.facts().signatures {
        assert_eq!(extent(&facts), ModificationExtent::Forbidden);
    }
}

#[test]
fn sneaky_timestamp_that_shows() {
    let shown = "/Rect [0 600 612 792] /AP <</N 51 0 R>>";
    let attacked = certified(1)
        .stream(51, LOOK, EVIL)
        .sign(&timestamp(30, "stamp").field(shown));
    assert_forbidden(&attacked, "field stamp", "30 0");
}

#[test]
fn sneaky_timestamp_that_is_none() {
    let shown = timestamp(30, "stamp").by("ETSI.RFC3161", |_| vec![0x30, 0x03, 0x02, 0x01, 0x01]);
    assert_forbidden(&certified(1).sign(&shown), "field stamp", "30 0");
}

#[test]
fn a_signed_field_shown_once_more() {
    // A widget that was hidden is put on the page; another one is added to the field.
    let look = "/Rect [0 600 612 792] /AP <</N 14 0 R>>";
    let prepared = contract().stream(14, LOOK, EVIL).end();
    let signed = prepared.sign(&signature(20, "first").field(look));
    let hidden = signed.clone();
    assert_eq!(extent(&hidden.first()), ModificationExtent::None);
    let second = "<</Type /Page /Parent 2 0 R /Contents 7 0 R /Annots [20 0 R] /Resources <</Font <</F1 8 0 R>>>>>>";
    let attacked = signed.object(6, second).end();
    assert_forbidden(&attacked, "page 2, annotation /Widget added", "20 0");
}

#[test]
fn a_prepared_widget_put_on_the_page() {
    let field = "<</FT /Sig /T (hidden) /Subtype /Widget /Rect [0 600 612 792] /AP <</N 14 0 R>>>>";
    let prepared = contract().stream(14, LOOK, EVIL).object(15, field);
    let prepared = prepared.fields(&[10, 11, 15]).lists().end();
    let signed = prepared.sign(&signature(20, "first"));
    let attacked = signed.annotations(&[10, 11, 20, 15]).lists().end();
    assert_forbidden(&attacked, "page 1, annotation /Widget added", "15 0");
}

#[test]
fn a_widget_added_to_a_signed_field() {
    let first = "<</FT /Sig /T (first) /V 21 0 R /Kids [22 0 R KIDS]>>";
    let widget = "<</Subtype /Widget /Parent 20 0 R /Rect [0 0 0 0] /P 3 0 R>>";
    let signed = contract()
        .end()
        .object(22, widget)
        .object(20, &first.replace("KIDS", ""))
        .fields(&[10, 11, 20])
        .annotations(&[10, 11, 22])
        .lists()
        .sign_last(&signature(20, "first"));
    assert_eq!(extent(&signed.first()), ModificationExtent::None);
    let evil =
        "<</Subtype /Widget /Parent 20 0 R /Rect [0 600 612 792] /P 3 0 R /AP <</N 51 0 R>>>>";
    let attacked = signed
        .stream(51, LOOK, EVIL)
        .object(23, evil)
        .object(20, &first.replace("KIDS", "23 0 R"))
        .annotations(&[10, 11, 22, 23])
        .lists()
        .end();
    assert_forbidden(&attacked, "field first", "23 0");
}

#[test]
fn nothing_may_be_done_but_evidence_and_timestamps() {
    let filled = certified(1)
        .object(10, &amount("999", "/AP <</N 12 0 R>>"))
        .end();
    assert_forbidden(&filled, "field amount", "10 0");
    assert_forbidden(
        &certified(1).sign(&signature(30, "second")),
        "field second",
        "30 0",
    );
    let stamped = certified(1).sign(&timestamp(30, "stamp"));
    assert_eq!(extent(&stamped.first()), ModificationExtent::Permitted);
}

#[test]
fn fields_may_be_filled_in_and_signed() {
    for level in [2, 3] {
        let filled = certified(level)
            .object(10, &amount("999", "/AP <</N 12 0 R>>"))
            .end();
        assert_eq!(extent(&filled.first()), ModificationExtent::Permitted);
        let signed = certified(level).sign(&signature(30, "second"));
        assert_eq!(extent(&signed.first()), ModificationExtent::Permitted);
        let attacked = certified(level).stream(4, "", EVIL).end();
        assert_forbidden(&attacked, "page 1, Contents", "4 0");
    }
}

#[test]
fn the_certification_holds_for_later_signatures_too() {
    let signed = certified(1).sign(&timestamp(30, "stamp"));
    let attacked = signed
        .sign(&signature(40, "second"))
        .object(10, &amount("9", ""))
        .end();
    for facts in attacked.facts().signatures {
        assert_eq!(extent(&facts), ModificationExtent::Forbidden);
    }
}

#[test]
fn an_annotation_turned_into_another() {
    let note = "<</Type /Annot /Subtype /Text /Rect [0 600 612 792] /P 3 0 R /Contents (note)>>";
    let stamp = note.replace("/Text", "/Stamp");
    let prepared = contract()
        .object(14, note)
        .annotations(&[10, 11, 14])
        .lists()
        .end();
    let signed = prepared.sign(&signature(20, "first").certifying(3));
    let attacked = signed.clone().object(14, &stamp).end();
    assert_forbidden(&attacked, "page 1, Annots", "14 0");
    let reordered = signed.clone().annotations(&[14, 10, 11, 20]).lists().end();
    assert_forbidden(&reordered, "page 1, Annots", "3 0");
    let removed = signed.annotations(&[10, 11, 20]).lists().end();
    assert_forbidden(&removed, "page 1, an annotation removed", "3 0");
}
