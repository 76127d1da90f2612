//! Remembers credentials that were presented before: what they say and who is proven to have signed them, by the
//! digest of their bytes. Both follow from the bytes alone. Whether they are still in force, and who recognises
//! their issuer's CA, is asked anew each time.

use std::collections::HashMap;
use std::collections::hash_map::IntoValues;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use crate::credential::sd_jwt_vc::parse::SdJwt;
use crate::crypto::digest::Sha256;
use crate::validation::report::DocumentInfo;

/// Bytes of credentials in each of two generations: some 1,400 of ours. Parsed they take about five times as much.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// A credential whose signature is intact.
#[derive(Debug, Clone)]
pub(in crate::service) struct Known {
    /// What was parsed; it holds the key that is proven to have signed it.
    pub(in crate::service) credential: Arc<SdJwt>,
    /// Its size and digests.
    pub(in crate::service) info: DocumentInfo,
}

/// What is remembered.
#[derive(Debug, Default)]
pub(in crate::service) struct SeenBefore(Mutex<Generations<Known>>);

impl SeenBefore {
    /// What is known of the bytes of that digest.
    pub(in crate::service) fn find(&self, digest: &Sha256) -> Option<Known> {
        self.generations().find(digest)
    }

    /// Remembers a credential whose signature was found to be intact.
    pub(in crate::service) fn remember(&self, digest: Sha256, known: Known) {
        let bytes = known.credential.jws().as_str().len();
        self.generations().remember(digest, (known, bytes));
    }

    fn generations(&self) -> MutexGuard<'_, Generations<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How many of the forgotten are freed with each that is remembered: they are gone before half as many are young again,
/// and nobody waits for all of them.
const FREED_AT_ONCE: usize = 2;

/// When the young are full, they become the old, and who is old is forgotten. Whatever is asked for becomes young.
#[derive(Debug)]
struct Generations<V> {
    young: HashMap<Sha256, (V, usize)>,
    /// Of the young.
    bytes: usize,
    old: HashMap<Sha256, (V, usize)>,
    /// Those that still take room.
    forgotten: IntoValues<Sha256, (V, usize)>,
}

impl<V> Default for Generations<V> {
    fn default() -> Self {
        Self {
            young: HashMap::new(),
            bytes: 0,
            old: HashMap::new(),
            forgotten: HashMap::new().into_values(),
        }
    }
}

impl<V: Clone> Generations<V> {
    fn find(&mut self, digest: &Sha256) -> Option<V> {
        if let Some((value, _)) = self.young.get(digest) {
            return Some(value.clone());
        }
        let found = self.old.remove(digest)?;
        let value = found.0.clone();
        self.remember(*digest, found);
        Some(value)
    }

    /// Remembers what takes so many bytes.
    fn remember(&mut self, digest: Sha256, (value, bytes): (V, usize)) {
        if self.bytes.saturating_add(bytes) > MAX_BYTES {
            let old = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
            self.forgotten = old.into_values();
            self.bytes = 0;
        }
        self.forgotten.by_ref().take(FREED_AT_ONCE).for_each(drop);
        if self.young.insert(digest, (value, bytes)).is_none() {
            self.bytes = self.bytes.saturating_add(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A quarter of a generation.
    const QUARTER: usize = MAX_BYTES / 4;

    fn digest(number: u8) -> Sha256 {
        Sha256([number; 32])
    }

    #[test]
    fn what_is_asked_for_outlives_what_is_not() {
        let mut seen = Generations::default();
        for number in 0..4 {
            seen.remember(digest(number), (number, QUARTER));
        }
        // They are old now.
        seen.remember(digest(4), (4, QUARTER));
        assert_eq!(seen.find(&digest(1)), Some(1));
        for number in 5..8 {
            seen.remember(digest(number), (number, QUARTER));
        }
        assert_eq!(seen.find(&digest(1)), Some(1));
        for forgotten in [0, 2, 3] {
            assert_eq!(seen.find(&digest(forgotten)), None);
        }
    }

    #[test]
    fn there_are_never_more_than_two_generations() {
        let mut seen = Generations::default();
        for number in 0..=255 {
            seen.remember(digest(number), (number, QUARTER));
            seen.remember(digest(number), (number, QUARTER));
            assert!(seen.young.len() <= 4 && seen.old.len() <= 4);
            let fresh = seen.young.len() * FREED_AT_ONCE;
            assert!(seen.forgotten.len() <= 4_usize.saturating_sub(fresh));
        }
        assert_eq!(seen.find(&digest(255)), Some(255));
    }
}
