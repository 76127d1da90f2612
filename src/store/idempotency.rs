//! Requests that must not be served twice (`Idempotency-Key`).
//!
//! A claim is scoped to caller and route, so that one caller can neither see nor block another's. It is
//! laid *before* the work, and completed with what the work made; a claim that a crash left open is
//! completed or dropped at start-up together with the work it belongs to.

use std::time::Duration;

use sqlx::AnyConnection;
use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::registry::relying_party::RelyingPartyId;
use crate::store::error::StoreError;
use crate::store::pool::Pool;
use crate::store::row::Reader;

/// How long a claim is kept (DESIGN.md §8).
pub const KEPT_FOR: Duration = Duration::from_secs(24 * 60 * 60);

const CLAIM: &str = "INSERT INTO idempotency (caller, route, request_key, body_sha256, result, completed, created_at) \
                     VALUES ($1, $2, $3, $4, $5, 0, $6) ON CONFLICT (caller, route, request_key) DO NOTHING";

const DROP_OLD: &str = "DELETE FROM idempotency WHERE caller = $1 AND route = $2 AND request_key = $3 AND created_at <= $4";

const LOAD: &str = "SELECT caller, body_sha256, result, completed FROM idempotency \
                    WHERE caller = $1 AND route = $2 AND request_key = $3";

const LOOK: &str = "SELECT caller, body_sha256, result, completed FROM idempotency \
                    WHERE caller = $1 AND route = $2 AND request_key = $3 AND created_at > $4";

const COMPLETE: &str = "UPDATE idempotency SET completed = 1, result = $4 \
                        WHERE caller = $1 AND route = $2 AND request_key = $3 AND completed = 0";

const ABANDON: &str = "DELETE FROM idempotency WHERE caller = $1 AND route = $2 AND request_key = $3 AND completed = 0";

const ABANDON_UNFINISHED: &str =
    "DELETE FROM idempotency WHERE completed = 0 AND result IS NULL AND created_at < $1";

const COMPLETE_BY_RESULT: &str =
    "UPDATE idempotency SET completed = 1 WHERE result = $1 AND completed = 0";

const ABANDON_BY_RESULT: &str = "DELETE FROM idempotency WHERE result = $1 AND completed = 0";

const FORGET: &str = "DELETE FROM idempotency WHERE completed = 1 AND created_at <= $1";

/// What a caller sent under an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyClaim {
    /// Who.
    pub caller: RelyingPartyId,
    /// To which route, as its template.
    pub route: &'static str,
    /// The key it chose.
    pub key: String,
    /// SHA-256 of the request's body.
    pub body: Sha256,
}

/// What became of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The key was used with another body.
    Conflict,
    /// The same request is being served.
    InFlight,
    /// The same request was served, with this result.
    Replay(String),
    /// It is new, and now claimed: serve it, then complete or abandon the claim.
    Started,
}

/// Requests that must not be served twice.
#[derive(Debug)]
pub struct Idempotency<'a> {
    pool: &'a Pool,
}

impl<'a> Idempotency<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }

    /// Claims a key. A claim older than [`KEPT_FOR`] counts no more.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn claim(
        &self,
        claim: &IdempotencyClaim,
        now: Timestamp,
    ) -> Result<ClaimOutcome, StoreError> {
        let mut write = self.pool.begin().await?;
        let outcome = lay(&mut write, claim, None, now).await?;
        write.commit().await?;
        Ok(outcome)
    }

    /// What became of a key that was claimed before `now`, without claiming it. `None`: it is free.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn look(
        &self,
        claim: &IdempotencyClaim,
        now: Timestamp,
    ) -> Result<Option<ClaimOutcome>, StoreError> {
        let row = sqlx::query(LOOK)
            .bind(claim.caller.as_str())
            .bind(claim.route)
            .bind(claim.key.as_str())
            .bind(now.minus(KEPT_FOR).as_micros())
            .fetch_optional(self.pool.reader())
            .await?;
        row.as_ref().map(|row| outcome(row, claim)).transpose()
    }

    /// Completes a claim with what serving it made. `false`: it is not open.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn complete(
        &self,
        claim: &IdempotencyClaim,
        result: &str,
    ) -> Result<bool, StoreError> {
        let mut write = self.pool.begin().await?;
        let completed = sqlx::query(COMPLETE)
            .bind(claim.caller.as_str())
            .bind(claim.route)
            .bind(claim.key.as_str())
            .bind(result)
            .execute(&mut *write)
            .await?
            .rows_affected();
        write.commit().await?;
        Ok(completed == 1)
    }

    /// Drops an open claim, so that the caller may try again: serving it changed nothing.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn abandon(&self, claim: &IdempotencyClaim) -> Result<(), StoreError> {
        let mut write = self.pool.begin().await?;
        sqlx::query(ABANDON)
            .bind(claim.caller.as_str())
            .bind(claim.route)
            .bind(claim.key.as_str())
            .execute(&mut *write)
            .await?;
        write.commit().await
    }

    /// Drops claims laid before `before` that are open and not tied to a credential; for start-up.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn abandon_unfinished(&self, before: Timestamp) -> Result<u64, StoreError> {
        self.delete(ABANDON_UNFINISHED, before).await
    }

    /// Forgets completed claims older than [`KEPT_FOR`]; gives how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn forget_old(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.delete(FORGET, now.minus(KEPT_FOR)).await
    }

    async fn delete(&self, statement: &'static str, time: Timestamp) -> Result<u64, StoreError> {
        let mut write = self.pool.begin().await?;
        let deleted = sqlx::query(statement)
            .bind(time.as_micros())
            .execute(&mut *write)
            .await?
            .rows_affected();
        write.commit().await?;
        Ok(deleted)
    }
}

/// Lays a claim inside the transaction that begins the work. `result` is what the work will make, where
/// that is known beforehand.
pub(in crate::store) async fn lay(
    connection: &mut AnyConnection,
    claim: &IdempotencyClaim,
    result: Option<&str>,
    now: Timestamp,
) -> Result<ClaimOutcome, StoreError> {
    sqlx::query(DROP_OLD)
        .bind(claim.caller.as_str())
        .bind(claim.route)
        .bind(claim.key.as_str())
        .bind(now.minus(KEPT_FOR).as_micros())
        .execute(&mut *connection)
        .await?;
    let laid = sqlx::query(CLAIM)
        .bind(claim.caller.as_str())
        .bind(claim.route)
        .bind(claim.key.as_str())
        .bind(claim.body.as_bytes().as_slice())
        .bind(result)
        .bind(now.as_micros())
        .execute(&mut *connection)
        .await?
        .rows_affected();
    if laid == 1 {
        return Ok(ClaimOutcome::Started);
    }
    let row = sqlx::query(LOAD)
        .bind(claim.caller.as_str())
        .bind(claim.route)
        .bind(claim.key.as_str())
        .fetch_optional(&mut *connection)
        .await?;
    // Gone between two statements: whoever had it is just giving it up.
    let Some(row) = row else {
        return Ok(ClaimOutcome::InFlight);
    };
    outcome(&row, claim)
}

/// What the stored claim `row` says to the same key laid as `claim`.
fn outcome(row: &AnyRow, claim: &IdempotencyClaim) -> Result<ClaimOutcome, StoreError> {
    let row = Reader::new(row, "idempotency", "caller")?;
    if row.bytes::<32>("body_sha256")? != *claim.body.as_bytes() {
        return Ok(ClaimOutcome::Conflict);
    }
    match (row.number::<u8>("completed")?, row.text_or_null("result")?) {
        (0, _) => Ok(ClaimOutcome::InFlight),
        (_, Some(result)) => Ok(ClaimOutcome::Replay(result)),
        (_, None) => Err(row.inconsistent()),
    }
}

/// Completes the claim whose work made `result`, if there was one.
pub(in crate::store) async fn complete(
    connection: &mut AnyConnection,
    result: &str,
) -> Result<(), StoreError> {
    sqlx::query(COMPLETE_BY_RESULT)
        .bind(result)
        .execute(connection)
        .await?;
    Ok(())
}

/// Drops the open claim whose work would have made `result`, if there was one.
pub(in crate::store) async fn abandon(
    connection: &mut AnyConnection,
    result: &str,
) -> Result<(), StoreError> {
    sqlx::query(ABANDON_BY_RESULT)
        .bind(result)
        .execute(connection)
        .await?;
    Ok(())
}
