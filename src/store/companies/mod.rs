//! Companies: append-only events, and beside them the company as it stands, written together.
//!
//! The projection answers "what is it now" with one row; `asOf` folds the events of before. Facts that
//! make credentials untrue supersede them in the same transaction, so there is no moment at which both
//! are in force; [`crate::store::credentials`] closes the door from the other side.

mod append;
mod hold;
mod read;

use crate::store::pool::Pool;

pub use append::AppendOutcome;
pub use append::NewEvent;
pub use read::CompanySummary;

pub(in crate::store) use hold::hold;

/// Companies.
#[derive(Debug)]
pub struct Companies<'a> {
    pool: &'a Pool,
}

impl<'a> Companies<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }
}
