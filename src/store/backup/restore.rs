//! Reads an archive back.
//!
//! The archive is not trusted to be well-meaning: names cannot leave the folder, links are refused, and
//! no more is written than the caller allows, however small the archive is. Everything is unpacked beside
//! the target and only then put in its place, so that half a restore never looks like a whole one.

use std::collections::BTreeMap;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::path::PathBuf;

use flate2::bufread::GzDecoder;
use tar::Archive;
use tar::Entry;
use tar::EntryType;

use crate::clock::Timestamp;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::evidence::audit::SYSTEM;
use crate::store::Store;
use crate::store::backup::BackupError;
use crate::store::backup::BackupSummary;
use crate::store::backup::FORMAT;
use crate::store::backup::MANIFEST;
use crate::store::backup::Manifest;
use crate::store::backup::ManifestFile;
use crate::store::backup::stays_inside;
use crate::store::backup::write::Digested;
use crate::store::file;
use crate::store::folder;
use crate::store::folder::DATABASE;
use crate::store::pool::Missing;
use crate::store::pool::StoreConfig;

/// What a restore writes at most, unless told otherwise: 64 GiB, ten times a register of a million
/// companies with their credentials.
pub const MAX_RESTORED_BYTES: u64 = 64 << 30;

/// A manifest of a hundred thousand files.
const MAX_MANIFEST_BYTES: u64 = 16 << 20;

/// Files in an archive: a data folder has some dozens.
const MAX_FILES: usize = 100_000;

/// What a tar spends on a file besides its contents: a header, and filling up to whole blocks; and at its
/// end two empty blocks, filled up to a record.
const TAR_BLOCK_BYTES: u64 = 512;
const TAR_END_BYTES: u64 = 64 * TAR_BLOCK_BYTES;

/// Unpacks an archive into a new data folder, which must not exist or be empty, and writes at most
/// `max_bytes` ([`MAX_RESTORED_BYTES`]).
///
/// Numbers given in status lists after the backup was made are not known to the restored database, so its
/// lists are closed: no credential gets a number that another one has. The restore stands in the audit
/// trail with the time `at`.
///
/// # Errors
/// [`BackupError`]; the target is then as it was.
pub async fn restore(
    archive: &Path,
    target: &Path,
    max_bytes: u64,
    at: Timestamp,
) -> Result<BackupSummary, BackupError> {
    check_target(target)?;
    let staging = Staging::make(target)?;
    let manifest = unpack_in_background(archive, &staging, max_bytes).await?;
    if manifest.schema_version.is_some() {
        settle_database(&staging.path.join(DATABASE), &manifest, at).await?;
    }
    staging.put_in_place(target)?;
    Ok(manifest.summary())
}

fn check_target(target: &Path) -> Result<(), BackupError> {
    let empty = match fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    };
    let path = target.to_owned();
    if empty {
        Ok(())
    } else {
        Err(BackupError::NotEmpty { path })
    }
}

/// The folder that becomes the data folder; removed when it does not.
struct Staging {
    path: PathBuf,
}

impl Staging {
    fn make(target: &Path) -> Result<Self, BackupError> {
        let name = target.file_name().ok_or_else(|| BackupError::NotEmpty {
            path: target.to_owned(),
        })?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(".restoring");
        let path = target.with_file_name(hidden);
        // Left by a restore that was killed.
        match fs::remove_dir_all(&path) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                return Err(file::writing(&path, cause).into());
            }
            _ => {}
        }
        folder::make_folder(&path)?;
        Ok(Self { path })
    }

    fn put_in_place(self, target: &Path) -> Result<(), BackupError> {
        let refused = |cause| file::writing(target, cause);
        // An empty folder gives way to a rename.
        fs::rename(&self.path, target).map_err(refused)?;
        file::sync_folder_of(target).map_err(refused)?;
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // Nothing there once it is in place; what else stays is removed by the next attempt.
        let _removed = fs::remove_dir_all(&self.path);
    }
}

async fn unpack_in_background(
    archive: &Path,
    staging: &Staging,
    max_bytes: u64,
) -> Result<Manifest, BackupError> {
    let (archive, into) = (archive.to_owned(), staging.path.clone());
    tokio::task::spawn_blocking(move || unpack(&archive, &into, max_bytes))
        .await
        .map_err(|_given_up| BackupError::Interrupted)?
}

async fn settle_database(
    path: &Path,
    manifest: &Manifest,
    at: Timestamp,
) -> Result<(), BackupError> {
    let store = Store::open(&StoreConfig::from_file(
        &path.canonicalize().map_err(BackupError::Archive)?,
        Missing::Refuse,
    )?)
    .await?;
    let made = manifest.created_at.to_string();
    let event = AuditEvent::new(at, SYSTEM, AuditAction::BackupRestored, &made, "done");
    let settled = match store.status_lists().close_all().await {
        Ok(()) => store.audit().append(&event).await,
        Err(error) => Err(error),
    };
    store.close().await;
    Ok(settled?)
}

fn unpack(archive: &Path, into: &Path, max_bytes: u64) -> Result<Manifest, BackupError> {
    let input = File::open(archive).map_err(|cause| file::reading(archive, cause))?;
    // Whatever the manifest says, no more than this is ever decompressed.
    let most = max_bytes
        .saturating_add(MAX_MANIFEST_BYTES)
        .saturating_add(2 * TAR_BLOCK_BYTES * u64::try_from(MAX_FILES).unwrap_or(u64::MAX))
        .saturating_add(TAR_END_BYTES);
    let mut tar = Archive::new(GzDecoder::new(BufReader::new(input)).take(most));
    let manifest = {
        // Raw: no long names or sparse files, which are read into memory and which we never write.
        let mut entries = tar.entries().map_err(BackupError::Archive)?.raw(true);
        let mut next = || entries.next().transpose().map_err(BackupError::Archive);
        let manifest = read_manifest(next()?.ok_or(BackupError::Format)?, max_bytes)?;
        let mut expected: BTreeMap<&str, &ManifestFile> = manifest
            .files
            .iter()
            .map(|file| (file.path.as_str(), file))
            .collect();
        while let Some(entry) = next()? {
            unpack_entry(entry, &mut expected, into)?;
        }
        if let Some(path) = expected.into_keys().next() {
            return Err(BackupError::Missing {
                path: path.to_owned(),
            });
        }
        manifest
    };
    expect_end(tar.into_inner().into_inner())?;
    sync_folders(into)?;
    Ok(manifest)
}

fn read_manifest(entry: Entry<'_, impl Read>, max_bytes: u64) -> Result<Manifest, BackupError> {
    let size = entry.header().size().map_err(BackupError::Archive)?;
    if path_of(&entry) != MANIFEST || size > MAX_MANIFEST_BYTES {
        return Err(BackupError::Format);
    }
    let mut text = Vec::new();
    entry
        .take(MAX_MANIFEST_BYTES)
        .read_to_end(&mut text)
        .map_err(BackupError::Archive)?;
    let manifest: Manifest =
        serde_json::from_slice(&text).map_err(|_not_ours| BackupError::Format)?;
    if manifest.format != FORMAT || manifest.files.len() > MAX_FILES {
        return Err(BackupError::Format);
    }
    if let Some(file) = manifest.files.iter().find(|file| !stays_inside(&file.path)) {
        return Err(BackupError::Name {
            path: file.path.clone(),
        });
    }
    let has_database = manifest.files.iter().any(|file| file.path == DATABASE);
    if has_database != manifest.schema_version.is_some() {
        return Err(BackupError::Format);
    }
    if manifest.summary().bytes > max_bytes {
        return Err(BackupError::TooLarge { max_bytes });
    }
    Ok(manifest)
}

fn unpack_entry(
    mut entry: Entry<'_, impl Read>,
    expected: &mut BTreeMap<&str, &ManifestFile>,
    into: &Path,
) -> Result<(), BackupError> {
    let path = path_of(&entry);
    let size = entry.header().size().map_err(BackupError::Archive)?;
    let regular = entry.header().entry_type() == EntryType::Regular;
    let described = match expected.remove(path.as_str()) {
        Some(described) if regular && described.size == size => described,
        _ => return Err(BackupError::Unexpected { path }),
    };
    let target = into.join(&described.path);
    make_parents(into, &described.path)?;
    let refused = |cause| BackupError::File(file::writing(&target, cause));
    let mut output = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(file::PRIVATE)
        .open(&target)
        .map_err(refused)?;
    let mut digested = Digested::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let length = entry.read(&mut buffer).map_err(BackupError::Archive)?;
        let Some(piece) = buffer.get(..length).filter(|piece| !piece.is_empty()) else {
            break;
        };
        digested.update(piece);
        output.write_all(piece).map_err(refused)?;
    }
    if digested.finish()? != described.sha256 {
        return Err(BackupError::Altered { path });
    }
    output.sync_all().map_err(refused)
}

/// The name in the header; a name that is not UTF-8 is in no manifest.
fn path_of(entry: &Entry<'_, impl Read>) -> String {
    String::from_utf8_lossy(&entry.header().path_bytes()).into_owned()
}

fn make_parents(into: &Path, path: &str) -> Result<(), BackupError> {
    let mut folder = into.to_owned();
    let mut parts = path.split('/').peekable();
    while let Some(part) = parts.next() {
        if parts.peek().is_some() {
            folder.push(part);
            folder::make_folder(&folder)?;
        }
    }
    Ok(())
}

/// Reads to the end of the compressed data, whose check sum stands there, and of the file.
fn expect_end(mut compressed: GzDecoder<BufReader<File>>) -> Result<(), BackupError> {
    let mut rest = Vec::new();
    let trailing = || BackupError::Archive(io::ErrorKind::InvalidData.into());
    compressed
        .by_ref()
        .take(TAR_END_BYTES)
        .read_to_end(&mut rest)
        .map_err(BackupError::Archive)?;
    let mut one = [0];
    let more = compressed.read(&mut one).map_err(BackupError::Archive)?;
    let after = compressed
        .get_mut()
        .read(&mut one)
        .map_err(BackupError::Archive)?;
    if more == 0 && after == 0 && rest.iter().all(|byte| *byte == 0) {
        Ok(())
    } else {
        Err(trailing())
    }
}

/// Makes the names of what was unpacked durable.
fn sync_folders(folder: &Path) -> Result<(), BackupError> {
    let refused = |cause| BackupError::File(file::writing(folder, cause));
    for entry in fs::read_dir(folder).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        if entry.file_type().map_err(refused)?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(refused)
}
