//! What OpenSSL verifies for us: what `ring` lacks.
//!
//! It gets numbers that were read in Rust (modulus and exponent, a point, r and s), never DER.

use openssl::bn::BigNum;
use openssl::bn::BigNumContext;
use openssl::ec::EcGroup;
use openssl::ec::EcKey;
use openssl::ec::EcPoint;
use openssl::ecdsa::EcdsaSig;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::pkey::Public;
use openssl::rsa::Padding;
use openssl::rsa::Rsa;
use openssl::sign::RsaPssSaltlen;
use openssl::sign::Verifier;

use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::crypto::ecdsa_value::EcdsaValue;
use crate::crypto::public_key::Curve;

/// Why OpenSSL did not verify a value.
pub(super) enum Refused {
    /// The key is none: a point off its curve, or numbers that OpenSSL takes for no RSA key.
    Key,
    /// The key is one, and the value is not its signature of the message.
    Signature,
}

/// How an RSA signature is padded.
#[derive(Clone, Copy)]
pub(super) enum RsaPadding {
    Pkcs1,
    /// Mask digest equal to the digest, and a salt of its length.
    Pss,
}

/// Verifies RSA of sizes and paddings that `ring` does not take.
pub(super) fn verify_rsa(
    (modulus, exponent): (&[u8], &[u8]),
    padding: RsaPadding,
    algorithm: DigestAlgorithm,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Refused> {
    let digest = message_digest(algorithm).ok_or(Refused::Key)?;
    let key = rsa_key(modulus, exponent).map_err(key_refused)?;
    let mut verifier = rsa_verifier(&key, digest, padding).map_err(key_refused)?;
    answer(verifier.verify_oneshot(signature, message))
}

fn rsa_key(modulus: &[u8], exponent: &[u8]) -> Result<PKey<Public>, ErrorStack> {
    let modulus = BigNum::from_slice(modulus)?;
    let exponent = BigNum::from_slice(exponent)?;
    PKey::from_rsa(Rsa::from_public_components(modulus, exponent)?)
}

fn rsa_verifier<'a>(
    key: &'a PKey<Public>,
    digest: MessageDigest,
    padding: RsaPadding,
) -> Result<Verifier<'a>, ErrorStack> {
    let mut verifier = Verifier::new(digest, key)?;
    match padding {
        RsaPadding::Pkcs1 => verifier.set_rsa_padding(Padding::PKCS1)?,
        RsaPadding::Pss => {
            verifier.set_rsa_padding(Padding::PKCS1_PSS)?;
            verifier.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
            verifier.set_rsa_mgf1_md(digest)?;
        }
    }
    Ok(verifier)
}

fn message_digest(algorithm: DigestAlgorithm) -> Option<MessageDigest> {
    match algorithm {
        DigestAlgorithm::Sha1 => Some(MessageDigest::sha1()),
        DigestAlgorithm::Sha256 => Some(MessageDigest::sha256()),
        DigestAlgorithm::Sha384 => Some(MessageDigest::sha384()),
        DigestAlgorithm::Sha512 => Some(MessageDigest::sha512()),
        DigestAlgorithm::Sm3 => None,
    }
}

/// Verifies ECDSA over curves and digests that `ring` does not combine.
pub(super) fn verify_ecdsa(
    curve: Curve,
    point: &[u8],
    algorithm: DigestAlgorithm,
    message: &[u8],
    value: &EcdsaValue,
) -> Result<(), Refused> {
    let key = ec_key(curve, point).map_err(key_refused)?;
    let pair = ecdsa_pair(value).map_err(key_refused)?;
    answer(pair.verify(digest(algorithm, message).as_bytes(), &key))
}

/// Whether the point lies on its curve. OpenSSL refuses to make one that does not.
pub(super) fn is_on_curve(curve: Curve, point: &[u8]) -> bool {
    ec_key(curve, point).is_ok()
}

fn ec_key(curve: Curve, point: &[u8]) -> Result<EcKey<Public>, ErrorStack> {
    let group = EcGroup::from_curve_name(match curve {
        Curve::P256 => Nid::X9_62_PRIME256V1,
        Curve::P384 => Nid::SECP384R1,
        Curve::P521 => Nid::SECP521R1,
    })?;
    let mut context = BigNumContext::new()?;
    let point = EcPoint::from_bytes(&group, point, &mut context)?;
    EcKey::from_public_key(&group, &point)
}

fn ecdsa_pair(value: &EcdsaValue) -> Result<EcdsaSig, ErrorStack> {
    EcdsaSig::from_private_components(BigNum::from_slice(&value.r)?, BigNum::from_slice(&value.s)?)
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
        // 0xMNN00PP0: 3.5 is the long-term release that this code was written against.
        assert!(openssl::version::number() >= 0x3050_0000);
    }
}
