//! Strict readers and writers of text encodings, with size limits and without meaning.
//!
//! Non-canonical forms (padding bits set, wrong alphabet, trailing bytes, duplicate JSON members) are
//! errors: two texts that decode to the same bytes would let one signature cover both. The one
//! tolerance is in [`base64`], where request bodies may be wrapped or unpadded.

pub mod base64;
pub mod base64url;
pub mod hex;
pub mod json;
pub mod pem;
