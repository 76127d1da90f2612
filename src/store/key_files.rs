//! Files that hold secrets: encrypted private keys and passphrases. What is inside is for `crypto` to
//! understand; here it is text that nobody else may read.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use zeroize::Zeroize;

use crate::secret::Secret;
use crate::store::file;
use crate::store::file::FileError;

/// An encrypted P-256 key in PEM has some 400 bytes, an RSA-4096 one some 4 KiB.
const MAX_SECRET_BYTES: u64 = 64 * 1024;

/// Permission bits that let others in.
const OTHERS: u32 = 0o077;

/// Writes a secret to a new file with mode 0600. A secret is never overwritten: what a lost key signed
/// can be verified for ever, but never continued.
///
/// # Errors
/// [`FileError::Exists`], [`FileError::Write`].
pub fn create(path: &Path, contents: &Secret<String>) -> Result<(), FileError> {
    file::create(path, contents.expose().as_bytes())
}

/// Reads a secret that only its owner may read.
///
/// # Errors
/// [`FileError::OpenToOthers`] when the file's mode lets others read or change it, [`FileError::Missing`],
/// [`FileError::NotText`], [`FileError::TooLarge`], [`FileError::Read`].
pub fn read(path: &Path) -> Result<Secret<String>, FileError> {
    let file = File::open(path).map_err(|cause| file::reading(path, cause))?;
    // Of the open file, so that it cannot be exchanged in between.
    let found = file
        .metadata()
        .map_err(|cause| file::reading(path, cause))?;
    let mode = found.permissions().mode() & 0o7777;
    if mode & OTHERS != 0 {
        let path = path.to_owned();
        return Err(FileError::OpenToOthers { path, mode });
    }
    let contents = file::read_open(file, path, MAX_SECRET_BYTES)?;
    String::from_utf8(contents)
        .map(Secret::new)
        .map_err(|error| {
            error.into_bytes().zeroize();
            let path = path.to_owned();
            FileError::NotText { path }
        })
}

/// Reads a passphrase or token: the file's first line, without its end.
///
/// # Errors
/// As [`read`].
pub fn read_line(path: &Path) -> Result<Secret<String>, FileError> {
    let contents = read(path)?;
    let line = contents.expose().lines().next().unwrap_or_default();
    Ok(Secret::new(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::fs::Permissions;

    use super::*;

    #[test]
    fn a_secret_comes_back_and_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credential.pem");
        create(&path, &Secret::new("first\n".to_owned())).unwrap();
        let again = create(&path, &Secret::new("second\n".to_owned()));
        assert!(matches!(again, Err(FileError::Exists { .. })));
        assert_eq!(read(&path).unwrap().expose(), "first\n");
        assert_eq!(read_line(&path).unwrap().expose(), "first");
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o7777, 0o600);
    }

    #[test]
    fn a_secret_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("credential.pem");
        fs::write(&path, "secret").unwrap();
        for mode in [0o644, 0o640, 0o602, 0o601] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let refused = read(&path).unwrap_err();
            assert!(
                matches!(refused, FileError::OpenToOthers { .. }),
                "{mode:o}"
            );
            assert!(!format!("{refused:?}").contains("secret"));
        }
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        assert_eq!(read(&path).unwrap().expose(), "secret");
    }

    #[test]
    fn what_is_no_text_or_too_long_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("passphrase");
        file::create(&path, b"\xff\xfe").unwrap();
        assert!(matches!(read(&path), Err(FileError::NotText { .. })));
        let size = usize::try_from(MAX_SECRET_BYTES).unwrap() + 1;
        file::replace(&path, &vec![b'a'; size]).unwrap();
        assert!(matches!(read(&path), Err(FileError::TooLarge { .. })));
        file::replace(&path, b"").unwrap();
        assert_eq!(read_line(&path).unwrap().expose(), "");
    }
}
