//! Private keys with which somebody signs documents of their own: of every kind that people have, from files
//! that they bring. The service's own keys are [`crate::crypto::sign::SigningKey`], with one purpose each.

use std::fmt;

use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::Id;
use openssl::pkey::PKey;
use openssl::pkey::Private;
use openssl::rsa::Padding;
use openssl::sign::RsaPssSaltlen;
use openssl::sign::Signer;

use crate::crypto::algorithm::MIN_RSA_BITS;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::openssl_digest;
use crate::crypto::ecdsa_value::EcdsaValue;
use crate::crypto::key_file;
use crate::crypto::key_file::KeyFileError;
use crate::crypto::pss_parameters::PssParameters;
use crate::crypto::public_key::KeyAlgorithm;
use crate::crypto::public_key::KeyError;
use crate::crypto::public_key::PublicKey;
use crate::crypto::sign::SignError;
use crate::crypto::sm2::Sm2SigningKey;
use crate::encoding::pem;
use crate::encoding::pem::PemError;
use crate::secret::Secret;

/// RFC 7468 §10.
const PLAIN: &str = "PRIVATE KEY";
/// RFC 7468 §11.
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// What makes signature values of one algorithm: all that a container's writer asks of a key.
pub trait DocumentSigner {
    /// The public half.
    fn public_key(&self) -> &PublicKey;

    /// The algorithm of [`Self::sign_der`]. Of ECDSA the one that binds curve and digest.
    fn algorithm(&self) -> SignatureAlgorithm;

    /// Signs `message`; ECDSA and SM2 as `SEQUENCE { r, s }` in DER, the others as their octets.
    ///
    /// # Errors
    /// [`DocumentKeyError::Sign`], [`DocumentKeyError::Refused`].
    fn sign_der(&self, message: &[u8]) -> Result<Vec<u8>, DocumentKeyError>;
}

/// How an RSA key that is free for every padding signs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RsaPadding {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2), which everything reads.
    #[default]
    Pkcs1,
    /// RSASSA-PSS (RFC 8017 §8.1), with a salt as long as the digest.
    Pss,
}

/// A private key for documents: RSA, ECDSA over P-256, P-384 or P-521, Ed25519, or SM2.
///
/// The digest follows from the key: SHA-256 with RSA and P-256, SHA-384 with P-384, SHA-512 with P-521 (as JOSE
/// binds them, RFC 7518 §3.4) and SM3 with SM2.
pub struct DocumentKey {
    pair: Pair,
    public: PublicKey,
    algorithm: SignatureAlgorithm,
}

enum Pair {
    OpenSsl(PKey<Private>),
    Sm2(Box<Sm2SigningKey>),
}

impl DocumentKey {
    /// Reads the key of a PEM file: `PRIVATE KEY`, or `ENCRYPTED PRIVATE KEY` with its passphrase
    /// ([`key_file::decrypt`]).
    ///
    /// # Errors
    /// [`DocumentKeyError`] says what is in the file instead, or that the passphrase is missing or wrong.
    pub fn from_pem(
        pem: &str,
        passphrase: Option<&Secret<String>>,
        padding: RsaPadding,
    ) -> Result<Self, DocumentKeyError> {
        let mut blocks = pem::decode(pem.as_bytes(), 1).map_err(DocumentKeyError::Pem)?;
        let Some(block) = blocks.pop() else {
            return Err(DocumentKeyError::Pem(PemError::NoBlock));
        };
        let pkcs8 = match block.label.as_str() {
            PLAIN => Secret::new(block.der),
            ENCRYPTED => {
                let passphrase = passphrase.ok_or(DocumentKeyError::PassphraseMissing)?;
                key_file::decrypt(pem, passphrase)?
            }
            _ => return Err(DocumentKeyError::NotPkcs8 { label: block.label }),
        };
        Self::from_pkcs8(pkcs8.expose(), padding)
    }

    /// Reads the key of PKCS#8 DER (RFC 5958 §2). `padding` is for RSA keys; one that is bound to RSASSA-PSS
    /// uses that whatever is asked for.
    ///
    /// # Errors
    /// [`DocumentKeyError::Pkcs8`], [`DocumentKeyError::PublicKey`] or [`DocumentKeyError::Refused`] when it is no
    /// key; [`DocumentKeyError::Unsupported`] and [`DocumentKeyError::WeakRsa`] for keys that we do not sign with.
    pub fn from_pkcs8(pkcs8: &[u8], padding: RsaPadding) -> Result<Self, DocumentKeyError> {
        if Sm2SigningKey::is_meant_by(pkcs8) {
            let key = Sm2SigningKey::from_pkcs8(pkcs8)
                .ok_or(DocumentKeyError::Refused(SignError::Sm2Key))?;
            return Ok(Self {
                public: PublicKey::from_spki_der(&key.spki_der())
                    .map_err(DocumentKeyError::PublicKey)?,
                pair: Pair::Sm2(Box::new(key)),
                algorithm: SignatureAlgorithm::Sm2Sm3,
            });
        }
        let pair = PKey::private_key_from_pkcs8(pkcs8).map_err(DocumentKeyError::Pkcs8)?;
        let spki = pair.public_key_to_der().map_err(DocumentKeyError::Pkcs8)?;
        let public = PublicKey::from_spki_der(&spki).map_err(DocumentKeyError::PublicKey)?;
        Ok(Self {
            algorithm: algorithm_of(public.algorithm(), padding)?,
            pair: Pair::OpenSsl(pair),
            public,
        })
    }

    /// Signs `message` in the form of JOSE: of ECDSA r ‖ s in fixed length (RFC 7518 §3.4).
    ///
    /// # Errors
    /// [`DocumentKeyError::NoJose`] with SM2, which JOSE does not have; [`DocumentKeyError::Sign`].
    pub fn sign_jose(&self, message: &[u8]) -> Result<Vec<u8>, DocumentKeyError> {
        if self.algorithm.jose_name().is_none() {
            return Err(DocumentKeyError::NoJose);
        }
        let value = self.sign_der(message)?;
        let Some(half) = half_of(self.public.algorithm()) else {
            return Ok(value);
        };
        EcdsaValue::from_der(&value)
            .ok()
            .and_then(|value| value.to_fixed(half))
            .ok_or(DocumentKeyError::Value)
    }
}

impl DocumentSigner for DocumentKey {
    fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    fn sign_der(&self, message: &[u8]) -> Result<Vec<u8>, DocumentKeyError> {
        match &self.pair {
            Pair::Sm2(key) => key.sign(message).map_err(DocumentKeyError::Refused),
            Pair::OpenSsl(pair) => {
                sign_with(pair, self.algorithm, message).map_err(DocumentKeyError::Sign)
            }
        }
    }
}

/// How keys of a kind sign here.
fn algorithm_of(
    key: KeyAlgorithm,
    padding: RsaPadding,
) -> Result<SignatureAlgorithm, DocumentKeyError> {
    let pss = SignatureAlgorithm::RsaPss(PssParameters::usual(DigestAlgorithm::Sha256));
    match key {
        KeyAlgorithm::Rsa { bits } | KeyAlgorithm::RsaPss { bits } if bits < MIN_RSA_BITS => {
            Err(DocumentKeyError::WeakRsa { bits })
        }
        KeyAlgorithm::Rsa { .. } => Ok(match padding {
            RsaPadding::Pkcs1 => SignatureAlgorithm::RsaPkcs1Sha256,
            RsaPadding::Pss => pss,
        }),
        KeyAlgorithm::RsaPss { .. } => Ok(pss),
        KeyAlgorithm::EcP256 => Ok(SignatureAlgorithm::EcdsaP256Sha256),
        KeyAlgorithm::EcP384 => Ok(SignatureAlgorithm::EcdsaP384Sha384),
        KeyAlgorithm::EcP521 => Ok(SignatureAlgorithm::EcdsaP521Sha512),
        KeyAlgorithm::Ed25519 => Ok(SignatureAlgorithm::Ed25519),
        KeyAlgorithm::Sm2 => Ok(SignatureAlgorithm::Sm2Sm3),
        KeyAlgorithm::EcP192
        | KeyAlgorithm::EcP224
        | KeyAlgorithm::EcBrainpoolP256r1
        | KeyAlgorithm::EcBrainpoolP384r1
        | KeyAlgorithm::EcBrainpoolP512r1
        | KeyAlgorithm::EcSecp256k1
        | KeyAlgorithm::Ed448
        | KeyAlgorithm::MlDsa44
        | KeyAlgorithm::MlDsa65
        | KeyAlgorithm::MlDsa87
        | KeyAlgorithm::Unsupported { .. } => Err(DocumentKeyError::Unsupported { key }),
    }
}

/// The bytes of r, and of s, where a value consists of these.
fn half_of(key: KeyAlgorithm) -> Option<usize> {
    const HALVES: [(KeyAlgorithm, usize); 3] = [
        (KeyAlgorithm::EcP256, 32),
        (KeyAlgorithm::EcP384, 48),
        (KeyAlgorithm::EcP521, 66),
    ];
    let mut halves = HALVES.into_iter();
    halves
        .find(|(known, _)| *known == key)
        .map(|(_, half)| half)
}

fn sign_with(
    pair: &PKey<Private>,
    algorithm: SignatureAlgorithm,
    message: &[u8],
) -> Result<Vec<u8>, ErrorStack> {
    let digest = openssl_digest(algorithm.digest());
    let mut signer = if pair.id() == Id::ED25519 {
        Signer::new_without_digest(pair)?
    } else {
        Signer::new(digest, pair)?
    };
    if let SignatureAlgorithm::RsaPss(used) = algorithm {
        set_pss(&mut signer, digest, used)?;
    } else if pair.id() == Id::RSA {
        signer.set_rsa_padding(Padding::PKCS1)?;
    }
    signer.sign_oneshot_to_vec(message)
}

fn set_pss(
    signer: &mut Signer<'_>,
    digest: MessageDigest,
    used: PssParameters,
) -> Result<(), ErrorStack> {
    signer.set_rsa_padding(Padding::PKCS1_PSS)?;
    signer.set_rsa_mgf1_md(digest)?;
    let salt = i32::try_from(used.salt_bytes()).unwrap_or(i32::MAX);
    signer.set_rsa_pss_saltlen(RsaPssSaltlen::custom(salt))
}

impl fmt::Debug for DocumentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DocumentKey")
            .field("algorithm", &self.algorithm)
            .field("public", &self.public)
            .finish_non_exhaustive()
    }
}

/// Why there is no key, or no signature.
#[derive(Debug, thiserror::Error)]
pub enum DocumentKeyError {
    /// The file could not be decrypted.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// JOSE registers no algorithm for SM2 (IANA "JSON Web Signature and Encryption Algorithms").
    #[error("JOSE has no algorithm for this key")]
    NoJose,
    /// A key in the form of one algorithm (`RSA PRIVATE KEY`, `EC PRIVATE KEY`), or no key at all.
    #[error("the key file holds a `{label}`, not a key in PKCS#8")]
    NotPkcs8 {
        /// What stands after `BEGIN`.
        label: String,
    },
    /// The key is encrypted.
    #[error("the key file is encrypted, and there is no passphrase")]
    PassphraseMissing,
    /// Not PEM.
    #[error("the key file is not PEM")]
    Pem(#[source] PemError),
    /// Not the PKCS#8 of a key.
    #[error("not a private key in PKCS#8")]
    Pkcs8(#[source] ErrorStack),
    /// The public half is not a key.
    #[error("the private key has a malformed public key")]
    PublicKey(#[source] KeyError),
    /// Not an SM2 key with its public key, or a key that we keep ourselves did not sign.
    #[error("the key cannot be used")]
    Refused(#[source] SignError),
    /// The key did not sign.
    #[error("the key did not sign")]
    Sign(#[source] ErrorStack),
    /// A kind of key that we verify with at most.
    #[error("keys of the kind {key} do not sign here")]
    Unsupported {
        /// The kind.
        key: KeyAlgorithm,
    },
    /// The signature has an impossible length.
    #[error("the signature has an impossible length")]
    Value,
    /// NIST SP 800-131A: nobody would accept what it signs.
    #[error("an RSA key of {bits} bits is too weak to sign with")]
    WeakRsa {
        /// Length of the modulus.
        bits: usize,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::random::SeededRandom;
    use crate::crypto::verify::SignatureForm;
    use crate::crypto::verify::verify_signature;
    use openssl::ec::EcGroup;
    use openssl::ec::EcKey;
    use openssl::nid::Nid;
    use openssl::rsa::Rsa;

    fn ec(curve: Nid) -> Vec<u8> {
        let group = EcGroup::from_curve_name(curve).unwrap();
        let key = PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap();
        key.private_key_to_pkcs8().unwrap()
    }

    fn rsa(bits: u32) -> Vec<u8> {
        let key = PKey::from_rsa(Rsa::generate(bits).unwrap()).unwrap();
        key.private_key_to_pkcs8().unwrap()
    }

    fn sm2() -> Vec<u8> {
        let (_, pkcs8) = Sm2SigningKey::generate(&SeededRandom::new([4; 32])).unwrap();
        pkcs8.expose().clone()
    }

    #[test]
    fn every_kind_of_key_signs_in_both_forms() {
        let ed25519 = PKey::generate_ed25519().unwrap();
        let rsa = rsa(2048);
        for (pkcs8, padding, jose) in [
            (ec(Nid::X9_62_PRIME256V1), RsaPadding::Pkcs1, Some("ES256")),
            (ec(Nid::SECP384R1), RsaPadding::Pkcs1, Some("ES384")),
            (ec(Nid::SECP521R1), RsaPadding::Pkcs1, Some("ES512")),
            (rsa.clone(), RsaPadding::Pkcs1, Some("RS256")),
            (rsa, RsaPadding::Pss, Some("PS256")),
            (
                ed25519.private_key_to_pkcs8().unwrap(),
                RsaPadding::Pss,
                Some("Ed25519"),
            ),
            (sm2(), RsaPadding::Pkcs1, None),
        ] {
            let key = DocumentKey::from_pkcs8(&pkcs8, padding).unwrap();
            assert_eq!(key.algorithm().jose_name(), jose);
            let verify = |value: &[u8], form| {
                verify_signature(key.algorithm(), key.public_key(), b"content", value, form)
            };
            let value = key.sign_der(b"content").unwrap();
            assert_eq!(verify(&value, SignatureForm::Der), Ok(()), "{jose:?}");
            match (key.sign_jose(b"content"), jose) {
                (Ok(value), Some(_)) => {
                    assert_eq!(verify(&value, SignatureForm::Fixed), Ok(()), "{jose:?}");
                }
                (Err(DocumentKeyError::NoJose), None) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn keys_that_nobody_should_sign_with_are_refused() {
        let refused = |pkcs8: &[u8]| DocumentKey::from_pkcs8(pkcs8, RsaPadding::Pkcs1).unwrap_err();
        assert!(matches!(
            refused(&rsa(1024)),
            DocumentKeyError::WeakRsa { bits: 1024 }
        ));
        assert!(matches!(
            refused(&ec(Nid::SECP256K1)),
            DocumentKeyError::Unsupported { .. }
        ));
        assert!(matches!(refused(b"no key"), DocumentKeyError::Pkcs8(_)));
        let mut broken = sm2();
        *broken.last_mut().unwrap() ^= 1;
        assert!(matches!(refused(&broken), DocumentKeyError::Refused(_)));
    }

    #[test]
    fn files_are_read_with_and_without_a_passphrase() {
        let pkcs8 = ec(Nid::X9_62_PRIME256V1);
        let secret = |text: &str| Secret::new(text.to_owned());
        let random = SeededRandom::new([2; 32]);
        let plain = pem::encode(PLAIN, &pkcs8);
        let closed = key_file::encrypt(&Secret::new(pkcs8), &secret("开门"), &random).unwrap();
        let read = |pem: &str, passphrase: Option<&Secret<String>>| {
            DocumentKey::from_pem(pem, passphrase, RsaPadding::Pkcs1)
        };
        let public = |key: DocumentKey| key.public_key().spki_der().to_vec();
        assert_eq!(
            public(read(&plain, None).unwrap()),
            public(read(&closed, Some(&secret("开门"))).unwrap())
        );
        assert!(matches!(
            read(&closed, None),
            Err(DocumentKeyError::PassphraseMissing)
        ));
        assert!(matches!(
            read(&closed, Some(&secret("x"))),
            Err(DocumentKeyError::KeyFile(KeyFileError::Passphrase))
        ));
        let other = pem::encode("EC PRIVATE KEY", b"whatever");
        assert!(matches!(
            read(&other, None),
            Err(DocumentKeyError::NotPkcs8 { label }) if label == "EC PRIVATE KEY"
        ));
    }
}
