//! A time as pages show it.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::http::language::Language;

/// China has one time zone, eight hours ahead of UTC, without summer time.
const CHINA_OFFSET: Duration = Duration::from_secs(8 * 60 * 60);

/// A time for readers in China and for programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct Moment {
    /// RFC 3339 in UTC, for the `datetime` attribute.
    pub(in crate::http) utc: String,
    /// Date and time of day in China.
    china: String,
}

impl Moment {
    /// In words, with the time zone said.
    pub(in crate::http) fn local(&self, language: &Language) -> String {
        let zone = language.of("（北京时间）", " (China time, UTC+8)");
        format!("{}{zone}", self.china)
    }
}

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        let china = at.plus(CHINA_OFFSET).to_string();
        let china = china.trim_end_matches('Z').replacen('T', " ", 1);
        Self {
            utc: at.to_string(),
            china,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_in_china_time_and_say_so() {
        let moment = Moment::from(Timestamp::parse("2026-11-23T17:08:20Z").unwrap());
        assert_eq!(moment.utc, "2026-11-23T17:08:20Z");
        assert_eq!(
            moment.local(&Language::Zh),
            "2026-11-24 01:08:20（北京时间）"
        );
        assert_eq!(
            moment.local(&Language::En),
            "2026-11-24 01:08:20 (China time, UTC+8)"
        );
    }
}
