//! SD-JWT VC: credentials whose holder decides what to show (RFC 9901, draft-ietf-oauth-sd-jwt-vc).
//!
//! [`issue`] makes one; [`parse`] reads a presentation, all of whose disclosures are then known to belong
//! to it, and [`malformed`] says in a report why one could not be read; [`validate`] lets what the
//! credential says of itself worsen a report. The signature is the business of
//! [`crate::validation::signature`]. Key binding is recognised but not verified: a presentation that has
//! it is not accepted.

pub mod disclosed;
pub mod disclosure;
pub mod error;
pub mod issue;
pub mod malformed;
pub mod parse;
pub mod registered;
pub mod validate;

#[cfg(test)]
mod rfc_9901;
