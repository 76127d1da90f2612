//! Reads sections and fields, and gathers every mistake with its place.

use std::ops::Range;
use std::ops::RangeInclusive;
use std::path::Path;
use std::path::PathBuf;

use toml::Spanned;
use toml::de::DeTable;
use toml::de::DeValue;

use crate::config::MAX_CONFIG_BYTES;
use crate::config::SECTIONS;
use crate::config::field::Default;
use crate::config::field::Field;
use crate::config::field::SectionDoc;
use crate::config::mistake::ConfigMistake;
use crate::config::mistake::ConfigProblem;

/// A file that is well-formed TOML, and the mistakes met in it so far.
pub(super) struct Document<'t> {
    table: DeTable<'t>,
    mistakes: Mistakes<'t>,
}

/// One section of it while it is read.
pub(super) struct Section<'d, 't> {
    doc: &'static SectionDoc,
    /// `None`: the file does not have it.
    table: Option<&'d DeTable<'t>>,
    /// Where its name stands.
    place: Range<usize>,
    mistakes: &'d mut Mistakes<'t>,
}

/// Why a value was refused, before its place is known.
pub(super) struct Refusal {
    problem: ConfigProblem,
    hint: String,
}

struct Mistakes<'t> {
    text: &'t str,
    file: PathBuf,
    found: Vec<ConfigMistake>,
}

impl Refusal {
    pub(super) fn new(problem: ConfigProblem, hint: impl Into<String>) -> Self {
        Self {
            problem,
            hint: hint.into(),
        }
    }
}

impl Mistakes<'_> {
    fn note(&mut self, place: Range<usize>, key: String, refusal: Refusal) {
        let before = self.text.get(..place.start).unwrap_or(self.text);
        let line = before.matches('\n').count().saturating_add(1);
        let line_start = before
            .rfind('\n')
            .map_or(0, |newline| newline.saturating_add(1));
        let column = before
            .get(line_start..)
            .unwrap_or("")
            .chars()
            .count()
            .saturating_add(1);
        let Refusal { problem, hint } = refusal;
        self.found.push(ConfigMistake {
            file: self.file.clone(),
            line,
            column,
            key,
            problem,
            hint,
        });
    }

    fn in_order(mut self) -> Vec<ConfigMistake> {
        self.found
            .sort_by_key(|mistake| (mistake.line, mistake.column));
        self.found
    }
}

impl<'t> Document<'t> {
    /// Reads the syntax.
    pub(super) fn parse(text: &'t str, file_name: &Path) -> Result<Self, Vec<ConfigMistake>> {
        let mut mistakes = Mistakes {
            text,
            file: file_name.to_owned(),
            found: Vec::new(),
        };
        if text.len() > MAX_CONFIG_BYTES {
            let problem = ConfigProblem::FileTooLarge {
                found: text.len(),
                max: MAX_CONFIG_BYTES,
            };
            mistakes.note(
                0..0,
                String::new(),
                Refusal::new(problem, "is this the right file?"),
            );
            return Err(mistakes.in_order());
        }
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let problem = ConfigProblem::Syntax {
                message: error.message().to_owned(),
            };
            let hint = "see https://toml.io for how values and tables are written";
            mistakes.note(
                error.span().unwrap_or(0..0),
                String::new(),
                Refusal::new(problem, hint),
            );
        }
        if !mistakes.found.is_empty() {
            return Err(mistakes.in_order());
        }
        let mut document = Self {
            table: table.into_inner(),
            mistakes,
        };
        document.refuse_unknown_sections();
        Ok(document)
    }

    fn refuse_unknown_sections(&mut self) {
        let names: Vec<&str> = SECTIONS.iter().map(|section| section.name).collect();
        for (key, _) in &self.table {
            let name = key.get_ref().as_ref();
            if !names.contains(&name) {
                let home = SECTIONS
                    .iter()
                    .find(|section| section.fields.iter().any(|field| field.key == name));
                let hint = home.map_or_else(
                    || did_you_mean(name, &names, "sections"),
                    |section| format!("put it under [{}]", section.name),
                );
                self.mistakes.note(
                    key.span(),
                    name.to_owned(),
                    Refusal::new(ConfigProblem::UnknownSection, hint),
                );
            }
        }
    }

    /// Reads one section. `None`: mistakes were noted.
    pub(super) fn section<T>(
        &mut self,
        doc: &'static SectionDoc,
        read: impl FnOnce(&mut Section<'_, 't>) -> Option<T>,
    ) -> Option<T> {
        let Self { table, mistakes } = self;
        let found = table.iter().find(|(key, _)| key.get_ref() == doc.name);
        let place = found.map_or(0..0, |(key, _)| key.span());
        if let Some((_, value)) = found
            && value.get_ref().as_table().is_none()
        {
            let problem = ConfigProblem::WrongType {
                expected: "a section",
                found: value.get_ref().type_str(),
            };
            mistakes.note(
                place,
                doc.name.to_owned(),
                Refusal::new(problem, format!("write [{}]", doc.name)),
            );
            return None;
        }
        let table = found.and_then(|(_, value)| value.get_ref().as_table());
        let mut section = Section {
            doc,
            table,
            place,
            mistakes,
        };
        section.refuse_unknown_keys();
        read(&mut section)
    }

    /// The configuration if there was no mistake.
    pub(super) fn finish<T>(self, complete: Option<T>) -> Result<T, Vec<ConfigMistake>> {
        match complete {
            Some(config) if self.mistakes.found.is_empty() => Ok(config),
            _ => Err(self.mistakes.in_order()),
        }
    }
}

impl<'t> Section<'_, 't> {
    fn refuse_unknown_keys(&mut self) {
        let names: Vec<&str> = self.doc.fields.iter().map(|field| field.key).collect();
        for (key, _) in self.table.into_iter().flatten() {
            let name = key.get_ref().as_ref();
            if !names.contains(&name) {
                let hint = did_you_mean(name, &names, "settings of this section");
                let full = format!("{}.{name}", self.doc.name);
                self.mistakes.note(
                    key.span(),
                    full,
                    Refusal::new(ConfigProblem::UnknownKey, hint),
                );
            }
        }
    }

    fn find(&self, field: &Field) -> Option<&Spanned<DeValue<'t>>> {
        let table = self.table?;
        table
            .iter()
            .find(|(key, _)| key.get_ref() == field.key)
            .map(|(_, value)| value)
    }

    /// Whether the file sets the field.
    pub(super) fn has(&self, field: &Field) -> bool {
        self.find(field).is_some()
    }

    /// Notes something wrong with a field, at its value if it is present.
    pub(super) fn refuse(&mut self, field: &Field, refusal: Refusal) {
        let place = self
            .find(field)
            .map_or_else(|| self.place.clone(), Spanned::span);
        let key = format!("{}.{}", self.doc.name, field.key);
        self.mistakes.note(place, key, refusal);
    }

    /// The field's value, or its default. `None`: a mistake was noted.
    pub(super) fn value<T>(
        &mut self,
        field: &Field,
        read: impl Fn(&DeValue<'_>) -> Result<T, Refusal>,
    ) -> Option<T> {
        let outcome = match (self.find(field), field.default) {
            (Some(found), _) => read(found.get_ref()),
            (None, Default::Value(literal)) => match DeValue::parse(literal) {
                Ok(default) => read(default.get_ref()),
                Err(_) => Err(Refusal::new(ConfigProblem::Missing, "set it")),
            },
            (None, Default::Absent { example, .. } | Default::Required { example }) => {
                Err(Refusal::new(
                    ConfigProblem::Missing,
                    format!("for example: {} = {example}", field.key),
                ))
            }
        };
        outcome.map_err(|refusal| self.refuse(field, refusal)).ok()
    }

    /// The field's value where absence has a meaning. `None`: a mistake was noted.
    pub(super) fn optional<T>(
        &mut self,
        field: &Field,
        read: impl Fn(&DeValue<'_>) -> Result<T, Refusal>,
    ) -> Option<Option<T>> {
        if self.has(field) {
            self.value(field, read).map(Some)
        } else {
            Some(None)
        }
    }

    /// The folder that relative paths are taken from.
    fn base(&self) -> PathBuf {
        self.mistakes
            .file
            .parent()
            .map(Path::to_owned)
            .unwrap_or_default()
    }

    /// A path, taken from the folder of the configuration file.
    pub(super) fn path(&mut self, field: &Field) -> Option<PathBuf> {
        let base = self.base();
        self.value(field, |value| Ok(base.join(text(value)?)))
    }

    /// A path that may be absent.
    pub(super) fn optional_path(&mut self, field: &Field) -> Option<Option<PathBuf>> {
        if self.has(field) {
            self.path(field).map(Some)
        } else {
            Some(None)
        }
    }

    /// A whole number within limits.
    pub(super) fn number(&mut self, field: &Field, limits: RangeInclusive<u64>) -> Option<u64> {
        self.value(field, |value| number(value, &limits))
    }

    /// One of some words.
    pub(super) fn choice<T: Copy>(&mut self, field: &Field, words: &[(&str, T)]) -> Option<T> {
        self.value(field, |value| {
            let word = text(value)?;
            let chosen = words
                .iter()
                .find(|(name, _)| *name == word)
                .map(|(_, choice)| *choice);
            let names: Vec<&str> = words.iter().map(|(name, _)| *name).collect();
            let hint = || format!("write one of {}", names.join(", "));
            chosen.ok_or_else(|| {
                Refusal::new(
                    ConfigProblem::Choice {
                        found: word.to_owned(),
                    },
                    hint(),
                )
            })
        })
    }
}

/// A string that is not empty.
pub(super) fn text<'v>(value: &'v DeValue<'_>) -> Result<&'v str, Refusal> {
    match value.as_str() {
        None => {
            let problem = ConfigProblem::WrongType {
                expected: "a string",
                found: value.type_str(),
            };
            Err(Refusal::new(problem, "put it in double quotes"))
        }
        Some(text) if text.trim().is_empty() => Err(Refusal::new(
            ConfigProblem::Empty,
            "give a value, or remove the line for the default",
        )),
        Some(text) => Ok(text),
    }
}

fn number(value: &DeValue<'_>, limits: &RangeInclusive<u64>) -> Result<u64, Refusal> {
    let Some(integer) = value.as_integer() else {
        let problem = ConfigProblem::WrongType {
            expected: "a whole number",
            found: value.type_str(),
        };
        return Err(Refusal::new(problem, "write digits only, without quotes"));
    };
    let read = u64::from_str_radix(integer.as_str(), integer.radix()).ok();
    read.filter(|number| limits.contains(number))
        .ok_or_else(|| {
            let (min, max) = (*limits.start(), *limits.end());
            let problem = ConfigProblem::OutOfRange {
                found: integer.to_string(),
                min,
                max,
            };
            Refusal::new(problem, "choose a number in between")
        })
}

/// Names the known word that comes nearest to a misspelt one, else all of them.
fn did_you_mean(found: &str, known: &[&str], what: &str) -> String {
    // Two slips of the keyboard; more is another word.
    const NEAR: usize = 2;
    let nearest = known
        .iter()
        .map(|word| (distance(found, word), *word))
        .min();
    match nearest {
        Some((steps, word)) if steps <= NEAR => format!("did you mean `{word}`?"),
        _ => format!("{what} are {}", known.join(", ")),
    }
}

/// Letters to insert, remove or replace to get from one word to another (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().take(64).enumerate() {
        let mut diagonal = index;
        let mut left = index.saturating_add(1);
        let mut next = vec![left];
        for (above, wanted) in row.iter().skip(1).zip(&to) {
            let replaced = diagonal.saturating_add(usize::from(letter != *wanted));
            left = replaced
                .min(left.saturating_add(1))
                .min(above.saturating_add(1));
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_slips() {
        for (from, to, steps) in [
            ("", "", 0),
            ("log", "log", 0),
            ("lgo", "log", 2),
            ("listn", "listen", 1),
            ("", "log", 3),
            ("keys", "", 4),
        ] {
            assert_eq!(distance(from, to), steps, "{from} {to}");
        }
    }

    #[test]
    fn a_near_word_is_suggested_and_otherwise_all_are_listed() {
        assert_eq!(
            did_you_mean("servre", &["server", "log"], "sections"),
            "did you mean `server`?"
        );
        assert_eq!(
            did_you_mean("xyzzy", &["server", "log"], "sections"),
            "sections are server, log"
        );
    }
}
