//! Keeps answers: each with its line in the audit trail, those that are given at the same time in one transaction.
//!
//! A commit costs the disk the same for one answer as for many, so whatever waits while one is under way is
//! committed together next ([`Gathering`]); nobody is told that its answer is kept before it is. What the engine
//! refuses takes nothing with it: the others are kept alone then.
//!
//! [`Gathering`]: crate::store::gathering::Gathering

use crate::evidence::audit::AuditEvent;
use crate::store::audit;
use crate::store::error::StoreError;
use crate::store::pool::Pool;
use crate::store::receipts;
use crate::store::receipts::ReceiptRow;

/// Answers in one transaction: more gain nothing, and the first of them would wait for the last.
const AT_A_TIME: usize = 64;

/// What an answer leaves behind.
#[derive(Debug)]
pub(in crate::store) struct Kept {
    /// Its receipt, if it has one.
    pub(in crate::store) receipt: Option<ReceiptRow>,
    /// What the audit trail says of it.
    pub(in crate::store) event: AuditEvent,
}

/// Keeps what an answer leaves behind.
pub(in crate::store) async fn keep(pool: &Pool, kept: Kept) -> Result<(), StoreError> {
    let owned = pool.clone();
    let keeping = move |all: Vec<Kept>| {
        let pool = owned.clone();
        async move { keep_all(&pool, &all).await }
    };
    let kept = pool.keeping.put(kept, AT_A_TIME, keeping).await;
    kept.unwrap_or(Err(StoreError::Unavailable))
}

async fn keep_all(pool: &Pool, all: &[Kept]) -> Vec<Result<(), StoreError>> {
    match write(pool, all).await {
        Err(StoreError::Refused(_) | StoreError::Unstorable) if all.len() > 1 => {
            let mut alone = Vec::with_capacity(all.len());
            for one in all {
                alone.push(write(pool, std::slice::from_ref(one)).await);
            }
            alone
        }
        written => vec![written; all.len()],
    }
}

async fn write(pool: &Pool, all: &[Kept]) -> Result<(), StoreError> {
    let rows: Vec<&ReceiptRow> = all.iter().filter_map(|one| one.receipt.as_ref()).collect();
    let events: Vec<&AuditEvent> = all.iter().map(|one| &one.event).collect();
    let mut write = pool.begin().await?;
    receipts::insert(&mut write, &rows).await?;
    audit::append(&mut write, events).await?;
    write.commit().await
}
