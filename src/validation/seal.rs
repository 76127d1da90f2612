//! Validates the electronic seal that a signature was made with (GB/T 38540-2020, GM/T 0031): whether its maker
//! signed it and is accepted, whether it was in force, and whether the signer may use it.
//!
//! The signature itself has been validated as any other; the seal only worsens the verdict. Its maker has to be
//! accepted for the same usage as the signer. The standards give the checks; which indication follows is ours.

use crate::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::signature::facts::Integrity;
use crate::signature::facts::SealFacts;
use crate::validation::certificate::AnchoredPath;
use crate::validation::certificate::SignerOutcome;
use crate::validation::context::ValidationContext;
use crate::validation::document::judge_signer;
use crate::validation::limits;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::reason::Severity;
use crate::validation::report::Indication;
use crate::validation::report::SealReport;
use crate::validation::report::SignatureReport;
use crate::validation::report::SubIndication;
use crate::validation::strength;
use crate::validation::timestamp::Proofs;
use crate::validation::trust_store::CaId;

/// Adds to a report what the seal makes of the verdict.
///
/// `paths` gets that of its maker, where one is valid.
pub(super) fn judge_seal(
    report: &mut SignatureReport,
    facts: &SealFacts,
    paths: &mut Vec<AnchoredPath>,
    (around, context): (&[Certificate], &ValidationContext<'_>),
    proofs: &Proofs,
) {
    report.seal = Some(SealReport::from(facts));
    judge_maker_signature(report, facts);
    if !facts.signer_listed {
        let signer = report.signer.as_ref();
        let subject = signer.map_or_else(|| "–".to_owned(), |signer| signer.subject.clone());
        let reason = about(ReasonCode::SealSignerNotListed, facts).with("subject", subject);
        report.restrict(Indication::TotalFailed, None, reason);
    }
    judge_time(report, facts, (proofs, context));
    if let Some(maker) = &facts.maker {
        let outcome = judge_signer(maker, around, context);
        paths.extend(outcome.anchored());
        apply_maker(report, facts, (maker, outcome), context);
    }
}

fn about(code: ReasonCode, facts: &SealFacts) -> Reason {
    Reason::new(code).with("seal", facts.name.as_str())
}

/// Whether the seal is as its maker signed it.
fn judge_maker_signature(report: &mut SignatureReport, facts: &SealFacts) {
    use Indication::Indeterminate;
    use Indication::TotalFailed;
    use SubIndication as Sub;
    let undecided =
        |detail: String| about(ReasonCode::SealMakerUndecided, facts).with("detail", detail);
    let algorithm = facts.maker_algorithm.name.as_str();
    let (indication, sub_indication, reason) = match &facts.maker_integrity {
        Integrity::Intact => return,
        Integrity::ValueWrong | Integrity::ContentDiffers => (
            TotalFailed,
            Sub::SigCryptoFailure,
            about(ReasonCode::SealMakerSignatureWrong, facts),
        ),
        // The algorithm and the key exclude each other by their standards.
        Integrity::KeyMismatch { key } => (
            TotalFailed,
            Sub::FormatFailure,
            undecided(format!("{algorithm}, {key}")),
        ),
        Integrity::AlgorithmUnknown => (
            Indeterminate,
            Sub::CryptoConstraintsFailure,
            undecided(algorithm.to_owned()),
        ),
        Integrity::KeyUnsupported { key } => (
            Indeterminate,
            Sub::CryptoConstraintsFailure,
            undecided(key.to_string()),
        ),
        Integrity::NoCertificate | Integrity::ContentMissing | Integrity::BudgetExhausted => (
            Indeterminate,
            Sub::NoSigningCertificateFound,
            undecided(Sub::NoSigningCertificateFound.to_string()),
        ),
    };
    report.restrict(indication, Some(sub_indication), reason);
}

/// Whether the seal was in force when it was used: at the time that is proven, else at the one that is claimed,
/// else now.
///
/// What is proven is that the signature existed by then. Where the seal had expired by that time but the signer
/// claims an earlier one, nothing is proven either way.
fn judge_time(
    report: &mut SignatureReport,
    facts: &SealFacts,
    (proofs, context): (&Proofs, &ValidationContext<'_>),
) {
    let claimed = report.signing_time.claimed;
    let is_after = |at: &Timestamp| *at > facts.valid_until;
    let at = proofs
        .not_after
        .or(claimed)
        .unwrap_or_else(|| context.best_signature_time());
    let used_after = proofs.not_before.filter(is_after);
    let used_after = used_after.or_else(|| claimed.filter(|_| is_after(&at)).filter(is_after));
    let (indication, sub_indication, reason) = if at < facts.valid_from {
        let reason = about(ReasonCode::SealNotYetValid, facts)
            .with("validFrom", facts.valid_from.to_string())
            .with("at", at.to_string());
        (Indication::TotalFailed, None, reason)
    } else if let Some(at) = used_after {
        let reason = about(ReasonCode::SealExpired, facts)
            .with("validUntil", facts.valid_until.to_string())
            .with("at", at.to_string());
        (Indication::TotalFailed, None, reason)
    } else if is_after(&at) {
        let reason = about(ReasonCode::SealUseNotProven, facts)
            .with("validUntil", facts.valid_until.to_string())
            .with("at", at.to_string());
        let sub_indication = Some(SubIndication::OutOfBoundsNoPoe);
        (Indication::Indeterminate, sub_indication, reason)
    } else {
        return;
    };
    report.restrict(indication, sub_indication, reason);
}

/// What the maker's certificate is worth: a maker who is not accepted may have put any name on the seal.
fn apply_maker(
    report: &mut SignatureReport,
    facts: &SealFacts,
    (maker, outcome): (&Certificate, SignerOutcome),
    context: &ValidationContext<'_>,
) {
    if outcome.indication != Indication::TotalPassed {
        let mut codes = outcome.reasons.iter().map(Reason::code);
        let detail = codes.find(|code| code.severity() == Severity::Error);
        let reason = about(ReasonCode::SealMakerNotTrusted, facts)
            .with("maker", outcome.signer.subject.as_str())
            .with("detail", detail.map_or("–", ReasonCode::as_str));
        report.restrict(outcome.indication, outcome.sub_indication, reason);
    }
    let limits = outcome.limits(context);
    for used in outcome.revocation {
        if !report.revocation.contains(&used) {
            report.revocation.push(used);
        }
    }
    if let Some(algorithm) = facts.maker_algorithm.known {
        let ca = outcome.ca.and_then(|ca| CaId::parse(&ca.id).ok());
        let store = ca.and_then(|id| context.trust.store(&id));
        let at = context.best_signature_time();
        strength::check(report, algorithm, maker, (store, at));
        limits::check_signature(report, (algorithm, maker), &limits, (store, context));
    }
}

#[cfg(test)]
mod tests;
