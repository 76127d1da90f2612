//! A change of the table that is proposed, approved by another operator, and active from a date on; or withdrawn.

use std::fmt;

use crate::clock::Timestamp;
use crate::registry::recognition::change::Change;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::text::Text;

/// The longest note on a proposal, in characters.
pub const MAX_NOTE_CHARACTERS: usize = 200;

/// Whether a change of the table needs a second person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Approval {
    /// Whoever may change the table changes it.
    #[default]
    None,
    /// Whoever proposed a change cannot approve it, and nothing changes without approval.
    TwoPerson,
}

/// A proposal's number, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProposalId(pub u64);

impl ProposalId {
    /// Reads a number. `None`: it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let number: u64 = text.parse().ok().filter(|number| *number > 0)?;
        // One way to write it, so that one proposal has one address.
        (number.to_string() == text).then_some(Self(number))
    }
}

impl fmt::Display for ProposalId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What somebody proposes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The change.
    pub change: Change,
    /// The version of the table that they saw.
    pub base_version: u64,
    /// Why.
    pub note: Option<Text<MAX_NOTE_CHARACTERS>>,
    /// Who; one relying party is one person.
    pub proposed_by: RelyingPartyId,
    /// When.
    pub proposed_at: Timestamp,
    /// From when on it is to be active; absent: from its approval on.
    pub activate_at: Option<Timestamp>,
}

/// Who did something, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// Who.
    pub by: RelyingPartyId,
    /// When.
    pub at: Timestamp,
}

/// What became of a proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProposalState {
    /// It waits for approval.
    Proposed,
    /// It waits for its time.
    Approved(Act),
    /// It is in the table.
    Active {
        /// Who approved it.
        approved: Act,
        /// When it took effect.
        at: Timestamp,
        /// The version of the table that it made.
        version: u64,
    },
    /// It was withdrawn before it took effect.
    Withdrawn {
        /// Who had approved it, if somebody had.
        approved: Option<Act>,
        /// Who withdrew it.
        withdrawn: Act,
    },
    /// It was approved, but did not fit the table any more when its time came.
    Lapsed {
        /// Who approved it.
        approved: Act,
        /// When it was to take effect.
        at: Timestamp,
        /// What stood against it.
        problem: String,
    },
}

impl ProposalState {
    /// Its name in JSON, tables and on the command line.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Approved(_) => "approved",
            Self::Active { .. } => "active",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Lapsed { .. } => "lapsed",
        }
    }

    /// Who approved it.
    #[must_use]
    pub const fn approved(&self) -> Option<&Act> {
        match self {
            Self::Proposed => None,
            Self::Approved(approved)
            | Self::Active { approved, .. }
            | Self::Lapsed { approved, .. } => Some(approved),
            Self::Withdrawn { approved, .. } => approved.as_ref(),
        }
    }
}

/// A proposal and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its number.
    pub id: ProposalId,
    /// What was proposed.
    pub draft: Draft,
    /// What became of it.
    pub state: ProposalState,
}

/// Why a proposal stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProposalError {
    /// It is not open any more, or approved already.
    #[error("proposal {id} is {state}")]
    NotOpen {
        /// Which.
        id: ProposalId,
        /// Its state.
        state: &'static str,
    },
    /// Whoever proposed it cannot approve it.
    #[error("`{by}` proposed {id}: another operator has to approve it")]
    SamePerson {
        /// Which.
        id: ProposalId,
        /// Who.
        by: RelyingPartyId,
    },
}

impl Proposal {
    /// Approves it.
    ///
    /// # Errors
    /// [`ProposalError::SamePerson`] for whoever proposed it, where two persons are required;
    /// [`ProposalError::NotOpen`] when it does not wait for approval.
    pub fn approve(&self, act: Act, approval: Approval) -> Result<ProposalState, ProposalError> {
        match &self.state {
            ProposalState::Proposed => {}
            ProposalState::Approved(_)
            | ProposalState::Active { .. }
            | ProposalState::Withdrawn { .. }
            | ProposalState::Lapsed { .. } => return Err(self.not_open()),
        }
        if approval == Approval::TwoPerson && act.by == self.draft.proposed_by {
            let (id, by) = (self.id, act.by);
            return Err(ProposalError::SamePerson { id, by });
        }
        Ok(ProposalState::Approved(act))
    }

    /// Withdraws it, which anybody may who might have approved it.
    ///
    /// # Errors
    /// [`ProposalError::NotOpen`] when it took effect or was withdrawn already.
    pub fn withdraw(&self, act: Act) -> Result<ProposalState, ProposalError> {
        match &self.state {
            ProposalState::Proposed | ProposalState::Approved(_) => Ok(ProposalState::Withdrawn {
                approved: self.state.approved().cloned(),
                withdrawn: act,
            }),
            ProposalState::Active { .. }
            | ProposalState::Withdrawn { .. }
            | ProposalState::Lapsed { .. } => Err(self.not_open()),
        }
    }

    /// Whether it is approved and its time has come.
    #[must_use]
    pub fn is_due(&self, at: Timestamp) -> bool {
        matches!(self.state, ProposalState::Approved(_))
            && self.draft.activate_at.is_none_or(|from| from <= at)
    }

    fn not_open(&self) -> ProposalError {
        ProposalError::NotOpen {
            id: self.id,
            state: self.state.name(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn act(by: &str) -> Act {
        Act {
            by: RelyingPartyId::parse(by).unwrap(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn proposal(state: ProposalState) -> Proposal {
        Proposal {
            id: ProposalId(7),
            draft: Draft {
                change: Change::default(),
                base_version: 1,
                note: None,
                proposed_by: act("day-shift").by,
                proposed_at: Timestamp::UNIX_EPOCH,
                activate_at: Timestamp::from_unix_seconds(10),
            },
            state,
        }
    }

    #[test]
    fn one_person_does_not_approve_what_they_proposed_where_two_are_required() {
        let open = proposal(ProposalState::Proposed);
        let told = open.approve(act("day-shift"), Approval::TwoPerson);
        assert_eq!(
            told.unwrap_err().to_string(),
            "`day-shift` proposed 7: another operator has to approve it"
        );
        assert!(open.approve(act("day-shift"), Approval::None).is_ok());
        assert!(
            open.approve(act("night-shift"), Approval::TwoPerson)
                .is_ok()
        );
    }

    #[test]
    fn what_is_decided_stays_decided() {
        let approved = act("night-shift");
        let at = approved.at;
        let active = ProposalState::Active {
            approved: approved.clone(),
            at,
            version: 3,
        };
        let withdrawn = ProposalState::Withdrawn {
            approved: None,
            withdrawn: approved.clone(),
        };
        let lapsed = ProposalState::Lapsed {
            approved: approved.clone(),
            at,
            problem: String::new(),
        };
        for state in [active, withdrawn, lapsed] {
            let closed = proposal(state);
            assert!(closed.approve(act("third"), Approval::None).is_err());
            assert!(closed.withdraw(act("third")).is_err());
            assert!(!closed.is_due(Timestamp::MAX));
        }
        let waiting = proposal(ProposalState::Approved(approved));
        assert!(waiting.approve(act("third"), Approval::TwoPerson).is_err());
        assert!(waiting.withdraw(act("third")).is_ok());
    }

    #[test]
    fn what_is_approved_is_due_at_its_time() {
        let waiting = proposal(ProposalState::Approved(act("night-shift")));
        let at = |seconds| Timestamp::from_unix_seconds(seconds).unwrap();
        assert!(!waiting.is_due(at(9)) && waiting.is_due(at(10)));
        assert!(!proposal(ProposalState::Proposed).is_due(at(10)));
    }

    #[test]
    fn a_number_is_written_in_one_way() {
        assert_eq!(ProposalId::parse("12"), Some(ProposalId(12)));
        for text in ["0", "012", "+1", "-1", "", "x", "99999999999999999999"] {
            assert_eq!(ProposalId::parse(text), None, "{text}");
        }
    }
}
