//! `yinxin company import` and `yinxin company show`.

use std::path::Path;

use crate::cli::arguments::CompanyCommand;
use crate::cli::client::JSON;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::open::runtime;
use crate::cli::reach::Reach;
use crate::cli::reach::reach;
use crate::cli::terminal::Terminal;
use crate::clock::Timestamp;
use crate::identifier::uscc::Uscc;
use crate::service::call::CallContext;
use crate::service::import::ImportError;

/// Runs `company`.
///
/// # Errors
/// [`Exit::Data`] for a line that cannot be taken: it is named, and nothing was imported.
pub(in crate::cli) fn run(
    command: &CompanyCommand,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    runtime()?.block_on(async {
        match command {
            CompanyCommand::Import { file, reached } => {
                import(file, reach(reached).await?, terminal).await
            }
            CompanyCommand::Show {
                uscc,
                as_of,
                reached,
            } => show(uscc, *as_of, reach(reached).await?, terminal).await,
        }
    })?;
    Ok(Exit::Success)
}

async fn import(file: &Path, reach: Reach, terminal: &mut Terminal<'_>) -> Result<(), CliError> {
    let bytes = std::fs::read(file).map_err(|error| {
        CliError::new(Exit::NoInput, format_args!("{}: {error}", file.display()))
    })?;
    let imported = match reach {
        Reach::Server(client) => {
            return terminal.line(client.post(
                "/v1/companies/import",
                "application/x-ndjson",
                &bytes,
            )?);
        }
        Reach::Direct { opened, caller } => {
            let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
            let bar = terminal.progress(
                u64::try_from(lines).unwrap_or(u64::MAX),
                "importing companies",
            );
            let progress = |lines: u64| {
                bar.set_position(lines);
            };
            let imported = opened
                .app
                .import_companies(&caller, &bytes, &progress)
                .await;
            bar.finish_and_clear();
            opened.app.close().await;
            imported
        }
    };
    let imported = imported.map_err(|error| {
        let exit = if matches!(error, ImportError::Line { .. }) {
            Exit::Data
        } else {
            Exit::Internal
        };
        CliError::caused(exit, &error)
            .hint("nothing was imported; correct the file and import it again")
    })?;
    terminal.line(format_args!(
        "{} companies, {} registrations imported",
        imported.companies, imported.registrations
    ))
}

async fn show(
    uscc: &Uscc,
    as_of: Option<Timestamp>,
    reach: Reach,
    terminal: &mut Terminal<'_>,
) -> Result<(), CliError> {
    match reach {
        Reach::Server(client) => {
            let query = as_of.map(|at| format!("?asOf={at}")).unwrap_or_default();
            terminal.line(client.get(&format!("/v1/companies/{uscc}{query}"), JSON)?)
        }
        Reach::Direct { opened, caller } => {
            let confirmation = opened
                .app
                .confirm(&caller, uscc, as_of, &CallContext::default())
                .await;
            opened.app.close().await;
            let confirmation = confirmation.or_exit(Exit::Data)?;
            let text =
                serde_json::to_string_pretty(&confirmation.company).or_exit(Exit::Internal)?;
            terminal.line(text)
        }
    }
}
