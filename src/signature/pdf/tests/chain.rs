//! Chains of cross-references, and objects that are not where these say.

use crate::signature::pdf::document;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::fixture::Pdf;
use crate::signature::pdf::fixture::contract;
use crate::signature::pdf::fixture::rfind;
use crate::signature::pdf::fixture::signature;
use crate::signature::pdf::fixture::signed_contract;

fn refused(pdf: &Pdf) -> PdfError {
    document::read(&pdf.bytes).unwrap_err()
}

#[test]
fn nothing_to_begin_with() {
    assert_eq!(document::read(b"").unwrap_err(), PdfError::NoCrossReference);
    assert_eq!(
        document::read(b"%PDF-1.7\n").unwrap_err(),
        PdfError::NoCrossReference
    );
}

#[test]
fn a_chain_that_leads_into_itself() {
    let pdf = contract().end();
    let at = pdf.bytes.len();
    assert!(matches!(
        refused(&pdf.clone().previous(Some(at)).end()),
        PdfError::Cycle(_)
    ));
    let first = rfind(&pdf.bytes, b"xref\n0 1");
    let text = String::from_utf8_lossy(&pdf.bytes[first..]).into_owned();
    assert!(text.contains("/Root 1 0 R"));
    let second = pdf.bytes.len() + 4;
    let looped = pdf.replace(b"/Root 1 0 R", format!("/Prev {second:05}").as_bytes());
    let looped = looped.raw(b"    ").previous(Some(first)).end();
    assert!(matches!(refused(&looped), PdfError::Cycle(_)));
}

#[test]
fn a_chain_that_leads_out_of_the_file() {
    let beyond = contract().end().previous(Some(9_999_999)).end();
    assert!(matches!(refused(&beyond), PdfError::Structure { .. }));
    let start = contract().end().raw(b"startxref\n9999999\n%%EOF\n");
    assert!(matches!(refused(&start), PdfError::Structure { .. }));
    let wrong = contract().end().raw(b"startxref\n3\n%%EOF\n");
    assert!(document::read(&wrong.bytes).is_err());
}

#[test]
fn a_chain_that_is_too_long() {
    let mut pdf = contract().end();
    for _ in 0..1024 {
        pdf = pdf.end();
    }
    assert!(matches!(
        refused(&pdf),
        PdfError::Limit { maximum: 1024, .. }
    ));
}

#[test]
fn an_object_that_is_not_at_its_offset() {
    // Within the header, within the object, and beyond the file.
    let within = contract().offset(1) + 1;
    for offset in [3, within, 9_999_999] {
        assert!(
            document::read(&contract().at(1, offset).end().bytes).is_err(),
            "{offset}"
        );
    }
    let pdf = contract();
    let other = pdf.offset(2);
    assert!(matches!(
        refused(&pdf.at(1, other).end()),
        PdfError::Misplaced { .. }
    ));
}

#[test]
fn a_compressed_object_that_is_not_where_it_should_be() {
    let catalog = "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R>>";
    let pdf = || contract().compressed(14, &[(1, catalog), (8, "null")]);
    assert!(document::read(&pdf().end_with_stream(15).bytes).is_ok());
    // Another place, none, a stream that is none, one that is in a stream itself.
    for within in [(14, 1), (14, 2), (9, 0), (99, 0), (8, 0)] {
        let wrong = pdf().within(1, within).end_with_stream(15);
        assert!(document::read(&wrong.bytes).is_err(), "{within:?}");
    }
    let other = pdf().compressed(16, &[(17, catalog)]).within(1, (16, 0));
    assert!(matches!(
        refused(&other.end_with_stream(18)),
        PdfError::Misplaced { .. }
    ));
}

#[test]
fn references_that_lead_to_references() {
    let chain = |last: &str| {
        contract()
            .object(1, "2 0 R")
            .object(2, "14 0 R")
            .object(14, last)
            .end()
    };
    assert!(document::read(&chain("1 0 R").bytes).is_err());
    let pdf = contract().object(5, "14 0 R").object(14, "5 0 R").end();
    assert!(matches!(refused(&pdf), PdfError::Cycle(_)));
}

#[test]
fn a_form_that_hangs_in_itself() {
    let field = "<</T (a) /FT /Sig /Kids [14 0 R 15 0 R]>>";
    let pdf = contract()
        .object(14, field)
        .object(15, field)
        .fields(&[14, 15, 14])
        .lists()
        .end();
    assert_eq!(pdf.facts().signatures.len(), 0);
}

#[test]
fn a_page_tree_that_hangs_in_itself_says_nothing_of_changes() {
    let tree = "<</Type /Pages /Kids [2 0 R] /Count 1>>";
    let facts = signed_contract().object(2, tree).end().first();
    let undecided = facts.modifications.unwrap().undecided;
    assert_eq!(
        undecided.as_deref(),
        Some("the page tree leads back into itself")
    );
}

#[test]
fn more_signatures_than_are_read() {
    let mut pdf = contract();
    for number in 0..65 {
        let at = 100 + 2 * number;
        let field = format!("<</FT /Sig /T (f{number}) /V {} 0 R>>", at + 1);
        pdf = pdf
            .object(at, &field)
            .object(at + 1, "<</Type /Sig>>")
            .list(at);
    }
    assert!(matches!(
        refused(&pdf.lists().end()),
        PdfError::Limit { maximum: 64, .. }
    ));
}

#[test]
fn a_bomb_of_cross_reference_streams() {
    // Each is small, and unpacks to 4 MB; together they would be 400 MB.
    let zeros = crate::signature::pdf::fixture::deflated(&vec![0; 4_000_000]);
    let mut pdf = contract().end();
    for number in 100..200_u32 {
        let (at, previous) = (pdf.bytes.len(), pdf.offset_of_last());
        let entries = format!(
            "/Type /XRef /W [1 1 1] /Index [0 1] /Size 200 /Root 1 0 R /Filter /FlateDecode /Prev {previous}"
        );
        pdf = pdf.stream(number, &entries, &zeros).startxref(at);
        pdf = pdf.previous(Some(at));
    }
    assert!(matches!(refused(&pdf), PdfError::Limit { .. }));
}

#[test]
fn a_signature_after_a_hybrid_section() {
    let pdf = contract();
    let at = pdf.bytes.len();
    let stream = pdf.stream(
        14,
        "/Type /XRef /W [1 1 1] /Index [9 1] /Size 15",
        &[0, 0, 0],
    );
    let hybrid = stream.trailer(&format!("/Root 1 0 R /XRefStm {at}")).end();
    let signed = hybrid.trailer("/Root 1 0 R").sign(&signature(20, "first"));
    assert_eq!(signed.facts().signatures.len(), 1);
}
