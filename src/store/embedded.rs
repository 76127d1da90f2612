//! SQLite without a thread between, for what every answer reads and writes.
//!
//! sqlx keeps a thread for each SQLite connection, hands it statement by statement, and gets back row by row: that
//! took longer than the statements did. Here a glance is read where it is wanted, mostly from pages in memory, and
//! what answers leave behind is written by one call that may wait for the disk. The texts of the statements and
//! the order of their values are those that sqlx is given for PostgreSQL.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use rusqlite::Connection;
use rusqlite::OpenFlags;
use rusqlite::Row;
use rusqlite::ToSql;
use rusqlite::TransactionBehavior;
use rusqlite::params_from_iter;
use rusqlite::types::ToSqlOutput;

use crate::clock::Timestamp;
use crate::identifier::opaque_id::CredentialId;
use crate::store::audit;
use crate::store::audit::Appended;
use crate::store::audit::lane::Lease;
use crate::store::error::StoreError;
use crate::store::glance;
use crate::store::glance::Glance;
use crate::store::glance::GlancedCredential;
use crate::store::keep::Kept;
use crate::store::many_rows::ColumnValue;
use crate::store::many_rows::place;
use crate::store::receipts;
use crate::validation::report::CredentialCondition;

/// [`glance::GLANCE_AT`], with one.
static GLANCE_AT_ONE: LazyLock<String> = LazyLock::new(|| {
    let mut text = glance::GLANCE_AT.to_owned();
    place(&mut text, 0, 1);
    text
});

static KEEP_RECEIPT: LazyLock<String> = LazyLock::new(|| receipts::INSERT.text(1));

static KEEP_EVENT: LazyLock<String> = LazyLock::new(|| audit::APPEND.text(1));

/// Two connections to a SQLite file, until they are closed; clones share them.
#[derive(Clone)]
pub(in crate::store) struct Embedded(Arc<Connections>);

struct Connections {
    reader: Mutex<Option<Connection>>,
    /// Used by whoever has the turn to write.
    writer: Mutex<Option<Connection>>,
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded").finish_non_exhaustive()
    }
}

impl Embedded {
    /// Opens a file that is there, with the settings that every connection has.
    pub(in crate::store) fn open(path: &Path, settings: &str) -> Result<Self, StoreError> {
        let connect = || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            let connection = Connection::open_with_flags(path, flags)?;
            connection.execute_batch(settings)?;
            Ok::<_, StoreError>(connection)
        };
        let reader = connect()?;
        reader.execute_batch("PRAGMA query_only = ON")?;
        Ok(Self(Arc::new(Connections {
            reader: Mutex::new(Some(reader)),
            writer: Mutex::new(Some(connect()?)),
        })))
    }

    pub(in crate::store) fn close(&self) {
        lock(&self.0.reader).take();
        lock(&self.0.writer).take();
    }

    /// A glance at a credential, if one is named. With a write-ahead log no reader waits for a writer.
    pub(in crate::store) fn glance(
        &self,
        credential: Option<&CredentialId>,
    ) -> Result<Glance, StoreError> {
        let mut reader = lock(&self.0.reader);
        let reader = reader.as_mut().ok_or(StoreError::Unavailable)?;
        let mut statement = reader.prepare_cached(match credential {
            None => glance::GLANCE,
            Some(_) => &GLANCE_AT_ONE,
        })?;
        let mut rows = match credential {
            None => statement.query([])?,
            Some(id) => statement.query([id.as_str()])?,
        };
        let inconsistent = || StoreError::Inconsistent {
            table: "register_version",
            id: "only".to_owned(),
        };
        let row = rows.next()?.ok_or_else(inconsistent)?;
        let version = |column: &str| {
            let version: i64 = row.get(column)?;
            u64::try_from(version).map_err(|_negative| inconsistent())
        };
        Ok(Glance {
            registers: version("registers")?,
            recognition: version("recognition")?,
            credential: match credential {
                None => None,
                Some(id) => read_credential(row, id)?,
            },
        })
    }

    /// Keeps what answers leave behind, all of it or nothing. The caller has the turn to write; this waits for the
    /// disk.
    pub(in crate::store) fn keep(&self, all: &[Kept], mut lease: Lease) -> Result<(), StoreError> {
        let mut writer = lock(&self.0.writer);
        let writer = writer.as_mut().ok_or(StoreError::Unavailable)?;
        let write = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let receipts = all.iter().filter_map(|one| one.receipt.as_ref());
        let mut statement = write.prepare_cached(&KEEP_RECEIPT)?;
        for row in receipts {
            statement.execute(params_from_iter(row.values()))?;
        }
        drop(statement);
        let appended = Appended::new(&mut lease, all.iter().map(|one| &one.event))?;
        if let Some(values) = appended.segment() {
            write.execute(audit::OPEN_SEGMENT, params_from_iter(values))?;
        }
        let mut statement = write.prepare_cached(&KEEP_EVENT)?;
        for row in &appended.rows {
            statement.execute(params_from_iter(row.values()))?;
        }
        drop(statement);
        // From here on, until it returns, nobody knows whether the chain is longer.
        let doubtful = lease.doubt();
        write.commit()?;
        doubtful.settle();
        Ok(())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A transaction that a panic cut off was rolled back when it was dropped.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn read_credential(
    row: &Row<'_>,
    id: &CredentialId,
) -> Result<Option<GlancedCredential>, StoreError> {
    let Some(state) = row.get::<_, Option<String>>("state")? else {
        return Ok(None);
    };
    let inconsistent = || StoreError::Inconsistent {
        table: "credential",
        id: id.as_str().to_owned(),
    };
    let expires_at = Timestamp::from_micros(row.get("expires_at")?);
    Ok(Some(GlancedCredential {
        condition: CredentialCondition::from_name(&state).ok_or_else(inconsistent)?,
        expires_at: expires_at.ok_or_else(inconsistent)?,
        compact: row.get("compact")?,
    }))
}

impl ToSql for ColumnValue<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self {
            Self::Bytes(bytes) => bytes.to_sql(),
            Self::Number(number) => number.to_sql(),
            Self::Text(text) => text.to_sql(),
        }
    }
}
