//! SQL and files. Nobody else opens either, and nothing is decided here.
