//! The highest time ever signed, so that a clock before it can be refused.

use sqlx::Row;

use crate::clock::Timestamp;
use crate::store::error::StoreError;
use crate::store::pool::Pool;

const HIGHEST: &str = "SELECT highest FROM signing_clock WHERE only_row = 1";

/// Never lowers the time: two nodes may write in any order.
const ADVANCE: &str = "INSERT INTO signing_clock (only_row, highest) VALUES (1, $1) \
                       ON CONFLICT (only_row) DO UPDATE SET highest = excluded.highest \
                       WHERE signing_clock.highest <= excluded.highest";

/// The highest time ever signed.
#[derive(Debug)]
pub struct SigningClock<'a> {
    pool: &'a Pool,
}

impl<'a> SigningClock<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }

    /// The highest time signed; `None` before the first signature.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a time outside the years 1 to 9999.
    pub async fn highest(&self) -> Result<Option<Timestamp>, StoreError> {
        let Some(row) = sqlx::query(HIGHEST)
            .fetch_optional(self.pool.reader())
            .await?
        else {
            return Ok(None);
        };
        let inconsistent = || StoreError::Inconsistent {
            table: "signing_clock",
            id: "1".to_owned(),
        };
        Timestamp::from_micros(row.try_get(0)?)
            .ok_or_else(inconsistent)
            .map(Some)
    }

    /// Records that `to` is being signed. `false`: a later time was signed already, and stays.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn advance(&self, to: Timestamp) -> Result<bool, StoreError> {
        let mut write = self.pool.begin().await?;
        let advanced = sqlx::query(ADVANCE)
            .bind(to.as_micros())
            .execute(&mut *write)
            .await?
            .rows_affected()
            == 1;
        write.commit().await?;
        Ok(advanced)
    }
}
