//! The organisation code (组织机构代码) of GB 11714-1997: eight characters and a check character.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

/// The weights of the eight characters.
const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// A well-formed organisation code, written with its hyphen: `71526726-X`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrganisationCode(String);

impl OrganisationCode {
    /// Reads a code in its notation: eight characters, a hyphen, the check character.
    ///
    /// # Errors
    /// See [`OrganisationCodeError`].
    pub fn parse(text: &str) -> Result<Self, OrganisationCodeError> {
        let (body, check) = text
            .split_once('-')
            .ok_or(OrganisationCodeError::Notation)?;
        let expected = check_character(body).ok_or(OrganisationCodeError::Notation)?;
        let mut check = check.chars();
        match (check.next(), check.next()) {
            (Some(found), None) if found == expected => Ok(Self(text.to_owned())),
            (Some(found), None) => Err(OrganisationCodeError::CheckCharacter { expected, found }),
            (Some(_) | None, _) => Err(OrganisationCodeError::Notation),
        }
    }

    /// The code with its hyphen.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The check character of the eight characters before it (GB 11714-1997): 11 minus the weighted sum
/// modulo 11, where 10 is written `X` and 11 is written `0`.
///
/// None unless there are exactly eight digits or upper-case letters.
pub fn check_character(body: &str) -> Option<char> {
    if body.len() != WEIGHTS.len() {
        return None;
    }
    let mut sum = 0;
    for (character, weight) in body.chars().zip(WEIGHTS) {
        sum += value_of(character)? * weight;
    }
    match 11 - sum % 11 {
        10 => Some('X'),
        11 => Some('0'),
        digit => char::from_digit(digit, 10),
    }
}

/// Digits are worth themselves, letters from A = 10 to Z = 35.
fn value_of(character: char) -> Option<u32> {
    (!character.is_ascii_lowercase())
        .then(|| character.to_digit(36))
        .flatten()
}

impl fmt::Display for OrganisationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for OrganisationCode {
    type Error = OrganisationCodeError;

    fn try_from(text: String) -> Result<Self, OrganisationCodeError> {
        Self::parse(&text)
    }
}

impl From<OrganisationCode> for String {
    fn from(code: OrganisationCode) -> Self {
        code.0
    }
}

/// Why a text is not an organisation code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrganisationCodeError {
    /// One of the characters is wrong.
    #[error("the check character is `{found}`, but the other characters demand `{expected}`")]
    CheckCharacter {
        /// What the first eight characters demand.
        expected: char,
        /// What stands behind the hyphen.
        found: char,
    },
    /// Not eight digits or upper-case letters, a hyphen, and one character.
    #[error("an organisation code is written like `71526726-X`")]
    Notation,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn check_characters_cover_both_special_cases() {
        // 腾讯 (remainder 1, hence X), 万科 (remainder 0, hence 0), 财政部.
        assert_eq!(check_character("71526726"), Some('X'));
        assert_eq!(check_character("19218149"), Some('0'));
        assert_eq!(check_character("00001318"), Some('6'));
        assert_eq!(check_character("MB014302"), Some('8'));
    }

    #[test]
    fn other_notations_are_refused() {
        assert_eq!(
            OrganisationCode::parse("71526726-0"),
            Err(OrganisationCodeError::CheckCharacter {
                expected: 'X',
                found: '0'
            })
        );
        for text in [
            "",
            "-",
            "71526726X",
            "71526726-",
            "71526726-XX",
            "7152672-X",
            "mb014302-8",
            "7152672６-X",
            "71526726-X ",
        ] {
            assert_eq!(
                OrganisationCode::parse(text),
                Err(OrganisationCodeError::Notation),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_as_the_same(body in "[0-9A-Z]{8}") {
            let text = format!("{body}-{}", check_character(&body).unwrap());
            let code = OrganisationCode::parse(&text).unwrap();
            let json = serde_json::to_string(&code).unwrap();
            prop_assert_eq!(serde_json::from_str::<OrganisationCode>(&json).unwrap(), code);
        }
    }
}
