//! Standard base64 (RFC 4648 §4), as documents travel in JSON bodies.

use std::borrow::Cow;

use base64::DecodeError;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::general_purpose::GeneralPurposeConfig;

/// Writes padding, and demands it in full.
const PADDED: GeneralPurpose = engine(DecodePaddingMode::RequireCanonical);
/// Demands that there be none.
const UNPADDED: GeneralPurpose = engine(DecodePaddingMode::RequireNone);

const fn engine(padding: DecodePaddingMode) -> GeneralPurpose {
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(padding)
        .with_decode_allow_trailing_bits(false);
    GeneralPurpose::new(&alphabet::STANDARD, config)
}

/// Padded standard base64 on one line.
pub fn encode(bytes: &[u8]) -> String {
    PADDED.encode(bytes)
}

/// Reads standard base64 of at most `max_bytes` decoded bytes.
///
/// ASCII white space anywhere is tolerated, and padding may be absent, because people paste. A position in an
/// error counts characters without that white space.
///
/// # Errors
/// See [`Base64Error`].
pub fn decode(text: &str, max_bytes: usize) -> Result<Vec<u8>, Base64Error> {
    let packed: Cow<'_, [u8]> = if text.bytes().any(|byte| byte.is_ascii_whitespace()) {
        text.bytes()
            .filter(|byte| !byte.is_ascii_whitespace())
            .collect()
    } else {
        text.as_bytes().into()
    };
    let engine = if packed.ends_with(b"=") {
        &PADDED
    } else {
        &UNPADDED
    };
    decode_with(engine, &packed, max_bytes)
}

/// Decodes after bounding the work: nothing is decoded that could exceed `max_bytes`.
pub(super) fn decode_with(
    engine: &GeneralPurpose,
    text: &[u8],
    max_bytes: usize,
) -> Result<Vec<u8>, Base64Error> {
    // Four characters carry three bytes; one more group leaves room for the last one's padding.
    let max_characters = max_bytes.div_ceil(3).saturating_mul(4);
    if text.len() > max_characters {
        return Err(Base64Error::TooLong { max_bytes });
    }
    let bytes = engine.decode(text).map_err(Base64Error::from)?;
    if bytes.len() > max_bytes {
        return Err(Base64Error::TooLong { max_bytes });
    }
    Ok(bytes)
}

/// Why a text is not base64, or not the canonical base64 of any bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Base64Error {
    /// A character outside the alphabet, or padding before the end.
    #[error("character {position} is not base64 (byte 0x{byte:02x})")]
    Character {
        /// Counted from 1.
        position: usize,
        /// What stands there.
        byte: u8,
    },
    /// No number of bytes has an encoding of this length: something was cut off.
    #[error("base64 text has an impossible length: it is cut off")]
    Length,
    /// Padding where there must be none, or too much or too little of it.
    #[error("wrong base64 padding")]
    Padding,
    /// The decoded bytes would exceed the limit.
    #[error("base64 text encodes more than {max_bytes} bytes")]
    TooLong {
        /// The limit, in decoded bytes.
        max_bytes: usize,
    },
    /// Unused bits of the last character are set (RFC 4648 §3.5).
    #[error("unused bits are set in the last base64 character")]
    TrailingBits,
}

impl From<DecodeError> for Base64Error {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::InvalidByte(offset, byte) => Self::Character {
                position: offset.saturating_add(1),
                byte,
            },
            DecodeError::InvalidLength(_) => Self::Length,
            DecodeError::InvalidLastSymbol { .. } => Self::TrailingBits,
            DecodeError::InvalidPadding => Self::Padding,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// RFC 4648 §10.
    const VECTORS: [(&str, &str); 7] = [
        ("", ""),
        ("f", "Zg=="),
        ("fo", "Zm8="),
        ("foo", "Zm9v"),
        ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ];

    #[test]
    fn the_examples_of_rfc_4648_hold() {
        for (bytes, text) in VECTORS {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text, 6).unwrap(), bytes.as_bytes());
        }
    }

    #[test]
    fn wrapped_and_unpadded_text_is_read() {
        assert_eq!(decode(" Zm9v\r\n\tYg", 4).unwrap(), b"foob");
    }

    #[test]
    fn what_is_not_canonical_is_refused() {
        assert_eq!(decode("Zh==", 9), Err(Base64Error::TrailingBits));
        assert_eq!(decode("Zg=", 9), Err(Base64Error::Padding));
        assert_eq!(decode("Z", 9), Err(Base64Error::Length));
        assert!(matches!(
            decode("Zg==Zg==", 9),
            Err(Base64Error::Character {
                position: 3,
                byte: b'='
            })
        ));
        assert_eq!(
            decode("Zm-v", 9),
            Err(Base64Error::Character {
                position: 3,
                byte: b'-'
            })
        );
    }

    #[test]
    fn the_limit_counts_decoded_bytes() {
        assert_eq!(decode("Zm9v", 3).unwrap(), b"foo");
        assert_eq!(
            decode("Zm9v", 2),
            Err(Base64Error::TooLong { max_bytes: 2 })
        );
        assert_eq!(
            decode("Zm9vYg==", 3),
            Err(Base64Error::TooLong { max_bytes: 3 })
        );
        assert_eq!(
            decode("Zg==", 0),
            Err(Base64Error::TooLong { max_bytes: 0 })
        );
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(bytes: Vec<u8>) {
            let text = encode(&bytes);
            prop_assert_eq!(decode(&text, bytes.len()).unwrap(), bytes.clone());
            prop_assert_eq!(decode(text.trim_end_matches('='), bytes.len()).unwrap(), bytes);
        }
    }
}
