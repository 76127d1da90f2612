//! Keeps the record for as long as the operator wants it: erases personal fields, removes events and receipts.

use std::time::Duration;
use std::time::Instant;

use tracing::info;

use crate::clock::Timestamp;
use crate::evidence::audit::SYSTEM;
use crate::service::app::App;
use crate::store::audit::erase::Erasure;
use crate::store::error::StoreError;

/// By how much the clock may be ahead of what was signed before the process began, beside the time that it runs, and be
/// believed: what is removed does not come back.
const BELIEVED_AHEAD: Duration = Duration::from_secs(30 * 24 * 60 * 60);

const DAY_SECONDS: i64 = 24 * 60 * 60;

/// What the clock can be held against.
#[derive(Debug)]
pub(in crate::service) struct Started {
    /// The highest time signed before the process began; absent where nothing was.
    signed: Option<Timestamp>,
    /// When it began, by a clock that nobody sets.
    at: Instant,
}

/// What lost its personal fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Events of the audit trail.
    pub events: u64,
    /// Stored receipts.
    pub receipts: u64,
}

impl App {
    /// Erases operators and matter codes of the audit trail and of stored receipts, on the operator's word. `progress` is
    /// told how many receipts were looked at.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; what was erased until then stays so.
    pub async fn erase_personal_fields(
        &self,
        erasure: &Erasure,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Erased, StoreError> {
        self.erase(erasure, "console", progress).await
    }

    /// Erases the personal fields, and removes the events and receipts, that have been kept for as long as they may be.
    /// None of the three waits for another that fails.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; the next time goes on.
    pub(in crate::service) async fn let_go_of_what_is_due(&self) -> Result<(), StoreError> {
        let settings = &self.settings().audit;
        let (audit, receipts) = (self.store().audit(), self.store().receipts());
        let now = self.believable_now();
        let erased = match settings.keep_personal_for {
            Some(keep_for) => {
                let due = Erasure::Before(now.minus(keep_for));
                self.erase(&due, SYSTEM, &|_seen| {}).await.map(drop)
            }
            None => Ok(()),
        };
        let receipts = match settings.keep_receipts_for {
            Some(keep_for) => receipts.remove_before(day_begin(now, keep_for), now).await,
            None => Ok(0),
        };
        let events = match settings.keep_for {
            Some(keep_for) => audit.remove_before(day_begin(now, keep_for), now).await,
            None => Ok(0),
        };
        for (what, removed) in [("receipts", &receipts), ("events", &events)] {
            if let Ok(removed @ 1..) = removed {
                info!(removed, "removed {what} that had been kept for long enough");
            }
        }
        erased?;
        receipts?;
        events?;
        Ok(())
    }

    /// Notes what the clock can be held against, before anything is signed.
    pub(in crate::service) async fn note_start(&self) -> Result<(), StoreError> {
        let signed = self.store().signing_clock().highest().await?;
        self.inner().started.get_or_init(|| Started {
            signed,
            at: Instant::now(),
        });
        Ok(())
    }

    /// The time, unless the clock is far ahead of all that is known of it.
    fn believable_now(&self) -> Timestamp {
        let started = self.inner().started.get();
        let latest = started.and_then(|started| {
            let signed = started.signed?;
            Some(signed.plus(started.at.elapsed()).plus(BELIEVED_AHEAD))
        });
        latest.map_or_else(|| self.now(), |latest| self.now().min(latest))
    }

    async fn erase(
        &self,
        erasure: &Erasure,
        actor: &str,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Erased, StoreError> {
        let (now, receipts) = (self.now(), self.store().receipts());
        Ok(Erased {
            events: self.store().audit().erase(erasure, now, actor).await?,
            receipts: receipts.erase(erasure, (now, actor), progress).await?,
        })
    }
}

/// When the day began, in UTC, that was so long ago: what is removed day by day is told once a day.
fn day_begin(now: Timestamp, ago: Duration) -> Timestamp {
    let then = now.minus(ago);
    let seconds = then.as_unix_seconds();
    then.minus(Duration::from_secs(
        seconds.rem_euclid(DAY_SECONDS).unsigned_abs(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_goes_at_midnight() {
        let day = Duration::from_secs(24 * 60 * 60);
        for now in ["2026-03-02T00:00:00Z", "2026-03-02T23:59:59Z"] {
            let now = Timestamp::parse(now).unwrap();
            let expected = Timestamp::parse("2026-03-01T00:00:00Z").unwrap();
            assert_eq!(day_begin(now, day), expected);
        }
        assert!(day_begin(Timestamp::MIN, day) <= Timestamp::MIN.plus(day));
    }
}
