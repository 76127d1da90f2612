//! The registration credential: claims, SD-JWT VC, status list.
//!
//! Its verdict only ever worsens a report ([`crate::validation::report::Report::restrict`]).
//!
//! [`kind`] says what a type of credential holds and who may issue it; [`claims`] takes that out of a
//! company's facts; [`sd_jwt_vc`] signs, reads and judges it; [`state`] and [`status_list`] say whether
//! it still stands. Nothing here stores or fetches anything.

pub mod claims;
pub mod kind;
pub mod sd_jwt_vc;
pub mod state;
pub mod status_list;
