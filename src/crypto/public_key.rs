//! Public keys, read from `SubjectPublicKeyInfo` (RFC 5280 §4.1.2.7).
//!
//! Reading is done in Rust to the last byte; what reaches a cryptographic library afterwards are
//! numbers: modulus and exponent, or an uncompressed point.

use std::fmt;

use pkcs8::ObjectIdentifier;
use pkcs8::der;
use pkcs8::der::Decode as _;
use pkcs8::der::Reader as _;
use pkcs8::der::SliceReader;
use pkcs8::der::asn1::AnyRef;
use pkcs8::der::asn1::UintRef;
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::spki::SubjectPublicKeyInfoRef;
use serde_json::Value;
use serde_json::json;

use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::encoding::base64url;
use crate::encoding::json;

/// RFC 3279 §2.3.1.
const RSA_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 5480 §2.1.1.
const EC_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// RFC 8410 §3.
const ED25519_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyAlgorithm {
    /// RSA.
    Rsa {
        /// Length of the modulus.
        bits: usize,
    },
    /// NIST P-256.
    EcP256,
    /// NIST P-384.
    EcP384,
    /// NIST P-521.
    EcP521,
    /// Ed25519.
    Ed25519,
    /// A key that we cannot compute with; its certificate can still be read.
    Unsupported {
        /// The curve's identifier, or the key algorithm's where there is no named curve.
        oid: ObjectIdentifier,
    },
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA-{bits}"),
            Self::EcP256 => f.write_str("P-256"),
            Self::EcP384 => f.write_str("P-384"),
            Self::EcP521 => f.write_str("P-521"),
            Self::Ed25519 => f.write_str("Ed25519"),
            Self::Unsupported { oid } => write!(f, "{oid}"),
        }
    }
}

/// A curve of NIST, with what the formats call it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Curve {
    P256,
    P384,
    P521,
}

impl Curve {
    /// RFC 5480 §2.1.1.1.
    fn from_oid(oid: ObjectIdentifier) -> Option<Self> {
        match oid.to_string().as_str() {
            "1.2.840.10045.3.1.7" => Some(Self::P256),
            "1.3.132.0.34" => Some(Self::P384),
            "1.3.132.0.35" => Some(Self::P521),
            _ => None,
        }
    }

    /// RFC 7518 §6.2.1.1.
    const fn jwk_name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    const fn key_algorithm(self) -> KeyAlgorithm {
        match self {
            Self::P256 => KeyAlgorithm::EcP256,
            Self::P384 => KeyAlgorithm::EcP384,
            Self::P521 => KeyAlgorithm::EcP521,
        }
    }

    /// Bytes of a coordinate, and of r and s: the order of each of these curves is as long as its field.
    pub(super) const fn coordinate_bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }
}

/// The numbers of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum KeyMaterial {
    /// Big-endian without leading zeros; both odd, the exponent at least 3.
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// `04 ‖ x ‖ y` of the curve's length; not yet known to lie on the curve.
    Ec {
        curve: Curve,
        point: Vec<u8>,
    },
    Ed25519 {
        point: Vec<u8>,
    },
    Unsupported {
        oid: ObjectIdentifier,
    },
}

/// A public key: well-formed, of a known or unknown algorithm, and nobody's yet.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey {
    spki: Vec<u8>,
    material: KeyMaterial,
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
            RSA_OID => rsa_material(&spki.algorithm, key)?,
            EC_OID => ec_material(&spki.algorithm, key)?,
            ED25519_OID => ed25519_material(&spki.algorithm, key)?,
            oid => KeyMaterial::Unsupported { oid },
        };
        Ok(Self {
            spki: der.to_vec(),
            material,
        })
    }

    /// The DER that the key was read from.
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    pub(super) const fn material(&self) -> &KeyMaterial {
        &self.material
    }

    /// What kind of key it is.
    pub fn algorithm(&self) -> KeyAlgorithm {
        match &self.material {
            KeyMaterial::Rsa { modulus, .. } => KeyAlgorithm::Rsa {
                bits: bit_length(modulus),
            },
            KeyMaterial::Ec { curve, .. } => curve.key_algorithm(),
            KeyMaterial::Ed25519 { .. } => KeyAlgorithm::Ed25519,
            KeyMaterial::Unsupported { oid } => KeyAlgorithm::Unsupported { oid: *oid },
        }
    }

    /// SHA-256 of the `SubjectPublicKeyInfo`, by which we name keys.
    pub fn sha256(&self) -> Sha256 {
        sha256(&self.spki)
    }

    /// The key as a JWK (RFC 7518 §6, RFC 8037 §2) with the required members only; none for
    /// [`KeyAlgorithm::Unsupported`].
    pub fn to_jwk(&self) -> Option<Value> {
        let text = base64url::encode;
        match &self.material {
            KeyMaterial::Rsa { modulus, exponent } => {
                Some(json!({"kty": "RSA", "n": text(modulus), "e": text(exponent)}))
            }
            KeyMaterial::Ec { curve, point } => {
                let (_, coordinates) = point.split_first()?;
                let (x, y) = coordinates.split_at_checked(curve.coordinate_bytes())?;
                Some(json!({"kty": "EC", "crv": curve.jwk_name(), "x": text(x), "y": text(y)}))
            }
            KeyMaterial::Ed25519 { point } => {
                Some(json!({"kty": "OKP", "crv": "Ed25519", "x": text(point)}))
            }
            KeyMaterial::Unsupported { .. } => None,
        }
    }

    /// The JWK thumbprint (RFC 7638 §3) with SHA-256, base64url; none for
    /// [`KeyAlgorithm::Unsupported`].
    pub fn jwk_thumbprint(&self) -> Option<String> {
        let jwk = self.to_jwk()?;
        Some(base64url::encode(sha256(&json::canonical(&jwk)).as_bytes()))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({}, {})", self.algorithm(), self.sha256())
    }
}

/// RFC 3279 §2.3.1: parameters NULL; `RSAPublicKey ::= SEQUENCE { modulus, publicExponent }`.
fn rsa_material(id: &AlgorithmIdentifierRef<'_>, key: &[u8]) -> Result<KeyMaterial, KeyError> {
    if !id.parameters.is_some_and(AnyRef::is_null) {
        return Err(KeyError::Parameters);
    }
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
    Ok(KeyMaterial::Rsa {
        modulus: modulus.to_vec(),
        exponent: exponent.to_vec(),
    })
}

/// RFC 5480 §2.1.1: parameters are the named curve; §2.2: the key is the point.
fn ec_material(id: &AlgorithmIdentifierRef<'_>, key: &[u8]) -> Result<KeyMaterial, KeyError> {
    let Some(Ok(curve_oid)) = id.parameters.map(AnyRef::decode_as::<ObjectIdentifier>) else {
        // Explicit curve parameters, which RFC 5480 §2.1.1 forbids.
        return Ok(KeyMaterial::Unsupported { oid: EC_OID });
    };
    let Some(curve) = Curve::from_oid(curve_oid) else {
        return Ok(KeyMaterial::Unsupported { oid: curve_oid });
    };
    let expected = curve.coordinate_bytes().saturating_mul(2).saturating_add(1);
    // SEC 1 §2.3.4: 04 marks the uncompressed form.
    if key.len() != expected || key.first() != Some(&0x04) {
        return Err(KeyError::EcPoint);
    }
    Ok(KeyMaterial::Ec {
        curve,
        point: key.to_vec(),
    })
}

/// RFC 8410 §3: parameters absent; §4: the key is the 32 bytes of RFC 8032.
fn ed25519_material(id: &AlgorithmIdentifierRef<'_>, key: &[u8]) -> Result<KeyMaterial, KeyError> {
    if id.parameters.is_some() {
        return Err(KeyError::Parameters);
    }
    if key.len() != 32 {
        return Err(KeyError::Ed25519Length { found: key.len() });
    }
    Ok(KeyMaterial::Ed25519 {
        point: key.to_vec(),
    })
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
    /// Another length than 32 bytes.
    #[error("Ed25519 key has {found} bytes instead of 32")]
    Ed25519Length {
        /// Its length.
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
        assert_eq!(refused(ed25519(31)), KeyError::Ed25519Length { found: 31 });
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

    #[test]
    fn keys_of_unknown_algorithms_are_kept() {
        // SM2: id-ecPublicKey with the curve 1.2.156.10197.1.301 (GM/T 0006).
        let key = PublicKey::from_spki_der(&spki(
            "3059301306072a8648ce3d020106082a811ccf5501822d03420004\
             09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020\
             ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13",
        ))
        .unwrap();
        assert_eq!(key.algorithm().to_string(), "1.2.156.10197.1.301");
        assert_eq!(key.to_jwk(), None);
        assert_eq!(key.jwk_thumbprint(), None);
    }
}
