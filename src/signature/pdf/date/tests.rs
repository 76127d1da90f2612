use super::*;
use crate::signature::pdf::parse::Parser;

fn read(text: &str) -> Option<String> {
    let object = Parser::of_stream(format!("({text})").as_bytes(), 0)
        .object()
        .unwrap();
    date(Some(&object)).map(|time| time.to_string())
}

#[test]
fn dates_whole_and_in_part() {
    for (text, time) in [
        ("D:20260601080910+08'00'", "2026-06-01T00:09:10Z"),
        ("D:20260601080910+08'00", "2026-06-01T00:09:10Z"),
        ("D:20260601080910-0130", "2026-06-01T09:39:10Z"),
        ("D:20260601080910+08", "2026-06-01T00:09:10Z"),
        ("D:20260601080910Z", "2026-06-01T08:09:10Z"),
        ("D:20260601080910Z00'00'", "2026-06-01T08:09:10Z"),
        ("D:20260601080910", "2026-06-01T08:09:10Z"),
        ("D:202606010809", "2026-06-01T08:09:00Z"),
        ("D:20260601", "2026-06-01T00:00:00Z"),
        ("D:202606", "2026-06-01T00:00:00Z"),
        ("D:2026", "2026-01-01T00:00:00Z"),
    ] {
        assert_eq!(read(text).as_deref(), Some(time), "{text}");
    }
}

#[test]
fn what_is_no_date() {
    for text in [
        "",
        "D:",
        "D:202",
        "20260601",
        "D:20261301",
        "D:20260631",
        "D:20260601250000",
        "D:20260601080910+",
        "D:20260601080910+x",
        "D:20260601080910+99'00'",
        "D:-2026",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
    assert_eq!(date(None), None);
    assert_eq!(date(Some(&Object::Integer(2026))), None);
}
