//! What a valid path is worth: the constraints of ETSI EN 319 102-1 §5.2.6 that are policy.
//!
//! Each rule depends on the CA and on the end entity, or on the strength of what lies between, never
//! on which of several good paths was found.

use crate::pki::certificate::Certificate;
use crate::pki::oid::Oid;
use crate::pki::path::ValidatedPath;
use crate::pki::trust_anchor::TrustAnchor;
use crate::validation::certificate::SignerOutcome;
use crate::validation::certificate::demands;
use crate::validation::certificate::element;
use crate::validation::certificate::limits;
use crate::validation::certificate::revocation;
use crate::validation::context::ValidationContext;
use crate::validation::identity::identify;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::SubIndication;
use crate::validation::strength;
use crate::validation::trust_store::TrustStore;
use crate::validation::trust_store::UsageRule;
use crate::validation::trust_store::usage_names;

/// The outcome of a path to an anchor that the caller accepts.
///
/// `intermediates` may sign revocation evidence, or complete the path of who does.
pub(super) fn accepted(
    path: ValidatedPath,
    intermediates: &[Certificate],
    (store, context): (&TrustStore, &ValidationContext<'_>),
) -> SignerOutcome {
    let mut outcome = under_ca(&path, store);
    demands::check(&mut outcome, &path, context);
    match store.usages.get(context.usage) {
        Some(rule) => check_usage(&mut outcome, &path, (rule, store), context),
        // Accepted means permitted, so this is never taken; it refuses.
        None => {
            let reason = with_ca(Reason::new(ReasonCode::UsageNotPermitted), store);
            let reason = with_usage(reason, context);
            outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
        }
    }
    check_dates(&mut outcome, path.end_entity(), store, context);
    check_strength(&mut outcome, &path, store, context);
    limits::check(&mut outcome, &path, store, context);
    revocation::check(&mut outcome, &path, intermediates, store, context);
    outcome.validated = Some(path);
    outcome
}

/// The outcome of a path to a known anchor that the caller does not accept.
pub(super) fn unaccepted(
    path: ValidatedPath,
    store: &TrustStore,
    context: &ValidationContext<'_>,
) -> SignerOutcome {
    let mut outcome = under_ca(&path, store);
    if let Some((sub_indication, reason)) = refusal(store, path.anchor(), context) {
        outcome.restrict(sub_indication, reason);
    }
    outcome.validated = Some(path);
    outcome
}

/// Why an anchor is not accepted for the usage, and by which row; none if it is.
pub(super) fn refusal(
    store: &TrustStore,
    anchor: &TrustAnchor,
    context: &ValidationContext<'_>,
) -> Option<(SubIndication, Reason)> {
    let standing = context.standing(store, anchor);
    let reason = Reason::new(standing.code()?);
    let said_no = context
        .profile
        .said_no(&store.id, (anchor.id(), context.usage), standing);
    let reason = with_usage(with_ca(said_no.tell(reason), store), context)
        .with("caller", context.profile.caller.as_str())
        .with("anchor", anchor.id().to_string());
    Some((SubIndication::ChainConstraintsFailure, reason))
}

/// Names the CA in a reason.
pub(super) fn with_ca(reason: Reason, store: &TrustStore) -> Reason {
    reason
        .with("ca", store.name.as_str())
        .with("caZh", store.name_zh.as_str())
        .with("caId", store.id.as_str())
}

fn with_usage(reason: Reason, context: &ValidationContext<'_>) -> Reason {
    let (name, name_zh) = usage_names(context.usage);
    reason
        .with("usage", name)
        .with("usageZh", name_zh)
        .with("usageId", context.usage.as_str())
}

fn under_ca(path: &ValidatedPath, store: &TrustStore) -> SignerOutcome {
    let mut outcome = SignerOutcome::of(path.end_entity());
    outcome.show_path(path.certificates(), path.anchor());
    outcome.policies = path.policies().iter().map(Oid::to_string).collect();
    outcome.ca = Some(store.ca_ref());
    outcome.identify(path.end_entity(), store);
    if store.demo {
        let remark = with_ca(Reason::new(ReasonCode::DemoTrust), store);
        outcome.reasons.push(remark);
    }
    outcome
}

impl SignerOutcome {
    pub(super) fn show_path(&mut self, certificates: &[Certificate], anchor: &TrustAnchor) {
        let anchor = std::iter::once(anchor.certificate());
        self.path = certificates.iter().chain(anchor).map(element).collect();
    }

    pub(super) fn identify(&mut self, end_entity: &Certificate, store: &TrustStore) {
        let identity = identify(end_entity, &store.identity_oids);
        if let Some((uscc, source)) = identity.company {
            self.signer.uscc = Some(uscc);
            self.signer.uscc_source = Some(source.to_string());
        }
        self.reasons.extend(identity.remarks);
    }
}

/// What the CA puts into certificates for this usage: of each list that is not empty, one; and an extended
/// key usage only where every issuer may certify for it.
fn check_usage(
    outcome: &mut SignerOutcome,
    path: &ValidatedPath,
    (rule, store): (&UsageRule, &TrustStore),
    context: &ValidationContext<'_>,
) {
    let end_entity = path.end_entity();
    let ekus = end_entity.extended_key_usage().unwrap_or_default();
    if !carries_one(ekus, &rule.ekus) {
        let reason = with_usage(Reason::new(ReasonCode::KeyPurposeMismatch), context)
            .with("expected", list(&rule.ekus))
            .with("found", list(ekus));
        outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
    } else if !rule.ekus.is_empty() {
        // One of them that every issuer permits is enough.
        let mut carried = rule.ekus.iter().filter(|eku| ekus.contains(eku));
        let barring = carried.try_fold(None, |_, eku| path.issuer_barring(eku).map(Some));
        if let Some(Some(issuer)) = barring {
            let reason = Reason::new(ReasonCode::PathPurpose)
                .with("subject", issuer.subject().to_string())
                .with("expected", list(&rule.ekus));
            outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
        }
    }
    if !carries_one(end_entity.certificate_policies(), &rule.policies) {
        let reason = with_ca(Reason::new(ReasonCode::CertificatePolicyMissing), store);
        let reason = with_usage(reason, context).with("expected", list(&rule.policies));
        outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
    }
}

fn carries_one(carried: &[Oid], wanted: &[Oid]) -> bool {
    wanted.is_empty() || wanted.iter().any(|oid| carried.contains(oid))
}

pub(super) fn list(oids: &[Oid]) -> String {
    let texts: Vec<String> = oids.iter().map(Oid::to_string).collect();
    if texts.is_empty() {
        return "–".to_owned();
    }
    texts.join(", ")
}

/// From when to when the CA is believed. Without a proof of earlier existence the best signature time is the
/// time of validation (ETSI EN 319 102-1 §5.5); a certificate that is younger than the end of trust was made
/// after it, whatever else is proven.
fn check_dates(
    outcome: &mut SignerOutcome,
    end_entity: &Certificate,
    store: &TrustStore,
    context: &ValidationContext<'_>,
) {
    let start = store.valid_from.filter(|start| context.at < *start);
    if let Some(valid_from) = start {
        let reason = with_ca(Reason::new(ReasonCode::CaNotYetValid), store);
        let reason = reason.with("validFrom", valid_from.to_string());
        outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
    }
    let latest = context.best_signature_time().max(end_entity.not_before());
    let end = store.distrust_after.filter(|end| *end < latest);
    if let Some(distrust_after) = end {
        let reason = with_ca(Reason::new(ReasonCode::CaDistrusted), store);
        let reason = reason.with("distrustAfter", distrust_after.to_string());
        outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
    }
}

/// Every certificate below the anchor, and the anchor's key.
fn check_strength(
    outcome: &mut SignerOutcome,
    path: &ValidatedPath,
    store: &TrustStore,
    context: &ValidationContext<'_>,
) {
    let below = path.certificates().iter();
    let weak = below.filter_map(|below| strength::certificate_weakness(below, context.at));
    let weak_anchor = strength::anchor_weakness(path.anchor());
    let refused = path.certificates().iter().filter_map(|below| {
        let algorithm = below.signature_algorithm()?;
        strength::not_permitted(store, algorithm, None)
    });
    // Those above have verified something.
    let certified = path.end_entity().public_key();
    let impossible = (!certified.is_possible()).then(|| {
        Reason::new(ReasonCode::KeyNotSupported).with("key", certified.algorithm().to_string())
    });
    for reason in weak.chain(weak_anchor).chain(refused).chain(impossible) {
        outcome.restrict(SubIndication::CryptoConstraintsFailure, reason);
    }
}
