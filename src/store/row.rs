//! Reads rows into types; whatever does not fit is an inconsistency of that row, not a panic or a default.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::store::error::StoreError;

/// A row being read, with what an operator needs to find it again.
pub(in crate::store) struct Reader<'r> {
    row: &'r AnyRow,
    table: &'static str,
    id: String,
}

impl<'r> Reader<'r> {
    /// Reads `row` of `table`, whose identifier is the text in the column `id`.
    pub(in crate::store) fn new(
        row: &'r AnyRow,
        table: &'static str,
        id: &str,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            row,
            table,
            id: row.try_get(id)?,
        })
    }

    pub(in crate::store) fn id(&self) -> &str {
        &self.id
    }

    pub(in crate::store) fn text(&self, column: &str) -> Result<String, StoreError> {
        self.row
            .try_get(column)
            .map_err(|_mismatch| self.inconsistent())
    }

    pub(in crate::store) fn text_or_null(
        &self,
        column: &str,
    ) -> Result<Option<String>, StoreError> {
        self.row
            .try_get(column)
            .map_err(|_mismatch| self.inconsistent())
    }

    pub(in crate::store) fn number<T: TryFrom<i64>>(&self, column: &str) -> Result<T, StoreError> {
        let number: i64 = self
            .row
            .try_get(column)
            .map_err(|_mismatch| self.inconsistent())?;
        T::try_from(number).map_err(|_overflow| self.inconsistent())
    }

    pub(in crate::store) fn number_or_null<T: TryFrom<i64>>(
        &self,
        column: &str,
    ) -> Result<Option<T>, StoreError> {
        let number: Option<i64> = self
            .row
            .try_get(column)
            .map_err(|_mismatch| self.inconsistent())?;
        number
            .map(|number| T::try_from(number).map_err(|_overflow| self.inconsistent()))
            .transpose()
    }

    /// Bytes of exactly this length.
    pub(in crate::store) fn bytes<const N: usize>(
        &self,
        column: &str,
    ) -> Result<[u8; N], StoreError> {
        let bytes: &[u8] = self
            .row
            .try_get(column)
            .map_err(|_mismatch| self.inconsistent())?;
        bytes.try_into().map_err(|_length| self.inconsistent())
    }

    pub(in crate::store) fn bytes_or_null<const N: usize>(
        &self,
        column: &str,
    ) -> Result<Option<[u8; N]>, StoreError> {
        let bytes: Option<&[u8]> = self
            .row
            .try_get(column)
            .map_err(|_mismatch| self.inconsistent())?;
        bytes
            .map(|bytes| bytes.try_into().map_err(|_length| self.inconsistent()))
            .transpose()
    }

    /// Bytes of any length.
    pub(in crate::store) fn blob_or_null(
        &self,
        column: &str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.row
            .try_get(column)
            .map_err(|_mismatch| self.inconsistent())
    }

    pub(in crate::store) fn time(&self, column: &str) -> Result<Timestamp, StoreError> {
        Timestamp::from_micros(self.number(column)?).ok_or_else(|| self.inconsistent())
    }

    pub(in crate::store) fn time_or_null(
        &self,
        column: &str,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.number_or_null(column)?
            .map(|micros| Timestamp::from_micros(micros).ok_or_else(|| self.inconsistent()))
            .transpose()
    }

    /// Text that `parse` understands.
    pub(in crate::store) fn parsed<T>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        parse(&self.text(column)?).ok_or_else(|| self.inconsistent())
    }

    /// Text that is absent or that `parse` understands.
    pub(in crate::store) fn parsed_or_null<T>(
        &self,
        column: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        self.text_or_null(column)?
            .map(|text| parse(&text).ok_or_else(|| self.inconsistent()))
            .transpose()
    }

    pub(in crate::store) fn inconsistent(&self) -> StoreError {
        StoreError::Inconsistent {
            table: self.table,
            id: self.id.clone(),
        }
    }
}

/// A number of ours as the 64-bit column it goes into.
pub(in crate::store) fn column<T>(number: T) -> Result<i64, StoreError>
where
    i64: TryFrom<T>,
{
    i64::try_from(number).map_err(|_overflow| StoreError::Unstorable)
}
