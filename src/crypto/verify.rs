//! Verification of one signature value over one message with one key.

use std::borrow::Cow;

use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::ecdsa_value::EcdsaValue;
use crate::crypto::openssl_backend;
use crate::crypto::public_key::KeyAlgorithm;
use crate::crypto::public_key::KeyMaterial;
use crate::crypto::public_key::PssBinding;
use crate::crypto::public_key::PublicKey;
use crate::crypto::public_key::RsaNumbers;
use crate::crypto::public_key::bit_length;
use crate::crypto::verifier;
use crate::crypto::verifier::Computation;
use crate::crypto::verifier::Refused;

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
/// Computes whatever can be computed, weak algorithms and short keys included. The first call makes the key
/// ready, and the key keeps that: whoever verifies often with one key should keep the [`PublicKey`], or
/// clones of it. SM2 has no fixed form here: [`SignatureForm::Fixed`] is wrong for it.
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
    check_fit(algorithm, key)?;
    let signature = match (key.material(), form) {
        (KeyMaterial::Ec(curve), SignatureForm::Fixed) => {
            let value = EcdsaValue::from_fixed(signature, curve.coordinate_bytes());
            let der = value.and_then(|value| value.to_der().ok());
            Cow::Owned(der.ok_or(VerifyError::BadSignature)?)
        }
        (KeyMaterial::Sm2, SignatureForm::Fixed) => return Err(VerifyError::BadSignature),
        _ => Cow::Borrowed(signature),
    };
    key.with_verifier(Computation::of(algorithm), |verifier| {
        verifier.verify(message, &signature)
    })
    .map_err(VerifyError::from)
}

/// Verifies ML-DSA, pure, under a context (FIPS 204 §5.3). X.509 and CMS have none: for them
/// [`verify_signature`] is it.
///
/// # Errors
/// As [`verify_signature`]; no signature is right under a context of more than 255 bytes.
pub fn verify_ml_dsa_with_context(
    key: &PublicKey,
    context: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), VerifyError> {
    let of_key = |algorithm: &SignatureAlgorithm| algorithm.row().key.permits(key.algorithm());
    let algorithm = [SignatureAlgorithm::MlDsa65, SignatureAlgorithm::MlDsa87]
        .into_iter()
        .find(of_key)
        .unwrap_or(SignatureAlgorithm::MlDsa44);
    check_fit(algorithm, key)?;
    let task = verifier::raw_task(key.algorithm()).ok_or(VerifyError::MalformedKey)?;
    openssl_backend::hold_raw(task, key.raw())
        .and_then(|key| openssl_backend::verify_with_context(&key, context, message, signature))
        .map_err(VerifyError::from)
}

/// Whether we compute with this key, and the algorithm works with it.
fn check_fit(algorithm: SignatureAlgorithm, key: &PublicKey) -> Result<(), VerifyError> {
    let mismatch = VerifyError::KeyMismatch {
        algorithm,
        key: key.algorithm(),
    };
    let unsupported = VerifyError::UnsupportedKey {
        key: key.algorithm(),
    };
    match key.material() {
        KeyMaterial::Unsupported { .. } => return Err(unsupported),
        _ if !algorithm.row().key.permits(key.algorithm()) => return Err(mismatch),
        KeyMaterial::Rsa { numbers, bound_to } => {
            if !is_computable(numbers) {
                return Err(unsupported);
            }
            if let (PssBinding::Parameters(bound_to), SignatureAlgorithm::RsaPss(used)) =
                (bound_to, algorithm)
                && !bound_to.permit(used)
            {
                return Err(mismatch);
            }
        }
        KeyMaterial::Bytes(_) | KeyMaterial::Ec(_) | KeyMaterial::Sm2 => {}
    }
    Ok(())
}

fn is_computable(numbers: &RsaNumbers) -> bool {
    (MIN_RSA_BITS..=MAX_RSA_BITS).contains(&bit_length(&numbers.modulus))
        && bit_length(&numbers.exponent) <= MAX_RSA_EXPONENT_BITS
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

impl From<Refused> for VerifyError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Key => Self::MalformedKey,
            Refused::Signature => Self::BadSignature,
        }
    }
}

#[cfg(test)]
mod tests;
