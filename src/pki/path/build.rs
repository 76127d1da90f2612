//! The search for a path: depth first from the end entity, by name and signature.

use std::collections::HashMap;
use std::ops::ControlFlow;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::crypto::verify::VerifyError;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::path::PathRejection;
use crate::pki::path::PathValidator;
use crate::pki::path::RejectedPath;
use crate::pki::path::ValidatedPath;
use crate::pki::path::budget::Spending;
use crate::pki::path::check;
use crate::pki::path::error::PathError;
use crate::pki::trust_anchor::TrustAnchor;

/// Why the search stops before it has tried everything.
enum Stop {
    Accepted(Box<ValidatedPath>),
    Fatal(PathError),
}

struct Search<'a> {
    anchors: &'a [TrustAnchor],
    intermediates: &'a [Certificate],
    at: Timestamp,
    spending: Spending,
    /// The end entity first; the search goes on from the last.
    path: Vec<&'a Certificate>,
    /// Whether a certificate is signed with a key: certificates meet again on different paths.
    signatures: HashMap<(Sha256, Sha256), bool>,
    nearest: Option<PathRejection>,
}

/// Tries every path from `end_entity` until one is accepted.
pub(super) fn search<'a>(
    validator: &PathValidator<'a>,
    end_entity: &'a Certificate,
) -> Result<ValidatedPath, PathRejection> {
    let mut search = Search {
        anchors: validator.anchors,
        intermediates: validator.intermediates,
        at: validator.at,
        spending: Spending::new(validator.budget),
        path: vec![end_entity],
        signatures: HashMap::new(),
        nearest: None,
    };
    let fatal = match search.extend(end_entity) {
        ControlFlow::Break(Stop::Accepted(path)) => return Ok(*path),
        ControlFlow::Break(Stop::Fatal(error)) => Some(error),
        ControlFlow::Continue(()) => validator
            .anchors
            .iter()
            .any(|anchor| anchor.certificate() == end_entity)
            .then_some(PathError::AnchorItself),
    };
    if let Some(error) = fatal {
        return Err(PathRejection {
            error,
            nearest: None,
        });
    }
    Err(match search.nearest {
        Some(PathRejection { error, nearest }) => PathRejection {
            error: PathError::NoPath(Some(Box::new(error))),
            nearest,
        },
        None => PathRejection {
            error: PathError::NoPath(None),
            nearest: None,
        },
    })
}

impl<'a> Search<'a> {
    /// Tries everything that may stand above `head`, the last certificate of the path. Anchors come
    /// first: the shorter path is the better one.
    fn extend(&mut self, head: &'a Certificate) -> ControlFlow<Stop> {
        for anchor in self.anchors_above(head) {
            self.step()?;
            if self.is_signed_by(head, anchor.certificate())? {
                self.finish(anchor)?;
            }
        }
        for issuer in self.issuers_above(head) {
            self.step()?;
            if self.path.len() >= self.spending.path_certificates() {
                let maximum = self.spending.path_certificates();
                self.note(PathError::PathTooLong { maximum }, None);
                break;
            }
            if self.is_signed_by(head, issuer)? {
                self.path.push(issuer);
                self.extend(issuer)?;
                self.path.pop();
            }
        }
        ControlFlow::Continue(())
    }

    /// Judges the path as it stands, which `anchor` completes.
    fn finish(&mut self, anchor: &TrustAnchor) -> ControlFlow<Stop> {
        match check::check(&self.path, anchor, self.at) {
            Ok(()) => ControlFlow::Break(Stop::Accepted(Box::new(ValidatedPath {
                certificates: self.path.iter().copied().cloned().collect(),
                anchor: anchor.clone(),
                at: self.at,
            }))),
            Err(error) => {
                self.note(error, Some(anchor));
                ControlFlow::Continue(())
            }
        }
    }

    fn anchors_above(&self, head: &Certificate) -> Vec<&'a TrustAnchor> {
        let mut candidates: Vec<&'a TrustAnchor> = self
            .anchors
            .iter()
            .filter(|anchor| anchor.name().matches(head.issuer()))
            .filter(|anchor| !self.is_on_path(anchor.certificate()))
            .collect();
        candidates.sort_by_key(|anchor| self.preference(head, anchor.certificate()));
        candidates
    }

    fn issuers_above(&self, head: &Certificate) -> Vec<&'a Certificate> {
        let mut candidates: Vec<&'a Certificate> = self
            .intermediates
            .iter()
            .filter(|issuer| issuer.subject().matches(head.issuer()))
            .filter(|issuer| !self.is_on_path(issuer))
            .collect();
        candidates.sort_by_key(|issuer| self.preference(head, issuer));
        candidates
    }

    /// Whether `candidate` would close a loop: the same certificate again, or the same name and key
    /// again above the end entity (RFC 4158 §2.4.1, §5.2). Leaving out everything between the two gives a
    /// path that is accepted if the longer one is, and that is tried as well.
    fn is_on_path(&self, candidate: &Certificate) -> bool {
        self.path.contains(&candidate)
            || self.path.iter().skip(1).any(|issuer| {
                issuer.subject().matches(candidate.subject())
                    && issuer.public_key().spki_der() == candidate.public_key().spki_der()
            })
    }

    /// Lower is tried first: key identifiers that agree, then one missing, then a mismatch, which is a
    /// hint and no proof (RFC 4158 §3.5.12); within each, certificates that are valid now.
    fn preference(&self, head: &Certificate, issuer: &Certificate) -> (u8, bool) {
        let key_id = match (head.authority_key_id(), issuer.subject_key_id()) {
            (Some(wanted), Some(offered)) if wanted == offered => 0,
            (Some(_), Some(_)) => 2,
            (Some(_), None) | (None, _) => 1,
        };
        (key_id, check::validity(issuer, self.at).is_err())
    }

    /// Whether `issuer`'s key made the signature on `child`. A failure is noted.
    fn is_signed_by(
        &mut self,
        child: &Certificate,
        issuer: &Certificate,
    ) -> ControlFlow<Stop, bool> {
        let pair = (child.sha256(), issuer.public_key().sha256());
        if let Some(known) = self.signatures.get(&pair) {
            return ControlFlow::Continue(*known);
        }
        if let Err(exhausted) = self.spending.signature_check() {
            return ControlFlow::Break(Stop::Fatal(exhausted));
        }
        let result = child.verify_signature(issuer.public_key());
        self.signatures.insert(pair, result.is_ok());
        match result {
            Ok(()) => return ControlFlow::Continue(true),
            Err(IssuerSignatureError::Verify(VerifyError::BadSignature)) => {
                let issuer = issuer.subject().to_string();
                let serial = child.serial().clone();
                self.note(PathError::BadSignature { serial, issuer }, None);
            }
            Err(
                IssuerSignatureError::UnsupportedAlgorithm(_) | IssuerSignatureError::Verify(_),
            ) => {
                let oid = child.signature_algorithm_oid().clone();
                let serial = child.serial().clone();
                self.note(PathError::UnsupportedAlgorithm { serial, oid }, None);
            }
        }
        ControlFlow::Continue(false)
    }

    fn step(&mut self) -> ControlFlow<Stop> {
        match self.spending.step() {
            Ok(()) => ControlFlow::Continue(()),
            Err(exhausted) => ControlFlow::Break(Stop::Fatal(exhausted)),
        }
    }

    /// Keeps the failure if it is more specific than those before.
    fn note(&mut self, error: PathError, anchor: Option<&TrustAnchor>) {
        let is_more_specific = self
            .nearest
            .as_ref()
            .is_none_or(|best| best.error.specificity() < error.specificity());
        if is_more_specific {
            self.nearest = Some(PathRejection {
                error,
                nearest: anchor.map(|anchor| RejectedPath {
                    certificates: self.path.iter().copied().cloned().collect(),
                    anchor: anchor.clone(),
                }),
            });
        }
    }
}
