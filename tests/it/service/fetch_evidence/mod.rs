//! Fetching evidence: from where it may be fetched, when, and what becomes of it.
//!
//! Servers are real and listen on loopback; names are resolved by a table, so that no test needs a network.

pub(crate) mod download;
pub(crate) mod made;
mod rounds;
pub(crate) mod web;
