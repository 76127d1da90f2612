//! Companies, departments, issuers, relying parties and recognition: types and pure transitions.

pub mod iso_date;
pub mod slug;
pub mod text;
