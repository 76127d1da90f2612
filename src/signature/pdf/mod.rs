//! PDF (ISO 32000-2), its signatures and what was done to it after each (PAdES, ETSI EN 319 142-1; China's
//! `GM.sm2cms.detached` and `GM.sm2seal`, GM/T 0112-2021).
//!
//! A signature covers a revision: the bytes up to its end. What it is worth for the document that is shown
//! depends on what later revisions changed, so that the objects on which that rests are read here, by the
//! cross-reference alone and without any repair: [`file`] gives the document as it stands after a revision,
//! [`signature_field`] its signatures, [`changes`] what differs between two, [`document`] the facts. [`write`] adds
//! signatures, timestamps and evidence, and has them judged by that same reader.

pub mod document;
pub mod encryption;
pub mod error;
pub mod file;
pub mod object;
pub mod write;

mod active;
mod byte_range;
mod changes;
mod cross_reference;
mod date;
mod filter;
mod opening;
mod pages;
mod parse;
mod permissions;
mod security_store;
mod signature_field;
mod value;
pub mod value_alone;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
