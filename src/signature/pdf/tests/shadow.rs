//! Shadow attacks: what is shown is changed by another revision, often by what its author hid in the document before
//! anybody signed it. None is taken for what the signer saw; the object and the page are named.

use crate::signature::facts::modification::ChangeKind;
use crate::signature::facts::modification::ModificationExtent;
use crate::signature::pdf::fixture::LOOK;
use crate::signature::pdf::fixture::PAGE;
use crate::signature::pdf::fixture::Pdf;
use crate::signature::pdf::fixture::TEXT;
use crate::signature::pdf::fixture::amount;
use crate::signature::pdf::fixture::contract;
use crate::signature::pdf::fixture::extent;
use crate::signature::pdf::fixture::forbidden;
use crate::signature::pdf::fixture::signature;
use crate::signature::pdf::fixture::signed_contract;

const EVIL: &[u8] = b"BT /F1 24 Tf 40 700 Td (Pay 999 to Mallory) Tj ET";

/// The first signature is intact, and says that `place` was changed, in `object` and on `page`.
#[track_caller]
fn assert_told(attacked: &Pdf, place: &str, (object, page): (&str, Option<usize>)) {
    let facts = attacked.first();
    let changes = forbidden(&facts);
    assert_eq!(
        extent(&facts),
        ModificationExtent::Forbidden,
        "{changes:#?}"
    );
    let is_meant = changes.iter().any(|change| {
        change.kind == ChangeKind::Content
            && change.place == place
            && change.object.as_deref() == Some(object)
            && change.page == page
    });
    assert!(is_meant, "{changes:#?}");
}

#[test]
fn replace_page_content_overridden() {
    let attacked = signed_contract().stream(4, "", EVIL).end();
    assert_told(&attacked, "page 1, Contents", ("4 0", Some(1)));
}

#[test]
fn replace_page_points_to_other_content() {
    let page = PAGE.replace("/Contents 4 0 R", "/Contents 50 0 R");
    let attacked = signed_contract()
        .stream(50, "", EVIL)
        .object(3, &page)
        .end();
    assert_told(&attacked, "page 1, Contents", ("50 0", Some(1)));
}

#[test]
fn replace_content_becomes_an_array_with_more() {
    let page = PAGE.replace("/Contents 4 0 R", "/Contents [4 0 R 50 0 R]");
    let attacked = signed_contract()
        .stream(50, "", EVIL)
        .object(3, &page)
        .end();
    assert_told(&attacked, "page 1, Contents", ("3 0", Some(1)));
}

#[test]
fn hide_an_overlay_removed_by_an_update() {
    // An image lies over the text; taking it away shows what nobody signed for.
    let prepared = contract()
        .stream(4, "", b"q 612 0 0 792 0 0 cm /Im Do Q")
        .end();
    let attacked = prepared.sign(&signature(20, "first")).free(9).end();
    assert_told(&attacked, "page 1, Resources", ("9 0", Some(1)));
}

#[test]
fn hide_an_image_made_smaller() {
    let image = "/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8";
    let attacked = signed_contract().stream(9, image, b"\xff").end();
    assert_told(&attacked, "page 1, Resources", ("9 0", Some(1)));
}

#[test]
fn replace_the_data_of_an_image() {
    let image = "/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceRGB /BitsPerComponent 8";
    let attacked = signed_contract().stream(9, image, &[0; 12]).end();
    assert_told(&attacked, "page 1, Resources", ("9 0", Some(1)));
}

#[test]
fn replace_a_font_on_every_page_that_uses_it() {
    let font = "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica \
                /Encoding <</Differences [49 /nine]>>>>";
    let attacked = signed_contract().object(8, font).end();
    assert_told(&attacked, "page 1, Resources", ("8 0", Some(1)));
}

#[test]
fn replace_a_resource_whose_name_is_not_ascii() {
    let page = |image: u32| {
        format!(
            "<</Type /Page /Parent 2 0 R /Contents 4 0 R /Annots 13 0 R \
             /Resources <</XObject <</图's {image} 0 R>>>>>>"
        )
    };
    let content = "q 60 0 0 60 40 500 cm /图's Do Q".as_bytes();
    let prepared = contract().object(3, &page(9)).stream(4, "", content).end();
    let attacked = prepared
        .sign(&signature(20, "first"))
        .stream(50, LOOK, EVIL)
        .object(3, &page(50))
        .end();
    assert_told(&attacked, "page 1, Resources", ("50 0", Some(1)));
}

#[test]
fn hide_and_replace_the_catalog_points_to_prepared_objects() {
    let prepared = contract()
        .object(
            51,
            "<</Type /Pages /Kids [52 0 R 6 0 R] /Count 2 /MediaBox [0 0 612 792]>>",
        )
        .object(
            52,
            &PAGE
                .replace("/Parent 2", "/Parent 51")
                .replace("/Contents 4", "/Contents 53"),
        )
        .stream(53, "", EVIL)
        .end();
    let signed = prepared.sign(&signature(20, "first"));
    let attacked = signed
        .object(1, "<</Type /Catalog /Pages 51 0 R /AcroForm 5 0 R>>")
        .end();
    assert_told(&attacked, "page 1, Contents", ("53 0", Some(1)));
}

#[test]
fn hide_and_replace_the_cross_reference_points_to_prepared_objects() {
    // Two bodies of object 4 are signed, of which the cross-reference names one, and later the other.
    let prepared = contract();
    let hidden = prepared.bytes.len();
    let prepared = prepared.stream(4, "", EVIL).stream(4, "", TEXT).end();
    let attacked = prepared.sign(&signature(20, "first")).at(4, hidden).end();
    assert_told(&attacked, "page 1, Contents", ("4 0", Some(1)));
}

#[test]
fn hide_and_replace_the_trailer_names_another_root() {
    let prepared = contract()
        .object(60, "<</Type /Catalog /Pages 61 0 R /AcroForm 5 0 R>>")
        .object(
            61,
            "<</Type /Pages /Kids [62 0 R 6 0 R] /Count 2 /MediaBox [0 0 612 792]>>",
        )
        .object(62, &PAGE.replace("/Contents 4", "/Contents 63"))
        .stream(63, "", EVIL)
        .end();
    let signed = prepared.sign(&signature(20, "first"));
    let attacked = signed.trailer("/Root 60 0 R").end();
    assert_told(&attacked, "page 1, Contents", ("63 0", Some(1)));
}

#[test]
fn form_field_shows_other_than_its_value() {
    let attacked = signed_contract().stream(12, LOOK, EVIL).end();
    assert_told(&attacked, "field amount, AP", ("10 0", Some(1)));
}

#[test]
fn form_field_appearances_are_to_be_made_anew() {
    // The value was signed as something else than what is shown.
    let prepared = contract()
        .object(10, &amount("999", "/AP <</N 12 0 R>>"))
        .end();
    let form = "<</Fields [10 0 R 11 0 R 20 0 R] /SigFlags 3 /NeedAppearances true \
                /DA (/F1 12 Tf 0 g) /DR <</Font <</F1 8 0 R>>>>>>";
    let attacked = prepared.sign(&signature(20, "first")).object(5, form).end();
    assert_told(&attacked, "AcroForm, NeedAppearances", ("1 0", None));
}

#[test]
fn form_field_moved() {
    let moved = amount("100", "/AP <</N 12 0 R>>").replace("[40 600 240 620]", "[40 690 240 720]");
    let attacked = signed_contract().object(10, &moved).end();
    assert_told(&attacked, "field amount, Rect", ("10 0", Some(1)));
}

#[test]
fn form_field_hidden() {
    let hidden = amount("100", "/AP <</N 12 0 R>>").replace("/F 4", "/F 6");
    let attacked = signed_contract().object(10, &hidden).end();
    assert_told(&attacked, "field amount, F", ("10 0", Some(1)));
}

#[test]
fn form_field_made_a_password() {
    let flagged = amount("100", "/AP <</N 12 0 R>> /Ff 8192");
    let attacked = signed_contract().object(10, &flagged).end();
    assert_told(&attacked, "field amount, Ff", ("10 0", Some(1)));
}

#[test]
fn form_field_acts_by_what_is_above_it() {
    let parent = |more: &str| format!("<</T (company) /Kids [10 0 R] {more}>>");
    let child = amount("100", "/AP <</N 12 0 R>> /Parent 14 0 R");
    let prepared = contract().object(14, &parent("")).object(10, &child);
    let prepared = prepared.fields(&[14, 11]).lists().end();
    let script = "/AA <</K <</S /JavaScript /JS (x)>>>>";
    let attacked = prepared
        .sign(&signature(20, "first"))
        .object(14, &parent(script))
        .end();
    assert_told(&attacked, "field company.amount, AA", ("10 0", Some(1)));
}

#[test]
fn default_look_of_fields_changed() {
    let form = "<</Fields [10 0 R 11 0 R 20 0 R] /SigFlags 3 /DA (/F1 12 Tf 1 g) \
                /DR <</Font <</F1 8 0 R>>>>>>";
    let attacked = signed_contract().object(5, form).end();
    assert_told(&attacked, "AcroForm, DA", ("1 0", None));
}

#[test]
fn default_font_replaced() {
    let form = "<</Fields [10 0 R 11 0 R 20 0 R] /SigFlags 3 /DA (/F1 12 Tf 0 g) \
                /DR <</Font <</F1 50 0 R>>>>>>";
    let font = "<</Type /Font /Subtype /Type1 /BaseFont /Symbol>>";
    let attacked = signed_contract().object(5, form).object(50, font).end();
    assert_told(&attacked, "AcroForm, DR, Font", ("50 0", None));
}

#[test]
fn xfa_added() {
    let form = "<</Fields [10 0 R 11 0 R 20 0 R] /SigFlags 3 /DA (/F1 12 Tf 0 g) \
                /DR <</Font <</F1 8 0 R>>>> /XFA 50 0 R>>";
    let attacked = signed_contract()
        .object(5, form)
        .stream(50, "", b"<xdp/>")
        .end();
    assert_told(&attacked, "AcroForm, XFA", ("50 0", None));
}

#[test]
fn pages_added_removed_and_reordered() {
    let tree = |kids: &str, count: u8| {
        format!("<</Type /Pages /Kids [{kids}] /Count {count} /MediaBox [0 0 612 792]>>")
    };
    let added = signed_contract()
        .object(2, &tree("3 0 R 6 0 R 50 0 R", 3))
        .object(50, "<</Type /Page /Parent 2 0 R /Contents 7 0 R>>")
        .end();
    assert_told(&added, "3 pages instead of 2", ("50 0", Some(3)));
    let removed = signed_contract().object(2, &tree("3 0 R", 1)).end();
    assert_told(&removed, "1 pages instead of 2", ("3 0", Some(2)));
    let reordered = signed_contract().object(2, &tree("6 0 R 3 0 R", 2)).end();
    assert_told(&reordered, "page 1, Contents", ("7 0", Some(1)));
}

#[test]
fn page_swapped_in_the_tree() {
    let attacked = signed_contract()
        .object(
            2,
            "<</Type /Pages /Kids [50 0 R 6 0 R] /Count 2 /MediaBox [0 0 612 792]>>",
        )
        .object(50, &PAGE.replace("/Contents 4", "/Contents 51"))
        .stream(51, "", EVIL)
        .end();
    assert_told(&attacked, "page 1, Contents", ("51 0", Some(1)));
}

#[test]
fn what_pages_inherit_changed() {
    for (entry, key) in [
        ("/MediaBox [0 0 612 400]", "MediaBox"),
        ("/MediaBox [0 0 612 792] /Rotate 180", "Rotate"),
        ("/MediaBox [0 0 612 792] /CropBox [0 0 10 10]", "CropBox"),
    ] {
        let tree = format!("<</Type /Pages /Kids [3 0 R 6 0 R] /Count 2 {entry}>>");
        let attacked = signed_contract().object(2, &tree).end();
        assert_told(&attacked, &format!("page 1, {key}"), ("3 0", Some(1)));
        assert_told(&attacked, &format!("page 2, {key}"), ("6 0", Some(2)));
    }
}

#[test]
fn inherited_resources_changed() {
    let tree = |image: u32| {
        format!(
            "<</Type /Pages /Kids [3 0 R 6 0 R] /Count 2 /MediaBox [0 0 612 792] \
             /Resources <</XObject <</Im {image} 0 R>>>>>>"
        )
    };
    let page = "<</Type /Page /Parent 2 0 R /Contents 4 0 R /Annots 13 0 R>>";
    let prepared = contract().object(2, &tree(9)).object(3, page).end();
    let signed = prepared.sign(&signature(20, "first"));
    let attacked = signed.object(2, &tree(50)).stream(50, LOOK, EVIL).end();
    assert_told(&attacked, "page 1, Resources", ("50 0", Some(1)));
}

#[test]
fn layers_actions_and_scripts_added() {
    for (entry, key) in [
        ("/OCProperties <</OCGs [50 0 R] /D <<>>>>", "OCProperties"),
        ("/OpenAction <</S /JavaScript /JS (x)>>", "OpenAction"),
        ("/Names <</JavaScript <</Names [(x) 50 0 R]>>>>", "Names"),
        ("/AA <</WC <</S /JavaScript /JS (x)>>>>", "AA"),
        (
            "/ViewerPreferences <</HideToolbar true>>",
            "ViewerPreferences",
        ),
        ("/Perms <</DocMDP 21 0 R>>", "Perms"),
    ] {
        let catalog = format!("<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R {entry}>>");
        let attacked = signed_contract()
            .object(1, &catalog)
            .object(50, "<<>>")
            .end();
        assert_told(&attacked, key, ("1 0", None));
    }
}

#[test]
fn a_script_that_was_there_replaced() {
    let catalog = "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R /OpenAction 50 0 R>>";
    let prepared = contract().object(1, catalog);
    let prepared = prepared
        .object(50, "<</S /JavaScript /JS 51 0 R>>")
        .stream(51, "", b"a")
        .end();
    let attacked = prepared
        .sign(&signature(20, "first"))
        .stream(51, "", b"b")
        .end();
    assert_told(&attacked, "OpenAction", ("51 0", None));
}

#[test]
fn a_page_gets_an_action() {
    let page = PAGE.replace(
        "/Contents",
        "/AA <</O <</S /JavaScript /JS (x)>>>> /Contents",
    );
    let attacked = signed_contract().object(3, &page).end();
    assert_told(&attacked, "page 1, AA", ("3 0", Some(1)));
}
