//! Writes the archive.

use std::collections::VecDeque;
use std::fs;
use std::fs::File;
use std::fs::FileType;
use std::io;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::Builder;
use tar::EntryType;
use tar::Header;

use crate::clock::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::DigestContext;
use crate::crypto::digest::Sha256;
use crate::store::Store;
use crate::store::backup::BackupError;
use crate::store::backup::BackupSummary;
use crate::store::backup::FORMAT;
use crate::store::backup::MANIFEST;
use crate::store::backup::Manifest;
use crate::store::backup::ManifestFile;
use crate::store::backup::stays_inside;
use crate::store::file;
use crate::store::folder::DATABASE;
use crate::store::folder::DataFolder;
use crate::store::folder::LOCK;
use crate::store::pool::Engine;

/// Writes a backup of a data folder and its database to a new archive, which only its owner may read.
///
/// # Errors
/// [`BackupError::File`] when there is something at `archive` already, [`BackupError::NotAFile`] for a
/// link in the folder, [`BackupError::Changed`] when somebody wrote to a file meanwhile.
pub async fn write(
    store: &Store,
    folder: &DataFolder,
    archive: &Path,
    at: Timestamp,
) -> Result<BackupSummary, BackupError> {
    let snapshot = Snapshot::take(store, archive).await?;
    let (folder, archive) = (folder.clone(), archive.to_owned());
    let work = move || write_archive(&folder, snapshot.as_ref(), &archive, at);
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_given_up| BackupError::Interrupted)?
}

/// A copy of the database as of one moment; removed when it is dropped.
struct Snapshot {
    path: PathBuf,
    schema_version: i64,
}

impl Snapshot {
    /// `None`: the database is not in the data folder.
    async fn take(store: &Store, archive: &Path) -> Result<Option<Self>, BackupError> {
        if store.meta().engine() == Engine::Postgres {
            return Ok(None);
        }
        // Beside the archive, where there must be room for as much.
        let path = archive.with_added_extension("database");
        file::remove_if_there(&path).map_err(|cause| file::writing(&path, cause))?;
        // SQLite copies into an empty file too; made by us, nobody else can read it.
        file::create(&path, b"")?;
        let schema_version = store.meta().schema_version().await?.unwrap_or(0);
        let snapshot = Self {
            path,
            schema_version,
        };
        store.copy_database(&snapshot.path).await?;
        Ok(Some(snapshot))
    }
}

impl Drop for Snapshot {
    fn drop(&mut self) {
        // What stays behind is found and replaced by the next backup to the same archive.
        let _removed = fs::remove_file(&self.path);
    }
}

/// A file to be written, and under which name.
struct Source {
    path: PathBuf,
    name: String,
}

fn write_archive(
    folder: &DataFolder,
    snapshot: Option<&Snapshot>,
    archive: &Path,
    at: Timestamp,
) -> Result<BackupSummary, BackupError> {
    let mut sources = Vec::new();
    if let Some(snapshot) = snapshot {
        sources.push(Source {
            path: snapshot.path.clone(),
            name: DATABASE.to_owned(),
        });
    }
    let left_out = [
        Some(archive),
        snapshot.map(|snapshot| snapshot.path.as_path()),
    ];
    let left_out: Vec<PathBuf> = left_out
        .into_iter()
        .flatten()
        .filter_map(canonical)
        .collect();
    list_files(folder.path(), &left_out, &mut sources)?;
    let files = sources
        .iter()
        .map(describe)
        .collect::<Result<Vec<_>, _>>()?;
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        created_at: at,
        schema_version: snapshot.map(|snapshot| snapshot.schema_version),
        files,
    };
    file::create_with(archive, |output| {
        let refused = |cause| BackupError::File(file::writing(archive, cause));
        let mut builder = Builder::new(GzEncoder::new(output, Compression::default()));
        let text = serde_json::to_vec_pretty(&manifest).map_err(|error| refused(error.into()))?;
        append(
            &mut builder,
            MANIFEST,
            u64::try_from(text.len()).unwrap_or(u64::MAX),
            text.as_slice(),
        )
        .map_err(refused)?;
        for (source, described) in sources.iter().zip(&manifest.files) {
            let mut input = open(source)?;
            append(&mut builder, &described.path, described.size, &mut input).map_err(refused)?;
            input.expect(described)?;
        }
        builder
            .into_inner()
            .and_then(GzEncoder::finish)
            .map_err(refused)?;
        Ok::<(), BackupError>(())
    })?;
    Ok(manifest.summary())
}

fn append(
    builder: &mut Builder<impl Write>,
    name: &str,
    size: u64,
    input: impl Read,
) -> Result<(), io::Error> {
    let mut header = Header::new_ustar();
    header.set_path(name)?;
    header.set_entry_type(EntryType::Regular);
    header.set_mode(file::PRIVATE);
    header.set_size(size);
    header.set_cksum();
    builder.append(&header, input)
}

/// A path that may not exist yet, in the form in which listing a folder would give it.
fn canonical(path: &Path) -> Option<PathBuf> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).canonicalize().ok()?;
    Some(folder.join(path.file_name()?))
}

/// All files of a data folder, in the order of their names, folder after folder.
fn list_files(
    root: &Path,
    left_out: &[PathBuf],
    sources: &mut Vec<Source>,
) -> Result<(), BackupError> {
    let mut folders = VecDeque::from([root.to_owned()]);
    while let Some(folder) = folders.pop_front() {
        let mut found = read_folder(&folder)?;
        found.sort_by(|(one, _), (other, _)| one.cmp(other));
        for (path, kind) in found {
            if is_left_out(root, &path) || left_out.contains(&path) {
                continue;
            }
            if kind.is_dir() {
                folders.push_back(path);
            } else if kind.is_file() {
                let name = name_of(root, &path)?;
                sources.push(Source { path, name });
            } else {
                return Err(BackupError::NotAFile { path });
            }
        }
    }
    Ok(())
}

fn read_folder(folder: &Path) -> Result<Vec<(PathBuf, FileType)>, BackupError> {
    let refused = |cause| BackupError::File(file::reading(folder, cause));
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        found.push((entry.path(), entry.file_type().map_err(refused)?));
    }
    Ok(found)
}

/// The lock, the database with its logs (its copy is taken instead), and files that are being written.
fn is_left_out(root: &Path, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let ours = path.parent() == Some(root);
    (ours && (name == LOCK || name.starts_with(DATABASE))) || name.ends_with(file::TEMPORARY_SUFFIX)
}

fn name_of(root: &Path, path: &Path) -> Result<String, BackupError> {
    let name = path
        .strip_prefix(root)
        .ok()
        .and_then(Path::to_str)
        .filter(|name| stays_inside(name));
    match name {
        Some(name) if name != MANIFEST => Ok(name.to_owned()),
        _ => Err(BackupError::Name {
            path: path.display().to_string(),
        }),
    }
}

fn describe(source: &Source) -> Result<ManifestFile, BackupError> {
    let mut input = open(source)?;
    let refused = |cause| BackupError::File(file::reading(&source.path, cause));
    let size = io::copy(&mut input, &mut io::sink()).map_err(refused)?;
    Ok(ManifestFile {
        path: source.name.clone(),
        size,
        sha256: input.digested.finish()?,
    })
}

fn open(source: &Source) -> Result<Input<'_>, BackupError> {
    let file = File::open(&source.path).map_err(|cause| file::reading(&source.path, cause))?;
    Ok(Input {
        file,
        digested: Digested::new(),
        source,
    })
}

/// A file that is digested while it is read.
struct Input<'a> {
    file: File,
    digested: Digested,
    source: &'a Source,
}

impl Input<'_> {
    /// Whether what was read is what the manifest says.
    fn expect(self, described: &ManifestFile) -> Result<(), BackupError> {
        if self.digested.size == described.size && self.digested.finish()? == described.sha256 {
            Ok(())
        } else {
            Err(BackupError::Changed {
                path: self.source.path.clone(),
            })
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.file.read(buffer)?;
        self.digested
            .update(buffer.get(..length).unwrap_or_default());
        Ok(length)
    }
}

/// A SHA-256 being computed, and of how many bytes.
pub(super) struct Digested {
    context: DigestContext,
    size: u64,
}

impl Digested {
    pub(super) fn new() -> Self {
        Self {
            context: DigestContext::new(DigestAlgorithm::Sha256),
            size: 0,
        }
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        self.context.update(bytes);
        self.size = self
            .size
            .saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    }

    pub(super) fn finish(self) -> Result<Sha256, BackupError> {
        let digest = self.context.finish();
        digest
            .as_bytes()
            .try_into()
            .map(Sha256)
            .map_err(|_length| BackupError::Format)
    }
}
