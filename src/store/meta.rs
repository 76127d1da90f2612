//! Facts about the database itself.

use sqlx::AnyConnection;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::store::error::StoreError;
use crate::store::migrations;
use crate::store::pool::Engine;
use crate::store::pool::Pool;
use crate::store::row::Reader;

const CLAIM_FOLDER: &str =
    "INSERT INTO meta (name, value) VALUES ('data-folder', $1) ON CONFLICT (name) DO NOTHING";
const FOLDER: &str = "SELECT value FROM meta WHERE name = 'data-folder'";
const MARK: &str = "SELECT name, CAST(value AS BIGINT) AS reached FROM meta WHERE name = $1";
const REACH: &str = "INSERT INTO meta (name, value) VALUES ($1, $2) \
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value";
const SCHEMA_VERSION: &str = "SELECT max(version) FROM _sqlx_migrations";

/// How far a work has come that goes on from there.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Mark(pub(in crate::store) &'static str);

impl Mark {
    /// How far; `None`: it never began.
    pub(in crate::store) async fn read(self, pool: &Pool) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query(MARK)
            .bind(self.0)
            .fetch_optional(pool.reader())
            .await?;
        let read = |row: &AnyRow| Reader::new(row, "meta", "name")?.number("reached");
        row.as_ref().map(read).transpose()
    }

    /// Notes inside a transaction how far it has come.
    pub(in crate::store) async fn reach(
        self,
        connection: &mut AnyConnection,
        reached: i64,
    ) -> Result<(), StoreError> {
        let note = sqlx::query(REACH).bind(self.0).bind(reached.to_string());
        note.execute(connection).await?;
        Ok(())
    }
}

/// Facts about the database itself.
#[derive(Debug)]
pub struct Meta<'a> {
    pool: &'a Pool,
}

impl<'a> Meta<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }

    /// Which engine serves this store.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.pool.engine()
    }

    /// Whether the database answers; for readiness.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] or [`StoreError::Busy`] when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1")
            .fetch_one(self.pool.reader())
            .await?;
        Ok(())
    }

    /// The number of the last migration that ran; `None` for an empty database.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the database was never migrated.
    pub async fn schema_version(&self) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query(SCHEMA_VERSION)
            .fetch_one(self.pool.reader())
            .await?;
        Ok(row.try_get(0)?)
    }

    /// Whether every migration of this release ran, and none of a later one.
    ///
    /// # Errors
    /// As [`Self::schema_version`].
    pub async fn schema_is_current(&self) -> Result<bool, StoreError> {
        Ok(self.schema_version().await? == migrations::latest())
    }

    /// Marks the database as belonging to the data folder `id`, unless it belongs to one already; gives
    /// the identifier it has afterwards.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn claim_data_folder(&self, id: &str) -> Result<String, StoreError> {
        let mut write = self.pool.begin().await?;
        sqlx::query(CLAIM_FOLDER)
            .bind(id)
            .execute(&mut *write)
            .await?;
        let row = sqlx::query(FOLDER).fetch_one(&mut *write).await?;
        let claimed = row.try_get(0)?;
        write.commit().await?;
        Ok(claimed)
    }

    /// The data folder that the database belongs to; `None` before [`Self::claim_data_folder`].
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn data_folder(&self) -> Result<Option<String>, StoreError> {
        let row = sqlx::query(FOLDER)
            .fetch_optional(self.pool.reader())
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }
}
