//! What the service answers over HTTP.
#![expect(
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a failing test should panic"
)]

mod access;
mod audit;
mod batch;
mod caller_terms;
pub(crate) mod client;
mod described;
mod documents;
mod holder;
mod holder_pages;
pub(crate) mod holder_signature;
mod operations;
mod pages;
mod problems;
mod receipts;
mod recognition;
mod recognition_table;
mod samples;
pub(crate) mod signed;
mod tls;
mod tour;
pub(crate) mod town;
