//! Signing keys of our own, each for one purpose: ECDSA over P-256 with SHA-256, and SM2 with SM3 for certificates.

use std::fmt;

use pkcs8::der;
use ring::rand::SystemRandom;
use ring::signature::ECDSA_P256_SHA256_FIXED_SIGNING;
use ring::signature::EcdsaKeyPair;
use ring::signature::KeyPair as _;

use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::ecdsa_value::EcdsaValue;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::public_key::KeyError;
use crate::crypto::public_key::PublicKey;
use crate::crypto::random::Random;
use crate::crypto::sm2::Sm2SigningKey;
use crate::secret::Secret;

/// The DER of a P-256 `SubjectPublicKeyInfo` up to its point (RFC 5480 §2).
const P256_SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// A private key together with the one purpose that it serves.
///
/// Nonces of ECDSA come from `ring`, which mixes the operating system's randomness with key and message;
/// those of SM2 are determined by key and message (RFC 6979).
pub struct SigningKey {
    pair: Pair,
    public: PublicKey,
    purpose: KeyPurpose,
}

enum Pair {
    P256 {
        pair: EcdsaKeyPair,
        random: SystemRandom,
    },
    Sm2(Sm2SigningKey),
}

impl SigningKey {
    /// Makes a new key, and gives its PKCS#8 DER to be stored ([`crate::crypto::key_file`]).
    ///
    /// The DER is wiped with the `Secret`; `ring` keeps a copy on the stack while it makes it, and does
    /// not wipe that.
    ///
    /// # Errors
    /// [`SignError::Random`] when the operating system gives no randomness.
    pub fn generate(purpose: KeyPurpose) -> Result<(Self, Secret<Vec<u8>>), SignError> {
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
                .map_err(|_unspecified: ring::error::Unspecified| SignError::Random)?;
        let der = Secret::new(document.as_ref().to_vec());
        Ok((Self::from_pkcs8(purpose, der.expose())?, der))
    }

    /// Makes a new SM2 key, and gives its PKCS#8 DER to be stored.
    ///
    /// # Errors
    /// [`SignError::Random`] when `random` fails, or gives what is no key again and again.
    pub fn generate_sm2(
        purpose: KeyPurpose,
        random: &dyn Random,
    ) -> Result<(Self, Secret<Vec<u8>>), SignError> {
        let (key, der) = Sm2SigningKey::generate(random)?;
        Ok((Self::from_sm2(purpose, key)?, der))
    }

    fn from_sm2(purpose: KeyPurpose, key: Sm2SigningKey) -> Result<Self, SignError> {
        Ok(Self {
            public: PublicKey::from_spki_der(&key.spki_der()).map_err(SignError::PublicKey)?,
            pair: Pair::Sm2(key),
            purpose,
        })
    }

    /// Reads a P-256 or SM2 key from PKCS#8 DER; its public key must be inside and fit.
    ///
    /// # Errors
    /// [`SignError::Sm2Key`] for an SM2 key that is none; [`SignError::Key`] for anything else.
    pub fn from_pkcs8(purpose: KeyPurpose, pkcs8: &[u8]) -> Result<Self, SignError> {
        if Sm2SigningKey::is_meant_by(pkcs8) {
            let key = Sm2SigningKey::from_pkcs8(pkcs8).ok_or(SignError::Sm2Key)?;
            return Self::from_sm2(purpose, key);
        }
        let random = SystemRandom::new();
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random)
            .map_err(SignError::Key)?;
        let mut spki = P256_SPKI_PREFIX.to_vec();
        spki.extend_from_slice(pair.public_key().as_ref());
        Ok(Self {
            public: PublicKey::from_spki_der(&spki).map_err(SignError::PublicKey)?,
            pair: Pair::P256 { pair, random },
            purpose,
        })
    }

    /// What the key is for.
    pub const fn purpose(&self) -> KeyPurpose {
        self.purpose
    }

    /// The public half.
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    /// The algorithm of [`Self::sign`] and [`Self::sign_der`].
    pub const fn algorithm(&self) -> SignatureAlgorithm {
        match self.pair {
            Pair::P256 { .. } => SignatureAlgorithm::EcdsaP256Sha256,
            Pair::Sm2(_) => SignatureAlgorithm::Sm2Sm3,
        }
    }

    /// Signs `message`; 64 bytes r ‖ s, as JOSE has it (RFC 7518 §3.4).
    ///
    /// # Errors
    /// [`SignError::Random`] when the operating system gives no randomness; [`SignError::NoFixedForm`] with
    /// an SM2 key, which JOSE does not have.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let Pair::P256 { pair, random } = &self.pair else {
            return Err(SignError::NoFixedForm);
        };
        pair.sign(random, message)
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_unspecified: ring::error::Unspecified| SignError::Random)
    }

    /// Signs `message`; `Ecdsa-Sig-Value` in DER, as X.509 has it (RFC 3279 §2.2.3).
    ///
    /// # Errors
    /// [`SignError::Random`] when the operating system gives no randomness.
    pub fn sign_der(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        if let Pair::Sm2(key) = &self.pair {
            return key.sign(message);
        }
        let fixed = self.sign(message)?;
        let value = EcdsaValue::from_fixed(&fixed, 32).ok_or(SignError::Value)?;
        value.to_der().map_err(SignError::Der)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("purpose", &self.purpose)
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

/// Why there is no key, or no signature.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// The signature could not be written as DER.
    #[error("cannot write the signature as DER")]
    Der(#[source] der::Error),
    /// Not the PKCS#8 of a P-256 key.
    #[error("not a P-256 private key in PKCS#8")]
    Key(#[source] ring::error::KeyRejected),
    /// JOSE has no SM2.
    #[error("an SM2 key does not sign in the form of JOSE")]
    NoFixedForm,
    /// The public half is not a key.
    #[error("the private key has a malformed public key")]
    PublicKey(#[source] KeyError),
    /// The operating system gave no randomness.
    #[error("the source of randomness failed")]
    Random,
    /// Not the PKCS#8 of an SM2 key with its public key.
    #[error("not an SM2 private key in PKCS#8")]
    Sm2Key,
    /// The signature has an impossible length.
    #[error("the signature has an impossible length")]
    Value,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random::SeededRandom;
    use crate::crypto::verify::SignatureForm;
    use crate::crypto::verify::VerifyError;
    use crate::crypto::verify::verify_signature;

    fn key() -> SigningKey {
        SigningKey::generate(KeyPurpose::Receipt).unwrap().0
    }

    #[test]
    fn both_forms_verify_as_themselves_only() {
        let key = key();
        let verify = |signature: &[u8], form| {
            verify_signature(
                key.algorithm(),
                key.public_key(),
                b"message",
                signature,
                form,
            )
        };
        let fixed = key.sign(b"message").unwrap();
        let der = key.sign_der(b"message").unwrap();
        assert_eq!(fixed.len(), 64);
        assert_eq!(verify(&fixed, SignatureForm::Fixed), Ok(()));
        assert_eq!(verify(&der, SignatureForm::Der), Ok(()));
        assert_eq!(
            verify(&fixed, SignatureForm::Der),
            Err(VerifyError::BadSignature)
        );
        assert_eq!(
            verify(&der, SignatureForm::Fixed),
            Err(VerifyError::BadSignature)
        );
    }

    #[test]
    fn a_stored_key_is_the_same_key() {
        let (key, pkcs8) = SigningKey::generate(KeyPurpose::Credential).unwrap();
        let again = SigningKey::from_pkcs8(KeyPurpose::Credential, pkcs8.expose()).unwrap();
        assert_eq!(again.public_key(), key.public_key());
        assert_eq!(again.purpose(), KeyPurpose::Credential);
    }

    #[test]
    fn sm2_keys_sign_in_der_alone() {
        let random = SeededRandom::new([3; 32]);
        let (key, pkcs8) =
            SigningKey::generate_sm2(KeyPurpose::CertificateAuthority, &random).unwrap();
        assert_eq!(key.algorithm(), SignatureAlgorithm::Sm2Sm3);
        assert!(matches!(key.sign(b"message"), Err(SignError::NoFixedForm)));
        let der = key.sign_der(b"message").unwrap();
        let verify = |key: &SigningKey, message: &[u8], form| {
            verify_signature(key.algorithm(), key.public_key(), message, &der, form)
        };
        assert_eq!(verify(&key, b"message", SignatureForm::Der), Ok(()));
        let (other, _) =
            SigningKey::generate_sm2(KeyPurpose::CertificateAuthority, &random).unwrap();
        for answer in [
            verify(&other, b"message", SignatureForm::Der),
            verify(&key, b"messagf", SignatureForm::Der),
            verify(&key, b"message", SignatureForm::Fixed),
        ] {
            assert_eq!(answer, Err(VerifyError::BadSignature));
        }
        let again =
            SigningKey::from_pkcs8(KeyPurpose::CertificateAuthority, pkcs8.expose()).unwrap();
        assert_eq!(again.public_key(), key.public_key());
        let truncated = &pkcs8.expose()[..pkcs8.expose().len() - 1];
        assert!(SigningKey::from_pkcs8(KeyPurpose::CertificateAuthority, truncated).is_err());
        let mut other_point = pkcs8.expose().clone();
        *other_point.last_mut().unwrap() ^= 1;
        assert!(matches!(
            SigningKey::from_pkcs8(KeyPurpose::CertificateAuthority, &other_point),
            Err(SignError::Sm2Key)
        ));
    }

    #[test]
    fn other_bytes_are_not_a_key() {
        let (_, pkcs8) = SigningKey::generate(KeyPurpose::Credential).unwrap();
        let truncated = &pkcs8.expose()[..pkcs8.expose().len() - 1];
        for bytes in [&b""[..], b"not DER", truncated] {
            assert!(matches!(
                SigningKey::from_pkcs8(KeyPurpose::Credential, bytes),
                Err(SignError::Key(_))
            ));
        }
    }

    #[test]
    fn debug_output_shows_the_public_half_only() {
        let (key, pkcs8) = SigningKey::generate(KeyPurpose::Credential).unwrap();
        let shown = format!("{key:?}");
        assert!(shown.contains(&key.public_key().sha256().to_string()));
        assert!(!shown.contains(&crate::encoding::hex::encode(&pkcs8.expose()[36..68])));
    }
}
