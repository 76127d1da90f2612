//! Revocation found out in a small town.

mod delta;
mod list;
mod ocsp;
mod order;
mod scope;
mod signer;
