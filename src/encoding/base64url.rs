//! base64url without padding (RFC 4648 §5), as JOSE uses it (RFC 7515 §2).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::GeneralPurpose;
use base64::engine::general_purpose::GeneralPurposeConfig;

use crate::encoding::base64::Base64Error;
use crate::encoding::base64::decode_with;

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(false),
);

/// base64url without padding.
pub fn encode(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// The same, appended to `text`.
pub fn encode_into(bytes: &[u8], text: &mut String) {
    ENGINE.encode_string(bytes, text);
}

/// Reads base64url of at most `max_bytes` decoded bytes: no padding, no white space, unused bits zero.
///
/// Each byte string has exactly one text that is accepted here.
///
/// # Errors
/// See [`Base64Error`].
pub fn decode(text: &str, max_bytes: usize) -> Result<Vec<u8>, Base64Error> {
    decode_with(&ENGINE, text.as_bytes(), max_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_example_of_rfc_7515_holds() {
        // RFC 7515 appendix C.
        let bytes = [3, 236, 255, 224, 193];
        assert_eq!(encode(&bytes), "A-z_4ME");
        assert_eq!(decode("A-z_4ME", 5).unwrap(), bytes);
    }

    #[test]
    fn every_other_spelling_is_refused() {
        assert!(decode("A-z_4ME=", 9).is_err(), "padding");
        assert!(decode("A-z_ 4ME", 9).is_err(), "white space");
        assert!(decode("A-z_4ME\n", 9).is_err(), "line end");
        assert!(decode("A+z/4ME", 9).is_err(), "other alphabet");
        assert_eq!(decode("A-z_4MF", 9), Err(Base64Error::TrailingBits));
        assert_eq!(decode("A-z_4", 9), Err(Base64Error::Length));
        assert_eq!(
            decode("A-z_4ME", 4),
            Err(Base64Error::TooLong { max_bytes: 4 })
        );
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes), bytes.len()).unwrap(), bytes);
        }

        #[test]
        fn whatever_is_accepted_has_one_spelling(text in "[A-Za-z0-9_=-]{0,12}") {
            if let Ok(bytes) = decode(&text, 12) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }
    }
}
