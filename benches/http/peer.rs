//! The peers, on the server's core: the least that a handler could do, and the least that one could do which answers as
//! much and keeps as much.

use std::hint::black_box;
use std::io::BufRead as _;
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::thread;

use axum::Router;
use axum::body::Bytes;
use axum::extract;
use axum::extract::State;
use axum::routing::get;
use axum::routing::post;
use axum::serve::ListenerExt as _;
use ring::digest;
use ring::rand::SystemRandom;
use ring::signature::ECDSA_P256_SHA256_FIXED;
use ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
use ring::signature::EcdsaKeyPair;
use ring::signature::KeyPair as _;
use ring::signature::UnparsedPublicKey;
use rusqlite::Connection;
use sm3::Digest as _;
use sm3::Sm3;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::sync::oneshot;

use crate::SERVER_CORE;
use crate::client;
use crate::client::Took;
use crate::client::ask_all;

/// What is verified and signed: as many bytes as the signed part of a credential has.
const MESSAGE: [u8; 2048] = [7; 2048];

/// What an answer of ours has, and what is kept of it.
const ANSWER_BYTES: usize = 9000;
const RECEIPT_BYTES: usize = 1118;
const FACTS_BYTES: usize = 3771;

/// As `journal_mode` and `synchronous` of ours, and with an index for whatever ours are looked up by.
const SCHEMA: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -16384; \
    PRAGMA wal_autocheckpoint = 4096; \
    CREATE TABLE receipt (id INTEGER PRIMARY KEY, caller TEXT, at INTEGER, compact TEXT, facts TEXT) STRICT; \
    CREATE INDEX receipt_by_caller ON receipt (caller, at); \
    CREATE TABLE audit (id INTEGER PRIMARY KEY, at INTEGER, actor TEXT, subject INTEGER, event BLOB) STRICT; \
    CREATE INDEX audit_by_actor ON audit (actor, id); \
    CREATE INDEX audit_by_subject ON audit (subject, id);";

struct Keys {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    signature: Vec<u8>,
}

impl Keys {
    fn new() -> Self {
        let random = SystemRandom::new();
        let form = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let der = EcdsaKeyPair::generate_pkcs8(form, &random).unwrap();
        let pair = EcdsaKeyPair::from_pkcs8(form, der.as_ref(), &random).unwrap();
        Self {
            signature: pair.sign(&random, &MESSAGE).unwrap().as_ref().to_vec(),
            pair,
            random,
        }
    }

    fn verify(&self) {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.pair.public_key())
            .verify(&MESSAGE, &self.signature)
            .unwrap();
    }
}

async fn verify_and_sign(State(keys): State<Arc<Keys>>, _document: Bytes) -> Vec<u8> {
    keys.verify();
    let signature = keys.pair.sign(&keys.random, &MESSAGE).unwrap();
    signature.as_ref().to_vec()
}

/// Whoever waits for a commit.
type Waiting = oneshot::Sender<()>;

/// As [`verify_and_sign`], with the digests of the document, an answer of our size, and rows of our size that are on the
/// disk before it, together with those of whoever else waits.
async fn verify_sign_and_keep(
    State((keys, keeping)): State<(Arc<Keys>, mpsc::Sender<Waiting>)>,
    document: Bytes,
) -> Vec<u8> {
    black_box(digest::digest(&digest::SHA256, &document));
    black_box(Sm3::digest(&document));
    keys.verify();
    let signature = keys.pair.sign(&keys.random, &MESSAGE).unwrap();
    let (tell, told) = oneshot::channel();
    keeping.send(tell).await.unwrap();
    told.await.unwrap();
    let mut answer = vec![b' '; ANSWER_BYTES];
    answer[..64].copy_from_slice(signature.as_ref());
    answer
}

/// Commits for all who wait.
fn keep(file: &Path, mut waiting: mpsc::Receiver<Waiting>) {
    let mut file = Connection::open(file).unwrap();
    file.execute_batch(SCHEMA).unwrap();
    let (compact, facts) = ("c".repeat(RECEIPT_BYTES), "f".repeat(FACTS_BYTES));
    let mut number = 0_i64;
    let mut told = Vec::new();
    while waiting.blocking_recv_many(&mut told, 64) > 0 {
        let write = file.transaction().unwrap();
        for _ in &told {
            number += 1;
            let mut receipt = write
                .prepare_cached("INSERT INTO receipt VALUES (?, 'bank-one', ?, ?, ?)")
                .unwrap();
            receipt.execute((number, number, &compact, &facts)).unwrap();
            let mut event = write
                .prepare_cached("INSERT INTO audit VALUES (?, ?, 'bank-one', ?, zeroblob(300))")
                .unwrap();
            // As companies are: in no order.
            let subject = number.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed());
            event.execute((number, number, subject)).unwrap();
        }
        write.commit().unwrap();
        told.drain(..).for_each(|one| one.send(()).unwrap());
    }
}

/// So many verifications, one after the other.
async fn verify_in_a_loop(
    State(keys): State<Arc<Keys>>,
    extract::Path(count): extract::Path<usize>,
) {
    (0..count).for_each(|_| keys.verify());
}

/// Serves, and keeps in a file, until it is killed.
pub(crate) fn serve(file: PathBuf) {
    let serving = async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
        let keys = Arc::new(Keys::new());
        let (keeping, waiting) = mpsc::channel(64);
        thread::spawn(move || keep(&file, waiting));
        let kept = Router::new()
            .route("/kept", post(verify_sign_and_keep))
            .with_state((Arc::clone(&keys), keeping));
        let router = Router::new()
            .route("/", post(verify_and_sign))
            .route("/ring/{count}", get(verify_in_a_loop))
            .with_state(keys)
            .merge(kept);
        axum::serve(listener, router).await.unwrap();
    };
    tokio::runtime::Runtime::new().unwrap().block_on(serving);
}

/// The peer's process; killed when it is dropped.
pub(crate) struct Peer {
    child: Child,
    pub(crate) address: SocketAddr,
    _folder: TempDir,
}

impl Peer {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let mut child = Command::new("taskset")
            .args(["-c", SERVER_CORE])
            .arg(std::env::current_exe().unwrap())
            .arg("peer")
            .arg(folder.path().join("peer.db"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut printed = BufReader::new(child.stdout.take().unwrap());
        printed.read_line(&mut line).unwrap();
        Self {
            child,
            address: line.trim().parse().unwrap(),
            _folder: folder,
        }
    }

    /// What one of so many verifications of `ring` alone takes.
    pub(crate) fn ring(&self, count: usize) -> Took {
        let request = format!("GET /ring/{count} HTTP/1.1\r\nhost: a\r\n\r\n");
        let mut connection = [client::Connection::open(self.address)];
        let took = ask_all(self.process(), &mut connection, &[request.into_bytes()]);
        Took {
            elapsed: took.elapsed / count as f64,
            computed: took.computed / count as f64,
        }
    }

    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
