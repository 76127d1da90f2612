//! `yinxin doctor`: looks for what is wrong, and says what to do about it.

use std::time::Duration;

use crate::cli::arguments::Configured;
use crate::cli::error::CliError;
use crate::cli::evidence::end_of;
use crate::cli::exit::Exit;
use crate::cli::open::Access;
use crate::cli::open::DemoTrust;
use crate::cli::open::Opened;
use crate::cli::open::Opening;
use crate::cli::open::open;
use crate::cli::open::runtime;
use crate::cli::terminal::Terminal;
use crate::crypto::key_purpose::KeyPurpose;
use crate::service::app::CertifiedKey;
use crate::store::evidence::SourceState;
use crate::validation::trust_store::TrustFindingKind;

/// Certificates that end sooner than this are told.
const SOON: Duration = Duration::from_secs(60 * 24 * 60 * 60);

/// One thing that was looked at.
struct Finding {
    weight: Weight,
    what: String,
    /// What to do; empty when nothing is.
    action: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Good,
    Warning,
    Bad,
}

impl Weight {
    const fn word(self) -> &'static str {
        match self {
            Self::Good => "ok  ",
            Self::Warning => "warn",
            Self::Bad => "BAD ",
        }
    }
}

fn good(what: impl Into<String>) -> Finding {
    Finding {
        weight: Weight::Good,
        what: what.into(),
        action: String::new(),
    }
}

fn warning(what: impl Into<String>, action: impl Into<String>) -> Finding {
    Finding {
        weight: Weight::Warning,
        what: what.into(),
        action: action.into(),
    }
}

fn bad(what: impl Into<String>, action: impl Into<String>) -> Finding {
    Finding {
        weight: Weight::Bad,
        what: what.into(),
        action: action.into(),
    }
}

/// Runs `doctor`. It only reads, so it may run beside a server.
///
/// # Errors
/// As opening does, when the installation cannot even be opened; [`Exit::Configuration`] when something
/// is bad.
pub(in crate::cli) fn run(
    configured: &Configured,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let findings = runtime()?.block_on(async {
        let opening = Opening {
            access: Access::Read,
            demo: DemoTrust::Accept,
            ..Opening::for_writing()
        };
        let opened = open(&configured.config, opening).await?;
        Ok::<_, CliError>(examine(&opened).await)
    })?;
    for finding in &findings {
        terminal.line(format_args!("{} {}", finding.weight.word(), finding.what))?;
        if !finding.action.is_empty() {
            terminal.line(format_args!("     → {}", finding.action))?;
        }
    }
    let worst = findings
        .iter()
        .map(|finding| finding.weight)
        .max()
        .unwrap_or(Weight::Good);
    Ok(if worst == Weight::Bad {
        Exit::Configuration
    } else {
        Exit::Success
    })
}

async fn examine(opened: &Opened) -> Vec<Finding> {
    let mut findings = vec![good("configuration, keys and trust stores can be read")];
    findings.extend(public_url(opened));
    findings.extend(certificates(opened));
    findings.extend(database(opened).await);
    findings.extend(register(opened).await);
    findings.extend(trust(opened));
    findings.extend(evidence(opened).await);
    findings.push(audit(opened).await);
    findings
}

fn public_url(opened: &Opened) -> Option<Finding> {
    let url = &opened.app.settings().public_url;
    let action = "behind a TLS terminator, set it to the https address that the public uses";
    (!url.starts_with("https://")).then(|| warning(format!("public_url is {url}"), action))
}

fn certificates(opened: &Opened) -> Vec<Finding> {
    let keys = opened.app.keys();
    let named = [
        (KeyPurpose::Credential, &keys.credential),
        (KeyPurpose::Receipt, &keys.receipt),
        (KeyPurpose::StatusList, &keys.status_list),
    ];
    let timestamp = keys.timestamp.as_ref();
    named
        .into_iter()
        .chain(timestamp.map(|key| (KeyPurpose::Timestamp, key)))
        .filter_map(|(purpose, key)| certificate(opened, purpose, key))
        .collect()
}

fn certificate(opened: &Opened, purpose: KeyPurpose, key: &CertifiedKey) -> Option<Finding> {
    let certificate = key.certificates.first()?;
    let now = opened.app.now();
    let until = certificate.not_after();
    let what = format!("the certificate of the {purpose} key is valid until {until}");
    let action = "have the city's CA issue a new one and put it into the key folder";
    Some(if until <= now {
        bad(
            format!("the certificate of the {purpose} key expired at {until}"),
            action,
        )
    } else if until.since(now) < SOON {
        warning(what, action)
    } else {
        good(what)
    })
}

async fn database(opened: &Opened) -> Vec<Finding> {
    let health = match opened.app.health().await {
        Ok(health) => health,
        Err(error) => {
            return vec![bad(
                format!("the database fails: {error}"),
                "see the log of the database",
            )];
        }
    };
    let mut findings = vec![good(format!(
        "the database answers, {} companies",
        health.companies
    ))];
    if !health.schema_is_current {
        findings.push(bad(
            "the database has the schema of another version",
            "run `yinxin migrate`",
        ));
    }
    if health.unfinished > 0 {
        let what = format!("{} credentials are half issued", health.unfinished);
        findings.push(warning(
            what,
            "a server finishes or voids them when it starts",
        ));
    }
    if let Some(signed) = health.clock_behind {
        let what = format!("the clock is behind {signed}, which was signed already");
        findings.push(bad(
            what,
            "set the clock right; nothing is signed until then",
        ));
    }
    findings
}

async fn register(opened: &Opened) -> Vec<Finding> {
    let Ok(issuers) = opened.app.issuers().await else {
        return Vec::new();
    };
    let spki = opened.app.keys().credential.key.public_key().sha256();
    let now = opened.app.now();
    opened
        .app
        .kinds()
        .all()
        .iter()
        .map(|kind| {
            let authorised = issuers.iter().any(|entry| {
                entry.identity.is_key(&spki) && entry.authorises(&kind.vct, &kind.region, now)
            });
            if authorised {
                good(format!(
                    "the issuer register authorises the city's key for {}",
                    kind.id
                ))
            } else {
                bad(
                    format!(
                        "the issuer register does not authorise the city's key for {}",
                        kind.id
                    ),
                    "enter it into the issuer register",
                )
            }
        })
        .collect()
}

fn trust(opened: &Opened) -> Vec<Finding> {
    let trust = opened.app.trust();
    let mut findings: Vec<Finding> = trust
        .findings(opened.app.now())
        .iter()
        // Roots of the web vouch for nothing on purpose.
        .filter(|finding| finding.kind != TrustFindingKind::NoUsages)
        .map(|finding| warning(finding.to_string(), "`yinxin trust check` tells more"))
        .collect();
    let usable = trust
        .stores()
        .iter()
        .filter(|store| !store.usages.is_empty())
        .count();
    findings.push(good(format!(
        "{} trust stores, {usable} with a usage",
        trust.stores().len()
    )));
    for store in trust.stores().iter().filter(|store| store.demo) {
        findings.push(warning(
            format!("trust store {} is a demonstration", store.id),
            "`serve` refuses it; only `demo` takes it",
        ));
    }
    findings
}

async fn audit(opened: &Opened) -> Finding {
    let Some(path) = &opened.config.audit.anchor_file else {
        let action = "set `[audit] anchor_file` to a file that whoever administers this machine cannot change";
        return warning(
            "the audit trail has no anchor file: that it was cut off or put back would not be noticed",
            action,
        );
    };
    match opened.app.anchor_state().await {
        Ok(0) => warning(
            format!("the anchor file {} is empty", path.display()),
            "a server writes it; until then nothing is anchored",
        ),
        Ok(head) => good(format!("the audit trail is anchored up to head {head}")),
        Err(error) => bad(
            format!("the anchor file {} does not fit: {error}", path.display()),
            "`yinxin audit verify` tells more; after restoring a backup, begin another anchor file",
        ),
    }
}

/// A source that has failed for so long deserves a look.
const FAILING_FOR_LONG: Duration = Duration::from_secs(24 * 60 * 60);

async fn evidence(opened: &Opened) -> Vec<Finding> {
    let sources = match opened.app.evidence_sources().await {
        Ok(sources) => sources,
        Err(error) => {
            return vec![bad(
                format!("the sources of evidence cannot be read: {error}"),
                "run `yinxin migrate`; if that does not help, restore a backup",
            )];
        }
    };
    let (trust, now) = (opened.app.trust(), opened.app.now());
    let is_stale = |source: &&SourceState| end_of(source, &trust).is_some_and(|end| end <= now);
    let fails = |source: &&SourceState| {
        let since = source.failing_since;
        since.is_some_and(|since| now.since(since) >= FAILING_FOR_LONG)
    };
    let mut findings = vec![good(format!("{} sources of evidence", sources.len()))];
    findings.extend(some_of(
        sources.iter().filter(is_stale),
        "are stale: certificates that need them are not decided",
        "`yinxin evidence list` tells since when; a server renews them, unless their CA is late or away",
    ));
    findings.extend(some_of(
        sources.iter().filter(fails),
        "have failed for more than a day",
        "`yinxin evidence list` tells why; `yinxin evidence fetch` tries again",
    ));
    findings
}

/// One finding about all sources that something is wrong with, naming the first.
fn some_of<'a>(
    mut sources: impl Iterator<Item = &'a SourceState>,
    what: &str,
    action: &str,
) -> Option<Finding> {
    let first = &sources.next()?.source;
    let (count, ca, url) = (sources.count() + 1, first.ca(), first.url());
    let what = format!("{count} sources of evidence {what}; the first is of {ca}, {url}");
    Some(warning(what, action))
}
