//! The Online Certificate Status Protocol (RFC 6960): requests written, responses read.
//!
//! Parsing says nothing about who answered or whether it may: see [`crate::pki::revocation::check`]. Asking
//! is somebody else's: nothing here performs I/O.

mod certificate_id;
mod error;
#[cfg(test)]
pub(in crate::pki) mod fixtures;
mod request;
pub(in crate::pki::revocation) mod responder;
mod response;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::crypto::public_key::PublicKey;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::der;
use crate::pki::der::Reader;
use crate::pki::oid::Oid;
use crate::pki::revocation::ocsp::response::BasicLayout;
use crate::pki::revocation::reason::RevocationReason;

pub use crate::pki::revocation::ocsp::certificate_id::CertificateId;
pub use crate::pki::revocation::ocsp::error::OcspError;
pub use crate::pki::revocation::ocsp::request::Nonce;
pub use crate::pki::revocation::ocsp::request::request_der;
pub use crate::pki::revocation::ocsp::responder::ResponderError;
pub use crate::pki::revocation::ocsp::responder::ResponderId;

/// More bytes than this are not read as one response. Those in use have one to four KiB.
pub const MAX_SIZE_BYTES: usize = 256 * 1024;

/// The contents octets of `id-pkix-ocsp-basic`, 1.3.6.1.5.5.7.48.1.1.
const BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];

/// What a responder answered (RFC 6960 §4.2.1).
#[derive(Clone, Debug)]
pub enum OcspResponse {
    /// `successful`: a signed answer.
    Basic(BasicResponse),
    /// An error, unsigned: anybody could have sent it.
    Refusal(RefusalStatus),
}

/// The values of `responseStatus` that say no (RFC 6960 §4.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalStatus {
    /// `internalError`.
    InternalError,
    /// `malformedRequest`.
    MalformedRequest,
    /// `sigRequired`: the responder wants signed requests.
    SignatureRequired,
    /// `tryLater`.
    TryLater,
    /// `unauthorized`: it does not answer this client, or not for this issuer (RFC 5019 §2.2.3).
    Unauthorized,
}

/// A signed answer about one or more certificates, read to its last byte. Cheap to clone.
///
/// `==` compares the bytes.
#[derive(Clone)]
pub struct BasicResponse(Arc<Fields>);

struct Fields {
    der: Vec<u8>,
    sha256: Sha256,
    layout: BasicLayout,
}

/// The answer about one certificate (RFC 6960 §4.2.1).
#[derive(Clone, Debug)]
pub struct SingleResponse {
    /// Which certificate.
    pub id: CertificateId,
    /// What is said about it.
    pub status: SingleStatus,
    /// The latest time at which this was known to be right.
    pub this_update: Timestamp,
    /// When there will be newer information at the latest. `None`: there is at all times.
    pub next_update: Option<Timestamp>,
    /// As in a CRL entry (RFC 6960 §4.4.5, RFC 5280 §5.3.2).
    pub invalidity_date: Option<Timestamp>,
    /// A critical extension that nothing here reads: this answer is not to be used.
    pub unknown_critical: Option<Oid>,
}

/// `CertStatus` (RFC 6960 §2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SingleStatus {
    /// Not revoked, as far as the responder knows. It need not even have been issued.
    Good,
    /// Revoked, for good or for the time being; or never issued, which RFC 6960 §4.4.8 says as a hold since
    /// 1970.
    Revoked {
        /// Since when.
        at: Timestamp,
        /// [`RevocationReason::Unspecified`] where none is given.
        reason: RevocationReason,
    },
    /// The responder does not know.
    Unknown,
}

impl OcspResponse {
    /// Reads one DER-encoded `OCSPResponse`, all of `der`.
    ///
    /// # Errors
    /// [`OcspError`], for everything that RFC 6960 §4.2 forbids. Certificates within that we could not read
    /// are left out; unknown critical extensions are no error but forbid the use.
    pub fn parse_der(der: impl Into<Vec<u8>>) -> Result<Self, OcspError> {
        let bytes: Vec<u8> = der.into();
        if bytes.len() > MAX_SIZE_BYTES {
            return Err(OcspError::TooLarge {
                size_bytes: bytes.len(),
                max_bytes: MAX_SIZE_BYTES,
            });
        }
        der::check(&bytes)?;
        let mut fields = Reader::new(&bytes).expect(der::SEQUENCE)?.reader();
        let status = fields.expect(der::ENUMERATED)?;
        let response = fields.optional(der::context_constructed(0))?;
        fields.finish()?;
        let refusal = match status.content {
            [0] => None,
            [1] => Some(RefusalStatus::MalformedRequest),
            [2] => Some(RefusalStatus::InternalError),
            [3] => Some(RefusalStatus::TryLater),
            [5] => Some(RefusalStatus::SignatureRequired),
            [6] => Some(RefusalStatus::Unauthorized),
            _ => return Err(OcspError::UnknownStatus),
        };
        let layout = match (refusal, response) {
            (Some(refusal), None) => return Ok(Self::Refusal(refusal)),
            (None, Some(tagged)) => {
                let mut inner = tagged.reader();
                let mut fields = inner.expect(der::SEQUENCE)?.reader();
                inner.finish()?;
                let kind = fields.expect(der::OBJECT_IDENTIFIER)?;
                let octets = fields.expect(der::OCTET_STRING)?;
                fields.finish()?;
                if kind.content != BASIC {
                    let oid = Oid::from_der_content(kind.content)?;
                    return Err(OcspError::UnsupportedType(oid));
                }
                BasicLayout::read(&octets)?
            }
            (Some(_), Some(_)) | (None, None) => return Err(OcspError::NoResponse),
        };
        Ok(Self::Basic(BasicResponse(Arc::new(Fields {
            sha256: sha256(&bytes),
            der: bytes,
            layout,
        }))))
    }
}

impl BasicResponse {
    /// The whole encoding, of the `OCSPResponse`.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The digest of the whole encoding: what identifies a response here.
    #[must_use]
    pub fn sha256(&self) -> Sha256 {
        self.0.sha256
    }

    /// Who says that it answered.
    #[must_use]
    pub fn responder(&self) -> &ResponderId {
        &self.0.layout.responder
    }

    /// When it was signed.
    #[must_use]
    pub fn produced_at(&self) -> Timestamp {
        self.0.layout.produced_at
    }

    /// The answers within.
    #[must_use]
    pub fn answers(&self) -> &[SingleResponse] {
        &self.0.layout.singles
    }

    /// The certificates that came with it: unverified, of the responder if it is not the CA itself.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.0.layout.certificates
    }

    /// A critical extension that nothing here reads: the response is not to be used.
    #[must_use]
    pub fn unknown_critical(&self) -> Option<&Oid> {
        self.0.layout.unknown_critical.as_ref()
    }

    /// Whether it bears `nonce`, so that it answers the request that did (RFC 6960 §4.4.1). A responder that
    /// signs in advance cannot.
    #[must_use]
    pub fn has_nonce(&self, nonce: &Nonce) -> bool {
        self.0.layout.nonce.as_deref() == Some(&nonce.extension_value())
    }

    /// Computes whether `key` made the signature. A success is remembered with the response.
    ///
    /// # Errors
    /// [`BadSignature`](crate::crypto::verify::VerifyError::BadSignature) inside if it did not; everything
    /// else means that it was not computed.
    pub fn verify_signature(&self, key: &PublicKey) -> Result<(), IssuerSignatureError> {
        self.0.layout.signed.verify(&self.0.der, key)
    }

    /// Whether [`Self::verify_signature`] has found `key` to be the signer before.
    pub(in crate::pki::revocation) fn is_proven_by(&self, key: &PublicKey) -> bool {
        self.0.layout.signed.is_proven_by(key)
    }
}

impl PartialEq for BasicResponse {
    fn eq(&self, other: &Self) -> bool {
        self.sha256() == other.sha256()
    }
}

impl Eq for BasicResponse {}

impl fmt::Debug for BasicResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasicResponse")
            .field("responder", &self.responder().to_string())
            .field("produced_at", &self.produced_at().to_string())
            .field("answers", &self.answers().len())
            .field("sha256", &self.sha256().to_string())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for RefusalStatus {
    /// The name that RFC 6960 has for it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::InternalError => "internalError",
            Self::MalformedRequest => "malformedRequest",
            Self::SignatureRequired => "sigRequired",
            Self::TryLater => "tryLater",
            Self::Unauthorized => "unauthorized",
        })
    }
}
