//! Named places where a test may stop the process for good.
//!
//! Issuing promises that a crash between any two of its steps loses nothing and issues nothing twice.
//! The only honest proof is a process killed there, so the binary can be told (`serve --pause-at NAME`)
//! to wait for ever at one of these places; the test then kills it. Without that option a fail point
//! is one comparison with `None`.

use std::future::pending;

use tracing::warn;

/// A place between two steps of issuing, in the order in which they are passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailPoint {
    /// Nothing is written yet.
    BeforeReserve,
    /// The identifier, the status index and the idempotency key are taken.
    AfterReserve,
    /// What will be signed is stored.
    AfterPrepare,
    /// The signature exists in memory alone.
    AfterSign,
    /// The signed credential is stored; the caller has not been answered.
    AfterStore,
}

/// Every fail point with the name by which the command line calls it.
pub const FAIL_POINTS: [(FailPoint, &str); 5] = [
    (FailPoint::BeforeReserve, "issue.before-reserve"),
    (FailPoint::AfterReserve, "issue.after-reserve"),
    (FailPoint::AfterPrepare, "issue.after-prepare"),
    (FailPoint::AfterSign, "issue.after-sign"),
    (FailPoint::AfterStore, "issue.after-store"),
];

impl FailPoint {
    /// The fail point of that name, if there is one.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        FAIL_POINTS
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(point, _)| *point)
    }
}

/// The fail point at which this process pauses; in service none.
#[derive(Debug, Clone, Copy, Default)]
pub struct FailPoints(Option<FailPoint>);

impl FailPoints {
    /// Passes every fail point.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// Waits for ever at `point`.
    #[must_use]
    pub const fn pause_at(point: FailPoint) -> Self {
        Self(Some(point))
    }

    /// Returns at once, unless this is where the process was told to pause.
    pub(in crate::service) async fn reach(self, point: FailPoint) {
        if self.0 == Some(point) {
            warn!("paused at a fail point, waiting to be killed");
            pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fail_point_is_found_by_its_name() {
        for (point, name) in FAIL_POINTS {
            assert_eq!(FailPoint::by_name(name), Some(point));
        }
        assert_eq!(FailPoint::by_name("issue.elsewhere"), None);
    }
}
