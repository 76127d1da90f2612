//! `[audit]`: how the audit trail is kept.

use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use crate::config::field::Default;
use crate::config::field::Field;
use crate::config::field::SectionDoc;
use crate::config::reader::Section;

/// `[audit]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Where signed heads are copied to; absent: nowhere.
    pub anchor_file: Option<PathBuf>,
    /// How often a head is signed while there is something new.
    pub head_every: Duration,
    /// After how many events one is signed at the latest.
    pub head_after: u64,
    /// How long events are kept; absent: for ever.
    pub keep_for: Option<Duration>,
    /// How long personal fields are kept; absent: for ever.
    pub keep_personal_for: Option<Duration>,
    /// How long receipts are kept; absent: for ever.
    pub keep_receipts_for: Option<Duration>,
}

const ANCHOR_FILE: Field = Field {
    key: "anchor_file",
    doc: "Where each signed head of the audit trail is appended, one a line. Put it where whoever administers \
          this machine cannot change it: only with it can be told that the newest events were cut off, or that \
          an old data folder was put back. It is no part of backups. After a backup was restored, begin a new one.",
    unit: "path",
    default: Default::Absent {
        means: "signed heads stand in the database alone",
        example: "\"/mnt/elsewhere/yinxin.anchor\"",
    },
};
const HEAD_EVERY_SECONDS: Field = Field {
    key: "head_every_seconds",
    doc: "How often a head is signed while there are new events. What is newer than the last head can be cut \
          off unnoticed.",
    unit: "seconds",
    default: Default::Value("60"),
};
const HEAD_AFTER_EVENTS: Field = Field {
    key: "head_after_events",
    doc: "A head is signed before its time after so many events.",
    unit: "events",
    default: Default::Value("10_000"),
};
const KEEP_DAYS: Field = Field {
    key: "keep_days",
    doc: "How long events are kept; then a server removes them, day by day, as far as signed heads cover them, and \
          records up to which head. The heads stay, and the rest of the chain holds; whether an older timestamp \
          was given cannot be told any more. 0: for ever.",
    unit: "days",
    default: Default::Value("0"),
};
const KEEP_PERSONAL_DAYS: Field = Field {
    key: "keep_personal_days",
    doc: "How long operator and matter code are kept; then a server erases them. The event and its chain stay as \
          they are; of a stored receipt that names them its claims stay, without its signature. 0: for ever. \
          Receipts that callers have are not touched.",
    unit: "days",
    default: Default::Value("1_095"),
};
const KEEP_RECEIPTS_DAYS: Field = Field {
    key: "keep_receipts_days",
    doc: "How long receipts and what a replay or a rehearsal needs are kept, some 6 KB each; then a server removes \
          them. 0: for ever. Receipts that callers have are not touched.",
    unit: "days",
    default: Default::Value("3_650"),
};

/// The section's documentation.
pub const SECTION: SectionDoc = SectionDoc {
    name: "audit",
    doc: "How the audit trail is kept.",
    fields: &[
        &ANCHOR_FILE,
        &HEAD_EVERY_SECONDS,
        &HEAD_AFTER_EVENTS,
        &KEEP_DAYS,
        &KEEP_PERSONAL_DAYS,
        &KEEP_RECEIPTS_DAYS,
    ],
};

const EVERY_LIMITS: RangeInclusive<u64> = 1..=3_600;
const AFTER_LIMITS: RangeInclusive<u64> = 1..=1_000_000;
const KEEP_LIMITS: RangeInclusive<u64> = 0..=36_500;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Audit {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        let anchor_file = section.optional_path(&ANCHOR_FILE);
        let every = section.number(&HEAD_EVERY_SECONDS, EVERY_LIMITS);
        let after = section.number(&HEAD_AFTER_EVENTS, AFTER_LIMITS);
        let mut keep = |field: &'static Field| {
            let days = section.number(field, KEEP_LIMITS)?;
            let days = u32::try_from(days).ok()?;
            Some((days > 0).then(|| DAY * days))
        };
        let events = keep(&KEEP_DAYS);
        let personal = keep(&KEEP_PERSONAL_DAYS);
        let receipts = keep(&KEEP_RECEIPTS_DAYS);
        Some(Self {
            anchor_file: anchor_file?,
            head_every: Duration::from_secs(every?),
            head_after: after?,
            keep_for: events?,
            keep_personal_for: personal?,
            keep_receipts_for: receipts?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::Config;
    use crate::service::sign_audit_head::AuditSettings;

    fn parse(lines: &str) -> Audit {
        let text = format!(
            "[server]\npublic_url=\"https://a.example\"\n[keys]\npassphrase_file=\"p\"\n[audit]\n{lines}"
        );
        Config::parse(&text, Path::new("/etc/yinxin.toml"))
            .unwrap()
            .audit
    }

    #[test]
    fn the_defaults_are_those_of_the_service() {
        let (read, default) = (parse(""), AuditSettings::default());
        assert_eq!(read.anchor_file, default.anchor_file);
        assert_eq!(read.head_every, default.head_every);
        assert_eq!(read.head_after, default.head_after);
        assert_eq!(read.keep_for, default.keep_for);
        assert_eq!(read.keep_personal_for, default.keep_personal_for);
        assert_eq!(read.keep_receipts_for, default.keep_receipts_for);
    }

    #[test]
    fn nothing_goes_after_no_days() {
        let read = parse(
            "keep_personal_days = 0\nkeep_receipts_days = 0\nkeep_days = 7\nanchor_file = \"anchor\"",
        );
        assert_eq!(
            (read.keep_personal_for, read.keep_receipts_for),
            (None, None)
        );
        assert_eq!(read.keep_for, Some(7 * DAY));
        assert_eq!(read.anchor_file.unwrap(), Path::new("/etc/anchor"));
    }
}
