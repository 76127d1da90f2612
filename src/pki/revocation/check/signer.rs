//! Whose key signed a CRL, and whether that is one to rely on (RFC 5280 §6.3.3 (f) to (h)).

use std::time::Duration;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::crypto::public_key::PublicKey;
use crate::crypto::verify::VerifyError;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::path::Budget;
use crate::pki::path::PathError;
use crate::pki::path::PathValidator;
use crate::pki::path::ValidatedPath;
use crate::pki::revocation::check::Scrutiny;
use crate::pki::revocation::check::Session;
use crate::pki::revocation::check::Target;
use crate::pki::revocation::check::budget::Exhausted;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::status::CertificateStatus;
use crate::pki::revocation::undetermined::CrlProblem;
use crate::pki::revocation::undetermined::SignerProblem;
use crate::pki::trust_anchor::AnchorSet;

/// Building the path of one CRL signer; see [`Budget`]. It has few certificates, and much of it was
/// established with the path in question.
const SIGNER_PATH_BUDGET: Budget = Budget {
    signature_checks: 20,
    steps: 20_000,
    path_certificates: 10,
    ..Budget::DEFAULT
};

/// Where a signer's certificate comes from, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    /// It is on the path in question, which was validated; its status is that path's business.
    Path,
    /// It is that path's trust anchor.
    Anchor,
    /// It was handed in.
    Pool,
}

#[derive(Clone, Copy, Debug)]
struct Candidate<'a> {
    certificate: &'a Certificate,
    origin: Origin,
}

/// What is remembered of signers and CRLs, apart for each staleness that was allowed while it was found.
pub(super) type Key = (Duration, Sha256);

impl<'a> Session<'a> {
    /// The certificate whose key signed `crl`, if its holder may.
    pub(super) fn signer_of(
        &mut self,
        crl: &Crl,
        staleness: Duration,
    ) -> Result<Result<Certificate, CrlProblem>, Exhausted> {
        let key = (staleness, crl.sha256());
        if let Some(known) = self.crl_signers.get(&key) {
            return Ok(known.clone());
        }
        let outer = self.scrutiny.begin();
        let result = self.find_signer(crl, staleness)?;
        if self.scrutiny == Scrutiny::NONE {
            self.crl_signers.insert(key, result.clone());
        }
        self.scrutiny.end(outer);
        Ok(result)
    }

    fn find_signer(
        &mut self,
        crl: &Crl,
        staleness: Duration,
    ) -> Result<Result<Certificate, CrlProblem>, Exhausted> {
        let mut problem = CrlProblem::NoSigner;
        for candidate in self.candidates(crl) {
            let certificate = candidate.certificate;
            match self.is_crl_signed_by(crl, certificate.public_key())? {
                Err(IssuerSignatureError::Verify(VerifyError::BadSignature)) => {
                    if problem == CrlProblem::NoSigner {
                        problem = CrlProblem::BadSignature;
                    }
                    continue;
                }
                Err(not_computed) => {
                    if !matches!(problem, CrlProblem::Signer { .. }) {
                        problem = CrlProblem::SignatureNotComputed(not_computed);
                    }
                    continue;
                }
                Ok(()) => {}
            }
            match self.may_sign(candidate, crl.this_update(), staleness)? {
                Ok(()) => return Ok(Ok(certificate.clone())),
                Err(cause) => {
                    problem = CrlProblem::Signer {
                        subject: certificate.subject().clone(),
                        problem: cause,
                    };
                }
            }
        }
        Ok(Err(problem))
    }

    /// Everybody of the CRL issuer's name: those first whose key the CRL names, then those nearest.
    fn candidates(&self, crl: &Crl) -> Vec<Candidate<'a>> {
        let on_path = self.path.certificates().iter();
        let all = on_path
            .map(|certificate| (certificate, Origin::Path))
            .chain([(self.path.anchor().certificate(), Origin::Anchor)])
            .chain(
                self.checker
                    .certificates
                    .iter()
                    .map(|one| (one, Origin::Pool)),
            );
        let mut candidates: Vec<Candidate<'a>> = Vec::new();
        for (certificate, origin) in all {
            if !certificate.subject().matches(crl.issuer()) {
                continue;
            }
            let mut known = candidates.iter();
            if known.all(|known| known.certificate != certificate) {
                candidates.push(Candidate {
                    certificate,
                    origin,
                });
            }
        }
        candidates.sort_by_key(|candidate| {
            let key_id = match (
                crl.authority_key_id(),
                candidate.certificate.subject_key_id(),
            ) {
                (Some(wanted), Some(offered)) if wanted == offered => 0,
                (Some(_), Some(_)) => 2,
                (Some(_), None) | (None, _) => 1,
            };
            (key_id, candidate.origin)
        });
        candidates
    }

    /// Computes a signature on a CRL, once in a session.
    pub(super) fn is_crl_signed_by(
        &mut self,
        crl: &Crl,
        key: &PublicKey,
    ) -> Result<Result<(), IssuerSignatureError>, Exhausted> {
        if crl.is_proven_by(key) {
            return Ok(Ok(()));
        }
        let pair = (crl.sha256(), key.sha256());
        self.signature(pair, || crl.verify_signature(key))
    }

    /// Whether the holder of a certificate may sign CRLs, by that certificate.
    fn may_sign(
        &mut self,
        candidate: Candidate<'a>,
        this_update: Timestamp,
        staleness: Duration,
    ) -> Result<Result<(), SignerProblem>, Exhausted> {
        let certificate = candidate.certificate;
        let is_ca = certificate
            .basic_constraints()
            .is_some_and(|constraints| constraints.is_ca);
        let may_sign = match certificate.key_usage() {
            Some(usage) => usage.crl_sign(),
            // Nothing is forbidden; but whoever bears a CA's name and is no CA has to be permitted.
            None => is_ca || candidate.origin == Origin::Anchor,
        };
        if !may_sign {
            return Ok(Err(SignerProblem::KeyUsage));
        }
        match candidate.origin {
            Origin::Anchor | Origin::Path => Ok(Ok(())),
            Origin::Pool => self.stranger(certificate, this_update, staleness),
        }
    }

    /// Whether a signer from outside the path is in order: a path to the same trust anchor, none of whose
    /// certificates is revoked.
    fn stranger(
        &mut self,
        signer: &Certificate,
        this_update: Timestamp,
        staleness: Duration,
    ) -> Result<Result<(), SignerProblem>, Exhausted> {
        let id = signer.sha256();
        if self.in_question.last() == Some(&id) {
            // Only its own CRL speaks about it. That must be allowed, or nothing ever could.
            self.scrutiny.of_itself = true;
            return Ok(Ok(()));
        }
        if self.in_question.contains(&id) {
            self.scrutiny.cut_short = true;
            return Ok(Err(SignerProblem::Circular));
        }
        let key = (staleness, id);
        if let Some(known) = self.strangers.get(&key) {
            return Ok(known.clone());
        }
        if self.in_question.len() >= self.spending.depth() {
            self.scrutiny.cut_short = true;
            return Ok(Err(SignerProblem::TooDeep));
        }
        let outer = self.scrutiny.begin();
        let at = self.checker.freshness.time_of_signers(this_update);
        self.in_question.push(id);
        let result = self.stranger_in_question(signer, at, staleness)?;
        self.in_question.pop();
        // That its own CRL cleared it is settled now.
        self.scrutiny.of_itself = false;
        if self.scrutiny == Scrutiny::NONE {
            self.strangers.insert(key, result.clone());
        }
        self.scrutiny.end(outer);
        Ok(result)
    }

    fn stranger_in_question(
        &mut self,
        signer: &Certificate,
        at: Timestamp,
        staleness: Duration,
    ) -> Result<Result<(), SignerProblem>, Exhausted> {
        self.spending.signer_path()?;
        let path = match self.path_of(signer, at) {
            Ok(path) => path,
            Err(error) => return Ok(Err(SignerProblem::NoPath(error))),
        };
        for (place, certificate) in path.certificates().iter().enumerate() {
            if self.path.certificates().contains(certificate) {
                continue;
            }
            let target = Target {
                certificate,
                issuer: path.issuer_of(place),
                at,
            };
            if place > 0 {
                self.in_question.push(certificate.sha256());
            }
            let status = self.status(target, staleness)?;
            if place > 0 {
                self.in_question.pop();
            }
            match status {
                CertificateStatus::Good { .. } => {}
                CertificateStatus::OnHold { .. } | CertificateStatus::Revoked { .. } => {
                    return Ok(Err(SignerProblem::Revoked));
                }
                CertificateStatus::Undetermined { .. } => {
                    return Ok(Err(SignerProblem::Undetermined));
                }
            }
        }
        Ok(Ok(()))
    }

    /// A path for a signer of CRLs, to the trust anchor of the path in question and no other (§6.3.3 (f):
    /// "The trust anchor for the certification path MUST be the same as the trust anchor used to validate
    /// the target certificate").
    fn path_of(&self, signer: &Certificate, at: Timestamp) -> Result<ValidatedPath, PathError> {
        let anchors = AnchorSet::new([self.path.anchor().clone()]);
        let mut certificates = self.path.certificates().to_vec();
        certificates.extend_from_slice(self.checker.certificates);
        PathValidator::new(&anchors, &certificates, at)
            .with_budget(SIGNER_PATH_BUDGET)
            .validate(signer)
    }
}
