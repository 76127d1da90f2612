//! BetterTLS: 81 cases of path building and 9,491 of name constraints, in limbo's form.
//!
//! Upstream takes either answer to some of them ("soft"); the strictest peers give the expected one to
//! all, and so do we.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use lzma_rust2::XzReader;

use crate::corpora::corpora;
use crate::path_corpora::case::Case;
use crate::path_corpora::judge::judge;
use crate::path_corpora::ledger;
use crate::path_corpora::ledger::Suite;
use crate::path_corpora::limbo;
use crate::path_corpora::limbo::Index;
use crate::path_corpora::pem_files::PemFiles;
use crate::path_corpora::readme::Readme;

#[test]
fn every_case_of_path_building_is_judged_right() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("limbo");
    let mut files = PemFiles::new();
    let mut cases = limbo::read(&folder, &mut files);
    cases.retain(|case| case.id.starts_with("bettertls::"));
    limbo::assert_counts(&cases, &Readme::read(&folder));
    let suite = Suite::strict("bettertls::pathbuilding");
    ledger::run(&suite, &cases, &judge).assert_clean();
}

#[test]
fn every_case_of_name_constraints_is_judged_right() {
    let Some(corpora) = corpora() else { return };
    let folder = corpora.join("limbo");
    let mut files = PemFiles::new();
    let cases = name_constraints(&folder, &mut files);
    limbo::assert_counts(&cases, &Readme::read(&folder));
    let suite = Suite::strict("bettertls::nameconstraints");
    let settlement = ledger::run(&suite, &cases, &judge);
    if !settlement.problems.is_empty() {
        tell_soft(&folder, &settlement.problems);
    }
    settlement.assert_clean();
}

fn name_constraints(folder: &Path, files: &mut PemFiles) -> Vec<Case> {
    let packed = fs::File::open(folder.join("limbo-bettertls-nameconstraints.json.xz")).unwrap();
    let unpacked = std::io::read_to_string(XzReader::new(packed, true)).unwrap();
    let file: limbo::File = serde_json::from_str(&unpacked).unwrap();
    let cases = file.testcases.into_iter();
    cases.map(|case| case.read(files)).collect()
}

#[expect(clippy::print_stderr, reason = "helps whoever reads a failed run")]
fn tell_soft(folder: &Path, problems: &[String]) {
    let index = Index::read(folder).cases.into_iter();
    let soft: BTreeSet<String> = index.filter(|case| case.soft).map(|case| case.id).collect();
    let id = |problem: &String| problem.split(": ").next().map(str::to_owned);
    let found = problems
        .iter()
        .filter_map(id)
        .filter(|id| soft.contains(id));
    eprintln!("of the problems, soft: {}", found.count());
}
