//! Whether the certificates of a path are revoked: RFC 5280 §6.3 for CRLs, RFC 6960 §3.2 for OCSP.
//!
//! For each certificate, the evidence at hand is first asked what it *claims*, which costs a look-up
//! ([`lists`], [`answers`], [`scope`]); then claims are verified as far as they matter ([`decide`]):
//! accusations all, clearances until every reason is covered. Who signed a CRL is found by [`signer`], which
//! may have to ask whether *that* certificate is revoked. [`budget`] bounds it all.
//!
//! Where this differs from RFC 5280 §6.3.3: a verified revocation stands even if another CRL that is
//! verified too does not have it, so that the answer does not depend on the order of evidence; and
//! `removeFromCRL` ends a hold but no revocation.

mod answers;
mod budget;
mod claim;
mod decide;
#[cfg(test)]
mod fixtures;
mod gathered;
mod lists;
mod scope;
mod signer;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::path::ValidatedPath;
use crate::pki::revocation::check::budget::Exhausted;
use crate::pki::revocation::check::budget::Spending;
use crate::pki::revocation::check::gathered::Gathered;
use crate::pki::revocation::check::gathered::push_new;
use crate::pki::revocation::check::signer::Key;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::crl::CrlEntry;
use crate::pki::revocation::distribution_point::DistributionPoint;
use crate::pki::revocation::distribution_point::crl_distribution_points;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::freshness::FreshnessPolicy;
use crate::pki::revocation::location::Location;
use crate::pki::revocation::status::CertificateStatus;
use crate::pki::revocation::undetermined::CrlProblem;
use crate::pki::revocation::undetermined::SignerProblem;
use crate::pki::revocation::undetermined::UndeterminedReason;

pub use crate::pki::revocation::check::budget::RevocationBudget;

/// Finds out whether certificates are revoked, by the evidence that it is given.
#[derive(Clone, Copy, Debug)]
pub struct RevocationChecker<'a> {
    evidence: &'a [&'a Evidence],
    certificates: &'a [Certificate],
    freshness: FreshnessPolicy,
    budget: RevocationBudget,
}

impl<'a> RevocationChecker<'a> {
    /// Uses all of `evidence`, none of which is trusted. `certificates` may lie on the paths of those who
    /// signed it, in any order and number: untrusted as well, those of the path in question need not be
    /// among them.
    #[must_use]
    pub const fn new(
        evidence: &'a [&'a Evidence],
        certificates: &'a [Certificate],
        freshness: FreshnessPolicy,
    ) -> Self {
        Self {
            evidence,
            certificates,
            freshness,
            budget: RevocationBudget::DEFAULT,
        }
    }

    /// Replaces [`RevocationBudget::DEFAULT`].
    #[must_use]
    pub const fn with_budget(self, budget: RevocationBudget) -> Self {
        Self { budget, ..self }
    }

    /// The status of each certificate of `path` at the time for which it was validated, in its order. The
    /// anchor's is nobody's to say.
    ///
    /// A path is not revoked if all of them are [`CertificateStatus::Good`]: the status of one counts only
    /// if the CAs above it are in order. Neither the order of evidence nor that of certificates matters,
    /// and more of them never turns an answer into none, as long as the budget lasts.
    #[must_use]
    pub fn check(&self, path: &ValidatedPath) -> Vec<CertificateStatus> {
        let mut session = Session::new(self, path);
        let certificates = path.certificates().iter().enumerate();
        certificates
            .map(|(place, certificate)| {
                let target = Target {
                    certificate,
                    issuer: path.issuer_of(place),
                    at: path.at(),
                };
                session
                    .status_by_policy(target)
                    .unwrap_or_else(|Exhausted| CertificateStatus::Undetermined {
                        why: vec![UndeterminedReason::BudgetExhausted],
                    })
            })
            .collect()
    }
}

/// A certificate whose status is asked for.
#[derive(Clone, Copy, Debug)]
struct Target<'t> {
    certificate: &'t Certificate,
    /// A certificate, perhaps the anchor's, with the name and the key that issued it.
    issuer: &'t Certificate,
    /// The time for which its status is asked.
    at: Timestamp,
}

impl Target<'_> {
    fn entry_in(&self, crl: &Crl) -> Option<CrlEntry> {
        crl.find(self.certificate.issuer(), self.certificate.serial())
    }
}

/// The check of one path.
struct Session<'a> {
    checker: &'a RevocationChecker<'a>,
    path: &'a ValidatedPath,
    spending: Spending,
    /// What was computed: who is said to have signed what, by digests.
    signatures: HashMap<(Sha256, Sha256), Result<(), IssuerSignatureError>>,
    /// By CRL.
    crl_signers: HashMap<Key, Result<Certificate, CrlProblem>>,
    /// By certificate: signers from outside the path.
    strangers: HashMap<Key, Result<(), SignerProblem>>,
    /// Certificates outside the path whose status is being found out, each for the sake of the one before.
    in_question: Vec<Sha256>,
    scrutiny: Scrutiny,
}

/// Whether what was just found out depends on what was being asked at the time, and so holds then only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scrutiny {
    /// A signer's own CRL was accepted as speaking about it.
    of_itself: bool,
    /// Somebody was refused because of a circle, or because of the depth.
    cut_short: bool,
}

impl Scrutiny {
    const NONE: Self = Self {
        of_itself: false,
        cut_short: false,
    };

    /// Starts afresh, and gives what to hand to [`Self::end`].
    const fn begin(&mut self) -> Self {
        std::mem::replace(self, Self::NONE)
    }

    const fn end(&mut self, outer: Self) {
        self.of_itself |= outer.of_itself;
        self.cut_short |= outer.cut_short;
    }
}

impl<'a> Session<'a> {
    fn new(checker: &'a RevocationChecker<'a>, path: &'a ValidatedPath) -> Self {
        Self {
            checker,
            path,
            spending: Spending::new(checker.budget),
            signatures: HashMap::new(),
            crl_signers: HashMap::new(),
            strangers: HashMap::new(),
            in_question: Vec::new(),
            scrutiny: Scrutiny::NONE,
        }
    }

    /// The status by current evidence; failing that by stale evidence as far as policy accepts it; failing
    /// that, all that stands in the way, and what stale evidence would have said.
    fn status_by_policy(&mut self, target: Target<'_>) -> Result<CertificateStatus, Exhausted> {
        // Left over if the budget ran out before.
        self.in_question.clear();
        let mut gathered = self.gather(target, Duration::ZERO)?;
        let stale = std::mem::take(&mut gathered.stale);
        let status = self.decide(target, Duration::ZERO, gathered)?;
        let CertificateStatus::Undetermined { mut why } = status else {
            return Ok(status);
        };
        let tolerated = self.checker.freshness.tolerated_staleness();
        if !tolerated.is_zero() {
            let status = self.status(target, tolerated)?;
            if status.is_determined() {
                return Ok(status);
            }
        }
        match self.status(target, Duration::MAX)? {
            CertificateStatus::Undetermined { why: more } => {
                for reason in stale.into_iter().chain(more) {
                    push_new(&mut why, reason);
                }
                self.explain_absence(target, &mut why);
            }
            status @ (CertificateStatus::Good { .. }
            | CertificateStatus::OnHold { .. }
            | CertificateStatus::Revoked { .. }) => why.push(UndeterminedReason::Stale {
                would_be: Box::new(status),
            }),
        }
        Ok(CertificateStatus::Undetermined { why })
    }

    /// The status by evidence that is stale for no longer than `staleness`.
    fn status(
        &mut self,
        target: Target<'_>,
        staleness: Duration,
    ) -> Result<CertificateStatus, Exhausted> {
        let gathered = self.gather(target, staleness)?;
        self.decide(target, staleness, gathered)
    }

    fn gather(
        &mut self,
        target: Target<'_>,
        staleness: Duration,
    ) -> Result<Gathered<'a>, Exhausted> {
        let mut gathered = Gathered::default();
        self.gather_answers(target, staleness, &mut gathered)?;
        self.gather_lists(target, staleness, &mut gathered)?;
        Ok(gathered)
    }

    /// Adds why there may be no evidence: none came, none was given, or it is where nobody looks.
    fn explain_absence(&self, target: Target<'_>, why: &mut Vec<UndeterminedReason>) {
        let has_evidence = why.iter().any(|reason| {
            matches!(
                reason,
                UndeterminedReason::Crl { .. }
                    | UndeterminedReason::Ocsp { .. }
                    | UndeterminedReason::ReasonsNotCovered { .. }
            )
        });
        if !has_evidence {
            let issuer = target.certificate.issuer().clone();
            why.push(UndeterminedReason::NoEvidence { issuer });
        }
        let refusals = self
            .checker
            .evidence
            .iter()
            .flat_map(|evidence| evidence.refusals());
        for refusal in refusals {
            push_new(why, UndeterminedReason::OcspRefused(*refusal));
        }
        let schemes = unsupported_schemes(target.certificate);
        if !schemes.is_empty() {
            why.push(UndeterminedReason::OnlyUnsupportedLocations { schemes });
        }
    }
}

/// The schemes of the addresses that a certificate gives for evidence, if none of them can be fetched.
fn unsupported_schemes(certificate: &Certificate) -> Vec<String> {
    let points = crl_distribution_points(certificate).unwrap_or_default();
    let ocsp = certificate.ocsp_uris();
    let mut schemes = Vec::new();
    for location in points
        .iter()
        .flat_map(DistributionPoint::locations)
        .chain(ocsp.iter().map(|uri| Location::of_uri(uri)))
    {
        match location {
            Location::Http(_) | Location::Https(_) => return Vec::new(),
            Location::UnsupportedScheme(scheme) => {
                if !schemes.contains(&scheme) {
                    schemes.push(scheme);
                }
            }
        }
    }
    schemes
}
