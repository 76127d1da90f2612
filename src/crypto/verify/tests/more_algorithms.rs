//! SM2, Ed448, ML-DSA, and RSA of unusual sizes.

use super::*;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::random::SeededRandom;
use crate::crypto::sign::SigningKey;
use openssl::bn::BigNum;
use openssl::bn::BigNumContext;
use openssl::pkey::KeyType;

#[test]
fn sm2_is_computed() {
    let random = SeededRandom::new([5; 32]);
    let [key, other] = std::array::from_fn(|_| {
        let made = SigningKey::generate_sm2(KeyPurpose::CertificateAuthority, &random);
        made.unwrap().0
    });
    let signature = key.sign_der(MESSAGE).unwrap();
    let keys = (key.public_key(), other.public_key());
    assert_binds(
        SignatureAlgorithm::Sm2Sm3,
        keys,
        &signature,
        SignatureForm::Der,
    );
    // The same point off its curve.
    let mut spki = key.public_key().spki_der().to_vec();
    *spki.last_mut().unwrap() ^= 1;
    let off = PublicKey::from_spki_der(&spki).unwrap();
    let verify = |algorithm, key: &PublicKey| {
        verify_signature(algorithm, key, MESSAGE, &signature, SignatureForm::Der)
    };
    let malformed = Err(VerifyError::MalformedKey);
    assert_eq!(verify(SignatureAlgorithm::Sm2Sm3, &off), malformed);
    assert_eq!(verify(SignatureAlgorithm::Sm2Sm3, &off), malformed, "again");
}

#[test]
fn sm2_and_ecdsa_keep_apart() {
    let random = SeededRandom::new([6; 32]);
    let (sm2, _) = SigningKey::generate_sm2(KeyPurpose::CertificateAuthority, &random).unwrap();
    let p256 = public(&ec_key(Nid::X9_62_PRIME256V1));
    let signature = sm2.sign_der(MESSAGE).unwrap();
    for (algorithm, key) in [
        (SignatureAlgorithm::EcdsaSha256, sm2.public_key()),
        (SignatureAlgorithm::EcdsaP256Sha256, sm2.public_key()),
        (SignatureAlgorithm::Sm2Sm3, &p256),
    ] {
        assert_eq!(
            verify_signature(algorithm, key, MESSAGE, &signature, SignatureForm::Der),
            Err(VerifyError::KeyMismatch {
                algorithm,
                key: key.algorithm()
            })
        );
    }
}

#[test]
fn ed448_is_computed() {
    let [key, other] = std::array::from_fn(|_| PKey::generate_ed448().unwrap());
    let mut signer = Signer::new_without_digest(&key).unwrap();
    let signature = signer.sign_oneshot_to_vec(MESSAGE).unwrap();
    let algorithm = SignatureAlgorithm::Ed448;
    let keys = (&public(&key), &public(&other));
    assert_binds(algorithm, keys, &signature, SignatureForm::Der);
    let mismatched = SignatureAlgorithm::Ed25519;
    assert!(matches!(
        verify_signature(mismatched, keys.0, MESSAGE, &signature, SignatureForm::Der),
        Err(VerifyError::KeyMismatch { .. })
    ));
}

#[test]
fn ml_dsa_is_computed() {
    for (algorithm, kind) in [
        (SignatureAlgorithm::MlDsa44, KeyType::ML_DSA_44),
        (SignatureAlgorithm::MlDsa65, KeyType::ML_DSA_65),
        (SignatureAlgorithm::MlDsa87, KeyType::ML_DSA_87),
    ] {
        let [key, other] =
            [1, 2].map(|seed| PKey::private_key_from_seed(None, kind, None, &[seed; 32]).unwrap());
        let mut signer = Signer::new_without_digest(&key).unwrap();
        let signature = signer.sign_oneshot_to_vec(MESSAGE).unwrap();
        let keys = (&public(&key), &public(&other));
        assert_binds(algorithm, keys, &signature, SignatureForm::Der);
        let in_context =
            |context: &[u8]| verify_ml_dsa_with_context(keys.0, context, MESSAGE, &signature);
        assert_eq!(in_context(b""), Ok(()), "the empty context is none");
        for context in [&b"context"[..], &[0; 256]] {
            assert_eq!(in_context(context), Err(VerifyError::BadSignature));
        }
    }
    let key = public(&ec_key(Nid::X9_62_PRIME256V1));
    assert!(matches!(
        verify_ml_dsa_with_context(&key, b"", MESSAGE, b""),
        Err(VerifyError::KeyMismatch { .. })
    ));
}

/// A "key" of any size with exponent 3 together with a right PKCS #1 signature: since s³ - EM is a multiple of
/// the modulus where it is the modulus. That it is no product of two primes, verification does not notice.
fn forged(bits: usize) -> (PublicKey, Vec<u8>) {
    let bytes = bits / 8;
    let digest_info = hex::decode("3031300d060960864801650304020105000420").unwrap();
    let digest = crate::crypto::digest::sha256(MESSAGE).0;
    let padding = vec![0xff; bytes - 3 - digest_info.len() - digest.len()];
    let encoded = [&[0, 1], &padding[..], &[0], &digest_info, &digest].concat();
    let mut context = BigNumContext::new().unwrap();
    // s³ a little below 2^bits, and even, for the encoding is odd.
    let mut root = cube_root(bits, &mut context);
    root.clear_bit(0).unwrap();
    let mut cube = BigNum::new().unwrap();
    let three = BigNum::from_u32(3).unwrap();
    cube.exp(&root, &three, &mut context).unwrap();
    let mut modulus = BigNum::new().unwrap();
    let encoded = BigNum::from_slice(&encoded).unwrap();
    modulus.checked_sub(&cube, &encoded).unwrap();
    let exponent = BigNum::from_u32(3).unwrap();
    let rsa = Rsa::from_public_components(modulus, exponent).unwrap();
    let spki = PKey::from_rsa(rsa).unwrap().public_key_to_der().unwrap();
    let key = PublicKey::from_spki_der(&spki).unwrap();
    let signature = root.to_vec_padded(i32::try_from(bytes).unwrap()).unwrap();
    (key, signature)
}

/// The greatest number whose cube has at most `bits` bits.
fn cube_root(bits: usize, context: &mut BigNumContext) -> BigNum {
    let three = BigNum::from_u32(3).unwrap();
    let mut root = BigNum::new().unwrap();
    for bit in (0..=bits / 3).rev() {
        let bit = i32::try_from(bit).unwrap();
        root.set_bit(bit).unwrap();
        let mut cube = BigNum::new().unwrap();
        cube.exp(&root, &three, context).unwrap();
        if usize::try_from(cube.num_bits()).unwrap() > bits {
            root.clear_bit(bit).unwrap();
        }
    }
    root
}

#[test]
fn rsa_is_computed_up_to_its_greatest_size() {
    let algorithm = SignatureAlgorithm::RsaPkcs1Sha256;
    let form = SignatureForm::Der;
    for bits in [8192, 8200, 16_384] {
        let (key, signature) = forged(bits);
        assert_eq!(key.algorithm(), KeyAlgorithm::Rsa { bits });
        let verify = |message| verify_signature(algorithm, &key, message, &signature, form);
        assert_eq!(verify(MESSAGE), Ok(()), "{bits}");
        assert_eq!(verify(b"messagf"), Err(VerifyError::BadSignature));
    }
    let (key, signature) = forged(16_392);
    assert_eq!(
        verify_signature(algorithm, &key, MESSAGE, &signature, form),
        Err(VerifyError::UnsupportedKey {
            key: KeyAlgorithm::Rsa { bits: 16_392 }
        })
    );
}

#[test]
fn rsa_exponents_are_bounded() {
    let (algorithm, form) = (SignatureAlgorithm::RsaPkcs1Sha256, SignatureForm::Der);
    for (exponent_bits, is_computed) in [(17, true), (34, true), (64, true), (65, false)] {
        let mut exponent = BigNum::from_u32(1).unwrap();
        exponent.set_bit(exponent_bits - 1).unwrap();
        let rsa = Rsa::generate_with_e(2048, &exponent).unwrap();
        let key = PKey::from_rsa(rsa).unwrap();
        let signature = sign(algorithm, &key);
        let answer = verify_signature(algorithm, &public(&key), MESSAGE, &signature, form);
        let unsupported = Err(VerifyError::UnsupportedKey {
            key: KeyAlgorithm::Rsa { bits: 2048 },
        });
        let expected = if is_computed { Ok(()) } else { unsupported };
        assert_eq!(answer, expected, "{exponent_bits} bits");
    }
}
