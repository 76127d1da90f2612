//! Signed heads of the audit trail, and the examination of everything.

use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::crypto::public_key::PublicKey;
use crate::evidence::audit::chain::ChainTip;
use crate::evidence::audit::examine::Examination;
use crate::evidence::audit::head::HeadError;
use crate::evidence::audit::head::HeadPlace;
use crate::evidence::audit::head::SignedHead;
use crate::identifier::opaque_id::SegmentId;
use crate::store::audit;
use crate::store::audit::Audit;
use crate::store::error::StoreError;
use crate::store::error::is_duplicate;
use crate::store::row::Reader;
use crate::store::row::column;

const LAST: &str = "SELECT CAST(number AS TEXT) AS id, number, compact FROM audit_head ORDER BY number DESC LIMIT 1";

const LIST: &str = "SELECT CAST(number AS TEXT) AS id, number, compact FROM audit_head \
                    WHERE number > $1 ORDER BY number LIMIT $2";

const FIND: &str =
    "SELECT CAST(number AS TEXT) AS id, number, compact FROM audit_head WHERE compact = $1";

const INSERT: &str = "INSERT INTO audit_head (number, signed_at, compact) VALUES ($1, $2, $3)";

const SIGNED: &str =
    "UPDATE audit_segment SET signed_count = $2 WHERE segment_id = $1 AND signed_count < $2";

const UNSIGNED: &str = "SELECT s.segment_id AS id, e.segment_index AS segment_index, e.hash AS hash \
    FROM audit_segment s JOIN audit_event e ON e.segment = s.segment_id \
    WHERE e.segment_index >= s.signed_count AND e.segment_index = \
        (SELECT max(x.segment_index) FROM audit_event x WHERE x.segment = s.segment_id) ORDER BY s.segment_id";

/// Rows read at a time.
const AT_A_TIME: u32 = 1_000;

/// A head as it is stored: not verified again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHead {
    /// Counted from 1, without gaps.
    pub number: u64,
    /// The compact JWS.
    pub compact: String,
}

impl StoredHead {
    /// Which head it is.
    #[must_use]
    pub fn place(&self) -> HeadPlace {
        HeadPlace::of(self.number, &self.compact)
    }
}

/// Why a head was not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepHeadError {
    /// It could not be signed.
    #[error("the head of the audit trail could not be signed")]
    Head(#[from] HeadError),
    /// The database failed.
    #[error("the heads of the audit trail could not be read or written")]
    Store(#[from] StoreError),
}

impl Audit<'_> {
    /// Segments that this process has appended to since a head covered them.
    #[must_use]
    pub fn grown(&self) -> Vec<ChainTip> {
        self.pool.lanes().unsigned()
    }

    /// How many events this process has recorded since a head was signed.
    #[must_use]
    pub fn grown_by(&self) -> u64 {
        self.pool.lanes().unsigned_events()
    }

    /// Segments, whoever wrote them, of which events are not covered by a head: at first those that a crash
    /// left, and those of other nodes that are still growing.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn unsigned(&self) -> Result<Vec<ChainTip>, StoreError> {
        let rows = sqlx::query(UNSIGNED).fetch_all(self.pool.reader()).await?;
        let tip = |row: &AnyRow| {
            let row = Reader::new(row, "audit_event", "id")?;
            Ok(ChainTip {
                segment: row.parsed("id", |id| SegmentId::parse(id).ok())?,
                count: row.number::<u64>("segment_index")?.saturating_add(1),
                hash: Sha256(row.bytes("hash")?),
            })
        };
        rows.iter().map(tip).collect()
    }

    /// Keeps a head about `tips`, which `sign` makes when it is told the one before. Where another node was
    /// faster it is signed again.
    ///
    /// # Errors
    /// [`KeepHeadError`] says which step failed; nothing was kept then.
    pub async fn keep_head(
        &self,
        at: Timestamp,
        tips: &[ChainTip],
        sign: impl Fn(Option<HeadPlace>) -> Result<SignedHead, HeadError>,
    ) -> Result<SignedHead, KeepHeadError> {
        loop {
            let head = sign(self.last_head().await?.map(|last| last.place()))?;
            let mut write = self.pool.begin().await?;
            let inserted = sqlx::query(INSERT)
                .bind(column(head.number())?)
                .bind(at.as_micros())
                .bind(head.compact())
                .execute(&mut *write)
                .await;
            match inserted {
                Ok(_) => {}
                Err(error) if is_duplicate(&error) => continue,
                Err(error) => return Err(StoreError::from(error).into()),
            }
            for tip in tips {
                sqlx::query(SIGNED)
                    .bind(tip.segment.as_str())
                    .bind(column(tip.count)?)
                    .execute(&mut *write)
                    .await
                    .map_err(StoreError::from)?;
            }
            write.commit().await?;
            self.pool.lanes().signed(tips);
            return Ok(head);
        }
    }

    /// The newest head.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn last_head(&self) -> Result<Option<StoredHead>, StoreError> {
        let row = sqlx::query(LAST).fetch_optional(self.pool.reader()).await?;
        row.as_ref().map(read).transpose()
    }

    /// At most `limit` heads after that of number `after`, in their order; `0` for the first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn heads(&self, after: u64, limit: u32) -> Result<Vec<StoredHead>, StoreError> {
        let rows = sqlx::query(LIST)
            .bind(column(after)?)
            .bind(i64::from(limit))
            .fetch_all(self.pool.reader())
            .await?;
        rows.iter().map(read).collect()
    }

    /// The number of the head of that text; 0 where there is none.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn number_of(&self, compact: &str) -> Result<u64, StoreError> {
        let row = sqlx::query(FIND)
            .bind(compact)
            .fetch_optional(self.pool.reader())
            .await?;
        row.as_ref().map_or(Ok(0), |row| Ok(read(row)?.number))
    }

    /// Hands everything that is recorded to an examination, as of one moment: first the heads, of which
    /// `keys` must have signed each; then `anchors`; then the events. `progress` is told how many events
    /// there are and how many were handed over.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails, or a row does not parse.
    pub async fn examine(
        &self,
        keys: &[PublicKey],
        anchors: &[SignedHead],
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<Examination, StoreError> {
        let mut snapshot = self.pool.snapshot().await?;
        let mut examination = Examination::default();
        let mut after = 0;
        loop {
            let rows = sqlx::query(LIST)
                .bind(after)
                .bind(i64::from(AT_A_TIME))
                .fetch_all(&mut *snapshot)
                .await?;
            for row in &rows {
                let stored = read(row)?;
                after = column(stored.number)?;
                match SignedHead::verify(&stored.compact, keys) {
                    Ok(head) if head.number() == stored.number => examination.head(&head),
                    Ok(head) => {
                        let why = format!("it is head {}", head.number());
                        examination.refused_head(stored.place(), why);
                    }
                    Err(error) => examination.refused_head(stored.place(), error.to_string()),
                }
            }
            if rows.is_empty() {
                break;
            }
        }
        anchors.iter().for_each(|head| examination.anchored(head));
        let total = u64::try_from(audit::count(&mut snapshot).await?).unwrap_or_default();
        let (mut after, mut seen) = (0, 0);
        loop {
            let events = audit::list(&mut *snapshot, after, AT_A_TIME).await?;
            for recorded in &events {
                after = recorded.sequence;
                seen += 1;
                examination.event(recorded.sequence, &recorded.event, recorded.link.as_ref());
            }
            progress(seen, total);
            if events.is_empty() {
                return Ok(examination);
            }
        }
    }
}

fn read(row: &AnyRow) -> Result<StoredHead, StoreError> {
    let row = Reader::new(row, "audit_head", "id")?;
    Ok(StoredHead {
        number: row.number("number")?,
        compact: row.text("compact")?,
    })
}
