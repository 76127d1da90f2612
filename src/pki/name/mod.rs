//! X.501 distinguished names: comparing (RFC 5280 §7.1) and showing (RFC 4514).

mod display;
mod text;

use crate::pki::der;
use crate::pki::der::DerError;
use crate::pki::der::Reader;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;

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
#[derive(Clone, Debug)]
pub struct DistinguishedName {
    der: Vec<u8>,
    parts: Vec<Vec<Attribute>>,
    /// Equal for two names exactly if they match.
    comparison_key: Vec<u8>,
}

#[derive(Clone, Debug)]
struct Attribute {
    oid: Oid,
    /// The value, tag and length included.
    der: Vec<u8>,
    text: Option<String>,
}

impl DistinguishedName {
    /// Reads a DER-encoded Name (RFC 5280 §4.1.2.4), all of `der`.
    ///
    /// # Errors
    /// [`NameError`] if it is anything else. Values of any type are taken in; an empty name too.
    pub fn parse_der(der: &[u8]) -> Result<Self, NameError> {
        der::check(der)?;
        let mut outer = Reader::new(der);
        let mut sequence = outer.expect(der::SEQUENCE)?.reader();
        outer.finish()?;

        let mut parts = Vec::new();
        while !sequence.is_at_end() {
            parts.push(read_part(sequence.expect(der::SET)?.reader())?);
        }
        Ok(Self {
            der: der.to_vec(),
            comparison_key: comparison_key(&parts),
            parts,
        })
    }

    /// The encoding.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether there is no attribute at all.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Whether the two name the same entity by RFC 5280 §7.1: as many parts, in the same order, each
    /// with the same attributes in any order; text compared without regard to its ASN.1 type, to case
    /// and to superfluous spaces, everything else byte by byte.
    ///
    /// An empty name matches nothing, itself included: it names nobody.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        !self.is_empty() && self.comparison_key == other.comparison_key
    }

    /// The text of the attribute `oid` (dotted), with control and bidirectional characters removed.
    ///
    /// `None` if there is none, if it is not text, or if there are several with different values:
    /// nobody is to be identified by whichever of two suits.
    #[must_use]
    pub fn attribute(&self, oid: &str) -> Option<String> {
        let mut values = self
            .parts
            .iter()
            .flatten()
            .filter(|attribute| attribute.oid == oid)
            .map(|attribute| attribute.text.as_deref().map(without_hidden));
        let first = values.next()??;
        values
            .all(|value| value.as_deref() == Some(&first))
            .then_some(first)
    }
}

impl PartialEq for DistinguishedName {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Eq for DistinguishedName {}

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

fn read_part(mut set: Reader<'_>) -> Result<Vec<Attribute>, NameError> {
    let mut attributes = Vec::new();
    while !set.is_at_end() {
        let mut pair = set.expect(der::SEQUENCE)?.reader();
        let oid = Oid::from_der_content(pair.expect(der::OBJECT_IDENTIFIER)?.content)?;
        let value = pair.read()?;
        pair.finish()?;
        attributes.push(Attribute {
            oid,
            der: value.whole.to_vec(),
            text: text::decode(value.tag, value.content),
        });
    }
    if attributes.is_empty() {
        return Err(NameError::EmptyPart);
    }
    Ok(attributes)
}

/// A byte string that two names share exactly if they match. Every piece carries its length, so that
/// no two different lists of pieces give the same bytes.
fn comparison_key(parts: &[Vec<Attribute>]) -> Vec<u8> {
    let mut key = Vec::new();
    for part in parts {
        let mut attributes: Vec<Vec<u8>> = part.iter().map(attribute_key).collect();
        attributes.sort();
        push_piece(&mut key, &attributes.concat());
    }
    key
}

fn attribute_key(attribute: &Attribute) -> Vec<u8> {
    let mut key = Vec::new();
    push_piece(&mut key, attribute.oid.as_str().as_bytes());
    match &attribute.text {
        Some(text) => {
            push_piece(&mut key, b"text");
            push_piece(&mut key, text::prepare(text).as_bytes());
        }
        None => {
            push_piece(&mut key, b"der");
            push_piece(&mut key, &attribute.der);
        }
    }
    key
}

fn push_piece(key: &mut Vec<u8>, piece: &[u8]) {
    key.extend_from_slice(&piece.len().to_be_bytes());
    key.extend_from_slice(piece);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        fn matching_tells_different_words_apart(one in "[a-z]{1,6}", other in "[a-z]{1,6}") {
            let matches = common_name(der::UTF8_STRING, &one).matches(&common_name(der::UTF8_STRING, &other));
            prop_assert_eq!(matches, one == other);
        }
    }
}
