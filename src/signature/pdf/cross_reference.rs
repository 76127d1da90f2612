//! Cross-reference sections: tables, streams, and both at once (ISO 32000-2 §7.5.4, §7.5.8).

use std::collections::HashMap;
use std::rc::Rc;

use memchr::memmem;

use crate::signature::pdf::error::PdfError;
use crate::signature::pdf::filter;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::parse::Parser;
use crate::signature::pdf::parse::is_space;

/// What the cross-references of one file may still take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    /// Entries of objects.
    pub(super) entries: usize,
    /// Bytes of decompressed data.
    pub(super) decompressed: usize,
}

const STARTXREF: &[u8] = b"startxref";
const EOF: &[u8] = b"%%EOF";

/// Where an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// Nowhere: the number is free.
    Free,
    /// At an offset in the file.
    InFile { offset: usize, generation: u16 },
    /// In an object stream.
    InStream { stream: u32, index: u32 },
}

/// One cross-reference section, with the stream that completes a table in a hybrid file.
#[derive(Debug)]
pub(super) struct Section {
    /// Where it begins, in bytes.
    pub(super) offset: usize,
    /// What it says of itself and of the document.
    pub(super) trailer: Dictionary,
    /// Where it ends, with what stands beside it.
    pub(super) end: usize,
    /// What it took of the budget.
    pub(super) spent: Budget,
    table: Table,
    /// What `XRefStm` names (ISO 32000-2 §7.5.8.4).
    beside: Option<Rc<Self>>,
}

/// The entries of a section.
#[derive(Debug, Default)]
struct Table {
    entries: HashMap<u32, Entry>,
    /// A number that stands there twice, in two places.
    contradiction: Option<u32>,
}

impl Section {
    /// Reads the section at `offset`.
    pub(super) fn read(bytes: &[u8], offset: usize, budget: Budget) -> Result<Self, PdfError> {
        let mut parser = Parser::of_file(bytes, offset);
        parser.skip_space();
        if !parser.take_keyword(b"xref") {
            return Self::read_stream(bytes, offset, budget);
        }
        let table = read_table(&mut parser, budget.entries)?;
        let Object::Dictionary(trailer) = parser.object()? else {
            return Err(PdfError::structure("trailer", "a dictionary"));
        };
        let mut spent = Budget {
            entries: table.entries.len(),
            decompressed: 0,
        };
        let mut end = parser.at();
        let beside = match trailer.get("XRefStm") {
            None => None,
            Some(at) => {
                let at = at
                    .as_size()
                    .ok_or_else(|| PdfError::structure("XRefStm", "an offset"))?;
                let left = Budget {
                    entries: budget.entries.saturating_sub(spent.entries),
                    ..budget
                };
                let beside = Self::read_stream(bytes, at, left)?;
                spent.entries = spent.entries.saturating_add(beside.spent.entries);
                spent.decompressed = beside.spent.decompressed;
                end = end.max(beside.end);
                Some(Rc::new(beside))
            }
        };
        Ok(Self {
            offset,
            trailer,
            end,
            spent,
            table,
            beside,
        })
    }

    fn read_stream(bytes: &[u8], offset: usize, budget: Budget) -> Result<Self, PdfError> {
        let indirect = Parser::of_file(bytes, offset).indirect()?;
        let (Object::Dictionary(trailer), Some(at)) = (indirect.object, indirect.stream_at) else {
            return Err(PdfError::structure("startxref", "a cross-reference"));
        };
        if !trailer.names("Type", "XRef") {
            return Err(PdfError::structure("startxref", "a cross-reference"));
        }
        let raw = trailer
            .get("Length")
            .and_then(Object::as_size)
            .and_then(|length| bytes.get(at..at.checked_add(length)?))
            .ok_or_else(|| PdfError::structure("XRef/Length", "a length within the file"))?;
        let data = filter::decode(raw, (indirect.id, &trailer), budget.decompressed)?;
        let table = stream_entries(&trailer, &data, budget.entries)?;
        let spent = Budget {
            entries: table.entries.len(),
            decompressed: data.len(),
        };
        Ok(Self {
            offset,
            trailer,
            end: at.saturating_add(raw.len()),
            spent,
            table,
            beside: None,
        })
    }

    /// What it says of object `number`; none if it says nothing.
    pub(super) fn entry(&self, number: u32) -> Option<Entry> {
        let own = self.table.entries.get(&number).copied();
        match (own, &self.beside) {
            // A table hides from old readers, as free, what its stream shows to others.
            (None | Some(Entry::Free), Some(beside)) => beside.entry(number).or(own),
            _ => own,
        }
    }

    /// The numbers of the objects that it names.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        let beside = self.beside.iter();
        let beside = beside.flat_map(|beside| beside.table.entries.keys());
        self.table.entries.keys().chain(beside).copied()
    }

    /// An object that it places twice, and not in the same place: which of them counts, readers do not agree.
    pub(super) fn contradiction(&self) -> Option<u32> {
        let beside = self.beside.as_ref();
        let between = beside.and_then(|beside| {
            let mut entries = beside.table.entries.iter();
            entries.find_map(|(number, entry)| match self.table.entries.get(number) {
                None | Some(Entry::Free) => None,
                Some(own) => (own != entry).then_some(*number),
            })
        });
        self.table
            .contradiction
            .or(beside.and_then(|beside| beside.table.contradiction))
            .or(between)
    }

    /// Where the section before it begins.
    pub(super) fn previous(&self) -> Result<Option<usize>, PdfError> {
        match self.trailer.get("Prev") {
            None => Ok(None),
            Some(at) => at
                .as_size()
                .map(Some)
                .ok_or_else(|| PdfError::structure("Prev", "an offset")),
        }
    }
}

/// The subsections of a table, up to `trailer`.
fn read_table(parser: &mut Parser<'_>, maximum: usize) -> Result<Table, PdfError> {
    let mut table = Table::default();
    loop {
        parser.skip_space();
        if parser.take_keyword(b"trailer") {
            return Ok(table);
        }
        let first = parser.unsigned()?;
        let count = parser.unsigned()?;
        for place in 0..count {
            let offset = parser.unsigned()?;
            let generation = parser.unsigned()?;
            parser.skip_space();
            let is_used = parser.take_keyword(b"n");
            if !is_used && !parser.take_keyword(b"f") {
                let (offset, expected) = (parser.at(), "n or f");
                return Err(PdfError::Syntax { offset, expected });
            }
            let number = u32::try_from(first.saturating_add(place));
            let (Ok(number), Ok(offset)) = (number, usize::try_from(offset)) else {
                return Err(PdfError::structure("xref", "a table of objects"));
            };
            let entry = match u16::try_from(generation) {
                Ok(generation) if is_used => Entry::InFile { offset, generation },
                _ => Entry::Free,
            };
            table.insert(number, entry, maximum)?;
        }
    }
}

impl Table {
    /// Of a number that stands there twice the first counts, as for sections that follow one another.
    fn insert(&mut self, number: u32, entry: Entry, maximum: usize) -> Result<(), PdfError> {
        if self.entries.len() >= maximum {
            let what = "objects in cross-references";
            return Err(PdfError::Limit { what, maximum });
        }
        let first = *self.entries.entry(number).or_insert(entry);
        if first != entry {
            self.contradiction = Some(number);
        }
        Ok(())
    }
}

/// The entries of a cross-reference stream (ISO 32000-2 §7.5.8.2, §7.5.8.3).
fn stream_entries(trailer: &Dictionary, data: &[u8], maximum: usize) -> Result<Table, PdfError> {
    let refused = || PdfError::structure("XRef", "a table of objects");
    let sizes = |key: &str| -> Option<Vec<usize>> {
        trailer
            .get(key)?
            .as_array()?
            .iter()
            .map(Object::as_size)
            .collect()
    };
    let widths: [usize; 3] = sizes("W")
        .and_then(|widths| widths.try_into().ok())
        .ok_or_else(refused)?;
    let row: usize = widths
        .iter()
        .try_fold(0_usize, |sum, width| sum.checked_add(*width))
        .ok_or_else(refused)?;
    if row == 0 || widths.iter().any(|width| *width > 8) {
        return Err(refused());
    }
    let ranges = match trailer.get("Index") {
        Some(_) => sizes("Index").ok_or_else(refused)?,
        None => vec![
            0,
            trailer
                .get("Size")
                .and_then(Object::as_size)
                .ok_or_else(refused)?,
        ],
    };
    let mut rows = data.chunks_exact(row);
    let mut table = Table::default();
    for range in ranges.chunks(2) {
        let &[first, count] = range else {
            return Err(refused());
        };
        for place in 0..count {
            let number = first
                .checked_add(place)
                .and_then(|number| u32::try_from(number).ok());
            let (Some(number), Some(row)) = (number, rows.next()) else {
                return Err(refused());
            };
            let entry = stream_entry(row, widths).ok_or_else(refused)?;
            table.insert(number, entry, maximum)?;
        }
    }
    Ok(table)
}

fn stream_entry(row: &[u8], [first, second, third]: [usize; 3]) -> Option<Entry> {
    let (kind, row) = row.split_at_checked(first)?;
    let (second, third) = row
        .split_at_checked(second)
        .map(|(second, rest)| (second, rest.get(..third)))?;
    let field = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0_u64, |value, byte| value << 8 | u64::from(*byte))
    };
    let kind = if kind.is_empty() { 1 } else { field(kind) };
    let (second, third) = (field(second), field(third?));
    Some(match kind {
        0 => Entry::Free,
        1 => Entry::InFile {
            offset: usize::try_from(second).ok()?,
            generation: u16::try_from(third).ok()?,
        },
        2 => Entry::InStream {
            stream: u32::try_from(second).ok()?,
            index: u32::try_from(third).ok()?,
        },
        // ISO 32000-2 table 18: "any other value shall be interpreted as a reference to the null object".
        _ => Entry::Free,
    })
}

/// The end of a revision: where its cross-reference begins, and where the revision itself ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RevisionEnd {
    /// Where the cross-reference section begins, in bytes.
    pub(super) section: usize,
    /// How many bytes the file has up to and with the end of this revision.
    pub(super) end: usize,
}

/// The last revision of what `bytes` begin with.
pub(super) fn last_revision(bytes: &[u8]) -> Result<RevisionEnd, PdfError> {
    let at = memmem::rfind(bytes, STARTXREF).ok_or(PdfError::NoCrossReference)?;
    revision_end(bytes, at)
}

/// Every place that looks like the end of a revision, first to last.
pub(super) fn revision_ends(bytes: &[u8]) -> Vec<RevisionEnd> {
    memmem::find_iter(bytes, STARTXREF)
        .filter_map(|at| revision_end(bytes, at).ok())
        .collect()
}

/// `startxref`, the offset, `%%EOF`, and the end of that line if there is one.
fn revision_end(bytes: &[u8], at: usize) -> Result<RevisionEnd, PdfError> {
    let mut parser = Parser::of_file(bytes, at.saturating_add(STARTXREF.len()));
    let section = usize::try_from(parser.unsigned()?)
        .map_err(|_too_large| PdfError::structure("startxref", "an offset"))?;
    let mut end = parser.at();
    while bytes.get(end).copied().is_some_and(is_space) {
        end = end.saturating_add(1);
    }
    let rest = bytes.get(end..).unwrap_or_default();
    let Some(rest) = rest.strip_prefix(EOF) else {
        let (offset, expected) = (end, "%%EOF");
        return Err(PdfError::Syntax { offset, expected });
    };
    let line_end = match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\r' | b'\n', ..] => 1,
        _ => 0,
    };
    let end = end.saturating_add(EOF.len()).saturating_add(line_end);
    Ok(RevisionEnd { section, end })
}

#[cfg(test)]
mod tests;
