//! The whole table as a TOML file, for import and export; a mistake is told with its line.

use std::fmt::Write as _;

use serde::Deserialize;
use toml::Spanned;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::registry::recognition::RecognitionRow;
use crate::registry::recognition::form::DecisionForm;
use crate::registry::recognition::form::LimitsForm;
use crate::registry::recognition::form::RowForm;
use crate::registry::recognition::form::RowFormError;
use crate::registry::recognition::table;
use crate::registry::recognition::table::TableError;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::relying_party::RelyingPartyKind;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::Usage;

/// The largest file that is read, in bytes: a row takes some 250, so these are more than 60,000.
pub const MAX_TABLE_FILE_BYTES: usize = 16 * 1024 * 1024;

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableFile {
    /// The rows, which may stand together.
    pub rows: Vec<RecognitionRow>,
    lines: Vec<usize>,
}

impl TableFile {
    /// The line at which a row begins, from 1; 1 for a row that is not there.
    #[must_use]
    pub fn line_of(&self, place: usize) -> usize {
        self.lines.get(place).copied().unwrap_or(1)
    }
}

/// What is wrong in a file, and where.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct FileError {
    /// The line, from 1.
    pub line: usize,
    /// What.
    #[source]
    pub problem: FileProblem,
}

/// What is wrong in a file.
#[derive(Debug, thiserror::Error)]
pub enum FileProblem {
    /// A row is none.
    #[error(transparent)]
    Row(#[from] RowFormError),
    /// It is no TOML, or a member is unknown, missing or wrong.
    #[error("{}", .0.message())]
    Syntax(Box<toml::de::Error>),
    /// Rows cannot stand together.
    #[error(transparent)]
    Table(#[from] TableError),
    /// It is too large.
    #[error("the file is larger than {MAX_TABLE_FILE_BYTES} bytes")]
    TooLarge,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TableToml {
    #[serde(default)]
    row: Vec<Spanned<RowToml>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct RowToml {
    caller: Option<RelyingPartyId>,
    every: Option<RelyingPartyKind>,
    ca: CaId,
    usage: Usage,
    #[serde(default)]
    decision: DecisionForm,
    anchors: Option<Vec<Sha256>>,
    limits: Option<LimitsToml>,
    valid_from: Timestamp,
    valid_until: Option<Timestamp>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct LimitsToml {
    #[serde(default)]
    algorithms: Vec<String>,
    minimum_key_bits: Option<u32>,
    maximum_evidence_age_seconds: Option<u64>,
    #[serde(default)]
    policies: Vec<String>,
}

impl From<RowToml> for RowForm {
    fn from(row: RowToml) -> Self {
        Self {
            caller: row.caller,
            every: row.every,
            ca: row.ca,
            usage: row.usage,
            decision: row.decision,
            anchors: row.anchors,
            limits: row.limits.map(|limits| LimitsForm {
                algorithms: limits.algorithms,
                minimum_key_bits: limits.minimum_key_bits,
                maximum_evidence_age_seconds: limits.maximum_evidence_age_seconds,
                policies: limits.policies,
            }),
            valid_from: row.valid_from,
            valid_until: row.valid_until,
        }
    }
}

/// Reads a whole table: all of it, or what is wrong.
///
/// # Errors
/// [`FileError`] for the first mistake, with its line.
pub fn parse(text: &str) -> Result<TableFile, FileError> {
    if text.len() > MAX_TABLE_FILE_BYTES {
        let problem = FileProblem::TooLarge;
        return Err(FileError { line: 1, problem });
    }
    let lines = Lines::of(text);
    let read: TableToml = toml::from_str(text).map_err(|error| FileError {
        line: lines.at(error.span().map_or(0, |span| span.start)),
        problem: FileProblem::Syntax(Box::new(error)),
    })?;
    let mut file = TableFile {
        rows: Vec::with_capacity(read.row.len()),
        lines: Vec::with_capacity(read.row.len()),
    };
    for row in read.row {
        let line = lines.at(row.span().start);
        let row = RecognitionRow::try_from(RowForm::from(row.into_inner()));
        let told = |problem: RowFormError| FileError {
            line,
            problem: problem.into(),
        };
        file.rows.push(row.map_err(told)?);
        file.lines.push(line);
    }
    table::check(&file.rows).map_err(|error| FileError {
        line: file.line_of(error.place()),
        problem: error.into(),
    })?;
    Ok(file)
}

/// Where lines end.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let ends = text.bytes().enumerate();
        let ends = ends.filter_map(|(place, byte)| (byte == b'\n').then_some(place));
        Self(ends.collect())
    }

    /// The line of a byte, from 1.
    fn at(&self, offset: usize) -> usize {
        self.0
            .partition_point(|end| *end < offset)
            .saturating_add(1)
    }
}

/// Writes a whole table; [`parse`] reads the same rows from it.
#[must_use]
pub fn write(rows: &[RecognitionRow]) -> String {
    let mut text = String::new();
    for row in rows {
        write_row(&mut text, &RowForm::from(row));
    }
    text
}

fn write_row(text: &mut String, row: &RowForm) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str("[[row]]\n");
    let mut line = |name: &str, value: String| {
        // Writing to a string cannot fail.
        let _infallible = writeln!(text, "{name} = {value}");
    };
    if let Some(caller) = &row.caller {
        line("caller", quoted(caller.as_str()));
    }
    if let Some(kind) = row.every {
        line("every", quoted(kind.id()));
    }
    line("ca", quoted(row.ca.as_str()));
    line("usage", quoted(row.usage.as_str()));
    if row.decision == DecisionForm::Refuse {
        line("decision", quoted("refuse"));
    }
    if let Some(anchors) = &row.anchors {
        line("anchors", list(anchors.iter().map(ToString::to_string)));
    }
    if let Some(limits) = &row.limits {
        line("limits", written_limits(limits));
    }
    line("valid-from", quoted(&row.valid_from.to_string()));
    if let Some(until) = row.valid_until {
        line("valid-until", quoted(&until.to_string()));
    }
}

fn written_limits(limits: &LimitsForm) -> String {
    let mut members = Vec::new();
    if !limits.algorithms.is_empty() {
        let names = list(limits.algorithms.iter().cloned());
        members.push(format!("algorithms = {names}"));
    }
    if let Some(bits) = limits.minimum_key_bits {
        members.push(format!("minimum-key-bits = {bits}"));
    }
    if let Some(age) = limits.maximum_evidence_age_seconds {
        members.push(format!("maximum-evidence-age-seconds = {age}"));
    }
    if !limits.policies.is_empty() {
        let oids = list(limits.policies.iter().cloned());
        members.push(format!("policies = {oids}"));
    }
    format!("{{ {} }}", members.join(", "))
}

fn list(texts: impl Iterator<Item = String>) -> String {
    let quoted: Vec<String> = texts.map(|text| quoted(&text)).collect();
    format!("[{}]", quoted.join(", "))
}

/// Names, digests, identifiers and times: none of them has a character that would have to be escaped.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::crypto::algorithm::ALGORITHMS;
    use crate::crypto::digest::sha256;
    use crate::pki::oid::Oid;
    use crate::registry::recognition::Decision;
    use crate::registry::recognition::Recogniser;
    use crate::validation::limits::Limits;

    const GOOD: &str = "\
# Who recognises whom.
[[row]]
caller = \"bank-a\"
ca = \"gdca\"
usage = \"tax\"
anchors = []
valid-from = \"2026-01-01T00:00:00Z\"

[[row]]
every = \"bank\"
ca = \"gdca\"
usage = \"tax\"
decision = \"refuse\"
valid-from = \"2026-01-01T00:00:00Z\"
";

    fn error(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn a_file_is_read_with_the_lines_of_its_rows() {
        let file = parse(GOOD).unwrap();
        assert_eq!(file.rows.len(), 2);
        assert_eq!((file.line_of(0), file.line_of(1)), (2, 9));
        assert_eq!(file.rows[1].decision, Decision::Refuse);
        assert_eq!(parse("").unwrap().rows, []);
    }

    #[test]
    fn a_mistake_is_told_with_its_line() {
        for (from, to, told) in [
            ("decision = \"refuse\"", "decision = \"maybe\"", "line 13: "),
            ("every = \"bank\"", "every = \"weather\"", "line 10: "),
            ("every = \"bank\"\n", "", "line 9: one of `caller`"),
            ("anchors = []", "anchors = [\"zz\"]", "line 6: "),
            (
                "anchors = []",
                "colour = 1",
                "line 6: unknown field `colour`",
            ),
            ("anchors = []\n", "", "line 2: `anchors` is missing"),
            ("usage = \"tax\"\n", "", "line 2: missing field `usage`"),
            ("ca = \"gdca\"", "ca = ", "line 4: "),
            (
                "every = \"bank\"",
                "caller = \"bank-a\"",
                "line 9: `bank-a` · `gdca` · `tax` from 2026",
            ),
        ] {
            let told_is = error(&GOOD.replacen(from, to, 1));
            assert!(told_is.starts_with(told), "{told} / {told_is}");
        }
        assert!(error(&"#".repeat(MAX_TABLE_FILE_BYTES + 1)).contains("larger"));
    }

    prop_compose! {
        fn limits()(
            algorithms in prop::collection::vec(0..ALGORITHMS.len(), 0..3), bits in prop::option::of(1u32..16384),
            age in prop::option::of(1u64..31_622_400), policies in prop::collection::vec(1u32..99, 0..3),
        ) -> Limits {
            Limits {
                algorithms: algorithms.into_iter().map(|place| ALGORITHMS[place].algorithm).collect(),
                minimum_key_bits: bits,
                maximum_evidence_age: age.map(Duration::from_secs),
                policies: policies.into_iter().map(|arc| Oid::parse(&format!("1.2.{arc}")).unwrap()).collect(),
            }.normalised()
        }
    }

    prop_compose! {
        fn row()(
            caller in "bank-[a-z]{6}|every:bank", ca in "[a-z]{1,8}", usage in "tax|banking|seal",
            anchors in prop::collection::vec(any::<u8>(), 0..3), limits in limits(), refuse in any::<bool>(),
            from in 0i64..2_000_000_000, length in prop::option::of(1i64..1_000_000_000),
        ) -> RecognitionRow {
            let matter = (CaId::parse(&ca).unwrap(), Usage::parse(&usage).unwrap());
            let anchors = anchors.into_iter().map(|byte| sha256(&[byte])).collect();
            let from_at = Timestamp::from_unix_seconds(from).unwrap();
            let row = RecognitionRow::accept(Recogniser::parse(&caller).unwrap(), matter, anchors, from_at);
            RecognitionRow {
                valid_until: length.map(|length| Timestamp::from_unix_seconds(from + length).unwrap()),
                decision: match refuse {
                    true => Decision::Refuse,
                    false => Decision::Accept { anchors: row.anchors().to_vec(), limits },
                },
                ..row
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(rows in prop::collection::vec(row(), 0..6)) {
            prop_assume!(table::check(&rows).is_ok());
            prop_assert_eq!(parse(&write(&rows)).unwrap().rows, rows);
        }

        #[test]
        fn any_text_is_read_or_its_mistake_lies_inside_it(
            lines in prop::collection::vec("\\[\\[row\\]\\]|(ca|usage|caller|limits) = (\"[a-z]{1,4}\"|1|\\{ \\})|\\PC{0,9}", 0..9),
        ) {
            let text = lines.join("\n");
            if let Err(error) = parse(&text) {
                prop_assert!((1..=lines.len().max(1)).contains(&error.line), "{} in {:?}", error, text);
            }
        }
    }
}
