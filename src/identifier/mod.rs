//! Identifiers, each a newtype with one checked constructor.
//!
//! To hold one is to know that its form is right, check characters included. It is not to know that
//! whoever it names exists: nothing here looks anything up. Forms are strict, as identifiers are stored
//! and signed; [`uscc::Uscc::from_input`] alone takes what people type.

pub mod licence_id;
pub mod opaque_id;
pub mod organisation_code;
pub mod registration_number;
pub mod uscc;
