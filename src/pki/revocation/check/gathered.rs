//! What was found about one certificate, and what could not be used.

use crate::crypto::digest::Sha256;
use crate::pki::revocation::check::claim::Claim;
use crate::pki::revocation::undetermined::CrlProblem;
use crate::pki::revocation::undetermined::OcspProblem;
use crate::pki::revocation::undetermined::UndeterminedReason;

/// Claims to be verified, and obstacles.
#[derive(Debug, Default)]
pub(super) struct Gathered<'a> {
    pub(super) claims: Vec<Claim<'a>>,
    pub(super) why: Vec<UndeterminedReason>,
    /// What is out of date, and was left out for that.
    pub(super) stale: Vec<UndeterminedReason>,
}

impl Gathered<'_> {
    /// Notes why a CRL cannot be used.
    pub(super) fn note(&mut self, sha256: Sha256, problem: CrlProblem) {
        push_new(&mut self.why, UndeterminedReason::Crl { sha256, problem });
    }

    /// Notes why an OCSP response cannot be used.
    pub(super) fn note_ocsp(&mut self, sha256: Sha256, problem: OcspProblem) {
        push_new(&mut self.why, UndeterminedReason::Ocsp { sha256, problem });
    }

    /// Notes that something is out of date.
    pub(super) fn note_stale(&mut self, reason: UndeterminedReason) {
        push_new(&mut self.stale, reason);
    }
}

/// Adds a reason that is not there yet.
pub(super) fn push_new(reasons: &mut Vec<UndeterminedReason>, reason: UndeterminedReason) {
    if !reasons.contains(&reason) {
        reasons.push(reason);
    }
}
