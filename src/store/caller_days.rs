//! What callers with a daily quota have drawn of it, all nodes together.

use crate::registry::relying_party::RelyingPartyId;
use crate::store::error::StoreError;
use crate::store::pool::Pool;

const BEGIN: &str = "INSERT INTO caller_day (relying_party_id, day, drawn) VALUES ($1, $2, 0) \
                     ON CONFLICT (relying_party_id) DO NOTHING";

/// Takes the row's lock: of two nodes that draw at a time the later one sees what the earlier drew. Around midnight nodes
/// differ by a day, and the earlier one does not bring its day back; a day further ahead was a clock that was wrong.
const HOLD: &str = "UPDATE caller_day SET drawn = CASE WHEN day < $2 OR day > $2 + 1 THEN 0 ELSE drawn END, \
                    day = CASE WHEN day < $2 OR day > $2 + 1 THEN $2 ELSE day END WHERE relying_party_id = $1";

const DRAWN: &str = "SELECT drawn FROM caller_day WHERE relying_party_id = $1";

const DRAW: &str = "UPDATE caller_day SET drawn = $2 WHERE relying_party_id = $1";

/// What callers with a daily quota have drawn of it.
#[derive(Debug)]
pub struct CallerDays<'a> {
    pool: &'a Pool,
}

/// What was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drawn {
    /// Requests that whoever drew may let in; none where the quota is used up.
    pub granted: u32,
    /// What all have drawn of this day, these included.
    pub altogether: u32,
}

impl<'a> CallerDays<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }

    /// Draws at most `wanted` requests of a caller's day, counted since 1970 in UTC, of which it has `quota`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; nothing was drawn then.
    pub async fn draw(
        &self,
        caller: &RelyingPartyId,
        day: i64,
        wanted: u32,
        quota: u32,
    ) -> Result<Drawn, StoreError> {
        let mut write = self.pool.begin().await?;
        for statement in [BEGIN, HOLD] {
            let statement = sqlx::query(statement).bind(caller.as_str()).bind(day);
            statement.execute(&mut *write).await?;
        }
        let drawn = sqlx::query_scalar::<_, i64>(DRAWN).bind(caller.as_str());
        let drawn = drawn.fetch_one(&mut *write).await?;
        let drawn = u32::try_from(drawn).unwrap_or(u32::MAX);
        let granted = wanted.min(quota.saturating_sub(drawn));
        let altogether = drawn.saturating_add(granted);
        if granted > 0 {
            let statement = sqlx::query(DRAW).bind(caller.as_str());
            let statement = statement.bind(i64::from(altogether));
            statement.execute(&mut *write).await?;
            write.commit().await?;
        }
        Ok(Drawn {
            granted,
            altogether,
        })
    }
}
