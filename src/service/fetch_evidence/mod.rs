//! Fetches evidence of revocation ahead of time, and never while somebody waits for a verdict
//! (DESIGN.md §4).
//!
//! # From where
//! From the addresses that a CA's `ca.toml` lists, and from those that stand in certificates whose path to
//! an anchor of that CA was validated, if their host is one that its `ca.toml` permits
//! ([`App::queue_first_sight`](crate::service::app::App::queue_first_sight)). [`download`] is the one place
//! that connects; a request only ever writes a row.
//!
//! # When
//! [`schedule`] says when a source is due; a background task of `serve` fetches what is
//! ([`App::keep_evidence`](crate::service::app::App::keep_evidence)). Several nodes share the work through
//! the database, and each takes up what another has stored.
//!
//! # What for
//! What arrives is read and, where the signer is known, verified before it is stored ([`describe`]): this
//! keeps rubbish from replacing evidence. It proves nothing; whoever relies on evidence validates it.
//! [`App::evidence`](crate::service::app::App::evidence) is all that a validation sees.

mod counts;
pub mod describe;
pub mod download;
pub mod error;
pub mod queue;
pub mod resolve;
pub mod round;
pub mod schedule;
pub mod snapshot;

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::Notify;
use tokio::sync::Semaphore;

use crate::service::fetch_evidence::counts::Counts;
use crate::service::fetch_evidence::queue::Noted;
use crate::service::fetch_evidence::schedule::Pace;
use crate::service::fetch_evidence::snapshot::EvidenceSnapshot;
use crate::validation::trust_store::TrustSet;

pub use crate::service::fetch_evidence::counts::EvidenceCount;

/// How evidence is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EvidenceSettings {
    /// How many answers are fetched at a time.
    pub concurrency: usize,
    /// How long one may take, name resolution included.
    pub patience: Duration,
    /// How often they are fetched.
    pub pace: Pace,
    /// How many sources of a kind a CA may have beside those that its `ca.toml` lists.
    pub max_sources_per_ca: u32,
}

impl Default for EvidenceSettings {
    /// The defaults of the configuration.
    fn default() -> Self {
        Self {
            concurrency: 4,
            patience: Duration::from_secs(120),
            pace: Pace {
                min_interval: Duration::from_secs(5 * 60),
                max_interval: Duration::from_secs(6 * 60 * 60),
            },
            max_sources_per_ca: 4096,
        }
    }
}

/// What a process knows of evidence.
pub(in crate::service) struct EvidenceState {
    /// The evidence at hand.
    snapshot: ArcSwap<EvidenceSnapshot>,
    /// What needs not be queued again soon.
    noted: Noted,
    /// Told when something new is queued.
    wake: Notify,
    counts: Counts,
    /// One for each answer that is fetched.
    slots: Arc<Semaphore>,
    /// The trust stores whose lists are pinned.
    pinned: Mutex<Option<Arc<TrustSet>>>,
}

impl EvidenceState {
    pub(in crate::service) fn new(settings: &EvidenceSettings) -> Self {
        Self {
            snapshot: ArcSwap::default(),
            noted: Noted::default(),
            wake: Notify::new(),
            counts: Counts::default(),
            slots: Arc::new(Semaphore::new(settings.concurrency)),
            pinned: Mutex::default(),
        }
    }
}
