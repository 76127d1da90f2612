//! The command line: one file per subcommand.
//!
//! Start at [`run`]. Commands are synchronous and make a runtime of their own where they need one; what
//! they print goes to the [`terminal::Terminal`] that they are given.

pub mod arguments;
mod ask_authority;
mod audit;
mod backup;
mod caller;
pub mod caller_arguments;
mod caller_certificate;
mod caller_limit;
mod check_config;
mod client;
mod company;
mod credential;
mod demo;
mod detached;
mod doctor;
pub mod error;
mod evidence;
pub mod exit;
mod extend;
mod found;
mod init;
mod log;
mod migrate;
mod open;
mod output;
mod path;
mod pdf;
mod pick_up;

mod print_report;
mod reach;
mod receipt;
mod recognition;
mod rehearse;
mod relied_on;

pub mod sample;
mod serve;
mod sign;
pub mod sign_arguments;
mod sign_pdf;
pub mod terminal;
mod timestamp;
mod tls;
mod trust;
pub mod trust_arguments;
mod verify;

use std::ffi::OsString;

use clap::Parser as _;

use crate::cli::arguments::Arguments;
use crate::cli::arguments::Command;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::terminal::Terminal;

/// Runs one command line to its end.
pub fn run(arguments: impl IntoIterator<Item = OsString>, terminal: &mut Terminal<'_>) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return told_by_clap(&error, terminal),
    };
    dispatch(&arguments.command, terminal).unwrap_or_else(|error| {
        terminal.note(&error);
        error.exit()
    })
}

fn dispatch(command: &Command, terminal: &mut Terminal<'_>) -> Result<Exit, CliError> {
    match command {
        Command::Demo(arguments) => demo::run(arguments, terminal),
        Command::Init(arguments) => init::run(arguments, terminal),
        Command::Serve(arguments) => serve::run(arguments, terminal),
        Command::Migrate(arguments) => migrate::run(arguments, terminal),
        Command::Doctor(arguments) => doctor::run(arguments, terminal),
        Command::CheckConfig(arguments) => check_config::run(arguments, terminal),
        Command::Backup(arguments) => backup::backup(arguments, terminal),
        Command::Restore(arguments) => backup::restore(arguments, terminal),
        Command::Verify(arguments) => verify::run(arguments, terminal),
        Command::Path(arguments) => path::run(arguments, terminal),
        Command::Sign(arguments) => sign::run(arguments, terminal),
        Command::Extend(arguments) => extend::run(arguments, terminal),
        Command::Timestamp(arguments) => timestamp::run(arguments, terminal),
        Command::Company(command) => company::run(command, terminal),
        Command::Caller(command) => caller::run(command, terminal),
        Command::Issue(arguments) => credential::issue(arguments, terminal),
        Command::Credential(command) => credential::run(command, terminal),
        Command::Evidence(command) => evidence::run(command, terminal),
        Command::Trust(command) => trust::run(command, terminal),
        Command::Audit(command) => audit::run(command, terminal),
    }
}

/// Help and version are results; everything else that clap says is a mistake in the command line.
fn told_by_clap(error: &clap::Error, terminal: &mut Terminal<'_>) -> Exit {
    if error.use_stderr() {
        terminal.note(error.render());
        return Exit::Usage;
    }
    match terminal.line(error.render()) {
        Ok(()) => Exit::Success,
        Err(error) => error.exit(),
    }
}
