//! What becomes of a credential after it is issued: pure transitions, final ends.

use crate::clock::Timestamp;
use crate::credential::status_list::StatusValue;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::text::Text;
use serde::Deserialize;
use serde::Serialize;

/// The longest reason for a change, in characters.
pub const MAX_REASON_CHARACTERS: usize = 200;

/// Why somebody suspended or revoked: one line of text, shown to the holder.
pub type ChangeReason = Text<MAX_REASON_CHARACTERS>;

/// Who changed a credential's state, when and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: RelyingPartyId,
    /// Why.
    pub reason: ChangeReason,
}

/// Why the service itself ends a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutomaticChange {
    /// A fact that stands in it changed.
    FactChanged,
    /// A newer one of the same type was issued to the company.
    NewerIssued,
}

impl AutomaticChange {
    /// The reason for its holder to read.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "both texts are printable and short; a test makes them"
    )]
    pub fn reason(self) -> ChangeReason {
        let text = match self {
            Self::FactChanged => "登记事项已变更 a registered fact changed",
            Self::NewerIssued => "已签发新凭证 a newer credential was issued",
        };
        ChangeReason::parse(text).expect("a printable text of fewer than 200 characters")
    }
}

/// Whether a credential stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "lowercase", deny_unknown_fields)]
pub enum CredentialState {
    /// Its time is over.
    Expired,
    /// Taken back for good.
    Revoked(Change),
    /// A later credential took its place when a fact changed.
    Superseded(Change),
    /// Taken back for the time being.
    Suspended(Change),
    /// It stands.
    Valid,
}

/// Why a state did not change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// An end is final.
    #[error("the credential has ended: it is {state}")]
    AlreadyEnded {
        /// How it ended.
        state: &'static str,
    },
    /// It is suspended already.
    #[error("the credential is suspended already")]
    AlreadySuspended,
    /// Only a suspended credential can be reinstated.
    #[error("the credential is not suspended")]
    NotSuspended,
}

impl CredentialState {
    /// Its name in JSON and tables.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Revoked(_) => "revoked",
            Self::Superseded(_) => "superseded",
            Self::Suspended(_) => "suspended",
            Self::Valid => "valid",
        }
    }

    /// Who brought it into this state, when and why. `None`: nobody did.
    #[must_use]
    pub const fn change(&self) -> Option<&Change> {
        match self {
            Self::Revoked(change) | Self::Superseded(change) | Self::Suspended(change) => {
                Some(change)
            }
            Self::Expired | Self::Valid => None,
        }
    }

    /// Whether it has ended for good.
    #[must_use]
    pub const fn has_ended(&self) -> bool {
        match self {
            Self::Expired | Self::Revoked(_) | Self::Superseded(_) => true,
            Self::Suspended(_) | Self::Valid => false,
        }
    }

    /// What the status list says of it. That a credential expired stands in the credential itself.
    #[must_use]
    pub const fn status_value(&self) -> u8 {
        match self {
            Self::Expired | Self::Valid => StatusValue::Valid.as_u8(),
            Self::Revoked(_) | Self::Superseded(_) => StatusValue::Invalid.as_u8(),
            Self::Suspended(_) => StatusValue::Suspended.as_u8(),
        }
    }

    /// Takes it back for the time being.
    ///
    /// # Errors
    /// [`TransitionError::AlreadyEnded`], [`TransitionError::AlreadySuspended`].
    pub fn suspend(self, change: Change) -> Result<Self, TransitionError> {
        match self {
            Self::Valid => Ok(Self::Suspended(change)),
            Self::Suspended(_) => Err(TransitionError::AlreadySuspended),
            Self::Expired | Self::Revoked(_) | Self::Superseded(_) => Err(self.ended()),
        }
    }

    /// Lets a suspended one stand again. Who did it and why is for the audit trail: a valid credential
    /// carries no stain.
    ///
    /// # Errors
    /// [`TransitionError::AlreadyEnded`], [`TransitionError::NotSuspended`].
    pub fn reinstate(self) -> Result<Self, TransitionError> {
        match self {
            Self::Valid => Err(TransitionError::NotSuspended),
            Self::Suspended(_) => Ok(Self::Valid),
            Self::Expired | Self::Revoked(_) | Self::Superseded(_) => Err(self.ended()),
        }
    }

    /// Takes it back for good.
    ///
    /// # Errors
    /// [`TransitionError::AlreadyEnded`].
    pub fn revoke(self, change: Change) -> Result<Self, TransitionError> {
        self.end(Self::Revoked(change))
    }

    /// Ends it because a later one took its place.
    ///
    /// # Errors
    /// [`TransitionError::AlreadyEnded`].
    pub fn supersede(self, change: Change) -> Result<Self, TransitionError> {
        self.end(Self::Superseded(change))
    }

    /// Ends it because its time is over.
    ///
    /// # Errors
    /// [`TransitionError::AlreadyEnded`].
    pub fn expire(self) -> Result<Self, TransitionError> {
        self.end(Self::Expired)
    }

    /// The one way to an end: from a credential that is alive.
    fn end(self, end: Self) -> Result<Self, TransitionError> {
        if self.has_ended() {
            Err(self.ended())
        } else {
            Ok(end)
        }
    }

    const fn ended(&self) -> TransitionError {
        TransitionError::AlreadyEnded { state: self.name() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn automatic_changes_have_reasons_that_can_be_stored() {
        for change in [AutomaticChange::FactChanged, AutomaticChange::NewerIssued] {
            assert!(change.reason().chars().count() < MAX_REASON_CHARACTERS);
        }
    }

    fn change() -> Change {
        Change {
            at: Timestamp::from_unix_seconds(1_700_000_000).unwrap(),
            by: RelyingPartyId::parse("market-regulation").unwrap(),
            reason: ChangeReason::parse("吊销").unwrap(),
        }
    }

    fn live() -> [CredentialState; 2] {
        [CredentialState::Valid, CredentialState::Suspended(change())]
    }

    fn ended() -> [CredentialState; 3] {
        [
            CredentialState::Expired,
            CredentialState::Revoked(change()),
            CredentialState::Superseded(change()),
        ]
    }

    #[test]
    fn a_live_credential_can_end_in_each_way() {
        for state in live() {
            assert_eq!(
                state.clone().revoke(change()),
                Ok(CredentialState::Revoked(change()))
            );
            assert_eq!(
                state.clone().supersede(change()),
                Ok(CredentialState::Superseded(change()))
            );
            assert_eq!(state.expire(), Ok(CredentialState::Expired));
        }
    }

    #[test]
    fn an_end_is_final() {
        for state in ended() {
            let refused = Err(TransitionError::AlreadyEnded {
                state: state.name(),
            });
            assert_eq!(state.clone().suspend(change()), refused);
            assert_eq!(state.clone().reinstate(), refused);
            assert_eq!(state.clone().revoke(change()), refused);
            assert_eq!(state.clone().supersede(change()), refused);
            assert_eq!(state.expire(), refused);
        }
    }

    #[test]
    fn suspension_goes_and_comes_back() {
        let suspended = CredentialState::Valid.suspend(change()).unwrap();
        assert_eq!(suspended.change(), Some(&change()));
        assert_eq!(
            suspended.clone().suspend(change()),
            Err(TransitionError::AlreadySuspended)
        );
        assert_eq!(suspended.reinstate(), Ok(CredentialState::Valid));
        assert_eq!(
            CredentialState::Valid.reinstate(),
            Err(TransitionError::NotSuspended)
        );
    }

    #[test]
    fn the_status_list_says_what_the_state_is() {
        let values = live().map(|state| state.status_value());
        assert_eq!(values, [0, 2]);
        assert_eq!(ended().map(|state| state.status_value()), [0, 1, 1]);
    }

    #[test]
    fn a_state_reads_back_as_it_was_written() {
        for state in live().into_iter().chain(ended()) {
            let json = serde_json::to_string(&state).unwrap();
            assert!(
                json.contains(&format!("\"state\":\"{}\"", state.name())),
                "{json}"
            );
            assert_eq!(
                serde_json::from_str::<CredentialState>(&json).unwrap(),
                state
            );
        }
    }

    #[test]
    fn a_reason_is_one_printable_line() {
        assert_eq!(
            ChangeReason::parse(" 营业执照吊销 ").unwrap().as_str(),
            "营业执照吊销"
        );
        for bad in [" ", "a\nb", &"印".repeat(201)] {
            assert!(ChangeReason::parse(bad).is_err(), "{bad:?}");
        }
    }
}
