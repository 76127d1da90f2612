//! A report for the person at the terminal; machines take `--json`.

use crate::cli::error::CliError;
use crate::cli::terminal::Terminal;
use crate::validation::report::CredentialCondition;
use crate::validation::report::Indication;
use crate::validation::report::Report;
use crate::validation::report::SignatureReport;

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
    for reason in report.all_reasons() {
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
        "  {:<9} {} ({intact}{algorithm})",
        signature.id, signature.indication
    ))?;
    if let Some(signer) = &signature.signer {
        terminal.line(format_args!("  signer    {}", signer.subject))?;
        if let Some(uscc) = &signer.uscc {
            terminal.line(format_args!("  company   {uscc}"))?;
        }
    }
    if let Some(ca) = &signature.ca {
        terminal.line(format_args!(
            "  CA        {} {} ({})",
            ca.name, ca.name_zh, ca.id
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
