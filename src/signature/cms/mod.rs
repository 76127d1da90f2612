//! CMS `SignedData` (RFC 5652 §5), PKCS #7 (RFC 2315 §9) and the dialect of GM/T 0010-2012 (GB/T 35275-2017);
//! with what `CAdES` adds to it (ETSI EN 319 122-1), and the timestamp tokens (RFC 3161) that stand inside.
//!
//! [`signed_data::SignedData::parse`] reads the structure; [`signed_data::SignedData::needs`] says which
//! digests of detached content have to be at hand; [`signed_data::SignedData::facts`] computes everything and
//! gives the facts of each signature. BER is read ([`crate::pki::ber`]), what is written ([`mod@write`]) is DER.
//! Of the other content types of CMS none is read.

mod archive;
mod attribute;
mod embedded;
pub mod error;
mod facts;
#[cfg(test)]
pub(crate) mod fixtures;
mod level;
pub mod oids;
pub mod signed_data;
mod signer_id;
mod signer_info;
#[cfg(test)]
mod tests;
pub mod timestamp_token;
pub(in crate::signature) mod work;
pub mod write;
