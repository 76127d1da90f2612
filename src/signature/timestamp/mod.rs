//! Timestamps over the wire (RFC 3161 §2.4): what is asked, what is answered, and the token itself as an
//! authority makes it. Reading a token that lies in a signature is
//! [`crate::signature::cms::timestamp_token`]'s.
//!
//! A client makes a [`request::TimestampRequest`], reads a [`response::TimestampResponse`], and takes its token
//! only through [`answer::check`]. An authority reads the request and makes a token with [`issue::Authority`].
//! Neither the clock nor the network is reached from here.

pub mod answer;
pub mod error;
pub mod issue;
pub mod request;
pub mod response;
