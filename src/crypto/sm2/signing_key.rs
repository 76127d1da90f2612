//! SM2 private keys: made, stored, and signed with.

use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::Decode as _;
use sm2::SecretKey;
use sm2::dsa::Signature;
use sm2::dsa::SigningKey;
use sm2::dsa::signature::hazmat::PrehashSigner as _;

use crate::crypto::ecdsa_value::EcdsaValue;
use crate::crypto::random;
use crate::crypto::random::Random;
use crate::crypto::sign::SignError;
use crate::crypto::sm2::DEFAULT_ID;
use crate::crypto::sm2::Sm2Key;
use crate::secret::Secret;

/// The identifier as the crate wants it; [`Sm2Key`] is what signs under it.
const ID: &str = "1234567812345678";

/// PKCS#8 (RFC 5958 §2) of an `ECPrivateKey` (RFC 5915 §3) on SM2's curve up to the private key.
const PKCS8_PREFIX: [u8; 36] = [
    0x30, 0x81, 0x87, 0x02, 0x01, 0x00, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02,
    0x01, 0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x04, 0x6d, 0x30, 0x6b, 0x02,
    0x01, 0x01, 0x04, 0x20,
];
/// Between the private key and the point of the public one.
const PKCS8_BETWEEN: [u8; 5] = [0xa1, 0x44, 0x03, 0x42, 0x00];
/// The DER of the `SubjectPublicKeyInfo` up to its point (GM/T 0015 §5.2.3.7).
const SPKI_PREFIX: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a,
    0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d, 0x03, 0x42, 0x00,
];

/// How often randomness may fall outside the keys before it is none: once is one chance in 2³².
const MAX_DRAWS: u32 = 8;

/// A private key with Z of its holder.
///
/// Nonces are those of RFC 6979 with SM3: determined by key and message, so that no bad randomness gives
/// the key away. The crate that keeps the private key does not wipe it.
pub(in crate::crypto) struct Sm2SigningKey {
    pair: SigningKey,
    public: Sm2Key,
    point: Vec<u8>,
}

impl Sm2SigningKey {
    /// A new key, and its PKCS#8.
    pub(in crate::crypto) fn generate(
        random: &dyn Random,
    ) -> Result<(Self, Secret<Vec<u8>>), SignError> {
        for _draw in 0..MAX_DRAWS {
            let secret: [u8; 32] =
                random::array(random).map_err(|_cause: random::RandomError| SignError::Random)?;
            let secret = Secret::new(secret);
            if let Some(key) = Self::from_secret(secret.expose()) {
                let pkcs8 = key.to_pkcs8(secret.expose());
                return Ok((key, pkcs8));
            }
        }
        Err(SignError::Random)
    }

    /// None for 0, n - 1 (GB/T 32918.1 §6.1) and whatever is not below n.
    fn from_secret(secret: &[u8; 32]) -> Option<Self> {
        let secret = SecretKey::from_slice(secret).ok()?;
        let pair = SigningKey::new(ID, &secret).ok()?;
        let point = pair.verifying_key().to_sec1_bytes().to_vec();
        Some(Self {
            public: Sm2Key::new(&point, DEFAULT_ID)?,
            pair,
            point,
        })
    }

    fn to_pkcs8(&self, secret: &[u8; 32]) -> Secret<Vec<u8>> {
        Secret::new(
            [
                &PKCS8_PREFIX,
                secret.as_slice(),
                &PKCS8_BETWEEN,
                &self.point,
            ]
            .concat(),
        )
    }

    /// Whether this is the PKCS#8 of a key on SM2's curve, good or not.
    pub(in crate::crypto) fn is_meant_by(pkcs8: &[u8]) -> bool {
        PrivateKeyInfoRef::from_der(pkcs8).is_ok_and(|key| {
            let named = key.algorithm.parameters_oid();
            named.is_ok_and(|curve| curve.to_string() == "1.2.156.10197.1.301")
        })
    }

    /// Reads what [`Self::generate`] gave or OpenSSL writes; the public key must be inside and fit.
    pub(in crate::crypto) fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        let secret = pkcs8.strip_prefix(&PKCS8_PREFIX)?.first_chunk()?;
        let key = Self::from_secret(secret)?;
        (key.to_pkcs8(secret).expose() == pkcs8).then_some(key)
    }

    /// The public half, as `SubjectPublicKeyInfo`.
    pub(in crate::crypto) fn spki_der(&self) -> Vec<u8> {
        [&SPKI_PREFIX, self.point.as_slice()].concat()
    }

    /// GB/T 32918.2 §6.1; the value in DER (GM/T 0009 §7.3).
    pub(in crate::crypto) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let e = self.public.digest(message);
        let signature: Signature = self
            .pair
            .sign_prehash(&e)
            .map_err(|_cause| SignError::Value)?;
        let value = EcdsaValue::from_fixed(&signature.to_bytes(), 32).ok_or(SignError::Value)?;
        value.to_der().map_err(SignError::Der)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random::RandomError;
    use crate::crypto::random::SeededRandom;
    use crate::encoding::hex;
    use openssl::pkey::PKey;
    use openssl::pkey_ctx::PkeyCtx;

    fn key() -> (Sm2SigningKey, Secret<Vec<u8>>) {
        Sm2SigningKey::generate(&SeededRandom::new([1; 32])).unwrap()
    }

    /// Always the same bytes.
    struct Stuck([u8; 32]);

    impl Random for Stuck {
        fn fill(&self, out: &mut [u8]) -> Result<(), RandomError> {
            out.copy_from_slice(&self.0);
            Ok(())
        }
    }

    #[test]
    fn openssl_agrees_over_e() {
        let (key, pkcs8) = key();
        let signature = key.sign(b"message").unwrap();
        let openssl = PKey::private_key_from_der(pkcs8.expose()).unwrap();
        assert_eq!(openssl.public_key_to_der().unwrap(), key.spki_der());
        let mut context = PkeyCtx::new(&openssl).unwrap();
        context.verify_init().unwrap();
        let e = key.public.digest(b"message");
        assert!(context.verify(&e, &signature).unwrap());
        assert!(!context.verify(&[0; 32], &signature).unwrap_or(false));
        assert_eq!(key.sign(b"message").unwrap(), signature, "deterministic");
        assert_ne!(key.sign(b"messagf").unwrap(), signature);
    }

    #[test]
    fn what_openssl_writes_is_read() {
        let (_, pkcs8) = key();
        let openssl = PKey::private_key_from_der(pkcs8.expose()).unwrap();
        let again = openssl.private_key_to_pkcs8().unwrap();
        assert_eq!(&again, pkcs8.expose());
        assert!(Sm2SigningKey::from_pkcs8(&again).is_some());
    }

    #[test]
    fn other_bytes_are_no_key() {
        let (_, pkcs8) = key();
        let pkcs8 = pkcs8.expose();
        assert!(Sm2SigningKey::is_meant_by(pkcs8));
        assert!(!Sm2SigningKey::is_meant_by(b""));
        let with = |at: usize| {
            let mut bytes = pkcs8.clone();
            bytes[at] ^= 1;
            bytes
        };
        for (name, bytes) in [
            ("empty", Vec::new()),
            ("truncated", pkcs8[..pkcs8.len() - 1].to_vec()),
            ("trailing", [pkcs8.as_slice(), &[0]].concat()),
            ("other secret", with(40)),
            ("other point", with(100)),
            ("other curve", with(26)),
        ] {
            assert!(Sm2SigningKey::from_pkcs8(&bytes).is_none(), "{name}");
        }
    }

    #[test]
    fn numbers_that_are_no_private_key_are_not_taken() {
        let n = "fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123";
        let n: [u8; 32] = hex::decode_array(n).unwrap();
        let mut less_one = n;
        less_one[31] -= 1;
        let mut less_two = n;
        less_two[31] -= 2;
        for secret in [[0; 32], less_one, n, [0xff; 32]] {
            assert!(matches!(
                Sm2SigningKey::generate(&Stuck(secret)),
                Err(SignError::Random)
            ));
        }
        assert!(Sm2SigningKey::generate(&Stuck(less_two)).is_ok());
    }
}
