//! Attacks on the structure of the file: signature forgery, incremental saving, wrapping, and cross-references that
//! readers read differently. What comes out is refused, or not intact, or not said to be the document that was signed.

use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Integrity;
use crate::signature::facts::modification::ModificationExtent;
use crate::signature::pdf::document;
use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::fixture::PAGE;
use crate::signature::pdf::fixture::Pdf;
use crate::signature::pdf::fixture::TEXT;
use crate::signature::pdf::fixture::contract;
use crate::signature::pdf::fixture::deflated;
use crate::signature::pdf::fixture::extent;
use crate::signature::pdf::fixture::forbidden;
use crate::signature::pdf::fixture::is_intact;
use crate::signature::pdf::fixture::rfind;
use crate::signature::pdf::fixture::signature;
use crate::signature::pdf::fixture::signed_contract;

const EVIL: &[u8] = b"BT /F1 24 Tf 40 700 Td (Pay 999 to Mallory) Tj ET";

/// The first signature is intact, but what was done after it is forbidden.
#[track_caller]
fn assert_forbidden(attacked: &Pdf) {
    let facts = attacked.first();
    let changes = forbidden(&facts);
    assert_eq!(
        extent(&facts),
        ModificationExtent::Forbidden,
        "{changes:#?}"
    );
}

/// The first signature is intact, but nobody can say what was done after it.
#[track_caller]
fn assert_undecided(attacked: &Pdf, why: &str) {
    let facts = attacked.first();
    assert_eq!(extent(&facts), ModificationExtent::Unknown);
    let modifications = facts.modifications.unwrap();
    assert_eq!(modifications.undecided.as_deref(), Some(why));
}

/// What was signed, with the signature dictionary taken apart.
fn forged(old: &str, new: &str) -> Pdf {
    let signed = signed_contract();
    let from = rfind(&signed.bytes, b"21 0 obj\n") + b"21 0 obj\n".len();
    let until = from + rfind(&signed.bytes[from..], b"\nendobj\nxref");
    let dictionary = std::str::from_utf8(&signed.bytes[from..until]).unwrap();
    let begins = dictionary.find(old).unwrap();
    let ends = begins + dictionary[begins + 1..].find([']', '>']).unwrap() + 2;
    let changed = format!("{}{new}{}", &dictionary[..begins], &dictionary[ends..]);
    signed.object(21, &changed).end()
}

#[test]
fn universal_forgery_without_a_usable_byte_range() {
    for new in [
        "",
        "/ByteRange null",
        "/ByteRange []",
        "/ByteRange [0 1]",
        "/ByteRange [0 10 20]",
        "/ByteRange [0 10 20 30 40 50]",
        "/ByteRange [0 0 0 0]",
        "/ByteRange [-1 10 20 30]",
        "/ByteRange [0 10 20 -30]",
        "/ByteRange [0 10 20 99999999999999999999]",
        "/ByteRange [0 9223372036854775807 9223372036854775807 1]",
        "/ByteRange [0 10.0 20 30]",
        "/ByteRange (0 10 20 30)",
        "/ByteRange /All",
        "/ByteRange 4 0 R",
        "/ByteRange [a b c d]",
    ] {
        let attacked = forged("/ByteRange", new);
        match document::read(&attacked.bytes) {
            Ok(facts) => {
                assert_eq!(facts.signatures.len(), 1, "{new}");
                assert!(!is_intact(&facts.signatures[0]), "{new}");
            }
            Err(error) => assert!(matches!(error, PdfError::Syntax { .. }), "{error}"),
        }
    }
}

#[test]
fn universal_forgery_without_usable_contents() {
    for new in [
        "",
        "/Contents null",
        "/Contents <>",
        "/Contents ()",
        "/Contents <00>",
        "/Contents 4 0 R",
        "/Contents []",
    ] {
        let attacked = forged("/Contents", new);
        assert!(!is_intact(&attacked.first()), "{new}");
    }
}

#[test]
fn incremental_saving_a_new_body_without_a_cross_reference() {
    let attacked = signed_contract().stream(4, "", EVIL);
    assert_undecided(&attacked, "what follows the last revision is no revision");
}

#[test]
fn incremental_saving_a_new_body_with_a_cross_reference() {
    assert_forbidden(&signed_contract().stream(4, "", EVIL).end());
    assert_forbidden(&signed_contract().stream(4, "", EVIL).end_with_stream(70));
}

#[test]
fn incremental_saving_a_new_body_with_a_trailer_only() {
    let attacked = signed_contract()
        .stream(4, "", EVIL)
        .raw(b"trailer\n<</Root 1 0 R>>\n");
    assert_undecided(&attacked, "what follows the last revision is no revision");
}

#[test]
fn incremental_saving_a_new_body_and_the_signature_copied() {
    let signed = signed_contract();
    let from = rfind(&signed.bytes, b"21 0 obj\n") + b"21 0 obj\n".len();
    let until = from + rfind(&signed.bytes[from..], b"\nendobj\nxref");
    let copied = String::from_utf8(signed.bytes[from..until].to_vec()).unwrap();
    let attacked = signed.stream(4, "", EVIL).object(21, &copied).end();
    let facts = attacked.first();
    assert_eq!(facts.coverage, ContentCoverage::Partial);
    assert!(!is_intact(&facts));
}

#[test]
fn incremental_saving_garbage_after_the_end() {
    for garbage in [&b"x"[..], b"% a comment\n", b"%%EOF\n", b"\n0 0 obj"] {
        let attacked = signed_contract().raw(garbage);
        assert_undecided(&attacked, "what follows the last revision is no revision");
    }
    let attacked = signed_contract().raw(b"startxref\n");
    assert!(document::read(&attacked.bytes).is_err());
}

#[test]
fn white_space_after_the_end_is_no_change() {
    let padded = signed_contract().raw(b"\r\n \0\n");
    let facts = padded.first();
    assert_eq!(facts.coverage, ContentCoverage::Whole);
    assert_eq!(extent(&facts), ModificationExtent::None);
}

#[test]
fn wrapping_the_second_part_moved_to_the_end() {
    let signed = signed_contract();
    let begins = rfind(&signed.bytes, b"/Contents <") + b"/Contents ".len();
    let ends = begins
        + signed.bytes[begins..]
            .iter()
            .position(|byte| *byte == b'>')
            .unwrap()
        + 1;
    let (first, second) = (&signed.bytes[..ends], &signed.bytes[ends..]);
    let wrapped = [first, b">>\nendobj\n", &b" ".repeat(64), second].concat();
    let moved = ends + b">>\nendobj\n".len() + 64;
    let old = format!("{ends:010} {:010}]", second.len());
    let new = format!("{moved:010} {:010}]", second.len());
    let attacked = signed
        .clone()
        .holding(wrapped)
        .replace(old.as_bytes(), new.as_bytes());
    // The cross-reference moved as well: whoever repairs it may see anything, and here nothing is repaired.
    match document::read(&attacked.bytes) {
        Ok(facts) => assert!(facts.signatures.iter().all(|facts| !is_intact(facts))),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

#[test]
fn the_chain_is_cut_to_another_base() {
    // A whole document after the signed one, with the old field in it, so that the signature is still found.
    let signed = signed_contract();
    let field =
        |name: &str| format!("<</FT /Sig /T ({name}) /Subtype /Widget /Rect [0 0 0 0] /V 21 0 R>>");
    let at = rfind(&signed.bytes, b"21 0 obj\n");
    let attacked = signed
        .previous(None)
        .at(21, at)
        .object(1, "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R>>")
        .object(
            2,
            "<</Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 612 792]>>",
        )
        .object(3, "<</Type /Page /Parent 2 0 R /Contents 4 0 R>>")
        .stream(4, "", EVIL)
        .object(5, "<</Fields [20 0 R] /SigFlags 3>>")
        .object(20, &field("first"))
        .end();
    assert_forbidden(&attacked);
}

#[test]
fn a_second_whole_document_appended() {
    let mut attacked = signed_contract();
    let second = contract().stream(4, "", EVIL).end();
    attacked.bytes.extend_from_slice(&second.bytes);
    // Its offsets are its own, so that nothing is where the cross-reference says.
    assert!(document::read(&attacked.bytes).is_err());
}

#[test]
fn something_before_the_header() {
    let signed = signed_contract();
    let bytes = [b"evil\n", signed.bytes.as_slice()].concat();
    match document::read(&bytes) {
        Ok(facts) => assert!(facts.signatures.iter().all(|facts| !is_intact(facts))),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

#[test]
fn the_field_of_the_signature_removed() {
    let attacked = signed_contract()
        .fields(&[10, 11])
        .annotations(&[10, 11])
        .lists()
        .end();
    let facts = attacked.facts();
    assert_eq!(facts.signatures.len(), 0);
    let last = facts.revisions.last().unwrap();
    assert!(
        last.changes
            .iter()
            .any(|change| change.place == "field first removed")
    );
}

#[test]
fn the_length_of_a_stream_overridden() {
    let content = b"BT (Pay 100) Tj ET\nendstream\nBT (Pay 999) Tj ET";
    let prepared = contract()
        .stream_of(4, "/Length 15 0 R", content)
        .object(15, "18")
        .end();
    let attacked = prepared
        .sign(&signature(20, "first"))
        .object(15, &content.len().to_string())
        .end();
    assert_forbidden(&attacked);
}

#[test]
fn the_length_of_an_object_stream_overridden() {
    let objects = b"4 0                  (short)\nendstream\n(long)";
    let entries = "/Type /ObjStm /N 1 /First 21 /Length 15 0 R";
    let prepared = contract()
        .stream_of(14, entries, objects)
        .object(15, "28")
        .within(16, (14, 0))
        .object(
            1,
            "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /Lang 16 0 R>>",
        );
    let objects_are_16 = prepared.replace(b"4 0                  (", b"16 0                 (");
    let attacked = objects_are_16
        .end_with_stream(17)
        .sign(&signature(20, "first"))
        .object(15, &objects.len().to_string())
        .end();
    assert_undecided(&attacked, "object 14 0 is not the same in every revision");
}

#[test]
fn an_object_stream_whose_length_lies_in_itself() {
    let prepared = contract()
        .stream_of(14, "/Type /ObjStm /N 1 /First 5 /Length 15 0 R", b"15 0 5")
        .within(15, (14, 0))
        .within(1, (14, 0))
        .end_with_stream(16);
    assert!(document::read(&prepared.bytes).is_err());
}

#[test]
fn an_object_stream_replaced() {
    let compressed = |font: &str| format!("<</Type /Font /Subtype /Type1 /BaseFont /{font}>>");
    let prepared = contract()
        .compressed(14, &[(8, &compressed("Helvetica"))])
        .end_with_stream(15);
    let signed = prepared.sign(&signature(20, "first"));
    assert_eq!(extent(&signed.first()), ModificationExtent::None);
    let attacked = signed
        .compressed(14, &[(8, &compressed("Symbol"))])
        .end_with_stream(30);
    assert_forbidden(&attacked);
}

#[test]
fn an_object_stream_renamed() {
    // The cross-reference says that the objects are in stream 14, and leads to stream 40.
    let signed = signed_contract().compressed(40, &[(8, "<</Type /Font>>")]);
    let at = signed.offset(40);
    let attacked = signed.at(14, at).within(8, (14, 0)).end_with_stream(41);
    let facts = attacked.first();
    assert_eq!(extent(&facts), ModificationExtent::Unknown);
}

#[test]
fn another_generation_of_the_same_number() {
    let entries = format!("<</Length {}>>\nstream\n", EVIL.len());
    let body = format!("{entries}{}\nendstream", std::str::from_utf8(EVIL).unwrap());
    assert_forbidden(&signed_contract().generation(4, 1, &body).end());
}

#[test]
fn a_free_entry_instead_of_an_object() {
    assert_forbidden(&signed_contract().free(4).end());
    assert_forbidden(&signed_contract().free(9).end());
}

#[test]
fn encryption_added_later() {
    let encrypted = "/Root 1 0 R /Encrypt 80 0 R";
    let attacked = signed_contract()
        .object(80, "<</Filter /Standard /V 1 /R 2 /P -4>>")
        .trailer(encrypted)
        .end();
    match document::read(&attacked.bytes) {
        Ok(facts) => assert!(
            facts
                .signatures
                .iter()
                .all(|facts| { !is_intact(facts) || extent(facts) >= ModificationExtent::Unknown })
        ),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

#[test]
fn names_that_are_there_twice() {
    // One reader takes the first, another the last.
    let page = PAGE.replace("/Contents 4 0 R", "/Contents 50 0 R /Contents 4 0 R");
    assert_forbidden(
        &signed_contract()
            .stream(50, "", EVIL)
            .object(3, &page)
            .end(),
    );
    let catalog = "<</Type /Catalog /Pages 50 0 R /Pages 2 0 R /AcroForm 5 0 R>>";
    assert_forbidden(
        &signed_contract()
            .object(1, catalog)
            .object(50, "<<>>")
            .end(),
    );
    let attacked = signed_contract()
        .trailer("/Root 50 0 R /Root 1 0 R")
        .object(50, "<<>>")
        .end();
    assert_forbidden(&attacked);
}

#[test]
fn a_name_that_was_there_twice_and_is_changed() {
    let page = PAGE.replace("/Contents 4 0 R", "/Contents 14 0 R /Contents 4 0 R");
    let prepared = contract().stream(14, "", TEXT).object(3, &page).end();
    let attacked = prepared
        .sign(&signature(20, "first"))
        .stream(14, "", EVIL)
        .end();
    assert_forbidden(&attacked);
}

#[test]
fn a_cross_reference_with_two_places_for_one_object() {
    let signed = signed_contract().stream(50, "", b"");
    let at = signed.offset(50);
    let attacked = signed.end();
    let table = format!("50 1\n{at:010} 00000 n \n");
    let evil = format!("50 1\n{at:010} 00000 n \n50 1\n{:010} 00000 n \n", at + 1);
    let text = String::from_utf8_lossy(&attacked.bytes[attacked.bytes.len() - 400..]).into_owned();
    assert!(text.contains(&table));
    let begins = rfind(&attacked.bytes, table.as_bytes());
    let mut bytes = attacked.bytes[..begins].to_vec();
    bytes.extend_from_slice(evil.as_bytes());
    bytes.extend_from_slice(&attacked.bytes[begins + table.len()..]);
    let attacked = attacked.holding(bytes);
    assert_undecided(
        &attacked,
        "the cross-reference of object 50 is not to one place",
    );
}

#[test]
fn a_page_list_that_some_take_for_a_page() {
    let attacked = signed_contract()
        .object(
            2,
            "<</Type /Page /Contents 50 0 R /Kids [3 0 R 6 0 R] /Count 2 /MediaBox [0 0 612 792]>>",
        )
        .stream(50, "", EVIL)
        .end();
    assert_undecided(
        &attacked,
        "object 2 0 of the page tree is not clearly a page or a list of pages",
    );
}

#[test]
fn a_page_list_that_counts_wrong() {
    let tree = "<</Type /Pages /Kids [3 0 R 6 0 R] /Count 1 /MediaBox [0 0 612 792]>>";
    let attacked = signed_contract().object(2, tree).end();
    assert_undecided(
        &attacked,
        "Count of object 2 0 is not the number of its pages",
    );
}

#[test]
fn the_size_of_the_document_cut_off() {
    let mut attacked =
        signed_contract().object(1, "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R>>");
    attacked.size = 5;
    assert_forbidden(&attacked.end());
}

#[test]
fn a_signed_cross_reference_that_leads_behind_the_signature() {
    // What is there when the document is signed is nothing; then it is whatever the attacker appends.
    let beyond = 20_000;
    let prepared = contract().at(4, beyond).end().sign(&signature(20, "first"));
    let filler = beyond - prepared.bytes.len();
    let attacked = prepared.raw(&b" ".repeat(filler)).stream(4, "", EVIL).end();
    let facts = attacked.first();
    assert_eq!(extent(&facts), ModificationExtent::Unknown);
}

#[test]
fn a_signed_startxref_that_leads_behind_the_signature() {
    // It points to the comment at the end of the file, behind which anybody can write.
    let signed = contract().end().list(20).lists();
    let field = "<</FT /Sig /T (first) /Subtype /Widget /Rect [0 0 0 0] /V 21 0 R>>";
    let open = signed.object(20, field).value(&signature(20, "first"));
    let until = open.bytes.len();
    let mut chain = open.clone();
    let eof = until + b"startxref\n00000\n".len();
    chain = chain.raw(format!("startxref\n{eof:05}\n%%EOF\n").as_bytes());
    let sealed = chain.seal(signature(20, "first").value, until);
    let attacked = sealed.stream(4, "", EVIL).end();
    for facts in attacked.facts().signatures {
        assert_eq!(facts.coverage, ContentCoverage::Partial);
    }
}

#[test]
fn a_stream_packed_as_something_else() {
    // The same bytes once unpacked, and an entry by which other readers unpack something else.
    let packed = deflated(TEXT);
    let again = signed_contract()
        .stream(4, "/Filter /FlateDecode", &packed)
        .end();
    assert_eq!(extent(&again.first()), ModificationExtent::None);
    for entries in [
        "/Filter /FlateDecode /F (evil.txt)",
        "/Filter /FlateDecode /FFilter /ASCIIHexDecode",
        "/Filter [/FlateDecode /ASCIIHexDecode]",
        "/Filter /FlateDecode /Filter /ASCIIHexDecode",
    ] {
        assert_forbidden(&signed_contract().stream(4, entries, &packed).end());
    }
}

#[test]
fn many_permitted_changes_before_a_forbidden_one() {
    let mut attacked = signed_contract();
    for number in 100..500 {
        let field = format!("<</FT /Sig /T (f{number}) /Subtype /Widget /Rect [0 0 0 0]>>");
        attacked = attacked.list(number).object(number, &field);
    }
    assert_forbidden(&attacked.lists().stream(4, "", EVIL).end());
}

#[test]
fn altered_bytes_are_not_what_was_signed() {
    let altered = signed_contract().replace(b"(Pay 100 to Alice)", b"(Pay 999 to Alice)");
    let facts = altered.first();
    assert_eq!(facts.integrity, Integrity::ContentDiffers);
}
