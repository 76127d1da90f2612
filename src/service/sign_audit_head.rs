//! Signs heads of the audit trail, and copies them to the anchor file.
//!
//! Between two heads lies what can be cut off without a trace: at most [`AuditSettings::head_every`] of time
//! or [`AuditSettings::head_after`] events, and what a crash leaves, until the next start signs it. Answers
//! never wait for a head.

use std::path::Path;
use std::path::PathBuf;
use std::time::Duration;

use tracing::error;
use tracing::warn;

use crate::clock::Timestamp;
use crate::evidence::audit::chain::ChainTip;
use crate::evidence::audit::head::HeadError;
use crate::evidence::audit::head::MAX_SEGMENTS;
use crate::evidence::audit::head::SignedHead;
use crate::service::app::App;
use crate::service::sign_receipt::SigningTimeError;
use crate::store::audit::anchor;
use crate::store::audit::anchor::AnchorEnd;
use crate::store::audit::anchor::AnchorError;
use crate::store::audit::head::KeepHeadError;
use crate::store::audit::head::StoredHead;
use crate::store::error::StoreError;

/// How the audit trail is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditSettings {
    /// Where signed heads are copied to; `None`: nowhere.
    pub anchor_file: Option<PathBuf>,
    /// At least so often a head is signed while there is something new.
    pub head_every: Duration,
    /// And after so many events.
    pub head_after: u64,
    /// How long events are kept; `None`: for ever.
    pub keep_for: Option<Duration>,
    /// How long personal fields are kept; `None`: for ever.
    pub keep_personal_for: Option<Duration>,
    /// How long receipts are kept; `None`: for ever.
    pub keep_receipts_for: Option<Duration>,
}

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

impl Default for AuditSettings {
    fn default() -> Self {
        Self {
            anchor_file: None,
            head_every: Duration::from_secs(60),
            head_after: 10_000,
            keep_for: None,
            keep_personal_for: Some(3 * YEAR),
            keep_receipts_for: Some(10 * YEAR),
        }
    }
}

/// Why no head was signed or anchored.
#[derive(Debug, thiserror::Error)]
pub enum SignAuditHeadError {
    /// The anchor file could not be continued; the head is in the database.
    #[error("the anchor file could not be continued")]
    Anchor(#[from] AnchorError),
    /// The work was cut off.
    #[error("writing the anchor file was cut off")]
    CutOff,
    /// The head could not be signed or kept.
    #[error("the head could not be kept")]
    Keep(#[from] KeepHeadError),
    /// The database failed.
    #[error("the audit trail could not be read")]
    Store(#[from] StoreError),
    /// The clock cannot be relied on.
    #[error("the head was not signed")]
    Time(#[from] SigningTimeError),
}

/// What is known of heads and of the anchor file.
#[derive(Debug, Default)]
pub(in crate::service) struct Anchored {
    /// Whether what others left unsigned was signed once.
    looked_for_left: bool,
    /// The last head that is known to be in the anchor file.
    up_to: Option<u64>,
}

/// How often is looked whether a head is due.
const LOOK_EVERY: Duration = Duration::from_millis(500);

impl App {
    /// Signs heads for as long as the process runs; what fails is tried again the next time.
    pub async fn keep_audit_heads(&self) {
        let settings = &self.settings().audit;
        let mut looks = tokio::time::interval(LOOK_EVERY);
        let mut signed_at: Option<Timestamp> = None;
        let mut failed = false;
        loop {
            looks.tick().await;
            let now = self.now();
            let is_time =
                signed_at.is_none_or(|at| now < at || now.since(at) >= settings.head_every);
            // What failed is not tried twice a second.
            let is_much = !failed && self.store().audit().grown_by() >= settings.head_after;
            if !is_time && !is_much {
                continue;
            }
            signed_at = Some(now);
            let signing = self.sign_audit_head().await;
            failed = signing.is_err();
            match signing {
                Ok(_) => {}
                Err(SignAuditHeadError::Anchor(error)) => {
                    error!(%error, "the audit trail is not anchored: `yinxin audit verify` tells more");
                }
                Err(error) => {
                    warn!(%error, "the end of the audit trail is not signed: it is tried again");
                }
            }
        }
    }

    /// Signs a head over what this process told the audit trail since the last one, and, the first time, over
    /// what others left unsigned; then brings the anchor file up to date. Gives how many heads were signed:
    /// none where there was nothing new.
    ///
    /// # Errors
    /// [`SignAuditHeadError`] says which step failed; the next call makes up for it.
    pub async fn sign_audit_head(&self) -> Result<usize, SignAuditHeadError> {
        let mut anchored = self.inner().anchored.lock().await;
        let mut tips = self.store().audit().grown();
        if tips.is_empty() {
            return Ok(0);
        }
        if !anchored.looked_for_left {
            let left = self.store().audit().unsigned().await?;
            let is_known = |tip: &ChainTip| tips.iter().any(|known| known.segment == tip.segment);
            let left: Vec<ChainTip> = left.into_iter().filter(|tip| !is_known(tip)).collect();
            tips.extend(left);
            anchored.looked_for_left = true;
        }
        let at = self.signing_time().await?;
        let mut heads = 0;
        for tips in tips.chunks(MAX_SEGMENTS) {
            let sign = |previous| -> Result<SignedHead, HeadError> {
                SignedHead::sign(
                    &self.settings().public_url,
                    at.as_unix_seconds(),
                    previous,
                    tips,
                    &self.keys().receipt.key,
                )
            };
            self.store().audit().keep_head(at, tips, sign).await?;
            heads += 1;
        }
        if let Some(path) = &self.settings().audit.anchor_file {
            let anchoring = self.anchor(path, anchored.up_to).await;
            // After a failure only the file itself tells how far it got.
            anchored.up_to = anchoring.as_ref().ok().copied();
            anchoring?;
        }
        Ok(heads)
    }

    /// The number of the last head in the anchor file; 0 where there is none, or no file.
    ///
    /// # Errors
    /// [`SignAuditHeadError::Anchor`] when the file cannot be continued.
    pub async fn anchor_state(&self) -> Result<u64, SignAuditHeadError> {
        match &self.settings().audit.anchor_file {
            None => Ok(0),
            Some(path) => {
                let end = in_background(path, |path| anchor::read_end(&path)).await?;
                self.anchored_up_to(&end).await
            }
        }
    }

    /// Appends to the anchor file what the database has beyond its last head, which is `up_to` if that is
    /// known; gives which is its last then.
    async fn anchor(&self, path: &Path, up_to: Option<u64>) -> Result<u64, SignAuditHeadError> {
        let mut end = in_background(path, |path| anchor::read_end(&path)).await?;
        let mut after = match up_to {
            // Somebody took the file away, or emptied it: that is for `audit verify` to tell.
            Some(up_to) => up_to,
            None => self.anchored_up_to(&end).await?,
        };
        loop {
            let heads = self.store().audit().heads(after, HEADS_AT_A_TIME).await?;
            let Some(last) = heads.last() else {
                return Ok(after);
            };
            after = last.number;
            let known = std::mem::take(&mut end);
            in_background(path, move |path| anchor::append(&path, &known, &heads)).await?;
        }
    }

    /// The number of the last head in an anchor file that ends so, which must be the one in the database.
    async fn anchored_up_to(&self, end: &AnchorEnd) -> Result<u64, SignAuditHeadError> {
        if end.last.is_empty() {
            return Ok(0);
        }
        let keys = [self.keys().receipt.key.public_key().clone()];
        // The key may have been changed since: then the line has to be found by its text.
        let number = match SignedHead::verify(&end.last, &keys) {
            Ok(head) => head.number(),
            Err(HeadError::OtherKey) => self.store().audit().number_of(&end.last).await?,
            Err(_) => return Err(AnchorError::Diverged.into()),
        };
        let before = number.saturating_sub(1);
        let known = self.store().audit().heads(before, 1).await?;
        let is_that = |head: &StoredHead| head.number == number && head.compact == end.last;
        if known.first().is_some_and(is_that) {
            Ok(number)
        } else {
            Err(AnchorError::Diverged.into())
        }
    }
}

/// Heads copied at a time.
const HEADS_AT_A_TIME: u32 = 1_000;

/// Reading and writing a file blocks, and waiting for a disk does for long.
async fn in_background<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce(PathBuf) -> Result<T, AnchorError> + Send + 'static,
) -> Result<T, SignAuditHeadError> {
    let path = path.to_owned();
    let worked = tokio::task::spawn_blocking(move || work(path)).await;
    Ok(worked.map_err(|_panicked| SignAuditHeadError::CutOff)??)
}
