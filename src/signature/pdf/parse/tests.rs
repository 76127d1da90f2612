use super::*;

fn read(text: &[u8]) -> Result<Object, PdfError> {
    Parser::of_file(text, 0).object()
}

fn string(text: &[u8]) -> Vec<u8> {
    read(text).unwrap().as_string().unwrap().bytes.clone()
}

fn name(text: &[u8]) -> Vec<u8> {
    read(text).unwrap().as_name().unwrap().as_bytes().to_vec()
}

#[test]
fn names_and_their_escapes() {
    assert_eq!(
        name(b"/A;Name_With-Various***Chars?"),
        b"A;Name_With-Various***Chars?"
    );
    assert_eq!(name(b"/Lime#20Green"), b"Lime Green");
    assert_eq!(name(b"/paired#28#29parentheses"), b"paired()parentheses");
    assert_eq!(name(b"/#41#42"), b"AB");
    // No escapes: they stand for themselves.
    assert_eq!(name(b"/A#"), b"A#");
    assert_eq!(name(b"/A#4"), b"A#4");
    assert_eq!(name(b"/A#4G"), b"A#4G");
    assert_eq!(name(b"/"), b"");
    assert_eq!(name(b"/A/B"), b"A");
    assert_eq!(name("/图".as_bytes()), "图".as_bytes());
}

#[test]
fn literal_strings() {
    assert_eq!(string(b"()"), b"");
    assert_eq!(string(b"(a (b (c)) d)"), b"a (b (c)) d");
    assert_eq!(
        string(b"(\\( \\) \\\\ \\n\\r\\t\\b\\f \\x)"),
        b"( ) \\ \n\r\t\x08\x0c x"
    );
    assert_eq!(string(b"(\\0053 \\53 \\5)"), b"\x053 + \x05");
    assert_eq!(string(b"(\\777)"), b"\xff");
    assert_eq!(string(b"(\\8)"), b"8");
    assert_eq!(string(b"(a\\\r\nb\\\nc\\\rd)"), b"abcd");
    assert_eq!(string(b"(a\r\nb\rc\nd)"), b"a\nb\nc\nd");
    assert_eq!(string(b"(% no comment)"), b"% no comment");
    assert!(read(b"(a").is_err());
    assert!(read(b"(a\\)").is_err());
    assert!(read(b"(a\\").is_err());
}

#[test]
fn hexadecimal_strings() {
    assert_eq!(string(b"<>"), b"");
    assert_eq!(string(b"<901FA3>"), b"\x90\x1f\xa3");
    assert_eq!(string(b"<901fa>"), b"\x90\x1f\xa0");
    assert_eq!(string(b"< 9 0\r\n1\tF >"), b"\x90\x1f");
    assert!(read(b"<90").is_err());
    assert!(read(b"<9x>").is_err());
    assert!(read(b"<%90\n>").is_err());
}

#[test]
fn where_a_string_stands() {
    let spanned = |object: Object| object.as_string().unwrap().span.clone();
    let text = b"  <00> (a)";
    assert_eq!(
        spanned(Parser::of_file(text, 0).object().unwrap()),
        Some(2..6)
    );
    assert_eq!(
        spanned(Parser::of_file(text, 6).object().unwrap()),
        Some(7..10)
    );
    assert_eq!(spanned(Parser::of_stream(text, 0).object().unwrap()), None);
}

#[test]
fn numbers() {
    for (text, number) in [("0", 0), ("+17", 17), ("-98", -98), ("0000042", 42)] {
        assert_eq!(
            read(text.as_bytes()).unwrap(),
            Object::Integer(number),
            "{text}"
        );
    }
    for (text, number) in [("34.5", 34.5), ("-.002", -0.002), ("4.", 4.0), ("+.5", 0.5)] {
        assert_eq!(
            read(text.as_bytes()).unwrap(),
            Object::Real(number),
            "{text}"
        );
    }
    // Too large for a whole number, and still one.
    assert!(matches!(
        read(b"99999999999999999999").unwrap(),
        Object::Real(_)
    ));
    for text in [
        "--5", "+-5", "1e5", "1.2.3", ".", "-", "5-3", "0x10", "1_000", "inf", "1a", "\u{ff11}",
    ] {
        assert!(read(text.as_bytes()).is_err(), "{text}");
    }
}

#[test]
fn references_and_numbers_that_look_like_them() {
    let id = ObjectId {
        number: 12,
        generation: 3,
    };
    assert_eq!(read(b"12 3 R").unwrap(), Object::Reference(id));
    assert_eq!(read(b"12\n%x\n3\r\nR").unwrap(), Object::Reference(id));
    let elements = |text: &[u8]| read(text).unwrap().as_array().unwrap().len();
    assert_eq!(elements(b"[1 2 3 0 R 4 5]"), 5);
    assert_eq!(elements(b"[1 0 R 2 0 R]"), 2);
    assert_eq!(elements(b"[1 2 /R]"), 3);
    assert_eq!(elements(b"[1 0 R]"), 1);
    assert!(read(b"[1 0 RG]").is_err());
    assert_eq!(read(b"-1 0 R").unwrap(), Object::Integer(-1));
    assert_eq!(read(b"1 +0 R").unwrap(), Object::Integer(1));
    assert_eq!(
        read(b"4294967296 0 R").unwrap(),
        Object::Integer(4_294_967_296)
    );
    assert_eq!(read(b"1 65536 R").unwrap(), Object::Integer(1));
}

#[test]
fn dictionaries() {
    let read = |text: &[u8]| read(text).unwrap().as_dictionary().unwrap().clone();
    let dictionary = read(b"<</A 1/B/C%x\n/D<</E(f)>>/G null/A 2>>");
    assert_eq!(dictionary.get("A"), Some(&Object::Integer(2)));
    assert!(dictionary.names("B", "C"));
    assert_eq!(dictionary.get("G"), None);
    assert!(dictionary.duplicate().unwrap().is("A"));
    assert_eq!(read(b"<</A 1>>").duplicate(), None);
    // An escaped name is the same name.
    assert!(read(b"<</A 1/#41 2>>").duplicate().is_some());
}

#[test]
fn what_is_no_object() {
    for text in [
        &b""[..],
        b" ",
        b"% x",
        b"<<",
        b"<</A>>",
        b"<</A 1",
        b"<<1 2>>",
        b"[",
        b"[1",
        b"]",
        b">>",
        b"truex",
        b"R",
        b"endobj",
        b"{}",
        b"<</A 1 /B>",
    ] {
        assert!(read(text).is_err(), "{}", text.escape_ascii());
    }
    assert_eq!(read(b"true").unwrap(), Object::Boolean(true));
    assert_eq!(read(b"null/").unwrap(), Object::Null);
}

#[test]
fn nesting_has_a_limit() {
    let nested = |depth: usize| [b"[".repeat(depth), b"]".repeat(depth)].concat();
    assert!(read(&nested(64)).is_ok());
    assert!(matches!(read(&nested(66)), Err(PdfError::Limit { .. })));
    assert!(matches!(
        read(&b"[".repeat(1_000_000)),
        Err(PdfError::Limit { .. })
    ));
    assert!(matches!(
        read(&b"<</A".repeat(1_000_000)),
        Err(PdfError::Limit { .. })
    ));
}

#[test]
fn indirect_objects() {
    let read = |text: &[u8]| Parser::of_file(text, 0).indirect();
    let found = read(b"12 3 obj<</A 1>>endobj").unwrap();
    assert_eq!(
        (found.id.number, found.id.generation, found.stream_at),
        (12, 3, None)
    );
    assert_eq!(found.end, 22);
    for (text, begins) in [
        (&b"1 0 obj<<>>stream\nx"[..], 18),
        (b"1 0 obj<<>>stream\r\nx", 19),
        (b"1 0 obj<<>>\nstream\rx", 19),
    ] {
        let found = read(text).unwrap();
        assert_eq!((found.stream_at, found.end), (Some(begins), begins));
    }
    for text in [
        &b"1 0 R"[..],
        b"1 obj",
        b"-1 0 obj 1 endobj",
        b"1 0 obj 1",
        b"1 0 obj 1 stream",
        b"1 65536 obj 1 endobj",
        b"4294967296 0 obj 1 endobj",
        b"1 0 obj 1 2 endobj",
    ] {
        assert!(read(text).is_err(), "{}", text.escape_ascii());
    }
}
