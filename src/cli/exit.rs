//! How the command line ends: one table of exit codes.

use std::process::ExitCode;

use crate::validation::report::Indication;

/// The end of a run. 0 to 2 are verdicts; from 64 on they are those of sysexits.h, so that a script can
/// tell "the document is bad" from "the command was".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Everything asked for was done; a verification passed.
    Success,
    /// A verification gave `TOTAL-FAILED`.
    TotalFailed,
    /// A verification gave `INDETERMINATE`.
    Indeterminate,
    /// The command line was wrong.
    Usage,
    /// The input was readable as nothing we know.
    Data,
    /// A file that was named is missing.
    NoInput,
    /// A server could not be reached or refused.
    Unavailable,
    /// Our own fault.
    Internal,
    /// Somebody else holds the data folder; try again later.
    Busy,
    /// The configuration is wrong.
    Configuration,
}

impl Exit {
    /// The number the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::TotalFailed => 1,
            Self::Indeterminate => 2,
            Self::Usage => 64,
            Self::Data => 65,
            Self::NoInput => 66,
            Self::Unavailable => 69,
            Self::Internal => 70,
            Self::Busy => 75,
            Self::Configuration => 78,
        }
    }

    /// The worse of two ends: of many files the worst wins (DESIGN §8). A file that could not be judged
    /// at all is worse than any verdict; `TOTAL-FAILED` is worse than `INDETERMINATE`.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        if self.rank() >= other.rank() {
            self
        } else {
            other
        }
    }

    fn rank(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Indeterminate => 1,
            Self::TotalFailed => 2,
            Self::Usage
            | Self::Data
            | Self::NoInput
            | Self::Unavailable
            | Self::Internal
            | Self::Busy
            | Self::Configuration => self.code(),
        }
    }
}

impl From<Indication> for Exit {
    fn from(indication: Indication) -> Self {
        match indication {
            Indication::TotalPassed => Self::Success,
            Indication::TotalFailed => Self::TotalFailed,
            Indication::Indeterminate => Self::Indeterminate,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_files_the_worst_wins() {
        assert_eq!(
            Exit::Success.worse(Exit::Indeterminate),
            Exit::Indeterminate
        );
        assert_eq!(
            Exit::Indeterminate.worse(Exit::TotalFailed),
            Exit::TotalFailed
        );
        assert_eq!(
            Exit::TotalFailed.worse(Exit::Indeterminate),
            Exit::TotalFailed
        );
        assert_eq!(Exit::TotalFailed.worse(Exit::NoInput), Exit::NoInput);
        assert_eq!(Exit::NoInput.worse(Exit::Data), Exit::NoInput);
    }
}
