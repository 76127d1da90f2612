//! Who recognises which CA for what, with full history: rows are closed, never changed.

use sqlx::AnyConnection;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::evidence::audit::AuditEvent;
use crate::registry::recognition::RecognitionRow;
use crate::registry::relying_party::RelyingPartyId;
use crate::store::audit;
use crate::store::error::StoreError;
use crate::store::error::is_duplicate;
use crate::store::many_rows::ManyRows;
use crate::store::many_rows::Statement;
use crate::store::pool::Pool;
use crate::store::row::Reader;
use crate::store::row::column;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::Usage;

/// The current version; nothing before the first change.
const VERSION: &str = "SELECT max(version) FROM recognition_version";

const ROWS: &str = "SELECT relying_party_id, version_from, position, ca, usage, anchors, valid_from, valid_until \
    FROM recognition_row WHERE version_from <= $1 AND (version_until IS NULL OR version_until > $1) \
    ORDER BY version_from, position";

const ADD_VERSION: &str =
    "INSERT INTO recognition_version (version, changed_at, changed_by) VALUES ($1, $2, $3)";

const CLOSE: &str = "UPDATE recognition_row SET version_until = $3 \
                     WHERE version_from = $1 AND position = $2 AND version_until IS NULL";

const OPEN: ManyRows = ManyRows {
    head: "INSERT INTO recognition_row (version_from, position, relying_party_id, ca, usage, anchors, valid_from, \
           valid_until) VALUES ",
    columns: 8,
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
            .execute(&mut *write)
            .await;
        match added {
            Ok(_) => {}
            // Another node was faster between the look and here.
            Err(error) if is_duplicate(&error) => return Ok(false),
            Err(error) => return Err(error.into()),
        }
        exchange(&mut write, column(version)?, next, rows).await?;
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
    let mut new: Vec<&RecognitionRow> = rows.iter().collect();
    for old in standing {
        if let Some(same) = new.iter().position(|row| **row == old.row) {
            new.remove(same);
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
        .zip(new)
        .map(|(position, row)| OpenedRow::new(next, position, row))
        .collect();
    OPEN.insert(connection, &opened, OpenedRow::bind).await?;
    Ok(())
}

/// A row of `recognition_row` to be inserted.
struct OpenedRow<'a> {
    version: i64,
    position: i64,
    row: &'a RecognitionRow,
    anchors: String,
}

impl<'a> OpenedRow<'a> {
    fn new(version: i64, position: i64, row: &'a RecognitionRow) -> Self {
        let anchors: Vec<String> = row.anchors.iter().map(ToString::to_string).collect();
        Self {
            version,
            position,
            row,
            anchors: anchors.join(" "),
        }
    }

    fn bind<'q>(statement: Statement<'q>, opened: &'q Self) -> Statement<'q> {
        statement
            .bind(opened.version)
            .bind(opened.position)
            .bind(opened.row.caller.as_str())
            .bind(opened.row.ca.as_str())
            .bind(opened.row.usage.as_str())
            .bind(opened.anchors.as_str())
            .bind(opened.row.valid_from.as_micros())
            .bind(opened.row.valid_until.map(Timestamp::as_micros))
    }
}

fn read_version(row: &AnyRow) -> Result<u64, StoreError> {
    let version: Option<i64> = row.try_get(0)?;
    u64::try_from(version.unwrap_or(0)).map_err(|_negative| StoreError::Unstorable)
}

fn read(row: &AnyRow) -> Result<PlacedRow, StoreError> {
    let row = Reader::new(row, "recognition_row", "relying_party_id")?;
    let anchors = |text: &str| {
        text.split_ascii_whitespace()
            .map(|digest| Sha256::parse(digest).ok())
            .collect::<Option<Vec<_>>>()
    };
    Ok(PlacedRow {
        version_from: row.number("version_from")?,
        position: row.number("position")?,
        row: RecognitionRow {
            caller: row.parsed("relying_party_id", |id| RelyingPartyId::parse(id).ok())?,
            ca: row.parsed("ca", |id| CaId::parse(id).ok())?,
            usage: row.parsed("usage", |usage| Usage::parse(usage).ok())?,
            anchors: row.parsed("anchors", anchors)?,
            valid_from: row.time("valid_from")?,
            valid_until: row.time_or_null("valid_until")?,
        },
    })
}
