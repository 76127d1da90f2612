//! What is not as a corpus says, and why: written down, or it fails the run; no longer true, and it fails as well.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Findings that are not as a corpus says, each written down with clause and reason.
pub(crate) struct Exceptions(BTreeMap<(String, String), Exception>);

#[derive(Deserialize)]
struct Exception {
    id: String,
    finding: String,
    clause: String,
    reason: String,
}

impl Exceptions {
    /// Reads a file of them.
    pub(crate) fn read(text: &str) -> Self {
        let list: Vec<Exception> = serde_json::from_str(text).unwrap();
        let keyed = list.into_iter().map(|one| {
            let is_written = !one.clause.trim().is_empty() && !one.reason.trim().is_empty();
            assert!(is_written, "{}", one.id);
            ((one.id.clone(), one.finding.clone()), one)
        });
        Self(keyed.collect())
    }

    /// How many are left.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether a finding on a case is written down; it counts once.
    pub(crate) fn take(&mut self, id: &str, finding: &str) -> bool {
        let key = (id.to_owned(), finding.to_owned());
        self.0.remove(&key).is_some()
    }

    /// Those that nothing was found for.
    pub(crate) fn stale(self) -> impl Iterator<Item = String> {
        let keys = self.0.into_keys();
        keys.map(|(id, finding)| format!("{id}: stale: {finding}"))
    }
}
