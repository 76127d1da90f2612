//! Takes sources up, keeps those that `ca.toml` names, and forgets those that nobody wants any more.

use sqlx::AnyConnection;
use sqlx::Row;

use crate::clock::Timestamp;
use crate::store::error::StoreError;
use crate::store::evidence::Evidence;
use crate::store::evidence::EvidenceSource;
use crate::store::evidence::attempt;
use crate::store::row::Reader;

const INSERT: &str = "INSERT INTO evidence_source \
    (source_id, ca, kind, url, certificate, issuer, pinned, queued_at, wanted_at, attempt_at, failures) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8, $8, 0)";

/// Notes that somebody wants it; `false` for one that is not there.
const WANT: &str =
    "UPDATE evidence_source SET wanted_at = $2 WHERE source_id = $1 AND wanted_at < $2";

const KNOWN: &str = "SELECT source_id FROM evidence_source WHERE source_id = $1";

/// Learns who signs a list, as long as nobody is known to have signed what is stored. It is then fetched
/// anew, this time with somebody to compare its signature with.
const LEARN_ISSUER: &str = "UPDATE evidence_source SET issuer = $2, attempt_at = $3 \
    WHERE source_id = $1 AND kind = 'crl' AND (issuer IS NULL OR issuer <> $2) AND NOT EXISTS \
        (SELECT 1 FROM evidence WHERE evidence.source_id = $1 AND signer_known = 1)";

const COUNT: &str =
    "SELECT count(*) FROM evidence_source WHERE ca = $1 AND kind = $2 AND pinned = 0";

/// Makes room by what has been wanted by nobody for longest.
const DISPLACE: &str = "DELETE FROM evidence_source WHERE source_id IN \
    (SELECT source_id FROM evidence_source WHERE ca = $1 AND kind = $2 AND pinned = 0 AND wanted_at < $3 \
     ORDER BY wanted_at LIMIT 1)";

const PINNED: &str = "SELECT source_id FROM evidence_source WHERE pinned = 1";

const PIN: &str = "UPDATE evidence_source SET pinned = 1, wanted_at = $2 WHERE source_id = $1";

const UNPIN: &str = "UPDATE evidence_source SET pinned = 0 WHERE source_id = $1";

const FORGET: &str = "DELETE FROM evidence_source WHERE pinned = 0 AND wanted_at < $1";

/// What an operator has repaired is not waited for.
const HASTEN_FAILING: &str =
    "UPDATE evidence_source SET attempt_at = $1 WHERE attempt_at > $1 AND failures > 0";

const HASTEN_ALL: &str = "UPDATE evidence_source SET attempt_at = $1 WHERE attempt_at > $1";

/// Which sources are made due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hastened {
    /// All of them.
    All,
    /// Those whose last attempt failed.
    Failing,
}

/// What became of a source that was to be queued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queued {
    /// It is new, and due at once.
    Added,
    /// The CA has as many sources of that kind as it may have, all of them wanted lately.
    Full,
    /// It was there already.
    Known,
}

impl Evidence<'_> {
    /// Queues a source, or notes that one which is there is wanted.
    ///
    /// A CA has at most `limit` sources of a kind beside those that are pinned: whoever holds many
    /// certificates of a careless CA cannot make them grow. One that was last wanted before
    /// `displaceable` makes room.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn queue(
        &self,
        source: &EvidenceSource,
        now: Timestamp,
        displaceable: Timestamp,
        limit: u32,
    ) -> Result<Queued, StoreError> {
        let mut write = self.pool.begin().await?;
        // One after the other, so that together they respect the limit.
        attempt::hold_version(&mut write).await?;
        let queued = if is_known(&mut write, source).await? {
            want(&mut write, source, now).await?;
            Queued::Known
        } else if has_room(&mut write, source, displaceable, limit).await? {
            insert(&mut write, source, 0, now).await?;
            Queued::Added
        } else {
            Queued::Full
        };
        write.commit().await?;
        Ok(queued)
    }

    /// Makes exactly these sources the pinned ones; those that are new are due at once, those that no
    /// longer are pinned stay for as long as somebody wants them. Gives how many are new.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn pin(
        &self,
        sources: &[EvidenceSource],
        now: Timestamp,
    ) -> Result<usize, StoreError> {
        let mut write = self.pool.begin().await?;
        attempt::hold_version(&mut write).await?;
        let mut added = 0;
        for source in sources {
            if is_known(&mut write, source).await? {
                execute(&mut write, PIN, source, now).await?;
            } else {
                insert(&mut write, source, 1, now).await?;
                added += 1;
            }
        }
        let named: Vec<String> = sources
            .iter()
            .map(|source| source.id().to_string())
            .collect();
        for row in sqlx::query(PINNED).fetch_all(&mut *write).await? {
            let id: String = row.try_get("source_id")?;
            if !named.contains(&id) {
                sqlx::query(UNPIN).bind(id).execute(&mut *write).await?;
            }
        }
        write.commit().await?;
        Ok(added)
    }

    /// Makes sources due that are not, those that somebody is fetching included: that does no harm.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn hasten(&self, which: Hastened, now: Timestamp) -> Result<(), StoreError> {
        let statement = match which {
            Hastened::All => HASTEN_ALL,
            Hastened::Failing => HASTEN_FAILING,
        };
        let mut write = self.pool.begin().await?;
        sqlx::query(statement)
            .bind(now.as_micros())
            .execute(&mut *write)
            .await?;
        write.commit().await
    }

    /// Forgets sources that are not pinned and were last wanted before `unwanted_since`, with their
    /// evidence; gives how many.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn forget(&self, unwanted_since: Timestamp) -> Result<u64, StoreError> {
        let mut write = self.pool.begin().await?;
        attempt::hold_version(&mut write).await?;
        let forgotten = sqlx::query(FORGET)
            .bind(unwanted_since.as_micros())
            .execute(&mut *write)
            .await?
            .rows_affected();
        if forgotten > 0 {
            attempt::bump_version(&mut write).await?;
        }
        write.commit().await?;
        Ok(forgotten)
    }
}

async fn is_known(
    connection: &mut AnyConnection,
    source: &EvidenceSource,
) -> Result<bool, StoreError> {
    let row = sqlx::query(KNOWN)
        .bind(source.id().to_string())
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

async fn want(
    connection: &mut AnyConnection,
    source: &EvidenceSource,
    now: Timestamp,
) -> Result<(), StoreError> {
    execute(connection, WANT, source, now).await?;
    if let (None, Some(issuer)) = (source.certificate(), source.issuer()) {
        sqlx::query(LEARN_ISSUER)
            .bind(source.id().to_string())
            .bind(issuer)
            .bind(now.as_micros())
            .execute(connection)
            .await?;
    }
    Ok(())
}

async fn execute(
    connection: &mut AnyConnection,
    statement: &'static str,
    source: &EvidenceSource,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(statement)
        .bind(source.id().to_string())
        .bind(now.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

async fn has_room(
    connection: &mut AnyConnection,
    source: &EvidenceSource,
    displaceable: Timestamp,
    limit: u32,
) -> Result<bool, StoreError> {
    let (ca, kind) = (source.ca().as_str(), source.kind().name());
    let row = sqlx::query(COUNT)
        .bind(ca)
        .bind(kind)
        .fetch_one(&mut *connection)
        .await?;
    let count: i64 = row.try_get(0)?;
    if count < i64::from(limit) {
        return Ok(true);
    }
    let displaced = sqlx::query(DISPLACE)
        .bind(ca)
        .bind(kind)
        .bind(displaceable.as_micros())
        .execute(&mut *connection)
        .await?
        .rows_affected();
    if displaced > 0 {
        attempt::bump_version(connection).await?;
    }
    Ok(displaced > 0)
}

async fn insert(
    connection: &mut AnyConnection,
    source: &EvidenceSource,
    pinned: i64,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(INSERT)
        .bind(source.id().to_string())
        .bind(source.ca().as_str())
        .bind(source.kind().name())
        .bind(source.url().as_str())
        .bind(source.certificate())
        .bind(source.issuer())
        .bind(pinned)
        .bind(now.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether the row, which has a column `pinned`, is of a source that `ca.toml` names.
pub(in crate::store) fn is_pinned(row: &Reader<'_>) -> Result<bool, StoreError> {
    Ok(row.number::<u8>("pinned")? != 0)
}
