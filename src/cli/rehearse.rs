//! `yinxin trust rehearse`: what a change of recognition would have made of past verifications.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::cli::client::JSON;
use crate::cli::client::problem;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::open::runtime;
use crate::cli::recognition::actor;
use crate::cli::recognition::read;
use crate::cli::recognition::refused;
use crate::cli::recognition::rows_of;
use crate::cli::recognition::server;
use crate::cli::recognition::writing;
use crate::cli::terminal::Terminal;
use crate::cli::trust_arguments::Rehearsing;
use crate::registry::recognition::change::Change;
use crate::registry::recognition::change::ChangeForm;
use crate::service::rehearse::Progress;
use crate::service::rehearse::RehearseError;
use crate::service::rehearse::RehearseRequest;
use crate::service::rehearse::Subject;
use crate::service::rehearse::answer::Counts;
use crate::service::rehearse::answer::Rehearsal;
use crate::service::rehearse::answer::Undecided;

/// What a bar says.
const WHAT: &str = "rehearsing";

/// Lays a change over past verifications and tells whose verdicts would be others.
///
/// # Errors
/// [`Exit::Data`] for a mistake in the file; [`Exit::Unavailable`] when the server refuses.
pub(in crate::cli) fn rehearse(
    asked: &Rehearsing,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let told = match server(&asked.reached)? {
        Some(client) => {
            let change = match &asked.file {
                None => json!({ "proposal": asked.proposal.map(|id| id.0) }),
                Some(path) => {
                    let table = read(path)?;
                    let rows = rows_of(&client.get("/v1/recognition", JSON)?)?;
                    let change = ChangeForm::from(&Change::between(&rows, &table.rows));
                    json!({ "removed": change.removed, "added": change.added })
                }
            };
            let mut body = change;
            if let Some(members) = body.as_object_mut() {
                members.insert("days".to_owned(), asked.days.into());
                if let Some(at) = asked.at {
                    members.insert("at".to_owned(), json!(at));
                }
            }
            let bar = terminal.progress(0, WHAT);
            let mut last = None;
            client.post_for_lines("/v1/recognition/rehearse", &body, |line| {
                match serde_json::from_str(line).or_exit(Exit::Unavailable)? {
                    Line::Progress { examined, of } => {
                        bar.set_length(of);
                        bar.set_position(examined);
                    }
                    Line::Done { rehearsal } => last = Some(rehearsal),
                    Line::Failed { problem: told } => {
                        let status = told.get("status").and_then(Value::as_u64);
                        let status = status.and_then(|status| u16::try_from(status).ok());
                        let told = problem(status.unwrap_or_default(), &told.to_string());
                        return Err(CliError::new(Exit::Unavailable, told));
                    }
                }
                Ok(())
            })?;
            bar.finish_and_clear();
            let cut_off = || CliError::new(Exit::Unavailable, "the answer was cut off");
            *last.ok_or_else(cut_off)?
        }
        None => here(asked, terminal)?,
    };
    if asked.json {
        let line = serde_json::to_string(&told).or_exit(Exit::Internal)?;
        terminal.line(line)?;
    } else {
        print(&told, terminal)?;
    }
    Ok(Exit::Success)
}

/// A line of the answer.
#[derive(Deserialize)]
#[serde(untagged)]
enum Line {
    Progress { examined: u64, of: u64 },
    Done { rehearsal: Box<Rehearsal> },
    Failed { problem: Value },
}

fn here(asked: &Rehearsing, terminal: &mut Terminal<'_>) -> Result<Rehearsal, CliError> {
    let file = asked.file.as_deref();
    let file = file.map(|path| read(path).map(|table| (path, table)));
    let file = file.transpose()?;
    runtime()?.block_on(async {
        let opened = writing(&asked.reached.configured).await?;
        let by = match &asked.reached.acting_as {
            Some(_) => Some(actor(&opened, &asked.reached).await?),
            None => None,
        };
        let subject = match (&file, asked.proposal) {
            (None, Some(id)) => Subject::Proposal(id),
            (file, _) => {
                let current = opened
                    .app
                    .recognition_table()
                    .await
                    .or_exit(Exit::Internal)?;
                let rows = file.as_ref().map_or(&[][..], |(_, table)| &table.rows);
                Subject::Change(Change::between(&current.rows, rows))
            }
        };
        let request = RehearseRequest {
            subject,
            days: asked.days,
            at: asked.at,
        };
        let bar = terminal.progress(0, WHAT);
        let mut progress = |Progress { examined, of }: Progress| {
            bar.set_length(of);
            bar.set_position(examined);
        };
        let told = opened
            .app
            .rehearse(by.as_ref(), request, &mut progress)
            .await;
        bar.finish_and_clear();
        told.map_err(|error| match &error {
            RehearseError::Change(cause) => {
                let read = file.as_ref().map(|(path, table)| (*path, table));
                refused(cause, read)
            }
            RehearseError::Days(_) => CliError::caused(Exit::Usage, &error),
            RehearseError::Busy | RehearseError::CutOff | RehearseError::Store(_) => {
                CliError::caused(Exit::Internal, &error)
            }
        })
    })
}

fn print(told: &Rehearsal, terminal: &mut Terminal<'_>) -> Result<(), CliError> {
    let Counts {
        examined,
        changed,
        unchanged,
        undecided,
    } = &told.total;
    terminal.line(format_args!(
        "{examined} verifications since {}, recognition as of {}, laid over version {}",
        told.since, told.at, told.base_version
    ))?;
    if !told.is_complete {
        terminal.line("    there were too many: the oldest were left out")?;
    }
    terminal.line(format_args!(
        "    {changed} would have another verdict, {unchanged} the same"
    ))?;
    for (why, count) in undecided {
        terminal.line(format_args!(
            "    {count} cannot be told: {}",
            because(*why)
        ))?;
    }
    for cause in &told.because {
        let word = match cause.is_recognised {
            true => "recognised",
            false => "no longer recognised",
        };
        terminal.line(format_args!(
            "    because `{}` is {word} for `{}`: {}",
            cause.ca, cause.usage, cause.count
        ))?;
    }
    for party in &told.callers {
        terminal.line(format_args!(
            "{}  {} of {} would change",
            party.caller, party.counts.changed, party.counts.examined
        ))?;
        for one in &party.transitions {
            terminal.line(format_args!(
                "    {} -> {}  {}",
                one.before, one.after, one.count
            ))?;
        }
        for one in told.changes.iter().filter(|one| one.caller == party.caller) {
            let company = one.company.as_ref().map(ToString::to_string);
            terminal.line(format_args!(
                "      {}  {}  {}  receipt {}",
                one.verified_at,
                one.purpose,
                company.unwrap_or_default(),
                one.receipt
            ))?;
        }
    }
    terminal.note("nothing was changed");
    Ok(())
}

const fn because(why: Undecided) -> &'static str {
    match why {
        Undecided::DocumentNeeded => "only the document could tell, and it is not kept",
        Undecided::FactsNotKept => "an earlier release verified it",
        Undecided::LimitsApply => {
            "a row has limits, and only certificates and evidence tell whether they are met"
        }
    }
}
