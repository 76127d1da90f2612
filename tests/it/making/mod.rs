//! Signatures and timestamps that we make: read back by ourselves, and by OpenSSL's command line.

mod authority;
mod client;
mod laws;
pub(crate) mod pdf;
pub(crate) mod signer;
mod signing;
