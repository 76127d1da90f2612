//! Names that we give to things ourselves: `market-regulation`, `bank-a`.

/// The longest name. It appears in URLs, file names, logs and receipts, which have room for 32 bytes.
pub const MAX_SLUG_CHARACTERS: usize = 32;

/// A name is not of the form `words-joined-by-hyphens`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{found}` is not 1 to 32 lower-case letters, digits and single hyphens, starting with a letter"
)]
pub struct SlugError {
    /// What was given, shortened.
    pub found: String,
}

/// Checks that `text` is lower-case ASCII words joined by single hyphens, starting with a letter.
///
/// # Errors
/// [`SlugError`] otherwise.
pub fn check_slug(text: &str) -> Result<(), SlugError> {
    let shaped = text.len() <= MAX_SLUG_CHARACTERS
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && !text.ends_with('-')
        && !text.contains("--")
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if shaped {
        Ok(())
    } else {
        let found = text.chars().take(MAX_SLUG_CHARACTERS).collect();
        Err(SlugError { found })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_words_joined_by_hyphens() {
        for good in ["a", "state-tax", "bank-2", "x1-y2-z3"] {
            assert_eq!(check_slug(good), Ok(()), "{good}");
        }
        assert_eq!(check_slug(&"a".repeat(32)), Ok(()));
    }

    #[test]
    fn refuses_everything_else() {
        for bad in [
            "",
            "-a",
            "a-",
            "a--b",
            "A",
            "1a",
            "a b",
            "a_b",
            "税务",
            "a/b",
            "a\n",
            &"a".repeat(33),
        ] {
            assert!(check_slug(bad).is_err(), "{bad}");
        }
    }
}
