//! What was asked of the certificate and its path beside RFC 5280 §6.1 and the usage.

use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::path::ValidatedPath;
use crate::pki::rules;
use crate::validation::certificate::SignerOutcome;
use crate::validation::certificate::judge::list;
use crate::validation::context::Demands;
use crate::validation::context::Subject;
use crate::validation::context::ValidationContext;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::SubIndication;

/// Restricts `outcome` by everything that [`Demands`] asks for and the path does not give.
pub(super) fn check(
    outcome: &mut SignerOutcome,
    path: &ValidatedPath,
    context: &ValidationContext<'_>,
) {
    let demands = context.demands;
    let end_entity = path.end_entity();
    match demands.subject {
        Subject::Signer => check_key(outcome, end_entity),
        Subject::Anyone => {}
    }
    check_purposes(outcome, path, demands);
    check_key_usages(outcome, end_entity, demands);
    for name in &demands.names {
        if let Err(mismatch) = name.check(end_entity) {
            let reason = Reason::new(ReasonCode::CertificateName)
                .with("expected", name.to_string())
                .with("detail", mismatch.to_string());
            outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
        }
    }
    check_rules(outcome, path, demands);
}

/// RFC 5280 §4.2.1.9 and §4.2.1.3: the certificate is of somebody who signs documents, with a key
/// that may. Without a key usage extension the key may do anything.
fn check_key(outcome: &mut SignerOutcome, end_entity: &Certificate) {
    let constraints = end_entity.basic_constraints();
    if constraints.is_some_and(|constraints| constraints.is_ca) {
        let reason = Reason::new(ReasonCode::SignerIsACa);
        outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
    }
    let signs = end_entity
        .key_usage()
        .is_none_or(|usage| usage.digital_signature() || usage.content_commitment());
    if !signs {
        let reason = Reason::new(ReasonCode::SignerKeyUsage);
        outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
    }
}

/// RFC 5280 §4.2.1.3: an absent extension restricts nothing.
fn check_key_usages(outcome: &mut SignerOutcome, end_entity: &Certificate, demands: &Demands) {
    let Some(usage) = end_entity.key_usage() else {
        return;
    };
    for bit in demands
        .key_usages
        .iter()
        .filter(|bit| !usage.permits(**bit))
    {
        let reason = Reason::new(ReasonCode::CertificatePurpose)
            .with("expected", bit.name())
            .with("found", usage.to_string());
        outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
    }
}

/// The rules of a certificate profile, for those who ask for one.
fn check_rules(outcome: &mut SignerOutcome, path: &ValidatedPath, demands: &Demands) {
    let certificates: Vec<&Certificate> = path.certificates().iter().collect();
    let anchor = path.anchor().certificate();
    for violation in rules::check(demands.rules, &certificates, anchor, path.at()) {
        let reason = Reason::new(ReasonCode::PathRule)
            .with("rules", demands.rules.to_string())
            .with("detail", violation.to_string());
        outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
    }
}

/// RFC 5280 §4.2.1.12: an absent extension restricts nothing, and neither does `anyExtendedKeyUsage`.
fn check_purposes(outcome: &mut SignerOutcome, path: &ValidatedPath, demands: &Demands) {
    for purpose in &demands.purposes {
        let expected = std::slice::from_ref(purpose);
        let found = path.end_entity().extended_key_usage();
        let permits = found.is_none_or(|found| {
            found.contains(purpose) || found.contains(extension::ANY_EXTENDED_KEY_USAGE)
        });
        if !permits {
            let reason = Reason::new(ReasonCode::CertificatePurpose)
                .with("expected", list(expected))
                .with("found", list(found.unwrap_or_default()));
            outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
        }
        if let Some(issuer) = path.issuer_barring(purpose) {
            let reason = Reason::new(ReasonCode::PathPurpose)
                .with("subject", issuer.subject().to_string())
                .with("expected", list(expected));
            outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
        }
    }
}
