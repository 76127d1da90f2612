//! How much each authenticated caller may ask.
//!
//! A token bucket for the minute and a count for the day (UTC), of each caller, on each node: kept in
//! memory, so that counting costs no write. With several nodes a caller may ask each of them as much, and
//! after a restart its day begins anew: whoever needs a hard daily limit divides it by the nodes. A batch
//! counts as one request; how many documents it holds is limited by its size.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
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

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The counts of all callers; clones share them. There are as many as the operator added, so they need no
/// bound.
#[derive(Clone)]
pub(in crate::http) struct CallerLimit(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    quotas: Quotas,
    counts: Mutex<HashMap<RelyingPartyId, Counts>>,
}

#[derive(Debug, Clone, Copy)]
struct Counts {
    /// By which rate the bucket was filled: another one begins with a full bucket.
    rate: Rate,
    bucket: Bucket,
    /// Days since 1970 (UTC).
    day: u64,
    asked_today: u32,
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

    /// Counts a request of `caller`. `None`: it is limited by its address instead.
    #[must_use]
    pub(in crate::http) fn take(&self, caller: &Caller) -> Option<Allowance> {
        let quota = self.0.quotas.of(caller.party.kind, &caller.terms)?;
        let now = self.0.clock.now();
        let (day, day_ends_after) = day_of(now);
        let rate = Rate::per_minute(quota.per_minute);
        let mut counts = self.0.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Counts {
            rate,
            bucket: rate.full(now),
            day,
            asked_today: 0,
        };
        let counted = match counts.get_mut(&caller.party.id) {
            Some(counted) => counted,
            None => counts.entry(caller.party.id.clone()).or_insert(fresh),
        };
        if counted.rate != rate {
            (counted.rate, counted.bucket) = (rate, fresh.bucket);
        }
        if counted.day != day {
            (counted.day, counted.asked_today) = (day, 0);
        }
        if let Some(limit) = quota.per_day
            && counted.asked_today >= limit
        {
            return Some(Allowance {
                granted: false,
                limit,
                remaining: 0,
                reset_after: day_ends_after,
            });
        }
        let minute = rate.take(&mut counted.bucket, now);
        if !minute.granted {
            return Some(minute);
        }
        counted.asked_today = counted.asked_today.saturating_add(1);
        let today = quota.per_day.map(|limit| Allowance {
            granted: true,
            limit,
            remaining: limit.saturating_sub(counted.asked_today),
            reset_after: day_ends_after,
        });
        // Whichever ends first is what the caller has to mind.
        Some(match today {
            Some(today) if today.remaining < minute.remaining => today,
            _ => minute,
        })
    }
}

/// The number of the day, and how long it still lasts.
fn day_of(now: Timestamp) -> (u64, Duration) {
    let since = now.since(Timestamp::UNIX_EPOCH);
    let day = since.as_secs() / DAY.as_secs();
    let begun = Duration::from_secs(day.saturating_mul(DAY.as_secs()));
    (day, DAY.saturating_sub(since.saturating_sub(begun)))
}

#[cfg(test)]
mod tests {
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

    #[test]
    fn a_minute_s_requests_refill_evenly() {
        let (limit, clock) = limit(0);
        let caller = caller(60, None);
        for left in (0..30).rev() {
            let told = limit.take(&caller).unwrap();
            assert_eq!((told.granted, told.remaining, told.limit), (true, left, 30));
        }
        let refused = limit.take(&caller).unwrap();
        assert_eq!(
            (refused.granted, refused.reset_after),
            (false, Duration::from_secs(1))
        );
        clock.advance(Duration::from_secs(1));
        assert!(limit.take(&caller).unwrap().granted);
    }

    #[test]
    fn a_day_s_requests_are_counted_until_midnight() {
        let (limit, clock) = limit(86_400 - 10);
        let caller = caller(1_000, Some(2));
        for left in [1, 0] {
            let told = limit.take(&caller).unwrap();
            assert_eq!((told.granted, told.remaining, told.limit), (true, left, 2));
        }
        let refused = limit.take(&caller).unwrap();
        assert_eq!(
            (refused.granted, refused.reset_after),
            (false, Duration::from_secs(10))
        );
        clock.advance(Duration::from_secs(10));
        assert!(limit.take(&caller).unwrap().granted);
    }

    #[test]
    fn a_new_limit_counts_at_once_and_the_public_has_none_here() {
        let (limit, _) = limit(0);
        assert!(limit.take(&caller(1, None)).unwrap().granted);
        assert!(!limit.take(&caller(1, None)).unwrap().granted);
        assert!(limit.take(&caller(4, None)).unwrap().granted);
        let public = Caller {
            party: RelyingParty::public(),
            ..caller(1, None)
        };
        assert_eq!(limit.take(&public), None);
    }
}
