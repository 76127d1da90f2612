//! Everything that goes through the public door, in one binary that links once.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a failing test should panic"
)]

mod architecture;
mod browser;
mod city;
mod cli;
mod corpora;
mod http;
mod identifier_corpus;
mod interop;
mod jose_corpus;
mod postgres;
mod running_city;
mod service;
mod store;
mod trust_roots;
mod wycheproof;
