//! Digests (hash values) and the algorithms that make them.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use sm3::Digest as _;

use crate::encoding::hex;
use crate::encoding::hex::HexError;

/// A digest algorithm that we can compute; which of them suffice is for policy to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DigestAlgorithm {
    /// SHA-1 (FIPS 180-4); broken, kept to say whether old signatures are intact.
    Sha1,
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-384 (FIPS 180-4).
    Sha384,
    /// SHA-512 (FIPS 180-4).
    Sha512,
    /// SM3 (GB/T 32905-2016).
    Sm3,
}

impl DigestAlgorithm {
    /// The name in reports, such as `SHA-256`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
            Self::Sm3 => "SM3",
        }
    }

    /// The dotted object identifier: SHA-1 of RFC 3370 §2.1, SHA-2 of RFC 5754 §2, SM3 of GM/T 0006.
    pub const fn oid(self) -> &'static str {
        match self {
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
            Self::Sm3 => "1.2.156.10197.1.401",
        }
    }

    /// Length of the digest in bytes.
    pub const fn output_bytes(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 | Self::Sm3 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The algorithm of a dotted object identifier; none for what we do not compute.
    pub fn from_oid(oid: &str) -> Option<Self> {
        [
            Self::Sha1,
            Self::Sha256,
            Self::Sha384,
            Self::Sha512,
            Self::Sm3,
        ]
        .into_iter()
        .find(|algorithm| algorithm.oid() == oid)
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
    Ring(ring::digest::Context),
    Sm3(sm3::Sm3),
}

impl DigestContext {
    /// The digest of nothing so far.
    pub fn new(algorithm: DigestAlgorithm) -> Self {
        let ring_state = |algorithm| State::Ring(ring::digest::Context::new(algorithm));
        let state = match algorithm {
            DigestAlgorithm::Sha1 => ring_state(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY),
            DigestAlgorithm::Sha256 => ring_state(&ring::digest::SHA256),
            DigestAlgorithm::Sha384 => ring_state(&ring::digest::SHA384),
            DigestAlgorithm::Sha512 => ring_state(&ring::digest::SHA512),
            DigestAlgorithm::Sm3 => State::Sm3(sm3::Sm3::new()),
        };
        Self { algorithm, state }
    }

    /// Appends `bytes` to what is digested.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.state {
            State::Ring(context) => context.update(bytes),
            State::Sm3(context) => context.update(bytes),
        }
    }

    /// The digest of everything appended.
    pub fn finish(self) -> Digest {
        let bytes = match self.state {
            State::Ring(context) => context.finish().as_ref().to_vec(),
            State::Sm3(context) => context.finalize().to_vec(),
        };
        Digest {
            algorithm: self.algorithm,
            bytes,
        }
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
        serializer.collect_str(self)
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

    #[test]
    fn known_answers_hold() {
        // SHA-1 and SHA-2: FIPS 180-4 examples; SM3: GB/T 32905-2016 annex A.1.
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
