//! Signatures, digests and keys, driven by one table of algorithms.
//!
//! Knows nothing of X.509: callers hand in keys as `SubjectPublicKeyInfo` and bytes to verify. Start at
//! [`algorithm::ALGORITHMS`], the table, and [`verify::verify_signature`], its use.
//!
//! `ring` does what it can; OpenSSL computes the rest from raw numbers and never parses anything that
//! came from outside.

mod ecdsa_value;
mod openssl_backend;
mod pss_parameters;
mod ring_backend;

pub mod algorithm;
pub mod digest;
pub mod hmac;
pub mod key_file;
pub mod key_purpose;
pub mod public_key;
pub mod random;
pub mod sign;
pub mod verify;
