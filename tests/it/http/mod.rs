//! What the service answers over HTTP.
#![expect(clippy::indexing_slicing, reason = "a failing test should panic")]

pub(crate) mod client;
