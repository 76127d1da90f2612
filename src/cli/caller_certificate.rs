//! `yinxin caller certificate`: which TLS client certificates stand for a caller.

use std::path::Path;

use crate::cli::caller::caller_id;
use crate::cli::caller::scopes;
use crate::cli::caller::usage_error;
use crate::cli::caller_arguments::CertificateCommand;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::open::Opened;
use crate::cli::terminal::Terminal;
use crate::cli::tls;
use crate::pki::certificate::Certificate;
use crate::registry::client_certificate::CertificateRule;

/// Runs `caller certificate`.
///
/// # Errors
/// [`Exit::Usage`] for callers and rules that there are not.
pub(in crate::cli) async fn run(
    opened: &Opened,
    command: &CertificateCommand,
    terminal: &mut Terminal<'_>,
) -> Result<(), CliError> {
    let app = &opened.app;
    match command {
        CertificateCommand::Add {
            id,
            file,
            same_key,
            authority,
            subject,
            scope,
            ..
        } => {
            let id = caller_id(id)?;
            let scopes = scopes(app, &id, scope).await?;
            let end_entity = file.as_deref().map(first_of).transpose()?;
            let rule = match (authority, end_entity) {
                (Some(authority), end_entity) => {
                    let named = end_entity.map(|certificate| certificate.subject().to_string());
                    let subject = subject.clone().or(named).filter(|name| !name.is_empty());
                    subject_rule(opened, &first_of(authority)?, subject)?
                }
                (None, Some(certificate)) if *same_key => {
                    CertificateRule::PublicKey(certificate.public_key().sha256())
                }
                (None, Some(certificate)) => CertificateRule::Certificate(certificate.sha256()),
                (None, None) => return Err(usage_error("which certificate? add --file FILE")),
            };
            let shown = rule.to_string();
            app.add_certificate(&id, rule, scopes)
                .await
                .or_exit(Exit::Usage)?;
            terminal.line(shown)
        }
        CertificateCommand::List { id, .. } => {
            let found = app.certificates_of(&caller_id(id)?).await;
            for record in found.or_exit(Exit::Internal)? {
                let scopes: Vec<&str> = record.scopes.iter().map(|scope| scope.id()).collect();
                let used = record
                    .last_used_at
                    .map_or_else(|| "never".to_owned(), |at| at.to_string());
                let (rule, scopes) = (record.rule, scopes.join(","));
                terminal.line(format_args!("{rule}  {scopes}  last used {used}"))?;
            }
            Ok(())
        }
        CertificateCommand::Remove { rule, .. } => {
            let rule = CertificateRule::parse(rule)
                .map_err(|error| usage_error(format_args!("`{rule}` {error}")))?;
            app.remove_certificate(&rule).await.or_exit(Exit::Usage)?;
            terminal.line(format_args!("{rule} stands for nobody any more"))
        }
    }
}

fn subject_rule(
    opened: &Opened,
    authority: &Certificate,
    subject: Option<String>,
) -> Result<CertificateRule, CliError> {
    let authority = authority.sha256();
    let configured = tls::client_cas(&opened.config.server)?;
    if !configured.iter().any(|ca| ca.sha256() == authority) {
        return Err(
            usage_error("the authority does not stand in server.client_ca_file")
                .hint("add it there first: without it the rule would fit no certificate"),
        );
    }
    let subject = subject.ok_or_else(|| {
        usage_error("which subject? add --subject NAME, or --file FILE that has it")
    })?;
    Ok(CertificateRule::Subject { authority, subject })
}

fn first_of(path: &Path) -> Result<Certificate, CliError> {
    let first = tls::certificates(path)?.into_iter().next();
    first.ok_or_else(|| usage_error(format_args!("{} holds no certificate", path.display())))
}
