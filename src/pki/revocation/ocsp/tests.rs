//! Reading responses and writing requests: each field, each refusal.

use proptest::prelude::*;

use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::sign::SigningKey;
use crate::crypto::verify::VerifyError;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::certificate::fixtures::Parts;
use crate::pki::certificate::fixtures::common_name;
use crate::pki::certificate::fixtures::extension;
use crate::pki::certificate::fixtures::sequence;
use crate::pki::certificate::fixtures::version;
use crate::pki::der;
use crate::pki::der::DerErrorKind;
use crate::pki::name::DistinguishedName;
use crate::pki::revocation::ocsp::BasicResponse;
use crate::pki::revocation::ocsp::CertificateId;
use crate::pki::revocation::ocsp::MAX_SIZE_BYTES;
use crate::pki::revocation::ocsp::Nonce;
use crate::pki::revocation::ocsp::OcspError;
use crate::pki::revocation::ocsp::OcspResponse;
use crate::pki::revocation::ocsp::RefusalStatus;
use crate::pki::revocation::ocsp::ResponderId;
use crate::pki::revocation::ocsp::SingleStatus;
use crate::pki::revocation::ocsp::certificate_id::key_bits;
use crate::pki::revocation::ocsp::fixtures::ResponseParts;
use crate::pki::revocation::ocsp::fixtures::SingleParts;
use crate::pki::revocation::ocsp::fixtures::time;
use crate::pki::revocation::ocsp::request_der;
use crate::pki::revocation::reason::RevocationReason;

const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";
const ARCHIVE_CUTOFF: &str = "1.3.6.1.5.5.7.48.1.6";

fn certificate() -> Certificate {
    Certificate::parse_der(&Parts::good().der()).unwrap()
}

fn key() -> SigningKey {
    let (key, _) = SigningKey::generate(KeyPurpose::CertificateAuthority).unwrap();
    key
}

fn id() -> CertificateId {
    CertificateId::new(&certificate(), key().public_key(), DigestAlgorithm::Sha1)
}

/// A good response with something changed.
fn changed(change: impl FnOnce(&mut ResponseParts)) -> ResponseParts {
    let mut parts = ResponseParts::good("Responder", vec![SingleParts::good(&id())]);
    change(&mut parts);
    parts
}

fn parse(change: impl FnOnce(&mut ResponseParts)) -> Result<BasicResponse, OcspError> {
    match OcspResponse::parse_der(changed(change).der())? {
        OcspResponse::Basic(response) => Ok(response),
        OcspResponse::Refusal(status) => panic!("{status}"),
    }
}

fn refusal(change: impl FnOnce(&mut ResponseParts)) -> String {
    parse(change).unwrap_err().to_string()
}

#[test]
fn every_field_is_read() {
    let nonce = Nonce([7; 32]);
    let responder = certificate();
    let response = parse(|parts| {
        parts.version = version(0);
        let mut revoked = SingleParts::revoked(&id(), Some(1));
        let date = time("20290501000000Z");
        revoked.extensions = vec![
            extension("2.5.29.24", false, &date),
            extension(ARCHIVE_CUTOFF, true, &date),
            extension("1.2.3", false, b"anything"),
        ];
        revoked.next_update = None;
        let unspecified = SingleParts::revoked(&id(), None);
        let unknown = SingleParts::unknown(&id());
        parts.singles.extend([revoked, unspecified, unknown]);
        parts.extensions = vec![
            extension(NONCE, false, &der::encode(der::OCTET_STRING, &nonce.0)),
            extension("1.3.6.1.5.5.7.48.1.9", true, &[5, 0]),
            extension("1.2.3", false, b"anything"),
        ];
        parts.certificates = vec![responder.der().to_vec(), sequence(&[])];
    })
    .unwrap();
    assert_eq!(response.responder().to_string(), "CN=Responder");
    assert_eq!(response.produced_at().to_string(), "2030-01-01T00:00:00Z");
    assert!(response.has_nonce(&nonce) && !response.has_nonce(&Nonce([8; 32])));
    assert_eq!(response.certificates(), [responder]);
    assert_eq!(response.unknown_critical(), None);
    let [good, revoked, unspecified, unknown] = response.answers() else {
        panic!("{response:?}")
    };
    assert_eq!(good.status, SingleStatus::Good);
    assert_eq!(good.this_update.to_string(), "2030-01-01T00:00:00Z");
    let next_update = good.next_update.unwrap();
    assert_eq!(next_update.to_string(), "2030-01-08T00:00:00Z");
    assert!(matches!(
        revoked.status,
        SingleStatus::Revoked { at, reason: RevocationReason::KeyCompromise }
            if at.to_string() == "2029-06-01T00:00:00Z"
    ));
    assert!(revoked.invalidity_date.is_some() && revoked.next_update.is_none());
    assert_eq!(revoked.unknown_critical, None);
    assert!(matches!(
        unspecified.status,
        SingleStatus::Revoked {
            reason: RevocationReason::Unspecified,
            ..
        }
    ));
    assert_eq!(unknown.status, SingleStatus::Unknown);
}

#[test]
fn refusals_carry_nothing() {
    let answer = |status: u8, rest: &[u8]| {
        let status = der::encode(der::ENUMERATED, &[status]);
        OcspResponse::parse_der(sequence(&[status, rest.to_vec()]))
    };
    for (number, status, name) in [
        (1, RefusalStatus::MalformedRequest, "malformedRequest"),
        (2, RefusalStatus::InternalError, "internalError"),
        (3, RefusalStatus::TryLater, "tryLater"),
        (5, RefusalStatus::SignatureRequired, "sigRequired"),
        (6, RefusalStatus::Unauthorized, "unauthorized"),
    ] {
        let read = answer(number, &[]).unwrap();
        assert!(matches!(read, OcspResponse::Refusal(found) if found == status));
        assert_eq!(status.to_string(), name);
    }
    assert_eq!(answer(4, &[]).unwrap_err(), OcspError::UnknownStatus);
    assert_eq!(answer(7, &[]).unwrap_err(), OcspError::UnknownStatus);
    assert_eq!(answer(0, &[]).unwrap_err(), OcspError::NoResponse);
    let error = parse(|parts| parts.status = 3).unwrap_err();
    assert_eq!(error, OcspError::NoResponse);
}

#[test]
fn unknown_critical_extensions_forbid_the_use() {
    let unknown = || vec![extension("1.2.3", true, b"x")];
    let response = parse(|parts| parts.extensions = unknown()).unwrap();
    assert_eq!(response.unknown_critical().unwrap(), &"1.2.3");
    let response = parse(|parts| parts.singles[0].extensions = unknown()).unwrap();
    assert_eq!(
        response.answers()[0].unknown_critical.as_ref().unwrap(),
        &"1.2.3"
    );
}

#[test]
fn an_element_too_many_is_refused_wherever_it_stands() {
    let null = || vec![0x05, 0x00];
    let changes: [fn(&mut ResponseParts, Vec<u8>); 6] = [
        |parts, null| parts.trailing[0] = null,
        |parts, null| parts.trailing[1] = null,
        |parts, null| parts.trailing[2] = null,
        |parts, null| parts.singles[0].after = null,
        |parts, null| parts.extensions.push(null),
        |parts, null| parts.singles[0].id = sequence(&[parts.singles[0].id[2..].to_vec(), null]),
    ];
    for change in changes {
        let error = parse(|parts| change(parts, null())).unwrap_err();
        assert!(matches!(error, OcspError::Der(_)), "{error}");
    }
}

#[test]
fn truncated_and_prolonged_responses_are_refused() {
    let good = changed(|_| {}).der();
    for end in 0..good.len() {
        assert!(OcspResponse::parse_der(&good[..end]).is_err());
    }
    let error = OcspResponse::parse_der([&good[..], &[0]].concat()).unwrap_err();
    assert!(matches!(error, OcspError::Der(e) if e.kind == DerErrorKind::TrailingBytes));
}

#[test]
fn other_forms_are_refused() {
    assert_eq!(
        refusal(|parts| parts.version = version(1)),
        "unknown OCSP response version"
    );
    assert_eq!(
        refusal(|parts| parts.response_type = "1.2.3"),
        "unknown OCSP response type 1.2.3"
    );
    let utc = || der::encode(der::UTC_TIME, b"300101000000Z");
    for (field, error) in [
        ("producedAt", refusal(|parts| parts.produced_at = utc())),
        (
            "thisUpdate",
            refusal(|parts| parts.singles[0].this_update = utc()),
        ),
        (
            "nextUpdate",
            refusal(|parts| parts.singles[0].next_update = Some(time("20300230000000Z"))),
        ),
        (
            "revocationTime",
            refusal(|parts| {
                parts.singles[0].status = der::encode(der::context_constructed(1), &utc());
            }),
        ),
    ] {
        assert_eq!(error, format!("malformed {field} date"));
    }
    let reason = |parts: &mut ResponseParts| {
        parts.singles[0] = SingleParts::revoked(&id(), Some(0x80));
    };
    assert_eq!(refusal(reason), "malformed revocation reason");
    let date = |parts: &mut ResponseParts| {
        parts.singles[0].extensions = vec![extension("2.5.29.24", false, &[5, 0])];
    };
    assert_eq!(refusal(date), "malformed extension 2.5.29.24");
    let twice = |parts: &mut ResponseParts| {
        parts.extensions = vec![extension("1.2.3", false, b""); 2];
    };
    assert_eq!(refusal(twice), "extension 1.2.3 occurs twice");
    for status in [
        der::encode(der::context_primitive(0), &[0]),
        der::encode(der::context_primitive(2), &[5, 0]),
        der::encode(der::context_primitive(3), &[]),
    ] {
        let error = parse(|parts| parts.singles[0].status = status).unwrap_err();
        assert!(matches!(error, OcspError::Der(_)), "{error}");
    }
    let responder = |parts: &mut ResponseParts| {
        parts.responder = der::encode(der::context_constructed(2), &common_name("CA"));
    };
    assert!(matches!(parse(responder).unwrap_err(), OcspError::Der(_)));
}

#[test]
fn sizes_are_limited() {
    let error = refusal(|parts| {
        parts.extensions = vec![extension("1.2.3", false, &vec![0; MAX_SIZE_BYTES])];
    });
    assert!(error.starts_with("an OCSP response of 262"), "{error}");
    let error = refusal(|parts| parts.certificates = vec![sequence(&[]); 17]);
    assert_eq!(error, "more than 16 certificates in an OCSP response");
}

#[test]
fn certificates_are_identified_by_any_digest() {
    let (certificate, issuer, another) = (certificate(), key(), key());
    for (algorithm, bytes) in [
        (DigestAlgorithm::Sha1, 20),
        (DigestAlgorithm::Sha256, 32),
        (DigestAlgorithm::Sha384, 48),
        (DigestAlgorithm::Sha512, 64),
        (DigestAlgorithm::Sm3, 32),
    ] {
        let written = CertificateId::new(&certificate, issuer.public_key(), algorithm);
        let der = written.to_der();
        let read = CertificateId::read(der::single(&der).unwrap()).unwrap();
        assert_eq!(read, written);
        let key_hash = digest(algorithm, key_bits(issuer.public_key()));
        assert_eq!(key_hash.as_bytes().len(), bytes);
        assert!(der.windows(bytes).any(|w| w == key_hash.as_bytes()));
        assert!(read.matches(&certificate, issuer.public_key()));
        assert!(!read.matches(&certificate, another.public_key()));
        let mut parts = Parts::good();
        parts.serial = der::encode(der::INTEGER, &[5]);
        let other_serial = Certificate::parse_der(&parts.der()).unwrap();
        assert!(!read.matches(&other_serial, issuer.public_key()));
        parts.serial = Parts::good().serial;
        parts.issuer = common_name("Another");
        let other_name = Certificate::parse_der(&parts.der()).unwrap();
        assert!(!read.matches(&other_name, issuer.public_key()));
    }
}

#[test]
fn an_unknown_digest_matches_nothing() {
    let (certificate, issuer) = (certificate(), key());
    let der = CertificateId::new(&certificate, issuer.public_key(), DigestAlgorithm::Sha1).to_der();
    let sha1 = [6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0];
    let at = der.windows(sha1.len()).position(|w| w == sha1).unwrap();
    for (change, value) in [(6, 0x1b), (7, 4)] {
        let mut other = der.clone();
        other[at + change] = value;
        let id = CertificateId::read(der::single(&other).unwrap()).unwrap();
        assert!(!id.matches(&certificate, issuer.public_key()));
    }
}

#[test]
fn responders_are_named_or_known_by_their_key() {
    let responder = certificate();
    let name =
        |text| ResponderId::ByName(DistinguishedName::parse_der(&common_name(text)).unwrap());
    assert!(name(" subject ").matches(&responder));
    assert!(!name("Issuer").matches(&responder));
    let bits = key_bits(responder.public_key());
    for algorithm in [
        DigestAlgorithm::Sha1,
        DigestAlgorithm::Sha256,
        DigestAlgorithm::Sm3,
    ] {
        let hash = digest(algorithm, bits).as_bytes().to_vec();
        assert!(ResponderId::ByKey(hash).matches(&responder));
    }
    for hash in [vec![0; 20], vec![0; 32], Vec::new()] {
        assert!(!ResponderId::ByKey(hash).matches(&responder));
    }
    let by_key = der::encode(der::OCTET_STRING, &[1, 2]);
    let response =
        parse(|parts| parts.responder = der::encode(der::context_constructed(2), &by_key));
    assert_eq!(response.unwrap().responder().to_string(), "key 0102");
}

#[test]
fn signatures_are_verified_over_what_was_signed() {
    let (signer, another) = (key(), key());
    let response = changed(|_| {}).signed_by(&signer);
    let wrong = Err(IssuerSignatureError::Verify(VerifyError::BadSignature));
    assert_eq!(response.verify_signature(another.public_key()), wrong);
    assert_eq!(response.verify_signature(signer.public_key()), Ok(()));
    assert!(response.is_proven_by(signer.public_key()));
    let mut altered = response.der().to_vec();
    let at = altered.windows(9).position(|w| w == b"Responder").unwrap();
    altered[at] = b'B';
    let OcspResponse::Basic(altered) = OcspResponse::parse_der(altered).unwrap() else {
        panic!("refused")
    };
    assert_eq!(altered.verify_signature(signer.public_key()), wrong);
}

#[test]
fn requests_ask_about_one_certificate() {
    let (certificate, issuer) = (certificate(), key());
    let sha256 = DigestAlgorithm::Sha256;
    let plain = request_der(&certificate, issuer.public_key(), sha256, None);
    der::check(&plain).unwrap();
    let id = CertificateId::new(&certificate, issuer.public_key(), sha256).to_der();
    let list = sequence(&[sequence(&[id])]);
    let tbs = sequence(std::slice::from_ref(&list));
    assert_eq!(plain, sequence(&[tbs]));

    let nonce = Nonce([9; 32]);
    let with_nonce = request_der(&certificate, issuer.public_key(), sha256, Some(&nonce));
    der::check(&with_nonce).unwrap();
    let value = der::encode(der::OCTET_STRING, &nonce.0);
    let extensions = sequence(&[extension(NONCE, false, &value)]);
    let extensions = der::encode(der::context_constructed(2), &extensions);
    assert_eq!(with_nonce, sequence(&[sequence(&[list, extensions])]));
}

proptest! {
    #[test]
    fn a_changed_bit_is_refused_or_read(position in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut other = changed(|_| {}).der();
        let at = position.index(other.len());
        other[at] ^= 1 << bit;
        if let Ok(OcspResponse::Basic(read)) = OcspResponse::parse_der(other.clone()) {
            prop_assert_eq!(read.der(), &other[..]);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(OcspResponse::parse_der(bytes).is_err());
    }
}
