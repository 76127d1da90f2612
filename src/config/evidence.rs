//! `[evidence]`: how evidence of revocation is fetched.

use std::ops::RangeInclusive;
use std::time::Duration;

use crate::config::field::Default;
use crate::config::field::Field;
use crate::config::field::SectionDoc;
use crate::config::mistake::ConfigProblem;
use crate::config::reader::Refusal;
use crate::config::reader::Section;

/// `[evidence]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// How many answers are fetched at a time.
    pub concurrency: usize,
    /// How long making a connection may take.
    pub connect_timeout: Duration,
    /// How long a server may be silent.
    pub read_timeout: Duration,
    /// How long one answer may take altogether.
    pub total_timeout: Duration,
    /// The largest answer.
    pub max_body_bytes: u64,
    /// The shortest time between two answers of a source.
    pub min_interval: Duration,
    /// The longest.
    pub max_interval: Duration,
    /// How many sources of a kind a CA may have beside those that its `ca.toml` lists.
    pub max_sources_per_ca: u32,
}

const CONCURRENCY: Field = Field {
    key: "concurrency",
    doc: "How many revocation lists and OCSP answers are fetched at a time. Each may take max_body_bytes of \
          memory.",
    unit: "answers",
    default: Default::Value("4"),
};
const CONNECT_TIMEOUT_SECONDS: Field = Field {
    key: "connect_timeout_seconds",
    doc: "How long making a connection may take, TLS included.",
    unit: "seconds",
    default: Default::Value("10"),
};
const READ_TIMEOUT_SECONDS: Field = Field {
    key: "read_timeout_seconds",
    doc: "How long a server may be silent in the middle of an answer.",
    unit: "seconds",
    default: Default::Value("20"),
};
const TOTAL_TIMEOUT_SECONDS: Field = Field {
    key: "total_timeout_seconds",
    doc: "How long one answer may take altogether, however steadily it comes.",
    unit: "seconds",
    default: Default::Value("120"),
};
const MAX_BODY_BYTES: Field = Field {
    key: "max_body_bytes",
    doc: "The largest answer. The lists of large CAs have some megabytes; the newest of every source is kept \
          in memory.",
    unit: "bytes",
    default: Default::Value("33_554_432"),
};
const MIN_INTERVAL_SECONDS: Field = Field {
    key: "min_interval_seconds",
    doc: "After an answer, its source is asked again no sooner than this, even when the next one is overdue.",
    unit: "seconds",
    default: Default::Value("300"),
};
const MAX_INTERVAL_SECONDS: Field = Field {
    key: "max_interval_seconds",
    doc: "And no later than this, even when it says that the next one comes later: a CA may publish a list \
          before its time, because a key was stolen.",
    unit: "seconds",
    default: Default::Value("21_600"),
};
const MAX_SOURCES_PER_CA: Field = Field {
    key: "max_sources_per_ca",
    doc: "How many revocation lists, and how many OCSP answers, are kept of one CA beside the lists in its \
          ca.toml. What has been wanted by nobody for longest, and for a day at least, makes room.",
    unit: "sources of each kind",
    default: Default::Value("4_096"),
};

/// The section's documentation.
pub const SECTION: SectionDoc = SectionDoc {
    name: "evidence",
    doc: "How evidence of revocation is fetched: on a schedule, in the background, from the hosts that the \
          ca.toml of a CA permits.",
    fields: &[
        &CONCURRENCY,
        &CONNECT_TIMEOUT_SECONDS,
        &READ_TIMEOUT_SECONDS,
        &TOTAL_TIMEOUT_SECONDS,
        &MAX_BODY_BYTES,
        &MIN_INTERVAL_SECONDS,
        &MAX_INTERVAL_SECONDS,
        &MAX_SOURCES_PER_CA,
    ],
};

const CONCURRENCY_LIMITS: RangeInclusive<u64> = 1..=64;
const PART_LIMITS: RangeInclusive<u64> = 1..=60;
/// A source is claimed for five minutes: an attempt must be over before another node makes the next.
const TOTAL_LIMITS: RangeInclusive<u64> = 1..=240;
/// From less than which no list fits to more than which none is read (`pki::revocation::crl`).
const BODY_LIMITS: RangeInclusive<u64> = 1_024..=67_108_864;
const MIN_INTERVAL_LIMITS: RangeInclusive<u64> = 10..=86_400;
const MAX_INTERVAL_LIMITS: RangeInclusive<u64> = 10..=604_800;
const SOURCE_LIMITS: RangeInclusive<u64> = 1..=1_000_000;

impl Evidence {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        let concurrency = section.number(&CONCURRENCY, CONCURRENCY_LIMITS);
        let connect = section.number(&CONNECT_TIMEOUT_SECONDS, PART_LIMITS);
        let read = section.number(&READ_TIMEOUT_SECONDS, PART_LIMITS);
        let total = section.number(&TOTAL_TIMEOUT_SECONDS, TOTAL_LIMITS);
        let max_body_bytes = section.number(&MAX_BODY_BYTES, BODY_LIMITS);
        let min = section.number(&MIN_INTERVAL_SECONDS, MIN_INTERVAL_LIMITS);
        let max = section.number(&MAX_INTERVAL_SECONDS, MAX_INTERVAL_LIMITS);
        let max_sources = section.number(&MAX_SOURCES_PER_CA, SOURCE_LIMITS);
        let (min, max) = (min?, max?);
        if max < min {
            let problem = ConfigProblem::OutOfRange {
                found: max.to_string(),
                min,
                max: *MAX_INTERVAL_LIMITS.end(),
            };
            let hint = "the longest interval cannot be shorter than min_interval_seconds";
            section.refuse(&MAX_INTERVAL_SECONDS, Refusal::new(problem, hint));
        }
        Some(Self {
            concurrency: usize::try_from(concurrency?).ok()?,
            connect_timeout: Duration::from_secs(connect?),
            read_timeout: Duration::from_secs(read?),
            total_timeout: Duration::from_secs(total?),
            max_body_bytes: max_body_bytes?,
            min_interval: Duration::from_secs(min),
            max_interval: Duration::from_secs(max),
            max_sources_per_ca: u32::try_from(max_sources?).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;
    use crate::config::evidence::Evidence;
    use crate::service::fetch_evidence::EvidenceSettings;

    fn parse(lines: &str) -> Result<Evidence, Vec<String>> {
        let text = format!(
            "[server]\npublic_url=\"https://a.example\"\n[keys]\npassphrase_file=\"p\"\n[evidence]\n{lines}"
        );
        let told = |mistakes: Vec<_>| mistakes.iter().map(ToString::to_string).collect();
        Config::parse(&text, Path::new("yinxin.toml"))
            .map(|config| config.evidence)
            .map_err(told)
    }

    #[test]
    fn the_defaults_are_those_of_the_service() {
        let (read, default) = (parse("").unwrap(), EvidenceSettings::default());
        assert_eq!(read.concurrency, default.concurrency);
        assert_eq!(read.total_timeout, default.patience);
        assert_eq!(read.min_interval, default.pace.min_interval);
        assert_eq!(read.max_interval, default.pace.max_interval);
        assert_eq!(read.max_sources_per_ca, default.max_sources_per_ca);
    }

    #[test]
    fn intervals_do_not_cross_and_an_attempt_ends_before_the_next() {
        let told = parse("min_interval_seconds = 600\nmax_interval_seconds = 599\n").unwrap_err();
        assert_eq!(
            told,
            [
                "yinxin.toml:7:24: evidence.max_interval_seconds is 599, not from 600 to 604800; the longest \
              interval cannot be shorter than min_interval_seconds"
            ]
        );
        assert_eq!(parse("total_timeout_seconds = 241").unwrap_err().len(), 1);
        assert_eq!(parse("concurrency = 0").unwrap_err().len(), 1);
    }
}
