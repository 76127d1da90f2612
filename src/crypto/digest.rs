//! Digests (hash values) and the algorithms that make them.

use std::fmt;

use openssl::error::ErrorStack;
use openssl::hash::Hasher;
use openssl::hash::MessageDigest;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use sm3::Digest as _;

use crate::encoding::hex;
use crate::encoding::hex::HexError;

/// A digest algorithm that we can compute; which of them suffice is for policy to say.
///
/// MD2, MD4 and MD5 are not here, and what uses them is unknown: anyone makes two certificates with one
/// MD5 digest, so that a signature over it says nothing of what was signed, however old it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DigestAlgorithm {
    /// SHA-1 (FIPS 180-4); broken, kept to say whether old signatures are intact.
    Sha1,
    /// SHA-224 (FIPS 180-4).
    Sha224,
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-384 (FIPS 180-4).
    Sha384,
    /// SHA-512 (FIPS 180-4).
    Sha512,
    /// SHA-512/224 (FIPS 180-4).
    Sha512_224,
    /// SHA-512/256 (FIPS 180-4).
    Sha512_256,
    /// SHA3-224 (FIPS 202).
    Sha3_224,
    /// SHA3-256 (FIPS 202).
    Sha3_256,
    /// SHA3-384 (FIPS 202).
    Sha3_384,
    /// SHA3-512 (FIPS 202).
    Sha3_512,
    /// SHAKE128 (FIPS 202) with an output of 32 bytes, as RFC 8702 §3 has it.
    Shake128,
    /// SHAKE256 (FIPS 202) with an output of 64 bytes, as RFC 8702 §3 has it.
    Shake256,
    /// SM3 (GB/T 32905-2016).
    Sm3,
}

/// One row of [`DIGESTS`].
struct DigestRow {
    algorithm: DigestAlgorithm,
    name: &'static str,
    oid: &'static str,
}

const fn row(algorithm: DigestAlgorithm, name: &'static str, oid: &'static str) -> DigestRow {
    DigestRow {
        algorithm,
        name,
        oid,
    }
}

/// SHA-1 of RFC 3370 §2.1, SHA-2 of RFC 5754 §2 and NIST's register (hashAlgs), SHA-3 and SHAKE of
/// RFC 8702 §2 and the same register, SM3 of GM/T 0006.
const DIGESTS: &[DigestRow] = &[
    row(DigestAlgorithm::Sha1, "SHA-1", "1.3.14.3.2.26"),
    row(DigestAlgorithm::Sha224, "SHA-224", "2.16.840.1.101.3.4.2.4"),
    row(DigestAlgorithm::Sha256, "SHA-256", "2.16.840.1.101.3.4.2.1"),
    row(DigestAlgorithm::Sha384, "SHA-384", "2.16.840.1.101.3.4.2.2"),
    row(DigestAlgorithm::Sha512, "SHA-512", "2.16.840.1.101.3.4.2.3"),
    row(
        DigestAlgorithm::Sha512_224,
        "SHA-512/224",
        "2.16.840.1.101.3.4.2.5",
    ),
    row(
        DigestAlgorithm::Sha512_256,
        "SHA-512/256",
        "2.16.840.1.101.3.4.2.6",
    ),
    row(
        DigestAlgorithm::Sha3_224,
        "SHA3-224",
        "2.16.840.1.101.3.4.2.7",
    ),
    row(
        DigestAlgorithm::Sha3_256,
        "SHA3-256",
        "2.16.840.1.101.3.4.2.8",
    ),
    row(
        DigestAlgorithm::Sha3_384,
        "SHA3-384",
        "2.16.840.1.101.3.4.2.9",
    ),
    row(
        DigestAlgorithm::Sha3_512,
        "SHA3-512",
        "2.16.840.1.101.3.4.2.10",
    ),
    row(
        DigestAlgorithm::Shake128,
        "SHAKE128",
        "2.16.840.1.101.3.4.2.11",
    ),
    row(
        DigestAlgorithm::Shake256,
        "SHAKE256",
        "2.16.840.1.101.3.4.2.12",
    ),
    row(DigestAlgorithm::Sm3, "SM3", "1.2.156.10197.1.401"),
];

impl DigestAlgorithm {
    #[expect(
        clippy::expect_used,
        reason = "the table has a row for every digest: `every_digest_has_one_row` walks them"
    )]
    fn row(self) -> &'static DigestRow {
        DIGESTS
            .iter()
            .find(|row| row.algorithm == self)
            .expect("a row for every digest")
    }

    /// The name in reports, such as `SHA-256`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The dotted object identifier.
    pub fn oid(self) -> &'static str {
        self.row().oid
    }

    /// Length of the digest in bytes.
    pub const fn output_bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha224 | Self::Sha512_224 | Self::Sha3_224 => 28,
            Self::Sha256 | Self::Sha512_256 | Self::Sha3_256 | Self::Shake128 | Self::Sm3 => 32,
            Self::Sha384 | Self::Sha3_384 => 48,
            Self::Sha512 | Self::Sha3_512 | Self::Shake256 => 64,
        }
    }

    /// Whether its output may have any length, of which we take [`Self::output_bytes`].
    pub(super) const fn is_extendable(self) -> bool {
        matches!(self, Self::Shake128 | Self::Shake256)
    }

    /// The algorithm of a name, however it is spelt: `SHA-256`, `sha256`, `SHA3-256`, `sha512-256`; none for what
    /// we do not compute.
    pub fn from_name(name: &str) -> Option<Self> {
        // Only SHA-2 drops its hyphen in common use; elsewhere one tells algorithms apart.
        let plain = |text: &str| {
            let text = text.to_ascii_lowercase().replace('/', "-");
            let rest = text.strip_prefix("sha-").map(|rest| format!("sha{rest}"));
            rest.unwrap_or(text)
        };
        let wanted = plain(name);
        let mut rows = DIGESTS.iter();
        rows.find(|row| plain(row.name) == wanted)
            .map(|row| row.algorithm)
    }

    /// The algorithm of a dotted object identifier; none for what we do not compute.
    pub fn from_oid(oid: &str) -> Option<Self> {
        DIGESTS
            .iter()
            .find(|row| row.oid == oid)
            .map(|row| row.algorithm)
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A digest together with its algorithm; displayed in lower-case hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Digest {
    algorithm: DigestAlgorithm,
    bytes: Vec<u8>,
}

impl Digest {
    /// A digest that somebody else computed; none if it has not the length of its algorithm's.
    pub fn from_bytes(algorithm: DigestAlgorithm, bytes: &[u8]) -> Option<Self> {
        (bytes.len() == algorithm.output_bytes()).then(|| Self {
            algorithm,
            bytes: bytes.to_vec(),
        })
    }

    /// The algorithm that made it.
    pub const fn algorithm(&self) -> DigestAlgorithm {
        self.algorithm
    }

    /// As many bytes as [`DigestAlgorithm::output_bytes`] says.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Lower-case hexadecimal.
    pub fn to_hex(&self) -> String {
        hex::encode(&self.bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

/// The digest of `bytes`.
pub fn digest(algorithm: DigestAlgorithm, bytes: &[u8]) -> Digest {
    let mut context = DigestContext::new(algorithm);
    context.update(bytes);
    context.finish()
}

/// A digest that is computed piece by piece.
#[derive(Clone)]
pub struct DigestContext {
    algorithm: DigestAlgorithm,
    state: State,
}

#[derive(Clone)]
enum State {
    OpenSsl(Hasher),
    Ring(ring::digest::Context),
    Sm3(sm3::Sm3),
}

/// Where OpenSSL's digests are asked: they fail when there is no memory, as any allocation does.
#[expect(
    clippy::expect_used,
    reason = "OpenSSL is linked with these digests; nothing in the bytes makes them fail"
)]
fn from_openssl<T>(answer: Result<T, ErrorStack>) -> T {
    answer.expect("a digest of OpenSSL")
}

/// One of OpenSSL's digests for which the binding has no function.
#[expect(
    clippy::expect_used,
    reason = "OpenSSL is linked with these names: `every_digest_has_one_row` asks for each"
)]
fn named(name: &str) -> MessageDigest {
    MessageDigest::from_name(name).expect("a digest of OpenSSL")
}

/// The digest as OpenSSL calls it.
pub(super) fn openssl_digest(algorithm: DigestAlgorithm) -> MessageDigest {
    match algorithm {
        DigestAlgorithm::Sha1 => MessageDigest::sha1(),
        DigestAlgorithm::Sha224 => MessageDigest::sha224(),
        DigestAlgorithm::Sha256 => MessageDigest::sha256(),
        DigestAlgorithm::Sha384 => MessageDigest::sha384(),
        DigestAlgorithm::Sha512 => MessageDigest::sha512(),
        DigestAlgorithm::Sha512_224 => named("SHA512-224"),
        DigestAlgorithm::Sha512_256 => named("SHA512-256"),
        DigestAlgorithm::Sha3_224 => MessageDigest::sha3_224(),
        DigestAlgorithm::Sha3_256 => MessageDigest::sha3_256(),
        DigestAlgorithm::Sha3_384 => MessageDigest::sha3_384(),
        DigestAlgorithm::Sha3_512 => MessageDigest::sha3_512(),
        DigestAlgorithm::Shake128 => MessageDigest::shake_128(),
        DigestAlgorithm::Shake256 => MessageDigest::shake_256(),
        DigestAlgorithm::Sm3 => MessageDigest::sm3(),
    }
}

impl DigestContext {
    /// The digest of nothing so far.
    pub fn new(algorithm: DigestAlgorithm) -> Self {
        let by_ring = |algorithm| State::Ring(ring::digest::Context::new(algorithm));
        let state = match algorithm {
            DigestAlgorithm::Sha1 => by_ring(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY),
            DigestAlgorithm::Sha256 => by_ring(&ring::digest::SHA256),
            DigestAlgorithm::Sha384 => by_ring(&ring::digest::SHA384),
            DigestAlgorithm::Sha512 => by_ring(&ring::digest::SHA512),
            DigestAlgorithm::Sha512_256 => by_ring(&ring::digest::SHA512_256),
            DigestAlgorithm::Sm3 => State::Sm3(sm3::Sm3::new()),
            DigestAlgorithm::Sha224
            | DigestAlgorithm::Sha512_224
            | DigestAlgorithm::Sha3_224
            | DigestAlgorithm::Sha3_256
            | DigestAlgorithm::Sha3_384
            | DigestAlgorithm::Sha3_512
            | DigestAlgorithm::Shake128
            | DigestAlgorithm::Shake256 => {
                State::OpenSsl(from_openssl(Hasher::new(openssl_digest(algorithm))))
            }
        };
        Self { algorithm, state }
    }

    /// Appends `bytes` to what is digested.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::OpenSsl(hasher) => from_openssl(hasher.update(bytes)),
            State::Ring(context) => context.update(bytes),
            State::Sm3(context) => context.update(bytes),
        }
    }

    /// The digest of everything appended.
    pub fn finish(self) -> Digest {
        let Self { algorithm, state } = self;
        let bytes = match state {
            State::OpenSsl(mut hasher) if algorithm.is_extendable() => {
                let mut bytes = vec![0; algorithm.output_bytes()];
                from_openssl(hasher.finish_xof(&mut bytes));
                bytes
            }
            State::OpenSsl(mut hasher) => from_openssl(hasher.finish()).to_vec(),
            State::Ring(context) => context.finish().as_ref().to_vec(),
            State::Sm3(context) => context.finalize().to_vec(),
        };
        Digest { algorithm, bytes }
    }
}

impl fmt::Debug for DigestContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DigestContext")
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// A SHA-256 digest, as we name certificates, keys and documents by; written in lower-case hexadecimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(pub [u8; 32]);

impl Sha256 {
    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads 64 lower-case hexadecimal digits.
    ///
    /// # Errors
    /// [`HexError`].
    pub fn parse(text: &str) -> Result<Self, HexError> {
        hex::decode_array(text).map(Self)
    }
}

/// The SHA-256 digest of `bytes`.
pub fn sha256(bytes: &[u8]) -> Sha256 {
    let digest = ring::digest::digest(&ring::digest::SHA256, bytes);
    let mut out = [0; 32];
    out.copy_from_slice(digest.as_ref());
    Sha256(out)
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(&self.0))
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn known_answers_hold() {
        // SHA-1 and SHA-2: FIPS 180-4 examples; SHA-3: FIPS 202, as Python's hashlib computes it; SM3: GB/T 32905-2016 annex A.1.
        for (algorithm, expected) in [
            (
                DigestAlgorithm::Sha1,
                "a9993e364706816aba3e25717850c26c9cd0d89d",
            ),
            (
                DigestAlgorithm::Sha256,
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                DigestAlgorithm::Sha384,
                "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed\
                 8086072ba1e7cc2358baeca134c825a7",
            ),
            (
                DigestAlgorithm::Sha512,
                "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
                 2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
            ),
            (
                DigestAlgorithm::Sha224,
                "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
            ),
            (
                DigestAlgorithm::Sha512_224,
                "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa",
            ),
            (
                DigestAlgorithm::Sha512_256,
                "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
            ),
            (
                DigestAlgorithm::Sha3_224,
                "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf",
            ),
            (
                DigestAlgorithm::Sha3_256,
                "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
            ),
            (
                DigestAlgorithm::Sha3_384,
                "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25",
            ),
            (
                DigestAlgorithm::Sha3_512,
                "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
            ),
            (
                DigestAlgorithm::Shake128,
                "5881092dd818bf5cf8a3ddb793fbcba74097d5c526a6d35f97b83351940f2cc8",
            ),
            (
                DigestAlgorithm::Shake256,
                "483366601360a8771c6863080cc4114d8db44530f8f1e1ee4f94ea37e78b5739d5a15bef186a5386c75744c0527e1faa9f8726e462a12a4feb06bd8801e751e4",
            ),
            (
                DigestAlgorithm::Sm3,
                "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
            ),
        ] {
            let digest = digest(algorithm, b"abc");
            assert_eq!(digest.to_string(), expected, "{algorithm}");
            assert_eq!(digest.as_bytes().len(), algorithm.output_bytes());
            assert_eq!(DigestAlgorithm::from_oid(algorithm.oid()), Some(algorithm));
        }
        assert_eq!(
            digest(DigestAlgorithm::Sm3, &b"abcd".repeat(16)).to_hex(),
            "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
        );
        assert_eq!(DigestAlgorithm::from_oid("1.2.840.113549.2.5"), None, "MD5");
    }

    #[test]
    fn every_digest_has_one_row() {
        let algorithms: BTreeSet<_> = DIGESTS.iter().map(|row| row.algorithm).collect();
        let names: BTreeSet<_> = DIGESTS.iter().map(|row| row.name).collect();
        let oids: BTreeSet<_> = DIGESTS.iter().map(|row| row.oid).collect();
        assert_eq!((algorithms.len(), names.len(), oids.len()), (14, 14, 14));
        // The order of the enum is the order of its variants: the last one counts them all.
        assert_eq!(
            algorithms.into_iter().next_back(),
            Some(DigestAlgorithm::Sm3)
        );
        for row in DIGESTS {
            let openssl = openssl_digest(row.algorithm).size();
            assert!(
                row.algorithm.is_extendable() || openssl == row.algorithm.output_bytes(),
                "{}",
                row.name
            );
        }
    }

    #[test]
    fn pieces_give_the_digest_of_the_whole() {
        let mut context = DigestContext::new(DigestAlgorithm::Sm3);
        context.update(b"a");
        context.update(b"bc");
        assert_eq!(context.finish(), digest(DigestAlgorithm::Sm3, b"abc"));
    }

    #[test]
    fn sha256_is_written_in_lower_case_only() {
        let digest = sha256(b"abc");
        let json = serde_json::to_string(&digest).unwrap();
        assert_eq!(
            json,
            "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""
        );
        assert_eq!(serde_json::from_str::<Sha256>(&json).unwrap(), digest);
        assert!(Sha256::parse(&digest.to_string().to_uppercase()).is_err());
        assert!(Sha256::parse("ba78").is_err());
    }
}
