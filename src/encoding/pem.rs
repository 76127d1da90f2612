//! PEM text (RFC 7468): labelled base64 between `-----BEGIN` and `-----END` lines.
//!
//! Text around the blocks is skipped, as RFC 7468 §2 has it; inside a block nothing but base64 is read:
//! no RFC 1421 headers, no comments.

use crate::encoding::base64;
use crate::encoding::base64::Base64Error;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";
/// RFC 7468 §2: generators wrap at exactly 64 characters.
const LINE_CHARACTERS: usize = 64;

/// One labelled block, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PemBlock {
    /// What stands after `BEGIN`, such as `CERTIFICATE`.
    pub label: String,
    /// The decoded bytes, not looked at.
    pub der: Vec<u8>,
}

/// Whether `bytes` are text with a line that opens a PEM block.
pub fn looks_like_pem(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok_and(|text| {
        text.lines()
            .any(|line| line.trim_start().starts_with(BEGIN))
    })
}

/// Reads all blocks, in order; at least one, at most `max_blocks`.
///
/// # Errors
/// See [`PemError`]; nothing is returned of a text that is broken anywhere.
pub fn decode(bytes: &[u8], max_blocks: usize) -> Result<Vec<PemBlock>, PemError> {
    let text = std::str::from_utf8(bytes).map_err(PemError::NotText)?;
    let mut blocks = Vec::new();
    let mut lines = text.lines().zip(1..);
    while let Some((line, number)) = lines.next() {
        if !line.trim_start().starts_with(BEGIN) {
            continue;
        }
        let label = label_of(line, BEGIN).ok_or(PemError::Boundary { line: number })?;
        if blocks.len() >= max_blocks {
            return Err(PemError::TooManyBlocks { max_blocks });
        }
        blocks.push(PemBlock {
            label: label.to_owned(),
            der: decode_body(&mut lines, label, number)?,
        });
    }
    if blocks.is_empty() {
        return Err(PemError::NoBlock);
    }
    Ok(blocks)
}

/// Reads up to the `END` line of the block that `label` opened on line `begun`.
fn decode_body<'a>(
    lines: &mut impl Iterator<Item = (&'a str, usize)>,
    label: &str,
    begun: usize,
) -> Result<Vec<u8>, PemError> {
    let mut body = String::new();
    for (line, number) in lines {
        if let Some(end) = label_of(line, END) {
            if end != label {
                return Err(PemError::LabelMismatch { line: number });
            }
            return base64::decode(&body, body.len())
                .map_err(|cause| PemError::Base64 { line: begun, cause });
        }
        if line.contains('-') {
            return Err(PemError::Unterminated { line: begun });
        }
        body.push_str(line);
    }
    Err(PemError::Unterminated { line: begun })
}

fn label_of<'a>(line: &'a str, opening: &str) -> Option<&'a str> {
    line.trim().strip_prefix(opening)?.strip_suffix(DASHES)
}

/// One block with lines of 64 characters, ending in a line feed.
pub fn encode(label: &str, der: &[u8]) -> String {
    let base64 = base64::encode(der);
    let mut text = format!("{BEGIN}{label}{DASHES}\n");
    let mut rest = base64.as_str();
    while !rest.is_empty() {
        let (line, after) = rest.split_at_checked(LINE_CHARACTERS).unwrap_or((rest, ""));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&format!("{END}{label}{DASHES}\n"));
    text
}

/// Why a text is not PEM.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PemError {
    /// What stands between `BEGIN` and `END` is not base64.
    #[error("PEM block of line {line} does not hold base64")]
    Base64 {
        /// The line of `BEGIN`, counted from 1.
        line: usize,
        /// What is wrong with it.
        #[source]
        cause: Base64Error,
    },
    /// A line begins as the `BEGIN` line of a block does, and does not end as one.
    #[error("line {line} is not a whole `-----BEGIN …-----`")]
    Boundary {
        /// Counted from 1.
        line: usize,
    },
    /// `END` names another label than `BEGIN`.
    #[error("line {line} ends another PEM block than the one that is open")]
    LabelMismatch {
        /// The line of `END`, counted from 1.
        line: usize,
    },
    /// There is no `-----BEGIN` line.
    #[error("no PEM block found")]
    NoBlock,
    /// Not UTF-8.
    #[error("not a text file")]
    NotText(#[source] std::str::Utf8Error),
    /// More blocks than the caller wants to see.
    #[error("more than {max_blocks} PEM blocks")]
    TooManyBlocks {
        /// The limit.
        max_blocks: usize,
    },
    /// The block is not closed before the next one or before the end.
    #[error("PEM block of line {line} is not closed")]
    Unterminated {
        /// The line of `BEGIN`, counted from 1.
        line: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ONE: &str = "-----BEGIN X-----\nZm9v\n-----END X-----\n";

    #[test]
    fn blocks_are_read_between_other_text() {
        let text = format!(
            "subject: somebody\n{ONE}\r\n  {}",
            ONE.replace('\n', "\r\n")
        );
        let blocks = decode(text.as_bytes(), 2).unwrap();
        assert_eq!(blocks.len(), 2);
        assert!(
            blocks
                .iter()
                .all(|block| block.label == "X" && block.der == b"foo")
        );
        assert!(looks_like_pem(text.as_bytes()));
    }

    #[test]
    fn broken_text_is_refused_with_its_line() {
        let error = |text: &str| decode(text.as_bytes(), 1).unwrap_err();
        assert_eq!(error("Zm9v"), PemError::NoBlock);
        assert_eq!(
            error("\n-----BEGIN X-----\nZm9v"),
            PemError::Unterminated { line: 2 }
        );
        assert_eq!(
            error("-----BEGIN X-----\n-----BEGIN X-----\nZm9v\n-----END X-----"),
            PemError::Unterminated { line: 1 }
        );
        assert_eq!(
            error("-----BEGIN X-----\nZm9v\n-----END Y-----"),
            PemError::LabelMismatch { line: 3 }
        );
        assert_eq!(
            error("-----BEGIN X----\nZm9v\n-----END X-----"),
            PemError::Boundary { line: 1 }
        );
        assert!(matches!(
            error("-----BEGIN X-----\nProc: 4\n-----END X-----"),
            PemError::Base64 { line: 1, .. }
        ));
        assert_eq!(
            error(&ONE.repeat(2)),
            PemError::TooManyBlocks { max_blocks: 1 }
        );
        assert!(matches!(decode(b"\xff", 1), Err(PemError::NotText(_))));
    }

    #[test]
    fn der_does_not_look_like_pem() {
        assert!(!looks_like_pem(b"0\x82\x01\x00-----BEGIN X-----"));
        assert!(!looks_like_pem(b""));
    }

    proptest! {
        #[test]
        fn decoding_undoes_encoding(der: Vec<u8>) {
            let text = encode("SOME THING", &der);
            prop_assert!(text.lines().all(|line| line.len() <= 64));
            let expected = PemBlock { label: "SOME THING".to_owned(), der };
            prop_assert_eq!(decode(text.as_bytes(), 1).unwrap(), vec![expected]);
        }
    }
}
