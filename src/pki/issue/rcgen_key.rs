//! Our signing keys, as rcgen wants to see them.

use rcgen::PublicKeyData;

use crate::crypto::public_key::PublicKey;
use crate::crypto::sign::SigningKey;
use crate::pki::der;
use crate::pki::der::DerError;

/// A signing key and its public point; `SigningKey` makes ECDSA signatures over P-256 with SHA-256.
pub(super) struct RcgenKey<'a> {
    key: &'a SigningKey,
    point: Vec<u8>,
}

impl<'a> RcgenKey<'a> {
    pub(super) fn new(key: &'a SigningKey) -> Result<Self, DerError> {
        let point = key_bits(key.public_key())?;
        Ok(Self { key, point })
    }
}

/// The contents of `subjectPublicKey` (RFC 5280 §4.1.2.7).
fn key_bits(key: &PublicKey) -> Result<Vec<u8>, DerError> {
    let mut fields = der::single(key.spki_der())?.reader();
    fields.expect(der::SEQUENCE)?;
    let bits = fields.expect(der::BIT_STRING)?.whole_octets()?;
    Ok(bits.to_vec())
}

impl PublicKeyData for RcgenKey<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.point
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for RcgenKey<'_> {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        // rcgen's error has no room for ours, which says that the operating system gave no randomness.
        self.key
            .sign_der(message)
            .map_err(|_no_room| rcgen::Error::RemoteKeyError)
    }
}
