//! `yinxin check-config`, and reading the configuration for every other command.

use std::path::Path;

use crate::cli::arguments::Configured;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::terminal::Terminal;
use crate::config::Config;
use crate::config::MAX_CONFIG_BYTES;

/// Reads the configuration; every mistake in it is told at once.
///
/// # Errors
/// [`Exit::NoInput`] when there is no such file, [`Exit::Configuration`] when it holds mistakes.
pub(in crate::cli) fn read_config(path: &Path) -> Result<Config, CliError> {
    let missing = |error: std::io::Error| {
        CliError::new(Exit::NoInput, format_args!("{}: {error}", path.display()))
            .hint("`yinxin init --data DIR …` makes a data folder with a configuration; name it with --config DIR/yinxin.toml")
    };
    let size = std::fs::metadata(path).map_err(missing)?.len();
    if usize::try_from(size).is_ok_and(|size| size > MAX_CONFIG_BYTES) {
        return Err(CliError::new(
            Exit::Configuration,
            format_args!(
                "{}: {size} bytes where at most {MAX_CONFIG_BYTES} are read",
                path.display()
            ),
        ));
    }
    let text = std::fs::read_to_string(path).map_err(missing)?;
    Config::parse(&text, path).map_err(|mistakes| {
        let told: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
        CliError::new(Exit::Configuration, told.join("\n"))
            .hint("every mistake is listed above; nothing was started")
    })
}

/// Runs `check-config`.
///
/// # Errors
/// As [`read_config`].
pub(in crate::cli) fn run(
    configured: &Configured,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    read_config(&configured.config)?;
    terminal.line(format_args!("{}: no mistakes", configured.config.display()))?;
    Ok(Exit::Success)
}
