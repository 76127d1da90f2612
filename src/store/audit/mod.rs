//! The append-only record of who did what. Changes of state write their line in their own transaction;
//! [`Audit::append`] is for what leaves no other trace.
//!
//! Every event is chained to the one before it ([`lane`]); signed heads are kept in [`head`], copies of them
//! in an anchor file ([`anchor`]); [`erase`] takes personal fields out, [`retain`] removes what was kept for long enough.

pub mod anchor;
pub mod erase;
pub mod head;
pub(in crate::store) mod lane;
pub mod retain;

use serde::Serialize;
use serde::Serializer;
use serde::ser::SerializeStruct as _;
use sqlx::AnyConnection;
use sqlx::Executor;
use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::encoding::hex;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::evidence::audit::AuditProfile;
use crate::evidence::audit::chain::Commitments;
use crate::evidence::audit::chain::Link;
use crate::identifier::opaque_id::SegmentId;
use crate::identifier::uscc::Uscc;
use crate::store::audit::lane::Lease;
use crate::store::error::StoreError;
use crate::store::keep::Kept;
use crate::store::keep::keep;
use crate::store::many_rows::ColumnValue;
use crate::store::many_rows::ManyRows;
use crate::store::many_rows::Statement;
use crate::store::many_rows::bind_all;
use crate::store::pool::Pool;
use crate::store::pool::Write;
use crate::store::row::Reader;
use crate::store::row::column;

pub(in crate::store) const APPEND: ManyRows = ManyRows {
    head: "INSERT INTO audit_event (at, actor, action, object, outcome, purpose, operator, matter_code, subject, \
           profile_name, profile_version, profile_digest, latency_micros, segment, segment_index, hash, salt, \
           operator_commitment, matter_commitment) VALUES ",
    columns: 19,
    tail: "",
};

pub(in crate::store) const OPEN_SEGMENT: &str =
    "INSERT INTO audit_segment (segment_id, opened_at, signed_count) VALUES ($1, $2, 0)";

const LIST: &str = "SELECT CAST(sequence AS TEXT) AS id, sequence, at, actor, action, object, outcome, purpose, \
    operator, matter_code, subject, profile_name, profile_version, profile_digest, latency_micros, segment, \
    segment_index, hash, salt, operator_commitment, matter_commitment FROM audit_event \
    WHERE sequence > $1 ORDER BY sequence LIMIT $2";

/// As [`LIST`], of one caller.
const LIST_OF_ACTOR: &str = "SELECT CAST(sequence AS TEXT) AS id, sequence, at, actor, action, object, outcome, purpose, \
    operator, matter_code, subject, profile_name, profile_version, profile_digest, latency_micros, segment, \
    segment_index, hash, salt, operator_commitment, matter_commitment FROM audit_event \
    WHERE actor = $3 AND sequence > $1 AND at >= $4 AND at < $5 ORDER BY sequence LIMIT $2";

/// As [`LIST`], within a time.
const LIST_WITHIN: &str = "SELECT CAST(sequence AS TEXT) AS id, sequence, at, actor, action, object, outcome, purpose, \
    operator, matter_code, subject, profile_name, profile_version, profile_digest, latency_micros, segment, \
    segment_index, hash, salt, operator_commitment, matter_commitment FROM audit_event \
    WHERE sequence > $1 AND at >= $3 AND at < $4 ORDER BY sequence LIMIT $2";

/// Newest first: a company wants to know who looked last.
const ABOUT: &str = "SELECT CAST(sequence AS TEXT) AS id, sequence, at, actor, action, object, outcome, purpose, \
    operator, matter_code, subject, profile_name, profile_version, profile_digest, latency_micros, segment, \
    segment_index, hash, salt, operator_commitment, matter_commitment FROM audit_event \
    WHERE subject = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3";

const COUNT: &str = "SELECT count(*) FROM audit_event";

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
    /// Its place in a chain; absent in events of a release that had none.
    pub link: Option<Link>,
}

/// Which events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// Not those before.
    pub from: Timestamp,
    /// Not those at this time or later.
    pub until: Timestamp,
    /// Only those of this actor.
    pub actor: Option<String>,
}

impl Selection {
    /// All of them.
    pub const ALL: Self = Self {
        from: Timestamp::MIN,
        until: Timestamp::MAX,
        actor: None,
    };
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
        let event = event.clone();
        keep(
            self.pool,
            Kept {
                receipt: None,
                event,
            },
        )
        .await
    }

    /// At most `limit` events after the one of sequence `after`, oldest first; `0` for the beginning.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for an event that does not parse.
    pub async fn list(&self, after: i64, limit: u32) -> Result<Vec<RecordedEvent>, StoreError> {
        list(self.pool.reader(), after, limit).await
    }

    /// As [`Self::list`], of those selected.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn select(
        &self,
        selection: &Selection,
        after: i64,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let (from, until) = (selection.from.as_micros(), selection.until.as_micros());
        let rows = match &selection.actor {
            Some(actor) => {
                sqlx::query(LIST_OF_ACTOR)
                    .bind(after)
                    .bind(i64::from(limit))
                    .bind(actor.as_str())
                    .bind(from)
                    .bind(until)
                    .fetch_all(self.pool.reader())
                    .await?
            }
            None => {
                sqlx::query(LIST_WITHIN)
                    .bind(after)
                    .bind(i64::from(limit))
                    .bind(from)
                    .bind(until)
                    .fetch_all(self.pool.reader())
                    .await?
            }
        };
        rows.iter().map(read).collect()
    }

    /// At most `limit` events about a company before the one of sequence `before`, newest first; `i64::MAX`
    /// for the newest.
    ///
    /// # Errors
    /// As [`Self::list`].
    pub async fn about(
        &self,
        subject: &Uscc,
        before: i64,
        limit: u32,
    ) -> Result<Vec<RecordedEvent>, StoreError> {
        let rows = sqlx::query(ABOUT)
            .bind(subject.as_str())
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(self.pool.reader())
            .await?;
        rows.iter().map(read).collect()
    }
}

/// At most `limit` events after the one of sequence `after`, oldest first.
async fn list<'e>(
    reader: impl Executor<'e, Database = sqlx::Any>,
    after: i64,
    limit: u32,
) -> Result<Vec<RecordedEvent>, StoreError> {
    let rows = sqlx::query(LIST)
        .bind(after)
        .bind(i64::from(limit))
        .fetch_all(reader)
        .await?;
    rows.iter().map(read).collect()
}

/// How many events there are.
async fn count(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    Ok(sqlx::query_scalar(COUNT).fetch_one(connection).await?)
}

/// Appends events inside the transaction that does what they tell, to a chain that it has for itself.
pub(in crate::store) async fn append<'e>(
    write: &mut Write,
    events: impl IntoIterator<Item = &'e AuditEvent>,
) -> Result<(), StoreError> {
    let mut events = events.into_iter().peekable();
    if events.peek().is_none() {
        return Ok(());
    }
    let (connection, lease) = write.chained()?;
    let appended = Appended::new(lease, events)?;
    if let Some(values) = appended.segment() {
        let statement = bind_all(sqlx::query(OPEN_SEGMENT), values);
        statement.execute(&mut *connection).await?;
    }
    APPEND.insert(connection, &appended.rows, Row::bind).await?;
    Ok(())
}

/// Events that were chained: what is to be written of them.
pub(in crate::store) struct Appended<'a> {
    /// The segment that has to be opened first, and when.
    opens: Option<(SegmentId, Timestamp)>,
    pub(in crate::store) rows: Vec<Row<'a>>,
}

impl<'a> Appended<'a> {
    /// Chains events.
    pub(in crate::store) fn new(
        lease: &mut Lease,
        events: impl IntoIterator<Item = &'a AuditEvent>,
    ) -> Result<Self, StoreError> {
        let is_new = lease.is_new();
        let rows = events
            .into_iter()
            .map(|event| Row::new(event, lease.append(event)))
            .collect::<Result<Vec<_>, _>>()?;
        let opens = rows.first().filter(|_| is_new);
        Ok(Self {
            opens: opens.map(|row| (row.link.segment.clone(), row.event.at)),
            rows,
        })
    }

    /// The values of [`OPEN_SEGMENT`], if that has to come first.
    pub(in crate::store) fn segment(&self) -> Option<[ColumnValue<'_>; 2]> {
        let (segment, at) = self.opens.as_ref()?;
        Some([
            ColumnValue::text(segment.as_str()),
            ColumnValue::number(at.as_micros()),
        ])
    }
}

/// A row of `audit_event`.
pub(in crate::store) struct Row<'a> {
    event: &'a AuditEvent,
    link: Link,
    index: i64,
    profile_version: Option<i64>,
    latency_micros: Option<i64>,
}

impl<'a> Row<'a> {
    fn new(event: &'a AuditEvent, link: Link) -> Result<Self, StoreError> {
        let profile = event.profile.as_ref();
        Ok(Self {
            index: column(link.index)?,
            profile_version: profile.map(|profile| column(profile.version)).transpose()?,
            latency_micros: event.latency_micros.map(column).transpose()?,
            event,
            link,
        })
    }

    fn bind<'q>(statement: Statement<'q>, row: &'q Self) -> Statement<'q> {
        bind_all(statement, row.values())
    }

    /// In the order of [`APPEND`].
    pub(in crate::store) fn values(&self) -> [ColumnValue<'_>; APPEND.columns] {
        let (event, link) = (self.event, &self.link);
        let profile = event.profile.as_ref();
        [
            ColumnValue::number(event.at.as_micros()),
            ColumnValue::text(&event.actor),
            ColumnValue::text(event.action.as_str()),
            ColumnValue::text(&event.object),
            ColumnValue::text(&event.outcome),
            ColumnValue::Text(event.purpose.as_deref()),
            ColumnValue::Text(event.operator.as_deref()),
            ColumnValue::Text(event.matter_code.as_deref()),
            ColumnValue::Text(event.subject.as_ref().map(Uscc::as_str)),
            ColumnValue::Text(profile.map(|profile| profile.name.as_str())),
            ColumnValue::Number(self.profile_version),
            ColumnValue::Bytes(profile.map(|profile| profile.digest.0.as_slice())),
            ColumnValue::Number(self.latency_micros),
            ColumnValue::text(link.segment.as_str()),
            ColumnValue::number(self.index),
            ColumnValue::bytes(&link.hash.0),
            ColumnValue::Bytes(link.salt.as_ref().map(<[u8; 32]>::as_slice)),
            digest(link.commitments.operator.as_ref()),
            digest(link.commitments.matter_code.as_ref()),
        ]
    }
}

fn digest(digest: Option<&Sha256>) -> ColumnValue<'_> {
    ColumnValue::Bytes(digest.map(|digest| digest.0.as_slice()))
}

fn read(row: &AnyRow) -> Result<RecordedEvent, StoreError> {
    let row = Reader::new(row, "audit_event", "id")?;
    Ok(RecordedEvent {
        sequence: row.number("sequence")?,
        link: read_link(&row)?,
        event: AuditEvent {
            at: row.time("at")?,
            actor: row.text("actor")?,
            action: row.parsed("action", AuditAction::from_name)?,
            object: row.text("object")?,
            outcome: row.text("outcome")?,
            subject: row.parsed_or_null("subject", |uscc| Uscc::parse(uscc).ok())?,
            purpose: row.text_or_null("purpose")?,
            profile: read_profile(&row)?,
            latency_micros: row.number_or_null("latency_micros")?,
            operator: row.text_or_null("operator")?,
            matter_code: row.text_or_null("matter_code")?,
        },
    })
}

fn read_profile(row: &Reader<'_>) -> Result<Option<AuditProfile>, StoreError> {
    let name = row.text_or_null("profile_name")?;
    name.map(|name| {
        Ok(AuditProfile {
            name,
            version: row.number("profile_version")?,
            digest: Sha256(row.bytes("profile_digest")?),
        })
    })
    .transpose()
}

fn read_link(row: &Reader<'_>) -> Result<Option<Link>, StoreError> {
    let segment = row.parsed_or_null("segment", |id| SegmentId::parse(id).ok())?;
    segment
        .map(|segment| {
            Ok(Link {
                segment,
                index: row.number("segment_index")?,
                hash: Sha256(row.bytes("hash")?),
                salt: row.bytes_or_null("salt")?,
                commitments: Commitments {
                    operator: row.bytes_or_null("operator_commitment")?.map(Sha256),
                    matter_code: row.bytes_or_null("matter_commitment")?.map(Sha256),
                },
            })
        })
        .transpose()
}

/// As a line of the export and of `GET /v1/audit`: all that recomputing the chain takes.
impl Serialize for RecordedEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut line = serializer.serialize_struct("RecordedEvent", 3)?;
        line.serialize_field("sequence", &self.sequence)?;
        line.serialize_field("event", &EventLine::new(&self.event))?;
        line.serialize_field("chain", &self.link.as_ref().map(ChainLine::new))?;
        line.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EventLine<'a> {
    at: Timestamp,
    at_micros: i64,
    actor: &'a str,
    action: AuditAction,
    object: &'a str,
    outcome: &'a str,
    subject: Option<&'a Uscc>,
    purpose: Option<&'a str>,
    profile: Option<&'a AuditProfile>,
    latency_micros: Option<u64>,
    operator: Option<&'a str>,
    matter_code: Option<&'a str>,
}

impl<'a> EventLine<'a> {
    fn new(event: &'a AuditEvent) -> Self {
        Self {
            at: event.at,
            at_micros: event.at.as_micros(),
            actor: &event.actor,
            action: event.action,
            object: &event.object,
            outcome: &event.outcome,
            subject: event.subject.as_ref(),
            purpose: event.purpose.as_deref(),
            profile: event.profile.as_ref(),
            latency_micros: event.latency_micros,
            operator: event.operator.as_deref(),
            matter_code: event.matter_code.as_deref(),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChainLine<'a> {
    segment: &'a str,
    index: u64,
    hash: Sha256,
    salt: Option<String>,
    operator_commitment: Option<Sha256>,
    matter_code_commitment: Option<Sha256>,
}

impl<'a> ChainLine<'a> {
    fn new(link: &'a Link) -> Self {
        Self {
            segment: link.segment.as_str(),
            index: link.index,
            hash: link.hash,
            salt: link.salt.as_ref().map(|salt| hex::encode(salt)),
            operator_commitment: link.commitments.operator,
            matter_code_commitment: link.commitments.matter_code,
        }
    }
}
