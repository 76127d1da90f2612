//! Why a backup or a restore failed.

use std::io;
use std::path::PathBuf;

use crate::store::error::StoreError;
use crate::store::file::FileError;
use crate::store::folder::FolderError;

/// Why a backup or a restore failed. A failed backup leaves no archive, a failed restore no folder.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file in the archive is not the one that was put there.
    #[error("{path:?} in the archive is damaged: its digest is not the one in the manifest")]
    Altered {
        /// The file's path in the archive.
        path: String,
    },
    /// It is cut short, or damaged so that it cannot be read to its end.
    #[error("the archive is damaged or cut short")]
    Archive(#[source] io::Error),
    /// Somebody wrote to a file while it was copied. Take the backup again.
    #[error("`{}` changed while it was copied", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A folder could not be made.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Not an archive of ours, or one of a release that is yet to come.
    #[error("this is no backup of this program, or one of a newer release")]
    Format,
    /// The work was given up, because the program is ending.
    #[error("the backup was interrupted")]
    Interrupted,
    /// A file that the manifest lists is not in the archive.
    #[error("{path:?} is in the manifest but not in the archive")]
    Missing {
        /// The file's path in the archive.
        path: String,
    },
    /// A name that an archive cannot hold, or one that would lead out of the folder.
    #[error("{path:?} is no path that a backup may hold")]
    Name {
        /// The path.
        path: String,
    },
    /// Neither a file nor a folder: a link, a pipe. What it stands for would not be in the backup.
    #[error("`{}` is neither a file nor a folder, and would not be in the backup", path.display())]
    NotAFile {
        /// What it is called.
        path: PathBuf,
    },
    /// There is something where the data folder is to be.
    #[error("`{}` is there and not empty; restore into a new folder", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// More than the caller lets a restore write.
    #[error("the archive holds more than {max_bytes} bytes")]
    TooLarge {
        /// The most that may be written.
        max_bytes: u64,
    },
    /// A file is in the archive that the manifest does not list there, twice, or of another size or kind.
    #[error("{path:?} in the archive is not as the manifest says")]
    Unexpected {
        /// The file's path in the archive.
        path: String,
    },
}
