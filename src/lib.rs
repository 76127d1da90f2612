//! yinxin 印信: signed electronic registration credentials, and their verification against the trust
//! stores of many certificate authorities (CAs).
//!
//! A city registers a company once and issues a signed credential instead of a paper certificate. Any
//! department or bank confirms online what the company is, and has signatures judged against the CAs
//! that *it* recognises, for the usage at hand.
//!
//! # The house
//! A module uses only what stands above it here; `tests/it/architecture.rs` is the wall.
//!
//! | layer | is |
//! |---|---|
//! | [`clock`], [`secret`], [`encoding`], [`identifier`] | time handed in; wiped secrets; strict readers; identifiers with check characters |
//! | [`crypto`] | one table of algorithms; verify, sign, digest; key files |
//! | [`pki`] | certificates, certification paths (RFC 5280 §6), our own CA |
//! | [`signature`] | signed containers: bytes → *facts*, never a verdict |
//! | [`validation`] | facts + trust profile + time → verdict and report; the one table of reasons |
//! | [`registry`] | companies, departments, issuers, relying parties, recognition: types and pure transitions |
//! | [`credential`] | the registration credential: claims, SD-JWT VC, status list |
//! | [`evidence`] | receipts and audit events |
//! | [`store`] | SQL and files; nobody else opens either |
//! | [`service`] | one file per use case, named by its verb |
//! | [`http`] | JSON API, pages, protocol endpoints |
//! | [`config`] | one TOML file, every mistake reported at once |
//! | [`cli`] | the command line |
//!
//! # What never happens
//! * `crypto` does not know X.509; `pki` and everything below `store` perform no I/O.
//! * No code but [`clock::SystemClock`] reads the time, none but [`crypto::random::SystemRandom`] asks the
//!   operating system for randomness, except inside the signing and key generating calls of `ring` and OpenSSL.
//! * A request never makes the server fetch an address.
//! * A failed validation is a value ([`validation::report::Report`]), never an error; "could not check"
//!   is neither "good" nor "bad".
//! * A handler holds no rule: it extracts, calls one function of [`service`] and renders.

#![cfg_attr(
    test,
    expect(
        clippy::string_slice,
        clippy::unreachable,
        clippy::wildcard_enum_match_arm,
        reason = "a failing test should panic; for these lints .clippy.toml has no switch"
    )
)]

pub mod clock;
pub mod secret;

pub mod encoding;
pub mod identifier;

pub mod crypto;
pub mod pki;
pub mod signature;
pub mod validation;

pub mod credential;
pub mod evidence;
pub mod registry;

pub mod service;
pub mod store;

pub mod http;

pub mod config;

pub mod cli;
