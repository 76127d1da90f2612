//! Makes whoever decides about one company wait for one another.

use sqlx::AnyConnection;

use crate::identifier::uscc::Uscc;
use crate::store::error::StoreError;
use crate::store::row::Reader;

/// Changes nothing: holds the company's row, so that until the end of the transaction nobody records
/// facts of it, puts a credential of it in force or counts the questions asked about it. PostgreSQL has
/// `FOR UPDATE` for that, SQLite has no need of it, and this both take.
const HOLD: &str = "UPDATE company SET version = version WHERE uscc = $1 RETURNING uscc, version";

/// Holds a company until the end of the transaction; gives its version.
///
/// # Errors
/// [`StoreError`] when the company is not known or the database fails.
pub(in crate::store) async fn hold(
    connection: &mut AnyConnection,
    uscc: &Uscc,
) -> Result<u64, StoreError> {
    let row = sqlx::query(HOLD)
        .bind(uscc.as_str())
        .fetch_one(connection)
        .await?;
    Reader::new(&row, "company", "uscc")?.number("version")
}
