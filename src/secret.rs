//! Secrets that are wiped when dropped and never printed.
