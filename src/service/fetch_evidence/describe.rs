//! Reads what was fetched, before it is stored: only what is evidence, and about the right thing, is.
//!
//! Signatures are verified as far as whoever should have signed is known. That decides whether fetched
//! evidence may take the place of other evidence, and nothing else: it is no validation.

use crate::clock::Timestamp;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::verify::VerifyError;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::ocsp::BasicResponse;
use crate::pki::revocation::ocsp::OcspResponse;
use crate::pki::revocation::ocsp::RefusalStatus;
use crate::pki::revocation::ocsp::request_der;
use crate::pki::trust_anchor::TrustAnchor;
use crate::store::evidence::EvidenceKind;
use crate::store::evidence::EvidenceSource;
use crate::store::evidence::Signer;
use crate::store::evidence::Sought;

/// Evidence that was read to its last byte.
#[derive(Debug, Clone)]
pub enum EvidenceContent {
    /// A revocation list.
    Crl(Crl),
    /// A responder's answer.
    Ocsp(BasicResponse),
}

/// What evidence says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// When it was issued.
    pub this_update: Timestamp,
    /// When newer evidence is there at the latest, where it says so.
    pub next_update: Option<Timestamp>,
    /// The CRL number (RFC 5280 §5.2.3), as the store keeps it.
    pub crl_number: Option<String>,
    /// Whether who signed it is known.
    pub signer: Signer,
}

/// Why fetched bytes are no evidence of what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DescribeError {
    /// The certificates that the source is about cannot be read.
    #[error("the certificates that it should be about cannot be read")]
    Certificate,
    /// Not evidence of its kind, or not one that is read.
    #[error("it is not of the kind {} that can be read", kind.name())]
    Malformed {
        /// What it should have been.
        kind: EvidenceKind,
    },
    /// An answer about other certificates.
    #[error("it says nothing about the certificate")]
    OtherCertificate,
    /// The responder gave no answer.
    #[error("the responder refused to answer: {status}")]
    Refused {
        /// In the responder's words.
        status: RefusalStatus,
    },
    /// It names a key that we know, which did not make the signature.
    #[error("it was not signed by whom it names")]
    SignatureWrong,
}

impl DescribeError {
    /// Its code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Certificate => "CERTIFICATE_MALFORMED",
            Self::Malformed { kind } => match kind {
                EvidenceKind::Crl => "NOT_A_CRL",
                EvidenceKind::Ocsp => "NOT_AN_OCSP_RESPONSE",
            },
            Self::OtherCertificate => "OTHER_CERTIFICATE",
            Self::Refused { .. } => "OCSP_REFUSED",
            Self::SignatureWrong => "SIGNATURE_WRONG",
        }
    }
}

impl EvidenceContent {
    /// Reads bytes of a kind.
    ///
    /// # Errors
    /// [`DescribeError::Malformed`], [`DescribeError::Refused`].
    pub fn parse(kind: EvidenceKind, bytes: Vec<u8>) -> Result<Self, DescribeError> {
        let malformed = DescribeError::Malformed { kind };
        match kind {
            EvidenceKind::Crl => match Crl::parse_der(bytes) {
                Ok(crl) => Ok(Self::Crl(crl)),
                Err(_) => Err(malformed),
            },
            EvidenceKind::Ocsp => match OcspResponse::parse_der(bytes) {
                Ok(OcspResponse::Basic(response)) => Ok(Self::Ocsp(response)),
                Ok(OcspResponse::Refusal(status)) => Err(DescribeError::Refused { status }),
                Err(_) => Err(malformed),
            },
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        match self {
            Self::Crl(crl) => crl.der(),
            Self::Ocsp(response) => response.der(),
        }
    }

    /// What it says of itself, as evidence from `source`, whose CA has these anchors.
    ///
    /// # Errors
    /// [`DescribeError`] when it is not what the source is asked for.
    pub fn describe(
        &self,
        source: &EvidenceSource,
        anchors: &[TrustAnchor],
    ) -> Result<Described, DescribeError> {
        let malformed = DescribeError::Malformed {
            kind: source.kind(),
        };
        match (self, source.sought()) {
            (Self::Crl(crl), Sought::Crl { issuer }) => {
                describe_crl(crl, issuer.as_deref(), anchors)
            }
            (
                Self::Ocsp(response),
                Sought::Ocsp {
                    certificate,
                    issuer,
                },
            ) => describe_answer(response, &parse(certificate)?, &parse(issuer)?),
            (Self::Crl(_), Sought::Ocsp { .. }) | (Self::Ocsp(_), Sought::Crl { .. }) => {
                Err(malformed)
            }
        }
    }
}

/// The request to send, for a source that is asked (RFC 6960 §4.1). It bears no nonce: answers are fetched
/// ahead of time, and many responders sign theirs in advance (RFC 5019 §2.2.1).
///
/// # Errors
/// [`DescribeError::Certificate`].
pub fn ocsp_request(source: &EvidenceSource) -> Result<Option<Vec<u8>>, DescribeError> {
    let Sought::Ocsp {
        certificate,
        issuer,
    } = source.sought()
    else {
        return Ok(None);
    };
    let (certificate, issuer) = (parse(certificate)?, parse(issuer)?);
    // Every responder knows SHA-1 (RFC 5019 §2.1.1), but for those that know Chinese algorithms alone.
    let signed_with = certificate.signature_algorithm();
    let is_sm3 = signed_with.is_some_and(|algorithm| algorithm.digest() == DigestAlgorithm::Sm3);
    let hash = match is_sm3 {
        true => DigestAlgorithm::Sm3,
        false => DigestAlgorithm::Sha1,
    };
    Ok(Some(request_der(
        &certificate,
        issuer.public_key(),
        hash,
        None,
    )))
}

fn parse(der: &[u8]) -> Result<Certificate, DescribeError> {
    Certificate::parse_der(der).map_err(|_malformed| DescribeError::Certificate)
}

fn describe_crl(
    crl: &Crl,
    issuer: Option<&[u8]>,
    anchors: &[TrustAnchor],
) -> Result<Described, DescribeError> {
    let issuer = issuer.map(parse).transpose()?;
    let anchors = anchors.iter().map(TrustAnchor::certificate);
    let mut signer = Signer::Unknown;
    let named = |candidate: &&Certificate| candidate.subject().matches(crl.issuer());
    for candidate in issuer.iter().chain(anchors).filter(named) {
        match crl.verify_signature(candidate.public_key()) {
            Ok(()) => {
                signer = Signer::Known;
                break;
            }
            // A CA may have other keys of the same name, unless the list says that it is this one.
            Err(error) if is_bad(&error) && is_key_of(crl, candidate) => {
                return Err(DescribeError::SignatureWrong);
            }
            Err(_) => {}
        }
    }
    Ok(Described {
        this_update: crl.this_update(),
        next_update: crl.next_update(),
        crl_number: crl.number().map(ToString::to_string),
        signer,
    })
}

/// Whether the list says that it was signed with the candidate's key (RFC 5280 §5.2.1).
fn is_key_of(crl: &Crl, candidate: &Certificate) -> bool {
    let id = crl.authority_key_id();
    id.is_some() && id == candidate.subject_key_id()
}

fn describe_answer(
    response: &BasicResponse,
    certificate: &Certificate,
    issuer: &Certificate,
) -> Result<Described, DescribeError> {
    let key = issuer.public_key();
    let answer = response
        .answers()
        .iter()
        .find(|answer| answer.id.matches(certificate, key))
        .ok_or(DescribeError::OtherCertificate)?;
    Ok(Described {
        this_update: answer.this_update,
        next_update: answer.next_update,
        crl_number: None,
        signer: answer_signer(response, issuer)?,
    })
}

/// Whether the CA signed, or somebody whom it certified and who came with the answer (RFC 6960 §4.2.2.2).
fn answer_signer(response: &BasicResponse, issuer: &Certificate) -> Result<Signer, DescribeError> {
    let certified = response
        .certificates()
        .iter()
        .filter(|certificate| certificate.verify_signature(issuer.public_key()).is_ok());
    let candidates = std::iter::once(issuer).chain(certified);
    let mut is_wrong = false;
    for candidate in candidates.filter(|candidate| response.responder().matches(candidate)) {
        match response.verify_signature(candidate.public_key()) {
            Ok(()) => return Ok(Signer::Known),
            Err(error) => is_wrong |= is_bad(&error),
        }
    }
    if is_wrong {
        Err(DescribeError::SignatureWrong)
    } else {
        Ok(Signer::Unknown)
    }
}

/// Whether the signature was computed and is wrong.
fn is_bad(error: &IssuerSignatureError) -> bool {
    matches!(
        error,
        IssuerSignatureError::Verify(VerifyError::BadSignature)
    )
}
