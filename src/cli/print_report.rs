//! A report for the person at the terminal; machines take `--json`.

use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;
use crate::validation::path_report::PathReport;
use crate::validation::reason::Reason;
use crate::validation::report::ChangeName;
use crate::validation::report::ChangeReport;
use crate::validation::report::CredentialCondition;
use crate::validation::report::Indication;
use crate::validation::report::Report;
use crate::validation::report::RevisionReport;
use crate::validation::report::SignatureReport;
use crate::validation::report::TriedCandidate;

/// Prints verdict, signers, reasons and what to do next, in English and Chinese.
///
/// # Errors
/// When standard output cannot be written.
pub(in crate::cli) fn print_report(
    terminal: &mut Terminal<'_>,
    file: &str,
    report: &Report,
) -> Result<(), CliError> {
    let sub_indication = report
        .sub_indication
        .map(|sub| format!(" / {sub}"))
        .unwrap_or_default();
    let words = in_words(report.indication);
    terminal.line(format_args!(
        "{file}: {}{sub_indication} — {words}",
        report.indication
    ))?;
    terminal.line(format_args!("  format    {}", report.document.format))?;
    for signature in &report.signatures {
        print_signature(terminal, signature)?;
    }
    print_revisions(terminal, &report.revisions)?;
    if let Some(credential) = &report.credential {
        let state = credential
            .state
            .map_or("not known", CredentialCondition::as_str);
        terminal.line(format_args!("  type      {}", credential.vct))?;
        terminal.line(format_args!("  state     {state}"))?;
        if !credential.holder_bound {
            terminal.line("            facts about the company, not proof of who presents them 仅证明企业事实，不证明出示人身份")?;
        }
    }
    terminal.line(format_args!(
        "  profile   {} version {}",
        report.policy.profile, report.policy.version
    ))?;
    for signature in &report.signatures {
        print_tried(terminal, &signature.tried, signature.tried_more)?;
    }
    print_reasons(terminal, &report.all_reasons())
}

/// Prints a path from the end entity to the anchor, reasons and what to do next.
///
/// # Errors
/// When standard output cannot be written.
pub(in crate::cli) fn print_path(
    terminal: &mut Terminal<'_>,
    file: &str,
    report: &PathReport,
) -> Result<(), CliError> {
    let sub_indication = report
        .sub_indication
        .map(|sub| format!(" / {sub}"))
        .unwrap_or_default();
    terminal.line(format_args!(
        "{file}: {}{sub_indication} — {}",
        report.indication,
        in_words(report.indication)
    ))?;
    for (place, element) in report.path.iter().enumerate() {
        let indent = "  ".repeat(place);
        terminal.line(format_args!("  {indent}{}", element.subject))?;
    }
    if !report.policies.is_empty() {
        terminal.line(format_args!("  policies  {}", report.policies.join(", ")))?;
    }
    for used in &report.revocation {
        let until = used
            .next_update
            .map_or_else(|| "–".to_owned(), |at| at.to_string());
        terminal.line(format_args!(
            "  evidence  {} of {}, next {until}",
            used.source, used.this_update
        ))?;
    }
    print_tried(terminal, &report.tried, report.tried_more)?;
    let mut reasons: Vec<&Reason> = report.reasons.iter().collect();
    reasons.sort_by_key(|reason| std::cmp::Reverse(reason.severity()));
    print_reasons(terminal, &reasons)
}

fn print_tried(
    terminal: &mut Terminal<'_>,
    tried: &[TriedCandidate],
    more: usize,
) -> Result<(), CliError> {
    for candidate in tried {
        terminal.line(format_args!(
            "  tried     {}: {} {}",
            candidate.subject,
            candidate.reason.code(),
            candidate.reason.message()
        ))?;
    }
    if more > 0 {
        terminal.line(format_args!("            and {more} more 另有 {more} 个"))?;
    }
    Ok(())
}

fn print_reasons(terminal: &mut Terminal<'_>, reasons: &[&Reason]) -> Result<(), CliError> {
    for reason in reasons {
        terminal.line(format_args!(
            "  {}: {} {}",
            reason.severity().as_str(),
            reason.code(),
            reason.message()
        ))?;
        terminal.line(format_args!("      {}", reason.message_zh()))?;
        for action in [reason.action(), reason.action_zh()] {
            if !action.is_empty() {
                terminal.line(format_args!("      → {action}"))?;
            }
        }
    }
    Ok(())
}

fn print_signature(
    terminal: &mut Terminal<'_>,
    signature: &SignatureReport,
) -> Result<(), CliError> {
    let intact = match signature.cryptographic.intact {
        Some(true) => "intact, ",
        Some(false) => "BROKEN, ",
        None => "",
    };
    let algorithm = signature
        .cryptographic
        .signature_algorithm
        .as_deref()
        .unwrap_or("no signature computed");
    terminal.line(format_args!(
        "  {:<9} {} ({intact}{algorithm}, {})",
        signature.id, signature.indication, signature.format
    ))?;
    if let Some(signer) = &signature.signer {
        terminal.line(format_args!("  signer    {}", signer.subject))?;
        if let Some(uscc) = &signer.uscc {
            terminal.line(format_args!("  company   {uscc}"))?;
        }
    }
    if let Some(seal) = &signature.seal {
        terminal.line(format_args!("  seal      {} ({})", seal.name, seal.id))?;
    }
    if let Some(ca) = &signature.ca {
        terminal.line(format_args!(
            "  CA        {} {} ({})",
            ca.name, ca.name_zh, ca.id
        ))?;
    }
    Ok(())
}

/// How the document came about, one line a revision.
fn print_revisions(
    terminal: &mut Terminal<'_>,
    revisions: &[RevisionReport],
) -> Result<(), CliError> {
    for revision in revisions {
        let signed = revision.signatures.iter().cloned();
        let stamped = revision.timestamps.iter();
        let stamped = stamped
            .map(|stamp| format!("document timestamp {} ({})", stamp.time, stamp.indication));
        let is_said = |change: &&ChangeReport| {
            // What was stamped stands there with its time.
            change.kind != ChangeName::DocumentTimestamp || revision.timestamps.is_empty()
        };
        let changed = revision.changes.iter().filter(is_said);
        let changed = changed.map(|change| {
            let (label, label_zh) = change.kind.labels();
            format!("{label} {label_zh} ({})", change.place)
        });
        let undecided = revision.undecided.iter();
        let undecided = undecided.map(|why| format!("changes not decided: {why}"));
        let said: Vec<String> = signed
            .chain(stamped)
            .chain(changed)
            .chain(undecided)
            .collect();
        terminal.line(format_args!(
            "  revision  {} ({} bytes) {}",
            revision.number,
            revision.size_bytes,
            said.join("; ")
        ))?;
    }
    Ok(())
}

fn in_words(indication: Indication) -> &'static str {
    match indication {
        Indication::TotalPassed => "it may be relied on 可以采信",
        Indication::TotalFailed => "do not rely on it 不得采信",
        Indication::Indeterminate => "it could not be decided 无法判断",
    }
}
