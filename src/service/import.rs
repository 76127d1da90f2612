//! Imports companies from NDJSON: all of them, or none and the line that was wrong.

use std::collections::BTreeMap;

use crate::credential::state::AutomaticChange;
use crate::encoding::json;
use crate::encoding::json::JsonLimits;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::identifier::uscc::Uscc;
use crate::registry::company::Company;
use crate::registry::company::CompanyEvent;
use crate::registry::company::CompanyEventBody;
use crate::registry::department::Department;
use crate::registry::import::ImportRecord;
use crate::registry::relying_party::RelyingPartyKind;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::store::companies::AppendOutcome;
use crate::store::companies::NewEvent;
use crate::store::error::StoreError;

/// The longest line, in bytes: a company with all its registrations takes about 4 KB.
const MAX_LINE_BYTES: usize = 64 * 1024;

/// What was imported.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Imported {
    /// Companies.
    pub companies: u64,
    /// Registrations of these companies.
    pub registrations: u64,
}

/// Why nothing was imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A line that cannot be taken.
    #[error("line {line}: {problem}")]
    Line {
        /// Counted from 1.
        line: u64,
        /// What is wrong with it, for the person who made the file.
        problem: String,
    },
    /// The caller is neither the department that registers companies nor the operator.
    #[error("department `{0}` may not import companies")]
    NotYourDepartment(String),
    /// The database failed; nothing was imported.
    #[error("the companies could not be written")]
    Store(#[from] StoreError),
}

impl App {
    /// Imports companies from NDJSON, one [`ImportRecord`] a line; blank lines are passed over.
    ///
    /// An import states facts and the registrations of all departments, so it is for the market
    /// regulator, at whose counter companies register with all of them, and for the operator. A
    /// registration that is on record is changed by its own department or the operator alone.
    /// `progress` is told how many events are written so far.
    ///
    /// # Errors
    /// [`ImportError::Line`] for the first line that cannot be taken; nothing was imported.
    pub async fn import_companies(
        &self,
        caller: &Caller,
        ndjson: &[u8],
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<Imported, ImportError> {
        let is_operator = caller.party.kind == RelyingPartyKind::Operator;
        if !caller.registers_companies() && !is_operator {
            return Err(ImportError::NotYourDepartment(caller.department_name()));
        }
        let mut batch = Batch::default();
        for (number, line) in (1_u64..).zip(ndjson.split(|byte| *byte == b'\n')) {
            if !line.iter().all(u8::is_ascii_whitespace) {
                let at = |problem: String| ImportError::Line {
                    line: number,
                    problem,
                };
                let record = read_line(line).map_err(at)?;
                batch.claim_line(&record.company.uscc, number)?;
                self.add_record(caller, record, &mut batch, number).await?;
            }
        }
        self.append(caller, &batch, progress).await?;
        Ok(batch.imported)
    }

    async fn append(
        &self,
        caller: &Caller,
        batch: &Batch,
        progress: &(dyn Fn(u64) + Send + Sync),
    ) -> Result<(), ImportError> {
        let outcome = format!(
            "{} companies, {} registrations",
            batch.imported.companies, batch.imported.registrations
        );
        let actor = caller.party.id.as_str();
        let audit = AuditEvent::new(
            self.now(),
            actor,
            AuditAction::CompaniesImported,
            "import",
            &outcome,
        );
        let reason = AutomaticChange::FactChanged.reason();
        let events: Vec<NewEvent<'_>> = batch
            .events
            .iter()
            .map(|one| NewEvent {
                event: &one.event,
                after: &one.after,
                supersedes: &one.supersedes,
                reason: &reason,
                audit: &audit,
            })
            .collect();
        let told = |events: usize| progress(u64::try_from(events).unwrap_or(u64::MAX));
        match self
            .store()
            .companies()
            .append_many(&events, std::slice::from_ref(&audit), &told)
            .await?
        {
            AppendOutcome::Appended { .. } => Ok(()),
            AppendOutcome::VersionConflict { uscc } => {
                let line = batch.lines.get(&uscc).copied().unwrap_or_default();
                Err(ImportError::Line {
                    line,
                    problem: format!("company {uscc} was changed by somebody else meanwhile"),
                })
            }
        }
    }

    /// Turns a record into events on top of what is known of the company; what is known already makes
    /// no event, so that importing a file twice changes nothing.
    async fn add_record(
        &self,
        caller: &Caller,
        record: ImportRecord,
        batch: &mut Batch,
        line: u64,
    ) -> Result<(), ImportError> {
        let mut company = self.store().companies().load(&record.company.uscc).await?;
        for body in record.into_events() {
            if company
                .as_ref()
                .is_some_and(|company| company.records(&body))
            {
                continue;
            }
            if let Some(problem) = refusal(caller, company.as_ref(), &body) {
                return Err(ImportError::Line { line, problem });
            }
            let event = CompanyEvent {
                sequence: company.as_ref().map_or(0, |company| company.version) + 1,
                recorded_at: self.recording_time(company.as_ref()),
                recorded_by: caller.party.id.clone(),
                body,
            };
            let after =
                Company::apply(company.clone(), &event).map_err(|error| ImportError::Line {
                    line,
                    problem: error.to_string(),
                })?;
            batch.count(&event);
            let supersedes = self.made_untrue(company.as_ref(), &after);
            batch.events.push(Prepared {
                event,
                after: after.clone(),
                supersedes,
            });
            company = Some(after);
        }
        Ok(())
    }
}

/// What forbids an event. The counter takes a first registration in for every department; what a
/// department has recorded, it alone changes, and the operator for it.
fn refusal(caller: &Caller, known: Option<&Company>, body: &CompanyEventBody) -> Option<String> {
    let CompanyEventBody::RegistrationRecorded(registration) = body else {
        return None;
    };
    let department = &registration.department;
    if Department::find(department).is_none() {
        return Some(format!("there is no department `{department}`"));
    }
    let on_record = known.is_some_and(|known| known.registrations.contains_key(department));
    let own = caller.party.department.as_ref() == Some(department);
    let operator = caller.party.kind == RelyingPartyKind::Operator;
    (on_record && !own && !operator).then(|| {
        format!("another registration with `{department}` is on record, which that department alone changes")
    })
}

/// An event of an import, ready to be appended.
struct Prepared {
    event: CompanyEvent,
    after: Company,
    supersedes: Vec<String>,
}

/// What an import has gathered so far.
#[derive(Default)]
struct Batch {
    /// The line of each company.
    lines: BTreeMap<Uscc, u64>,
    events: Vec<Prepared>,
    imported: Imported,
}

impl Batch {
    fn claim_line(&mut self, uscc: &Uscc, line: u64) -> Result<(), ImportError> {
        match self.lines.insert(uscc.clone(), line) {
            None => Ok(()),
            Some(earlier) => Err(ImportError::Line {
                line,
                problem: format!("company {uscc} stands in line {earlier} already"),
            }),
        }
    }

    fn count(&mut self, event: &CompanyEvent) {
        match event.body {
            CompanyEventBody::FactsRecorded(_) => self.imported.companies += 1,
            CompanyEventBody::RegistrationRecorded(_) => self.imported.registrations += 1,
        }
    }
}

fn read_line(line: &[u8]) -> Result<ImportRecord, String> {
    let limits = JsonLimits {
        max_bytes: MAX_LINE_BYTES,
        ..JsonLimits::DEFAULT
    };
    let value = json::parse(line, limits).map_err(|error| error.to_string())?;
    if !value.is_object() {
        return Err("is not a JSON object".to_owned());
    }
    serde_json::from_value(value).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::relying_party::RelyingParty;
    use crate::service::fixture::City;
    use crate::service::fixture::department;
    use crate::service::fixture::facts;
    use crate::service::fixture::uscc;

    fn line(department: &str, number: &str) -> Vec<u8> {
        let registration = json!({
            "department": department, "number": number, "registeredOn": "2015-03-02", "state": "active",
        });
        let line = json!({"company": facts("active"), "registrations": [registration]});
        line.to_string().into_bytes()
    }

    async fn import(city: &City, caller: &Caller, line: &[u8]) -> Result<Imported, String> {
        let imported = city.app.import_companies(caller, line, &|_| {}).await;
        imported.map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn the_counter_takes_in_for_others_what_it_cannot_change_later() {
        let city = City::new().await;
        let market = department("market-regulation");
        let taken_in = import(&city, &market, &line("customs", "1")).await.unwrap();
        assert_eq!(taken_in.registrations, 1);
        // Again the same: nothing to record.
        let again = import(&city, &market, &line("customs", "1")).await.unwrap();
        assert_eq!(again.registrations, 0);
        let changed = import(&city, &market, &line("customs", "2")).await;
        let told = changed.unwrap_err();
        assert!(
            told.contains("line 1") && told.contains("customs"),
            "{told}"
        );
        // Its own, and the operator all of them.
        for (caller, line) in [
            (&market, line("market-regulation", "1")),
            (&market, line("market-regulation", "2")),
            (
                &Caller {
                    party: RelyingParty::operator(),
                    scopes: std::collections::BTreeSet::new(),
                    terms: crate::registry::caller_terms::CallerTerms::default(),
                },
                line("customs", "2"),
            ),
        ] {
            assert_eq!(import(&city, caller, &line).await.unwrap().registrations, 1);
        }
        let company = city.app.store().companies().load(&uscc()).await.unwrap();
        assert_eq!(company.unwrap().version, 5);
    }

    #[tokio::test]
    async fn a_department_that_does_not_exist_registers_nobody() {
        let city = City::new().await;
        let refused = import(
            &city,
            &department("market-regulation"),
            &line("weather", "1"),
        )
        .await;
        assert_eq!(
            refused.unwrap_err(),
            "line 1: there is no department `weather`"
        );
    }
}
