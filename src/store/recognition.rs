//! Who recognises which CA for what, with full history: rows are closed, never changed.

use sqlx::AnyConnection;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::evidence::audit::AuditEvent;
use crate::registry::recognition::Decision;
use crate::registry::recognition::Recogniser;
use crate::registry::recognition::RecognitionRow;
use crate::registry::recognition::change::Change;
use crate::registry::recognition::change::counted;
use crate::registry::recognition::change::take;
use crate::registry::recognition::form::LimitsForm;
use crate::registry::recognition::proposal::Proposal;
use crate::registry::recognition::proposal::ProposalState;
use crate::registry::recognition::table;
use crate::store::audit;
use crate::store::error::StoreError;
use crate::store::error::is_duplicate;
use crate::store::many_rows::ManyRows;
use crate::store::many_rows::Statement;
use crate::store::pool::Pool;
use crate::store::proposals;
use crate::store::row::Reader;
use crate::store::row::column;
use crate::validation::limits::Limits;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::Usage;

/// The current version; nothing before the first change.
const VERSION: &str = "SELECT max(version) FROM recognition_version";

const ROWS: &str = "SELECT relying_party_id, version_from, position, ca, usage, anchors, limits, decision, \
    valid_from, valid_until FROM recognition_row WHERE version_from <= $1 AND (version_until IS NULL OR version_until > $1) \
    ORDER BY version_from, position";

const ADDED: &str = "SELECT relying_party_id, version_from, position, ca, usage, anchors, limits, decision, \
    valid_from, valid_until FROM recognition_row WHERE version_from = $1 ORDER BY position";

const REMOVED: &str = "SELECT relying_party_id, version_from, position, ca, usage, anchors, limits, decision, \
    valid_from, valid_until FROM recognition_row WHERE version_until = $1 ORDER BY version_from, position";

const VERSIONS: &str = "SELECT CAST(version AS TEXT) AS id, version, changed_at, changed_by, digest \
    FROM recognition_version WHERE version < $1 ORDER BY version DESC LIMIT $2";

const ADD_VERSION: &str = "INSERT INTO recognition_version (version, changed_at, changed_by, digest) VALUES ($1, $2, $3, $4)";

const CLOSE: &str = "UPDATE recognition_row SET version_until = $3 \
                     WHERE version_from = $1 AND position = $2 AND version_until IS NULL";

const OPEN: ManyRows = ManyRows {
    head: "INSERT INTO recognition_row (version_from, position, relying_party_id, ca, usage, anchors, limits, \
           decision, valid_from, valid_until) VALUES ",
    columns: 10,
    tail: "",
};

/// The recognition table.
#[derive(Debug)]
pub struct Recognition<'a> {
    pool: &'a Pool,
}

/// All rows of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecognitionTable {
    /// Counts the changes; 0 for the empty table before the first.
    pub version: u64,
    /// The rows, the longest standing first.
    pub rows: Vec<RecognitionRow>,
}

/// A version of the table, without its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRecord {
    /// Counts the changes.
    pub version: u64,
    /// When it began.
    pub changed_at: Timestamp,
    /// Who made it.
    pub changed_by: String,
    /// Over its rows; absent for those that a release before digests made.
    pub digest: Option<Sha256>,
}

/// A proposal that takes effect.
#[derive(Debug, Clone, Copy)]
pub struct Activation<'a> {
    /// As it was seen.
    pub proposal: &'a Proposal,
    /// What becomes of it.
    pub state: &'a ProposalState,
}

impl<'a> Recognition<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }

    /// The current version.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn version(&self) -> Result<u64, StoreError> {
        read_version(&sqlx::query(VERSION).fetch_one(self.pool.reader()).await?)
    }

    /// The current table.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn load(&self) -> Result<RecognitionTable, StoreError> {
        self.load_version(self.version().await?).await
    }

    /// The table as it was at `version`; a version that is yet to come looks like the current one.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn load_version(&self, version: u64) -> Result<RecognitionTable, StoreError> {
        let rows = sqlx::query(ROWS)
            .bind(column(version)?)
            .fetch_all(self.pool.reader())
            .await?;
        let rows = rows
            .iter()
            .map(|row| Ok(read(row)?.row))
            .collect::<Result<_, StoreError>>()?;
        Ok(RecognitionTable { version, rows })
    }

    /// Makes `rows` the table, if it still is at `version`, which the caller saw; rows that stay keep
    /// their history. `false`: it is not, and nothing was changed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn replace(
        &self,
        version: u64,
        rows: &[RecognitionRow],
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        self.change(version, rows, event, None).await
    }

    /// As [`Self::replace`], by what was proposed. `false` also where the proposal is in another state by now.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn activate(
        &self,
        version: u64,
        rows: &[RecognitionRow],
        event: &AuditEvent,
        activation: Activation<'_>,
    ) -> Result<bool, StoreError> {
        self.change(version, rows, event, Some(activation)).await
    }

    /// What came and what went with a version.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn change_of(&self, version: u64) -> Result<Change, StoreError> {
        let (mut removed, mut added) = (Vec::new(), Vec::new());
        for (statement, rows) in [(REMOVED, &mut removed), (ADDED, &mut added)] {
            let found = sqlx::query(statement)
                .bind(column(version)?)
                .fetch_all(self.pool.reader())
                .await?;
            for row in &found {
                rows.push(read(row)?.row);
            }
        }
        Ok(Change { removed, added })
    }

    /// At most `limit` versions, the newest first, from before `before` on.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn versions(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<VersionRecord>, StoreError> {
        let before = before.map_or(i64::MAX, |before| column(before).unwrap_or(i64::MAX));
        let rows = sqlx::query(VERSIONS)
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(self.pool.reader())
            .await?;
        rows.iter().map(read_record).collect()
    }

    async fn change(
        &self,
        version: u64,
        rows: &[RecognitionRow],
        event: &AuditEvent,
        activation: Option<Activation<'_>>,
    ) -> Result<bool, StoreError> {
        let mut write = self.pool.begin().await?;
        let current = read_version(&sqlx::query(VERSION).fetch_one(&mut *write).await?)?;
        if current != version {
            return Ok(false);
        }
        let next = column(version.checked_add(1).ok_or(StoreError::Unstorable)?)?;
        let added = sqlx::query(ADD_VERSION)
            .bind(next)
            .bind(event.at.as_micros())
            .bind(event.actor.as_str())
            .bind(table::digest(rows).as_bytes().as_slice())
            .execute(&mut *write)
            .await;
        match added {
            Ok(_) => {}
            // Another node was faster between the look and here.
            Err(error) if is_duplicate(&error) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        exchange(&mut write, column(version)?, next, rows).await?;
        if let Some(Activation { proposal, state }) = activation
            && !proposals::change_state(&mut write, proposal, state).await?
        {
            return Ok(false);
        }
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await?;
        Ok(true)
    }
}

/// A row and its place.
struct PlacedRow {
    version_from: i64,
    position: i64,
    row: RecognitionRow,
}

/// Closes what is not among `rows` and opens what is new among them.
async fn exchange(
    connection: &mut AnyConnection,
    version: i64,
    next: i64,
    rows: &[RecognitionRow],
) -> Result<(), StoreError> {
    let standing = sqlx::query(ROWS)
        .bind(version)
        .fetch_all(&mut *connection)
        .await?;
    let standing = standing.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let kept: Vec<RecognitionRow> = standing.iter().map(|placed| placed.row.clone()).collect();
    let Change { added, removed } = Change::between(&kept, rows);
    let mut going = counted(&removed);
    for old in standing {
        if !take(&mut going, &old.row) {
            continue;
        }
        sqlx::query(CLOSE)
            .bind(old.version_from)
            .bind(old.position)
            .bind(next)
            .execute(&mut *connection)
            .await?;
    }
    let opened: Vec<OpenedRow<'_>> = (0_i64..)
        .zip(&added)
        .map(|(position, row)| OpenedRow::new(next, position, row))
        .collect::<Result<_, _>>()?;
    OPEN.insert(connection, &opened, OpenedRow::bind).await?;
    Ok(())
}

const ACCEPT: &str = "accept";
const REFUSE: &str = "refuse";

/// A row of `recognition_row` to be inserted.
struct OpenedRow<'a> {
    version: i64,
    position: i64,
    row: &'a RecognitionRow,
    caller: String,
    anchors: String,
    limits: Option<String>,
    decision: &'static str,
}

/// What stands before the anchors of a row with limits, so that a release that does not know limits does not take the
/// row for one without.
const LIMITED: &str = "limited ";

impl<'a> OpenedRow<'a> {
    fn new(version: i64, position: i64, row: &'a RecognitionRow) -> Result<Self, StoreError> {
        let anchors: Vec<String> = row.anchors().iter().map(ToString::to_string).collect();
        let anchors = anchors.join(" ");
        let (decision, limits) = match &row.decision {
            Decision::Accept { limits, .. } if limits.is_empty() => (ACCEPT, None),
            Decision::Accept { limits, .. } => (ACCEPT, Some(LimitsForm::from(limits))),
            Decision::Refuse => (REFUSE, None),
        };
        let limits = limits.as_ref().map(serde_json::to_string).transpose();
        let limits = limits.map_err(|_not_json| StoreError::Unstorable)?;
        Ok(Self {
            version,
            position,
            row,
            caller: row.caller.to_string(),
            anchors: match limits {
                Some(_) => format!("{LIMITED}{anchors}"),
                None => anchors,
            },
            limits,
            decision,
        })
    }

    fn bind<'q>(statement: Statement<'q>, opened: &'q Self) -> Statement<'q> {
        statement
            .bind(opened.version)
            .bind(opened.position)
            .bind(opened.caller.as_str())
            .bind(opened.row.ca.as_str())
            .bind(opened.row.usage.as_str())
            .bind(opened.anchors.as_str())
            .bind(opened.limits.as_deref())
            .bind(opened.decision)
            .bind(opened.row.valid_from.as_micros())
            .bind(opened.row.valid_until.map(Timestamp::as_micros))
    }
}

fn read_version(row: &AnyRow) -> Result<u64, StoreError> {
    let version: Option<i64> = row.try_get(0)?;
    u64::try_from(version.unwrap_or(0)).map_err(|_negative| StoreError::Unstorable)
}

fn read_record(row: &AnyRow) -> Result<VersionRecord, StoreError> {
    let row = Reader::new(row, "recognition_version", "id")?;
    Ok(VersionRecord {
        version: row.number("version")?,
        changed_at: row.time("changed_at")?,
        changed_by: row.text("changed_by")?,
        digest: row.bytes_or_null("digest")?.map(Sha256),
    })
}

fn read(row: &AnyRow) -> Result<PlacedRow, StoreError> {
    let row = Reader::new(row, "recognition_row", "relying_party_id")?;
    Ok(PlacedRow {
        version_from: row.number("version_from")?,
        position: row.number("position")?,
        row: RecognitionRow {
            caller: row.parsed("relying_party_id", Recogniser::parse)?,
            ca: row.parsed("ca", |id| CaId::parse(id).ok())?,
            usage: row.parsed("usage", |usage| Usage::parse(usage).ok())?,
            valid_from: row.time("valid_from")?,
            valid_until: row.time_or_null("valid_until")?,
            decision: read_decision(&row)?,
        }
        // A release before kept fractions of a second, which no file and no answer shows.
        .normalised(),
    })
}

fn read_decision(row: &Reader<'_>) -> Result<Decision, StoreError> {
    let limits = row.parsed_or_null("limits", |text| {
        let form: LimitsForm = serde_json::from_str(text).ok()?;
        Limits::try_from(form).ok()
    })?;
    let written = row.text("anchors")?;
    let listed = match &limits {
        Some(_) => written.strip_prefix(LIMITED),
        None => Some(written.as_str()),
    };
    let anchors = listed.and_then(|listed| {
        let digests = listed.split_ascii_whitespace();
        let read = digests.map(|digest| Sha256::parse(digest).ok());
        read.collect::<Option<Vec<_>>>()
    });
    let anchors = anchors.ok_or_else(|| row.inconsistent())?;
    match row.text("decision")?.as_str() {
        ACCEPT => Ok(Decision::Accept {
            anchors,
            limits: limits.unwrap_or_default(),
        }),
        REFUSE if anchors.is_empty() && limits.is_none() => Ok(Decision::Refuse),
        _ => Err(row.inconsistent()),
    }
}
