//! Memory of what was proven: "this key signed these bytes".
//!
//! That is a fact of mathematics. It does not age, and it says nothing of dates, constraints or trust, which
//! are judged anew each time. Only successes are held, only of certificates on paths that reached a trust
//! anchor, and only for as long as there is room: to forget costs one signature check and nothing else.

use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::crypto::public_key::PublicKey;
use crate::pki::certificate::Certificate;

/// Facts held at most, by default: some 5 MB. China has about 60 licensed CAs; a busy service meets
/// thousands of CA and issuer certificates, not hundreds of thousands.
const DEFAULT_CAPACITY: usize = 65_536;

/// A bounded set of facts, shared between threads.
///
/// A fact that is asked for stays; when the newer half is full, the older half is forgotten at once.
#[derive(Debug)]
pub struct ProvenSignatures {
    generations: Mutex<Generations>,
    generation_capacity: usize,
}

#[derive(Debug, Default)]
struct Generations {
    newer: HashSet<Sha256>,
    older: HashSet<Sha256>,
}

/// The digest of signature algorithm, key, signed bytes and signature value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Fact(Sha256);

impl Fact {
    /// That `issuer_key` signed `certificate`.
    ///
    /// The signed bytes begin with the algorithm (RFC 5280 §4.1.2.3), which is the outer one: a certificate
    /// in which the two differ is not read. Every piece is preceded by its length.
    pub(super) fn of(certificate: &Certificate, issuer_key: &PublicKey) -> Self {
        let pieces = [
            issuer_key.spki_der(),
            certificate.tbs_der(),
            certificate.signature(),
        ];
        let mut bytes = Vec::with_capacity(
            pieces
                .iter()
                .map(|piece| piece.len().saturating_add(8))
                .sum(),
        );
        for piece in pieces {
            bytes.extend_from_slice(&piece.len().to_be_bytes());
            bytes.extend_from_slice(piece);
        }
        Self(sha256(&bytes))
    }
}

impl ProvenSignatures {
    /// Holds at most `capacity` facts; none if there is room for one only.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            generations: Mutex::default(),
            generation_capacity: capacity / 2,
        }
    }

    /// How many facts are held.
    #[must_use]
    pub fn len(&self) -> usize {
        let generations = self.locked();
        generations.newer.union(&generations.older).count()
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(super) fn knows(&self, fact: Fact) -> bool {
        let mut generations = self.locked();
        if generations.newer.contains(&fact.0) {
            return true;
        }
        let known = generations.older.contains(&fact.0);
        if known {
            self.insert(&mut generations, fact);
        }
        known
    }

    pub(super) fn remember(&self, fact: Fact) {
        self.insert(&mut self.locked(), fact);
    }

    fn insert(&self, generations: &mut Generations, fact: Fact) {
        if self.generation_capacity == 0 {
            return;
        }
        if generations.newer.len() >= self.generation_capacity {
            generations.older = std::mem::take(&mut generations.newer);
        }
        generations.newer.insert(fact.0);
    }

    /// A thread that panicked holding the lock leaves a set of true facts behind.
    fn locked(&self) -> std::sync::MutexGuard<'_, Generations> {
        self.generations
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for ProvenSignatures {
    fn default() -> Self {
        Self::new(DEFAULT_CAPACITY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(number: u8) -> Fact {
        Fact(sha256(&[number]))
    }

    #[test]
    fn what_was_remembered_is_known_and_nothing_else() {
        let memory = ProvenSignatures::new(10);
        assert!(memory.is_empty());
        memory.remember(fact(1));
        assert!(memory.knows(fact(1)));
        assert!(!memory.knows(fact(2)));
        assert_eq!(memory.len(), 1);
    }

    #[test]
    fn it_never_grows_beyond_its_capacity_and_keeps_what_is_asked_for() {
        let memory = ProvenSignatures::new(8);
        memory.remember(fact(0));
        for number in 1..=200 {
            memory.remember(fact(number));
            assert!(memory.len() <= 8);
            assert!(memory.knows(fact(0)), "{number}");
        }
        assert!(!memory.knows(fact(1)));
    }
}
