//! Ours and other people's software, each reading what the other wrote: the Python libraries `sd-jwt` and
//! `pyhanko` (`tests/interop`), Schemathesis, the command lines of OpenSSL and of poppler's `pdfsig`, and `LibreOffice` where
//! it is installed. They share no code with us, so that a mistake which our issuer and our verifier both make
//! shows up here.

mod certificates;
mod conformance;
mod credentials;
mod crls;
pub(crate) mod openssl;
mod pdf;
mod peer;
mod revocation;
mod sm2;
