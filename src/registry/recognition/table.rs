//! The table as a whole: what may stand in it together, and its digest.

use std::fmt;

use serde_json::json;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::encoding::json::canonical;
use crate::registry::recognition::RecognitionRow;
use crate::registry::recognition::form::RowForm;

/// Why rows cannot be a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TableError {
    /// A row ends before it begins.
    #[error("{} ends before it begins", Named(row))]
    NeverInForce {
        /// The row.
        row: Box<RecognitionRow>,
        /// Its place among the rows.
        place: usize,
    },
    /// Two rows of one party, or one kind, speak of the same CA and usage at the same time.
    #[error("{} overlaps with {}", Named(row), Named(other))]
    Overlap {
        /// The one that begins later.
        row: Box<RecognitionRow>,
        /// The one that begins earlier.
        other: Box<RecognitionRow>,
        /// The place among the rows of the one that stands later.
        place: usize,
    },
}

impl TableError {
    /// The place of the row that is one too many.
    #[must_use]
    pub const fn place(&self) -> usize {
        match self {
            Self::NeverInForce { place, .. } | Self::Overlap { place, .. } => *place,
        }
    }
}

/// A row as a message names it.
#[derive(Debug)]
pub struct Named<'r>(pub &'r RecognitionRow);

impl fmt::Display for Named<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let row = self.0;
        let (caller, ca, usage, from) = (&row.caller, &row.ca, &row.usage, row.valid_from);
        write!(formatter, "`{caller}` · `{ca}` · `{usage}` from {from}")?;
        match row.valid_until {
            Some(until) => write!(formatter, " until {until}"),
            None => Ok(()),
        }
    }
}

/// Checks that every row can be in force, and that no two of one party or kind speak of one CA and usage at one time.
///
/// # Errors
/// [`TableError`] names the rows.
pub fn check(rows: &[RecognitionRow]) -> Result<(), TableError> {
    let mut placed: Vec<(usize, &RecognitionRow)> = rows.iter().enumerate().collect();
    for (place, row) in &placed {
        if row.valid_until.is_some_and(|until| until <= row.valid_from) {
            return Err(TableError::NeverInForce {
                row: Box::new((*row).clone()),
                place: *place,
            });
        }
    }
    placed.sort_by_key(|(_, row)| (&row.caller, &row.ca, &row.usage, row.valid_from));
    for pair in placed.windows(2) {
        let [(earlier_place, earlier), (place, row)] = pair else {
            continue;
        };
        if same_matter(earlier, row) && row.valid_from < ends(earlier) {
            return Err(TableError::Overlap {
                row: Box::new((*row).clone()),
                other: Box::new((*earlier).clone()),
                place: *place.max(earlier_place),
            });
        }
    }
    Ok(())
}

fn same_matter(one: &RecognitionRow, other: &RecognitionRow) -> bool {
    (&one.caller, &one.ca, &one.usage) == (&other.caller, &other.ca, &other.usage)
}

fn ends(row: &RecognitionRow) -> Timestamp {
    // Nothing begins after the last moment, so what lasts for ever overlaps with everything that begins later.
    row.valid_until.unwrap_or(Timestamp::MAX)
}

/// The digest of a table: SHA-256 over the canonical JSON of its rows, in an order of their own.
#[must_use]
pub fn digest(rows: &[RecognitionRow]) -> Sha256 {
    let mut sorted: Vec<RowForm> = rows.iter().map(RowForm::from).collect();
    sorted.sort();
    sha256(&canonical(&json!({ "rows": sorted })))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::registry::recognition::Recogniser;
    use crate::validation::trust_store::CaId;
    use crate::validation::trust_store::Usage;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    fn row(caller: &str, ca: &str, (from, until): (i64, Option<i64>)) -> RecognitionRow {
        let caller = Recogniser::parse(caller).unwrap();
        let matter = (CaId::parse(ca).unwrap(), Usage::parse("tax").unwrap());
        let row = RecognitionRow::accept(caller, matter, vec![sha256(b"a")], at(from));
        RecognitionRow {
            valid_until: until.map(at),
            ..row
        }
    }

    #[test]
    fn rows_that_overlap_are_refused_and_both_are_named() {
        let rows = [
            row("bank-a", "gdca", (0, None)),
            row("bank-b", "gdca", (0, None)),
            row("bank-a", "gdca", (5, Some(9))),
        ];
        let error = check(&rows).unwrap_err();
        assert_eq!(error.place(), 2);
        assert_eq!(
            error.to_string(),
            "`bank-a` · `gdca` · `tax` from 1970-01-01T00:00:05Z until 1970-01-01T00:00:09Z overlaps with \
             `bank-a` · `gdca` · `tax` from 1970-01-01T00:00:00Z"
        );
    }

    #[test]
    fn what_follows_each_other_or_is_somebody_elses_does_not_overlap() {
        let rows = [
            row("bank-a", "gdca", (5, None)),
            row("bank-a", "gdca", (0, Some(5))),
            row("bank-a", "bjca", (0, None)),
            row("every:bank", "gdca", (0, None)),
        ];
        assert_eq!(check(&rows), Ok(()));
        assert!(check(&[row("bank-a", "gdca", (5, Some(5)))]).is_err());
    }

    prop_compose! {
        fn any_row()(
            caller in 0usize..2, ca in 0usize..2, from in 0i64..12, length in prop::option::of(1i64..6),
        ) -> RecognitionRow {
            row(["bank-a", "every:bank"][caller], ["bjca", "gdca"][ca], (from, length.map(|length| from + length)))
        }
    }

    proptest! {
        #[test]
        fn a_table_is_refused_exactly_if_two_of_its_rows_are_in_force_at_one_time(
            rows in prop::collection::vec(any_row(), 0..8),
        ) {
            let at_once = (0..rows.len()).any(|one| (0..one).any(|other| {
                let (one, other) = (&rows[one], &rows[other]);
                same_matter(one, other) && (0..20).any(|time| one.in_force(at(time)) && other.in_force(at(time)))
            }));
            prop_assert_eq!(check(&rows).is_err(), at_once);
        }

        #[test]
        fn the_digest_is_that_of_the_rows_in_whatever_order(rows in prop::collection::vec(any_row(), 1..8)) {
            let reversed: Vec<RecognitionRow> = rows.iter().rev().cloned().collect();
            prop_assert_eq!(digest(&rows), digest(&reversed));
            prop_assert_ne!(digest(&rows), digest(&rows[1..]));
        }
    }
}
