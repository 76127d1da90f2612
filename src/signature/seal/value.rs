//! Single values inside a seal.

use crate::clock::Timestamp;
use crate::pki::asn1_time;
use crate::pki::der;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::name::text_of_string;
use crate::pki::oid::Oid;
use crate::signature::seal::error::SealError;

/// Names, numbers and paths are short; what is longer was not written to be read.
const MAX_TEXT_OCTETS: usize = 4096;

/// An INTEGER of at most 32 bits that is not negative.
pub(super) fn number(reader: &mut Reader<'_>, what: &'static str) -> Result<u32, SealError> {
    let content = reader.expect(der::INTEGER)?.content;
    let magnitude = match content {
        [0x80..=0xff, ..] => return Err(SealError::Number(what)),
        [0, rest @ ..] => rest,
        content => content,
    };
    if magnitude.len() > 4 {
        return Err(SealError::Number(what));
    }
    let value = magnitude
        .iter()
        .fold(0_u32, |value, octet| (value << 8) | u32::from(*octet));
    Ok(value)
}

/// A string of this type, fit to be shown: without control and bidirectional characters.
pub(super) fn text(
    reader: &mut Reader<'_>,
    tag: u8,
    what: &'static str,
) -> Result<String, SealError> {
    let element = reader.expect(tag)?;
    if element.content.len() > MAX_TEXT_OCTETS {
        let maximum = MAX_TEXT_OCTETS;
        return Err(SealError::TooLarge { what, maximum });
    }
    text_of_string(element.whole).ok_or(SealError::Text(what))
}

/// A time of either type: GM/T 0031-2014 has `UTCTime`, GB/T 38540-2020 `GeneralizedTime`, and real seals both.
pub(super) fn time(reader: &mut Reader<'_>, what: &'static str) -> Result<Timestamp, SealError> {
    time_of(&reader.read()?).ok_or(SealError::Time(what))
}

/// The time that an element is.
pub(super) fn time_of(element: &Element<'_>) -> Option<Timestamp> {
    asn1_time::time(element)
}

/// The octets of a BIT STRING.
pub(super) fn bits<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], SealError> {
    Ok(reader.expect(der::BIT_STRING)?.whole_octets()?)
}

/// `[0] EXPLICIT BIT STRING OPTIONAL`, as a timestamp stands.
pub(super) fn tagged_bits<'a>(reader: &mut Reader<'a>) -> Result<Option<&'a [u8]>, SealError> {
    let Some(tagged) = reader.optional(der::context_constructed(0))? else {
        return Ok(None);
    };
    let mut inner = tagged.reader();
    let octets = bits(&mut inner)?;
    inner.finish()?;
    Ok(Some(octets))
}

/// The octets of an OCTET STRING.
pub(super) fn octets<'a>(reader: &mut Reader<'a>) -> Result<&'a [u8], SealError> {
    Ok(reader.expect(der::OCTET_STRING)?.content)
}

/// An OBJECT IDENTIFIER, and its encoding.
pub(super) fn oid<'a>(reader: &mut Reader<'a>) -> Result<(Oid, &'a [u8]), SealError> {
    let element = reader.expect(der::OBJECT_IDENTIFIER)?;
    Ok((Oid::from_der_content(element.content)?, element.whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_and_are_not_negative() {
        let read = |content: &[u8]| {
            let der = der::encode(der::INTEGER, content);
            number(&mut Reader::new(&der), "width").ok()
        };
        assert_eq!(read(&[0]), Some(0));
        assert_eq!(read(&[0x7f]), Some(0x7f));
        assert_eq!(read(&[0, 0xff, 0xff, 0xff, 0xff]), Some(u32::MAX));
        assert_eq!(read(&[1, 0, 0, 0, 0]), None);
        assert_eq!(read(&[0xff]), None);
        assert_eq!(read(&[0, 1]), None, "not in the fewest octets");
    }

    #[test]
    fn texts_are_fit_to_be_shown() {
        let read = |content: &[u8]| {
            let der = der::encode(der::UTF8_STRING, content);
            text(&mut Reader::new(&der), der::UTF8_STRING, "name").ok()
        };
        let hidden = "公\u{202e}章\n".as_bytes();
        assert_eq!(read(hidden).as_deref(), Some("公章"));
        assert_eq!(read(&[0xff]), None);
        assert_eq!(read(&vec![b'a'; MAX_TEXT_OCTETS + 1]), None);
    }
}
