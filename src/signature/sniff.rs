//! Names a container by its content: never by a file name or a declared media type, which the sender
//! chooses freely.
//!
//! A container that is recognised but broken keeps its name here: that it is malformed is for its own
//! reader to say, so that a truncated credential is a verdict and not "unknown format".

use crate::signature::unwrap;

/// What a piece of content looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Container {
    /// ASiC (ETSI EN 319 162): a ZIP archive that says so, or that holds signatures as ASiC does.
    Asic,
    /// Certificate in DER.
    CertificateDer,
    /// One or more certificates in PEM.
    CertificatePem,
    /// CMS or PKCS #7: in DER, BER, PEM, bare base64 or S/MIME.
    Cms,
    /// JWS in compact serialisation, without disclosures.
    CompactJws,
    /// OFD document (GB/T 33190): a ZIP archive with `OFD.xml`.
    Ofd,
    /// PDF document.
    Pdf,
    /// SD-JWT in compact serialisation: a JWS and what follows its first `~`.
    SdJwt,
    /// Nothing that we know by sight.
    Unknown,
    /// XML document with an XML signature.
    Xades,
    /// XML document.
    Xml,
    /// Any other ZIP archive.
    Zip,
}

impl Container {
    /// The container's name, for answers that refuse it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asic => "ASiC",
            Self::CertificateDer | Self::CertificatePem => "certificate",
            Self::Cms => "CMS",
            Self::CompactJws => "JWS",
            Self::Ofd => "OFD",
            Self::Pdf => "PDF",
            Self::SdJwt => "SD-JWT",
            Self::Unknown => "unknown content",
            Self::Xades => "XAdES",
            Self::Xml => "XML",
            Self::Zip => "ZIP",
        }
    }
}

/// How far into the content we look for a marker that need not stand first. ISO 32000-1 Annex H allows
/// 1,024 bytes before `%PDF-`; PEM files may begin with a listing of the certificate in words.
const SEARCHED_BYTES: usize = 64 * 1024;
const PDF_HEADER_WITHIN: usize = 1024 + 5;

/// Names the container of `bytes`.
#[must_use]
pub fn sniff(bytes: &[u8]) -> Container {
    if bytes.starts_with(b"%PDF-") {
        return Container::Pdf;
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return zip(bytes);
    }
    if let Some(container) = der(bytes) {
        return container;
    }
    let start = first_text(bytes);
    if looks_like_jose(start) {
        return if start.contains(&b'~') {
            Container::SdJwt
        } else {
            Container::CompactJws
        };
    }
    if looks_like_xml(start) {
        return xml(bytes);
    }
    if let Some(container) = pem(head(bytes, SEARCHED_BYTES)) {
        return container;
    }
    if unwrap::looks_like_base64_of_cms(bytes) || unwrap::looks_like_smime(bytes) {
        return Container::Cms;
    }
    if contains(head(bytes, PDF_HEADER_WITHIN), b"%PDF-") {
        return Container::Pdf;
    }
    Container::Unknown
}

/// The text of a file without the white space around it, which editors and shells add: it belongs to
/// the file, not to the credential. `None`: not UTF-8.
#[must_use]
pub fn trimmed_text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes)
        .ok()
        .map(|text| text.trim_matches([' ', '\t', '\r', '\n']))
}

/// Names an archive by the files in it, whose names stand in the local headers at the front and in the directory
/// at the end.
fn zip(bytes: &[u8]) -> Container {
    // ETSI EN 319 162-1 §A.1: `mimetype` is the first file, and not compressed.
    const ASIC: &[u8] = b"mimetypeapplication/vnd.etsi.asic-";
    let tail = bytes.len().saturating_sub(SEARCHED_BYTES);
    let names = |name: &[u8]| {
        contains(head(bytes, SEARCHED_BYTES), name)
            || contains(bytes.get(tail..).unwrap_or_default(), name)
    };
    if names(b"OFD.xml") {
        Container::Ofd
    } else if contains(head(bytes, 128), ASIC)
        || names(b"META-INF/signature")
        || names(b"META-INF/ASiC")
        || names(b"META-INF/timestamp")
    {
        Container::Asic
    } else {
        Container::Zip
    }
}

/// Tells an XML signature by its namespace (XML Signature §1.3), at the front or, of a document that holds its
/// own, at the end.
fn xml(bytes: &[u8]) -> Container {
    const NAMESPACE: &[u8] = b"http://www.w3.org/2000/09/xmldsig#";
    let tail = bytes.len().saturating_sub(SEARCHED_BYTES);
    let is_signed = contains(head(bytes, SEARCHED_BYTES), NAMESPACE)
        || contains(bytes.get(tail..).unwrap_or_default(), NAMESPACE);
    match is_signed {
        true => Container::Xades,
        false => Container::Xml,
    }
}

/// A `SEQUENCE` in long or indefinite form, told apart by what it holds: a certificate begins with the
/// `SEQUENCE` of its to-be-signed part (RFC 5280 §4.1), CMS with an object identifier (RFC 5652 §3).
/// The short form is left out: no certificate fits 127 bytes, and text may begin with the digit `0`.
fn der(bytes: &[u8]) -> Option<Container> {
    let (&[0x30, length], rest) = bytes.split_first_chunk::<2>()? else {
        return None;
    };
    let length_bytes = usize::from(length.checked_sub(0x80)?);
    if length_bytes > 4 {
        return None;
    }
    match rest.get(length_bytes)? {
        0x30 => Some(Container::CertificateDer),
        0x06 => Some(Container::Cms),
        _ => None,
    }
}

/// A protected header is a JSON object, and `{` followed by a quote or white space is `ey` or `ew` in
/// base64url.
fn looks_like_jose(text: &[u8]) -> bool {
    let start = head(text, 16);
    (start.starts_with(b"ey") || start.starts_with(b"ew"))
        && start.len() > 3
        && start
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'))
}

fn looks_like_xml(text: &[u8]) -> bool {
    let is_html = |start: &[u8]| {
        start
            .get(..5)
            .is_some_and(|s| s.eq_ignore_ascii_case(b"<html"))
    };
    match text.split_first_chunk::<2>() {
        Some((b"<?", _)) => text.starts_with(b"<?xml"),
        Some((&[b'<', second], _)) => {
            (second.is_ascii_alphabetic() || second == b'_') && !is_html(text)
        }
        _ => false,
    }
}

fn pem(text: &[u8]) -> Option<Container> {
    const BEGIN: &[u8] = b"-----BEGIN ";
    let at = text
        .windows(BEGIN.len())
        .position(|window| window == BEGIN)?;
    let label = text.get(at.saturating_add(BEGIN.len())..)?;
    if label.starts_with(b"CERTIFICATE-----") {
        Some(Container::CertificatePem)
    } else if label.starts_with(b"CMS-----")
        || label.starts_with(b"PKCS7-----")
        || label.starts_with(b"PKCS #7 SIGNED DATA-----")
    {
        Some(Container::Cms)
    } else {
        None
    }
}

/// Skips a UTF-8 byte order mark and white space.
fn first_text(bytes: &[u8]) -> &[u8] {
    bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .trim_ascii_start()
}

fn head(bytes: &[u8], length: usize) -> &[u8] {
    bytes.get(..length).unwrap_or(bytes)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_each_container_by_content() {
        let cases: &[(&[u8], Container)] = &[
            (b"eyJhbGciOiJFUzI1NiJ9.e30.AAAA~", Container::SdJwt),
            (b"  eyJhbGciOiJFUzI1NiJ9.e30.AAAA~WyJh\n", Container::SdJwt),
            (b"eyJhbGciOiJFUzI1NiJ9.e30.AAAA", Container::CompactJws),
            (b"ewogImFsZyI6ICJFUzI1NiJ9.e30.AAAA", Container::CompactJws),
            (b"%PDF-1.7\n", Container::Pdf),
            (b"garbage before\n%PDF-1.4", Container::Pdf),
            (b"PK\x03\x04....word/document.xml", Container::Zip),
            (b"PK\x03\x04....OFD.xml", Container::Ofd),
            (
                b"PK\x03\x04..mimetypeapplication/vnd.etsi.asic-e+zip",
                Container::Asic,
            ),
            (b"PK\x03\x04....META-INF/signatures.xml", Container::Asic),
            (b"MIAGCSqGSIb3DQEHAqCAMIACAQEx\n", Container::Cms),
            (
                b"Content-Type: multipart/signed; boundary=b\n\n--b\n",
                Container::Cms,
            ),
            (
                b"<a xmlns:ds='http://www.w3.org/2000/09/xmldsig#'/>",
                Container::Xades,
            ),
            (b"\x30\x82\x01\x0a\x30\x81", Container::CertificateDer),
            (b"\x30\x82\x01\x0a\x06\x09", Container::Cms),
            (b"\x30\x80\x06\x09", Container::Cms),
            (
                b"-----BEGIN CERTIFICATE-----\nMII",
                Container::CertificatePem,
            ),
            (
                b"Subject: CN=x\n-----BEGIN CERTIFICATE-----\nMII",
                Container::CertificatePem,
            ),
            (b"-----BEGIN PKCS7-----\nMII", Container::Cms),
            (b"\xef\xbb\xbf<?xml version=\"1.0\"?>", Container::Xml),
            (b"<Signature/>", Container::Xml),
        ];
        for (bytes, expected) in cases {
            assert_eq!(sniff(bytes), *expected, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_truncated_credential_keeps_its_name() {
        assert_eq!(sniff(b"eyJhbGciOiJFUzI1"), Container::CompactJws);
    }

    #[test]
    fn what_it_does_not_know_it_calls_unknown() {
        for bytes in [
            &b""[..],
            b"0",
            b"0123456789",
            b"hello, world",
            b"eye test",
            b"{\"payload\":\"\"}",
            b"<html><body>",
            b"<!DOCTYPE html>",
            b"-----BEGIN ENCRYPTED PRIVATE KEY-----",
            b"\x30\x82",
        ] {
            assert_eq!(sniff(bytes), Container::Unknown, "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn white_space_around_a_file_is_not_part_of_it() {
        assert_eq!(trimmed_text(b"\n a~ \r\n"), Some("a~"));
        assert_eq!(trimmed_text(b"\xff"), None);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = sniff(&bytes);
        }
    }
}
