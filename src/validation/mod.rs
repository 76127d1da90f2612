//! Facts, a trust profile and a time become a verdict and a report (ETSI EN 319 102-1).
//!
//! Does not know who calls: the caller has become a [`profile::TrustProfile`] before. Performs no I/O
//! and reads no clock. A failed validation is a value, never an error: see [`report`]. Every sentence
//! that a reader meets comes from the one table in [`reason`].
//!
//! Start at [`document`] for the signatures of a document, at [`signature`] for a credential's, at
//! [`certificate`] for a certificate alone; what they are judged by is a [`context::ValidationContext`]. Which rule comes from which clause stands with each
//! rule; where we differ from the standards, and why:
//!
#![doc = include_str!("divergences.md")]

pub mod certificate;
pub mod constraint;
pub mod context;
pub mod document;
#[cfg(test)]
pub(crate) mod fixture;
mod identity;
mod jose_failure;
pub mod limits;
mod modification;
mod path_failure;
pub mod path_report;
pub mod profile;
pub mod reason;
pub mod report;
mod seal;
pub mod signature;
pub mod standing;
mod strength;
pub mod timestamp;
pub mod trust_store;
