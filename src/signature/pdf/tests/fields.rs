//! Fields that are more than fields: what was signed must be compared as what it is, whatever else it is made part of.

use crate::signature::facts::modification::ModificationExtent;
use crate::signature::pdf::fixture::LOOK;
use crate::signature::pdf::fixture::PAGE;
use crate::signature::pdf::fixture::Pdf;
use crate::signature::pdf::fixture::amount;
use crate::signature::pdf::fixture::contract;
use crate::signature::pdf::fixture::extent;
use crate::signature::pdf::fixture::forbidden;
use crate::signature::pdf::fixture::signature;
use crate::signature::pdf::fixture::signed_contract;

const EVIL: &[u8] = b"BT /F1 24 Tf 40 700 Td (Pay 999 to Mallory) Tj ET";

#[track_caller]
fn assert_forbidden(attacked: &Pdf) {
    let facts = attacked.first();
    assert_eq!(
        extent(&facts),
        ModificationExtent::Forbidden,
        "{:#?}",
        forbidden(&facts)
    );
}

/// Adds a field for a signature with kids, and changes one of them.
fn adopted(kid: u32, change: impl Fn(Pdf) -> Pdf) -> Pdf {
    let field = format!("<</FT /Sig /T (adopting) /Kids [{kid} 0 R]>>");
    let attacked = signed_contract()
        .object(50, &field)
        .fields(&[10, 11, 20, 50])
        .lists();
    change(attacked).end()
}

#[test]
fn a_new_field_adopts_what_was_changed() {
    assert_forbidden(&adopted(4, |pdf| pdf.stream(4, "", EVIL)));
    assert_forbidden(&adopted(9, |pdf| pdf.stream(9, LOOK, EVIL)));
    assert_forbidden(&adopted(3, |pdf| {
        pdf.object(3, &PAGE.replace("/Contents 4", "/Contents 7"))
    }));
    assert_forbidden(&adopted(1, |pdf| {
        pdf.object(
            1,
            "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Lang (x)>>",
        )
    }));
    assert_forbidden(&adopted(10, |pdf| {
        pdf.object(10, &amount("9", "/Rect [0 0 612 792]"))
    }));
    assert_forbidden(&adopted(8, |pdf| {
        pdf.object(8, "<</Type /Font /BaseFont /Symbol>>")
    }));
}

/// A document whose text field has a kid that is something else as well.
fn prepared(kid: u32, prepare: impl Fn(Pdf) -> Pdf) -> Pdf {
    let field = format!("<</FT /Tx /T (adopting) /Kids [{kid} 0 R]>>");
    let prepared = contract().object(14, &field).fields(&[10, 11, 14]).lists();
    prepare(prepared).end().sign(&signature(20, "first"))
}

#[test]
fn a_signed_field_adopted_page_content() {
    // As long as before, so that the dictionary of the stream stays the same.
    let evil = [EVIL, &b" ".repeat(80 - EVIL.len())].concat();
    let signed = prepared(4, |pdf| pdf.stream(4, "", &b" ".repeat(80)));
    assert_forbidden(&signed.stream(4, "", &evil).end());
}

#[test]
fn a_signed_field_adopted_a_list_of_resources() {
    // It looks like a widget, and names the picture that the page draws.
    let resources = |picture: u32| {
        format!(
            "<</Type /Annot /Subtype /Widget /Parent 14 0 R /V {picture} 0 R /AP {picture} 0 R>>"
        )
    };
    let page = PAGE.replace("/XObject <</Im 9 0 R>>", "/XObject 15 0 R");
    let signed = prepared(15, |pdf| {
        pdf.object(15, &resources(9))
            .object(3, &page)
            .stream(4, "", b"/V Do /AP Do")
    });
    let attacked = signed
        .object(15, &resources(51))
        .stream(51, LOOK, EVIL)
        .end();
    assert_forbidden(&attacked);
}

#[test]
fn a_signed_field_adopted_the_look_of_an_annotation() {
    let resources = |picture: u32| format!("<</Subtype /Widget /Parent 14 0 R /V {picture} 0 R>>");
    let stamp = "<</Type /Annot /Subtype /Stamp /Rect [0 0 612 792] /AP <</N 16 0 R>> /P 3 0 R>>";
    let look = "/Type /XObject /Subtype /Form /BBox [0 0 612 792] /Resources <</XObject 15 0 R>>";
    let signed = prepared(15, |pdf| {
        pdf.object(15, &resources(9))
            .object(17, stamp)
            .stream(16, look, b"/V Do")
            .annotations(&[10, 11, 17])
            .lists()
    });
    let attacked = signed
        .object(15, &resources(51))
        .stream(51, LOOK, EVIL)
        .end();
    assert_forbidden(&attacked);
}

#[test]
fn a_signed_field_adopted_a_page() {
    let signed = prepared(3, |pdf| pdf);
    assert_forbidden(
        &signed
            .object(3, &PAGE.replace("/Contents 4", "/Contents 7"))
            .end(),
    );
}

#[test]
fn a_field_renamed_or_of_another_type() {
    let renamed = amount("100", "/AP <</N 12 0 R>>").replace("(amount)", "(total)");
    assert_forbidden(&signed_contract().object(10, &renamed).end());
    let button = amount("100", "/AP <</N 12 0 R>>").replace("/Tx", "/Btn");
    assert_forbidden(&signed_contract().object(10, &button).end());
}

#[test]
fn a_field_for_anything_else_added() {
    let field = amount("999", "/AP <</N 12 0 R>>").replace("(amount)", "(other)");
    assert_forbidden(&signed_contract().object(50, &field).list(50).lists().end());
}

#[test]
fn a_second_field_of_the_same_name() {
    let field = amount("999", "/AP <</N 12 0 R>>");
    assert_forbidden(&signed_contract().object(50, &field).list(50).lists().end());
}

#[test]
fn a_signed_value_replaced_or_taken_out() {
    let field = |value: &str| {
        format!(
            "<</FT /Sig /T (first) /Type /Annot /Subtype /Widget /P 3 0 R /F 4 {value} /Rect [0 0 0 0]>>"
        )
    };
    let first = signed_contract().sign(&signature(30, "second"));
    // The second signature is shown in the first one's field, too; the first one is gone.
    let attacked = first.clone().object(20, &field("/V 31 0 R")).end();
    assert_forbidden(&attacked);
    let attacked = first.object(20, &field("")).end();
    assert_forbidden(&attacked);
}
