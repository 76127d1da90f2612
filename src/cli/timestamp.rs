//! `yinxin timestamp`: has a file, or a digest alone, timestamped.

use std::path::Path;

use crate::cli::ask_authority;
use crate::cli::error::CliError;
use crate::cli::error::OrExit as _;
use crate::cli::exit::Exit;
use crate::cli::output::read_pieces;
use crate::cli::pdf;
use crate::cli::pdf::Asking;
use crate::cli::sign_arguments::TimestampArguments;
use crate::cli::terminal::Terminal;
use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::DigestContext;
use crate::encoding::hex;
use crate::signature::timestamp::answer::Answer;

/// Runs `timestamp`.
///
/// # Errors
/// [`Exit::NoInput`] for a missing file, [`Exit::Usage`] for a digest that is none or an output that exists,
/// [`Exit::Unavailable`] and [`Exit::Data`] as [`ask_authority::ask`].
pub(in crate::cli) fn run(
    arguments: &TimestampArguments,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    if let (true, Some(file)) = (arguments.pdf, &arguments.file) {
        return timestamp_pdf(arguments, file, terminal);
    }
    let file = arguments.file.as_deref();
    // Without a file there is --out: the command line says so.
    let out = arguments
        .output
        .path(file.unwrap_or(Path::new("timestamp")), "tst");
    arguments.output.require_room(&out)?;
    let imprint = imprint(arguments)?;
    let token = ask_authority::ask(&arguments.tsa, imprint, arguments.policy.clone())?;
    arguments.output.write(&out, &token.der)?;
    tell(&out, &token.answer, terminal)
}

fn timestamp_pdf(
    arguments: &TimestampArguments,
    file: &Path,
    terminal: &mut Terminal<'_>,
) -> Result<Exit, CliError> {
    let out = arguments.output.pdf_path(file, "stamped");
    arguments.output.require_room(&out)?;
    let asking = Asking {
        url: &arguments.tsa,
        algorithm: arguments.digest_algorithm.into(),
        policy: arguments.policy.as_ref(),
    };
    let stamped = pdf::timestamp(&pdf::read(file)?, &asking)?;
    arguments.output.write(&out, &stamped.bytes)?;
    tell(&out, &stamped.answer, terminal)
}

fn tell(out: &Path, answer: &Answer, terminal: &mut Terminal<'_>) -> Result<Exit, CliError> {
    let authority = answer.authority.as_ref();
    let by = authority.map(|certificate| format!(" by {}", certificate.subject()));
    terminal.line(format_args!(
        "{}: {}{}, serial number {}",
        out.display(),
        answer.info.time,
        by.unwrap_or_default(),
        hex::encode(&answer.info.serial)
    ))?;
    Ok(Exit::Success)
}

fn imprint(arguments: &TimestampArguments) -> Result<Digest, CliError> {
    let algorithm = DigestAlgorithm::from(arguments.digest_algorithm);
    match (&arguments.file, &arguments.digest) {
        (Some(file), _) => {
            let mut context = DigestContext::new(algorithm);
            read_pieces(file, |piece| context.update(piece))?;
            Ok(context.finish())
        }
        (None, given) => {
            let given = given.as_deref().unwrap_or_default();
            let bytes = hex::decode(&given.to_ascii_lowercase()).or_exit(Exit::Usage)?;
            Digest::from_bytes(algorithm, &bytes).ok_or_else(|| {
                let expected = algorithm.output_bytes();
                let message = format!(
                    "--digest has {} bytes, {algorithm} has {expected}",
                    bytes.len()
                );
                CliError::new(Exit::Usage, message)
                    .hint("name the algorithm with --digest-algorithm")
            })
        }
    }
}
