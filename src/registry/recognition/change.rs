//! A change of the table: rows that go and rows that come. It can be laid over a table that others changed meanwhile.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use crate::registry::recognition::RecognitionRow;
use crate::registry::recognition::form::RowForm;
use crate::registry::recognition::form::RowFormError;
use crate::registry::recognition::table;
use crate::registry::recognition::table::Named;
use crate::registry::recognition::table::TableError;

/// A change of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// Rows that go; each stands in the table.
    pub removed: Vec<RecognitionRow>,
    /// Rows that come.
    pub added: Vec<RecognitionRow>,
}

/// Why a change cannot be laid over a table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// A row that should go is not there.
    #[error("{} is not in the table", Named(.0))]
    NotThere(Box<RecognitionRow>),
    /// What results is no table.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Change {
    /// What leads from one table to another.
    #[must_use]
    pub fn between(old: &[RecognitionRow], new: &[RecognitionRow]) -> Self {
        let (mut before, mut added) = (counted(old), Vec::new());
        for row in new {
            if !take(&mut before, row) {
                added.push(row.clone());
            }
        }
        let removed = before
            .into_iter()
            .flat_map(|(row, count)| std::iter::repeat_n(row.clone(), count));
        Self {
            removed: removed.collect(),
            added,
        }
    }

    /// Rows that come, and nothing else.
    #[must_use]
    pub fn adding(rows: &[RecognitionRow]) -> Self {
        Self {
            removed: Vec::new(),
            added: rows.to_vec(),
        }
    }

    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty()
    }

    /// The table that it makes of `rows`; those that stay keep their order.
    ///
    /// # Errors
    /// [`ChangeError::NotThere`] when somebody else removed a row already, [`ChangeError::Table`] when rows overlap.
    pub fn apply(&self, rows: &[RecognitionRow]) -> Result<Vec<RecognitionRow>, ChangeError> {
        let mut going = counted(&self.removed);
        let mut changed: Vec<RecognitionRow> = rows
            .iter()
            .filter(|row| !take(&mut going, row))
            .cloned()
            .collect();
        if let Some((row, _)) = going.into_iter().find(|(_, count)| *count > 0) {
            return Err(ChangeError::NotThere(Box::new(row.clone())));
        }
        changed.extend(self.added.iter().cloned());
        table::check(&changed)?;
        Ok(changed)
    }
}

/// How many there are of each row.
pub(crate) fn counted(rows: &[RecognitionRow]) -> BTreeMap<&RecognitionRow, usize> {
    let mut counted = BTreeMap::new();
    for row in rows {
        *counted.entry(row).or_default() += 1;
    }
    counted
}

/// Takes one such row out. `false`: there is none left.
pub(crate) fn take(counted: &mut BTreeMap<&RecognitionRow, usize>, row: &RecognitionRow) -> bool {
    match counted.get_mut(row) {
        Some(count) if *count > 0 => {
            *count -= 1;
            true
        }
        Some(_) | None => false,
    }
}

/// The JSON form of a change.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangeForm {
    /// Rows that go.
    #[serde(default)]
    pub removed: Vec<RowForm>,
    /// Rows that come.
    #[serde(default)]
    pub added: Vec<RowForm>,
}

impl From<&Change> for ChangeForm {
    fn from(change: &Change) -> Self {
        Self {
            removed: change.removed.iter().map(RowForm::from).collect(),
            added: change.added.iter().map(RowForm::from).collect(),
        }
    }
}

impl TryFrom<ChangeForm> for Change {
    type Error = RowFormError;

    fn try_from(form: ChangeForm) -> Result<Self, RowFormError> {
        Ok(Self {
            removed: read(form.removed)?,
            added: read(form.added)?,
        })
    }
}

fn read(rows: Vec<RowForm>) -> Result<Vec<RecognitionRow>, RowFormError> {
    rows.into_iter().map(RecognitionRow::try_from).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::clock::Timestamp;
    use crate::registry::recognition::Recogniser;
    use crate::validation::trust_store::CaId;
    use crate::validation::trust_store::Usage;

    fn row(caller: usize, ca: usize) -> RecognitionRow {
        RecognitionRow::accept(
            Recogniser::parse(["bank-a", "bank-b", "every:bank"][caller]).unwrap(),
            (
                CaId::parse(["bjca", "gdca", "sheca"][ca]).unwrap(),
                Usage::parse("tax").unwrap(),
            ),
            Vec::new(),
            Timestamp::UNIX_EPOCH,
        )
    }

    fn table() -> impl Strategy<Value = Vec<RecognitionRow>> {
        prop::collection::btree_set((0usize..3, 0usize..3), 0..9).prop_map(|rows| {
            rows.into_iter()
                .map(|(caller, ca)| row(caller, ca))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn what_leads_from_one_table_to_another_leads_there(old in table(), new in table()) {
            let change = Change::between(&old, &new);
            let mut made = change.apply(&old).unwrap();
            let mut expected = new;
            made.sort();
            expected.sort();
            prop_assert_eq!(made, expected);
            prop_assert!(change.removed.iter().all(|row| !change.added.contains(row)));
        }
    }

    #[test]
    fn what_others_removed_is_told_and_what_they_added_stays() {
        let change = Change {
            removed: vec![row(0, 0)],
            added: vec![row(1, 0)],
        };
        let others = [row(2, 2), row(0, 0)];
        assert_eq!(change.apply(&others).unwrap(), [row(2, 2), row(1, 0)]);
        let told = change.apply(&[row(2, 2)]).unwrap_err().to_string();
        assert_eq!(
            told,
            "`bank-a` · `bjca` · `tax` from 1970-01-01T00:00:00Z is not in the table"
        );
    }
}
