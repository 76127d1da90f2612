//! `yinxin path`: the certification path of one certificate, with everything that RFC 5280 lets one ask for.

use crate::cli::arguments::PathArguments;
use crate::cli::arguments::RulesArgument;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::print_report::print_path;
use crate::cli::relied_on::MAX_CERTIFICATES;
use crate::cli::relied_on::ReliedOn;
use crate::cli::relied_on::UnreadableAnchor;
use crate::cli::relied_on::later_evidence;
use crate::cli::relied_on::read_file;
use crate::cli::terminal::Terminal;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::clock::Timestamp;
use crate::pki::bag;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::extension;
use crate::pki::oid::Oid;
use crate::pki::path::PathInputs;
use crate::pki::path::ProvenSignatures;
use crate::pki::path::Remember;
use crate::pki::rules::Rules;
use crate::validation::certificate::validate_signer;
use crate::validation::context::Demands;
use crate::validation::context::RevocationPolicy;
use crate::validation::context::Subject;
use crate::validation::context::ValidationContext;
use crate::validation::path_report::PathReport;
use crate::validation::profile::TrustProfile;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::Usage;

/// Runs `path`.
///
/// # Errors
/// A file that is missing, trust roots that cannot be read. A certificate that cannot be read is a result.
pub(in crate::cli) fn run(
    arguments: &PathArguments,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let report = report(arguments, SystemClock.now())?;
    if arguments.json {
        terminal.line(serde_json::to_string(&report).or_exit(Exit::Internal)?)?;
    } else {
        print_path(
            terminal,
            &arguments.certificate.display().to_string(),
            &report,
        )?;
    }
    Ok(report.indication.into())
}

fn report(arguments: &PathArguments, now: Timestamp) -> Result<PathReport, CliError> {
    let trusting = &arguments.trusting;
    let at = trusting.at.unwrap_or(now);
    let mut relied_on = ReliedOn::read(trusting)?;
    let (trust, usage) = relied_on.trust(trusting, UnreadableAnchor::LeaveOut)?;
    let file = &arguments.certificate;
    let end_entity = match bag::read(&read_file(file)?, MAX_CERTIFICATES) {
        Ok(read) => {
            // There is one, and the first is meant; it may well stand among the intermediates, too.
            let end_entity = read.certificates.first().cloned();
            relied_on.take(file, read);
            end_entity
        }
        Err(error) => return Ok(PathReport::malformed(&error.to_string(), now)),
    };
    let Some(end_entity) = end_entity else {
        return Ok(PathReport::malformed("there is no certificate", now));
    };
    Ok(judge(
        &end_entity,
        &relied_on,
        (&trust, &usage),
        (arguments, at, now),
    ))
}

fn judge(
    end_entity: &Certificate,
    relied_on: &ReliedOn,
    (trust, usage): (&TrustSet, &Usage),
    (arguments, at, now): (&PathArguments, Timestamp, Timestamp),
) -> PathReport {
    let profile = TrustProfile::everything(trust, usage);
    let demands = demands(arguments);
    let evidence = relied_on.evidence();
    let memory = ProvenSignatures::default();
    let context = ValidationContext {
        demands: &demands,
        evidence: &evidence,
        later_evidence: later_evidence(&arguments.trusting),
        memory: Some(&memory),
        remember: Remember::Authorities,
        revocation: match arguments.trusting.no_revocation {
            true => RevocationPolicy::Skip,
            false => RevocationPolicy::FromTrustStore,
        },
        ..ValidationContext::new(trust, &profile, usage, at)
    };
    let outcome = validate_signer(end_entity, &relied_on.intermediates, &context);
    PathReport::new(
        outcome,
        relied_on.remarks.clone(),
        profile.policy_ref(),
        now,
    )
}

fn demands(arguments: &PathArguments) -> Demands {
    let names = [&arguments.dns_name, &arguments.ip_address, &arguments.email];
    Demands {
        subject: Subject::Anyone,
        inputs: PathInputs {
            policies: (!arguments.policy.is_empty())
                .then(|| arguments.policy.iter().cloned().collect()),
            require_explicit_policy: arguments.require_explicit_policy,
            inhibit_policy_mapping: arguments.inhibit_policy_mapping,
            inhibit_any_policy: arguments.inhibit_any_policy,
            max_path_length: arguments.max_path_length,
        },
        rules: match arguments.rules {
            None => Rules::Path,
            Some(RulesArgument::Rfc5280) => Rules::Rfc5280,
            Some(RulesArgument::Webpki) => Rules::WebPki,
        },
        purposes: purposes(arguments),
        key_usages: arguments.key_usage.clone(),
        names: names.into_iter().flatten().cloned().collect(),
    }
}

/// The extended key usages that are asked for; the rules of the web are about servers.
fn purposes(arguments: &PathArguments) -> Vec<Oid> {
    match (arguments.rules, arguments.eku.as_slice()) {
        (Some(RulesArgument::Webpki), []) => vec![extension::SERVER_AUTH.clone()],
        (_, asked) => asked.to_vec(),
    }
}
