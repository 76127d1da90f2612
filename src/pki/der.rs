//! A strict reader of DER (ITU-T X.690 §8, §10, §11), and a tiny writer.
//!
//! [`Reader`] reads a structure level by level and refuses every encoding that is not the canonical one on
//! the way: what [`Reader::expect`] and [`Reader::any`] gave was looked at to its last byte, so that no two
//! byte strings look the same. [`check`] does that alone, for bytes whose structure is not known.
//!
//! Two forms that DER forbids are let through, because certificates in use have them and nothing
//! depends on them: members of a SET out of order, and DEFAULT values that are spelt out.

use std::fmt;
use std::ops::Range;

/// BOOLEAN.
pub const BOOLEAN: u8 = 0x01;
/// INTEGER.
pub const INTEGER: u8 = 0x02;
/// BIT STRING.
pub const BIT_STRING: u8 = 0x03;
/// OCTET STRING.
pub const OCTET_STRING: u8 = 0x04;
/// OBJECT IDENTIFIER.
pub const OBJECT_IDENTIFIER: u8 = 0x06;
/// ENUMERATED.
pub const ENUMERATED: u8 = 0x0a;
/// NULL.
pub const NULL: u8 = 0x05;
/// `UTF8String`.
pub const UTF8_STRING: u8 = 0x0c;
/// `NumericString`.
pub const NUMERIC_STRING: u8 = 0x12;
/// `PrintableString`.
pub const PRINTABLE_STRING: u8 = 0x13;
/// `TeletexString` (`T61String`).
pub const TELETEX_STRING: u8 = 0x14;
/// `IA5String`.
pub const IA5_STRING: u8 = 0x16;
/// `UTCTime`.
pub const UTC_TIME: u8 = 0x17;
/// `GeneralizedTime`.
pub const GENERALIZED_TIME: u8 = 0x18;
/// `VisibleString`.
pub const VISIBLE_STRING: u8 = 0x1a;
/// `UniversalString`.
pub const UNIVERSAL_STRING: u8 = 0x1c;
/// `BMPString`.
pub const BMP_STRING: u8 = 0x1e;
/// SEQUENCE, SEQUENCE OF.
pub const SEQUENCE: u8 = 0x30;
/// SET, SET OF.
pub const SET: u8 = 0x31;

/// The identifier octet of `[number]` around a constructed value, as `EXPLICIT` tags are.
#[must_use]
pub const fn context_constructed(number: u8) -> u8 {
    0xa0 | number
}

/// The identifier octet of `[number] IMPLICIT` in place of a primitive one.
#[must_use]
pub const fn context_primitive(number: u8) -> u8 {
    0x80 | number
}

const CONSTRUCTED: u8 = 0x20;
const CLASS: u8 = 0xc0;
const NUMBER: u8 = 0x1f;

/// Deeper nesting than this is refused: a certificate needs ten levels, signed containers some more,
/// and looking through what is not known recurses.
const MAX_DEPTH: u8 = 32;

/// Why bytes are not one DER value, and where: `offset` counts from the start of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {kind}")]
pub struct DerError {
    /// Position of the element, from 0.
    pub offset: usize,
    /// What is wrong there.
    pub kind: DerErrorKind,
}

/// The rule of DER that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DerErrorKind {
    /// X.690 §11.1: TRUE is 0xff, FALSE is 0x00.
    Boolean,
    /// A value is constructed that DER wants primitive (X.690 §10.2), or the other way round.
    Form,
    /// A tag number of 31 or more; no structure that we read has one.
    HighTagNumber,
    /// X.690 §10.1: the definite form of length is used.
    IndefiniteLength,
    /// X.690 §8.3: an INTEGER has at least one octet, and no superfluous one.
    Integer,
    /// X.690 §10.1: the length is encoded in the minimum number of octets.
    LengthNotMinimal,
    /// X.690 §8.19: an OBJECT IDENTIFIER is empty, cut off or padded.
    ObjectIdentifier,
    /// X.690 §8.6, §11.2: the count of unused bits is wrong, or unused bits are set.
    BitString,
    /// X.690 §8.8: NULL is empty.
    Null,
    /// More nested than [`check`] and [`Reader::any`] follow.
    TooDeep,
    /// Bytes follow where the value should have ended.
    TrailingBytes,
    /// The input ends inside a value.
    Truncated,
    /// Another element stands here.
    UnexpectedTag {
        /// The identifier octet wanted.
        expected: u8,
        /// The identifier octet found.
        found: u8,
    },
}

impl fmt::Display for DerErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BitString => f.write_str("malformed BIT STRING"),
            Self::Boolean => f.write_str("BOOLEAN is neither 0x00 nor 0xff"),
            Self::Form => f.write_str("primitive and constructed form confused"),
            Self::HighTagNumber => f.write_str("tag number above 30"),
            Self::IndefiniteLength => f.write_str("indefinite length"),
            Self::Integer => f.write_str("INTEGER is empty or has superfluous octets"),
            Self::LengthNotMinimal => f.write_str("length is not encoded in the fewest octets"),
            Self::Null => f.write_str("NULL is not empty"),
            Self::ObjectIdentifier => f.write_str("malformed OBJECT IDENTIFIER"),
            Self::TooDeep => write!(f, "nested more than {MAX_DEPTH} levels deep"),
            Self::TrailingBytes => f.write_str("bytes follow the end of the value"),
            Self::Truncated => f.write_str("the value is cut off"),
            Self::UnexpectedTag { expected, found } => {
                write!(f, "tag 0x{expected:02x} expected, 0x{found:02x} found")
            }
        }
    }
}

impl DerErrorKind {
    const fn at(self, offset: usize) -> DerError {
        DerError { offset, kind: self }
    }
}

/// One tag-length-value, borrowed from the input.
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// The identifier octet: class, form and number.
    pub tag: u8,
    /// The contents octets.
    pub content: &'a [u8],
    /// Identifier, length and contents octets.
    pub whole: &'a [u8],
    offset: usize,
    depth_left: u8,
}

impl<'a> Element<'a> {
    /// Reads the elements inside this one.
    #[must_use]
    pub const fn reader(&self) -> Reader<'a> {
        Reader {
            rest: self.content,
            offset: self.content_offset(),
            depth_left: self.depth_left.saturating_sub(1),
        }
    }

    /// Reads the value that an OCTET STRING holds: one of its own, which may be nested as deep as any.
    #[must_use]
    pub const fn encapsulated(&self) -> Reader<'a> {
        Reader {
            rest: self.content,
            offset: self.content_offset(),
            depth_left: MAX_DEPTH,
        }
    }

    /// Where the identifier octet stands, counted from the start of the input of the first [`Reader`].
    #[must_use]
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// Where the element lies, counted likewise.
    #[must_use]
    pub const fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.whole.len()
    }

    /// Where its contents octets lie, counted likewise.
    #[must_use]
    pub const fn content_range(&self) -> Range<usize> {
        self.content_offset()..self.offset + self.whole.len()
    }

    const fn content_offset(&self) -> usize {
        self.offset + (self.whole.len() - self.content.len())
    }

    /// Checks that everything inside is in canonical form too, which a reader of the levels below need not
    /// then. What stands inside OCTET STRINGs and BIT STRINGs is not looked at.
    ///
    /// # Errors
    /// The first [`DerError`] met.
    pub fn check(&self) -> Result<(), DerError> {
        check_element(self)
    }

    /// The element as one of the primitive type `tag`, whose own tag was replaced (`IMPLICIT`); its
    /// contents are in canonical form.
    ///
    /// # Errors
    /// The rule of the type that was broken.
    #[inline]
    pub fn implicit(self, tag: u8) -> Result<Self, DerError> {
        let element = Self { tag, ..self };
        check_form(&element)?;
        Ok(element)
    }

    /// The bytes of a BIT STRING that fills its last octet, as keys and signatures do.
    ///
    /// # Errors
    /// [`DerErrorKind::BitString`] where bits are unused.
    #[inline]
    pub fn whole_octets(&self) -> Result<&'a [u8], DerError> {
        match self.content.split_first() {
            Some((0, octets)) => Ok(octets),
            Some(_) | None => Err(DerErrorKind::BitString.at(self.offset)),
        }
    }

    const fn is_constructed(&self) -> bool {
        self.tag & CONSTRUCTED != 0
    }
}

/// Reads elements one after another, each checked for its canonical form.
///
/// Its functions are inlined: an [`Element`] has six words, and handing it from one to the next through
/// memory took longer than reading it. With that, [`check`] takes a third of the time.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
    depth_left: u8,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte of `input`.
    #[must_use]
    pub const fn new(input: &'a [u8]) -> Self {
        Self {
            rest: input,
            offset: 0,
            depth_left: MAX_DEPTH,
        }
    }

    /// What was not read yet.
    #[must_use]
    pub const fn remaining(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether every byte was read.
    #[must_use]
    pub const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next element, whatever it is. Of its form, only tag and length are looked at.
    ///
    /// # Errors
    /// Where the input is cut off, or tag or length have a form that DER does not allow.
    #[inline]
    pub fn read(&mut self) -> Result<Element<'a>, DerError> {
        let start = self.offset;
        let (tag, header, length) = split_header(self.rest).map_err(|kind| kind.at(start))?;
        let size = header.saturating_add(length);
        let truncated = DerErrorKind::Truncated.at(start);
        let (whole, rest) = self.rest.split_at_checked(size).ok_or(truncated)?;
        let (_, content) = whole.split_at_checked(header).ok_or(truncated)?;
        self.rest = rest;
        self.offset += size;
        Ok(Element {
            tag,
            content,
            whole,
            offset: start,
            depth_left: self.depth_left,
        })
    }

    /// The next element, whatever it is, and everything inside it in canonical form. What stands inside
    /// OCTET STRINGs and BIT STRINGs is not looked at.
    ///
    /// # Errors
    /// The first [`DerError`] met.
    #[inline]
    pub fn any(&mut self) -> Result<Element<'a>, DerError> {
        let element = self.read()?;
        check_element(&element)?;
        Ok(element)
    }

    /// The next element, which has to be `tag`; if that is a primitive type of ASN.1, its contents are in
    /// canonical form.
    ///
    /// # Errors
    /// As [`Self::read`], [`DerErrorKind::UnexpectedTag`], and the rule of the type that was broken.
    #[inline]
    pub fn expect(&mut self, tag: u8) -> Result<Element<'a>, DerError> {
        let element = self.read()?;
        if element.tag == tag {
            check_form(&element)?;
            Ok(element)
        } else {
            let found = element.tag;
            Err(DerErrorKind::UnexpectedTag {
                expected: tag,
                found,
            }
            .at(element.offset))
        }
    }

    /// The next element if it is `tag`, as [`Self::expect`] gives it; otherwise nothing is read.
    ///
    /// # Errors
    /// As [`Self::read`], and the rule of the type that was broken.
    #[inline]
    pub fn optional(&mut self, tag: u8) -> Result<Option<Element<'a>>, DerError> {
        if self.rest.first() == Some(&tag) {
            self.expect(tag).map(Some)
        } else {
            Ok(None)
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`DerErrorKind::TrailingBytes`] if something is left.
    pub const fn finish(self) -> Result<(), DerError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(DerErrorKind::TrailingBytes.at(self.offset))
        }
    }
}

/// The one element that `input` consists of.
///
/// # Errors
/// As [`Reader::read`], and [`DerErrorKind::TrailingBytes`].
pub fn single(input: &[u8]) -> Result<Element<'_>, DerError> {
    let mut reader = Reader::new(input);
    let element = reader.read()?;
    reader.finish()?;
    Ok(element)
}

/// The identifier octet, how many octets it and the length have, and the length (X.690 §8.1.2, §8.1.3).
#[inline]
fn split_header(input: &[u8]) -> Result<(u8, usize, usize), DerErrorKind> {
    match input {
        [tag, ..] if tag & NUMBER == NUMBER => Err(DerErrorKind::HighTagNumber),
        [tag, length @ 0..=0x7f, ..] => Ok((*tag, 2, usize::from(*length))),
        [tag, first, rest @ ..] => {
            let (octets, length) = split_long_length(*first, rest)?;
            Ok((*tag, 2 + octets, length))
        }
        [] | [_] => Err(DerErrorKind::Truncated),
    }
}

/// How many octets after `first` hold the length, and the length (X.690 §8.1.3.5, §10.1). Lengths above
/// 2³²−1 count as cut off.
fn split_long_length(first: u8, rest: &[u8]) -> Result<(usize, usize), DerErrorKind> {
    match first {
        0..=0x80 => Err(DerErrorKind::IndefiniteLength),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let octets = rest.get(..count).ok_or(DerErrorKind::Truncated)?;
            let value = octets
                .iter()
                .fold(0_u64, |value, octet| (value << 8) | u64::from(*octet));
            if octets.first() == Some(&0) || value < 0x80 {
                return Err(DerErrorKind::LengthNotMinimal);
            }
            Ok((count, usize::try_from(value).unwrap_or(usize::MAX)))
        }
        0x85..=0xff => match rest.first() {
            Some(0) => Err(DerErrorKind::LengthNotMinimal),
            Some(_) | None => Err(DerErrorKind::Truncated),
        },
    }
}

/// Checks that `input` is exactly one value in canonical form, at every level.
///
/// What stands inside OCTET STRINGs and BIT STRINGs is not looked at.
///
/// # Errors
/// The first [`DerError`] met.
pub fn check(input: &[u8]) -> Result<(), DerError> {
    check_element(&single(input)?)
}

fn check_element(element: &Element<'_>) -> Result<(), DerError> {
    check_form(element)?;
    if !element.is_constructed() {
        return Ok(());
    }
    if element.depth_left == 0 {
        return Err(DerErrorKind::TooDeep.at(element.offset));
    }
    let mut reader = element.reader();
    while !reader.is_at_end() {
        check_element(&reader.read()?)?;
    }
    Ok(())
}

#[inline]
fn check_form(element: &Element<'_>) -> Result<(), DerError> {
    match element.tag {
        SEQUENCE | SET => Ok(()),
        tag if tag & CLASS == 0 => {
            check_primitive(tag, element.content).map_err(|kind| kind.at(element.offset))
        }
        _ => Ok(()),
    }
}

/// Checks a value of a universal type that is neither SEQUENCE nor SET.
fn check_primitive(tag: u8, content: &[u8]) -> Result<(), DerErrorKind> {
    match tag {
        BOOLEAN => match content {
            [0x00 | 0xff] => Ok(()),
            _ => Err(DerErrorKind::Boolean),
        },
        INTEGER | ENUMERATED => match content {
            [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => Err(DerErrorKind::Integer),
            _ => Ok(()),
        },
        BIT_STRING => check_bit_string(content),
        NULL if content.is_empty() => Ok(()),
        NULL => Err(DerErrorKind::Null),
        OBJECT_IDENTIFIER => check_object_identifier(content),
        // SEQUENCE and SET are constructed, everything else that X.509 uses is primitive.
        0x10 | 0x11 => Err(DerErrorKind::Form),
        _ if tag & CONSTRUCTED != 0 => Err(DerErrorKind::Form),
        _ => Ok(()),
    }
}

fn check_bit_string(content: &[u8]) -> Result<(), DerErrorKind> {
    let (&unused, bits) = content.split_first().ok_or(DerErrorKind::BitString)?;
    let last = bits.last().copied().unwrap_or(0);
    let clear = match unused {
        0 => true,
        1..=7 => !bits.is_empty() && last & ((1 << unused) - 1) == 0,
        _ => false,
    };
    if clear {
        Ok(())
    } else {
        Err(DerErrorKind::BitString)
    }
}

fn check_object_identifier(content: &[u8]) -> Result<(), DerErrorKind> {
    let ends = content.last().is_some_and(|octet| octet & 0x80 == 0);
    let mut at_start = true;
    for octet in content {
        if at_start && *octet == 0x80 {
            return Err(DerErrorKind::ObjectIdentifier);
        }
        at_start = octet & 0x80 == 0;
    }
    if ends {
        Ok(())
    } else {
        Err(DerErrorKind::ObjectIdentifier)
    }
}

/// Writes one element: `tag`, its length in the fewest octets, `content`.
#[must_use]
pub fn encode(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut der = Vec::with_capacity(length + 6);
    der.push(tag);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => der.push(short),
        _ => {
            let octets = length.to_be_bytes();
            let significant: Vec<u8> = octets.into_iter().skip_while(|o| *o == 0).collect();
            der.push(0x80 | u8::try_from(significant.len()).unwrap_or(0));
            der.extend(significant);
        }
    }
    der.extend_from_slice(content);
    der
}

/// Writes the non-negative INTEGER whose big-endian bytes are `magnitude`.
#[must_use]
pub fn encode_unsigned(magnitude: &[u8]) -> Vec<u8> {
    let mut content: Vec<u8> = magnitude
        .iter()
        .copied()
        .skip_while(|octet| *octet == 0)
        .collect();
    if content.first().is_none_or(|octet| octet & 0x80 != 0) {
        content.insert(0, 0);
    }
    encode(INTEGER, &content)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn kind(input: &[u8]) -> Option<DerErrorKind> {
        check(input).err().map(|error| error.kind)
    }

    #[test]
    fn canonical_values_pass() {
        for good in [
            &[0x30, 0x03, 0x02, 0x01, 0x05][..],
            &[0x30, 0x00],
            &[0x01, 0x01, 0xff],
            &[0x02, 0x02, 0x00, 0x80],
            &[0x02, 0x01, 0x80],
            &[0x03, 0x02, 0x01, 0x06],
            &[0x03, 0x01, 0x00],
            &[0x05, 0x00],
            &[0x06, 0x03, 0x55, 0x04, 0x03],
            &[0xa0, 0x03, 0x02, 0x01, 0x02],
            &[0x82, 0x01, 0xff],
        ] {
            assert_eq!(check(good), Ok(()), "{good:02x?}");
        }
    }

    #[test]
    fn every_other_form_is_refused_by_its_rule() {
        for (bad, expected) in [
            (&[][..], DerErrorKind::Truncated),
            (&[0x30], DerErrorKind::Truncated),
            (&[0x30, 0x02, 0x05], DerErrorKind::Truncated),
            (&[0x30, 0x82, 0x01], DerErrorKind::Truncated),
            (
                &[0x04, 0x84, 0xff, 0xff, 0xff, 0xff, 0],
                DerErrorKind::Truncated,
            ),
            (&[0x04, 0x85, 1, 0, 0, 0, 0, 0], DerErrorKind::Truncated),
            (
                &[0x04, 0x85, 0, 0, 0, 0, 1, 0],
                DerErrorKind::LengthNotMinimal,
            ),
            (&[0x30, 0x00, 0x00], DerErrorKind::TrailingBytes),
            (&[0x30, 0x80, 0x00, 0x00], DerErrorKind::IndefiniteLength),
            (
                &[0x30, 0x81, 0x02, 0x05, 0x00],
                DerErrorKind::LengthNotMinimal,
            ),
            (
                &[0x30, 0x82, 0x00, 0x02, 0x05, 0x00],
                DerErrorKind::LengthNotMinimal,
            ),
            (&[0x1f, 0x81, 0x01, 0x00], DerErrorKind::HighTagNumber),
            (&[0x01, 0x01, 0x01], DerErrorKind::Boolean),
            (&[0x01, 0x02, 0xff, 0xff], DerErrorKind::Boolean),
            (&[0x02, 0x00], DerErrorKind::Integer),
            (&[0x02, 0x02, 0x00, 0x7f], DerErrorKind::Integer),
            (&[0x02, 0x02, 0xff, 0x80], DerErrorKind::Integer),
            (&[0x03, 0x00], DerErrorKind::BitString),
            (&[0x03, 0x01, 0x01], DerErrorKind::BitString),
            (&[0x03, 0x02, 0x08, 0x00], DerErrorKind::BitString),
            (&[0x03, 0x02, 0x01, 0x07], DerErrorKind::BitString),
            (&[0x05, 0x01, 0x00], DerErrorKind::Null),
            (&[0x06, 0x00], DerErrorKind::ObjectIdentifier),
            (&[0x06, 0x02, 0x55, 0x84], DerErrorKind::ObjectIdentifier),
            (
                &[0x06, 0x03, 0x55, 0x80, 0x01],
                DerErrorKind::ObjectIdentifier,
            ),
            (&[0x10, 0x00], DerErrorKind::Form),
            (&[0x24, 0x03, 0x04, 0x01, 0x00], DerErrorKind::Form),
        ] {
            assert_eq!(kind(bad), Some(expected), "{bad:02x?}");
            // … and so inside another value, where that can be written at all.
            if !matches!(
                expected,
                DerErrorKind::Truncated | DerErrorKind::TrailingBytes
            ) {
                assert_eq!(kind(&encode(SEQUENCE, bad)), Some(expected), "{bad:02x?}");
            }
        }
    }

    #[test]
    fn what_is_expected_is_canonical_too() {
        for bad in [
            &[0x01, 0x01, 0x01][..],
            &[0x02, 0x02, 0x00, 0x7f],
            &[0x03, 0x02, 0x01, 0x07],
            &[0x05, 0x01, 0x00],
            &[0x06, 0x02, 0x55, 0x84],
        ] {
            let expected = check(bad).unwrap_err();
            assert_eq!(Reader::new(bad).expect(bad[0]).unwrap_err(), expected);
            assert_eq!(Reader::new(bad).optional(bad[0]).unwrap_err(), expected);
            assert_eq!(Reader::new(bad).any().unwrap_err(), expected);
            // Only tag and length are looked at here, and what stands deeper is left to its own reader.
            assert!(Reader::new(bad).read().is_ok());
            let outer = encode(SEQUENCE, bad);
            let outer = Reader::new(&outer).expect(SEQUENCE).unwrap();
            let deeper = expected.kind.at(2);
            assert_eq!(outer.check(), Err(deeper));
            assert_eq!(outer.reader().expect(bad[0]).unwrap_err(), deeper);
            let replaced = encode(context_primitive(1), &bad[2..]);
            let replaced = single(&replaced).unwrap();
            assert_eq!(replaced.check(), Ok(()));
            assert_eq!(replaced.implicit(bad[0]).unwrap_err().kind, expected.kind);
        }
        let good = single(&[0x81, 0x01, 0x7f]).unwrap().implicit(INTEGER);
        assert_eq!(good.unwrap().content, [0x7f]);
    }

    #[test]
    fn elements_know_where_they_lie() {
        let inner = encode(OCTET_STRING, &[0x02, 0x01, 0x05]);
        let bytes = encode(SEQUENCE, &[vec![0x05, 0x00], inner].concat());
        let mut fields = single(&bytes).unwrap().reader();
        fields.expect(NULL).unwrap();
        let octets = fields.expect(OCTET_STRING).unwrap();
        assert_eq!(octets.offset(), 4);
        assert_eq!(&bytes[octets.range()], octets.whole);
        assert_eq!(&bytes[octets.content_range()], octets.content);
        let integer = octets.encapsulated().expect(INTEGER).unwrap();
        assert_eq!(&bytes[integer.range()], [0x02, 0x01, 0x05]);
        assert_eq!(&bytes[integer.content_range()], [0x05]);
    }

    #[test]
    fn a_value_inside_an_octet_string_may_be_nested_anew() {
        let nest = |levels: u8, inner: &[u8]| {
            (0..levels).fold(inner.to_vec(), |inner, _| encode(SEQUENCE, &inner))
        };
        let inside = encode(OCTET_STRING, &nest(MAX_DEPTH, &[]));
        let bytes = nest(MAX_DEPTH, &inside);
        let mut reader = Reader::new(&bytes);
        for _ in 0..MAX_DEPTH {
            reader = reader.expect(SEQUENCE).unwrap().reader();
        }
        let octets = reader.expect(OCTET_STRING).unwrap();
        assert!(octets.encapsulated().any().is_ok());
        let kind = octets.reader().any().unwrap_err().kind;
        assert_eq!(kind, DerErrorKind::TooDeep);
    }

    #[test]
    fn nesting_is_bounded() {
        let nest =
            |levels: usize| (0..levels).fold(Vec::new(), |inner, _| encode(SEQUENCE, &inner));
        assert_eq!(kind(&nest(usize::from(MAX_DEPTH))), None);
        assert_eq!(
            kind(&nest(usize::from(MAX_DEPTH) + 1)),
            Some(DerErrorKind::TooDeep)
        );
        assert_eq!(kind(&nest(10_000)), Some(DerErrorKind::TooDeep));
    }

    #[test]
    fn errors_name_the_place() {
        let bad = [0x30, 0x06, 0x05, 0x00, 0x30, 0x02, 0x02, 0x00];
        let error = check(&bad).unwrap_err();
        assert_eq!(error.offset, 6);
        assert_eq!(
            error.to_string(),
            "byte 6: INTEGER is empty or has superfluous octets"
        );
    }

    #[test]
    fn a_reader_reads_in_order_and_to_the_end() {
        let bytes = [0x02, 0x01, 0x05, 0x05, 0x00, 0x04, 0x00];
        let mut reader = Reader::new(&bytes);
        assert_eq!(reader.expect(INTEGER).unwrap().content, [5]);
        assert!(reader.optional(INTEGER).unwrap().is_none());
        assert!(reader.optional(NULL).unwrap().is_some());
        assert_eq!(
            reader.clone().finish().unwrap_err(),
            DerErrorKind::TrailingBytes.at(5)
        );
        assert_eq!(
            reader.expect(INTEGER).unwrap_err(),
            DerErrorKind::UnexpectedTag {
                expected: INTEGER,
                found: OCTET_STRING
            }
            .at(5)
        );
        assert!(reader.is_at_end());
    }

    #[test]
    fn unsigned_integers_are_minimal() {
        assert_eq!(encode_unsigned(&[]), [0x02, 0x01, 0x00]);
        assert_eq!(encode_unsigned(&[0, 0, 0x7f]), [0x02, 0x01, 0x7f]);
        assert_eq!(encode_unsigned(&[0x80]), [0x02, 0x02, 0x00, 0x80]);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(content in prop::collection::vec(any::<u8>(), 0..70_000)) {
            let der = encode(OCTET_STRING, &content);
            prop_assert_eq!(check(&der), Ok(()));
            prop_assert_eq!(single(&der).unwrap().content, &content[..]);
            prop_assert_eq!(single(&der).unwrap().whole, &der[..]);
        }

        #[test]
        fn a_cut_off_value_is_refused(content in prop::collection::vec(any::<u8>(), 1..300), cut in any::<prop::sample::Index>()) {
            let der = encode(OCTET_STRING, &content);
            let end = cut.index(der.len());
            prop_assert!(check(&der[..end]).is_err());
        }
    }
}
