//! Why nobody can say whether a certificate is revoked.

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::name::DistinguishedName;
use crate::pki::oid::Oid;
use crate::pki::path::PathError;
use crate::pki::revocation::crl::CrlFlaw;
use crate::pki::revocation::distribution_point::DistributionPointError;
use crate::pki::revocation::ocsp::RefusalStatus;
use crate::pki::revocation::ocsp::ResponderError;
use crate::pki::revocation::reason::ReasonSet;
use crate::pki::revocation::status::CertificateStatus;

/// One thing that stood in the way. `sha256` is the digest of the evidence that it is about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UndeterminedReason {
    /// The work was stopped; this says nothing about the certificate.
    #[error("the budget for checking revocation is spent")]
    BudgetExhausted,
    /// A CRL of the right issuer could not be used.
    #[error("CRL {sha256}: {problem}")]
    Crl {
        /// Which CRL.
        sha256: Sha256,
        /// Why not.
        #[source]
        problem: CrlProblem,
    },
    /// The certificate's own extension that says where its CRLs are.
    #[error(transparent)]
    DistributionPoints(DistributionPointError),
    /// There is neither a CRL of the issuer nor an OCSP response about the certificate.
    #[error("there is no CRL of {issuer} and no OCSP response")]
    NoEvidence {
        /// Who issued the certificate.
        issuer: DistinguishedName,
    },
    /// An OCSP response about the certificate could not be used.
    #[error("OCSP response {sha256}: {problem}")]
    Ocsp {
        /// Which response.
        sha256: Sha256,
        /// Why not.
        #[source]
        problem: OcspProblem,
    },
    /// A responder refused to answer, perhaps about this certificate.
    #[error("an OCSP responder answered {0}")]
    OcspRefused(RefusalStatus),
    /// The certificate says where evidence is, but only at addresses that are not fetched, LDAP for
    /// instance.
    #[error("evidence is to be had by {} only, which is not supported", schemes.join(", "))]
    OnlyUnsupportedLocations {
        /// The schemes of the addresses.
        schemes: Vec<String>,
    },
    /// CRLs that cover some reasons were good, but others are not covered (RFC 5280 §6.3.3 (l)).
    #[error("no CRL covers the reasons {missing}")]
    ReasonsNotCovered {
        /// Which are not.
        missing: ReasonSet,
    },
    /// Evidence that would decide is out of date, and the policy does not accept that.
    #[error("the evidence is out of date")]
    Stale {
        /// What it would have said.
        would_be: Box<CertificateStatus>,
    },
}

/// Why a CRL could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrlProblem {
    /// None of the issuer's keys that are known made the signature.
    #[error("not signed with any key of its issuer that is known")]
    BadSignature,
    /// RFC 5280 §5.2.4: a delta CRL, and no complete CRL that it goes with.
    #[error("a delta CRL without the complete CRL that it changes")]
    DeltaWithoutBase,
    /// Its own content forbids the use.
    #[error(transparent)]
    Flaw(#[from] CrlFlaw),
    /// No certificate with the name of its issuer is at hand.
    #[error("no certificate of its issuer is known")]
    NoSigner,
    /// It is from the future.
    #[error("issued at {this_update}, which is not yet")]
    NotYetValid {
        /// `thisUpdate`.
        this_update: Timestamp,
    },
    /// It does not cover this certificate.
    #[error(transparent)]
    Scope(#[from] ScopeMismatch),
    /// The signature could not be computed.
    #[error(transparent)]
    SignatureNotComputed(IssuerSignatureError),
    /// The key that signed it is not one to rely on.
    #[error("signed by {subject}: {problem}")]
    Signer {
        /// Whose key signed.
        subject: DistinguishedName,
        /// What is wrong with that.
        #[source]
        problem: SignerProblem,
    },
    /// It is out of date.
    #[error("out of date; the next one was announced for {}", shown(*next_update))]
    Stale {
        /// `nextUpdate`.
        next_update: Option<Timestamp>,
    },
}

/// Why a CRL does not cover a certificate (RFC 5280 §6.3.3 (b), (d)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScopeMismatch {
    /// `onlyContainsAttributeCerts`.
    #[error("it covers attribute certificates only")]
    AttributeCertificatesOnly,
    /// `onlyContainsCACerts`, and the certificate is none of a CA.
    #[error("it covers CA certificates only")]
    CaCertificatesOnly,
    /// It has a name that the certificate does not give as that of its CRL.
    #[error("it is of another distribution point")]
    DistributionPoint,
    /// It covers reasons only for which the certificate points elsewhere.
    #[error("it covers none of the reasons that the distribution point is for")]
    NoReasons,
    /// The certificate names its CRL's issuer, but the CRL is not an indirect one.
    #[error("it is not indirect, as the certificate says")]
    NotIndirect,
    /// `onlyContainsUserCerts`, and the certificate is of a CA.
    #[error("it covers certificates of end entities only")]
    UserCertificatesOnly,
}

/// Why the certificate of a CRL's signer is not one to rely on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignerProblem {
    /// Whether it is revoked depends on the CRL of somebody of whom the same can be said.
    #[error("whether its certificate is revoked depends on itself")]
    Circular,
    /// RFC 5280 §6.3.3 (f): "If a key usage extension is present in the CRL issuer's certificate, verify
    /// that the cRLSign bit is set." A certificate without key usage that is none of a CA does not make its
    /// holder a signer of CRLs either: §4.2.1.3 requires the extension of such.
    #[error("its key usage does not permit signing CRLs")]
    KeyUsage,
    /// RFC 5280 §6.3.3 (f): no path from its certificate to the trust anchor of the certificate in
    /// question.
    #[error("no certification path to the same trust anchor")]
    NoPath(#[source] PathError),
    /// Its certificate, or one above it, is revoked or on hold.
    #[error("its certificate is revoked")]
    Revoked,
    /// One signer's status depends on that of another, and so on, further than is followed.
    #[error("its status depends on too many others")]
    TooDeep,
    /// Whether its certificate is revoked cannot be said either.
    #[error("whether its certificate is revoked is not known")]
    Undetermined,
}

/// Why an OCSP response could not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OcspProblem {
    /// The signature is not that of the responder.
    #[error("not signed with the responder's key")]
    BadSignature,
    /// The request bore a nonce, and this response does not (RFC 6960 §4.4.1).
    #[error("it does not bear the nonce of the request")]
    Nonce,
    /// It is from the future.
    #[error("made at {at}, which is not yet")]
    NotYetValid {
        /// `thisUpdate` or `producedAt`, whichever is later.
        at: Timestamp,
    },
    /// The responder is neither the CA nor brought a certificate of its own.
    #[error("the responder's certificate is missing")]
    NoResponder,
    /// The responder's certificate is revoked or on hold.
    #[error("the responder's certificate is revoked")]
    ResponderRevoked,
    /// Whether the responder's certificate is revoked is not known, and it bears no
    /// `id-pkix-ocsp-nocheck`.
    #[error("whether the responder's certificate is revoked is not known")]
    ResponderUndetermined,
    /// The signature could not be computed.
    #[error(transparent)]
    SignatureNotComputed(IssuerSignatureError),
    /// It is out of date.
    #[error("out of date; newer information was announced for {}", shown(*next_update))]
    Stale {
        /// `nextUpdate`.
        next_update: Option<Timestamp>,
    },
    /// The responder may not answer for the issuer (RFC 6960 §4.2.2.2).
    #[error(transparent)]
    Unauthorised(#[from] ResponderError),
    /// The responder does not know the certificate (RFC 6960 §2.2).
    #[error("the responder does not know the certificate")]
    Unknown,
    /// RFC 6960 §4.4: a critical extension that nothing here reads.
    #[error("it has the unknown critical extension {0}")]
    UnknownCriticalExtension(Oid),
}

fn shown(time: Option<Timestamp>) -> String {
    time.map_or_else(|| "no time".to_owned(), |time| time.to_string())
}
