//! Counts what came of fetching, for the metrics.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::service::app::App;
use crate::store::evidence::EvidenceKind;

/// Attempts by kind of evidence and outcome. Both come from closed sets, neither from a URL.
#[derive(Debug, Default)]
pub(in crate::service) struct Counts(Mutex<BTreeMap<(EvidenceKind, &'static str), u64>>);

/// How often fetching a kind of evidence had an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvidenceCount {
    /// The kind.
    pub kind: EvidenceKind,
    /// `stored`, `unchanged`, or the code of an error.
    pub outcome: &'static str,
    /// How often, since the process began.
    pub count: u64,
}

impl Counts {
    pub(in crate::service) fn count(&self, kind: EvidenceKind, outcome: &'static str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry((kind, outcome)).or_default();
        *count = count.saturating_add(1);
    }
}

impl App {
    /// What came of fetching evidence since the process began.
    #[must_use]
    pub fn evidence_counts(&self) -> Vec<EvidenceCount> {
        let counts = &self.inner().evidence.counts.0;
        let counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        let counts = counts.iter();
        counts
            .map(|((kind, outcome), count)| EvidenceCount {
                kind: *kind,
                outcome,
                count: *count,
            })
            .collect()
    }
}
