//! The objects of PDF (ISO 32000-2 §7.3).

use std::fmt;
use std::ops::Range;

use crate::pki::name::text::is_hidden;

/// What an indirect object is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId {
    /// Its number.
    pub number: u32,
    /// Its generation.
    pub generation: u16,
}

impl fmt::Display for ObjectId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.number, self.generation)
    }
}

/// An object, direct or the content of an indirect one.
#[derive(Clone, Debug, PartialEq)]
pub enum Object {
    /// A sequence of objects.
    Array(Vec<Self>),
    /// `true` or `false`.
    Boolean(bool),
    /// Names and their values.
    Dictionary(Dictionary),
    /// A whole number.
    Integer(i64),
    /// A name, without its `/`.
    Name(Name),
    /// The absence of a value.
    Null,
    /// A number with a fraction.
    Real(f64),
    /// Another object, which stands elsewhere.
    Reference(ObjectId),
    /// Octets.
    String(PdfString),
}

impl Object {
    /// A name.
    pub(super) fn name(text: &str) -> Self {
        Self::Name(Name::new(text))
    }

    /// The elements of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        let Self::Array(elements) = self else {
            return None;
        };
        Some(elements)
    }

    /// A dictionary.
    #[must_use]
    pub fn as_dictionary(&self) -> Option<&Dictionary> {
        let Self::Dictionary(dictionary) = self else {
            return None;
        };
        Some(dictionary)
    }

    /// A whole number.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        let Self::Integer(number) = self else {
            return None;
        };
        Some(*number)
    }

    /// A whole number that counts or places something.
    #[must_use]
    pub fn as_size(&self) -> Option<usize> {
        usize::try_from(self.as_integer()?).ok()
    }

    /// A name.
    #[must_use]
    pub fn as_name(&self) -> Option<&Name> {
        let Self::Name(name) = self else {
            return None;
        };
        Some(name)
    }

    /// A string.
    #[must_use]
    pub fn as_string(&self) -> Option<&PdfString> {
        let Self::String(string) = self else {
            return None;
        };
        Some(string)
    }

    /// The object that is referred to.
    #[must_use]
    pub fn as_reference(&self) -> Option<ObjectId> {
        let Self::Reference(id) = self else {
            return None;
        };
        Some(*id)
    }
}

/// A name, its escapes resolved (ISO 32000-2 §7.3.5).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(pub(super) Box<[u8]>);

impl Name {
    /// The name `text`.
    pub(super) fn new(text: &str) -> Self {
        Self(text.as_bytes().into())
    }

    /// Its octets.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether it is `text`.
    #[must_use]
    pub fn is(&self, text: &str) -> bool {
        *self.0 == *text.as_bytes()
    }

    /// Whether it is one of `texts`.
    #[must_use]
    pub fn is_among(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.is(text))
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "/{self}")
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0.escape_ascii())
    }
}

/// A string.
#[derive(Clone, Debug)]
pub struct PdfString {
    /// Its octets.
    pub bytes: Vec<u8>,
    /// Where it stands in the file with its delimiters, in bytes; none in a compressed stream.
    pub span: Option<Range<usize>>,
}

/// What it says counts, not where it stands.
impl PartialEq for PdfString {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl PdfString {
    /// The text that it says, without characters that cannot be seen or turn the text around them: to be shown.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut text = self.text();
        text.retain(|character| !is_hidden(character));
        text
    }

    /// Octets that stand nowhere yet.
    pub(super) fn new(bytes: impl Into<Vec<u8>>) -> Self {
        let (bytes, span) = (bytes.into(), None);
        Self { bytes, span }
    }

    /// A text string (ISO 32000-2 §7.9.2.2): what is not ASCII is UTF-16BE, which every reader knows.
    pub(super) fn of_text(text: &str) -> Self {
        if text.is_ascii() {
            return Self::new(text);
        }
        let units = text.encode_utf16().flat_map(u16::to_be_bytes);
        Self::new([0xfe, 0xff].into_iter().chain(units).collect::<Vec<u8>>())
    }

    /// A text string (ISO 32000-2 §7.9.2.2): UTF-16BE or UTF-8 by its mark, else Latin-1 in the place of
    /// `PDFDocEncoding`, which differs from it in rarely used characters.
    #[must_use]
    pub fn text(&self) -> String {
        if let Some(rest) = self.bytes.strip_prefix(b"\xfe\xff") {
            let units = rest.chunks_exact(2).filter_map(|pair| match pair {
                [high, low] => Some(u16::from_be_bytes([*high, *low])),
                _ => None,
            });
            return char::decode_utf16(units)
                .map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect();
        }
        let utf8 = self.bytes.strip_prefix(b"\xef\xbb\xbf");
        match utf8.and_then(|rest| std::str::from_utf8(rest).ok()) {
            Some(text) => text.to_owned(),
            None => self.bytes.iter().copied().map(char::from).collect(),
        }
    }
}

/// Names and their values, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Dictionary(pub(super) Vec<(Name, Object)>);

impl Dictionary {
    /// The value of `key`; of one that is there twice the last, as most readers have it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Object> {
        self.last(|name| name.is(key))
    }

    /// The same of a name that need not be text.
    #[must_use]
    pub fn value_of(&self, key: &Name) -> Option<&Object> {
        self.last(|name| name == key)
    }

    fn last(&self, is_meant: impl Fn(&Name) -> bool) -> Option<&Object> {
        let mut entries = self.0.iter().rev();
        entries
            .find(|(name, _)| is_meant(name))
            .map(|(_, value)| value)
            .filter(|value| **value != Object::Null)
    }

    /// Whether the name `value` stands under `key`.
    #[must_use]
    pub fn names(&self, key: &str, value: &str) -> bool {
        self.get(key)
            .and_then(Object::as_name)
            .is_some_and(|name| name.is(value))
    }

    /// Those entries, in that order.
    pub(super) fn of<const N: usize>(entries: [(&str, Object); N]) -> Self {
        Self(entries.map(|(key, value)| (Name::new(key), value)).into())
    }

    /// Puts `value` under `key`, in the place of whatever is there.
    pub(super) fn set(&mut self, key: &str, value: Object) {
        self.0.retain(|(name, _)| !name.is(key));
        self.0.push((Name::new(key), value));
    }

    /// Every entry.
    pub fn iter(&self) -> impl Iterator<Item = (&Name, &Object)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    /// A name that is there more than once: readers differ in which value they take.
    #[must_use]
    pub fn duplicate(&self) -> Option<&Name> {
        let mut seen = std::collections::HashSet::with_capacity(self.0.len());
        self.0
            .iter()
            .map(|(name, _)| name)
            .find(|name| !seen.insert(*name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        let (bytes, span) = (bytes.to_vec(), None);
        PdfString { bytes, span }.text()
    }

    #[test]
    fn text_strings_by_their_mark() {
        assert_eq!(text(b"plain"), "plain");
        assert_eq!(text(b"\xe9t\xe9"), "été");
        assert_eq!(text("\u{feff}图章".as_bytes()), "图章");
        assert_eq!(text(b"\xfe\xff\x56\xfe\x7a\xe0"), "图章");
        assert_eq!(text(b"\xfe\xff\xd8\x3d\xde\x00"), "😀");
        // Half a character, and half of a pair.
        assert_eq!(text(b"\xfe\xff\x56\xfe\x7a"), "图");
        assert_eq!(text(b"\xfe\xff\xd8\x3d"), "\u{fffd}");
        assert_eq!(text(b"\xef\xbb\xbf\xff"), "ï»¿ÿ");
        assert_eq!(text(b""), "");
    }

    #[test]
    fn names_are_told_without_control_characters() {
        assert_eq!(Name((*b"a\n\x1b").into()).to_string(), "a\\n\\x1b");
    }
}
