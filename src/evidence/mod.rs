//! What remains of an answer: signed receipts and audit events. Pure; storing is for `store`.

pub mod audit;

pub mod receipt;
