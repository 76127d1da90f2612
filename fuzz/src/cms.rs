//! Laws of [`SignedData`], documents and timestamp tokens.
//!
//! An input that begins with `!` is a recipe: which document that is signed here, then changes of four bytes each.
//! Any other input is read as it is.

use std::sync::LazyLock;
use std::time::Duration;

use yinxin::clock::Timestamp;
use yinxin::crypto::digest::DigestAlgorithm;
use yinxin::crypto::digest::digest;
use yinxin::crypto::document_key::DocumentKey;
use yinxin::crypto::document_key::RsaPadding;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::random::SeededRandom;
use yinxin::crypto::sign::SigningKey;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::issue::issue_root;
use yinxin::pki::issue::profile::COMMON_NAME;
use yinxin::pki::issue::profile::CertificateProfile;
use yinxin::pki::oid::Oid;
use yinxin::signature::cms::signed_data::Dialect;
use yinxin::signature::cms::signed_data::SignedData;
use yinxin::signature::cms::write::ContentType;
use yinxin::signature::cms::write::EmbeddedCertificates;
use yinxin::signature::cms::write::SignedContent;
use yinxin::signature::cms::write::Signing;
use yinxin::signature::detached::ContentNeeds;
use yinxin::signature::detached::DetachedContent;
use yinxin::signature::facts::FaultWeight;
use yinxin::signature::facts::Imprint;
use yinxin::signature::facts::Integrity;
use yinxin::signature::facts::SignatureFacts;
use yinxin::signature::timestamp::issue::Authority;
use yinxin::signature::timestamp::request::TimestampRequest;

const CONTENT: &[u8] = b"a company applies for something";

/// A document that is signed here, and what its signature covers.
struct Example {
    der: Vec<u8>,
    content: Vec<u8>,
    attributes: Vec<(String, String)>,
}

/// CMS with a timestamp, GM/T 0010, and a timestamp token alone.
static EXAMPLES: LazyLock<[Example; 3]> = LazyLock::new(|| {
    let (western, western_der) =
        SigningKey::generate(KeyPurpose::CertificateAuthority).expect("a key");
    let (authority, _) = SigningKey::generate(KeyPurpose::Timestamp).expect("a key");
    let random = SeededRandom::new([7; 32]);
    let (national, national_der) =
        SigningKey::generate_sm2(KeyPurpose::CertificateAuthority, &random).expect("a key");
    let imprint = |bytes: &[u8]| digest(DigestAlgorithm::Sha256, bytes);
    let stamp = |bytes: &[u8]| {
        let policy = Oid::parse("1.2.3").expect("an OID");
        let ca = &western;
        let certificate = certify(ca, &authority);
        let authority = Authority {
            key: &authority,
            certificates: &[certificate],
            policy: &policy,
            accuracy: Duration::from_secs(1),
        };
        let request = TimestampRequest::new(imprint(bytes), [3; 16]);
        authority
            .issue(&request, [0x40; 16], at("2026-06-01T00:00:00Z"))
            .expect("a token")
    };
    let sign = |key: &SigningKey, pkcs8: &[u8], dialect| {
        let certificate = certify(key, key);
        let key = DocumentKey::from_pkcs8(pkcs8, RsaPadding::Pkcs1).expect("a key");
        let signing = Signing {
            key: &key,
            certificate: &certificate,
            embedded: EmbeddedCertificates::SignersAnd(&[]),
            dialect,
            content_type: ContentType::Data,
            signed_at: Some(at("2026-06-01T00:00:00Z")),
        };
        signing
            .sign(SignedContent::Attached(CONTENT))
            .expect("a signature")
    };
    let western = sign(&western, western_der.expose(), Dialect::Cms);
    let token = stamp(western.value());
    let western = western.with_timestamp(token).to_der().expect("DER");
    let national = sign(&national, national_der.expose(), Dialect::Gmt0010)
        .to_der()
        .expect("DER");
    [western, national, stamp(CONTENT)].map(Example::new)
});

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a time")
}

/// A certificate for `key` that names and keys itself, or one by another's key; nobody builds a path here.
fn certify(issuer: &SigningKey, key: &SigningKey) -> Certificate {
    let profile = CertificateProfile {
        subject: vec![(COMMON_NAME, "fuzz".to_owned())],
        serial: [0x40; 16],
        not_before: at("2025-01-01T00:00:00Z"),
        not_after: at("2030-01-01T00:00:00Z"),
        policies: Vec::new(),
        crl_url: None,
        identity: Vec::new(),
    };
    let root = issue_root(issuer, &profile, None).expect("a certificate");
    if key.public_key() == issuer.public_key() {
        return root;
    }
    let issuer_key = SigningKey::generate(KeyPurpose::CertificateAuthority)
        .expect("a key")
        .0;
    let root = issue_root(&issuer_key, &profile, None).expect("a certificate");
    let ca = yinxin::pki::issue::IssuingCa::new(root, issuer_key).expect("a CA");
    let usage = yinxin::pki::issue::profile::EndEntityUsage::Purpose(KeyPurpose::Timestamp);
    yinxin::pki::issue::issue_end_entity(&ca, key.public_key(), &profile, &usage)
        .expect("a certificate")
}

impl Example {
    fn new(der: Vec<u8>) -> Self {
        let signed = SignedData::parse(&der).expect("what was written here");
        let facts = signed.facts(&[]);
        let [facts] = facts.as_slice() else {
            panic!("one signer");
        };
        assert_eq!(facts.integrity, Integrity::Intact);
        Self {
            content: signed.content().expect("it lies inside").concat(),
            attributes: signed_attributes(facts),
            der,
        }
    }
}

fn signed_attributes(facts: &SignatureFacts) -> Vec<(String, String)> {
    let signed = facts.attributes.iter().filter(|attribute| attribute.signed);
    let mut pairs: Vec<_> = signed
        .map(|one| (one.name.clone(), one.value.clone()))
        .collect();
    pairs.sort();
    pairs
}

/// Whatever is changed of a signed document, what passes as intact and unbroken is what was signed.
pub fn verify(data: &[u8]) {
    match data.split_first() {
        Some((b'!', [which, recipe @ ..])) => {
            let example = &EXAMPLES[usize::from(*which) % EXAMPLES.len()];
            check(&changed(&example.der, recipe), Some(example));
        }
        _ => check(data, None),
    }
}

/// Changes of four bytes: where (two bytes), which bits are turned, and how many bytes are taken out there.
fn changed(der: &[u8], recipe: &[u8]) -> Vec<u8> {
    let mut changed = der.to_vec();
    for step in recipe.chunks_exact(4).take(16) {
        let &[high, low, bits, taken] = step else {
            break;
        };
        let place = usize::from(u16::from_be_bytes([high, low])) % changed.len().max(1);
        if let Some(byte) = changed.get_mut(place) {
            *byte ^= bits;
        }
        let end = (place + usize::from(taken % 4)).min(changed.len());
        changed.drain(place..end);
    }
    changed
}

fn check(bytes: &[u8], example: Option<&Example>) {
    let signed = match SignedData::parse(bytes) {
        Ok(signed) => signed,
        Err(refusal) => {
            let message = refusal.to_string();
            assert!(!message.chars().any(char::is_control), "{message:?}");
            return;
        }
    };
    let needs = signed.needs();
    let facts = signed.facts(&[]);
    assert_eq!(facts.len(), signed.signer_count());
    for facts in &facts {
        let broken = facts
            .faults
            .iter()
            .any(|fault| fault.weight == FaultWeight::Broken);
        if facts.integrity != Integrity::Intact || broken {
            continue;
        }
        assert!(
            needs == ContentNeeds::default(),
            "intact without the content"
        );
        let Some(example) = example else {
            // Nobody but us has these keys; others may sign what they like.
            continue;
        };
        let content = signed.content().expect("it lies inside").concat();
        assert_eq!(content, example.content, "content that was not signed");
        assert_eq!(
            signed_attributes(facts),
            example.attributes,
            "attributes that were not signed"
        );
    }
    if signed.is_timestamp_token() {
        check_token(&signed, example);
    }
}

/// A token that is intact and about the content says the time that was stamped.
fn check_token(signed: &SignedData<'_>, example: Option<&Example>) {
    let needs = signed.timestamp_needs();
    let covered = [DetachedContent::of_bytes(None, CONTENT.to_vec(), &needs)];
    let stamp = signed.timestamp(&covered);
    let Some(signature) = &stamp.signature else {
        assert!(stamp.malformed.is_some(), "neither read nor refused");
        return;
    };
    let intact = signature.integrity == Integrity::Intact && stamp.imprint == Imprint::Matches;
    let broken = signature
        .faults
        .iter()
        .any(|fault| fault.weight == FaultWeight::Broken);
    if example.is_some() && intact && !broken {
        assert_eq!(stamp.time, Some(at("2026-06-01T00:00:00Z")));
    }
}

/// Recipes, and the documents themselves.
#[must_use]
pub fn seeds() -> Vec<Vec<u8>> {
    let mut seeds: Vec<Vec<u8>> = EXAMPLES.iter().map(|example| example.der.clone()).collect();
    for which in 0..3 {
        seeds.push(vec![b'!', which]);
        seeds.push(vec![b'!', which, 0, 40, 1, 0]);
        seeds.push(vec![b'!', which, 1, 0, 0x80, 0, 0, 9, 0, 1]);
    }
    seeds
}
