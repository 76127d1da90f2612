//! How much each authenticated caller may ask.
//!
//! A token bucket for the minute, of each caller, on each node: kept in memory, so that counting costs no write. With
//! several nodes a caller may ask each of them as much. A daily quota (UTC) holds for all nodes together and over
//! restarts: a node draws some requests of it at a time from the database and lets them in by itself. What a node that
//! ends has drawn and not let in is lost to its caller, at most one [`SHARES`]th of the quota, and as much where the
//! request goes away for which it is drawn. A batch counts as one request; how many documents it holds is limited by
//! its size.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use crate::clock::Clock;
use crate::clock::Timestamp;
use crate::http::token_bucket::Allowance;
use crate::http::token_bucket::Bucket;
use crate::http::token_bucket::Rate;
use crate::registry::caller_terms::Quotas;
use crate::registry::relying_party::RelyingPartyId;
use crate::service::call::Caller;
use crate::store::caller_days::Drawn;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A node draws such a part of a daily quota at a time: small ones one by one.
const SHARES: u32 = 200;

/// And no more than this.
const MAX_DRAWN: u32 = 1_000;

/// The counts of all callers; clones share them. There are as many as the operator added, so they need no
/// bound.
#[derive(Clone)]
pub(in crate::http) struct CallerLimit(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    quotas: Quotas,
    counts: Mutex<HashMap<RelyingPartyId, Counts>>,
}

#[derive(Debug)]
struct Counts {
    /// By which rate the bucket was filled: another one begins with a full bucket.
    rate: Rate,
    bucket: Bucket,
    day: DayCount,
    /// Held by the request that draws; the others wait for what it gets.
    drawing: Arc<tokio::sync::Mutex<()>>,
}

/// What is known of the requests of a day.
#[derive(Debug, Clone, Copy, Default)]
struct DayCount {
    /// Another day, and another quota, begin with nothing drawn.
    of: DailyQuota,
    /// Drawn here, and not let in yet.
    left: u32,
    /// Drawn by all nodes when this one drew last.
    altogether: u32,
}

/// How many requests a day has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::http) struct DailyQuota {
    /// Counted since 1970, in UTC.
    pub(in crate::http) day: i64,
    /// The requests.
    pub(in crate::http) requests: u32,
}

impl CallerLimit {
    #[must_use]
    pub(in crate::http) fn new(quotas: Quotas, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            clock,
            quotas,
            counts: Mutex::new(HashMap::new()),
        }))
    }

    /// Counts a request of `caller`; `draw` draws so many of its day's requests when there are none left here. `None`:
    /// it is limited by its address instead.
    ///
    /// # Errors
    /// That of `draw`.
    pub(in crate::http) async fn take<E>(
        &self,
        caller: &Caller,
        draw: impl AsyncFnOnce(DailyQuota, u32) -> Result<Drawn, E>,
    ) -> Result<Option<Allowance>, E> {
        let Some(quota) = self.0.quotas.of(caller.party.kind, &caller.terms) else {
            return Ok(None);
        };
        let (id, now) = (&caller.party.id, self.0.clock.now());
        let minute = self.take_of_minute(id, Rate::per_minute(quota.per_minute), now);
        let (true, Some(requests)) = (minute.granted, quota.per_day) else {
            return Ok(Some(minute));
        };
        let (day, ends_after) = day_of(now);
        let quota = DailyQuota { day, requests };
        let taken = match self.take_of_day(id, quota, None) {
            Some(taken) => taken,
            None => self.draw_and_take(id, quota, draw).await?,
        };
        // Whichever ends first is what the caller has to mind.
        if taken.granted && taken.remaining >= minute.remaining {
            return Ok(Some(minute));
        }
        Ok(Some(Allowance {
            granted: taken.granted,
            limit: requests,
            remaining: taken.remaining,
            reset_after: ends_after,
        }))
    }

    /// Takes one of the day's requests once the one request that draws has drawn, which may be this one.
    async fn draw_and_take<E>(
        &self,
        id: &RelyingPartyId,
        quota: DailyQuota,
        draw: impl AsyncFnOnce(DailyQuota, u32) -> Result<Drawn, E>,
    ) -> Result<Taken, E> {
        let drawing = self.drawing(id);
        let _alone = drawing.lock().await;
        if let Some(taken) = self.take_of_day(id, quota, None) {
            return Ok(taken);
        }
        let wanted = (quota.requests / SHARES).clamp(1, MAX_DRAWN);
        let drawn = draw(quota, wanted).await?;
        let taken = self.take_of_day(id, quota, Some(drawn));
        Ok(taken.unwrap_or(Taken::NONE))
    }

    fn take_of_minute(&self, id: &RelyingPartyId, rate: Rate, now: Timestamp) -> Allowance {
        let mut counts = self.counts();
        let counted = match counts.get_mut(id) {
            Some(counted) => counted,
            None => counts.entry(id.clone()).or_insert_with(|| Counts {
                rate,
                bucket: rate.full(now),
                day: DayCount::default(),
                drawing: Arc::default(),
            }),
        };
        if counted.rate != rate {
            (counted.rate, counted.bucket) = (rate, rate.full(now));
        }
        rate.take(&mut counted.bucket, now)
    }

    /// Takes one of the day's requests, of which `drawn` came just now. `None`: there are none here, and there may be
    /// more.
    fn take_of_day(
        &self,
        id: &RelyingPartyId,
        of: DailyQuota,
        drawn: Option<Drawn>,
    ) -> Option<Taken> {
        let mut counts = self.counts();
        let count = &mut counts.get_mut(id)?.day;
        if of.day < count.of.day {
            // Midnight passed while it was drawn; those that come now have another day.
            return drawn.map(|drawn| Taken {
                granted: drawn.granted > 0,
                remaining: 0,
            });
        }
        if count.of != of {
            *count = DayCount {
                of,
                ..DayCount::default()
            };
        }
        if let Some(drawn) = drawn {
            count.left = count.left.saturating_add(drawn.granted);
            count.altogether = count.altogether.max(drawn.altogether);
        }
        let elsewhere = of.requests.saturating_sub(count.altogether);
        match count.left.checked_sub(1) {
            Some(left) => {
                count.left = left;
                Some(Taken {
                    granted: true,
                    remaining: elsewhere.saturating_add(left),
                })
            }
            None if elsewhere == 0 => Some(Taken::NONE),
            None => None,
        }
    }

    fn drawing(&self, id: &RelyingPartyId) -> Arc<tokio::sync::Mutex<()>> {
        let counts = self.counts();
        let counted = counts.get(id);
        counted.map_or_else(Arc::default, |counted| Arc::clone(&counted.drawing))
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<RelyingPartyId, Counts>> {
        self.0.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What was taken of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Taken {
    granted: bool,
    /// As far as this node knows.
    remaining: u32,
}

impl Taken {
    const NONE: Self = Self {
        granted: false,
        remaining: 0,
    };
}

/// The number of the day, and how long it still lasts.
fn day_of(now: Timestamp) -> (i64, Duration) {
    let since = now.since(Timestamp::UNIX_EPOCH);
    let day = since.as_secs() / DAY.as_secs();
    let begun = Duration::from_secs(day.saturating_mul(DAY.as_secs()));
    let ends_after = DAY.saturating_sub(since.saturating_sub(begun));
    (i64::try_from(day).unwrap_or(i64::MAX), ends_after)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::AtomicU32;
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::clock::FixedClock;
    use crate::registry::caller_terms::CallerTerms;
    use crate::registry::relying_party::RelyingParty;

    fn caller(per_minute: u32, per_day: Option<u32>) -> Caller {
        Caller {
            party: RelyingParty::operator(),
            scopes: [].into(),
            terms: CallerTerms {
                requests_per_minute: Some(per_minute),
                requests_per_day: per_day,
                ..CallerTerms::default()
            },
        }
    }

    fn limit(at: i64) -> (CallerLimit, Arc<FixedClock>) {
        let clock = Arc::new(FixedClock::new(Timestamp::from_unix_seconds(at).unwrap()));
        let limit = CallerLimit::new(Quotas::default(), clock.clone());
        (limit, clock)
    }

    /// A database of one caller.
    #[derive(Default)]
    struct Days(Mutex<(DailyQuota, u32)>);

    impl Days {
        fn draw(&self, of: DailyQuota, wanted: u32) -> Drawn {
            let mut drawn = self.0.lock().unwrap();
            if drawn.0.day != of.day {
                *drawn = (of, 0);
            }
            let granted = wanted.min(of.requests.saturating_sub(drawn.1));
            drawn.1 += granted;
            Drawn {
                granted,
                altogether: drawn.1,
            }
        }

        async fn take(&self, limit: &CallerLimit, caller: &Caller) -> Option<Allowance> {
            let draw = async |of, wanted| Ok::<_, Infallible>(self.draw(of, wanted));
            let Ok(taken) = limit.take(caller, draw).await;
            taken
        }
    }

    #[tokio::test]
    async fn a_minute_s_requests_refill_evenly() {
        let (limit, clock) = limit(0);
        let (caller, days) = (caller(60, None), Days::default());
        for left in (0..30).rev() {
            let told = days.take(&limit, &caller).await.unwrap();
            assert_eq!((told.granted, told.remaining, told.limit), (true, left, 30));
        }
        let refused = days.take(&limit, &caller).await.unwrap();
        assert_eq!(
            (refused.granted, refused.reset_after),
            (false, Duration::from_secs(1))
        );
        clock.advance(Duration::from_secs(1));
        assert!(days.take(&limit, &caller).await.unwrap().granted);
    }

    #[tokio::test]
    async fn a_day_s_requests_are_counted_until_midnight() {
        let (limit, clock) = limit(86_400 - 10);
        let (caller, days) = (caller(1_000, Some(2)), Days::default());
        for left in [1, 0] {
            let told = days.take(&limit, &caller).await.unwrap();
            assert_eq!((told.granted, told.remaining, told.limit), (true, left, 2));
        }
        let refused = days.take(&limit, &caller).await.unwrap();
        assert_eq!(
            (refused.granted, refused.reset_after),
            (false, Duration::from_secs(10))
        );
        clock.advance(Duration::from_secs(10));
        assert!(days.take(&limit, &caller).await.unwrap().granted);
    }

    #[tokio::test]
    async fn nodes_share_a_day_and_the_database_is_not_asked_once_it_is_used_up() {
        let (one, _) = limit(0);
        let (other, _) = limit(0);
        let (caller, days) = (caller(1_000_000, Some(1_000)), Days::default());
        let mut let_in = 0;
        for turn in 0..2_000 {
            let node = if turn % 3 == 0 { &one } else { &other };
            let told = days.take(node, &caller).await.unwrap();
            let_in += u32::from(told.granted);
        }
        assert_eq!(let_in, 1_000);
        let unasked = async |_, _| Err(());
        for node in [&one, &other] {
            let told = node.take(&caller, unasked).await.unwrap().unwrap();
            assert!(!told.granted);
        }
        // A greater quota counts at once, and so does a smaller one.
        let caller = self::caller(1_000_000, Some(1_001));
        assert!(days.take(&one, &caller).await.unwrap().granted);
        let caller = self::caller(1_000_000, Some(500));
        assert!(!days.take(&one, &caller).await.unwrap().granted);
    }

    #[tokio::test]
    async fn requests_at_once_wait_for_one_that_draws() {
        let (limit, clock) = limit(86_400 - 10);
        let (caller, days) = (caller(1_000_000, Some(1_000)), Days::default());
        let draws = AtomicU32::new(0);
        let take = || async {
            let draw = async |of, wanted| {
                draws.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                Ok::<_, Infallible>(days.draw(of, wanted))
            };
            let Ok(taken) = limit.take(&caller, draw).await;
            taken.unwrap().granted
        };
        let (a, b, c, d, e, f) = tokio::join!(take(), take(), take(), take(), take(), take());
        assert!([a, b, c, d, e, f].into_iter().all(|granted| granted));
        // Five come of one share.
        assert_eq!(draws.load(Ordering::Relaxed), 2);

        // One that still draws of yesterday when today has begun takes nothing from today.
        let yesterday = DailyQuota {
            day: 0,
            requests: 1_000,
        };
        let today = DailyQuota {
            day: 1,
            ..yesterday
        };
        let id = &caller.party.id;
        while limit.take_of_day(id, yesterday, None).is_some() {}
        let late = async |of, wanted| {
            clock.advance(Duration::from_secs(10));
            let drawn = days.draw(today, wanted);
            assert!(limit.take_of_day(id, today, Some(drawn)).unwrap().granted);
            Ok::<_, Infallible>(days.draw(of, wanted))
        };
        let Ok(taken) = limit.take(&caller, late).await;
        assert!(taken.unwrap().granted);
        for _left in 0..4 {
            assert!(limit.take_of_day(id, today, None).unwrap().granted);
        }
        assert_eq!(limit.take_of_day(id, today, None), None);
    }

    #[tokio::test]
    async fn what_cannot_be_counted_is_not_let_in() {
        let (limit, _) = limit(0);
        let broken = async |_, _| Err("down");
        let told = limit.take(&caller(1_000, Some(5)), broken).await;
        assert_eq!(told, Err("down"));
    }

    #[tokio::test]
    async fn a_new_limit_counts_at_once_and_the_public_has_none_here() {
        let (limit, _) = limit(0);
        let days = Days::default();
        assert!(days.take(&limit, &caller(1, None)).await.unwrap().granted);
        assert!(!days.take(&limit, &caller(1, None)).await.unwrap().granted);
        assert!(days.take(&limit, &caller(4, None)).await.unwrap().granted);
        let public = Caller {
            party: RelyingParty::public(),
            ..caller(1, None)
        };
        assert_eq!(days.take(&limit, &public).await, None);
    }
}
