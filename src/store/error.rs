//! Why the database could not do what was asked.
//!
//! Engine errors are sorted into reasons an operator can act on. Their own texts are dropped, because
//! they may repeat values of a row; only codes, constraint names and the texts of mistakes in our own
//! constant statements are kept.

use std::fmt;

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

use crate::crypto::random::RandomError;

/// Why the store could not do what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// The address is no `sqlite:` or `postgres:` URL, or names something its engine does not know.
    #[error("the database address is not understood")]
    Address,
    /// Another writer held the database for too long, or this transaction was chosen to give way.
    /// Nothing was written; trying again is right.
    #[error("the database was busy")]
    Busy,
    /// The file is damaged, or no database. Restore a backup.
    #[error("the database is damaged, or the file is no database")]
    Corrupt,
    /// The disk or the quota is full. Nothing was written.
    #[error("the database has no room left on its disk")]
    Full,
    /// A row exists and makes no sense to this release.
    #[error("row `{id}` of table `{table}` does not parse")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The row's identifier.
        id: String,
    },
    /// A migration that ran was changed afterwards, or left half done.
    #[error("migration {version} is not the one that ran on this database")]
    MigrationEdited {
        /// The migration's number.
        version: i64,
    },
    /// A migration failed; those before it stay.
    #[error("migration {version} failed")]
    MigrationFailed {
        /// The migration's number.
        version: i64,
        /// What the engine said.
        #[source]
        cause: Box<Self>,
    },
    /// The operating system gave no randomness for the audit trail. Nothing was written.
    #[error("no randomness for the audit trail")]
    Random(#[from] RandomError),
    /// The engine refused a statement: a mistake in this program, or a schema that is not migrated.
    #[error("the database refused a statement: {0}")]
    Refused(Refusal),
    /// There is no database there, it cannot be reached, or it hung up. The outcome of a write that was
    /// under way is unknown.
    #[error("the database cannot be reached")]
    Unavailable,
    /// A value does not fit the column it goes into: a number above 2^63, or nothing where one is needed.
    #[error("a value does not fit the column it goes into")]
    Unstorable,
    /// The database's file system cannot hold a write-ahead log (a network share, for example).
    #[error("the database's file system does not support write-ahead logging")]
    WriteAheadLog,
}

/// What an engine said about a statement it refused, without any data of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// SQLSTATE of PostgreSQL, extended result code of SQLite.
    pub code: String,
    /// The constraint that was violated, where the engine names it.
    pub constraint: Option<String>,
    /// The engine's text, only for mistakes in a statement or a schema: it repeats our constants.
    pub mistake: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "code {}", self.code)?;
        if let Some(constraint) = &self.constraint {
            write!(f, ", constraint `{constraint}`")?;
        }
        if let Some(mistake) = &self.mistake {
            write!(f, ", {mistake}")?;
        }
        Ok(())
    }
}

impl From<sqlx::Error> for StoreError {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a foreign enum that may grow"
    )]
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(cause) => sort(cause.as_ref()),
            sqlx::Error::Configuration(_) | sqlx::Error::InvalidArgument(_) => Self::Address,
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed
            | sqlx::Error::Protocol(_) => Self::Unavailable,
            // What is left says that a statement and the code reading its rows disagree; the variants'
            // names are ours, their contents may be a row's.
            sqlx::Error::ColumnDecode { index, .. } => {
                Self::mismatch(format!("column {index} has another type"))
            }
            sqlx::Error::ColumnNotFound(column) => {
                Self::mismatch(format!("there is no column {column}"))
            }
            _ => Self::mismatch("the driver could not serve it".to_owned()),
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a foreign enum that may grow"
    )]
    fn from(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::SqliteFailure(cause, text) => {
                let reason = sort_sqlite(cause.extended_code.cast_unsigned() & 0xff);
                let text = text.unwrap_or_default();
                reason.into_error(cause.extended_code.to_string(), &text, None)
            }
            // As above: a statement and the code reading its rows disagree.
            rusqlite::Error::InvalidColumnType(index, ..) => {
                Self::mismatch(format!("column {index} has another type"))
            }
            _ => Self::mismatch("the driver could not serve it".to_owned()),
        }
    }
}

impl From<MigrateError> for StoreError {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a foreign enum that may grow"
    )]
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::Execute(cause) => cause.into(),
            MigrateError::ExecuteMigration(cause, version) => Self::MigrationFailed {
                version,
                cause: Box::new(cause.into()),
            },
            MigrateError::VersionMismatch(version) | MigrateError::Dirty(version) => {
                Self::MigrationEdited { version }
            }
            _ => Self::mismatch("the migrations could not be read".to_owned()),
        }
    }
}

impl StoreError {
    fn mismatch(mistake: String) -> Self {
        Self::Refused(Refusal {
            code: "driver".to_owned(),
            constraint: None,
            mistake: Some(mistake),
        })
    }
}

/// Whether a row was refused because another has its unique values already.
pub(in crate::store) fn is_duplicate(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .is_some_and(DatabaseError::is_unique_violation)
}

/// Sorts an engine's error by its code: [SQLite's](https://www.sqlite.org/rescode.html) are numbers whose
/// low byte is the primary code, [PostgreSQL's](https://www.postgresql.org/docs/current/errcodes-appendix.html)
/// are five characters of which two are the class.
fn sort(error: &dyn DatabaseError) -> StoreError {
    let code = error.code().unwrap_or_default().into_owned();
    let reason = match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => sort_sqlite(number & 0xff),
        _ => sort_postgres(&code),
    };
    reason.into_error(code, error.message(), error.constraint())
}

impl Reason {
    fn into_error(self, code: String, text: &str, constraint: Option<&str>) -> StoreError {
        match self {
            Self::Known(error) => error,
            Self::Mistake => StoreError::Refused(Refusal {
                code,
                constraint: None,
                mistake: Some(text.to_owned()),
            }),
            Self::Row => StoreError::Refused(Refusal {
                code,
                constraint: constraint.map(ToOwned::to_owned),
                mistake: None,
            }),
        }
    }
}

enum Reason {
    /// A reason of its own.
    Known(StoreError),
    /// The statement or the schema is wrong: the engine's text repeats our constants only.
    Mistake,
    /// The row is wrong: the engine's text may repeat its values.
    Row,
}

fn sort_sqlite(primary_code: u32) -> Reason {
    match primary_code {
        1 => Reason::Mistake,                          // SQLITE_ERROR
        5 | 6 => Reason::Known(StoreError::Busy),      // BUSY, LOCKED
        13 => Reason::Known(StoreError::Full),         // FULL
        11 | 26 => Reason::Known(StoreError::Corrupt), // CORRUPT, NOTADB
        // PERM, READONLY, IOERR, CANTOPEN: the file or its folder is not as it should be.
        3 | 8 | 10 | 14 => Reason::Known(StoreError::Unavailable),
        _ => Reason::Row,
    }
}

fn sort_postgres(code: &str) -> Reason {
    match code {
        // Serialization failure, deadlock, lock not available, statement cancelled by a timeout.
        "40001" | "40P01" | "55P03" | "57014" => Reason::Known(StoreError::Busy),
        "53100" => Reason::Known(StoreError::Full),
        "3D000" => Reason::Known(StoreError::Unavailable), // no such database
        _ if code.starts_with("42") => Reason::Mistake,    // syntax error or access rule violation
        // Corrupted data or index.
        _ if code.starts_with("XX") => Reason::Known(StoreError::Corrupt),
        // Connection exception, authorisation, insufficient resources, operator intervention, read-only.
        _ if ["08", "25", "28", "53", "57"]
            .iter()
            .any(|class| code.starts_with(class)) =>
        {
            Reason::Known(StoreError::Unavailable)
        }
        _ => Reason::Row,
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use sqlx::error::ErrorKind;

    use super::*;

    /// An engine's error whose text repeats a value of a row.
    #[derive(Debug)]
    struct Engine(&'static str);

    impl fmt::Display for Engine {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Key (name)=(王小明) is there")
        }
    }

    impl std::error::Error for Engine {}

    impl DatabaseError for Engine {
        fn message(&self) -> &str {
            "Key (name)=(王小明) is there"
        }

        fn code(&self) -> Option<Cow<'_, str>> {
            Some(self.0.into())
        }

        fn constraint(&self) -> Option<&str> {
            Some("company_pkey")
        }

        fn kind(&self) -> ErrorKind {
            ErrorKind::Other
        }

        fn as_error(&self) -> &(dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn as_error_mut(&mut self) -> &mut (dyn std::error::Error + Send + Sync + 'static) {
            self
        }

        fn into_error(self: Box<Self>) -> Box<dyn std::error::Error + Send + Sync + 'static> {
            self
        }
    }

    fn sorted(code: &'static str) -> StoreError {
        sqlx::Error::Database(Box::new(Engine(code))).into()
    }

    #[test]
    fn codes_of_both_engines_are_sorted_alike() {
        for busy in ["5", "517", "6", "40001", "40P01", "55P03"] {
            assert!(matches!(sorted(busy), StoreError::Busy), "{busy}");
        }
        for full in ["13", "53100"] {
            assert!(matches!(sorted(full), StoreError::Full), "{full}");
        }
        for away in ["14", "10", "266", "57P01", "08006", "28P01", "53300"] {
            assert!(matches!(sorted(away), StoreError::Unavailable), "{away}");
        }
        for broken in ["11", "26", "XX001"] {
            assert!(matches!(sorted(broken), StoreError::Corrupt), "{broken}");
        }
    }

    #[test]
    fn a_refused_row_is_not_repeated() {
        for code in ["23505", "2067", "22P02"] {
            let error = sorted(code);
            assert_eq!(
                error.to_string(),
                format!("the database refused a statement: code {code}, constraint `company_pkey`")
            );
            assert!(!format!("{error:?}").contains('王'), "{error:?}");
        }
    }
}
