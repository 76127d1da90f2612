//! What `ring` verifies for us.

use ring::signature;
use ring::signature::RsaParameters;
use ring::signature::RsaPublicKeyComponents;
use ring::signature::UnparsedPublicKey;
use ring::signature::VerificationAlgorithm;

use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::public_key::Curve;
use crate::crypto::public_key::bit_length;
use crate::crypto::verify::SignatureForm;

/// The value did not verify; `ring` does not say whether the key was at fault.
pub(super) struct Refused;

/// The parameters for `algorithm`, if `ring` takes RSA keys of this size for it.
pub(super) fn rsa_parameters(
    algorithm: SignatureAlgorithm,
    modulus: &[u8],
    exponent: &[u8],
) -> Option<&'static RsaParameters> {
    // `ring` refuses exponents of more than 33 bits and moduli outside 2048 to 8192 bits.
    if !(2048..=8192).contains(&bit_length(modulus)) || bit_length(exponent) > 33 {
        return None;
    }
    match algorithm {
        SignatureAlgorithm::RsaPkcs1Sha1 => {
            Some(&signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY)
        }
        SignatureAlgorithm::RsaPkcs1Sha256 => Some(&signature::RSA_PKCS1_2048_8192_SHA256),
        SignatureAlgorithm::RsaPkcs1Sha384 => Some(&signature::RSA_PKCS1_2048_8192_SHA384),
        SignatureAlgorithm::RsaPkcs1Sha512 => Some(&signature::RSA_PKCS1_2048_8192_SHA512),
        SignatureAlgorithm::RsaPssSha256 => Some(&signature::RSA_PSS_2048_8192_SHA256),
        SignatureAlgorithm::RsaPssSha384 => Some(&signature::RSA_PSS_2048_8192_SHA384),
        SignatureAlgorithm::RsaPssSha512 => Some(&signature::RSA_PSS_2048_8192_SHA512),
        SignatureAlgorithm::RsaPssSha1
        | SignatureAlgorithm::EcdsaSha1
        | SignatureAlgorithm::EcdsaSha256
        | SignatureAlgorithm::EcdsaSha384
        | SignatureAlgorithm::EcdsaSha512
        | SignatureAlgorithm::EcdsaP256Sha256
        | SignatureAlgorithm::EcdsaP384Sha384
        | SignatureAlgorithm::EcdsaP521Sha512
        | SignatureAlgorithm::Ed25519 => None,
    }
}

/// Verifies with the parameters that [`rsa_parameters`] gave for this key.
pub(super) fn verify_rsa(
    parameters: &'static RsaParameters,
    (modulus, exponent): (&[u8], &[u8]),
    message: &[u8],
    signature: &[u8],
) -> Result<(), Refused> {
    RsaPublicKeyComponents {
        n: modulus,
        e: exponent,
    }
    .verify(parameters, message, signature)
    .map_err(|_unspecified: ring::error::Unspecified| Refused)
}

/// `ring`'s ECDSA for this curve, digest and form of the value, if it has one. Its DER reader is strict.
pub(super) fn ecdsa_algorithm(
    curve: Curve,
    digest: DigestAlgorithm,
    form: SignatureForm,
) -> Option<&'static dyn VerificationAlgorithm> {
    match (curve, digest, form) {
        (Curve::P256, DigestAlgorithm::Sha256, SignatureForm::Der) => {
            Some(&signature::ECDSA_P256_SHA256_ASN1)
        }
        (Curve::P256, DigestAlgorithm::Sha384, SignatureForm::Der) => {
            Some(&signature::ECDSA_P256_SHA384_ASN1)
        }
        (Curve::P384, DigestAlgorithm::Sha256, SignatureForm::Der) => {
            Some(&signature::ECDSA_P384_SHA256_ASN1)
        }
        (Curve::P384, DigestAlgorithm::Sha384, SignatureForm::Der) => {
            Some(&signature::ECDSA_P384_SHA384_ASN1)
        }
        (Curve::P256, DigestAlgorithm::Sha256, SignatureForm::Fixed) => {
            Some(&signature::ECDSA_P256_SHA256_FIXED)
        }
        (Curve::P384, DigestAlgorithm::Sha384, SignatureForm::Fixed) => {
            Some(&signature::ECDSA_P384_SHA384_FIXED)
        }
        _ => None,
    }
}

/// Verifies with an elliptic-curve algorithm over the raw point.
pub(super) fn verify_point(
    algorithm: &'static dyn VerificationAlgorithm,
    point: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), Refused> {
    UnparsedPublicKey::new(algorithm, point)
        .verify(message, signature)
        .map_err(|_unspecified: ring::error::Unspecified| Refused)
}
