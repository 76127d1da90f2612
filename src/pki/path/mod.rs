//! Building and validating certification paths (RFC 5280 §6.1, RFC 4158).
//!
//! What is asked: does a certificate lead, signature by signature, to a key that somebody decided to
//! trust? What may lie between comes from the sender: untrusted, unordered, possibly hostile.
//!
//! * [`build`] searches depth first from the end entity towards the anchors, by name and signature,
//!   and tries every alternative: several keys of one name, cross-certificates, re-issued roots.
//!   Key identifiers only decide which candidate comes first (RFC 5280 §4.2.1.1).
//! * [`check`] goes down from an anchor that was reached and applies RFC 5280 §6.1.3 to §6.1.5.
//! * [`budget`] bounds the work, [`error`] ranks the reasons.
//!
//! Not here: extended key usage and revocation (the caller knows what it is for), whether an algorithm
//! is strong enough (every signature that can be computed is). Not yet: certificate policies (§6.1.3
//! (d) to (f)) and name constraints (§6.1.3 (b), (c)); certificates with constraints that these would
//! evaluate are refused, so that nothing passes now which will not pass then.
//!
//! An anchor is a name and a key (§6.1.1 (d)); its own dates and signature are not looked at. Where the
//! certificate that it came as restricts it (no CA, no `keyCertSign`, path length, unknown critical
//! extension), that is honoured in the spirit of RFC 5937 §3.

mod budget;
mod build;
mod check;
mod error;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

use crate::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::pki::trust_anchor::TrustAnchor;

pub use crate::pki::path::budget::Budget;
pub use crate::pki::path::error::PathError;
pub use crate::pki::path::error::Role;

/// Validates certificates against a set of anchors at one time.
#[derive(Clone, Copy, Debug)]
pub struct PathValidator<'a> {
    anchors: &'a [TrustAnchor],
    intermediates: &'a [Certificate],
    at: Timestamp,
    budget: Budget,
}

/// A certification path that ended at one of our trust anchors.
///
/// Only [`PathValidator`] makes one: to hold it is to know that the checks of this module succeeded for
/// [`Self::at`].
#[derive(Clone, Debug)]
pub struct ValidatedPath {
    certificates: Vec<Certificate>,
    anchor: TrustAnchor,
    at: Timestamp,
}

/// A refusal, with the path that came nearest to acceptance.
#[derive(Clone, Debug)]
pub struct PathRejection {
    /// What [`PathValidator::validate`] returns.
    pub error: PathError,
    /// A path that reached an anchor by names and signatures, and failed for the reason in `error`.
    /// `None` if no anchor was reached.
    pub nearest: Option<RejectedPath>,
}

/// A path to an anchor that is not in order. It proves nothing; it is there to explain.
#[derive(Clone, Debug)]
pub struct RejectedPath {
    /// The end entity's certificate first, the anchor not included.
    pub certificates: Vec<Certificate>,
    /// Where it ends.
    pub anchor: TrustAnchor,
}

impl<'a> PathValidator<'a> {
    /// Paths end at one of `anchors`; `intermediates` may lie between, in any order and number; the
    /// validity periods have to include `at`.
    #[must_use]
    pub const fn new(
        anchors: &'a [TrustAnchor],
        intermediates: &'a [Certificate],
        at: Timestamp,
    ) -> Self {
        Self {
            anchors,
            intermediates,
            at,
            budget: Budget::DEFAULT,
        }
    }

    /// Replaces [`Budget::DEFAULT`].
    #[must_use]
    pub const fn with_budget(self, budget: Budget) -> Self {
        Self { budget, ..self }
    }

    /// Builds and validates a certification path from `end_entity`, which may be a CA's certificate.
    ///
    /// More anchors and more intermediates never lose a path that is accepted without them, as long as
    /// the budget lasts.
    ///
    /// # Errors
    /// [`PathError::NoPath`] with the most specific failure met; [`PathError::AnchorItself`] if there
    /// is no path because none is needed; [`PathError::BudgetExhausted`] when the search was cut short,
    /// which proves nothing either way.
    pub fn validate(&self, end_entity: &Certificate) -> Result<ValidatedPath, PathError> {
        self.explain(end_entity)
            .map_err(|rejection| rejection.error)
    }

    /// As [`Self::validate`]; a refusal tells as well how far the best path got.
    ///
    /// # Errors
    /// As [`Self::validate`].
    pub fn explain(&self, end_entity: &Certificate) -> Result<ValidatedPath, Box<PathRejection>> {
        build::search(self, end_entity).map_err(Box::new)
    }
}

impl ValidatedPath {
    /// The end entity's certificate first, then its issuer's and so on; the anchor is not included.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The anchor whose key signed the last of [`Self::certificates`].
    #[must_use]
    pub const fn anchor(&self) -> &TrustAnchor {
        &self.anchor
    }

    /// The time for which the path was validated.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        self.at
    }
}
