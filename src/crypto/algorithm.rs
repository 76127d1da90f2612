//! The signature algorithms that we can compute, as one table.
//!
//! Being in the table means that we can say whether a value is intact. Whether an intact value
//! suffices is another question: [`SignatureAlgorithm::weakness`] answers it, for policy to report.

mod table;

use std::fmt;

use crate::clock::Timestamp;
pub use crate::crypto::algorithm::table::ALGORITHMS;
use crate::crypto::algorithm::table::RSA_PSS_OID;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::pss_parameters::PssParameters;
use crate::crypto::public_key::KeyAlgorithm;

/// How a signature value is made. An algorithm that is not here is unknown, and unknown refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureAlgorithm {
    /// ECDSA with SHA-1 over any curve that we have.
    EcdsaSha1,
    /// ECDSA with SHA-224 over any curve that we have.
    EcdsaSha224,
    /// ECDSA with SHA-256 over any curve that we have.
    EcdsaSha256,
    /// ECDSA with SHA-384 over any curve that we have.
    EcdsaSha384,
    /// ECDSA with SHA-512 over any curve that we have.
    EcdsaSha512,
    /// ECDSA over P-256 with SHA-256; JOSE binds curve and digest together.
    EcdsaP256Sha256,
    /// ECDSA over P-384 with SHA-384, of JOSE.
    EcdsaP384Sha384,
    /// ECDSA over P-521 with SHA-512, of JOSE.
    EcdsaP521Sha512,
    /// Ed25519 (RFC 8032 §5.1), pure.
    Ed25519,
    /// Ed448 (RFC 8032 §5.2), pure, with an empty context.
    Ed448,
    /// ML-DSA-44 (FIPS 204), pure, with an empty context (RFC 9881 §3).
    MlDsa44,
    /// ML-DSA-65, likewise.
    MlDsa65,
    /// ML-DSA-87, likewise.
    MlDsa87,
    /// RSASSA-PKCS1-v1_5 with SHA-1.
    RsaPkcs1Sha1,
    /// RSASSA-PKCS1-v1_5 with SHA-224.
    RsaPkcs1Sha224,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PKCS1-v1_5 with SHA-512/224.
    RsaPkcs1Sha512_224,
    /// RSASSA-PKCS1-v1_5 with SHA-512/256.
    RsaPkcs1Sha512_256,
    /// RSASSA-PKCS1-v1_5 with SHA3-224.
    RsaPkcs1Sha3_224,
    /// RSASSA-PKCS1-v1_5 with SHA3-256.
    RsaPkcs1Sha3_256,
    /// RSASSA-PKCS1-v1_5 with SHA3-384.
    RsaPkcs1Sha3_384,
    /// RSASSA-PKCS1-v1_5 with SHA3-512.
    RsaPkcs1Sha3_512,
    /// RSASSA-PSS with MGF1, of any digests and salt. One row for each digest of the message.
    RsaPss(PssParameters),
    /// RSASSA-PSS with SHAKE128 in both places and a salt of 32 bytes (RFC 8702 §3.1).
    RsaPssShake128,
    /// RSASSA-PSS with SHAKE256 in both places and a salt of 64 bytes (RFC 8702 §3.1).
    RsaPssShake256,
    /// SM2 with SM3 (GB/T 32918.2), the signer's identifier being `1234567812345678` (GM/T 0009 §10).
    Sm2Sm3,
}

/// No algorithm of ours is called so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no signature algorithm has that name; `ECDSA-SHA256` and `RSA-PKCS1-SHA256` are two")]
pub struct UnknownName;

/// Which keys an algorithm works with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRule {
    /// RSA of any size that we compute, the key being free for every padding (`rsaEncryption`).
    Rsa,
    /// RSA of any size that we compute, free or bound to RSASSA-PSS (RFC 4055 §1.2).
    RsaPss,
    /// A curve of ECDSA.
    AnyEc,
    /// Exactly this key algorithm.
    Exactly(KeyAlgorithm),
}

impl KeyRule {
    /// Whether a key of `algorithm` may verify under this rule.
    pub fn permits(self, algorithm: KeyAlgorithm) -> bool {
        match self {
            Self::Rsa => matches!(algorithm, KeyAlgorithm::Rsa { .. }),
            Self::RsaPss => matches!(
                algorithm,
                KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. }
            ),
            Self::AnyEc => algorithm.is_ecdsa(),
            Self::Exactly(expected) => algorithm == expected,
        }
    }

    /// Whether some key fits both rules.
    pub fn overlaps(self, other: Self) -> bool {
        match (self, other) {
            (Self::Exactly(key), rule) | (rule, Self::Exactly(key)) => rule.permits(key),
            (Self::AnyEc, Self::AnyEc) => true,
            (Self::AnyEc, Self::Rsa | Self::RsaPss) | (Self::Rsa | Self::RsaPss, Self::AnyEc) => {
                false
            }
            (Self::Rsa | Self::RsaPss, Self::Rsa | Self::RsaPss) => true,
        }
    }
}

/// What the parameters of an `AlgorithmIdentifier` must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParametersRule {
    /// Absent (RFC 5758 §3.2 for ECDSA, RFC 8410 §3 for `EdDSA`, RFC 8702 §3.1, RFC 9881 §2).
    Absent,
    /// NULL or absent: RFC 4055 §5 obliges us to accept both with RSA, and real SM2 certificates have
    /// both, the first far more often.
    AbsentOrNull,
    /// `RSASSA-PSS-params` (RFC 4055 §3.1) that name the row's digest for the message.
    Pss,
}

/// One row of [`ALGORITHMS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlgorithmRow {
    /// The algorithm; of RSASSA-PSS with what is usual ([`PssParameters::usual`]).
    pub algorithm: SignatureAlgorithm,
    /// Its name in reports.
    pub name: &'static str,
    /// Dotted object identifier in an `AlgorithmIdentifier`; none for those that JOSE alone has.
    pub oid: Option<&'static str>,
    /// What stands beside the object identifier.
    pub parameters: ParametersRule,
    /// `alg` values (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2), the one that we write first.
    pub jose: &'static [&'static str],
    /// The digest of the message; `EdDSA` and ML-DSA use it within.
    pub digest: DigestAlgorithm,
    /// Which keys fit.
    pub key: KeyRule,
    /// The day (`YYYY-MM-DD`, UTC) from which new signatures of this kind do not suffice.
    pub sunset: Option<&'static str>,
}

/// The least RSA modulus that suffices; 1024 bits ended with 2013 (NIST SP 800-131A of 2011, §3).
pub const MIN_RSA_BITS: usize = 2048;

/// The least order of a curve that suffices: 128 bits of strength (NIST SP 800-57 part 1, §5.6.1). P-224
/// reaches 112 and P-192 some 96; no CA of ours uses them.
pub const MIN_CURVE_BITS: usize = 256;

impl SignatureAlgorithm {
    /// The algorithm of an `AlgorithmIdentifier`: its dotted object identifier and the DER of its
    /// parameters, tag and length included. None if we do not know it or its parameters do not fit.
    pub fn from_oid(oid: &str, parameters: Option<&[u8]>) -> Option<Self> {
        if oid == RSA_PSS_OID {
            let algorithm = PssParameters::parse(parameters?).map(Self::RsaPss)?;
            return algorithm.find_row().map(|_| algorithm);
        }
        ALGORITHMS
            .iter()
            .find(|row| row.oid == Some(oid) && row.accepts(parameters))
            .map(|row| row.algorithm)
    }

    /// The algorithm of a JOSE `alg` value; none for what we do not know, `none` and MACs among it.
    pub fn from_jose_name(alg: &str) -> Option<Self> {
        ALGORITHMS
            .iter()
            .find(|row| row.jose.contains(&alg))
            .map(|row| row.algorithm)
    }

    /// The algorithm of a name as reports have it: `ECDSA-SHA256`.
    ///
    /// # Errors
    /// [`UnknownName`] for any other.
    pub fn from_name(name: &str) -> Result<Self, UnknownName> {
        let row = ALGORITHMS.iter().find(|row| row.name == name);
        row.map(|row| row.algorithm).ok_or(UnknownName)
    }

    /// RSASSA-PKCS1-v1_5 with a digest; none where the table has no such row.
    pub fn rsa_pkcs1_with(digest: DigestAlgorithm) -> Option<Self> {
        Self::with_digest(digest, |row| row.key == KeyRule::Rsa)
    }

    /// ECDSA over any curve with a digest; none where the table has no such row.
    pub fn ecdsa_with(digest: DigestAlgorithm) -> Option<Self> {
        Self::with_digest(digest, |row| row.key == KeyRule::AnyEc)
    }

    fn with_digest(digest: DigestAlgorithm, fits: fn(&AlgorithmRow) -> bool) -> Option<Self> {
        ALGORITHMS
            .iter()
            .find(|row| row.digest == digest && fits(row))
            .map(|row| row.algorithm)
    }

    fn find_row(self) -> Option<&'static AlgorithmRow> {
        let in_table = if let Self::RsaPss(parameters) = self {
            Self::RsaPss(PssParameters::usual(parameters.hash()))
        } else {
            self
        };
        ALGORITHMS.iter().find(|row| row.algorithm == in_table)
    }

    /// Everything the table says of this algorithm.
    #[expect(
        clippy::expect_used,
        reason = "the table has a row for every variant: `every_algorithm_has_one_row` walks them"
    )]
    pub fn row(self) -> &'static AlgorithmRow {
        self.find_row().expect("a row for every algorithm")
    }

    /// The name in reports. RSASSA-PSS is called by the digest of the message.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The JOSE `alg` value that we write; none where JOSE has none, as for a PSS of another salt.
    pub fn jose_name(self) -> Option<&'static str> {
        let row = self.row();
        row.jose.first().copied().filter(|_| row.algorithm == self)
    }

    /// The digest of the message.
    pub fn digest(self) -> DigestAlgorithm {
        self.row().digest
    }

    /// Why an intact signature of this kind, made `at`, would still not suffice; none if it does.
    pub fn weakness(self, key: KeyAlgorithm, at: Timestamp) -> Option<Weakness> {
        let row = self.row();
        if let Some(since) = row.sunset
            // Both are RFC 3339 in UTC, so text order is time order.
            && at.to_string().as_str() >= since
        {
            return Some(Weakness::AlgorithmSunset {
                algorithm: self,
                since,
            });
        }
        key.weakness()
    }
}

impl KeyAlgorithm {
    /// Why keys of this kind do not suffice, whatever they sign; none if they do, or if we cannot compute
    /// with them.
    pub fn weakness(self) -> Option<Weakness> {
        let (bits, minimum) = match self {
            Self::Rsa { bits } | Self::RsaPss { bits } => (bits, MIN_RSA_BITS),
            Self::EcP192 => (192, MIN_CURVE_BITS),
            Self::EcP224 => (224, MIN_CURVE_BITS),
            Self::EcP256
            | Self::EcP384
            | Self::EcP521
            | Self::EcBrainpoolP256r1
            | Self::EcBrainpoolP384r1
            | Self::EcBrainpoolP512r1
            | Self::EcSecp256k1
            | Self::Ed25519
            | Self::Ed448
            | Self::MlDsa44
            | Self::MlDsa65
            | Self::MlDsa87
            | Self::Sm2
            | Self::Unsupported { .. } => return None,
        };
        (bits < minimum).then_some(Weakness::KeyTooShort { bits, minimum })
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why policy refuses a signature that is intact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// The algorithm was no longer good enough when the signature was made.
    AlgorithmSunset {
        /// Which one.
        algorithm: SignatureAlgorithm,
        /// Since which day, `YYYY-MM-DD`.
        since: &'static str,
    },
    /// The RSA modulus, or the order of the curve, is too short.
    KeyTooShort {
        /// Its length.
        bits: usize,
        /// The length that would do.
        minimum: usize,
    },
}

/// The DER of NULL.
const NULL: &[u8] = &[0x05, 0x00];

impl AlgorithmRow {
    fn accepts(&self, parameters: Option<&[u8]>) -> bool {
        match self.parameters {
            ParametersRule::Absent => parameters.is_none(),
            ParametersRule::AbsentOrNull => parameters.is_none_or(|der| der == NULL),
            ParametersRule::Pss => parameters
                .and_then(PssParameters::parse)
                .is_some_and(|found| found.hash() == self.digest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn every_algorithm_has_one_row() {
        let distinct: BTreeSet<_> = ALGORITHMS.iter().map(|row| row.algorithm).collect();
        assert_eq!(distinct.len(), ALGORITHMS.len());
        let names: BTreeSet<_> = ALGORITHMS.iter().map(|row| row.name).collect();
        assert_eq!(names.len(), ALGORITHMS.len());
        for row in ALGORITHMS {
            assert_eq!(row.algorithm.row(), row);
            // The order of the enum is the order of its variants: the last one counts them all.
            assert!(row.algorithm <= SignatureAlgorithm::Sm2Sm3);
        }
        assert_eq!(distinct.len(), 27 + PSS_DIGESTS.len());
        for hash in PSS_DIGESTS {
            let parameters = PssParameters::usual(hash);
            assert!(distinct.contains(&SignatureAlgorithm::RsaPss(parameters)));
        }
    }

    /// Every digest with which [`PssParameters::parse`] answers.
    const PSS_DIGESTS: [DigestAlgorithm; 11] = [
        DigestAlgorithm::Sha1,
        DigestAlgorithm::Sha224,
        DigestAlgorithm::Sha256,
        DigestAlgorithm::Sha384,
        DigestAlgorithm::Sha512,
        DigestAlgorithm::Sha512_224,
        DigestAlgorithm::Sha512_256,
        DigestAlgorithm::Sha3_224,
        DigestAlgorithm::Sha3_256,
        DigestAlgorithm::Sha3_384,
        DigestAlgorithm::Sha3_512,
    ];

    #[test]
    fn jose_names_lead_to_their_row_and_back() {
        for row in ALGORITHMS {
            for name in row.jose {
                assert_eq!(
                    SignatureAlgorithm::from_jose_name(name),
                    Some(row.algorithm)
                );
            }
        }
        assert_eq!(SignatureAlgorithm::Ed25519.jose_name(), Some("Ed25519"));
        for name in ["none", "HS256", "es256", "ES256K", "RS1", "Ed448", ""] {
            assert_eq!(SignatureAlgorithm::from_jose_name(name), None, "{name}");
        }
    }

    #[test]
    fn parameters_must_fit_the_object_identifier() {
        let rsa = "1.2.840.113549.1.1.11";
        let ecdsa = "1.2.840.10045.4.3.2";
        assert_eq!(
            SignatureAlgorithm::from_oid(rsa, Some(NULL)),
            Some(SignatureAlgorithm::RsaPkcs1Sha256)
        );
        assert_eq!(
            SignatureAlgorithm::from_oid(rsa, None),
            Some(SignatureAlgorithm::RsaPkcs1Sha256)
        );
        assert_eq!(SignatureAlgorithm::from_oid(rsa, Some(&[0x30, 0x00])), None);
        assert_eq!(
            SignatureAlgorithm::from_oid(ecdsa, None),
            Some(SignatureAlgorithm::EcdsaSha256)
        );
        assert_eq!(SignatureAlgorithm::from_oid(ecdsa, Some(NULL)), None);
        assert_eq!(
            SignatureAlgorithm::from_oid("1.2.840.113549.1.1.4", None),
            None,
            "MD5"
        );
    }

    #[test]
    fn weakness_is_a_matter_of_time_and_key() {
        let strong = KeyAlgorithm::Rsa { bits: 2048 };
        let sha1 = SignatureAlgorithm::RsaPkcs1Sha1;
        assert_eq!(sha1.weakness(strong, at("2013-12-31T23:59:59Z")), None);
        assert!(matches!(
            sha1.weakness(strong, at("2014-01-01T00:00:00Z")),
            Some(Weakness::AlgorithmSunset {
                since: "2014-01-01",
                ..
            })
        ));
        let sha256 = SignatureAlgorithm::RsaPkcs1Sha256;
        assert_eq!(sha256.weakness(strong, at("2026-01-01T00:00:00Z")), None);
        assert_eq!(
            sha256.weakness(KeyAlgorithm::Rsa { bits: 2047 }, at("2026-01-01T00:00:00Z")),
            Some(Weakness::KeyTooShort {
                bits: 2047,
                minimum: 2048
            })
        );
    }
}
