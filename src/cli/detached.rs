//! Content that stands apart from its signature, as files.

use std::path::Path;

use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;
use crate::signature::detached::Digester;
use crate::store::file;

/// The largest content that is held whole, where a signature was made over it and not over its digest.
const MAX_BYTES: u64 = 1024 * 1024 * 1024;

/// Reads what `[NAME=]FILE` arguments name, as far as `needs` asks: digests as the files stream by, or all of it.
///
/// # Errors
/// [`Exit::NoInput`] for a file that is missing or cannot be read.
pub(in crate::cli) fn read(
    arguments: &[String],
    needs: &ContentNeeds,
) -> Result<Vec<DetachedContent>, CliError> {
    arguments
        .iter()
        .map(|argument| read_one(argument, needs))
        .collect()
}

fn read_one(argument: &str, needs: &ContentNeeds) -> Result<DetachedContent, CliError> {
    let (name, path) = split(argument);
    if needs.bytes {
        let bytes = file::read(path, MAX_BYTES).or_exit(Exit::NoInput)?;
        return Ok(DetachedContent::of_bytes(Some(name), bytes, needs));
    }
    let mut digester = Digester::new(needs);
    file::read_pieces(path, |piece| digester.update(piece)).or_exit(Exit::NoInput)?;
    Ok(DetachedContent {
        name: Some(name),
        digests: digester.finish(),
        bytes: None,
    })
}

/// What the signature calls it, and where it is. A file whose name holds `=` is found all the same.
fn split(argument: &str) -> (String, &Path) {
    let whole = Path::new(argument);
    match argument.split_once('=') {
        Some((name, path)) if !whole.exists() => (name.to_owned(), Path::new(path)),
        Some(_) | None => {
            let name = whole.file_name().unwrap_or_default();
            (name.to_string_lossy().into_owned(), whole)
        }
    }
}
