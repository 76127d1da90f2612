//! Reads BER (ITU-T X.690 §8), which CMS and parts of some certificates are written in: indefinite lengths,
//! lengths with superfluous octets, strings in pieces.
//!
//! A value keeps its bytes as they came; nothing is copied until [`Value::to_der`] is asked for. Work is
//! bounded: nesting by [`MAX_DEPTH`], so that the ends of values of indefinite length are sought a bounded
//! number of times, and pieces of a string by [`MAX_PIECES`].

use std::borrow::Cow;
use std::fmt;

use crate::pki::der;

/// Deeper nesting than this is refused; a timestamp's certificates lie some fifteen levels deep, and what is
/// encapsulated in strings counts anew.
const MAX_DEPTH: u8 = 24;
/// A string may come in so many pieces: 200 MB in pieces of a thousand octets have a fifth of it.
const MAX_PIECES: usize = 1 << 20;

const CONSTRUCTED: u8 = 0x20;
/// The identifier octet of an OCTET STRING in pieces.
pub(crate) const CONSTRUCTED_OCTET_STRING: u8 = der::OCTET_STRING | CONSTRUCTED;
const END_OF_CONTENTS: u8 = 0;

/// Why bytes are not BER as it is read here, and where: `offset` counts from the start of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("byte {offset}: {kind}")]
pub struct BerError {
    /// Position of the value, from 0.
    pub offset: usize,
    /// What is wrong there.
    pub kind: BerErrorKind,
}

/// The rule of BER that was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BerErrorKind {
    /// X.690 §8.1.3.6: a primitive value has a definite length.
    Form,
    /// A tag number of 31 or more; no structure that we read has one.
    HighTagNumber,
    /// More nested than is followed.
    TooDeep,
    /// A string in more pieces than are read.
    TooManyPieces,
    /// Bytes follow where the value should have ended.
    TrailingBytes,
    /// The input ends inside a value.
    Truncated,
    /// Another value stands here.
    UnexpectedTag {
        /// The identifier octet wanted.
        expected: u8,
        /// The identifier octet found.
        found: u8,
    },
}

impl fmt::Display for BerErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Form => f.write_str("primitive value of indefinite length"),
            Self::HighTagNumber => f.write_str("tag number above 30"),
            Self::TooDeep => write!(f, "nested more than {MAX_DEPTH} levels deep"),
            Self::TooManyPieces => write!(f, "a string in more than {MAX_PIECES} pieces"),
            Self::TrailingBytes => f.write_str("bytes follow the end of the value"),
            Self::Truncated => f.write_str("the value is cut off"),
            Self::UnexpectedTag { expected, found } => {
                write!(f, "tag 0x{expected:02x} expected, 0x{found:02x} found")
            }
        }
    }
}

impl BerErrorKind {
    const fn at(self, offset: usize) -> BerError {
        BerError { offset, kind: self }
    }
}

/// One value, borrowed from the input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'a> {
    /// The identifier octet.
    pub(crate) tag: u8,
    /// The contents octets, without the end-of-contents octets of an indefinite length.
    pub(crate) content: &'a [u8],
    /// Everything, as it came.
    pub(crate) whole: &'a [u8],
    offset: usize,
    content_offset: usize,
    depth_left: u8,
}

impl<'a> Value<'a> {
    /// Reads the values inside this one.
    pub(crate) const fn reader(&self) -> Reader<'a> {
        Reader {
            rest: self.content,
            offset: self.content_offset,
            depth_left: self.depth_left.saturating_sub(1),
        }
    }

    const fn is_constructed(&self) -> bool {
        self.tag & CONSTRUCTED != 0
    }

    /// The same value, which has to be `tag`.
    pub(crate) const fn expect_tag(self, tag: u8) -> Result<Self, BerError> {
        match self.tag == tag {
            true => Ok(self),
            false => Err(unexpected(tag, &self)),
        }
    }

    /// An error at this value.
    pub(crate) const fn error(&self, kind: BerErrorKind) -> BerError {
        kind.at(self.offset)
    }

    /// The pieces of an OCTET STRING; of a primitive one there is one.
    pub(crate) fn pieces(&self) -> Result<Vec<&'a [u8]>, BerError> {
        let mut pieces = Vec::new();
        self.add_pieces(&mut pieces)?;
        Ok(pieces)
    }

    fn add_pieces(&self, pieces: &mut Vec<&'a [u8]>) -> Result<(), BerError> {
        if !self.is_constructed() {
            if pieces.len() >= MAX_PIECES {
                return Err(BerErrorKind::TooManyPieces.at(self.offset));
            }
            pieces.push(self.content);
            return Ok(());
        }
        let mut reader = self.deeper()?;
        while !reader.is_at_end() {
            let piece = reader.read()?;
            if piece.tag & !CONSTRUCTED != der::OCTET_STRING {
                return Err(unexpected(der::OCTET_STRING, &piece));
            }
            piece.add_pieces(pieces)?;
        }
        Ok(())
    }

    /// The octets of an OCTET STRING, put together.
    pub(crate) fn octets(&self) -> Result<Cow<'a, [u8]>, BerError> {
        match self.pieces()?.as_slice() {
            [one] => Ok(Cow::Borrowed(one)),
            pieces => Ok(Cow::Owned(pieces.concat())),
        }
    }

    /// The value with definite lengths in the fewest octets at every level; other than that as it came, so
    /// that what is DER already stays what it is. Strings in pieces are put together.
    pub(crate) fn to_der(&self) -> Result<Cow<'a, [u8]>, BerError> {
        if der::check(self.whole).is_ok() {
            return Ok(Cow::Borrowed(self.whole));
        }
        if !self.is_constructed() {
            return Ok(Cow::Owned(der::encode(self.tag, self.content)));
        }
        if self.tag == CONSTRUCTED_OCTET_STRING {
            return Ok(Cow::Owned(der::encode(der::OCTET_STRING, &self.octets()?)));
        }
        let mut content = Vec::with_capacity(self.content.len());
        let mut reader = self.deeper()?;
        while !reader.is_at_end() {
            content.extend_from_slice(&reader.read()?.to_der()?);
        }
        Ok(Cow::Owned(der::encode(self.tag, &content)))
    }

    const fn deeper(&self) -> Result<Reader<'a>, BerError> {
        match self.depth_left {
            0 => Err(BerErrorKind::TooDeep.at(self.offset)),
            _ => Ok(self.reader()),
        }
    }
}

/// Reads values one after another.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
    depth_left: u8,
}

impl<'a> Reader<'a> {
    /// Starts at the first byte of `input`.
    pub(crate) const fn new(input: &'a [u8]) -> Self {
        Self {
            rest: input,
            offset: 0,
            depth_left: MAX_DEPTH,
        }
    }

    /// What was not read yet.
    pub(crate) const fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// Whether every byte was read.
    pub(crate) const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// The identifier octet of the next value.
    pub(crate) fn next_tag(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next value, whatever it is.
    pub(crate) fn read(&mut self) -> Result<Value<'a>, BerError> {
        let start = self.offset;
        let header = Header::read(self.rest).map_err(|kind| kind.at(start))?;
        let truncated = BerErrorKind::Truncated.at(start);
        let after_header = self.rest.get(header.octets..).ok_or(truncated)?;
        let (length, end) = match header.length {
            Some(length) => (length, 0),
            None if header.tag & CONSTRUCTED == 0 => return Err(BerErrorKind::Form.at(start)),
            None => {
                let content_start = start.saturating_add(header.octets);
                let depth = self.depth_left;
                (indefinite_length(after_header, content_start, depth)?, 2)
            }
        };
        let content = after_header.get(..length).ok_or(truncated)?;
        let size = header.octets.saturating_add(length).saturating_add(end);
        let (whole, rest) = self.rest.split_at_checked(size).ok_or(truncated)?;
        self.rest = rest;
        self.offset = start.saturating_add(size);
        Ok(Value {
            tag: header.tag,
            content,
            whole,
            offset: start,
            content_offset: start.saturating_add(header.octets),
            depth_left: self.depth_left,
        })
    }

    /// The next value, which has to be `tag`.
    pub(crate) fn expect(&mut self, tag: u8) -> Result<Value<'a>, BerError> {
        let value = self.read()?;
        if value.tag != tag {
            return Err(unexpected(tag, &value));
        }
        Ok(value)
    }

    /// The next value, which has to be an OCTET STRING, in one piece or in several.
    pub(crate) fn octet_string(&mut self) -> Result<Value<'a>, BerError> {
        let value = self.read()?;
        if value.tag & !CONSTRUCTED != der::OCTET_STRING {
            return Err(unexpected(der::OCTET_STRING, &value));
        }
        Ok(value)
    }

    /// The next value if it is `tag`; otherwise nothing is read.
    pub(crate) fn optional(&mut self, tag: u8) -> Result<Option<Value<'a>>, BerError> {
        match self.next_tag() {
            Some(next) if next == tag => self.read().map(Some),
            Some(_) | None => Ok(None),
        }
    }

    /// Ends the reading.
    pub(crate) const fn finish(self) -> Result<(), BerError> {
        match self.rest.is_empty() {
            true => Ok(()),
            false => Err(BerErrorKind::TrailingBytes.at(self.offset)),
        }
    }
}

const fn unexpected(expected: u8, value: &Value<'_>) -> BerError {
    let found = value.tag;
    BerErrorKind::UnexpectedTag { expected, found }.at(value.offset)
}

/// Identifier and length octets; no length: it is indefinite.
struct Header {
    tag: u8,
    octets: usize,
    length: Option<usize>,
}

impl Header {
    /// X.690 §8.1.2, §8.1.3. Lengths above 2⁶⁴−1 count as cut off.
    fn read(input: &[u8]) -> Result<Self, BerErrorKind> {
        let [tag, first, rest @ ..] = input else {
            return Err(BerErrorKind::Truncated);
        };
        if tag & 0x1f == 0x1f {
            return Err(BerErrorKind::HighTagNumber);
        }
        let (more, length) = match first {
            0..=0x7f => (0, Some(usize::from(*first))),
            0x80 => (0, None),
            0x81..=0xff => {
                let count = usize::from(first & 0x7f);
                let octets = rest.get(..count).ok_or(BerErrorKind::Truncated)?;
                let length = octets.iter().try_fold(0_usize, |length, octet| {
                    length.checked_mul(256)?.checked_add(usize::from(*octet))
                });
                (count, Some(length.ok_or(BerErrorKind::Truncated)?))
            }
        };
        Ok(Self {
            tag: *tag,
            octets: 2 + more,
            length,
        })
    }
}

/// How long the contents are whose end is marked by end-of-contents octets (X.690 §8.1.3.6).
///
/// Iterative: of values of indefinite length inside, only how many are open matters.
fn indefinite_length(contents: &[u8], offset: usize, depth_left: u8) -> Result<usize, BerError> {
    let mut at = 0_usize;
    let mut open = 1_u32;
    loop {
        let here = offset.saturating_add(at);
        let rest = contents.get(at..).unwrap_or_default();
        if let [END_OF_CONTENTS, 0, ..] = rest {
            open = open.saturating_sub(1);
            if open == 0 {
                return Ok(at);
            }
            at = at.saturating_add(2);
            continue;
        }
        let header = Header::read(rest).map_err(|kind| kind.at(here))?;
        at = at.saturating_add(header.octets);
        match header.length {
            Some(length) => at = at.saturating_add(length),
            None if header.tag & CONSTRUCTED == 0 => return Err(BerErrorKind::Form.at(here)),
            None => {
                open = open.saturating_add(1);
                if open > u32::from(depth_left) {
                    return Err(BerErrorKind::TooDeep.at(here));
                }
            }
        }
    }
}

/// The one value that `input` consists of.
pub(crate) fn single(input: &[u8]) -> Result<Value<'_>, BerError> {
    let mut reader = Reader::new(input);
    let value = reader.read()?;
    reader.finish()?;
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An OCTET STRING in two pieces, of indefinite length, in a SEQUENCE of indefinite length.
    const IN_PIECES: &[u8] = &[
        0x30, 0x80, 0x24, 0x80, 0x04, 0x02, 1, 2, 0x24, 0x03, 0x04, 0x01, 3, 0, 0, 0, 0,
    ];

    #[test]
    fn strings_in_pieces_are_put_together() {
        let mut reader = single(IN_PIECES).unwrap().reader();
        let string = reader.octet_string().unwrap();
        reader.finish().unwrap();
        assert_eq!(string.octets().unwrap().as_ref(), [1, 2, 3]);
        let der = single(IN_PIECES).unwrap().to_der().unwrap();
        assert_eq!(der.as_ref(), [0x30, 5, 0x04, 3, 1, 2, 3]);
    }

    #[test]
    fn der_stays_what_it_is() {
        let der = [0x30, 3, 0x02, 1, 5];
        assert!(
            matches!(single(&der).unwrap().to_der().unwrap(), Cow::Borrowed(same) if same == der)
        );
    }

    #[test]
    fn superfluous_octets_of_lengths_are_taken_out() {
        let long = [0x30, 0x83, 0, 0, 4, 0x02, 0x81, 1, 5];
        assert_eq!(
            single(&long).unwrap().to_der().unwrap().as_ref(),
            [0x30, 3, 0x02, 1, 5]
        );
    }

    #[test]
    fn broken_encodings_are_refused_where_they_break() {
        for (bytes, kind) in [
            (&[0x30, 0x80, 0x02, 1, 5][..], BerErrorKind::Truncated),
            (&[0x30, 0x80, 0x02, 1, 5, 0], BerErrorKind::Truncated),
            (&[0x30, 2, 0], BerErrorKind::Truncated),
            (&[0x30], BerErrorKind::Truncated),
            (&[0x04, 0x80, 0, 0], BerErrorKind::Form),
            (&[0x3f, 1, 0], BerErrorKind::HighTagNumber),
            (&[0x30, 0, 0], BerErrorKind::TrailingBytes),
            (
                &[0x30, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0],
                BerErrorKind::Truncated,
            ),
        ] {
            assert_eq!(single(bytes).unwrap_err().kind, kind, "{bytes:02x?}");
        }
        let deep = [0x30, 0x80].repeat(40);
        assert_eq!(single(&deep).unwrap_err().kind, BerErrorKind::TooDeep);
        let nested =
            |levels: usize| (0..levels).fold(vec![4, 0], |inner, _| der::encode(0x24, &inner));
        assert!(single(&nested(10)).unwrap().pieces().is_ok());
        let bearable = nested(MAX_DEPTH.into());
        assert!(single(&bearable).unwrap().pieces().is_ok());
        let too_deep = nested(usize::from(MAX_DEPTH) + 1);
        let error = single(&too_deep).unwrap().pieces();
        assert_eq!(error.unwrap_err().kind, BerErrorKind::TooDeep);
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(value) = single(&bytes) {
                let _ = value.pieces();
                if let Ok(der) = value.to_der() {
                    let again = single(&der).unwrap();
                    prop_assert_eq!(again.to_der().unwrap(), der.clone());
                }
            }
        }
    }
}
