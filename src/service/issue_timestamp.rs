//! Issues timestamps (RFC 3161): the time of our clock, signed over the digest of something that we never see.
//!
//! A data folder made before there were timestamps has no key for them; it answers that it has none until one is
//! put there (`keys/timestamp.key.pem` and its certificate).

use crate::clock::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::random::RandomError;
use crate::crypto::random::array;
use crate::encoding::hex;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::pki::issue::profile::serial_from_random;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;
use crate::service::app::App;
use crate::service::app::CertifiedKey;
use crate::service::sign_receipt::SigningTimeError;
use crate::service::sign_receipt::TOLERATED_CLOCK_STEP;
use crate::signature::timestamp::error::RequestError;
use crate::signature::timestamp::error::TokenError;
use crate::signature::timestamp::issue::Authority;
use crate::signature::timestamp::request::TimestampRequest;
use crate::signature::timestamp::response::FailureReason;
use crate::store::error::StoreError;

/// The policy under which we issue timestamps: the time is that of a clock kept by NTP, at most
/// [`TOLERATED_CLOCK_STEP`] off, and never earlier than anything that was signed before. Our own arc, drawn at
/// random (ITU-T X.667).
pub const TIMESTAMP_POLICY: &str = "2.25.177539178";

/// The digests that are timestamped: those that nobody knows a way to find two contents for. SHA-1 is refused,
/// since a timestamp is to outlive the next decades.
pub const TIMESTAMPED_DIGESTS: [DigestAlgorithm; 4] = [
    DigestAlgorithm::Sha256,
    DigestAlgorithm::Sha384,
    DigestAlgorithm::Sha512,
    DigestAlgorithm::Sm3,
];

/// Why no timestamp was issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueTimestampError {
    /// The authority's certificate is not valid now: whoever looks at the token would refuse it.
    #[error(
        "the certificate of the timestamp key is valid from {not_before} to {not_after}, not at {at}"
    )]
    CertificateNotValid {
        /// First second of its validity.
        not_before: Timestamp,
        /// Last second of its validity.
        not_after: Timestamp,
        /// The time to be signed.
        at: Timestamp,
    },
    /// The digest's algorithm is not among [`TIMESTAMPED_DIGESTS`].
    #[error("digests by {0} are not timestamped")]
    DigestNotAccepted(DigestAlgorithm),
    /// There is no key for timestamps.
    #[error("no timestamps are issued here")]
    NoAuthority,
    /// [`TIMESTAMP_POLICY`] is no object identifier.
    #[error(transparent)]
    Oid(#[from] OidError),
    /// Another policy was asked for.
    #[error("no timestamps are issued under the policy {0}")]
    PolicyNotAccepted(Oid),
    /// No randomness for the serial number.
    #[error("no randomness for the serial number")]
    Random(#[from] RandomError),
    /// What was sent is no request that can be answered.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The audit event could not be stored, and without it nothing is given out.
    #[error("the timestamp could not be recorded")]
    Store(#[from] StoreError),
    /// The clock cannot be relied on.
    #[error("the time was not signed")]
    Time(#[from] SigningTimeError),
    /// The token could not be made.
    #[error("the token could not be made")]
    Token(#[from] TokenError),
}

impl IssueTimestampError {
    /// What the protocol calls it (RFC 3161 §2.4.2).
    #[must_use]
    pub const fn failure(&self) -> FailureReason {
        match self {
            Self::DigestNotAccepted(_) => FailureReason::BadAlgorithm,
            Self::PolicyNotAccepted(_) => FailureReason::UnacceptedPolicy,
            Self::Request(error) => error.failure(),
            Self::Time(SigningTimeError::ClockBehind { .. }) => FailureReason::TimeNotAvailable,
            Self::CertificateNotValid { .. }
            | Self::NoAuthority
            | Self::Oid(_)
            | Self::Random(_)
            | Self::Store(_)
            | Self::Time(SigningTimeError::Store(_))
            | Self::Token(_) => FailureReason::SystemFailure,
        }
    }
}

impl App {
    /// Issues the token that answers `query`, a `TimeStampReq` in DER.
    ///
    /// Serial numbers are 126 random bits: nothing has to be remembered that a restored backup or a second node
    /// could remember wrongly. The token is recorded before it is given out.
    ///
    /// # Errors
    /// [`IssueTimestampError`], which says [what to answer](IssueTimestampError::failure).
    pub async fn issue_timestamp(&self, query: &[u8]) -> Result<Vec<u8>, IssueTimestampError> {
        let authority = self.keys().timestamp.as_ref();
        let authority = authority.ok_or(IssueTimestampError::NoAuthority)?;
        let request = TimestampRequest::parse(query)?;
        let digest = request.imprint.algorithm();
        if !TIMESTAMPED_DIGESTS.contains(&digest) {
            return Err(IssueTimestampError::DigestNotAccepted(digest));
        }
        let policy = Oid::parse(TIMESTAMP_POLICY)?;
        if let Some(asked) = request.policy.as_ref().filter(|asked| **asked != policy) {
            return Err(IssueTimestampError::PolicyNotAccepted(asked.clone()));
        }
        let began = self.now();
        let serial = serial_from_random(array(self.parts().random.as_ref())?);
        let at = self.signing_time().await?;
        require_valid(authority, at)?;
        let made = Authority {
            key: &authority.key,
            certificates: &authority.certificates,
            policy: &policy,
            accuracy: TOLERATED_CLOCK_STEP,
        };
        let token = made.issue(&request, serial, at)?;
        let object = hex::encode(&serial);
        let event = AuditEvent::new(at, "public", AuditAction::TimestampIssued, &object, "done");
        self.record_event(event, began).await?;
        Ok(token)
    }
}

fn require_valid(authority: &CertifiedKey, at: Timestamp) -> Result<(), IssueTimestampError> {
    let Some(certificate) = authority.certificates.first() else {
        return Err(TokenError::CertificateMissing.into());
    };
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if at < not_before || at > not_after {
        return Err(IssueTimestampError::CertificateNotValid {
            not_before,
            not_after,
            at,
        });
    }
    Ok(())
}
