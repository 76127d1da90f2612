//! Time as a value that is handed in.
