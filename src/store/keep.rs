//! Keeps answers: each with its line in the audit trail, those that are given at the same time in one transaction.
//!
//! A commit costs the disk the same for one answer as for many, so whatever waits while one is under way is
//! committed together next ([`Gathering`]); nobody is told that its answer is kept before it is. What the engine
//! refuses takes nothing with it: the others are kept alone then.
//!
//! [`Gathering`]: crate::store::gathering::Gathering

use std::ops::Range;
use std::sync::Arc;

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
        async move { keep_all(&pool, all).await }
    };
    let kept = pool.keeping.put(kept, AT_A_TIME, keeping).await;
    kept.unwrap_or(Err(StoreError::Unavailable))
}

async fn keep_all(pool: &Pool, all: Vec<Kept>) -> Vec<Result<(), StoreError>> {
    let all: Arc<[Kept]> = all.into();
    let count = all.len();
    match write(pool, &all, 0..count).await {
        Err(StoreError::Refused(_) | StoreError::Unstorable) if count > 1 => {
            let mut alone = Vec::with_capacity(count);
            for one in 0..count {
                alone.push(write(pool, &all, one..one + 1).await);
            }
            alone
        }
        written => vec![written; count],
    }
}

/// Writes some of them.
async fn write(pool: &Pool, all: &Arc<[Kept]>, which: Range<usize>) -> Result<(), StoreError> {
    if let Some(embedded) = pool.embedded() {
        let (embedded, all) = (embedded.clone(), Arc::clone(all));
        let (turn, lease) = pool.turn_with_lease().await?;
        let write = move || {
            let _turn = turn;
            embedded.keep(all.get(which).unwrap_or_default(), lease)
        };
        let written = tokio::task::spawn_blocking(write).await;
        return written.unwrap_or(Err(StoreError::Unavailable));
    }
    let all = all.get(which).unwrap_or_default();
    let rows: Vec<&ReceiptRow> = all.iter().filter_map(|one| one.receipt.as_ref()).collect();
    let events: Vec<&AuditEvent> = all.iter().map(|one| &one.event).collect();
    let mut write = pool.begin().await?;
    receipts::insert(&mut write, &rows).await?;
    audit::append(&mut write, events).await?;
    write.commit().await
}
