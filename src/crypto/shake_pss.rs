//! RSASSA-PSS with SHAKE128 or SHAKE256 as digest and as mask (RFC 8702 §3.1), which no library has: the
//! encoded message, once RSA has recovered it, is read here.

use openssl::error::ErrorStack;
use openssl::hash::Hasher;

use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::DigestContext;
use crate::crypto::digest::digest;
use crate::crypto::digest::openssl_digest;

/// EMSA-PSS-VERIFY (RFC 8017 §9.1.2), where the mask is the extendable output of the digest itself and the
/// salt as long as the digest (RFC 8702 §3.1). `encoded` is as long as the modulus.
pub(super) fn is_encoding_of(
    algorithm: DigestAlgorithm,
    message: &[u8],
    encoded: &[u8],
    modulus_bits: usize,
) -> bool {
    verify(algorithm, message, encoded, modulus_bits) == Some(true)
}

/// None where the encoding has not the shape of one.
fn verify(
    algorithm: DigestAlgorithm,
    message: &[u8],
    encoded: &[u8],
    modulus_bits: usize,
) -> Option<bool> {
    let (hash_bytes, salt_bytes) = (algorithm.output_bytes(), algorithm.output_bytes());
    let em_bits = modulus_bits.checked_sub(1)?;
    let em_bytes = em_bits.div_ceil(8);
    // Where the modulus has one bit more than whole bytes, the first byte lies before the encoding.
    let (before, encoded) = encoded.split_at_checked(encoded.len().checked_sub(em_bytes)?)?;
    let (masked, rest) =
        encoded.split_at_checked(em_bytes.checked_sub(hash_bytes.checked_add(1)?)?)?;
    let (hash, trailer) = rest.split_at_checked(hash_bytes)?;
    let unused_bits = em_bytes.checked_mul(8)?.checked_sub(em_bits)?;
    let kept = u8::MAX.checked_shr(unused_bits.try_into().ok()?)?;
    if before.iter().any(|byte| *byte != 0) || trailer != [0xbc] || masked.first()? & !kept != 0 {
        return Some(false);
    }
    let mut block = mask(algorithm, hash, masked.len()).ok()?;
    for (byte, masked) in block.iter_mut().zip(masked) {
        *byte ^= masked;
    }
    *block.first_mut()? &= kept;
    let (padding, salt) = block.split_at_checked(block.len().checked_sub(salt_bytes)?)?;
    let (one, zeros) = padding.split_last()?;
    if *one != 1 || zeros.iter().any(|byte| *byte != 0) {
        return Some(false);
    }
    let mut again = DigestContext::new(algorithm);
    again.update(&[0; 8]);
    again.update(digest(algorithm, message).as_bytes());
    again.update(salt);
    Some(again.finish().as_bytes() == hash)
}

fn mask(algorithm: DigestAlgorithm, seed: &[u8], length: usize) -> Result<Vec<u8>, ErrorStack> {
    let mut hasher = Hasher::new(openssl_digest(algorithm))?;
    hasher.update(seed)?;
    let mut mask = vec![0; length];
    hasher.finish_xof(&mut mask)?;
    Ok(mask)
}
