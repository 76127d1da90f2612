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
    if let KeyAlgorithm::Unsupported { .. } = key.algorithm() {
        return Err(VerifyError::UnsupportedKey {
            key: key.algorithm(),
        });
    }
    if !algorithm.row().key.permits(key.algorithm()) {
        return Err(VerifyError::KeyMismatch {
            algorithm,
            key: key.algorithm(),
        });
    }
    let signed = Signed { message, signature };
    match key.material() {
        KeyMaterial::Rsa { modulus, exponent } => {
            verify_rsa(algorithm, (modulus, exponent), signed)
        }
        KeyMaterial::Ec { curve, point } => verify_ecdsa(algorithm, (*curve, point), signed, form),
        KeyMaterial::Ed25519 { point } => {
            ring_backend::verify_point(&ring::signature::ED25519, point, message, signature)
                .map_err(|ring_backend::Refused| VerifyError::BadSignature)
        }
        KeyMaterial::Unsupported { .. } => Err(VerifyError::UnsupportedKey {
            key: key.algorithm(),
        }),
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
