//! What verifies, and what does not.

mod more_algorithms;
mod pss;

use super::*;
use crate::crypto::algorithm::ParametersRule;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::openssl_digest;
use crate::crypto::pss_parameters::PssParameters;
use crate::encoding::hex;
use openssl::ec::EcGroup;
use openssl::ec::EcKey;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::pkey::Private;
use openssl::rsa::Padding;
use openssl::rsa::Rsa;
use openssl::sign::RsaPssSaltlen;
use openssl::sign::Signer;
use proptest::prelude::*;
use std::sync::LazyLock;

const MESSAGE: &[u8] = b"message";

static RSA_1024: LazyLock<PKey<Private>> = LazyLock::new(|| rsa_key(1024));
static RSA_2048: LazyLock<PKey<Private>> = LazyLock::new(|| rsa_key(2048));

fn rsa_key(bits: u32) -> PKey<Private> {
    PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap()
}

fn ec_key(curve: Nid) -> PKey<Private> {
    let group = EcGroup::from_curve_name(curve).unwrap();
    PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
}

fn public(key: &PKey<Private>) -> PublicKey {
    PublicKey::from_spki_der(&key.public_key_to_der().unwrap()).unwrap()
}

fn message_digest(algorithm: SignatureAlgorithm) -> MessageDigest {
    openssl_digest(algorithm.digest())
}

fn pss(hash: DigestAlgorithm) -> SignatureAlgorithm {
    SignatureAlgorithm::RsaPss(PssParameters::usual(hash))
}

/// Signs as X.509 would have it.
fn sign(algorithm: SignatureAlgorithm, key: &PKey<Private>) -> Vec<u8> {
    let mut signer = Signer::new(message_digest(algorithm), key).unwrap();
    if algorithm.row().parameters == ParametersRule::Pss {
        signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
        signer
            .set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)
            .unwrap();
    }
    signer.sign_oneshot_to_vec(MESSAGE).unwrap()
}

fn fixed(der: &[u8], half: i32) -> Vec<u8> {
    let value = EcdsaSig::from_der(der).unwrap();
    [value.r(), value.s()]
        .iter()
        .flat_map(|number| number.to_vec_padded(half).unwrap())
        .collect()
}

/// The value verifies, and nothing near it does.
fn assert_binds(
    algorithm: SignatureAlgorithm,
    (key, other): (&PublicKey, &PublicKey),
    signature: &[u8],
    form: SignatureForm,
) {
    let verify = |key: &PublicKey, message: &[u8], signature: &[u8]| {
        verify_signature(algorithm, key, message, signature, form)
    };
    let bad = Err(VerifyError::BadSignature);
    let shown = format!("{algorithm}, {}, {form:?}", key.algorithm());
    assert_eq!(verify(key, MESSAGE, signature), Ok(()), "{shown}");
    assert_eq!(verify(other, MESSAGE, signature), bad, "{shown}: other key");
    assert_eq!(verify(key, b"messagf", signature), bad, "{shown}: bit");
    let mut flipped = signature.to_vec();
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(verify(key, MESSAGE, &flipped), bad, "{shown}: bit");
    let truncated = &signature[..signature.len() - 1];
    assert_eq!(verify(key, MESSAGE, truncated), bad, "{shown}: truncated");
    let trailing = [signature, &[0]].concat();
    assert_eq!(verify(key, MESSAGE, &trailing), bad, "{shown}: trailing");
    assert_eq!(verify(key, MESSAGE, &[]), bad, "{shown}: empty");
}

#[test]
fn rsa_is_computed_for_weak_and_strong_keys() {
    for key in [&*RSA_1024, &*RSA_2048] {
        let other = public(&rsa_key(key.bits()));
        for algorithm in [
            SignatureAlgorithm::RsaPkcs1Sha1,
            SignatureAlgorithm::RsaPkcs1Sha224,
            SignatureAlgorithm::RsaPkcs1Sha256,
            SignatureAlgorithm::RsaPkcs1Sha384,
            SignatureAlgorithm::RsaPkcs1Sha512,
            SignatureAlgorithm::RsaPkcs1Sha512_224,
            SignatureAlgorithm::RsaPkcs1Sha512_256,
            SignatureAlgorithm::RsaPkcs1Sha3_224,
            SignatureAlgorithm::RsaPkcs1Sha3_256,
            SignatureAlgorithm::RsaPkcs1Sha3_384,
            SignatureAlgorithm::RsaPkcs1Sha3_512,
            pss(DigestAlgorithm::Sha1),
            pss(DigestAlgorithm::Sha256),
            pss(DigestAlgorithm::Sha384),
        ] {
            let signature = sign(algorithm, key);
            let keys = (&public(key), &other);
            assert_binds(algorithm, keys, &signature, SignatureForm::Der);
        }
    }
}

#[test]
fn paddings_do_not_pass_for_each_other() {
    let key = public(&RSA_2048);
    let pkcs1 = sign(SignatureAlgorithm::RsaPkcs1Sha256, &RSA_2048);
    for algorithm in [
        pss(DigestAlgorithm::Sha256),
        SignatureAlgorithm::RsaPkcs1Sha384,
    ] {
        assert_eq!(
            verify_signature(algorithm, &key, MESSAGE, &pkcs1, SignatureForm::Der),
            Err(VerifyError::BadSignature)
        );
    }
}

#[test]
fn ecdsa_is_computed_for_every_curve_digest_and_form() {
    for (curve, half) in [
        (Nid::X9_62_PRIME192V1, 24),
        (Nid::SECP224R1, 28),
        (Nid::X9_62_PRIME256V1, 32),
        (Nid::SECP384R1, 48),
        (Nid::SECP521R1, 66),
        (Nid::SECP256K1, 32),
        (Nid::BRAINPOOL_P256R1, 32),
        (Nid::BRAINPOOL_P384R1, 48),
        (Nid::BRAINPOOL_P512R1, 64),
    ] {
        let key = ec_key(curve);
        let (public_key, other) = (public(&key), public(&ec_key(curve)));
        for algorithm in [
            SignatureAlgorithm::EcdsaSha1,
            SignatureAlgorithm::EcdsaSha224,
            SignatureAlgorithm::EcdsaSha256,
            SignatureAlgorithm::EcdsaSha384,
            SignatureAlgorithm::EcdsaSha512,
        ] {
            let der = sign(algorithm, &key);
            let keys = (&public_key, &other);
            assert_binds(algorithm, keys, &der, SignatureForm::Der);
            assert_binds(algorithm, keys, &fixed(&der, half), SignatureForm::Fixed);
        }
    }
}

#[test]
fn jose_binds_the_curve() {
    let (p256, p384, p521) = (
        ec_key(Nid::X9_62_PRIME256V1),
        ec_key(Nid::SECP384R1),
        ec_key(Nid::SECP521R1),
    );
    for (algorithm, key, half) in [
        (SignatureAlgorithm::EcdsaP256Sha256, &p256, 32),
        (SignatureAlgorithm::EcdsaP384Sha384, &p384, 48),
        (SignatureAlgorithm::EcdsaP521Sha512, &p521, 66),
    ] {
        let signature = fixed(&sign(algorithm, key), half);
        let form = SignatureForm::Fixed;
        for verifier in [&p256, &p384, &p521] {
            let verifier = public(verifier);
            let expected = if verifier == public(key) {
                Ok(())
            } else {
                Err(VerifyError::KeyMismatch {
                    algorithm,
                    key: verifier.algorithm(),
                })
            };
            assert_eq!(
                verify_signature(algorithm, &verifier, MESSAGE, &signature, form),
                expected
            );
        }
    }
}

#[test]
fn ed25519_vectors_of_rfc_8032_hold() {
    // RFC 8032 §7.1, tests 1 to 3.
    for (key, message, signature) in [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155\
             5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da\
             085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac\
             18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ] {
        let spki = hex::decode(&format!("302a300506032b6570032100{key}")).unwrap();
        let key = PublicKey::from_spki_der(&spki).unwrap();
        let verify = |message: &[u8], signature: &[u8]| {
            let algorithm = SignatureAlgorithm::Ed25519;
            verify_signature(algorithm, &key, message, signature, SignatureForm::Fixed)
        };
        let message = hex::decode(message).unwrap();
        let signature = hex::decode(signature).unwrap();
        assert_eq!(verify(&message, &signature), Ok(()));
        assert_eq!(
            verify(b"another", &signature),
            Err(VerifyError::BadSignature)
        );
        assert_eq!(
            verify(&message, &signature[..63]),
            Err(VerifyError::BadSignature)
        );
    }
}

#[test]
fn a_point_off_its_curve_is_no_key() {
    for (curve, algorithm) in [
        (Nid::X9_62_PRIME256V1, SignatureAlgorithm::EcdsaSha256),
        (Nid::X9_62_PRIME256V1, SignatureAlgorithm::EcdsaSha512),
        (Nid::SECP521R1, SignatureAlgorithm::EcdsaSha512),
        (Nid::SECP256K1, SignatureAlgorithm::EcdsaSha256),
        (Nid::BRAINPOOL_P256R1, SignatureAlgorithm::EcdsaSha256),
    ] {
        let key = ec_key(curve);
        let signature = sign(algorithm, &key);
        let mut spki = key.public_key_to_der().unwrap();
        *spki.last_mut().unwrap() ^= 1;
        let off = PublicKey::from_spki_der(&spki).unwrap();
        assert_eq!(
            verify_signature(algorithm, &off, MESSAGE, &signature, SignatureForm::Der),
            Err(VerifyError::MalformedKey)
        );
    }
}

#[test]
fn what_cannot_be_computed_is_not_called_wrong() {
    let verify = |algorithm, key: &PublicKey| {
        verify_signature(algorithm, key, MESSAGE, b"value", SignatureForm::Der)
    };
    let short = public(&rsa_key(512));
    assert_eq!(
        verify(SignatureAlgorithm::RsaPkcs1Sha256, &short),
        Err(VerifyError::UnsupportedKey {
            key: KeyAlgorithm::Rsa { bits: 512 }
        })
    );
    let unknown = public(&PKey::generate_x25519().unwrap());
    assert!(matches!(
        verify(SignatureAlgorithm::EcdsaSha256, &unknown),
        Err(VerifyError::UnsupportedKey { .. })
    ));
    assert!(matches!(
        verify(SignatureAlgorithm::EcdsaSha256, &public(&RSA_2048)),
        Err(VerifyError::KeyMismatch { .. })
    ));
}

proptest! {
    #[test]
    fn a_flipped_bit_in_a_value_never_passes(bit in 0..256 * 8_usize) {
        static SIGNATURE: LazyLock<Vec<u8>> =
            LazyLock::new(|| sign(pss(DigestAlgorithm::Sha256), &RSA_2048));
        static KEY: LazyLock<PublicKey> = LazyLock::new(|| public(&RSA_2048));
        let mut flipped = SIGNATURE.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let algorithm = pss(DigestAlgorithm::Sha256);
        let form = SignatureForm::Der;
        prop_assert_eq!(verify_signature(algorithm, &KEY, MESSAGE, &SIGNATURE, form), Ok(()));
        prop_assert_eq!(
            verify_signature(algorithm, &KEY, MESSAGE, &flipped, form),
            Err(VerifyError::BadSignature)
        );
    }
}
