//! The pages for people: look up a company, check a credential.
//!
//! Everything works without JavaScript. Nothing is inline, nothing comes from elsewhere, nothing is
//! remembered of a visitor: there are no cookies, and so no form that somebody else could submit in a
//! visitor's name.

pub(in crate::http) mod company;
pub(in crate::http) mod facts;
pub(in crate::http) mod home;
pub(in crate::http) mod moment;
pub(in crate::http) mod page;
pub(in crate::http) mod problem;
pub(in crate::http) mod static_files;
pub(in crate::http) mod tone;
pub(in crate::http) mod verdict;
