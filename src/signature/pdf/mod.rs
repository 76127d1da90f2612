//! Signatures inside PDF (ISO 32000-2 §12.8, ETSI EN 319 142-1).
//!
//! Start with [`encryption`], which opens what anyone may open.

pub mod encryption;
