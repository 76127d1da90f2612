//! Keeps in memory what hardly ever changes: the keys that were admitted, with whom they belong to, and the issuer
//! register; for as long as a glance at the database tells that they have the same version.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use tokio::sync::OnceCell;

use crate::clock::Timestamp;
use crate::registry::issuer::IssuerEntry;
use crate::service::app::App;
use crate::service::authenticate::Found;
use crate::store::callers::is_use_due;
use crate::store::error::StoreError;
use crate::store::glance::Glance;

/// The registers as they were at one version.
#[derive(Default)]
pub(in crate::service) struct Registers {
    version: u64,
    /// By the tags of whole keys, so that nobody learns from the time of a refusal whether a key's visible part
    /// is known. There are as many as keys in force.
    admitted: Mutex<HashMap<[u8; 32], Found>>,
    issuers: OnceCell<Arc<Vec<IssuerEntry>>>,
}

impl Registers {
    /// What is recorded of the key of this tag, if it was admitted. If its use is to be written down, whoever asks is
    /// to do that, and nobody else until it is due again.
    pub(in crate::service) fn admitted(&self, tag: &[u8; 32], now: Timestamp) -> Option<Found> {
        let mut admitted = self.keys();
        let found = admitted.get_mut(tag)?;
        let before = found.clone();
        if is_use_due(&before.0, now) {
            found.0.last_used_at = Some(now);
        }
        Some(before)
    }

    /// Remembers a key that was admitted, and whose use is being written down.
    pub(in crate::service) fn admit(&self, found: &Found, now: Timestamp) {
        let mut found = found.clone();
        if is_use_due(&found.0, now) {
            found.0.last_used_at = Some(now);
        }
        self.keys().insert(found.0.tag, found);
    }

    fn keys(&self) -> MutexGuard<'_, HashMap<[u8; 32], Found>> {
        self.admitted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// The registers as they are at the version that was glanced. What is read for them is read after the
    /// glance, and so is never older than that version.
    pub(in crate::service) fn registers(&self, glance: &Glance) -> Arc<Registers> {
        let known = self.inner().registers.load_full();
        if known.version == glance.registers {
            return known;
        }
        let registers = Arc::new(Registers {
            version: glance.registers,
            ..Registers::default()
        });
        self.inner().registers.store(Arc::clone(&registers));
        registers
    }

    /// The issuer register, read once a version.
    pub(in crate::service) async fn issuers_of(
        &self,
        registers: &Registers,
    ) -> Result<Arc<Vec<IssuerEntry>>, StoreError> {
        let read = async || Ok(Arc::new(self.issuers().await?));
        registers.issuers.get_or_try_init(read).await.cloned()
    }
}
