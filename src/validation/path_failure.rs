//! Why no certification path was found, in the words of a report (ETSI EN 319 102-1 §5.2.6).

use crate::pki::certificate::Certificate;
use crate::pki::certificate::SerialNumber;
use crate::pki::path::PathError;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::SubIndication;

/// The sub-indication and the reason of a failed search. It is always `INDETERMINATE`: another path may
/// exist that we do not know.
pub(super) fn explain(
    error: &PathError,
    end_entity: &Certificate,
    intermediates: &[Certificate],
) -> (SubIndication, Reason) {
    let certificates = Certificates {
        end_entity,
        intermediates,
    };
    let (sub_indication, code) = classify(error);
    (sub_indication, certificates.fill(error, Reason::new(code)))
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
        PathError::NameConstraintsUnsupported { .. } => (general, Code::PathNameConstraints),
        PathError::NoPath(None) => (Sub::NoCertificateChainFound, Code::CaUnknown),
        PathError::NoPath(Some(cause)) => classify(cause),
        PathError::NotACa { .. } => (general, Code::PathNotACa),
        PathError::NotYetValid { .. } => (Sub::OutOfBoundsNoPoe, Code::CertificateNotYetValid),
        PathError::PathLength { .. } => (general, Code::PathTooLong),
        PathError::PathTooLong { .. } => (general, Code::PathTooManyCertificates),
        PathError::PolicyConstraintsUnsupported { .. } => (general, Code::PathPolicyConstraints),
        PathError::UnknownCriticalExtension { .. } => (general, Code::PathUnknownCriticalExtension),
        PathError::UnsupportedAlgorithm { .. } => (general, Code::PathAlgorithmUnsupported),
    }
}

/// The certificates that a failure can be about.
struct Certificates<'a> {
    end_entity: &'a Certificate,
    intermediates: &'a [Certificate],
}

impl Certificates<'_> {
    fn fill(&self, error: &PathError, reason: Reason) -> Reason {
        match error {
            PathError::NoPath(Some(cause)) => self.fill(cause, reason),
            PathError::NoPath(None) => reason.with("issuer", self.topmost().issuer().to_string()),
            PathError::AnchorItself | PathError::BudgetExhausted { .. } => reason,
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
                self.about(reason, serial).with("oid", oid.as_str())
            }
            PathError::UnsupportedAlgorithm { serial, oid } => {
                self.about(reason, serial).with("algorithm", oid.as_str())
            }
            PathError::BadSignature { serial, .. }
            | PathError::KeyUsage { serial }
            | PathError::NameConstraintsUnsupported { serial }
            | PathError::NotACa { serial }
            | PathError::PathLength { serial }
            | PathError::PolicyConstraintsUnsupported { serial } => self.about(reason, serial),
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

    /// The last certificate on the way up from the end entity, by names alone: its issuer is who is
    /// missing. Each step uses up one certificate, so that names in a circle end.
    fn topmost(&self) -> &Certificate {
        let mut current = self.end_entity;
        let mut left: Vec<&Certificate> = self.intermediates.iter().collect();
        while let Some(place) = left.iter().position(|above| {
            !current.is_self_issued() && above.subject().matches(current.issuer())
        }) {
            current = left.swap_remove(place);
        }
        current
    }
}
