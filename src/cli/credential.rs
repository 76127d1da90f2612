//! `yinxin issue` and `yinxin credential`.

use std::path::Path;

use serde_json::Value;
use serde_json::json;

use crate::cli::arguments::ChangedCredential;
use crate::cli::arguments::CredentialCommand;
use crate::cli::arguments::Issue;
use crate::cli::arguments::OneCredential;
use crate::cli::client::JSON;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::open::runtime;
use crate::cli::pick_up;
use crate::cli::reach::Reach;
use crate::cli::reach::reach;
use crate::cli::terminal::Terminal;
use crate::credential::state::ChangeReason;
use crate::identifier::opaque_id::CredentialId;
use crate::service::change_status::StatusAction;
use crate::service::issue::IssueRequest;
use crate::store::credentials::IssuedCredential;

/// Runs `issue`.
///
/// # Errors
/// [`Exit::Usage`] when the department does not own the type, [`Exit::Data`] for an unknown company.
pub(in crate::cli) fn issue(
    arguments: &Issue,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let (id, compact, code) = runtime()?.block_on(async {
        match reach(&arguments.reached).await? {
            Reach::Server(client) => {
                let body = json!({ "uscc": arguments.uscc, "type": arguments.kind }).to_string();
                let answer = client.post("/v1/credentials", JSON, body.as_bytes())?;
                let answer: Value = serde_json::from_str(&answer).or_exit(Exit::Unavailable)?;
                let member = |name: &str| {
                    answer
                        .get(name)
                        .and_then(Value::as_str)
                        .unwrap_or_default()
                        .to_owned()
                };
                Ok((member("id"), member("credential"), member("pickUpCode")))
            }
            Reach::Direct { opened, caller } => {
                let vct = opened
                    .app
                    .kinds()
                    .by_id(&arguments.kind)
                    .map(|kind| kind.vct.clone());
                let vct = vct.ok_or_else(|| {
                    CliError::new(
                        Exit::Usage,
                        format_args!("there is no type `{}`", arguments.kind),
                    )
                })?;
                let request = IssueRequest {
                    uscc: arguments.uscc.clone(),
                    vct,
                };
                let issued = opened.app.issue(&caller, &request, None).await;
                opened.app.close().await;
                let issued = issued.or_exit(Exit::Data)?;
                let code = issued.pick_up_code.as_ref();
                let code = code.map(|given| given.code.written().expose().clone());
                Ok::<_, CliError>((
                    issued.credential.reservation.id.to_string(),
                    issued.credential.compact,
                    code.unwrap_or_default(),
                ))
            }
        }
    })?;
    match &arguments.output {
        None => terminal.line(&compact)?,
        Some(path) => write_new(path, &compact)?,
    }
    terminal.note(format_args!("issued credential {id}"));
    if !code.is_empty() {
        terminal.note(format_args!(
            "pick-up code for the company, shown this once, good for 90 days: {code}"
        ));
    }
    Ok(Exit::Success)
}

fn write_new(path: &Path, compact: &str) -> Result<(), CliError> {
    std::fs::write(path, compact)
        .map_err(|error| CliError::new(Exit::Internal, format_args!("{}: {error}", path.display())))
}

/// Runs `credential`.
///
/// # Errors
/// [`Exit::Data`] for an unknown credential or a change that its state forbids.
pub(in crate::cli) fn run(
    command: &CredentialCommand,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    if let CredentialCommand::PickUp(arguments) = command {
        return pick_up::run(arguments, terminal);
    }
    runtime()?.block_on(async {
        match command {
            CredentialCommand::Show(one) => match reach(&one.reached).await? {
                Reach::Server(client) => {
                    terminal.line(client.get(&format!("/v1/credentials/{}", one.id), JSON)?)
                }
                Reach::Direct { opened, .. } => {
                    let row = opened
                        .app
                        .credential(&one.id)
                        .await
                        .or_exit(Exit::Internal)?;
                    let row = row.ok_or_else(|| {
                        CliError::new(Exit::Data, format_args!("no credential `{}`", one.id))
                    })?;
                    print(&row, terminal)
                }
            },
            CredentialCommand::Suspend(changed) => {
                change(changed, StatusAction::Suspend, terminal).await
            }
            CredentialCommand::Reinstate(changed) => {
                change(changed, StatusAction::Reinstate, terminal).await
            }
            CredentialCommand::Revoke(changed) => {
                change(changed, StatusAction::Revoke, terminal).await
            }
            CredentialCommand::PickUpCode(one) => replace_code(one, terminal).await,
            CredentialCommand::PickUp(_) => Ok(()),
        }
    })?;
    Ok(Exit::Success)
}

/// Prints the new code, this once.
async fn replace_code(one: &OneCredential, terminal: &mut Terminal<'_>) -> Result<(), CliError> {
    let id = &one.id;
    match reach(&one.reached).await? {
        Reach::Server(client) => {
            let path = format!("/v1/credentials/{id}/pick-up-code");
            let answer = client.post(&path, JSON, b"")?;
            let answer: Value = serde_json::from_str(&answer).or_exit(Exit::Unavailable)?;
            let code = answer.get("pickUpCode").and_then(Value::as_str);
            terminal.line(code.unwrap_or_default())
        }
        Reach::Direct { opened, caller } => {
            let given = opened.app.replace_pick_up_code(&caller, id).await;
            opened.app.close().await;
            terminal.line(given.or_exit(Exit::Data)?.code.written().expose())
        }
    }
}

async fn change(
    changed: &ChangedCredential,
    action: StatusAction,
    terminal: &mut Terminal<'_>,
) -> Result<(), CliError> {
    let reason = ChangeReason::parse(&changed.reason).or_exit(Exit::Usage)?;
    let id: &CredentialId = &changed.credential.id;
    match reach(&changed.credential.reached).await? {
        Reach::Server(client) => {
            let body = json!({ "action": action.id(), "reason": reason.as_str() }).to_string();
            terminal.line(client.post(
                &format!("/v1/credentials/{id}/status"),
                JSON,
                body.as_bytes(),
            )?)
        }
        Reach::Direct { opened, caller } => {
            let row = opened.app.change_status(&caller, id, action, &reason).await;
            opened.app.close().await;
            print(&row.or_exit(Exit::Data)?, terminal)
        }
    }
}

fn print(credential: &IssuedCredential, terminal: &mut Terminal<'_>) -> Result<(), CliError> {
    let reservation = &credential.reservation;
    let state = credential.state.name();
    terminal.line(format_args!(
        "{}  {state}  {}  {}",
        reservation.id, reservation.uscc, reservation.vct
    ))?;
    terminal.line(format_args!(
        "    issued {} until {}",
        reservation.issued_at, reservation.expires_at
    ))?;
    match credential.state.change() {
        Some(change) => terminal.line(format_args!(
            "    {} by {}: {}",
            change.at, change.by, change.reason
        )),
        None => Ok(()),
    }
}
