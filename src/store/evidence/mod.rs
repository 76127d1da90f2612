//! Evidence of revocation: where it is fetched from, when next, and the newest of each source.
//!
//! A source is queued once and then fetched again and again by whoever comes first: to claim one is to
//! move its next attempt into the future, so that of several nodes one fetches, and another tries when
//! that one does not come back. What was fetched replaces what is stored only if it is not older; what
//! signed it, if known, weighs more than what it says of itself (see [`Stored`]).

mod attempt;
mod queue;
mod read;
mod source;

use crate::store::pool::Pool;

pub use attempt::Claim;
pub use attempt::NewEvidence;
pub use attempt::Stored;
pub use queue::Hastened;
pub use queue::Queued;
pub use read::EvidenceOutline;
pub use read::SourceState;
pub use source::EvidenceKind;
pub use source::EvidenceSource;
pub use source::Signer;
pub use source::Sought;
pub use source::SourceId;

/// Sources of evidence and the newest of each.
#[derive(Debug)]
pub struct Evidence<'a> {
    pool: &'a Pool,
}

impl<'a> Evidence<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }
}
