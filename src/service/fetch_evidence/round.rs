//! Fetches what is due, stores what is good, and puts off what failed.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tracing::info;
use tracing::warn;

use crate::crypto::digest::sha256;
use crate::crypto::random;
use crate::service::app::App;
use crate::service::fetch_evidence::describe;
use crate::service::fetch_evidence::describe::Described;
use crate::service::fetch_evidence::describe::EvidenceContent;
use crate::service::fetch_evidence::download::Download;
use crate::service::fetch_evidence::download::Order;
use crate::service::fetch_evidence::error::FetchError;
use crate::service::fetch_evidence::schedule::after_failure;
use crate::service::fetch_evidence::schedule::ends_at;
use crate::store::error::StoreError;
use crate::store::evidence::Claim;
use crate::store::evidence::EvidenceSource;
use crate::store::evidence::Hastened;
use crate::store::evidence::NewEvidence;
use crate::store::evidence::SourceState;
use crate::store::evidence::Stored;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::TrustStore;

/// How long a source is ours: longer than one attempt may take (at most 240 s, see `[evidence]`), so that
/// another node takes over only from one that went away.
const OURS_FOR: Duration = Duration::from_secs(5 * 60);

/// Clocks of CAs and ours may differ by so much.
const TOLERATED_CLOCK_DIFFERENCE: Duration = Duration::from_secs(5 * 60);

/// While something is fetched, what became due meanwhile is looked for this often.
const LOOK_AGAIN: Duration = Duration::from_secs(2);

/// How often the loop looks for what is due and for what other nodes have stored.
const POLL: Duration = Duration::from_secs(5);

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Round {
    /// Evidence that is new.
    pub stored: usize,
    /// Evidence that was there already.
    pub unchanged: usize,
    /// Attempts that failed.
    pub failed: usize,
}

/// What came of one attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Stored,
    Unchanged,
    Failed,
}

/// Why an attempt came to nothing.
enum Trouble {
    Fetch(FetchError),
    Store(StoreError),
}

impl From<FetchError> for Trouble {
    fn from(error: FetchError) -> Self {
        Self::Fetch(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Round {
    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Stored => self.stored += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Failed => self.failed += 1,
        }
    }
}

impl App {
    /// Fetches whatever is due until nothing is, several at a time, and takes up what was stored.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails. What could not be fetched is no error: it is counted,
    /// logged and tried again.
    pub async fn fetch_due_evidence(&self) -> Result<Round, StoreError> {
        self.pin_evidence().await?;
        let concurrency = self.settings().evidence.concurrency;
        let (mut round, mut running) = (Round::default(), JoinSet::new());
        let mut broken = None;
        loop {
            let room = concurrency.saturating_sub(running.len());
            if room > 0 && broken.is_none() {
                match self.claim_evidence(room).await {
                    Ok(claims) => claims.into_iter().for_each(|claim| {
                        let app = self.clone();
                        running.spawn(async move { app.attempt(&claim).await });
                    }),
                    // What is under way is brought to its end first.
                    Err(error) => broken = Some(error),
                }
            }
            tokio::select! {
                ended = running.join_next() => match ended {
                    None => break,
                    Some(Ok(Ok(outcome))) => round.count(outcome),
                    Some(Ok(Err(error))) => broken = Some(error),
                    Some(Err(_panicked)) => round.count(Outcome::Failed),
                },
                () = self.inner().evidence.wake.notified() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => self.reload_evidence().await?,
            }
        }
        self.reload_evidence().await?;
        broken.map_or(Ok(round), Err)
    }

    async fn claim_evidence(&self, room: usize) -> Result<Vec<Claim>, StoreError> {
        let now = self.now();
        let room = u32::try_from(room).unwrap_or(u32::MAX);
        let store = self.store().evidence();
        store.claim(now, now.plus(OURS_FOR), room).await
    }

    /// Fetches what is due for as long as the process runs, woken by what is queued; what fails is tried
    /// again. Dropped, it leaves what was stored before.
    pub async fn keep_evidence(&self) {
        let mut rounds = tokio::time::interval(POLL);
        rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = rounds.tick() => {}
                () = self.inner().evidence.wake.notified() => {}
            }
            if let Err(error) = self.fetch_due_evidence().await {
                warn!(%error, "fetching evidence failed: it is tried again in some seconds");
            }
        }
    }

    /// Makes sources due that are not, for an operator who has repaired something.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn hasten_evidence(&self, which: Hastened) -> Result<(), StoreError> {
        self.pin_evidence().await?;
        self.store().evidence().hasten(which, self.now()).await
    }

    /// All sources and how they do.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn evidence_sources(&self) -> Result<Vec<SourceState>, StoreError> {
        self.store().evidence().list().await
    }

    async fn attempt(&self, claim: &Claim) -> Result<Outcome, StoreError> {
        let source = &claim.source;
        let (ca, kind, url) = (source.ca(), source.kind().name(), source.url());
        let counts = &self.inner().evidence.counts;
        match self.try_to_fetch(claim).await {
            Ok((Stored::Replaced, size)) => {
                counts.count(source.kind(), "stored");
                info!(ca.id = %ca, evidence.kind = kind, size_bytes = size, "stored the evidence of {ca} from {url}");
                Ok(Outcome::Stored)
            }
            Ok((Stored::Unchanged | Stored::Forgotten, _)) => {
                counts.count(source.kind(), "unchanged");
                Ok(Outcome::Unchanged)
            }
            Ok((Stored::Older, _)) => self.put_off(claim, &FetchError::Older).await,
            Ok((Stored::UnknownSigner, _)) => self.put_off(claim, &FetchError::UnknownSigner).await,
            Err(Trouble::Fetch(error)) => self.put_off(claim, &error).await,
            Err(Trouble::Store(error)) => Err(error),
        }
    }

    async fn put_off(&self, claim: &Claim, error: &FetchError) -> Result<Outcome, StoreError> {
        let source = &claim.source;
        let (ca, kind, url) = (source.ca(), source.kind().name(), source.url());
        self.inner()
            .evidence
            .counts
            .count(source.kind(), error.code());
        let now = self.now();
        let next = after_failure(claim.failures, now, self.draw());
        warn!(
            ca.id = %ca, evidence.kind = kind, evidence.error = error.code(), failures = claim.failures + 1,
            "no evidence of {ca} from {url}: {error}; next attempt at {next}"
        );
        let store = self.store().evidence();
        store.fail(claim, &error.told(), next, now).await?;
        Ok(Outcome::Failed)
    }

    async fn try_to_fetch(&self, claim: &Claim) -> Result<(Stored, usize), Trouble> {
        let trust = self.trust();
        let ca = trust.store(claim.source.ca());
        let rules = &ca.ok_or(FetchError::UnknownCa)?.evidence;
        let fetched = self.fetch(&claim.source, &trust).await?;
        let (described, body) = (fetched.described, fetched.body);
        let now = self.now();
        let this_update = described.this_update;
        if this_update > now.plus(TOLERATED_CLOCK_DIFFERENCE) {
            return Err(FetchError::FromTheFuture { this_update }.into());
        }
        let ends_at = ends_at(this_update, described.next_update, rules);
        let pace = self.settings().evidence.pace;
        let next = pace.after_success(this_update, ends_at, now, self.draw());
        let size = body.len();
        let new = NewEvidence {
            sha256: sha256(&body),
            body,
            crl_number: described.crl_number,
            signer: described.signer,
            this_update,
            next_update: described.next_update,
        };
        let store = self.store().evidence();
        Ok((store.succeed(claim, &new, next, now).await?, size))
    }

    /// Fetches and reads on a thread of its own, which ends by itself; nobody waits for it longer than for
    /// one answer, and there are never more such threads than fetch at a time.
    async fn fetch(
        &self,
        source: &EvidenceSource,
        trust: &Arc<TrustSet>,
    ) -> Result<Fetched, FetchError> {
        let slots = Arc::clone(&self.inner().evidence.slots);
        let slot = slots.acquire_owned().await;
        let slot = slot.map_err(|_closed| FetchError::CutOff)?;
        let work = Work {
            download: Arc::clone(&self.parts().download),
            source: source.clone(),
            trust: Arc::clone(trust),
            _slot: slot,
        };
        let (tell, told) = oneshot::channel();
        // Not a blocking task of the runtime: the end of the process would wait for it.
        let spawned = std::thread::Builder::new()
            .name("evidence".to_owned())
            .spawn(move || {
                // Nobody listens any more once the time is over.
                let _ = tell.send(work.run());
            });
        spawned.map_err(|_no_thread| FetchError::CutOff)?;
        match tokio::time::timeout(self.settings().evidence.patience, told).await {
            Ok(Ok(fetched)) => fetched,
            Ok(Err(_panicked)) => Err(FetchError::CutOff),
            Err(_elapsed) => Err(FetchError::TimedOut),
        }
    }

    fn draw(&self) -> u16 {
        // Without randomness nodes may only come to ask at the same time.
        random::array(self.parts().random.as_ref()).map_or(0, u16::from_be_bytes)
    }
}

/// Bytes and what they say.
struct Fetched {
    described: Described,
    body: Vec<u8>,
}

/// Everything that one attempt needs away from the application.
struct Work {
    download: Arc<dyn Download>,
    source: EvidenceSource,
    trust: Arc<TrustSet>,
    _slot: OwnedSemaphorePermit,
}

impl Work {
    fn run(&self) -> Result<Fetched, FetchError> {
        let ca = self.ca()?;
        let order = Order {
            url: self.source.url().clone(),
            ocsp_request: describe::ocsp_request(&self.source)?,
            rules: ca.evidence.clone(),
        };
        let body = self.download.download(&order)?;
        let content = EvidenceContent::parse(self.source.kind(), body)?;
        Ok(Fetched {
            described: content.describe(&self.source, &ca.anchors)?,
            body: content.der().to_vec(),
        })
    }

    fn ca(&self) -> Result<&TrustStore, FetchError> {
        let ca = self.trust.store(self.source.ca());
        ca.ok_or(FetchError::UnknownCa)
    }
}
