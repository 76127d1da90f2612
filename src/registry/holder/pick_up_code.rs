//! Pick-up codes: 28 characters in seven groups, `7K3M-…`, which people copy from paper and type.
//!
//! 26 characters carry 130 random bits; two check characters tell a slip of the pen from a wrong code. The alphabet
//! leaves out `I`, `L`, `O` and `U`; reading forgives case, spaces and hyphens, full-width forms, and `O` for `0`, `I`
//! and `L` for `1`.

use crate::crypto::hmac::HmacKey;
use crate::crypto::random::Random;
use crate::crypto::random::RandomError;
use crate::crypto::random::array;
use crate::secret::Secret;

/// 32 letters and digits that are not mistaken for one another.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters that carry randomness, five bits each.
const RANDOM_CHARACTERS: usize = 26;
/// Characters of a code without what separates its groups.
const CHARACTERS: usize = RANDOM_CHARACTERS + 2;
/// Characters between two hyphens.
const GROUP: usize = 4;
/// The largest prime below 32²: one wrong character, or two neighbours exchanged, always change the remainder.
const MODULUS: u32 = 1021;
/// Tells tags of codes from those of other secrets.
const DOMAIN: &str = "pick-up-code:";

/// A text cannot be a pick-up code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PickUpCodeError {
    /// A character that no code has; counted from 1, without spaces and hyphens.
    #[error("character {position} never stands in a pick-up code")]
    Alphabet {
        /// Which.
        position: usize,
    },
    /// The check characters do not fit: something was mistyped.
    #[error("a character of the pick-up code is wrong, or two were exchanged")]
    CheckCharacters,
    /// Too short or too long.
    #[error("a pick-up code has {CHARACTERS} characters, not {found}")]
    Length {
        /// How many there are.
        found: usize,
    },
}

/// A code of the right form; whether anybody was given it is not known yet. Prints nothing of itself.
#[derive(Debug)]
pub struct PickUpCode(Secret<String>);

impl PickUpCode {
    /// Makes a code.
    ///
    /// # Errors
    /// [`RandomError`] when there is no randomness.
    pub fn generate(random: &dyn Random) -> Result<Self, RandomError> {
        let drawn = Secret::new(array::<RANDOM_CHARACTERS>(random)?);
        let mut code = String::with_capacity(CHARACTERS);
        let mut remainder = 0;
        for byte in drawn.expose() {
            let value = u32::from(byte % 32);
            remainder = (remainder * 32 + value) % MODULUS;
            code.extend(character(value));
        }
        code.extend(character(remainder / 32));
        code.extend(character(remainder % 32));
        Ok(Self(Secret::new(code)))
    }

    /// Reads what somebody typed.
    ///
    /// # Errors
    /// [`PickUpCodeError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PickUpCodeError> {
        let typed = text.chars().map(narrow).filter(|typed| !separates(*typed));
        let found = typed.clone().count();
        if found != CHARACTERS {
            return Err(PickUpCodeError::Length { found });
        }
        let (mut code, mut remainder, mut checked) = (String::with_capacity(CHARACTERS), 0, 0);
        for (index, typed) in typed.enumerate() {
            let position = index + 1;
            let value = value(typed).ok_or(PickUpCodeError::Alphabet { position })?;
            if index < RANDOM_CHARACTERS {
                remainder = (remainder * 32 + value) % MODULUS;
            } else {
                checked = checked * 32 + value;
            }
            code.extend(character(value));
        }
        let code = Secret::new(code);
        if checked == remainder {
            Ok(Self(code))
        } else {
            Err(PickUpCodeError::CheckCharacters)
        }
    }

    /// The keyed digest under which a code is recorded. `pepper` is this installation's own.
    #[must_use]
    pub fn tag(&self, pepper: &HmacKey) -> [u8; 32] {
        let message = Secret::new(format!("{DOMAIN}{}", self.0.expose()));
        pepper.tag(message.expose().as_bytes())
    }

    /// As it is handed over, in groups.
    #[must_use]
    pub fn written(&self) -> Secret<String> {
        let mut written = String::with_capacity(CHARACTERS + CHARACTERS / GROUP);
        for (index, character) in self.0.expose().chars().enumerate() {
            if index > 0 && index % GROUP == 0 {
                written.push('-');
            }
            written.push(character);
        }
        Secret::new(written)
    }
}

/// Half-width, as input methods for Chinese turn it: U+FF01 to U+FF5E stand for U+0021 to U+007E.
fn narrow(typed: char) -> char {
    const WIDE: u32 = 0xfee0;
    match typed {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(typed) - WIDE).unwrap_or(typed),
        _ => typed,
    }
}

fn separates(typed: char) -> bool {
    typed.is_whitespace() || matches!(typed, '-' | '–' | '—' | '_' | '.')
}

fn value(typed: char) -> Option<u32> {
    let meant = match typed.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = ALPHABET
        .iter()
        .position(|known| char::from(*known) == meant)?;
    u32::try_from(place).ok()
}

fn character(value: u32) -> Option<char> {
    let place = usize::try_from(value).ok()?;
    ALPHABET.get(place).map(|byte| char::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random::SeededRandom;

    fn code() -> String {
        let code = PickUpCode::generate(&SeededRandom::new([1; 32])).unwrap();
        code.written().expose().clone()
    }

    fn tag(text: &str) -> Result<[u8; 32], PickUpCodeError> {
        Ok(PickUpCode::parse(text)?.tag(&HmacKey::new(b"pepper")))
    }

    #[test]
    fn a_code_is_read_as_it_was_written_and_as_people_type_it() {
        let code = code();
        assert_eq!(code.len(), 34);
        assert_eq!(code.matches('-').count(), 6);
        let meant = tag(&code).unwrap();
        let wide = |c: char| match c {
            '!'..='~' => char::from_u32(u32::from(c) + 0xfee0).unwrap(),
            other => other,
        };
        for typed in [
            code.to_lowercase(),
            code.replace('-', ""),
            code.replace('-', " "),
            format!("  {}\n", code.replace('-', " — ")),
            code.replace('0', "o").replace('1', "l"),
            code.replace('1', "I"),
            code.chars().map(wide).collect(),
        ] {
            assert_eq!(tag(&typed), Ok(meant), "{typed}");
        }
    }

    #[test]
    fn every_slip_of_one_character_and_every_exchange_of_two_is_noticed() {
        let code = code().replace('-', "");
        for place in 0..CHARACTERS {
            for other in ALPHABET {
                let mut slipped = code.clone().into_bytes();
                if slipped[place] == *other {
                    continue;
                }
                slipped[place] = *other;
                let slipped = String::from_utf8(slipped).unwrap();
                assert_eq!(tag(&slipped), Err(PickUpCodeError::CheckCharacters));
            }
        }
        for place in 1..CHARACTERS {
            let mut exchanged = code.clone().into_bytes();
            exchanged.swap(place - 1, place);
            let exchanged = String::from_utf8(exchanged).unwrap();
            if exchanged != code {
                assert_eq!(tag(&exchanged), Err(PickUpCodeError::CheckCharacters));
            }
        }
    }

    #[test]
    fn what_cannot_be_a_code_is_refused_for_its_reason() {
        assert_eq!(tag(""), Err(PickUpCodeError::Length { found: 0 }));
        let code = code();
        let longer = format!("{code}0");
        assert_eq!(tag(&longer), Err(PickUpCodeError::Length { found: 29 }));
        let strange = format!("U{}", &code[1..]);
        assert_eq!(
            tag(&strange),
            Err(PickUpCodeError::Alphabet { position: 1 })
        );
        let chinese = format!("印{}", &code[1..]);
        assert_eq!(
            tag(&chinese),
            Err(PickUpCodeError::Alphabet { position: 1 })
        );
    }

    #[test]
    fn codes_differ_and_show_nothing_of_themselves() {
        let random = SeededRandom::new([2; 32]);
        let pepper = HmacKey::new(b"pepper");
        let (one, two) = (
            PickUpCode::generate(&random).unwrap(),
            PickUpCode::generate(&random).unwrap(),
        );
        assert_ne!(one.tag(&pepper), two.tag(&pepper));
        assert_ne!(one.tag(&pepper), one.tag(&HmacKey::new(b"other")));
        assert_eq!(format!("{one:?}"), "PickUpCode(<redacted>)");
    }
}
