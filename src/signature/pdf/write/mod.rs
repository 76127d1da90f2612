//! Makes signatures, document timestamps and the security store of a PDF (ISO 32000-2 §12.8, ETSI EN 319 142-1 §5
//! and §6) by incremental update (ISO 32000-2 §7.5.6): what is there stays as it is, byte for byte.
//!
//! [`sign`], [`timestamp`] and [`extend`] each add one revision. What they give was read back with
//! [`crate::signature::pdf::document::read`]: what is new is intact and covers the whole file, and every signature
//! that was there is as it was, with no change after it but such as its signer allowed. Whoever cannot have that
//! gets an error, and no file.
//!
//! Nothing is repaired and nothing is decrypted: a file that the reader does not take, or an encrypted one, is
//! refused. Neither the clock nor a key is here; the time and the value of the signature are handed in.

pub mod error;
pub mod request;

mod appearance;
mod field;
mod make;
mod read_back;
mod serialise;
mod store;
#[cfg(test)]
mod tests;
mod update;

pub use crate::signature::pdf::write::make::sign;
pub use crate::signature::pdf::write::make::timestamp;
pub use crate::signature::pdf::write::store::extend;
