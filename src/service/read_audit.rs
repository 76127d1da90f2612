//! Reads and examines the audit trail, and tells who looked at a company.
//!
//! Whoever reads is recorded as well. Who looked at a company is for the scope `audit`, and for the department
//! whose record the company is: the market regulator answers to companies for what is done with their facts; and for
//! the company itself, which also sees when it was let in, so that a stolen code shows.

use crate::clock::Timestamp;
use crate::crypto::public_key::PublicKey;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::evidence::audit::examine::Outcome;
use crate::evidence::audit::head::SignedHead;
use crate::identifier::uscc::Uscc;
use crate::registry::purpose::Purpose;
use crate::registry::purpose::Shown;
use crate::registry::relying_party::Scope;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::service::call::Holder;
use crate::store::audit::RecordedEvent;
use crate::store::audit::Selection;
use crate::store::error::StoreError;

/// Who looked at a company, at most so many at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accesses {
    /// The newest first; none of a sealed purpose.
    pub accesses: Vec<Access>,
    /// Where to continue: before this sequence. `None`: there are no more.
    pub next: Option<i64>,
}

/// One look at a company.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// When.
    pub at: Timestamp,
    /// Who: the id of a relying party, `public`, or `holder:` and the code of the company itself.
    pub caller: String,
    /// What was done.
    pub action: AuditAction,
    /// What for, where that was said.
    pub purpose: Option<String>,
}

/// Why nobody was told who looked at a company.
#[derive(Debug, thiserror::Error)]
pub enum AccessesError {
    /// Neither the scope `audit` nor the department whose record the company is.
    #[error("who looked at a company is not for the department `{0}`")]
    NotYourDepartment(String),
    /// The database failed.
    #[error("the audit trail could not be read")]
    Store(#[from] StoreError),
    /// No such company.
    #[error("no company `{0}`")]
    UnknownCompany(Uscc),
}

impl App {
    /// At most `limit` events after the one of sequence `after`, oldest first (`GET /v1/audit`).
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn read_audit(
        &self,
        caller: &Caller,
        selection: &Selection,
        after: i64,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let began = self.now();
        let events = self.audit_events(selection, after, limit).await?;
        let outcome = format!("{} events", events.len());
        let (actor, object) = (caller.party.id.as_str(), format!("after {after}"));
        let event = AuditEvent::new(began, actor, AuditAction::AuditRead, &object, &outcome);
        self.record_event(event, began).await?;
        Ok(events)
    }

    /// As [`Self::read_audit`], for whoever has the database anyway; it is not recorded.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn audit_events(
        &self,
        selection: &Selection,
        after: i64,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        self.store().audit().select(selection, after, limit).await
    }

    /// Who looked at a company, the newest first, before the event of sequence `before`.
    ///
    /// # Errors
    /// [`AccessesError::NotYourDepartment`] for everybody but the market regulator and the scope `audit`.
    pub async fn company_accesses(
        &self,
        caller: &Caller,
        uscc: &Uscc,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Accesses, AccessesError> {
        let may_ask = caller.scopes.contains(&Scope::Audit)
            || (caller.scopes.contains(&Scope::Register) && caller.registers_companies());
        if !may_ask {
            return Err(AccessesError::NotYourDepartment(caller.department_name()));
        }
        if self.store().companies().load(uscc).await?.is_none() {
            return Err(AccessesError::UnknownCompany(uscc.clone()));
        }
        Ok(self
            .told_accesses(caller.party.id.as_str(), uscc, before, limit)
            .await?)
    }

    /// As [`Self::company_accesses`], for the company itself; of others it is told nothing.
    ///
    /// # Errors
    /// [`AccessesError::UnknownCompany`] for every other company.
    pub async fn own_accesses(
        &self,
        holder: &Holder,
        uscc: &Uscc,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Accesses, AccessesError> {
        if holder.uscc() != uscc {
            return Err(AccessesError::UnknownCompany(uscc.clone()));
        }
        Ok(self
            .told_accesses(&holder.actor(), uscc, before, limit)
            .await?)
    }

    /// Recorded before it is told.
    async fn told_accesses(
        &self,
        actor: &str,
        uscc: &Uscc,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Accesses, StoreError> {
        let began = self.now();
        let found = self
            .unsealed(uscc, before.unwrap_or(i64::MAX), limit)
            .await?;
        let outcome = format!("{} accesses", found.accesses.len());
        let event = AuditEvent::new(
            began,
            actor,
            AuditAction::AccessesRead,
            uscc.as_str(),
            &outcome,
        );
        self.record_event(event, began).await?;
        Ok(found)
    }

    /// Pages are filled up whatever is left out of them: from a page that is short one could tell that
    /// something was.
    async fn unsealed(
        &self,
        uscc: &Uscc,
        mut before: i64,
        limit: u32,
    ) -> Result<Accesses, StoreError> {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut accesses = Vec::new();
        let mut last_shown = None;
        loop {
            let events = self
                .store()
                .audit()
                .about(uscc, before, READ_AT_A_TIME)
                .await?;
            let is_last = events.len() < usize::try_from(READ_AT_A_TIME).unwrap_or(usize::MAX);
            for recorded in events {
                before = recorded.sequence;
                if !is_shown(&recorded.event) {
                    continue;
                }
                if accesses.len() == wanted {
                    return Ok(Accesses {
                        accesses,
                        next: last_shown,
                    });
                }
                last_shown = Some(recorded.sequence);
                accesses.push(Access {
                    at: recorded.event.at,
                    caller: recorded.event.actor,
                    action: recorded.event.action,
                    purpose: recorded.event.purpose,
                });
            }
            if is_last {
                return Ok(Accesses {
                    accesses,
                    next: None,
                });
            }
        }
    }

    /// Examines the whole audit trail against its signed heads, and against `anchors`, heads that were kept
    /// elsewhere. `progress` is told how many events were looked at, and of how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; what is wrong with the trail is the outcome.
    pub async fn examine_audit(
        &self,
        keys: &[PublicKey],
        anchors: &[SignedHead],
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Outcome, StoreError> {
        let examination = self
            .store()
            .audit()
            .examine(keys, anchors, progress)
            .await?;
        Ok(examination.finish())
    }
}

/// Events read at a time.
const READ_AT_A_TIME: u32 = 200;

/// Whether an event is a look at a company that the company may know of. A purpose that this release does not
/// know may be a sealed one.
fn is_shown(event: &AuditEvent) -> bool {
    let is_look = matches!(
        event.action,
        AuditAction::CompanyConfirmed
            | AuditAction::CompanyMatched
            | AuditAction::CredentialDownloaded
            | AuditAction::DocumentVerified
            | AuditAction::HolderAdmitted
    );
    let is_open = event.purpose.as_deref().is_none_or(|id| {
        Purpose::find(id).is_some_and(|purpose| purpose.shown == Shown::ToCompanies)
    });
    is_look && is_open
}
