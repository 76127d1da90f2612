//! How often those who show no key may ask, per address.
//!
//! A token bucket for each address: it holds half a minute's requests and refills evenly. Kept in
//! memory, because losing it at a restart costs nothing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::net::Ipv6Addr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use crate::clock::Clock;
use crate::clock::Timestamp;
use crate::http::token_bucket::Allowance;
use crate::http::token_bucket::Bucket;
use crate::http::token_bucket::Rate;

/// Addresses remembered at once: some megabytes. Beyond that, new addresses share one bucket until others
/// have refilled and are forgotten.
const MAX_ADDRESSES: usize = 50_000;

/// A bucket for each address; clones share them.
#[derive(Clone)]
pub(in crate::http) struct PublicLimit(Arc<Inner>);

struct Inner {
    clock: Arc<dyn Clock>,
    rate: Rate,
    buckets: Mutex<HashMap<Asker, Bucket>>,
}

/// Who shares a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Asker {
    /// An IPv4 address, or a /64 of IPv6: whoever has one address of it has them all.
    Address(IpAddr),
    /// Everybody for whom there is no room.
    Crowd,
}

impl PublicLimit {
    /// Lets every address ask `requests` times a minute; at least once.
    #[must_use]
    pub(in crate::http) fn per_minute(requests: u32, clock: Arc<dyn Clock>) -> Self {
        Self(Arc::new(Inner {
            clock,
            rate: Rate::per_minute(requests),
            buckets: Mutex::new(HashMap::new()),
        }))
    }

    /// Takes a token for a request from `address`.
    #[must_use]
    pub(in crate::http) fn take(&self, address: IpAddr) -> Allowance {
        self.0.take(address, self.0.clock.now())
    }
}

impl Inner {
    fn take(&self, address: IpAddr, now: Timestamp) -> Allowance {
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let asker = self.asker(&mut buckets, address, now);
        let bucket = buckets.entry(asker).or_insert(self.rate.full(now));
        self.rate.take(bucket, now)
    }

    /// Whose bucket serves `address`; makes room by forgetting full buckets, which says the same as having
    /// none.
    fn asker(
        &self,
        buckets: &mut HashMap<Asker, Bucket>,
        address: IpAddr,
        now: Timestamp,
    ) -> Asker {
        let asker = Asker::Address(network(address));
        if buckets.contains_key(&asker) || buckets.len() < MAX_ADDRESSES {
            return asker;
        }
        buckets.retain(|_, bucket| !self.rate.is_full(*bucket, now));
        if buckets.len() < MAX_ADDRESSES {
            asker
        } else {
            Asker::Crowd
        }
    }
}

fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => {
            let prefix = u128::from(address) & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from(prefix))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::clock::FixedClock;

    fn noon() -> Arc<FixedClock> {
        Arc::new(FixedClock::new(
            Timestamp::from_unix_seconds(1_700_000_000).unwrap(),
        ))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_burst_is_granted_and_then_one_token_at_a_time() {
        let clock = noon();
        let limit = PublicLimit::per_minute(60, clock.clone());
        let asker = address("192.0.2.1");
        for left in (0..30).rev() {
            let allowance = limit.take(asker);
            assert!(allowance.granted);
            assert_eq!(allowance.remaining, left);
        }
        let refused = limit.take(asker);
        assert!(!refused.granted);
        assert_eq!(refused.reset_after, Duration::from_secs(1));

        clock.advance(Duration::from_millis(999));
        assert!(!limit.take(asker).granted);
        clock.advance(Duration::from_millis(1));
        assert!(limit.take(asker).granted);
        assert!(!limit.take(asker).granted);
    }

    #[test]
    fn an_address_does_not_use_up_the_tokens_of_another() {
        let clock = noon();
        let limit = PublicLimit::per_minute(2, clock.clone());
        assert!(limit.take(address("192.0.2.1")).granted);
        assert!(!limit.take(address("192.0.2.1")).granted);
        assert!(limit.take(address("192.0.2.2")).granted);
    }

    #[test]
    fn a_whole_ipv6_network_shares_a_bucket() {
        let clock = noon();
        let limit = PublicLimit::per_minute(2, clock.clone());
        assert!(limit.take(address("2001:db8::1")).granted);
        assert!(!limit.take(address("2001:db8::ffff:2")).granted);
        assert!(limit.take(address("2001:db8:0:1::1")).granted);
        assert!(limit.take(address("::ffff:192.0.2.9")).granted);
        assert!(!limit.take(address("192.0.2.9")).granted);
    }

    #[test]
    fn a_clock_that_went_back_locks_nobody_out_for_longer_than_one_token() {
        let clock = noon();
        let limit = PublicLimit::per_minute(60, clock.clone());
        let asker = address("192.0.2.1");
        while limit.take(asker).granted {}
        clock.set(clock.now().minus(Duration::from_secs(3600)));
        assert!(!limit.take(asker).granted);
        clock.advance(Duration::from_secs(1));
        assert!(limit.take(asker).granted);
    }

    #[test]
    fn a_flood_of_addresses_does_not_fill_the_memory() {
        let clock = noon();
        let limit = PublicLimit::per_minute(60, clock.clone());
        for number in 0..u32::try_from(MAX_ADDRESSES).unwrap() + 100 {
            let _ = limit.take(IpAddr::from(number.to_be_bytes()));
        }
        assert_eq!(limit.0.buckets.lock().unwrap().len(), MAX_ADDRESSES + 1);
        clock.advance(Duration::from_secs(60));
        let _ = limit.take(address("255.0.0.1"));
        assert!(limit.0.buckets.lock().unwrap().len() < 10);
    }
}
