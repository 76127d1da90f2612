//! Whether certificates of a path were revoked (ETSI EN 319 102-1 §5.2.5, §5.2.6).

use std::time::Duration;

use crate::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::pki::path::ValidatedPath;
use crate::pki::revocation::check::RevocationChecker;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::freshness::FreshnessPolicy;
use crate::pki::revocation::freshness::LaterEvidence;
use crate::pki::revocation::freshness::StalePolicy;
use crate::pki::revocation::status::CertificateStatus;
use crate::pki::revocation::status::Currency;
use crate::pki::revocation::status::EvidenceKind;
use crate::pki::revocation::status::EvidenceUsed;
use crate::pki::revocation::undetermined::UndeterminedReason;
use crate::pki::rules::check_crl;
use crate::validation::certificate::SignerOutcome;
use crate::validation::certificate::limits;
use crate::validation::context::RevocationPolicy;
use crate::validation::context::ValidationContext;
use crate::validation::limits::about;
use crate::validation::profile::OnStale;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::RevocationInfo;
use crate::validation::report::RevocationSource;
use crate::validation::report::SubIndication;
use crate::validation::trust_store::RevocationMode;
use crate::validation::trust_store::TrustStore;

/// How long after its end evidence is used, with a warning, by a profile that accepts stale evidence.
const STALE_ACCEPTED_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long to wait before asking again for revocation evidence that is not at hand.
const RETRY_AFTER_SECONDS: u64 = 300;

/// Restricts `outcome` by what the evidence at hand says of every certificate below the anchor.
///
/// Where a CA's `ca.toml` says that revocation is not checked, nothing is demanded; a revocation that is
/// known counts all the same.
pub(super) fn check(
    outcome: &mut SignerOutcome,
    path: &ValidatedPath,
    intermediates: &[Certificate],
    store: &TrustStore,
    context: &ValidationContext<'_>,
) {
    let evidence = all_evidence(context);
    let of_document = context.document_evidence;
    let (is_required, evidence) = match (context.revocation, &store.revocation) {
        (RevocationPolicy::Skip, _) => {
            let remark = Reason::new(ReasonCode::RevocationSkipped);
            outcome.reasons.push(remark);
            // What the document itself brings along cannot be overlooked.
            (false, of_document)
        }
        (RevocationPolicy::FromTrustStore, RevocationMode::NotChecked { reason }) => {
            let remark = Reason::new(ReasonCode::RevocationNotChecked);
            outcome.reasons.push(remark.with("why", reason.as_str()));
            (false, evidence.as_slice())
        }
        (RevocationPolicy::FromTrustStore, RevocationMode::Required) => (true, evidence.as_slice()),
    };
    let limits = limits::of_anchor(store, path.anchor(), context);
    let limit = limits
        .iter()
        .filter_map(|limits| limits.maximum_evidence_age);
    let limit = limit.min();
    let freshness = freshness(limit, store, context);
    let checker = RevocationChecker::new(evidence, intermediates, freshness);
    for (place, status) in checker.check(path).into_iter().enumerate() {
        let Some(certificate) = path.certificates().get(place) else {
            continue;
        };
        let finding = Finding {
            certificate,
            is_end_entity: place == 0,
            is_required,
            limit: limit.map(|age| (age, store)),
        };
        finding.apply(outcome, &status, context);
    }
}

/// Evidence has to be of now, by the clock: for a time in the past too, of which later evidence knows more. For
/// the time at which a signature is proven to have existed, evidence of then or later does (ETSI EN 319 102-1
/// §5.6.2.2: the revocation status at that time has to be known).
fn freshness(
    limit: Option<Duration>,
    store: &TrustStore,
    context: &ValidationContext<'_>,
) -> FreshnessPolicy {
    if context.is_past_validation() {
        return FreshnessPolicy::at(context.at).with_later_evidence(LaterEvidence::Accept);
    }
    let policy = FreshnessPolicy::at(context.now)
        .with_later_evidence(context.later_evidence)
        .with_stale_policy(match context.profile.on_stale {
            OnStale::TryLater => StalePolicy::Refuse,
            OnStale::Warn => StalePolicy::AcceptFor(STALE_ACCEPTED_FOR),
        });
    match store.evidence.maximum_age.into_iter().chain(limit).min() {
        Some(max_age) => policy.with_max_age(max_age),
        None => policy,
    }
}

/// What was found out about one certificate.
struct Finding<'a> {
    certificate: &'a Certificate,
    is_end_entity: bool,
    is_required: bool,
    /// How old the evidence may be for the caller, and of which CA.
    limit: Option<(Duration, &'a TrustStore)>,
}

impl Finding<'_> {
    fn apply(
        &self,
        outcome: &mut SignerOutcome,
        status: &CertificateStatus,
        context: &ValidationContext<'_>,
    ) {
        match status {
            CertificateStatus::Good { evidence } => {
                self.check_covers_life(outcome, evidence, context);
                for used in evidence {
                    self.tell(outcome, used, context);
                }
            }
            CertificateStatus::Revoked { at, evidence, .. } => {
                self.tell(outcome, evidence, context);
                // A proof of existence before the revocation would help: see `validation::signature`.
                if self.is_end_entity {
                    outcome.revoked_at = Some(*at);
                }
                let (sub_indication, code) = match self.is_end_entity {
                    true => (SubIndication::RevokedNoPoe, ReasonCode::CertificateRevoked),
                    false => (
                        SubIndication::RevokedCaNoPoe,
                        ReasonCode::CaCertificateRevoked,
                    ),
                };
                let reason = self.about(code).with("revokedAt", at.to_string());
                outcome.restrict(sub_indication, reason);
            }
            CertificateStatus::OnHold { evidence, .. } => {
                self.tell(outcome, evidence, context);
                let reason = self.about(ReasonCode::CertificateOnHold);
                outcome.restrict(SubIndication::TryLater, reason);
            }
            CertificateStatus::Undetermined { .. } if !self.is_required => {}
            CertificateStatus::Undetermined { why } => self.undetermined(outcome, why, context),
        }
    }

    /// Judged for the past, what says that a certificate was not revoked may be from after its end; then it need
    /// not list it any more (RFC 5280 §3.3: an entry stays until one CRL after the certificate's expiry).
    fn check_covers_life(
        &self,
        outcome: &mut SignerOutcome,
        evidence: &[EvidenceUsed],
        context: &ValidationContext<'_>,
    ) {
        let ends = self.certificate.not_after();
        let is_too_late = |used: &EvidenceUsed| used.this_update > ends;
        if context.is_past_validation() && self.is_required && evidence.iter().all(is_too_late) {
            let reason = self
                .about(ReasonCode::RevocationUnknown)
                .with("retryAfterSeconds", RETRY_AFTER_SECONDS);
            outcome.restrict(SubIndication::TryLater, reason);
        }
    }

    fn undetermined(
        &self,
        outcome: &mut SignerOutcome,
        why: &[UndeterminedReason],
        context: &ValidationContext<'_>,
    ) {
        let due = why.iter().find_map(|why| match why {
            UndeterminedReason::Stale { would_be } => would_be.evidence().first(),
            UndeterminedReason::BudgetExhausted
            | UndeterminedReason::Crl { .. }
            | UndeterminedReason::DistributionPoints(_)
            | UndeterminedReason::NoEvidence { .. }
            | UndeterminedReason::Ocsp { .. }
            | UndeterminedReason::OcspRefused(_)
            | UndeterminedReason::OnlyUnsupportedLocations { .. }
            | UndeterminedReason::ReasonsNotCovered { .. } => None,
        });
        let reason = match due {
            Some(stale) if let Some(reason) = self.beyond_limit(stale, context) => reason,
            Some(stale) => self
                .about(ReasonCode::RevocationStale)
                .with("issuer", self.certificate.issuer().to_string())
                .with("nextUpdate", ended(stale).to_string()),
            None => self.about(ReasonCode::RevocationUnknown),
        };
        let reason = reason.with("retryAfterSeconds", RETRY_AFTER_SECONDS);
        outcome.restrict(SubIndication::TryLater, reason);
        for why in why {
            outcome.reasons.extend(self.remark(why));
        }
    }

    /// Evidence that is not yet due to be replaced, or that the CA's rules would take, but the caller does not.
    fn beyond_limit(&self, used: &EvidenceUsed, context: &ValidationContext<'_>) -> Option<Reason> {
        let (limit, store) = self.limit?;
        let age = context.now.since(used.this_update);
        let due = used.next_update.is_some_and(|due| due < context.now);
        let stale_for_all = due || store.evidence.maximum_age.is_some_and(|most| most < age);
        (limit < age && !stale_for_all).then(|| {
            about(ReasonCode::LimitEvidenceAge, store, context)
                .with("subject", self.certificate.subject().to_string())
                .with("thisUpdate", used.this_update.to_string())
                .with("maximumAgeSeconds", limit.as_secs())
        })
    }

    /// What stood in the way; that there was nothing at all is said already.
    fn remark(&self, why: &UndeterminedReason) -> Option<Reason> {
        if let UndeterminedReason::NoEvidence { .. } = why {
            return None;
        }
        if let UndeterminedReason::OnlyUnsupportedLocations { schemes } = why
            && schemes.iter().any(|scheme| scheme.starts_with("ldap"))
        {
            return Some(self.about(ReasonCode::RevocationLdapOnly));
        }
        let remark = self.about(ReasonCode::RevocationEvidenceUnusable);
        Some(remark.with("detail", why.to_string()))
    }

    fn tell(
        &self,
        outcome: &mut SignerOutcome,
        used: &EvidenceUsed,
        context: &ValidationContext<'_>,
    ) {
        outcome.revocation.push(RevocationInfo {
            certificate: self.certificate.sha256(),
            source: match used.kind {
                EvidenceKind::Crl => RevocationSource::Crl,
                EvidenceKind::Ocsp => RevocationSource::Ocsp,
            },
            sha256: Some(used.sha256),
            this_update: used.this_update,
            next_update: used.next_update,
            age_seconds: context.now.since(used.this_update).as_secs(),
        });
        let all = all_evidence(context);
        let mut crls = all.into_iter().flat_map(Evidence::crls);
        let crl = crls.find(|crl| crl.sha256() == used.sha256);
        if let Some(Err(violation)) = crl.map(|crl| check_crl(context.demands.rules, crl)) {
            let reason = Reason::new(ReasonCode::PathRule)
                .with("rules", context.demands.rules.to_string())
                .with("detail", violation.to_string());
            outcome.restrict(SubIndication::ChainConstraintsFailure, reason);
        }
        match used.currency {
            Currency::Current => {}
            Currency::Stale => outcome.reasons.push(
                self.about(ReasonCode::RevocationStaleUsed)
                    .with("nextUpdate", ended(used).to_string()),
            ),
        }
    }

    fn about(&self, code: ReasonCode) -> Reason {
        Reason::new(code).with("subject", self.certificate.subject().to_string())
    }
}

/// The document's own, and what is at hand.
fn all_evidence<'a>(context: &ValidationContext<'a>) -> Vec<&'a Evidence> {
    let mut all = context.document_evidence.to_vec();
    all.push(context.evidence);
    all
}

/// When evidence was due to be replaced; it may not say.
fn ended(evidence: &EvidenceUsed) -> Timestamp {
    evidence.next_update.unwrap_or(evidence.this_update)
}
