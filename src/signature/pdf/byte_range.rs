//! What a signature covers (ISO 32000-2 §12.8.1): everything up to the end of its revision, but its own value.

use std::ops::Range;

use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;
use crate::signature::detached::Digester;
use crate::signature::pdf::object::Dictionary;
use crate::signature::pdf::object::Object;
use crate::signature::pdf::parse::is_space;

/// The two parts of a file that a signature covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ByteRange {
    before: Range<usize>,
    after: Range<usize>,
}

/// Why a `ByteRange` says nothing that could be computed, or not what it has to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ByteRangeError {
    /// ISO 32000-2 table 255: pairs of integers; a signature has two.
    #[error("it is not two ranges")]
    NotTwoRanges,
    /// They overlap or lie outside of the file.
    #[error("its ranges overlap or reach beyond the file")]
    OutOfBounds,
    /// The first does not begin with the file.
    #[error("it begins at {0}, not with the file")]
    NotFromStart(usize),
    /// What lies between the ranges is not the value of `Contents`, and nothing else.
    #[error("it leaves out {}..{}, the value of Contents is {}..{}", left_out.start, left_out.end, value.start, value.end)]
    LeavesOutOther {
        left_out: Range<usize>,
        value: Range<usize>,
    },
    /// The value of `Contents` does not stand in the file itself.
    #[error("Contents is compressed or missing")]
    NoValue,
}

impl ByteRange {
    /// Reads the entry of a signature dictionary.
    ///
    /// # Errors
    /// [`ByteRangeError::NotTwoRanges`], [`ByteRangeError::OutOfBounds`]: nothing can be computed with it.
    pub(super) fn read(entry: Option<&Object>, file_bytes: usize) -> Result<Self, ByteRangeError> {
        let numbers: Option<Vec<usize>> = entry
            .and_then(Object::as_array)
            .and_then(|numbers| numbers.iter().map(Object::as_size).collect());
        let Some(&[first, first_length, second, second_length]) = numbers.as_deref() else {
            return Err(ByteRangeError::NotTwoRanges);
        };
        let out = ByteRangeError::OutOfBounds;
        let before = first..first.checked_add(first_length).ok_or(out.clone())?;
        let after = second..second.checked_add(second_length).ok_or(out.clone())?;
        match before.end <= after.start && after.end <= file_bytes {
            true => Ok(Self { before, after }),
            false => Err(out),
        }
    }

    /// Checks that it leaves out the value of `Contents`, and nothing else.
    pub(super) fn check(&self, signature: &Dictionary) -> Result<(), ByteRangeError> {
        if self.before.start != 0 {
            return Err(ByteRangeError::NotFromStart(self.before.start));
        }
        let value = signature
            .get("Contents")
            .and_then(Object::as_string)
            .and_then(|contents| contents.span.clone())
            .ok_or(ByteRangeError::NoValue)?;
        let left_out = self.before.end..self.after.start;
        match left_out == value {
            true => Ok(()),
            false => Err(ByteRangeError::LeavesOutOther { left_out, value }),
        }
    }

    /// Where it ends: the length of the file when it was signed.
    pub(super) const fn end(&self) -> usize {
        self.after.end
    }

    /// Whether nothing but white space follows it.
    pub(super) fn reaches_end_of(&self, file: &[u8]) -> bool {
        let rest = file.get(self.after.end..).unwrap_or_default();
        rest.iter().copied().all(is_space)
    }

    /// What it covers, as content that stands apart.
    pub(super) fn content(&self, file: &[u8], needs: &ContentNeeds) -> DetachedContent {
        let pieces = [&self.before, &self.after].map(|range| {
            let piece = file.get(range.clone());
            piece.unwrap_or_default()
        });
        let mut digester = Digester::new(needs);
        pieces.iter().for_each(|piece| digester.update(piece));
        DetachedContent {
            name: None,
            digests: digester.finish(),
            bytes: needs.bytes.then(|| pieces.concat()),
        }
    }
}
