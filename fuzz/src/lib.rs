//! What the fuzz targets assert, as functions that a test can call too, and where their first inputs come
//! from: code, so that no binary corpus lies in the repository.
//!
//! Each function is named like what it fuzzes and panics when a law is broken. "No panic" alone is no
//! law: a parser that accepts everything would pass.

pub mod certificate;
pub mod cms;
pub mod crl;
pub mod general_names;
pub mod jws_document;
pub mod name_constraints;
pub mod ocsp;
pub mod path;
pub mod pdf;
mod revocation_seeds;
pub mod sd_jwt;
pub mod seal;
pub mod seeds;
pub mod timestamp;
mod unsigned;

// What the tests of the project have already.
#[path = "../../tests/it/certificate_writer.rs"]
mod certificate_writer;
#[path = "../../tests/it/path_differential/mod.rs"]
mod path_differential;
