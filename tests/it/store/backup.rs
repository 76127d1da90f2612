use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use serde_json::json;
use tar::EntryType;
use tempfile::TempDir;
use yinxin::crypto::digest::sha256;
use yinxin::evidence::audit::AuditAction;
use yinxin::store::Store;
use yinxin::store::backup;
use yinxin::store::backup::BackupError;
use yinxin::store::backup::MAX_RESTORED_BYTES;
use yinxin::store::file::FileError;
use yinxin::store::folder::DataFolder;
use yinxin::store::pool::Missing;
use yinxin::store::pool::StoreConfig;

use crate::store::at;
use crate::store::companies::append;
use crate::store::facts;
use crate::store::next;
use crate::store::reserve_in_new_list;
use crate::store::uscc;

/// A data folder with something of everything in it, and its open store.
async fn data_folder(parent: &Path) -> (DataFolder, Store) {
    let folder = DataFolder::create(&parent.join("data")).unwrap();
    fs::write(folder.config(), "[server]").unwrap();
    fs::write(folder.keys().join("credential.pem"), "encrypted").unwrap();
    fs::create_dir_all(folder.trust_roots().join("gdca")).unwrap();
    fs::write(
        folder.trust_roots().join("gdca/ca.toml"),
        vec![b'#'; 100_000],
    )
    .unwrap();
    fs::write(folder.path().join("empty"), "").unwrap();
    fs::write(folder.path().join(".yinxin.toml.writing"), "half").unwrap();
    let store = Store::open(&StoreConfig::from_file(&folder.database(), Missing::Create).unwrap())
        .await
        .unwrap();
    store.migrate().await.unwrap();
    let (event, company) = next(None, facts(&uscc(1), "东莞市示例有限公司"), at(0));
    append(&store, &event, &company).await;
    reserve_in_new_list(&store, &company, "list").await;
    (folder, store)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn a_backup_of_a_running_service_restores() {
    let parent = tempfile::tempdir().unwrap();
    let (folder, store) = data_folder(parent.path()).await;
    let _lock = folder.lock().unwrap();
    // Inside the folder, which must not make it part of itself.
    let archive = folder.path().join("backup.tar.gz");
    let written = backup::write(&store, &folder, &archive, at(50))
        .await
        .unwrap();
    assert_eq!((written.files, written.database), (5, true));
    assert_eq!(mode(&archive), 0o600);
    assert!(!folder.path().join("backup.tar.gz.database").exists());

    let target = parent.path().join("restored");
    let restored = backup::restore(&archive, &target, MAX_RESTORED_BYTES, at(60))
        .await
        .unwrap();
    assert_eq!(restored, written);
    let again = DataFolder::open(&target).unwrap();
    for file in [
        "yinxin.toml",
        "keys/credential.pem",
        "trust-roots/gdca/ca.toml",
        "empty",
    ] {
        assert_eq!(
            fs::read(target.join(file)).unwrap(),
            fs::read(folder.path().join(file)).unwrap(),
            "{file}"
        );
        assert_eq!(mode(&target.join(file)), 0o600, "{file}");
    }
    assert_eq!(
        (mode(&again.keys()), mode(&again.database())),
        (0o700, 0o600)
    );
    let names: Vec<_> = fs::read_dir(&target)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(
        names.len(),
        5,
        "no lock, no half file, no archive: {names:?}"
    );
    assert_eq!(
        fs::read_dir(parent.path()).unwrap().count(),
        2,
        "nothing beside the two folders"
    );
    let _lock = again.lock().unwrap();

    let restored =
        Store::open(&StoreConfig::from_file(&again.database(), Missing::Refuse).unwrap())
            .await
            .unwrap();
    let company = store.companies().load(&uscc(1)).await.unwrap();
    assert!(company.is_some());
    assert_eq!(restored.companies().load(&uscc(1)).await.unwrap(), company);
    let told = restored
        .audit()
        .list(0, 100)
        .await
        .unwrap()
        .pop()
        .unwrap()
        .event;
    assert_eq!(
        (told.action, told.at),
        (AuditAction::BackupRestored, at(60))
    );
    let company = company.unwrap();
    let slot = reserve_in_new_list(&restored, &company, "new-list").await;
    assert_eq!(
        slot.list.as_str(),
        "new-list",
        "numbers of the old list may be given already"
    );
}

#[tokio::test]
async fn a_backup_overwrites_nothing() {
    let parent = tempfile::tempdir().unwrap();
    let (folder, store) = data_folder(parent.path()).await;
    let archive = parent.path().join("backup.tar.gz");
    fs::write(&archive, "the only copy of something").unwrap();
    let refused = backup::write(&store, &folder, &archive, at(0)).await;
    assert!(
        matches!(refused, Err(BackupError::File(FileError::Exists { .. }))),
        "{refused:?}"
    );
    assert_eq!(fs::read(&archive).unwrap(), b"the only copy of something");
    assert_eq!(
        fs::read_dir(parent.path()).unwrap().count(),
        2,
        "nothing is left behind"
    );
    fs::remove_file(&archive).unwrap();
    backup::write(&store, &folder, &archive, at(0))
        .await
        .unwrap();
    let refused = backup::restore(&archive, folder.path(), MAX_RESTORED_BYTES, at(1)).await;
    assert!(
        matches!(refused, Err(BackupError::NotEmpty { .. })),
        "{refused:?}"
    );
    let empty = parent.path().join("empty");
    fs::create_dir(&empty).unwrap();
    backup::restore(&archive, &empty, MAX_RESTORED_BYTES, at(1))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_link_in_the_folder_is_told() {
    let parent = tempfile::tempdir().unwrap();
    let (folder, store) = data_folder(parent.path()).await;
    std::os::unix::fs::symlink("/etc/passwd", folder.keys().join("link")).unwrap();
    let archive = parent.path().join("backup.tar.gz");
    let refused = backup::write(&store, &folder, &archive, at(0)).await;
    assert!(
        matches!(refused, Err(BackupError::NotAFile { .. })),
        "{refused:?}"
    );
    assert!(!archive.exists());
}

#[tokio::test]
async fn a_postgresql_database_is_not_in_the_archive() {
    let Some(fixture) = crate::store::postgres().await else {
        return;
    };
    let parent = tempfile::tempdir().unwrap();
    let (folder, _) = data_folder(parent.path()).await;
    let archive = parent.path().join("backup.tar.gz");
    let written = backup::write(&fixture.store, &folder, &archive, at(0))
        .await
        .unwrap();
    assert_eq!((written.files, written.database), (4, false));
    let target = parent.path().join("restored");
    assert_eq!(
        backup::restore(&archive, &target, MAX_RESTORED_BYTES, at(1))
            .await
            .unwrap(),
        written
    );
    assert!(!target.join("yinxin.db").exists());
}

/// An archive as somebody else may write it.
struct Forged {
    folder: TempDir,
}

impl Forged {
    fn new(entries: &[(&str, EntryType, &[u8])]) -> Self {
        let forged = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        let mut builder = tar::Builder::new(Vec::new());
        for (path, kind, contents) in entries {
            let mut header = tar::Header::new_gnu();
            // Past the checks of the library.
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(u64::try_from(contents.len()).unwrap());
            header.set_mode(0o4777);
            if *kind == EntryType::Symlink {
                header.set_link_name("/etc").unwrap();
            }
            header.set_cksum();
            builder.append(&header, *contents).unwrap();
        }
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&builder.into_inner().unwrap()).unwrap();
        forged.write(&gzip.finish().unwrap());
        forged
    }

    fn archive(&self) -> PathBuf {
        self.folder.path().join("forged.tar.gz")
    }

    fn target(&self) -> PathBuf {
        self.folder.path().join("target")
    }

    fn bytes(&self) -> Vec<u8> {
        fs::read(self.archive()).unwrap()
    }

    fn write(&self, bytes: &[u8]) {
        fs::write(self.archive(), bytes).unwrap();
    }

    async fn restore(&self, max_bytes: u64) -> Result<(), BackupError> {
        let restored = backup::restore(&self.archive(), &self.target(), max_bytes, at(0)).await;
        if restored.is_err() {
            let left: Vec<_> = fs::read_dir(self.folder.path()).unwrap().collect();
            assert_eq!(left.len(), 1, "{left:?}");
        }
        restored.map(|_| ())
    }
}

fn listed(path: &str, contents: &[u8]) -> Value {
    json!({"path": path, "size": contents.len(), "sha256": sha256(contents)})
}

fn manifest(files: &[Value]) -> Vec<u8> {
    let manifest = json!({"format": "yinxin-backup/1", "createdAt": "2026-01-01T00:00:00Z", "schemaVersion": null, "files": files});
    manifest.to_string().into_bytes()
}

const FILE: EntryType = EntryType::Regular;

fn good() -> Forged {
    let text = manifest(&[listed("keys/a", b"key"), listed("b", b"")]);
    Forged::new(&[
        ("manifest.json", FILE, &text),
        ("keys/a", FILE, b"key"),
        ("b", FILE, b""),
    ])
}

#[tokio::test]
async fn a_well_formed_archive_restores_with_our_permissions() {
    let forged = good();
    forged.restore(3).await.unwrap();
    assert_eq!(fs::read(forged.target().join("keys/a")).unwrap(), b"key");
    assert_eq!(mode(&forged.target().join("keys/a")), 0o600);
}

#[tokio::test]
async fn names_that_leave_the_folder_are_refused() {
    for path in [
        "../escaped",
        "/tmp/escaped",
        "keys/../../escaped",
        "keys//a",
        ".",
    ] {
        let text = manifest(&[listed(path, b"x")]);
        let forged = Forged::new(&[("manifest.json", FILE, &text), (path, FILE, b"x")]);
        let refused = forged.restore(100).await;
        assert!(
            matches!(refused, Err(BackupError::Name { .. })),
            "{path}: {refused:?}"
        );
        // Not listed at all.
        let forged = Forged::new(&[("manifest.json", FILE, &manifest(&[])), (path, FILE, b"x")]);
        let refused = forged.restore(100).await;
        assert!(
            matches!(refused, Err(BackupError::Unexpected { .. })),
            "{path}: {refused:?}"
        );
    }
    assert!(!Path::new("/tmp/escaped").exists());
}

#[tokio::test]
async fn what_the_manifest_does_not_say_is_refused() {
    let text = manifest(&[listed("a", b"key")]);
    let text = text.as_slice();
    let unexpected: [&[(&str, EntryType, &[u8])]; 7] = [
        &[
            ("manifest.json", FILE, text),
            ("a", FILE, b"key"),
            ("b", FILE, b"more"),
        ],
        &[
            ("manifest.json", FILE, text),
            ("a", FILE, b"key"),
            ("a", FILE, b"key"),
        ],
        &[("manifest.json", FILE, text), ("a", FILE, b"longer")],
        &[
            ("manifest.json", FILE, text),
            ("a", EntryType::Symlink, b""),
        ],
        &[
            ("manifest.json", FILE, text),
            ("a", EntryType::Link, b"key"),
        ],
        &[
            ("manifest.json", FILE, text),
            ("a", EntryType::Directory, b""),
        ],
        &[
            ("manifest.json", FILE, text),
            ("a", EntryType::GNULongName, b"key"),
        ],
    ];
    for entries in unexpected {
        let refused = Forged::new(entries).restore(100).await;
        assert!(
            matches!(refused, Err(BackupError::Unexpected { .. })),
            "{entries:?}: {refused:?}"
        );
    }
    let altered = Forged::new(&[("manifest.json", FILE, text), ("a", FILE, b"kez")])
        .restore(100)
        .await;
    assert!(
        matches!(altered, Err(BackupError::Altered { .. })),
        "{altered:?}"
    );
    let missing = Forged::new(&[("manifest.json", FILE, text)])
        .restore(100)
        .await;
    assert!(
        matches!(missing, Err(BackupError::Missing { .. })),
        "{missing:?}"
    );
}

#[tokio::test]
async fn other_archives_are_refused() {
    let newer = String::from_utf8(manifest(&[]))
        .unwrap()
        .replace("backup/1", "backup/2");
    let unknown = String::from_utf8(manifest(&[]))
        .unwrap()
        .replace("\"files\"", "\"more\": 1, \"files\"");
    let without_database = String::from_utf8(manifest(&[]))
        .unwrap()
        .replace("null", "5");
    let unlisted_schema = manifest(&[listed("yinxin.db", b"x")]);
    for text in [
        newer.as_bytes(),
        unknown.as_bytes(),
        without_database.as_bytes(),
        &unlisted_schema,
        b"",
        b"[]",
    ] {
        let refused = Forged::new(&[("manifest.json", FILE, text)])
            .restore(100)
            .await;
        assert!(matches!(refused, Err(BackupError::Format)), "{refused:?}");
    }
    let refused = Forged::new(&[("a", FILE, b"x"), ("manifest.json", FILE, &manifest(&[]))])
        .restore(100)
        .await;
    assert!(matches!(refused, Err(BackupError::Format)), "{refused:?}");
    let refused = Forged::new(&[]).restore(100).await;
    assert!(matches!(refused, Err(BackupError::Format)), "{refused:?}");
    let forged = good();
    forged.write(b"PK\x03\x04 not a gzip");
    assert!(matches!(
        forged.restore(100).await,
        Err(BackupError::Archive(_))
    ));
    fs::remove_file(forged.archive()).unwrap();
    fs::create_dir(forged.archive()).unwrap();
    assert!(matches!(
        forged.restore(100).await,
        Err(BackupError::Archive(_))
    ));
}

#[tokio::test]
async fn no_more_is_written_than_allowed() {
    let zeros = vec![0; 1 << 20];
    let text = manifest(&[listed("a", &zeros)]);
    let bomb = Forged::new(&[("manifest.json", FILE, &text), ("a", FILE, &zeros)]);
    assert!(bomb.bytes().len() < 5_000, "it looks small");
    let refused = bomb.restore((1 << 20) - 1).await;
    assert!(
        matches!(refused, Err(BackupError::TooLarge { .. })),
        "{refused:?}"
    );
    bomb.restore(1 << 20).await.unwrap();
    // A manifest that overflows every sum.
    let huge = json!({"path": "a", "size": u64::MAX, "sha256": sha256(b"")});
    let text = manifest(&[
        huge.clone(),
        json!({"path": "b", "size": 2, "sha256": sha256(b"")}),
        huge,
    ]);
    let refused = Forged::new(&[("manifest.json", FILE, &text)])
        .restore(MAX_RESTORED_BYTES)
        .await;
    assert!(
        matches!(refused, Err(BackupError::TooLarge { .. })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn an_archive_cut_short_or_followed_by_more_is_refused() {
    let forged = good();
    let bytes = forged.bytes();
    for length in 0..bytes.len() {
        forged.write(&bytes[..length]);
        assert!(
            forged.restore(100).await.is_err(),
            "{length} of {} bytes",
            bytes.len()
        );
    }
    forged.write(&[&bytes, &b"x"[..]].concat());
    assert!(forged.restore(100).await.is_err(), "a byte more");
    forged.write(&[&bytes[..], &bytes].concat());
    assert!(forged.restore(100).await.is_err(), "twice");
    forged.write(&bytes);
    forged.restore(100).await.unwrap();
}

#[tokio::test]
async fn a_changed_byte_never_changes_what_is_restored() {
    let forged = good();
    let bytes = forged.bytes();
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 0x41;
        forged.write(&changed);
        // Some bytes of the gzip header mean nothing.
        if forged.restore(100).await.is_ok() {
            assert!(position < 10, "byte {position}");
            assert_eq!(fs::read(forged.target().join("keys/a")).unwrap(), b"key");
            fs::remove_dir_all(forged.target()).unwrap();
        }
    }
}
