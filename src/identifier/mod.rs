//! Identifiers with check characters, each a newtype with one checked constructor.
