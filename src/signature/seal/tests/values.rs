//! Content, values, keys and timestamps.

use sm2::SecretKey;
use sm2::dsa::Signature;
use sm2::dsa::SigningKey as Sm2Key;
use sm2::dsa::signature::Signer as _;
use sm2::dsa::signature::hazmat::PrehashSigner as _;

use super::People;
use super::VERSIONS;
use super::is_whole;
use super::places;
use super::seal;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::random::SeededRandom;
use crate::crypto::sign::SigningKey;
use crate::pki::der;
use crate::signature::cms::fixtures::Parts as TokenParts;
use crate::signature::cms::fixtures::Signer;
use crate::signature::cms::fixtures::sequence;
use crate::signature::cms::fixtures::sha_256;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::FaultWeight;
use crate::signature::facts::Imprint;
use crate::signature::facts::Integrity;
use crate::signature::facts::TimestampKind;
use crate::signature::seal::fixtures::CONTENT;
use crate::signature::seal::fixtures::bits;
use crate::signature::seal::fixtures::content;
use crate::signature::seal::fixtures::content_of;
use crate::signature::seal::parse::SealSignature;

#[test]
fn other_content_differs_and_none_is_missing() {
    let people = People::new();
    for version in VERSIONS {
        let der = people.der(&people.good(version));
        let signature = SealSignature::parse(&der).unwrap();
        let facts = signature.facts(&content_of(b"something else"));
        assert_eq!(facts.integrity, Integrity::ContentDiffers);
        let several = [content_of(b"something else"), content()].concat();
        assert!(is_whole(&signature.facts(&several)));
        let facts = signature.facts(&[]);
        assert_eq!(facts.integrity, Integrity::ContentMissing);
        let nothing = [DetachedContent::default()];
        assert_eq!(
            signature.facts(&nothing).integrity,
            Integrity::ContentMissing
        );
    }
}

#[test]
fn a_value_of_another_key_is_wrong() {
    let people = People::new();
    for version in VERSIONS {
        let parts = people.good(version);
        let facts = super::facts_of(&parts.der(&people.maker.key, &people.maker.key));
        assert_eq!(facts.integrity, Integrity::ValueWrong);
        assert_eq!(seal(&facts).maker_integrity, Integrity::Intact);

        let facts = super::facts_of(&parts.der(&people.signer.key, &people.signer.key));
        assert_eq!(facts.integrity, Integrity::Intact);
        assert_eq!(seal(&facts).maker_integrity, Integrity::ValueWrong);
    }
}

#[test]
fn a_seal_that_was_altered_is_not_what_its_maker_signed() {
    let people = People::new();
    for version in VERSIONS {
        let good = people.good(version);
        let mut parts = good.clone();
        parts.name = "某某公司公章".as_bytes().to_vec();
        let made = people.maker.key.sign_der(&good.maker_message());
        parts.maker_value = Some(made.unwrap());
        // The signer signs the altered seal: only the maker's signature tells.
        let facts = people.facts(&parts);
        assert_eq!(facts.integrity, Integrity::Intact);
        assert_eq!(seal(&facts).maker_integrity, Integrity::ValueWrong);

        // Altered after the signing, both do.
        parts.value = Some(good.signature(&people.signer.key, &people.maker.key));
        let facts = people.facts(&parts);
        assert_eq!(facts.integrity, Integrity::ValueWrong);
    }
}

#[test]
fn a_maker_signs_the_information_alone_since_version_4_and_more_before() {
    let people = People::new();
    for version in VERSIONS {
        let mut parts = people.good(version);
        let message = match version {
            1 => parts.information(),
            _ => sequence(&[parts.information()]),
        };
        parts.maker_value = Some(people.maker.key.sign_der(&message).unwrap());
        let facts = people.facts(&parts);
        assert_eq!(seal(&facts).maker_integrity, Integrity::ValueWrong);
    }
}

/// The value in DER.
fn value_of(signature: &Signature) -> Vec<u8> {
    let fixed = signature.to_bytes();
    let (r, s) = fixed.split_at(32);
    sequence(&[der::encode_unsigned(r), der::encode_unsigned(s)])
}

#[test]
fn values_without_z_or_with_another_identifier_are_wrong() {
    let people = People::new();
    let random = SeededRandom::new([1; 32]);
    let made = SigningKey::generate_sm2(KeyPurpose::CertificateAuthority, &random);
    let (_, pkcs8) = made.unwrap();
    let secret = SecretKey::from_slice(&pkcs8.expose()[36..68]).unwrap();
    for version in VERSIONS {
        let parts = people.good(version);
        let message = parts.message(&people.maker.key);
        let with_id = |id: &str| {
            let key = Sm2Key::new(id, &secret).unwrap();
            value_of(&key.try_sign(&message).unwrap())
        };
        let without_z = || {
            let key = Sm2Key::new("1234567812345678", &secret).unwrap();
            let e = digest(DigestAlgorithm::Sm3, &message);
            value_of(&key.sign_prehash(e.as_bytes()).unwrap())
        };
        for (value, expected) in [
            (with_id("1234567812345678"), Integrity::Intact),
            (with_id(""), Integrity::ValueWrong),
            (with_id("ALICE123@YAHOO.COM"), Integrity::ValueWrong),
            (without_z(), Integrity::ValueWrong),
        ] {
            let mut parts = parts.clone();
            parts.value = Some(value);
            assert_eq!(people.facts(&parts).integrity, expected);
        }
    }
}

#[test]
fn a_certificate_that_cannot_be_read_decides_nothing() {
    let people = People::new();
    for version in VERSIONS {
        let der = people.der(&people.good(version));
        let certificate = people.signer.certificate.der();
        let key = people.signer.certificate.public_key().spki_der();
        let mut broken = der.clone();
        let inside = certificate
            .windows(key.len())
            .position(|window| window == key);
        for at in 0..der.len() - certificate.len() {
            if der[at..].starts_with(certificate) {
                broken[at + inside.unwrap()] = 0;
            }
        }
        let facts = super::facts_of(&broken);
        assert_eq!(facts.integrity, Integrity::NoCertificate);
        assert!(facts.signer.is_none());
        assert!(places(&facts, FaultWeight::Irregular).contains(&"cert"));
    }
}

#[test]
fn an_unknown_algorithm_decides_nothing_and_another_kind_of_key_does_not_fit() {
    let people = People::new();
    for version in VERSIONS {
        let mut parts = people.good(version);
        parts.algorithm = "1.2.3.4";
        let facts = people.facts(&parts);
        assert_eq!(facts.integrity, Integrity::AlgorithmUnknown);
        assert_eq!(facts.algorithm.name, "1.2.3.4");
        assert_eq!(facts.digest, Some(DigestAlgorithm::Sm3));

        let mut parts = people.good(version);
        parts.maker_algorithm = "1.2.840.10045.4.3.2";
        let facts = people.facts(&parts);
        let found = &seal(&facts).maker_integrity;
        assert!(matches!(found, Integrity::KeyMismatch { .. }), "{found:?}");
    }
}

#[test]
fn sm2_may_be_named_without_its_digest() {
    let people = People::new();
    for version in VERSIONS {
        for name in ["1.2.156.10197.1.301.1", "1.2.156.10197.1.301"] {
            let mut parts = people.good(version);
            (parts.algorithm, parts.maker_algorithm) = (name, name);
            let facts = people.facts(&parts);
            assert!(is_whole(&facts));
            assert_eq!(places(&facts, FaultWeight::Irregular).len(), 2);
        }
    }
}

#[test]
fn other_algorithms_of_the_table_are_computed_with_their_digest() {
    let mut people = People::new();
    people.signer = Signer::p256("a");
    let mut parts = people.good(4);
    parts.algorithm = "1.2.840.10045.4.3.2";
    let facts = people.facts(&parts);
    assert_eq!(facts.digest, Some(DigestAlgorithm::Sha256));
    assert_eq!(places(&facts, FaultWeight::Broken), Vec::<&str>::new());
    assert_eq!(
        facts.integrity,
        Integrity::ContentDiffers,
        "digested by SM3"
    );
    parts.data_hash = sha_256(CONTENT);
    assert!(is_whole(&people.facts(&parts)));
}

#[test]
fn a_digest_of_another_length_is_refused() {
    let people = People::new();
    for version in VERSIONS {
        let mut parts = people.good(version);
        parts.data_hash.pop();
        let facts = people.facts(&parts);
        assert_eq!(facts.integrity, Integrity::ContentDiffers);
        assert_eq!(places(&facts, FaultWeight::Broken), ["dataHash"]);
    }
}

#[test]
fn a_timestamp_of_the_value_is_read() {
    let people = People::new();
    let authority = Signer::p256("TSA");
    for version in [4, 5] {
        let mut parts = people.good(version);
        let value = parts.signature(&people.signer.key, &people.maker.key);
        parts.value = Some(value.clone());
        for (covered, expected) in [
            (value.as_slice(), Imprint::Matches),
            (b"something else", Imprint::Differs),
        ] {
            let token = TokenParts::token(&authority, &sha_256(covered), "20260601000000Z");
            parts.timestamp = Some(token.der(&authority.key));
            let facts = people.facts(&parts);
            assert_eq!(facts.timestamps.len(), 1);
            assert_eq!(facts.timestamps[0].kind, TimestampKind::Signature);
            assert_eq!(facts.timestamps[0].imprint, expected);
        }
    }
    let mut parts = people.good(4);
    parts.timestamp = Some(b"nothing".to_vec());
    let facts = people.facts(&parts);
    assert!(facts.timestamps[0].malformed.is_some());
    let mut parts = people.good(1);
    parts.timestamp = Some(b"nothing".to_vec());
    assert!(SealSignature::parse(&people.der(&parts)).is_err());
}

#[test]
fn a_timestamp_in_place_of_the_time_of_version_1_is_one_of_the_content() {
    let people = People::new();
    let authority = Signer::p256("TSA");
    let token = TokenParts::token(&authority, &sha_256(CONTENT), "20260601000000Z");
    let mut parts = people.good(1);
    parts.time = bits(&token.der(&authority.key));
    let der = people.der(&parts);
    let signature = SealSignature::parse(&der).unwrap();
    assert!(signature.needs().digests.contains(&DigestAlgorithm::Sha256));
    let facts = signature.facts(&content());
    assert!(is_whole(&facts));
    assert_eq!(facts.claimed_at, None);
    assert_eq!(facts.timestamps[0].kind, TimestampKind::Content);
    assert_eq!(facts.timestamps[0].imprint, Imprint::Matches);
}
