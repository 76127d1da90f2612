//! Signatures, digests and keys, driven by one table of algorithms.
//!
//! Knows nothing of X.509: callers hand in keys as `SubjectPublicKeyInfo` and bytes to verify. Start at
//! [`algorithm::ALGORITHMS`], the table, and [`verify::verify_signature`], its use.
//!
//! Who computes what was measured ([`backend`]): AWS-LC most of it, OpenSSL what AWS-LC lacks, SM2 ourselves on
//! the curve of `RustCrypto`. All of them get numbers that were read here, never anything that came from outside.
//! `ring` makes our own signatures, digests and MACs; with keys that others bring ([`document_key`]), OpenSSL
//! signs.
//!
//! Two modules read what others encrypted, and have no other use: [`aes_cbc`], and [`weak`] with MD5 and RC4.

mod aws_lc_backend;
mod backend;
mod curve;
mod ecdsa_value;
mod openssl_backend;
mod shake_pss;
mod verifier;

pub mod aes_cbc;
pub mod algorithm;
pub mod digest;
pub mod document_key;
pub mod hmac;
pub mod jwk;
pub mod key_file;
pub mod key_purpose;
pub mod pss_parameters;
pub mod public_key;
pub mod random;
pub mod sign;
pub mod sm2;
pub mod verify;
pub mod weak;
