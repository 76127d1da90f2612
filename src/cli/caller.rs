//! `yinxin caller`: departments, banks and their API keys.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::cli::caller_arguments::CallerCommand;
use crate::cli::caller_arguments::CallerKey;
use crate::cli::caller_arguments::CallerKeyCommand;
use crate::cli::caller_arguments::CallerLimit;
use crate::cli::caller_arguments::CertificateCommand;
use crate::cli::caller_certificate;
use crate::cli::caller_limit;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::init::recognition_row;
use crate::cli::open::Opened;
use crate::cli::open::Opening;
use crate::cli::open::open;
use crate::cli::open::runtime;
use crate::cli::terminal::Terminal;
use crate::clock::Timestamp;
use crate::registry::caller_terms::CallerTerms;
use crate::registry::department::DepartmentId;
use crate::registry::recognition::RecognitionRow;
use crate::registry::recognition::proposal::Approval;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::relying_party::RelyingPartyKind;
use crate::registry::relying_party::Scope;
use crate::registry::text::Text;
use crate::service::app::App;
use crate::service::manage::scopes_of;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::Usage;

/// Runs `caller`.
///
/// # Errors
/// [`Exit::Usage`] for names that do not exist, [`Exit::Busy`] while a server holds the data folder.
pub(in crate::cli) fn run(
    command: &CallerCommand,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let configured = match command {
        CallerCommand::Add { configured, .. }
        | CallerCommand::Key(CallerKey {
            rotate: None,
            configured,
            ..
        })
        | CallerCommand::Key(CallerKey {
            rotate: Some(CallerKeyCommand::Rotate { configured, .. }),
            ..
        })
        | CallerCommand::Certificate(
            CertificateCommand::Add { configured, .. }
            | CertificateCommand::List { configured, .. }
            | CertificateCommand::Remove { configured, .. },
        )
        | CallerCommand::Limit(CallerLimit { configured, .. })
        | CallerCommand::Revoke { configured, .. }
        | CallerCommand::List { configured } => configured,
    };
    runtime()?.block_on(async {
        let opened = open(&configured.config, Opening::for_writing()).await?;
        let done = change(command, &opened, terminal).await;
        opened.app.close().await;
        done
    })?;
    Ok(Exit::Success)
}

async fn change(
    command: &CallerCommand,
    opened: &Opened,
    terminal: &mut Terminal<'_>,
) -> Result<(), CliError> {
    let app = &opened.app;
    match command {
        CallerCommand::Add {
            id,
            kind,
            name,
            name_zh,
            department,
            recognise,
            ..
        } => {
            let party = party(id, kind, (name, name_zh), department.as_deref())?;
            let rows = rows(app, &party.id, recognise)?;
            if !rows.is_empty() && app.settings().approval == Approval::TwoPerson {
                let message =
                    "what a caller recognises has to be proposed, and approved by another operator";
                return Err(
                    usage_error(message).hint("leave out --recognise, then `yinxin trust propose`")
                );
            }
            app.add_caller(&party).await.or_exit(Exit::Usage)?;
            if !rows.is_empty() {
                app.add_recognition(&rows).await.or_exit(Exit::Data)?;
            }
            print_key(app, &party.id, scopes_of(party.kind), None, terminal).await
        }
        CallerCommand::Key(key) => give_key(app, key, terminal).await,
        CallerCommand::Certificate(command) => {
            caller_certificate::run(opened, command, terminal).await
        }
        CallerCommand::Limit(limit) => caller_limit::run(app, limit, terminal).await,
        CallerCommand::Revoke { prefix, .. } => {
            app.revoke_key(prefix).await.or_exit(Exit::Usage)?;
            terminal.line(format_args!("key {prefix} is revoked"))
        }
        CallerCommand::List { .. } => list(app, terminal).await,
    }
}

/// Makes a further key, or one in place of another.
async fn give_key(app: &App, key: &CallerKey, terminal: &mut Terminal<'_>) -> Result<(), CliError> {
    if let Some(CallerKeyCommand::Rotate { prefix, grace, .. }) = &key.rotate {
        let grace = DAY.saturating_mul(*grace);
        let new = app.rotate_key(prefix, grace).await.or_exit(Exit::Usage)?;
        terminal.note(format_args!(
            "API key in place of {prefix}, which ends at {} or earlier; shown this once:",
            app.now().plus(grace)
        ));
        return terminal.line(new.expose());
    }
    let id = caller_id(key.id.as_deref().unwrap_or_default())?;
    let scopes = scopes(app, &id, &key.scope).await?;
    let expires_at = key
        .expires_in
        .map(|days| app.now().plus(DAY.saturating_mul(days)));
    print_key(app, &id, scopes, expires_at, terminal).await
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

pub(in crate::cli) fn usage_error(message: impl std::fmt::Display) -> CliError {
    CliError::new(Exit::Usage, message)
}

pub(in crate::cli) fn caller_id(id: &str) -> Result<RelyingPartyId, CliError> {
    RelyingPartyId::parse(id).or_exit(Exit::Usage)
}

fn party(
    id: &str,
    kind: &str,
    (name, name_zh): (&str, &str),
    department: Option<&str>,
) -> Result<RelyingParty, CliError> {
    let kind = RelyingPartyKind::from_id(kind)
        .ok_or_else(|| usage_error(format_args!("no kind of caller `{kind}`")))?;
    let department = department
        .map(DepartmentId::parse)
        .transpose()
        .or_exit(Exit::Usage)?;
    let name = Text::parse(name).or_exit(Exit::Usage)?;
    let name_zh = Text::parse(name_zh).or_exit(Exit::Usage)?;
    RelyingParty::new(caller_id(id)?, kind, name, name_zh, department).or_exit(Exit::Usage)
}

/// `CA:USAGE` arguments as rows of the recognition table, in force from now on.
fn rows(
    app: &App,
    caller: &RelyingPartyId,
    recognise: &[String],
) -> Result<Vec<RecognitionRow>, CliError> {
    recognise
        .iter()
        .map(|text| {
            let (ca, usage) = text
                .split_once(':')
                .ok_or_else(|| usage_error(format_args!("`{text}` is not CA:USAGE")))?;
            let ca = CaId::parse(ca).or_exit(Exit::Usage)?;
            let usage = Usage::parse(usage).or_exit(Exit::Usage)?;
            recognition_row(app, caller.clone(), (ca, usage), app.now())
        })
        .collect()
}

pub(in crate::cli) async fn scopes(
    app: &App,
    id: &RelyingPartyId,
    asked: &[String],
) -> Result<BTreeSet<Scope>, CliError> {
    if asked.is_empty() {
        let callers = app.callers().await.or_exit(Exit::Internal)?;
        let party = callers.iter().find(|(party, _)| party.id == *id);
        let (party, _) =
            party.ok_or_else(|| usage_error(format_args!("there is no caller `{id}`")))?;
        return Ok(scopes_of(party.kind));
    }
    asked
        .iter()
        .map(|scope| {
            Scope::from_id(scope)
                .ok_or_else(|| usage_error(format_args!("there is no scope `{scope}`")))
        })
        .collect()
}

async fn print_key(
    app: &App,
    id: &RelyingPartyId,
    scopes: BTreeSet<Scope>,
    expires_at: Option<Timestamp>,
    terminal: &mut Terminal<'_>,
) -> Result<(), CliError> {
    let key = app
        .add_key(id, scopes, expires_at)
        .await
        .or_exit(Exit::Usage)?;
    terminal.note(format_args!("API key of {id}, shown this once:"));
    terminal.line(key.expose())
}

/// What the caller is held to, unless that is nothing, and how many certificates stand for it.
async fn show_terms(
    app: &App,
    id: &RelyingPartyId,
    terminal: &mut Terminal<'_>,
) -> Result<(), CliError> {
    if app.terms(id).await.or_exit(Exit::Internal)? != CallerTerms::default() {
        terminal.line(format_args!(
            "    has limits of its own: `yinxin caller limit {id}`"
        ))?;
    }
    let rules = app.certificates_of(id).await.or_exit(Exit::Internal)?;
    for record in rules {
        terminal.line(format_args!("    certificate {}", record.rule))?;
    }
    Ok(())
}

async fn list(app: &App, terminal: &mut Terminal<'_>) -> Result<(), CliError> {
    for (party, keys) in app.callers().await.or_exit(Exit::Internal)? {
        terminal.line(format_args!(
            "{}  {} {} ({})",
            party.id,
            party.name,
            party.name_zh,
            party.kind.id()
        ))?;
        show_terms(app, &party.id, terminal).await?;
        for key in keys {
            let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.id()).collect();
            let told =
                |at: Option<Timestamp>| at.map_or_else(|| "never".to_owned(), |at| at.to_string());
            terminal.line(format_args!(
                "    key {}  {}  last used {}  expires {}{}",
                key.prefix,
                scopes.join(","),
                told(key.last_used_at),
                told(key.expires_at),
                key.revoked_at
                    .map(|at| format!("  REVOKED {at}"))
                    .unwrap_or_default(),
            ))?;
        }
    }
    Ok(())
}
