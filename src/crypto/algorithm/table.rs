//! The table itself.

use crate::crypto::algorithm::AlgorithmRow;
use crate::crypto::algorithm::KeyRule;
use crate::crypto::algorithm::ParametersRule;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::pss_parameters::PssParameters;
use crate::crypto::public_key::KeyAlgorithm;

/// `id-RSASSA-PSS` (RFC 4055 §3.1).
pub(super) const RSA_PSS_OID: &str = "1.2.840.113549.1.1.10";

/// SHA-1 may not be used to create signatures after 2013 (NIST SP 800-131A of 2011, §9).
const SHA1_SUNSET: Option<&str> = Some("2014-01-01");

/// Every algorithm. Object identifiers: RFC 8017 appendix C, RFC 5758 §3.2, RFC 8410 §3, RFC 8702 §2,
/// RFC 9881 §2, NIST's register for SHA-3 with RSA (sigAlgs 13 to 16), GM/T 0006 for SM2.
pub const ALGORITHMS: &[AlgorithmRow] = &[
    ecdsa(
        SignatureAlgorithm::EcdsaSha1,
        "ECDSA-SHA1",
        "1.2.840.10045.4.1",
        DigestAlgorithm::Sha1,
    ),
    ecdsa(
        SignatureAlgorithm::EcdsaSha224,
        "ECDSA-SHA224",
        "1.2.840.10045.4.3.1",
        DigestAlgorithm::Sha224,
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
    jose_ecdsa(
        SignatureAlgorithm::EcdsaP256Sha256,
        "ECDSA-P256-SHA256",
        &["ES256"],
        DigestAlgorithm::Sha256,
        KeyAlgorithm::EcP256,
    ),
    jose_ecdsa(
        SignatureAlgorithm::EcdsaP384Sha384,
        "ECDSA-P384-SHA384",
        &["ES384"],
        DigestAlgorithm::Sha384,
        KeyAlgorithm::EcP384,
    ),
    jose_ecdsa(
        SignatureAlgorithm::EcdsaP521Sha512,
        "ECDSA-P521-SHA512",
        &["ES512"],
        DigestAlgorithm::Sha512,
        KeyAlgorithm::EcP521,
    ),
    AlgorithmRow {
        jose: &["Ed25519", "EdDSA"],
        ..of_one_key(
            SignatureAlgorithm::Ed25519,
            "Ed25519",
            "1.3.101.112",
            DigestAlgorithm::Sha512,
            KeyAlgorithm::Ed25519,
        )
    },
    of_one_key(
        SignatureAlgorithm::Ed448,
        "Ed448",
        "1.3.101.113",
        DigestAlgorithm::Shake256,
        KeyAlgorithm::Ed448,
    ),
    of_one_key(
        SignatureAlgorithm::MlDsa44,
        "ML-DSA-44",
        "2.16.840.1.101.3.4.3.17",
        DigestAlgorithm::Shake256,
        KeyAlgorithm::MlDsa44,
    ),
    of_one_key(
        SignatureAlgorithm::MlDsa65,
        "ML-DSA-65",
        "2.16.840.1.101.3.4.3.18",
        DigestAlgorithm::Shake256,
        KeyAlgorithm::MlDsa65,
    ),
    of_one_key(
        SignatureAlgorithm::MlDsa87,
        "ML-DSA-87",
        "2.16.840.1.101.3.4.3.19",
        DigestAlgorithm::Shake256,
        KeyAlgorithm::MlDsa87,
    ),
    rsa_pkcs1(
        SignatureAlgorithm::RsaPkcs1Sha1,
        "RSA-PKCS1-SHA1",
        "1.2.840.113549.1.1.5",
        &[],
        DigestAlgorithm::Sha1,
    ),
    rsa_pkcs1(
        SignatureAlgorithm::RsaPkcs1Sha224,
        "RSA-PKCS1-SHA224",
        "1.2.840.113549.1.1.14",
        &[],
        DigestAlgorithm::Sha224,
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
    rsa_pkcs1(
        SignatureAlgorithm::RsaPkcs1Sha512_224,
        "RSA-PKCS1-SHA512/224",
        "1.2.840.113549.1.1.15",
        &[],
        DigestAlgorithm::Sha512_224,
    ),
    rsa_pkcs1(
        SignatureAlgorithm::RsaPkcs1Sha512_256,
        "RSA-PKCS1-SHA512/256",
        "1.2.840.113549.1.1.16",
        &[],
        DigestAlgorithm::Sha512_256,
    ),
    rsa_pkcs1(
        SignatureAlgorithm::RsaPkcs1Sha3_224,
        "RSA-PKCS1-SHA3-224",
        "2.16.840.1.101.3.4.3.13",
        &[],
        DigestAlgorithm::Sha3_224,
    ),
    rsa_pkcs1(
        SignatureAlgorithm::RsaPkcs1Sha3_256,
        "RSA-PKCS1-SHA3-256",
        "2.16.840.1.101.3.4.3.14",
        &[],
        DigestAlgorithm::Sha3_256,
    ),
    rsa_pkcs1(
        SignatureAlgorithm::RsaPkcs1Sha3_384,
        "RSA-PKCS1-SHA3-384",
        "2.16.840.1.101.3.4.3.15",
        &[],
        DigestAlgorithm::Sha3_384,
    ),
    rsa_pkcs1(
        SignatureAlgorithm::RsaPkcs1Sha3_512,
        "RSA-PKCS1-SHA3-512",
        "2.16.840.1.101.3.4.3.16",
        &[],
        DigestAlgorithm::Sha3_512,
    ),
    rsa_pss("RSA-PSS-SHA1", &[], DigestAlgorithm::Sha1),
    rsa_pss("RSA-PSS-SHA224", &[], DigestAlgorithm::Sha224),
    rsa_pss("RSA-PSS-SHA256", &["PS256"], DigestAlgorithm::Sha256),
    rsa_pss("RSA-PSS-SHA384", &["PS384"], DigestAlgorithm::Sha384),
    rsa_pss("RSA-PSS-SHA512", &["PS512"], DigestAlgorithm::Sha512),
    rsa_pss("RSA-PSS-SHA512/224", &[], DigestAlgorithm::Sha512_224),
    rsa_pss("RSA-PSS-SHA512/256", &[], DigestAlgorithm::Sha512_256),
    rsa_pss("RSA-PSS-SHA3-224", &[], DigestAlgorithm::Sha3_224),
    rsa_pss("RSA-PSS-SHA3-256", &[], DigestAlgorithm::Sha3_256),
    rsa_pss("RSA-PSS-SHA3-384", &[], DigestAlgorithm::Sha3_384),
    rsa_pss("RSA-PSS-SHA3-512", &[], DigestAlgorithm::Sha3_512),
    rsa_pss_shake(
        SignatureAlgorithm::RsaPssShake128,
        "RSA-PSS-SHAKE128",
        "1.3.6.1.5.5.7.6.30",
        DigestAlgorithm::Shake128,
    ),
    rsa_pss_shake(
        SignatureAlgorithm::RsaPssShake256,
        "RSA-PSS-SHAKE256",
        "1.3.6.1.5.5.7.6.31",
        DigestAlgorithm::Shake256,
    ),
    AlgorithmRow {
        parameters: ParametersRule::AbsentOrNull,
        ..of_one_key(
            SignatureAlgorithm::Sm2Sm3,
            "SM2-SM3",
            "1.2.156.10197.1.501",
            DigestAlgorithm::Sm3,
            KeyAlgorithm::Sm2,
        )
    },
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

const fn jose_ecdsa(
    algorithm: SignatureAlgorithm,
    name: &'static str,
    jose: &'static [&'static str],
    digest: DigestAlgorithm,
    key: KeyAlgorithm,
) -> AlgorithmRow {
    AlgorithmRow {
        algorithm,
        name,
        oid: None,
        parameters: ParametersRule::Absent,
        jose,
        digest,
        key: KeyRule::Exactly(key),
        sunset: None,
    }
}

const fn of_one_key(
    algorithm: SignatureAlgorithm,
    name: &'static str,
    oid: &'static str,
    digest: DigestAlgorithm,
    key: KeyAlgorithm,
) -> AlgorithmRow {
    AlgorithmRow {
        algorithm,
        name,
        oid: Some(oid),
        parameters: ParametersRule::Absent,
        jose: &[],
        digest,
        key: KeyRule::Exactly(key),
        sunset: None,
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
    name: &'static str,
    jose: &'static [&'static str],
    digest: DigestAlgorithm,
) -> AlgorithmRow {
    AlgorithmRow {
        algorithm: SignatureAlgorithm::RsaPss(PssParameters::usual(digest)),
        name,
        oid: Some(RSA_PSS_OID),
        parameters: ParametersRule::Pss,
        jose,
        digest,
        key: KeyRule::RsaPss,
        sunset: sunset_of(digest),
    }
}

const fn rsa_pss_shake(
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
        key: KeyRule::Rsa,
        sunset: None,
    }
}

const fn sunset_of(digest: DigestAlgorithm) -> Option<&'static str> {
    match digest {
        DigestAlgorithm::Sha1 => SHA1_SUNSET,
        DigestAlgorithm::Sha224
        | DigestAlgorithm::Sha256
        | DigestAlgorithm::Sha384
        | DigestAlgorithm::Sha512
        | DigestAlgorithm::Sha512_224
        | DigestAlgorithm::Sha512_256
        | DigestAlgorithm::Sha3_224
        | DigestAlgorithm::Sha3_256
        | DigestAlgorithm::Sha3_384
        | DigestAlgorithm::Sha3_512
        | DigestAlgorithm::Shake128
        | DigestAlgorithm::Shake256
        | DigestAlgorithm::Sm3 => None,
    }
}
