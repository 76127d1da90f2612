//! Reads companies as they stand, and as they stood.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::identifier::uscc::Uscc;
use crate::registry::company::Company;
use crate::registry::company::CompanyEvent;
use crate::registry::company::CompanyEventBody;
use crate::registry::company::CompanyState;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::text::fold_for_comparison;
use crate::store::companies::Companies;
use crate::store::error::StoreError;
use crate::store::row::Reader;

const LOAD: &str = "SELECT uscc, version, updated_at, body FROM company WHERE uscc = $1";

const EVENTS: &str = "SELECT uscc, sequence, recorded_at, recorded_by, body FROM company_event \
                      WHERE uscc = $1 AND recorded_at <= $2 ORDER BY sequence";

const COUNT: &str = "SELECT count(*) FROM company";

const FIND: &str = "SELECT uscc, name, state FROM company WHERE folded LIKE $1 ESCAPE '!' AND uscc > $2 \
                    ORDER BY uscc LIMIT $3";

/// A company found by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanySummary {
    /// Which company; also where to continue.
    pub uscc: Uscc,
    /// Its registered name.
    pub name: String,
    /// Its state.
    pub state: CompanyState,
}

impl Companies<'_> {
    /// The company as it stands. `None`: nothing was ever recorded of it.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn load(&self, uscc: &Uscc) -> Result<Option<Company>, StoreError> {
        let row = sqlx::query(LOAD)
            .bind(uscc.as_str())
            .fetch_optional(self.pool.reader())
            .await?;
        row.as_ref().map(read_company).transpose()
    }

    /// The company as we knew it at `at`. `None`: nothing had been recorded of it.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for events that do not parse or do not follow on each other.
    pub async fn load_as_of(
        &self,
        uscc: &Uscc,
        at: Timestamp,
    ) -> Result<Option<Company>, StoreError> {
        let events = self.events_until(uscc, at).await?;
        let inconsistent = |_broken| StoreError::Inconsistent {
            table: "company_event",
            id: uscc.to_string(),
        };
        Company::fold(&events).map_err(inconsistent)
    }

    /// Everything that was recorded of it, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for an event that does not parse.
    pub async fn events(&self, uscc: &Uscc) -> Result<Vec<CompanyEvent>, StoreError> {
        self.events_until(uscc, Timestamp::MAX).await
    }

    /// At most `limit` companies whose Chinese or English name contains `name`, however it is spelt
    /// ([`fold_for_comparison`]), in the order of their codes, after the code `after`. Nothing is found by
    /// a name of spaces only. Looks at every company.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn find_by_name(
        &self,
        name: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<CompanySummary>, StoreError> {
        let folded = fold_for_comparison(name);
        if folded.is_empty() {
            return Ok(Vec::new());
        }
        let rows = sqlx::query(FIND)
            .bind(containing(&folded))
            .bind(after.unwrap_or_default())
            .bind(i64::from(limit))
            .fetch_all(self.pool.reader())
            .await?;
        rows.iter().map(read_summary).collect()
    }

    /// How many companies there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn count(&self) -> Result<u64, StoreError> {
        let row = sqlx::query(COUNT).fetch_one(self.pool.reader()).await?;
        u64::try_from(row.try_get::<i64, _>(0)?).map_err(|_negative| StoreError::Unstorable)
    }

    async fn events_until(
        &self,
        uscc: &Uscc,
        at: Timestamp,
    ) -> Result<Vec<CompanyEvent>, StoreError> {
        let rows = sqlx::query(EVENTS)
            .bind(uscc.as_str())
            .bind(at.as_micros())
            .fetch_all(self.pool.reader())
            .await?;
        rows.iter().map(read_event).collect()
    }
}

/// A pattern for `LIKE … ESCAPE '!'` that finds `text` anywhere.
fn containing(text: &str) -> String {
    let escaped: String = text
        .chars()
        .flat_map(|character| {
            matches!(character, '%' | '_' | '!')
                .then_some('!')
                .into_iter()
                .chain([character])
        })
        .collect();
    format!("%{escaped}%")
}

fn read_company(row: &AnyRow) -> Result<Company, StoreError> {
    let row = Reader::new(row, "company", "uscc")?;
    let company: Company = row.parsed("body", |body| serde_json::from_str(body).ok())?;
    if company.uscc.as_str() != row.id() || company.version != row.number::<u64>("version")? {
        return Err(row.inconsistent());
    }
    // JSON has whole seconds.
    Ok(Company {
        updated_at: row.time("updated_at")?,
        ..company
    })
}

fn read_event(row: &AnyRow) -> Result<CompanyEvent, StoreError> {
    let row = Reader::new(row, "company_event", "uscc")?;
    Ok(CompanyEvent {
        sequence: row.number("sequence")?,
        recorded_at: row.time("recorded_at")?,
        recorded_by: row.parsed("recorded_by", |id| RelyingPartyId::parse(id).ok())?,
        body: row.parsed("body", |body| {
            serde_json::from_str::<CompanyEventBody>(body).ok()
        })?,
    })
}

fn read_summary(row: &AnyRow) -> Result<CompanySummary, StoreError> {
    let row = Reader::new(row, "company", "uscc")?;
    Ok(CompanySummary {
        uscc: row.parsed("uscc", |uscc| Uscc::parse(uscc).ok())?,
        name: row.text("name")?,
        state: row.parsed("state", CompanyState::from_words)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_finds_its_text_literally() {
        assert_eq!(containing("100%_a!"), "%100!%!_a!!%");
        assert_eq!(containing("东莞"), "%东莞%");
    }
}
