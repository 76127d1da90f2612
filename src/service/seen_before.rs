//! Remembers credentials that were presented before: what they say and who is proven to have signed them, by the
//! digest of their bytes. Both follow from the bytes alone. Whether they are still in force, and who recognises
//! their issuer's CA, is asked anew each time.

use std::collections::HashMap;
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

/// What is remembered. Of what is full the older half is forgotten, and what is asked for again moves to the younger.
#[derive(Debug, Default)]
pub(in crate::service) struct SeenBefore(Mutex<Generations>);

#[derive(Debug, Default)]
struct Generations {
    young: Generation,
    old: Generation,
}

#[derive(Debug, Default)]
struct Generation {
    known: HashMap<Sha256, Known>,
    bytes: usize,
}

impl SeenBefore {
    /// What is known of the bytes of that digest.
    pub(in crate::service) fn find(&self, digest: &Sha256) -> Option<Known> {
        let mut generations = self.generations();
        if let Some(known) = generations.young.known.get(digest) {
            return Some(known.clone());
        }
        let known = generations.old.known.remove(digest)?;
        generations.remember(*digest, known.clone());
        Some(known)
    }

    /// Remembers a credential whose signature was found to be intact.
    pub(in crate::service) fn remember(&self, digest: Sha256, known: Known) {
        self.generations().remember(digest, known);
    }

    fn generations(&self) -> MutexGuard<'_, Generations> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Generations {
    fn remember(&mut self, digest: Sha256, known: Known) {
        let bytes = known.credential.jws().as_str().len();
        if self.young.bytes.saturating_add(bytes) > MAX_BYTES {
            self.old = std::mem::take(&mut self.young);
        }
        if self.young.known.insert(digest, known).is_none() {
            self.young.bytes = self.young.bytes.saturating_add(bytes);
        }
    }
}
