//! What `ByteRange` may say.

use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Integrity;
use crate::signature::pdf::fixture::Pdf;
use crate::signature::pdf::fixture::contract;
use crate::signature::pdf::fixture::is_intact;
use crate::signature::pdf::fixture::rfind;
use crate::signature::pdf::fixture::signature;
use crate::signature::pdf::fixture::signed_contract;

/// Signs over other ranges than it should: the two are changed, and what they cover is signed.
fn signed_over(change: impl Fn(usize, usize, usize) -> [usize; 4]) -> Pdf {
    let open = contract().end().list(20).lists();
    let field = "<</FT /Sig /T (first) /Subtype /Widget /Rect [0 0 0 0] /V 21 0 R>>";
    let mut pdf = open.object(20, field).value(&signature(20, "first")).end();
    let begins = rfind(&pdf.bytes, b"/Contents <") + b"/Contents ".len();
    let ends = begins
        + pdf.bytes[begins..]
            .iter()
            .position(|byte| *byte == b'>')
            .unwrap()
        + 1;
    let [first, first_length, second, second_length] = change(begins, ends, pdf.bytes.len());
    let range = format!("[{first} {first_length} {second} {second_length}]");
    let at = rfind(&pdf.bytes, b"[0 0000000000");
    let range = format!("{range:<36}");
    pdf.bytes[at..at + 36].copy_from_slice(range.as_bytes());
    let part = |from: usize, length: usize| pdf.bytes.get(from..from + length).unwrap_or_default();
    let covered = [part(first, first_length), part(second, second_length)].concat();
    let value = crate::signature::pdf::fixture::cms(&covered);
    pdf.fill(begins, &value)
}

#[track_caller]
fn assert_partial(pdf: &Pdf, detail: &str) {
    let facts = pdf.first();
    assert_eq!(facts.integrity, Integrity::Intact);
    assert_eq!(facts.coverage, ContentCoverage::Partial);
    assert_eq!(facts.modifications, None);
    assert!(!is_intact(&facts));
    let faults: Vec<_> = facts
        .faults
        .iter()
        .map(|fault| fault.detail.as_str())
        .collect();
    assert!(
        faults.iter().any(|fault| fault.contains(detail)),
        "{faults:?}"
    );
}

#[test]
fn all_but_the_value() {
    let pdf = signed_over(|begins, ends, length| [0, begins, ends, length - ends]);
    assert!(is_intact(&pdf.first()));
    assert_eq!(pdf.first().coverage, ContentCoverage::Whole);
}

#[test]
fn not_from_the_start() {
    let pdf = signed_over(|begins, ends, length| [1, begins - 1, ends, length - ends]);
    assert_partial(&pdf, "it begins at 1");
}

#[test]
fn a_gap_wider_than_the_value() {
    let pdf = signed_over(|begins, ends, length| [0, begins - 1, ends, length - ends]);
    assert_partial(&pdf, "it leaves out");
    let pdf = signed_over(|begins, ends, length| [0, begins, ends + 1, length - ends - 1]);
    assert_partial(&pdf, "it leaves out");
}

#[test]
fn a_gap_narrower_than_the_value() {
    let pdf = signed_over(|begins, ends, length| [0, begins + 1, ends - 1, length - ends + 1]);
    assert!(!is_intact(&pdf.first()));
}

#[test]
fn an_end_where_no_revision_ends() {
    let pdf = signed_over(|begins, ends, length| [0, begins, ends, length - ends - 3]);
    assert_partial(&pdf, "what it covers is no document");
    // Before `startxref` the last revision that ended is the one before.
    let pdf = signed_over(|begins, ends, length| [0, begins, ends, length - ends - 21]);
    assert_partial(&pdf, "where no revision ends");
}

#[test]
fn overlapping_or_beyond_the_file() {
    type Change = fn(usize, usize, usize) -> [usize; 4];
    let changes: [Change; 3] = [
        |begins, _, length| [0, begins, begins - 1, length - begins],
        |begins, ends, length| [0, begins, ends, length - ends + 1],
        |begins, ends, _| [0, begins, ends, 999_999],
    ];
    for change in changes {
        let facts = signed_over(change).first();
        assert!(!is_intact(&facts));
        assert_eq!(facts.faults[0].place, "ByteRange");
        assert_eq!(facts.coverage, ContentCoverage::Unknown);
    }
}

#[test]
fn a_value_in_an_object_stream() {
    // The dictionary stands in the clear as well, but is read in the object stream.
    let signed = signed_contract();
    let from = rfind(&signed.bytes, b"21 0 obj\n") + b"21 0 obj\n".len();
    let until = from + rfind(&signed.bytes[from..], b"\nendobj\nxref");
    let copied = String::from_utf8(signed.bytes[from..until].to_vec()).unwrap();
    let facts = signed
        .compressed(50, &[(21, &copied)])
        .end_with_stream(51)
        .first();
    assert_eq!(facts.coverage, ContentCoverage::Partial);
    assert!(
        facts
            .faults
            .iter()
            .any(|fault| fault.detail.contains("compressed or missing"))
    );
}
