//! What it costs to build and validate a certification path: `cargo bench --bench path`.
//!
//! The path is root → intermediate → end entity, P-256 throughout, with the extensions that such
//! certificates have. Everybody is given the same DER of the two lower ones each time, and keeps the root
//! as it likes. divan's table counts the allocations; after it the same are measured again in turns, so
//! that whatever else the machine does falls on all alike, and compared. Then follow a path of SM2, few
//! anchors beside many, and hostile input.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::panic,
    reason = "a benchmark stops at what it did not expect, and prints ratios"
)]

#[path = "../tests/it/certificate_writer.rs"]
mod certificate_writer;
#[path = "../tests/it/corpora.rs"]
mod corpora;
#[path = "../tests/it/path_corpora/pathological.rs"]
mod pathological;
mod sm2_chain;
mod turns;

use std::sync::LazyLock;
use std::time::Duration;

use divan::AllocProfiler;
use divan::Bencher;
use divan::black_box;
use openssl::stack::Stack;
use openssl::x509::X509;
use openssl::x509::X509StoreContext;
use openssl::x509::store::X509Store;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyParam;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CrlDistributionPoint;
use rcgen::CustomExtension;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rcgen::SanType;
use rcgen::SerialNumber;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::TrustAnchor as WebpkiAnchor;
use rustls_pki_types::UnixTime;
use webpki::EndEntityCert;
use webpki::KeyUsage;
use webpki::anchor_from_trusted_cert;
use yinxin::clock::Timestamp;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::path::PathValidator;
use yinxin::pki::path::ProvenSignatures;
use yinxin::pki::path::Remember;
use yinxin::pki::trust_anchor::AnchorSet;
use yinxin::pki::trust_anchor::TrustAnchor;

use pathological::Pathological;
use sm2_chain::Sm2Chain;
use turns::Turns;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// The time of everything here.
const NOW: u32 = 1_780_000_000;

/// A path, and the root as each of the three keeps it.
struct Case {
    intermediate: CertificateDer<'static>,
    end_entity: CertificateDer<'static>,
    anchors: AnchorSet,
    /// In which the CA is known, once it was met.
    memory: ProvenSignatures,
    webpki_anchors: Vec<WebpkiAnchor<'static>>,
    openssl_store: X509Store,
}

static CASE: LazyLock<Case> = LazyLock::new(|| Case::with_anchors(1));

/// RFC 5280 §4.2.2.1: id-ad-ocsp and id-ad-caIssuers, each with an address.
const AUTHORITY_INFO_ACCESS: &[u8] = b"\x30\x54\
    \x30\x25\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x19http://ocsp.ca.example/q1\
    \x30\x2b\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x1fhttp://certs.ca.example/sub.cer";
/// RFC 5280 §4.2.1.4: 2.23.140.1.2.2 and a policy of an enterprise.
const CERTIFICATE_POLICIES: &[u8] = b"\x30\x17\
    \x30\x08\x06\x06\x67\x81\x0c\x01\x02\x02\
    \x30\x0b\x06\x09\x2b\x06\x01\x04\x01\x82\x37\x15\x08";

impl Case {
    /// The root and as many others as make `count` anchors.
    fn with_anchors(count: usize) -> Self {
        let key = || KeyPair::generate().unwrap();
        let root = CertificateParams::ca("Example Root CA", 0);
        let root_key = key();
        let root_der = root.self_signed(&root_key).unwrap().der().clone();
        let root = Issuer::new(root, root_key);
        let intermediate = CertificateParams::ca("Example Sub CA 1", 1);
        let intermediate_key = key();
        let intermediate_der = intermediate.signed_by(&intermediate_key, &root).unwrap();
        let intermediate = Issuer::new(intermediate, intermediate_key);
        let end_entity = CertificateParams::end_entity();
        let end_entity = end_entity.signed_by(&key(), &intermediate).unwrap();

        let other = key();
        let mut anchors: Vec<CertificateDer<'static>> = (1..count)
            .map(|number| {
                let parameters = CertificateParams::ca(&format!("Other CA {number}"), 0);
                parameters.self_signed(&other).unwrap().der().clone()
            })
            .collect();
        anchors.push(root_der);
        Self {
            intermediate: intermediate_der.der().clone(),
            end_entity: end_entity.der().clone(),
            openssl_store: openssl_store(&anchors),
            memory: ProvenSignatures::default(),
            webpki_anchors: anchors
                .iter()
                .map(|der| anchor_from_trusted_cert(der).unwrap().to_owned())
                .collect(),
            anchors: anchors
                .iter()
                .map(|der| TrustAnchor::new(Certificate::parse_der(der).unwrap()))
                .collect(),
        }
    }
}

fn openssl_store(anchors: &[CertificateDer<'_>]) -> X509Store {
    let mut store = X509StoreBuilder::new().unwrap();
    for anchor in anchors {
        store.add_cert(X509::from_der(anchor).unwrap()).unwrap();
    }
    let mut parameters = X509VerifyParam::new().unwrap();
    parameters.set_time(i64::from(NOW));
    store.set_param(&parameters).unwrap();
    store.build()
}

/// What the certificates say.
trait Profile {
    fn ca(name: &str, depth: u8) -> Self;
    fn end_entity() -> Self;
    fn named(name: &str) -> Self;
}

impl Profile for CertificateParams {
    fn ca(name: &str, depth: u8) -> Self {
        let mut ca = Self::named(name);
        ca.is_ca = IsCa::Ca(match depth {
            0 => BasicConstraints::Unconstrained,
            _ => BasicConstraints::Constrained(0),
        });
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        ca.use_authority_key_identifier_extension = depth > 0;
        ca
    }

    fn end_entity() -> Self {
        let mut end = Self::named("www.example.com");
        end.serial_number = Some(SerialNumber::from_slice(&[0x5a; 16]));
        end.subject_alt_names = ["www.example.com", "example.com"]
            .map(|name| SanType::DnsName(name.try_into().unwrap()))
            .to_vec();
        end.is_ca = IsCa::ExplicitNoCa;
        end.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        end.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        end.use_authority_key_identifier_extension = true;
        end.crl_distribution_points = vec![CrlDistributionPoint {
            uris: vec!["http://crl.ca.example/sub1.crl".to_owned()],
        }];
        end.custom_extensions = vec![
            CustomExtension::from_oid_content(
                &[1, 3, 6, 1, 5, 5, 7, 1, 1],
                AUTHORITY_INFO_ACCESS.to_vec(),
            ),
            CustomExtension::from_oid_content(&[2, 5, 29, 32], CERTIFICATE_POLICIES.to_vec()),
        ];
        end
    }

    fn named(name: &str) -> Self {
        let mut parameters = Self::default();
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        for (kind, value) in [
            (DnType::CountryName, "CN"),
            (DnType::OrganizationName, "Example Organisation"),
            (DnType::CommonName, name),
        ] {
            parameters.distinguished_name.push(kind, value);
        }
        parameters
    }
}

/// Nothing known but the root.
fn yinxin(case: &Case) {
    validate(&case.anchors, None, &case.intermediate, &case.end_entity);
}

/// The CA known from before: one signature check.
fn yinxin_with_memory(case: &Case) {
    let memory = Some(&case.memory);
    validate(&case.anchors, memory, &case.intermediate, &case.end_entity);
}

fn validate(
    anchors: &AnchorSet,
    memory: Option<&ProvenSignatures>,
    intermediate: &[u8],
    end_entity: &[u8],
) {
    let end_entity = Certificate::parse_der(black_box(end_entity)).unwrap();
    let intermediates = [Certificate::parse_der(black_box(intermediate)).unwrap()];
    let mut validator = PathValidator::new(anchors, &intermediates, now());
    if let Some(memory) = memory {
        validator = validator.with_memory(memory, Remember::Authorities);
    }
    black_box(validator.validate(&end_entity).unwrap());
}

fn now() -> Timestamp {
    Timestamp::from_unix_seconds(i64::from(NOW)).unwrap()
}

/// `rustls-webpki` with `ring`.
fn webpki(case: &Case) {
    let end_entity = EndEntityCert::try_from(black_box(&case.end_entity)).unwrap();
    let path = end_entity.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &case.webpki_anchors,
        std::slice::from_ref(black_box(&case.intermediate)),
        UnixTime::since_unix_epoch(Duration::from_secs(u64::from(NOW))),
        KeyUsage::server_auth(),
        None,
        None,
    );
    black_box(path.unwrap());
}

/// `X509_verify_cert`.
fn openssl(case: &Case) {
    let end_entity = X509::from_der(black_box(&case.end_entity)).unwrap();
    let mut intermediates = Stack::new().unwrap();
    let intermediate = X509::from_der(black_box(&case.intermediate)).unwrap();
    intermediates.push(intermediate).unwrap();
    let mut context = X509StoreContext::new().unwrap();
    let is_valid = context.init(
        &case.openssl_store,
        &end_entity,
        &intermediates,
        |context| context.verify_cert(),
    );
    assert!(is_valid.unwrap());
}

type Contestant = (&'static str, fn(&Case));

const CONTESTANTS: [Contestant; 4] = [
    ("yinxin", yinxin),
    ("yinxin, CA known", yinxin_with_memory),
    ("rustls-webpki", webpki),
    ("OpenSSL", openssl),
];

#[divan::bench(args = CONTESTANTS.map(|(name, _)| name))]
fn path(bencher: Bencher<'_, '_>, name: &str) {
    let contestant = CONTESTANTS.into_iter().find(|(other, _)| *other == name);
    let (_, validate) = contestant.unwrap();
    let case = &*CASE;
    bencher.bench_local(|| validate(case));
}

fn main() {
    divan::main();
    // Not where one alone was asked for, nor where `cargo test` only tries whether all of it runs.
    if std::env::args().skip(1).eq(["--bench"]) {
        compare_contestants();
        compare_anchors();
        measure_sm2();
        measure_hostile_input();
    }
}

const TURNS: Turns = Turns {
    rounds: 300,
    runs_a_round: 20,
};

fn compare_contestants() {
    let case = &*CASE;
    let steps = CONTESTANTS
        .each_ref()
        .map(|(_, step)| -> &dyn Fn(&Case) { step });
    let medians = turns::medians(TURNS, case, steps);
    println!(
        "\nP-256, {} and {} bytes, in turns, medians of {} rounds:",
        case.intermediate.len(),
        case.end_entity.len(),
        TURNS.rounds
    );
    println!(
        "{:<24}{:>10}{:>11}{:>15}{:>11}",
        "", "µs", "paths/s", "× rustls-webpki", "× OpenSSL"
    );
    let [.., webpki, openssl] = medians;
    for ((name, _), time) in CONTESTANTS.iter().zip(medians) {
        println!(
            "{name:<24}{:>10.1}{:>11.0}{:>15.2}{:>11.2}",
            turns::microseconds(time),
            1.0 / time.as_secs_f64(),
            webpki.as_secs_f64() / time.as_secs_f64(),
            openssl.as_secs_f64() / time.as_secs_f64(),
        );
    }
}

/// The same path among few and among many anchors.
fn compare_anchors() {
    let cases = [10, 1_000].map(Case::with_anchors);
    let [few, many] = turns::medians(
        TURNS,
        &cases,
        [
            &|[few, _]: &[Case; 2]| yinxin(few),
            &|[_, many]: &[Case; 2]| yinxin(many),
        ],
    );
    println!(
        "10 anchors {:.1} µs, 1,000 anchors {:.1} µs: {:.2} ×",
        turns::microseconds(few),
        turns::microseconds(many),
        many.as_secs_f64() / few.as_secs_f64()
    );
}

fn measure_sm2() {
    let chain = Sm2Chain::new();
    let root = Certificate::parse_der(&chain.root).unwrap();
    let given = (AnchorSet::new([TrustAnchor::new(root)]), chain);
    let [time] = turns::medians(
        TURNS,
        &given,
        [&|(anchors, chain): &(AnchorSet, Sm2Chain)| {
            validate(anchors, None, &chain.intermediate, &chain.end_entity);
        }],
    );
    println!("SM2 {:.1} µs", turns::microseconds(time));
}

/// Prints how long each of limbo's hostile cases takes, and how much work, which must be within its limits.
fn measure_hostile_input() {
    const TURNS: Turns = Turns {
        rounds: 15,
        runs_a_round: 5,
    };
    let Some(cases) = pathological::cases() else {
        return;
    };
    println!(
        "\n{:<64}{:>9}{:>12}{:>7}{:>13}",
        "", "µs", "signatures", "steps", "comparisons"
    );
    for (case, allowed) in &cases {
        let validate = |case: &Pathological| {
            black_box(case.validate());
        };
        let [time] = turns::medians(TURNS, case, [&validate]);
        let work = case.validate();
        println!(
            "{:<64}{:>9.1}{:>12}{:>7}{:>13}",
            case.id,
            turns::microseconds(time),
            work.signature_checks,
            work.steps,
            work.name_comparisons
        );
        assert!(work.is_within(*allowed));
    }
}
