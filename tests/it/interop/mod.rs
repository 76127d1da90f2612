//! Ours and other people's software, each reading what the other wrote: the Python library `sd-jwt`
//! (`tests/interop`) and the command line of OpenSSL. They share no code with us, so that a mistake
//! which our issuer and our verifier both make shows up here.

mod certificates;
mod credentials;
mod crls;
pub(crate) mod openssl;
mod peer;
mod revocation;
mod sm2;
