//! Verification of one signature value over one message with one key.

use crate::crypto::algorithm::ParametersRule;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::ecdsa_value::EcdsaValue;
use crate::crypto::openssl_backend;
use crate::crypto::openssl_backend::RsaPadding;
use crate::crypto::public_key::Curve;
use crate::crypto::public_key::KeyAlgorithm;
use crate::crypto::public_key::KeyMaterial;
use crate::crypto::public_key::PublicKey;
use crate::crypto::public_key::bit_length;
use crate::crypto::ring_backend;

/// How an ECDSA value is written; other algorithms have one form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureForm {
    /// `Ecdsa-Sig-Value` in DER (RFC 3279 §2.2.3), as in X.509 and CMS.
    Der,
    /// r ‖ s of fixed length (RFC 7518 §3.4), as in JOSE.
    Fixed,
}

/// Smaller moduli are not computed; they prove nothing.
const MIN_RSA_BITS: usize = 1024;
/// OpenSSL's `OPENSSL_RSA_MAX_MODULUS_BITS`.
const MAX_RSA_BITS: usize = 16_384;
/// OpenSSL's `OPENSSL_RSA_MAX_PUBEXP_BITS`; it bounds the work that whoever made the key can cause.
const MAX_RSA_EXPONENT_BITS: usize = 64;

/// Verifies `signature` over `message` with `key`.
///
/// Computes whatever can be computed, weak algorithms and short keys included.
///
/// # Errors
/// [`VerifyError::BadSignature`] alone means that it was computed and is wrong; every other variant
/// means that it could not be computed. A value that is not even well-formed is wrong, too.
pub fn verify_signature(
    algorithm: SignatureAlgorithm,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
    form: SignatureForm,
) -> Result<(), VerifyError> {
    let signed = Signed { message, signature };
    match key.material() {
        KeyMaterial::Unsupported { .. } => Err(VerifyError::UnsupportedKey {
            key: key.algorithm(),
        }),
        KeyMaterial::Rsa { .. } | KeyMaterial::Ec { .. } | KeyMaterial::Ed25519 { .. }
            if !algorithm.row().key.permits(key.algorithm()) =>
        {
            Err(VerifyError::KeyMismatch {
                algorithm,
                key: key.algorithm(),
            })
        }
        KeyMaterial::Rsa { modulus, exponent } => {
            verify_rsa(algorithm, (modulus, exponent), signed)
        }
        KeyMaterial::Ec { curve, point } => verify_ecdsa(algorithm, (*curve, point), signed, form),
        KeyMaterial::Ed25519 { point } => {
            ring_backend::verify_point(&ring::signature::ED25519, point, message, signature)
                .map_err(|ring_backend::Refused| VerifyError::BadSignature)
        }
    }
}

/// What is verified, apart from the key.
#[derive(Clone, Copy)]
struct Signed<'a> {
    message: &'a [u8],
    signature: &'a [u8],
}

fn verify_rsa(
    algorithm: SignatureAlgorithm,
    (modulus, exponent): (&[u8], &[u8]),
    Signed { message, signature }: Signed<'_>,
) -> Result<(), VerifyError> {
    let bits = bit_length(modulus);
    if !(MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bits)
        || bit_length(exponent) > MAX_RSA_EXPONENT_BITS
    {
        return Err(VerifyError::UnsupportedKey {
            key: KeyAlgorithm::Rsa { bits },
        });
    }
    if let Some(parameters) = ring_backend::rsa_parameters(algorithm, modulus, exponent) {
        return ring_backend::verify_rsa(parameters, (modulus, exponent), message, signature)
            .map_err(|ring_backend::Refused| VerifyError::BadSignature);
    }
    let padding = match algorithm.row().parameters {
        ParametersRule::Pss => RsaPadding::Pss,
        ParametersRule::Absent | ParametersRule::AbsentOrNull => RsaPadding::Pkcs1,
    };
    let digest = algorithm.digest();
    openssl_backend::verify_rsa((modulus, exponent), padding, digest, message, signature)
        .map_err(VerifyError::from)
}

fn verify_ecdsa(
    algorithm: SignatureAlgorithm,
    (curve, point): (Curve, &[u8]),
    Signed { message, signature }: Signed<'_>,
    form: SignatureForm,
) -> Result<(), VerifyError> {
    let digest = algorithm.digest();
    if let Some(ring_algorithm) = ring_backend::ecdsa_algorithm(curve, digest, form) {
        return ring_backend::verify_point(ring_algorithm, point, message, signature).map_err(
            |ring_backend::Refused| match openssl_backend::is_on_curve(curve, point) {
                true => VerifyError::BadSignature,
                false => VerifyError::MalformedKey,
            },
        );
    }
    let value = match form {
        SignatureForm::Der => EcdsaValue::from_der(signature).ok(),
        SignatureForm::Fixed => EcdsaValue::from_fixed(signature, curve.coordinate_bytes()),
    };
    let value = value.ok_or(VerifyError::BadSignature)?;
    openssl_backend::verify_ecdsa(curve, point, digest, message, &value).map_err(VerifyError::from)
}

/// Why a signature value was not found to be intact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// Computed, and wrong: the message, the value or the key is not the one of the signing.
    #[error("the signature value does not match")]
    BadSignature,
    /// The algorithm does not work with keys of this kind.
    #[error("{algorithm} does not work with a key of {key}")]
    KeyMismatch {
        /// The signature's algorithm.
        algorithm: SignatureAlgorithm,
        /// The key's.
        key: KeyAlgorithm,
    },
    /// The numbers of the key are not those of any key, such as a point off its curve.
    #[error("the public key is malformed")]
    MalformedKey,
    /// We cannot compute with keys of this kind or size.
    #[error("keys of {key} are not supported")]
    UnsupportedKey {
        /// The key's algorithm.
        key: KeyAlgorithm,
    },
}

impl From<openssl_backend::Refused> for VerifyError {
    fn from(refused: openssl_backend::Refused) -> Self {
        match refused {
            openssl_backend::Refused::Key => Self::MalformedKey,
            openssl_backend::Refused::Signature => Self::BadSignature,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        MessageDigest::from_name(algorithm.digest().name()).unwrap()
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
                SignatureAlgorithm::RsaPkcs1Sha256,
                SignatureAlgorithm::RsaPkcs1Sha384,
                SignatureAlgorithm::RsaPkcs1Sha512,
                SignatureAlgorithm::RsaPssSha1,
                SignatureAlgorithm::RsaPssSha256,
                SignatureAlgorithm::RsaPssSha384,
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
            SignatureAlgorithm::RsaPssSha256,
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
            (Nid::X9_62_PRIME256V1, 32),
            (Nid::SECP384R1, 48),
            (Nid::SECP521R1, 66),
        ] {
            let key = ec_key(curve);
            let (public_key, other) = (public(&key), public(&ec_key(curve)));
            for algorithm in [
                SignatureAlgorithm::EcdsaSha1,
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
        let unknown = public(&ec_key(Nid::SECP256K1));
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
                LazyLock::new(|| sign(SignatureAlgorithm::RsaPssSha256, &RSA_2048));
            static KEY: LazyLock<PublicKey> = LazyLock::new(|| public(&RSA_2048));
            let mut flipped = SIGNATURE.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let algorithm = SignatureAlgorithm::RsaPssSha256;
            let form = SignatureForm::Der;
            prop_assert_eq!(verify_signature(algorithm, &KEY, MESSAGE, &SIGNATURE, form), Ok(()));
            prop_assert_eq!(
                verify_signature(algorithm, &KEY, MESSAGE, &flipped, form),
                Err(VerifyError::BadSignature)
            );
        }
    }
}
