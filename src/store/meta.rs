//! Facts about the database itself.

use sqlx::Row;

use crate::store::error::StoreError;
use crate::store::migrations;
use crate::store::pool::Engine;
use crate::store::pool::Pool;

const CLAIM_FOLDER: &str =
    "INSERT INTO meta (name, value) VALUES ('data-folder', $1) ON CONFLICT (name) DO NOTHING";
const FOLDER: &str = "SELECT value FROM meta WHERE name = 'data-folder'";
const SCHEMA_VERSION: &str = "SELECT max(version) FROM _sqlx_migrations";

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
