//! A timestamp authority: what it is made of, and how it makes tokens (RFC 3161 §2.4.2, RFC 5816).

use std::time::Duration;

use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::document_key::DocumentKeyError;
use crate::crypto::document_key::DocumentSigner;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::public_key::PublicKey;
use crate::crypto::sign::SigningKey;
use crate::pki::asn1_time;
use crate::pki::certificate::Certificate;
use crate::pki::der;
use crate::pki::oid::Oid;
use crate::signature::cms::signed_data::Dialect;
use crate::signature::cms::write::ContentType;
use crate::signature::cms::write::EmbeddedCertificates;
use crate::signature::cms::write::SignedContent;
use crate::signature::cms::write::Signing;
use crate::signature::timestamp::error::TokenError;
use crate::signature::timestamp::request::CertificateRequest;
use crate::signature::timestamp::request::TimestampRequest;
use crate::signature::timestamp::request::encode_imprint;

/// Who makes timestamps.
#[derive(Clone, Copy, Debug)]
pub struct Authority<'a> {
    /// A key for timestamps and nothing else.
    pub key: &'a SigningKey,
    /// The key's certificate first, then those of the CAs below the anchor.
    pub certificates: &'a [Certificate],
    /// The policy under which it makes them.
    pub policy: &'a Oid,
    /// By how much its time may be wrong, whole seconds.
    pub accuracy: Duration,
}

impl Authority<'_> {
    /// Makes the token that answers `request`, at the time `at`. `serial` was never used before (RFC 3161 §2.4.2);
    /// positive, big-endian.
    ///
    /// Whether the request's digest and policy are acceptable is for the caller to have decided.
    ///
    /// # Errors
    /// [`TokenError`]: a key that is for something else, or that did not sign.
    pub fn issue(
        &self,
        request: &TimestampRequest,
        serial: [u8; 16],
        at: Timestamp,
    ) -> Result<Vec<u8>, TokenError> {
        let key = TimestampKey::new(self.key)?;
        let certificate = self
            .certificates
            .first()
            .ok_or(TokenError::CertificateMissing)?;
        let signing = Signing {
            key: &key,
            certificate,
            embedded: match request.certificates {
                CertificateRequest::Yes => EmbeddedCertificates::SignersAnd(self.certificates),
                CertificateRequest::No => EmbeddedCertificates::Nothing,
            },
            dialect: Dialect::Cms,
            content_type: ContentType::TstInfo,
            signed_at: None,
        };
        let info = self.tst_info(request, serial, at)?;
        Ok(signing.sign(SignedContent::Attached(&info))?.to_der()?)
    }

    /// `TSTInfo`. `ordering` is left at its default, since several tokens may bear the same time.
    fn tst_info(
        &self,
        request: &TimestampRequest,
        serial: [u8; 16],
        at: Timestamp,
    ) -> Result<Vec<u8>, TokenError> {
        let mut fields = vec![
            der::encode_unsigned(&[1]),
            self.policy.to_der(),
            encode_imprint(&request.imprint)?,
            der::encode_unsigned(&serial),
            asn1_time::encode_precise_time(at).ok_or(TokenError::Time)?,
        ];
        // `Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, … }`, absent meaning unknown.
        let seconds = self.accuracy.as_secs();
        if seconds > 0 {
            let seconds = der::encode_unsigned(&seconds.to_be_bytes());
            fields.push(der::encode(der::SEQUENCE, &seconds));
        }
        let nonce = request.nonce.as_ref();
        fields.extend(nonce.map(|nonce| der::encode(der::INTEGER, nonce)));
        Ok(der::encode(der::SEQUENCE, &fields.concat()))
    }
}

/// A key of ours that signs timestamps: no other key of ours reaches a container.
struct TimestampKey<'a>(&'a SigningKey);

impl<'a> TimestampKey<'a> {
    fn new(key: &'a SigningKey) -> Result<Self, TokenError> {
        let purpose = key.purpose();
        if purpose == KeyPurpose::Timestamp {
            Ok(Self(key))
        } else {
            Err(TokenError::WrongPurpose(purpose))
        }
    }
}

impl DocumentSigner for TimestampKey<'_> {
    fn public_key(&self) -> &PublicKey {
        self.0.public_key()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.0.algorithm()
    }

    fn sign_der(&self, message: &[u8]) -> Result<Vec<u8>, DocumentKeyError> {
        self.0.sign_der(message).map_err(DocumentKeyError::Refused)
    }
}

#[cfg(test)]
mod tests;
