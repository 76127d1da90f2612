//! `TimeStampReq` (RFC 3161 §2.4.1).

use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::pki::der;
use crate::pki::der::Element;
use crate::pki::der::Reader;
use crate::pki::oid::Oid;
use crate::pki::oid::OidError;
use crate::signature::timestamp::error::RequestError;

/// RFC 3161 §2.4.1 has nonces of 64 bits in mind; ours have 128, and nobody's needs more than this.
const MAX_NONCE_OCTETS: usize = 64;

/// A request for a timestamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimestampRequest {
    /// The digest that is to be timestamped.
    pub imprint: Digest,
    /// Under which policy; none for the authority's own choice.
    pub policy: Option<Oid>,
    /// Contents octets of an INTEGER that comes back in the token.
    pub nonce: Option<Vec<u8>>,
    /// Whether the authority's certificate shall come along.
    pub certificates: CertificateRequest,
}

/// `certReq` (RFC 3161 §2.4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateRequest {
    /// The token carries no certificate.
    No,
    /// It carries the authority's.
    Yes,
}

impl TimestampRequest {
    /// A request of a client that knows nothing of the authority. `nonce` is random.
    #[must_use]
    pub fn new(imprint: Digest, nonce: [u8; 16]) -> Self {
        let mut nonce = nonce;
        // Positive, and in the fewest octets: 126 bits of chance remain.
        let [first, ..] = &mut nonce;
        *first = (*first & 0x7f) | 0x40;
        Self {
            imprint,
            policy: None,
            nonce: Some(nonce.to_vec()),
            certificates: CertificateRequest::Yes,
        }
    }

    /// Reads `bytes`, all of them, in DER.
    ///
    /// # Errors
    /// [`RequestError`], which [says what to answer](RequestError::failure).
    pub fn parse(bytes: &[u8]) -> Result<Self, RequestError> {
        der::check(bytes)?;
        let mut outer = Reader::new(bytes);
        let mut fields = outer.expect(der::SEQUENCE)?.reader();
        outer.finish()?;
        if fields.expect(der::INTEGER)?.content != [1] {
            return Err(RequestError::Version);
        }
        let imprint = message_imprint(&fields.expect(der::SEQUENCE)?)?;
        let policy = match fields.optional(der::OBJECT_IDENTIFIER)? {
            Some(policy) => Some(Oid::from_der_content(policy.content)?),
            None => None,
        };
        let nonce = fields.optional(der::INTEGER)?;
        let nonce = nonce.map(|nonce| nonce.content.to_vec());
        if let Some(nonce) = nonce
            .as_ref()
            .filter(|nonce| nonce.len() > MAX_NONCE_OCTETS)
        {
            return Err(RequestError::Nonce(nonce.len()));
        }
        let wanted = fields.optional(der::BOOLEAN)?;
        // DER leaves out `FALSE`, the default; written out it says the same (X.690 §11.5 binds the writer).
        let certificates = match wanted {
            Some(wanted) if wanted.content != [0] => CertificateRequest::Yes,
            _ => CertificateRequest::No,
        };
        if fields.optional(der::context_constructed(0))?.is_some() {
            return Err(RequestError::Extension);
        }
        fields.finish()?;
        Ok(Self {
            imprint,
            policy,
            nonce,
            certificates,
        })
    }

    /// The request in DER.
    ///
    /// # Errors
    /// None that depends on the request.
    pub fn to_der(&self) -> Result<Vec<u8>, OidError> {
        let mut fields = vec![der::encode_unsigned(&[1]), encode_imprint(&self.imprint)?];
        fields.extend(self.policy.as_ref().map(Oid::to_der));
        let nonce = self.nonce.as_ref();
        fields.extend(nonce.map(|nonce| der::encode(der::INTEGER, nonce)));
        if self.certificates == CertificateRequest::Yes {
            fields.push(der::encode(der::BOOLEAN, &[0xff]));
        }
        Ok(der::encode(der::SEQUENCE, &fields.concat()))
    }
}

/// `MessageImprint ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, hashedMessage OCTET STRING }`. RFC 5754 §2:
/// parameters are absent, or NULL from older writers.
fn message_imprint(value: &Element<'_>) -> Result<Digest, RequestError> {
    let mut fields = value.reader();
    let mut identifier = fields.expect(der::SEQUENCE)?.reader();
    let oid = Oid::from_der_content(identifier.expect(der::OBJECT_IDENTIFIER)?.content)?;
    identifier.optional(der::NULL)?;
    if !identifier.is_at_end() {
        return Err(RequestError::Algorithm);
    }
    let hash = fields.expect(der::OCTET_STRING)?;
    fields.finish()?;
    let algorithm = DigestAlgorithm::from_oid(&oid.to_string()).ok_or(RequestError::Algorithm)?;
    Digest::from_bytes(algorithm, hash.content).ok_or(RequestError::Imprint(algorithm))
}

/// `MessageImprint`, without parameters (RFC 5754 §2).
pub(super) fn encode_imprint(imprint: &Digest) -> Result<Vec<u8>, OidError> {
    let oid = Oid::parse(imprint.algorithm().oid())?.to_der();
    let identifier = der::encode(der::SEQUENCE, &oid);
    let hash = der::encode(der::OCTET_STRING, imprint.as_bytes());
    Ok(der::encode(der::SEQUENCE, &[identifier, hash].concat()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::digest;
    use crate::encoding::hex;
    use crate::signature::timestamp::response::FailureReason;

    /// `openssl ts -query -data … -sha256 -cert`, of the six octets `hello\n`.
    const OPENSSL: &str = "30430201013031300d060960864801650304020105000420\
        5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\
        02081122334455667788\
        0101ff";

    fn failure(bytes: &[u8]) -> FailureReason {
        TimestampRequest::parse(bytes).unwrap_err().failure()
    }

    #[test]
    fn what_openssl_writes_is_read() {
        let request = TimestampRequest::parse(&hex::decode(OPENSSL).unwrap()).unwrap();
        assert_eq!(request.imprint, digest(DigestAlgorithm::Sha256, b"hello\n"));
        assert_eq!(
            request.nonce,
            Some(hex::decode("1122334455667788").unwrap())
        );
        assert_eq!(request.certificates, CertificateRequest::Yes);
        assert_eq!(request.policy, None);
    }

    #[test]
    fn what_is_written_reads_back() {
        for algorithm in [
            DigestAlgorithm::Sha256,
            DigestAlgorithm::Sha512,
            DigestAlgorithm::Sm3,
        ] {
            let whole = TimestampRequest {
                policy: Some(Oid::parse("1.2.3").unwrap()),
                ..TimestampRequest::new(digest(algorithm, b"content"), [0xff; 16])
            };
            let bare = TimestampRequest {
                policy: None,
                nonce: None,
                certificates: CertificateRequest::No,
                ..whole.clone()
            };
            for request in [whole, bare] {
                let written = request.to_der().unwrap();
                assert_eq!(TimestampRequest::parse(&written).unwrap(), request);
            }
        }
    }

    #[test]
    fn each_mistake_has_its_failure() {
        let good = OPENSSL.to_owned();
        let cases = [
            (String::new(), FailureReason::BadDataFormat),
            (
                good[..good.len() - 2].to_owned(),
                FailureReason::BadDataFormat,
            ),
            (format!("{good}00"), FailureReason::BadDataFormat),
            (
                good.replacen("020101", "020102", 1),
                FailureReason::BadRequest,
            ),
            (
                good.replacen("6503040201", "6503040263", 1),
                FailureReason::BadAlgorithm,
            ),
            (
                good.replacen("6503040201", "6503040202", 1),
                FailureReason::BadDataFormat,
            ),
            (
                good.replacen("3043", "3051", 1) + "a00c300a06032a03040403010101",
                FailureReason::UnacceptedExtension,
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(failure(&hex::decode(&text).unwrap()), expected, "{text}");
        }
        let mut long = TimestampRequest::new(digest(DigestAlgorithm::Sha256, b""), [1; 16]);
        long.nonce = Some(vec![1; MAX_NONCE_OCTETS + 1]);
        assert_eq!(
            failure(&long.to_der().unwrap()),
            FailureReason::BadDataFormat
        );
    }
}
