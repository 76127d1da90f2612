//! What is told of documents that were signed, and of what was done to them then: each attack by its name.

mod certification;
mod chain;
mod fields;
mod laws;
mod looks;
mod permitted;
mod range;
mod shadow;
mod structure;
mod value;
