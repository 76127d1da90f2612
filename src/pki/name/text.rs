//! Strings in names: how ASN.1 string types become text, how two texts compare (RFC 4518), and which
//! characters are not shown as they are.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::pki::der;

/// The text of an ASN.1 string, or `None` if the type is not a string or the bytes do not fit it.
///
/// Certificates in use put UTF-8 into `TeletexString` and `PrintableString`; where the bytes are valid
/// UTF-8 they are read as such. A `TeletexString` that is not UTF-8 is read as ISO 8859-1, as it was
/// commonly written.
#[must_use]
pub(super) fn decode(tag: u8, content: &[u8]) -> Option<Cow<'_, str>> {
    match tag {
        der::UTF8_STRING
        | der::NUMERIC_STRING
        | der::PRINTABLE_STRING
        | der::IA5_STRING
        | der::VISIBLE_STRING => std::str::from_utf8(content).ok().map(Cow::Borrowed),
        der::TELETEX_STRING => Some(match std::str::from_utf8(content) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => content.iter().map(|octet| char::from(*octet)).collect(),
        }),
        der::BMP_STRING => {
            let (units, rest) = content.as_chunks::<2>();
            let units = units.iter().map(|unit| u16::from_be_bytes(*unit));
            let text: Result<String, _> = char::decode_utf16(units).collect();
            text.ok().filter(|_| rest.is_empty()).map(Cow::Owned)
        }
        der::UNIVERSAL_STRING => {
            let (scalars, rest) = content.as_chunks::<4>();
            let scalars = scalars.iter().map(|bytes| u32::from_be_bytes(*bytes));
            let text: Option<String> = scalars.map(char::from_u32).collect();
            text.filter(|_| rest.is_empty()).map(Cow::Owned)
        }
        _ => None,
    }
}

/// Appends text prepared for comparison as RFC 5280 §7.1 asks: the steps of RFC 4518 §2 for
/// caseIgnoreMatch.
///
/// Map (§2.2), normalize to NFKC (§2.3), and insignificant space handling (§2.6.1): spaces at the ends
/// go, inner runs become one. Case is folded by lower-casing, which equals the table of RFC 3454 B.2
/// for every script with a one-to-one case mapping; where it does not (ß), two names that could be
/// held equal are held different. The prohibit step (§2.4) is left out: such a name matches only itself.
pub(super) fn prepare_into(prepared: &mut Vec<u8>, text: &str) {
    if text.is_ascii() {
        // NFKC leaves ASCII as it is, and most names are ASCII.
        squeeze(
            prepared,
            text.bytes().filter_map(map_ascii),
            |prepared, byte| {
                prepared.push(byte);
            },
        );
        return;
    }
    let mapped: String = text.chars().filter_map(map).collect();
    let folded = mapped.nfkc().flat_map(char::to_lowercase).nfkc();
    squeeze(prepared, folded, |prepared, character| {
        prepared.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    });
}

/// RFC 4518 §2.6.1, with nothing where it asks for one space at an end: all texts that are compared
/// lack it alike.
fn squeeze<T: Copy + PartialEq + From<u8>>(
    prepared: &mut Vec<u8>,
    characters: impl Iterator<Item = T>,
    push: impl Fn(&mut Vec<u8>, T),
) {
    let start = prepared.len();
    let mut is_after_space = false;
    for character in characters {
        if character == T::from(b' ') {
            is_after_space = true;
            continue;
        }
        if is_after_space && prepared.len() > start {
            prepared.push(b' ');
        }
        is_after_space = false;
        push(prepared, character);
    }
}

/// [`map`] and lower-casing, for ASCII.
const fn map_ascii(byte: u8) -> Option<u8> {
    match byte {
        b'\t'..=b'\r' | b' ' => Some(b' '),
        0..=0x1f | 0x7f.. => None,
        _ => Some(byte.to_ascii_lowercase()),
    }
}

/// RFC 4518 §2.2: some characters become a space, some vanish.
fn map(character: char) -> Option<char> {
    match character {
        '\t' | '\n' | '\u{b}' | '\u{c}' | '\r' | '\u{85}' => Some(' '),
        '\u{ad}'
        | '\u{1806}'
        | '\u{34f}'
        | '\u{180b}'..='\u{180d}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{fffc}' => None,
        c if c.is_whitespace() => Some(' '),
        c if is_hidden(c) => None,
        c => Some(c),
    }
}

/// Characters that change how text around them looks, or that cannot be seen: controls, bidirectional
/// and other format characters (Unicode general categories Cc and Cf), line and paragraph separators.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn prepare(text: &str) -> String {
        let mut prepared = Vec::new();
        prepare_into(&mut prepared, text);
        String::from_utf8(prepared).unwrap()
    }

    #[test]
    fn every_string_type_becomes_text() {
        for (tag, content) in [
            (der::UTF8_STRING, "东莞".as_bytes()),
            (der::TELETEX_STRING, "东莞".as_bytes()),
            (der::PRINTABLE_STRING, "东莞".as_bytes()),
            (der::BMP_STRING, &[0x4e, 0x1c, 0x83, 0x9e]),
            (der::UNIVERSAL_STRING, &[0, 0, 0x4e, 0x1c, 0, 0, 0x83, 0x9e]),
        ] {
            assert_eq!(decode(tag, content).as_deref(), Some("东莞"), "{tag:#x}");
        }
        assert_eq!(decode(der::TELETEX_STRING, &[b'M', 0xfc]).unwrap(), "Mü");
    }

    #[test]
    fn bytes_that_do_not_fit_their_type_are_no_text() {
        for (tag, content) in [
            (der::UTF8_STRING, &[0xff][..]),
            (der::PRINTABLE_STRING, &[0xff]),
            (der::BMP_STRING, &[0x4e]),
            (der::BMP_STRING, &[0xd8, 0x00]),
            (der::UNIVERSAL_STRING, &[0, 0x11, 0, 0]),
            (der::UNIVERSAL_STRING, &[0, 0, 0x4e]),
            (der::OCTET_STRING, b"CN"),
        ] {
            assert_eq!(decode(tag, content), None, "{tag:#x}");
        }
    }

    #[test]
    fn insignificant_differences_vanish() {
        for (one, other) in [
            ("Good CA", "good ca"),
            ("Good CA", "  GOOD \t  ca "),
            ("Good CA", "Good\u{a0}CA"),
            ("Good CA", "Good\u{3000}CA"),
            ("Good CA", "Good\u{2028}CA"),
            ("Good CA", "Go\u{ad}od C\u{200b}A"),
            ("Good CA", "Ｇｏｏｄ　ＣＡ"),
            ("Müller", "Mu\u{308}ller"),
            ("ΑΒΓ", "αβγ"),
            ("", "  "),
        ] {
            assert_eq!(prepare(one), prepare(other), "{one:?} {other:?}");
        }
    }

    proptest! {
        #[test]
        fn ascii_is_prepared_as_beside_other_characters(text in "[\\x00-\\x7f]{0,40}") {
            let beside = prepare(&format!("{text} 东"));
            let alone = prepare(&text);
            let expected = if alone.is_empty() { "东".to_owned() } else { format!("{alone} 东") };
            prop_assert_eq!(beside, expected);
        }
    }

    #[test]
    fn significant_differences_stay() {
        for (one, other) in [
            ("Good CA", "GoodCA"),
            ("Good CA", "Good CB"),
            ("a", ""),
            ("东莞", "东关"),
        ] {
            assert_ne!(prepare(one), prepare(other), "{one:?} {other:?}");
        }
    }
}
