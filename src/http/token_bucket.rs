//! Token buckets: how often something may be asked for, evenly over time and with some patience for bursts.

use std::time::Duration;

use crate::clock::Timestamp;

/// How many tokens a bucket holds, and how soon it refills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct Rate {
    capacity: u32,
    refill_every: Duration,
}

/// One asker's tokens.
#[derive(Debug, Clone, Copy)]
pub(in crate::http) struct Bucket {
    tokens: u32,
    /// When the last token was added.
    refilled_at: Timestamp,
}

/// What a request found in its bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct Allowance {
    /// Whether it may go on.
    pub(in crate::http) granted: bool,
    /// How many tokens the bucket holds when full.
    pub(in crate::http) limit: u32,
    /// How many are left.
    pub(in crate::http) remaining: u32,
    /// When the next token comes, if it was refused; when the bucket is full again, if not.
    pub(in crate::http) reset_after: Duration,
}

impl Rate {
    /// `requests` a minute, at least one: a bucket holds half a minute's requests and refills evenly.
    #[must_use]
    pub(in crate::http) fn per_minute(requests: u32) -> Self {
        let requests = requests.max(1);
        Self {
            capacity: (requests / 2).max(1),
            refill_every: Duration::from_secs(60) / requests,
        }
    }

    /// A full bucket.
    #[must_use]
    pub(in crate::http) const fn full(&self, now: Timestamp) -> Bucket {
        Bucket {
            tokens: self.capacity,
            refilled_at: now,
        }
    }

    /// Takes a token, if there is one.
    #[must_use]
    pub(in crate::http) fn take(&self, bucket: &mut Bucket, now: Timestamp) -> Allowance {
        *bucket = self.refilled(*bucket, now);
        let granted = bucket.tokens > 0;
        bucket.tokens = bucket.tokens.saturating_sub(1);
        Allowance {
            granted,
            limit: self.capacity,
            remaining: bucket.tokens,
            reset_after: self.reset_after(*bucket, granted, now),
        }
    }

    /// Whether the bucket says no more than having none would.
    #[must_use]
    pub(in crate::http) fn is_full(&self, bucket: Bucket, now: Timestamp) -> bool {
        self.refilled(bucket, now).tokens == self.capacity
    }

    fn refilled(&self, bucket: Bucket, now: Timestamp) -> Bucket {
        let passed = now.since(bucket.refilled_at).as_nanos();
        let added = passed
            .checked_div(self.refill_every.as_nanos())
            .unwrap_or(u128::MAX);
        let added = u32::try_from(added).unwrap_or(u32::MAX);
        let tokens = bucket.tokens.saturating_add(added).min(self.capacity);
        if tokens == self.capacity {
            // A clock that went back must not keep the bucket from refilling.
            return Bucket {
                tokens,
                refilled_at: now,
            };
        }
        Bucket {
            tokens,
            refilled_at: bucket
                .refilled_at
                .plus(self.refill_every.saturating_mul(added))
                .min(now),
        }
    }

    fn reset_after(&self, bucket: Bucket, granted: bool, now: Timestamp) -> Duration {
        let missing = if granted {
            self.capacity.saturating_sub(bucket.tokens)
        } else {
            1
        };
        let wait = self.refill_every.saturating_mul(missing);
        wait.saturating_sub(now.since(bucket.refilled_at))
    }
}
