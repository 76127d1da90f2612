//! Signatures, digests and keys, driven by one table of algorithms.
//!
//! Knows nothing of X.509: callers hand in keys as SubjectPublicKeyInfo and bytes to verify.
