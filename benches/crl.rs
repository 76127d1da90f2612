//! Reading a CRL of a million entries, and looking certificates up in it: time, and memory beside its bytes.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench says what it measures, and at once if it cannot run"
)]

use std::sync::LazyLock;

use divan::AllocProfiler;
use divan::Bencher;
use divan::black_box;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::der;
use yinxin::pki::oid::Oid;
use yinxin::pki::revocation::crl::Crl;

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

const ENTRIES: u64 = 1_000_000;

fn main() {
    let certificate = certificate(&serial(0));
    assert!(lookup(&parse(), &certificate), "it is listed");
    assert!(
        !lookup(&parse(), &self::certificate(&[1, 2, 3])),
        "it is not"
    );
    println!("{ENTRIES} entries, {} bytes", CRL.len());
    divan::main();
}

/// Sixteen octets, as CAs draw them; the first is neither zero nor negative.
fn serial(number: u64) -> [u8; 16] {
    let mut mixed = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(31);
    mixed ^= mixed >> 29;
    let mut octets = [0x5a; 16];
    let halves = mixed.to_be_bytes().into_iter().chain(number.to_be_bytes());
    for (octet, value) in octets.iter_mut().skip(1).zip(halves) {
        *octet = value;
    }
    octets
}

fn sequence(members: &[&[u8]]) -> Vec<u8> {
    der::encode(der::SEQUENCE, &members.concat())
}

fn oid(text: &str) -> Vec<u8> {
    Oid::parse(text).unwrap().to_der()
}

fn extension(id: &str, value: &[u8]) -> Vec<u8> {
    sequence(&[&oid(id), &der::encode(der::OCTET_STRING, value)])
}

fn name() -> Vec<u8> {
    let text = der::encode(der::UTF8_STRING, b"CA");
    let pair = sequence(&[&oid("2.5.4.3"), &text]);
    sequence(&[&der::encode(der::SET, &pair)])
}

fn algorithm() -> Vec<u8> {
    sequence(&[&oid("1.2.840.10045.4.3.2")])
}

fn time(text: &[u8]) -> Vec<u8> {
    der::encode(der::UTC_TIME, text)
}

fn certificate(serial: &[u8]) -> Certificate {
    let mut point = vec![0, 4];
    point.extend([1; 64]);
    let key = sequence(&[
        &sequence(&[&oid("1.2.840.10045.2.1"), &oid("1.2.840.10045.3.1.7")]),
        &der::encode(der::BIT_STRING, &point),
    ]);
    let tbs = sequence(&[
        &der::encode(der::INTEGER, serial),
        &algorithm(),
        &name(),
        &sequence(&[&time(b"200101000000Z"), &time(b"400101000000Z")]),
        &name(),
        &key,
    ]);
    let signature = der::encode(der::BIT_STRING, &[0, 1]);
    Certificate::parse_der(&sequence(&[&tbs, &algorithm(), &signature])).unwrap()
}

static CRL: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let date = time(b"290601000000Z");
    let reason = sequence(&[&extension("2.5.29.21", &[0x0a, 1, 1])]);
    let mut entries = Vec::new();
    for number in 0..ENTRIES {
        let serial = der::encode(der::INTEGER, &serial(number));
        let with_reason: &[u8] = if number % 4 == 0 { &reason } else { &[] };
        entries.extend(sequence(&[&serial, &date, with_reason]));
    }
    let number = sequence(&[&extension("2.5.29.20", &[2, 1, 5])]);
    let tbs = sequence(&[
        &der::encode(der::INTEGER, &[1]),
        &algorithm(),
        &name(),
        &time(b"300101000000Z"),
        &time(b"300201000000Z"),
        &der::encode(der::SEQUENCE, &entries),
        &der::encode(der::context_constructed(0), &number),
    ]);
    let signature = der::encode(der::BIT_STRING, &[0, 1]);
    sequence(&[&tbs, &algorithm(), &signature])
});

fn parse() -> Crl {
    Crl::parse_der(CRL.clone()).unwrap()
}

fn lookup(crl: &Crl, certificate: &Certificate) -> bool {
    crl.find(certificate.issuer(), certificate.serial())
        .is_some()
}

/// The bytes are handed over, not copied.
#[divan::bench(sample_count = 20)]
fn read(bencher: Bencher<'_, '_>) {
    bencher
        .with_inputs(|| CRL.clone())
        .bench_values(|der| Crl::parse_der(der).unwrap());
}

/// Makes the index.
#[divan::bench(sample_count = 20)]
fn first_lookup(bencher: Bencher<'_, '_>) {
    let certificate = certificate(&serial(77));
    bencher
        .with_inputs(parse)
        .bench_refs(|crl| lookup(crl, &certificate));
}

#[divan::bench]
fn lookup_of_who_is_listed(bencher: Bencher<'_, '_>) {
    let (crl, certificate) = (parse(), certificate(&serial(77)));
    assert!(lookup(&crl, &certificate));
    bencher.bench(|| lookup(black_box(&crl), black_box(&certificate)));
}

#[divan::bench]
fn lookup_of_who_is_not(bencher: Bencher<'_, '_>) {
    let (crl, certificate) = (parse(), certificate(&[7; 16]));
    assert!(!lookup(&crl, &certificate));
    bencher.bench(|| lookup(black_box(&crl), black_box(&certificate)));
}
