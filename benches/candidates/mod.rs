//! What is measured: one signature for each algorithm, and every library that verifies it.

mod elliptic;
mod post_quantum;
mod rsa;
mod sm2;

use std::hint::black_box;

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::pkey::Private;
use openssl::sign::Signer;
use yinxin::crypto::algorithm::SignatureAlgorithm;
use yinxin::crypto::public_key::PublicKey;
use yinxin::crypto::verify::SignatureForm;
use yinxin::crypto::verify::verify_signature;

/// The columns.
pub(crate) const LIBRARIES: &[&str] = &[
    "ring cold",
    "aws-lc cold",
    "aws-lc held",
    "OpenSSL cold",
    "OpenSSL held",
    "RustCrypto",
    "yinxin cold",
    "yinxin held",
];

/// As long as what is signed of a small certificate.
pub(crate) const MESSAGE: &[u8] = &[0x5a; 500];

/// One algorithm.
pub(crate) struct Subject {
    pub(crate) name: String,
    pub(crate) candidates: Vec<Candidate>,
}

/// One library at it; stops the benchmark should the signature not verify.
pub(crate) struct Candidate {
    pub(crate) library: &'static str,
    pub(crate) verify: Box<dyn Fn()>,
}

impl Candidate {
    pub(crate) fn new(library: &'static str, verify: impl Fn() -> bool + 'static) -> Self {
        Self {
            library,
            verify: Box::new(move || assert!(black_box(verify()), "{library} refuses")),
        }
    }
}

/// Every algorithm, in the order of the table.
pub(crate) fn subjects() -> Vec<Subject> {
    [
        rsa::subjects(),
        elliptic::subjects(),
        post_quantum::subjects(),
        sm2::subjects(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Signs [`MESSAGE`] as X.509 would have it.
fn sign(key: &PKey<Private>, digest: Option<MessageDigest>) -> Vec<u8> {
    let mut signer = match digest {
        Some(digest) => Signer::new(digest, key).unwrap(),
        None => Signer::new_without_digest(key).unwrap(),
    };
    signer.sign_oneshot_to_vec(MESSAGE).unwrap()
}

/// What this crate makes of it, with the key read each time and with the key held.
fn ours(algorithm: SignatureAlgorithm, spki: Vec<u8>, signature: Vec<u8>) -> [Candidate; 2] {
    let key = PublicKey::from_spki_der(&spki).unwrap();
    let again = signature.clone();
    let verify = move |key: &PublicKey, signature: &[u8]| {
        verify_signature(algorithm, key, MESSAGE, signature, SignatureForm::Der).is_ok()
    };
    [
        Candidate::new("yinxin cold", move || {
            verify(&PublicKey::from_spki_der(&spki).unwrap(), &signature)
        }),
        Candidate::new("yinxin held", move || verify(&key, &again)),
    ]
}
