//! The fifteen-digit registration number (注册号) that market regulators gave out before the USCC
//! (GS 15-2006); it still stands on old papers and in old records.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

const LENGTH: usize = 15;

/// Fifteen digits: six of the registering authority, eight of a sequence, one check digit.
///
/// Published numbers carry wrong check digits, so a wrong one is a warning, never a refusal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RegistrationNumber(String);

impl RegistrationNumber {
    /// Reads fifteen ASCII digits.
    ///
    /// # Errors
    /// See [`RegistrationNumberError`].
    pub fn parse(text: &str) -> Result<Self, RegistrationNumberError> {
        let wrong = text
            .chars()
            .zip(1..)
            .find(|(character, _)| !character.is_ascii_digit());
        if let Some((found, position)) = wrong {
            return Err(RegistrationNumberError::Digit { position, found });
        }
        if text.len() != LENGTH {
            return Err(RegistrationNumberError::Length { found: text.len() });
        }
        Ok(Self(text.to_owned()))
    }

    /// The fifteen digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The registering authority: six digits, the region first.
    pub fn authority(&self) -> &str {
        self.0.get(..6).unwrap_or_default()
    }

    /// What is odd about the number without making it wrong.
    pub fn warnings(&self) -> Vec<RegistrationNumberWarning> {
        let found = self.0.chars().next_back();
        check_digit(&self.0)
            .zip(found)
            .filter(|(expected, found)| expected != found)
            .map(|(expected, found)| RegistrationNumberWarning::CheckDigit { expected, found })
            .into_iter()
            .collect()
    }
}

/// The check digit of the first fourteen digits (ISO/IEC 7064, MOD 11,10).
fn check_digit(digits: &str) -> Option<char> {
    let mut product = 10;
    for digit in digits.chars().take(LENGTH - 1) {
        let sum = (product + digit.to_digit(10)?) % 10;
        product = if sum == 0 { 10 } else { sum } * 2 % 11;
    }
    char::from_digit((11 - product) % 10, 10)
}

impl fmt::Display for RegistrationNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RegistrationNumber {
    type Error = RegistrationNumberError;

    fn try_from(text: String) -> Result<Self, RegistrationNumberError> {
        Self::parse(&text)
    }
}

impl From<RegistrationNumber> for String {
    fn from(number: RegistrationNumber) -> Self {
        number.0
    }
}

/// Why a text is not a registration number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationNumberError {
    /// Not an ASCII digit.
    #[error("character {position} (`{found}`) of the registration number is not a digit")]
    Digit {
        /// Counted from 1.
        position: usize,
        /// What stands there.
        found: char,
    },
    /// Not fifteen digits.
    #[error("a registration number has 15 digits, not {found}")]
    Length {
        /// How many there are.
        found: usize,
    },
}

/// What is odd about a registration number that is accepted all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegistrationNumberWarning {
    /// The last digit does not fit the others.
    CheckDigit {
        /// What the first fourteen digits demand.
        expected: char,
        /// The fifteenth digit.
        found: char,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_published_number_is_read() {
        let number = RegistrationNumber::parse("310141000157096").unwrap();
        assert_eq!(number.authority(), "310141");
        assert_eq!(number.warnings(), []);
        assert_eq!(number.to_string(), "310141000157096");
    }

    #[test]
    fn a_wrong_check_digit_is_a_warning() {
        let number = RegistrationNumber::parse("441900400125191").unwrap();
        assert_eq!(
            number.warnings(),
            [RegistrationNumberWarning::CheckDigit {
                expected: '0',
                found: '1'
            }]
        );
    }

    #[test]
    fn anything_but_fifteen_digits_is_refused() {
        assert_eq!(
            RegistrationNumber::parse("31014100015709"),
            Err(RegistrationNumberError::Length { found: 14 })
        );
        assert_eq!(
            RegistrationNumber::parse("31014100015709６"),
            Err(RegistrationNumberError::Digit {
                position: 15,
                found: '６'
            })
        );
        assert!(serde_json::from_str::<RegistrationNumber>("310141000157096").is_err());
    }
}
