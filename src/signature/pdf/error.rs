//! Why a PDF, or a part of it, could not be read.

use crate::signature::pdf::object::ObjectId;

/// Why a PDF, or a part of it, could not be read. Nothing is repaired: what another reader would guess is not
/// what was signed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// A chain of cross-references or of references leads back into itself.
    #[error("{0} leads back into itself")]
    Cycle(&'static str),
    /// What is encrypted could not be decrypted.
    #[error("the document is encrypted: {0}")]
    Encrypted(String),
    /// Compressed data that cannot be decompressed.
    #[error("the data of object {id} cannot be decoded: {detail}")]
    Filter {
        /// The stream.
        id: ObjectId,
        /// What is wrong.
        detail: String,
    },
    /// More than one document is given.
    #[error("more {what} than the {maximum} that one document is given")]
    Limit {
        /// Of what.
        what: &'static str,
        /// How many.
        maximum: usize,
    },
    /// An object is not where the cross-reference says.
    #[error("object {id} is not at offset {offset}")]
    Misplaced {
        /// The object.
        id: ObjectId,
        /// Where it should be, in bytes.
        offset: usize,
    },
    /// There is no cross-reference (ISO 32000-2 §7.5.5).
    #[error("there is no startxref")]
    NoCrossReference,
    /// Something is not what it has to be.
    #[error("{place} is not {expected}")]
    Structure {
        /// Where, by the names of dictionary entries.
        place: String,
        /// What it has to be.
        expected: &'static str,
    },
    /// The bytes are no object.
    #[error("{expected} expected at offset {offset}")]
    Syntax {
        /// Where, in bytes from the start of the file or, within a decompressed stream, of that.
        offset: usize,
        /// What was expected.
        expected: &'static str,
    },
}

impl PdfError {
    /// `place` is not `expected`.
    pub(super) fn structure(place: impl Into<String>, expected: &'static str) -> Self {
        let place = place.into();
        Self::Structure { place, expected }
    }
}
