//! Appends events and writes what they make of the company.

use std::collections::BTreeMap;

use sqlx::AnyConnection;

use crate::credential::state::Change;
use crate::credential::state::ChangeReason;
use crate::evidence::audit::AuditEvent;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::registry::company::Company;
use crate::registry::company::CompanyEvent;
use crate::registry::text::fold_for_comparison;
use crate::store::audit;
use crate::store::companies::Companies;
use crate::store::credentials::supersede::Ended;
use crate::store::credentials::supersede::Supersession;
use crate::store::error::StoreError;
use crate::store::error::is_duplicate;
use crate::store::many_rows::AnyOf;
use crate::store::many_rows::ManyRows;
use crate::store::many_rows::Statement;
use crate::store::pool::Write;
use crate::store::row::Reader;
use crate::store::row::column;

const VERSIONS: AnyOf = AnyOf {
    head: "SELECT uscc, version FROM company WHERE uscc IN ",
};

/// The projection follows its events: their primary key refuses a second event of one number, so whoever
/// comes here with the next event has the right to overwrite.
const PROJECT: ManyRows = ManyRows {
    head: "INSERT INTO company (uscc, name, folded, state, version, updated_at, body) VALUES ",
    columns: 7,
    tail: " ON CONFLICT (uscc) DO UPDATE SET name = excluded.name, folded = excluded.folded, \
           state = excluded.state, version = excluded.version, updated_at = excluded.updated_at, \
           body = excluded.body WHERE company.version < excluded.version",
};

const APPEND: ManyRows = ManyRows {
    head: "INSERT INTO company_event (uscc, sequence, recorded_at, recorded_by, body) VALUES ",
    columns: 5,
    tail: "",
};

/// An event to append, and what follows from it.
#[derive(Debug, Clone, Copy)]
pub struct NewEvent<'a> {
    /// The event; its sequence says which version of the company the caller saw.
    pub event: &'a CompanyEvent,
    /// The company after it, as [`Company::apply`] gives it.
    pub after: &'a Company,
    /// Types (`vct`) whose credentials it makes untrue: those in force are superseded.
    pub supersedes: &'a [String],
    /// Why they are, for their holders to read.
    pub reason: &'a ChangeReason,
    /// What the audit trail says of it. Superseded credentials get their own lines by the same actor.
    pub audit: &'a AuditEvent,
}

/// What became of events to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AppendOutcome {
    /// They are recorded.
    Appended {
        /// The credentials that they superseded.
        superseded: Vec<CredentialId>,
    },
    /// Somebody else recorded something since the caller looked; nothing was written.
    VersionConflict {
        /// The first company found at another version.
        uscc: Uscc,
    },
}

impl Companies<'_> {
    /// Appends one event.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn append_event(&self, new: NewEvent<'_>) -> Result<AppendOutcome, StoreError> {
        self.append_many(&[new], std::slice::from_ref(new.audit), &|_| {})
            .await
    }

    /// Appends events of many companies, all or none; those of one company in their order. The audit trail
    /// gets the lines of `audit` and not those of the single events. `progress` is told how many events
    /// are written so far.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn append_many(
        &self,
        events: &[NewEvent<'_>],
        audit: &[AuditEvent],
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<AppendOutcome, StoreError> {
        let mut write = self.pool.begin().await?;
        let appended = append_in(&mut write, events, progress).await?;
        if let AppendOutcome::Appended { .. } = appended {
            audit::append(&mut write, audit).await?;
            write.commit().await?;
        }
        Ok(appended)
    }
}

/// Events written between two reports of progress.
const PROGRESS_EVERY: usize = 1000;

async fn append_in(
    write: &mut Write,
    events: &[NewEvent<'_>],
    progress: &(dyn Fn(usize) + Sync),
) -> Result<AppendOutcome, StoreError> {
    if let Some(uscc) = first_stale(write, events).await? {
        return Ok(AppendOutcome::VersionConflict { uscc });
    }
    let mut written = 0;
    for batch in events.chunks(PROGRESS_EVERY) {
        match write_batch(write, batch).await {
            Ok(()) => {}
            // Another node wrote between our look at the versions and here.
            Err(BatchError::Raced) => {
                return Ok(AppendOutcome::VersionConflict {
                    uscc: first_of(batch)?,
                });
            }
            Err(BatchError::Store(error)) => return Err(error),
        }
        written += batch.len();
        progress(written);
    }
    let mut ended = Ended::default();
    for new in events.iter().filter(|new| !new.supersedes.is_empty()) {
        let change = Change {
            at: new.event.recorded_at,
            by: new.event.recorded_by.clone(),
            reason: new.reason.clone(),
        };
        let by = Supersession {
            change: &change,
            successor: None,
            audit: new.audit,
        };
        for vct in new.supersedes {
            ended.supersede(write, &new.after.uscc, vct, by).await?;
        }
    }
    let superseded = ended.settle(write).await?;
    Ok(AppendOutcome::Appended { superseded })
}

fn first_of(batch: &[NewEvent<'_>]) -> Result<Uscc, StoreError> {
    batch
        .first()
        .map(|new| new.after.uscc.clone())
        .ok_or(StoreError::Unstorable)
}

/// The first company whose version is not the one before its first event, or whose events have a gap.
async fn first_stale(
    connection: &mut AnyConnection,
    events: &[NewEvent<'_>],
) -> Result<Option<Uscc>, StoreError> {
    let mut versions: BTreeMap<&str, u64> = events
        .iter()
        .map(|new| (new.after.uscc.as_str(), 0))
        .collect();
    let asked: Vec<&str> = versions.keys().copied().collect();
    for row in VERSIONS.fetch(connection, &asked).await? {
        let row = Reader::new(&row, "company", "uscc")?;
        if let Some(version) = versions.get_mut(row.id()) {
            *version = row.number("version")?;
        }
    }
    for new in events {
        let known = versions.entry(new.after.uscc.as_str()).or_default();
        if new.event.sequence.checked_sub(1) != Some(*known) {
            return Ok(Some(new.after.uscc.clone()));
        }
        *known = new.event.sequence;
    }
    Ok(None)
}

enum BatchError {
    /// A row of this number is there.
    Raced,
    Store(StoreError),
}

impl From<sqlx::Error> for BatchError {
    fn from(error: sqlx::Error) -> Self {
        if is_duplicate(&error) {
            Self::Raced
        } else {
            Self::Store(error.into())
        }
    }
}

async fn write_batch(
    connection: &mut AnyConnection,
    batch: &[NewEvent<'_>],
) -> Result<(), BatchError> {
    // Only the last state of each company: one statement may not touch a row twice.
    let last: BTreeMap<&Uscc, &Company> = batch
        .iter()
        .map(|new| (&new.after.uscc, new.after))
        .collect();
    let companies = last
        .into_values()
        .map(CompanyRow::new)
        .collect::<Result<Vec<_>, _>>();
    let companies = companies.map_err(BatchError::Store)?;
    let events = batch
        .iter()
        .map(EventRow::new)
        .collect::<Result<Vec<_>, _>>()
        .map_err(BatchError::Store)?;
    // The company first, for the event refers to it.
    let projected = PROJECT
        .insert(connection, &companies, CompanyRow::bind)
        .await?;
    if usize::try_from(projected) != Ok(companies.len()) {
        return Err(BatchError::Raced);
    }
    APPEND.insert(connection, &events, EventRow::bind).await?;
    Ok(())
}

/// A row of `company`.
struct CompanyRow<'a> {
    company: &'a Company,
    folded: String,
    state: &'static str,
    version: i64,
    body: String,
}

impl<'a> CompanyRow<'a> {
    fn new(company: &'a Company) -> Result<Self, StoreError> {
        let names = [Some(company.name.as_str()), company.name_en.as_deref()];
        let folded: Vec<String> = names
            .into_iter()
            .flatten()
            .map(fold_for_comparison)
            .collect();
        Ok(Self {
            company,
            folded: folded.join("\n"),
            state: company.state.entry().id,
            version: column(company.version)?,
            body: json(company)?,
        })
    }

    fn bind<'q>(statement: Statement<'q>, row: &'q Self) -> Statement<'q> {
        statement
            .bind(row.company.uscc.as_str())
            .bind(row.company.name.as_str())
            .bind(row.folded.as_str())
            .bind(row.state)
            .bind(row.version)
            .bind(row.company.updated_at.as_micros())
            .bind(row.body.as_str())
    }
}

/// A row of `company_event`.
struct EventRow<'a> {
    new: &'a NewEvent<'a>,
    sequence: i64,
    body: String,
}

impl<'a> EventRow<'a> {
    fn new(new: &'a NewEvent<'a>) -> Result<Self, StoreError> {
        Ok(Self {
            new,
            sequence: column(new.event.sequence)?,
            body: json(&new.event.body)?,
        })
    }

    fn bind<'q>(statement: Statement<'q>, row: &'q Self) -> Statement<'q> {
        statement
            .bind(row.new.after.uscc.as_str())
            .bind(row.sequence)
            .bind(row.new.event.recorded_at.as_micros())
            .bind(row.new.event.recorded_by.as_str())
            .bind(row.body.as_str())
    }
}

fn json(value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_unserialisable| StoreError::Unstorable)
}
