//! `[log]`: what is written to standard error.

use crate::config::field::Default;
use crate::config::field::Field;
use crate::config::field::SectionDoc;
use crate::config::reader::Section;

/// `[log]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Log {
    /// For machines or for people.
    pub format: LogFormat,
    /// How much.
    pub level: LogLevel,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For reading on a terminal.
    Pretty,
}

/// The least important line that is still written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Only what somebody must act on.
    Error,
    /// Also what is not as it should be.
    Warn,
    /// Also what happens.
    Info,
    /// Also how it happens.
    Debug,
    /// Everything.
    Trace,
}

const FORMATS: [(&str, LogFormat); 2] = [("json", LogFormat::Json), ("pretty", LogFormat::Pretty)];
const LEVELS: [(&str, LogLevel); 5] = [
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];

const FORMAT: Field = Field {
    key: "format",
    doc: "The form of log lines: json, one object a line, for machines; pretty, for reading on a terminal.",
    unit: "json or pretty",
    default: Default::Value("\"json\""),
};
const LEVEL: Field = Field {
    key: "level",
    doc: "The least important line that is still written.",
    unit: "error, warn, info, debug or trace",
    default: Default::Value("\"info\""),
};

/// The section's documentation.
pub const SECTION: SectionDoc = SectionDoc {
    name: "log",
    doc: "What is written to standard error. Keys, tokens, names and bodies never are.",
    fields: &[&FORMAT, &LEVEL],
};

impl Log {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        let format = section.choice(&FORMAT, &FORMATS);
        let level = section.choice(&LEVEL, &LEVELS);
        Some(Self {
            format: format?,
            level: level?,
        })
    }
}

impl LogLevel {
    /// The level's name, as in the file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_is_read_by_its_name() {
        for (name, level) in LEVELS {
            assert_eq!(level.name(), name);
        }
    }
}
