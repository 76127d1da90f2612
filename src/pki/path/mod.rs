//! Building and validating certification paths (RFC 5280 §6.1, RFC 4158).
//!
//! What is asked: does a certificate lead, signature by signature, to a key that somebody decided to
//! trust? What may lie between comes from the sender: untrusted, unordered, possibly hostile.
//!
//! * [`build`] searches depth first from the end entity towards the anchors, by name and signature,
//!   and tries every alternative: several keys of one name, cross-certificates, re-issued roots.
//!   Key identifiers only decide which candidate comes first (RFC 5280 §4.2.1.1).
//! * [`check`] goes down from an anchor that was reached and applies RFC 5280 §6.1.2 to §6.1.5, with
//!   [`policy`] for certificate policies (RFC 9618).
//! * [`budget`] bounds the work, [`memory`] saves what was proven before, [`error`] ranks the reasons and
//!   [`rejection`] tells them.
//!
//! Not here: what the certificate is for (extended key usage, names, stricter profiles), revocation, and
//! whether an algorithm is strong enough (every signature that can be computed is). Those are asked of each
//! [`ValidatedPath`] that [`PathValidator::search`] offers, which goes on to the next one where the answer
//! is no.
//!
//! An anchor is a name and a key (§6.1.1 (d)); its own dates and signature are not looked at. Where the
//! certificate that it came as restricts it (no CA, no `keyCertSign`, path length, name and policy
//! constraints, unknown critical extension), that is honoured in the spirit of RFC 5937 §3.

mod budget;
mod build;
mod check;
mod error;
#[cfg(test)]
mod fixtures;
mod memory;
mod policy;
mod rejection;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::oid::Oid;
use crate::pki::trust_anchor::AnchorSet;
use crate::pki::trust_anchor::TrustAnchor;

pub use crate::pki::path::budget::Budget;
pub use crate::pki::path::budget::Spending;
pub use crate::pki::path::error::PathError;
pub use crate::pki::path::error::Role;
pub use crate::pki::path::memory::ProvenSignatures;
pub use crate::pki::path::policy::PathInputs;
pub use crate::pki::path::rejection::Attempt;
pub use crate::pki::path::rejection::PathRejection;
pub use crate::pki::path::rejection::RejectedPath;

/// Validates certificates against a set of anchors at one time.
#[derive(Clone, Copy)]
pub struct PathValidator<'a> {
    anchors: &'a AnchorSet,
    accepts: Option<&'a dyn Fn(&TrustAnchor) -> bool>,
    intermediates: &'a [Certificate],
    at: Timestamp,
    inputs: &'a PathInputs,
    budget: Budget,
    spending: Option<&'a Spending>,
    memory: Option<&'a ProvenSignatures>,
    remember: Remember,
}

/// The signatures on which certificates are remembered, once they are on a path to an anchor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Remember {
    /// On those of CAs: few, and met again all the time.
    #[default]
    Authorities,
    /// On the end entity's as well: that of an issuer of credentials, which is met with each of them.
    EndEntityToo,
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
    inputs: PathInputs,
}

static ANY_INPUTS: PathInputs = PathInputs::ANY;

impl<'a> PathValidator<'a> {
    /// Paths end at one of `anchors`; `intermediates` may lie between, in any order and number; the
    /// validity periods have to include `at`.
    #[must_use]
    pub fn new(anchors: &'a AnchorSet, intermediates: &'a [Certificate], at: Timestamp) -> Self {
        Self {
            anchors,
            accepts: None,
            intermediates,
            at,
            inputs: &ANY_INPUTS,
            budget: Budget::DEFAULT,
            spending: None,
            memory: None,
            remember: Remember::Authorities,
        }
    }

    /// Of the anchors, only those for which `accepts` is true.
    #[must_use]
    pub fn restricted_to(self, accepts: &'a dyn Fn(&TrustAnchor) -> bool) -> Self {
        Self {
            accepts: Some(accepts),
            ..self
        }
    }

    /// Asks for certificate policies or a path length.
    #[must_use]
    pub fn with_inputs(self, inputs: &'a PathInputs) -> Self {
        Self { inputs, ..self }
    }

    /// Replaces [`Budget::DEFAULT`].
    #[must_use]
    pub fn with_budget(self, budget: Budget) -> Self {
        Self { budget, ..self }
    }

    /// Draws on a budget of which something may have been used before, and shows what is used here.
    #[must_use]
    pub fn with_spending(self, spending: &'a Spending) -> Self {
        Self {
            spending: Some(spending),
            ..self
        }
    }

    /// Computes nothing again that `memory` knows, and adds to it.
    #[must_use]
    pub fn with_memory(self, memory: &'a ProvenSignatures, remember: Remember) -> Self {
        Self {
            memory: Some(memory),
            remember,
            ..self
        }
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
        let mut first = None;
        self.search(end_entity, &mut |path| {
            first = Some(path);
            ControlFlow::Break(())
        })?;
        first.ok_or_else(|| Box::new(PathRejection::without_cause()))
    }

    /// Offers every path that is in order to `offer`, until it breaks off.
    ///
    /// # Errors
    /// It did not break off: why the other paths were not in order. Where all were, and were offered, the error
    /// is [`PathError::NoPath`] without a cause.
    pub fn search(
        &self,
        end_entity: &Certificate,
        offer: &mut dyn FnMut(ValidatedPath) -> ControlFlow<()>,
    ) -> Result<(), Box<PathRejection>> {
        build::search(self, end_entity, offer)
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

    /// The certificate whose key signed the one at `place`: the next one up, or the anchor's.
    #[must_use]
    pub fn issuer_of(&self, place: usize) -> &Certificate {
        self.certificates
            .get(place.saturating_add(1))
            .unwrap_or_else(|| self.anchor.certificate())
    }

    /// The certificate that was asked about.
    #[must_use]
    pub fn end_entity(&self) -> &Certificate {
        // There is always one; see `build::search`.
        self.certificates
            .first()
            .unwrap_or_else(|| self.anchor.certificate())
    }

    /// The first certificate above the end entity's, the anchor's included, that may not certify for an
    /// extended key usage (RFC 5280 §4.2.1.12; that it binds what a CA issues is common practice); `None` if
    /// all may.
    #[must_use]
    pub fn issuer_barring(&self, purpose: &Oid) -> Option<&Certificate> {
        let anchor = std::iter::once(self.anchor.certificate());
        let mut issuers = self.certificates.iter().skip(1).chain(anchor);
        issuers.find(|issuer| {
            issuer.extended_key_usage().is_some_and(|ekus| {
                !ekus.contains(purpose) && !ekus.contains(extension::ANY_EXTENDED_KEY_USAGE)
            })
        })
    }

    /// The certificate policies for which the path is valid, of those asked for, in the anchor's terms: the
    /// user-constrained policy set of RFC 9618 §5.4. May contain anyPolicy; empty: for none.
    #[must_use]
    pub fn policies(&self) -> BTreeSet<Oid> {
        let path: Vec<&Certificate> = self.certificates.iter().collect();
        policy::process(&path, self.anchor.certificate(), &self.inputs).unwrap_or_default()
    }
}
