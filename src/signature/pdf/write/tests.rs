//! What is added stands beside what was there, whoever signed it and however the file is written.

mod documents;
mod refusing;
mod signers;
mod signing;
mod storing;
