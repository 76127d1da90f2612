//! Certificates, certification paths and revocation (RFC 5280 §6), and the certificates that we issue ourselves.
//!
//! Performs no I/O: whatever comes from outside is handed in.

pub mod algorithm_identifier;
pub mod asn1_time;
pub mod bag;
pub mod ber;
pub mod certificate;
pub mod der;
pub mod domain_name;
pub mod general_name;
pub mod issue;
pub mod mailbox;
pub mod name;
pub mod name_constraints;
pub mod oid;
pub mod path;
pub mod reference_name;
pub mod revocation;
pub mod rules;
mod short_bytes;
pub mod trust_anchor;
