//! Public keys, read from `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7).
//!
//! Reading is done in Rust to the last byte, and is all that making a [`PublicKey`] costs. What reaches a
//! cryptographic library afterwards, once somebody verifies with the key, are numbers: modulus and exponent, an
//! uncompressed point, the bytes of a key.

use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;

use pkcs8::ObjectIdentifier;
use pkcs8::der;
use pkcs8::der::Decode as _;
use pkcs8::der::Encode as _;
use pkcs8::der::Reader as _;
use pkcs8::der::SliceReader;
use pkcs8::der::asn1::AnyRef;
use pkcs8::der::asn1::UintRef;
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::spki::SubjectPublicKeyInfoRef;
use serde_json::Value;
use serde_json::json;

use crate::crypto::curve::Curve;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::crypto::pss_parameters::PssParameters;
use crate::crypto::verifier::Computation;
use crate::crypto::verifier::Verifier;
use crate::encoding::base64url;
use crate::encoding::json;

/// RFC 3279 §2.3.1.
const RSA_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 4055 §1.2.
const RSA_PSS_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// RFC 5480 §2.1.1.
const EC_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// GM/T 0006: the curve sm2p256v1.
const SM2_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.156.10197.1.301");

/// Keys that are a string of bytes of one length: RFC 8410 §3 and §4, RFC 9881 §4.
const KEYS_OF_BYTES: &[(ObjectIdentifier, KeyAlgorithm, usize)] = &[
    (
        ObjectIdentifier::new_unwrap("1.3.101.112"),
        KeyAlgorithm::Ed25519,
        32,
    ),
    (
        ObjectIdentifier::new_unwrap("1.3.101.113"),
        KeyAlgorithm::Ed448,
        57,
    ),
    (
        ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"),
        KeyAlgorithm::MlDsa44,
        1312,
    ),
    (
        ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"),
        KeyAlgorithm::MlDsa65,
        1952,
    ),
    (
        ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"),
        KeyAlgorithm::MlDsa87,
        2592,
    ),
];

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyAlgorithm {
    /// RSA, for every padding.
    Rsa {
        /// Length of the modulus.
        bits: usize,
    },
    /// RSA that is bound to RSASSA-PSS (RFC 4055 §1.2), perhaps to certain parameters of it.
    RsaPss {
        /// Length of the modulus.
        bits: usize,
    },
    /// NIST P-192; too weak.
    EcP192,
    /// NIST P-224; too weak.
    EcP224,
    /// NIST P-256.
    EcP256,
    /// NIST P-384.
    EcP384,
    /// NIST P-521.
    EcP521,
    /// brainpoolP256r1 (RFC 5639 §3.4).
    EcBrainpoolP256r1,
    /// brainpoolP384r1 (RFC 5639 §3.6).
    EcBrainpoolP384r1,
    /// brainpoolP512r1 (RFC 5639 §3.7).
    EcBrainpoolP512r1,
    /// secp256k1 (SEC 2 §2.4.1).
    EcSecp256k1,
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// ML-DSA-44.
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
    /// SM2 over its own curve (GB/T 32918.5).
    Sm2,
    /// A key that we cannot compute with; its certificate can still be read.
    Unsupported {
        /// The curve's identifier, or the key algorithm's where there is no named curve.
        oid: ObjectIdentifier,
    },
}

impl KeyAlgorithm {
    /// Whether ECDSA computes with such keys. SM2's are not among them.
    pub const fn is_ecdsa(self) -> bool {
        match self {
            Self::EcP192
            | Self::EcP224
            | Self::EcP256
            | Self::EcP384
            | Self::EcP521
            | Self::EcBrainpoolP256r1
            | Self::EcBrainpoolP384r1
            | Self::EcBrainpoolP512r1
            | Self::EcSecp256k1 => true,
            Self::Rsa { .. }
            | Self::RsaPss { .. }
            | Self::Ed25519
            | Self::Ed448
            | Self::MlDsa44
            | Self::MlDsa65
            | Self::MlDsa87
            | Self::Sm2
            | Self::Unsupported { .. } => false,
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Rsa { bits } => return write!(f, "RSA-{bits}"),
            Self::RsaPss { bits } => return write!(f, "RSA-PSS-{bits}"),
            Self::EcP192 => "P-192",
            Self::EcP224 => "P-224",
            Self::EcP256 => "P-256",
            Self::EcP384 => "P-384",
            Self::EcP521 => "P-521",
            Self::EcBrainpoolP256r1 => "brainpoolP256r1",
            Self::EcBrainpoolP384r1 => "brainpoolP384r1",
            Self::EcBrainpoolP512r1 => "brainpoolP512r1",
            Self::EcSecp256k1 => "secp256k1",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
            Self::MlDsa44 => "ML-DSA-44",
            Self::MlDsa65 => "ML-DSA-65",
            Self::MlDsa87 => "ML-DSA-87",
            Self::Sm2 => "SM2",
            Self::Unsupported { oid } => return write!(f, "{oid}"),
        };
        f.write_str(name)
    }
}

/// The numbers of an RSA key, big-endian without leading zeros; both odd, the exponent at least 3.
#[derive(Debug)]
pub(super) struct RsaNumbers {
    pub(super) modulus: Vec<u8>,
    pub(super) exponent: Vec<u8>,
}

/// Whether an RSA key is bound to RSASSA-PSS.
#[derive(Clone, Copy, Debug)]
pub(super) enum PssBinding {
    /// It serves every padding.
    No,
    /// It serves PSS, with whatever parameters (RFC 4055 §1.2).
    Any,
    /// It serves PSS with these digests, and salts that are no shorter (RFC 4055 §3.3).
    Parameters(PssParameters),
}

/// What the key is, apart from the bytes of [`PublicKey::raw`].
#[derive(Debug)]
pub(super) enum KeyMaterial {
    /// A key of one length for each algorithm, which the raw bytes are.
    Bytes(KeyAlgorithm),
    /// The raw bytes are `04 ‖ x ‖ y` of the curve's length; not yet known to lie on the curve.
    Ec(Curve),
    Rsa {
        numbers: RsaNumbers,
        bound_to: PssBinding,
    },
    /// The raw bytes are `04 ‖ x ‖ y`; not yet known to lie on the curve.
    Sm2,
    Unsupported {
        oid: ObjectIdentifier,
    },
}

/// A public key: well-formed, of a known or unknown algorithm, and nobody's yet.
///
/// Clones are one key: what one of them was made ready for, all are.
#[derive(Clone)]
pub struct PublicKey(Arc<Inner>);

struct Inner {
    spki: Vec<u8>,
    /// Length of the key within, at its end.
    raw_bytes: usize,
    material: KeyMaterial,
    /// Ready for what was asked first: keys of certificates sign with one algorithm.
    verifier: OnceLock<Verifier>,
    /// Computed once.
    thumbprint: OnceLock<Option<String>>,
    /// Likewise.
    sha256: OnceLock<Sha256>,
}

impl PublicKey {
    /// Reads a DER `SubjectPublicKeyInfo`, to its end.
    ///
    /// A key algorithm that we do not know gives [`KeyAlgorithm::Unsupported`], not an error.
    ///
    /// # Errors
    /// See [`KeyError`]. Compressed EC points are refused, as RFC 5480 §2.2 allows.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        let spki = SubjectPublicKeyInfoRef::from_der(der).map_err(KeyError::Der)?;
        let key = spki
            .subject_public_key
            .as_bytes()
            .ok_or(KeyError::UnusedBits)?;
        let material = match spki.algorithm.oid {
            EC_OID => ec_material(&spki.algorithm, key)?,
            RSA_OID => rsa_material(&spki.algorithm, key)?,
            RSA_PSS_OID => rsa_pss_material(&spki.algorithm, key)?,
            oid => bytes_material(oid, &spki.algorithm, key)?,
        };
        Ok(Self(Arc::new(Inner {
            spki: der.to_vec(),
            raw_bytes: key.len(),
            material,
            verifier: OnceLock::new(),
            thumbprint: OnceLock::new(),
            sha256: OnceLock::new(),
        })))
    }

    /// The DER that the key was read from.
    pub fn spki_der(&self) -> &[u8] {
        &self.0.spki
    }

    pub(super) fn material(&self) -> &KeyMaterial {
        &self.0.material
    }

    /// What the BIT STRING holds: it is the last thing in the `SubjectPublicKeyInfo`.
    pub(super) fn raw(&self) -> &[u8] {
        let start = self.0.spki.len().saturating_sub(self.0.raw_bytes);
        self.0.spki.get(start..).unwrap_or_default()
    }

    /// Whether its numbers are those of some key, as far as that shows: a point lies on its curve. A key that
    /// nothing can be computed with is not looked into.
    pub fn is_possible(&self) -> bool {
        let computation = match self.material() {
            KeyMaterial::Ec(_) => Computation::Ecdsa(DigestAlgorithm::Sha256),
            KeyMaterial::Sm2 => Computation::Sm2,
            KeyMaterial::Bytes(_) | KeyMaterial::Rsa { .. } | KeyMaterial::Unsupported { .. } => {
                return true;
            }
        };
        self.with_verifier(computation, Verifier::has_key)
    }

    /// Runs `verify` with the key made ready for the computation: now, or when it was first asked for.
    pub(super) fn with_verifier<T>(
        &self,
        computation: Computation,
        verify: impl FnOnce(&Verifier) -> T,
    ) -> T {
        let held = self
            .0
            .verifier
            .get_or_init(|| Verifier::new(computation, self));
        if held.computation() == computation {
            verify(held)
        } else {
            verify(&Verifier::new(computation, self))
        }
    }

    /// What kind of key it is.
    pub fn algorithm(&self) -> KeyAlgorithm {
        match self.material() {
            KeyMaterial::Bytes(algorithm) => *algorithm,
            KeyMaterial::Ec(curve) => curve.key_algorithm(),
            KeyMaterial::Rsa { numbers, bound_to } => {
                let bits = bit_length(&numbers.modulus);
                match bound_to {
                    PssBinding::No => KeyAlgorithm::Rsa { bits },
                    PssBinding::Any | PssBinding::Parameters(_) => KeyAlgorithm::RsaPss { bits },
                }
            }
            KeyMaterial::Sm2 => KeyAlgorithm::Sm2,
            KeyMaterial::Unsupported { oid } => KeyAlgorithm::Unsupported { oid: *oid },
        }
    }

    /// SHA-256 of the `SubjectPublicKeyInfo`, by which we name keys.
    pub fn sha256(&self) -> Sha256 {
        *self.0.sha256.get_or_init(|| sha256(&self.0.spki))
    }

    /// The key as a JWK (RFC 7518 §6, RFC 8037 §2, RFC 8812 §3.1) with the required members only; none
    /// where JWK has no such key, or could not say what it is bound to.
    pub fn to_jwk(&self) -> Option<Value> {
        let text = base64url::encode;
        match self.material() {
            KeyMaterial::Rsa {
                numbers,
                bound_to: PssBinding::No,
            } => {
                let (n, e) = (text(&numbers.modulus), text(&numbers.exponent));
                Some(json!({"kty": "RSA", "n": n, "e": e}))
            }
            KeyMaterial::Ec(curve) => {
                let (_, coordinates) = self.raw().split_first()?;
                let (x, y) = coordinates.split_at_checked(curve.coordinate_bytes())?;
                let name = curve.jwk_name()?;
                Some(json!({"kty": "EC", "crv": name, "x": text(x), "y": text(y)}))
            }
            KeyMaterial::Bytes(KeyAlgorithm::Ed25519) => {
                Some(json!({"kty": "OKP", "crv": "Ed25519", "x": text(self.raw())}))
            }
            KeyMaterial::Bytes(KeyAlgorithm::Ed448) => {
                Some(json!({"kty": "OKP", "crv": "Ed448", "x": text(self.raw())}))
            }
            KeyMaterial::Bytes(_)
            | KeyMaterial::Rsa { .. }
            | KeyMaterial::Sm2
            | KeyMaterial::Unsupported { .. } => None,
        }
    }

    /// The JWK thumbprint (RFC 7638 §3) with SHA-256, base64url; none where [`Self::to_jwk`] has none.
    pub fn jwk_thumbprint(&self) -> Option<String> {
        let compute = || {
            let jwk = self.to_jwk()?;
            Some(base64url::encode(sha256(&json::canonical(&jwk)).as_bytes()))
        };
        self.0.thumbprint.get_or_init(compute).clone()
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.spki_der() == other.spki_der()
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, {})", self.algorithm(), self.sha256())
    }
}

/// RFC 3279 §2.3.1: parameters NULL.
fn rsa_material(id: &AlgorithmIdentifierRef<'_>, key: &[u8]) -> Result<KeyMaterial, KeyError> {
    if !id.parameters.is_some_and(AnyRef::is_null) {
        return Err(KeyError::Parameters);
    }
    Ok(KeyMaterial::Rsa {
        numbers: rsa_numbers(key)?,
        bound_to: PssBinding::No,
    })
}

/// RFC 4055 §1.2: parameters absent, or `RSASSA-PSS-params`. A key that is bound to what we do not
/// compute is of no use to us, and kept as such.
fn rsa_pss_material(id: &AlgorithmIdentifierRef<'_>, key: &[u8]) -> Result<KeyMaterial, KeyError> {
    let numbers = rsa_numbers(key)?;
    let bound_to = match id.parameters {
        None => PssBinding::Any,
        Some(parameters) => {
            let der = parameters.to_der().map_err(KeyError::Der)?;
            match PssParameters::parse(&der) {
                Some(parameters) => PssBinding::Parameters(parameters),
                None => return Ok(KeyMaterial::Unsupported { oid: RSA_PSS_OID }),
            }
        }
    };
    Ok(KeyMaterial::Rsa { numbers, bound_to })
}

/// `RSAPublicKey ::= SEQUENCE { modulus, publicExponent }` (RFC 8017 §A.1.1).
fn rsa_numbers(key: &[u8]) -> Result<RsaNumbers, KeyError> {
    let mut reader = SliceReader::new(key).map_err(KeyError::Der)?;
    let (modulus, exponent) = reader
        .sequence(|fields| {
            Ok::<_, der::Error>((UintRef::decode(fields)?, UintRef::decode(fields)?))
        })
        .map_err(KeyError::Der)?;
    reader.finish().map_err(KeyError::Der)?;
    let (modulus, exponent) = (modulus.as_bytes(), exponent.as_bytes());
    // RFC 8017 §3.1: n is a product of odd primes, and 3 ≤ e with e coprime to an even number.
    if !is_odd(modulus) || !is_odd(exponent) || exponent == [1] {
        return Err(KeyError::RsaNumbers);
    }
    Ok(RsaNumbers {
        modulus: modulus.to_vec(),
        exponent: exponent.to_vec(),
    })
}

/// RFC 5480 §2.1.1: parameters are the named curve; §2.2: the key is the point. SM2's keys differ in
/// the curve alone (GM/T 0015 §5.2.3.7).
fn ec_material(id: &AlgorithmIdentifierRef<'_>, key: &[u8]) -> Result<KeyMaterial, KeyError> {
    let Some(Ok(curve_oid)) = id.parameters.map(AnyRef::decode_as::<ObjectIdentifier>) else {
        // Explicit curve parameters, which RFC 5480 §2.1.1 forbids.
        return Ok(KeyMaterial::Unsupported { oid: EC_OID });
    };
    let (material, coordinate_bytes) = match Curve::from_oid(curve_oid) {
        Some(curve) => (KeyMaterial::Ec(curve), curve.coordinate_bytes()),
        None if curve_oid == SM2_OID => (KeyMaterial::Sm2, 32),
        None => return Ok(KeyMaterial::Unsupported { oid: curve_oid }),
    };
    let expected = coordinate_bytes.saturating_mul(2).saturating_add(1);
    // SEC 1 §2.3.4: 04 marks the uncompressed form.
    if key.len() != expected || key.first() != Some(&0x04) {
        return Err(KeyError::EcPoint);
    }
    Ok(material)
}

/// RFC 8410 §3 and RFC 9881 §2: parameters absent.
fn bytes_material(
    oid: ObjectIdentifier,
    id: &AlgorithmIdentifierRef<'_>,
    key: &[u8],
) -> Result<KeyMaterial, KeyError> {
    let known = KEYS_OF_BYTES.iter().find(|(known, ..)| *known == oid);
    let Some((_, algorithm, expected)) = known else {
        return Ok(KeyMaterial::Unsupported { oid });
    };
    if id.parameters.is_some() {
        return Err(KeyError::Parameters);
    }
    if key.len() != *expected {
        return Err(KeyError::Length {
            algorithm: *algorithm,
            expected: *expected,
            found: key.len(),
        });
    }
    Ok(KeyMaterial::Bytes(*algorithm))
}

fn is_odd(number: &[u8]) -> bool {
    number.last().is_some_and(|byte| byte & 1 == 1)
}

/// Bits of a big-endian number without leading zero bytes.
pub(super) fn bit_length(number: &[u8]) -> usize {
    let Some((first, rest)) = number.split_first() else {
        return 0;
    };
    let unused: usize = first.leading_zeros().try_into().unwrap_or(0);
    rest.len()
        .saturating_add(1)
        .saturating_mul(8)
        .saturating_sub(unused)
}

/// Why bytes are not a public key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not DER, cut off, or followed by something else.
    #[error("public key is not well-formed DER")]
    Der(#[source] der::Error),
    /// Not an uncompressed point of the curve's length.
    #[error("elliptic curve point is not uncompressed or has the wrong length")]
    EcPoint,
    /// Another length than keys of this kind have.
    #[error("{algorithm} key has {found} bytes instead of {expected}")]
    Length {
        /// The kind.
        algorithm: KeyAlgorithm,
        /// Its length.
        expected: usize,
        /// The length that it has here.
        found: usize,
    },
    /// Algorithm parameters that the key's algorithm does not have.
    #[error("wrong parameters beside the key algorithm")]
    Parameters,
    /// Modulus or exponent even, or the exponent 1.
    #[error("RSA modulus or exponent cannot belong to a key")]
    RsaNumbers,
    /// The key is not a whole number of bytes.
    #[error("public key has unused bits")]
    UnusedBits,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::hex;

    const P256: &str = "3059301306072a8648ce3d020106082a8648ce3d030107034200\
        0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6\
        7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";

    fn spki(hex_text: &str) -> Vec<u8> {
        hex::decode(hex_text).unwrap()
    }

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u8::try_from(content.len()).unwrap();
        [&[tag, length], content].concat()
    }

    /// The RSA key of RFC 7638 §3.1 as `SubjectPublicKeyInfo`.
    fn rfc_7638_key() -> PublicKey {
        let modulus = base64url::decode(
            "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWK\
             RXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMic\
             AtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3\
             XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
            256,
        )
        .unwrap();
        let mut der =
            hex::decode("30820122300d06092a864886f70d01010105000382010f003082010a0282010100")
                .unwrap();
        der.extend(modulus);
        der.extend([0x02, 0x03, 0x01, 0x00, 0x01]);
        PublicKey::from_spki_der(&der).unwrap()
    }

    #[test]
    fn the_example_of_rfc_7638_holds() {
        let key = rfc_7638_key();
        assert_eq!(key.algorithm(), KeyAlgorithm::Rsa { bits: 2048 });
        assert_eq!(
            key.jwk_thumbprint().unwrap(),
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        );
        assert_eq!(key.to_jwk().unwrap()["e"], "AQAB");
    }

    #[test]
    fn the_example_of_rfc_8037_holds() {
        // RFC 8037 appendix A.3, the key in the form of RFC 8410.
        let x = base64url::decode("11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", 32).unwrap();
        let mut der = hex::decode("302a300506032b6570032100").unwrap();
        der.extend(x);
        let key = PublicKey::from_spki_der(&der).unwrap();
        assert_eq!(key.algorithm(), KeyAlgorithm::Ed25519);
        assert_eq!(
            key.jwk_thumbprint().unwrap(),
            "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
        );
    }

    #[test]
    fn an_ec_key_shows_its_coordinates() {
        let key = PublicKey::from_spki_der(&spki(P256)).unwrap();
        assert_eq!(key.algorithm(), KeyAlgorithm::EcP256);
        assert_eq!(key.spki_der(), spki(P256));
        let jwk = key.to_jwk().unwrap();
        assert_eq!(jwk["kty"], "EC");
        assert_eq!(jwk["crv"], "P-256");
        assert_eq!(jwk["x"], "YP7UuiVanTHJYet0xjVtaMBJuJI7Yfps5mliLmDyn7Y");
        assert_eq!(jwk["y"], "eQP-EAi4vJmkGunpVii8ZPLxsgwtfp9Rd6PClNRGIpk");
    }

    #[test]
    fn malformed_keys_are_refused() {
        let refused = |der: Vec<u8>| PublicKey::from_spki_der(&der).unwrap_err();
        let mut trailing = spki(P256);
        trailing.push(0);
        assert!(matches!(refused(trailing), KeyError::Der(_)));
        let mut truncated = spki(P256);
        truncated.pop();
        assert!(matches!(refused(truncated), KeyError::Der(_)));
        assert_eq!(
            refused(spki(&P256.replace("0342000460", "0342000660"))),
            KeyError::EcPoint,
            "hybrid point"
        );
        assert_eq!(
            refused(spki(
                "3039301306072a8648ce3d020106082a8648ce3d030107032200\
                 0360fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
            )),
            KeyError::EcPoint,
            "compressed point"
        );
        let ed25519 = |bytes: usize| {
            let id = tlv(0x30, &spki("06032b6570"));
            tlv(0x30, &[id, tlv(0x03, &vec![0; bytes + 1])].concat())
        };
        assert!(PublicKey::from_spki_der(&ed25519(32)).is_ok());
        assert_eq!(
            refused(ed25519(31)),
            KeyError::Length {
                algorithm: KeyAlgorithm::Ed25519,
                expected: 32,
                found: 31
            }
        );
        assert!(matches!(refused(Vec::new()), KeyError::Der(_)));
    }

    #[test]
    fn rsa_numbers_are_looked_at() {
        let with = |exponent: &str| {
            let numbers = spki(&format!("02050080000001{exponent}"));
            let id = tlv(0x30, &spki("06092a864886f70d0101010500"));
            let key = tlv(0x03, &[vec![0], tlv(0x30, &numbers)].concat());
            tlv(0x30, &[id, key].concat())
        };
        let parsed = PublicKey::from_spki_der(&with("020103"));
        assert_eq!(parsed.unwrap().algorithm(), KeyAlgorithm::Rsa { bits: 32 });
        assert_eq!(
            PublicKey::from_spki_der(&with("020101")),
            Err(KeyError::RsaNumbers)
        );
        assert_eq!(
            PublicKey::from_spki_der(&with("020104")),
            Err(KeyError::RsaNumbers)
        );
        assert!(
            matches!(
                PublicKey::from_spki_der(&with("0201fd")),
                Err(KeyError::Der(_))
            ),
            "negative"
        );
        assert!(
            matches!(
                PublicKey::from_spki_der(&with("02020003")),
                Err(KeyError::Der(_))
            ),
            "leading zero"
        );
    }

    const SM2: &str = "3059301306072a8648ce3d020106082a811ccf5501822d03420004\
                       09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
                       ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";

    #[test]
    fn keys_of_unknown_algorithms_are_kept() {
        // The same with one more arc of the Chinese arc: a curve that nobody knows.
        let unknown = SM2.replace("06082a811ccf5501822d", "06082a811ccf5501822e");
        let key = PublicKey::from_spki_der(&spki(&unknown)).unwrap();
        assert_eq!(key.algorithm().to_string(), "1.2.156.10197.1.302");
        assert_eq!(key.to_jwk(), None);
        assert_eq!(key.jwk_thumbprint(), None);
    }

    #[test]
    fn sm2_keys_are_uncompressed() {
        let key = PublicKey::from_spki_der(&spki(SM2)).unwrap();
        assert_eq!(key.algorithm(), KeyAlgorithm::Sm2);
        assert_eq!(key.to_jwk(), None, "JWK has no such curve");
        let hybrid = SM2.replace("0342000409f9", "0342000709f9");
        assert_eq!(
            PublicKey::from_spki_der(&spki(&hybrid)),
            Err(KeyError::EcPoint)
        );
    }

    #[test]
    fn keys_bound_to_pss_say_so() {
        let numbers = tlv(0x30, &spki("02050080000001020103"));
        let with = |parameters: &str| {
            let id = tlv(0x30, &spki(&format!("06092a864886f70d01010a{parameters}")));
            let key = tlv(0x03, &[&[0], numbers.as_slice()].concat());
            PublicKey::from_spki_der(&tlv(0x30, &[id, key].concat()))
        };
        for parameters in ["", "3000"] {
            let key = with(parameters).unwrap();
            assert_eq!(key.algorithm(), KeyAlgorithm::RsaPss { bits: 32 });
            assert_eq!(key.to_jwk(), None);
        }
        for parameters in ["0500", "3005a303020102"] {
            let key = with(parameters).unwrap();
            assert_eq!(key.algorithm().to_string(), "1.2.840.113549.1.1.10");
        }
    }

    #[test]
    fn clones_are_one_key() {
        let key = PublicKey::from_spki_der(&spki(P256)).unwrap();
        let clone = key.clone();
        assert_eq!(clone, key);
        let asked = Computation::Ecdsa(DigestAlgorithm::Sha256);
        let first = key.with_verifier(asked, std::ptr::from_ref);
        assert_eq!(clone.with_verifier(asked, std::ptr::from_ref), first);
        let other = Computation::Ecdsa(DigestAlgorithm::Sha384);
        assert_eq!(clone.with_verifier(other, Verifier::computation), other);
        assert_eq!(key.with_verifier(asked, std::ptr::from_ref), first);
    }
}
