//! Who calls, and what they say about why.

use std::collections::BTreeSet;

use crate::identifier::uscc::Uscc;
use crate::registry::caller_terms::CallerTerms;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::Scope;

/// The longest text a caller may put into a receipt, in characters (DESIGN: caller's strings).
pub const MAX_CALLER_TEXT_CHARS: usize = 64;

/// An authenticated caller.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The relying party whose key was shown; `public` when none was.
    pub party: RelyingParty,
    /// What that key may do.
    pub scopes: BTreeSet<Scope>,
    /// What it is held to beside.
    pub terms: CallerTerms,
}

/// A company that signed in; only [`App::authenticate_holder`](crate::service::app::App::authenticate_holder) and
/// signing in itself make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    uscc: Uscc,
    /// The tag of the session's token.
    session: [u8; 32],
}

impl Holder {
    pub(in crate::service) const fn new(uscc: Uscc, session: [u8; 32]) -> Self {
        Self { uscc, session }
    }

    pub(in crate::service) const fn session(&self) -> &[u8; 32] {
        &self.session
    }

    /// The company.
    #[must_use]
    pub const fn uscc(&self) -> &Uscc {
        &self.uscc
    }

    /// What the audit trail calls it.
    #[must_use]
    pub fn actor(&self) -> String {
        format!("holder:{}", self.uscc)
    }
}

/// And in bytes of UTF-8: a receipt has room for three each, which all common characters need at most.
pub const MAX_CALLER_TEXT_BYTES: usize = 3 * MAX_CALLER_TEXT_CHARS;

/// A short text of the caller's own that is copied into receipts and the audit trail: at most
/// [`MAX_CALLER_TEXT_CHARS`] characters and
/// [`MAX_CALLER_TEXT_BYTES`] bytes, none of them a control or bidirectional formatting character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallerText(String);

/// Why a caller's text was refused.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CallerTextError {
    /// It holds a control or bidirectional formatting character.
    #[error("character {position} is a control or text direction character")]
    ForbiddenCharacter {
        /// Counted from 1.
        position: usize,
    },
    /// It is longer than [`MAX_CALLER_TEXT_CHARS`].
    #[error("{found} characters where at most {MAX_CALLER_TEXT_CHARS} are allowed")]
    TooLong {
        /// Characters found.
        found: usize,
    },
    /// It is longer than [`MAX_CALLER_TEXT_BYTES`].
    #[error("{found} bytes of UTF-8 where at most {MAX_CALLER_TEXT_BYTES} are allowed")]
    TooManyBytes {
        /// Bytes found.
        found: usize,
    },
}

impl CallerText {
    /// Checks a caller's text.
    ///
    /// # Errors
    /// [`CallerTextError`] names what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, CallerTextError> {
        let found = text.chars().count();
        if found > MAX_CALLER_TEXT_CHARS {
            return Err(CallerTextError::TooLong { found });
        }
        if text.len() > MAX_CALLER_TEXT_BYTES {
            let found = text.len();
            return Err(CallerTextError::TooManyBytes { found });
        }
        match text.chars().position(is_forbidden) {
            Some(index) => Err(CallerTextError::ForbiddenCharacter {
                position: index + 1,
            }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Control characters, and the Unicode characters that turn the direction of text (UAX #9 §2).
fn is_forbidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What the caller says about a call; none of it is checked for truth.
#[derive(Debug, Clone, Default)]
pub struct CallContext {
    /// The purpose, by its id in [`crate::registry::purpose`]; absent means the default purpose.
    pub purpose: Option<String>,
    /// The human at the counter.
    pub operator: Option<CallerText>,
    /// The matter the call is made for.
    pub matter_code: Option<CallerText>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixty_four_characters_are_allowed_and_one_more_is_not() {
        assert!(CallerText::parse(&"印".repeat(64)).is_ok());
        assert_eq!(
            CallerText::parse(&"印".repeat(65)),
            Err(CallerTextError::TooLong { found: 65 })
        );
    }

    #[test]
    fn rare_characters_fill_the_room_of_a_receipt_sooner() {
        assert!(CallerText::parse(&"𠮷".repeat(48)).is_ok());
        assert_eq!(
            CallerText::parse(&"𠮷".repeat(49)),
            Err(CallerTextError::TooManyBytes { found: 196 })
        );
    }

    #[test]
    fn text_that_could_rewrite_a_page_is_refused() {
        for (text, position) in [("a\u{202e}b", 2), ("\u{7}", 1), ("ab\n", 3)] {
            assert_eq!(
                CallerText::parse(text),
                Err(CallerTextError::ForbiddenCharacter { position })
            );
        }
    }
}
