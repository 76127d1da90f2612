//! Why no certification path was accepted, and which reason is worth telling.

use crate::clock::Timestamp;
use crate::pki::certificate::SerialNumber;
use crate::pki::name_constraints::MalformedNameConstraints;
use crate::pki::name_constraints::NameConstraintError;
use crate::pki::oid::Oid;

/// Why no certification path was accepted.
///
/// [`PathValidator::validate`](crate::pki::path::PathValidator::validate) returns [`Self::AnchorItself`],
/// [`Self::BudgetExhausted`] or [`Self::NoPath`]; every other variant occurs inside the last of these.
/// `serial` is the number of the certificate that the reason is about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The certificate is itself a trust anchor: it is trusted by decision, and no path says more.
    #[error("the certificate is itself a trust anchor")]
    AnchorItself,
    /// RFC 5280 §6.1.3 (a)(1): a certificate bears the issuer's name, but not its signature.
    #[error("certificate {serial} was not signed with the key of {issuer}")]
    BadSignature {
        /// Of the certificate whose signature is wrong.
        serial: SerialNumber,
        /// Whose key was tried, in RFC 4514 form.
        issuer: String,
    },
    /// The search was stopped; this says nothing about the certificate.
    #[error(
        "path search stopped after {signature_checks} signature checks, {steps} steps and \
         {name_comparisons} comparisons of names"
    )]
    BudgetExhausted {
        /// Signatures computed until then.
        signature_checks: u32,
        /// Candidates looked at until then.
        steps: u32,
        /// Names compared with name constraints until then.
        name_comparisons: u32,
    },
    /// RFC 5280 §6.1.3 (a)(2): the validation time lies after the validity period.
    #[error("certificate {serial} expired at {not_after}, validated for {at}")]
    Expired {
        /// Whether it is the end entity's certificate or one above it.
        role: Role,
        /// Of the expired certificate.
        serial: SerialNumber,
        /// Its last valid second.
        not_after: Timestamp,
        /// The validation time.
        at: Timestamp,
    },
    /// RFC 5280 §6.1.4 (n): the key usage of an issuer does not include `keyCertSign`.
    #[error("certificate {serial} does not permit its key to sign certificates")]
    KeyUsage {
        /// Of the issuer's certificate.
        serial: SerialNumber,
    },
    /// RFC 5280 §6.1.3 (b), (c): a name of a certificate lies outside of what a CA above it may certify.
    #[error("certificate {serial} does not keep to the name constraints above it: {cause}")]
    NameConstraints {
        /// Of the certificate with the name.
        serial: SerialNumber,
        /// Which name, and what forbids it.
        #[source]
        cause: NameConstraintError,
    },
    /// The name constraints of a CA certificate cannot be read, so nobody knows what it may certify.
    #[error("certificate {serial}: {cause}")]
    NameConstraintsMalformed {
        /// Of the CA certificate.
        serial: SerialNumber,
        /// What is wrong with them.
        #[source]
        cause: MalformedNameConstraints,
    },
    /// RFC 5280 §4.2.1.10: "The name constraints extension, which MUST be used only in a CA certificate"; a
    /// critical one in another certificate says something that nobody can keep to.
    #[error("certificate {serial} has critical name constraints, but is not a CA's")]
    NameConstraintsInEndEntity {
        /// Of the end entity's certificate.
        serial: SerialNumber,
    },
    /// No candidate led to a trust anchor in order. Carries the most specific failure met on the way;
    /// none if nobody of the issuer's name was found at all.
    #[error("no certification path to a trust anchor")]
    NoPath(#[source] Option<Box<Self>>),
    /// RFC 5280 §6.1.4 (k): an issuer is not a CA by its basic constraints, or cannot say that it is.
    #[error("certificate {serial} is not a CA certificate")]
    NotACa {
        /// Of the issuer's certificate.
        serial: SerialNumber,
    },
    /// RFC 5280 §6.1.3 (a)(2): the validation time lies before the validity period.
    #[error("certificate {serial} is valid from {not_before}, validated for {at}")]
    NotYetValid {
        /// Whether it is the end entity's certificate or one above it.
        role: Role,
        /// Of the certificate that is not valid yet.
        serial: SerialNumber,
        /// Its first valid second.
        not_before: Timestamp,
        /// The validation time.
        at: Timestamp,
    },
    /// RFC 5280 §6.1.4 (l): more CA certificates follow than a CA above them permits.
    #[error("certificate {serial} exceeds the path length that a CA above it permits")]
    PathLength {
        /// Of the first CA certificate that is one too many.
        serial: SerialNumber,
    },
    /// The path would have more certificates than are followed.
    #[error("the path has more than {maximum} certificates")]
    PathTooLong {
        /// [`Budget::path_certificates`](crate::pki::path::Budget::path_certificates).
        maximum: usize,
    },
    /// RFC 5280 §6.1.4 (a): a mapping of certificate policies from or to anyPolicy.
    #[error("certificate {serial} maps anyPolicy to another policy, or another policy to it")]
    PolicyMapping {
        /// Of the certificate with the mapping.
        serial: SerialNumber,
    },
    /// RFC 5280 §6.1.5 (g): the path has to be valid for a certificate policy that is accepted, and is for none.
    #[error("the path is not valid for any of the certificate policies that are required")]
    PolicyRequired,
    /// RFC 5280 §6.1.4 (o), §6.1.5 (f): a critical extension that nothing here reads.
    #[error("certificate {serial} has the unknown critical extension {oid}")]
    UnknownCriticalExtension {
        /// Of the certificate that has it.
        serial: SerialNumber,
        /// The extension.
        oid: Oid,
    },
    /// A signature could not be computed: unknown algorithm, or a key that is not for it.
    #[error("the signature on certificate {serial} is of an unsupported algorithm ({oid})")]
    UnsupportedAlgorithm {
        /// Of the certificate whose signature could not be computed.
        serial: SerialNumber,
        /// The signature algorithm.
        oid: Oid,
    },
}

/// The place of a certificate in its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// The certificate that was asked about.
    EndEntity,
    /// One above it.
    Issuer,
}

impl PathError {
    /// How near to acceptance the failing path was: of several failures the highest is told.
    ///
    /// Dates are highest, since a path that fails by them alone was good or will be, and they are
    /// checked last; then what a single certificate forbids, then what is no CA, and lowest what did
    /// not even reach an anchor.
    pub(super) const fn specificity(&self) -> u8 {
        match self {
            Self::Expired { .. } | Self::NotYetValid { .. } => 5,
            Self::NameConstraints { .. }
            | Self::NameConstraintsInEndEntity { .. }
            | Self::NameConstraintsMalformed { .. }
            | Self::PathLength { .. }
            | Self::PolicyMapping { .. }
            | Self::PolicyRequired
            | Self::UnknownCriticalExtension { .. } => 4,
            Self::KeyUsage { .. } | Self::NotACa { .. } => 3,
            Self::PathTooLong { .. } => 2,
            Self::BadSignature { .. } | Self::UnsupportedAlgorithm { .. } => 1,
            Self::AnchorItself | Self::BudgetExhausted { .. } | Self::NoPath(_) => 0,
        }
    }
}
