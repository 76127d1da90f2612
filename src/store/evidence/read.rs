//! Reads sources and evidence: for operators, and for those who validate.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::store::error::StoreError;
use crate::store::evidence::Evidence;
use crate::store::evidence::EvidenceSource;
use crate::store::evidence::Signer;
use crate::store::evidence::SourceId;
use crate::store::evidence::queue::is_pinned;
use crate::store::row::Reader;

const LIST: &str = "SELECT s.source_id, s.ca, s.kind, s.url, s.certificate, s.issuer, s.pinned, s.attempt_at, \
    s.failures, s.failing_since, s.last_error, \
    e.body_sha256, e.signer_known, e.this_update, e.next_update, e.fetched_at \
    FROM evidence_source s LEFT JOIN evidence e ON e.source_id = s.source_id \
    ORDER BY s.ca, s.kind, s.url, s.source_id";

const CURRENT: &str = "SELECT s.source_id, s.ca, s.kind, s.url, s.certificate, s.issuer, \
    e.body_sha256, e.signer_known, e.this_update, e.next_update, e.fetched_at \
    FROM evidence_source s JOIN evidence e ON e.source_id = s.source_id ORDER BY s.source_id";

const BODY: &str = "SELECT source_id, body FROM evidence WHERE source_id = $1 AND body_sha256 = $2";

const VERSION: &str = "SELECT version FROM evidence_version WHERE only_row = 1";

/// Stored evidence without its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvidenceOutline {
    /// The digest of its bytes.
    pub sha256: Sha256,
    /// Whether who signed it was known.
    pub signer: Signer,
    /// When it was issued.
    pub this_update: Timestamp,
    /// When newer evidence is there at the latest, where it says so.
    pub next_update: Option<Timestamp>,
    /// When it was last fetched, changed or not.
    pub fetched_at: Timestamp,
}

/// How a source does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceState {
    /// What, and from where.
    pub source: EvidenceSource,
    /// Whether `ca.toml` names it.
    pub pinned: bool,
    /// When it is fetched next.
    pub attempt_at: Timestamp,
    /// Failures since the last success.
    pub failures: u32,
    /// When the first of them was.
    pub failing_since: Option<Timestamp>,
    /// The code of the last of them.
    pub last_error: Option<String>,
    /// What is stored.
    pub evidence: Option<EvidenceOutline>,
}

impl Evidence<'_> {
    /// All sources, by CA, kind and address.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn list(&self) -> Result<Vec<SourceState>, StoreError> {
        let rows = sqlx::query(LIST).fetch_all(self.pool.reader()).await?;
        rows.iter().map(read_state).collect()
    }

    /// What is stored of each source that has evidence.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn current(&self) -> Result<Vec<(EvidenceSource, EvidenceOutline)>, StoreError> {
        let rows = sqlx::query(CURRENT).fetch_all(self.pool.reader()).await?;
        let read = |row: &AnyRow| {
            let reader = Reader::new(row, "evidence", "source_id")?;
            Ok((EvidenceSource::read(row)?, read_outline(&reader)?))
        };
        rows.iter().map(read).collect()
    }

    /// The bytes with that digest, if they are still the newest of their source.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn body(&self, id: SourceId, sha256: Sha256) -> Result<Option<Vec<u8>>, StoreError> {
        let row = sqlx::query(BODY)
            .bind(id.to_string())
            .bind(sha256.as_bytes().as_slice())
            .fetch_optional(self.pool.reader())
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let row = Reader::new(&row, "evidence", "source_id")?;
        row.blob_or_null("body")
    }

    /// Grows whenever stored evidence changes; a copy of the same version is the same, or newer.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn version(&self) -> Result<u64, StoreError> {
        let row = sqlx::query(VERSION).fetch_one(self.pool.reader()).await?;
        let version: i64 = row.try_get(0)?;
        u64::try_from(version).map_err(|_negative| StoreError::Inconsistent {
            table: "evidence_version",
            id: "1".to_owned(),
        })
    }
}

fn read_state(row: &AnyRow) -> Result<SourceState, StoreError> {
    let reader = Reader::new(row, "evidence_source", "source_id")?;
    let evidence = match reader.bytes_or_null::<32>("body_sha256")? {
        Some(_) => Some(read_outline(&reader)?),
        None => None,
    };
    Ok(SourceState {
        source: EvidenceSource::read(row)?,
        pinned: is_pinned(&reader)?,
        attempt_at: reader.time("attempt_at")?,
        failures: reader.number("failures")?,
        failing_since: reader.time_or_null("failing_since")?,
        last_error: reader.text_or_null("last_error")?,
        evidence,
    })
}

fn read_outline(row: &Reader<'_>) -> Result<EvidenceOutline, StoreError> {
    Ok(EvidenceOutline {
        sha256: Sha256(row.bytes("body_sha256")?),
        signer: Signer::read(row)?,
        this_update: row.time("this_update")?,
        next_update: row.time_or_null("next_update")?,
        fetched_at: row.time("fetched_at")?,
    })
}
