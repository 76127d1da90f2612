//! Main indications and sub-indications, in ETSI's words.

use std::fmt;

use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error as _;

/// The main status indication (ETSI EN 319 102-1 §5.1.3), from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Indication {
    /// Every check asked for succeeded.
    TotalPassed,
    /// What is at hand suffices for neither verdict.
    Indeterminate,
    /// The format or the cryptography is wrong, or the signature was made when its certificate was void.
    TotalFailed,
}

impl Indication {
    /// All of them, from best to worst.
    pub const ALL: [Self; 3] = [Self::TotalPassed, Self::Indeterminate, Self::TotalFailed];

    /// The standard's name, with hyphens as in its text.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TotalPassed => "TOTAL-PASSED",
            Self::Indeterminate => "INDETERMINATE",
            Self::TotalFailed => "TOTAL-FAILED",
        }
    }
}

/// Makes the enum, its list and its names from one table, so that they cannot drift apart.
macro_rules! sub_indications {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// The sub-indication that refines a main indication (ETSI EN 319 102-1 §5.1.3).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum SubIndication {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl SubIndication {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The standard's name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

sub_indications! {
    /// The signature does not follow its format.
    FormatFailure = "FORMAT_FAILURE",
    /// The digest of the signed content differs.
    HashFailure = "HASH_FAILURE",
    /// The signature value is wrong.
    SigCryptoFailure = "SIG_CRYPTO_FAILURE",
    /// The certificate was revoked before the signature is known to have been made.
    Revoked = "REVOKED",
    /// The signature is known to have been made after the certificate expired.
    Expired = "EXPIRED",
    /// The signature is known to have been made before the certificate was valid.
    NotYetValid = "NOT_YET_VALID",
    /// The signature's properties do not meet the policy.
    SigConstraintsFailure = "SIG_CONSTRAINTS_FAILURE",
    /// The certification path does not meet the policy.
    ChainConstraintsFailure = "CHAIN_CONSTRAINTS_FAILURE",
    /// The certification path is not valid, for another reason.
    CertificateChainGeneralFailure = "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    /// An algorithm or a key is too weak.
    CryptoConstraintsFailure = "CRYPTO_CONSTRAINTS_FAILURE",
    /// The signature policy could not be processed.
    PolicyProcessingError = "POLICY_PROCESSING_ERROR",
    /// The signature policy is not at hand.
    SignaturePolicyNotAvailable = "SIGNATURE_POLICY_NOT_AVAILABLE",
    /// Timestamps contradict each other's order.
    TimestampOrderFailure = "TIMESTAMP_ORDER_FAILURE",
    /// The signing certificate cannot be identified.
    NoSigningCertificateFound = "NO_SIGNING_CERTIFICATE_FOUND",
    /// Nothing leads from the signing certificate to a trust anchor.
    NoCertificateChainFound = "NO_CERTIFICATE_CHAIN_FOUND",
    /// The same, with a trust anchor that has ended since.
    NoCertificateChainFoundNoPoe = "NO_CERTIFICATE_CHAIN_FOUND_NO_POE",
    /// Revoked, and nothing proves that the signature is older.
    RevokedNoPoe = "REVOKED_NO_POE",
    /// An authority was revoked, and nothing proves that the signature is older.
    RevokedCaNoPoe = "REVOKED_CA_NO_POE",
    /// Outside the validity period, known not to be revoked, and nothing proves an earlier signature.
    OutOfBoundsNotRevoked = "OUT_OF_BOUNDS_NOT_REVOKED",
    /// Outside the validity period, and nothing proves that the signature was made inside it.
    OutOfBoundsNoPoe = "OUT_OF_BOUNDS_NO_POE",
    /// The revocation information's own certificate is outside its validity period.
    RevocationOutOfBoundsNoPoe = "REVOCATION_OUT_OF_BOUNDS_NO_POE",
    /// An algorithm is too weak now, and nothing proves a signature from when it was not.
    CryptoConstraintsFailureNoPoe = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    /// A proof of existence is missing.
    NoPoe = "NO_POE",
    /// Evidence is missing that can be expected later.
    TryLater = "TRY_LATER",
    /// The signed content is not at hand.
    SignedDataNotFound = "SIGNED_DATA_NOT_FOUND",
}

/// Display, and JSON as the standard's name, for both enums.
macro_rules! named {
    ($type:ty, $all:expr, $unknown:literal) => {
        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                let found = $all.iter().find(|known| known.as_str() == name);
                found.copied().ok_or_else(|| D::Error::custom($unknown))
            }
        }
    };
}

named!(Indication, Self::ALL, "unknown indication");
named!(SubIndication, Self::ALL, "unknown sub-indication");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_unknown_ones_are_refused() {
        for indication in Indication::ALL {
            let json = serde_json::to_string(&indication).unwrap();
            assert_eq!(
                serde_json::from_str::<Indication>(&json).unwrap(),
                indication
            );
        }
        for sub in SubIndication::ALL {
            let json = serde_json::to_string(sub).unwrap();
            assert_eq!(serde_json::from_str::<SubIndication>(&json).unwrap(), *sub);
        }
        assert!(serde_json::from_str::<Indication>("\"PASSED\"").is_err());
        assert!(serde_json::from_str::<SubIndication>("\"try_later\"").is_err());
    }

    #[test]
    fn best_comes_before_worst() {
        assert!(Indication::TotalPassed < Indication::Indeterminate);
        assert!(Indication::Indeterminate < Indication::TotalFailed);
    }
}
