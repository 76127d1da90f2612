//! What the fuzz targets assert, as functions that a test can call too, and where their first inputs come
//! from: code, so that no binary corpus lies in the repository.
//!
//! Each function is named like what it fuzzes and panics when a law is broken. "No panic" alone is no
//! law: a parser that accepts everything would pass.

pub mod certificate;
pub mod sd_jwt;
pub mod seeds;
