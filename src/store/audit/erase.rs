//! Takes personal fields out of the audit trail; the chain holds without them.

use crate::clock::Timestamp;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::store::audit;
use crate::store::audit::Audit;
use crate::store::error::StoreError;

const ERASE_BEFORE: &str = "UPDATE audit_event SET operator = NULL, matter_code = NULL, salt = NULL \
    WHERE sequence IN (SELECT due.sequence FROM audit_event due WHERE due.at < $1 \
        AND (due.operator IS NOT NULL OR due.matter_code IS NOT NULL) ORDER BY due.at LIMIT $2)";

const ERASE_OPERATOR: &str = "UPDATE audit_event SET operator = NULL, matter_code = NULL, salt = NULL \
    WHERE sequence IN (SELECT due.sequence FROM audit_event due WHERE due.operator = $1 \
        ORDER BY due.sequence LIMIT $2)";

/// Events in one transaction.
const AT_A_TIME: u32 = 5_000;

/// Of which events the personal fields are erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erasure {
    /// Of those before this time.
    Before(Timestamp),
    /// Of those of this operator.
    Operator(String),
}

impl Erasure {
    /// What the audit trail says of it; never whom it was about.
    pub(in crate::store) fn object(&self) -> String {
        match self {
            Self::Before(time) => format!("before {time}"),
            Self::Operator(_) => "one operator".to_owned(),
        }
    }
}

impl Audit<'_> {
    /// Erases operator and matter code of events, and says so in the audit trail with each transaction that
    /// does; gives how many events lost something.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; what was erased until then stays so.
    pub async fn erase(
        &self,
        erasure: &Erasure,
        at: Timestamp,
        actor: &str,
    ) -> Result<u64, StoreError> {
        let mut erased = 0;
        loop {
            let mut write = self.pool.begin().await?;
            let statement = match erasure {
                Erasure::Before(time) => sqlx::query(ERASE_BEFORE).bind(time.as_micros()),
                Erasure::Operator(operator) => sqlx::query(ERASE_OPERATOR).bind(operator.as_str()),
            };
            let statement = statement.bind(i64::from(AT_A_TIME));
            let affected = statement.execute(&mut *write).await?.rows_affected();
            if affected == 0 {
                return Ok(erased);
            }
            let outcome = format!("{affected} events");
            let object = erasure.object();
            let event = AuditEvent::new(at, actor, AuditAction::AuditErased, &object, &outcome);
            audit::append(&mut write, std::slice::from_ref(&event)).await?;
            write.commit().await?;
            erased += affected;
        }
    }
}
