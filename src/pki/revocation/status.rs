//! What is known about one certificate, and by which evidence.

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::pki::name::DistinguishedName;
use crate::pki::revocation::reason::RevocationReason;
use crate::pki::revocation::undetermined::UndeterminedReason;

/// Whether a certificate is revoked.
///
/// "Could not find out" is neither good nor bad: it is [`Self::Undetermined`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CertificateStatus {
    /// Not revoked at the time asked about, for any reason; it may have been revoked after that.
    Good {
        /// What says so: several CRLs where each covers some reasons only, or a delta beside its base.
        evidence: Vec<EvidenceUsed>,
    },
    /// Revoked for the time being (`certificateHold`).
    OnHold {
        /// `revocationDate`.
        since: Timestamp,
        /// What says so.
        evidence: EvidenceUsed,
    },
    /// Revoked for good.
    Revoked {
        /// `revocationDate`.
        at: Timestamp,
        /// Why.
        reason: RevocationReason,
        /// `invalidityDate` (RFC 5280 §5.3.2): the certificate is not to be relied on since then, which
        /// may be before [`Self::Revoked::at`].
        invalid_since: Option<Timestamp>,
        /// What says so.
        evidence: EvidenceUsed,
    },
    /// Nobody can say.
    Undetermined {
        /// Everything that stood in the way, in the order in which it was met.
        why: Vec<UndeterminedReason>,
    },
}

/// A CRL or OCSP response that was verified and decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceUsed {
    /// What it is.
    pub kind: EvidenceKind,
    /// The digest of the whole CRL or `OCSPResponse`.
    pub sha256: Sha256,
    /// As of when it speaks.
    pub this_update: Timestamp,
    /// When there is newer at the latest.
    pub next_update: Option<Timestamp>,
    /// Who signed it: the subject of the certificate whose key did.
    pub issuer: DistinguishedName,
    /// Whether it is in its time; of a complete CRL that a delta CRL brought up to date, whether the delta
    /// is.
    pub currency: Currency,
}

/// Kinds of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvidenceKind {
    /// A certificate revocation list.
    Crl,
    /// An OCSP response.
    Ocsp,
}

/// Whether evidence is in its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Currency {
    /// It is.
    Current,
    /// It has passed, or the age that is allowed has; who uses it should warn.
    Stale,
}

impl CertificateStatus {
    /// Whether it is [`Self::Good`].
    #[must_use]
    pub const fn is_good(&self) -> bool {
        matches!(self, Self::Good { .. })
    }

    /// Whether something is known, good or bad.
    #[must_use]
    pub const fn is_determined(&self) -> bool {
        !matches!(self, Self::Undetermined { .. })
    }

    /// The evidence that decided; none if nothing did.
    #[must_use]
    pub fn evidence(&self) -> &[EvidenceUsed] {
        match self {
            Self::Good { evidence } => evidence,
            Self::OnHold { evidence, .. } | Self::Revoked { evidence, .. } => {
                std::slice::from_ref(evidence)
            }
            Self::Undetermined { .. } => &[],
        }
    }
}
