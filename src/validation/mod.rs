//! Facts, a trust profile and a time become a verdict and a report (ETSI EN 319 102-1).
//!
//! Does not know who calls: the caller has become a `TrustProfile` before. Performs no I/O and reads
//! no clock. A failed validation is a value, never an error: see [`report`]. Every sentence that a
//! reader meets comes from the one table in [`reason`].

pub mod reason;
pub mod report;
pub mod trust_store;
