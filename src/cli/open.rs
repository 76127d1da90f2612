//! Turns a configuration into a running application.

use std::path::Path;
use std::sync::Arc;

use tokio::runtime::Runtime;

use crate::cli::check_config::read_config;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::clock::Clock;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::config::audit::Audit;
use crate::config::database::Database;
use crate::config::database::Engine;
use crate::config::evidence::Evidence;
use crate::credential::kind::KindSet;
use crate::crypto::hmac::HmacKey;
use crate::crypto::key_file;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::random::SystemRandom;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate;
use crate::secret::Secret;
use crate::service::app::App;
use crate::service::app::AppParts;
use crate::service::app::CertifiedKey;
use crate::service::app::CityKeys;
use crate::service::app::Settings;
use crate::service::fail_point::FailPoints;
use crate::service::fetch_evidence::EvidenceSettings;
use crate::service::fetch_evidence::download::Caps;
use crate::service::fetch_evidence::download::HttpDownload;
use crate::service::fetch_evidence::resolve::SystemResolver;
use crate::service::fetch_evidence::schedule::Pace;
use crate::service::recognise::TrustSource;
use crate::service::sign_audit_head::AuditSettings;
use crate::store::Store;
use crate::store::file;
use crate::store::folder::DataFolder;
use crate::store::folder::FolderLock;
use crate::store::key_files;
use crate::store::pool::Missing;
use crate::store::pool::StoreConfig;
use crate::store::trust_roots;
use crate::store::trust_roots::TrustRootsError;
use crate::validation::trust_store::TrustSet;

/// File names inside the key folder that no key purpose gives.
pub(in crate::cli) const PEPPER_FILE: &str = "api-key-pepper";

/// Certificates of one key: its own and those of the CAs below the anchor.
const MAX_CERTIFICATES: usize = 8;
/// A PEM certificate takes about 1 KB.
const MAX_CERTIFICATE_FILE_BYTES: u64 = 64 * 1024;

/// Whether demonstration CAs are acceptable. `serve` refuses them: anyone has their keys at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum DemoTrust {
    /// As `demo` does.
    Accept,
    /// As `serve` does.
    Refuse,
}

/// How the data folder is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Access {
    /// Alone, with the folder's lock.
    Write,
    /// Beside a running server, reading only.
    Read,
}

/// An application with the lock that keeps others out of its data folder.
pub(in crate::cli) struct Opened {
    pub(in crate::cli) app: App,
    pub(in crate::cli) config: Config,
    /// Held until the process ends.
    _lock: Option<FolderLock>,
}

/// What opening may be told beside the configuration.
pub(in crate::cli) struct Opening {
    pub(in crate::cli) access: Access,
    pub(in crate::cli) demo: DemoTrust,
    /// What to do when there is no database yet.
    pub(in crate::cli) missing: Missing,
    pub(in crate::cli) clock: Arc<dyn Clock>,
    pub(in crate::cli) fail_points: FailPoints,
}

impl Opening {
    /// Alone, refusing demonstration CAs, by the system's clock.
    pub(in crate::cli) fn for_writing() -> Self {
        Self {
            access: Access::Write,
            demo: DemoTrust::Refuse,
            missing: Missing::Refuse,
            clock: Arc::new(SystemClock),
            fail_points: FailPoints::none(),
        }
    }
}

/// A runtime for the commands, which are otherwise synchronous.
pub(in crate::cli) fn runtime() -> Result<Runtime, CliError> {
    Runtime::new().or_exit(Exit::Internal)
}

/// Opens everything that the configuration names.
///
/// # Errors
/// [`Exit::Configuration`] for keys and trust stores that cannot be read, [`Exit::Busy`] when another
/// process holds the data folder.
pub(in crate::cli) async fn open(config_path: &Path, opening: Opening) -> Result<Opened, CliError> {
    let config = read_config(config_path)?;
    let lock = match opening.access {
        Access::Write => lock(&config.database)?,
        Access::Read => None,
    };
    let store = open_store(&config.database, opening.missing).await?;
    if opening.access == Access::Write {
        store.migrate().await.or_exit(Exit::Internal)?;
    }
    let keys = read_keys(&config)?;
    let source = Folder {
        roots_dir: config.trust.roots_dir.clone(),
        demo: opening.demo,
    };
    let trust = source.read().or_exit(Exit::Configuration)?;
    let parts = AppParts {
        store,
        clock: opening.clock,
        random: Arc::new(SystemRandom::new()),
        keys: keys.city,
        pepper: keys.pepper,
        kinds: KindSet::builtin(&config.server.public_url).or_exit(Exit::Internal)?,
        trust_source: Box::new(source),
        download: Arc::new(download(&config.evidence)),
        settings: Settings {
            public_url: config.server.public_url.clone(),
            status_list_ttl: config.credential.status_list_ttl,
            status_list_lifetime: config.credential.status_list_validity,
            evidence: evidence_settings(&config.evidence),
            approval: config.trust.approval,
            audit: audit_settings(&config.audit),
        },
        fail_points: opening.fail_points,
    };
    Ok(Opened {
        app: App::new(parts, trust),
        config,
        _lock: lock,
    })
}

fn evidence_settings(evidence: &Evidence) -> EvidenceSettings {
    EvidenceSettings {
        concurrency: evidence.concurrency,
        patience: evidence.total_timeout,
        pace: Pace {
            min_interval: evidence.min_interval,
            max_interval: evidence.max_interval,
        },
        max_sources_per_ca: evidence.max_sources_per_ca,
    }
}

fn audit_settings(audit: &Audit) -> AuditSettings {
    AuditSettings {
        anchor_file: audit.anchor_file.clone(),
        head_every: audit.head_every,
        head_after: audit.head_after,
        keep_for: audit.keep_for,
        keep_personal_for: audit.keep_personal_for,
        keep_receipts_for: audit.keep_receipts_for,
    }
}

fn download(evidence: &Evidence) -> HttpDownload {
    let caps = Caps {
        connect: evidence.connect_timeout,
        read: evidence.read_timeout,
        total: evidence.total_timeout,
        max_bytes: evidence.max_body_bytes,
    };
    HttpDownload::new(Arc::new(SystemResolver), caps)
}

/// Takes the lock of a SQLite data folder; PostgreSQL keeps order by itself.
fn lock(database: &Database) -> Result<Option<FolderLock>, CliError> {
    match &database.engine {
        Engine::Postgres { .. } => Ok(None),
        Engine::Sqlite { data_dir } => {
            let folder = DataFolder::open(data_dir).or_exit(Exit::NoInput)?;
            let lock = folder.lock().or_exit(Exit::Busy).map_err(|error| {
                error.hint("a server may be running on it: stop it, or go through it with --server URL --key-file FILE")
            })?;
            Ok(Some(lock))
        }
    }
}

/// Opens the database that the configuration names.
///
/// # Errors
/// [`Exit::Unavailable`] when it cannot be reached.
pub(in crate::cli) async fn open_store(
    database: &Database,
    missing: Missing,
) -> Result<Store, CliError> {
    let store = match &database.engine {
        Engine::Sqlite { data_dir } => {
            let folder = DataFolder::open(data_dir).or_exit(Exit::NoInput)?;
            StoreConfig::from_file(&folder.database(), missing)
        }
        Engine::Postgres { url, password_file } => {
            let password = password_file
                .as_deref()
                .map(key_files::read_line)
                .transpose()
                .or_exit(Exit::Configuration)?;
            StoreConfig::from_url(url).and_then(|config| match password {
                Some(password) => config.with_password(&password),
                None => Ok(config),
            })
        }
    }
    .or_exit(Exit::Configuration)?;
    Store::open(&store.with_max_connections(database.max_connections))
        .await
        .or_exit(Exit::Unavailable)
}

/// The folder of trust stores, or those built in.
struct Folder {
    roots_dir: Option<std::path::PathBuf>,
    demo: DemoTrust,
}

impl TrustSource for Folder {
    fn read(&self) -> Result<TrustSet, TrustRootsError> {
        let set = read_trust(self.roots_dir.as_deref())?;
        match self.demo {
            DemoTrust::Accept => Ok(set),
            DemoTrust::Refuse => trust_roots::refuse_demo(set),
        }
    }
}

/// Reads trust stores from a folder, or those built in.
///
/// # Errors
/// [`TrustRootsError`] names the file.
pub(in crate::cli) fn read_trust(roots_dir: Option<&Path>) -> Result<TrustSet, TrustRootsError> {
    match roots_dir {
        Some(dir) => trust_roots::load_dir(dir),
        None => trust_roots::load_embedded(),
    }
}

struct ReadKeys {
    city: CityKeys,
    pepper: HmacKey,
}

fn read_keys(config: &Config) -> Result<ReadKeys, CliError> {
    let passphrase =
        key_files::read_line(&config.keys.passphrase_file).or_exit(Exit::Configuration)?;
    let read = |purpose: KeyPurpose| read_key(&config.keys.dir, purpose, &passphrase);
    let pepper =
        key_files::read_line(&config.keys.dir.join(PEPPER_FILE)).or_exit(Exit::Configuration)?;
    Ok(ReadKeys {
        city: CityKeys {
            credential: read(KeyPurpose::Credential)?,
            receipt: read(KeyPurpose::Receipt)?,
            status_list: read(KeyPurpose::StatusList)?,
            timestamp: match config.keys.dir.join(key_file_name(KeyPurpose::Timestamp)) {
                path if path.exists() => Some(read(KeyPurpose::Timestamp)?),
                // Made before there were timestamps: everything else works as before.
                _ => None,
            },
        },
        pepper: HmacKey::new(pepper.expose().as_bytes()),
    })
}

/// Reads `<purpose>.key.pem` and `<purpose>.certificate.pem`, and checks that they belong together.
fn read_key(
    dir: &Path,
    purpose: KeyPurpose,
    passphrase: &Secret<String>,
) -> Result<CertifiedKey, CliError> {
    let key_path = dir.join(key_file_name(purpose));
    let pem = key_files::read(&key_path).or_exit(Exit::Configuration)?;
    let pkcs8 = key_file::decrypt(pem.expose(), passphrase)
        .or_exit(Exit::Configuration)
        .map_err(|error| {
            error.hint(format_args!(
                "{} and the passphrase file do not fit",
                key_path.display()
            ))
        })?;
    let key = SigningKey::from_pkcs8(purpose, pkcs8.expose()).or_exit(Exit::Configuration)?;
    let certificate_path = dir.join(certificate_file_name(purpose));
    let bytes =
        file::read(&certificate_path, MAX_CERTIFICATE_FILE_BYTES).or_exit(Exit::Configuration)?;
    let certificates =
        certificate::parse_all(&bytes, MAX_CERTIFICATES).or_exit(Exit::Configuration)?;
    let fits = certificates
        .first()
        .is_some_and(|first| first.public_key().spki_der() == key.public_key().spki_der());
    if fits {
        Ok(CertifiedKey { key, certificates })
    } else {
        let message = format!(
            "the first certificate in {} is not that of {}",
            certificate_path.display(),
            key_path.display()
        );
        Err(CliError::new(Exit::Configuration, message))
    }
}

/// Where a key is kept, inside the key folder.
pub(in crate::cli) fn key_file_name(purpose: KeyPurpose) -> String {
    format!("{purpose}.key.pem")
}

/// Where a key's certificates are kept, inside the key folder.
pub(in crate::cli) fn certificate_file_name(purpose: KeyPurpose) -> String {
    format!("{purpose}.certificate.pem")
}
