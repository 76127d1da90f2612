//! Takes the armour off CMS: PEM (RFC 7468 §8), bare base64 as mailers and portals leave it, and S/MIME (RFC 8551
//! §3.5, RFC 1847 §2.1).
//!
//! Of MIME no more is read than S/MIME needs: header fields up to an empty line, `Content-Type` with its
//! boundary, `Content-Transfer-Encoding: base64`. What is signed in `multipart/signed` are the bytes of its first
//! part, whatever that is, with line ends of CR LF (RFC 8551 §3.1.1).

use std::borrow::Cow;

use crate::encoding::base64;
use crate::encoding::base64::Base64Error;
use crate::encoding::pem;
use crate::encoding::pem::PemError;
use crate::pki::bag::PEM_LABELS;

/// How far into a file its header fields are sought.
const MAX_HEADER_BYTES: usize = 64 * 1024;

/// A document out of its armour.
#[derive(Debug)]
pub struct Unwrapped<'a> {
    /// The CMS.
    pub bytes: Cow<'a, [u8]>,
    /// The content, where it came beside the signature (`multipart/signed`).
    pub content: Option<Vec<u8>>,
}

/// Why an armour cannot be taken off.
#[derive(Debug, thiserror::Error)]
pub enum UnwrapError {
    /// Base64 in it.
    #[error(transparent)]
    Base64(#[from] Base64Error),
    /// PEM.
    #[error(transparent)]
    Pem(#[from] PemError),
    /// The PEM block is not one of CMS.
    #[error("the PEM block is not labelled CMS or PKCS7")]
    PemLabel,
    /// A part of S/MIME is missing.
    #[error("S/MIME without its {0}")]
    SmimePart(&'static str),
}

/// Whether bytes are S/MIME: header fields, one of which says that a signature follows.
#[must_use]
pub fn looks_like_smime(bytes: &[u8]) -> bool {
    let head = bytes.get(..MAX_HEADER_BYTES).unwrap_or(bytes);
    Entity::read(head).is_some_and(|entity| {
        entity.media_type_is("multipart/signed")
            || entity.media_type_is("application/pkcs7-mime")
            || entity.media_type_is("application/x-pkcs7-mime")
    })
}

/// Whether bytes are nothing but base64 that decodes to the beginning of CMS: a SEQUENCE in long or indefinite
/// form, then an object identifier.
#[must_use]
pub fn looks_like_base64_of_cms(bytes: &[u8]) -> bool {
    // 0x30 0x8x is `MI`, 0x30 0x80 is `MIA`.
    let start = bytes.trim_ascii_start();
    let line = start.get(..64).unwrap_or(start);
    start.starts_with(b"MI")
        && line.iter().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'\r' | b'\n')
        })
}

/// Takes the armour off, if there is one.
///
/// # Errors
/// [`UnwrapError`] where there is one that is damaged.
pub fn unwrap(bytes: &[u8]) -> Result<Unwrapped<'_>, UnwrapError> {
    if bytes.first() == Some(&0x30) {
        return Ok(of(Cow::Borrowed(bytes)));
    }
    if pem::looks_like_pem(bytes) {
        let mut blocks = pem::decode(bytes, 1)?;
        let block = blocks
            .pop()
            .filter(|block| PEM_LABELS.contains(&block.label.as_str()));
        return Ok(of(Cow::Owned(block.ok_or(UnwrapError::PemLabel)?.der)));
    }
    if looks_like_base64_of_cms(bytes) {
        return Ok(of(Cow::Owned(decode_base64(bytes)?)));
    }
    match Entity::read(bytes) {
        Some(entity) => unwrap_smime(&entity),
        None => Ok(of(Cow::Borrowed(bytes))),
    }
}

const fn of(bytes: Cow<'_, [u8]>) -> Unwrapped<'_> {
    Unwrapped {
        bytes,
        content: None,
    }
}

fn decode_base64(bytes: &[u8]) -> Result<Vec<u8>, Base64Error> {
    let text = String::from_utf8_lossy(bytes);
    base64::decode(&text, text.len())
}

fn unwrap_smime<'a>(entity: &Entity<'a>) -> Result<Unwrapped<'a>, UnwrapError> {
    if !entity.media_type_is("multipart/signed") {
        return Ok(of(entity.decoded_body()?));
    }
    let boundary = entity
        .parameter("boundary")
        .ok_or(UnwrapError::SmimePart("boundary"))?;
    let mut parts = parts_of(entity.body, &boundary);
    let content = parts.next().ok_or(UnwrapError::SmimePart("content"))?;
    let signature = parts.next().and_then(Entity::read);
    let signature = signature.ok_or(UnwrapError::SmimePart("signature"))?;
    Ok(Unwrapped {
        bytes: signature.decoded_body()?,
        content: Some(with_canonical_line_ends(content)),
    })
}

/// Header fields and what follows them.
#[derive(Debug)]
struct Entity<'a> {
    /// Names in lower case; folded lines put together.
    fields: Vec<(String, String)>,
    body: &'a [u8],
}

impl<'a> Entity<'a> {
    /// `None` for what does not begin with header fields.
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() && bytes.len().saturating_sub(rest.len()) < MAX_HEADER_BYTES {
            let end = rest
                .iter()
                .position(|byte| *byte == b'\n')
                .map_or(rest.len(), |at| at + 1);
            let (line, after) = rest.split_at_checked(end)?;
            rest = after;
            let line = std::str::from_utf8(line).ok()?.trim_end();
            if line.is_empty() {
                return (!fields.is_empty()).then_some(Self { fields, body: rest });
            }
            if line.starts_with([' ', '\t']) {
                let (_, value) = fields.last_mut()?;
                value.push_str(line);
                continue;
            }
            let (name, value) = line.split_once(':')?;
            if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
                return None;
            }
            fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        None
    }

    fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn media_type_is(&self, wanted: &str) -> bool {
        let media_type = self
            .field("content-type")
            .and_then(|value| value.split(';').next());
        media_type.is_some_and(|found| found.trim().eq_ignore_ascii_case(wanted))
    }

    fn parameter(&self, name: &str) -> Option<String> {
        let parameters = self.field("content-type")?.split(';').skip(1);
        let found = parameters.filter_map(|parameter| parameter.split_once('='));
        found
            .map(|(key, value)| (key.trim(), value.trim().trim_matches('"')))
            .find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_empty())
            .map(|(_, value)| value.to_owned())
    }

    fn decoded_body(&self) -> Result<Cow<'a, [u8]>, UnwrapError> {
        let encoding = self.field("content-transfer-encoding").unwrap_or_default();
        match encoding.eq_ignore_ascii_case("base64") {
            true => Ok(Cow::Owned(decode_base64(self.body)?)),
            false => Ok(Cow::Borrowed(self.body)),
        }
    }
}

/// The parts between the lines `--boundary` (RFC 2046 §5.1.1); the line end before such a line belongs to it.
fn parts_of<'a>(body: &'a [u8], boundary: &str) -> impl Iterator<Item = &'a [u8]> {
    let delimiter = format!("--{boundary}");
    let mut parts = Vec::new();
    let mut start: Option<usize> = None;
    let mut at = 0_usize;
    for line in body.split_inclusive(|byte| *byte == b'\n') {
        let end = at.saturating_add(line.len());
        if line.starts_with(delimiter.as_bytes()) {
            let part = start.and_then(|start| body.get(start..at));
            parts.extend(part.map(without_line_end));
            start = Some(end);
        }
        at = end;
    }
    parts.into_iter()
}

fn without_line_end(part: &[u8]) -> &[u8] {
    let part = part.strip_suffix(b"\n").unwrap_or(part);
    part.strip_suffix(b"\r").unwrap_or(part)
}

fn with_canonical_line_ends(text: &[u8]) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(text.len());
    let mut before = 0;
    for byte in text {
        if *byte == b'\n' && before != b'\r' {
            canonical.push(b'\r');
        }
        canonical.push(*byte);
        before = *byte;
    }
    canonical
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str = "MIME-Version: 1.0\nContent-Type: multipart/signed; protocol=\"x\";\n micalg=\"sha-256\"; \
                          boundary=\"--B1\"\n\nThis is an S/MIME signed message\n\n----B1\nhello\nworld\n\n----B1\n\
                          Content-Type: application/pkcs7-signature\nContent-Transfer-Encoding: base64\n\nMAA=\n\n----B1--\n";

    #[test]
    fn the_parts_of_a_signed_mail_are_taken_apart() {
        assert!(looks_like_smime(SIGNED.as_bytes()));
        let unwrapped = unwrap(SIGNED.as_bytes()).unwrap();
        assert_eq!(unwrapped.bytes.as_ref(), [0x30, 0]);
        assert_eq!(unwrapped.content.unwrap(), b"hello\r\nworld\r\n");
    }

    #[test]
    fn an_opaque_mail_holds_everything() {
        let mail = "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\
                    Content-Transfer-Encoding: base64\r\n\r\nMAA=\r\n";
        let unwrapped = unwrap(mail.as_bytes()).unwrap();
        assert_eq!(unwrapped.bytes.as_ref(), [0x30, 0]);
        assert!(unwrapped.content.is_none());
    }

    #[test]
    fn missing_parts_are_named() {
        let without = |what: &str| SIGNED.replace(what, "");
        for (mail, part) in [
            (without("boundary=\"--B1\""), "boundary"),
            (without("----B1"), "content"),
            (
                SIGNED
                    .split("Content-Type: application")
                    .next()
                    .unwrap()
                    .to_owned(),
                "signature",
            ),
        ] {
            let error = unwrap(mail.as_bytes()).unwrap_err();
            assert!(
                matches!(error, UnwrapError::SmimePart(found) if found == part),
                "{error}"
            );
        }
        let damaged = SIGNED.replace("MAA=", "MA*=");
        assert!(matches!(
            unwrap(damaged.as_bytes()),
            Err(UnwrapError::Base64(_))
        ));
    }

    #[test]
    fn pem_and_bare_base64_are_read() {
        let pem = pem::encode("CMS", &[0x30, 0]);
        assert_eq!(unwrap(pem.as_bytes()).unwrap().bytes.as_ref(), [0x30, 0]);
        let other = pem::encode("CERTIFICATE", &[0x30, 0]);
        assert!(matches!(
            unwrap(other.as_bytes()),
            Err(UnwrapError::PemLabel)
        ));
        assert_eq!(
            unwrap(b"MIAG\nAA==\n").unwrap().bytes.as_ref(),
            [0x30, 0x80, 6, 0]
        );
        assert!(!looks_like_base64_of_cms(b"MI5 is a service, not base64"));
    }
}
