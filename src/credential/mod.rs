//! The registration credential: claims, SD-JWT VC, status list.
//!
//! Its verdict only ever worsens a report ([`crate::validation::report::Report::restrict`]).
