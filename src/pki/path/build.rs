//! The search for a path: depth first from the end entity, by name and signature.

use std::collections::HashMap;
use std::ops::ControlFlow;

use crate::crypto::public_key::PublicKey;
use crate::crypto::verify::VerifyError;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::path::PathRejection;
use crate::pki::path::PathValidator;
use crate::pki::path::Remember;
use crate::pki::path::Spending;
use crate::pki::path::ValidatedPath;
use crate::pki::path::check;
use crate::pki::path::error::PathError;
use crate::pki::path::memory::Fact;
use crate::pki::path::rejection::Notes;
use crate::pki::trust_anchor::TrustAnchor;

/// Why the search stops before it has tried everything.
enum Stop {
    /// Whoever the paths are offered to has what it wants.
    Taken,
    Fatal(PathError),
}

struct Search<'a, 'o> {
    validator: &'o PathValidator<'a>,
    spending: &'o Spending,
    intermediates: Intermediates<'a>,
    offer: &'o mut dyn FnMut(ValidatedPath) -> ControlFlow<()>,
    /// The end entity first; the search goes on from the last.
    path: Vec<&'a Certificate>,
    signatures: Vec<Computed<'a>>,
    notes: Notes,
}

/// Whether a certificate is signed with a key: certificates and keys meet again on different paths. There are
/// no more than the budget allows, so they are looked through one by one.
struct Computed<'a> {
    certificate: &'a Certificate,
    key: &'a PublicKey,
    is_right: bool,
    /// To be remembered once a path with the certificate has reached an anchor.
    fact: Option<Fact>,
}

/// Offers every path from `end_entity` that is in order, until one is taken. The paths that are not are told in
/// the error.
pub(super) fn search<'a>(
    validator: &PathValidator<'a>,
    end_entity: &'a Certificate,
    offer: &mut dyn FnMut(ValidatedPath) -> ControlFlow<()>,
) -> Result<(), Box<PathRejection>> {
    let own = Spending::default();
    let mut search = Search {
        validator,
        spending: validator.spending.unwrap_or(&own),
        intermediates: Intermediates::new(validator.intermediates),
        offer,
        path: vec![end_entity],
        signatures: Vec::new(),
        notes: Notes::default(),
    };
    let fatal = match search.extend(end_entity) {
        ControlFlow::Break(Stop::Taken) => return Ok(()),
        ControlFlow::Break(Stop::Fatal(error)) => Some(error),
        ControlFlow::Continue(()) => validator
            .anchors
            .contains(end_entity)
            .then_some(PathError::AnchorItself),
    };
    Err(Box::new(search.notes.into_rejection(fatal)))
}

impl<'a> Search<'a, '_> {
    /// Tries everything that may stand above `head`, the last certificate of the path. Anchors come
    /// first: the shorter path is the better one.
    fn extend(&mut self, head: &'a Certificate) -> ControlFlow<Stop> {
        let anchors = self.anchors_above(head);
        let issuers = self.issuers_above(head);
        if anchors.is_empty() && issuers.is_empty() {
            self.notes.nobody_named(head.issuer());
            if self.path.len() > 1 {
                self.notes.dead_end(head);
            }
        }
        for anchor in anchors {
            self.step()?;
            if self.is_signed_by(head, anchor.certificate())? {
                self.finish(anchor)?;
            }
        }
        for issuer in issuers {
            self.step()?;
            let maximum = self.validator.budget.path_certificates;
            if self.path.len() >= maximum {
                self.notes
                    .fell(issuer, PathError::PathTooLong { maximum }, None);
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

    /// Judges the path as it stands, which `anchor` completes, and offers it if it is in order.
    fn finish(&mut self, anchor: &TrustAnchor) -> ControlFlow<Stop> {
        let terms = check::Terms {
            at: self.validator.at,
            inputs: self.validator.inputs,
            budget: self.validator.budget,
            spending: self.spending,
        };
        match check::check(&self.path, anchor, terms) {
            Ok(()) => {}
            Err(fatal @ PathError::BudgetExhausted { .. }) => {
                return ControlFlow::Break(Stop::Fatal(fatal));
            }
            Err(error) => {
                self.notes
                    .fell(anchor.certificate(), error, Some((&self.path, anchor)));
                return ControlFlow::Continue(());
            }
        }
        if let Err(exhausted) = self.spending.path(self.validator.budget) {
            return ControlFlow::Break(Stop::Fatal(exhausted));
        }
        self.remember();
        let path = ValidatedPath {
            certificates: self.path.iter().copied().cloned().collect(),
            anchor: anchor.clone(),
            at: self.validator.at,
            inputs: self.validator.inputs.clone(),
        };
        match (self.offer)(path) {
            ControlFlow::Break(()) => ControlFlow::Break(Stop::Taken),
            ControlFlow::Continue(()) => ControlFlow::Continue(()),
        }
    }

    /// What was computed of the certificates on the path, which an anchor vouches for.
    fn remember(&self) {
        let Some(memory) = self.validator.memory else {
            return;
        };
        for computed in self.signatures.iter().filter(|computed| computed.is_right) {
            if let Some(fact) = computed.fact
                && self.path.contains(&computed.certificate)
            {
                memory.remember(fact);
            }
        }
    }

    fn anchors_above(&self, head: &Certificate) -> Vec<&'a TrustAnchor> {
        let mut candidates: Vec<&'a TrustAnchor> = self
            .validator
            .anchors
            .named(head.issuer())
            .filter(|anchor| self.validator.accepts.is_none_or(|accepts| accepts(anchor)))
            .filter(|anchor| !self.is_on_path(anchor.certificate()))
            .collect();
        if candidates.len() > 1 {
            candidates.sort_by_cached_key(|anchor| self.preference(head, anchor.certificate()));
        }
        candidates
    }

    fn issuers_above(&self, head: &Certificate) -> Vec<&'a Certificate> {
        let mut candidates = self.intermediates.named_issuer_of(head);
        candidates.retain(|issuer| !self.is_on_path(issuer));
        if candidates.len() > 1 {
            candidates.sort_by_cached_key(|issuer| self.preference(head, issuer));
        }
        candidates
    }

    /// Whether `candidate` would close a loop: the same certificate again, or the same name and key
    /// again above the end entity (RFC 4158 §2.4.1, §5.2). Leaving out everything between the two gives a
    /// path that is accepted if the longer one is, and that is tried as well.
    fn is_on_path(&self, candidate: &Certificate) -> bool {
        self.path.contains(&candidate)
            || self.path.iter().skip(1).any(|issuer| {
                issuer.public_key().spki_der() == candidate.public_key().spki_der()
                    && issuer.subject().matches(candidate.subject())
            })
    }

    /// Lower is tried first: key identifiers that agree, then one missing, then a mismatch, which is a
    /// hint and no proof (RFC 4158 §3.5.12); within each, certificates that are valid now, then those that
    /// are signed with an algorithm that suffices, then the one that was issued last.
    fn preference(&self, head: &Certificate, issuer: &Certificate) -> (u8, bool, bool, i64) {
        let key_id = match (head.authority_key_id(), issuer.subject_key_id()) {
            (Some(wanted), Some(offered)) if wanted == offered => 0,
            (Some(_), Some(_)) => 2,
            (Some(_), None) | (None, _) => 1,
        };
        let at = self.validator.at;
        let is_weak = issuer.signature_algorithm().is_none_or(|algorithm| {
            let key = issuer.public_key().algorithm();
            algorithm.weakness(key, at).is_some()
        });
        (
            key_id,
            check::validity(issuer, at).is_err(),
            is_weak,
            issuer.not_before().as_unix_seconds().saturating_neg(),
        )
    }

    /// Whether `issuer`'s key made the signature on `child`. A failure is noted.
    fn is_signed_by(
        &mut self,
        child: &'a Certificate,
        issuer: &'a Certificate,
    ) -> ControlFlow<Stop, bool> {
        let key = issuer.public_key();
        let known = self.signatures.iter().find(|computed| {
            computed.certificate == child && computed.key.spki_der() == key.spki_der()
        });
        if let Some(known) = known {
            return ControlFlow::Continue(known.is_right);
        }
        let memory = self
            .validator
            .memory
            .filter(|_| self.validator.remember == Remember::EndEntityToo || is_ca(child));
        let fact = memory.map(|_| Fact::of(child, key));
        if let (Some(memory), Some(fact)) = (memory, fact)
            && memory.knows(fact)
        {
            return ControlFlow::Continue(true);
        }
        if let Err(exhausted) = self.spending.signature_check(self.validator.budget) {
            return ControlFlow::Break(Stop::Fatal(exhausted));
        }
        let result = child.verify_signature(key);
        self.signatures.push(Computed {
            certificate: child,
            key,
            is_right: result.is_ok(),
            fact,
        });
        if let Err(error) = &result {
            self.notes.fell(issuer, failure(child, issuer, error), None);
        }
        ControlFlow::Continue(result.is_ok())
    }

    fn step(&mut self) -> ControlFlow<Stop> {
        match self.spending.step(self.validator.budget) {
            Ok(()) => ControlFlow::Continue(()),
            Err(exhausted) => ControlFlow::Break(Stop::Fatal(exhausted)),
        }
    }
}

fn is_ca(certificate: &Certificate) -> bool {
    certificate
        .basic_constraints()
        .is_some_and(|constraints| constraints.is_ca)
}

fn failure(child: &Certificate, issuer: &Certificate, error: &IssuerSignatureError) -> PathError {
    let serial = child.serial().clone();
    match error {
        IssuerSignatureError::Verify(VerifyError::BadSignature) => PathError::BadSignature {
            serial,
            issuer: issuer.subject().to_string(),
        },
        IssuerSignatureError::UnsupportedAlgorithm(_) | IssuerSignatureError::Verify(_) => {
            PathError::UnsupportedAlgorithm {
                serial,
                oid: child.signature_algorithm_oid().clone(),
            }
        }
    }
}

/// What may lie between, found by name. Few are looked through; for many an index is made.
enum Intermediates<'a> {
    Few(&'a [Certificate]),
    Many(HashMap<&'a [u8], Vec<&'a Certificate>>),
}

impl<'a> Intermediates<'a> {
    /// Up to here looking through is cheaper than making an index.
    const FEW: usize = 8;

    fn new(certificates: &'a [Certificate]) -> Self {
        if certificates.len() <= Self::FEW {
            return Self::Few(certificates);
        }
        let mut index: HashMap<&[u8], Vec<&Certificate>> = HashMap::new();
        for certificate in certificates {
            let key = certificate.subject().comparison_key();
            index.entry(key).or_default().push(certificate);
        }
        Self::Many(index)
    }

    /// Those whose subject is the issuer of `head`.
    fn named_issuer_of(&self, head: &Certificate) -> Vec<&'a Certificate> {
        let wanted = head.issuer();
        match self {
            Self::Few(certificates) => certificates
                .iter()
                .filter(|certificate| certificate.subject().matches(wanted))
                .collect(),
            Self::Many(_) if wanted.is_empty() => Vec::new(),
            Self::Many(index) => index
                .get(wanted.comparison_key())
                .cloned()
                .unwrap_or_default(),
        }
    }
}
