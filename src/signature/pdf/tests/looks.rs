//! What is told of a document against what it looks like, drawn by poppler.

use std::io::Write;
use std::process::Command;
use std::process::Stdio;

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
use crate::signature::pdf::fixture::signature;
use crate::signature::pdf::fixture::signed_contract;
use crate::signature::pdf::fixture::timestamp;

/// Every page as pixels.
fn drawn(bytes: &[u8]) -> Vec<u8> {
    let mut command = Command::new("pdftoppm");
    command.args(["-r", "36", "-q", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command
        .spawn()
        .expect("pdftoppm, of Debian's poppler-utils");
    child.stdin.take().unwrap().write_all(bytes).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && !output.stdout.is_empty());
    output.stdout
}

/// How many bytes were signed first.
fn signed_length(pdf: &Pdf) -> usize {
    let facts = pdf.facts();
    let mut revisions = facts.revisions.iter();
    revisions
        .find(|revision| revision.signatures.contains(&0))
        .unwrap()
        .end_bytes
}

const EVIL: &[u8] = b"BT /F1 24 Tf 40 700 Td (Pay 999 to Mallory) Tj ET";

/// Updates of a signed contract, with their names.
#[expect(
    clippy::too_many_lines,
    reason = "a list of documents, to be read as one"
)]
fn updates() -> Vec<(&'static str, Pdf)> {
    let signed = signed_contract;
    let catalog = |more: &str| format!("<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R {more}>>");
    let tree = |more: &str| format!("<</Type /Pages /Kids [3 0 R 6 0 R] /Count 2 {more}>>");
    let covering = "/Rect [0 500 612 792] /AP <</N 50 0 R>>";
    let look = b"1 0 0 rg 0 0 200 20 re f";
    let annotation = |subtype: &str, more: &str| {
        let annotation =
            format!("<</Type /Annot /Subtype /{subtype} /P 3 0 R /F 4 {covering} {more}>>");
        let begun = signed().stream(50, LOOK, look).object(51, &annotation);
        begun.annotations(&[10, 11, 20, 51]).lists().end()
    };
    let field = |more: &str| {
        let field = format!(
            "<</FT /Sig /T (x) /Subtype /Widget /P 3 0 R /F 4 /Rect [0 500 612 792] {more}>>"
        );
        signed()
            .stream(50, LOOK, look)
            .object(51, &field)
            .list(51)
            .lists()
            .end()
    };
    let needs_appearances = "<</Fields [10 0 R 11 0 R 20 0 R] /SigFlags 3 /NeedAppearances true \
                             /DA (/F1 12 Tf 1 0 0 rg) /DR <</Font <</F1 8 0 R>>>>>>";
    vec![
        (
            "nothing but metadata",
            signed().object(1, &catalog("/Version /1.7")).end(),
        ),
        ("content", signed().stream(4, "", EVIL).end()),
        (
            "content packed",
            signed()
                .stream(4, "/Filter /FlateDecode", &deflated(TEXT))
                .end(),
        ),
        (
            "content of the second page",
            signed().stream(7, "", EVIL).end(),
        ),
        (
            "font",
            signed()
                .object(8, "<</Type /Font /Subtype /Type1 /BaseFont /Times-Bold>>")
                .end(),
        ),
        ("image", signed().free(9).end()),
        (
            "rotated",
            signed()
                .object(2, &tree("/MediaBox [0 0 612 792] /Rotate 180"))
                .end(),
        ),
        (
            "cut",
            signed()
                .object(2, &tree("/MediaBox [0 0 612 792] /CropBox [0 0 612 690]"))
                .end(),
        ),
        (
            "unit",
            signed()
                .object(3, &PAGE.replace("/Contents", "/UserUnit 2 /Contents"))
                .end(),
        ),
        (
            "page swapped",
            signed()
                .object(
                    2,
                    "<</Type /Pages /Kids [6 0 R 3 0 R] /Count 2 /MediaBox [0 0 612 792]>>",
                )
                .end(),
        ),
        ("stamp", annotation("Stamp", "")),
        (
            "free text",
            annotation("FreeText", "/Contents (x) /DA (/F1 12 Tf)"),
        ),
        ("note with a look", annotation("Text", "/Contents (x)")),
        (
            "highlight",
            annotation("Highlight", "/QuadPoints [0 500 612 500 0 792 612 792]"),
        ),
        ("annotations gone", signed().annotations(&[]).lists().end()),
        ("empty field", field("")),
        ("empty field that shows", field("/AP <</N 50 0 R>>")),
        (
            "empty field that shows a state",
            field("/AP <</N <</On 50 0 R>>>> /AS /On"),
        ),
        (
            "empty field with a background",
            field("/MK <</BG [1 0 0]>>"),
        ),
        (
            "first signature shown again",
            field("/V 21 0 R /AP <</N 50 0 R>>"),
        ),
        (
            "look of a field alone",
            signed().stream(12, LOOK, look).end(),
        ),
        (
            "look of fields to be made",
            signed().object(5, needs_appearances).end(),
        ),
        (
            "field hidden",
            signed()
                .object(
                    10,
                    &amount("100", "/AP <</N 12 0 R>>").replace("/F 4", "/F 2"),
                )
                .end(),
        ),
        (
            "field filled in",
            signed()
                .object(10, &amount("9", "/AP <</N 50 0 R>>"))
                .stream(50, LOOK, look)
                .end(),
        ),
        ("second signature", signed().sign(&signature(30, "second"))),
        (
            "second signature seen",
            signed()
                .stream(50, LOOK, look)
                .sign(&signature(30, "second").field(covering)),
        ),
        ("timestamp", signed().sign(&timestamp(30, "stamp"))),
        ("layers", layers()),
    ]
}

/// A layer that was shown is hidden.
fn layers() -> Pdf {
    let catalog = |off: &str| {
        format!(
            "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /OCProperties <</OCGs [14 0 R] /D <</OFF [{off}]>>>>>>"
        )
    };
    let page = PAGE.replace("/Resources <<", "/Resources <</Properties <</L 14 0 R>> ");
    let prepared = contract()
        .object(1, &catalog(""))
        .object(3, &page)
        .object(14, "<</Type /OCG /Name (l)>>")
        .stream(4, "", &[b"/OC /L BDC ", TEXT, b" EMC"].concat())
        .end();
    prepared
        .sign(&signature(20, "first"))
        .object(1, &catalog("14 0 R"))
        .end()
}

#[test]
fn what_looks_different_is_told_unless_it_was_filled_in_or_signed() {
    let may_show = [ChangeKind::FieldFilled, ChangeKind::Signature];
    let mut different = 0;
    for (name, pdf) in updates() {
        let facts = pdf.first();
        let before = drawn(&pdf.bytes[..signed_length(&pdf)]);
        if before == drawn(&pdf.bytes) {
            continue;
        }
        different += 1;
        let changes = &facts.modifications.as_ref().unwrap().changes;
        let is_told = extent(&facts) >= ModificationExtent::Unknown
            || changes.iter().any(|change| may_show.contains(&change.kind));
        assert!(is_told, "{name}: {changes:#?}");
    }
    // That the comparison sees anything: what is known to show shows.
    assert!(different >= 18, "{different}");
}
