//! Companies as holders of their own credentials: what they show to be let in, and what is kept of it.
//!
//! There is no account. A company shows a [`pick_up_code`] that it was given with a credential, or signs a
//! [`challenge`] with a certificate of its own, and gets a [`session_token`] for half an hour. Of none of the three is
//! the text kept, only a keyed digest, under which it is found again: whoever reads the database can use none.

pub mod challenge;
pub mod pick_up_code;
pub mod session_token;

use std::time::Duration;

use crate::clock::Timestamp;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;

/// How long a pick-up code is good: it travels on paper, and companies come late.
pub const CODE_VALID_FOR: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// How long a challenge may be answered: a certificate on a USB token, a PIN, perhaps a colleague.
pub const CHALLENGE_VALID_FOR: Duration = Duration::from_secs(10 * 60);
/// How long a session lasts.
pub const SESSION_VALID_FOR: Duration = Duration::from_secs(30 * 60);

/// What is kept of a pick-up code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRecord {
    /// The credential that it was given with.
    pub credential: CredentialId,
    /// Whose credential that is.
    pub uscc: Uscc,
    /// From when it is not accepted any more.
    pub expires_at: Timestamp,
    /// Since when another one stands in its place.
    pub replaced_at: Option<Timestamp>,
}

/// Why a pick-up code is not accepted. Whoever shows it is told none of these apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeRefusal {
    /// Past its time.
    #[error("expired")]
    Expired,
    /// Another one stands in its place.
    #[error("replaced")]
    Replaced,
    /// Nobody was given it.
    #[error("unknown")]
    Unknown,
}

impl CodeRecord {
    /// Whether the code is accepted at `at`.
    ///
    /// # Errors
    /// [`CodeRefusal`], for the audit trail.
    pub fn admit(&self, at: Timestamp) -> Result<(), CodeRefusal> {
        if self.replaced_at.is_some() {
            Err(CodeRefusal::Replaced)
        } else if self.expires_at <= at {
            Err(CodeRefusal::Expired)
        } else {
            Ok(())
        }
    }
}

/// What is kept of a challenge or a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pass {
    /// Whose.
    pub uscc: Uscc,
    /// From when it is not accepted any more.
    pub expires_at: Timestamp,
}

impl Pass {
    /// Whether it is accepted at `at`.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> bool {
        at < self.expires_at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    #[test]
    fn a_code_is_admitted_until_it_expires_or_is_replaced() {
        let record = CodeRecord {
            credential: CredentialId::from_random([1; 16]),
            uscc: Uscc::with_check("91441900MA5ABCDE7").unwrap(),
            expires_at: at(100),
            replaced_at: None,
        };
        assert_eq!(record.admit(at(99)), Ok(()));
        assert_eq!(record.admit(at(100)), Err(CodeRefusal::Expired));
        let replaced = CodeRecord {
            replaced_at: Some(at(50)),
            ..record
        };
        assert_eq!(replaced.admit(at(40)), Err(CodeRefusal::Replaced));
    }

    #[test]
    fn a_pass_ends_with_its_last_moment() {
        let pass = Pass {
            uscc: Uscc::with_check("91441900MA5ABCDE7").unwrap(),
            expires_at: at(100),
        };
        assert!(pass.in_force(at(99)) && !pass.in_force(at(100)));
    }
}
