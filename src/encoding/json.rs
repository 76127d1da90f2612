//! Strict JSON (RFC 8259) with bounded depth and size, and its canonical form.
//!
//! A JSON text whose objects name a member twice means different things to different readers, so it is
//! refused at any depth (I-JSON, RFC 7493 §2.3).

use std::cell::Cell;
use std::cell::RefCell;
use std::cmp::Ordering;
use std::fmt;

use serde::de::DeserializeSeed;
use serde::de::Deserializer;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;
use serde_json::Map;
use serde_json::Number;
use serde_json::Value;

/// How much JSON a reader accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JsonLimits {
    /// Arrays and objects within each other; a scalar alone has depth 0. `serde_json` stops at 127.
    pub max_depth: usize,
    /// Bytes of the text.
    pub max_bytes: usize,
    /// Values of every kind, containers included, member names not.
    pub max_values: usize,
}

impl JsonLimits {
    /// For texts of the size of a request body: depth 32, as in JOSE headers and credentials nothing
    /// sensible comes near it; a megabyte; a hundred thousand values.
    pub const DEFAULT: Self = Self {
        max_depth: 32,
        max_bytes: 1_048_576,
        max_values: 100_000,
    };
}

/// Reads one JSON text, to its end.
///
/// # Errors
/// See [`JsonError`]; whatever can be placed names the place as a JSON Pointer (RFC 6901).
pub fn parse(bytes: &[u8], limits: JsonLimits) -> Result<Value, JsonError> {
    if bytes.len() > limits.max_bytes {
        return Err(JsonError::TooLong {
            max_bytes: limits.max_bytes,
        });
    }
    let text = std::str::from_utf8(bytes).map_err(JsonError::NotUtf8)?;
    let reading = Reading::new(limits);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let read = ValueSeed {
        reading: &reading,
        place: None,
        depth: 0,
    }
    .deserialize(&mut deserializer)
    .and_then(|value| deserializer.end().map(|()| value));
    read.map_err(|cause| reading.refusal(cause))
}

/// The one byte form of a value: no white space, members sorted by UTF-16 code units (RFC 8785 §3.2.3).
///
/// Numbers are meant to be integers: a fraction is written as `serde_json` writes it, which RFC 8785
/// §3.2.2.3 does not promise to match.
pub fn canonical(value: &Value) -> Vec<u8> {
    let mut text = String::with_capacity(512);
    write_canonical(value, &mut text);
    text.into_bytes()
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                separate(index, out);
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|(a, _), (b, _)| by_code_units(a, b));
            out.push('{');
            for (index, (name, member)) in sorted.into_iter().enumerate() {
                separate(index, out);
                write_string(name, out);
                out.push(':');
                write_canonical(member, out);
            }
            out.push('}');
        }
        Value::String(text) => write_string(text, out),
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
    }
}

/// The order of UTF-16 code units. It is that of bytes but for characters outside the Basic Multilingual Plane.
fn by_code_units(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        a.cmp(b)
    } else {
        a.encode_utf16().cmp(b.encode_utf16())
    }
}

fn write_string(text: &str, out: &mut String) {
    let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&Value::from(text).to_string());
    }
}

fn separate(index: usize, out: &mut String) {
    if index > 0 {
        out.push(',');
    }
}

/// What one run of the parser knows: `serde` errors carry text only, so ours wait here.
struct Reading {
    limits: JsonLimits,
    values: Cell<usize>,
    refused: RefCell<Option<JsonError>>,
}

impl Reading {
    const fn new(limits: JsonLimits) -> Self {
        Self {
            limits,
            values: Cell::new(0),
            refused: RefCell::new(None),
        }
    }

    fn refuse<E: serde::de::Error>(&self, error: JsonError) -> E {
        self.refused.replace(Some(error));
        E::custom("refused")
    }

    fn refusal(&self, cause: serde_json::Error) -> JsonError {
        self.refused.take().unwrap_or(JsonError::Syntax { cause })
    }

    fn count<E: serde::de::Error>(&self) -> Result<(), E> {
        let values = self.values.get().saturating_add(1);
        self.values.set(values);
        if values > self.limits.max_values {
            return Err(self.refuse(JsonError::TooManyValues {
                max_values: self.limits.max_values,
            }));
        }
        Ok(())
    }
}

/// A place in the text: a step down from another one, or from the whole. Only what is refused is told by its place,
/// so that it is written then.
#[derive(Clone, Copy)]
struct Place<'a> {
    within: Option<&'a Self>,
    step: Step<'a>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Element(usize),
    Member(&'a str),
}

impl Place<'_> {
    /// As a JSON Pointer (RFC 6901).
    fn write(&self, pointer: &mut String) {
        if let Some(within) = self.within {
            within.write(pointer);
        }
        pointer.push('/');
        match self.step {
            Step::Element(index) => pointer.push_str(&index.to_string()),
            Step::Member(name) => pointer.push_str(&name.replace('~', "~0").replace('/', "~1")),
        }
    }
}

/// Reads the value that stands at a place; none: the whole.
#[derive(Clone, Copy)]
struct ValueSeed<'a> {
    reading: &'a Reading,
    place: Option<&'a Place<'a>>,
    depth: usize,
}

impl<'a> ValueSeed<'a> {
    /// The seed for what this value contains, or a refusal of this value for standing too deep.
    fn inside<E: serde::de::Error>(&self) -> Result<Self, E> {
        let depth = self.depth.saturating_add(1);
        if depth > self.reading.limits.max_depth {
            return Err(self.reading.refuse(JsonError::TooDeep {
                max_depth: self.reading.limits.max_depth,
                pointer: self.pointer(),
            }));
        }
        Ok(Self { depth, ..*self })
    }

    const fn place(&self, step: Step<'a>) -> Place<'a> {
        Place {
            within: self.place,
            step,
        }
    }

    const fn at(self, place: &'a Place<'a>) -> Self {
        Self {
            place: Some(place),
            ..self
        }
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        if let Some(place) = self.place {
            place.write(&mut pointer);
        }
        pointer
    }
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.reading.count()?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value).ok_or_else(|| E::custom("number out of range"))?;
        Ok(Value::Number(number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let seed = self.inside()?;
        let mut array = Vec::new();
        loop {
            let place = seed.place(Step::Element(array.len()));
            match items.next_element_seed(seed.at(&place))? {
                Some(item) => array.push(item),
                None => return Ok(Value::Array(array)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let seed = self.inside()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let place = seed.place(Step::Member(&name));
            let seed = seed.at(&place);
            if object.contains_key(&name) {
                return Err(self.reading.refuse(JsonError::DuplicateMember {
                    pointer: seed.pointer(),
                }));
            }
            let value = members.next_value_seed(seed)?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

/// Why a text was not taken as JSON.
#[derive(Debug, thiserror::Error)]
pub enum JsonError {
    /// An object names one member twice.
    #[error("JSON member `{pointer}` occurs twice")]
    DuplicateMember {
        /// The member, as a JSON Pointer.
        pointer: String,
    },
    /// RFC 8259 §8.1: JSON exchanged between systems is UTF-8.
    #[error("JSON text is not UTF-8")]
    NotUtf8(#[source] std::str::Utf8Error),
    /// Not JSON, cut off, or followed by something else.
    #[error("malformed JSON at line {}, column {}", cause.line(), cause.column())]
    Syntax {
        /// What the parser found; its text may quote the input.
        #[source]
        cause: serde_json::Error,
    },
    /// Containers within containers beyond the limit.
    #[error("JSON value at `{pointer}` is nested more than {max_depth} deep")]
    TooDeep {
        /// The limit.
        max_depth: usize,
        /// The container that was one too many.
        pointer: String,
    },
    /// The text is longer than the limit.
    #[error("JSON text is longer than {max_bytes} bytes")]
    TooLong {
        /// The limit.
        max_bytes: usize,
    },
    /// More values than the limit.
    #[error("JSON text has more than {max_values} values")]
    TooManyValues {
        /// The limit.
        max_values: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn parse_default(text: &str) -> Result<Value, JsonError> {
        parse(text.as_bytes(), JsonLimits::DEFAULT)
    }

    #[test]
    fn ordinary_json_is_what_serde_json_says() {
        for text in [
            "null",
            " {\"a\": [1, -2, 3.5, true, null], \"b\": {\"c\": \"\\u4e1c\\ud83d\\ude00\"}} ",
            "18446744073709551615",
            "[]",
            "{}",
        ] {
            let expected: Value = serde_json::from_str(text).unwrap();
            assert_eq!(parse_default(text).unwrap(), expected, "{text}");
        }
    }

    #[test]
    fn duplicate_members_are_named_with_their_path() {
        for (text, expected) in [
            (r#"{"a":1,"a":1}"#, "/a"),
            (r#"{"a":1,"\u0061":2}"#, "/a"),
            (
                r#"{"x":[{"y":1},{"a/b":1,"~":{"k":1,"k":2}}]}"#,
                "/x/1/~0/k",
            ),
            (r#"{"x":[{"a/b":1,"a/b":2}]}"#, "/x/0/a~1b"),
        ] {
            match parse_default(text) {
                Err(JsonError::DuplicateMember { pointer }) => assert_eq!(pointer, expected),
                other => panic!("{text}: {other:?}"),
            }
        }
        assert!(parse_default(r#"[{"a":1},{"a":2}]"#).is_ok());
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(parse_default(&nested(32)).is_ok());
        match parse_default(&nested(33)) {
            Err(JsonError::TooDeep {
                max_depth: 32,
                pointer,
            }) => {
                assert_eq!(pointer, "/0".repeat(32));
            }
            other => panic!("{other:?}"),
        }
        let objects = format!("{}1{}", "{\"a\":".repeat(33), "}".repeat(33));
        assert!(matches!(
            parse_default(&objects),
            Err(JsonError::TooDeep { .. })
        ));
        assert!(parse_default(&"[".repeat(100_000)).is_err());
    }

    #[test]
    fn length_and_number_of_values_are_bounded() {
        let limits = JsonLimits {
            max_bytes: 9,
            max_values: 4,
            ..JsonLimits::DEFAULT
        };
        assert!(parse(b"[1,2,3]", limits).is_ok());
        assert!(matches!(
            parse(b"[1,2,3,4]", limits),
            Err(JsonError::TooManyValues { max_values: 4 })
        ));
        assert!(matches!(
            parse(b"[1,2,3]   ", limits),
            Err(JsonError::TooLong { max_bytes: 9 })
        ));
    }

    #[test]
    fn what_is_not_json_is_refused() {
        for text in [
            "",
            "{",
            "{}{}",
            "{} x",
            "[1,]",
            "{'a':1}",
            "NaN",
            "1e999",
            "01",
            "\"\\ud800\"",
            "\"\\udc00x\"",
            "\"\u{1}\"",
            "\u{feff}{}",
            "// comment\n{}",
        ] {
            assert!(
                matches!(parse_default(text), Err(JsonError::Syntax { .. })),
                "{text:?}"
            );
        }
        assert!(matches!(
            parse(b"\"\xff\"", JsonLimits::DEFAULT),
            Err(JsonError::NotUtf8(_))
        ));
    }

    #[test]
    fn canonical_form_sorts_by_utf_16() {
        // RFC 8785 §3.2.3: U+1F600 (surrogates d83d…) sorts before U+FB33.
        let value =
            json!({"\u{fb33}": 1, "\u{1f600}": 2, "b": [true, null], "a": {"z": "x\n", "y": -5}});
        assert_eq!(
            String::from_utf8(canonical(&value)).unwrap(),
            "{\"a\":{\"y\":-5,\"z\":\"x\\n\"},\"b\":[true,null],\"\u{1f600}\":2,\"\u{fb33}\":1}"
        );
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        scalar.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn parsing_undoes_the_canonical_form(value in any_json()) {
            let bytes = canonical(&value);
            let read = parse(&bytes, JsonLimits::DEFAULT).unwrap();
            prop_assert_eq!(&read, &value);
            prop_assert_eq!(canonical(&read), bytes);
        }

        #[test]
        fn no_text_makes_the_parser_panic(bytes: Vec<u8>) {
            let _ = parse(&bytes, JsonLimits::DEFAULT);
        }
    }
}
