//! API keys: `yx_`, a visible part of 8 characters, `_`, a secret part of 43.
//!
//! The visible part finds the record and names the key in logs; the whole key is kept only as a keyed
//! digest, so that neither a copy of the database nor a log line lets anybody in.

use crate::crypto::hmac::HmacKey;
use crate::crypto::random::Random;
use crate::crypto::random::RandomError;
use crate::crypto::random::array;
use crate::encoding::base64url;
use crate::secret::Secret;

/// What every key begins with, so that leaked ones are found by scanners.
const MARK: &str = "yx_";
/// Characters of the visible part: 40 bits, enough that two keys hardly ever share it.
pub const PREFIX_CHARACTERS: usize = 8;
/// Characters of the secret part: 256 bits in base64url.
pub const SECRET_CHARACTERS: usize = 43;
/// Lower-case letters and digits that are not mistaken for one another (RFC 4648 §6, in lower case).
const PREFIX_ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";

/// A text is not an API key of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyError {
    /// A character that no key has.
    #[error("an API key consists of letters, digits, `-` and `_`")]
    Alphabet,
    /// Too short or too long.
    #[error("an API key has 55 characters")]
    Length,
    /// Does not begin as our keys do.
    #[error("an API key begins with `yx_`, eight letters or digits, and `_`")]
    Shape,
}

/// A text of the form of a key; whether it is anybody's key is not known yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PresentedKey<'a> {
    full: &'a str,
    prefix: &'a str,
}

impl<'a> PresentedKey<'a> {
    /// The visible part.
    #[must_use]
    pub const fn prefix(&self) -> &'a str {
        self.prefix
    }

    /// The whole key, secret.
    #[must_use]
    pub const fn full(&self) -> &'a str {
        self.full
    }
}

impl std::fmt::Debug for PresentedKey<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{MARK}{}_<redacted>", self.prefix)
    }
}

/// Makes a key: the whole, to be shown once, and its visible part.
///
/// # Errors
/// [`RandomError`] when there is no randomness.
pub fn generate(random: &dyn Random) -> Result<(Secret<String>, String), RandomError> {
    let visible: [u8; PREFIX_CHARACTERS] = array(random)?;
    let prefix: String = visible
        .iter()
        .filter_map(|byte| PREFIX_ALPHABET.get(usize::from(byte % 32)))
        .map(|byte| char::from(*byte))
        .collect();
    let secret = Secret::new(array::<32>(random)?);
    let full = Secret::new(format!(
        "{MARK}{prefix}_{}",
        base64url::encode(secret.expose())
    ));
    Ok((full, prefix))
}

/// The keyed digest under which a key is recorded. `pepper` is this installation's own.
#[must_use]
pub fn tag(pepper: &HmacKey, full: &str) -> [u8; 32] {
    pepper.tag(full.as_bytes())
}

/// Splits what a caller sent as its key.
///
/// # Errors
/// [`ApiKeyError`]: it has not the form of one.
pub fn parse(text: &str) -> Result<PresentedKey<'_>, ApiKeyError> {
    if text.len() != MARK.len() + PREFIX_CHARACTERS + 1 + SECRET_CHARACTERS {
        return Err(ApiKeyError::Length);
    }
    if !text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    {
        return Err(ApiKeyError::Alphabet);
    }
    let rest = text.strip_prefix(MARK).ok_or(ApiKeyError::Shape)?;
    let (prefix, secret) = rest
        .split_at_checked(PREFIX_CHARACTERS)
        .ok_or(ApiKeyError::Shape)?;
    let shaped =
        prefix.bytes().all(|byte| PREFIX_ALPHABET.contains(&byte)) && secret.starts_with('_');
    if shaped {
        Ok(PresentedKey { full: text, prefix })
    } else {
        Err(ApiKeyError::Shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random::SeededRandom;

    #[test]
    fn a_generated_key_parses_to_its_prefix() {
        let random = SeededRandom::new([1; 32]);
        let (full, prefix) = generate(&random).unwrap();
        let parsed = parse(full.expose()).unwrap();
        assert_eq!(parsed.prefix(), prefix);
        assert_eq!(parsed.full(), full.expose());
        assert_eq!(full.expose().len(), 55);
        let (other, _) = generate(&random).unwrap();
        assert_ne!(full.expose(), other.expose());
    }

    #[test]
    fn tags_depend_on_key_and_pepper() {
        let (pepper, other) = (HmacKey::new(b"one"), HmacKey::new(b"two"));
        assert_eq!(tag(&pepper, "yx_a"), tag(&pepper, "yx_a"));
        assert_ne!(tag(&pepper, "yx_a"), tag(&pepper, "yx_b"));
        assert_ne!(tag(&pepper, "yx_a"), tag(&other, "yx_a"));
    }

    #[test]
    fn other_texts_are_refused_for_their_reason() {
        let good = format!("yx_abcd2345_{}", "A".repeat(43));
        assert!(parse(&good).is_ok());
        assert_eq!(parse(""), Err(ApiKeyError::Length));
        assert_eq!(parse(&format!("{good}A")), Err(ApiKeyError::Length));
        assert_eq!(parse(&good.replace('A', "á")), Err(ApiKeyError::Length));
        assert_eq!(
            parse(&good.replacen('A', " ", 1)),
            Err(ApiKeyError::Alphabet)
        );
        assert_eq!(parse(&good.replace("yx_", "xy_")), Err(ApiKeyError::Shape));
        assert_eq!(
            parse(&good.replace("abcd", "ABCD")),
            Err(ApiKeyError::Shape)
        );
        assert_eq!(parse(&good.replace("5_A", "5AA")), Err(ApiKeyError::Shape));
    }

    #[test]
    fn debug_shows_the_prefix_only() {
        let key = format!("yx_abcd2345_{}", "A".repeat(43));
        assert_eq!(
            format!("{:?}", parse(&key).unwrap()),
            "yx_abcd2345_<redacted>"
        );
    }
}
