//! JSON Web Signatures (RFC 7515) in compact serialisation.
//!
//! [`compact`] reads one strictly and refuses what points elsewhere for a key; [`sign`] writes one. The
//! JSON serialisations, detached and unencoded payloads (RFC 7797) and encryption are not read.

pub mod compact;
pub mod error;
mod header;
pub mod sign;
pub mod sign_document;
