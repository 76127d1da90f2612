//! Strict readers and writers of text encodings, with size limits and without meaning.
//!
//! Non-canonical forms (padding bits set, wrong alphabet, trailing bytes, duplicate JSON members) are
//! errors: two texts that decode to the same bytes would let one signature cover both.
