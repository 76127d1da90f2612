//! Validates one signature of a document from the facts that its reader gave (ETSI EN 319 102-1 §5.3, §5.5,
//! §5.6): mathematics first, then form, the certificate it names, timestamps, path, usage and strength,
//! and the seal that it was made with.
//!
//! The present is the first proof that a signature exists. A timestamp may prove an earlier time; then a
//! certificate that has expired or was revoked since is judged for that time ([`judge_signer`]). A timestamp of
//! the content is a lower bound: whoever signed it did so later.

use crate::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Fault;
use crate::signature::facts::FaultWeight;
use crate::signature::facts::Integrity;
use crate::signature::facts::SignatureFacts;
use crate::validation::certificate::AnchoredPath;
use crate::validation::certificate::SignerOutcome;
use crate::validation::certificate::validate_signer;
use crate::validation::context::ValidationContext;
use crate::validation::limits;
use crate::validation::modification;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::Coverage;
use crate::validation::report::Indication;
use crate::validation::report::SignatureReport;
use crate::validation::report::SigningCertificateReference;
use crate::validation::report::SigningTime;
use crate::validation::report::SubIndication;
use crate::validation::seal;
use crate::validation::strength;
use crate::validation::timestamp;
use crate::validation::timestamp::Proofs;
use crate::validation::trust_store::CaId;

/// The verdict on one signature, and the paths that are valid: its signer's first, then those of its timestamps,
/// its counter-signatures and the maker of its seal.
#[derive(Debug)]
pub struct Validated {
    /// The verdict.
    pub report: SignatureReport,
    /// Where evidence about its certificates is to be had.
    pub paths: Vec<AnchoredPath>,
}

/// Validates a signature, which is called `id` in the report: `S1`.
///
/// `intermediates` may complete its path beside the certificates that it carries; as untrusted as those.
#[must_use]
pub fn validate(
    id: &str,
    facts: &SignatureFacts,
    intermediates: &[Certificate],
    context: &ValidationContext<'_>,
) -> Validated {
    let mut report = SignatureReport::new(id, &facts.format, coverage(facts.coverage));
    describe(&mut report, facts);
    tell_faults(&mut report, &facts.faults);
    judge_integrity(&mut report, &facts.integrity, &facts.algorithm.name);
    if let Some(modifications) = &facts.modifications {
        modification::judge(&mut report, modifications);
    }
    judge_reference(&mut report, facts);

    let around: Vec<Certificate> = facts
        .certificates
        .iter()
        .chain(intermediates)
        .cloned()
        .collect();
    let around = around.as_slice();
    let mut document_evidence =
        Vec::from_iter((!facts.evidence.is_empty()).then_some(&facts.evidence));
    document_evidence.extend(context.document_evidence);
    let within = ValidationContext {
        document_evidence: &document_evidence,
        ..*context
    };
    let mut paths = Vec::new();
    judge_counter_signatures(&mut report, facts, &mut paths, (around, &within));
    let proofs = timestamp::prove(&mut report, facts, &mut paths, (around, &within));
    let within = ValidationContext {
        // Of a timestamp that a later one covers, more may be known than it proves itself.
        proven_at: [proofs.not_after, context.proven_at]
            .into_iter()
            .flatten()
            .min(),
        ..within
    };
    // Of what was too much to compute, no more is looked at.
    let signer = facts.signer.as_ref();
    if let Some(signer) = signer.filter(|_| facts.integrity != Integrity::BudgetExhausted) {
        let outcome = judge_signer(signer, around, &within);
        paths.splice(0..0, outcome.anchored());
        apply_signer(&mut report, facts, (signer, outcome), (&proofs, &within));
    }
    if let Some(seal) = &facts.seal {
        seal::judge_seal(&mut report, seal, &mut paths, (around, &within), &proofs);
    }
    Validated { report, paths }
}

/// What the signer's certificate is worth, at the time that is proven.
fn apply_signer(
    report: &mut SignatureReport,
    facts: &SignatureFacts,
    (signer, outcome): (&Certificate, SignerOutcome),
    (proofs, context): (&Proofs, &ValidationContext<'_>),
) {
    let ca = outcome.ca.as_ref().and_then(|ca| CaId::parse(&ca.id).ok());
    let (revoked_at, subject) = (outcome.revoked_at, outcome.signer.subject.clone());
    let limits = outcome.limits(context);
    outcome.apply_to(report);
    if let (Some(revoked_at), Some(not_before)) = (revoked_at, proofs.not_before)
        && revoked_at <= not_before
    {
        // ETSI EN 319 102-1 §5.2.6: the certificate was void when it was used.
        let reason = Reason::new(ReasonCode::SignedAfterRevocation)
            .with("subject", subject)
            .with("revokedAt", revoked_at.to_string())
            .with("notBefore", not_before.to_string());
        report.restrict(
            Indication::TotalFailed,
            Some(SubIndication::Revoked),
            reason,
        );
    }
    check_bounds(report, signer, proofs);
    if let Some(algorithm) = facts.algorithm.known {
        let store = ca.and_then(|id| context.trust.store(&id));
        let at = context.best_signature_time();
        strength::check(report, algorithm, signer, (store, at));
        limits::check_signature(report, (algorithm, signer), &limits, (store, context));
        if let Some(weak) = facts
            .digest
            .and_then(|digest| strength::digest_weakness(digest, at))
        {
            strength::tell(report, weak);
        }
    }
}

/// What is proven of the time excludes the certificate's own (ETSI EN 319 102-1 §5.5.4): content that is younger
/// than its end, or a signature that is older than its beginning.
fn check_bounds(report: &mut SignatureReport, signer: &Certificate, proofs: &Proofs) {
    let about = |code| Reason::new(code).with("subject", signer.subject().to_string());
    if proofs
        .not_before
        .is_some_and(|earliest| earliest > signer.not_after())
    {
        let ended = signer.not_after().to_string();
        report.restrict(
            Indication::TotalFailed,
            Some(SubIndication::Expired),
            about(ReasonCode::CertificateExpired).with("notAfter", ended),
        );
    }
    if proofs
        .not_after
        .is_some_and(|latest| latest < signer.not_before())
    {
        let began = signer.not_before().to_string();
        report.restrict(
            Indication::TotalFailed,
            Some(SubIndication::NotYetValid),
            about(ReasonCode::CertificateNotYetValid).with("notBefore", began),
        );
    }
}

const fn coverage(coverage: ContentCoverage) -> Coverage {
    match coverage {
        ContentCoverage::Whole => Coverage::WholeDocument,
        ContentCoverage::Revision => Coverage::Revision,
        ContentCoverage::Detached => Coverage::Detached,
        ContentCoverage::Partial => Coverage::Partial,
        ContentCoverage::Unknown => Coverage::Unknown,
    }
}

fn describe(report: &mut SignatureReport, facts: &SignatureFacts) {
    report.signing_time = SigningTime {
        claimed: facts.claimed_at,
        not_before: None,
        best_signature_time: None,
    };
    let name = facts.algorithm.name.as_str();
    report.cryptographic.signature_algorithm = (!name.is_empty()).then(|| name.to_owned());
    let own = facts.algorithm.known.map(|known| known.digest());
    report.cryptographic.digest_algorithm = facts.digest.or(own).map(|digest| digest.to_string());
}

/// Format checking (ETSI EN 319 102-1 §5.2.2).
fn tell_faults(report: &mut SignatureReport, faults: &[Fault]) {
    for fault in faults {
        let about = |code| {
            Reason::new(code)
                .with("field", fault.place.as_str())
                .with("detail", fault.detail.as_str())
        };
        match fault.weight {
            FaultWeight::Irregular => report.remark(about(ReasonCode::FormatIrregular)),
            FaultWeight::Unprocessed => report.restrict(
                Indication::Indeterminate,
                Some(SubIndication::SigConstraintsFailure),
                about(ReasonCode::FormatUnprocessed),
            ),
            FaultWeight::Broken => report.restrict(
                Indication::TotalFailed,
                Some(SubIndication::FormatFailure),
                about(ReasonCode::FormatConflict),
            ),
        }
    }
}

/// The cryptographic verification (ETSI EN 319 102-1 §5.2.7).
///
/// `algorithm` is its name, as the document has it or as reports do.
pub(super) fn judge_integrity(
    report: &mut SignatureReport,
    integrity: &Integrity,
    algorithm: &str,
) {
    use Indication::Indeterminate;
    use Indication::TotalFailed;
    use SubIndication as Sub;
    report.cryptographic.intact = integrity.intact();
    let (indication, sub_indication, reason) = match integrity {
        Integrity::Intact => return,
        Integrity::ContentDiffers => (
            TotalFailed,
            Sub::HashFailure,
            Reason::new(ReasonCode::DigestMismatch),
        ),
        Integrity::ValueWrong => (
            TotalFailed,
            Sub::SigCryptoFailure,
            Reason::new(ReasonCode::SignatureWrong),
        ),
        Integrity::ContentMissing => (
            Indeterminate,
            Sub::SignedDataNotFound,
            Reason::new(ReasonCode::ContentWithheld),
        ),
        Integrity::NoCertificate => (
            Indeterminate,
            Sub::NoSigningCertificateFound,
            Reason::new(ReasonCode::SigningCertificateMissing),
        ),
        Integrity::AlgorithmUnknown => (
            Indeterminate,
            Sub::CryptoConstraintsFailure,
            Reason::new(ReasonCode::AlgUnknown).with("alg", algorithm),
        ),
        Integrity::BudgetExhausted => (
            Indeterminate,
            Sub::SigConstraintsFailure,
            Reason::new(ReasonCode::FormatLimitExceeded)
                .with("detail", "more signatures than one document is given"),
        ),
        // The algorithm and the key exclude each other by their standards.
        Integrity::KeyMismatch { key } => (
            TotalFailed,
            Sub::FormatFailure,
            Reason::new(ReasonCode::SignatureKeyMismatch)
                .with("algorithm", algorithm)
                .with("key", key.to_string()),
        ),
        Integrity::KeyUnsupported { key } => (
            Indeterminate,
            Sub::CryptoConstraintsFailure,
            Reason::new(ReasonCode::KeyNotSupported).with("key", key.to_string()),
        ),
    };
    report.restrict(indication, Some(sub_indication), reason);
}

/// Identification of the signing certificate (ETSI EN 319 102-1 §5.2.3): one that is not the one that was signed
/// along may have been put in its place.
fn judge_reference(report: &mut SignatureReport, facts: &SignatureFacts) {
    if facts.signer.is_none() {
        return;
    }
    report.signing_certificate_reference = Some(match facts.reference {
        CertificateReference::Matches => SigningCertificateReference::Match,
        CertificateReference::Absent => {
            report.remark(Reason::new(ReasonCode::SigningCertificateNotNamed));
            SigningCertificateReference::Absent
        }
        CertificateReference::Differs => {
            report.restrict(
                Indication::Indeterminate,
                Some(SubIndication::SigConstraintsFailure),
                Reason::new(ReasonCode::SigningCertificateMismatch),
            );
            SigningCertificateReference::Mismatch
        }
    });
}

/// A counter-signature that is broken says that something was changed after it was made; one whose signer is not
/// accepted says nothing about the signature that it stands beside.
fn judge_counter_signatures(
    report: &mut SignatureReport,
    facts: &SignatureFacts,
    paths: &mut Vec<AnchoredPath>,
    (around, context): (&[Certificate], &ValidationContext<'_>),
) {
    for (number, counter) in (1..).zip(&facts.counter_signatures) {
        let id = format!("{}.C{number}", report.id);
        let validated = validate(&id, counter, around, context);
        if validated.report.indication == Indication::TotalFailed {
            let detail = validated.report.sub_indication;
            let reason = Reason::new(ReasonCode::CounterSignatureInvalid)
                .with("id", id)
                .with("detail", detail.map_or("–", SubIndication::as_str));
            report.restrict(
                Indication::Indeterminate,
                Some(SubIndication::SigConstraintsFailure),
                reason,
            );
        }
        report.counter_signatures.push(validated.report);
        paths.extend(validated.paths);
    }
}

/// Validates the signer's certificate: for the present, and where that does not pass, for the time at which the
/// signature is proven to have existed (ETSI EN 319 102-1 §5.6.2.1, past signature validation).
pub(super) fn judge_signer(
    signer: &Certificate,
    around: &[Certificate],
    context: &ValidationContext<'_>,
) -> SignerOutcome {
    let present = validate_signer(signer, around, context);
    let Some(proven_at) = context.proven_at.filter(|proven| *proven < context.at) else {
        return present;
    };
    if present.indication == Indication::TotalPassed {
        return present;
    }
    let for_then = ValidationContext {
        at: proven_at,
        ..*context
    };
    let mut past = validate_signer(signer, around, &for_then);
    if past.indication != Indication::TotalPassed {
        return present;
    }
    past.reasons
        .push(Reason::new(ReasonCode::JudgedAtSignatureTime).with("at", proven_at.to_string()));
    if let Some(revoked_at) = present.revoked_at {
        past.reasons.push(revoked_later(&past, revoked_at));
    }
    past
}

fn revoked_later(outcome: &SignerOutcome, revoked_at: Timestamp) -> Reason {
    Reason::new(ReasonCode::RevokedAfterSigning)
        .with("subject", outcome.signer.subject.as_str())
        .with("revokedAt", revoked_at.to_string())
}

#[cfg(test)]
mod tests;
