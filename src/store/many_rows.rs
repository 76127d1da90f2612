//! Statements about many rows at once. Their texts are assembled, but from constants only: what differs is
//! how many placeholders there are.

use sqlx::Any;
use sqlx::AnyConnection;
use sqlx::AssertSqlSafe;
use sqlx::any::AnyArguments;
use sqlx::any::AnyRow;
use sqlx::query::Query;

/// A statement with the values bound so far.
pub(in crate::store) type Statement<'q> = Query<'q, Any, AnyArguments>;

/// A value of a row, as both drivers take it. Absent values keep their type.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) enum ColumnValue<'a> {
    Bytes(Option<&'a [u8]>),
    Number(Option<i64>),
    Text(Option<&'a str>),
}

impl<'a> ColumnValue<'a> {
    /// Bytes of any length.
    pub(in crate::store) fn bytes(bytes: &'a [u8]) -> Self {
        Self::Bytes(Some(bytes))
    }

    /// A number.
    pub(in crate::store) fn number(number: i64) -> Self {
        Self::Number(Some(number))
    }

    /// A text.
    pub(in crate::store) fn text(text: &'a str) -> Self {
        Self::Text(Some(text))
    }

    fn bind(statement: Statement<'a>, value: Self) -> Statement<'a> {
        match value {
            Self::Bytes(bytes) => statement.bind(bytes),
            Self::Number(number) => statement.bind(number),
            Self::Text(text) => statement.bind(text),
        }
    }
}

/// Binds a row's values in their order.
pub(in crate::store) fn bind_all<'q>(
    statement: Statement<'q>,
    values: impl IntoIterator<Item = ColumnValue<'q>>,
) -> Statement<'q> {
    values.into_iter().fold(statement, ColumnValue::bind)
}

/// An `INSERT` of many rows in one statement, assembled from constants only.
pub(in crate::store) struct ManyRows {
    /// Up to and including `VALUES `.
    pub(in crate::store) head: &'static str,
    /// How many values a row has.
    pub(in crate::store) columns: usize,
    /// What follows the rows: empty, or ` ON CONFLICT …`.
    pub(in crate::store) tail: &'static str,
}

/// Rows in one statement. SQLite takes 32,766 bound values and PostgreSQL 65,535; past some hundred rows a
/// statement gains nothing more.
const ROWS_A_STATEMENT: usize = 200;

impl ManyRows {
    /// Inserts `rows`, binding each with `bind`; gives the number of rows that the engine counted.
    pub(in crate::store) async fn insert<'q, T: Sync>(
        &self,
        connection: &mut AnyConnection,
        rows: &'q [T],
        bind: impl Fn(Statement<'q>, &'q T) -> Statement<'q> + Send + Sync,
    ) -> Result<u64, sqlx::Error> {
        let (mut affected, mut left) = (0, rows);
        while let Some((chunk, rest)) = left.split_at_checked(statement_for(left.len()))
            && !chunk.is_empty()
        {
            left = rest;
            let mut statement = sqlx::query(AssertSqlSafe(self.text(chunk.len())));
            for row in chunk {
                statement = bind(statement, row);
            }
            affected += statement.execute(&mut *connection).await?.rows_affected();
        }
        Ok(affected)
    }

    /// The statement for so many rows.
    pub(in crate::store) fn text(&self, rows: usize) -> String {
        let mut text = self.head.to_owned();
        for row in 0..rows {
            if row > 0 {
                text.push_str(", ");
            }
            place(&mut text, row * self.columns, self.columns);
        }
        text.push_str(self.tail);
        text
    }
}

/// How many of so many rows go into the next statement. There are only a few sizes, so that a connection
/// remembers the statements of them all.
const fn statement_for(rows: usize) -> usize {
    if rows >= ROWS_A_STATEMENT {
        return ROWS_A_STATEMENT;
    }
    match rows.checked_ilog2() {
        Some(power) => 1 << power,
        None => 0,
    }
}

/// A `SELECT` of the rows that have one of many keys, assembled from constants only.
pub(in crate::store) struct AnyOf {
    /// Up to and including `IN `.
    pub(in crate::store) head: &'static str,
}

impl AnyOf {
    /// The rows with one of `keys`, in no order.
    pub(in crate::store) async fn fetch(
        &self,
        connection: &mut AnyConnection,
        keys: &[&str],
    ) -> Result<Vec<AnyRow>, sqlx::Error> {
        let mut text = self.head.to_owned();
        place(&mut text, 0, ROWS_A_STATEMENT);
        let mut rows = Vec::new();
        for chunk in keys.chunks(ROWS_A_STATEMENT) {
            let mut statement = sqlx::query(AssertSqlSafe(text.clone()));
            // Filled up with the last key, so that there is only one statement to be remembered.
            let last = chunk.last().into_iter().cycle();
            for key in chunk.iter().chain(last).take(ROWS_A_STATEMENT) {
                statement = statement.bind(*key);
            }
            rows.extend(statement.fetch_all(&mut *connection).await?);
        }
        Ok(rows)
    }
}

/// Appends `($4, $5, $6)` for three after the third.
pub(in crate::store) fn place(text: &mut String, after: usize, count: usize) {
    for number in after + 1..=after + count {
        text.push_str(if number == after + 1 { "($" } else { ", $" });
        text.push_str(&number.to_string());
    }
    text.push(')');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_count_through_all_rows() {
        let rows = ManyRows {
            head: "INSERT INTO t (a, b) VALUES ",
            columns: 2,
            tail: " ON CONFLICT DO NOTHING",
        };
        assert_eq!(
            rows.text(2),
            "INSERT INTO t (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING"
        );
        let mut text = String::new();
        place(&mut text, 3, 3);
        assert_eq!(text, "($4, $5, $6)");
    }

    #[test]
    fn rows_are_shared_out_in_a_few_sizes() {
        for (rows, statement) in [(0, 0), (1, 1), (3, 2), (199, 128), (200, 200), (999, 200)] {
            assert_eq!(statement_for(rows), statement);
        }
    }
}
