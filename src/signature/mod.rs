//! Signed containers. Opening one gives *facts* (what was signed, by which key, with which
//! certificates); whether they suffice is for [`crate::validation`] to say.
//!
//! Start with [`sniff`], which names a container by its content; [`jose`] reads and writes JWS.

pub mod jose;
pub mod sniff;
