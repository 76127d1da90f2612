//! How long a credential takes to verify, next to what cannot be saved: `cargo bench`.
//!
//! One credential as the city issues it (ES256, its issuer certified by the city's root, six disclosures)
//! is opened and judged in memory, its status known. It needs two ECDSA verifications, the certificate's
//! and its own, so that two of `ring`'s are the floor. After divan's table the same things are measured
//! again in turns, so that whatever else the machine does falls on all alike, and compared.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark stops at what it did not expect, and prints ratios"
)]

#[path = "../tests/it/city.rs"]
mod city;
mod turns;

use std::sync::LazyLock;

use divan::Bencher;
use divan::black_box;
use ring::signature::ECDSA_P256_SHA256_FIXED;
use ring::signature::UnparsedPublicKey;
use yinxin::credential::sd_jwt_vc::parse::Limits;
use yinxin::credential::sd_jwt_vc::parse::SdJwt;
use yinxin::crypto::public_key::PublicKey;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::path::PathValidator;
use yinxin::pki::trust_anchor::AnchorSet;
use yinxin::pki::trust_anchor::TrustAnchor;
use yinxin::service::open::Naming;
use yinxin::service::open::Submission;
use yinxin::signature::jose::compact::CompactJws;
use yinxin::validation::report::DocumentInfo;
use yinxin::validation::report::Indication;
use yinxin::validation::report::Report;

use city::City;
use turns::Turns;

/// The city, one credential of it, and what its verification goes through.
struct Case {
    city: City,
    text: String,
    credential: SdJwt,
    /// The issuer's key as `ring` takes it: `04 ‖ x ‖ y`.
    point: Vec<u8>,
    anchors: AnchorSet,
    report: Report,
}

static CASE: LazyLock<Case> = LazyLock::new(|| {
    let city = City::new();
    let text = city.credential();
    let report = city.judge(text.as_bytes());
    assert_eq!(
        report.indication,
        Indication::TotalPassed,
        "{:?}",
        report.all_reasons()
    );
    let spki = city.issuer.public_key().spki_der();
    Case {
        credential: SdJwt::parse(&text, Limits::DEFAULT).unwrap(),
        point: spki.iter().copied().skip(spki.len() - 65).collect(),
        anchors: AnchorSet::new([TrustAnchor::new(city.ca.certificate().clone())]),
        city,
        text,
        report,
    }
});

/// `ring` alone over the same signing input, the key at hand.
fn ring_verify(case: &Case) {
    let jws = case.credential.jws();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, &case.point)
        .verify(black_box(jws.signing_input()), jws.signature_bytes())
        .unwrap();
}

/// The same, the key read from its `SubjectPublicKeyInfo` each time.
fn ring_verify_and_parse_key(case: &Case) {
    let spki = black_box(case.city.issuer.public_key().spki_der());
    let key = PublicKey::from_spki_der(spki).unwrap();
    case.credential.jws().verify(&key).unwrap();
}

/// Everything: bytes to report.
fn verify_credential(case: &Case) {
    black_box(case.city.judge(black_box(case.text.as_bytes())));
}

/// Bytes to report to JSON.
fn verify_credential_to_json(case: &Case) {
    let report = case.city.judge(black_box(case.text.as_bytes()));
    black_box(serde_json::to_vec(&report).unwrap());
}

fn parse_certificate(case: &Case) {
    let der = black_box(case.city.issuer.der());
    black_box(Certificate::parse_der(der).unwrap());
}

/// Segments, header and certificate; payload and signature decoded.
fn parse_jws(case: &Case) {
    let text = black_box(case.credential.jws().as_str());
    black_box(CompactJws::parse(text).unwrap());
}

/// The whole presentation: JWS, payload, disclosures put in their places.
fn parse_sd_jwt(case: &Case) {
    black_box(SdJwt::parse(black_box(&case.text), Limits::DEFAULT).unwrap());
}

fn digest_document(case: &Case) {
    let bytes = black_box(case.text.as_bytes());
    black_box(DocumentInfo::of_bytes("SD-JWT-VC", None, None, bytes));
}

/// Recognise and parse.
fn open(case: &Case) {
    let bytes = black_box(case.text.as_bytes());
    let submission = Submission::new(bytes, None).unwrap();
    black_box(submission.recognise().open(Naming::default(), &[]));
}

/// One signature, and RFC 5280 §6.1 around it.
fn validate_path(case: &Case) {
    let validator = PathValidator::new(&case.anchors, &[], city::now());
    black_box(validator.validate(black_box(&case.city.issuer)).unwrap());
}

fn check_schema(case: &Case) {
    let kind = case.city.kinds.by_id("business-registration").unwrap();
    let claims = &case.report.credential.as_ref().unwrap().claims;
    kind.check_presented(black_box(claims)).unwrap();
}

fn report_to_json(case: &Case) {
    black_box(serde_json::to_vec(black_box(&case.report)).unwrap());
}

type Step = (&'static str, fn(&Case));

/// What is measured, by name.
const STEPS: [Step; 12] = [
    ("ring verify", ring_verify),
    ("ring verify, key parsed", ring_verify_and_parse_key),
    ("verify credential", verify_credential),
    ("verify credential to JSON", verify_credential_to_json),
    ("parse certificate", parse_certificate),
    ("parse JWS", parse_jws),
    ("parse SD-JWT", parse_sd_jwt),
    ("digest document", digest_document),
    ("open", open),
    ("validate path", validate_path),
    ("check schema", check_schema),
    ("report to JSON", report_to_json),
];

#[divan::bench(args = STEPS.map(|(name, _)| name))]
fn step(bencher: Bencher<'_, '_>, name: &str) {
    let (_, step) = STEPS.into_iter().find(|(step, _)| *step == name).unwrap();
    let case = &*CASE;
    bencher.bench_local(|| step(case));
}

fn main() {
    divan::main();
    // Not where one step alone was asked for, nor where `cargo test` only tries whether all of it runs.
    if std::env::args().skip(1).eq(["--bench"]) {
        compare();
    }
}

const TURNS: Turns = Turns {
    rounds: 300,
    runs_a_round: 10,
};

/// Measures all steps in turns and prints the medians, each beside `ring`'s.
fn compare() {
    let case = &*CASE;
    let steps = STEPS.each_ref().map(|(_, step)| -> &dyn Fn(&Case) { step });
    let medians = turns::medians(TURNS, case, steps);
    let [bare, _, whole, ..] = medians;
    println!(
        "\n{} bytes, in turns, medians of {} rounds:",
        case.text.len(),
        TURNS.rounds
    );
    for ((name, _), time) in STEPS.iter().zip(medians) {
        let ratio = time.as_secs_f64() / bare.as_secs_f64();
        println!(
            "{name:<28}{:>9.1} µs{ratio:>8.2} × ring",
            turns::microseconds(time)
        );
    }
    let floor = 2.0 * bare.as_secs_f64();
    println!(
        "two of ring's verifications are {:.0} % of verifying a credential",
        100.0 * floor / whole.as_secs_f64()
    );
}
