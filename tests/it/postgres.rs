//! A private PostgreSQL server for the tests: one for the whole binary, a database for each test.
//!
//! It listens on a socket in a folder of its own only, keeps nothing, and is stopped by a watching shell
//! when this process ends, however it ends: the shell reads a pipe of which we hold the other end.
//! Where PostgreSQL is not installed the tests that need it say so and pass, except under `CI=true`.

use std::env;
use std::fs;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;
use std::sync::atomic::Ordering;

use sqlx::AnyConnection;
use sqlx::AssertSqlSafe;
use sqlx::Connection;
use sqlx::Executor;
use tokio::sync::OnceCell;
use yinxin::store::Store;
use yinxin::store::pool::StoreConfig;

/// Makes a cluster in `$1` with the programs in `$2`, says `ready`, and waits for the end of its input.
///
/// Chinese collation where this PostgreSQL has it, to show that ours does not depend on it.
const WATCHER: &str = r#"
trap '' INT TERM HUP
cd "$1"
initdb() { "$2/initdb" -D "$1/data" -U postgres -A trust -E UTF8 --no-sync "$3" "$4" "$5" >>"$1/log" 2>&1; }
initdb "$1" "$2" --locale=C --locale-provider=icu --icu-locale=zh-CN || initdb "$1" "$2" --locale=C -N -N \
    || { cat "$1/log"; rm -rf "$1"; exit 1; }
"$2/pg_ctl" -D "$1/data" -l "$1/log" -w -t 120 -o "-k '$1' -c listen_addresses='' -c fsync=off \
    -c full_page_writes=off -c max_connections=300 -c shared_buffers=32MB -c autovacuum=off" start >>"$1/log" 2>&1 \
    || { cat "$1/log"; rm -rf "$1"; exit 1; }
echo ready
read -r nothing
"$2/pg_ctl" -D "$1/data" -m immediate stop >/dev/null 2>&1
rm -rf "$1"
"#;

/// Whom the server runs as when the tests run as root, which PostgreSQL refuses to.
const UNPRIVILEGED: &[&str] = &["postgres", "nobody"];

const TEMPLATE: &str = "yinxin_migrated";

struct Server {
    folder: PathBuf,
    /// Held for its input: the shell stops the server when that closes.
    _watcher: Child,
    template: OnceCell<()>,
    databases: AtomicU32,
}

static SERVER: OnceLock<Option<Server>> = OnceLock::new();

/// The URL of a new database with our schema; `None` where there is no PostgreSQL.
pub(crate) async fn database() -> Option<String> {
    let server = server()?;
    server.template.get_or_init(|| server.make_template()).await;
    Some(server.create(&format!(" TEMPLATE {TEMPLATE}")).await)
}

/// The URL of a new and empty database; `None` where there is no PostgreSQL.
pub(crate) async fn empty_database() -> Option<String> {
    Some(server()?.create("").await)
}

fn server() -> Option<&'static Server> {
    SERVER.get_or_init(start).as_ref()
}

impl Server {
    fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres@localhost/{database}?host={}&sslmode=disable",
            self.folder.display()
        )
    }

    async fn create(&self, options: &str) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.execute(format!("CREATE DATABASE {name}{options}"))
            .await;
        self.url(&name)
    }

    async fn make_template(&self) {
        self.execute(format!("CREATE DATABASE {TEMPLATE}")).await;
        let store = Store::open(&StoreConfig::from_url(&self.url(TEMPLATE)).unwrap())
            .await
            .unwrap();
        store.migrate().await.unwrap();
        store.close().await;
    }

    async fn execute(&self, statement: String) {
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&self.url("postgres")).await.unwrap();
        connection.execute(AssertSqlSafe(statement)).await.unwrap();
        connection.close().await.unwrap();
    }
}

fn start() -> Option<Server> {
    let Some(programs) = find_programs() else {
        assert!(
            env::var_os("CI").is_none_or(|ci| ci != "true"),
            "PostgreSQL is not installed (no initdb in PATH or /usr/lib/postgresql/*/bin), and CI=true requires it"
        );
        // Past the capturing of the test harness: this is to be read although the tests pass.
        let _written = std::io::stderr().write_all(
            b"\nSKIPPED on PostgreSQL: not installed. On Debian: apt-get install postgresql (no cluster is needed)\n",
        );
        return None;
    };
    let folder = tempfile::Builder::new()
        .prefix("yinxin-pg-")
        .tempdir()
        .unwrap()
        .keep();
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", WATCHER, "sh"])
        .arg(&folder)
        .arg(&programs);
    shell
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .current_dir("/");
    if running_as_root() {
        let (user, group) = unprivileged_user();
        chown(&folder, Some(user), Some(group)).unwrap();
        shell.uid(user).gid(group);
    }
    let mut watcher = shell.spawn().unwrap();
    let mut said = [0; 6];
    let mut output = watcher.stdout.take().unwrap();
    if output.read_exact(&mut said).is_err() || &said != b"ready\n" {
        let mut log = Vec::from(said);
        output.read_to_end(&mut log).unwrap();
        panic!(
            "PostgreSQL did not start: {}",
            String::from_utf8_lossy(&log)
        );
    }
    Some(Server {
        folder,
        _watcher: watcher,
        template: OnceCell::new(),
        databases: AtomicU32::new(0),
    })
}

/// The folder of `initdb`, of the newest version where there are several.
fn find_programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path().join("bin"))
        .collect();
    versions.sort_by_key(|path| {
        path.parent()
            .and_then(Path::file_name)?
            .to_str()?
            .parse::<u32>()
            .ok()
    });
    let path = env::var_os("PATH").unwrap_or_default();
    versions
        .into_iter()
        .rev()
        .chain(env::split_paths(&path))
        .find(|folder| is_program(&folder.join("initdb")))
}

fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

fn running_as_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// User and group id of the first of [`UNPRIVILEGED`] that exists.
fn unprivileged_user() -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let find = |name: &&str| {
        let fields: Vec<&str> = users
            .lines()
            .map(|line| line.split(':').collect())
            .find(|fields: &Vec<&str>| fields.first() == Some(name))?;
        Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?))
    };
    UNPRIVILEGED
        .iter()
        .find_map(find)
        .expect("a user to run PostgreSQL as")
}
