//! What was submitted, and the content that it was signed apart from.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;

/// By which algorithms everything that we hold is digested.
const ALWAYS: [DigestAlgorithm; 2] = [DigestAlgorithm::Sha256, DigestAlgorithm::Sm3];

/// What was submitted for verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentInfo {
    /// What it turned out to be, for example `SD-JWT-VC`, `JWS`, `certificate`.
    pub format: String,
    /// Its media type, as found or as the caller said.
    pub media_type: Option<String>,
    /// Its file name, as the caller said.
    pub name: Option<String>,
    /// Its length in bytes; none where only a digest was submitted.
    pub size: Option<u64>,
    /// Whether we had the bytes, not only a digest.
    pub seen: bool,
    /// Its digests by lower-case name (`sha256`, `sm3`), in lower-case hex.
    pub digests: BTreeMap<String, String>,
}

impl DocumentInfo {
    /// Describes bytes that we hold.
    #[must_use]
    pub fn of_bytes(
        format: &str,
        media_type: Option<String>,
        name: Option<String>,
        bytes: &[u8],
    ) -> Self {
        Self {
            format: format.to_owned(),
            media_type,
            name,
            size: u64::try_from(bytes.len()).ok(),
            seen: true,
            digests: digests_of(bytes),
        }
    }
}

/// Content that stands apart from its signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OriginalInfo {
    /// Its file name, as the caller said.
    pub name: Option<String>,
    /// Whether we had the bytes, not only digests.
    pub seen: bool,
    /// Its digests by lower-case name (`sha256`, `sha3-256`, `sm3`), in lower-case hex.
    pub digests: BTreeMap<String, String>,
}

impl OriginalInfo {
    /// Describes bytes that we hold.
    #[must_use]
    pub fn of_bytes(name: Option<String>, bytes: &[u8]) -> Self {
        Self {
            name,
            seen: true,
            digests: digests_of(bytes),
        }
    }

    /// Describes content that stays with its owner.
    #[must_use]
    pub fn of_digests(name: Option<String>, digests: &[Digest]) -> Self {
        let digests = digests.iter();
        Self {
            name,
            seen: false,
            digests: digests
                .map(|digest| (member_name(digest.algorithm()), digest.to_hex()))
                .collect(),
        }
    }
}

fn digests_of(bytes: &[u8]) -> BTreeMap<String, String> {
    ALWAYS
        .into_iter()
        .map(|algorithm| (member_name(algorithm), digest(algorithm, bytes).to_hex()))
        .collect()
}

/// The name of a digest as a member: `SHA-256` is `sha256`, `SHA-512/256` is `sha512-256`, `SHA3-256` is
/// `sha3-256`.
fn member_name(algorithm: DigestAlgorithm) -> String {
    let name = algorithm.name().to_ascii_lowercase().replace('/', "-");
    match name.strip_prefix("sha-") {
        Some(rest) => format!("sha{rest}"),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_keeps_the_name_that_callers_know() {
        for (algorithm, name) in [
            (DigestAlgorithm::Sha1, "sha1"),
            (DigestAlgorithm::Sha256, "sha256"),
            (DigestAlgorithm::Sha512_256, "sha512-256"),
            (DigestAlgorithm::Sha3_512, "sha3-512"),
            (DigestAlgorithm::Shake128, "shake128"),
            (DigestAlgorithm::Sm3, "sm3"),
        ] {
            assert_eq!(member_name(algorithm), name);
            assert_eq!(DigestAlgorithm::from_name(name), Some(algorithm));
        }
    }

    #[test]
    fn content_that_stays_with_its_owner_is_not_seen() {
        let digest = digest(DigestAlgorithm::Sha384, b"abc");
        let info = OriginalInfo::of_digests(None, std::slice::from_ref(&digest));
        assert!(!info.seen);
        assert_eq!(info.digests["sha384"], digest.to_hex());
        let info = OriginalInfo::of_bytes(None, b"abc");
        assert!(info.seen);
        assert_eq!(info.digests.keys().collect::<Vec<_>>(), ["sha256", "sm3"]);
    }
}
