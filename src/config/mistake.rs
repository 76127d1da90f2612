//! What is wrong with a configuration file, where, and what to do.

use std::path::PathBuf;

use crate::evidence::receipt::MAX_ISS_BYTES;
use crate::validation::trust_store::AddressRangeError;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}:{line}:{column}: {key}{}{problem}; {hint}", file.display(), if key.is_empty() { "" } else { " " })]
pub struct ConfigMistake {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The field, e.g. `server.listen`; empty where there is none.
    pub key: String,
    /// What is wrong.
    pub problem: ConfigProblem,
    /// What to do.
    pub hint: String,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigProblem {
    /// Fields that go together, and one of them is absent.
    #[error("is there without `{other}`")]
    Alone {
        /// The absent field.
        other: &'static str,
    },
    /// None of the words that the field takes.
    #[error("is `{found}`")]
    Choice {
        /// What was written.
        found: String,
    },
    /// Excluded by another field that is present.
    #[error("cannot stand beside `{other}`")]
    Conflict {
        /// The other field.
        other: &'static str,
    },
    /// No value, where one is needed.
    #[error("is empty")]
    Empty,
    /// More bytes than a configuration has.
    #[error("the file has {found} bytes, at most {max} are read")]
    FileTooLarge {
        /// Bytes found.
        found: usize,
        /// Bytes allowed.
        max: usize,
    },
    /// Not an IP address and a port.
    #[error("is `{found}`, which is not an IP address and a port")]
    ListenAddress {
        /// What was written.
        found: String,
    },
    /// A required field is absent.
    #[error("is missing")]
    Missing,
    /// Not a range of addresses.
    #[error("holds `{found}`: {reason}")]
    Network {
        /// What was written.
        found: String,
        /// What is wrong with it.
        reason: AddressRangeError,
    },
    /// A whole number outside its limits.
    #[error("is {found}, not from {min} to {max}")]
    OutOfRange {
        /// What was written.
        found: String,
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
    /// A secret in the file.
    #[error("contains a password")]
    PasswordInUrl,
    /// Not well-formed TOML; the parser's own words.
    #[error("{message}")]
    Syntax {
        /// What the parser says.
        message: String,
    },
    /// A field that the section does not have.
    #[error("is not a setting")]
    UnknownKey,
    /// A section that does not exist.
    #[error("is not a section")]
    UnknownSection,
    /// Not a URL of the form that the field takes.
    #[error("is `{found}`, {reason}")]
    Url {
        /// What was written.
        found: String,
        /// What is wrong with it.
        reason: UrlFault,
    },
    /// Another type of value.
    #[error("is {found}, not {expected}")]
    WrongType {
        /// What the field takes.
        expected: &'static str,
        /// What was written.
        found: &'static str,
    },
}

/// What can be wrong with a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlFault {
    /// Plain HTTP to another machine.
    #[error("plain http beyond this machine")]
    Insecure,
    /// More than scheme, host and port.
    #[error("with more than scheme, host and port")]
    MoreThanOrigin,
    /// Not a URL at all, or without a host.
    #[error("which is not a URL with a host")]
    NotAUrl,
    /// Another scheme.
    #[error("with another scheme")]
    Scheme,
    /// Longer than a receipt has room for.
    #[error("with more than {MAX_ISS_BYTES} bytes, which every receipt repeats")]
    TooLong,
}
