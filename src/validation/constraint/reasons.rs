//! Which constraint each reason belongs to.

use crate::validation::constraint::Constraint;
use crate::validation::reason::ReasonCode;

impl ReasonCode {
    /// The constraint that it is about. Exhaustive: a new reason does not compile before it is put somewhere.
    #[must_use]
    #[expect(
        clippy::too_many_lines,
        reason = "one table of all reasons, which only a match makes exhaustive"
    )]
    pub const fn constraint(self) -> Constraint {
        match self {
            Self::DocumentNotSeen
            | Self::InputLeftOut
            | Self::PastValidationTime
            | Self::ContentDigestNeeded
            | Self::ContentItselfNeeded
            | Self::OriginalNotSigned
            | Self::OriginalNotUsed
            | Self::SignedContentLeftOut
            | Self::DocumentActive
            | Self::DocumentEncrypted => Constraint::Submission,
            Self::DocumentModified | Self::DocumentExtended | Self::ModificationsUndecided => {
                Constraint::DocumentModifications
            }
            Self::NoSignatureFound | Self::CertificateOnly => Constraint::SignaturePresence,
            Self::FormatMalformed
            | Self::FormatEncoding
            | Self::FormatHeader
            | Self::FormatLimitExceeded
            | Self::FormatCertificate
            | Self::FormatConflict
            | Self::FormatUnprocessed
            | Self::FormatIrregular
            | Self::TypNotExpected
            | Self::CritRefused
            | Self::JkuRefused
            | Self::X5uRefused
            | Self::JwkRefused
            | Self::B64Refused => Constraint::Format,
            Self::SigningCertificateMissing => Constraint::SigningCertificate,
            Self::SigningCertificateMismatch | Self::SigningCertificateNotNamed => {
                Constraint::CertificateReference
            }
            Self::ContentWithheld | Self::DigestMismatch | Self::TimestampImprintDiffers => {
                Constraint::ContentDigest
            }
            Self::AlgNone
            | Self::AlgSymmetric
            | Self::AlgUnknown
            | Self::SignatureWrong
            | Self::SignatureKeyMismatch
            | Self::KeyNotSupported => Constraint::SignatureValue,
            Self::CaUnknown
            | Self::PathSignatureWrong
            | Self::PathNotACa
            | Self::PathTooLong
            | Self::PathKeyUsage
            | Self::PathUnknownCriticalExtension
            | Self::PathNameConstraints
            | Self::PathAlgorithmUnsupported
            | Self::PathBudgetExhausted
            | Self::PathAnchorItself
            | Self::PathInvalid
            | Self::PathPolicyConstraints
            | Self::PathTooManyCertificates
            | Self::PathIssuerMissing
            | Self::PathPolicyMapping
            | Self::PathRule => Constraint::CertificationPath,
            Self::CaNotRecognised
            | Self::UsageNotPermitted
            | Self::AnchorNotRecognised
            | Self::CaNotYetValid
            | Self::CaDistrusted
            | Self::DemoTrust => Constraint::CaRecognition,
            Self::CertificatePolicyMissing
            | Self::KeyPurposeMismatch
            | Self::SignerKeyUsage
            | Self::SignerIsACa
            | Self::PathPurpose
            | Self::CertificatePurpose
            | Self::CertificateName
            | Self::TimestampAuthorityPurpose => Constraint::CertificatePurpose,
            Self::CertificateExpired
            | Self::CertificateNotYetValid
            | Self::JudgedAtSignatureTime => Constraint::CertificateValidity,
            Self::CertificateRevoked
            | Self::CaCertificateRevoked
            | Self::CertificateOnHold
            | Self::RevocationUnknown
            | Self::RevocationStale
            | Self::RevocationNotChecked
            | Self::RevocationSkipped
            | Self::RevocationEvidenceUnusable
            | Self::RevocationLdapOnly
            | Self::RevocationStaleUsed
            | Self::RevokedAfterSigning
            | Self::LimitEvidenceAge
            | Self::SignedAfterRevocation => Constraint::Revocation,
            Self::AlgorithmTooWeak
            | Self::KeyTooWeak
            | Self::AlgorithmNotPermitted
            | Self::LimitAlgorithm
            | Self::LimitKeyBits => Constraint::AlgorithmStrength,
            Self::LimitPolicy => Constraint::CertificatePurpose,
            Self::SignerUsccInvalid | Self::SignerIdentityAmbiguous => Constraint::SignerIdentity,
            Self::SignatureTimeProven
            | Self::TimestampNotUsed
            | Self::TimestampMalformed
            | Self::TimestampOrder => Constraint::Timestamps,
            Self::CounterSignatureInvalid => Constraint::CounterSignatures,
            Self::SealMakerSignatureWrong
            | Self::SealMakerUndecided
            | Self::SealMakerNotTrusted
            | Self::SealExpired
            | Self::SealNotYetValid
            | Self::SealUseNotProven
            | Self::SealSignerNotListed => Constraint::Seal,
            Self::SignerNotExpected => Constraint::ExpectedSigner,
            Self::IssuerNotAuthorised | Self::IssuerMismatch => Constraint::CredentialIssuer,
            Self::CredentialTypeUnknown
            | Self::CredentialClaimsInvalid
            | Self::ClaimsWithheld
            | Self::HolderNotBound
            | Self::KeyBindingNotChecked
            | Self::DisclosureMalformed
            | Self::DisclosureUnreferenced
            | Self::DisclosureDuplicateDigest
            | Self::DisclosureDuplicateClaim
            | Self::DisclosureReservedName
            | Self::DisclosureHashUnsupported => Constraint::CredentialContent,
            Self::CredentialRevoked
            | Self::CredentialSuperseded
            | Self::CredentialExpired
            | Self::CredentialSuspended
            | Self::CredentialNotYetValid
            | Self::CredentialUnknown
            | Self::StatusUnknown
            | Self::StatusListRefused
            | Self::StatusNotStated => Constraint::CredentialState,
        }
    }
}
