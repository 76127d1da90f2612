//! JSON Web Signatures (RFC 7515), and what `JAdES` adds to them (ETSI TS 119 182-1).
//!
//! [`compact`] reads one strictly and refuses what points elsewhere for a key: credentials, receipts and
//! status lists come that way; [`sign`] writes one. [`document`] reads signed documents in every serialisation,
//! detached and unencoded payloads (RFC 7797) among them, and gives the facts of each signature. Encryption is
//! not read.

mod certificates;
pub mod compact;
mod critical;
pub mod document;
pub mod error;
mod etsi_u;
mod facts;
mod header;
mod level;
mod payload;
mod serialisation;
mod sig_d;
pub mod sign;
pub mod sign_document;
mod signed_header;
mod thumbprint;
