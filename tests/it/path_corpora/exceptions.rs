//! `tests/corpora/SUITE/exceptions.json`: where we answer otherwise than a corpus, and why.

use std::fs;
use std::path::Path;

use serde::Deserialize;

/// One case that is answered otherwise, in the corpus's own words.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exception {
    pub(super) id: String,
    pub(super) expected: String,
    pub(super) actual: String,
    /// What our answer rests on.
    pub(super) clause: String,
    pub(super) reason: String,
}

/// The exceptions of a suite.
pub(super) fn read(suite: &str) -> Vec<Exception> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/corpora")
        .join(suite)
        .join("exceptions.json");
    let text = fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}
