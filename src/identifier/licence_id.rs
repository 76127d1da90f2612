//! The identifier of an electronic licence (证照标识, ZZBS) of GB/T 36904-2018.
//!
//! `1.2.156.3005.2.<type 21>.<issuer>.<serial>.<version 3>.<check>`, where the type is the USCC of the
//! body that defined it and three digits.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

/// The arc under which every licence identifier stands.
const ROOT: &str = "1.2.156.3005.2.";
/// The characters, in the order of their values.
const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const TYPE_CHARACTERS: usize = 21;
const TYPE_DIGITS: usize = 3;
const VERSION_DIGITS: usize = 3;
/// Issuers are USCCs (18) or region codes (6); serials are as long as a UUID in hexadecimal at most.
const MAX_PART_CHARACTERS: usize = 32;

/// A well-formed licence identifier, check character right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LicenceId(String);

impl LicenceId {
    /// Reads an identifier in full, root arc included.
    ///
    /// # Errors
    /// See [`LicenceIdError`].
    pub fn parse(text: &str) -> Result<Self, LicenceIdError> {
        let parts: Vec<&str> = text
            .strip_prefix(ROOT)
            .ok_or(LicenceIdError::Root)?
            .split('.')
            .collect();
        let [type_code, issuer, serial, version, check] = parts.as_slice() else {
            return Err(LicenceIdError::Parts { found: parts.len() });
        };
        require(is_type_code(type_code), "type")?;
        require(is_part(issuer), "issuer")?;
        require(is_part(serial), "serial")?;
        require(ends_in_digits(version, 0, VERSION_DIGITS), "version")?;
        let expected = check_character(&[type_code, issuer, serial, version]);
        if check.chars().ne([expected]) {
            return Err(LicenceIdError::CheckCharacter {
                expected,
                found: (*check).to_owned(),
            });
        }
        Ok(Self(text.to_owned()))
    }

    /// The whole identifier.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The type of licence: a USCC and three digits.
    pub fn type_code(&self) -> &str {
        self.part(0)
    }

    /// Who issued the licence: mostly a USCC, not looked at.
    pub fn issuer(&self) -> &str {
        self.part(1)
    }

    /// The issuer's serial number.
    pub fn serial(&self) -> &str {
        self.part(2)
    }

    /// Three digits.
    pub fn version(&self) -> &str {
        self.part(3)
    }

    fn part(&self, index: usize) -> &str {
        let behind_root = self.0.strip_prefix(ROOT).unwrap_or_default();
        behind_root.split('.').nth(index).unwrap_or_default()
    }
}

fn require(fits: bool, name: &'static str) -> Result<(), LicenceIdError> {
    if fits {
        return Ok(());
    }
    Err(LicenceIdError::Part { name })
}

fn is_type_code(part: &str) -> bool {
    is_part(part) && ends_in_digits(part, TYPE_CHARACTERS - TYPE_DIGITS, TYPE_DIGITS)
}

/// Whether `count` digits, and nothing else, stand behind the first `before` bytes.
fn ends_in_digits(part: &str, before: usize, count: usize) -> bool {
    part.get(before..)
        .is_some_and(|end| end.len() == count && end.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_part(part: &str) -> bool {
    (1..=MAX_PART_CHARACTERS).contains(&part.len())
        && part.chars().all(|character| ALPHABET.contains(character))
}

/// The check character of the parts read as one text (ISO/IEC 7064, MOD 37,36); all their characters
/// are known to be of the alphabet.
fn check_character(parts: &[&str; 4]) -> char {
    let values = parts
        .iter()
        .flat_map(|part| part.chars())
        .filter_map(|character| ALPHABET.find(character));
    let product = values.fold(36, |product, value| match (product + value) % 36 {
        0 => 36 * 2 % 37,
        sum => sum * 2 % 37,
    });
    ALPHABET
        .chars()
        .nth((37 - product) % 36)
        .unwrap_or_default()
}

impl fmt::Display for LicenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for LicenceId {
    type Error = LicenceIdError;

    fn try_from(text: String) -> Result<Self, LicenceIdError> {
        Self::parse(&text)
    }
}

impl From<LicenceId> for String {
    fn from(id: LicenceId) -> Self {
        id.0
    }
}

/// Why a text is not a licence identifier.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LicenceIdError {
    /// One of the characters is wrong.
    #[error("the check character is `{found}`, but the other characters demand `{expected}`")]
    CheckCharacter {
        /// What the parts before it demand.
        expected: char,
        /// The last part.
        found: String,
    },
    /// A part has the wrong length or characters outside `0-9A-Z`.
    #[error("the {name} of the licence identifier is malformed")]
    Part {
        /// Which part.
        name: &'static str,
    },
    /// Not five parts behind the root arc.
    #[error("a licence identifier has 5 parts behind its root, not {found}")]
    Parts {
        /// How many there are.
        found: usize,
    },
    /// Another arc than 1.2.156.3005.2.
    #[error("a licence identifier begins with `1.2.156.3005.2.`")]
    Root,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REAL: &str = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U";

    #[test]
    fn a_real_identifier_is_read() {
        let id = LicenceId::parse(REAL).unwrap();
        assert_eq!(id.type_code(), "11100000000013338W011");
        assert_eq!(id.issuer(), "11430000006122244L");
        assert_eq!(id.serial(), "20230000403");
        assert_eq!(id.version(), "001");
        assert_eq!(id.to_string(), REAL);
    }

    #[test]
    fn each_thing_wrong_has_its_own_error() {
        let part = |name| LicenceIdError::Part { name };
        for (altered, expected) in [
            (REAL.replace("3005.2", "3005.3"), LicenceIdError::Root),
            (REAL.replace(".U", ""), LicenceIdError::Parts { found: 4 }),
            (format!("{REAL}.U"), LicenceIdError::Parts { found: 6 }),
            (REAL.replace("W011", "W"), part("type")),
            (REAL.replace("W011", "W01A"), part("type")),
            (REAL.replace("11430000006122244L", ""), part("issuer")),
            (REAL.replace("20230000403", "2023-403"), part("serial")),
            (REAL.replace("20230000403", &"1".repeat(33)), part("serial")),
            (REAL.replace(".001.", ".0001."), part("version")),
            (REAL.replace(".001.", ".00A."), part("version")),
            (
                REAL.replace(".U", ".V"),
                LicenceIdError::CheckCharacter {
                    expected: 'U',
                    found: "V".to_owned(),
                },
            ),
            (
                REAL.replace(".U", ".UU"),
                LicenceIdError::CheckCharacter {
                    expected: 'U',
                    found: "UU".to_owned(),
                },
            ),
        ] {
            assert_eq!(LicenceId::parse(&altered), Err(expected), "{altered}");
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_as_the_same(
            type_code in "[0-9A-Z]{18}[0-9]{3}",
            issuer in "[0-9A-Z]{1,18}",
            serial in "[0-9A-Z]{1,32}",
            version in "[0-9]{3}",
        ) {
            let check = check_character(&[&type_code, &issuer, &serial, &version]);
            let text = format!("{ROOT}{type_code}.{issuer}.{serial}.{version}.{check}");
            let id = LicenceId::parse(&text).unwrap();
            let json = serde_json::to_string(&id).unwrap();
            prop_assert_eq!(serde_json::from_str::<LicenceId>(&json).unwrap(), id);
        }
    }
}
