//! Why nothing was accepted: the most specific reason, and every candidate that was tried.

use crate::pki::certificate::Certificate;
use crate::pki::name::DistinguishedName;
use crate::pki::path::error::PathError;
use crate::pki::trust_anchor::TrustAnchor;

/// More attempts than this are counted, not kept: a report is for a reader, and whoever made the
/// certificates decides how many there are.
const MAX_ATTEMPTS: usize = 32;

/// A refusal, with the path that came nearest to acceptance.
#[derive(Clone, Debug)]
pub struct PathRejection {
    /// What [`PathValidator::validate`](crate::pki::path::PathValidator::validate) returns.
    pub error: PathError,
    /// A path that reached an anchor by names and signatures, and failed for the reason in `error`.
    /// `None` if no anchor was reached.
    pub nearest: Option<RejectedPath>,
    /// Every candidate that was tried and fell, in the order of trying, up to a limit.
    pub attempts: Vec<Attempt>,
    /// How many more fell beyond that limit.
    pub more_attempts: usize,
    /// Issuers of whom neither an anchor nor a certificate is at hand, in RFC 4514 form.
    pub missing: Vec<String>,
}

impl PathRejection {
    /// Nothing is known of what was tried.
    pub(super) fn without_cause() -> Self {
        Notes::default().into_rejection(None)
    }
}

/// A path to an anchor that is not in order. It proves nothing; it is there to explain.
#[derive(Clone, Debug)]
pub struct RejectedPath {
    /// The end entity's certificate first, the anchor not included.
    pub certificates: Vec<Certificate>,
    /// Where it ends.
    pub anchor: TrustAnchor,
}

/// One candidate that was tried.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The certificate that might have been next, an intermediate or an anchor's.
    pub candidate: Certificate,
    /// Why the path through it, or ending at it, was not accepted. [`PathError::NoPath`] of an
    /// intermediate whose own issuer is not at hand.
    pub error: PathError,
}

/// What a search notes on its way.
#[derive(Debug, Default)]
pub(super) struct Notes {
    nearest: Option<(PathError, Option<RejectedPath>)>,
    attempts: Vec<Attempt>,
    more_attempts: usize,
    missing: Vec<String>,
}

impl Notes {
    /// `candidate` fell; `reached` is the path that it completed, if it is an anchor's certificate.
    pub(super) fn fell(
        &mut self,
        candidate: &Certificate,
        error: PathError,
        reached: Option<(&[&Certificate], &TrustAnchor)>,
    ) {
        let is_more_specific = self
            .nearest
            .as_ref()
            .is_none_or(|(best, _)| best.specificity() < error.specificity());
        if is_more_specific {
            let path = reached.map(|(path, anchor)| RejectedPath {
                certificates: path.iter().copied().cloned().collect(),
                anchor: anchor.clone(),
            });
            self.nearest = Some((error.clone(), path));
        }
        self.list(candidate, error);
    }

    /// Nobody is at hand who may have issued `candidate`, an intermediate: the search goes on elsewhere.
    pub(super) fn dead_end(&mut self, candidate: &Certificate) {
        let error = PathError::NoPath(None);
        let is_listed = self
            .attempts
            .iter()
            .any(|attempt| attempt.candidate == *candidate && attempt.error == error);
        if !is_listed {
            self.list(candidate, error);
        }
    }

    fn list(&mut self, candidate: &Certificate, error: PathError) {
        if self.attempts.len() < MAX_ATTEMPTS {
            self.attempts.push(Attempt {
                candidate: candidate.clone(),
                error,
            });
        } else {
            self.more_attempts = self.more_attempts.saturating_add(1);
        }
    }

    /// Nobody of this name is at hand.
    pub(super) fn nobody_named(&mut self, issuer: &DistinguishedName) {
        if self.missing.len() >= MAX_ATTEMPTS {
            return;
        }
        let issuer = issuer.to_string();
        if !self.missing.contains(&issuer) {
            self.missing.push(issuer);
        }
    }

    /// `fatal` ended the search; without it everything was tried.
    pub(super) fn into_rejection(self, fatal: Option<PathError>) -> PathRejection {
        let missing = match fatal {
            // Nobody stands above an anchor.
            Some(PathError::AnchorItself) => Vec::new(),
            Some(_) | None => self.missing,
        };
        let (error, nearest) = match (fatal, self.nearest) {
            (Some(fatal), _) => (fatal, None),
            (None, Some((error, nearest))) => (PathError::NoPath(Some(Box::new(error))), nearest),
            (None, None) => (PathError::NoPath(None), None),
        };
        PathRejection {
            error,
            nearest,
            attempts: self.attempts,
            more_attempts: self.more_attempts,
            missing,
        }
    }
}
