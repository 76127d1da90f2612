//! `yinxin audit verify`, `export` and `erase`.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::arguments::AuditCommand;
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
use crate::crypto::public_key::PublicKey;
use crate::evidence::audit::examine::Finding;
use crate::evidence::audit::examine::Outcome;
use crate::evidence::audit::head::SignedHead;
use crate::pki::certificate;
use crate::service::app::App;
use crate::store::audit::Selection;
use crate::store::audit::anchor;
use crate::store::audit::anchor::AnchorError;
use crate::store::audit::erase::Erasure;
use crate::store::file;

/// Events read at a time.
const AT_A_TIME: u32 = 1_000;

/// Findings that are printed; how many there are is told.
const SHOWN: usize = 20;

const MAX_CERTIFICATES: usize = 8;
const MAX_CERTIFICATE_FILE_BYTES: u64 = 64 * 1024;

/// Runs `audit`. `verify` and `export` only read, so they may run beside a server.
///
/// # Errors
/// [`Exit::Data`] for an anchor file that is damaged, [`Exit::NoInput`] for one that is missing,
/// [`Exit::Busy`] for `erase` while a server holds the data folder.
pub(in crate::cli) fn run(
    command: &AuditCommand,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let reading = || Opening {
        access: Access::Read,
        demo: DemoTrust::Accept,
        ..Opening::for_writing()
    };
    runtime()?.block_on(async {
        match command {
            AuditCommand::Verify {
                anchor_file,
                former_key,
                configured,
            } => {
                let opened = open(&configured.config, reading()).await?;
                let anchor_file = anchor_file.as_ref();
                let anchor_file = anchor_file.or(opened.config.audit.anchor_file.as_ref());
                verify(&opened, anchor_file, former_key, terminal).await
            }
            AuditCommand::Export {
                from,
                to,
                caller,
                out,
                configured,
            } => {
                let selection = Selection {
                    from: from.unwrap_or(Timestamp::MIN),
                    until: to.unwrap_or(Timestamp::MAX),
                    actor: caller.clone(),
                };
                let opened = open(&configured.config, reading()).await?;
                export(&opened.app, &selection, out.as_deref(), terminal).await
            }
            AuditCommand::Erase {
                before,
                operator,
                configured,
            } => {
                let erasure = match (before, operator) {
                    (Some(before), _) => Erasure::Before(*before),
                    (None, Some(operator)) => Erasure::Operator(operator.clone()),
                    (None, None) => {
                        return Err(CliError::new(Exit::Usage, "--before or --operator"));
                    }
                };
                let opening = Opening {
                    demo: DemoTrust::Accept,
                    ..Opening::for_writing()
                };
                let opened = open(&configured.config, opening).await?;
                let bar = terminal.progress(0, "looking at receipts");
                let progress = |seen: u64| bar.set_position(seen);
                let erased = opened.app.erase_personal_fields(&erasure, &progress).await;
                bar.finish_and_clear();
                opened.app.close().await;
                let erased = erased.or_exit(Exit::Unavailable)?;
                terminal.line(format_args!(
                    "personal fields of {} events and {} receipts erased",
                    erased.events, erased.receipts
                ))?;
                Ok(Exit::Success)
            }
        }
    })
}

async fn verify(
    opened: &Opened,
    anchor_file: Option<&PathBuf>,
    former_keys: &[PathBuf],
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let mut keys = vec![opened.app.keys().receipt.key.public_key().clone()];
    for path in former_keys {
        keys.push(public_key(path)?);
    }
    let anchors = match anchor_file {
        Some(path) => read_anchors(path, &keys)?,
        None => Vec::new(),
    };
    let bar = terminal.progress(0, "examining events");
    let progress = |seen: u64, total: u64| {
        bar.set_length(total);
        bar.set_position(seen);
    };
    let outcome = opened.app.examine_audit(&keys, &anchors, &progress).await;
    bar.finish_and_clear();
    let outcome = outcome
        .or_exit(Exit::Unavailable)
        .map_err(|error| error.hint("is the database migrated? `yinxin doctor` tells"))?;
    tell(&outcome, anchor_file.map(PathBuf::as_path), terminal)
}

fn public_key(path: &Path) -> Result<PublicKey, CliError> {
    let bytes = file::read(path, MAX_CERTIFICATE_FILE_BYTES).or_exit(Exit::NoInput)?;
    let certificates = certificate::parse_all(&bytes, MAX_CERTIFICATES).or_exit(Exit::Data)?;
    let first = certificates.first().ok_or_else(|| {
        CliError::new(
            Exit::Data,
            format_args!("{}: no certificate", path.display()),
        )
    })?;
    Ok(first.public_key().clone())
}

fn read_anchors(path: &Path, keys: &[PublicKey]) -> Result<Vec<SignedHead>, CliError> {
    anchor::read(path, keys).map_err(|error| {
        let exit = match error {
            AnchorError::File(_) => Exit::NoInput,
            AnchorError::CutOff { .. }
            | AnchorError::Diverged
            | AnchorError::Garbled { .. }
            | AnchorError::Gap { .. } => Exit::Data,
        };
        CliError::caused(exit, &error).hint(format_args!(
            "{} is not the file that this service wrote, or not as it wrote it: take another copy of it; without \
             --anchor-file and anchor_file the database alone is examined",
            path.display()
        ))
    })
}

fn tell(
    outcome: &Outcome,
    anchor_file: Option<&Path>,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    for finding in outcome.findings.iter().take(SHOWN) {
        terminal.line(line(finding))?;
    }
    let more = outcome
        .faults
        .saturating_sub(u64::try_from(SHOWN).unwrap_or(u64::MAX));
    if more > 0 {
        terminal.line(format_args!("and {more} more"))?;
    }
    terminal.line(format_args!(
        "{} events in {} segments, {} signed heads; not signed yet {}, before the chain {}, erased {}",
        outcome.events,
        outcome.segments,
        outcome.heads,
        outcome.unsigned,
        outcome.before_the_chain,
        outcome.erased
    ))?;
    if let Some(removed) = outcome.removed_up_to {
        terminal.line(format_args!(
            "removed, as the trail says itself: the events that head {}, of {}, and those before it cover",
            removed.head, removed.signed_at
        ))?;
    }
    match (anchor_file, outcome.anchored) {
        (None, _) => terminal.note(
            "no anchor file: whether the newest events were cut off, or an old database was put back, cannot be told",
        ),
        (Some(path), None) => terminal.note(format_args!("{} is empty", path.display())),
        (Some(_), Some(anchored)) => {
            terminal.line(format_args!("anchored up to head {anchored}"))?;
        }
    }
    if outcome.faults == 0 {
        terminal.line("sound")?;
        Ok(Exit::Success)
    } else {
        terminal.line("BROKEN")?;
        Ok(Exit::TotalFailed)
    }
}

fn line(finding: &Finding) -> String {
    match finding.sequence {
        Some(sequence) => format!("event {sequence}: {}", finding.fault),
        None => format!("the record: {}", finding.fault),
    }
}

async fn export(
    app: &App,
    selection: &Selection,
    out: Option<&Path>,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let mut file = match out {
        Some(path) => Some(create(path)?),
        None => None,
    };
    let bar = terminal.progress(0, "exporting events");
    let mut after = 0;
    loop {
        let events = app.audit_events(selection, after, AT_A_TIME).await;
        let events = events.or_exit(Exit::Unavailable)?;
        let Some(last) = events.last() else { break };
        after = last.sequence;
        for event in &events {
            let line = serde_json::to_string(event).or_exit(Exit::Internal)?;
            match &mut file {
                Some(file) => writeln!(file, "{line}").or_exit(Exit::Internal)?,
                None => terminal.line(line)?,
            }
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    if let (Some(mut file), Some(path)) = (file, out) {
        file.flush().or_exit(Exit::Internal)?;
        terminal.note(format_args!("written to {}", path.display()));
    }
    Ok(Exit::Success)
}

/// Who asked what is not for everybody on this machine.
fn create(path: &Path) -> Result<impl Write + use<>, CliError> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    let file = file
        .map_err(|error| CliError::new(Exit::Usage, format_args!("{}: {error}", path.display())))?;
    Ok(std::io::BufWriter::new(file))
}
