//! What issuers' certificates were found to be worth in this second, for as long as neither the trust set nor the
//! evidence at hand changes.

use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::service::fetch_evidence::snapshot::EvidenceSnapshot;
use crate::validation::certificate::RecentOutcomes;
use crate::validation::trust_store::TrustSet;

/// The outcomes under what counted last.
#[derive(Debug, Default)]
pub(in crate::service) struct OutcomesAtHand(ArcSwapOption<Outcomes>);

/// The outcomes under one trust set and one state of evidence, both held here, so that nothing else is ever where
/// they are.
#[derive(Debug)]
pub(in crate::service) struct Outcomes {
    trust: Arc<TrustSet>,
    evidence: Arc<EvidenceSnapshot>,
    recent: RecentOutcomes,
}

impl OutcomesAtHand {
    /// Those under this trust set and this evidence; none yet, if either is new.
    pub(in crate::service) fn under(
        &self,
        trust: &Arc<TrustSet>,
        evidence: &Arc<EvidenceSnapshot>,
    ) -> Arc<Outcomes> {
        let is_the_same = |outcomes: &Arc<Outcomes>| {
            Arc::ptr_eq(&outcomes.trust, trust) && Arc::ptr_eq(&outcomes.evidence, evidence)
        };
        if let Some(outcomes) = self.0.load_full().filter(is_the_same) {
            return outcomes;
        }
        let outcomes = Arc::new(Outcomes {
            trust: Arc::clone(trust),
            evidence: Arc::clone(evidence),
            recent: RecentOutcomes::default(),
        });
        self.0.store(Some(Arc::clone(&outcomes)));
        outcomes
    }
}

impl Outcomes {
    pub(in crate::service) const fn outcomes(&self) -> &RecentOutcomes {
        &self.recent
    }
}
