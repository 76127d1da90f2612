//! `yinxin evidence list` and `yinxin evidence fetch`.

use std::time::Duration;

use serde_json::json;

use crate::cli::arguments::EvidenceCommand;
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
use crate::clock::Timestamp;
use crate::service::app::App;
use crate::service::fetch_evidence::schedule::ends_at;
use crate::store::evidence::EvidenceOutline;
use crate::store::evidence::Hastened;
use crate::store::evidence::Signer;
use crate::store::evidence::SourceState;
use crate::validation::trust_store::EvidenceRules;
use crate::validation::trust_store::TrustSet;

/// Runs `evidence`.
///
/// # Errors
/// [`Exit::Busy`] for `fetch` while a server holds the data folder, which then fetches itself.
pub(in crate::cli) fn run(
    command: &EvidenceCommand,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    runtime()?.block_on(async {
        match command {
            EvidenceCommand::List { configured, json } => {
                let opening = Opening {
                    access: Access::Read,
                    demo: DemoTrust::Accept,
                    ..Opening::for_writing()
                };
                let opened = open(&configured.config, opening).await?;
                list(&opened, *json, terminal).await
            }
            EvidenceCommand::Fetch { configured, all } => {
                let opening = Opening {
                    demo: DemoTrust::Accept,
                    ..Opening::for_writing()
                };
                let opened = open(&configured.config, opening).await?;
                let which = if *all {
                    Hastened::All
                } else {
                    Hastened::Failing
                };
                let exit = fetch(&opened.app, which, terminal).await;
                opened.app.close().await;
                exit
            }
        }
    })
}

async fn list(
    opened: &Opened,
    as_json: bool,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let (trust, now) = (opened.app.trust(), opened.app.now());
    let sources = opened.app.evidence_sources().await;
    let sources = sources
        .or_exit(Exit::Unavailable)
        .map_err(|error| error.hint("is the database migrated? `yinxin doctor` tells"))?;
    for source in &sources {
        let end = end_of(source, &trust);
        if as_json {
            terminal.line(to_json(source, end))?;
        } else {
            print(source, end, now, terminal)?;
        }
    }
    if !as_json {
        terminal.line(format_args!("{} sources of evidence", sources.len()))?;
    }
    Ok(Exit::Success)
}

/// When the evidence of a source ends, by itself or at its CA's maximum age.
pub(in crate::cli) fn end_of(source: &SourceState, trust: &TrustSet) -> Option<Timestamp> {
    let evidence = source.evidence?;
    let nothing_said = EvidenceRules::default();
    let ca = trust.store(source.source.ca());
    let rules = ca.map_or(&nothing_said, |ca| &ca.evidence);
    ends_at(evidence.this_update, evidence.next_update, rules)
}

fn print(
    state: &SourceState,
    end: Option<Timestamp>,
    now: Timestamp,
    terminal: &mut Terminal<'_>,
) -> Result<(), CliError> {
    let source = &state.source;
    let pinned = if state.pinned { "  [ca.toml]" } else { "" };
    terminal.line(format_args!(
        "{}  {}  {}{pinned}",
        source.ca(),
        source.kind().name(),
        source.url()
    ))?;
    match &state.evidence {
        Some(evidence) => terminal.line(format_args!("    {}", stored(evidence, end, now)))?,
        None => terminal.line("    nothing yet")?,
    }
    terminal.line(format_args!("    next attempt {}", state.attempt_at))?;
    if let (Some(since), Some(error)) = (state.failing_since, &state.last_error) {
        let failures = state.failures;
        terminal.line(format_args!(
            "    FAILING since {since}, {failures} attempts: {error}"
        ))?;
    }
    Ok(())
}

fn stored(evidence: &EvidenceOutline, end: Option<Timestamp>, now: Timestamp) -> String {
    let age = rough(now.since(evidence.this_update));
    let end = match end {
        Some(end) if end <= now => format!("STALE since {end}"),
        Some(end) => format!("good until {end}"),
        None => "without an end".to_owned(),
    };
    let signer = match evidence.signer {
        Signer::Known => "",
        Signer::Unknown => "  signer not known yet",
    };
    format!(
        "issued {} ({age} ago)  {end}  fetched {}{signer}",
        evidence.this_update, evidence.fetched_at
    )
}

/// A span in its largest unit.
fn rough(span: Duration) -> String {
    let seconds = span.as_secs();
    let units = [(86_400, "d"), (3_600, "h"), (60, "min")];
    let unit = units.iter().find(|(length, _)| seconds >= 2 * length);
    match unit {
        Some((length, name)) => format!("{} {name}", seconds / length),
        None => format!("{seconds} s"),
    }
}

fn to_json(state: &SourceState, end: Option<Timestamp>) -> serde_json::Value {
    let source = &state.source;
    json!({
        "id": source.id().to_string(),
        "ca": source.ca().as_str(),
        "kind": source.kind().name(),
        "url": source.url().as_str(),
        "pinned": state.pinned,
        "nextAttempt": state.attempt_at,
        "failures": state.failures,
        "failingSince": state.failing_since,
        "lastError": state.last_error,
        "evidence": state.evidence.map(|evidence| json!({
            "sha256": evidence.sha256.to_string(),
            "thisUpdate": evidence.this_update,
            "nextUpdate": evidence.next_update,
            "endsAt": end,
            "fetchedAt": evidence.fetched_at,
            "signerKnown": evidence.signer == Signer::Known,
        })),
    })
}

async fn fetch(app: &App, which: Hastened, terminal: &mut Terminal<'_>) -> Result<Exit, CliError> {
    app.hasten_evidence(which)
        .await
        .or_exit(Exit::Unavailable)?;
    let round = app.fetch_due_evidence().await.or_exit(Exit::Unavailable)?;
    for state in app.evidence_sources().await.or_exit(Exit::Unavailable)? {
        if let Some(error) = &state.last_error {
            let (ca, url) = (state.source.ca(), state.source.url());
            terminal.note(format_args!("{ca}  {url}: {error}"));
        }
    }
    terminal.line(format_args!(
        "{} new, {} unchanged, {} failed",
        round.stored, round.unchanged, round.failed
    ))?;
    Ok(if round.failed == 0 {
        Exit::Success
    } else {
        Exit::Unavailable
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_in_their_largest_unit() {
        for (seconds, told) in [
            (0, "0 s"),
            (119, "119 s"),
            (120, "2 min"),
            (7_199, "119 min"),
            (7_200, "2 h"),
            (172_799, "47 h"),
            (172_800, "2 d"),
        ] {
            assert_eq!(rough(Duration::from_secs(seconds)), told);
        }
    }
}
