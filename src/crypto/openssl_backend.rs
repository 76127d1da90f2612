//! What OpenSSL verifies for us: what is faster nowhere, or nowhere else.
//!
//! It gets numbers that were read in Rust (modulus and exponent, a point, r and s, the bytes of a key), never
//! DER. Making one of its keys takes it up to 0.1 ms: a [`PublicKey`](crate::crypto::public_key::PublicKey) holds it.

use openssl::bn::BigNum;
use openssl::bn::BigNumContext;
use openssl::ec::EcGroup;
use openssl::ec::EcKey;
use openssl::ec::EcPoint;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::md_ctx::MdCtx;
use openssl::pkey::Id;
use openssl::pkey::KeyType;
use openssl::pkey::PKey;
use openssl::pkey::Public;
use openssl::rsa::Padding;
use openssl::rsa::Rsa;
use openssl::sign::RsaPssSaltlen;
use openssl::sign::Verifier;

use crate::crypto::backend::Task;
use crate::crypto::curve::Curve;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::digest::openssl_digest;
use crate::crypto::ecdsa_value::EcdsaValue;
use crate::crypto::pss_parameters::PssParameters;
use crate::crypto::public_key::RsaNumbers;
use crate::crypto::verifier::Refused;

/// The RSA key as OpenSSL holds it.
pub(super) fn hold_rsa(key: &RsaNumbers) -> Result<PKey<Public>, Refused> {
    let held = || {
        let modulus = BigNum::from_slice(&key.modulus)?;
        let exponent = BigNum::from_slice(&key.exponent)?;
        PKey::from_rsa(Rsa::from_public_components(modulus, exponent)?)
    };
    held().map_err(key_refused)
}

/// Verifies RSASSA-PKCS1-v1_5.
pub(super) fn verify_pkcs1(
    key: &PKey<Public>,
    algorithm: DigestAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Refused> {
    let verifier = || {
        let mut verifier = Verifier::new(openssl_digest(algorithm), key)?;
        verifier.set_rsa_padding(Padding::PKCS1)?;
        Ok(verifier)
    };
    let mut verifier = verifier().map_err(key_refused)?;
    answer(verifier.verify_oneshot(signature, message))
}

/// Verifies RSASSA-PSS. With a salt that the key has no room for, no signature is right.
pub(super) fn verify_pss(
    key: &PKey<Public>,
    used: PssParameters,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Refused> {
    let salt = i32::try_from(used.salt_bytes()).map_err(|_too_long| Refused::Signature)?;
    let verifier = || {
        let mut verifier = Verifier::new(openssl_digest(used.hash()), key)?;
        verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
        verifier.set_rsa_pss_saltlen(RsaPssSaltlen::custom(salt))?;
        verifier.set_rsa_mgf1_md(openssl_digest(used.mask_hash()))?;
        Ok(verifier)
    };
    let mut verifier = verifier().map_err(key_refused)?;
    answer(verifier.verify_oneshot(signature, message))
}

/// The encoded message EM that was signed: signature^e mod n, as long as the modulus (RFC 8017 §5.2.2).
pub(super) fn recover_encoded(key: &PKey<Public>, signature: &[u8]) -> Result<Vec<u8>, Refused> {
    let rsa = key.rsa().map_err(key_refused)?;
    let size = usize::try_from(rsa.size()).map_err(|_too_long| Refused::Key)?;
    // RFC 8017 §8.1.2 step 1; OpenSSL would take a shorter one for a number.
    if signature.len() != size {
        return Err(Refused::Signature);
    }
    let mut encoded = vec![0; size];
    match rsa.public_decrypt(signature, &mut encoded, Padding::NONE) {
        Ok(length) if length == size => Ok(encoded),
        Ok(_) | Err(_) => Err(Refused::Signature),
    }
}

/// The point as OpenSSL holds it; one off its curve is refused.
pub(super) fn hold_ec(curve: Curve, point: &[u8]) -> Result<EcKey<Public>, Refused> {
    let held = || {
        let group = EcGroup::from_curve_name(curve.nid())?;
        let mut context = BigNumContext::new()?;
        let point = EcPoint::from_bytes(&group, point, &mut context)?;
        EcKey::from_public_key(&group, &point)
    };
    held().map_err(key_refused)
}

/// Verifies ECDSA.
pub(super) fn verify_ecdsa(
    key: &EcKey<Public>,
    algorithm: DigestAlgorithm,
    message: &[u8],
    value: &EcdsaValue,
) -> Result<(), Refused> {
    let pair = || {
        let (r, s) = (BigNum::from_slice(&value.r)?, BigNum::from_slice(&value.s)?);
        EcdsaSig::from_private_components(r, s)
    };
    let pair = pair().map_err(key_refused)?;
    answer(pair.verify(digest(algorithm, message).as_bytes(), key))
}

/// A key of bytes as OpenSSL holds it.
pub(super) fn hold_raw(task: Task, key: &[u8]) -> Result<PKey<Public>, Refused> {
    let named = |name| PKey::public_key_from_raw_bytes_ex(None, name, None, key);
    let held = match task {
        Task::Ed25519 => PKey::public_key_from_raw_bytes(key, Id::ED25519),
        Task::Ed448 => PKey::public_key_from_raw_bytes(key, Id::ED448),
        Task::MlDsa44 => named(KeyType::ML_DSA_44),
        Task::MlDsa65 => named(KeyType::ML_DSA_65),
        Task::MlDsa87 => named(KeyType::ML_DSA_87),
        Task::Ecdsa(_) | Task::Rsa | Task::RsaPss | Task::RsaPssShake | Task::Sm2 => {
            return Err(Refused::Key);
        }
    };
    held.map_err(key_refused)
}

/// Verifies `EdDSA` or ML-DSA, pure and without context.
pub(super) fn verify_raw(
    key: &PKey<Public>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Refused> {
    let mut verifier = Verifier::new_without_digest(key).map_err(key_refused)?;
    answer(verifier.verify_oneshot(signature, message))
}

/// Verifies ML-DSA, pure, with a context of at most 255 bytes (FIPS 204 §5.3).
pub(super) fn verify_with_context(
    key: &PKey<Public>,
    context: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), Refused> {
    let mut verifier = MdCtx::new().map_err(key_refused)?;
    let settings = verifier.digest_verify_init(None, key);
    // What OpenSSL says against a context is its length: nothing is signed under such a one.
    settings
        .map_err(key_refused)?
        .set_context_string(context)
        .map_err(|_cause: ErrorStack| Refused::Signature)?;
    answer(verifier.digest_verify(message, signature))
}

/// With a good key, OpenSSL's errors too are about the value: its length, its padding, its range.
fn answer(verified: Result<bool, ErrorStack>) -> Result<(), Refused> {
    match verified {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(Refused::Signature),
    }
}

fn key_refused(_cause: ErrorStack) -> Refused {
    Refused::Key
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_linked_openssl_is_recent() {
        // 0xMNN00PP0: 3.5 is the long-term release that has ML-DSA, and that this was written against.
        assert!(openssl::version::number() >= 0x3050_0000);
    }
}
