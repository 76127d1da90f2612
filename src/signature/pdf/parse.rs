//! Bytes to objects (ISO 32000-2 §7.2, §7.3).

use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Name;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::object::ObjectId;
use crate::signature::pdf::object::PdfString;

/// Arrays and dictionaries within one another.
const MAX_DEPTH: usize = 64;

/// White space (ISO 32000-2 table 1).
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

/// Delimiters (ISO 32000-2 table 2).
const fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

/// Reads objects from `bytes`, beginning at a given place.
#[derive(Debug)]
pub(super) struct Parser<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Whether `bytes` are the file itself, so that places in it mean something.
    is_file: bool,
}

/// An indirect object as it stands in the file.
#[derive(Debug)]
pub(super) struct Indirect {
    pub(super) id: ObjectId,
    pub(super) object: Object,
    /// Where its data begin, if it is a stream.
    pub(super) stream_at: Option<usize>,
    /// Where it ends; of a stream, where its data begin.
    pub(super) end: usize,
}

impl<'b> Parser<'b> {
    /// Reads the file.
    pub(super) const fn of_file(bytes: &'b [u8], at: usize) -> Self {
        let is_file = true;
        Self { bytes, at, is_file }
    }

    /// Reads what was decompressed.
    pub(super) const fn of_stream(bytes: &'b [u8], at: usize) -> Self {
        let is_file = false;
        Self { bytes, at, is_file }
    }

    /// Where it is.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'b [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn advance(&mut self, by: usize) {
        self.at = self.at.saturating_add(by).min(self.bytes.len());
    }

    fn expected(&self, expected: &'static str) -> PdfError {
        let offset = self.at;
        PdfError::Syntax { offset, expected }
    }

    /// Skips white space and comments.
    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if is_space(byte) {
                self.advance(1);
            } else if byte == b'%' {
                let line = self.rest();
                let end = line.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
                self.advance(end.unwrap_or(line.len()));
            } else {
                break;
            }
        }
    }

    /// Takes `keyword` if it stands here and ends here.
    pub(super) fn take_keyword(&mut self, keyword: &[u8]) -> bool {
        let Some(after) = self.rest().strip_prefix(keyword) else {
            return false;
        };
        if after
            .first()
            .is_some_and(|byte| !is_space(*byte) && !is_delimiter(*byte))
        {
            return false;
        }
        self.advance(keyword.len());
        true
    }

    /// A whole number that is not negative, without a sign.
    pub(super) fn unsigned(&mut self) -> Result<u64, PdfError> {
        self.skip_space();
        let digits = self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let text = self.rest().get(..digits).unwrap_or_default();
        let number = std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse().ok());
        let number = number.ok_or_else(|| self.expected("a number"))?;
        self.advance(digits);
        Ok(number)
    }

    /// `12 0 obj … endobj`; of a stream, up to where its data begin.
    pub(super) fn indirect(&mut self) -> Result<Indirect, PdfError> {
        let number = self.unsigned()?;
        let generation = self.unsigned()?;
        let id = ObjectId {
            number: u32::try_from(number)
                .map_err(|_too_large| self.expected("an object number"))?,
            generation: u16::try_from(generation)
                .map_err(|_too_large| self.expected("a generation"))?,
        };
        self.skip_space();
        if !self.rest().starts_with(b"obj") {
            return Err(self.expected("obj"));
        }
        self.advance(3);
        let object = self.object()?;
        self.skip_space();
        let is_stream = matches!(object, Object::Dictionary(_)) && self.take_keyword(b"stream");
        let stream_at = is_stream.then(|| {
            let line_end = match self.rest() {
                [b'\r', b'\n', ..] => 2,
                [b'\r' | b'\n', ..] => 1,
                _ => 0,
            };
            self.at.saturating_add(line_end)
        });
        if !is_stream && !self.take_keyword(b"endobj") {
            return Err(self.expected("endobj"));
        }
        Ok(Indirect {
            id,
            object,
            stream_at,
            end: stream_at.unwrap_or(self.at),
        })
    }

    /// One object.
    pub(super) fn object(&mut self) -> Result<Object, PdfError> {
        self.nested(0)
    }

    fn nested(&mut self, depth: usize) -> Result<Object, PdfError> {
        if depth > MAX_DEPTH {
            let (what, maximum) = ("levels of nesting", MAX_DEPTH);
            return Err(PdfError::Limit { what, maximum });
        }
        self.skip_space();
        match self.rest() {
            [b'/', ..] => Ok(Object::Name(self.name()?)),
            [b'<', b'<', ..] => self.dictionary(depth),
            [b'<', ..] => self.hex_string(),
            [b'(', ..] => self.literal_string(),
            [b'[', ..] => self.array(depth),
            [b'0'..=b'9' | b'+' | b'-' | b'.', ..] => self.number_or_reference(),
            _ => self.keyword(),
        }
    }

    fn keyword(&mut self) -> Result<Object, PdfError> {
        const KEYWORDS: [(&[u8], Object); 3] = [
            (b"true", Object::Boolean(true)),
            (b"false", Object::Boolean(false)),
            (b"null", Object::Null),
        ];
        for (keyword, object) in KEYWORDS {
            if self.take_keyword(keyword) {
                return Ok(object);
            }
        }
        Err(self.expected("an object"))
    }

    fn name(&mut self) -> Result<Name, PdfError> {
        self.advance(1);
        let text = self.rest();
        let length = text
            .iter()
            .position(|byte| is_space(*byte) || is_delimiter(*byte))
            .unwrap_or(text.len());
        let text = text.get(..length).unwrap_or_default();
        self.advance(length);
        if !text.contains(&b'#') {
            return Ok(Name(text.into()));
        }
        let mut name = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            let escaped = match (byte, after) {
                (b'#', [high, low, ..]) => hex_digit(*high).zip(hex_digit(*low)),
                _ => None,
            };
            // A `#` that begins no escape stands for itself, as before PDF 1.2.
            name.push(match escaped {
                Some((high, low)) => {
                    rest = after.get(2..).unwrap_or_default();
                    high << 4 | low
                }
                None => byte,
            });
        }
        Ok(Name(name.into()))
    }

    fn dictionary(&mut self, depth: usize) -> Result<Object, PdfError> {
        self.advance(2);
        let mut entries = Vec::new();
        loop {
            self.skip_space();
            match self.rest() {
                [b'>', b'>', ..] => {
                    self.advance(2);
                    return Ok(Object::Dictionary(Dictionary(entries)));
                }
                [b'/', ..] => {
                    let name = self.name()?;
                    entries.push((name, self.nested(depth.saturating_add(1))?));
                }
                _ => return Err(self.expected("a name or >>")),
            }
        }
    }

    fn array(&mut self, depth: usize) -> Result<Object, PdfError> {
        self.advance(1);
        let mut elements = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                self.advance(1);
                return Ok(Object::Array(elements));
            }
            elements.push(self.nested(depth.saturating_add(1))?);
        }
    }

    fn string(&self, bytes: Vec<u8>, began: usize) -> Object {
        let span = self.is_file.then_some(began..self.at);
        Object::String(PdfString { bytes, span })
    }

    fn hex_string(&mut self) -> Result<Object, PdfError> {
        let began = self.at;
        self.advance(1);
        let text = self.rest();
        let length = memchr::memchr(b'>', text);
        let length = length.ok_or_else(|| self.expected("> after a string"))?;
        let text = text.get(..length).unwrap_or_default();
        if let Some(bytes) = hex_pairs(text) {
            self.advance(length.saturating_add(1));
            return Ok(self.string(bytes, began));
        }
        let mut bytes = Vec::with_capacity(length / 2 + 1);
        let mut high = None;
        for &byte in text {
            let Some(digit) = hex_digit(byte) else {
                if is_space(byte) {
                    continue;
                }
                return Err(self.expected("a string of hexadecimal digits"));
            };
            match high.take() {
                None => high = Some(digit),
                Some(first) => bytes.push(first << 4 | digit),
            }
        }
        // ISO 32000-2 §7.3.4.3: "the final digit shall be assumed to be 0".
        bytes.extend(high.map(|first: u8| first << 4));
        self.advance(length.saturating_add(1));
        Ok(self.string(bytes, began))
    }

    fn literal_string(&mut self) -> Result<Object, PdfError> {
        let began = self.at;
        self.advance(1);
        let mut bytes = Vec::new();
        let mut open = 1_usize;
        loop {
            let Some(byte) = self.peek() else {
                return Err(self.expected(") after a string"));
            };
            self.advance(1);
            match byte {
                b'(' => open = open.saturating_add(1),
                b')' => {
                    open = open.saturating_sub(1);
                    if open == 0 {
                        return Ok(self.string(bytes, began));
                    }
                }
                b'\\' => {
                    self.escape(&mut bytes);
                    continue;
                }
                // ISO 32000-2 §7.3.4.2: an end of line is a line feed, however it is written.
                b'\r' => {
                    if self.peek() == Some(b'\n') {
                        self.advance(1);
                    }
                    bytes.push(b'\n');
                    continue;
                }
                _ => {}
            }
            bytes.push(byte);
        }
    }

    /// What follows a backslash (ISO 32000-2 table 3).
    fn escape(&mut self, bytes: &mut Vec<u8>) {
        let Some(byte) = self.peek() else {
            return;
        };
        self.advance(1);
        match byte {
            b'n' => bytes.push(b'\n'),
            b'r' => bytes.push(b'\r'),
            b't' => bytes.push(b'\t'),
            b'b' => bytes.push(8),
            b'f' => bytes.push(0x0c),
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.advance(1);
                }
            }
            b'\n' => {}
            b'0'..=b'7' => {
                let mut value = u16::from(byte.saturating_sub(b'0'));
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else {
                        break;
                    };
                    value = value << 3 | u16::from(digit.saturating_sub(b'0'));
                    self.advance(1);
                }
                // "High-order overflow shall be ignored."
                bytes.push(value.to_be_bytes()[1]);
            }
            other => bytes.push(other),
        }
    }

    fn number_or_reference(&mut self) -> Result<Object, PdfError> {
        let number = self.number()?;
        let Object::Integer(integer) = number else {
            return Ok(number);
        };
        let after_number = self.at;
        match self.reference_to(integer) {
            Some(id) => Ok(Object::Reference(id)),
            None => {
                self.at = after_number;
                Ok(number)
            }
        }
    }

    /// `0 R` after a number.
    fn reference_to(&mut self, number: i64) -> Option<ObjectId> {
        let number = u32::try_from(number).ok()?;
        if !is_space(self.peek()?) {
            return None;
        }
        self.skip_space();
        if !self.peek()?.is_ascii_digit() {
            return None;
        }
        let generation = u16::try_from(self.unsigned().ok()?).ok()?;
        self.skip_space();
        self.take_keyword(b"R")
            .then_some(ObjectId { number, generation })
    }

    fn number(&mut self) -> Result<Object, PdfError> {
        let text = self.rest();
        let length = text
            .iter()
            .position(|byte| is_space(*byte) || is_delimiter(*byte))
            .unwrap_or(text.len());
        let text = text
            .get(..length)
            .and_then(|text| std::str::from_utf8(text).ok())
            .ok_or_else(|| self.expected("a number"))?;
        let is_plain = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.'));
        let number = match text.parse() {
            Ok(integer) => Object::Integer(integer),
            Err(_) if is_plain => match text.parse() {
                Ok(real) => Object::Real(real),
                Err(_) => return Err(self.expected("a number")),
            },
            Err(_) => return Err(self.expected("a number")),
        };
        self.advance(length);
        Ok(number)
    }
}

/// Digits in pairs and nothing between them, as the value of a signature is written: thousands of them.
fn hex_pairs(text: &[u8]) -> Option<Vec<u8>> {
    const NONE: u8 = 0xff;
    static DIGITS: [u8; 256] = {
        let mut digits = [NONE; 256];
        let mut value = 0_u8;
        while value < 22 {
            let (digit, nibble) = match value {
                0..=9 => (b'0' + value, value),
                10..=15 => (b'a' + (value - 10), value),
                _ => (b'A' + (value - 16), value - 6),
            };
            #[expect(
                clippy::as_conversions,
                clippy::indexing_slicing,
                reason = "a byte is a place in 256; computed when it is compiled"
            )]
            {
                digits[digit as usize] = nibble;
            }
            value += 1;
        }
        digits
    };
    let digit = |byte: u8| DIGITS.get(usize::from(byte)).copied().unwrap_or(NONE);
    let (pairs, []) = text.as_chunks::<2>() else {
        return None;
    };
    let mut strange = 0;
    let bytes = pairs.iter().map(|[high, low]| {
        let (high, low) = (digit(*high), digit(*low));
        strange |= high | low;
        high << 4 | (low & 0x0f)
    });
    let bytes: Vec<u8> = bytes.collect();
    (strange & 0xf0 == 0).then_some(bytes)
}

const fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(byte.wrapping_sub(b'a').wrapping_add(10)),
        b'A'..=b'F' => Some(byte.wrapping_sub(b'A').wrapping_add(10)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
