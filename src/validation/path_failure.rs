//! Why no certification path was found, in the words of a report (ETSI EN 319 102-1 §5.2.6).

use crate::pki::certificate::Certificate;
use crate::pki::certificate::SerialNumber;
use crate::pki::path::PathError;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::SubIndication;

/// A failed search, or one candidate of it that fell, and the certificates that it can be about.
///
/// It is always `INDETERMINATE`: another path may exist that we do not know.
#[derive(Clone, Copy)]
pub(super) struct PathFailure<'a> {
    pub(super) error: &'a PathError,
    pub(super) end_entity: &'a Certificate,
    pub(super) intermediates: &'a [Certificate],
    /// Issuers of whom nothing is at hand.
    pub(super) missing: &'a [String],
}

/// Which standard word and which of our reasons stand for each failure: the table of this file.
fn classify(error: &PathError) -> (SubIndication, ReasonCode) {
    use ReasonCode as Code;
    use SubIndication as Sub;
    let general = Sub::CertificateChainGeneralFailure;
    match error {
        PathError::AnchorItself => (Sub::ChainConstraintsFailure, Code::PathAnchorItself),
        PathError::BadSignature { .. } => (general, Code::PathSignatureWrong),
        PathError::BudgetExhausted { .. } => (general, Code::PathBudgetExhausted),
        PathError::Expired { .. } => (Sub::OutOfBoundsNoPoe, Code::CertificateExpired),
        PathError::KeyUsage { .. } => (general, Code::PathKeyUsage),
        PathError::NameConstraints { .. }
        | PathError::NameConstraintsInEndEntity { .. }
        | PathError::NameConstraintsMalformed { .. } => (general, Code::PathNameConstraints),
        PathError::NoPath(None) => (Sub::NoCertificateChainFound, Code::CaUnknown),
        PathError::NoPath(Some(cause)) => classify(cause),
        PathError::NotACa { .. } => (general, Code::PathNotACa),
        PathError::NotYetValid { .. } => (Sub::OutOfBoundsNoPoe, Code::CertificateNotYetValid),
        PathError::PathLength { .. } => (general, Code::PathTooLong),
        PathError::PathTooLong { .. } => (general, Code::PathTooManyCertificates),
        PathError::PolicyMapping { .. } => (general, Code::PathPolicyMapping),
        PathError::PolicyRequired => (Sub::ChainConstraintsFailure, Code::PathPolicyConstraints),
        PathError::UnknownCriticalExtension { .. } => (general, Code::PathUnknownCriticalExtension),
        PathError::UnsupportedAlgorithm { .. } => (general, Code::PathAlgorithmUnsupported),
    }
}

impl PathFailure<'_> {
    pub(super) fn sub_indication(&self) -> SubIndication {
        classify(self.error).0
    }

    pub(super) fn reason(&self) -> Reason {
        self.fill(self.error, Reason::new(classify(self.error).1))
    }

    fn fill(&self, error: &PathError, reason: Reason) -> Reason {
        match error {
            PathError::NoPath(Some(cause)) => self.fill(cause, reason),
            PathError::NoPath(None) => {
                let issuer = || self.end_entity.issuer().to_string();
                let missing = self.missing.first().cloned();
                reason.with("issuer", missing.unwrap_or_else(issuer))
            }
            PathError::AnchorItself | PathError::PolicyRequired => reason,
            PathError::BudgetExhausted {
                signature_checks,
                steps,
                name_comparisons,
            } => reason
                .with("signatureChecks", *signature_checks)
                .with("steps", *steps)
                .with("nameComparisons", *name_comparisons),
            PathError::PathTooLong { maximum } => reason.with("maximum", *maximum),
            PathError::Expired {
                serial, not_after, ..
            } => self
                .about(reason, serial)
                .with("notAfter", not_after.to_string()),
            PathError::NotYetValid {
                serial, not_before, ..
            } => self
                .about(reason, serial)
                .with("notBefore", not_before.to_string()),
            PathError::UnknownCriticalExtension { serial, oid } => {
                self.about(reason, serial).with("oid", oid.to_string())
            }
            PathError::UnsupportedAlgorithm { serial, oid } => self
                .about(reason, serial)
                .with("algorithm", oid.to_string()),
            PathError::BadSignature { serial, .. }
            | PathError::KeyUsage { serial }
            | PathError::NotACa { serial }
            | PathError::PathLength { serial }
            | PathError::PolicyMapping { serial } => self.about(reason, serial),
            PathError::NameConstraints { serial, cause } => {
                self.about(reason, serial).with("detail", cause.to_string())
            }
            PathError::NameConstraintsMalformed { serial, cause } => {
                self.about(reason, serial).with("detail", cause.to_string())
            }
            PathError::NameConstraintsInEndEntity { serial } => {
                self.about(reason, serial).with("detail", error.to_string())
            }
        }
    }

    /// Names the certificate by its subject; an anchor, which is not among ours, by its number.
    fn about(&self, reason: Reason, serial: &SerialNumber) -> Reason {
        let mut all = std::iter::once(self.end_entity).chain(self.intermediates);
        let subject = match all.find(|certificate| certificate.serial() == serial) {
            Some(certificate) => certificate.subject().to_string(),
            None => serial.to_string(),
        };
        reason.with("subject", subject)
    }
}
