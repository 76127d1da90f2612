//! Data folders kept in memory, so that each is made once for the whole binary and copied for each test.

use std::fs;
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::path::PathBuf;

use pkcs8::EncryptedPrivateKeyInfoRef;
use pkcs8::der::Decode as _;
use pkcs8::der::Encode as _;
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::pkcs5::pbes2::EncryptionScheme;
use pkcs8::pkcs5::pbes2::Kdf;
use pkcs8::pkcs5::pbes2::Parameters;
use pkcs8::pkcs5::pbes2::ScryptParams;
use yinxin::encoding::pem;

/// The files of a data folder.
pub(super) struct Files(Vec<(PathBuf, Vec<u8>)>);

impl Files {
    /// Takes them into memory, with keys that are cheap to read.
    pub(super) fn of(data: &Path) -> Self {
        cheapen_keys(data);
        Self(read(data, Path::new("")))
    }

    /// Makes a folder of them.
    pub(super) fn write(&self, data: &Path) {
        for (path, contents) in &self.0 {
            write(&data.join(path), contents);
        }
    }
}

/// Encrypts the keys anew so that reading them takes no time: a start takes 0.5 s otherwise, and there are
/// hundreds.
pub(super) fn cheapen_keys(data: &Path) {
    let passphrase = fs::read_to_string(data.join("passphrase")).unwrap();
    let passphrase = passphrase.trim();
    for name in ["credential", "receipt", "status-list", "timestamp"] {
        let path = data.join(format!("keys/{name}.key.pem"));
        let blocks = pem::decode(&fs::read(&path).unwrap(), 1).unwrap();
        let info = EncryptedPrivateKeyInfoRef::from_der(&blocks[0].der).unwrap();
        let dear = info.encryption_algorithm.pbes2().unwrap();
        let key = dear
            .decrypt(passphrase, info.encrypted_data.as_bytes())
            .unwrap();
        let cheap = Parameters {
            kdf: Kdf::Scrypt(ScryptParams {
                salt: [7; 16].as_slice().try_into().unwrap(),
                cost_parameter: 2,
                block_size: 8,
                parallelization: 1,
                key_length: None,
            }),
            encryption: EncryptionScheme::Aes256Cbc { iv: [7; 16] },
        };
        let encrypted = cheap.encrypt(passphrase, &key).unwrap();
        let info = EncryptedPrivateKeyInfoRef {
            encryption_algorithm: cheap.into(),
            encrypted_data: OctetStringRef::new(&encrypted).unwrap(),
        };
        let label = &blocks[0].label;
        write(
            &path,
            pem::encode(label, &info.to_der().unwrap()).as_bytes(),
        );
    }
}

pub(super) fn write(path: &Path, contents: &[u8]) {
    let mut folders = fs::DirBuilder::new();
    let folders = folders.recursive(true).mode(0o700);
    folders.create(path.parent().unwrap()).unwrap();
    let mut options = fs::OpenOptions::new();
    let file = options.write(true).create(true).truncate(true).mode(0o600);
    std::io::Write::write_all(&mut file.open(path).unwrap(), contents).unwrap();
}

fn read(folder: &Path, below: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let below = below.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            files.extend(read(&entry.path(), &below));
        } else {
            files.push((below, fs::read(entry.path()).unwrap()));
        }
    }
    files
}
