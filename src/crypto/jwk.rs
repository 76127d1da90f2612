//! Public keys written as JSON (RFC 7517, RFC 7518 §6, RFC 8037 §2), and sets of them.
//!
//! Reading is strict: a key that contradicts itself is refused, and so is one that others could compute the
//! private half of. Secret and private keys are refused as well: whoever shows us one has lost it.

use pkcs8::ObjectIdentifier;
use pkcs8::der;
use pkcs8::der::Encode as _;
use pkcs8::der::Tag;
use pkcs8::der::asn1::AnyRef;
use pkcs8::der::asn1::BitStringRef;
use pkcs8::der::asn1::UintRef;
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::spki::SubjectPublicKeyInfoRef;
use serde_json::Map;
use serde_json::Value;

use crate::crypto::algorithm::MIN_RSA_BITS;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::curve::Curve;
use crate::crypto::public_key::KeyAlgorithm;
use crate::crypto::public_key::KeyError;
use crate::crypto::public_key::PublicKey;
use crate::crypto::public_key::bit_length;
use crate::encoding::base64::Base64Error;
use crate::encoding::base64url;

/// A number of a key: the modulus of the longest RSA key that is computed with.
const MAX_NUMBER_BYTES: usize = 2048;
/// The longest RSA exponent that is computed with.
const MAX_EXPONENT_BITS: usize = 64;
/// Keys that are read of one set.
const MAX_KEYS: usize = 64;

/// RFC 3279 §2.3.1.
const RSA_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// RFC 5480 §2.1.1.
const EC_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// RFC 8410 §3.
const ED25519_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const ED448_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.113");

/// Members of private keys (RFC 7518 §6.2.2, §6.3.2).
const PRIVATE_MEMBERS: &[&str] = &["d", "dp", "dq", "oth", "p", "q", "qi"];

/// A key for verifying signatures, with what its writer bound it to.
#[derive(Clone, Debug)]
pub struct Jwk {
    key: PublicKey,
    kid: Option<String>,
    algorithm: Option<SignatureAlgorithm>,
}

impl Jwk {
    /// Reads one key for verifying signatures.
    ///
    /// `use` and `key_ops`, where present, have to allow that (RFC 7517 §4.2, §4.3), and `alg` has to fit the
    /// key. Numbers have one form only (RFC 7518 §6.2.1.2, §6.3.1.1). Members that nobody defined are ignored.
    ///
    /// # Errors
    /// [`JwkError`] names the member and what is wrong with it.
    pub fn parse(value: &Value) -> Result<Self, JwkError> {
        let members = value.as_object().ok_or(JwkError::NotAnObject)?;
        let kty = text(members, "kty")?.ok_or(JwkError::Missing("kty"))?;
        if kty == "oct" || members.contains_key("k") {
            return Err(JwkError::Symmetric);
        }
        let is_present = |name: &&&str| members.contains_key(**name);
        if let Some(name) = PRIVATE_MEMBERS.iter().find(is_present) {
            return Err(JwkError::Private(name));
        }
        check_use(members)?;
        let key = match kty {
            "EC" => ec_key(members)?,
            "OKP" => octet_key(members)?,
            "RSA" => rsa_key(members)?,
            _ => return Err(JwkError::UnknownKeyType),
        };
        let algorithm = match text(members, "alg")? {
            Some(name) => Some(bound_algorithm(name, &key)?),
            None => None,
        };
        let kid = text(members, "kid")?.map(str::to_owned);
        Ok(Self {
            key,
            kid,
            algorithm,
        })
    }

    /// The key itself.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// `kid`: what the key is called.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// Whether signatures of `algorithm` may be verified with it: `alg` allows no other one.
    #[must_use]
    pub fn permits(&self, algorithm: SignatureAlgorithm) -> bool {
        self.algorithm.is_none_or(|bound| bound == algorithm)
    }
}

impl PublicKey {
    /// Reads a public key in JSON, as [`Jwk::parse`] does, and forgets what it is bound to.
    ///
    /// # Errors
    /// As [`Jwk::parse`].
    pub fn from_jwk(value: &Value) -> Result<Self, JwkError> {
        Jwk::parse(value).map(|jwk| jwk.key)
    }
}

/// A set of keys (RFC 7517 §5), all of them public and told apart by their names.
#[derive(Clone, Debug)]
pub struct JwkSet(Vec<Jwk>);

impl JwkSet {
    /// Reads a set. One key that is refused refuses all: a set that mixes secret or private keys with public ones
    /// was not meant for us.
    ///
    /// # Errors
    /// [`JwkError`] of the first key that is refused, [`JwkError::DuplicateKid`] where two have one name.
    pub fn parse(value: &Value) -> Result<Self, JwkError> {
        let members = value.as_object().ok_or(JwkError::NotAnObject)?;
        let keys = match members.get("keys") {
            Some(Value::Array(keys)) => keys,
            Some(_) => return Err(JwkError::Member("keys")),
            None => return Err(JwkError::Missing("keys")),
        };
        if keys.len() > MAX_KEYS {
            return Err(JwkError::TooManyKeys { limit: MAX_KEYS });
        }
        let mut read: Vec<Jwk> = Vec::with_capacity(keys.len());
        for key in keys {
            let key = Jwk::parse(key)?;
            if key.kid.is_some() && read.iter().any(|other| other.kid == key.kid) {
                return Err(JwkError::DuplicateKid);
            }
            read.push(key);
        }
        Ok(Self(read))
    }

    /// The keys, in their order.
    #[must_use]
    pub fn keys(&self) -> &[Jwk] {
        &self.0
    }

    /// The key by the name of `kid`.
    #[must_use]
    pub fn find(&self, kid: &str) -> Option<&Jwk> {
        self.0.iter().find(|key| key.kid() == Some(kid))
    }
}

fn text<'a>(
    members: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, JwkError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(JwkError::Member(name)),
    }
}

/// RFC 7517 §4.2, §4.3: what the key is for.
fn check_use(members: &Map<String, Value>) -> Result<(), JwkError> {
    if text(members, "use")?.is_some_and(|purpose| purpose != "sig") {
        return Err(JwkError::NotForSignatures("use"));
    }
    let operations = match members.get("key_ops") {
        None => return Ok(()),
        Some(Value::Array(operations)) => operations,
        Some(_) => return Err(JwkError::Member("key_ops")),
    };
    let mut seen = Vec::with_capacity(operations.len());
    for operation in operations {
        let operation = operation.as_str().ok_or(JwkError::Member("key_ops"))?;
        // "Duplicate key operation values MUST NOT be present in the array."
        if seen.contains(&operation) {
            return Err(JwkError::Member("key_ops"));
        }
        // "Multiple unrelated key operations SHOULD NOT be specified for a key."
        if !matches!(operation, "sign" | "verify") {
            return Err(JwkError::NotForSignatures("key_ops"));
        }
        seen.push(operation);
    }
    match seen.contains(&"verify") {
        true => Ok(()),
        false => Err(JwkError::NotForSignatures("key_ops")),
    }
}

/// The algorithm that `alg` binds the key to.
fn bound_algorithm(name: &str, key: &PublicKey) -> Result<SignatureAlgorithm, JwkError> {
    // A name that nobody registered and that many have written for the curve's: Wycheproof's keys among them.
    let name = match (name, key.algorithm()) {
        ("ES521", KeyAlgorithm::EcP521) => "ES512",
        (name, _) => name,
    };
    let algorithm = SignatureAlgorithm::from_jose_name(name).ok_or(JwkError::UnknownAlgorithm)?;
    match algorithm.row().key.permits(key.algorithm()) {
        true => Ok(algorithm),
        false => Err(JwkError::AlgorithmMismatch {
            algorithm,
            key: key.algorithm(),
        }),
    }
}

fn bytes(
    members: &Map<String, Value>,
    name: &'static str,
    max_bytes: usize,
) -> Result<Vec<u8>, JwkError> {
    let text = text(members, name)?.ok_or(JwkError::Missing(name))?;
    base64url::decode(text, max_bytes).map_err(|source| JwkError::Encoding { name, source })
}

/// RFC 7518 §6.2.1: the length of a coordinate is that of the curve, leading zeros included.
fn ec_key(members: &Map<String, Value>) -> Result<PublicKey, JwkError> {
    let name = text(members, "crv")?.ok_or(JwkError::Missing("crv"))?;
    let curve = Curve::from_jwk_name(name).ok_or(JwkError::UnknownCurve)?;
    let mut point = vec![0x04];
    for name in ["x", "y"] {
        let coordinate = bytes(members, name, MAX_NUMBER_BYTES)?;
        if coordinate.len() != curve.coordinate_bytes() {
            return Err(JwkError::Number(name));
        }
        point.extend(coordinate);
    }
    let curve = curve.oid();
    let key = of_parts(EC_OID, Some(AnyRef::from(&curve)), &point)?;
    match key.is_possible() {
        true => Ok(key),
        false => Err(JwkError::NotOnCurve),
    }
}

/// RFC 8037 §2.
fn octet_key(members: &Map<String, Value>) -> Result<PublicKey, JwkError> {
    let oid = match text(members, "crv")?.ok_or(JwkError::Missing("crv"))? {
        "Ed25519" => ED25519_OID,
        "Ed448" => ED448_OID,
        _ => return Err(JwkError::UnknownCurve),
    };
    of_parts(oid, None, &bytes(members, "x", MAX_NUMBER_BYTES)?)
}

/// RFC 7518 §6.3.1; `Base64urlUInt` has no leading zeros (§2).
fn rsa_key(members: &Map<String, Value>) -> Result<PublicKey, JwkError> {
    let number = |name| {
        let number = bytes(members, name, MAX_NUMBER_BYTES)?;
        match number.first() {
            None | Some(0) => Err(JwkError::Number(name)),
            Some(_) => Ok(number),
        }
    };
    let (modulus, exponent) = (number("n")?, number("e")?);
    if bit_length(&modulus) < MIN_RSA_BITS {
        return Err(JwkError::ShortModulus {
            minimum_bits: MIN_RSA_BITS,
        });
    }
    if bit_length(&exponent) > MAX_EXPONENT_BITS {
        return Err(JwkError::Number("e"));
    }
    if has_roca_fingerprint(&modulus) {
        return Err(JwkError::Roca);
    }
    let numbers = [&modulus, &exponent].map(|number| UintRef::new(number)?.to_der());
    let [modulus, exponent] = numbers;
    let numbers = [
        modulus.map_err(JwkError::Der)?,
        exponent.map_err(JwkError::Der)?,
    ]
    .concat();
    let numbers = AnyRef::new(Tag::Sequence, &numbers).and_then(|sequence| sequence.to_der());
    of_parts(
        RSA_OID,
        Some(AnyRef::NULL),
        &numbers.map_err(JwkError::Der)?,
    )
}

/// The key as a certificate would have it, read as such.
fn of_parts(
    oid: ObjectIdentifier,
    parameters: Option<AnyRef<'_>>,
    key: &[u8],
) -> Result<PublicKey, JwkError> {
    let spki = SubjectPublicKeyInfoRef {
        algorithm: AlgorithmIdentifierRef { oid, parameters },
        subject_public_key: BitStringRef::from_bytes(key).map_err(JwkError::Der)?,
    };
    let spki = spki.to_der().map_err(JwkError::Der)?;
    PublicKey::from_spki_der(&spki).map_err(JwkError::Key)
}

/// The small primes of the test below, after Nemec et al., "The Return of Coppersmith's Attack" (CCS 2017).
const ROCA_PRIMES: &[u32] = &[
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97,
    101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether a modulus is of the library whose keys can be factored (CVE-2017-15361): modulo each of these primes it
/// is a power of 65537. Of other moduli one in two hundred million is.
fn has_roca_fingerprint(modulus: &[u8]) -> bool {
    ROCA_PRIMES.iter().all(|&prime| {
        let remainder = modulus.iter().fold(0, |remainder: u32, &byte| {
            (remainder * 256 + u32::from(byte)) % prime
        });
        let powers = std::iter::successors(Some(1_u32), |power| Some(power * 65_537 % prime));
        let mut powers = powers.take(167);
        powers.any(|power| power == remainder)
    })
}

/// Why a JSON value is no key for verifying signatures.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// `alg` is of another kind of key.
    #[error("`alg` is {algorithm}, the key {key}")]
    AlgorithmMismatch {
        /// What `alg` names.
        algorithm: SignatureAlgorithm,
        /// The kind of the key.
        key: KeyAlgorithm,
    },
    /// The numbers do not fit into DER.
    #[error("the key has no form in DER")]
    Der(#[source] der::Error),
    /// Two keys of one set have one name.
    #[error("two keys of the set have one `kid`")]
    DuplicateKid,
    /// A member is not base64url.
    #[error("`{name}` is not base64url")]
    Encoding {
        /// Its name.
        name: &'static str,
        /// What is wrong with it.
        #[source]
        source: Base64Error,
    },
    /// The numbers are not those of a key.
    #[error("the numbers are not those of a public key")]
    Key(#[source] KeyError),
    /// A member has the wrong form.
    #[error("`{0}` has not the form that RFC 7517 gives it")]
    Member(&'static str),
    /// A member is missing.
    #[error("`{0}` is missing")]
    Missing(&'static str),
    /// Neither an object, nor a set that is one.
    #[error("a key is a JSON object")]
    NotAnObject,
    /// RFC 7517 §4.2, §4.3: the key is meant for something else.
    #[error("`{0}` does not allow to verify signatures")]
    NotForSignatures(&'static str),
    /// The point does not lie on its curve.
    #[error("the point does not lie on the curve")]
    NotOnCurve,
    /// A number has not the one form that RFC 7518 gives it, or not the size.
    #[error("`{0}` has leading zeros or not the length that it must have")]
    Number(&'static str),
    /// A private key: `d` and what belongs to it.
    #[error("`{0}` is of a private key")]
    Private(&'static str),
    /// CVE-2017-15361: whoever has the public key can compute the private one.
    #[error("the modulus is of a library whose keys can be factored")]
    Roca,
    /// The modulus is too short (RFC 7518 §3.3: "a key of size 2048 bits or larger MUST be used").
    #[error("the modulus has less than {minimum_bits} bits")]
    ShortModulus {
        /// The least length.
        minimum_bits: usize,
    },
    /// A secret that both sides share: it makes MACs, which are no signatures.
    #[error("the key is a shared secret")]
    Symmetric,
    /// More keys than we read.
    #[error("the set has more than {limit} keys")]
    TooManyKeys {
        /// The limit.
        limit: usize,
    },
    /// `alg` is no signature algorithm that we know.
    #[error("`alg` is no signature algorithm that we know")]
    UnknownAlgorithm,
    /// `crv` is no curve that we know.
    #[error("`crv` is no curve that we know")]
    UnknownCurve,
    /// `kty` is no kind of key that we know.
    #[error("`kty` is no kind of key that we know")]
    UnknownKeyType,
}

#[cfg(test)]
mod tests;
