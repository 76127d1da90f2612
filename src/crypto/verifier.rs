//! A public key made ready for one computation, by the library that does it.

use aws_lc_rs::signature::ParsedPublicKey;
use openssl::ec::EcKey;
use openssl::pkey::PKey;
use openssl::pkey::Public;

use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::aws_lc_backend;
use crate::crypto::backend::Backend;
use crate::crypto::backend::Task;
use crate::crypto::curve::Curve;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::ecdsa_value::EcdsaValue;
use crate::crypto::openssl_backend;
use crate::crypto::pss_parameters::PssParameters;
use crate::crypto::public_key::KeyAlgorithm;
use crate::crypto::public_key::KeyMaterial;
use crate::crypto::public_key::PublicKey;
use crate::crypto::public_key::RsaNumbers;
use crate::crypto::public_key::bit_length;
use crate::crypto::shake_pss;
use crate::crypto::sm2;
use crate::crypto::sm2::Sm2Key;

/// Why a library did not verify a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The key is none: a point off its curve, or numbers of no key.
    Key,
    /// The key is one, and the value is not its signature of the message.
    Signature,
}

/// What an algorithm asks to be computed, the key being given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Computation {
    Ecdsa(DigestAlgorithm),
    RsaPkcs1(DigestAlgorithm),
    RsaPss(PssParameters),
    RsaPssShake(DigestAlgorithm),
    /// Of a key that is a string of bytes, which says all.
    Raw,
    Sm2,
}

impl Computation {
    pub(super) fn of(algorithm: SignatureAlgorithm) -> Self {
        match algorithm {
            SignatureAlgorithm::EcdsaSha1
            | SignatureAlgorithm::EcdsaSha224
            | SignatureAlgorithm::EcdsaSha256
            | SignatureAlgorithm::EcdsaSha384
            | SignatureAlgorithm::EcdsaSha512
            | SignatureAlgorithm::EcdsaP256Sha256
            | SignatureAlgorithm::EcdsaP384Sha384
            | SignatureAlgorithm::EcdsaP521Sha512 => Self::Ecdsa(algorithm.digest()),
            SignatureAlgorithm::Ed25519
            | SignatureAlgorithm::Ed448
            | SignatureAlgorithm::MlDsa44
            | SignatureAlgorithm::MlDsa65
            | SignatureAlgorithm::MlDsa87 => Self::Raw,
            SignatureAlgorithm::RsaPkcs1Sha1
            | SignatureAlgorithm::RsaPkcs1Sha224
            | SignatureAlgorithm::RsaPkcs1Sha256
            | SignatureAlgorithm::RsaPkcs1Sha384
            | SignatureAlgorithm::RsaPkcs1Sha512
            | SignatureAlgorithm::RsaPkcs1Sha512_224
            | SignatureAlgorithm::RsaPkcs1Sha512_256
            | SignatureAlgorithm::RsaPkcs1Sha3_224
            | SignatureAlgorithm::RsaPkcs1Sha3_256
            | SignatureAlgorithm::RsaPkcs1Sha3_384
            | SignatureAlgorithm::RsaPkcs1Sha3_512 => Self::RsaPkcs1(algorithm.digest()),
            SignatureAlgorithm::RsaPss(parameters) => Self::RsaPss(parameters),
            SignatureAlgorithm::RsaPssShake128 | SignatureAlgorithm::RsaPssShake256 => {
                Self::RsaPssShake(algorithm.digest())
            }
            SignatureAlgorithm::Sm2Sm3 => Self::Sm2,
        }
    }
}

/// A key, ready.
pub(super) struct Verifier {
    computation: Computation,
    held: Held,
}

enum Held {
    AwsLc(ParsedPublicKey),
    OpenSslEc(EcKey<Public>),
    OpenSsl(PKey<Public>),
    OpenSslShake {
        key: PKey<Public>,
        modulus_bits: usize,
    },
    Sm2(Box<Sm2Key>),
    /// No key at all; remembered like any other answer.
    Malformed,
}

impl Verifier {
    /// Reads the key into the library. A key that does not fit the computation, or is none, gives a
    /// verifier that refuses.
    pub(super) fn new(computation: Computation, key: &PublicKey) -> Self {
        let held = match (key.material(), computation) {
            (KeyMaterial::Rsa { numbers, .. }, Computation::RsaPkcs1(digest)) => {
                hold_pkcs1(numbers, digest)
            }
            (KeyMaterial::Rsa { numbers, .. }, Computation::RsaPss(used)) => {
                hold_pss(numbers, used)
            }
            (KeyMaterial::Rsa { numbers, .. }, Computation::RsaPssShake(_)) => {
                openssl_backend::hold_rsa(numbers).map(|key| Held::OpenSslShake {
                    key,
                    modulus_bits: bit_length(&numbers.modulus),
                })
            }
            (KeyMaterial::Ec(curve), Computation::Ecdsa(digest)) => {
                hold_ec(*curve, digest, key.raw())
            }
            (KeyMaterial::Bytes(algorithm), Computation::Raw) => hold_raw(*algorithm, key.raw()),
            (KeyMaterial::Sm2, Computation::Sm2) => Sm2Key::new(key.raw(), sm2::DEFAULT_ID)
                .map(|key| Held::Sm2(Box::new(key)))
                .ok_or(Refused::Key),
            _ => Err(Refused::Key),
        };
        Self {
            computation,
            held: held.unwrap_or(Held::Malformed),
        }
    }

    pub(super) const fn computation(&self) -> Computation {
        self.computation
    }

    /// Whether the library took the key for one.
    pub(super) const fn has_key(&self) -> bool {
        !matches!(self.held, Held::Malformed)
    }

    /// Verifies; an ECDSA or SM2 value in DER.
    pub(super) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Refused> {
        match (&self.held, self.computation) {
            (Held::AwsLc(key), _) => aws_lc_backend::verify(key, message, signature),
            (Held::OpenSslEc(key), Computation::Ecdsa(digest)) => {
                let value = EcdsaValue::from_der(signature);
                let value = value.map_err(|_malformed| Refused::Signature)?;
                openssl_backend::verify_ecdsa(key, digest, message, &value)
            }
            (Held::OpenSsl(key), Computation::RsaPkcs1(digest)) => {
                openssl_backend::verify_pkcs1(key, digest, message, signature)
            }
            (Held::OpenSsl(key), Computation::RsaPss(used)) => {
                openssl_backend::verify_pss(key, used, message, signature)
            }
            (Held::OpenSsl(key), Computation::Raw) => {
                openssl_backend::verify_raw(key, message, signature)
            }
            (Held::OpenSslShake { key, modulus_bits }, Computation::RsaPssShake(digest)) => {
                let encoded = openssl_backend::recover_encoded(key, signature)?;
                shake_pss::is_encoding_of(digest, message, &encoded, *modulus_bits)
                    .then_some(())
                    .ok_or(Refused::Signature)
            }
            (Held::Sm2(key), _) => key
                .verify_digest(&key.digest(message), signature)
                .then_some(())
                .ok_or(Refused::Signature),
            (
                Held::Malformed | Held::OpenSslEc(_) | Held::OpenSsl(_) | Held::OpenSslShake { .. },
                _,
            ) => Err(Refused::Key),
        }
    }
}

fn hold_pkcs1(numbers: &RsaNumbers, digest: DigestAlgorithm) -> Result<Held, Refused> {
    if Task::Rsa.backend() == Backend::AwsLc
        && let Some(parameters) = aws_lc_backend::rsa_pkcs1(digest, numbers)
    {
        return aws_lc_backend::hold_rsa(parameters, numbers).map(Held::AwsLc);
    }
    openssl_backend::hold_rsa(numbers).map(Held::OpenSsl)
}

fn hold_pss(numbers: &RsaNumbers, used: PssParameters) -> Result<Held, Refused> {
    if Task::RsaPss.backend() == Backend::AwsLc
        && let Some(parameters) = aws_lc_backend::rsa_pss(used, numbers)
    {
        return aws_lc_backend::hold_rsa(parameters, numbers).map(Held::AwsLc);
    }
    openssl_backend::hold_rsa(numbers).map(Held::OpenSsl)
}

fn hold_ec(curve: Curve, digest: DigestAlgorithm, point: &[u8]) -> Result<Held, Refused> {
    if Task::Ecdsa(curve).backend() == Backend::AwsLc
        && let Some(algorithm) = aws_lc_backend::ecdsa(curve, digest)
    {
        return aws_lc_backend::hold(algorithm, point).map(Held::AwsLc);
    }
    openssl_backend::hold_ec(curve, point).map(Held::OpenSslEc)
}

fn hold_raw(algorithm: KeyAlgorithm, key: &[u8]) -> Result<Held, Refused> {
    let task = raw_task(algorithm).ok_or(Refused::Key)?;
    if task.backend() == Backend::AwsLc
        && let Some(algorithm) = aws_lc_backend::of_raw_key(task)
    {
        return aws_lc_backend::hold(algorithm, key).map(Held::AwsLc);
    }
    openssl_backend::hold_raw(task, key).map(Held::OpenSsl)
}

/// What is to be done with a key that is a string of bytes.
pub(super) fn raw_task(algorithm: KeyAlgorithm) -> Option<Task> {
    match algorithm {
        KeyAlgorithm::Ed25519 => Some(Task::Ed25519),
        KeyAlgorithm::Ed448 => Some(Task::Ed448),
        KeyAlgorithm::MlDsa44 => Some(Task::MlDsa44),
        KeyAlgorithm::MlDsa65 => Some(Task::MlDsa65),
        KeyAlgorithm::MlDsa87 => Some(Task::MlDsa87),
        KeyAlgorithm::Rsa { .. }
        | KeyAlgorithm::RsaPss { .. }
        | KeyAlgorithm::EcP192
        | KeyAlgorithm::EcP224
        | KeyAlgorithm::EcP256
        | KeyAlgorithm::EcP384
        | KeyAlgorithm::EcP521
        | KeyAlgorithm::EcBrainpoolP256r1
        | KeyAlgorithm::EcBrainpoolP384r1
        | KeyAlgorithm::EcBrainpoolP512r1
        | KeyAlgorithm::EcSecp256k1
        | KeyAlgorithm::Sm2
        | KeyAlgorithm::Unsupported { .. } => None,
    }
}
