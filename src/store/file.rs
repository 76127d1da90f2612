//! Reads and writes small files: bounded, private, and whole or not at all.

use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;

/// Why a file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is one already, and it must not be lost.
    #[error("`{}` exists already", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// There is none.
    #[error("`{}` does not exist", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// Neither UTF-8 nor, therefore, what was expected.
    #[error("`{}` is not UTF-8 text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// A secret that others than its owner may read or change.
    #[error("`{}` has mode {mode:04o}, so that others may read it: chmod 600", path.display())]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The system refused to read it.
    #[error("`{}` could not be read", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// Larger than such a file ever is.
    #[error("`{}` has more than {max_bytes} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most it may have.
        max_bytes: u64,
    },
    /// The system refused to write it.
    #[error("`{}` could not be written", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

/// Permissions of a file that only its owner reads.
pub(in crate::store) const PRIVATE: u32 = 0o600;

/// What [`read_pieces`] holds at a time.
const PIECE_BYTES: usize = 256 * 1024;

/// Reads a file of at most `max_bytes`.
///
/// # Errors
/// [`FileError::Missing`], [`FileError::TooLarge`], [`FileError::Read`].
pub fn read(path: &Path, max_bytes: u64) -> Result<Vec<u8>, FileError> {
    let file = File::open(path).map_err(|cause| reading(path, cause))?;
    read_open(file, path, max_bytes)
}

pub(in crate::store) fn read_open(
    file: File,
    path: &Path,
    max_bytes: u64,
) -> Result<Vec<u8>, FileError> {
    // As much room as it says it needs: growing would hold large files twice.
    let expected = file.metadata().map_or(0, |metadata| metadata.len());
    let expected = expected.min(max_bytes).saturating_add(1);
    let mut contents = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    let length = file
        .take(max_bytes.saturating_add(1))
        .read_to_end(&mut contents)
        .map_err(|cause| reading(path, cause))?;
    if u64::try_from(length).is_ok_and(|length| length <= max_bytes) {
        Ok(contents)
    } else {
        let path = path.to_owned();
        Err(FileError::TooLarge { path, max_bytes })
    }
}

/// The files of a folder and of those in it, by name; `path` itself if it is no folder. Links to folders are not
/// followed, so that there is an end.
///
/// # Errors
/// [`FileError::Missing`], [`FileError::Read`].
pub fn list_below(path: &Path) -> Result<Vec<PathBuf>, FileError> {
    let metadata = fs::metadata(path).map_err(|cause| reading(path, cause))?;
    if !metadata.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(|cause| reading(path, cause))? {
        entries.push(entry.map_err(|cause| reading(path, cause))?.path());
    }
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        let kind = fs::symlink_metadata(&entry).map_err(|cause| reading(&entry, cause))?;
        if kind.is_dir() {
            files.extend(list_below(&entry)?);
        } else if kind.is_file() || fs::metadata(&entry).is_ok_and(|target| target.is_file()) {
            files.push(entry);
        }
    }
    Ok(files)
}

/// Reads a file piece by piece, whatever its size, and hands each piece to `take`.
///
/// # Errors
/// [`FileError::Missing`], [`FileError::Read`].
pub fn read_pieces(path: &Path, mut take: impl FnMut(&[u8])) -> Result<(), FileError> {
    let mut file = File::open(path).map_err(|cause| reading(path, cause))?;
    let mut buffer = vec![0; PIECE_BYTES];
    loop {
        let length = match file.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(length) => length,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => continue,
            Err(cause) => return Err(reading(path, cause)),
        };
        take(buffer.get(..length).unwrap_or_default());
    }
}

/// Puts `contents` at `path` in place of what is there: after a crash the file is the old or the new one.
/// Only its owner may read it.
///
/// # Errors
/// [`FileError::Write`]; the file is then as it was.
pub fn replace(path: &Path, contents: &[u8]) -> Result<(), FileError> {
    let refused = |cause| writing(path, cause);
    let (temporary, mut file) = open_temporary(path).map_err(refused)?;
    file.write_all(contents)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&temporary, path))
        .and_then(|()| sync_folder_of(path))
        .map_err(refused)
}

/// Puts `contents` at `path`, where nothing may be yet. Only its owner may read it.
///
/// # Errors
/// [`FileError::Exists`], [`FileError::Write`].
pub fn create(path: &Path, contents: &[u8]) -> Result<(), FileError> {
    create_with(path, |file| {
        file.write_all(contents)
            .map_err(|cause| writing(path, cause))
    })
}

/// Makes what happened in the folder of `path` durable.
pub(in crate::store) fn sync_folder_of(path: &Path) -> Result<(), io::Error> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Puts what `fill` writes at `path`, where nothing may be yet. Only its owner may read it. When `fill`
/// fails nothing is left.
pub(in crate::store) fn create_with<E: From<FileError>>(
    path: &Path,
    fill: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<(), E> {
    let refused = |cause| E::from(writing(path, cause));
    let (temporary, mut file) = open_temporary(path).map_err(refused)?;
    let filled = fill(&mut file).and_then(|()| file.sync_all().map_err(refused));
    // A link, unlike a rename, fails where something is already.
    let linked = filled.and_then(|()| fs::hard_link(&temporary, path).map_err(refused));
    fs::remove_file(&temporary).map_err(refused)?;
    linked?;
    sync_folder_of(path).map_err(refused)
}

/// Opens an empty file beside `path`, since a rename works within one file system only. The name is always
/// the same: what a crash left behind is overwritten by the next attempt.
fn open_temporary(path: &Path) -> Result<(PathBuf, File), io::Error> {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().ok_or(io::ErrorKind::InvalidFilename)?);
    name.push(TEMPORARY_SUFFIX);
    let temporary = path.with_file_name(name);
    remove_if_there(&temporary)?;
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(PRIVATE)
        .open(&temporary)?;
    Ok((temporary, file))
}

/// Removes a file, which need not be there.
pub(in crate::store) fn remove_if_there(path: &Path) -> Result<(), io::Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// How the name of a file ends that is being written.
pub(in crate::store) const TEMPORARY_SUFFIX: &str = ".writing";

pub(in crate::store) fn reading(path: &Path, cause: io::Error) -> FileError {
    let path = path.to_owned();
    if cause.kind() == io::ErrorKind::NotFound {
        FileError::Missing { path }
    } else {
        FileError::Read { path, cause }
    }
}

pub(in crate::store) fn writing(path: &Path, cause: io::Error) -> FileError {
    let path = path.to_owned();
    if cause.kind() == io::ErrorKind::AlreadyExists {
        FileError::Exists { path }
    } else {
        FileError::Write { path, cause }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_replaced_file_is_private_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        replace(&path, b"one").unwrap();
        fs::write(
            folder.path().join(".config.toml.writing"),
            "left by a crash",
        )
        .unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(read(&path, 3).unwrap(), b"two");
        assert_eq!(mode(&path), PRIVATE);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_created_file_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        create(&path, b"one").unwrap();
        assert!(matches!(
            create(&path, b"two"),
            Err(FileError::Exists { .. })
        ));
        assert_eq!(read(&path, 100).unwrap(), b"one");
        assert_eq!(mode(&path), PRIVATE);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn refusals_name_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let missing = read(&path, 10).unwrap_err();
        assert!(missing.to_string().contains("key.pem"), "{missing}");
        assert!(matches!(missing, FileError::Missing { .. }));
        fs::write(&path, "0123456789A").unwrap();
        assert!(matches!(read(&path, 10), Err(FileError::TooLarge { .. })));
        assert!(matches!(
            read(folder.path(), 10),
            Err(FileError::Read { .. })
        ));
        let nowhere = folder.path().join("no/such/folder");
        assert!(matches!(
            replace(&nowhere, b""),
            Err(FileError::Write { .. })
        ));
    }
}
