//! Records facts about companies; the departments' write side.
//!
//! Facts are events and are never overwritten. A fact that stands in a credential supersedes that
//! credential in the same transaction, so there is no moment at which both are in force.

use crate::clock::Timestamp;
use crate::credential::claims;
use crate::credential::state::AutomaticChange;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::registry::company::Company;
use crate::registry::company::CompanyEvent;
use crate::registry::company::CompanyEventBody;
use crate::registry::company::CompanyFacts;
use crate::registry::company::TransitionError;
use crate::registry::department::DepartmentId;
use crate::registry::registration::Registration;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::store::companies::AppendOutcome;
use crate::store::companies::NewEvent;
use crate::store::error::StoreError;

/// Why nothing was recorded.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// Somebody else recorded something since the caller looked.
    #[error("the company is at version {found}, not {expected}")]
    Conflict {
        /// The version the caller expected.
        expected: u64,
        /// The version found.
        found: u64,
    },
    /// The caller acts for no department, or for another one.
    #[error("department `{0}` may not record this")]
    NotYourDepartment(String),
    /// The database failed.
    #[error("the company could not be read or written")]
    Store(#[from] StoreError),
    /// The registry's rules forbid the change.
    #[error(transparent)]
    Transition(#[from] TransitionError),
    /// A registration for a company that is not registered.
    #[error("no company `{0}`")]
    UnknownCompany(Uscc),
}

/// What recording did.
#[derive(Debug)]
pub struct Recorded {
    /// The company afterwards.
    pub company: Company,
    /// Whether the company was new.
    pub created: bool,
    /// Credentials that the change superseded.
    pub superseded: Vec<CredentialId>,
}

/// How often a write is tried again when another write came between reading and writing.
const ATTEMPTS: usize = 8;

impl App {
    /// Records the facts of a company, new or known (`PUT /v1/companies/{uscc}`).
    ///
    /// With `expected_version` the write counts only if the company is at that version (0: not yet
    /// known); without, it is laid over whatever is there. Facts are the market regulator's to record.
    ///
    /// # Errors
    /// [`RegisterError::Conflict`] when `expected_version` is not the company's,
    /// [`RegisterError::NotYourDepartment`] for every other caller,
    /// [`RegisterError::Transition`] for facts of another company than `uscc`.
    pub async fn record_facts(
        &self,
        caller: &Caller,
        uscc: &Uscc,
        facts: CompanyFacts,
        expected_version: Option<u64>,
    ) -> Result<Recorded, RegisterError> {
        if !caller.registers_companies() {
            return Err(RegisterError::NotYourDepartment(caller.department_name()));
        }
        // Where nothing is known yet, there is no record that could tell.
        if facts.uscc != *uscc {
            return Err(RegisterError::Transition(TransitionError::OtherCompany {
                expected: uscc.clone(),
                found: facts.uscc,
            }));
        }
        self.record(
            caller,
            uscc,
            CompanyEventBody::FactsRecorded(facts),
            expected_version,
        )
        .await
    }

    /// Records a department's registration of a company (`POST /v1/companies/{uscc}/registrations`).
    ///
    /// # Errors
    /// [`RegisterError::NotYourDepartment`] for another department's registration,
    /// [`RegisterError::UnknownCompany`] before the company's facts are known.
    pub async fn record_registration(
        &self,
        caller: &Caller,
        uscc: &Uscc,
        registration: Registration,
    ) -> Result<Recorded, RegisterError> {
        if caller.party.department.as_ref() != Some(&registration.department) {
            return Err(RegisterError::NotYourDepartment(caller.department_name()));
        }
        if self.store().companies().load(uscc).await?.is_none() {
            return Err(RegisterError::UnknownCompany(uscc.clone()));
        }
        self.record(
            caller,
            uscc,
            CompanyEventBody::RegistrationRecorded(registration),
            None,
        )
        .await
    }

    async fn record(
        &self,
        caller: &Caller,
        uscc: &Uscc,
        body: CompanyEventBody,
        expected_version: Option<u64>,
    ) -> Result<Recorded, RegisterError> {
        let began = self.now();
        let mut found = 0;
        for _ in 0..ATTEMPTS {
            let before = self.store().companies().load(uscc).await?;
            found = before.as_ref().map_or(0, |company| company.version);
            if let Some(expected) = expected_version.filter(|expected| *expected != found) {
                return Err(RegisterError::Conflict { expected, found });
            }
            let event = CompanyEvent {
                sequence: found + 1,
                recorded_at: self.recording_time(before.as_ref()),
                recorded_by: caller.party.id.clone(),
                body: body.clone(),
            };
            let after = Company::apply(before.clone(), &event)?;
            let supersedes = self.made_untrue(before.as_ref(), &after);
            let action = audited_as(&event.body);
            let audit = AuditEvent {
                subject: Some(uscc.clone()),
                ..AuditEvent::new(
                    event.recorded_at,
                    caller.party.id.as_str(),
                    action,
                    uscc.as_str(),
                    "done",
                )
            };
            let audit = self.timed(audit, began);
            let reason = AutomaticChange::FactChanged.reason();
            let new = NewEvent {
                event: &event,
                after: &after,
                supersedes: &supersedes,
                reason: &reason,
                audit: &audit,
            };
            match self.store().companies().append_event(new).await? {
                AppendOutcome::Appended { superseded } => {
                    return Ok(Recorded {
                        company: after,
                        created: before.is_none(),
                        superseded,
                    });
                }
                AppendOutcome::VersionConflict { .. } => {}
            }
        }
        Err(RegisterError::Conflict {
            expected: expected_version.unwrap_or(found),
            found,
        })
    }

    /// Now, but never before the company's last event: `asOf` reads events in the order of their times.
    pub(in crate::service) fn recording_time(&self, before: Option<&Company>) -> Timestamp {
        before.map_or_else(|| self.now(), |company| self.now().max(company.updated_at))
    }

    /// The credential types whose claims about the company the change makes untrue.
    pub(in crate::service) fn made_untrue(
        &self,
        before: Option<&Company>,
        after: &Company,
    ) -> Vec<String> {
        let Some(before) = before else {
            return Vec::new();
        };
        let mut untrue = Vec::new();
        for kind in self.kinds().all() {
            // Facts that fitted no credential before are in none.
            let Ok(stated) = claims::from_company(before, kind) else {
                continue;
            };
            // Facts that no credential can state any more end those that state the old ones.
            if claims::from_company(after, kind).ok() != Some(stated) {
                untrue.push(kind.vct.clone());
            }
        }
        untrue
    }
}

/// How an event stands in the audit trail.
const fn audited_as(body: &CompanyEventBody) -> AuditAction {
    match body {
        CompanyEventBody::FactsRecorded(_) => AuditAction::CompanyRecorded,
        CompanyEventBody::RegistrationRecorded(_) => AuditAction::RegistrationRecorded,
    }
}

impl Caller {
    /// Whether this is the department that registers companies, whose facts count.
    pub(in crate::service) fn registers_companies(&self) -> bool {
        self.party.department.as_ref() == Some(&DepartmentId::MARKET_REGULATION)
    }

    /// The department for which the caller acts, for telling it that it is the wrong one.
    pub(in crate::service) fn department_name(&self) -> String {
        let department = self.party.department.as_ref();
        department.map_or_else(|| "none".to_owned(), ToString::to_string)
    }
}
