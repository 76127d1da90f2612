//! Why a JWS was not read or not made.

use crate::crypto::sign::SignError;
use crate::encoding::base64::Base64Error;
use crate::encoding::json::JsonError;
use crate::pki::certificate::CertificateError;

/// A part of the compact serialisation (RFC 7515 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// The first: the protected header.
    Header,
    /// The second: the payload.
    Payload,
    /// The third: the signature.
    Signature,
}

impl std::fmt::Display for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Header => "protected header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// Why a JWS was not read or not made. Nothing here says that a signature is wrong.
#[derive(Debug, thiserror::Error)]
pub enum JoseError {
    /// RFC 8725 §3.2: `none` signs nothing.
    #[error("`alg` in the protected header is `none`: nothing is signed")]
    AlgorithmNone,
    /// A MAC (RFC 7518 §3.2) proves nothing to a third party: whoever verifies could have made it.
    #[error("`alg` in the protected header is `{name}`, a MAC and no signature")]
    AlgorithmSymmetric {
        /// What `alg` says.
        name: String,
    },
    /// An element of `x5c` is not a certificate.
    #[error("certificate {position} of `x5c` is malformed")]
    Certificate {
        /// 1 is the signer's.
        position: usize,
        /// What is wrong with it.
        #[source]
        source: CertificateError,
    },
    /// An element of `x5c` is not base64.
    #[error("certificate {position} of `x5c` is not base64")]
    CertificateEncoding {
        /// 1 is the signer's.
        position: usize,
        /// What is wrong with it.
        #[source]
        source: Base64Error,
    },
    /// RFC 7515 §4.1.11: an extension that must be understood; we understand none.
    #[error("`crit` in the protected header asks for extensions that we do not know: {names}")]
    Critical {
        /// Their names, as far as they are text.
        names: String,
    },
    /// The document in JSON serialisation is not JSON, or repeats a member (RFC 7515 §7.2).
    #[error("JWS is not strict JSON")]
    DocumentJson(#[source] JsonError),
    /// A member of the JSON serialisation is absent or has the wrong form (RFC 7515 §7.2.1).
    #[error("`{name}` of the JWS is not {expected}")]
    DocumentMember {
        /// Its name.
        name: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A segment is not base64url without padding.
    #[error("{segment} is not base64url")]
    Encoding {
        /// Which one.
        segment: Segment,
        /// What is wrong with it.
        #[source]
        source: Base64Error,
    },
    /// The protected header is not JSON, or repeats a member (RFC 7515 §4).
    #[error("protected header is not strict JSON")]
    HeaderJson(#[source] JsonError),
    /// A member of the protected header has the wrong form.
    #[error("`{name}` in the protected header is not {expected}")]
    HeaderMember {
        /// Its name.
        name: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
    /// The protected header is not a JSON object.
    #[error("protected header is not a JSON object")]
    HeaderNotObject,
    /// `jku`, `x5u` or `jwk`: the sender says where to find the key, or what it is.
    #[error("`{name}` in the protected header is refused: the sender does not choose the key")]
    KeyReference {
        /// The member's name.
        name: &'static str,
    },
    /// RFC 7515 §4.1.1: `alg` must be present.
    #[error("`alg` is missing in the protected header")]
    MissingAlgorithm,
    /// RFC 7515 §7.2.2: a document has the members of one JSON serialisation, not of both.
    #[error("JWS mixes the flattened and the general serialisation")]
    MixedSerialisations,
    /// The bytes are not UTF-8.
    #[error("JWS is not text")]
    NotText(#[source] std::str::Utf8Error),
    /// The key's purpose has no `typ`: it never signs a JWS.
    #[error("a key for {purpose} signs no JWS")]
    Purpose {
        /// Its purpose.
        purpose: &'static str,
    },
    /// A header member that this function sets itself, or never writes.
    #[error("`{name}` may not be added to the protected header")]
    ReservedMember {
        /// Its name.
        name: String,
    },
    /// RFC 7515 §7.1: three segments, two dots.
    #[error("a compact JWS has 3 segments, this has {found}")]
    Segments {
        /// How many there are.
        found: usize,
    },
    /// Signing failed.
    #[error("signing failed")]
    Sign(#[source] SignError),
    /// RFC 7515 §4.1.8: `x5t#S256` is the SHA-256 of the signer's certificate.
    #[error("`x5t#S256` is not the digest of the first certificate of `x5c`")]
    Thumbprint,
    /// Longer than we read.
    #[error("longer than {limit} bytes")]
    TooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// More certificates than we read.
    #[error("`x5c` has {found} certificates, at most {limit} are read")]
    TooManyCertificates {
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// More signatures than we read.
    #[error("JWS has {found} signatures, at most {limit} are read")]
    TooManySignatures {
        /// How many there are.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// The empty signature segment of an unsecured JWS (RFC 7515 Appendix A.5).
    #[error("signature is empty")]
    Unsigned,
    /// `b64` (RFC 7797) or `zip` (RFC 7516): the payload is not what it seems.
    #[error("`{name}` in the protected header is not supported")]
    UnsupportedMember {
        /// The member's name.
        name: &'static str,
    },
}

/// What the sender wrote, fit for a message: at most 64 characters, control characters escaped.
#[must_use]
pub fn excerpt(text: &str) -> String {
    text.chars().take(64).flat_map(char::escape_debug).collect()
}
