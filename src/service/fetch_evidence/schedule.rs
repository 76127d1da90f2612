//! When evidence is fetched next.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::store::evidence::EvidenceOutline;
use crate::validation::trust_store::EvidenceRules;

/// How often evidence is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Never sooner than this after a success.
    pub min_interval: Duration,
    /// Never later: a CA may publish a list before the next one is due, because a key was stolen.
    pub max_interval: Duration,
}

/// The wait after a first failure; each further one doubles it.
const FIRST_BACK_OFF: Duration = Duration::from_secs(60);
/// The longest wait: whoever repairs something should not have to wait for longer.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(4 * 60 * 60);

/// When evidence ends: at its `nextUpdate`, or when it has its CA's maximum age. `None`: never.
#[must_use]
pub fn ends_at(
    this_update: Timestamp,
    next_update: Option<Timestamp>,
    rules: &EvidenceRules,
) -> Option<Timestamp> {
    let aged = rules.maximum_age.map(|age| this_update.plus(age));
    next_update.into_iter().chain(aged).min()
}

/// Whether evidence counts no more.
#[must_use]
pub fn is_stale(evidence: &EvidenceOutline, rules: &EvidenceRules, now: Timestamp) -> bool {
    ends_at(evidence.this_update, evidence.next_update, rules).is_some_and(|end| end <= now)
}

impl Pace {
    /// The next attempt after evidence arrived that was issued at `this_update` and ends at `ends_at`:
    /// when between a half and three quarters of its time are over, so that there is time left to try
    /// again. What should have been replaced already is looked for more and more often up to its end, and
    /// less and less often after it.
    ///
    /// `draw` is random, so that those who began together do not go on together.
    #[must_use]
    pub fn after_success(
        self,
        this_update: Timestamp,
        ends_at: Option<Timestamp>,
        now: Timestamp,
        draw: u16,
    ) -> Timestamp {
        let longest = part(self.max_interval, 3, draw);
        let wait = match ends_at {
            None => longest,
            Some(end) => {
                let target = this_update.plus(part(end.since(this_update), 2, draw));
                if target > now {
                    target.since(now)
                } else {
                    end.since(now).max(now.since(end)) / 4
                }
            }
        };
        now.plus(wait.min(longest).max(self.min_interval))
    }
}

/// The next attempt after one failed, which `failures` had done before.
#[must_use]
pub fn after_failure(failures: u32, now: Timestamp, draw: u16) -> Timestamp {
    let doubled = 1_u32.checked_shl(failures).unwrap_or(u32::MAX);
    let wait = FIRST_BACK_OFF.saturating_mul(doubled).min(LONGEST_BACK_OFF);
    now.plus(part(wait, 3, draw))
}

/// At least so many quarters of a span, and a random part of a further one.
fn part(span: Duration, quarters: u32, draw: u16) -> Duration {
    let quarter = span / 4;
    let further = quarter.saturating_mul(u32::from(draw)) / (u32::from(u16::MAX) + 1);
    quarter.saturating_mul(quarters).saturating_add(further)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const PACE: Pace = Pace {
        min_interval: Duration::from_secs(300),
        max_interval: Duration::from_secs(6 * 3600),
    };

    fn at(seconds: u64) -> Timestamp {
        Timestamp::UNIX_EPOCH.plus(Duration::from_secs(seconds))
    }

    /// Seconds from `now` to the next attempt.
    fn waits(this_update: u64, end: Option<u64>, now: u64, draw: u16) -> u64 {
        let next = PACE.after_success(at(this_update), end.map(at), at(now), draw);
        next.since(at(now)).as_secs()
    }

    #[test]
    fn evidence_is_renewed_between_half_and_three_quarters_of_its_time() {
        assert_eq!(waits(0, Some(8000), 0, 0), 4000);
        assert_eq!(waits(0, Some(8000), 0, u16::MAX), 5999);
        assert_eq!(waits(1000, Some(9000), 3000, 0), 2000);
    }

    #[test]
    fn what_is_late_is_looked_for_more_often_before_its_end_and_less_often_after() {
        assert_eq!(waits(0, Some(8000), 6000, 0), 500);
        assert_eq!(waits(0, Some(8000), 7900, 0), 300);
        assert_eq!(waits(0, Some(8000), 8000, 0), 300);
        assert_eq!(waits(0, Some(8000), 12_000, 0), 1000);
        assert_eq!(waits(0, Some(8000), 8_000_000, 0), 6 * 3600 * 3 / 4);
    }

    #[test]
    fn a_distant_end_does_not_put_it_off() {
        let longest = 6 * 3600;
        for end in [None, Some(365 * 24 * 3600), Some(200_000_000_000)] {
            assert_eq!(waits(0, end, 0, 0), longest * 3 / 4);
            assert_eq!(waits(0, end, 0, u16::MAX), longest - 1);
        }
        let wild = PACE.after_success(Timestamp::MIN, Some(Timestamp::MAX), at(0), u16::MAX);
        assert!(wild > at(0) && wild < at(longest));
        let inverted = PACE.after_success(Timestamp::MAX, Some(Timestamp::MIN), at(0), 0);
        assert!(inverted > at(0) && inverted < at(longest));
    }

    #[test]
    fn failures_double_the_wait_up_to_some_hours() {
        let waits = |failures| {
            after_failure(failures, at(0), u16::MAX)
                .since(at(0))
                .as_secs()
        };
        let all: Vec<u64> = (0..10).map(waits).collect();
        assert_eq!(
            all,
            [59, 119, 239, 479, 959, 1919, 3839, 7679, 14_399, 14_399]
        );
        assert_eq!(waits(u32::MAX), 14_399);
        assert_eq!(after_failure(0, at(0), 0), at(45));
    }

    #[test]
    fn evidence_ends_with_its_time_or_at_its_maximum_age() {
        let limited = |hours: u64| EvidenceRules {
            maximum_age: Some(Duration::from_secs(hours * 3600)),
            ..EvidenceRules::default()
        };
        let end = |next: Option<u64>, rules: &EvidenceRules| ends_at(at(0), next.map(at), rules);
        let free = EvidenceRules::default();
        assert_eq!(end(Some(7200), &free), Some(at(7200)));
        assert_eq!(end(None, &free), None);
        assert_eq!(end(Some(7200), &limited(1)), Some(at(3600)));
        assert_eq!(end(Some(7200), &limited(3)), Some(at(7200)));
        assert_eq!(end(None, &limited(3)), Some(at(10_800)));
    }

    proptest! {
        #[test]
        fn the_next_attempt_is_never_too_soon_nor_too_late(
            this_update in 0_u64..1_000_000, end in 0_u64..10_000_000, now in 0_u64..10_000_000, draw: u16,
        ) {
            let wait = waits(this_update, Some(end), now, draw);
            prop_assert!((300..6 * 3600).contains(&wait), "{wait}");
        }
    }
}
