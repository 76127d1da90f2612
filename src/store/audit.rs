//! The append-only record of who did what. Changes of state write their line in their own transaction;
//! [`Audit::append`] is for what leaves no other trace.

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::store::error::StoreError;
use crate::store::many_rows::ManyRows;
use crate::store::many_rows::Statement;
use crate::store::pool::Pool;
use crate::store::row::Reader;

const APPEND: ManyRows = ManyRows {
    head: "INSERT INTO audit_event (at, actor, action, object, outcome, purpose, operator, matter_code) VALUES ",
    columns: 8,
    tail: "",
};

const LIST: &str = "SELECT CAST(sequence AS TEXT) AS id, sequence, at, actor, action, object, outcome, purpose, \
                    operator, matter_code FROM audit_event WHERE sequence > $1 ORDER BY sequence LIMIT $2";

/// The append-only record.
#[derive(Debug)]
pub struct Audit<'a> {
    pool: &'a Pool,
}

/// A recorded event and its place in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordedEvent {
    /// Grows from event to event, with gaps; where to continue reading.
    pub sequence: i64,
    /// The event.
    pub event: AuditEvent,
}

impl<'a> Audit<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }

    /// Appends an event.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn append(&self, event: &AuditEvent) -> Result<(), StoreError> {
        let mut write = self.pool.begin().await?;
        append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await
    }

    /// At most `limit` events after the one of sequence `after`, oldest first; `0` for the beginning.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for an event that does not parse.
    pub async fn list(&self, after: i64, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        let rows = sqlx::query(LIST)
            .bind(after)
            .bind(i64::from(limit))
            .fetch_all(self.pool.reader())
            .await?;
        rows.iter().map(read).collect()
    }
}

/// Appends events inside the transaction that does what they tell.
pub(in crate::store) async fn append(
    connection: &mut AnyConnection,
    events: &[AuditEvent],
) -> Result<(), StoreError> {
    APPEND.insert(connection, events, bind).await?;
    Ok(())
}

fn bind<'q>(statement: Statement<'q>, event: &'q AuditEvent) -> Statement<'q> {
    statement
        .bind(event.at.as_micros())
        .bind(event.actor.as_str())
        .bind(event.action.as_str())
        .bind(event.object.as_str())
        .bind(event.outcome.as_str())
        .bind(event.purpose.as_deref())
        .bind(event.operator.as_deref())
        .bind(event.matter_code.as_deref())
}

fn read(row: &AnyRow) -> Result<RecordedEvent, StoreError> {
    let row = Reader::new(row, "audit_event", "id")?;
    Ok(RecordedEvent {
        sequence: row.number("sequence")?,
        event: AuditEvent {
            at: row.time("at")?,
            actor: row.text("actor")?,
            action: row.parsed("action", AuditAction::from_name)?,
            object: row.text("object")?,
            outcome: row.text("outcome")?,
            purpose: row.text_or_null("purpose")?,
            operator: row.text_or_null("operator")?,
            matter_code: row.text_or_null("matter_code")?,
        },
    })
}
