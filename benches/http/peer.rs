//! The peer: the least that a handler could do, on the server's core.

use std::io::BufRead as _;
use std::io::BufReader;
use std::net::SocketAddr;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::extract::State;
use axum::routing::get;
use axum::routing::post;
use axum::serve::ListenerExt as _;
use ring::rand::SystemRandom;
use ring::signature::ECDSA_P256_SHA256_FIXED;
use ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
use ring::signature::EcdsaKeyPair;
use ring::signature::KeyPair as _;
use ring::signature::UnparsedPublicKey;
use tokio::net::TcpListener;

use crate::SERVER_CORE;
use crate::client::Connection;
use crate::client::Took;
use crate::client::ask_all;

/// What is verified and signed: as many bytes as the signed part of a credential has.
const MESSAGE: [u8; 2048] = [7; 2048];

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

/// So many verifications, one after the other.
async fn verify_in_a_loop(State(keys): State<Arc<Keys>>, Path(count): Path<usize>) {
    (0..count).for_each(|_| keys.verify());
}

/// Serves, until it is killed.
pub(crate) fn serve() {
    let serving = async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
        let router = Router::new()
            .route("/", post(verify_and_sign))
            .route("/ring/{count}", get(verify_in_a_loop))
            .with_state(Arc::new(Keys::new()));
        axum::serve(listener, router).await.unwrap();
    };
    tokio::runtime::Runtime::new().unwrap().block_on(serving);
}

/// The peer's process; killed when it is dropped.
pub(crate) struct Peer {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Peer {
    pub(crate) fn start() -> Self {
        let mut child = Command::new("taskset")
            .args(["-c", SERVER_CORE])
            .arg(std::env::current_exe().unwrap())
            .arg("peer")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut printed = BufReader::new(child.stdout.take().unwrap());
        printed.read_line(&mut line).unwrap();
        Self {
            child,
            address: line.trim().parse().unwrap(),
        }
    }

    /// What one of so many verifications of `ring` alone takes.
    pub(crate) fn ring(&self, count: usize) -> Took {
        let request = format!("GET /ring/{count} HTTP/1.1\r\nhost: a\r\n\r\n");
        let mut connection = [Connection::open(self.address)];
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
