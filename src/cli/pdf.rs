//! What the commands that add to a PDF have in common.

use std::path::Path;

use crate::cli::ask_authority;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::clock::Clock as _;
use crate::clock::SystemClock;
use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::pki::oid::Oid;
use crate::signature::pdf::write;
use crate::signature::pdf::write::error::MakeError;
use crate::signature::pdf::write::error::PdfWriteError;
use crate::signature::pdf::write::request::ValueMaker;
use crate::signature::timestamp::answer::Answer;
use crate::store::file;

/// The largest document that is added to.
const MAX_PDF_BYTES: u64 = 1024 * 1024 * 1024;
/// Room for a timestamp token: with a path of certificates it has some 6 KB.
pub(in crate::cli) const TOKEN_BYTES: usize = 8 * 1024;

/// Reads a PDF.
///
/// # Errors
/// [`Exit::NoInput`] if it is missing or too large.
pub(in crate::cli) fn read(path: &Path) -> Result<Vec<u8>, CliError> {
    file::read(path, MAX_PDF_BYTES).or_exit(Exit::NoInput)
}

/// What an authority is asked.
pub(in crate::cli) struct Asking<'a> {
    pub(in crate::cli) url: &'a str,
    pub(in crate::cli) algorithm: DigestAlgorithm,
    pub(in crate::cli) policy: Option<&'a Oid>,
}

/// A PDF with a document timestamp.
pub(in crate::cli) struct Stamped {
    pub(in crate::cli) bytes: Vec<u8>,
    pub(in crate::cli) answer: Answer,
}

/// Has a PDF timestamped.
///
/// # Errors
/// As [`ask_authority::ask`], and as [`told`].
pub(in crate::cli) fn timestamp(bytes: &[u8], asking: &Asking<'_>) -> Result<Stamped, CliError> {
    let mut last = None;
    let mut make = |digest: &Digest| {
        let token = ask_authority::ask(asking.url, digest.clone(), asking.policy.cloned())?;
        last = Some(token.answer);
        Ok(token.der)
    };
    let maker = ValueMaker {
        digest: asking.algorithm,
        room: TOKEN_BYTES,
        make: &mut make,
    };
    let bytes = write::timestamp(bytes, SystemClock.now(), maker).map_err(made)?;
    let answer = last.ok_or_else(|| CliError::new(Exit::Internal, "nobody was asked"))?;
    Ok(Stamped { bytes, answer })
}

/// Why nothing was made.
pub(in crate::cli) fn made(error: MakeError<CliError>) -> CliError {
    match error {
        MakeError::Pdf(error) => told(&error),
        MakeError::Value(error) => error,
    }
}

/// Why a PDF was not added to, and what to do about it.
pub(in crate::cli) fn told(error: &PdfWriteError) -> CliError {
    let with = |exit| CliError::caused(exit, error);
    match error {
        PdfWriteError::CertifiedTooLate => with(Exit::Data)
            .hint("sign it without --certify, or certify the document before others sign"),
        PdfWriteError::EarlierSignature { .. } => with(Exit::Data)
            .hint("nothing was written; `yinxin verify` tells what was signed, and by whom"),
        PdfWriteError::Encrypted => {
            with(Exit::Data).hint("sign the document before it is encrypted, or a decrypted copy")
        }
        PdfWriteError::FieldIsSigned(_) => {
            with(Exit::Usage).hint("leave --field out, and a new field is added")
        }
        PdfWriteError::FieldMissing { .. } => {
            with(Exit::Usage).hint("without --field a new field is added")
        }
        PdfWriteError::FieldDemands(_) | PdfWriteError::FieldLocked { .. } => {
            with(Exit::Data).hint("sign another field, or a new one")
        }
        PdfWriteError::Final { .. } => {
            with(Exit::Data).hint("sign it apart: `yinxin sign --detached`")
        }
        PdfWriteError::NotIntact(_) | PdfWriteError::NoRoom { .. } => {
            with(Exit::Internal).hint("nothing was written")
        }
        PdfWriteError::PageMissing { .. } => with(Exit::Usage),
        PdfWriteError::Pdf(_) => with(Exit::Data)
            .hint("a file whose structure is damaged is not added to; save it anew first"),
        PdfWriteError::TooLarge => with(Exit::Data),
    }
}
