//! Which path a verdict is about: the best accepted one, else the one that explains most.

use crate::pki::certificate::Certificate;
use crate::pki::path::PathError;
use crate::pki::path::PathRejection;
use crate::pki::path::PathValidator;
use crate::pki::path::ValidatedPath;
use crate::pki::trust_anchor::TrustAnchor;
use crate::validation::certificate::SignerOutcome;
use crate::validation::certificate::judge;
use crate::validation::context::ValidationContext;
use crate::validation::path_failure::explain;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::Indication;
use crate::validation::report::SubIndication;
use crate::validation::strength::certificate_weakness;
use crate::validation::trust_store::TrustStore;

/// One certificate, what came with it, and what is asked of it.
pub(super) struct Search<'a> {
    end_entity: &'a Certificate,
    intermediates: &'a [Certificate],
    /// Those of `intermediates` that are strong enough. A path through them alone is preferred, so that
    /// one more weak candidate never takes the place of a good one.
    strong: Vec<Certificate>,
    context: &'a ValidationContext<'a>,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        end_entity: &'a Certificate,
        intermediates: &'a [Certificate],
        context: &'a ValidationContext<'a>,
    ) -> Self {
        let strong = intermediates.iter();
        let strong = strong.filter(|above| certificate_weakness(above, context.at).is_none());
        Self {
            end_entity,
            intermediates,
            strong: strong.cloned().collect(),
            context,
        }
    }

    pub(super) fn outcome(&self) -> SignerOutcome {
        let accepted = self.accepted();
        let anchors: Vec<TrustAnchor> = accepted.iter().flat_map(|ca| ca.anchors.clone()).collect();
        let first = self.validate(&anchors, &self.strong);
        let first = first.map(|path| self.judge(path));
        if let Some(passed) = first.filter(|o| o.indication == Indication::TotalPassed) {
            return passed;
        }
        match self.explain(&anchors) {
            Ok(path) => self.best(&accepted).unwrap_or_else(|| self.judge(path)),
            Err(near) => self.explained(&near),
        }
    }

    /// The best outcome over the accepted CAs, each asked by itself: the path that was found first may
    /// end at one whose rules the certificate does not meet, while another would do.
    fn best(&self, accepted: &[AcceptedCa<'a>]) -> Option<SignerOutcome> {
        let outcomes = accepted.iter().filter_map(|ca| {
            let path = self
                .validate(&ca.anchors, &self.strong)
                .or_else(|| self.validate(&ca.anchors, self.intermediates))?;
            Some(judge::accepted(
                self.end_entity,
                path,
                ca.store,
                self.context,
            ))
        });
        outcomes.min_by_key(|outcome| outcome.indication)
    }

    /// The outcome where nothing leads to an accepted CA: `near` is how far one got.
    fn explained(&self, near: &PathRejection) -> SignerOutcome {
        let reached = near.nearest.is_some();
        if reached && is_about_dates(&near.error) {
            return self.refused(near);
        }
        let stores = self.context.trust.stores().iter();
        let known: Vec<TrustAnchor> = stores.flat_map(|store| store.anchors.clone()).collect();
        match self.explain(&known) {
            Ok(path) => self.judge(path),
            Err(_) if reached => self.refused(near),
            Err(far) => self.refused(&far),
        }
    }

    /// The CAs that the caller accepts for this usage, with those of their anchors that it pins.
    fn accepted(&self) -> Vec<AcceptedCa<'a>> {
        let (profile, usage) = (self.context.profile, self.context.usage);
        let permitted = self.context.trust.stores().iter();
        let permitted = permitted.filter(|store| store.usages.contains_key(usage));
        permitted
            .filter_map(|store| {
                let anchors = store.anchors.iter();
                let pinned =
                    anchors.filter(|anchor| profile.accepts(&store.id, anchor.id(), usage));
                let anchors: Vec<TrustAnchor> = pinned.cloned().collect();
                (!anchors.is_empty()).then_some(AcceptedCa { store, anchors })
            })
            .collect()
    }

    fn validate(
        &self,
        anchors: &[TrustAnchor],
        intermediates: &[Certificate],
    ) -> Option<ValidatedPath> {
        let validator = PathValidator::new(anchors, intermediates, self.context.at);
        validator.validate(self.end_entity).ok()
    }

    fn explain(&self, anchors: &[TrustAnchor]) -> Result<ValidatedPath, Box<PathRejection>> {
        let validator = PathValidator::new(anchors, self.intermediates, self.context.at);
        validator.explain(self.end_entity)
    }

    fn judge(&self, path: ValidatedPath) -> SignerOutcome {
        let (end_entity, context) = (self.end_entity, self.context);
        match context.trust.owner(&path.anchor().id()) {
            Some(store) if judge::refusal(store, path.anchor(), context).is_none() => {
                judge::accepted(end_entity, path, store, context)
            }
            Some(store) => judge::unaccepted(end_entity, path, store, context),
            // Every anchor comes out of the set, so this is never taken; it refuses.
            None => self.failed(
                SubIndication::NoCertificateChainFound,
                unknown_ca(end_entity),
            ),
        }
    }

    /// The outcome where no path is valid.
    fn refused(&self, rejection: &PathRejection) -> SignerOutcome {
        let (sub_indication, reason) =
            explain(&rejection.error, self.end_entity, self.intermediates);
        let trust = self.context.trust;
        let Some(nearest) = &rejection.nearest else {
            let own = trust.owner(&self.end_entity.sha256());
            return match own.filter(|_| rejection.error == PathError::AnchorItself) {
                Some(store) => {
                    let mut outcome = self.failed(sub_indication, judge::with_ca(reason, store));
                    outcome.ca = Some(store.ca_ref());
                    outcome
                }
                None => self.failed(sub_indication, reason),
            };
        };
        let mut outcome = SignerOutcome::of(self.end_entity);
        outcome.show_path(&nearest.certificates, &nearest.anchor);
        if let Some(store) = trust.owner(&nearest.anchor.id()) {
            outcome.ca = Some(store.ca_ref());
            if is_about_dates(&rejection.error) {
                outcome.identify(self.end_entity, store);
            }
            let refusal = judge::refusal(store, &nearest.anchor, self.context);
            if let Some((sub_indication, reason)) = refusal {
                outcome.restrict(sub_indication, reason);
            }
        }
        outcome.restrict(sub_indication, reason);
        outcome
    }

    fn failed(&self, sub_indication: SubIndication, reason: Reason) -> SignerOutcome {
        let mut outcome = SignerOutcome::of(self.end_entity);
        outcome.restrict(sub_indication, reason);
        outcome
    }
}

/// A CA that the caller accepts, with the anchors that it pins.
struct AcceptedCa<'a> {
    store: &'a TrustStore,
    anchors: Vec<TrustAnchor>,
}

fn unknown_ca(end_entity: &Certificate) -> Reason {
    Reason::new(ReasonCode::CaUnknown).with("issuer", end_entity.issuer().to_string())
}

/// Whether nothing but dates stands against the path: they are looked at last.
fn is_about_dates(error: &PathError) -> bool {
    match error {
        PathError::Expired { .. } | PathError::NotYetValid { .. } => true,
        PathError::NoPath(Some(cause)) => is_about_dates(cause),
        PathError::AnchorItself
        | PathError::BadSignature { .. }
        | PathError::BudgetExhausted { .. }
        | PathError::KeyUsage { .. }
        | PathError::NameConstraintsUnsupported { .. }
        | PathError::NoPath(None)
        | PathError::NotACa { .. }
        | PathError::PathLength { .. }
        | PathError::PathTooLong { .. }
        | PathError::PolicyConstraintsUnsupported { .. }
        | PathError::UnknownCriticalExtension { .. }
        | PathError::UnsupportedAlgorithm { .. } => false,
    }
}
