//! The certificates of each corpus.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;
use yinxin::encoding::pem;

/// Where a certificate comes from, and its bytes.
pub(super) struct Sample {
    pub(super) origin: String,
    pub(super) der: Vec<u8>,
}

/// The files below `folder` with a name that ends so, in order.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, ending));
        } else if path
            .extension()
            .is_some_and(|extension| extension == ending)
        {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub(super) fn pem_files(folder: &Path) -> Vec<Sample> {
    let read = |path: &PathBuf| {
        samples(
            path.strip_prefix(folder).unwrap().to_str().unwrap(),
            &fs::read(path).unwrap(),
        )
    };
    files(folder, "pem").iter().flat_map(read).collect()
}

/// The certificates of one PEM file, the second of `a.pem` being `a.pem#2`.
fn samples(origin: &str, pem: &[u8]) -> Vec<Sample> {
    let blocks = pem::decode(pem, 100).unwrap().into_iter();
    blocks
        .filter(|block| block.label == "CERTIFICATE")
        .zip(1..)
        .map(|(block, number)| Sample {
            origin: match number {
                1 => origin.to_owned(),
                _ => format!("{origin}#{number}"),
            },
            der: block.der,
        })
        .collect()
}

pub(super) fn der_files(folder: &Path) -> Vec<Sample> {
    let read = |path: &PathBuf| Sample {
        origin: path.file_name().unwrap().to_str().unwrap().to_owned(),
        der: fs::read(path).unwrap(),
    };
    files(folder, "crt").iter().map(read).collect()
}

/// Each certificate of x509-limbo once, by the first case that has it.
pub(super) fn limbo(file: &Path) -> Vec<Sample> {
    let limbo: Value = serde_json::from_slice(&fs::read(file).unwrap()).unwrap();
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for case in list(&limbo, "testcases") {
        let id = format!("{} {}", text(case, "expected_result"), text(case, "id"));
        let issuers = ["trusted_certs", "untrusted_intermediates"];
        let issuers = issuers.iter().flat_map(|name| list(case, name));
        for certificate in case.get("peer_certificate").into_iter().chain(issuers) {
            for sample in samples(&id, certificate.as_str().unwrap().as_bytes()) {
                if seen.insert(sample.der.clone()) {
                    found.push(sample);
                }
            }
        }
    }
    found
}

fn list<'a>(of: &'a Value, name: &str) -> &'a [Value] {
    of.get(name).unwrap().as_array().unwrap()
}

fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of.get(name).unwrap().as_str().unwrap()
}
