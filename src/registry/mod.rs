//! Companies, departments, issuers, relying parties and recognition: types and pure transitions.
//!
//! Nothing here reads a clock, a file or a table: events, rows and times are handed in. Start reading
//! at [`company::Company`] (what is known of a company, and how that changes),
//! [`issuer::IssuerEntry`] (who may issue what), [`relying_party::RelyingParty`] (who asks),
//! [`recognition::resolve`] (whom they trust) and [`holder`] (companies that fetch what is theirs).

pub mod api_key;
pub mod caller_terms;
pub mod client_certificate;
pub mod company;
pub mod department;
pub mod holder;
pub mod import;
pub mod iso_date;
pub mod issuer;
pub mod purpose;
pub mod recognition;
pub mod registration;
pub mod relying_party;
pub mod slug;
pub mod text;
