//! The signature algorithms that we can compute, as one table.
//!
//! Being in the table means that we can say whether a value is intact. Whether an intact value
//! suffices is another question: [`SignatureAlgorithm::weakness`] answers it, for policy to report.

use std::fmt;

use crate::clock::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::pss_parameters::PssParameters;
use crate::crypto::public_key::KeyAlgorithm;

/// How a signature value is made. An algorithm that is not here is unknown, and unknown refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignatureAlgorithm {
    /// ECDSA with SHA-1 over any curve that we have.
    EcdsaSha1,
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
    /// RSASSA-PKCS1-v1_5 with SHA-1.
    RsaPkcs1Sha1,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RsaPkcs1Sha512,
    /// RSASSA-PSS, SHA-1 in both places, salt of 20 bytes.
    RsaPssSha1,
    /// RSASSA-PSS, SHA-256 in both places, salt of 32 bytes.
    RsaPssSha256,
    /// RSASSA-PSS, SHA-384 in both places, salt of 48 bytes.
    RsaPssSha384,
    /// RSASSA-PSS, SHA-512 in both places, salt of 64 bytes.
    RsaPssSha512,
}

/// Which keys an algorithm works with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRule {
    /// RSA of any size that we compute.
    Rsa,
    /// P-256, P-384 or P-521.
    AnyEc,
    /// Exactly this key algorithm.
    Exactly(KeyAlgorithm),
}

impl KeyRule {
    /// Whether a key of `algorithm` may verify under this rule.
    pub fn permits(self, algorithm: KeyAlgorithm) -> bool {
        match self {
            Self::Rsa => matches!(algorithm, KeyAlgorithm::Rsa { .. }),
            Self::AnyEc => matches!(
                algorithm,
                KeyAlgorithm::EcP256 | KeyAlgorithm::EcP384 | KeyAlgorithm::EcP521
            ),
            Self::Exactly(expected) => algorithm == expected,
        }
    }
}

/// What the parameters of an `AlgorithmIdentifier` must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParametersRule {
    /// Absent (RFC 5758 §3.2 for ECDSA, RFC 8410 §3 for Ed25519).
    Absent,
    /// NULL; absent is accepted as well, as RFC 4055 §5 obliges us to.
    AbsentOrNull,
    /// `RSASSA-PSS-params` (RFC 4055 §3.1) that name the row's digest in both places, with a salt of
    /// the digest's length.
    Pss,
}

/// One row of [`ALGORITHMS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlgorithmRow {
    /// The algorithm.
    pub algorithm: SignatureAlgorithm,
    /// Its name in reports.
    pub name: &'static str,
    /// Dotted object identifier in an `AlgorithmIdentifier`; none for those that JOSE alone has.
    pub oid: Option<&'static str>,
    /// What stands beside the object identifier.
    pub parameters: ParametersRule,
    /// `alg` values (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2), the one that we write first.
    pub jose: &'static [&'static str],
    /// The digest of the message; Ed25519 uses it within.
    pub digest: DigestAlgorithm,
    /// Which keys fit.
    pub key: KeyRule,
    /// The day (`YYYY-MM-DD`, UTC) from which new signatures of this kind do not suffice.
    pub sunset: Option<&'static str>,
}

/// SHA-1 may not be used to create signatures after 2013 (NIST SP 800-131A of 2011, §9).
const SHA1_SUNSET: Option<&str> = Some("2014-01-01");

/// The least RSA modulus that suffices; 1024 bits ended with 2013 (NIST SP 800-131A of 2011, §3).
pub const MIN_RSA_BITS: usize = 2048;

const RSA_PSS_OID: Option<&str> = Some("1.2.840.113549.1.1.10");

/// The table. Object identifiers: RFC 8017 appendix A.2 and C, RFC 5758 §3.2, RFC 8410 §3.
pub const ALGORITHMS: &[AlgorithmRow] = &[
    ecdsa(
        SignatureAlgorithm::EcdsaSha1,
        "ECDSA-SHA1",
        "1.2.840.10045.4.1",
        DigestAlgorithm::Sha1,
    ),
    ecdsa(
        SignatureAlgorithm::EcdsaSha256,
        "ECDSA-SHA256",
        "1.2.840.10045.4.3.2",
        DigestAlgorithm::Sha256,
    ),
    ecdsa(
        SignatureAlgorithm::EcdsaSha384,
        "ECDSA-SHA384",
        "1.2.840.10045.4.3.3",
        DigestAlgorithm::Sha384,
    ),
    ecdsa(
        SignatureAlgorithm::EcdsaSha512,
        "ECDSA-SHA512",
        "1.2.840.10045.4.3.4",
        DigestAlgorithm::Sha512,
    ),
    AlgorithmRow {
        algorithm: SignatureAlgorithm::EcdsaP256Sha256,
        name: "ECDSA-P256-SHA256",
        oid: None,
        parameters: ParametersRule::Absent,
        jose: &["ES256"],
        digest: DigestAlgorithm::Sha256,
        key: KeyRule::Exactly(KeyAlgorithm::EcP256),
        sunset: None,
    },
    AlgorithmRow {
        algorithm: SignatureAlgorithm::EcdsaP384Sha384,
        name: "ECDSA-P384-SHA384",
        oid: None,
        parameters: ParametersRule::Absent,
        jose: &["ES384"],
        digest: DigestAlgorithm::Sha384,
        key: KeyRule::Exactly(KeyAlgorithm::EcP384),
        sunset: None,
    },
    AlgorithmRow {
        algorithm: SignatureAlgorithm::EcdsaP521Sha512,
        name: "ECDSA-P521-SHA512",
        oid: None,
        parameters: ParametersRule::Absent,
        jose: &["ES512"],
        digest: DigestAlgorithm::Sha512,
        key: KeyRule::Exactly(KeyAlgorithm::EcP521),
        sunset: None,
    },
    AlgorithmRow {
        algorithm: SignatureAlgorithm::Ed25519,
        name: "Ed25519",
        oid: Some("1.3.101.112"),
        parameters: ParametersRule::Absent,
        jose: &["Ed25519", "EdDSA"],
        digest: DigestAlgorithm::Sha512,
        key: KeyRule::Exactly(KeyAlgorithm::Ed25519),
        sunset: None,
    },
    rsa_pkcs1(
        SignatureAlgorithm::RsaPkcs1Sha1,
        "RSA-PKCS1-SHA1",
        "1.2.840.113549.1.1.5",
        &[],
        DigestAlgorithm::Sha1,
    ),
    rsa_pkcs1(
        SignatureAlgorithm::RsaPkcs1Sha256,
        "RSA-PKCS1-SHA256",
        "1.2.840.113549.1.1.11",
        &["RS256"],
        DigestAlgorithm::Sha256,
    ),
    rsa_pkcs1(
        SignatureAlgorithm::RsaPkcs1Sha384,
        "RSA-PKCS1-SHA384",
        "1.2.840.113549.1.1.12",
        &["RS384"],
        DigestAlgorithm::Sha384,
    ),
    rsa_pkcs1(
        SignatureAlgorithm::RsaPkcs1Sha512,
        "RSA-PKCS1-SHA512",
        "1.2.840.113549.1.1.13",
        &["RS512"],
        DigestAlgorithm::Sha512,
    ),
    rsa_pss(
        SignatureAlgorithm::RsaPssSha1,
        "RSA-PSS-SHA1",
        &[],
        DigestAlgorithm::Sha1,
    ),
    rsa_pss(
        SignatureAlgorithm::RsaPssSha256,
        "RSA-PSS-SHA256",
        &["PS256"],
        DigestAlgorithm::Sha256,
    ),
    rsa_pss(
        SignatureAlgorithm::RsaPssSha384,
        "RSA-PSS-SHA384",
        &["PS384"],
        DigestAlgorithm::Sha384,
    ),
    rsa_pss(
        SignatureAlgorithm::RsaPssSha512,
        "RSA-PSS-SHA512",
        &["PS512"],
        DigestAlgorithm::Sha512,
    ),
];

const fn ecdsa(
    algorithm: SignatureAlgorithm,
    name: &'static str,
    oid: &'static str,
    digest: DigestAlgorithm,
) -> AlgorithmRow {
    AlgorithmRow {
        algorithm,
        name,
        oid: Some(oid),
        parameters: ParametersRule::Absent,
        jose: &[],
        digest,
        key: KeyRule::AnyEc,
        sunset: sunset_of(digest),
    }
}

const fn rsa_pkcs1(
    algorithm: SignatureAlgorithm,
    name: &'static str,
    oid: &'static str,
    jose: &'static [&'static str],
    digest: DigestAlgorithm,
) -> AlgorithmRow {
    AlgorithmRow {
        algorithm,
        name,
        oid: Some(oid),
        parameters: ParametersRule::AbsentOrNull,
        jose,
        digest,
        key: KeyRule::Rsa,
        sunset: sunset_of(digest),
    }
}

const fn rsa_pss(
    algorithm: SignatureAlgorithm,
    name: &'static str,
    jose: &'static [&'static str],
    digest: DigestAlgorithm,
) -> AlgorithmRow {
    AlgorithmRow {
        algorithm,
        name,
        oid: RSA_PSS_OID,
        parameters: ParametersRule::Pss,
        jose,
        digest,
        key: KeyRule::Rsa,
        sunset: sunset_of(digest),
    }
}

const fn sunset_of(digest: DigestAlgorithm) -> Option<&'static str> {
    match digest {
        DigestAlgorithm::Sha1 => SHA1_SUNSET,
        DigestAlgorithm::Sha256
        | DigestAlgorithm::Sha384
        | DigestAlgorithm::Sha512
        | DigestAlgorithm::Sm3 => None,
    }
}

impl SignatureAlgorithm {
    /// The algorithm of an `AlgorithmIdentifier`: its dotted object identifier and the DER of its
    /// parameters, tag and length included. None if we do not know it or its parameters do not fit.
    pub fn from_oid(oid: &str, parameters: Option<&[u8]>) -> Option<Self> {
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

    /// Everything the table says of this algorithm.
    #[expect(
        clippy::expect_used,
        reason = "the table has a row for every variant: `every_algorithm_has_one_row` walks them"
    )]
    pub fn row(self) -> &'static AlgorithmRow {
        ALGORITHMS
            .iter()
            .find(|row| row.algorithm == self)
            .expect("a row for every algorithm")
    }

    /// The name in reports.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The JOSE `alg` value that we write; none where JOSE has none.
    pub fn jose_name(self) -> Option<&'static str> {
        self.row().jose.first().copied()
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
        match key {
            KeyAlgorithm::Rsa { bits } if bits < MIN_RSA_BITS => Some(Weakness::KeyTooShort {
                bits,
                minimum: MIN_RSA_BITS,
            }),
            KeyAlgorithm::Rsa { .. }
            | KeyAlgorithm::EcP256
            | KeyAlgorithm::EcP384
            | KeyAlgorithm::EcP521
            | KeyAlgorithm::Ed25519
            | KeyAlgorithm::Unsupported { .. } => None,
        }
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
    /// The RSA modulus is too short.
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
                .and_then(|der| PssParameters::parse(der).ok())
                .is_some_and(|found| found.are_of(self.digest)),
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
            assert!(row.algorithm <= SignatureAlgorithm::RsaPssSha512);
        }
        assert_eq!(
            distinct.into_iter().next_back(),
            Some(SignatureAlgorithm::RsaPssSha512)
        );
    }

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
