//! What went wrong, for the person at the terminal: what, where, and what to do.

use std::fmt::Display;

use crate::cli::exit::Exit;

/// An error as the command line shows it.
#[derive(Debug)]
pub struct CliError {
    exit: Exit,
    message: String,
    hint: Option<String>,
}

impl CliError {
    /// An error with its exit code.
    #[must_use]
    pub fn new(exit: Exit, message: impl Display) -> Self {
        Self {
            exit,
            message: message.to_string(),
            hint: None,
        }
    }

    /// An error told with all its causes.
    #[must_use]
    pub fn caused(exit: Exit, error: &dyn std::error::Error) -> Self {
        let mut message = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let text = error.to_string();
            // An error marked transparent repeats its cause.
            if !message.ends_with(&text) {
                message.push_str(": ");
                message.push_str(&text);
            }
            cause = error.source();
        }
        Self {
            exit,
            message,
            hint: None,
        }
    }

    /// Adds what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Display) -> Self {
        self.hint = Some(hint.to_string());
        self
    }

    /// The exit code.
    #[must_use]
    pub const fn exit(&self) -> Exit {
        self.exit
    }
}

impl Display for CliError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "error: {}", self.message)?;
        match &self.hint {
            Some(hint) => write!(formatter, "\n  help: {hint}"),
            None => Ok(()),
        }
    }
}

/// Turns any error of a lower layer into a [`CliError`] with that exit code.
pub(in crate::cli) trait OrExit<T> {
    /// Keeps the value, or ends with `exit` and all causes.
    fn or_exit(self, exit: Exit) -> Result<T, CliError>;
}

impl<T, E: std::error::Error> OrExit<T> for Result<T, E> {
    fn or_exit(self, exit: Exit) -> Result<T, CliError> {
        self.map_err(|error| CliError::caused(exit, &error))
    }
}
