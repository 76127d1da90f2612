//! Files that commands read piece by piece, and files that they write.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::sign_arguments::Output;
use crate::store::file;
use crate::store::file::FileError;

/// What is read at a time.
const PIECE_BYTES: usize = 64 * 1024;

/// Reads a file of any size, piece by piece.
///
/// # Errors
/// [`Exit::NoInput`] when it cannot be read.
pub(in crate::cli) fn read_pieces(
    path: &Path,
    mut take: impl FnMut(&[u8]),
) -> Result<(), CliError> {
    let refused = |error: std::io::Error| {
        CliError::new(Exit::NoInput, format_args!("{}: {error}", path.display()))
    };
    let mut file = File::open(path).map_err(refused)?;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = file.read(&mut piece).map_err(refused)?;
        match piece.get(..read) {
            Some([]) | None => return Ok(()),
            Some(bytes) => take(bytes),
        }
    }
}

impl Output {
    /// Where the result about `file` goes.
    pub(in crate::cli) fn path(&self, file: &Path, ending: &str) -> PathBuf {
        if let Some(out) = &self.out {
            return out.clone();
        }
        let mut name = OsString::from(file);
        name.push(".");
        name.push(ending);
        PathBuf::from(name)
    }

    /// Where the PDF goes that is made of the PDF `file`: `a.signed.pdf` of `a.pdf`.
    pub(in crate::cli) fn pdf_path(&self, file: &Path, what: &str) -> PathBuf {
        let is_pdf = file
            .extension()
            .is_some_and(|it| it.eq_ignore_ascii_case("pdf"));
        let ending = format!("{what}.pdf");
        match (&self.out, is_pdf) {
            (None, true) => file.with_extension(ending),
            (Some(_), _) | (None, false) => self.path(file, &ending),
        }
    }

    /// Refuses early what [`Self::write`] would refuse in the end.
    ///
    /// # Errors
    /// [`Exit::Usage`] when something is at `path` already.
    pub(in crate::cli) fn require_room(&self, path: &Path) -> Result<(), CliError> {
        let is_taken = !self.force && path.symlink_metadata().is_ok();
        if is_taken { Err(taken(path)) } else { Ok(()) }
    }

    /// Writes the result.
    ///
    /// # Errors
    /// [`Exit::Usage`] when something is at `path` already.
    pub(in crate::cli) fn write(&self, path: &Path, contents: &[u8]) -> Result<(), CliError> {
        if self.force {
            return file::replace(path, contents).or_exit(Exit::NoInput);
        }
        match file::create(path, contents) {
            Err(FileError::Exists { .. }) => Err(taken(path)),
            written => written.or_exit(Exit::NoInput),
        }
    }
}

fn taken(path: &Path) -> CliError {
    let message = format!("`{}` exists already", path.display());
    CliError::new(Exit::Usage, message).hint("name another file with --out, or add --force")
}
