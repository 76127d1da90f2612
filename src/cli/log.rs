//! Starts logging: JSON for machines, a readable form for people, to standard error.

use tracing_subscriber::EnvFilter;

use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::config::log::Log;
use crate::config::log::LogFormat;
use crate::config::log::LogLevel;

const fn level(level: LogLevel) -> &'static str {
    match level {
        LogLevel::Error => "error",
        LogLevel::Warn => "warn",
        LogLevel::Info => "info",
        LogLevel::Debug => "debug",
        LogLevel::Trace => "trace",
    }
}

/// Starts logging for the life of the process.
///
/// # Errors
/// [`Exit::Internal`] when logging was started already.
pub(in crate::cli) fn start(log: &Log) -> Result<(), CliError> {
    // sqlx tells every statement at its own levels; of interest are its warnings alone.
    let directives = format!("{},sqlx=warn,hyper=warn", level(log.level));
    let filter = EnvFilter::try_new(directives).or_exit(Exit::Internal)?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    let started = match log.format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Pretty => builder.compact().try_init(),
    };
    started.map_err(|error| CliError::new(Exit::Internal, error))
}
