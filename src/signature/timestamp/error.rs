//! What goes wrong with a timestamp, on either side.

use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::key_purpose::KeyPurpose;
use crate::pki::der::DerError;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;
use crate::signature::cms::error::CmsError;
use crate::signature::cms::timestamp_token::TstInfoError;
use crate::signature::cms::write::CmsWriteError;
use crate::signature::facts::Integrity;
use crate::signature::timestamp::response::FailureReason;

/// Why bytes are not a request that can be answered.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The digest's algorithm is not one that we compute, or has parameters.
    #[error("the digest algorithm is unknown")]
    Algorithm,
    /// Not DER, or not the structure of RFC 3161 §2.4.1.
    #[error("not a timestamp request")]
    Der(#[from] DerError),
    /// RFC 3161 §2.4.1: an extension that is not recognised, critical or not, is refused.
    #[error("the request has an extension")]
    Extension,
    /// The digest has not the length of its algorithm's.
    #[error("messageImprint has not the length of digests by {0}")]
    Imprint(DigestAlgorithm),
    /// Longer than any nonce needs to be.
    #[error("a nonce of {0} octets")]
    Nonce(usize),
    /// The policy is no object identifier.
    #[error(transparent)]
    Oid(#[from] OidError),
    /// There is version 1 alone.
    #[error("unknown version of TimeStampReq")]
    Version,
}

impl RequestError {
    /// What the authority answers (RFC 3161 §2.4.2).
    #[must_use]
    pub const fn failure(&self) -> FailureReason {
        match self {
            Self::Algorithm => FailureReason::BadAlgorithm,
            Self::Extension => FailureReason::UnacceptedExtension,
            Self::Version => FailureReason::BadRequest,
            Self::Der(_) | Self::Imprint(_) | Self::Nonce(_) | Self::Oid(_) => {
                FailureReason::BadDataFormat
            }
        }
    }
}

/// Why bytes are not an answer.
#[derive(Debug, thiserror::Error)]
pub enum ResponseError {
    /// Not DER, or not the structure of RFC 3161 §2.4.2.
    #[error("not a timestamp response")]
    Der(#[from] DerError),
    /// RFC 3161 §2.4.2: with the status granted there is a token, with any other there is none.
    #[error("status and token contradict each other")]
    Contradiction,
    /// The status is not one of RFC 3161 §2.4.2.
    #[error("an unknown status")]
    Status,
    /// A text that is not UTF-8.
    #[error("statusString is not UTF-8")]
    Text,
}

/// Why a token is not the answer to a request.
#[derive(Debug, thiserror::Error)]
pub enum AnswerError {
    /// RFC 3161 §2.4.2: the authority's certificate is there if it was asked for.
    #[error("the token carries no certificate of the authority")]
    CertificateMissing,
    /// Not a `SignedData`.
    #[error("the token cannot be read")]
    Cms(#[from] CmsError),
    /// The token is about another digest than was asked for.
    #[error("the token is about another digest")]
    Imprint,
    /// The token's signature does not verify, or it does not name its certificate.
    #[error("the token's signature does not hold: {0:?}")]
    NotIntact(Integrity),
    /// RFC 3161 §2.3: the certificate is for timestamps, critically and for nothing else.
    #[error("the token's certificate is not for timestamps alone")]
    NotForTimestamps,
    /// The content is of another type.
    #[error("the token holds no TSTInfo")]
    NotTstInfo,
    /// RFC 3161 §2.4.2: the nonce of the request comes back; another may be a token of another time.
    #[error("the token has not the nonce of the request")]
    Nonce,
    /// Another policy than was asked for.
    #[error("the token was made under the policy {0}")]
    Policy(Oid),
    /// RFC 3161 §2.4.1, RFC 5816 §2.2: the token names its certificate.
    #[error("the token does not name its certificate")]
    Reference,
    /// RFC 3161 §2.4.2: one signature, the authority's.
    #[error("a token of {0} signatures")]
    Signers(usize),
    /// Not a `TSTInfo`.
    #[error("the token's content cannot be read")]
    TstInfo(#[from] TstInfoError),
}

/// Why no token was made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// There is no certificate of the key.
    #[error("the key has no certificate")]
    CertificateMissing,
    /// The container could not be written, or the key did not sign.
    #[error(transparent)]
    Cms(#[from] CmsWriteError),
    /// An object identifier of the tables.
    #[error(transparent)]
    Oid(#[from] OidError),
    /// No calendar has this time.
    #[error("the time cannot be written")]
    Time,
    /// The key serves something else.
    #[error("a key for the purpose `{0}` makes no timestamps")]
    WrongPurpose(KeyPurpose),
}
