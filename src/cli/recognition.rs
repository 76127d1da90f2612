//! `yinxin trust export|import|propose|proposals|approve|withdraw`: who recognises which CA.

use std::path::Path;

use serde::Deserialize;
use serde_json::json;

use crate::cli::arguments::Configured;
use crate::cli::arguments::Reached;
use crate::cli::client::Client;
use crate::cli::client::JSON;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::open::Access;
use crate::cli::open::DemoTrust;
use crate::cli::open::Opened;
use crate::cli::open::Opening;
use crate::cli::open::open;
use crate::cli::open::runtime;
use crate::cli::terminal::Terminal;
use crate::cli::trust_arguments::OneProposal;
use crate::cli::trust_arguments::Proposing;
use crate::registry::recognition::Decision;
use crate::registry::recognition::RecognitionRow;
use crate::registry::recognition::change::Change;
use crate::registry::recognition::change::ChangeForm;
use crate::registry::recognition::file;
use crate::registry::recognition::file::TableFile;
use crate::registry::recognition::form::RowForm;
use crate::registry::recognition::proposal::Proposal;
use crate::registry::recognition::table::Named;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::relying_party::RelyingPartyKind;
use crate::registry::text::Text;
use crate::service::change_recognition::ChangeRecognitionError;
use crate::service::change_recognition::Request;

/// Proposals that are listed.
const PROPOSALS_LISTED: u32 = 100;

/// Writes the table, as it is or as it was at a version.
///
/// # Errors
/// [`Exit::Usage`] for a version that there is not.
pub(in crate::cli) fn export(
    version: Option<u64>,
    configured: &Configured,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    runtime()?.block_on(async {
        let app = reading(configured).await?.app;
        let current = app.recognition_table().await.or_exit(Exit::Internal)?;
        let version = version.unwrap_or(current.version);
        let table = app.recognition_at(version).await.or_exit(Exit::Internal)?;
        let table = table.ok_or_else(|| {
            let message = format!(
                "there is no version {version}, only up to {}",
                current.version
            );
            CliError::new(Exit::Usage, message)
        })?;
        for line in file::write(&table.rows).lines() {
            terminal.line(line)?;
        }
        Ok(Exit::Success)
    })
}

/// Makes a file the table.
///
/// # Errors
/// [`Exit::Data`] for a mistake in the file, which is told with its line; nothing was changed.
pub(in crate::cli) fn import(
    path: &Path,
    proposing: &Proposing,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let reached = &proposing.reached;
    if proposing.note.is_some() || proposing.at.is_some() {
        let message = "a note and a date belong to a proposal";
        return Err(CliError::new(Exit::Usage, message).hint("add --propose"));
    }
    let table = read(path)?;
    if reached.server.is_some() {
        let message = "through a server a change is proposed and approved";
        return Err(CliError::new(Exit::Usage, message).hint("add --propose"));
    }
    runtime()?.block_on(async {
        let opened = writing(&reached.configured).await?;
        let by = match &reached.acting_as {
            Some(_) => Some(actor(&opened, reached).await?),
            None => None,
        };
        let change = |rows: &[RecognitionRow]| Change::between(rows, &table.rows);
        let changed = opened.app.change_recognition(by.as_ref(), change).await;
        match changed {
            Ok(version) => terminal.line(format_args!(
                "the recognition table is at version {version}: {} rows",
                table.rows.len()
            )),
            Err(ChangeRecognitionError::NothingChanges) => {
                terminal.line("the recognition table is like that already")
            }
            Err(error) => Err(refused(&error, Some((path, &table)))),
        }?;
        Ok(Exit::Success)
    })
}

/// Proposes a file as the table.
///
/// # Errors
/// As [`import`].
pub(in crate::cli) fn propose(
    path: &Path,
    proposing: &Proposing,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let table = read(path)?;
    if let Some(client) = server(&proposing.reached)? {
        let rows = rows_of(&client.get("/v1/recognition", JSON)?)?;
        let change = ChangeForm::from(&Change::between(&rows, &table.rows));
        let body = json!({
            "removed": change.removed,
            "added": change.added,
            "note": proposing.note,
            "activateAt": proposing.at,
        });
        let body = body.to_string();
        terminal.line(client.post("/v1/recognition/proposals", JSON, body.as_bytes())?)?;
        return Ok(Exit::Success);
    }
    runtime()?.block_on(async {
        let opened = writing(&proposing.reached.configured).await?;
        let by = actor(&opened, &proposing.reached).await?;
        let current = opened.app.recognition_table().await;
        let request = Request {
            change: Change::between(&current.or_exit(Exit::Internal)?.rows, &table.rows),
            note: proposing
                .note
                .as_deref()
                .map(Text::parse)
                .transpose()
                .or_exit(Exit::Usage)?,
            activate_at: proposing.at,
        };
        let proposed = opened.app.propose_recognition(&by, request).await;
        let proposal = proposed.map_err(|error| refused(&error, Some((path, &table))))?;
        print(&proposal, terminal)?;
        Ok(Exit::Success)
    })
}

/// Lists proposals.
///
/// # Errors
/// [`Exit::Internal`] when the database fails.
pub(in crate::cli) fn proposals(
    configured: &Configured,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    runtime()?.block_on(async {
        let app = reading(configured).await?.app;
        let found = app.proposals(None, PROPOSALS_LISTED).await;
        for proposal in found.or_exit(Exit::Internal)? {
            print(&proposal, terminal)?;
        }
        Ok(Exit::Success)
    })
}

/// What is decided about a proposal.
#[derive(Debug, Clone, Copy)]
pub(in crate::cli) enum Verb {
    /// It is approved.
    Approve,
    /// It is withdrawn.
    Withdraw,
}

/// Approves or withdraws a proposal.
///
/// # Errors
/// [`Exit::Usage`] for whoever proposed it, or when it is decided already.
pub(in crate::cli) fn decide(
    verb: Verb,
    one: &OneProposal,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    if let Some(client) = server(&one.reached)? {
        let verb = match verb {
            Verb::Approve => "approve",
            Verb::Withdraw => "withdraw",
        };
        let path = format!("/v1/recognition/proposals/{}/{verb}", one.id);
        terminal.line(client.post(&path, JSON, b"")?)?;
        return Ok(Exit::Success);
    }
    runtime()?.block_on(async {
        let opened = writing(&one.reached.configured).await?;
        let by = actor(&opened, &one.reached).await?;
        let decided = match verb {
            Verb::Approve => opened.app.approve_recognition(&by, one.id).await,
            Verb::Withdraw => opened.app.withdraw_recognition(&by, one.id).await,
        };
        print(&decided.map_err(|error| refused(&error, None))?, terminal)?;
        Ok(Exit::Success)
    })
}

/// The server that a command goes through; none: it has the data folder itself.
pub(in crate::cli) fn server(reached: &Reached) -> Result<Option<Client>, CliError> {
    match (&reached.server, &reached.key_file) {
        (Some(server), Some(key_file)) => Client::new(server, key_file).map(Some),
        (Some(_), None) | (None, _) => Ok(None),
    }
}

/// Demonstration CAs may be recognised: it is `serve` that refuses them.
pub(in crate::cli) async fn writing(configured: &Configured) -> Result<Opened, CliError> {
    let opening = Opening {
        demo: DemoTrust::Accept,
        ..Opening::for_writing()
    };
    open(&configured.config, opening).await
}

async fn reading(configured: &Configured) -> Result<Opened, CliError> {
    let opening = Opening {
        access: Access::Read,
        demo: DemoTrust::Accept,
        ..Opening::for_writing()
    };
    open(&configured.config, opening).await
}

/// The operator in whose name it is done.
pub(in crate::cli) async fn actor(
    opened: &Opened,
    reached: &Reached,
) -> Result<RelyingPartyId, CliError> {
    let id = reached.acting_as.as_deref().ok_or_else(|| {
        CliError::new(Exit::Usage, "in whose name is this done?")
            .hint("add --as CALLER; `yinxin caller list` shows them")
    })?;
    let id = RelyingPartyId::parse(id).or_exit(Exit::Usage)?;
    let parties = opened.app.recognisers().await.or_exit(Exit::Internal)?;
    match parties.iter().find(|party| party.id == id) {
        Some(party) if party.kind == RelyingPartyKind::Operator => Ok(id),
        Some(_) => {
            let message = format!("`{id}` is no operator");
            Err(CliError::new(Exit::Usage, message))
        }
        None => {
            let message = format!("there is no caller `{id}`");
            Err(CliError::new(Exit::Usage, message))
        }
    }
}

/// A table from a file.
pub(in crate::cli) fn read(path: &Path) -> Result<TableFile, CliError> {
    let told = |exit, what: &dyn std::fmt::Display| {
        CliError::new(exit, format_args!("{}: {what}", path.display()))
    };
    let text = std::fs::read_to_string(path).map_err(|error| told(Exit::NoInput, &error))?;
    file::parse(&text).map_err(|error| {
        let (line, problem) = (error.line, error.problem);
        told(Exit::Data, &format_args!("line {line}: {problem}")).hint("nothing was changed")
    })
}

/// The rows of a server's answer.
pub(in crate::cli) fn rows_of(answer: &str) -> Result<Vec<RecognitionRow>, CliError> {
    #[derive(Deserialize)]
    struct Answer {
        rows: Vec<RowForm>,
    }
    let answer: Answer = serde_json::from_str(answer).or_exit(Exit::Unavailable)?;
    let rows = answer.rows.into_iter().map(RecognitionRow::try_from);
    rows.collect::<Result<_, _>>().or_exit(Exit::Unavailable)
}

/// Why a change was refused, with the line of the file that it was read from.
pub(in crate::cli) fn refused(
    error: &ChangeRecognitionError,
    read: Option<(&Path, &TableFile)>,
) -> CliError {
    match error {
        ChangeRecognitionError::ApprovalRequired => {
            CliError::caused(Exit::Usage, error).hint("add --propose --as OPERATOR")
        }
        ChangeRecognitionError::Row(refusal) => {
            let message = match read {
                Some((path, table)) => {
                    let place = table.rows.iter().position(|row| *row == *refusal.row);
                    let line = table.line_of(place.unwrap_or_default());
                    format!("{}: line {line}: {refusal}", path.display())
                }
                None => refusal.to_string(),
            };
            CliError::new(Exit::Data, message).hint("nothing was changed")
        }
        ChangeRecognitionError::Change(_) | ChangeRecognitionError::NothingChanges => {
            CliError::caused(Exit::Data, error).hint("nothing was changed")
        }
        ChangeRecognitionError::Proposal(_) | ChangeRecognitionError::UnknownProposal(_) => {
            CliError::caused(Exit::Usage, error)
        }
        ChangeRecognitionError::Store(_) => CliError::caused(Exit::Internal, error),
    }
}

fn print(proposal: &Proposal, terminal: &mut Terminal<'_>) -> Result<(), CliError> {
    let Proposal { id, draft, state } = proposal;
    terminal.line(format_args!(
        "proposal {id}  {}  by {} at {}",
        state.name(),
        draft.proposed_by,
        draft.proposed_at
    ))?;
    if let Some(approved) = state.approved() {
        terminal.line(format_args!(
            "    approved by {} at {}",
            approved.by, approved.at
        ))?;
    }
    if let Some(at) = draft.activate_at {
        terminal.line(format_args!("    from {at} on"))?;
    }
    if let Some(note) = &draft.note {
        terminal.line(format_args!("    note  {note}"))?;
    }
    for (sign, rows) in [('-', &draft.change.removed), ('+', &draft.change.added)] {
        for row in rows {
            let refuses = match row.decision {
                Decision::Accept { .. } => "",
                Decision::Refuse => "  refused",
            };
            terminal.line(format_args!("    {sign} {}{refuses}", Named(row)))?;
        }
    }
    Ok(())
}
