//! Session tokens: `yxs_` and 43 characters of base64url, 256 random bits.

use crate::crypto::hmac::HmacKey;
use crate::crypto::random::Random;
use crate::crypto::random::RandomError;
use crate::crypto::random::array;
use crate::encoding::base64url;
use crate::secret::Secret;

/// What every token begins with and no API key does: it names the kind, and scanners find leaked ones.
const MARK: &str = "yxs_";
/// Characters of the random part.
const SECRET_CHARACTERS: usize = 43;

/// A text is no session token of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a session token is `yxs_` and 43 characters of base64url")]
pub struct SessionTokenError;

/// A text of the form of a token; whether a session stands behind it is not known yet. Prints nothing of itself.
#[derive(Debug)]
pub struct SessionToken(Secret<String>);

impl SessionToken {
    /// Makes a token.
    ///
    /// # Errors
    /// [`RandomError`] when there is no randomness.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        let secret = Secret::new(array::<32>(random)?);
        let token = format!("{MARK}{}", base64url::encode(secret.expose()));
        Ok(Self(Secret::new(token)))
    }

    /// Whether a text means to be a token, well-formed or not.
    #[must_use]
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(MARK)
    }

    /// Reads what was shown.
    ///
    /// # Errors
    /// [`SessionTokenError`].
    pub fn parse(text: &str) -> Result<Self, SessionTokenError> {
        let secret = text.strip_prefix(MARK).ok_or(SessionTokenError)?;
        let is_shaped = secret.len() == SECRET_CHARACTERS
            && secret
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        if is_shaped {
            Ok(Self(Secret::new(text.to_owned())))
        } else {
            Err(SessionTokenError)
        }
    }

    /// The keyed digest under which a session is recorded. No other secret's text begins as a token does.
    #[must_use]
    pub fn tag(&self, pepper: &HmacKey) -> [u8; 32] {
        pepper.tag(self.0.expose().as_bytes())
    }

    /// The token itself, for the one answer that carries it.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random::SeededRandom;
    use crate::registry::api_key;

    #[test]
    fn a_token_is_read_back_and_is_no_api_key() {
        let random = SeededRandom::new([1; 32]);
        let token = SessionToken::generate(&random).unwrap();
        let pepper = HmacKey::new(b"pepper");
        let read = SessionToken::parse(token.expose()).unwrap();
        assert_eq!(read.tag(&pepper), token.tag(&pepper));
        assert!(api_key::parse(token.expose()).is_err());
        let other = SessionToken::generate(&random).unwrap();
        assert_ne!(other.tag(&pepper), token.tag(&pepper));
        assert_eq!(format!("{token:?}"), "SessionToken(<redacted>)");
    }

    #[test]
    fn other_texts_are_refused() {
        let good = format!("yxs_{}", "A".repeat(43));
        assert!(SessionToken::parse(&good).is_ok());
        for text in [
            String::new(),
            "yxs_".to_owned(),
            format!("{good}A"),
            good.replacen('A', "á", 1),
            good.replacen('A', " ", 1),
            format!("yx_abcd2345_{}", "A".repeat(43)),
        ] {
            assert!(SessionToken::parse(&text).is_err(), "{text}");
        }
    }
}
