//! Takes operators and matter codes out of stored receipts, and removes receipts that were kept for long enough.
//!
//! Both go through the receipts of one caller after the other, by the index that is there for other reasons: an index
//! of their own would cost every answer something.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::evidence::audit::SYSTEM;
use crate::evidence::receipt;
use crate::evidence::receipt::ReceiptClaims;
use crate::store::audit;
use crate::store::audit::erase::Erasure;
use crate::store::error::StoreError;
use crate::store::meta::Mark;
use crate::store::receipts::Receipts;
use crate::store::row::Reader;

const NEXT_CALLER: &str = "SELECT min(caller) FROM receipt WHERE caller > $1";

const OLDEST: &str = "SELECT min(issued_at) FROM receipt WHERE caller = $1";

/// In the order of the index.
const SIGNED: &str = "SELECT receipt_id, issued_at, compact FROM receipt WHERE caller = $1 AND issued_at >= $2 \
    AND issued_at < $3 AND (issued_at > $2 OR receipt_id > $4) ORDER BY issued_at, receipt_id LIMIT $5";

const ERASE: &str = "UPDATE receipt SET compact = '', claims = $2 WHERE receipt_id = $1";

const REMOVE: &str = "DELETE FROM receipt WHERE receipt_id IN (SELECT due.receipt_id FROM receipt due \
    WHERE due.caller = $1 AND due.issued_at < $2 ORDER BY due.issued_at LIMIT $3)";

/// The time, in microseconds, before which no receipt names anybody.
const ERASED_BEFORE: Mark = Mark("receipts-erased-before");

/// No answer takes so long, nor do the clocks of two nodes differ by so much.
const STILL_ANSWERED: Duration = Duration::from_secs(10 * 60);

/// Transactions in one call: there is other work.
const MAX_TRANSACTIONS: u32 = 200;

/// Receipts in one transaction.
const AT_A_TIME: u32 = 1_000;

/// Which receipts of a caller are next.
struct Place {
    issued_at: i64,
    id: String,
}

/// What was gone through at a time.
#[derive(Default)]
struct Page {
    seen: u64,
    erased: u64,
    unreadable: Option<StoreError>,
    /// Where to go on; none: there was nothing left.
    last: Option<Place>,
}

impl Receipts<'_> {
    /// Takes operator and matter code out of stored receipts, and says so in the audit trail with each transaction that
    /// does; gives out of how many. Their signed form held both, so it goes; what they said otherwise stays. What callers
    /// were given is not touched. `progress` is told how many receipts were looked at.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; what was erased until then stays so. [`StoreError::Inconsistent`] for a
    /// receipt that does not parse, once all others are erased, where it cannot be told whether it is meant.
    pub async fn erase(
        &self,
        erasure: &Erasure,
        (at, actor): (Timestamp, &str),
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<u64, StoreError> {
        let (from, until) = match erasure {
            // Before that there are none left.
            Erasure::Before(time) => {
                let erased = ERASED_BEFORE.read(self.pool).await?;
                (erased.unwrap_or(i64::MIN), time.as_micros())
            }
            Erasure::Operator(_) => (i64::MIN, i64::MAX),
        };
        let (mut erased, mut seen, mut unreadable) = (0, 0, None);
        let mut caller = String::new();
        while from < until
            && let Some(next) = self.next_caller(&caller).await?
        {
            caller = next;
            let mut place = Some(Place {
                issued_at: from,
                id: String::new(),
            });
            while let Some(begin) = place {
                let page = self
                    .erase_page((erasure, at, actor), &caller, until, begin)
                    .await?;
                erased += page.erased;
                seen += page.seen;
                progress(seen);
                unreadable = unreadable.or(page.unreadable);
                place = page.last;
            }
        }
        if let Some(error) = unreadable {
            return Err(error);
        }
        if let Erasure::Before(_) = erasure
            && from < until
        {
            // What is being answered now may still come to stand before that.
            let sure = until.min(at.minus(STILL_ANSWERED).as_micros());
            let mut write = self.pool.begin().await?;
            ERASED_BEFORE.reach(&mut write, sure).await?;
            write.commit().await?;
        }
        Ok(erased)
    }

    async fn erase_page(
        &self,
        (erasure, at, actor): (&Erasure, Timestamp, &str),
        caller: &str,
        until: i64,
        begin: Place,
    ) -> Result<Page, StoreError> {
        let rows = sqlx::query(SIGNED)
            .bind(caller)
            .bind(begin.issued_at)
            .bind(until)
            .bind(begin.id)
            .bind(i64::from(AT_A_TIME))
            .fetch_all(self.pool.reader())
            .await?;
        let mut due = Vec::new();
        let mut page = Page::default();
        for row in &rows {
            let row = Reader::new(row, "receipt", "receipt_id")?;
            let id: String = row.text("receipt_id")?;
            let compact: String = row.text("compact")?;
            match receipt::read(&compact) {
                Ok(claims) if is_meant(&claims, erasure) => {
                    due.push((id.clone(), Some(row_of(claims)?)));
                }
                Ok(_) => {}
                // Erased already.
                Err(_) if compact.is_empty() => {}
                // Nobody can read it, but it may name somebody.
                Err(_) if matches!(erasure, Erasure::Before(_)) => due.push((id.clone(), None)),
                Err(_) => page.unreadable = Some(row.inconsistent()),
            }
            page.seen += 1;
            page.last = Some(Place {
                issued_at: row.number("issued_at")?,
                id,
            });
        }
        if !due.is_empty() {
            let mut write = self.pool.begin().await?;
            for (id, claims) in &due {
                let statement = sqlx::query(ERASE).bind(id.as_str()).bind(claims.as_deref());
                statement.execute(&mut *write).await?;
            }
            let outcome = format!("{} receipts", due.len());
            let action = AuditAction::AuditErased;
            let event = AuditEvent::new(at, actor, action, &erasure.object(), &outcome);
            audit::append(&mut write, std::slice::from_ref(&event)).await?;
            write.commit().await?;
        }
        page.erased = u64::try_from(due.len()).unwrap_or(u64::MAX);
        Ok(page)
    }

    /// Removes receipts that were given before `before`, and says so in the audit trail with each transaction that does;
    /// gives how many. There are no more than some hundred transactions: the next call goes on.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; what was removed until then stays so.
    pub async fn remove_before(&self, before: Timestamp, at: Timestamp) -> Result<u64, StoreError> {
        let (mut removed, mut transactions) = (0, 0);
        let mut caller = String::new();
        while let Some(next) = self.next_caller(&caller).await? {
            caller = next;
            let is_due = |oldest: i64| oldest < before.as_micros();
            while self.oldest(&caller).await?.is_some_and(is_due) {
                let mut write = self.pool.begin().await?;
                let statement = sqlx::query(REMOVE)
                    .bind(caller.as_str())
                    .bind(before.as_micros())
                    .bind(i64::from(AT_A_TIME));
                let affected = statement.execute(&mut *write).await?.rows_affected();
                if affected == 0 {
                    // Another node was faster.
                    break;
                }
                transactions += 1;
                let object = format!("of {caller} before {before}");
                let outcome = format!("{affected} receipts");
                let action = AuditAction::ReceiptsRemoved;
                let event = AuditEvent::new(at, SYSTEM, action, &object, &outcome);
                audit::append(&mut write, std::slice::from_ref(&event)).await?;
                write.commit().await?;
                removed += affected;
                if transactions == MAX_TRANSACTIONS {
                    return Ok(removed);
                }
            }
        }
        Ok(removed)
    }

    async fn next_caller(&self, after: &str) -> Result<Option<String>, StoreError> {
        let next = sqlx::query_scalar(NEXT_CALLER).bind(after);
        Ok(next.fetch_one(self.pool.reader()).await?)
    }

    /// When the oldest receipt of a caller was given; `None`: it has none any more.
    async fn oldest(&self, caller: &str) -> Result<Option<i64>, StoreError> {
        let oldest = sqlx::query_scalar(OLDEST).bind(caller);
        Ok(oldest.fetch_one(self.pool.reader()).await?)
    }
}

/// Whether an erasure is about a receipt that says this.
fn is_meant(claims: &ReceiptClaims, erasure: &Erasure) -> bool {
    match erasure {
        Erasure::Before(_) => claims.operator.is_some() || claims.matter_code.is_some(),
        Erasure::Operator(operator) => claims.operator.as_ref() == Some(operator),
    }
}

fn row_of(claims: ReceiptClaims) -> Result<String, StoreError> {
    let left = ReceiptClaims {
        operator: None,
        matter_code: None,
        ..claims
    };
    serde_json::to_string(&left).map_err(|_unwritable| StoreError::Unstorable)
}
