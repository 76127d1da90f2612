//! What the CRLs at hand claim about a certificate (RFC 5280 §6.3.3 (a) to (e), (i) to (k)).

use std::collections::HashSet;
use std::time::Duration;

use crate::crypto::digest::Sha256;
use crate::pki::name::DistinguishedName;
use crate::pki::revocation::check::Session;
use crate::pki::revocation::check::Target;
use crate::pki::revocation::check::budget::Exhausted;
use crate::pki::revocation::check::claim::Claim;
use crate::pki::revocation::check::claim::Says;
use crate::pki::revocation::check::claim::Source;
use crate::pki::revocation::check::gathered::Gathered;
use crate::pki::revocation::check::scope::scope;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::distribution_point::DistributionPoint;
use crate::pki::revocation::distribution_point::crl_distribution_points;
use crate::pki::revocation::freshness::Standing;
use crate::pki::revocation::reason::ReasonSet;
use crate::pki::revocation::status::Currency;
use crate::pki::revocation::undetermined::CrlProblem;
use crate::pki::revocation::undetermined::ScopeMismatch;
use crate::pki::revocation::undetermined::UndeterminedReason;

/// A CRL that is about the certificate and may be used.
struct Usable<'a> {
    crl: &'a Crl,
    covers: ReasonSet,
    standing: Standing,
}

impl<'a> Session<'a> {
    /// Adds what CRLs claim. Those that are stale for longer than `staleness` do not.
    pub(super) fn gather_lists(
        &mut self,
        target: Target<'_>,
        staleness: Duration,
        gathered: &mut Gathered<'a>,
    ) -> Result<(), Exhausted> {
        let usable = self.usable_lists(target, gathered)?;
        let (complete, deltas): (Vec<_>, Vec<_>) = usable
            .iter()
            .partition(|usable| usable.crl.base_number().is_none());
        for base in &complete {
            self.spending.step()?;
            gathered.claim_of_list(target, base, None, staleness);
        }
        for delta in &deltas {
            let mut has_base = false;
            for base in &complete {
                self.spending.step()?;
                if goes_with(delta.crl, base.crl) {
                    has_base = true;
                    gathered.claim_of_list(target, base, Some(delta), staleness);
                }
            }
            if !has_base {
                gathered.note(delta.crl.sha256(), CrlProblem::DeltaWithoutBase);
            }
            gathered.accuse_by_delta(target, delta, staleness);
        }
        Ok(())
    }

    fn usable_lists(
        &mut self,
        target: Target<'_>,
        gathered: &mut Gathered<'a>,
    ) -> Result<Vec<Usable<'a>>, Exhausted> {
        let points = points_of(target, gathered);
        let mut usable = Vec::new();
        let mut seen: HashSet<Sha256> = HashSet::new();
        for issuer in issuers_of(target, &points) {
            for evidence in self.checker.evidence {
                for crl in evidence.crls_of(issuer) {
                    self.spending.step()?;
                    if seen.insert(crl.sha256()) {
                        usable.extend(self.usable(target, crl, &points, gathered)?);
                    }
                }
            }
        }
        Ok(usable)
    }

    fn usable(
        &mut self,
        target: Target<'_>,
        crl: &'a Crl,
        points: &[DistributionPoint],
        gathered: &mut Gathered<'a>,
    ) -> Result<Option<Usable<'a>>, Exhausted> {
        let problem = match (self.coverage(target, crl, points)?, crl.flaw()) {
            (_, Some(flaw)) => CrlProblem::Flaw(flaw.clone()),
            (Err(mismatch), None) => CrlProblem::Scope(mismatch),
            (Ok(covers), None) => {
                let freshness = &self.checker.freshness;
                let standing = freshness.standing(crl.this_update(), crl.next_update());
                if standing != Standing::NotYetValid {
                    return Ok(Some(Usable {
                        crl,
                        covers,
                        standing,
                    }));
                }
                let this_update = crl.this_update();
                CrlProblem::NotYetValid { this_update }
            }
        };
        gathered.note(crl.sha256(), problem);
        Ok(None)
    }

    /// The reasons that `crl` covers by any of `points`, or why by none.
    fn coverage(
        &mut self,
        target: Target<'_>,
        crl: &Crl,
        points: &[DistributionPoint],
    ) -> Result<Result<ReasonSet, ScopeMismatch>, Exhausted> {
        let mut covers = ReasonSet::NONE;
        let mut mismatch = ScopeMismatch::DistributionPoint;
        for point in points {
            self.spending.step()?;
            match scope(crl, point, target.certificate) {
                Some(Ok(reasons)) => covers = covers.union(reasons),
                // That one of several points is not meant says least.
                Some(Err(ScopeMismatch::DistributionPoint)) | None => {}
                Some(Err(reason)) => mismatch = reason,
            }
        }
        Ok(match covers.is_empty() {
            false => Ok(covers),
            true => Err(mismatch),
        })
    }
}

/// The certificate's distribution points, and the one that is implied.
fn points_of(target: Target<'_>, gathered: &mut Gathered<'_>) -> Vec<DistributionPoint> {
    let mut points = crl_distribution_points(target.certificate).unwrap_or_else(|error| {
        gathered
            .why
            .push(UndeterminedReason::DistributionPoints(error));
        Vec::new()
    });
    points.push(DistributionPoint::implied(target.certificate));
    points
}

/// Whose CRLs may be about the certificate: its issuer's, and those of whom its points name.
fn issuers_of<'p>(
    target: Target<'p>,
    points: &'p [DistributionPoint],
) -> impl Iterator<Item = &'p DistinguishedName> {
    let named = points.iter().flat_map(DistributionPoint::crl_issuer_names);
    std::iter::once(target.certificate.issuer()).chain(named)
}

/// Whether `delta` says what changed since `base` (RFC 5280 §5.2.4 (a) to (d), §6.3.3 (c)).
fn goes_with(delta: &Crl, base: &Crl) -> bool {
    let (Some(since), Some(number), Some(of_base)) =
        (delta.base_number(), delta.number(), base.number())
    else {
        return false;
    };
    delta.issuer().matches(base.issuer())
        && delta.has_scope_of(base)
        && delta.has_authority_key_of(base)
        && since <= of_base
        && of_base < number
}

impl<'a> Gathered<'a> {
    /// What a complete CRL claims, brought up to date by a delta CRL if there is one: then it is the delta's
    /// time that counts (§6.3.3 (a)(1)(i)).
    fn claim_of_list(
        &mut self,
        target: Target<'_>,
        base: &Usable<'a>,
        delta: Option<&Usable<'a>>,
        staleness: Duration,
    ) {
        let newest = delta.unwrap_or(base);
        let Some(currency) = self.currency(newest, staleness) else {
            return;
        };
        let of_base = target.entry_in(base.crl);
        let (source, says) = match delta {
            None => {
                let says = Says::of_entry(of_base, target.at);
                (Source::List(base.crl), says)
            }
            Some(delta) => {
                let of_delta = target.entry_in(delta.crl);
                let source = Source::Updated {
                    base: base.crl,
                    delta: delta.crl,
                };
                (source, Says::updated(of_base, of_delta, target.at))
            }
        };
        self.claims.push(Claim {
            source,
            says,
            covers: base.covers,
            currency,
        });
    }

    /// A delta CRL alone says who was revoked, if not who was not.
    fn accuse_by_delta(&mut self, target: Target<'_>, delta: &Usable<'a>, staleness: Duration) {
        let says = Says::of_entry(target.entry_in(delta.crl), target.at);
        if says == Says::Clear {
            return;
        }
        if let Some(currency) = self.currency(delta, staleness) {
            self.claims.push(Claim {
                source: Source::List(delta.crl),
                says,
                covers: ReasonSet::NONE,
                currency,
            });
        }
    }

    /// How current a CRL is; none if it is too stale, which is noted.
    fn currency(&mut self, usable: &Usable<'a>, staleness: Duration) -> Option<Currency> {
        match usable.standing {
            Standing::Current => Some(Currency::Current),
            Standing::Stale(age) if age <= staleness => Some(Currency::Stale),
            Standing::Stale(_) | Standing::NotYetValid => {
                let next_update = usable.crl.next_update();
                let problem = CrlProblem::Stale { next_update };
                let sha256 = usable.crl.sha256();
                self.note_stale(UndeterminedReason::Crl { sha256, problem });
                None
            }
        }
    }
}
