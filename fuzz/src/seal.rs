//! Laws of [`SealSignature`], of each version.
//!
//! An input that begins with `!` is a recipe: which signature that is made here, then changes of three bytes each.
//! Any other input is read as it is.

use std::sync::LazyLock;

use yinxin::clock::Timestamp;
use yinxin::crypto::digest::DigestAlgorithm;
use yinxin::crypto::digest::digest;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::random::SeededRandom;
use yinxin::crypto::sign::SigningKey;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::der;
use yinxin::pki::issue::issue_root;
use yinxin::pki::issue::profile::COMMON_NAME;
use yinxin::pki::issue::profile::CertificateProfile;
use yinxin::pki::oid::Oid;
use yinxin::signature::detached::ContentNeeds;
use yinxin::signature::detached::DetachedContent;
use yinxin::signature::facts::FaultWeight;
use yinxin::signature::facts::Integrity;
use yinxin::signature::facts::SignatureFacts;
use yinxin::signature::seal::parse::SealSignature;

const CONTENT: &[u8] = b"a company applies for something";

/// One signature of each version that is read.
static EXAMPLES: LazyLock<[Vec<u8>; 3]> = LazyLock::new(|| [1, 4, 5].map(example));

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

fn person(seed: u8) -> (SigningKey, Certificate) {
    let random = SeededRandom::new([seed; 32]);
    let made = SigningKey::generate_sm2(KeyPurpose::CertificateAuthority, &random);
    let (key, _) = made.expect("a key");
    let profile = CertificateProfile {
        subject: vec![(COMMON_NAME, "fuzz".to_owned())],
        serial: [0x40 | seed; 16],
        not_before: at("2025-01-01T00:00:00Z"),
        not_after: at("2030-01-01T00:00:00Z"),
        policies: Vec::new(),
        crl_url: None,
        identity: Vec::new(),
    };
    let certificate = issue_root(&key, &profile, None).expect("a certificate");
    (key, certificate)
}

fn sequence(members: &[Vec<u8>]) -> Vec<u8> {
    der::encode(der::SEQUENCE, &members.concat())
}

fn text(tag: u8, value: &str) -> Vec<u8> {
    der::encode(tag, value.as_bytes())
}

fn bits(value: &[u8]) -> Vec<u8> {
    der::encode(der::BIT_STRING, &[&[0], value].concat())
}

fn octets(value: &[u8]) -> Vec<u8> {
    der::encode(der::OCTET_STRING, value)
}

/// A signature of this version, made with a seal of the same one.
fn example(version: u8) -> Vec<u8> {
    let ((signer, certificate), (maker, makers)) = (person(1), person(2));
    let is_first = version == 1;
    let number = |value: u8| der::encode(der::INTEGER, &[value]);
    let fields = |certificate: &Certificate| {
        let algorithm = Oid::parse("1.2.156.10197.1.501").expect("an OID");
        [octets(certificate.der()), algorithm.to_der()].concat()
    };
    let listed = sequence(&[octets(certificate.der())]);
    let property = sequence(&[
        number(1),
        text(der::UTF8_STRING, "公章"),
        if is_first { Vec::new() } else { number(1) },
        listed,
        text(der::UTC_TIME, "250101000000Z"),
        text(der::GENERALIZED_TIME, "20250101000000Z"),
        text(der::GENERALIZED_TIME, "20300101000000Z"),
    ]);
    let information = sequence(&[
        sequence(&[
            text(der::IA5_STRING, "ES"),
            number(version),
            text(der::IA5_STRING, "fuzz"),
        ]),
        text(der::IA5_STRING, "44190000000001"),
        property,
        sequence(&[
            text(der::IA5_STRING, "PNG"),
            octets(b"\x89PNG"),
            number(40),
            number(40),
        ]),
    ]);
    let makers_fields = fields(&makers);
    let message = match is_first {
        true => sequence(&[information.clone(), makers_fields.clone()]),
        false => information.clone(),
    };
    let value = bits(&maker.sign_der(&message).expect("a value"));
    let signed = [makers_fields, value].concat();
    let seal = match is_first {
        true => sequence(&[information, sequence(&[signed])]),
        false => sequence(&[information, signed]),
    };
    let time = match is_first {
        true => bits(b"20260601000000Z"),
        false => text(der::GENERALIZED_TIME, "20260601000000Z"),
    };
    let hash = digest(DigestAlgorithm::Sm3, CONTENT);
    let (inside, outside) = match is_first {
        true => (fields(&certificate), Vec::new()),
        false => (Vec::new(), fields(&certificate)),
    };
    let to_sign = sequence(&[
        number(version),
        seal,
        time,
        bits(hash.as_bytes()),
        text(der::IA5_STRING, "path"),
        inside,
    ]);
    let value = bits(&signer.sign_der(&to_sign).expect("a value"));
    let der = sequence(&[to_sign, outside, value]);
    assert!(is_whole(&facts_of(&der).expect("what was written here")));
    der
}

fn facts_of(bytes: &[u8]) -> Option<SignatureFacts> {
    let needs = ContentNeeds::default();
    let content = [DetachedContent::of_bytes(None, CONTENT.to_vec(), &needs)];
    match SealSignature::parse(bytes) {
        Ok(signature) => {
            assert!(!signature.needs().bytes, "a digest is enough");
            Some(signature.facts(&content))
        }
        Err(refusal) => {
            let message = refusal.to_string();
            assert!(!message.chars().any(char::is_control), "{message:?}");
            None
        }
    }
}

/// Whether a verdict could pass, as far as these facts go.
fn is_whole(facts: &SignatureFacts) -> bool {
    let seal = facts.seal.as_ref().expect("a seal");
    let mut faults = facts.faults.iter();
    facts.integrity == Integrity::Intact
        && seal.maker_integrity == Integrity::Intact
        && seal.signer_listed
        && faults.all(|fault| fault.weight == FaultWeight::Irregular)
}

/// What is believed of a signature that is whole.
fn told(facts: &SignatureFacts) -> String {
    let seal = facts.seal.as_ref().expect("a seal");
    let (signer, claimed, attributes) = (&facts.signer, facts.claimed_at, &facts.attributes);
    format!("{seal:?} {signer:?} {claimed:?} {attributes:?}")
}

/// Whatever is changed of a signature, what is whole says what was signed.
pub fn parse(data: &[u8]) {
    match data.split_first() {
        Some((b'!', [which, recipe @ ..])) => {
            let example = &EXAMPLES[usize::from(*which) % EXAMPLES.len()];
            let facts = facts_of(&changed(example, recipe));
            if let Some(facts) = facts.filter(is_whole) {
                let signed = facts_of(example).expect("what was written here");
                assert_eq!(told(&facts), told(&signed), "what was not signed");
            }
        }
        _ => {
            facts_of(data);
        }
    }
}

/// Changes of three bytes: where (two bytes), and which bits are turned there.
fn changed(der: &[u8], recipe: &[u8]) -> Vec<u8> {
    let mut changed = der.to_vec();
    for step in recipe.chunks_exact(3).take(16) {
        let &[high, low, bits] = step else {
            break;
        };
        let place = usize::from(u16::from_be_bytes([high, low])) % changed.len().max(1);
        if let Some(byte) = changed.get_mut(place) {
            *byte ^= bits;
        }
    }
    changed
}

/// Recipes, and the signatures themselves.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = EXAMPLES.to_vec();
    for which in 0..3 {
        seeds.push(vec![b'!', which]);
        seeds.push(vec![b'!', which, 0, 40, 1]);
        seeds.push(vec![b'!', which, 3, 0, 0x80, 0, 9, 1]);
    }
    seeds
}
