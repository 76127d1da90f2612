//! The data folder: what lies where, who may enter, and that one process at a time writes to it.

use std::fs;
use std::fs::DirBuilder;
use std::fs::File;
use std::fs::OpenOptions;
use std::fs::TryLockError;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;

use crate::store::file;

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Another process writes to it.
    #[error("another process owns `{}`; stop it, or send it the command with --server", path.display())]
    Locked {
        /// The folder.
        path: PathBuf,
    },
    /// There is none.
    #[error("there is no data folder `{}`", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// Others than the owner may enter.
    #[error("`{}` has mode {mode:04o}, so that others may enter: chmod 700", path.display())]
    OpenToOthers {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The system refused.
    #[error("`{}` cannot be used", path.display())]
    Unusable {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

/// Permissions of folders that only their owner enters.
const PRIVATE: u32 = 0o700;

/// Permission bits that let others in.
const OTHERS: u32 = 0o077;

/// A data folder that exists and is closed to others.
#[derive(Debug, Clone)]
pub struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    /// Makes the folder and the ones inside it, where they are missing, all with mode 0700. Its parent
    /// must exist.
    ///
    /// # Errors
    /// [`FolderError::OpenToOthers`] for an existing folder that others may enter: what they may have put
    /// there is not ours to trust. [`FolderError::Unusable`].
    pub fn create(path: &Path) -> Result<Self, FolderError> {
        make_folder(path)?;
        let folder = Self::open(path)?;
        make_folder(&folder.keys())?;
        make_folder(&folder.certificates())?;
        Ok(folder)
    }

    /// Opens a folder that exists.
    ///
    /// # Errors
    /// [`FolderError::Missing`], [`FolderError::OpenToOthers`], [`FolderError::Unusable`].
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        let path = path.canonicalize().map_err(|cause| unusable(path, cause))?;
        let found = fs::metadata(&path).map_err(|cause| unusable(&path, cause))?;
        if !found.is_dir() {
            return Err(unusable(&path, io::ErrorKind::NotADirectory.into()));
        }
        let mode = found.permissions().mode() & 0o7777;
        if mode & OTHERS != 0 {
            return Err(FolderError::OpenToOthers { path, mode });
        }
        Ok(Self { path })
    }

    /// Takes the folder for this process, until the lock is dropped or the process ends, however it ends.
    ///
    /// # Errors
    /// [`FolderError::Locked`] when another process has it.
    pub fn lock(&self) -> Result<FolderLock, FolderError> {
        let path = self.path.join(LOCK);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(file::PRIVATE)
            .open(&path)
            .map_err(|cause| unusable(&path, cause))?;
        match file.try_lock() {
            Ok(()) => Ok(FolderLock { _file: file }),
            Err(TryLockError::WouldBlock) => {
                let path = self.path.clone();
                Err(FolderError::Locked { path })
            }
            Err(TryLockError::Error(cause)) => Err(unusable(&path, cause)),
        }
    }

    /// The folder itself, absolute.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The SQLite database, `yinxin.db`.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.path.join(DATABASE)
    }

    /// The configuration, `yinxin.toml`.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.path.join("yinxin.toml")
    }

    /// Encrypted private keys and what opens them, `keys/`.
    #[must_use]
    pub fn keys(&self) -> PathBuf {
        self.path.join("keys")
    }

    /// Certificates of our own CAs and issuers, `certificates/`.
    #[must_use]
    pub fn certificates(&self) -> PathBuf {
        self.path.join("certificates")
    }

    /// Trust stores that replace the built-in ones, `trust-roots/`; need not exist.
    #[must_use]
    pub fn trust_roots(&self) -> PathBuf {
        self.path.join("trust-roots")
    }
}

/// The right to write to a data folder. The kernel takes it back when the process ends, so a crash leaves
/// no stale lock.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

/// The lock file's name.
pub(in crate::store) const LOCK: &str = "lock";

/// The database file's name; SQLite's logs beside it begin with it too.
pub(in crate::store) const DATABASE: &str = "yinxin.db";

/// Makes a folder that only its owner enters, unless it is there.
pub(in crate::store) fn make_folder(path: &Path) -> Result<(), FolderError> {
    match DirBuilder::new().mode(PRIVATE).create(path) {
        Err(cause) if cause.kind() != io::ErrorKind::AlreadyExists => Err(unusable(path, cause)),
        _ => Ok(()),
    }
}

fn unusable(path: &Path, cause: io::Error) -> FolderError {
    let path = path.to_owned();
    if cause.kind() == io::ErrorKind::NotFound {
        FolderError::Missing { path }
    } else {
        FolderError::Unusable { path, cause }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::Permissions;

    use super::*;

    #[test]
    fn a_new_folder_is_closed_to_others_and_can_be_made_again() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        for _ in 0..2 {
            let folder = DataFolder::create(&path).unwrap();
            for inside in [
                folder.path().to_owned(),
                folder.keys(),
                folder.certificates(),
            ] {
                let mode = fs::metadata(inside).unwrap().permissions().mode();
                assert_eq!(mode & 0o7777, PRIVATE);
            }
            assert!(folder.database().starts_with(folder.path()));
        }
    }

    #[test]
    fn one_owner_at_a_time() {
        let parent = tempfile::tempdir().unwrap();
        let folder = DataFolder::create(&parent.path().join("data")).unwrap();
        let lock = folder.lock().unwrap();
        let refused = folder.lock().unwrap_err();
        assert!(matches!(refused, FolderError::Locked { .. }), "{refused}");
        drop(lock);
        folder.lock().unwrap();
    }

    #[test]
    fn folders_that_cannot_be_used_are_refused() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        assert!(matches!(
            DataFolder::open(&path),
            Err(FolderError::Missing { .. })
        ));
        let deep = path.join("deeper");
        assert!(matches!(
            DataFolder::create(&deep),
            Err(FolderError::Missing { .. })
        ));
        fs::write(&path, "a file").unwrap();
        assert!(matches!(
            DataFolder::create(&path),
            Err(FolderError::Unusable { .. })
        ));
        fs::remove_file(&path).unwrap();
        DataFolder::create(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o750)).unwrap();
        assert!(matches!(
            DataFolder::open(&path),
            Err(FolderError::OpenToOthers { .. })
        ));
        assert!(matches!(
            DataFolder::create(&path),
            Err(FolderError::OpenToOthers { .. })
        ));
    }
}
