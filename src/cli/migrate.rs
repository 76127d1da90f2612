//! `yinxin migrate`: brings the database to the schema of this version.

use crate::cli::arguments::Configured;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::open::Opening;
use crate::cli::open::open;
use crate::cli::open::runtime;
use crate::cli::terminal::Terminal;

/// Runs `migrate`.
///
/// # Errors
/// [`Exit::Busy`] while a server holds the data folder.
pub(in crate::cli) fn run(
    configured: &Configured,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    runtime()?.block_on(async {
        // Opening for writing migrates.
        let opened = open(&configured.config, Opening::for_writing()).await?;
        opened.app.close().await;
        Ok::<_, CliError>(())
    })?;
    terminal.line("the database has the schema of this version")?;
    Ok(Exit::Success)
}
