//! Where the command line writes: handed in, so that tests can read it.

use std::io::IsTerminal as _;
use std::io::Write;
use std::time::Duration;

use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;

use crate::cli::error::CliError;
use crate::cli::exit::Exit;

/// Standard output and error of one run.
pub struct Terminal<'a> {
    /// Results.
    pub out: &'a mut (dyn Write + Send),
    /// Progress and mistakes.
    pub err: &'a mut (dyn Write + Send),
    /// Whether a person watches `err`, so that a moving bar helps.
    pub interactive: bool,
}

impl Terminal<'_> {
    /// Writes a line to standard output.
    ///
    /// # Errors
    /// When the reader has gone away.
    pub fn line(&mut self, text: impl std::fmt::Display) -> Result<(), CliError> {
        writeln!(self.out, "{text}").map_err(|error| CliError::caused(Exit::Internal, &error))
    }

    /// Writes a line to standard error; a failure there has nowhere to be told.
    pub fn note(&mut self, text: impl std::fmt::Display) {
        let _ = writeln!(self.err, "{text}");
    }

    /// A progress bar over `total` steps, drawn only for a person.
    #[must_use]
    pub fn progress(&self, total: u64, what: &'static str) -> ProgressBar {
        let target = if self.interactive {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(total), target);
        if let Ok(style) = ProgressStyle::with_template("{msg:24} {bar:32} {pos}/{len} {eta}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(100));
        bar
    }
}

/// Whether a person watches standard error.
#[must_use]
pub fn is_interactive() -> bool {
    std::io::stderr().is_terminal()
}
