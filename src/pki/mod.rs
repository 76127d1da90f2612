//! Certificates, certification paths (RFC 5280 §6) and the certificates that we issue ourselves.
//!
//! Performs no I/O: whatever comes from outside is handed in.

pub mod certificate;
pub mod der;
pub mod issue;
pub mod name;
pub mod oid;
pub mod path;
pub mod trust_anchor;
