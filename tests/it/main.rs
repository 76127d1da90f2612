//! Everything that goes through the public door, in one binary that links once.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failing test should panic"
)]

mod architecture;
mod browser;
mod certificate_corpus;
mod certificate_writer;
mod city;
mod cli;
mod corpora;
mod document_corpus;
mod exceptions;
mod http;
mod identifier_corpus;
mod interop;
mod jades_corpus;
mod jose_corpus;
mod making;
mod names_corpus;
mod path_corpora;
mod path_differential;
mod path_laws;
mod pdf_corpus;
mod postgres;
mod revocation_corpus;
mod running_city;
mod service;
mod sm2_kat;
mod store;
mod trust_roots;
mod wycheproof;
