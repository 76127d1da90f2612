//! The anchor file: copies of all signed heads, one a line, kept where whoever can change the database
//! cannot. It is only appended to, and what was appended is on disk before the next is.
//!
//! A line that a crash left unfinished is finished with the rest of the same head, never overwritten.

use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::io::Seek as _;
use std::io::SeekFrom;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::crypto::public_key::PublicKey;
use crate::evidence::audit::head::HeadError;
use crate::evidence::audit::head::MAX_BYTES;
use crate::evidence::audit::head::SignedHead;
use crate::store::audit::head::StoredHead;
use crate::store::file;
use crate::store::file::FileError;

/// Why an anchor file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// The last line is not whole: the writing was cut off, or the file was.
    #[error("line {line} of the anchor file is cut off")]
    CutOff {
        /// Counted from 1.
        line: u64,
    },
    /// It goes on differently from the database: one of the two is another's, or older.
    #[error("the anchor file ends with other heads than the database has")]
    Diverged,
    /// It cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A line is no head that a key of the service signed.
    #[error("line {line} of the anchor file is no signed head: {cause}")]
    Garbled {
        /// Counted from 1.
        line: u64,
        /// Why not.
        #[source]
        cause: HeadError,
    },
    /// A head is missing between two lines.
    #[error("before line {line} of the anchor file a head is missing")]
    Gap {
        /// Counted from 1.
        line: u64,
    },
}

/// Reads a whole anchor file. It may begin with any head, since it may have been begun late.
///
/// # Errors
/// [`AnchorError`] names the first line that is wrong.
pub fn read(path: &Path, keys: &[PublicKey]) -> Result<Vec<SignedHead>, AnchorError> {
    let file = File::open(path).map_err(|cause| file::reading(path, cause))?;
    let mut reader = BufReader::new(file);
    let mut heads: Vec<SignedHead> = Vec::new();
    let mut line = 0;
    loop {
        let mut text = Vec::new();
        let limit = u64::try_from(MAX_BYTES + 2).unwrap_or(u64::MAX);
        let read = (&mut reader).take(limit).read_until(b'\n', &mut text);
        if read.map_err(|cause| file::reading(path, cause))? == 0 {
            return Ok(heads);
        }
        line += 1;
        if text.pop() != Some(b'\n') && text.len() <= MAX_BYTES {
            return Err(AnchorError::CutOff { line });
        }
        let text = String::from_utf8_lossy(&text);
        let head = SignedHead::verify(&text, keys)
            .map_err(|cause| AnchorError::Garbled { line, cause })?;
        if let Some(last) = heads.last()
            && !head.follows(Some(last.place()))
        {
            return Err(AnchorError::Gap { line });
        }
        heads.push(head);
    }
}

/// How an anchor file ends.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnchorEnd {
    /// Its last whole line; empty where there is none.
    pub last: String,
    /// What stands behind it: nothing, unless the writing was cut off.
    pub rest: String,
}

/// Reads how an anchor file ends; one that does not exist is empty.
///
/// # Errors
/// [`AnchorError::File`] when it cannot be read.
pub fn read_end(path: &Path) -> Result<AnchorEnd, AnchorError> {
    let failed = |cause: io::Error| file::reading(path, cause);
    let mut text = String::new();
    match File::open(path) {
        Ok(mut file) => {
            let length = file.metadata().map_err(failed)?.len();
            // Two lines at most: the last whole one, and what was cut off.
            let wanted = u64::try_from(2 * MAX_BYTES + 4).unwrap_or(u64::MAX);
            let start = length.saturating_sub(wanted);
            file.seek(SeekFrom::Start(start)).map_err(failed)?;
            let mut bytes = Vec::new();
            file.take(wanted).read_to_end(&mut bytes).map_err(failed)?;
            text.push_str(&String::from_utf8_lossy(&bytes));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(failed(error).into()),
    }
    let (whole, rest) = text.rsplit_once('\n').unwrap_or(("", &text));
    let last = whole.rsplit_once('\n').map_or(whole, |(_, last)| last);
    Ok(AnchorEnd {
        last: last.to_owned(),
        rest: rest.to_owned(),
    })
}

/// Appends heads to the file that ends as `end` says, and waits until they are on disk.
///
/// # Errors
/// [`AnchorError::Diverged`] when its unfinished line is not the beginning of the first of `heads`.
pub fn append(path: &Path, end: &AnchorEnd, heads: &[StoredHead]) -> Result<(), AnchorError> {
    let mut text = String::new();
    for head in heads {
        text.push_str(&head.compact);
        text.push('\n');
    }
    let text = text
        .strip_prefix(end.rest.as_str())
        .ok_or(AnchorError::Diverged)?;
    let failed = |cause: io::Error| file::writing(path, cause);
    let is_new = !path.exists();
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_data().map_err(failed)?;
    if is_new {
        file::sync_folder_of(path).map_err(failed)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::key_purpose::KeyPurpose;
    use crate::crypto::sign::SigningKey;

    fn heads(count: usize) -> (Vec<StoredHead>, [PublicKey; 1]) {
        let (key, _) = SigningKey::generate(KeyPurpose::Receipt).unwrap();
        let mut heads: Vec<StoredHead> = Vec::new();
        for _ in 0..count {
            let previous = heads.last().map(StoredHead::place);
            let head = SignedHead::sign("https://a.example", 1, previous, &[], &key).unwrap();
            heads.push(StoredHead {
                number: head.number(),
                compact: head.compact().to_owned(),
            });
        }
        (heads, [key.public_key().clone()])
    }

    #[test]
    fn what_was_appended_reads_back_whatever_was_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anchor");
        let (heads, keys) = heads(3);
        append(&path, &read_end(&path).unwrap(), &heads[..1]).unwrap();
        let end = read_end(&path).unwrap();
        assert_eq!(
            (end.last.as_str(), end.rest.as_str()),
            (heads[0].compact.as_str(), "")
        );
        // A crash in the middle of the second.
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(&heads[1].compact.as_bytes()[..40]);
        std::fs::write(&path, bytes).unwrap();
        assert!(matches!(
            read(&path, &keys),
            Err(AnchorError::CutOff { line: 2 })
        ));
        append(&path, &read_end(&path).unwrap(), &heads[1..]).unwrap();
        let read: Vec<u64> = read(&path, &keys)
            .unwrap()
            .iter()
            .map(SignedHead::number)
            .collect();
        assert_eq!(read, [1, 2, 3]);
    }

    #[test]
    fn what_is_wrong_is_told_by_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anchor");
        let (heads, keys) = heads(3);
        let write = |lines: &[&str]| std::fs::write(&path, lines.join("\n") + "\n").unwrap();
        write(&[&heads[0].compact, "garbage"]);
        assert!(matches!(
            read(&path, &keys),
            Err(AnchorError::Garbled { line: 2, .. })
        ));
        write(&[&heads[0].compact, &heads[2].compact]);
        assert!(matches!(
            read(&path, &keys),
            Err(AnchorError::Gap { line: 2 })
        ));
        write(&[&heads[1].compact, &heads[2].compact]);
        assert_eq!(read(&path, &keys).unwrap().len(), 2);
        write(&[&"x".repeat(3 * MAX_BYTES)]);
        assert!(matches!(
            read(&path, &keys),
            Err(AnchorError::Garbled { line: 1, .. })
        ));
        let end = AnchorEnd {
            last: String::new(),
            rest: "x".to_owned(),
        };
        assert!(matches!(
            append(&path, &end, &heads),
            Err(AnchorError::Diverged)
        ));
    }
}
