//! `yinxin extend`: puts into a signed PDF what it needs to be judged later (PAdES B-LT), and has all of it
//! timestamped (B-LTA).

use crate::cli::arguments::Trusting;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::open::Access;
use crate::cli::open::DemoTrust;
use crate::cli::open::Opening;
use crate::cli::open::open;
use crate::cli::open::runtime;
use crate::cli::pdf;
use crate::cli::pdf::Asking;
use crate::cli::relied_on::ReliedOn;
use crate::cli::relied_on::UnreadableAnchor;
use crate::cli::sign_arguments::Extend;
use crate::cli::terminal::Terminal;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::clock::Timestamp;
use crate::credential::kind::KindSet;
use crate::crypto::digest::DigestAlgorithm;
use crate::pki::certificate::Certificate;
use crate::pki::path::ProvenSignatures;
use crate::pki::path::Remember;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::evidence::ReceivedResponse;
use crate::pki::revocation::freshness::LaterEvidence;
use crate::pki::revocation::ocsp::OcspResponse;
use crate::service::collect_evidence::CollectError;
use crate::service::collect_evidence::CollectedEvidence;
use crate::service::collect_evidence::collect_evidence;
use crate::service::judge::Judging;
use crate::service::open::Naming;
use crate::service::open::Submission;
use crate::signature::pdf::write;
use crate::validation::context::Demands;
use crate::validation::context::RevocationPolicy;
use crate::validation::profile::TrustProfile;
use crate::validation::report::Overall;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::Usage;

/// What paths lead to, and what tells of their certificates.
struct Basis {
    trust: TrustSet,
    usage: Usage,
    intermediates: Vec<Certificate>,
    evidence: Evidence,
}

/// Runs `extend`.
///
/// # Errors
/// [`Exit::NoInput`] for files that cannot be read, [`Exit::Data`] for a document that cannot be extended,
/// [`Exit::Unavailable`] where evidence is missing or the timestamp authority does not answer. Nothing is written
/// then.
pub(in crate::cli) fn run(
    arguments: &Extend,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let out = arguments.output.pdf_path(&arguments.file, "extended");
    arguments.output.require_room(&out)?;
    let document = pdf::read(&arguments.file)?;
    let now = SystemClock.now();
    let basis = runtime()?.block_on(Basis::gather(arguments, terminal))?;
    let collected = basis.collect(&document, now)?;
    let stored = (collected.certificates.as_slice(), &collected.evidence);
    let extended = write::extend(&document, stored, now).map_err(|error| pdf::told(&error))?;
    let is_new = extended.is_some();
    let mut made = extended.unwrap_or(document);
    if let Some(url) = &arguments.tsa {
        let asking = Asking {
            url,
            algorithm: DigestAlgorithm::Sha256,
            policy: None,
        };
        made = pdf::timestamp(&made, &asking)?.bytes;
    } else if !is_new {
        terminal.line(format_args!(
            "{}: holds all that is at hand already, nothing was written",
            arguments.file.display()
        ))?;
        return Ok(Exit::Success);
    }
    arguments.output.write(&out, &made)?;
    terminal.line(format_args!(
        "{}: {} certificates, {} CRLs, {} OCSP responses{}",
        out.display(),
        collected.certificates.len(),
        collected.evidence.crls().len(),
        collected.evidence.responses().count(),
        if arguments.tsa.is_some() {
            ", timestamped"
        } else {
            ""
        }
    ))?;
    Ok(Exit::Success)
}

impl Basis {
    async fn gather(arguments: &Extend, terminal: &mut Terminal<'_>) -> Result<Self, CliError> {
        let trusting = Trusting {
            anchor: arguments.anchor.clone(),
            intermediate: arguments.intermediate.clone(),
            crl: arguments.crl.clone(),
            ocsp: arguments.ocsp.clone(),
            trust_roots: arguments.trust_roots.clone(),
            no_revocation: false,
            at: None,
        };
        let mut relied_on = ReliedOn::read(&trusting)?;
        for remark in &relied_on.remarks {
            terminal.note(format_args!("warning: {}", remark.message()));
        }
        let Some(data) = &arguments.data else {
            let (trust, usage) = relied_on.trust(&trusting, UnreadableAnchor::Refuse)?;
            return Ok(Self {
                trust,
                usage,
                evidence: relied_on.evidence(),
                intermediates: relied_on.intermediates,
            });
        };
        let opening = Opening {
            access: Access::Read,
            demo: DemoTrust::Accept,
            ..Opening::for_writing()
        };
        let opened = open(&data.join("yinxin.toml"), opening).await?;
        let app = &opened.app;
        app.reload_evidence().await.or_exit(Exit::Unavailable)?;
        let fetched = app.evidence();
        let fetched = fetched.indexed();
        let responses = fetched.responses().cloned().map(OcspResponse::Basic);
        let responses = responses.chain(relied_on.ocsp.iter().cloned());
        let crls = fetched.crls().iter().chain(&relied_on.crls).cloned();
        Ok(Self {
            trust: TrustSet::clone(&app.trust()),
            usage: Usage::parse("registration").or_exit(Exit::Internal)?,
            evidence: Evidence::new(crls, responses.map(ReceivedResponse::from)),
            intermediates: relied_on.intermediates,
        })
    }

    fn collect(&self, document: &[u8], now: Timestamp) -> Result<CollectedEvidence, CliError> {
        let not_a_pdf = || CliError::caused(Exit::Data, &CollectError::NotAPdf);
        let naming = Naming::default();
        let submission = Submission::new(document, None).map_err(|_unsupported| not_a_pdf())?;
        let opened = submission.recognise().open(naming, &[]);
        let memory = ProvenSignatures::default();
        let kinds = KindSet::builtin("").or_exit(Exit::Internal)?;
        let judging = Judging {
            trust: &self.trust,
            profile: &TrustProfile::everything(&self.trust, &self.usage),
            issuers: &[],
            kinds: &kinds,
            intermediates: &self.intermediates,
            demands: Demands::of_a_signer(),
            revocation: RevocationPolicy::FromTrustStore,
            later_evidence: LaterEvidence::Refuse,
            evidence: &self.evidence,
            memory: Some(&memory),
            expected_signer: None,
            overall: Overall::All,
            at: now,
            now,
            consulted: None,
            recent: None,
            remember: Remember::Authorities,
        };
        collect_evidence(&opened, &judging).map_err(|error| told(&error))
    }
}

fn told(error: &CollectError) -> CliError {
    match error {
        CollectError::NoEvidence { .. } => CliError::caused(Exit::Unavailable, error).hint(
            "name a CRL with --crl or an OCSP response with --ocsp, or a data folder that has it",
        ),
        CollectError::NoPath(_) => CliError::caused(Exit::Data, error)
            .hint("name the trust anchor with --anchor, and what lies between with --intermediate"),
        CollectError::NoSigner => CliError::caused(Exit::Data, error).hint("sign it first"),
        CollectError::NotAPdf => CliError::caused(Exit::Data, error),
    }
}
