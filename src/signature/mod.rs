//! Signed containers. Opening one gives *facts* (what was signed, by which key, with which
//! certificates); whether they suffice is for [`crate::validation`] to say.
//!
//! Start with [`sniff`], which names a container by its content; [`facts`] is what every reader gives of a
//! signature; [`jose`] reads and writes JWS, [`cms`] `SignedData`, [`seal`] reads electronic seals; [`timestamp`]
//! asks for timestamps and issues them.

pub mod cms;
pub mod detached;
pub mod facts;
pub mod jose;
pub mod raw;
pub mod seal;
pub mod sniff;
pub mod timestamp;
pub mod unwrap;
