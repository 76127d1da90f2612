//! The CA certificates in use in China: all are read, and every path among them builds.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde::Deserialize;
use yinxin::clock::Timestamp;
use yinxin::encoding::hex;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::certificate::parse_all;

use crate::corpora::corpora;
use crate::path_corpora::case::Case;
use crate::path_corpora::case::Expected;
use crate::path_corpora::judge::judge;
use crate::path_corpora::ledger;
use crate::path_corpora::ledger::Suite;
use crate::path_corpora::question::Question;
use crate::path_corpora::question::Revocation;
use crate::path_corpora::readme::Readme;

/// A row of `index.json`.
#[derive(Deserialize)]
struct Row {
    file: String,
    self_signed: bool,
    /// Whose keys made the signature, found by an independent verifier.
    issuer_files: Vec<String>,
    sha256: String,
}

struct Root {
    row: Row,
    path: PathBuf,
    certificate: Certificate,
}

type Roots = BTreeMap<String, Root>;

#[test]
fn every_root_is_read() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("china/roots");
    let roots = read(&folder);
    let files = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let pem = files.filter(|path| path.extension().is_some_and(|end| end == "pem"));
    assert_eq!(roots.len(), pem.count());
    assert_eq!(roots.len(), Readme::read(&folder).rows_that_end(".pem"));
    for root in roots.values() {
        let key = root.certificate.public_key();
        if root.row.self_signed {
            let own = root.certificate.verify_signature(key);
            assert!(own.is_ok(), "{}: {own:?}", root.row.file);
        }
    }
}

#[test]
fn every_path_among_them_builds() {
    let Some(corpora) = corpora() else { return };
    let roots = read(&corpora.join("china/roots"));
    let chains: Vec<Vec<&Root>> = roots
        .values()
        .flat_map(|root| chains(&roots, root))
        .collect();
    let cases: Vec<Case> = chains.iter().map(|chain| case(&roots, chain)).collect();
    // One at least for each certificate that another one issued.
    let issued = roots.values().filter(|root| !root.row.self_signed).count();
    assert!(cases.len() >= issued, "{} of {issued}", cases.len());
    ledger::run(&Suite::strict("china/roots"), &cases, &judge).assert_clean();
}

fn read(folder: &Path) -> Roots {
    let text = fs::read_to_string(folder.join("index.json")).unwrap();
    let rows: Vec<Row> = serde_json::from_str(&text).unwrap();
    rows.into_iter()
        .map(|row| (row.file.clone(), Root::read(folder, row)))
        .collect()
}

impl Root {
    fn read(folder: &Path, row: Row) -> Self {
        let path = folder.join(&row.file);
        let certificates = parse_all(&fs::read(&path).unwrap(), 1);
        let certificates = certificates.unwrap_or_else(|error| panic!("{}: {error}", row.file));
        let [certificate] = certificates.try_into().unwrap();
        assert_eq!(hex::encode(certificate.sha256().as_bytes()), row.sha256);
        Self {
            row,
            path,
            certificate,
        }
    }
}

/// Every chain from `root` upwards, to whatever may be its anchor: each of its issuers, each of theirs.
fn chains<'a>(roots: &'a Roots, root: &'a Root) -> Vec<Vec<&'a Root>> {
    let mut complete = Vec::new();
    let mut open = vec![vec![root]];
    while let Some(chain) = open.pop() {
        let above = chain.last().unwrap().row.issuer_files.iter();
        for issuer in above.map(|file| &roots[file]) {
            if chain.iter().any(|below| below.row.file == issuer.row.file) {
                continue;
            }
            let longer = [chain.as_slice(), &[issuer]].concat();
            complete.push(longer.clone());
            open.push(longer);
        }
    }
    complete
}

/// The last of `chain` is the anchor; all the others are offered in between.
fn case(roots: &Roots, chain: &[&Root]) -> Case {
    let (anchor, below) = chain.split_last().unwrap();
    let end_entity = below[0];
    let others = roots
        .values()
        .filter(|root| root.row.file != anchor.row.file && root.row.file != end_entity.row.file);
    Case {
        id: chain
            .iter()
            .map(|root| root.row.file.as_str())
            .collect::<Vec<_>>()
            .join(" < "),
        questions: vec![Question {
            end_entity: end_entity.path.clone(),
            anchors: vec![anchor.path.clone()],
            intermediates: others.map(|root| root.path.clone()).collect(),
            revocation: Revocation::Unchecked,
            at: inside_all(below).to_string(),
            ..Question::default()
        }],
        expected: Expected::Accepted,
        policies: None,
        why: "a real CA".to_owned(),
    }
}

/// A time at which all of `certificates` are valid.
fn inside_all(certificates: &[&Root]) -> Timestamp {
    let certificates = certificates.iter().map(|root| &root.certificate);
    let begins = certificates.clone().map(Certificate::not_before).max();
    let ends = certificates.map(Certificate::not_after).min();
    assert!(begins <= ends, "never valid together");
    begins.unwrap()
}
