//! The folder `trust-roots/` agrees with its manifest, certificate by certificate.
//!
//! Fingerprints are computed with crates and not with our own readers, so that this says something
//! about the files even where our readers are wrong.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use ring::digest;
use serde::Deserialize;
use x509_parser::pem::parse_x509_pem;
use yinxin::clock::Timestamp;
use yinxin::validation::trust_store::RevocationMode;
use yinxin::validation::trust_store::TrustSet;
use yinxin::validation::trust_store::TrustStore;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Manifest {
    source: Source,
    certificate: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Source {
    package: String,
    version: String,
    distribution: String,
    package_sha256: String,
    origin: String,
    licence: String,
    taken_on: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    file: String,
    sha256: String,
    source_file: String,
}

#[test]
fn every_certificate_is_in_the_manifest_and_every_line_has_its_certificate() {
    let listed: BTreeMap<String, String> = manifest()
        .certificate
        .into_iter()
        .map(|entry| (entry.file, entry.sha256))
        .collect();
    let found: BTreeMap<String, String> = certificate_files()
        .iter()
        .map(|file| (inside_trust_roots(file), fingerprint(file)))
        .collect();
    assert_eq!(
        found, listed,
        "left: what is in trust-roots/, right: its MANIFEST.toml"
    );
}

#[test]
fn the_manifest_says_where_each_certificate_came_from() {
    let manifest = manifest();
    let source = &manifest.source;
    for (name, value) in [
        ("package", &source.package),
        ("version", &source.version),
        ("distribution", &source.distribution),
        ("package-sha256", &source.package_sha256),
        ("origin", &source.origin),
        ("licence", &source.licence),
        ("taken-on", &source.taken_on),
    ] {
        assert!(!value.is_empty(), "source.{name} is empty");
    }
    let mut files = BTreeSet::new();
    let mut fingerprints = BTreeSet::new();
    for entry in &manifest.certificate {
        assert!(
            !entry.source_file.is_empty(),
            "{} has no source",
            entry.file
        );
        assert!(files.insert(&entry.file), "{} is listed twice", entry.file);
        assert!(
            fingerprints.insert(&entry.sha256),
            "{} is a copy of another",
            entry.file
        );
    }
}

#[test]
fn every_folder_has_a_description_and_at_least_one_anchor() {
    let described: BTreeSet<PathBuf> = ca_folders().into_iter().collect();
    let anchored: BTreeSet<PathBuf> = certificate_files()
        .iter()
        .map(|file| file.parent().unwrap().to_owned())
        .collect();
    assert!(!described.is_empty());
    assert_eq!(described, anchored);
    for folder in described {
        assert!(folder.join("ca.toml").is_file(), "{}", folder.display());
    }
}

#[test]
fn every_folder_is_a_trust_store_that_vouches_for_nothing() {
    for store in trust_stores() {
        assert!(store.usages.is_empty(), "{} has a usage", store.id);
        assert!(!store.demo, "{} is a demonstration", store.id);
        assert_eq!(store.revocation, RevocationMode::Required, "{}", store.id);
        assert!(store.evidence.hosts.is_empty(), "{} has a host", store.id);
        assert!(
            store.operator_zh.is_some(),
            "{} lacks operator-zh",
            store.id
        );
        let begins = store
            .anchors
            .iter()
            .map(|anchor| anchor.certificate().not_before());
        assert_eq!(
            store.valid_from.map(Timestamp::date),
            begins.min().map(Timestamp::date),
            "{}: valid-from is the first day of its oldest anchor",
            store.id
        );
    }
}

#[test]
fn the_folders_make_one_set() {
    let stores = trust_stores();
    let ids: Vec<String> = stores.iter().map(|store| store.id.to_string()).collect();
    assert_eq!(
        ids,
        ["bjca", "cfca", "gdca", "itruschina", "sheca", "trustasia"]
    );
    TrustSet::new(stores).unwrap();
}

/// Read as the service reads them, in the order of their names.
fn trust_stores() -> Vec<TrustStore> {
    let mut folders = ca_folders();
    folders.sort();
    let read = folders.iter().map(|folder| {
        let id = folder.file_name().unwrap().to_str().unwrap();
        let ca_toml = fs::read_to_string(folder.join("ca.toml")).unwrap();
        let pems: Vec<(String, Vec<u8>)> = certificate_files()
            .into_iter()
            .filter(|file| file.parent() == Some(folder))
            .map(|file| (inside_trust_roots(&file), fs::read(&file).unwrap()))
            .collect();
        TrustStore::parse(id, &ca_toml, &pems).unwrap()
    });
    read.collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("trust-roots")
}

fn manifest() -> Manifest {
    let text = fs::read_to_string(root().join("MANIFEST.toml")).unwrap();
    toml::from_str(&text).unwrap()
}

fn ca_folders() -> Vec<PathBuf> {
    entries(&root())
        .into_iter()
        .filter(|path| path.is_dir())
        .collect()
}

/// Everything beside a `ca.toml`: what is there and is not a certificate fails where it is read.
fn certificate_files() -> Vec<PathBuf> {
    ca_folders()
        .iter()
        .flat_map(|folder| entries(folder))
        .filter(|path| path.file_name().is_some_and(|name| name != "ca.toml"))
        .collect()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect()
}

fn inside_trust_roots(file: &Path) -> String {
    file.strip_prefix(root())
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned()
}

/// SHA-256 of the DER of the one certificate that the file holds.
fn fingerprint(file: &Path) -> String {
    let text = fs::read(file).unwrap();
    let (rest, pem) =
        parse_x509_pem(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(pem.label, "CERTIFICATE", "{}", file.display());
    assert!(rest.is_empty(), "{}: more than one block", file.display());
    pem.parse_x509()
        .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    digest::digest(&digest::SHA256, &pem.contents)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
