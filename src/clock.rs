//! Time as a value that is handed in.
//!
//! [`SystemClock`] is the only caller of `SystemTime::now`; everything else takes a [`Clock`] or a
//! [`Timestamp`], so that a run can be replayed exactly.

use std::fmt;
use std::sync::atomic::AtomicI64;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::SystemTime;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use time::Date;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// An instant in UTC, in microseconds since 1970-01-01T00:00:00Z, of the years 0001 to 9999.
///
/// That range is what RFC 3339 can write and what X.509 times can say, so every value has a text form.
/// Its text form (`Display`, JSON) has whole seconds; the fraction is dropped there, never rounded up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

const MICROS_PER_SECOND: i64 = 1_000_000;
/// 0001-01-01T00:00:00Z.
const MIN_SECONDS: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59Z.
const MAX_SECONDS: i64 = 253_402_300_799;

impl Timestamp {
    /// 0001-01-01T00:00:00Z.
    pub const MIN: Self = Self(MIN_SECONDS * MICROS_PER_SECOND);
    /// The last microsecond of 9999-12-31.
    pub const MAX: Self = Self(MAX_SECONDS * MICROS_PER_SECOND + (MICROS_PER_SECOND - 1));
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Self = Self(0);

    /// The instant `micros` microseconds after 1970; none outside the years 0001 to 9999.
    pub const fn from_micros(micros: i64) -> Option<Self> {
        if micros < Self::MIN.0 || micros > Self::MAX.0 {
            return None;
        }
        Some(Self(micros))
    }

    /// The instant `seconds` seconds after 1970; none outside the years 0001 to 9999.
    pub const fn from_unix_seconds(seconds: i64) -> Option<Self> {
        match seconds.checked_mul(MICROS_PER_SECOND) {
            Some(micros) => Self::from_micros(micros),
            None => None,
        }
    }

    /// Microseconds since 1970; negative before.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole milliseconds since 1970, as identifiers begin with (RFC 9562 §5.7); 0 before.
    pub fn as_unix_milliseconds(self) -> u64 {
        self.0.div_euclid(1000).max(0).cast_unsigned()
    }

    /// Whole seconds since 1970, rounded towards the past.
    pub const fn as_unix_seconds(self) -> i64 {
        self.0.div_euclid(MICROS_PER_SECOND)
    }

    /// Reads an RFC 3339 date-time with any offset; digits below a microsecond are dropped, and a leap
    /// second is the last microsecond before it.
    ///
    /// Only the `T` form: the other separators that RFC 3339 §5.6 leaves to applications are refused.
    ///
    /// # Errors
    /// [`TimestampError::Syntax`] or [`TimestampError::Separator`] for another form,
    /// [`TimestampError::OutOfRange`] when the instant lies outside the years 0001 to 9999 in UTC.
    pub fn parse(text: &str) -> Result<Self, TimestampError> {
        let instant = OffsetDateTime::parse(text, &Rfc3339).map_err(TimestampError::Syntax)?;
        if text.as_bytes().get(10) != Some(&b'T') {
            return Err(TimestampError::Separator);
        }
        let micros = instant.unix_timestamp_nanos().div_euclid(1_000);
        i64::try_from(micros)
            .ok()
            .and_then(Self::from_micros)
            .ok_or(TimestampError::OutOfRange)
    }

    /// This instant moved to the future, at most to [`Timestamp::MAX`].
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(micros_of(duration)).min(Self::MAX.0))
    }

    /// This instant moved to the past, at most to [`Timestamp::MIN`].
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(micros_of(duration)).max(Self::MIN.0))
    }

    /// The time passed since `earlier`; zero if `earlier` is in fact later.
    pub fn since(self, earlier: Self) -> Duration {
        let micros = self.0.saturating_sub(earlier.0);
        Duration::from_micros(u64::try_from(micros).unwrap_or(0))
    }

    /// The calendar day in UTC.
    pub fn date(self) -> Date {
        self.date_time().date()
    }

    /// In whole seconds, in UTC; years have four digits.
    fn rfc_3339(self) -> String {
        let at = self.date_time();
        let two = |number: u8| [b'0' + number / 10 % 10, b'0' + number % 10];
        let year = |hundredths: i32| two(u8::try_from(hundredths % 100).unwrap_or_default());
        let ([y, e], [a, r]) = (year(at.year() / 100), year(at.year()));
        let ([m, o], [d, i]) = (two(u8::from(at.month())), two(at.day()));
        let (hour, minute, second) = at.to_hms();
        let ([h, u], [n, t], [s, c]) = (two(hour), two(minute), two(second));
        let text = [
            y, e, a, r, b'-', m, o, b'-', d, i, b'T', h, u, b':', n, t, b':', s, c, b'Z',
        ];
        text.into_iter().map(char::from).collect()
    }

    fn date_time(self) -> OffsetDateTime {
        // Cannot overflow: the range of this type lies within that of `OffsetDateTime`.
        OffsetDateTime::UNIX_EPOCH + time::Duration::microseconds(self.0)
    }
}

fn micros_of(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc_3339())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc_3339())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

/// Why a text is not a [`Timestamp`].
#[derive(Debug, thiserror::Error)]
pub enum TimestampError {
    /// A date-time outside the years 0001 to 9999 once converted to UTC.
    #[error("time lies outside the years 0001 to 9999")]
    OutOfRange,
    /// Date and time are not separated by `T`.
    #[error("date and time must be separated by `T`")]
    Separator,
    /// Not a date-time of RFC 3339 §5.6.
    #[error("not an RFC 3339 time")]
    Syntax(#[source] time::error::Parse),
}

/// Something that knows what time it is.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The clock of the operating system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system's clock"
    )]
    fn now(&self) -> Timestamp {
        match SystemTime::now().duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => Timestamp::UNIX_EPOCH.plus(after),
            Err(before) => Timestamp::UNIX_EPOCH.minus(before.duration()),
        }
    }
}

/// A clock that stands still until it is told otherwise.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that stands at `at`.
    pub fn new(at: Timestamp) -> Self {
        Self(AtomicI64::new(at.0))
    }

    /// Puts the clock to `at`, in either direction.
    pub fn set(&self, at: Timestamp) {
        self.0.store(at.0, Ordering::SeqCst);
    }

    /// Moves the clock forward.
    pub fn advance(&self, duration: Duration) {
        self.set(self.now().plus(duration));
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn offsets_are_converted_to_utc() {
        assert_eq!(
            at("2026-08-18T08:00:00+08:00").to_string(),
            "2026-08-18T00:00:00Z"
        );
        assert_eq!(at("1969-12-31T23:59:59.5Z").as_micros(), -500_000);
        assert_eq!(at("1969-12-31T23:59:59.5Z").as_unix_seconds(), -1);
        assert_eq!(at("1969-12-31T23:59:59.5Z").as_unix_milliseconds(), 0);
        assert_eq!(at("1970-01-01T00:00:01.9999Z").as_unix_milliseconds(), 1999);
        assert_eq!(
            at("1969-12-31T23:59:59.5Z").to_string(),
            "1969-12-31T23:59:59Z"
        );
    }

    #[test]
    fn a_leap_second_does_not_reach_the_next_day() {
        let leap = at("2016-12-31T23:59:60Z");
        assert_eq!(leap.to_string(), "2016-12-31T23:59:59Z");
        assert!(leap < at("2017-01-01T00:00:00Z"));
        assert!(Timestamp::parse("2016-12-31T12:00:60Z").is_err());
    }

    #[test]
    fn other_forms_are_refused() {
        for text in [
            "",
            "2026-08-18",
            "2026-08-18T08:00:00",
            "2026-08-18 08:00:00Z",
            "2026-08-18t08:00:00Z",
            "2026-02-30T00:00:00Z",
            "2026-08-18T24:00:00Z",
            "2026-08-18T08:00:00Z ",
            "1786000000",
        ] {
            assert!(Timestamp::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_range_is_that_of_four_digit_years() {
        assert_eq!(Timestamp::MIN.to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(Timestamp::from_micros(Timestamp::MAX.as_micros() + 1), None);
        assert_eq!(Timestamp::from_unix_seconds(i64::MAX), None);
        assert!(matches!(
            Timestamp::parse("0001-01-01T00:00:00+01:00"),
            Err(TimestampError::OutOfRange)
        ));
        assert!(matches!(
            Timestamp::parse("0000-06-01T00:00:00Z"),
            Err(TimestampError::OutOfRange)
        ));
    }

    #[test]
    fn arithmetic_stops_at_the_ends() {
        assert_eq!(Timestamp::MAX.plus(Duration::MAX), Timestamp::MAX);
        assert_eq!(Timestamp::MIN.minus(Duration::MAX), Timestamp::MIN);
        assert_eq!(Timestamp::MIN.since(Timestamp::MAX), Duration::ZERO);
        let later = Timestamp::UNIX_EPOCH.plus(Duration::from_secs(90));
        assert_eq!(later.since(Timestamp::UNIX_EPOCH), Duration::from_secs(90));
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = FixedClock::new(at("2026-08-18T00:00:00Z"));
        assert_eq!(clock.now(), clock.now());
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), at("2026-08-18T00:00:01Z"));
        clock.set(at("2020-01-01T00:00:00Z"));
        assert_eq!(clock.now(), at("2020-01-01T00:00:00Z"));
    }

    #[test]
    fn the_system_clock_is_past_the_writing_of_this_test() {
        assert!(SystemClock.now() > at("2025-01-01T00:00:00Z"));
    }

    proptest! {
        #[test]
        fn parsing_what_was_written_gives_the_same_second(seconds in MIN_SECONDS..=MAX_SECONDS) {
            let written = Timestamp::from_unix_seconds(seconds).unwrap();
            prop_assert_eq!(Timestamp::parse(&written.to_string()).unwrap(), written);
            let json = serde_json::to_string(&written).unwrap();
            prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), written);
        }
    }
}
