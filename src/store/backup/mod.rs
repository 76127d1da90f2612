//! Backup and restore of a data folder, in one file.
//!
//! The archive is a gzipped tar (ustar, POSIX.1-1988) whose first entry is a [`Manifest`] of all others
//! with their SHA-256. A backup may be taken while the service runs: the database is copied as of one
//! moment first, and the files afterwards, since a key is on disk before anything refers to it.
//!
//! What is in it: the database and everything else in the data folder but the lock. The keys in it are as
//! encrypted as they are on disk; a passphrase that lies in the folder lies in the archive too. A
//! PostgreSQL database is not in it: its own tools make consistent copies of it.
//!
//! The manifest says whether an archive is whole, not who made it: restore only what you trust.
//!
//! Writing is [`write()`], reading [`restore()`].

mod error;
mod restore;
mod write;

use serde::Deserialize;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;

pub use error::BackupError;
pub use restore::MAX_RESTORED_BYTES;
pub use restore::restore;
pub use write::write;

/// What the archive holds, and how to tell that it is whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Manifest {
    /// Always [`FORMAT`].
    pub format: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// The last migration of the database; absent when the archive has none.
    pub schema_version: Option<i64>,
    /// All files, in the order in which they follow.
    pub files: Vec<ManifestFile>,
}

/// One file of an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ManifestFile {
    /// Its path in the data folder, `/` between its parts.
    pub path: String,
    /// Its length in bytes.
    pub size: u64,
    /// The digest of its contents.
    pub sha256: Sha256,
}

/// What a backup or a restore moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackupSummary {
    /// How many files, the database among them.
    pub files: usize,
    /// How many bytes, uncompressed.
    pub bytes: u64,
    /// Whether the database is among them.
    pub database: bool,
}

impl Manifest {
    fn summary(&self) -> BackupSummary {
        BackupSummary {
            files: self.files.len(),
            bytes: self
                .files
                .iter()
                .fold(0, |sum, file| sum.saturating_add(file.size)),
            database: self.schema_version.is_some(),
        }
    }
}

/// The format that this release writes and reads.
pub const FORMAT: &str = "yinxin-backup/1";

/// The manifest's name in the archive. No file of a data folder has it.
const MANIFEST: &str = "manifest.json";

/// How long a path may be: what the ustar header holds in one piece.
const MAX_PATH_BYTES: usize = 100;

/// Whether `path` leads to a file below the folder it is joined to, wherever that is: parts of ordinary
/// names, none of them `.` or `..`.
fn stays_inside(path: &str) -> bool {
    path.len() <= MAX_PATH_BYTES
        && !path.chars().any(char::is_control)
        && path
            .split('/')
            .all(|part| !matches!(part, "" | "." | "..") && !part.contains('\\'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_leave_the_folder_are_known() {
        for good in [
            "yinxin.db",
            "keys/credential.pem",
            "a/b/c",
            "密钥/钥匙.pem",
            "..a",
            "a..",
            "...",
        ] {
            assert!(stays_inside(good), "{good}");
        }
        let long = "a".repeat(101);
        for bad in [
            "",
            "/etc/passwd",
            "../x",
            "a/../x",
            "a/..",
            "a//b",
            "a/",
            ".",
            "./a",
            "a\\b",
            "a\nb",
            "a\0b",
            &long,
        ] {
            assert!(!stays_inside(bad), "{bad}");
        }
    }
}
