use super::*;
use crate::signature::pdf::fixture::deflated;
use crate::signature::pdf::parse::Parser;

fn dictionary(text: &str) -> Dictionary {
    let object = Parser::of_stream(text.as_bytes(), 0).object().unwrap();
    object.as_dictionary().unwrap().clone()
}

fn decoded(raw: &[u8], entries: &str) -> Result<Vec<u8>, PdfError> {
    let (number, generation) = (1, 0);
    let id = ObjectId { number, generation };
    decode(raw, (id, &dictionary(&format!("<<{entries}>>"))), 1000)
}

fn unpredicted(rows: &[u8], parameters: &str) -> Result<Vec<u8>, PdfError> {
    let entries = format!("/Filter /FlateDecode /DecodeParms <<{parameters}>>");
    decoded(&deflated(rows), &entries)
}

#[test]
fn without_a_filter() {
    assert_eq!(decoded(b"abc", "").unwrap(), b"abc");
    assert_eq!(decoded(b"abc", "/Filter []").unwrap(), b"abc");
    assert_eq!(decoded(b"abc", "/Filter null").unwrap(), b"abc");
}

#[test]
fn deflate_in_its_forms() {
    let packed = deflated(b"abc");
    for entries in [
        "/Filter /FlateDecode",
        "/Filter [/FlateDecode]",
        "/Filter /Fl",
        "/Filter /FlateDecode /DecodeParms [null]",
        "/Filter /FlateDecode /DecodeParms <<>>",
    ] {
        assert_eq!(decoded(&packed, entries).unwrap(), b"abc", "{entries}");
    }
}

#[test]
fn what_is_not_read_is_refused() {
    let packed = deflated(b"abc");
    for entries in [
        "/Filter /LZWDecode",
        "/Filter [/ASCIIHexDecode /FlateDecode]",
        "/Filter [/FlateDecode /FlateDecode]",
        "/Filter 1 0 R",
        "/Filter (x)",
        "/Filter /Crypt",
        "/Filter /FlateDecode /DecodeParms 1",
    ] {
        assert!(
            matches!(decoded(&packed, entries), Err(PdfError::Filter { .. })),
            "{entries}"
        );
    }
    let cut = &packed[..packed.len() - 3];
    assert!(decoded(cut, "/Filter /FlateDecode").is_err());
    let mut broken = packed;
    *broken.last_mut().unwrap() ^= 1;
    assert!(decoded(&broken, "/Filter /FlateDecode").is_err());
    assert!(decoded(b"", "/Filter /FlateDecode").is_err());
}

#[test]
fn a_bomb_runs_into_the_limit() {
    let limit = |result| matches!(result, Err(PdfError::Limit { maximum: 1000, .. }));
    assert!(limit(decoded(
        &deflated(&[0; 1_000_000]),
        "/Filter /FlateDecode"
    )));
    assert!(limit(decoded(
        &deflated(&[0; 1001]),
        "/Filter /FlateDecode"
    )));
    assert!(decoded(&deflated(&[0; 1000]), "/Filter /FlateDecode").is_ok());
    assert!(limit(decoded(&[0; 1001], "")));
}

#[test]
fn each_predictor_of_png() {
    let columns = "/Predictor 15 /Columns 3";
    let rows = [
        [0, 10, 20, 30], // none
        [1, 1, 1, 1],    // left: 1 2 3
        [2, 1, 1, 1],    // above: 2 3 4
        [3, 1, 1, 1],    // average: 1+2/2, 1+(2+3)/2, 1+(3+4)/2
        [4, 1, 1, 1],    // Paeth
    ]
    .concat();
    let expected = [10, 20, 30, 1, 2, 3, 2, 3, 4, 2, 3, 4, 3, 4, 5];
    assert_eq!(unpredicted(&rows, columns).unwrap(), expected);
    // The number says only that rows tell theirs.
    for predictor in 10..=15 {
        let parameters = format!("/Predictor {predictor} /Columns 3");
        assert_eq!(unpredicted(&rows, &parameters).unwrap(), expected);
    }
    // Two bytes are one pixel, and half a byte is one.
    let wide = "/Predictor 12 /Columns 2 /Colors 2";
    assert_eq!(unpredicted(&[1, 1, 2, 3, 4], wide).unwrap(), [1, 2, 4, 6]);
    let narrow = "/Predictor 12 /Columns 4 /BitsPerComponent 4";
    assert_eq!(unpredicted(&[1, 1, 2], narrow).unwrap(), [1, 3]);
    // The last row may be cut off.
    assert_eq!(
        unpredicted(&[0, 1, 2, 3, 0, 4], columns).unwrap(),
        [1, 2, 3, 4]
    );
}

#[test]
fn predictors_that_are_refused() {
    for parameters in [
        "/Predictor 2 /Columns 3",
        "/Predictor 9",
        "/Predictor 16",
        "/Predictor -1",
        "/Predictor 15 /Columns 0",
        "/Predictor 15 /Columns -3",
        "/Predictor 15 /Colors 9223372036854775807 /Columns 9223372036854775807",
        "/Predictor 15 /Columns (3)",
    ] {
        assert!(
            unpredicted(&[0, 1, 2, 3], parameters).is_err(),
            "{parameters}"
        );
    }
    assert!(unpredicted(&[5, 1, 2, 3], "/Predictor 15 /Columns 3").is_err());
    assert_eq!(unpredicted(&[5, 1], "/Predictor 1").unwrap(), [5, 1]);
}

#[test]
fn a_row_wider_than_what_there_is_takes_no_memory() {
    let parameters = "/Predictor 15 /Columns 1000000000000";
    assert!(unpredicted(&[0, 1, 2], parameters).is_err());
}

#[test]
fn paeth_prefers_left_then_above() {
    assert_eq!(paeth(5, 5, 5), 5);
    assert_eq!(paeth(0, 255, 0), 255);
    assert_eq!(paeth(255, 0, 0), 255);
    assert_eq!(paeth(10, 20, 15), 15);
    assert_eq!(paeth(0, 255, 255), 0);
}
