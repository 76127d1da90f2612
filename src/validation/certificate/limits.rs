//! The caller's own limits on a CA that it recognises, of the path to it.

use crate::pki::path::ValidatedPath;
use crate::pki::trust_anchor::TrustAnchor;
use crate::validation::certificate::SignerOutcome;
use crate::validation::certificate::judge::list;
use crate::validation::context::ValidationContext;
use crate::validation::limits::Limits;
use crate::validation::limits::about;
use crate::validation::limits::algorithm_refused;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::SubIndication;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::TrustStore;

/// The limits under which the caller accepts an anchor for the usage.
pub(super) fn of_anchor<'a>(
    store: &TrustStore,
    anchor: &TrustAnchor,
    context: &ValidationContext<'a>,
) -> Vec<&'a Limits> {
    let limits = context
        .profile
        .limits_of(&store.id, anchor.id(), context.usage);
    limits.collect()
}

impl SignerOutcome {
    /// The limits under which the caller accepts the anchor that was found.
    pub(in crate::validation) fn limits<'a>(
        &self,
        context: &ValidationContext<'a>,
    ) -> Vec<&'a Limits> {
        let ca = self.ca.as_ref().and_then(|ca| CaId::parse(&ca.id).ok());
        let (Some(ca), Some(anchor)) = (ca, self.path.last()) else {
            return Vec::new();
        };
        let limits = context.profile.limits_of(&ca, anchor.sha256, context.usage);
        limits.collect()
    }
}

/// Restricts `outcome` by what the caller asks of policies, keys and the algorithms of certificates; how old evidence
/// may be is looked at with the evidence.
pub(super) fn check(
    outcome: &mut SignerOutcome,
    path: &ValidatedPath,
    store: &TrustStore,
    context: &ValidationContext<'_>,
) {
    for limits in of_anchor(store, path.anchor(), context) {
        if !limits.admit(path.end_entity()) {
            let reason = about(ReasonCode::LimitPolicy, store, context)
                .with("expected", list(&limits.policies));
            outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
        }
        for reason in weak_keys(limits, path, store, context) {
            outcome.restrict(SubIndication::CryptoConstraintsFailure, reason);
        }
        let algorithms = path.certificates().iter();
        let algorithms = algorithms.filter_map(|below| below.signature_algorithm());
        for algorithm in algorithms.filter(|algorithm| !limits.permit(*algorithm, None)) {
            let reason = algorithm_refused(algorithm, limits, store, context);
            if !outcome.reasons.contains(&reason) {
                outcome.restrict(SubIndication::CryptoConstraintsFailure, reason);
            }
        }
    }
}

fn weak_keys(
    limits: &Limits,
    path: &ValidatedPath,
    store: &TrustStore,
    context: &ValidationContext<'_>,
) -> Vec<Reason> {
    let anchor = std::iter::once(path.anchor().certificate());
    let all = path.certificates().iter().chain(anchor);
    all.filter(|certificate| !limits.suffices(certificate.public_key().algorithm()))
        .map(|certificate| {
            about(ReasonCode::LimitKeyBits, store, context)
                .with("key", certificate.public_key().algorithm().to_string())
                .with("subject", certificate.subject().to_string())
                .with("minimum", limits.minimum_key_bits.unwrap_or_default())
        })
        .collect()
}
