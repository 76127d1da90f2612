//! What it costs to read one certificate, beside two peers: `cargo bench --bench parse`.
//!
//! The certificate is an end entity's of about 700 bytes, with a P-256 key and the extensions that such
//! ones have. divan's table counts the allocations; after it the three are measured again in turns, so
//! that whatever else the machine does falls on all alike.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::as_conversions,
    reason = "a benchmark stops at what it did not expect, and prints ratios"
)]

use std::sync::LazyLock;
use std::time::Duration;
use std::time::Instant;

use divan::AllocProfiler;
use divan::Bencher;
use divan::black_box;
use rcgen::CertificateParams;
use rcgen::CrlDistributionPoint;
use rcgen::CustomExtension;
use rcgen::DistinguishedName;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::Issuer;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rcgen::SerialNumber;
use webpki::EndEntityCert;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use yinxin::pki::certificate::Certificate;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// RFC 5280 §4.2.2.1: id-ad-ocsp and id-ad-caIssuers, each with an address.
const AUTHORITY_INFO_ACCESS: &[u8] = b"\x30\x54\
    \x30\x25\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x01\x86\x19http://ocsp.ca.example/q1\
    \x30\x2b\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x1fhttp://certs.ca.example/sub.cer";
/// RFC 5280 §4.2.1.4: 2.23.140.1.2.2 and a policy of an enterprise.
const CERTIFICATE_POLICIES: &[u8] = b"\x30\x17\
    \x30\x08\x06\x06\x67\x81\x0c\x01\x02\x02\
    \x30\x0b\x06\x09\x2b\x06\x01\x04\x01\x82\x37\x15\x08";

static LEAF: LazyLock<rcgen::Certificate> = LazyLock::new(|| {
    let issuer = Issuer::new(parameters("Example Sub CA 1"), KeyPair::generate().unwrap());
    let mut leaf = parameters("www.example.com");
    leaf.serial_number = Some(SerialNumber::from_slice(&[0x5a; 16]));
    leaf.subject_alt_names = vec![
        rcgen::SanType::DnsName("www.example.com".try_into().unwrap()),
        rcgen::SanType::DnsName("example.com".try_into().unwrap()),
    ];
    leaf.is_ca = rcgen::IsCa::ExplicitNoCa;
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    leaf.use_authority_key_identifier_extension = true;
    leaf.crl_distribution_points = vec![CrlDistributionPoint {
        uris: vec!["http://crl.ca.example/sub1.crl".to_owned()],
    }];
    leaf.custom_extensions = vec![
        CustomExtension::from_oid_content(
            &[1, 3, 6, 1, 5, 5, 7, 1, 1],
            AUTHORITY_INFO_ACCESS.to_vec(),
        ),
        CustomExtension::from_oid_content(&[2, 5, 29, 32], CERTIFICATE_POLICIES.to_vec()),
    ];
    leaf.signed_by(&KeyPair::generate().unwrap(), &issuer)
        .unwrap()
});

fn parameters(common_name: &str) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = DistinguishedName::new();
    for (kind, value) in [
        (DnType::CountryName, "CN"),
        (DnType::OrganizationName, "Example Organisation"),
        (DnType::CommonName, common_name),
    ] {
        parameters.distinguished_name.push(kind, value);
    }
    parameters
}

fn yinxin() {
    black_box(Certificate::parse_der(black_box(LEAF.der())).unwrap());
}

fn x509_parser() {
    black_box(X509Certificate::from_der(black_box(LEAF.der())).unwrap());
}

fn webpki() {
    black_box(EndEntityCert::try_from(black_box(LEAF.der())).unwrap());
}

type Parser = (&'static str, fn());

const PARSERS: [Parser; 3] = [
    ("rustls-webpki", webpki),
    ("x509-parser", x509_parser),
    ("yinxin", yinxin),
];

#[divan::bench(args = PARSERS.map(|(name, _)| name))]
fn parse(bencher: Bencher<'_, '_>, name: &str) {
    let (_, parse) = PARSERS
        .into_iter()
        .find(|(parser, _)| *parser == name)
        .unwrap();
    LazyLock::force(&LEAF);
    bencher.bench_local(parse);
}

fn main() {
    divan::main();
    // Not where one alone was asked for, nor where `cargo test` only tries whether all of it runs.
    if std::env::args().skip(1).eq(["--bench"]) {
        compare();
    }
}

const ROUNDS: usize = 300;
const RUNS_A_ROUND: u32 = 200;

/// Measures the three in turns and prints the medians.
fn compare() {
    let mut times = PARSERS.map(|_| Vec::with_capacity(ROUNDS));
    for _ in 0..ROUNDS {
        for ((_, parse), times) in PARSERS.iter().zip(&mut times) {
            let began = Instant::now();
            for _ in 0..RUNS_A_ROUND {
                parse();
            }
            times.push(began.elapsed() / RUNS_A_ROUND);
        }
    }
    println!(
        "\n{} bytes, in turns, medians of {ROUNDS} rounds:",
        LEAF.der().len()
    );
    for ((name, _), time) in PARSERS.iter().zip(times.map(median)) {
        println!("{name:<14}{:>8.2} µs", time.as_nanos() as f64 / 1000.0);
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.into_iter().nth(ROUNDS / 2).unwrap()
}
