//! Extractors: bytes from outside become checked types here, or a problem that names what and where.

pub(in crate::http) mod accept;
pub(in crate::http) mod body;
pub(in crate::http) mod caller;
pub(in crate::http) mod context;
pub(in crate::http) mod form;
pub(in crate::http) mod headers;
pub(in crate::http) mod holder;
pub(in crate::http) mod items;
pub(in crate::http) mod json;
pub(in crate::http) mod original;
pub(in crate::http) mod path;
pub(in crate::http) mod query;
