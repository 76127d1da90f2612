//! RSASSA-PSS in its mixtures, and keys that are bound to it.

use super::*;
use crate::crypto::random::Random as _;
use crate::crypto::random::SeededRandom;

/// `RSASSA-PSS-params` of SHA-256, SHA-1 in the mask, and a salt of 20 (the defaults).
const SHA256_MASK_SHA1_SALT_20: &str = "3011a00f300d06096086480165030402010500";
/// SHA-256 in both places, salt of 32, 0 and 33.
const SHA256_SALT_32: &str = "3034a00f300d06096086480165030402010500\
                              a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120";
const SHA256_SALT_0: &str = "3034a00f300d06096086480165030402010500\
                             a11c301a06092a864886f70d010108300d06096086480165030402010500a203020100";
const SHA256_SALT_33: &str = "3034a00f300d06096086480165030402010500\
                              a11c301a06092a864886f70d010108300d06096086480165030402010500a203020121";

fn of(parameters: &str) -> SignatureAlgorithm {
    let der = hex::decode(parameters).unwrap();
    SignatureAlgorithm::from_oid("1.2.840.113549.1.1.10", Some(&der)).unwrap()
}

fn sign_pss(key: &PKey<Private>, algorithm: SignatureAlgorithm) -> Vec<u8> {
    let SignatureAlgorithm::RsaPss(used) = algorithm else {
        panic!("{algorithm} is no PSS");
    };
    let salt = i32::try_from(used.salt_bytes()).unwrap();
    let mut signer = Signer::new(openssl_digest(used.hash()), key).unwrap();
    signer.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
    signer
        .set_rsa_pss_saltlen(RsaPssSaltlen::custom(salt))
        .unwrap();
    signer
        .set_rsa_mgf1_md(openssl_digest(used.mask_hash()))
        .unwrap();
    signer.sign_oneshot_to_vec(MESSAGE).unwrap()
}

#[test]
fn every_mixture_verifies_as_itself_only() {
    let (key, other) = (public(&RSA_2048), public(&rsa_key(2048)));
    let mixtures = [
        of(SHA256_SALT_32),
        of(SHA256_SALT_0),
        of(SHA256_SALT_33),
        of(SHA256_MASK_SHA1_SALT_20),
        pss(DigestAlgorithm::Sha1),
        pss(DigestAlgorithm::Sha224),
        pss(DigestAlgorithm::Sha512),
        pss(DigestAlgorithm::Sha512_256),
        pss(DigestAlgorithm::Sha3_256),
    ];
    for algorithm in mixtures {
        let signature = sign_pss(&RSA_2048, algorithm);
        assert_binds(algorithm, (&key, &other), &signature, SignatureForm::Der);
        for another in mixtures {
            let answer = verify_signature(another, &key, MESSAGE, &signature, SignatureForm::Der);
            assert_eq!(answer.is_ok(), another == algorithm, "{another:?}");
        }
    }
}

#[test]
fn a_salt_for_which_there_is_no_room_is_never_right() {
    let parameters = SHA256_SALT_32
        .replacen("3034", "3035", 1)
        .replace("a203020120", "a20402020800");
    let answer = verify_signature(
        of(&parameters),
        &public(&RSA_2048),
        MESSAGE,
        &[1; 256],
        SignatureForm::Der,
    );
    assert_eq!(answer, Err(VerifyError::BadSignature));
}

/// The key with `id-RSASSA-PSS` and these parameters.
fn bound(key: &PKey<Private>, parameters: &str) -> PublicKey {
    let spki = key.public_key_to_der().unwrap();
    let key = &spki[24 - 5..];
    assert_eq!(key[0], 0x03, "BIT STRING");
    let parameters = hex::decode(parameters).unwrap();
    let oid = hex::decode("06092a864886f70d01010a").unwrap();
    let id_length = u8::try_from(oid.len() + parameters.len()).unwrap();
    let body = [&[0x30, id_length], &oid[..], &parameters, key].concat();
    let length = u16::try_from(body.len()).unwrap().to_be_bytes();
    PublicKey::from_spki_der(&[&[0x30, 0x82], &length[..], &body].concat()).unwrap()
}

#[test]
fn bound_keys_serve_what_they_are_bound_to() {
    let any = bound(&RSA_2048, "");
    let salt_32 = bound(&RSA_2048, SHA256_SALT_32);
    assert_eq!(any.algorithm(), KeyAlgorithm::RsaPss { bits: 2048 });
    for (key, algorithm, is_served) in [
        (&any, of(SHA256_SALT_0), true),
        (&any, of(SHA256_MASK_SHA1_SALT_20), true),
        (&salt_32, of(SHA256_SALT_32), true),
        (&salt_32, of(SHA256_SALT_33), true),
        (&salt_32, of(SHA256_SALT_0), false),
        (&salt_32, of(SHA256_MASK_SHA1_SALT_20), false),
        (&salt_32, pss(DigestAlgorithm::Sha512), false),
    ] {
        let signature = sign_pss(&RSA_2048, algorithm);
        let expected = if is_served {
            Ok(())
        } else {
            Err(VerifyError::KeyMismatch {
                algorithm,
                key: key.algorithm(),
            })
        };
        assert_eq!(
            verify_signature(algorithm, key, MESSAGE, &signature, SignatureForm::Der),
            expected
        );
    }
    let pkcs1 = SignatureAlgorithm::RsaPkcs1Sha256;
    let signature = sign(pkcs1, &RSA_2048);
    for key in [&any, &salt_32] {
        assert!(matches!(
            verify_signature(pkcs1, key, MESSAGE, &signature, SignatureForm::Der),
            Err(VerifyError::KeyMismatch { .. })
        ));
    }
}

#[test]
fn shake_refuses_what_is_no_encoding() {
    // What it accepts, Wycheproof says: no library at hand signs so.
    let key = public(&RSA_2048);
    let random = SeededRandom::new([9; 32]);
    for algorithm in [
        SignatureAlgorithm::RsaPssShake128,
        SignatureAlgorithm::RsaPssShake256,
    ] {
        let verify = |signature: &[u8]| {
            verify_signature(algorithm, &key, MESSAGE, signature, SignatureForm::Der)
        };
        let bad = Err(VerifyError::BadSignature);
        for length in [0, 255, 257] {
            assert_eq!(verify(&vec![1; length]), bad, "{length}");
        }
        assert_eq!(verify(&[0xff; 256]), bad, "not below the modulus");
        for _ in 0..50 {
            let mut signature = [0; 256];
            random.fill(&mut signature[1..]).unwrap();
            assert_eq!(verify(&signature), bad);
        }
    }
}
