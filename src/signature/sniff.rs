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
    /// JWS in one of the JSON serialisations.
    JwsJson,
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
            Self::CompactJws | Self::JwsJson => "JWS",
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
    if looks_like_jws_json(start) {
        return Container::JwsJson;
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

/// Members of the JSON serialisations of a JWS (RFC 7515 §7.2).
const JWS_MEMBERS: [&[u8]; 5] = [
    b"header",
    b"payload",
    b"protected",
    b"signature",
    b"signatures",
];

/// An object with a signature and the header that it covers, or with signatures and what they cover. One that is
/// cut off is still a JWS while nothing in it says otherwise.
fn looks_like_jws_json(text: &[u8]) -> bool {
    let Some(outline) = JsonOutline::read(text) else {
        return false;
    };
    let has = |name: &[u8]| outline.outer.contains(&name);
    // An envelope of DSSE, which is otherwise alike.
    if has(b"payloadType") {
        return false;
    }
    let is_flattened = has(b"signature") && (has(b"protected") || has(b"header"));
    let is_general =
        has(b"signatures") && (has(b"payload") || (outline.has_signature && outline.has_protected));
    let is_cut_off = outline.is_cut_off
        && (has(b"payload") || has(b"protected"))
        && outline.outer.iter().all(|name| JWS_MEMBERS.contains(name));
    is_flattened || is_general || is_cut_off
}

/// The names in a JSON object, as far as it goes: no more than is needed to name it.
struct JsonOutline<'a> {
    /// The members of the object itself.
    outer: Vec<&'a [u8]>,
    /// Whether `signature` and `protected` are members of something within.
    has_signature: bool,
    has_protected: bool,
    /// Whether it ends before the object does.
    is_cut_off: bool,
}

/// Members of the outermost object that are looked at.
const MAX_OUTER_MEMBERS: usize = 64;

impl<'a> JsonOutline<'a> {
    fn read(text: &'a [u8]) -> Option<Self> {
        let mut rest = text.strip_prefix(b"{")?;
        let mut read = Self {
            outer: Vec::new(),
            has_signature: false,
            has_protected: false,
            is_cut_off: true,
        };
        let mut depth = 1_usize;
        while let Some((&byte, after)) = rest.split_first() {
            rest = after;
            match byte {
                b'{' | b'[' => depth = depth.saturating_add(1),
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        read.is_cut_off = false;
                        break;
                    }
                }
                b'"' => {
                    let Some((string, after)) = json_string(rest) else {
                        break;
                    };
                    rest = after;
                    if after.trim_ascii_start().starts_with(b":") {
                        read.take(string, depth);
                    }
                }
                _ => {}
            }
            if read.outer.len() > MAX_OUTER_MEMBERS {
                return None;
            }
        }
        Some(read)
    }

    fn take(&mut self, name: &'a [u8], depth: usize) {
        if depth == 1 {
            self.outer.push(name);
        } else if name == b"signature" {
            self.has_signature = true;
        } else if name == b"protected" {
            self.has_protected = true;
        }
    }
}

/// What stands before the quote that ends a string, and what comes after it.
fn json_string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut is_escaped = false;
    let end = text.iter().position(|&byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    })?;
    let (string, rest) = text.split_at_checked(end)?;
    Some((string, rest.get(1..)?))
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
            (b"eyJhbGciOiJFUzI1NiJ9..AAAA", Container::CompactJws),
            (
                br#" {"payload": "e30", "signatures": [{"protected": "", "signature": ""}]}"#,
                Container::JwsJson,
            ),
            (
                br#"{"signatures": [{"protected": "", "signature": ""}]}"#,
                Container::JwsJson,
            ),
            (
                br#"{"payload":"e30","protected":"e30","signature":""}"#,
                Container::JwsJson,
            ),
            (
                br#"{"signature":"","header":{"a\"}":"{"}}"#,
                Container::JwsJson,
            ),
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
        for text in [
            r#"{"payload":"e30","signatu"#,
            r#"{"protected":"e30","payload":"e"#,
            r#"{"payload":"e30","signatures":{{"protected":"e30"}}}"#,
        ] {
            assert_eq!(sniff(text.as_bytes()), Container::JwsJson, "{text}");
        }
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
            b"{\"payl",
            b"{\"payload\":\"\",\"signature\":\"\"}",
            b"{\"payload\":\"\",\"event\":\"x",
            b"{\"signatures\":[{\"keyid\":\"\",\"sig\":\"\"}],\"signed\":{}}",
            b"{\"payload\":\"\",\"payloadType\":\"\",\"signatures\":[{\"signature\":\"\"}]}",
            b"[{\"payload\":\"\",\"signatures\":[]}]",
            b"{\"a\":{\"payload\":\"\",\"signatures\":[]}}",
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
