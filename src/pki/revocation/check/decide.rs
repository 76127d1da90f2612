//! From claims to a status: each is verified when it is needed, accusations first.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::revocation::check::Session;
use crate::pki::revocation::check::Target;
use crate::pki::revocation::check::budget::Exhausted;
use crate::pki::revocation::check::claim::Claim;
use crate::pki::revocation::check::claim::Says;
use crate::pki::revocation::check::claim::Source;
use crate::pki::revocation::check::gathered::Gathered;
use crate::pki::revocation::check::gathered::push_new;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::crl::CrlEntry;
use crate::pki::revocation::reason::ReasonSet;
use crate::pki::revocation::status::CertificateStatus;
use crate::pki::revocation::status::Currency;
use crate::pki::revocation::status::EvidenceKind;
use crate::pki::revocation::status::EvidenceUsed;
use crate::pki::revocation::undetermined::CrlProblem;
use crate::pki::revocation::undetermined::UndeterminedReason;

/// What verifying a claim gave: the evidence, the newest first, or why it proves nothing.
type Verified = Result<(EvidenceUsed, Option<EvidenceUsed>), UndeterminedReason>;

impl<'a> Session<'a> {
    /// Decides by the claims that were gathered, in an order that does not depend on that of the evidence.
    ///
    /// A verified revocation stands, whatever else says (unlike RFC 5280 §6.3.3, which stops at the first
    /// CRL that answers). A hold stands until later evidence of its kind and scope does not repeat it.
    /// Otherwise verified claims that nothing is the matter are taken until they cover every reason; of
    /// those, the ones that cost least first.
    pub(super) fn decide(
        &mut self,
        target: Target<'_>,
        staleness: Duration,
        gathered: Gathered<'a>,
    ) -> Result<CertificateStatus, Exhausted> {
        let Gathered {
            mut claims,
            mut why,
            ..
        } = gathered;
        claims.sort_by_cached_key(|claim| (claim.cost(), claim.tie_break()));
        for claim in &claims {
            let Says::Revoked(entry) = claim.says else {
                continue;
            };
            match self.verify(target, claim, staleness)? {
                Ok((evidence, base)) => {
                    // Told by the CRL that has the entry, if only one has.
                    let evidence = match (claim.source, base) {
                        (Source::Updated { delta, .. }, Some(base))
                            if target.entry_in(delta) != Some(entry) =>
                        {
                            base
                        }
                        _ => evidence,
                    };
                    return Ok(revoked(entry, evidence));
                }
                Err(reason) => push_new(&mut why, reason),
            }
        }
        if let Some(on_hold) = self.hold(target, &claims, staleness, &mut why)? {
            return Ok(on_hold);
        }
        self.clearance(target, &claims, staleness, why)
    }

    /// The hold that stands, if one does.
    fn hold(
        &mut self,
        target: Target<'_>,
        claims: &[Claim<'a>],
        staleness: Duration,
        why: &mut Vec<UndeterminedReason>,
    ) -> Result<Option<CertificateStatus>, Exhausted> {
        for claim in claims {
            let Says::Hold(entry) = claim.says else {
                continue;
            };
            let evidence = match self.verify(target, claim, staleness)? {
                Ok((evidence, _)) => evidence,
                Err(reason) => {
                    push_new(why, reason);
                    continue;
                }
            };
            if !self.is_ended(target, claim, claims, staleness)? {
                let since = entry.revocation_date;
                return Ok(Some(CertificateStatus::OnHold { since, evidence }));
            }
        }
        Ok(None)
    }

    /// Whether a verified later claim of the same series does not repeat the hold.
    fn is_ended(
        &mut self,
        target: Target<'_>,
        hold: &Claim<'a>,
        claims: &[Claim<'a>],
        staleness: Duration,
    ) -> Result<bool, Exhausted> {
        for later in claims {
            let may_end = later.says == Says::Clear && hold.is_superseded_by(later);
            if may_end && self.verify(target, later, staleness)?.is_ok() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// RFC 5280 §6.3.3 (l): reasons accumulate until all are covered.
    fn clearance(
        &mut self,
        target: Target<'_>,
        claims: &[Claim<'a>],
        staleness: Duration,
        mut why: Vec<UndeterminedReason>,
    ) -> Result<CertificateStatus, Exhausted> {
        let mut covered = ReasonSet::NONE;
        let mut used: Vec<EvidenceUsed> = Vec::new();
        for claim in claims {
            if claim.says != Says::Clear || covered.contains(claim.covers) {
                continue;
            }
            match self.verify(target, claim, staleness)? {
                Ok((newest, base)) => {
                    covered = covered.union(claim.covers);
                    used.push(newest);
                    used.extend(base);
                }
                Err(reason) => push_new(&mut why, reason),
            }
            if covered == ReasonSet::ALL {
                return Ok(CertificateStatus::Good { evidence: used });
            }
        }
        if !covered.is_empty() {
            let missing = covered.missing();
            push_new(&mut why, UndeterminedReason::ReasonsNotCovered { missing });
        }
        Ok(CertificateStatus::Undetermined { why })
    }

    /// Verifies what a claim rests on: signatures, and who made them.
    fn verify(
        &mut self,
        target: Target<'_>,
        claim: &Claim<'a>,
        staleness: Duration,
    ) -> Result<Verified, Exhausted> {
        let currency = claim.currency;
        match claim.source {
            Source::Answer(answer) => {
                let response = answer.response;
                let sha256 = response.sha256();
                Ok(match self.responder_of(target, response, staleness)? {
                    Ok(responder) => Ok((
                        EvidenceUsed {
                            kind: EvidenceKind::Ocsp,
                            sha256,
                            this_update: answer.single.this_update,
                            next_update: answer.single.next_update,
                            issuer: responder.subject().clone(),
                            currency,
                        },
                        None,
                    )),
                    Err(problem) => Err(UndeterminedReason::Ocsp { sha256, problem }),
                })
            }
            Source::List(crl) => Ok(match self.signer_of(crl, staleness)? {
                Ok(signer) => Ok((crl_used(crl, &signer, currency), None)),
                Err(problem) => Err(unusable(crl, problem)),
            }),
            Source::Updated { base, delta } => {
                let signer = match self.signer_of(base, staleness)? {
                    Ok(signer) => signer,
                    Err(problem) => return Ok(Err(unusable(base, problem))),
                };
                // RFC 5280 §6.3.3 (h): with the same key.
                Ok(match self.is_crl_signed_by(delta, signer.public_key())? {
                    Ok(()) => Ok((
                        crl_used(delta, &signer, currency),
                        Some(crl_used(base, &signer, currency)),
                    )),
                    Err(_) => Err(unusable(delta, CrlProblem::BadSignature)),
                })
            }
        }
    }

    /// Computes a signature unless the session has done so before; `pair` is what was signed and the key.
    pub(super) fn signature(
        &mut self,
        pair: (Sha256, Sha256),
        compute: impl FnOnce() -> Result<(), IssuerSignatureError>,
    ) -> Result<Result<(), IssuerSignatureError>, Exhausted> {
        if let Some(known) = self.signatures.get(&pair) {
            return Ok(known.clone());
        }
        self.spending.signature_check()?;
        let result = compute();
        self.signatures.insert(pair, result.clone());
        Ok(result)
    }
}

impl Claim<'_> {
    /// Orders claims of one cost: the newest first, and never by chance.
    fn tie_break(&self) -> (std::cmp::Reverse<Timestamp>, Sha256) {
        let (this_update, _) = self.as_of();
        let sha256 = match self.source {
            Source::Answer(answer) => answer.response.sha256(),
            Source::List(crl) | Source::Updated { delta: crl, .. } => crl.sha256(),
        };
        (std::cmp::Reverse(this_update), sha256)
    }
}

fn revoked(entry: CrlEntry, evidence: EvidenceUsed) -> CertificateStatus {
    CertificateStatus::Revoked {
        at: entry.revocation_date,
        reason: entry.reason,
        invalid_since: entry.invalidity_date,
        evidence,
    }
}

fn unusable(crl: &Crl, problem: CrlProblem) -> UndeterminedReason {
    let sha256 = crl.sha256();
    UndeterminedReason::Crl { sha256, problem }
}

fn crl_used(crl: &Crl, signer: &Certificate, currency: Currency) -> EvidenceUsed {
    EvidenceUsed {
        kind: EvidenceKind::Crl,
        sha256: crl.sha256(),
        this_update: crl.this_update(),
        next_update: crl.next_update(),
        issuer: signer.subject().clone(),
        currency,
    }
}
