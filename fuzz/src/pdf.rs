//! Laws of PDFs that are signed.
//!
//! An input that begins with `!` is a recipe: the document that is signed here, with changes of three bytes each. One
//! that begins with `+` is a revision that is appended to it, of objects that are separated by zeros. Any other input
//! is read as it is.

use std::fmt::Write;
use std::sync::LazyLock;

use yinxin::clock::Timestamp;
use yinxin::crypto::digest::Digest;
use yinxin::crypto::document_key::DocumentKey;
use yinxin::crypto::document_key::RsaPadding;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::sign::SigningKey;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::issue::issue_root;
use yinxin::pki::issue::profile::COMMON_NAME;
use yinxin::pki::issue::profile::CertificateProfile;
use yinxin::signature::cms::signed_data::Dialect;
use yinxin::signature::cms::write::CmsWriteError;
use yinxin::signature::cms::write::ContentType;
use yinxin::signature::cms::write::EmbeddedCertificates;
use yinxin::signature::cms::write::SignedContent;
use yinxin::signature::cms::write::Signing;
use yinxin::signature::facts::ContentCoverage;
use yinxin::signature::facts::FaultWeight;
use yinxin::signature::facts::Integrity;
use yinxin::signature::facts::SignatureFacts;
use yinxin::signature::facts::modification::ModificationExtent;
use yinxin::signature::pdf::document;
use yinxin::signature::pdf::write;
use yinxin::signature::pdf::write::request::FieldChoice;
use yinxin::signature::pdf::write::request::NewSignature;
use yinxin::signature::pdf::write::request::ValueKind;
use yinxin::signature::pdf::write::request::ValueMaker;

/// What the page draws: the object [`CONTENT`].
const TEXT: &str = "BT /F1 24 Tf 40 700 Td (Pay 100 to Alice) Tj ET";
const CONTENT: u32 = 4;
/// Objects that the appended revision may be about, none of which the page needs.
const FREE: u32 = 40;

const OBJECTS: [&str; 6] = [
    "<</Type /Catalog /Pages 2 0 R /AcroForm 6 0 R>>",
    "<</Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 612 792]>>",
    "<</Type /Page /Parent 2 0 R /Contents 4 0 R /Annots [7 0 R] /Resources <</Font <</F1 5 0 R>>>>>>",
    "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>",
    "<</Fields [7 0 R] /DA (/F1 12 Tf 0 g) /DR <</Font <</F1 5 0 R>>>>>>",
    "<</FT /Tx /T (amount) /V (100) /Type /Annot /Subtype /Widget /Rect [40 600 240 620] /P 3 0 R>>",
];
const NUMBERS: [u32; 6] = [1, 2, 3, 5, 6, 7];

/// A document that is signed here, and where its value stands.
struct Example {
    bytes: Vec<u8>,
    begins: usize,
    ends: usize,
}

static EXAMPLE: LazyLock<Example> = LazyLock::new(|| {
    let mut objects: Vec<(u32, Vec<u8>)> = NUMBERS
        .into_iter()
        .zip(OBJECTS.map(|body| body.as_bytes().to_vec()))
        .collect();
    objects.push((CONTENT, stream(TEXT.as_bytes())));
    let unsigned = revision(b"%PDF-1.7\n".to_vec(), &objects, None);
    let bytes = sign(&unsigned);
    let marker = b"/Contents <";
    let begins = bytes
        .windows(marker.len())
        .rposition(|window| window == marker);
    let begins = begins.expect("a value") + marker.len() - 1;
    let length = bytes[begins..].iter().position(|byte| *byte == b'>');
    let ends = begins + length.expect("its end") + 1;
    let example = Example {
        bytes,
        begins,
        ends,
    };
    let facts = document::read(&example.bytes).expect("what was written here");
    assert!(matches!(facts.signatures.as_slice(), [one] if passes(one)));
    example
});

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn stream(data: &[u8]) -> Vec<u8> {
    let head = format!("<</Length {}>>\nstream\n", data.len());
    [head.as_bytes(), data, b"\nendstream"].concat()
}

/// Adds a revision of objects with a table.
fn revision(mut bytes: Vec<u8>, objects: &[(u32, Vec<u8>)], previous: Option<usize>) -> Vec<u8> {
    let mut table = String::from("xref\n");
    for (number, body) in objects {
        writeln!(table, "{number} 1\n{:010} 00000 n ", bytes.len()).expect("a string");
        bytes.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        bytes.extend_from_slice(body);
        bytes.extend_from_slice(b"\nendobj\n");
    }
    let begins = bytes.len();
    let previous = previous.map_or_else(String::new, |at| format!("/Prev {at}"));
    write!(
        table,
        "trailer\n<</Size 100 /Root 1 0 R {previous}>>\nstartxref\n{begins}\n%%EOF\n"
    )
    .expect("a string");
    bytes.extend_from_slice(table.as_bytes());
    bytes
}

fn sign(unsigned: &[u8]) -> Vec<u8> {
    let (key, pkcs8) = SigningKey::generate(KeyPurpose::CertificateAuthority).expect("a key");
    let profile = CertificateProfile {
        subject: vec![(COMMON_NAME, "fuzz".to_owned())],
        serial: [0x40; 16],
        not_before: at("2025-01-01T00:00:00Z"),
        not_after: at("2030-01-01T00:00:00Z"),
        policies: Vec::new(),
        crl_url: None,
        identity: Vec::new(),
    };
    let certificate: Certificate = issue_root(&key, &profile, None).expect("a certificate");
    let key = DocumentKey::from_pkcs8(pkcs8.expose(), RsaPadding::Pkcs1).expect("a key");
    let signed_at = at("2026-06-01T00:00:00Z");
    let signing = Signing {
        key: &key,
        certificate: &certificate,
        embedded: EmbeddedCertificates::SignersAnd(&[]),
        dialect: Dialect::Cms,
        content_type: ContentType::Data,
        signed_at: None,
    };
    let request = NewSignature {
        field: FieldChoice::New {
            page: 1,
            rectangle: None,
        },
        kind: ValueKind::Cades,
        signer: "fuzz",
        reason: None,
        location: None,
        certification: None,
        signed_at,
    };
    let mut make = |digest: &Digest| -> Result<Vec<u8>, CmsWriteError> {
        signing.sign(SignedContent::Detached(digest))?.to_der()
    };
    let maker = ValueMaker {
        digest: signing.digest_algorithm(),
        room: 2048,
        make: &mut make,
    };
    write::sign(unsigned, &request, maker).expect("a signed document")
}

/// Whether a signature says of the document that it is what was signed, or became what the signer allowed.
fn passes(facts: &SignatureFacts) -> bool {
    let is_broken = facts
        .faults
        .iter()
        .any(|fault| fault.weight >= FaultWeight::Unprocessed);
    let extent = facts.modifications.as_ref().map(|all| all.extent);
    facts.integrity == Integrity::Intact
        && !is_broken
        && [ContentCoverage::Whole, ContentCoverage::Revision].contains(&facts.coverage)
        && extent.is_some_and(|extent| extent <= ModificationExtent::Permitted)
}

/// Whatever is changed of a signed document or added to it, what passes looks like what was signed.
pub fn read(data: &[u8]) {
    match data.split_first() {
        Some((b'!', recipe)) => check_changed(&changed(recipe)),
        Some((b'+', objects)) => check_appended(objects),
        _ => {
            if let Err(refusal) = document::read(data) {
                let message = refusal.to_string();
                assert!(!message.chars().any(char::is_control), "{message:?}");
            }
        }
    }
}

/// Changes of three bytes: where (two bytes), and which bits are turned.
fn changed(recipe: &[u8]) -> Vec<u8> {
    let mut changed = EXAMPLE.bytes.clone();
    for step in recipe.chunks_exact(3).take(16) {
        let &[high, low, bits] = step else {
            break;
        };
        let place = usize::from(u16::from_be_bytes([high, low])) % changed.len();
        changed[place] ^= bits;
    }
    changed
}

fn check_changed(bytes: &[u8]) {
    let example = &*EXAMPLE;
    let Ok(facts) = document::read(bytes) else {
        return;
    };
    if facts.signatures.iter().any(passes) {
        // White space at the end is covered here: every byte but the value is what was signed.
        assert_eq!(bytes[..example.begins], example.bytes[..example.begins]);
        assert_eq!(bytes[example.ends..], example.bytes[example.ends..]);
    }
}

/// Each part is one object: how its number is found, and what it says.
fn check_appended(parts: &[u8]) {
    let mut objects = Vec::new();
    let mut drawn = TEXT.as_bytes();
    for part in parts.split(|byte| *byte == 0).take(16) {
        let Some((&kind, body)) = part.split_first() else {
            continue;
        };
        if kind == b's' {
            drawn = body;
        } else {
            objects.push((FREE + u32::from(kind % 50), body.to_vec()));
        }
    }
    if drawn != TEXT.as_bytes() {
        objects.push((CONTENT, stream(drawn)));
    }
    let previous = document_end(&EXAMPLE.bytes);
    let bytes = revision(EXAMPLE.bytes.clone(), &objects, Some(previous));
    let Ok(facts) = document::read(&bytes) else {
        return;
    };
    for facts in facts.signatures.iter().filter(|facts| passes(facts)) {
        assert_eq!(facts.coverage, ContentCoverage::Revision);
        assert_eq!(drawn, TEXT.as_bytes(), "another page than was signed");
    }
}

/// Where the last cross-reference of what was written here begins.
fn document_end(bytes: &[u8]) -> usize {
    let text = String::from_utf8_lossy(bytes);
    let (_, after) = text.rsplit_once("startxref").expect("an end");
    let digits = after.split_whitespace().next().expect("an offset");
    digits.parse().expect("a number")
}

/// The document, recipes, and revisions.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let text = format!("+s{TEXT}");
    vec![
        EXAMPLE.bytes.clone(),
        vec![b'!'],
        vec![b'!', 0, 40, 1],
        vec![b'!', 1, 0, 0x80, 0, 9, 1],
        b"+".to_vec(),
        b"+sBT ET".to_vec(),
        text.into_bytes(),
        b"+a<</Type /Font>>\0b[1 0 R]\0c(text)".to_vec(),
    ]
}
