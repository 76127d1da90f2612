//! `yinxin verify`: the engine of the server, without a server.

use std::collections::BTreeMap;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::arguments::Verify;
use crate::cli::detached;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::open::Access;
use crate::cli::open::DemoTrust;
use crate::cli::open::Opened;
use crate::cli::open::Opening;
use crate::cli::open::open;
use crate::cli::open::runtime;
use crate::cli::print_report::print_report;
use crate::cli::receipt;
use crate::cli::receipt::ReceiptKeys;
use crate::cli::relied_on::MAX_CERTIFICATES;
use crate::cli::relied_on::MAX_FILE_BYTES;
use crate::cli::relied_on::ReliedOn;
use crate::cli::relied_on::UnreadableAnchor;
use crate::cli::relied_on::later_evidence;
use crate::cli::relied_on::read_file;
use crate::cli::terminal::Terminal;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::clock::Timestamp;
use crate::credential::kind::KindSet;
use crate::credential::sd_jwt_vc::parse::SdJwt;
use crate::credential::sd_jwt_vc::registered::StatusClaim;
use crate::credential::sd_jwt_vc::validate::StatusFinding;
use crate::credential::status_list::token::StatusCheck;
use crate::credential::status_list::token::StatusListToken;
use crate::evidence::receipt::judge::ReceiptVerdict;
use crate::evidence::receipt::judge::is_receipt;
use crate::pki::bag;
use crate::pki::path::ProvenSignatures;
use crate::pki::path::Remember;
use crate::pki::revocation::evidence::Evidence;
use crate::pki::trust_anchor::TrustAnchor;
use crate::registry::caller_terms::CallerTerms;
use crate::registry::issuer::IssuerEntry;
use crate::registry::relying_party::RelyingPartyId;
use crate::service::call::Caller;
use crate::service::judge;
use crate::service::judge::Judging;
use crate::service::manage::scopes_of;
use crate::service::open::Document;
use crate::service::open::Naming;
use crate::service::open::Submission;
use crate::service::open::open_raw;
use crate::signature::raw::RawSignature;
use crate::signature::sniff::trimmed_text;
use crate::store::file;
use crate::store::file::FileError;
use crate::validation::context::Demands;
use crate::validation::context::RevocationPolicy;
use crate::validation::profile::NarrowingError;
use crate::validation::profile::TrustProfile;
use crate::validation::report::Overall;
use crate::validation::report::Report;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::TrustSet;

/// The largest document that is read; what it was signed apart from may have any size.
const MAX_DOCUMENT_BYTES: u64 = 1024 * 1024 * 1024;

/// So many files take long enough for a person to want to see how far it is.
const SHOWS_PROGRESS_FROM: usize = 20;

/// When a credential's status is not at hand, ask again after this long.
const RETRY_AFTER_SECONDS: u64 = 3600;

/// Runs `verify`.
///
/// # Errors
/// [`Exit::NoInput`] when a file that is relied on is missing. Files to verify are told one by one, and
/// the worst decides the exit code.
pub(in crate::cli) fn run(
    arguments: &Verify,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    runtime()?.block_on(async {
        let basis = Basis::gather(arguments).await?;
        let mut exit = Exit::Success;
        let mut files = Vec::new();
        for path in &arguments.files {
            match file::list_below(path) {
                Ok(below) => files.extend(below),
                Err(error) => {
                    terminal.note(CliError::caused(Exit::NoInput, &error));
                    exit = exit.worse(Exit::NoInput);
                }
            }
        }
        let bar = terminal.progress(u64::try_from(files.len()).unwrap_or(u64::MAX), "verifying");
        if files.len() < SHOWS_PROGRESS_FROM {
            bar.finish_and_clear();
        }
        for path in &files {
            // Above what is printed, and not through it.
            let judged = verify_one(path, arguments, &basis).await?;
            exit = exit.worse(bar.suspend(|| judged.tell(path, arguments, terminal))?);
            bar.inc(1);
        }
        bar.finish_and_clear();
        Ok(exit)
    })
}

/// Everything that files are judged by.
struct Basis {
    opened: Option<Opened>,
    trust: TrustSet,
    profile: TrustProfile,
    issuers: Vec<IssuerEntry>,
    kinds: KindSet,
    relied_on: ReliedOn,
    evidence: Evidence,
    receipt_keys: ReceiptKeys,
    /// By the address they are published at.
    status_lists: BTreeMap<String, StatusListToken>,
    /// Files often share their CAs.
    proven: ProvenSignatures,
    at: Timestamp,
    now: Timestamp,
}

impl Basis {
    async fn gather(arguments: &Verify) -> Result<Self, CliError> {
        let now = SystemClock.now();
        let trusting = &arguments.trusting;
        let at = trusting.at.unwrap_or(now);
        let mut relied_on = ReliedOn::read(trusting)?;
        let status_lists = read_status_lists(&arguments.status_list)?;
        if let Some(data) = &arguments.data {
            return Self::of_data_folder(arguments, data, (relied_on, status_lists), (at, now))
                .await;
        }
        let (trust, usage) = relied_on.trust(trusting, UnreadableAnchor::Refuse)?;
        Ok(Self {
            opened: None,
            receipt_keys: ReceiptKeys::read(arguments, &relied_on.intermediates, None)?,
            profile: narrowed(TrustProfile::everything(&trust, &usage), arguments)?,
            trust,
            issuers: Vec::new(),
            kinds: KindSet::builtin("").or_exit(Exit::Internal)?,
            evidence: relied_on.evidence(),
            relied_on,
            status_lists,
            proven: ProvenSignatures::default(),
            at,
            now,
        })
    }

    async fn of_data_folder(
        arguments: &Verify,
        data: &Path,
        (relied_on, status_lists): (ReliedOn, BTreeMap<String, StatusListToken>),
        (at, now): (Timestamp, Timestamp),
    ) -> Result<Self, CliError> {
        let opening = Opening {
            access: Access::Read,
            demo: DemoTrust::Accept,
            ..Opening::for_writing()
        };
        let opened = open(&data.join("yinxin.toml"), opening).await?;
        let (caller, purpose) = caller_of(&opened, arguments.profile.as_deref()).await?;
        let profile = opened
            .app
            .profile_for(&caller, purpose.as_deref(), at)
            .await
            .or_exit(Exit::Usage)?;
        Ok(Self {
            receipt_keys: ReceiptKeys::read(arguments, &relied_on.intermediates, Some(&opened))?,
            trust: TrustSet::clone(&opened.app.trust()),
            profile: narrowed(profile, arguments)?,
            issuers: opened.app.issuers().await.or_exit(Exit::Unavailable)?,
            kinds: opened.app.kinds().clone(),
            opened: Some(opened),
            evidence: relied_on.evidence(),
            relied_on,
            status_lists,
            proven: ProvenSignatures::default(),
            at,
            now,
        })
    }

    /// What is known of a credential's status: from the data folder, else from a list that was handed in.
    async fn status_of(&self, credential: &SdJwt) -> Result<StatusFinding, CliError> {
        if let Some(opened) = &self.opened {
            let finding = opened
                .app
                .status_of(credential)
                .await
                .or_exit(Exit::Unavailable)?;
            if !matches!(finding, StatusFinding::Unavailable { .. }) {
                return Ok(finding);
            }
        }
        Ok(self.listed(credential))
    }

    fn listed(&self, credential: &SdJwt) -> StatusFinding {
        let unavailable = StatusFinding::Unavailable {
            retry_after_seconds: RETRY_AFTER_SECONDS,
        };
        let StatusClaim::StatusList(reference) = &credential.registered().status else {
            return unavailable;
        };
        let (Some(token), Some(issuer)) = (
            self.status_lists.get(&reference.uri),
            credential.jws().x5c().first(),
        ) else {
            return unavailable;
        };
        // The certificate that signed the issuer's is the anchor or stands in the credential.
        let issuer_ca = self
            .trust
            .stores()
            .iter()
            .flat_map(|store| &store.anchors)
            .map(TrustAnchor::certificate)
            .chain(credential.jws().x5c().iter().skip(1))
            .chain(&self.relied_on.intermediates)
            .find(|ca| issuer.verify_signature(ca.public_key()).is_ok());
        let check = StatusCheck {
            expected_uri: &reference.uri,
            issuer,
            issuer_ca,
            at: self.at,
        };
        let value = token
            .check(&check)
            .and_then(|()| token.value(reference.index));
        match value {
            Ok(value) => StatusFinding::Listed {
                value,
                age_seconds: self.now.since(token.issued_at()).as_secs(),
            },
            Err(error) => StatusFinding::Refused {
                detail: error.to_string(),
            },
        }
    }
}

/// What `--accept-ca` leaves of a profile.
fn narrowed(profile: TrustProfile, arguments: &Verify) -> Result<TrustProfile, CliError> {
    if arguments.accept_ca.is_empty() {
        return Ok(profile);
    }
    let cas = arguments.accept_ca.iter().cloned().collect();
    profile.narrowed(cas).map_err(|error| {
        let told = CliError::caused(Exit::Usage, &error);
        match error {
            NarrowingError::Nothing => told,
            NarrowingError::Outside { of_profile, .. } => {
                let ids: Vec<&str> = of_profile.iter().map(CaId::as_str).collect();
                told.hint(format_args!("it holds {}", ids.join(", ")))
            }
        }
    })
}

/// The caller and purpose of `--profile CALLER[/PURPOSE]`; the public when none is named.
async fn caller_of(
    opened: &Opened,
    profile: Option<&str>,
) -> Result<(Caller, Option<String>), CliError> {
    let Some(profile) = profile else {
        return Ok((opened.app.public_caller(), None));
    };
    let (id, purpose) = match profile.split_once('/') {
        Some((id, purpose)) => (id, Some(purpose.to_owned())),
        None => (profile, None),
    };
    let id = RelyingPartyId::parse(id).or_exit(Exit::Usage)?;
    let callers = opened.app.callers().await.or_exit(Exit::Unavailable)?;
    let found = callers.into_iter().find(|(party, _)| party.id == id);
    let (party, _) = found.ok_or_else(|| {
        CliError::new(Exit::Usage, format_args!("there is no caller `{id}`"))
            .hint("`yinxin caller list` shows them")
    })?;
    Ok((
        Caller {
            scopes: scopes_of(party.kind),
            party,
            terms: CallerTerms::default(),
        },
        purpose,
    ))
}

/// What became of one file.
enum Judged {
    NotRead(FileError),
    NothingWeKnow,
    Receipt(Box<ReceiptVerdict>),
    Report(Box<Report>),
}

impl Judged {
    fn tell(
        &self,
        path: &Path,
        arguments: &Verify,
        terminal: &mut Terminal<'_>,
    ) -> Result<Exit, CliError> {
        let name = path.display().to_string();
        match self {
            Self::NotRead(error) => {
                terminal.note(CliError::caused(Exit::NoInput, error));
                Ok(Exit::NoInput)
            }
            Self::NothingWeKnow => {
                terminal.note(format_args!(
                    "error: {name}: readable as nothing that is verified here"
                ));
                Ok(Exit::Data)
            }
            Self::Receipt(verdict) => {
                if arguments.json {
                    terminal.line(serde_json::to_string(verdict).or_exit(Exit::Internal)?)?;
                } else {
                    receipt::print(terminal, &name, verdict)?;
                }
                Ok(verdict.indication.into())
            }
            Self::Report(report) => {
                if arguments.json {
                    terminal.line(serde_json::to_string(report).or_exit(Exit::Internal)?)?;
                } else {
                    print_report(terminal, &name, report)?;
                }
                Ok(report.indication.into())
            }
        }
    }
}

async fn verify_one(path: &Path, arguments: &Verify, basis: &Basis) -> Result<Judged, CliError> {
    let name = path.display().to_string();
    let bytes = match file::read(path, MAX_DOCUMENT_BYTES) {
        Ok(bytes) => bytes,
        Err(error) => return Ok(Judged::NotRead(error)),
    };
    // A signer's certificate says that it is a bare value.
    let text = trimmed_text(&bytes).filter(|text| arguments.signer.is_none() && is_receipt(text));
    if let Some(text) = text {
        let verdict = receipt::judged(text, arguments, &basis.receipt_keys, basis.at)?;
        return Ok(Judged::Receipt(Box::new(verdict)));
    }
    let report = report(&bytes, &name, arguments, basis).await?;
    Ok(report.map_or(Judged::NothingWeKnow, |report| {
        Judged::Report(Box::new(report))
    }))
}

/// What a file is: by its content, or a bare value if a signer's certificate stands beside it.
fn opened(bytes: &[u8], name: &str, arguments: &Verify) -> Result<Option<Document>, CliError> {
    let naming = Naming {
        name: Some(name.to_owned()),
        media_type: None,
    };
    if let Some(signer) = &arguments.signer {
        let certificates = bag::read(&read_file(signer)?, MAX_CERTIFICATES).or_exit(Exit::Data)?;
        let raw = RawSignature::new(bytes, certificates.certificates, arguments.algorithm);
        let raw = raw.or_exit(Exit::Data)?;
        let detached = detached::read(&arguments.content, &RawSignature::needs())?;
        return Ok(Some(open_raw(bytes, raw, naming, &detached)));
    }
    let Ok(submission) = Submission::new(bytes, None) else {
        return Ok(None);
    };
    let recognised = submission.recognise();
    let detached = detached::read(&arguments.content, &recognised.needs())?;
    Ok(Some(recognised.open(naming, &detached)))
}

/// The report on one file; `None` for a container that is not read.
async fn report(
    bytes: &[u8],
    name: &str,
    arguments: &Verify,
    basis: &Basis,
) -> Result<Option<Report>, CliError> {
    let Some(document) = opened(bytes, name, arguments)? else {
        return Ok(None);
    };
    let status = match document.credential() {
        Some(credential) => basis.status_of(credential).await?,
        None => StatusFinding::Unavailable {
            retry_after_seconds: RETRY_AFTER_SECONDS,
        },
    };
    let judging = Judging {
        trust: &basis.trust,
        profile: &basis.profile,
        issuers: &basis.issuers,
        kinds: &basis.kinds,
        intermediates: &basis.relied_on.intermediates,
        demands: Demands::of_a_signer(),
        later_evidence: later_evidence(&arguments.trusting),
        evidence: &basis.evidence,
        memory: Some(&basis.proven),
        revocation: if arguments.trusting.no_revocation {
            RevocationPolicy::Skip
        } else {
            RevocationPolicy::FromTrustStore
        },
        expected_signer: None,
        overall: Overall::All,
        at: basis.at,
        now: basis.now,
        consulted: None,
        recent: None,
        remember: Remember::Authorities,
    };
    let mut report = judge::judge(&document, &judging, status).report;
    for remark in &basis.relied_on.remarks {
        report.remark(remark.clone());
    }
    report.add_constraints();
    Ok(Some(report))
}

fn read_status_lists(paths: &[PathBuf]) -> Result<BTreeMap<String, StatusListToken>, CliError> {
    let mut lists = BTreeMap::new();
    for path in paths {
        let bytes = file::read(path, MAX_FILE_BYTES).or_exit(Exit::NoInput)?;
        let text = String::from_utf8_lossy(&bytes);
        let token = StatusListToken::parse(text.trim()).map_err(|error| {
            CliError::caused(Exit::Data, &error).hint(format_args!("in {}", path.display()))
        })?;
        lists.insert(token.uri().to_owned(), token);
    }
    Ok(lists)
}
