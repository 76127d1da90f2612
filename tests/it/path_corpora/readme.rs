//! The counts that the corpora's READMEs state.
//!
//! A file that fails to load must not look like success; so what was loaded is compared with what its
//! authors say is there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// A README, or the notes of a corpus.
pub(super) struct Readme(String);

impl Readme {
    pub(super) fn read(folder: &Path) -> Self {
        Self(fs::read_to_string(folder.join("README.md")).unwrap())
    }

    /// The numbers of the table rows whose first cell is `name`, one list a row.
    pub(super) fn rows(&self, name: &str) -> Vec<Vec<usize>> {
        self.0
            .lines()
            .filter_map(|line| {
                let mut cells = line
                    .strip_prefix('|')?
                    .split('|')
                    .map(|cell| cell.trim().trim_matches('`'));
                (cells.next()? == name)
                    .then(|| cells.filter_map(|cell| cell.parse().ok()).collect())
            })
            .collect()
    }

    /// The number in front of `words`, which occur once.
    pub(super) fn number_before(&self, words: &str) -> usize {
        let (before, after) = self
            .0
            .split_once(words)
            .unwrap_or_else(|| panic!("no {words:?}"));
        assert!(!after.contains(words), "{words:?} occurs more than once");
        let digits = before.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap();
        digits
            .parse()
            .unwrap_or_else(|_| panic!("no number before {words:?}"))
    }

    /// What stands between backquotes on the line that has `words`, behind them.
    pub(super) fn quoted_behind(&self, words: &str) -> BTreeSet<String> {
        let lines = self.0.lines();
        let behind = lines.filter_map(|line| Some(line.split_once(words)?.1));
        behind
            .flat_map(|text| text.split('`').skip(1).step_by(2))
            .map(str::to_owned)
            .collect()
    }

    /// How many table rows have a first cell that ends with `end`.
    pub(super) fn rows_that_end(&self, end: &str) -> usize {
        let first = |line: &str| {
            line.strip_prefix("| ")?
                .split(" |")
                .next()
                .map(str::to_owned)
        };
        self.0
            .lines()
            .filter_map(first)
            .filter(|cell| cell.ends_with(end))
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_read() {
        let readme =
            Readme("12 (3 chain, 9 CMS)\n| `a` | 1 | x | 2 |\n| b.pem | 7 |\n| a | 4 |".to_owned());
        assert_eq!(readme.rows("a"), [vec![1, 2], vec![4]]);
        assert_eq!(readme.rows("c"), [[0; 0]; 0]);
        assert_eq!(readme.number_before(" chain"), 3);
        assert_eq!(readme.number_before(" (3"), 12);
        assert_eq!(readme.rows_that_end(".pem"), 1);
        let quoted = Readme("2 words: `a`, `b`.\n`c`".to_owned()).quoted_behind(" words");
        assert_eq!(quoted, BTreeSet::from(["a".to_owned(), "b".to_owned()]));
    }
}
