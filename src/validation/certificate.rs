//! Validates the certificate of a signer (ETSI EN 319 102-1 §5.2.6), for one caller and usage.
//!
//! First the paths to anchors that the caller accepts. Only where none of them is valid, the other
//! anchors are tried, and that only to explain: a CA that we know but the caller does not accept is
//! another answer than one that nobody knows. The outcome is the best over all accepted CAs, so that
//! accepting one more CA, or submitting one more intermediate, never loses a result.

mod judge;
mod search;
#[cfg(test)]
mod tests;

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
use crate::validation::report::SignatureReport;
use crate::validation::report::Signer;
use crate::validation::report::SubIndication;

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
    /// The policies that the certificate names, as dotted OIDs.
    pub policies: Vec<String>,
    /// The path as proof that RFC 5280 §6.1 succeeded; none where it did not, for the time in question.
    pub validated: Option<ValidatedPath>,
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
    Search::new(end_entity, intermediates, context).outcome()
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
