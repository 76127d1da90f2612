//! Reads the trust stores: a folder for each CA, with its `ca.toml` and its anchors as PEM.
//!
//! All of them are read and checked before any counts; the first mistake refuses the whole set, so that
//! a reload never puts half of it in force. What a file says is for
//! [`crate::validation::trust_store`] to judge.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use crate::store::file;
use crate::store::file::FileError;
use crate::store::folder;
use crate::store::folder::FolderError;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::TrustSetError;
use crate::validation::trust_store::TrustStore;
use crate::validation::trust_store::TrustStoreError;

/// The description of a CA, beside its anchors.
const DESCRIPTION: &str = "ca.toml";

/// A `ca.toml` has some 2 KiB.
const MAX_DESCRIPTION_BYTES: u64 = 256 * 1024;

/// An RSA-4096 root in PEM has some 2 KiB.
const MAX_ANCHOR_FILE_BYTES: u64 = 256 * 1024;

/// CAs in a folder; China licenses some sixty.
const MAX_CAS: usize = 1000;

/// Files of one CA.
const MAX_FILES: usize = 100;

/// Why trust stores could not be read.
#[derive(Debug, thiserror::Error)]
pub enum TrustRootsError {
    /// A CA that exists for demonstration, whose private key anybody may have.
    #[error("`{id}` is a demonstration CA; it vouches for nobody. Remove its folder")]
    Demo {
        /// Which.
        id: CaId,
    },
    /// No folder of a CA is there.
    #[error("`{}` holds no folder of a CA", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// A folder could not be made.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Neither a file nor a folder of a CA that could be read.
    #[error("`{}` could not be listed", path.display())]
    List {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
    /// A name that is not UTF-8 text.
    #[error("the name of `{}` is not UTF-8 text", path.display())]
    Name {
        /// The file or folder.
        path: PathBuf,
    },
    /// The trust stores contradict each other.
    #[error(transparent)]
    Set(#[from] TrustSetError),
    /// A trust store says something that it must not.
    #[error(transparent)]
    Store(#[from] TrustStoreError),
    /// More than anybody has: a wrong folder, most likely.
    #[error("`{}` holds more than {max} entries", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// The most it may hold.
        max: usize,
    },
}

/// A trust store that the program carries.
struct Embedded {
    id: &'static str,
    description: &'static str,
    anchors: &'static [(&'static str, &'static [u8])],
}

/// Carries `trust-roots/<id>/ca.toml` and the anchors beside it.
macro_rules! embedded {
    ($id:literal: $($anchor:literal),+) => {
        Embedded {
            id: $id,
            description: include_str!(concat!("../../trust-roots/", $id, "/ca.toml")),
            anchors: &[$((
                concat!($anchor, ".pem"),
                include_bytes!(concat!("../../trust-roots/", $id, "/", $anchor, ".pem")),
            )),+],
        }
    };
}

/// All of `trust-roots/`; a test compares.
const EMBEDDED: &[Embedded] = &[
    embedded!("bjca": "bjca-global-root-ca1", "bjca-global-root-ca2"),
    embedded!("cfca": "cfca-ev-root"),
    embedded!("gdca": "gdca-trustauth-r5-root"),
    embedded!("itruschina": "vtrus-ecc-root-ca", "vtrus-root-ca"),
    embedded!("sheca": "uca-extended-validation-root", "uca-global-g2-root"),
    embedded!("trustasia": "trustasia-global-root-ca-g3", "trustasia-global-root-ca-g4"),
];

/// Reads the trust stores that the program carries.
///
/// # Errors
/// [`TrustRootsError::Store`] or [`TrustRootsError::Set`] if this program was built from wrong files.
pub fn load_embedded() -> Result<TrustSet, TrustRootsError> {
    let parse = |embedded: &Embedded| {
        let name = |file: &str| format!("{}/{file}", embedded.id);
        let anchors: Vec<(String, Vec<u8>)> = embedded
            .anchors
            .iter()
            .map(|(file, pem)| (name(file), pem.to_vec()))
            .collect();
        TrustStore::parse(embedded.id, embedded.description, &anchors)
    };
    let stores = EMBEDDED.iter().map(parse).collect::<Result<_, _>>()?;
    Ok(TrustSet::new(stores)?)
}

/// Reads the trust stores of a folder, which replace those that the program carries. Files beside the
/// folders, and whatever begins with a dot, are not looked at.
///
/// # Errors
/// [`TrustRootsError`] names the file, and the line where there is one.
pub fn load_dir(path: &Path) -> Result<TrustSet, TrustRootsError> {
    let mut stores = Vec::new();
    for entry in entries(path, MAX_CAS)? {
        if fs::metadata(&entry.path)
            .map_err(|cause| listing(&entry.path, cause))?
            .is_dir()
        {
            stores.push(load_store(&entry)?);
        }
    }
    if stores.is_empty() {
        return Err(TrustRootsError::Empty {
            path: path.to_owned(),
        });
    }
    Ok(TrustSet::new(stores)?)
}

/// Refuses a set that holds a demonstration CA.
///
/// # Errors
/// [`TrustRootsError::Demo`] names it.
pub fn refuse_demo(set: TrustSet) -> Result<TrustSet, TrustRootsError> {
    match set.stores().iter().find(|store| store.demo) {
        Some(store) => Err(TrustRootsError::Demo {
            id: store.id.clone(),
        }),
        None => Ok(set),
    }
}

/// Writes the trust stores that the program carries into a new folder, to be edited there.
///
/// # Errors
/// [`TrustRootsError::File`] when there is something already, or the system refused.
pub fn write_embedded(path: &Path) -> Result<(), TrustRootsError> {
    folder::make_folder(path)?;
    for embedded in EMBEDDED {
        let inside = path.join(embedded.id);
        folder::make_folder(&inside)?;
        file::create(&inside.join(DESCRIPTION), embedded.description.as_bytes())?;
        for (name, pem) in embedded.anchors {
            file::create(&inside.join(name), pem)?;
        }
    }
    Ok(())
}

/// A file or folder and its name.
struct Entry {
    path: PathBuf,
    name: String,
}

/// What lies in a folder, in the order of the names: the same folder gives the same set everywhere.
fn entries(path: &Path, max: usize) -> Result<Vec<Entry>, TrustRootsError> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(path).map_err(|cause| listing(path, cause))? {
        let found = entry.map_err(|cause| listing(path, cause))?.path();
        let Some(name) = found
            .file_name()
            .and_then(OsStr::to_str)
            .map(ToOwned::to_owned)
        else {
            return Err(TrustRootsError::Name { path: found });
        };
        if name.starts_with('.') {
            continue;
        }
        if entries.len() == max {
            return Err(TrustRootsError::TooMany {
                path: path.to_owned(),
                max,
            });
        }
        entries.push(Entry { path: found, name });
    }
    entries.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(entries)
}

fn load_store(folder: &Entry) -> Result<TrustStore, TrustRootsError> {
    let description = folder.path.join(DESCRIPTION);
    let text = String::from_utf8(file::read(&description, MAX_DESCRIPTION_BYTES)?);
    let text = text.map_err(|_encoding| FileError::NotText { path: description })?;
    let mut anchors = Vec::new();
    // Whatever else is there is meant to be an anchor; one that is not must not be overlooked.
    for entry in entries(&folder.path, MAX_FILES)?
        .into_iter()
        .filter(|entry| entry.name != DESCRIPTION)
    {
        let contents = file::read(&entry.path, MAX_ANCHOR_FILE_BYTES)?;
        anchors.push((format!("{}/{}", folder.name, entry.name), contents));
    }
    Ok(TrustStore::parse(&folder.name, &text, &anchors)?)
}

fn listing(path: &Path, cause: io::Error) -> TrustRootsError {
    let path = path.to_owned();
    TrustRootsError::List { path, cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("trust-roots")
    }

    #[test]
    fn the_program_carries_the_whole_folder() {
        let (embedded, read) = (load_embedded().unwrap(), load_dir(&repository()).unwrap());
        let ids = |set: &TrustSet| {
            set.stores()
                .iter()
                .map(|store| store.id.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(ids(&embedded), ids(&read));
        assert_eq!(embedded.digest(), read.digest());
        refuse_demo(embedded).unwrap();
    }

    #[test]
    fn what_is_written_out_reads_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("trust-roots");
        write_embedded(&path).unwrap();
        assert_eq!(
            load_dir(&path).unwrap().digest(),
            load_embedded().unwrap().digest()
        );
        let again = write_embedded(&path).unwrap_err();
        assert!(
            matches!(again, TrustRootsError::File(FileError::Exists { .. })),
            "{again}"
        );
    }

    #[test]
    fn files_beside_the_folders_and_hidden_ones_are_not_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        write_embedded(folder.path()).unwrap();
        fs::write(folder.path().join("README.md"), "text").unwrap();
        fs::write(folder.path().join("cfca/.ca.toml.swp"), "an editor's").unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        assert_eq!(
            load_dir(folder.path()).unwrap().digest(),
            load_embedded().unwrap().digest()
        );
    }

    type Change = fn(&Path);

    #[test]
    fn one_mistake_refuses_the_set_and_is_named() {
        let mistakes: [(&str, Change); 7] = [
            ("gdca/ca.toml", |path| {
                fs::remove_file(path.join("gdca/ca.toml")).unwrap()
            }),
            ("gdca/ca.toml, line", |path| {
                fs::write(path.join("gdca/ca.toml"), "name = 1").unwrap()
            }),
            ("gdca/ca.toml", |path| {
                fs::write(path.join("gdca/ca.toml"), [0xff]).unwrap()
            }),
            ("gdca/other.txt", |path| {
                fs::write(path.join("gdca/other.txt"), "no anchor").unwrap()
            }),
            ("gdca/deeper", |path| {
                fs::create_dir(path.join("gdca/deeper")).unwrap()
            }),
            ("NotAnId", |path| {
                fs::rename(path.join("gdca"), path.join("NotAnId")).unwrap()
            }),
            ("more than 262144 bytes", |path| {
                fs::write(path.join("gdca/a.pem"), vec![b' '; 300_000]).unwrap()
            }),
        ];
        for (named, change) in mistakes {
            let folder = tempfile::tempdir().unwrap();
            write_embedded(folder.path()).unwrap();
            change(folder.path());
            let told = load_dir(folder.path()).unwrap_err().to_string();
            assert!(told.contains(named), "{told}");
        }
    }

    #[test]
    fn a_folder_without_cas_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(
            load_dir(folder.path()),
            Err(TrustRootsError::Empty { .. })
        ));
        let missing = folder.path().join("missing");
        assert!(matches!(
            load_dir(&missing),
            Err(TrustRootsError::List { .. })
        ));
    }

    #[test]
    fn a_demonstration_ca_is_refused_where_it_must_not_serve() {
        let folder = tempfile::tempdir().unwrap();
        write_embedded(folder.path()).unwrap();
        let description = folder.path().join("cfca/ca.toml");
        let text = fs::read_to_string(&description)
            .unwrap()
            .replace("demo = false", "demo = true");
        fs::write(&description, text).unwrap();
        let set = load_dir(folder.path()).unwrap();
        let refused = refuse_demo(set).unwrap_err();
        assert!(
            matches!(&refused, TrustRootsError::Demo { id } if id.as_str() == "cfca"),
            "{refused}"
        );
    }
}
