//! What it costs to verify signed PDF: `cargo bench --bench pdf`.
//!
//! 64 documents of one page and some 36 KB, each signed (PAdES B-B, P-256) by another company under root →
//! intermediate → signer, from bytes to verdict: we, with nothing known and with the CA known; the signature checks
//! alone that nobody can do without; and pyHanko in a process of its own, which times itself over the same files. Then
//! a document of 100 MB with five signatures beside hashing what each covers, and one of twelve signatures.
//!
//! pyHanko is found where `tests/run` installs it, or through `YINXIN_PYTHON`; without it its line is missing.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark stops at what it did not expect, and prints ratios"
)]

mod authorities;
mod turns;

use std::path::Path;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use divan::black_box;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::IsCa;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use yinxin::clock::Timestamp;
use yinxin::crypto::digest::Digest;
use yinxin::crypto::digest::DigestAlgorithm;
use yinxin::crypto::digest::digest;
use yinxin::crypto::document_key::DocumentKey;
use yinxin::crypto::document_key::RsaPadding;
use yinxin::crypto::public_key::PublicKey;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::path::ProvenSignatures;
use yinxin::signature::cms::signed_data::Dialect;
use yinxin::signature::cms::write::ContentType;
use yinxin::signature::cms::write::EmbeddedCertificates;
use yinxin::signature::cms::write::SignedContent;
use yinxin::signature::cms::write::Signing;
use yinxin::signature::pdf::document;
use yinxin::signature::pdf::write;
use yinxin::signature::pdf::write::request::FieldChoice;
use yinxin::signature::pdf::write::request::NewSignature;
use yinxin::signature::pdf::write::request::ValueKind;
use yinxin::signature::pdf::write::request::ValueMaker;
use yinxin::validation::context::RevocationPolicy;
use yinxin::validation::context::ValidationContext;
use yinxin::validation::document::validate;
use yinxin::validation::profile::TrustProfile;
use yinxin::validation::report::Indication;
use yinxin::validation::report::Modifications;
use yinxin::validation::trust_store::CaId;
use yinxin::validation::trust_store::TrustSet;
use yinxin::validation::trust_store::TrustStore;
use yinxin::validation::trust_store::Usage;

use authorities::Authorities;
use turns::Turns;
use turns::microseconds;

/// The time of everything here.
const NOW: u32 = 1_780_000_000;
const DOCUMENTS: usize = 64;

/// Root and intermediate, and who they are to us.
struct City {
    authorities: Authorities,
    trust: TrustSet,
    profile: TrustProfile,
    usage: Usage,
    memory: ProvenSignatures,
}

impl City {
    fn new() -> Self {
        let authorities = Authorities::new();
        let anchor = Certificate::parse_der(&authorities.root).unwrap();
        let usage = Usage::parse("any").unwrap();
        let store = TrustStore::of_anchors(CaId::parse("a").unwrap(), vec![anchor], usage.clone());
        let trust = TrustSet::new(vec![store]).unwrap();
        Self {
            profile: TrustProfile::everything(&trust, &usage),
            authorities,
            trust,
            usage,
            memory: ProvenSignatures::default(),
        }
    }

    fn company(&self, number: usize) -> Company {
        let mut signer = CertificateParams::default();
        let name = format!("Example Company {number}");
        signer.distinguished_name.push(DnType::CommonName, name);
        signer.is_ca = IsCa::ExplicitNoCa;
        signer.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::ContentCommitment,
        ];
        signer.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().unwrap();
        let der = signer
            .signed_by(&key, &self.authorities.issuer)
            .unwrap()
            .der()
            .to_vec();
        Company {
            key: DocumentKey::from_pkcs8(&key.serialize_der(), RsaPadding::Pkcs1).unwrap(),
            certificate: Certificate::parse_der(&der).unwrap(),
        }
    }
}

struct Company {
    key: DocumentKey,
    certificate: Certificate,
}

impl Company {
    fn sign(&self, city: &City, pdf: &[u8]) -> Vec<u8> {
        let sub = [Certificate::parse_der(&city.authorities.sub).unwrap()];
        let signing = Signing {
            key: &self.key,
            certificate: &self.certificate,
            embedded: EmbeddedCertificates::SignersAnd(&sub),
            dialect: Dialect::Cms,
            content_type: ContentType::Data,
            signed_at: None,
        };
        let mut make = |digest: &Digest| {
            let signed = signing.sign(SignedContent::Detached(digest)).unwrap();
            signed.to_der()
        };
        let request = NewSignature {
            field: FieldChoice::New {
                page: 1,
                rectangle: None,
            },
            kind: ValueKind::Cades,
            signer: "Example Company",
            reason: None,
            location: None,
            certification: None,
            signed_at: now(),
        };
        let maker = ValueMaker {
            digest: DigestAlgorithm::Sha256,
            room: 4096,
            make: &mut make,
        };
        write::sign(pdf, &request, maker).unwrap()
    }
}

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(i64::from(NOW)).unwrap()
}

/// A document of one page whose content has `size` bytes.
fn page(size: usize) -> Vec<u8> {
    let mut content = b"BT /F1 12 Tf 72 720 Td (Example) Tj ET\n".to_vec();
    while content.len() < size {
        content
            .extend_from_slice(b"% 0123456789 abcdefghijklmnopqrstuvwxyz 0123456789 abcdefghijk\n");
    }
    let objects: [Vec<u8>; 4] = [
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1<</Type/Font\
          /Subtype/Type1/BaseFont/Helvetica>>>>>>>>"
            .to_vec(),
        [
            format!("<</Length {}>>stream\n", content.len()).into_bytes(),
            content,
            b"\nendstream".to_vec(),
        ]
        .concat(),
    ];
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let mut table = String::from("xref\n0 5\n0000000000 65535 f \n");
    for (number, object) in (1..).zip(&objects) {
        table.push_str(&format!("{:010} 00000 n \n", pdf.len()));
        pdf.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        pdf.extend_from_slice(object);
        pdf.extend_from_slice(b"\nendobj\n");
    }
    let at = pdf.len();
    pdf.extend_from_slice(table.as_bytes());
    let trailer = format!("trailer\n<</Size 5/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n");
    pdf.extend_from_slice(trailer.as_bytes());
    pdf
}

/// From bytes to verdicts, each of which has to be good.
fn judge(city: &City, pdf: &[u8], memory: Option<&ProvenSignatures>) {
    let facts = document::read(black_box(pdf)).unwrap();
    let context = ValidationContext {
        revocation: RevocationPolicy::Skip,
        memory,
        ..ValidationContext::new(&city.trust, &city.profile, &city.usage, now())
    };
    for signature in &facts.signatures {
        let validated = validate("S1", signature, &[], &context);
        assert_eq!(validated.report.indication, Indication::TotalPassed);
        let after = validated.report.modifications_after;
        assert!(matches!(
            after,
            Some(Modifications::None | Modifications::Permitted)
        ));
        black_box(validated);
    }
}

struct Case {
    city: City,
    documents: Vec<Vec<u8>>,
    checks: Vec<(PublicKey, Vec<u8>, Vec<u8>)>,
}

impl Case {
    fn new() -> Self {
        let city = City::new();
        let blank = page(31 * 1024);
        let companies = (0..DOCUMENTS).map(|number| city.company(number));
        let (documents, signers): (Vec<_>, Vec<_>) = companies
            .map(|company| (company.sign(&city, &blank), company.certificate))
            .unzip();
        let [root, sub] = [&city.authorities.root, &city.authorities.sub]
            .map(|der| Certificate::parse_der(der).unwrap());
        let of = |issuer: &Certificate, of: &Certificate| {
            let key = issuer.public_key().clone();
            (key, of.tbs_der().to_vec(), of.signature().to_vec())
        };
        // Any message and value do for the document's own check: a wrong one costs as much as a right one.
        let signer = signers.first().unwrap();
        let checks = vec![of(&sub, signer), of(&root, &sub), of(&root, signer)];
        Self {
            city,
            documents,
            checks,
        }
    }

    fn all(&self, memory: Option<&ProvenSignatures>) {
        for pdf in &self.documents {
            judge(&self.city, pdf, memory);
        }
    }

    /// `count` checks a document, and its digest.
    fn bare(&self, count: usize) {
        for pdf in &self.documents {
            black_box(digest(DigestAlgorithm::Sha256, black_box(pdf)));
            for (key, message, value) in self.checks.iter().take(count) {
                let verified = yinxin::crypto::verify::verify_signature(
                    yinxin::crypto::algorithm::SignatureAlgorithm::EcdsaSha256,
                    key,
                    black_box(message),
                    value,
                    yinxin::crypto::verify::SignatureForm::Der,
                );
                let _ = black_box(verified);
            }
        }
    }
}

/// What pyHanko takes for one document; none where it is not installed.
fn pyhanko(case: &Case) -> Option<Duration> {
    let installed = Path::new("target/interop-venv/bin/python");
    let python = std::env::var_os("YINXIN_PYTHON").unwrap_or_else(|| installed.into());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("root.der"), &case.city.authorities.root).unwrap();
    for (number, pdf) in case.documents.iter().enumerate() {
        std::fs::write(folder.path().join(format!("{number}.pdf")), pdf).unwrap();
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/peers/pyhanko_validate.py");
    let output = Command::new(python)
        .arg(script)
        .arg(folder.path())
        .arg(NOW.to_string())
        .output()
        .ok()?;
    if !output.status.success() {
        println!("pyHanko: {}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    let seconds: f64 = String::from_utf8_lossy(&output.stdout)
        .trim()
        .parse()
        .ok()?;
    Some(Duration::from_secs_f64(seconds))
}

#[expect(clippy::as_conversions, reason = "figures for people")]
fn small_documents() {
    let case = Case::new();
    let size = case.documents.first().map_or(0, Vec::len);
    println!(
        "{DOCUMENTS} PDF of one page, {size} bytes each, signed by {DOCUMENTS} companies; one document:"
    );
    let turns = Turns {
        rounds: 30,
        runs_a_round: 1,
    };
    let memory = &case.city.memory;
    case.all(Some(memory));
    let times = turns::medians(
        turns,
        &case,
        [
            &|case: &Case| case.all(None),
            &|case: &Case| case.all(Some(&case.city.memory)),
            &|case: &Case| case.bare(3),
            &|case: &Case| case.bare(2),
        ],
    );
    let peer = pyhanko(&case);
    let names = [
        "yinxin, nothing known",
        "yinxin, the CA known",
        "bare: SHA-256, three checks",
        "bare: SHA-256, two checks",
    ];
    for (name, time) in names.iter().zip(times) {
        let one = time / DOCUMENTS as u32;
        let ratio = peer.map(|peer| peer.as_secs_f64() / one.as_secs_f64());
        let ratio = ratio.map_or_else(String::new, |ratio| format!("  {ratio:6.1} × pyHanko"));
        println!("  {name:<30} {:9.1} µs{ratio}", microseconds(one));
    }
    if let Some(peer) = peer {
        println!("  {:<30} {:9.1} µs", "pyHanko", microseconds(peer));
    }
}

/// A document of `size` bytes that `count` companies signed one after the other, and what it takes.
fn large_document(size: usize, count: usize) {
    let city = City::new();
    let mut pdf = page(size);
    let mut covered = Vec::new();
    for number in 0..count {
        pdf = city.company(number).sign(&city, &pdf);
        covered.push(pdf.len());
    }
    let began = Instant::now();
    judge(&city, &pdf, None);
    let took = began.elapsed();
    let began = Instant::now();
    for length in covered {
        black_box(digest(DigestAlgorithm::Sha256, pdf.get(..length).unwrap()));
    }
    let hashed = began.elapsed();
    println!(
        "{} bytes, {count} signatures: {:.1} ms; hashing what each covers: {:.1} ms ({:.2} ×)",
        pdf.len(),
        took.as_secs_f64() * 1e3,
        hashed.as_secs_f64() * 1e3,
        took.as_secs_f64() / hashed.as_secs_f64()
    );
}

fn main() {
    small_documents();
    // `cargo bench --bench pdf -- small` leaves the others out.
    if std::env::args().all(|argument| argument != "small") {
        large_document(100_000_000, 5);
        large_document(36_000, 12);
    }
}
