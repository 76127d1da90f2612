//! Lower-case hexadecimal, as digests are written everywhere.

/// Two lower-case digits for each byte.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 0x0f));
    }
    text
}

/// Reads lower-case hexadecimal.
///
/// # Errors
/// [`HexError`]; upper-case digits are refused, so that a digest has one spelling.
pub fn decode(text: &str) -> Result<Vec<u8>, HexError> {
    if !text.len().is_multiple_of(2) {
        return Err(HexError::OddLength);
    }
    text.as_bytes()
        .chunks_exact(2)
        .enumerate()
        .map(|(index, pair)| byte_of(pair, index.saturating_mul(2)))
        .collect()
}

/// Reads exactly `N` bytes of lower-case hexadecimal.
///
/// # Errors
/// [`HexError`], with [`HexError::Length`] when the text is well-formed but of another length.
pub fn decode_array<const N: usize>(text: &str) -> Result<[u8; N], HexError> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = [0; N];
    if pairs.len() != N || !rest.is_empty() {
        let found = decode(text)?.len();
        return Err(HexError::Length { expected: N, found });
    }
    for (index, (byte, pair)) in bytes.iter_mut().zip(pairs).enumerate() {
        *byte = byte_of(pair, index.saturating_mul(2))?;
    }
    Ok(bytes)
}

fn byte_of(pair: &[u8], offset: usize) -> Result<u8, HexError> {
    let mut byte = 0;
    for (index, &character) in pair.iter().enumerate() {
        let value = value_of(character).ok_or(HexError::Character {
            position: offset.saturating_add(index).saturating_add(1),
            byte: character,
        })?;
        byte = byte << 4 | value;
    }
    Ok(byte)
}

fn value_of(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

fn digit(value: u8) -> char {
    char::from(if value < 10 {
        b'0' + value
    } else {
        b'a' + value - 10
    })
}

/// Why a text is not lower-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HexError {
    /// Not one of `0-9a-f`.
    #[error("character {position} is not lower-case hexadecimal (byte 0x{byte:02x})")]
    Character {
        /// Counted from 1.
        position: usize,
        /// What stands there.
        byte: u8,
    },
    /// Well-formed, but not the number of bytes that is needed here.
    #[error("expected {expected} bytes in hexadecimal, found {found}")]
    Length {
        /// In decoded bytes.
        expected: usize,
        /// In decoded bytes.
        found: usize,
    },
    /// Half a byte is missing.
    #[error("odd number of hexadecimal digits")]
    OddLength,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_rfc_4648_holds_in_lower_case() {
        // RFC 4648 §10, BASE16("foobar").
        assert_eq!(encode(b"foobar"), "666f6f626172");
        assert_eq!(decode("666f6f626172").unwrap(), b"foobar");
    }

    #[test]
    fn other_spellings_are_refused() {
        assert_eq!(
            decode("6F"),
            Err(HexError::Character {
                position: 2,
                byte: b'F'
            })
        );
        assert_eq!(decode("666"), Err(HexError::OddLength));
        assert!(decode(" 6").is_err());
        assert_eq!(
            decode_array::<2>("66"),
            Err(HexError::Length {
                expected: 2,
                found: 1
            })
        );
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)).unwrap(), bytes);
        }
    }
}
