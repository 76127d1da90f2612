//! Gives every request an identifier, by which a caller's report finds our log lines.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;

use crate::clock::Clock;
use crate::clock::Timestamp;
use crate::crypto::random::Random;
use crate::crypto::random::array;
use crate::encoding::hex;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// A UUID of version 7 (RFC 9562 §5.7): milliseconds, then random bits, so that identifiers sort by time.
///
/// Always our own; one that a caller sends is not taken over, since it would let callers write our logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct RequestId(String);

impl RequestId {
    /// The identifier made of that time and randomness.
    fn new(at: Timestamp, random: [u8; 10]) -> Self {
        let [_, _, time @ ..] = at.as_unix_milliseconds().to_be_bytes();
        let [a, b, c, rest @ ..] = random;
        let version = 0x70 | (a & 0x0f);
        let variant = 0x80 | (c & 0x3f);
        let (time, rest) = (hex::encode(&time), hex::encode(&rest));
        let (time_high, time_low) = time.split_at(8);
        let middle = hex::encode(&[version, b, variant]);
        let (version, variant) = middle.split_at(4);
        let (node_first, node) = rest.split_at(2);
        Self(format!(
            "{time_high}-{time_low}-{version}-{variant}{node_first}-{node}"
        ))
    }

    /// Tells it in the answer's `X-Request-Id`.
    pub(in crate::http::middleware) fn tell(&self, headers: &mut HeaderMap) {
        if let Ok(value) = HeaderValue::from_str(&self.0) {
            headers.insert(HEADER, value);
        }
    }

    /// As a URN (RFC 9562 §4), for the `instance` of a problem.
    pub(in crate::http) fn urn(&self) -> String {
        format!("urn:uuid:{}", self.0)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What identifiers are made of.
#[derive(Clone)]
pub(in crate::http) struct RequestIds {
    /// The time.
    pub(in crate::http) clock: Arc<dyn Clock>,
    /// Randomness.
    pub(in crate::http) random: Arc<dyn Random>,
}

impl RequestIds {
    /// Gives the request its identifier.
    pub(in crate::http::middleware) fn identify(&self, request: &mut Request) -> RequestId {
        let random = array(self.random.as_ref()).unwrap_or_else(|_failed| counted());
        let id = RequestId::new(self.clock.now(), random);
        request.extensions_mut().insert(id.clone());
        id
    }
}

/// In place of random bits, should there be none: identifiers need to differ, not to be unguessable.
fn counted() -> [u8; 10] {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut bytes = [0; 10];
    let (_, low) = bytes.split_at_mut(2);
    low.copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_identifier_is_the_example_of_rfc_9562() {
        // RFC 9562 appendix A.6: 2022-02-22T19:22:22.000Z, rand_a 0xCC3, rand_b 0x18C4DC0C0C07398F.
        let at = Timestamp::parse("2022-02-22T19:22:22Z").unwrap();
        let random = [0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f];
        let id = RequestId::new(at, random);
        assert_eq!(id.to_string(), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
        assert_eq!(id.urn(), "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    }

    #[test]
    fn later_identifiers_sort_later() {
        let at =
            |seconds| RequestId::new(Timestamp::from_unix_seconds(seconds).unwrap(), [0xff; 10]).0;
        assert!(at(1_700_000_000) < at(1_700_000_001));
    }

    #[test]
    fn without_randomness_identifiers_still_differ() {
        assert_ne!(counted(), counted());
    }
}
