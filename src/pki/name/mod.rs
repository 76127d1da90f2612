//! X.501 distinguished names: comparing (RFC 5280 §7.1) and showing (RFC 4514).

mod display;
pub mod text;

use std::borrow::Cow;
use std::fmt;
use std::iter;
use std::ops::Range;
use std::sync::Arc;
use std::sync::OnceLock;

use crate::pki::der;
use crate::pki::der::DerError;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::oid;
use crate::pki::oid::OidError;
use crate::pki::oid::OidKey;

/// Why bytes are not a Name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The encoding is not DER, or not the structure of RFC 5280 §4.1.2.4.
    #[error("malformed name: {0}")]
    Der(#[from] DerError),
    /// A `RelativeDistinguishedName` without an attribute; it has at least one (X.501 §9.3).
    #[error("malformed name: a part of it has no attribute")]
    EmptyPart,
    /// An attribute type is not an object identifier.
    #[error("malformed name: {0}")]
    Oid(#[from] OidError),
}

/// A distinguished name, in the order of its encoding (most general part first, usually).
///
/// `Display` gives RFC 4514 form, which begins with the most specific part. It is safe to show: control
/// and bidirectional characters are escaped as hexadecimal pairs. `==` compares the encodings;
/// [`Self::matches`] compares as certification paths do.
///
/// Cheap to make from a certificate, whose bytes it shares: what it says is read when somebody asks.
#[derive(Clone)]
pub struct DistinguishedName {
    /// What the name stands in, a whole certificate or the name alone.
    bytes: Arc<[u8]>,
    /// Where in `bytes`.
    range: Range<usize>,
    comparison_key: OnceLock<Box<[u8]>>,
}

/// One attribute of a part: what it is (contents octets of an OBJECT IDENTIFIER), and its value.
struct Attribute<'a> {
    type_id: &'a [u8],
    value: Element<'a>,
}

impl DistinguishedName {
    /// Reads a DER-encoded Name (RFC 5280 §4.1.2.4), all of `der`.
    ///
    /// # Errors
    /// [`NameError`] if it is anything else. Values of any type are taken in; an empty name too.
    pub fn parse_der(der: &[u8]) -> Result<Self, NameError> {
        let mut outer = Reader::new(der);
        let sequence = outer.expect(der::SEQUENCE)?;
        outer.finish()?;
        check(&sequence)?;
        Ok(Self::of_checked(der.into(), 0..der.len()))
    }

    /// The name at `range` of `bytes`, on which [`check`] has succeeded.
    pub(in crate::pki) const fn of_checked(bytes: Arc<[u8]>, range: Range<usize>) -> Self {
        Self {
            bytes,
            range,
            comparison_key: OnceLock::new(),
        }
    }

    /// The encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        self.bytes.get(self.range.clone()).unwrap_or_default()
    }

    /// Whether there is no attribute at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts().next().is_none()
    }

    /// Whether the two name the same entity by RFC 5280 §7.1: as many parts, in the same order, each
    /// with the same attributes in any order; text compared without regard to its ASN.1 type, to case
    /// and to superfluous spaces, everything else byte by byte.
    ///
    /// An empty name matches nothing, itself included: it names nobody.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        // Most issuers' names are repeated byte by byte, which needs no further reading.
        !self.is_empty()
            && (self.der() == other.der() || self.comparison_key() == other.comparison_key())
    }

    /// What two names, neither of them empty, share exactly if they match: to find names by.
    #[must_use]
    pub fn comparison_key(&self) -> &[u8] {
        self.comparison_key.get_or_init(|| comparison_key(self))
    }

    /// Whether this name lies in the subtree at `base`: the parts of `base` come first in it, compared as
    /// [`Self::matches`] does (RFC 5280 §4.2.1.10, §7.1). An empty `base` is the root of the whole tree.
    #[must_use]
    pub fn is_within(&self, base: &Self) -> bool {
        // Every part is a piece of the key that carries its length, so parts never match halfway.
        self.comparison_key().starts_with(base.comparison_key())
    }

    /// The texts of all attributes `oid` as they stand, in order; `None` for each that is no text.
    pub fn attribute_texts<'a>(
        &'a self,
        oid: impl Into<OidKey<'a>>,
    ) -> impl Iterator<Item = Option<Cow<'a, str>>> {
        let oid = oid.into();
        let parts = self.parts();
        parts
            .flat_map(|part| attributes(&part))
            .filter(move |attribute| oid.content() == Some(attribute.type_id))
            .map(|attribute| attribute.text())
    }

    /// The text of the attribute `oid`, with control and bidirectional characters removed.
    ///
    /// `None` if there is none, if it is not text, or if there are several with different values:
    /// nobody is to be identified by whichever of two suits.
    #[must_use]
    pub fn attribute<'a>(&'a self, oid: impl Into<OidKey<'a>>) -> Option<String> {
        let texts = self.attribute_texts(oid);
        let mut values = texts.map(|text| text.as_deref().map(without_hidden));
        let first = values.next()??;
        values
            .all(|value| value.as_deref() == Some(&first))
            .then_some(first)
    }

    /// The `RelativeDistinguishedName`s, in the order of the encoding.
    fn parts(&self) -> impl Iterator<Item = Element<'_>> {
        let name = Reader::new(self.der()).read().ok();
        name.into_iter().flat_map(|name| members(&name))
    }
}

impl<'a> Attribute<'a> {
    fn text(&self) -> Option<Cow<'a, str>> {
        text::decode(self.value.tag, self.value.content)
    }
}

impl PartialEq for DistinguishedName {
    fn eq(&self, other: &Self) -> bool {
        self.der() == other.der()
    }
}

impl Eq for DistinguishedName {}

impl fmt::Debug for DistinguishedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DistinguishedName({self})")
    }
}

/// The text of one DER-encoded string, with control and bidirectional characters removed; `None` if
/// `der` is anything but one string.
#[must_use]
pub fn text_of_string(der: &[u8]) -> Option<String> {
    let element = der::single(der).ok()?;
    let text = text::decode(element.tag, element.content)?;
    Some(without_hidden(&text))
}

fn without_hidden(text: &str) -> String {
    text.chars().filter(|c| !text::is_hidden(*c)).collect()
}

/// Checks that a SEQUENCE is a Name (RFC 5280 §4.1.2.4), in canonical form to its last byte.
///
/// # Errors
/// [`NameError`] if it is not.
pub(in crate::pki) fn check(name: &Element<'_>) -> Result<(), NameError> {
    let mut parts = name.reader();
    while !parts.is_at_end() {
        let mut part = parts.expect(der::SET)?.reader();
        if part.is_at_end() {
            return Err(NameError::EmptyPart);
        }
        while !part.is_at_end() {
            let mut pair = part.expect(der::SEQUENCE)?.reader();
            let type_id = pair.expect(der::OBJECT_IDENTIFIER)?;
            oid::check_content(type_id.content)?;
            pair.any()?;
            pair.finish()?;
        }
    }
    Ok(())
}

/// The elements inside one that was [`check`]ed.
fn members<'a>(element: &Element<'a>) -> impl Iterator<Item = Element<'a>> + use<'a> {
    let mut reader = element.reader();
    iter::from_fn(move || reader.read().ok())
}

fn attributes<'a>(part: &Element<'a>) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
    members(part).filter_map(|pair| {
        let mut fields = pair.reader();
        Some(Attribute {
            type_id: fields.read().ok()?.content,
            value: fields.read().ok()?,
        })
    })
}

/// A byte string that two names share exactly if they match. Every piece carries its length, so that
/// no two different lists of pieces give the same bytes.
fn comparison_key(name: &DistinguishedName) -> Box<[u8]> {
    let mut key = Vec::with_capacity(2 * name.der().len());
    for part in name.parts() {
        let mut keys = attributes(&part);
        push_piece(&mut key, |key| match (keys.next(), keys.next()) {
            (Some(only), None) => push_attribute(key, &only),
            (first, second) => {
                let all = first.into_iter().chain(second).chain(keys);
                key.extend(sorted_keys(all).concat());
            }
        });
    }
    key.into_boxed_slice()
}

/// The keys of several attributes, which have no order of their own.
fn sorted_keys<'a>(attributes: impl Iterator<Item = Attribute<'a>>) -> Vec<Vec<u8>> {
    let mut keys: Vec<Vec<u8>> = attributes
        .map(|attribute| {
            let mut key = Vec::new();
            push_attribute(&mut key, &attribute);
            key
        })
        .collect();
    keys.sort();
    keys
}

fn push_attribute(key: &mut Vec<u8>, attribute: &Attribute<'_>) {
    push_piece(key, |key| key.extend_from_slice(attribute.type_id));
    match attribute.text() {
        Some(text) => {
            key.push(b't');
            push_piece(key, |key| text::prepare_into(key, &text));
        }
        None => {
            key.push(b'd');
            push_piece(key, |key| key.extend_from_slice(attribute.value.whole));
        }
    }
}

/// Appends what `write` writes, its length before it.
fn push_piece(key: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let place = key.len();
    key.extend_from_slice(&[0; size_of::<usize>()]);
    let start = key.len();
    write(key);
    let length = key.len() - start;
    if let Some(prefix) = key.get_mut(place..start) {
        prefix.copy_from_slice(&length.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::pki::oid::Oid;

    use super::*;

    pub(super) fn attribute(oid: &str, tag: u8, value: &[u8]) -> Vec<u8> {
        let mut pair = Oid::parse(oid).unwrap().to_der();
        pair.extend(der::encode(tag, value));
        der::encode(der::SEQUENCE, &pair)
    }

    pub(super) fn name(parts: &[Vec<Vec<u8>>]) -> DistinguishedName {
        let sets: Vec<Vec<u8>> = parts
            .iter()
            .map(|attributes| der::encode(der::SET, &attributes.concat()))
            .collect();
        DistinguishedName::parse_der(&der::encode(der::SEQUENCE, &sets.concat())).unwrap()
    }

    fn common_name(tag: u8, value: &str) -> DistinguishedName {
        name(&[vec![attribute("2.5.4.3", tag, value.as_bytes())]])
    }

    #[test]
    fn names_match_as_text_whatever_their_string_type() {
        let utf8 = common_name(der::UTF8_STRING, "Dongguan  CA ");
        let printable = common_name(der::PRINTABLE_STRING, "DONGGUAN CA");
        let teletex = common_name(der::TELETEX_STRING, "dongguan ca");
        assert!(utf8.matches(&printable) && printable.matches(&teletex) && teletex.matches(&utf8));
        assert_ne!(utf8, printable);
        assert!(!utf8.matches(&common_name(der::UTF8_STRING, "Dongguan CB")));
    }

    #[test]
    fn attributes_of_one_part_have_no_order_but_parts_have() {
        let cn = || attribute("2.5.4.3", der::UTF8_STRING, b"a");
        let ou = || attribute("2.5.4.11", der::UTF8_STRING, b"b");
        let one_part = name(&[vec![cn(), ou()]]);
        assert!(one_part.matches(&name(&[vec![ou(), cn()]])));
        assert!(!one_part.matches(&name(&[vec![cn()], vec![ou()]])));
        assert!(!name(&[vec![ou()], vec![cn()]]).matches(&name(&[vec![cn()], vec![ou()]])));
        assert!(!one_part.matches(&name(&[vec![cn()]])));
    }

    #[test]
    fn what_is_no_text_compares_byte_by_byte() {
        let octets = |value: &[u8]| name(&[vec![attribute("2.5.4.3", der::OCTET_STRING, value)]]);
        assert!(octets(b"a").matches(&octets(b"a")));
        assert!(!octets(b"a").matches(&octets(b"A")));
        assert!(!octets(b"a").matches(&common_name(der::UTF8_STRING, "a")));
        let broken = name(&[vec![attribute("2.5.4.3", der::UTF8_STRING, &[0xff])]]);
        assert!(broken.matches(&broken.clone()));
        assert_eq!(broken.attribute("2.5.4.3"), None);
    }

    #[test]
    fn an_empty_name_matches_nothing() {
        assert!(name(&[]).is_empty());
        assert!(!name(&[]).matches(&name(&[])));
    }

    #[test]
    fn the_same_bytes_always_match() {
        for (tag, value) in [
            (der::UTF8_STRING, &[0xff][..]),
            (der::BMP_STRING, &[0xd8]),
            (der::TELETEX_STRING, &[0xe4]),
            (der::OCTET_STRING, &[0x00]),
            (der::SEQUENCE, &[0x05, 0x00]),
            (der::UTF8_STRING, "a\u{202e}b".as_bytes()),
        ] {
            let one = name(&[vec![attribute("2.5.4.3", tag, value)]]);
            assert!(one.matches(&one.clone()), "{one:?}");
            assert_eq!(one.comparison_key(), one.clone().comparison_key());
        }
    }

    #[test]
    fn utf_8_in_a_teletex_string_is_that_text() {
        // As a construction permit in use has it.
        let teletex = common_name(der::TELETEX_STRING, "东莞市 住房");
        let utf8 = common_name(der::UTF8_STRING, "东莞市  住房");
        assert!(teletex.matches(&utf8) && utf8.matches(&teletex));
        assert_ne!(teletex, utf8);
    }

    #[test]
    fn a_subtree_holds_what_begins_with_its_base() {
        let part = |value: &str| vec![attribute("2.5.4.11", der::UTF8_STRING, value.as_bytes())];
        let base = name(&[part("A"), part("B")]);
        for within in [
            name(&[part("A"), part("B")]),
            name(&[part(" a"), part("b"), part("C")]),
        ] {
            assert!(within.is_within(&base), "{within}");
            assert!(within.is_within(&name(&[])), "{within}");
        }
        for outside in [
            name(&[]),
            name(&[part("A")]),
            name(&[part("B"), part("A")]),
            name(&[part("A"), part("BC")]),
            name(&[part("A"), [part("B"), part("C")].concat()]),
            name(&[part("C"), part("A"), part("B")]),
        ] {
            assert!(!outside.is_within(&base), "{outside}");
        }
    }

    #[test]
    fn all_texts_of_an_attribute_are_given() {
        let subject = name(&[
            vec![attribute("2.5.4.3", der::UTF8_STRING, b"One")],
            vec![
                attribute("2.5.4.11", der::UTF8_STRING, b"other"),
                attribute("2.5.4.3", der::OCTET_STRING, b"no text"),
            ],
            vec![attribute("2.5.4.3", der::UTF8_STRING, b"Two")],
        ]);
        let texts: Vec<Option<Cow<'_, str>>> = subject.attribute_texts("2.5.4.3").collect();
        let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        assert_eq!(texts, [Some("One"), None, Some("Two")]);
        assert_eq!(subject.attribute_texts("2.5.4").count(), 0);
        assert_eq!(subject.attribute_texts("CN").count(), 0);
    }

    #[test]
    fn an_attribute_given_twice_identifies_nobody() {
        let organisation =
            |value: &str| vec![attribute("2.5.4.10", der::UTF8_STRING, value.as_bytes())];
        let subject = name(&[organisation("One"), organisation("Two")]);
        assert_eq!(subject.attribute("2.5.4.10"), None);
        assert_eq!(subject.attribute("2.5.4.3"), None);
        let subject = name(&[organisation("O\u{202e}ne"), organisation("One")]);
        assert_eq!(subject.attribute("2.5.4.10").as_deref(), Some("One"));
    }

    #[test]
    fn malformed_names_are_refused() {
        let good = common_name(der::UTF8_STRING, "a").der().to_vec();
        let mut trailing = good.clone();
        trailing.push(0);
        let mut pair = attribute("2.5.4.3", der::UTF8_STRING, b"a");
        pair.extend([0x05, 0x00]);
        let extra_in_pair = {
            let mut three = Oid::parse("2.5.4.3").unwrap().to_der();
            three.extend([0x0c, 0x01, b'a', 0x05, 0x00]);
            der::encode(der::SEQUENCE, &three)
        };
        for bad in [
            trailing,
            good[..good.len() - 1].to_vec(),
            der::encode(der::SET, &[]),
            der::encode(der::SEQUENCE, &der::encode(der::SEQUENCE, &[])),
            der::encode(der::SEQUENCE, &der::encode(der::SET, &pair)),
            der::encode(der::SEQUENCE, &der::encode(der::SET, &extra_in_pair)),
        ] {
            assert!(matches!(
                DistinguishedName::parse_der(&bad),
                Err(NameError::Der(_))
            ));
        }
        assert_eq!(
            DistinguishedName::parse_der(&der::encode(der::SEQUENCE, &der::encode(der::SET, &[]))),
            Err(NameError::EmptyPart)
        );
    }

    proptest! {
        #[test]
        fn matching_is_blind_to_case_and_spaces(words in prop::collection::vec("[a-z]{1,8}", 1..4), upper: bool, gap in 1_usize..4) {
            let plain = words.join(" ");
            let mut varied = words.join(&" ".repeat(gap));
            if upper {
                varied = varied.to_uppercase();
            }
            prop_assert!(common_name(der::UTF8_STRING, &plain).matches(&common_name(der::PRINTABLE_STRING, &varied)));
        }

        #[test]
        fn names_match_exactly_if_they_are_found_by_the_same_key(one in "[ aAbB]{1,4}", other in "[ aAbB]{1,4}", tag in prop::sample::select(vec![der::UTF8_STRING, der::TELETEX_STRING])) {
            let (one, other) = (common_name(der::UTF8_STRING, &one), common_name(tag, &other));
            prop_assert_eq!(one.matches(&other), one.comparison_key() == other.comparison_key());
            prop_assert_eq!(one.matches(&other), one.is_within(&other));
        }

        #[test]
        fn matching_tells_different_words_apart(one in "[a-z]{1,6}", other in "[a-z]{1,6}") {
            let matches = common_name(der::UTF8_STRING, &one).matches(&common_name(der::UTF8_STRING, &other));
            prop_assert_eq!(matches, one == other);
        }
    }
}
