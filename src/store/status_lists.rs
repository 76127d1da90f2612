//! Status lists: which numbers are given, and what the list says of each.
//!
//! A list says "valid" of every number, given or not, unless a credential row says otherwise. Numbers are
//! drawn at random by the caller, so that neighbours tell nothing of each other.

use sqlx::AnyConnection;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::store::error::StoreError;
use crate::store::pool::Pool;
use crate::store::row::Reader;

/// Numbers in a list: 32 KiB at two bits each, and large enough that fetching it does not tell which
/// credential somebody looks at.
pub const ENTRIES: u32 = 131_072;

/// A list gets no more credentials when nine tenths of its numbers are given: drawing free ones at random
/// takes ten tries there.
const FULL: u32 = ENTRIES / 10 * 9;

/// Characters of a list's identifier at most; it stands in URLs.
const MAX_ID_CHARACTERS: usize = 64;

const OPEN: &str =
    "SELECT status_list_id FROM status_list WHERE closed = 0 ORDER BY created_at, status_list_id";

const CREATE: &str = "INSERT INTO status_list (status_list_id, allocated, closed, version, created_at) \
                      VALUES ($1, 0, 0, 1, $2)";

const COUNT: &str = "UPDATE status_list SET allocated = allocated + 1, \
                     closed = CASE WHEN allocated + 1 >= $2 THEN 1 ELSE closed END WHERE status_list_id = $1";

const BUMP: &str = "UPDATE status_list SET version = version + 1 WHERE status_list_id = $1";

const CLOSE_ALL: &str = "UPDATE status_list SET closed = 1 WHERE closed = 0";

const LIST: &str =
    "SELECT status_list_id, version FROM status_list ORDER BY created_at, status_list_id";

const VERSION: &str = "SELECT status_list_id, version FROM status_list WHERE status_list_id = $1";

const VALUES: &str = "SELECT credential_id, status_index, status_value FROM credential \
                      WHERE status_list_id = $1 AND status_value <> 0 ORDER BY status_index";

/// A list's identifier: 1 to 64 characters of base64url, chosen at random by whoever opens the list.
///
/// Were lists counted, a database restored from a backup would give the same name to another list than it
/// did before the loss.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusListId(String);

impl StatusListId {
    /// Reads an identifier. `None`: it is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let fits = !text.is_empty() && text.len() <= MAX_ID_CHARACTERS && text.bytes().all(allowed);
        fits.then(|| Self(text.to_owned()))
    }

    /// The identifier as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for StatusListId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A credential's number: which list, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusSlot {
    /// The list.
    pub list: StatusListId,
    /// Below [`ENTRIES`].
    pub index: u32,
}

/// What a list says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusListContents {
    /// Grows whenever what the list says changes; a copy of the same version says the same, or later.
    pub version: u64,
    /// Numbers whose value is not 0, with their values, in ascending order.
    pub values: Vec<(u32, u8)>,
}

/// Status lists.
#[derive(Debug)]
pub struct StatusLists<'a> {
    pool: &'a Pool,
}

impl<'a> StatusLists<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }

    /// All lists with their versions, oldest first.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn list(&self) -> Result<Vec<(StatusListId, u64)>, StoreError> {
        let rows = sqlx::query(LIST).fetch_all(self.pool.reader()).await?;
        rows.iter()
            .map(|row| Ok((read_id(row)?, read_version(row)?)))
            .collect()
    }

    /// The version of a list. `None`: there is no such list.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn version(&self, id: &StatusListId) -> Result<Option<u64>, StoreError> {
        let row = sqlx::query(VERSION)
            .bind(id.as_str())
            .fetch_optional(self.pool.reader())
            .await?;
        row.as_ref().map(read_version).transpose()
    }

    /// What a list says. `None`: there is no such list.
    ///
    /// The version is read first: a change in between is in the values, and the version that it makes is
    /// seen as newer by the next comparison. Never the other way round.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn contents(
        &self,
        id: &StatusListId,
    ) -> Result<Option<StatusListContents>, StoreError> {
        let Some(version) = self.version(id).await? else {
            return Ok(None);
        };
        let rows = sqlx::query(VALUES)
            .bind(id.as_str())
            .fetch_all(self.pool.reader())
            .await?;
        let values = rows.iter().map(read_value).collect::<Result<_, _>>()?;
        Ok(Some(StatusListContents { version, values }))
    }

    /// Closes every open list: the next credential opens a new one. For a database that was restored,
    /// since numbers given after the backup are not known to it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn close_all(&self) -> Result<(), StoreError> {
        let mut write = self.pool.begin().await?;
        sqlx::query(CLOSE_ALL).execute(&mut *write).await?;
        write.commit().await
    }
}

/// Lists that take credentials, oldest first.
pub(in crate::store) async fn open_lists(
    connection: &mut AnyConnection,
) -> Result<Vec<StatusListId>, StoreError> {
    sqlx::query(OPEN)
        .fetch_all(connection)
        .await?
        .iter()
        .map(read_id)
        .collect()
}

/// Opens a list.
pub(in crate::store) async fn create(
    connection: &mut AnyConnection,
    id: &StatusListId,
    at: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(CREATE)
        .bind(id.as_str())
        .bind(at.as_micros())
        .execute(connection)
        .await?;
    Ok(())
}

/// Counts a number that was given, and closes the list when it is full.
pub(in crate::store) async fn count(
    connection: &mut AnyConnection,
    id: &StatusListId,
) -> Result<(), StoreError> {
    sqlx::query(COUNT)
        .bind(id.as_str())
        .bind(i64::from(FULL))
        .execute(connection)
        .await?;
    Ok(())
}

/// Notes that what the lists say has changed.
pub(in crate::store) async fn bump(
    connection: &mut AnyConnection,
    mut ids: Vec<StatusListId>,
) -> Result<(), StoreError> {
    // In one order always, so that two transactions do not wait for each other.
    ids.sort();
    ids.dedup();
    for id in ids {
        sqlx::query(BUMP)
            .bind(id.as_str())
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// The list of a row that has a column `status_list_id`.
pub(in crate::store) fn read_id(row: &AnyRow) -> Result<StatusListId, StoreError> {
    let text: String = row.try_get("status_list_id")?;
    StatusListId::parse(&text).ok_or(StoreError::Inconsistent {
        table: "status_list",
        id: text,
    })
}

fn read_version(row: &AnyRow) -> Result<u64, StoreError> {
    Reader::new(row, "status_list", "status_list_id")?.number("version")
}

fn read_value(row: &AnyRow) -> Result<(u32, u8), StoreError> {
    let row = Reader::new(row, "credential", "credential_id")?;
    Ok((row.number("status_index")?, row.number("status_value")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_fits_into_a_url_as_it_is() {
        assert_eq!(StatusListId::parse("aZ0-_").unwrap().as_str(), "aZ0-_");
        for bad in ["", "a/b", "..", "a b", "列", "a%2e", &"a".repeat(65)] {
            assert_eq!(StatusListId::parse(bad), None, "{bad}");
        }
    }
}
