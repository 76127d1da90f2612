//! What AWS-LC verifies for us. It gets numbers that were read in Rust: modulus and exponent, a point, the
//! bytes of a key.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::signature;
use aws_lc_rs::signature::ParsedPublicKey;
use aws_lc_rs::signature::RsaParameters;
use aws_lc_rs::signature::RsaPublicKeyComponents;
use aws_lc_rs::signature::VerificationAlgorithm;

use crate::crypto::backend::Task;
use crate::crypto::curve::Curve;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::pss_parameters::PssParameters;
use crate::crypto::public_key::RsaNumbers;
use crate::crypto::public_key::bit_length;
use crate::crypto::verifier::Refused;

/// AWS-LC refuses longer exponents.
const MAX_RSA_EXPONENT_BITS: usize = 33;

/// AWS-LC's PKCS #1 v1.5, by digest.
static PKCS1: &[(DigestAlgorithm, RsaParameters)] = &[
    (
        DigestAlgorithm::Sha1,
        signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
    ),
    (
        DigestAlgorithm::Sha256,
        signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    ),
    (
        DigestAlgorithm::Sha384,
        signature::RSA_PKCS1_2048_8192_SHA384,
    ),
    (
        DigestAlgorithm::Sha512,
        signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    ),
];

/// AWS-LC's PSS, by digest: it masks with the same, and the salt is as long.
static PSS: &[(DigestAlgorithm, RsaParameters)] = &[
    (DigestAlgorithm::Sha256, signature::RSA_PSS_2048_8192_SHA256),
    (DigestAlgorithm::Sha384, signature::RSA_PSS_2048_8192_SHA384),
    (DigestAlgorithm::Sha512, signature::RSA_PSS_2048_8192_SHA512),
];

/// AWS-LC's PKCS #1 with this digest, if it has one for a key of this size.
pub(super) fn rsa_pkcs1(
    digest: DigestAlgorithm,
    key: &RsaNumbers,
) -> Option<&'static RsaParameters> {
    find(PKCS1, digest, key)
}

/// AWS-LC's PSS with these parameters, if it has it for a key of this size.
pub(super) fn rsa_pss(used: PssParameters, key: &RsaNumbers) -> Option<&'static RsaParameters> {
    let is_usual = used == PssParameters::usual(used.hash());
    find(PSS, used.hash(), key).filter(|_| is_usual)
}

fn find(
    table: &'static [(DigestAlgorithm, RsaParameters)],
    digest: DigestAlgorithm,
    key: &RsaNumbers,
) -> Option<&'static RsaParameters> {
    let (_, parameters) = table.iter().find(|(of, _)| *of == digest)?;
    fits(parameters, key).then_some(parameters)
}

fn fits(parameters: &RsaParameters, key: &RsaNumbers) -> bool {
    let bits = u32::try_from(bit_length(&key.modulus)).unwrap_or(u32::MAX);
    (parameters.min_modulus_len()..=parameters.max_modulus_len()).contains(&bits)
        && bit_length(&key.exponent) <= MAX_RSA_EXPONENT_BITS
}

/// AWS-LC's ECDSA for this curve and digest, if it has one. Its DER reader is strict.
pub(super) fn ecdsa(
    curve: Curve,
    digest: DigestAlgorithm,
) -> Option<&'static dyn VerificationAlgorithm> {
    match (curve, digest) {
        (Curve::P256, DigestAlgorithm::Sha1) => Some(&signature::ECDSA_P256_SHA1_ASN1),
        (Curve::P256, DigestAlgorithm::Sha256) => Some(&signature::ECDSA_P256_SHA256_ASN1),
        (Curve::P256, DigestAlgorithm::Sha384) => Some(&signature::ECDSA_P256_SHA384_ASN1),
        (Curve::P256, DigestAlgorithm::Sha512) => Some(&signature::ECDSA_P256_SHA512_ASN1),
        (Curve::P384, DigestAlgorithm::Sha256) => Some(&signature::ECDSA_P384_SHA256_ASN1),
        (Curve::P384, DigestAlgorithm::Sha384) => Some(&signature::ECDSA_P384_SHA384_ASN1),
        (Curve::P384, DigestAlgorithm::Sha512) => Some(&signature::ECDSA_P384_SHA512_ASN1),
        (Curve::P521, DigestAlgorithm::Sha1) => Some(&signature::ECDSA_P521_SHA1_ASN1),
        (Curve::P521, DigestAlgorithm::Sha224) => Some(&signature::ECDSA_P521_SHA224_ASN1),
        (Curve::P521, DigestAlgorithm::Sha256) => Some(&signature::ECDSA_P521_SHA256_ASN1),
        (Curve::P521, DigestAlgorithm::Sha384) => Some(&signature::ECDSA_P521_SHA384_ASN1),
        (Curve::P521, DigestAlgorithm::Sha512) => Some(&signature::ECDSA_P521_SHA512_ASN1),
        (Curve::Secp256k1, DigestAlgorithm::Sha256) => Some(&signature::ECDSA_P256K1_SHA256_ASN1),
        _ => None,
    }
}

/// AWS-LC's algorithm for keys that are a string of bytes, if it has one.
pub(super) fn of_raw_key(task: Task) -> Option<&'static dyn VerificationAlgorithm> {
    match task {
        Task::Ed25519 => Some(&signature::ED25519),
        Task::MlDsa44 => Some(&signature::ML_DSA_44),
        Task::MlDsa65 => Some(&signature::ML_DSA_65),
        Task::MlDsa87 => Some(&signature::ML_DSA_87),
        Task::Ecdsa(_) | Task::Ed448 | Task::Rsa | Task::RsaPss | Task::RsaPssShake | Task::Sm2 => {
            None
        }
    }
}

/// The RSA key as AWS-LC holds it.
pub(super) fn hold_rsa(
    parameters: &'static RsaParameters,
    key: &RsaNumbers,
) -> Result<ParsedPublicKey, Refused> {
    RsaPublicKeyComponents {
        n: key.modulus.as_slice(),
        e: key.exponent.as_slice(),
    }
    .to_parsed_public_key(parameters)
    .map_err(|_rejected| Refused::Key)
}

/// A point or a key of bytes as AWS-LC holds it; a point off its curve is refused.
pub(super) fn hold(
    algorithm: &'static dyn VerificationAlgorithm,
    key: &[u8],
) -> Result<ParsedPublicKey, Refused> {
    ParsedPublicKey::new(algorithm, key).map_err(|_rejected| Refused::Key)
}

/// Verifies with a key that is held.
pub(super) fn verify(
    key: &ParsedPublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Refused> {
    key.verify_sig(message, signature)
        .map_err(|_unspecified: Unspecified| Refused::Signature)
}
