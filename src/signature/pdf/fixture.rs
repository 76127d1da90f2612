//! PDFs for tests, put together object by object: what the document is, who signs it, and what is done to it then.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::ZlibEncoder;

use crate::clock::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::document_key::DocumentKey;
use crate::crypto::document_key::RsaPadding;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::random::SeededRandom;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::Certificate;
use crate::signature::cms::fixtures;
use crate::signature::cms::signed_data::Dialect;
use crate::signature::cms::write::ContentType;
use crate::signature::cms::write::EmbeddedCertificates;
use crate::signature::cms::write::SignedContent;
use crate::signature::cms::write::Signing;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::FaultWeight;
use crate::signature::facts::Integrity;
use crate::signature::facts::SignatureFacts;
use crate::signature::facts::modification::ChangeFact;
use crate::signature::facts::modification::ModificationExtent;
use crate::signature::pdf::document;
use crate::signature::pdf::document::PdfFacts;

/// Bytes of the value of `Contents`.
const ROOM: usize = 2048;
const BYTE_RANGE: &str = "[0 0000000000 0000000000 0000000000]";

/// A PDF that is written: revisions that ended, and the objects of one that did not yet.
#[derive(Clone, Debug)]
pub(crate) struct Pdf {
    pub(crate) bytes: Vec<u8>,
    /// The entries of the next cross-reference; none: free.
    entries: BTreeMap<u32, Option<Place>>,
    previous: Option<usize>,
    pub(crate) size: u32,
    /// More of the next trailer.
    trailer: String,
    fields: Vec<u32>,
    annotations: Vec<u32>,
}

#[derive(Clone, Copy, Debug)]
enum Place {
    At(usize, u16),
    Within(u32, usize),
}

/// A signature to be made.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    /// The number of the field's object; that of the signature dictionary is the next.
    pub(crate) number: u32,
    pub(crate) name: &'static str,
    pub(crate) sub_filter: &'static str,
    /// More entries of the signature dictionary.
    pub(crate) entries: String,
    /// More entries of the field.
    pub(crate) field: String,
    /// Makes the value over what is covered.
    pub(crate) value: fn(&[u8]) -> Vec<u8>,
}

/// A signature of `name` in the object `number`, by the rules of `PAdES`.
pub(crate) fn signature(number: u32, name: &'static str) -> Signature {
    Signature {
        number,
        name,
        sub_filter: "ETSI.CAdES.detached",
        entries: String::new(),
        field: "/Rect [0 0 0 0]".to_owned(),
        value: cms,
    }
}

impl Signature {
    pub(crate) fn with(mut self, entries: &str) -> Self {
        self.entries.push_str(entries);
        self
    }

    pub(crate) fn field(mut self, entries: &str) -> Self {
        entries.clone_into(&mut self.field);
        self
    }

    pub(crate) fn by(mut self, sub_filter: &'static str, value: fn(&[u8]) -> Vec<u8>) -> Self {
        self.sub_filter = sub_filter;
        self.value = value;
        self
    }

    /// With the certification of the document (ISO 32000-2 §12.8.2.2).
    pub(crate) fn certifying(self, level: u8) -> Self {
        self.with(&format!(
            "/Reference [<</Type /SigRef /TransformMethod /DocMDP \
             /TransformParams <</Type /TransformParams /P {level} /V /1.2>>>>]"
        ))
    }
}

/// A key of P-256 that signs, and its certificate.
static SIGNER: LazyLock<(DocumentKey, Certificate)> = LazyLock::new(|| {
    let (key, pkcs8) = SigningKey::generate(KeyPurpose::CertificateAuthority).unwrap();
    let certificate = fixtures::certify(&key, "signer", 3);
    let key = DocumentKey::from_pkcs8(pkcs8.expose(), RsaPadding::Pkcs1).unwrap();
    (key, certificate)
});

/// The same of SM2.
static NATIONAL: LazyLock<(DocumentKey, Certificate)> = LazyLock::new(|| {
    let random = SeededRandom::new([9; 32]);
    let (key, pkcs8) = SigningKey::generate_sm2(KeyPurpose::CertificateAuthority, &random).unwrap();
    let certificate = fixtures::certify(&key, "签名者", 4);
    let key = DocumentKey::from_pkcs8(pkcs8.expose(), RsaPadding::Pkcs1).unwrap();
    (key, certificate)
});

static AUTHORITY: LazyLock<fixtures::Signer> =
    LazyLock::new(|| fixtures::Signer::p256("authority"));

fn signed(
    (key, certificate): &(DocumentKey, Certificate),
    dialect: Dialect,
    content: SignedContent<'_>,
) -> Vec<u8> {
    let signing = Signing {
        key,
        certificate,
        embedded: EmbeddedCertificates::SignersAnd(&[]),
        dialect,
        content_type: ContentType::Data,
        signed_at: Some(at("2026-06-01T00:00:00Z")),
    };
    signing.sign(content).unwrap().to_der().unwrap()
}

/// CMS over what is covered.
pub(crate) fn cms(covered: &[u8]) -> Vec<u8> {
    let digest = digest(DigestAlgorithm::Sha256, covered);
    signed(&SIGNER, Dialect::Cms, SignedContent::Detached(&digest))
}

/// CMS with its content inside: what is covered itself.
pub(crate) fn cms_attached(covered: &[u8]) -> Vec<u8> {
    let content = covered.get(..64).unwrap();
    signed(&SIGNER, Dialect::Cms, SignedContent::Attached(content))
}

/// CMS over the SHA-1 digest of what is covered, inside.
pub(crate) fn sha1_inside(covered: &[u8]) -> Vec<u8> {
    let digest = digest(DigestAlgorithm::Sha1, covered);
    let content = SignedContent::Attached(digest.as_bytes());
    signed(&SIGNER, Dialect::Cms, content)
}

/// GM/T 0010 over what is covered.
pub(crate) fn gm(covered: &[u8]) -> Vec<u8> {
    let digest = digest(DigestAlgorithm::Sm3, covered);
    let content = SignedContent::Detached(&digest);
    signed(&NATIONAL, Dialect::Gmt0010, content)
}

/// GM/T 0010 over the SM3 digest of what is covered, inside.
pub(crate) fn gm_inside(covered: &[u8]) -> Vec<u8> {
    let digest = digest(DigestAlgorithm::Sm3, covered);
    let content = SignedContent::Attached(digest.as_bytes());
    signed(&NATIONAL, Dialect::Gmt0010, content)
}

/// GM/T 0010 over what is covered, without attributes.
pub(crate) fn gm_without_attributes(covered: &[u8]) -> Vec<u8> {
    let signer = fixtures::Signer::sm2("签名者");
    let mut parts = fixtures::Parts::gm(&signer).detached();
    parts.signer.attributes = None;
    parts.value = Some(signer.key.sign_der(covered).unwrap());
    parts.der(&signer.key)
}

/// A timestamp over what is covered.
pub(crate) fn token(covered: &[u8]) -> Vec<u8> {
    let imprint = fixtures::sha_256(covered);
    fixtures::Parts::token(&AUTHORITY, &imprint, "20260601000000Z").der(&AUTHORITY.key)
}

/// A document timestamp in the object `number`.
pub(crate) fn timestamp(number: u32, name: &'static str) -> Signature {
    signature(number, name).by("ETSI.RFC3161", token)
}

pub(crate) fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// What the contract's first page draws.
pub(crate) const TEXT: &[u8] =
    b"BT /F1 24 Tf 40 700 Td (Pay 100 to Alice) Tj ET q 60 0 0 60 40 500 cm /Im Do Q";

/// A contract of two pages with a text field `amount` (object 10, its look 12) and an empty field `approval` for a
/// signature (object 11). Its first revision is not ended yet.
pub(crate) fn contract() -> Pdf {
    let mut pdf = Pdf::new();
    pdf.fields = vec![10, 11];
    pdf.annotations = vec![10, 11];
    pdf.object(1, "<</Type /Catalog /Pages 2 0 R /AcroForm 5 0 R>>")
        .object(2, "<</Type /Pages /Kids [3 0 R 6 0 R] /Count 2 /MediaBox [0 0 612 792]>>")
        .object(3, PAGE)
        .stream(4, "", TEXT)
        .object(6, "<</Type /Page /Parent 2 0 R /Contents 7 0 R /Resources <</Font <</F1 8 0 R>>>>>>")
        .stream(7, "", b"BT /F1 24 Tf 40 700 Td (Second page) Tj ET")
        .object(8, "<</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>")
        .stream(9, IMAGE, b"\xff\x00\x00\x00\xff\x00\x00\x00\xff\xff\xff\xff")
        .object(10, &amount("100", "/AP <</N 12 0 R>>"))
        .object(11, "<</FT /Sig /T (approval) /Type /Annot /Subtype /Widget /Rect [400 40 560 100] /P 3 0 R /F 4>>")
        .stream(12, LOOK, b"/Tx BMC BT /F1 12 Tf 2 4 Td (100) Tj ET EMC")
        .lists()
}

pub(crate) const PAGE: &str = "<</Type /Page /Parent 2 0 R /Contents 4 0 R /Annots 13 0 R \
     /Resources <</Font <</F1 8 0 R>> /XObject <</Im 9 0 R>>>>>>";
const IMAGE: &str =
    "/Type /XObject /Subtype /Image /Width 2 /Height 2 /ColorSpace /DeviceRGB /BitsPerComponent 8";
/// The entries of an appearance.
pub(crate) const LOOK: &str =
    "/Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources <</Font <</F1 8 0 R>>>>";

/// The text field with a value and more entries.
pub(crate) fn amount(value: &str, more: &str) -> String {
    format!(
        "<</FT /Tx /T (amount) /V ({value}) /DA (/F1 12 Tf 0 g) /Type /Annot /Subtype /Widget \
         /Rect [40 600 240 620] /P 3 0 R /F 4 {more}>>"
    )
}

/// The contract, ended and signed once in the objects 20 and 21.
pub(crate) fn signed_contract() -> Pdf {
    contract().end().sign(&signature(20, "first"))
}

impl Pdf {
    pub(crate) fn new() -> Self {
        Self {
            bytes: b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec(),
            entries: BTreeMap::new(),
            previous: None,
            size: 0,
            trailer: "/Root 1 0 R".to_owned(),
            fields: Vec::new(),
            annotations: Vec::new(),
        }
    }

    /// Bytes as they are.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// The same with other bytes.
    pub(crate) fn holding(mut self, bytes: Vec<u8>) -> Self {
        self.bytes = bytes;
        self
    }

    fn place(&mut self, number: u32, place: Option<Place>) {
        self.entries.insert(number, place);
        self.size = self.size.max(number + 1);
    }

    pub(crate) fn object(self, number: u32, body: &str) -> Self {
        self.generation(number, 0, body)
    }

    /// An object of another generation.
    pub(crate) fn generation(mut self, number: u32, generation: u16, body: &str) -> Self {
        let at = self.bytes.len();
        self.place(number, Some(Place::At(at, generation)));
        self.raw(format!("{number} {generation} obj\n{body}\nendobj\n").as_bytes())
    }

    pub(crate) fn stream(self, number: u32, entries: &str, data: &[u8]) -> Self {
        let length = format!("/Length {}", data.len());
        self.stream_of(number, &format!("{entries} {length}"), data)
    }

    /// A stream that does not say how long it is by itself.
    pub(crate) fn stream_of(mut self, number: u32, entries: &str, data: &[u8]) -> Self {
        let at = self.bytes.len();
        self.place(number, Some(Place::At(at, 0)));
        self.raw(format!("{number} 0 obj\n<<{entries}>>\nstream\n").as_bytes())
            .raw(data)
            .raw(b"\nendstream\nendobj\n")
    }

    /// Objects in an object stream.
    pub(crate) fn compressed(mut self, container: u32, objects: &[(u32, &str)]) -> Self {
        let (mut header, mut body) = (String::new(), String::new());
        for (index, (number, object)) in objects.iter().enumerate() {
            write!(header, "{number} {} ", body.len()).unwrap();
            writeln!(body, "{object}").unwrap();
            self.place(*number, Some(Place::Within(container, index)));
        }
        let entries = format!(
            "/Type /ObjStm /N {} /First {} /Filter /FlateDecode",
            objects.len(),
            header.len()
        );
        self.stream(container, &entries, &deflated((header + &body).as_bytes()))
    }

    /// Says that an object is at an offset, whatever is there.
    pub(crate) fn at(mut self, number: u32, offset: usize) -> Self {
        self.place(number, Some(Place::At(offset, 0)));
        self
    }

    /// Says that an object is in an object stream.
    pub(crate) fn within(mut self, number: u32, (container, index): (u32, usize)) -> Self {
        self.place(number, Some(Place::Within(container, index)));
        self
    }

    pub(crate) fn free(mut self, number: u32) -> Self {
        self.place(number, None);
        self
    }

    /// More entries of the next trailers.
    pub(crate) fn trailer(mut self, entries: &str) -> Self {
        self.trailer = entries.to_owned();
        self
    }

    /// Says that the section before the next one is another, or that there is none.
    pub(crate) fn previous(mut self, previous: Option<usize>) -> Self {
        self.previous = previous;
        self
    }

    /// Where an object of the revision that was not ended yet is.
    pub(crate) fn offset(&self, number: u32) -> usize {
        match self.entries[&number] {
            Some(Place::At(offset, _)) => offset,
            other => panic!("{other:?}"),
        }
    }

    /// Where the last cross-reference begins.
    pub(crate) fn offset_of_last(&self) -> usize {
        self.previous.unwrap()
    }

    pub(crate) fn fields(mut self, fields: &[u32]) -> Self {
        self.fields = fields.to_vec();
        self
    }

    pub(crate) fn annotations(mut self, annotations: &[u32]) -> Self {
        self.annotations = annotations.to_vec();
        self
    }

    /// Adds a field to the form and to the first page.
    pub(crate) fn list(mut self, number: u32) -> Self {
        self.fields.push(number);
        self.annotations.push(number);
        self
    }

    /// Writes the form (object 5) and the annotations of the first page (object 13).
    pub(crate) fn lists(self) -> Self {
        let list = |numbers: &[u32]| {
            let all: Vec<_> = numbers
                .iter()
                .map(|number| format!("{number} 0 R"))
                .collect();
            format!("[{}]", all.join(" "))
        };
        let form = format!(
            "<</Fields {} /SigFlags 3 /DA (/F1 12 Tf 0 g) /DR <</Font <</F1 8 0 R>>>>>>",
            list(&self.fields)
        );
        let annotations = list(&self.annotations);
        self.object(5, &form).object(13, &annotations)
    }

    fn trailer_entries(&self) -> String {
        let previous = self.previous.map(|at| format!("/Prev {at}"));
        let (size, more) = (self.size, &self.trailer);
        format!("/Size {size} {} {more}", previous.unwrap_or_default())
    }

    /// Ends the revision with a table.
    pub(crate) fn end(mut self) -> Self {
        let at = self.bytes.len();
        let mut table = String::from("xref\n");
        if self.previous.is_none() {
            table.push_str("0 1\n0000000000 65535 f \n");
        }
        for (number, place) in &self.entries {
            let (offset, generation, kind) = match place {
                Some(Place::At(offset, generation)) => (*offset, *generation, 'n'),
                None => (0, 1, 'f'),
                Some(Place::Within(..)) => panic!("compressed objects need a stream"),
            };
            writeln!(table, "{number} 1\n{offset:010} {generation:05} {kind} ").unwrap();
        }
        let trailer = self.trailer_entries();
        write!(table, "trailer\n<<{trailer}>>\n").unwrap();
        self.entries.clear();
        self.previous = Some(at);
        self.raw(table.as_bytes()).startxref(at)
    }

    /// Ends the revision with a stream that is the object `number`.
    pub(crate) fn end_with_stream(mut self, number: u32) -> Self {
        let at = self.bytes.len();
        self.place(number, Some(Place::At(at, 0)));
        let (mut index, mut rows) = (String::new(), Vec::new());
        for (number, place) in &self.entries {
            write!(index, "{number} 1 ").unwrap();
            let (kind, second, third) = match place {
                None => (0_u8, 0, 1),
                Some(Place::At(offset, generation)) => (1, *offset, usize::from(*generation)),
                Some(Place::Within(container, index)) => {
                    (2, usize::try_from(*container).unwrap(), *index)
                }
            };
            rows.push(kind);
            rows.extend(u32::try_from(second).unwrap().to_be_bytes());
            rows.extend(u16::try_from(third).unwrap().to_be_bytes());
        }
        let entries = format!(
            "/Type /XRef /W [1 4 2] /Index [{index}] /Filter /FlateDecode {}",
            self.trailer_entries()
        );
        let mut ended = self
            .stream(number, &entries, &deflated(&rows))
            .startxref(at);
        ended.entries.clear();
        ended.previous = Some(at);
        ended
    }

    pub(crate) fn startxref(self, at: usize) -> Self {
        self.raw(format!("startxref\n{at}\n%%EOF\n").as_bytes())
    }

    /// Signs in a new field in a new revision.
    pub(crate) fn sign(self, signature: &Signature) -> Self {
        let (number, name, more) = (signature.number, signature.name, &signature.field);
        let field = format!(
            "<</FT /Sig /T ({name}) /Type /Annot /Subtype /Widget /P 3 0 R /F 4 /V {} 0 R {more}>>",
            number + 1
        );
        let begun = self.list(number).lists().object(number, &field);
        begun.sign_last(signature)
    }

    /// Writes the signature dictionary, ends the revision, and signs it.
    pub(crate) fn sign_last(self, signature: &Signature) -> Self {
        let begun = self.value(signature);
        let signing = begun.bytes.len();
        begun.end().seal(signature.value, signing)
    }

    /// Writes a signature dictionary that says nothing yet.
    pub(crate) fn value(self, signature: &Signature) -> Self {
        let value = format!(
            "<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /{} /ByteRange {BYTE_RANGE} {} /Contents <{}>>>",
            signature.sub_filter,
            signature.entries,
            "00".repeat(ROOM)
        );
        self.object(signature.number + 1, &value)
    }

    /// Fills in the last signature dictionary before `until` with a signature over the whole file.
    pub(crate) fn seal(mut self, value: fn(&[u8]) -> Vec<u8>, until: usize) -> Self {
        let begins = rfind(&self.bytes[..until], b"/Contents <") + b"/Contents ".len();
        let ends = begins + 2 * ROOM + 2;
        let range = format!(
            "[0 {begins:010} {ends:010} {:010}]",
            self.bytes.len() - ends
        );
        let at = rfind(&self.bytes[..until], BYTE_RANGE.as_bytes());
        self.bytes[at..at + range.len()].copy_from_slice(range.as_bytes());
        let covered = [&self.bytes[..begins], &self.bytes[ends..]].concat();
        let value = value(&covered);
        assert!(value.len() <= ROOM, "{}", value.len());
        self.fill(begins, &value)
    }

    /// Writes a value into `Contents` that begins at an offset.
    pub(crate) fn fill(mut self, begins: usize, value: &[u8]) -> Self {
        let hex: String = value.iter().map(|byte| format!("{byte:02x}")).collect();
        self.bytes[begins + 1..=begins + hex.len()].copy_from_slice(hex.as_bytes());
        self
    }

    /// Replaces the last occurrence of `old` by something as long.
    pub(crate) fn replace(mut self, old: &[u8], new: &[u8]) -> Self {
        assert_eq!(old.len(), new.len());
        let at = rfind(&self.bytes, old);
        self.bytes[at..at + new.len()].copy_from_slice(new);
        self
    }

    pub(crate) fn facts(&self) -> PdfFacts {
        document::read(&self.bytes).unwrap()
    }

    /// The first signature of the document.
    pub(crate) fn first(&self) -> SignatureFacts {
        self.facts().signatures.remove(0)
    }
}

pub(crate) fn rfind(bytes: &[u8], what: &[u8]) -> usize {
    memchr::memmem::rfind(bytes, what).unwrap()
}

/// Whether the mathematics fit, and nothing contradicts them.
pub(crate) fn is_intact(facts: &SignatureFacts) -> bool {
    let is_broken = |weight| weight >= FaultWeight::Unprocessed;
    facts.integrity == Integrity::Intact
        && !facts.faults.iter().any(|fault| is_broken(fault.weight))
}

/// How far changes after a signature go, and the signature is intact.
pub(crate) fn extent(facts: &SignatureFacts) -> ModificationExtent {
    assert!(is_intact(facts), "{:?} {:?}", facts.integrity, facts.faults);
    let modifications = facts.modifications.as_ref().unwrap();
    let is_whole = facts.coverage == ContentCoverage::Whole;
    assert!(is_whole || facts.coverage == ContentCoverage::Revision);
    assert_eq!(
        modifications.undecided.is_some(),
        modifications.extent == ModificationExtent::Unknown
    );
    modifications.extent
}

/// Changes that nobody allowed.
pub(crate) fn forbidden(facts: &SignatureFacts) -> Vec<ChangeFact> {
    let all = facts.modifications.iter().flat_map(|all| &all.changes);
    all.filter(|change| !change.permitted).cloned().collect()
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}
