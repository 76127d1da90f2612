//! Why a PDF was not added to.

use crate::signature::pdf::error::PdfError;

/// Why a PDF was not added to. Nothing was written then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfWriteError {
    /// ISO 32000-2 §12.8.2.2.1: only the first signature may certify a document.
    #[error("the document is signed already, so that it cannot be certified any more")]
    CertifiedTooLate,
    /// What was added would have spoilt an earlier signature.
    #[error("signature {number} would not stay as it is: {detail}")]
    EarlierSignature {
        /// Its number, the first being 1.
        number: usize,
        /// What would become of it.
        detail: String,
    },
    /// The document is encrypted.
    #[error("the document is encrypted, and encrypted documents are not added to")]
    Encrypted,
    /// The field has a signature already.
    #[error("the field {0} is signed already")]
    FieldIsSigned(String),
    /// There is no signature field of that name.
    #[error("there is no signature field {name}{}", told(.known))]
    FieldMissing {
        /// The name that was asked for.
        name: String,
        /// Those that are there and empty.
        known: Vec<String>,
    },
    /// The document was certified, or locked, so that nothing may be changed (ISO 32000-2 table 257, `P` 1).
    #[error("no further signature is permitted by that of the field {by}")]
    Final {
        /// The field whose signature says so.
        by: String,
    },
    /// The field demands a kind of signature (ISO 32000-2 table 237, `Ff`) that nobody made sure of here.
    #[error("the field {0} has seed values that must be kept, which is not supported")]
    FieldDemands(String),
    /// The field was locked by an earlier signature (ISO 32000-2 table 236).
    #[error("the field {field} is locked by the signature of the field {by}")]
    FieldLocked {
        /// The field that was to be signed.
        field: String,
        /// The field whose signature says so.
        by: String,
    },
    /// What was made is not what our own reader takes.
    #[error("what was made does not verify: {0}")]
    NotIntact(String),
    /// There is no such page.
    #[error("there is no page {page}, the document has {pages}")]
    PageMissing {
        /// The page that was asked for.
        page: usize,
        /// How many there are.
        pages: usize,
    },
    /// The document cannot be read.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// The file is larger than an offset of ten digits can say (ISO 32000-2 §7.5.4).
    #[error("the file is too large")]
    TooLarge,
    /// The value came out larger than the room that was made for it by its own size, again and again.
    #[error("the signature has {needed} bytes, and room was made for {room}")]
    NoRoom {
        /// The bytes of the value.
        needed: usize,
        /// The bytes that were left for it.
        room: usize,
    },
}

fn told(known: &[String]) -> String {
    match known {
        [] => ", and no other empty one".to_owned(),
        known => format!("; empty are {}", known.join(", ")),
    }
}

/// Why nothing was made: the document, or whoever makes the value.
#[derive(Debug)]
pub enum MakeError<E> {
    /// The document.
    Pdf(PdfWriteError),
    /// The value.
    Value(E),
}

impl<E> From<PdfWriteError> for MakeError<E> {
    fn from(error: PdfWriteError) -> Self {
        Self::Pdf(error)
    }
}

impl<E> From<PdfError> for MakeError<E> {
    fn from(error: PdfError) -> Self {
        Self::Pdf(error.into())
    }
}
