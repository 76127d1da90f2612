//! Removes events that have been kept for as long as they may be; the chains hold without them.
//!
//! Only what a signed head covers is removed, head by head, so that what is left of a segment begins where a head says
//! how it stood. Before anything goes the record itself says up to which head. The heads stay.

use crate::clock::Timestamp;
use crate::evidence::audit::AuditEvent;
use crate::evidence::audit::chain::ChainTip;
use crate::evidence::audit::head::SignedHead;
use crate::store::audit;
use crate::store::audit::Audit;
use crate::store::error::StoreError;
use crate::store::meta::Mark;
use crate::store::row::Reader;
use crate::store::row::column;

/// The heads after the last one up to which everything is gone.
const DUE: &str = "SELECT CAST(number AS TEXT) AS id, number, signed_at, compact FROM audit_head \
    WHERE number > $1 ORDER BY number LIMIT $2";

/// The head up to which everything is gone.
const DONE: Mark = Mark("audit-removed-head");

const ALLOW: &str =
    "UPDATE audit_segment SET removed_count = $2 WHERE segment_id = $1 AND removed_count < $2";

const REMOVE: &str = "DELETE FROM audit_event WHERE segment = $1 AND segment_index < $2";

/// Heads at a time: of a service that was idle for some hours, of a busy one for minutes.
const AT_A_TIME: u32 = 200;

/// A head up to which events are to be removed.
struct Due {
    number: u64,
    tips: Vec<ChainTip>,
}

impl Audit<'_> {
    /// Removes events that a head from before `before` covers, and says so first; gives how many. No more than some
    /// hundred heads are gone through: the next call goes on. Cut off, it goes on where it was.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails, or a head does not parse; what was removed until then stays so.
    pub async fn remove_before(&self, before: Timestamp, at: Timestamp) -> Result<u64, StoreError> {
        let due = self.due(before).await?;
        let Some(last) = due.last() else { return Ok(0) };
        let mut write = self.pool.begin().await?;
        let said = AuditEvent::removal(at, last.number);
        audit::append(&mut write, std::slice::from_ref(&said)).await?;
        write.commit().await?;
        let mut removed = 0;
        for head in &due {
            removed += self.remove_covered(head).await?;
        }
        Ok(removed)
    }

    async fn due(&self, before: Timestamp) -> Result<Vec<Due>, StoreError> {
        let done = DONE.read(self.pool).await?;
        let rows = sqlx::query(DUE)
            .bind(done.unwrap_or(0))
            .bind(i64::from(AT_A_TIME))
            .fetch_all(self.pool.reader())
            .await?;
        let mut due = Vec::new();
        for row in &rows {
            let row = Reader::new(row, "audit_head", "id")?;
            if row.time("signed_at")? >= before {
                break;
            }
            due.push(Due {
                number: row.number("number")?,
                tips: row.parsed("compact", |compact| SignedHead::tips_of(compact).ok())?,
            });
        }
        Ok(due)
    }

    async fn remove_covered(&self, head: &Due) -> Result<u64, StoreError> {
        let mut removed = 0;
        let mut write = self.pool.begin().await?;
        for tip in &head.tips {
            let (segment, count) = (tip.segment.as_str(), column(tip.count)?);
            sqlx::query(ALLOW)
                .bind(segment)
                .bind(count)
                .execute(&mut *write)
                .await?;
            let gone = sqlx::query(REMOVE)
                .bind(segment)
                .bind(count)
                .execute(&mut *write)
                .await?;
            removed += gone.rows_affected();
        }
        DONE.reach(&mut write, column(head.number)?).await?;
        write.commit().await?;
        Ok(removed)
    }
}
