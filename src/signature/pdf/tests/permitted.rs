//! What may be done after a signature: it is told, and permitted.

use crate::signature::facts::ContentCoverage;
use crate::signature::facts::modification::ChangeKind;
use crate::signature::facts::modification::ModificationExtent;
use crate::signature::pdf::fixture::LOOK;
use crate::signature::pdf::fixture::PAGE;
use crate::signature::pdf::fixture::Pdf;
use crate::signature::pdf::fixture::TEXT;
use crate::signature::pdf::fixture::amount;
use crate::signature::pdf::fixture::contract;
use crate::signature::pdf::fixture::deflated;
use crate::signature::pdf::fixture::extent;
use crate::signature::pdf::fixture::forbidden;
use crate::signature::pdf::fixture::signature;
use crate::signature::pdf::fixture::signed_contract;
use crate::signature::pdf::fixture::timestamp;

/// The first signature is intact, and what was done is this, all of it permitted.
#[track_caller]
fn assert_done(pdf: &Pdf, kinds: &[ChangeKind]) {
    let facts = pdf.first();
    let extent = extent(&facts);
    assert_eq!(forbidden(&facts), []);
    let changes = facts.modifications.unwrap().changes;
    let found: Vec<ChangeKind> = changes.iter().map(|change| change.kind).collect();
    assert_eq!(found, kinds, "{changes:#?}");
    assert_eq!(extent == ModificationExtent::None, kinds.is_empty());
    assert_eq!(facts.coverage, ContentCoverage::Revision);
}

#[test]
fn nothing_at_all() {
    let facts = signed_contract().first();
    assert_eq!(facts.coverage, ContentCoverage::Whole);
    assert_eq!(extent(&facts), ModificationExtent::None);
    assert_eq!(facts.faults, []);
    assert_eq!(facts.format, "PAdES-BASELINE-B");
}

#[test]
fn a_second_signature_seen_or_not() {
    let second = signature(30, "second");
    assert_done(&signed_contract().sign(&second), &[ChangeKind::Signature]);
    let seen = second.field("/Rect [300 40 390 100] /AP <</N 50 0 R>>");
    let signed = signed_contract().stream(50, LOOK, b"BT ET").sign(&seen);
    assert_done(&signed, &[ChangeKind::Signature]);
    let third = signed.sign(&signature(40, "third"));
    let facts = third.facts();
    let extents: Vec<_> = facts.signatures.iter().map(extent).collect();
    let permitted = ModificationExtent::Permitted;
    assert_eq!(extents, [permitted, permitted, ModificationExtent::None]);
    assert_eq!(facts.revisions.len(), 4);
}

#[test]
fn an_empty_field_signed() {
    let field = "<</FT /Sig /T (approval) /Type /Annot /Subtype /Widget /Rect [400 40 560 100] \
                 /P 3 0 R /F 132 /V 31 0 R /AP <</N 50 0 R>>>>";
    let begun = signed_contract()
        .object(11, field)
        .stream(50, LOOK, b"BT ET");
    assert_done(
        &begun.sign_last(&signature(30, "approval")),
        &[ChangeKind::Signature],
    );
}

#[test]
fn an_empty_field_added() {
    let field =
        "<</FT /Sig /T (later) /Type /Annot /Subtype /Widget /Rect [10 10 60 60] /P 3 0 R /F 4>>";
    let added = signed_contract().object(50, field).list(50).lists().end();
    assert_done(&added, &[ChangeKind::FieldAdded]);
}

#[test]
fn a_document_timestamp() {
    let stamped = signed_contract().sign(&timestamp(30, "stamp"));
    assert_done(&stamped, &[ChangeKind::DocumentTimestamp]);
    let facts = stamped.facts();
    assert_eq!(facts.signatures[0].timestamps.len(), 1);
    assert_eq!(facts.signatures[0].format, "PAdES-BASELINE-T");
}

#[test]
fn evidence() {
    let catalog = "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /DSS 50 0 R>>";
    let certificate = crate::signature::cms::fixtures::Signer::p256("CA").certificate;
    let stored = signed_contract()
        .object(1, catalog)
        .object(50, "<</Certs [51 0 R] /CRLs [52 0 R]>>")
        .stream(51, "/Filter /FlateDecode", &deflated(certificate.der()))
        .stream(52, "", b"no CRL")
        .end();
    assert_done(&stored, &[ChangeKind::Evidence]);
    let facts = stored.facts();
    assert_eq!(facts.certificates, [certificate]);
    assert_eq!(facts.left_out.len(), 1);
}

#[test]
fn a_form_filled_in() {
    let filled = signed_contract()
        .object(10, &amount("250", "/AP <</N 50 0 R>> /M (D:2026)"))
        .stream(50, LOOK, b"BT (250) Tj ET")
        .end();
    assert_done(&filled, &[ChangeKind::FieldFilled]);
    let overridden = signed_contract()
        .object(10, &amount("250", "/AP <</N 12 0 R>>"))
        .stream(12, LOOK, b"BT (250) Tj ET")
        .end();
    assert_done(&overridden, &[ChangeKind::FieldFilled]);
}

#[test]
fn a_field_locked_as_it_is_signed() {
    let locked = signed_contract()
        .object(10, &amount("100", "/AP <</N 12 0 R>> /Ff 1"))
        .end();
    assert_done(&locked, &[]);
}

#[test]
fn title_author_and_metadata() {
    let catalog = "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Metadata 50 0 R /Version /2.0>>";
    let described = signed_contract()
        .object(1, catalog)
        .stream(50, "/Type /Metadata /Subtype /XML", b"<x/>")
        .object(51, "<</Title (Contract)>>")
        .trailer("/Root 1 0 R /Info 51 0 R")
        .end();
    assert_done(&described, &[ChangeKind::Metadata; 3]);
}

#[test]
fn objects_written_again() {
    assert_done(
        &signed_contract().object(3, PAGE).stream(4, "", TEXT).end(),
        &[],
    );
    // Under other numbers, and in an object stream.
    let page = PAGE
        .replace("/Contents 4", "/Contents 50")
        .replace("8 0 R", "51 0 R");
    let again = signed_contract()
        .stream(50, "", TEXT)
        .object(3, &page)
        .compressed(
            52,
            &[(51, "<</Type /Font/Subtype/Type1 /BaseFont /Helv#65tica>>")],
        )
        .end_with_stream(53);
    assert_done(&again, &[]);
    let packed = signed_contract()
        .stream(4, "/Filter /FlateDecode", &deflated(TEXT))
        .end();
    assert_done(&packed, &[]);
}

#[test]
fn a_font_added_to_the_default_resources() {
    let form = "<</Fields [10 0 R 11 0 R 20 0 R] /SigFlags 3 /DA (/F1 12 Tf 0 g) \
                /DR <</Font <</F1 8 0 R /F2 50 0 R>> /Encoding <</X 51 0 R>>>>>>";
    let added = signed_contract()
        .object(5, form)
        .object(50, "<</Type /Font /Subtype /Type1 /BaseFont /Courier>>")
        .object(51, "<</Type /Encoding>>")
        .end();
    assert_done(&added, &[]);
}

#[test]
fn the_fields_that_a_signature_locks() {
    let transform = |action: &str| {
        format!("/Reference [<</TransformMethod /FieldMDP /TransformParams <<{action}>>>>]")
    };
    let lock = |action: &str| format!("/Rect [0 0 0 0] /Lock <</Type /SigFieldLock {action}>>");
    for (action, is_locked) in [
        ("/Action /All", true),
        ("/Action /Include /Fields [(amount)]", true),
        ("/Action /Include /Fields [(other)]", false),
        ("/Action /Include /Fields [(amou)]", false),
        ("/Action /Exclude /Fields [(amount)]", false),
        ("/Action /Exclude /Fields [(other)]", true),
        ("/Action /Unheard", true),
    ] {
        for signing in [
            signature(20, "first").with(&transform(action)),
            signature(20, "first").field(&lock(action)),
        ] {
            let signed = contract().end().sign(&signing);
            let filled = signed.object(10, &amount("9", "/AP <</N 12 0 R>>")).end();
            let expected = match is_locked {
                true => ModificationExtent::Forbidden,
                false => ModificationExtent::Permitted,
            };
            assert_eq!(extent(&filled.first()), expected, "{action}");
        }
    }
}

#[test]
fn a_lock_with_a_level() {
    let lock = "/Rect [0 0 0 0] /Lock <</Action /Include /Fields [] /P 1>>";
    let signed = contract().end().sign(&signature(20, "first").field(lock));
    let filled = signed.object(10, &amount("9", "/AP <</N 12 0 R>>")).end();
    assert_eq!(extent(&filled.first()), ModificationExtent::Forbidden);
}

#[test]
fn streams_and_tables_in_turn() {
    let signed = contract().end_with_stream(15).sign(&signature(20, "first"));
    let again = signed.compressed(
        60,
        &[(8, "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>")],
    );
    assert_done(&again.end_with_stream(61), &[]);
}
