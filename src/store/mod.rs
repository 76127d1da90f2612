//! SQL and files. Nobody else opens either, and nothing is decided here.
//!
//! [`Store`] is the door to the database; each aggregate has a file of its own, reached by an accessor:
//! `store.companies().load(&uscc)`. Statements are constants that SQLite and PostgreSQL both take
//! ([`pool`] says how), and every function has a round-trip test on both engines in `tests/it/store`.
//!
//! # What the store promises
//! * A write that returned `Ok` is on disk: SQLite runs in WAL mode with `synchronous = FULL`,
//!   PostgreSQL with `synchronous_commit = on`.
//! * A change of state happens only from the state the caller saw (compare-and-set), in one
//!   transaction with its audit row; losing the race is a value the caller decides about, not an error.
//! * Times are microseconds since 1970 UTC, identifiers are text, digests are bytes, documents are JSON.
//! * What is not there is `Ok(None)`; what is there and does not parse is [`StoreError::Inconsistent`].
//! * No error of this module shows SQL, bound values or file contents.
//!
//! # Adding an aggregate
//! Write a migration with the next number in *both* folders under `migrations/`, a file with constant
//! statements, an accessor below, and a test module in `tests/it/store` that runs on both engines.

pub mod audit;
pub mod backup;
pub mod caller_days;
pub mod callers;
pub mod client_certificates;
pub mod companies;
pub mod credentials;
mod embedded;
pub mod error;
pub mod evidence;
pub mod file;
pub mod folder;
mod gathering;
pub mod glance;
pub mod holders;
pub mod idempotency;
pub mod issuers;
mod keep;
pub mod key_files;
pub mod meta;
pub mod pool;
pub mod proposals;
pub mod receipts;
pub mod recognition;
pub mod signing_clock;
pub mod status_lists;
pub mod trust_roots;

mod many_rows;
mod migrations;
mod row;

use std::path::Path;

use crate::identifier::opaque_id::CredentialId;
use crate::store::audit::Audit;
use crate::store::caller_days::CallerDays;
use crate::store::callers::Callers;
use crate::store::client_certificates::ClientCertificates;
use crate::store::companies::Companies;
use crate::store::credentials::Credentials;
use crate::store::error::StoreError;
use crate::store::evidence::Evidence;
use crate::store::glance::Glance;
use crate::store::holders::Holders;
use crate::store::idempotency::Idempotency;
use crate::store::issuers::Issuers;
use crate::store::meta::Meta;
use crate::store::pool::Pool;
use crate::store::pool::StoreConfig;
use crate::store::proposals::Proposals;
use crate::store::receipts::Receipts;
use crate::store::recognition::Recognition;
use crate::store::signing_clock::SigningClock;
use crate::store::status_lists::StatusLists;

/// The database. Cheap to clone; all clones share one pool of connections.
#[derive(Debug, Clone)]
pub struct Store {
    pool: Pool,
}

impl Store {
    /// Opens the database; the schema is left as it is, see [`Store::migrate`].
    ///
    /// # Errors
    /// [`StoreError::Address`] for an address that is not understood, [`StoreError::Unavailable`] when
    /// there is no database at it.
    pub async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        Ok(Self {
            pool: Pool::open(config).await?,
        })
    }

    /// Brings the schema up to date; does nothing when it is. Data is kept.
    ///
    /// # Errors
    /// [`StoreError::MigrationFailed`] names the migration; what ran before it stays.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.pool.migrate().await
    }

    /// Copies a SQLite database, as of one moment, into an empty file.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the file cannot be written, [`StoreError::Full`].
    pub(in crate::store) async fn copy_database(&self, into: &Path) -> Result<(), StoreError> {
        let into = into.to_str().ok_or(StoreError::Address)?;
        sqlx::query("VACUUM INTO $1")
            .bind(into)
            .execute(self.pool.reader())
            .await?;
        Ok(())
    }

    /// Waits for running work and closes all connections. Clones of this store fail from then on.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// The append-only record of who did what.
    #[must_use]
    pub fn audit(&self) -> Audit<'_> {
        Audit::new(&self.pool)
    }

    /// What callers with a daily quota have drawn of it.
    #[must_use]
    pub fn caller_days(&self) -> CallerDays<'_> {
        CallerDays::new(&self.pool)
    }

    /// Relying parties and their API keys.
    #[must_use]
    pub fn callers(&self) -> Callers<'_> {
        Callers::new(&self.pool)
    }

    /// TLS client certificates that stand for relying parties.
    #[must_use]
    pub fn client_certificates(&self) -> ClientCertificates<'_> {
        ClientCertificates::new(&self.pool)
    }

    /// Companies.
    #[must_use]
    pub fn companies(&self) -> Companies<'_> {
        Companies::new(&self.pool)
    }

    /// Credentials.
    #[must_use]
    pub fn credentials(&self) -> Credentials<'_> {
        Credentials::new(&self.pool)
    }

    /// Sources of revocation evidence and the newest of each.
    #[must_use]
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence::new(&self.pool)
    }

    /// What companies show to be let in.
    #[must_use]
    pub fn holders(&self) -> Holders<'_> {
        Holders::new(&self.pool)
    }

    /// What a request has to know before anything else, and of a credential, if one is named.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn glance(&self, credential: Option<CredentialId>) -> Result<Glance, StoreError> {
        glance::glance(&self.pool, credential).await
    }

    /// Requests that must not be served twice.
    #[must_use]
    pub fn idempotency(&self) -> Idempotency<'_> {
        Idempotency::new(&self.pool)
    }

    /// The issuer register.
    #[must_use]
    pub fn issuers(&self) -> Issuers<'_> {
        Issuers::new(&self.pool)
    }

    /// Facts about the database itself.
    #[must_use]
    pub fn meta(&self) -> Meta<'_> {
        Meta::new(&self.pool)
    }

    /// Proposed changes of who recognises which CA.
    #[must_use]
    pub fn proposals(&self) -> Proposals<'_> {
        Proposals::new(&self.pool)
    }

    /// Signed answers.
    #[must_use]
    pub fn receipts(&self) -> Receipts<'_> {
        Receipts::new(&self.pool)
    }

    /// Who recognises which CA for what.
    #[must_use]
    pub fn recognition(&self) -> Recognition<'_> {
        Recognition::new(&self.pool)
    }

    /// The highest time ever signed.
    #[must_use]
    pub fn signing_clock(&self) -> SigningClock<'_> {
        SigningClock::new(&self.pool)
    }

    /// Status lists.
    #[must_use]
    pub fn status_lists(&self) -> StatusLists<'_> {
        StatusLists::new(&self.pool)
    }
}
