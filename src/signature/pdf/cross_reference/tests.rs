use super::*;
use crate::signature::pdf::fixture::deflated;

const BUDGET: Budget = Budget {
    entries: 1000,
    decompressed: 100_000,
};

fn section(text: &[u8]) -> Result<Section, PdfError> {
    Section::read(text, 0, BUDGET)
}

/// A cross-reference stream over `rows`.
fn stream(entries: &str, rows: &[u8]) -> Vec<u8> {
    let head = format!(
        "9 0 obj<</Type /XRef /Length {} {entries}>>stream\n",
        rows.len()
    );
    [head.as_bytes(), rows, b"\nendstream endobj"].concat()
}

const fn at(offset: usize) -> Option<Entry> {
    Some(Entry::InFile {
        offset,
        generation: 0,
    })
}

#[test]
fn a_table() {
    let read = section(b"xref\n0 2\n0000000000 65535 f \n0000000017 00000 n \n7 1\n0000000099 00002 n\r\ntrailer <</Size 8 /Prev 5>>").unwrap();
    assert_eq!(read.entry(0), Some(Entry::Free));
    assert_eq!(read.entry(1), at(17));
    assert_eq!(
        read.entry(7),
        Some(Entry::InFile {
            offset: 99,
            generation: 2
        })
    );
    assert_eq!(read.entry(2), None);
    assert_eq!(read.previous(), Ok(Some(5)));
    assert_eq!(read.contradiction(), None);
    assert_eq!(read.spent.entries, 3);
}

#[test]
fn a_table_that_is_none() {
    for text in [
        &b"xref"[..],
        b"xref\n0 1\n",
        b"xref\n0 1\n0000000000 65535 x \ntrailer <<>>",
        b"xref\n0 2\n0000000000 65535 f \ntrailer <<>>",
        b"xref\n0 1\n0000000000 65535 f \ntrailer []",
        b"xref\n0 1\n0000000000 65535 f \n<<>>",
        b"xref\n4294967296 1\n0000000000 00000 n \ntrailer <<>>",
        b"xref\n0 18446744073709551615\n0000000000 65535 f \ntrailer <<>>",
        b"xref\n0 -1\ntrailer <<>>",
        b"1 0 obj<<>>endobj",
        b"1 0 obj<</Type /XRef>>stream\n",
        b"",
    ] {
        assert!(section(text).is_err(), "{}", text.escape_ascii());
    }
}

#[test]
fn a_number_that_is_there_twice() {
    let twice = |second: &str| {
        let text = format!("xref\n1 1\n0000000017 00000 n \n1 1\n{second} \ntrailer <<>>");
        section(text.as_bytes()).unwrap()
    };
    assert_eq!(twice("0000000017 00000 n").contradiction(), None);
    let read = twice("0000000018 00000 n");
    assert_eq!((read.entry(1), read.contradiction()), (at(17), Some(1)));
    assert_eq!(twice("0000000018 00000 f").contradiction(), Some(1));
}

#[test]
fn a_stream() {
    let rows = [1, 0, 17, 0, 2, 0, 5, 3, 0, 0, 0, 0, 9, 0, 0, 0];
    let read = section(&stream("/W [1 2 1] /Size 4", &rows)).unwrap();
    assert_eq!(read.entry(0), at(17));
    assert_eq!(
        read.entry(1),
        Some(Entry::InStream {
            stream: 5,
            index: 3
        })
    );
    assert_eq!(read.entry(2), Some(Entry::Free));
    assert_eq!(read.entry(3), Some(Entry::Free));
    let packed = stream("/W [1 2 1] /Size 4 /Filter /FlateDecode", &deflated(&rows));
    assert_eq!(section(&packed).unwrap().entry(0), at(17));
}

#[test]
fn the_widths_of_a_stream() {
    // A kind that is left out is 1, a generation 0.
    let read = section(&stream("/W [0 1 0] /Size 2", &[17, 18])).unwrap();
    assert_eq!((read.entry(0), read.entry(1)), (at(17), at(18)));
    let read = section(&stream(
        "/W [1 8 1] /Size 1",
        &[1, 0, 0, 0, 0, 0, 0, 1, 1, 0],
    ))
    .unwrap();
    assert_eq!(read.entry(0), at(257));
    for entries in [
        "/W [0 0 0] /Size 1",
        "/W [1 9 1] /Size 1",
        "/W [1 2] /Size 1",
        "/W [1 2 1 1] /Size 1",
        "/W [1 -2 1] /Size 1",
        "/Size 1",
        "/W [1 1 1]",
        "/W [9223372036854775807 9223372036854775807 9223372036854775807] /Size 1",
    ] {
        assert!(section(&stream(entries, &[1; 20])).is_err(), "{entries}");
    }
}

#[test]
fn the_index_of_a_stream() {
    let read = section(&stream(
        "/W [1 1 1] /Index [3 1 7 1]",
        &[1, 17, 0, 1, 18, 0],
    ))
    .unwrap();
    assert_eq!(
        (read.entry(3), read.entry(7), read.entry(0)),
        (at(17), at(18), None)
    );
    for entries in [
        "/W [1 1 1] /Index [3]",
        "/W [1 1 1] /Index [3 9]",
        "/W [1 1 1] /Index [4294967296 1]",
        "/W [1 1 1] /Index [-1 1]",
        "/W [1 1 1] /Index 3",
        "/W [1 1 1] /Size 9",
    ] {
        assert!(
            section(&stream(entries, &[1, 17, 0, 1, 18, 0])).is_err(),
            "{entries}"
        );
    }
}

#[test]
fn a_length_beyond_the_file() {
    let text = b"9 0 obj<</Type /XRef /W [1 1 1] /Size 0 /Length 99>>stream\n";
    assert!(section(text).is_err());
    let text = b"9 0 obj<</Type /XRef /W [1 1 1] /Size 0 /Length 8 0 R>>stream\n";
    assert!(section(text).is_err());
}

/// A table with a stream beside it.
fn hybrid(table: &str, rows: &[u8]) -> Section {
    let beside = stream("/W [1 1 1] /Index [4 1]", rows);
    let start = beside.len();
    let table = format!("xref\n{table}trailer <</XRefStm 0>>");
    Section::read(&[beside, table.into_bytes()].concat(), start, BUDGET).unwrap()
}

#[test]
fn a_table_and_the_stream_beside_it() {
    let hidden = hybrid("4 1\n0000000000 00001 f \n", &[1, 44, 0]);
    assert_eq!((hidden.entry(4), hidden.contradiction()), (at(44), None));
    let absent = hybrid("1 1\n0000000017 00000 n \n", &[1, 44, 0]);
    assert_eq!((absent.entry(4), absent.contradiction()), (at(44), None));
    assert_eq!(absent.numbers().count(), 2);
    let both = hybrid("4 1\n0000000017 00000 n \n", &[1, 44, 0]);
    assert_eq!((both.entry(4), both.contradiction()), (at(17), Some(4)));
}

#[test]
fn the_budget() {
    let entries = Budget {
        entries: 2,
        ..BUDGET
    };
    let rows = stream("/W [1 1 1] /Size 3", &[1; 9]);
    assert!(matches!(
        Section::read(&rows, 0, entries),
        Err(PdfError::Limit { .. })
    ));
    let table =
        b"xref\n1 3\n0000000017 00000 n \n0000000017 00000 n \n0000000017 00000 n \ntrailer <<>>";
    assert!(matches!(
        Section::read(table, 0, entries),
        Err(PdfError::Limit { .. })
    ));
    let decompressed = Budget {
        decompressed: 10,
        ..BUDGET
    };
    let bomb = stream(
        "/W [1 1 1] /Size 3 /Filter /FlateDecode",
        &deflated(&[0; 1_000_000]),
    );
    assert!(matches!(
        Section::read(&bomb, 0, decompressed),
        Err(PdfError::Limit { .. })
    ));
}

#[test]
fn the_ends_of_revisions() {
    let text = b"startxref\n1\n%%EOF\nstartxref 22\r\n%%EOF\r\n startxref\n3\n%%EOF";
    let ends = revision_ends(text);
    let pairs: Vec<_> = ends.iter().map(|end| (end.section, end.end)).collect();
    assert_eq!(pairs, [(1, 18), (22, 39), (3, 57)]);
    assert_eq!(last_revision(text).unwrap(), ends[2]);
    for text in [
        &b""[..],
        b"startxref",
        b"startxref\nx\n%%EOF",
        b"startxref\n1\n%EOF",
        b"startxref\n99999999999999999999\n%%EOF",
    ] {
        assert!(last_revision(text).is_err(), "{}", text.escape_ascii());
    }
}
