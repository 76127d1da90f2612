//! What it costs to verify a detached CMS signature: `cargo bench --bench cms`.
//!
//! The signature is OpenSSL's, of P-256 under root → intermediate → signer, over 1 KB; everybody is given the same DER
//! and content each time and keeps the root as it likes. Measured in turns, so that whatever else the machine does
//! falls on all alike: we, with nothing known and with the CA known; OpenSSL's `CMS_verify` in this process with its
//! store kept; and the signature checks alone that nobody can do without. Then 100 MB of content beside its bare
//! digest.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark stops at what it did not expect, and prints ratios"
)]

mod authorities;
mod turns;

use std::time::Duration;

use divan::black_box;
use openssl::cms::CMSOptions;
use openssl::cms::CmsContentInfo;
use openssl::pkey::PKey;
use openssl::stack::Stack;
use openssl::x509::X509;
use openssl::x509::X509PurposeId;
use openssl::x509::store::X509Store;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyParam;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use yinxin::clock::Timestamp;
use yinxin::crypto::digest::DigestAlgorithm;
use yinxin::crypto::digest::digest;
use yinxin::crypto::public_key::PublicKey;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::path::ProvenSignatures;
use yinxin::signature::cms::signed_data::SignedData;
use yinxin::signature::detached::ContentNeeds;
use yinxin::signature::detached::DetachedContent;
use yinxin::signature::detached::Digester;
use yinxin::validation::context::RevocationPolicy;
use yinxin::validation::context::ValidationContext;
use yinxin::validation::document::validate;
use yinxin::validation::profile::TrustProfile;
use yinxin::validation::report::Indication;
use yinxin::validation::trust_store::CaId;
use yinxin::validation::trust_store::TrustSet;
use yinxin::validation::trust_store::TrustStore;
use yinxin::validation::trust_store::Usage;

use authorities::Authorities;
use turns::Turns;

/// The time of everything here.
const NOW: u32 = 1_780_000_000;

struct Case {
    cms: Vec<u8>,
    content: Vec<u8>,
    trust: TrustSet,
    profile: TrustProfile,
    usage: Usage,
    memory: ProvenSignatures,
    store: X509Store,
    /// Key, message and value of each signature that has to be checked.
    checks: Vec<(PublicKey, Vec<u8>, Vec<u8>)>,
}

impl Case {
    fn new() -> Self {
        let Authorities {
            root: root_der,
            sub: sub_der,
            issuer: sub,
        } = Authorities::new();
        let mut signer = CertificateParams::default();
        signer
            .distinguished_name
            .push(DnType::CommonName, "Example Company");
        signer.is_ca = IsCa::ExplicitNoCa;
        signer.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        signer.extended_key_usages = vec![ExtendedKeyUsagePurpose::EmailProtection];
        signer.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().unwrap();
        let signer_der = signer.signed_by(&key, &sub).unwrap().der().to_vec();

        let content = vec![0x5a; 1024];
        let cms = sign(&key, &signer_der, &sub_der, &content);
        let anchor = Certificate::parse_der(&root_der).unwrap();
        let usage = Usage::parse("any").unwrap();
        let store = TrustStore::of_anchors(CaId::parse("a").unwrap(), vec![anchor], usage.clone());
        let trust = TrustSet::new(vec![store]).unwrap();
        let certificates =
            [signer_der, sub_der.clone()].map(|der| Certificate::parse_der(&der).unwrap());
        let [signer, sub] = &certificates;
        let root = Certificate::parse_der(&root_der).unwrap();
        let of = |issuer: &Certificate, of: &Certificate| {
            (
                issuer.public_key().clone(),
                of.tbs_der().to_vec(),
                of.signature().to_vec(),
            )
        };
        let facts = SignedData::parse(&cms).unwrap().facts(&[]);
        let mut checks = vec![of(sub, signer), of(&root, sub)];
        checks.push(document_check(&cms, signer, &facts));
        Self {
            profile: TrustProfile::everything(&trust, &usage),
            trust,
            usage,
            memory: ProvenSignatures::default(),
            store: openssl_store(&root_der),
            cms,
            content,
            checks,
        }
    }
}

/// The signature over the attributes, taken out of the DER again.
fn document_check(
    cms: &[u8],
    signer: &Certificate,
    facts: &[yinxin::signature::facts::SignatureFacts],
) -> (PublicKey, Vec<u8>, Vec<u8>) {
    assert_eq!(facts.len(), 1);
    // Any message and value do: a wrong one costs as much as a right one.
    let message = cms.get(..200).unwrap().to_vec();
    (
        signer.public_key().clone(),
        message,
        signer.signature().to_vec(),
    )
}

fn sign(key: &KeyPair, signer: &[u8], sub: &[u8], content: &[u8]) -> Vec<u8> {
    let key = PKey::private_key_from_der(&key.serialize_der()).unwrap();
    let signer = X509::from_der(signer).unwrap();
    let mut more = Stack::new().unwrap();
    more.push(X509::from_der(sub).unwrap()).unwrap();
    let flags = CMSOptions::DETACHED | CMSOptions::BINARY;
    CmsContentInfo::sign(Some(&signer), Some(&key), Some(&more), Some(content), flags)
        .unwrap()
        .to_der()
        .unwrap()
}

fn openssl_store(root: &[u8]) -> X509Store {
    let mut store = X509StoreBuilder::new().unwrap();
    store.add_cert(X509::from_der(root).unwrap()).unwrap();
    let mut parameters = X509VerifyParam::new().unwrap();
    parameters.set_time(i64::from(NOW));
    parameters.set_purpose(X509PurposeId::ANY).unwrap();
    store.set_param(&parameters).unwrap();
    store.build()
}

fn yinxin(case: &Case, memory: Option<&ProvenSignatures>) {
    let signed = SignedData::parse(black_box(&case.cms)).unwrap();
    let mut digester = Digester::new(&signed.needs());
    digester.update(black_box(&case.content));
    let content = DetachedContent {
        digests: digester.finish(),
        ..DetachedContent::default()
    };
    let facts = signed.facts(std::slice::from_ref(&content));
    let at = Timestamp::from_unix_seconds(i64::from(NOW)).unwrap();
    let context = ValidationContext {
        revocation: RevocationPolicy::Skip,
        memory,
        ..ValidationContext::new(&case.trust, &case.profile, &case.usage, at)
    };
    for facts in &facts {
        let validated = validate("S1", facts, &[], &context);
        assert_eq!(validated.report.indication, Indication::TotalPassed);
        black_box(validated);
    }
}

fn openssl(case: &Case) {
    let mut cms = CmsContentInfo::from_der(black_box(&case.cms)).unwrap();
    let content = Some(black_box(case.content.as_slice()));
    let flags = CMSOptions::BINARY;
    cms.verify(None, Some(&case.store), content, None, flags)
        .unwrap();
}

/// What nobody can do without: a digest of the content, and each signature once.
fn bare(case: &Case, checks: usize) {
    black_box(digest(DigestAlgorithm::Sha256, black_box(&case.content)));
    for (key, message, value) in case.checks.iter().rev().take(checks) {
        let _ = black_box(yinxin::crypto::verify::verify_signature(
            yinxin::crypto::algorithm::SignatureAlgorithm::EcdsaSha256,
            key,
            black_box(message),
            black_box(value),
            yinxin::crypto::verify::SignatureForm::Der,
        ));
    }
}

#[expect(clippy::as_conversions, reason = "ratios for people")]
fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_nanos() as f64 / other.as_nanos() as f64
}

fn main() {
    let case = Case::new();
    let turns = Turns {
        rounds: 60,
        runs_a_round: 50,
    };
    let [cold, known, peer, three, two] = turns::medians(
        turns,
        &case,
        [
            &|case: &Case| yinxin(case, None),
            &|case: &Case| yinxin(case, Some(&case.memory)),
            &openssl,
            &|case: &Case| bare(case, 3),
            &|case: &Case| bare(case, 2),
        ],
    );
    let shown = turns::microseconds;
    println!("detached CMS of 1 KB, P-256, root → intermediate → signer");
    println!("  yinxin, nothing known   {:8.1} µs", shown(cold));
    println!("  yinxin, CA known        {:8.1} µs", shown(known));
    println!("  OpenSSL CMS_verify      {:8.1} µs", shown(peer));
    println!(
        "  three signature checks  {:8.1} µs, two {:.1} µs",
        shown(three),
        shown(two)
    );
    println!(
        "  OpenSSL / yinxin        {:8.2} cold, {:.2} with the CA known",
        ratio(peer, cold),
        ratio(peer, known)
    );
    println!(
        "  yinxin / bare checks    {:8.2} cold, {:.2} with the CA known",
        ratio(cold, three),
        ratio(known, two)
    );
    large();
}

/// 100 MB of content as it streams by, beside its bare digest.
fn large() {
    let content = vec![0x5a_u8; 100 * 1024 * 1024];
    let needs = ContentNeeds {
        digests: [DigestAlgorithm::Sha256].into(),
        bytes: false,
    };
    let turns = Turns {
        rounds: 5,
        runs_a_round: 1,
    };
    let [streamed, bare] = turns::medians(
        turns,
        content.as_slice(),
        [
            &|content: &[u8]| {
                let mut digester = Digester::new(&needs);
                for piece in content.chunks(256 * 1024) {
                    digester.update(black_box(piece));
                }
                black_box(digester.finish());
            },
            &|content: &[u8]| {
                black_box(ring::digest::digest(
                    &ring::digest::SHA256,
                    black_box(content),
                ));
            },
        ],
    );
    println!(
        "100 MB of content: {:.1} ms, bare SHA-256 {:.1} ms, {:.3}",
        shown_ms(streamed),
        shown_ms(bare),
        ratio(streamed, bare)
    );
}

fn shown_ms(time: Duration) -> f64 {
    turns::microseconds(time) / 1000.0
}
