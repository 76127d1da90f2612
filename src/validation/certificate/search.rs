//! Which path a verdict is about: the best accepted one, else the one that explains most.

use std::ops::ControlFlow;

use crate::pki::certificate::Certificate;
use crate::pki::path::PathError;
use crate::pki::path::PathRejection;
use crate::pki::path::PathValidator;
use crate::pki::path::Spending;
use crate::pki::path::ValidatedPath;
use crate::pki::trust_anchor::TrustAnchor;
use crate::validation::certificate::SignerOutcome;
use crate::validation::certificate::judge;
use crate::validation::context::ValidationContext;
use crate::validation::path_failure::PathFailure;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::reason::Severity;
use crate::validation::report::Indication;
use crate::validation::report::SubIndication;
use crate::validation::report::TriedCandidate;
use crate::validation::standing::Standing;

/// One certificate, what came with it, and what is asked of it.
pub(super) struct Search<'a> {
    end_entity: &'a Certificate,
    intermediates: &'a [Certificate],
    context: &'a ValidationContext<'a>,
    spending: Spending,
}

impl<'a> Search<'a> {
    pub(super) fn new(
        end_entity: &'a Certificate,
        intermediates: &'a [Certificate],
        context: &'a ValidationContext<'a>,
    ) -> Self {
        Self {
            end_entity,
            intermediates,
            context,
            spending: Spending::default(),
        }
    }

    /// The first path that passes, over all accepted CAs; else the best of those that are valid; else why
    /// none is.
    pub(super) fn outcome(&self) -> SignerOutcome {
        let accepts = |anchor: &TrustAnchor| self.accepts(anchor);
        let mut best: Option<SignerOutcome> = None;
        let searched =
            self.validator()
                .restricted_to(&accepts)
                .search(self.end_entity, &mut |path| {
                    let outcome = self.judge(path);
                    let passed = outcome.indication == Indication::TotalPassed;
                    if best.as_ref().is_none_or(|best| rank(&outcome) < rank(best)) {
                        best = Some(outcome);
                    }
                    match passed {
                        true => ControlFlow::Break(()),
                        false => ControlFlow::Continue(()),
                    }
                });
        match (best, searched) {
            (Some(outcome), Ok(())) => outcome,
            (Some(mut outcome), Err(others)) => {
                self.tell_attempts(&mut outcome, &others);
                if let PathError::BudgetExhausted { .. } = others.error {
                    outcome.reasons.push(self.failure(&others).reason());
                }
                outcome
            }
            (None, Err(near)) => self.explained(&near),
            // Nothing was offered, so nothing broke off: never taken; it refuses.
            (None, Ok(())) => self.failed(
                SubIndication::NoCertificateChainFound,
                unknown_ca(self.end_entity),
            ),
        }
    }

    /// The outcome where no path to an accepted anchor is valid: `near` is how far one got.
    fn explained(&self, near: &PathRejection) -> SignerOutcome {
        let reached = near.nearest.is_some();
        if reached && is_about_dates(&near.error) {
            return self.refused(near);
        }
        match self.validator().explain(self.end_entity) {
            Ok(path) => self.judge(path),
            Err(_) if reached => self.refused(near),
            Err(far) => self.refused(&far),
        }
    }

    fn validator(&self) -> PathValidator<'_> {
        let context = self.context;
        let anchors = context.trust.anchors();
        let validator = PathValidator::new(anchors, self.intermediates, context.at)
            .with_inputs(&context.demands.inputs)
            .with_spending(&self.spending);
        match context.memory {
            Some(memory) => validator.with_memory(memory, context.remember),
            None => validator,
        }
    }

    /// Whether the caller accepts an anchor for this usage, and its CA may vouch for it.
    fn accepts(&self, anchor: &TrustAnchor) -> bool {
        let store = self.context.trust.owner(&anchor.id());
        store.is_some_and(|store| self.context.standing(store, anchor) == Standing::Accepted)
    }

    fn judge(&self, path: ValidatedPath) -> SignerOutcome {
        let (end_entity, context) = (self.end_entity, self.context);
        match context.trust.owner(&path.anchor().id()) {
            Some(store) if judge::refusal(store, path.anchor(), context).is_none() => {
                judge::accepted(path, self.intermediates, (store, context))
            }
            Some(store) => judge::unaccepted(path, store, context),
            // Every anchor comes out of the set, so this is never taken; it refuses.
            None => self.failed(
                SubIndication::NoCertificateChainFound,
                unknown_ca(end_entity),
            ),
        }
    }

    /// The outcome where no path is valid.
    fn refused(&self, rejection: &PathRejection) -> SignerOutcome {
        let mut outcome = self.refused_for(rejection);
        self.tell_attempts(&mut outcome, rejection);
        outcome
    }

    fn refused_for(&self, rejection: &PathRejection) -> SignerOutcome {
        let failure = self.failure(rejection);
        let (sub_indication, reason) = (failure.sub_indication(), failure.reason());
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

    fn failure<'e>(&'e self, rejection: &'e PathRejection) -> PathFailure<'e> {
        PathFailure {
            error: &rejection.error,
            end_entity: self.end_entity,
            intermediates: self.intermediates,
            missing: &rejection.missing,
        }
    }

    /// Every candidate that was tried and fell, and whose certificate would have been needed.
    fn tell_attempts(&self, outcome: &mut SignerOutcome, rejection: &PathRejection) {
        outcome.tried = rejection
            .attempts
            .iter()
            .map(|attempt| TriedCandidate {
                subject: attempt.candidate.subject().to_string(),
                sha256: attempt.candidate.sha256(),
                reason: PathFailure {
                    error: &attempt.error,
                    missing: &[attempt.candidate.issuer().to_string()],
                    ..self.failure(rejection)
                }
                .reason(),
            })
            .collect();
        outcome.tried_more = rejection.more_attempts;
        let told = outcome.reasons.iter();
        let told = told.filter(|reason| reason.code() == ReasonCode::CaUnknown);
        let told: Vec<String> = told
            .filter_map(|reason| Some(reason.params().get("issuer")?.as_str()?.to_owned()))
            .collect();
        let missing = rejection.missing.iter();
        for issuer in missing.filter(|issuer| !told.contains(*issuer)) {
            let remark = Reason::new(ReasonCode::PathIssuerMissing);
            outcome.reasons.push(remark.with("issuer", issuer.as_str()));
        }
    }
}

/// Lower is better. Beyond the indication it only decides which of several refusals is told, and does so
/// whatever order they are found in.
fn rank(outcome: &SignerOutcome) -> impl Ord + use<> {
    let reasons = outcome.reasons.iter();
    let errors = reasons.filter(|reason| reason.severity() == Severity::Error);
    let path: Vec<String> = outcome
        .path
        .iter()
        .map(|one| one.sha256.to_string())
        .collect();
    (
        outcome.indication,
        errors.count(),
        outcome.sub_indication,
        outcome.ca.as_ref().map(|ca| ca.id.clone()),
        path,
    )
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
        | PathError::NameConstraints { .. }
        | PathError::NameConstraintsInEndEntity { .. }
        | PathError::NameConstraintsMalformed { .. }
        | PathError::NoPath(None)
        | PathError::NotACa { .. }
        | PathError::PathLength { .. }
        | PathError::PathTooLong { .. }
        | PathError::PolicyMapping { .. }
        | PathError::PolicyRequired
        | PathError::UnknownCriticalExtension { .. }
        | PathError::UnsupportedAlgorithm { .. } => false,
    }
}
