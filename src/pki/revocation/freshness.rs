//! Whether evidence is of now: neither from the future nor out of date.

use std::time::Duration;

use crate::clock::Timestamp;

/// Clocks may differ by so much: evidence is not from the future before that. RFC 5280 and RFC 6960 name
/// no number; five minutes is what Kerberos (RFC 4120) and most who write validators let pass. There is
/// no such tolerance at the other end: who issues evidence does so before the last of it runs out.
pub const CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);

/// How old evidence without `nextUpdate` may be, where no other age is set. It says that there is newer at
/// all times (RFC 6960 §4.2.2.1).
pub const MAX_AGE_WITHOUT_NEXT_UPDATE: Duration = Duration::from_secs(24 * 60 * 60);

/// When evidence is taken to be of now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FreshnessPolicy {
    now: Timestamp,
    later: LaterEvidence,
    max_age: Option<Duration>,
    stale: StalePolicy,
}

/// What is to be done with evidence that was issued after the time that counts as now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LaterEvidence {
    /// It is used. For judging a past time by what is known today: what was issued later knows more.
    Accept,
    /// It is not valid yet, beyond [`CLOCK_SKEW`].
    Refuse,
}

/// What is to be done with evidence whose `nextUpdate` has passed, where there is no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StalePolicy {
    /// It is used for so long, and marked as stale.
    AcceptFor(Duration),
    /// It decides nothing; what it would have said is told.
    Refuse,
}

/// Where evidence stands in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Current,
    NotYetValid,
    /// For how long.
    Stale(Duration),
}

impl FreshnessPolicy {
    /// Evidence is judged as of `now`; later one is refused, and so is a stale one. Its age is limited by
    /// its own `nextUpdate`.
    #[must_use]
    pub const fn at(now: Timestamp) -> Self {
        Self {
            now,
            later: LaterEvidence::Refuse,
            max_age: None,
            stale: StalePolicy::Refuse,
        }
    }

    /// Sets what happens to evidence from after `now`.
    #[must_use]
    pub const fn with_later_evidence(self, later: LaterEvidence) -> Self {
        Self { later, ..self }
    }

    /// Limits the age, counted from `thisUpdate`, whatever `nextUpdate` says.
    #[must_use]
    pub const fn with_max_age(self, max_age: Duration) -> Self {
        Self {
            max_age: Some(max_age),
            ..self
        }
    }

    /// Sets what happens to stale evidence.
    #[must_use]
    pub const fn with_stale_policy(self, stale: StalePolicy) -> Self {
        Self { stale, ..self }
    }

    /// How long evidence may be stale and still be used.
    pub(super) const fn tolerated_staleness(&self) -> Duration {
        match self.stale {
            StalePolicy::AcceptFor(duration) => duration,
            StalePolicy::Refuse => Duration::ZERO,
        }
    }

    /// The time at which whoever signed evidence of `this_update` has to be in order: now, or when it was
    /// issued, if that is later and does not matter.
    pub(super) fn time_of_signers(&self, this_update: Timestamp) -> Timestamp {
        self.now.max(this_update)
    }

    /// Places evidence of these dates. Both ends of its time belong to it, in whole seconds.
    pub(super) fn standing(
        &self,
        this_update: Timestamp,
        next_update: Option<Timestamp>,
    ) -> Standing {
        let is_from_future = this_update > self.now.plus(CLOCK_SKEW);
        if is_from_future && self.later == LaterEvidence::Refuse {
            return Standing::NotYetValid;
        }
        let by_age = match (self.max_age, next_update) {
            (None, Some(_)) => None,
            (age, _) => Some(this_update.plus(age.unwrap_or(MAX_AGE_WITHOUT_NEXT_UPDATE))),
        };
        let end = match (next_update, by_age) {
            (Some(one), Some(other)) => one.min(other),
            (one, other) => one.or(other).unwrap_or(this_update),
        };
        // `nextUpdate` before `thisUpdate` cannot be later than what is not checked.
        let now = self.time_of_signers(this_update);
        if now.as_unix_seconds() <= end.as_unix_seconds() {
            Standing::Current
        } else {
            Standing::Stale(now.since(end))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn both_ends_belong_to_the_time_of_evidence() {
        let begin = at("2030-01-01T00:00:00Z");
        let end = at("2030-02-01T00:00:00Z");
        let standing = |now: &str| FreshnessPolicy::at(at(now)).standing(begin, Some(end));
        assert_eq!(standing("2030-01-01T00:00:00Z"), Standing::Current);
        assert_eq!(standing("2030-02-01T00:00:00.9Z"), Standing::Current);
        let second = Duration::from_secs(1);
        assert_eq!(standing("2030-02-01T00:00:01Z"), Standing::Stale(second));
        assert_eq!(standing("2029-12-31T23:55:00Z"), Standing::Current);
        assert_eq!(standing("2029-12-31T23:54:59Z"), Standing::NotYetValid);
    }

    #[test]
    fn later_evidence_may_be_wanted() {
        let policy = FreshnessPolicy::at(at("2030-01-01T00:00:00Z"))
            .with_later_evidence(LaterEvidence::Accept);
        let begin = at("2031-01-01T00:00:00Z");
        assert_eq!(
            policy.standing(begin, Some(at("2031-02-01T00:00:00Z"))),
            Standing::Current
        );
        assert_eq!(policy.standing(begin, None), Standing::Current);
        assert_eq!(policy.time_of_signers(begin), begin);
        // An end before the beginning is past whatever the time.
        let end = at("2030-06-01T00:00:00Z");
        assert!(matches!(
            policy.standing(begin, Some(end)),
            Standing::Stale(_)
        ));
    }

    #[test]
    fn age_is_limited_by_policy_or_for_want_of_an_end() {
        let policy = FreshnessPolicy::at(at("2030-01-02T00:00:01Z"));
        let begin = at("2030-01-01T00:00:00Z");
        let end = Some(at("2030-02-01T00:00:00Z"));
        let second = Duration::from_secs(1);
        assert_eq!(policy.standing(begin, None), Standing::Stale(second));
        let patient = policy.with_max_age(48 * HOUR);
        assert_eq!(patient.standing(begin, None), Standing::Current);
        let strict = policy.with_max_age(HOUR);
        let stale = Standing::Stale(23 * HOUR + second);
        assert_eq!(strict.standing(begin, end), stale);
        assert_eq!(strict.standing(begin, None), stale);
        let soon = Some(at("2030-01-01T00:30:00Z"));
        assert_eq!(
            strict.standing(begin, soon),
            Standing::Stale(23 * HOUR + HOUR / 2 + second)
        );
    }

    #[test]
    fn staleness_is_tolerated_by_policy() {
        let policy = FreshnessPolicy::at(at("2030-01-01T00:00:00Z"));
        assert_eq!(policy.tolerated_staleness(), Duration::ZERO);
        let tolerant = policy.with_stale_policy(StalePolicy::AcceptFor(HOUR));
        assert_eq!(tolerant.tolerated_staleness(), HOUR);
    }
}
