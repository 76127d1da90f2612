//! Validates the certificate of a signer (ETSI EN 319 102-1 §5.2.6), for one caller and usage.
//!
//! First the paths to anchors that the caller accepts. Only where none of them is valid, the other
//! anchors are tried, and that only to explain: a CA that we know but the caller does not accept is
//! another answer than one that nobody knows. The outcome is the best over all accepted CAs, so that
//! accepting one more CA, or submitting one more intermediate, never loses a result.

mod demands;
mod judge;
mod limits;
mod outcomes;
mod revocation;
mod search;
#[cfg(test)]
mod tests;

use crate::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::pki::oid::Oid;
use crate::pki::path::ValidatedPath;
use crate::validation::certificate::search::Search;
use crate::validation::context::ValidationContext;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::CERTIFICATE_FORMAT;
use crate::validation::report::CaRef;
use crate::validation::report::Coverage;
use crate::validation::report::Indication;
use crate::validation::report::PathElement;
use crate::validation::report::RevocationInfo;
use crate::validation::report::SignatureReport;
use crate::validation::report::Signer;
use crate::validation::report::SubIndication;
use crate::validation::report::TriedCandidate;
use crate::validation::trust_store::CaId;

pub use outcomes::RecentOutcomes;

/// What is known of a signer's certificate.
#[derive(Debug, Clone)]
pub struct SignerOutcome {
    /// The path that was found, end entity first, trust anchor last; else the end entity alone.
    pub path: Vec<PathElement>,
    /// The known CA that it leads to, accepted or not.
    pub ca: Option<CaRef>,
    /// The verdict.
    pub indication: Indication,
    /// Its refinement.
    pub sub_indication: Option<SubIndication>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Whose certificate it is.
    pub signer: Signer,
    /// The certificate policies for which the path is valid; where there is none, those that the certificate
    /// names. Dotted OIDs.
    pub policies: Vec<String>,
    /// Which revocation evidence was used.
    pub revocation: Vec<RevocationInfo>,
    /// When the end entity was revoked, if it was at the time in question.
    pub revoked_at: Option<Timestamp>,
    /// Certificates that were tried on the way up and fell, each with its reason.
    pub tried: Vec<TriedCandidate>,
    /// How many more there were than are listed.
    pub tried_more: usize,
    /// The path as proof that RFC 5280 §6.1 succeeded; none where it did not, for the time in question.
    pub validated: Option<ValidatedPath>,
}

/// A path to an anchor of a CA that we know: its certificates say where evidence about them is published, and
/// the CA's rules whether it may be fetched from there.
#[derive(Debug, Clone)]
pub struct AnchoredPath {
    /// Whose anchor it is.
    pub ca: CaId,
    /// The path.
    pub path: ValidatedPath,
}

/// Validates `end_entity` as a signer for the context's usage.
///
/// `intermediates` come from the sender: untrusted, unordered, possibly hostile; the work that they can
/// cause is bounded by the path validator's budget, once for each accepted CA.
#[must_use]
pub fn validate_signer(
    end_entity: &Certificate,
    intermediates: &[Certificate],
    context: &ValidationContext<'_>,
) -> SignerOutcome {
    match context.recent {
        Some(recent) if outcomes::apply(intermediates, context) => {
            recent.outcome(end_entity, context)
        }
        Some(_) | None => Search::new(end_entity, intermediates, context).outcome(),
    }
}

impl SignerOutcome {
    /// An outcome of which nothing is known yet; it passes until restricted.
    fn of(end_entity: &Certificate) -> Self {
        Self {
            path: vec![element(end_entity)],
            ca: None,
            indication: Indication::TotalPassed,
            sub_indication: None,
            reasons: Vec::new(),
            signer: Signer {
                subject: end_entity.subject().to_string(),
                serial: end_entity.serial().to_string(),
                uscc: None,
                uscc_source: None,
            },
            policies: end_entity
                .certificate_policies()
                .iter()
                .map(Oid::to_string)
                .collect(),
            revocation: Vec::new(),
            revoked_at: None,
            tried: Vec::new(),
            tried_more: 0,
            validated: None,
        }
    }

    /// Nothing that a certificate lacks is worse than `INDETERMINATE`: the signature may be older.
    fn restrict(&mut self, sub_indication: SubIndication, reason: Reason) {
        if self.indication == Indication::TotalPassed {
            self.indication = Indication::Indeterminate;
            self.sub_indication = Some(sub_indication);
        }
        self.reasons.push(reason);
    }

    /// The path that was found, if any is valid, and the CA that it leads to.
    #[must_use]
    pub fn anchored(&self) -> Option<AnchoredPath> {
        let ca = CaId::parse(&self.ca.as_ref()?.id).ok()?;
        let path = self.validated.clone()?;
        Some(AnchoredPath { ca, path })
    }

    /// The report on a certificate that was submitted alone: nothing was signed, so `intact` is null.
    #[must_use]
    pub fn into_certificate_report(self, id: &str) -> SignatureReport {
        let mut report = SignatureReport::new(id, CERTIFICATE_FORMAT, Coverage::Unknown);
        self.apply_to(&mut report);
        report.remark(Reason::new(ReasonCode::CertificateOnly));
        report
    }

    /// Adds what is known of the signer to a report on the signature.
    pub(super) fn apply_to(self, report: &mut SignatureReport) {
        report.signer = Some(self.signer);
        report.ca = self.ca;
        report.path = self.path;
        report.policies = self.policies;
        report.revocation = self.revocation;
        report.tried = self.tried;
        report.tried_more = self.tried_more;
        let (indication, sub_indication) = (self.indication, self.sub_indication);
        for reason in self.reasons {
            report.restrict(indication, sub_indication, reason);
        }
    }
}

fn element(certificate: &Certificate) -> PathElement {
    PathElement {
        subject: certificate.subject().to_string(),
        sha256: certificate.sha256(),
    }
}
