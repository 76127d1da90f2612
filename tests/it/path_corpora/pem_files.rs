//! Certificates of corpora that have them inside JSON, written out for the command to read.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

/// A folder of files, each text written once.
pub(super) struct PemFiles {
    folder: TempDir,
    known: HashMap<String, PathBuf>,
}

impl PemFiles {
    pub(super) fn new() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
            known: HashMap::new(),
        }
    }

    /// The file that holds `text`.
    pub(super) fn put(&mut self, text: String) -> PathBuf {
        let path = self.folder.path().join(format!("{}.pem", self.known.len()));
        let known = self.known.entry(text).or_insert_with_key(|text| {
            fs::write(&path, text).unwrap();
            path
        });
        known.clone()
    }

    pub(super) fn put_all(&mut self, texts: Vec<String>) -> Vec<PathBuf> {
        texts.into_iter().map(|text| self.put(text)).collect()
    }
}
