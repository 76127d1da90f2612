//! Electronic seals (电子印章) and the signatures made with them: `SES_Signature` of GM/T 0031-2014 (version 1),
//! GB/T 38540-2020 (version 4) and GM/T 0031-2025 (version 5).
//!
//! A seal is a picture with a name, a validity and a list of those who may use it, signed by its maker; a
//! signature puts it on content that stands elsewhere, in a PDF (GM/T 0112) or an OFD (GB/T 33190). What the
//! signer signs holds the whole seal, so that none can be put in the place of another.
//!
//! [`parse::SealSignature::parse`] reads the structure, in DER alone; [`parse::SealSignature::needs`] says which
//! digest of the content has to be at hand; [`parse::SealSignature::facts`] computes with signer and maker and
//! gives the facts. The picture is not decoded.

pub mod error;
mod eseal;
mod extension;
mod facts;
#[cfg(test)]
pub(crate) mod fixtures;
pub mod parse;
#[cfg(test)]
mod tests;
mod value;
