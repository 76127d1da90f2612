//! `yinxin trust`: trust stores here, who recognises them in [`recognition`].

use serde_json::json;

use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::open::read_trust;
use crate::cli::recognition;
use crate::cli::recognition::Verb;
use crate::cli::rehearse;
use crate::cli::terminal::Terminal;
use crate::cli::trust_arguments::TrustCommand;
use crate::cli::trust_arguments::TrustRoots;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::TrustStore;

/// Runs `trust`.
///
/// # Errors
/// [`Exit::Configuration`] when a trust store cannot be read; the message names file and line.
pub(in crate::cli) fn run(
    command: &TrustCommand,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    match command {
        TrustCommand::List(roots) => list(roots, terminal),
        TrustCommand::Check(roots) => check(roots, terminal),
        TrustCommand::Export {
            version,
            configured,
        } => recognition::export(*version, configured, terminal),
        TrustCommand::Import {
            file,
            propose: false,
            proposing,
        } => recognition::import(file, proposing, terminal),
        TrustCommand::Import {
            file, proposing, ..
        }
        | TrustCommand::Propose { file, proposing } => {
            recognition::propose(file, proposing, terminal)
        }
        TrustCommand::Rehearse(asked) => rehearse::rehearse(asked, terminal),
        TrustCommand::Proposals { configured } => recognition::proposals(configured, terminal),
        TrustCommand::Approve(one) => recognition::decide(Verb::Approve, one, terminal),
        TrustCommand::Withdraw(one) => recognition::decide(Verb::Withdraw, one, terminal),
    }
}

fn list(roots: &TrustRoots, terminal: &mut Terminal<'_>) -> Result<Exit, CliError> {
    let trust = read(roots)?;
    for store in trust.stores() {
        if roots.json {
            terminal.line(to_json(store))?;
        } else {
            print(store, terminal)?;
        }
    }
    if !roots.json {
        terminal.line(format_args!("trust set {}", trust.digest()))?;
    }
    Ok(Exit::Success)
}

fn print(store: &TrustStore, terminal: &mut Terminal<'_>) -> Result<(), CliError> {
    let demo = if store.demo { " [demonstration]" } else { "" };
    terminal.line(format_args!(
        "{}  {} {}{demo}",
        store.id, store.name, store.name_zh
    ))?;
    let usages: Vec<&str> = store.usages.keys().map(|usage| usage.as_str()).collect();
    let usages = if usages.is_empty() {
        "none: it vouches for nothing here".to_owned()
    } else {
        usages.join(", ")
    };
    terminal.line(format_args!("    usages  {usages}"))?;
    for anchor in &store.anchors {
        terminal.line(format_args!(
            "    anchor  {} until {}",
            anchor.id(),
            anchor.not_after()
        ))?;
        terminal.line(format_args!("            {}", anchor.name()))?;
    }
    Ok(())
}

fn to_json(store: &TrustStore) -> serde_json::Value {
    json!({
        "id": store.id.as_str(),
        "name": store.name,
        "nameZh": store.name_zh,
        "demo": store.demo,
        "usages": store.usages.keys().map(|usage| usage.as_str()).collect::<Vec<_>>(),
        "anchors": store.anchors.iter().map(|anchor| json!({
            "sha256": anchor.id().to_string(),
            "subject": anchor.name().to_string(),
            "notAfter": anchor.not_after(),
        })).collect::<Vec<_>>(),
    })
}

fn check(roots: &TrustRoots, terminal: &mut Terminal<'_>) -> Result<Exit, CliError> {
    let trust = read(roots)?;
    let findings = trust.findings(SystemClock.now());
    for finding in &findings {
        let told = if roots.json {
            json!({ "ca": finding.ca.as_str(), "anchor": finding.anchor.map(|id| id.to_string()), "finding": finding.kind.to_string() }).to_string()
        } else {
            finding.to_string()
        };
        terminal.line(told)?;
    }
    let anchors: usize = trust.stores().iter().map(|store| store.anchors.len()).sum();
    terminal.note(format_args!(
        "{} trust stores, {anchors} anchors, {} findings",
        trust.stores().len(),
        findings.len()
    ));
    Ok(Exit::Success)
}

fn read(roots: &TrustRoots) -> Result<TrustSet, CliError> {
    read_trust(roots.trust_roots.as_deref()).or_exit(Exit::Configuration)
}
