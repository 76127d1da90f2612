//! One pool of connections for two engines; the only place, with `migrations/` and [`embedded`], that knows which one.
//!
//! # One driver type for both
//! The pool is sqlx's `Any` rather than an enum with two arms. Every statement then exists once, is bound
//! once and is read once, where two arms would write all three twice or generate them by macro. What
//! `Any` costs was measured and is small: a copy of each row. What it cannot do is kept out of the
//! statements, and the round-trip tests would notice:
//! * columns and expressions are TEXT, 64-bit integers and BLOB/BYTEA only. `count(*)` is 64-bit on both;
//!   a `sum()` is NUMERIC on PostgreSQL and a comparison is BOOLEAN, so neither is ever selected bare;
//! * absent values are bound with their type (`Option<&str>`, not a bare NULL);
//! * connection settings cannot be given as options and are statements after connecting.
//!
//! # Writing
//! Everything that writes goes through [`Pool::begin`]. On SQLite it starts with `BEGIN IMMEDIATE`, so that
//! a transaction that reads and then writes cannot fail half-way because another one wrote meanwhile, and
//! writers queue for a fair turn inside the process, because SQLite's own waiting is polling. On PostgreSQL
//! it is `READ COMMITTED` on every server, whatever its default: compare-and-set updates take row locks,
//! and where two rows must be decided together the one they belong to is locked first.
//!
//! What answers leave behind is written by [`crate::store::keep`], those that are given at the same time in one
//! transaction. To SQLite that goes without sqlx ([`embedded`]), as do glances: these two are all that most answers
//! need of the database, and sqlx's way there took longer than they do.
//!
//! A transaction that tells the audit trail something holds a chain of its own until it is over
//! ([`crate::store::audit::lane`]), so that chaining events makes no transaction wait for another.
//!
//! [`embedded`]: crate::store::embedded

use std::fmt;
use std::fs::OpenOptions;
use std::io;
use std::ops::Deref;
use std::ops::DerefMut;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::Any;
use sqlx::AnyConnection;
use sqlx::AnyPool;
use sqlx::ConnectOptions;
use sqlx::Connection;
use sqlx::Executor;
use sqlx::Row;
use sqlx::Transaction;
use sqlx::any::AnyConnectOptions;
use sqlx::any::AnyPoolOptions;
use sqlx::sqlite::SqliteConnectOptions;
use tokio::sync::Mutex;
use tokio::sync::OwnedMutexGuard;

use crate::crypto::random::Random;
use crate::crypto::random::SystemRandom;
use crate::identifier::opaque_id::CredentialId;
use crate::secret::Secret;
use crate::store::audit::lane::Lanes;
use crate::store::audit::lane::Lease;
use crate::store::embedded::Embedded;
use crate::store::error::StoreError;
use crate::store::gathering::Gathering;
use crate::store::glance::Glance;
use crate::store::keep::Kept;
use crate::store::migrations;

/// Settings of every SQLite connection; write-ahead logging is checked apart.
///
/// `synchronous = FULL` makes a commit durable before it returns, which `NORMAL` in WAL mode does not. Up to 16 MB of
/// pages are cached, and 16 MB of write-ahead log copied back at a time: a page that was changed often meanwhile is
/// copied once.
const SQLITE_SETTINGS: &str = "PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 10000; PRAGMA synchronous = FULL; \
                               PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA cache_size = -16384; \
                               PRAGMA wal_autocheckpoint = 4096";

const SQLITE_JOURNAL: &str = "PRAGMA journal_mode = WAL";

/// Settings of every PostgreSQL connection: a lock is waited for as long as on SQLite, and a commit is
/// durable whatever the server's default.
const POSTGRES_SETTINGS: &str = "SET lock_timeout = '10s'; SET synchronous_commit = 'on'";

/// How long a caller waits for a connection or for its turn to write before [`StoreError::Busy`].
const PATIENCE: Duration = Duration::from_secs(10);

/// Enough for readers on one machine; SQLite has one writer, and PostgreSQL is shared by several nodes.
const DEFAULT_CONNECTIONS: u32 = 8;

/// Which engine serves a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// A PostgreSQL server.
    Postgres,
    /// A SQLite file in the data folder.
    Sqlite,
}

/// What to do when a SQLite file does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Make an empty one, readable by its owner only.
    Create,
    /// Refuse: a mistyped path must not become an empty register.
    Refuse,
}

/// Where the database is and how it is opened.
#[derive(Clone)]
pub struct StoreConfig {
    address: AnyConnectOptions,
    engine: Engine,
    /// The SQLite file.
    file: Option<PathBuf>,
    /// Whether it is to be made if missing.
    missing: Missing,
    max_connections: u32,
    /// Names the chains of the audit trail and salts what can be erased from it.
    random: Arc<dyn Random>,
}

impl StoreConfig {
    /// A database by its URL: `sqlite:///absolute/path.db` or `postgres://user@host/database`. The URL may
    /// carry a password; it is shown nowhere.
    ///
    /// # Errors
    /// [`StoreError::Address`] when it is neither, or a file with parameters.
    pub fn from_url(url: &str) -> Result<Self, StoreError> {
        let engine = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Engine::Sqlite,
            Some("postgres" | "postgresql") => Engine::Postgres,
            _ => return Err(StoreError::Address),
        };
        Ok(Self {
            address: AnyConnectOptions::from_str(url)?.disable_statement_logging(),
            file: file_of(engine, url)?,
            engine,
            missing: Missing::Refuse,
            max_connections: DEFAULT_CONNECTIONS,
            random: Arc::new(SystemRandom::new()),
        })
    }

    /// A SQLite file. The path may hold any character but must be UTF-8.
    ///
    /// # Errors
    /// [`StoreError::Address`] for a path that is not UTF-8 or not absolute.
    pub fn from_file(path: &Path, missing: Missing) -> Result<Self, StoreError> {
        let text = path
            .to_str()
            .filter(|_| path.is_absolute())
            .ok_or(StoreError::Address)?;
        let mut url = String::from("sqlite://");
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
                url.push(char::from(byte));
            } else {
                url.push_str(&format!("%{byte:02X}"));
            }
        }
        let mut config = Self::from_url(&url)?;
        config.missing = missing;
        Ok(config)
    }

    /// With the password that a PostgreSQL server asks for.
    ///
    /// # Errors
    /// [`StoreError::Address`] when the address can carry none.
    pub fn with_password(mut self, password: &Secret<String>) -> Result<Self, StoreError> {
        if self.engine == Engine::Sqlite {
            return Err(StoreError::Address);
        }
        let url = &mut self.address.database_url;
        url.set_password(Some(password.expose()))
            .map_err(|()| StoreError::Address)?;
        Ok(self)
    }

    /// At most this many connections (default 8).
    #[must_use]
    pub fn with_max_connections(mut self, max_connections: u32) -> Self {
        self.max_connections = max_connections;
        self
    }

    /// Which engine the address belongs to.
    #[must_use]
    pub fn engine(&self) -> Engine {
        self.engine
    }
}

impl fmt::Debug for StoreConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoreConfig")
            .field("engine", &self.engine)
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
}

/// The connections of one store.
#[derive(Debug, Clone)]
pub(in crate::store) struct Pool {
    connections: AnyPool,
    /// For writing: on SQLite one connection, for whoever has the turn.
    writers: AnyPool,
    /// For what every answer reads and writes.
    embedded: Option<Embedded>,
    engine: Engine,
    /// Whose turn it is to write; SQLite only.
    turn: Arc<Mutex<()>>,
    /// The chains of this process's audit events.
    lanes: Arc<Lanes>,
    /// Those who wait for something to be kept.
    pub(in crate::store) keeping: Gathering<Kept, Result<(), StoreError>>,
    /// Those who wait for a glance.
    pub(in crate::store) glancing: Gathering<Option<CredentialId>, Result<Glance, StoreError>>,
}

impl Pool {
    pub(in crate::store) async fn open(config: &StoreConfig) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let file = config.file.as_ref();
        if let Some(path) = file.filter(|_| config.missing == Missing::Create) {
            create_file(path).map_err(|_refused| StoreError::Unavailable)?;
        }
        let engine = config.engine;
        // The pool would try again and again what can only fail: one connection first tells why.
        let mut first = AnyConnection::connect_with(&config.address).await?;
        prepare(&mut first, engine).await?;
        check_journal(&mut first, engine).await?;
        first.close().await?;
        let settings = [SQLITE_JOURNAL, SQLITE_SETTINGS].join("; ");
        let embedded = file.map(|path| Embedded::open(path, &settings));
        let connect = |max_connections| {
            AnyPoolOptions::new()
                .max_connections(max_connections)
                .acquire_timeout(PATIENCE)
                .test_before_acquire(false)
                .idle_timeout((engine == Engine::Postgres).then_some(Duration::from_secs(600)))
                .max_lifetime((engine == Engine::Postgres).then_some(Duration::from_secs(1800)))
                .after_connect(move |connection, _| Box::pin(prepare(connection, engine)))
                .connect_lazy_with(config.address.clone())
        };
        let connections = connect(config.max_connections);
        Ok(Self {
            writers: match engine {
                Engine::Postgres => connections.clone(),
                Engine::Sqlite => connect(1),
            },
            connections,
            embedded: embedded.transpose()?,
            engine,
            turn: Arc::new(Mutex::new(())),
            lanes: Arc::new(Lanes::new(Arc::clone(&config.random))),
            keeping: Gathering::default(),
            glancing: Gathering::default(),
        })
    }

    pub(in crate::store) fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    pub(in crate::store) fn engine(&self) -> Engine {
        self.engine
    }

    pub(in crate::store) async fn migrate(&self) -> Result<(), StoreError> {
        let migrations = migrations::of(self.engine);
        Ok(migrations.run(&self.connections).await?)
    }

    pub(in crate::store) async fn close(&self) {
        if let Some(embedded) = &self.embedded {
            // Whoever is writing there has it.
            let _turn = self.turn().await;
            embedded.close();
        }
        self.writers.close().await;
        self.connections.close().await;
    }

    /// For reading: each statement sees what was committed when it began.
    pub(in crate::store) fn reader(&self) -> &AnyPool {
        &self.connections
    }

    /// The file without a thread between, where there is one.
    pub(in crate::store) fn embedded(&self) -> Option<&Embedded> {
        self.embedded.as_ref()
    }

    /// Waits for the turn to write to a file.
    async fn turn(&self) -> Result<Turn, StoreError> {
        let waiting = tokio::time::timeout(PATIENCE, Arc::clone(&self.turn).lock_owned()).await;
        waiting.map(Turn).map_err(|_elapsed| StoreError::Busy)
    }

    /// Waits for the turn to write to a file, and takes a chain for what is written there.
    pub(in crate::store) async fn turn_with_lease(&self) -> Result<(Turn, Lease), StoreError> {
        let turn = self.turn().await?;
        Ok((turn, Lanes::lease(&self.lanes)?))
    }

    /// Begins a transaction that writes.
    pub(in crate::store) async fn begin(&self) -> Result<Write, StoreError> {
        let (turn, statement) = match self.engine {
            Engine::Postgres => (None, "BEGIN ISOLATION LEVEL READ COMMITTED"),
            Engine::Sqlite => (Some(self.turn().await?), "BEGIN IMMEDIATE"),
        };
        Ok(Write {
            transaction: self.writers.begin_with(statement).await?,
            lanes: Arc::clone(&self.lanes),
            lease: None,
            _turn: turn,
        })
    }

    /// Begins a transaction that only reads: all its statements see one moment.
    pub(in crate::store) async fn snapshot(&self) -> Result<Transaction<'static, Any>, StoreError> {
        let statement = match self.engine {
            Engine::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Engine::Sqlite => "BEGIN DEFERRED",
        };
        Ok(self.connections.begin_with(statement).await?)
    }
}

/// A transaction that writes. Dropped without [`Write::commit`], it never happened.
pub(in crate::store) struct Write {
    // Before the turn, so that it is rolled back before the next writer may begin.
    transaction: Transaction<'static, Any>,
    lanes: Arc<Lanes>,
    /// The chain that it appends to, from its first audit event on.
    lease: Option<Lease>,
    _turn: Option<Turn>,
}

/// The turn to write to a file, until it is dropped.
pub(in crate::store) struct Turn(#[expect(dead_code, reason = "held")] OwnedMutexGuard<()>);

impl Write {
    pub(in crate::store) async fn commit(mut self) -> Result<(), StoreError> {
        // From here on, until it returns, nobody knows whether the chain is longer.
        let doubtful = self.lease.take().map(Lease::doubt);
        self.transaction.commit().await?;
        if let Some(doubtful) = doubtful {
            doubtful.settle();
        }
        Ok(())
    }

    /// The connection, and the chain for its audit events.
    pub(in crate::store) fn chained(
        &mut self,
    ) -> Result<(&mut AnyConnection, &mut Lease), StoreError> {
        let lease = match self.lease.take() {
            Some(lease) => lease,
            None => Lanes::lease(&self.lanes)?,
        };
        Ok((&mut self.transaction, self.lease.insert(lease)))
    }
}

impl Deref for Write {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.transaction
    }
}

impl DerefMut for Write {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }
}

/// The file that a SQLite URL names. How it is opened is for us to say.
fn file_of(engine: Engine, url: &str) -> Result<Option<PathBuf>, StoreError> {
    match engine {
        Engine::Postgres => Ok(None),
        Engine::Sqlite if url.contains('?') => Err(StoreError::Address),
        Engine::Sqlite => {
            let options = SqliteConnectOptions::from_str(url)?;
            Ok(Some(options.get_filename().to_owned()))
        }
    }
}

fn create_file(path: &Path) -> Result<(), io::Error> {
    // The log files beside it get their permissions from this one.
    match OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
    {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

async fn prepare(connection: &mut AnyConnection, engine: Engine) -> Result<(), sqlx::Error> {
    match engine {
        Engine::Postgres => connection.execute(POSTGRES_SETTINGS).await?,
        Engine::Sqlite => {
            connection.execute(SQLITE_JOURNAL).await?;
            connection.execute(SQLITE_SETTINGS).await?
        }
    };
    Ok(())
}

/// Whether SQLite took write-ahead logging: on some file systems it silently keeps its old journal.
async fn check_journal(connection: &mut AnyConnection, engine: Engine) -> Result<(), StoreError> {
    if engine == Engine::Postgres {
        return Ok(());
    }
    let row = sqlx::query(SQLITE_JOURNAL).fetch_one(connection).await?;
    let mode: String = row.try_get(0)?;
    if mode == "wal" {
        Ok(())
    } else {
        Err(StoreError::WriteAheadLog)
    }
}
