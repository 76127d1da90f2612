//! What OCSP responses claim about a certificate, and who gave them (RFC 6960 §3.2).

use std::time::Duration;

use crate::crypto::public_key::PublicKey;
use crate::crypto::verify::VerifyError;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::revocation::check::Session;
use crate::pki::revocation::check::Target;
use crate::pki::revocation::check::budget::Exhausted;
use crate::pki::revocation::check::claim::Claim;
use crate::pki::revocation::check::claim::Says;
use crate::pki::revocation::check::claim::Source;
use crate::pki::revocation::check::gathered::Gathered;
use crate::pki::revocation::crl::CrlEntry;
use crate::pki::revocation::evidence::Answer;
use crate::pki::revocation::evidence::RequestMatch;
use crate::pki::revocation::freshness::Standing;
use crate::pki::revocation::ocsp::BasicResponse;
use crate::pki::revocation::ocsp::ResponderError;
use crate::pki::revocation::ocsp::SingleStatus;
use crate::pki::revocation::ocsp::responder::ResponderRevocation;
use crate::pki::revocation::ocsp::responder::authorise;
use crate::pki::revocation::reason::ReasonSet;
use crate::pki::revocation::status::CertificateStatus;
use crate::pki::revocation::status::Currency;
use crate::pki::revocation::undetermined::OcspProblem;
use crate::pki::revocation::undetermined::UndeterminedReason;

impl<'a> Session<'a> {
    /// Adds what OCSP responses claim. Those that are stale for longer than `staleness` do not.
    pub(super) fn gather_answers(
        &mut self,
        target: Target<'_>,
        staleness: Duration,
        gathered: &mut Gathered<'a>,
    ) -> Result<(), Exhausted> {
        let serial = target.certificate.serial().as_bytes();
        let issuer_key = target.issuer.public_key();
        for evidence in self.checker.evidence {
            for answer in evidence.answers_about(serial) {
                self.spending.step()?;
                if !answer.single.id.matches(target.certificate, issuer_key) {
                    continue;
                }
                match self.claim_of_answer(target, answer, staleness) {
                    Ok(claim) => gathered.claims.push(claim),
                    Err(problem @ OcspProblem::Stale { .. }) => {
                        let sha256 = answer.response.sha256();
                        gathered.note_stale(UndeterminedReason::Ocsp { sha256, problem });
                    }
                    Err(problem) => gathered.note_ocsp(answer.response.sha256(), problem),
                }
            }
        }
        Ok(())
    }

    fn claim_of_answer(
        &self,
        target: Target<'_>,
        answer: Answer<'a>,
        staleness: Duration,
    ) -> Result<Claim<'a>, OcspProblem> {
        let Answer {
            response,
            single,
            request,
        } = answer;
        if request == RequestMatch::Another {
            return Err(OcspProblem::Nonce);
        }
        let unknown = response.unknown_critical();
        if let Some(oid) = unknown.or(single.unknown_critical.as_ref()) {
            return Err(OcspProblem::UnknownCriticalExtension(oid.clone()));
        }
        let entry = match single.status {
            SingleStatus::Good => None,
            SingleStatus::Revoked { at, reason } => Some(CrlEntry {
                revocation_date: at,
                reason,
                invalidity_date: single.invalidity_date,
            }),
            SingleStatus::Unknown => return Err(OcspProblem::Unknown),
        };
        Ok(Claim {
            source: Source::Answer(answer),
            says: Says::of_entry(entry, target.at),
            covers: ReasonSet::ALL,
            currency: self.currency_of_answer(answer, staleness)?,
        })
    }

    fn currency_of_answer(
        &self,
        answer: Answer<'_>,
        staleness: Duration,
    ) -> Result<Currency, OcspProblem> {
        let freshness = &self.checker.freshness;
        let single = answer.single;
        let produced_at = answer.response.produced_at();
        let at = single.this_update.max(produced_at);
        // `producedAt` counts for the future only: what it says is as of `thisUpdate`.
        if freshness.standing(at, Some(at)) == Standing::NotYetValid {
            return Err(OcspProblem::NotYetValid { at });
        }
        match freshness.standing(single.this_update, single.next_update) {
            Standing::Current => Ok(Currency::Current),
            Standing::Stale(age) if age <= staleness => Ok(Currency::Stale),
            Standing::Stale(_) | Standing::NotYetValid => Err(OcspProblem::Stale {
                next_update: single.next_update,
            }),
        }
    }

    /// The certificate whose key signed `response`, if its holder may answer for the issuer of the target:
    /// the issuer itself, or somebody whom it certified for that (RFC 6960 §4.2.2.2).
    pub(super) fn responder_of(
        &mut self,
        target: Target<'_>,
        response: &BasicResponse,
        staleness: Duration,
    ) -> Result<Result<Certificate, OcspProblem>, Exhausted> {
        let mut problem = OcspProblem::NoResponder;
        if response.responder().matches(target.issuer) {
            match self.is_response_signed_by(response, target.issuer.public_key())? {
                Ok(()) => return Ok(Ok(target.issuer.clone())),
                Err(error) => problem = error,
            }
        }
        for responder in response.certificates() {
            if !response.responder().matches(responder) {
                continue;
            }
            match self.delegate(target, response, responder, staleness)? {
                Ok(()) => return Ok(Ok(responder.clone())),
                Err(error) => problem = error,
            }
        }
        Ok(Err(problem))
    }

    fn delegate(
        &mut self,
        target: Target<'_>,
        response: &BasicResponse,
        responder: &Certificate,
        staleness: Duration,
    ) -> Result<Result<(), OcspProblem>, Exhausted> {
        let at = self
            .checker
            .freshness
            .time_of_signers(response.produced_at());
        let revocation = match authorise(responder, target.issuer, at) {
            Ok(revocation) => revocation,
            Err(error) => return Ok(Err(error.into())),
        };
        let issuer_key = target.issuer.public_key();
        let pair = (responder.sha256(), issuer_key.sha256());
        let by_issuer = self.signature(pair, || responder.verify_signature(issuer_key))?;
        if by_issuer.is_err() {
            return Ok(Err(ResponderError::NotIssuedByCa.into()));
        }
        let signed = self.is_response_signed_by(response, responder.public_key())?;
        if let Err(error) = signed {
            return Ok(Err(error));
        }
        let of_responder = Target {
            certificate: responder,
            issuer: target.issuer,
            at,
        };
        match revocation {
            ResponderRevocation::NoCheck => Ok(Ok(())),
            ResponderRevocation::Check => self.responder_status(of_responder, staleness),
        }
    }

    /// The status of a responder's own certificate, which CRLs have to tell: an OCSP response of the
    /// responder's would prove nothing.
    fn responder_status(
        &mut self,
        responder: Target<'_>,
        staleness: Duration,
    ) -> Result<Result<(), OcspProblem>, Exhausted> {
        let id = responder.certificate.sha256();
        if self.in_question.contains(&id) || self.in_question.len() >= self.spending.depth() {
            self.scrutiny.cut_short = true;
            return Ok(Err(OcspProblem::ResponderUndetermined));
        }
        self.in_question.push(id);
        let mut gathered = Gathered::default();
        self.gather_lists(responder, staleness, &mut gathered)?;
        let status = self.decide(responder, staleness, gathered)?;
        self.in_question.pop();
        Ok(match status {
            CertificateStatus::Good { .. } => Ok(()),
            CertificateStatus::OnHold { .. } | CertificateStatus::Revoked { .. } => {
                Err(OcspProblem::ResponderRevoked)
            }
            CertificateStatus::Undetermined { .. } => Err(OcspProblem::ResponderUndetermined),
        })
    }

    fn is_response_signed_by(
        &mut self,
        response: &BasicResponse,
        key: &PublicKey,
    ) -> Result<Result<(), OcspProblem>, Exhausted> {
        if response.is_proven_by(key) {
            return Ok(Ok(()));
        }
        let pair = (response.sha256(), key.sha256());
        let signed = self.signature(pair, || response.verify_signature(key))?;
        let wrong = IssuerSignatureError::Verify(VerifyError::BadSignature);
        Ok(signed.map_err(|error| match error == wrong {
            true => OcspProblem::BadSignature,
            false => OcspProblem::SignatureNotComputed(error),
        }))
    }
}
