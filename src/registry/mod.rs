//! Companies, departments, issuers, relying parties and recognition: types and pure transitions.
