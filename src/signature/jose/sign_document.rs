//! Makes a JWS over a document, in compact serialisation, at the level JAdES B-B (ETSI TS 119 182-1 §6).
//!
//! The content is the payload, or stands elsewhere and is named by its digest (`sigD` with the mechanism
//! `ObjectIdByURIHash`, §5.2.8.3.3): the payload is then empty. For what the service itself signs see
//! [`crate::signature::jose::sign`].

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::DigestContext;
use crate::crypto::digest::sha256;
use crate::crypto::document_key::DocumentKey;
use crate::crypto::document_key::DocumentKeyError;
use crate::crypto::document_key::DocumentSigner as _;
use crate::encoding::base64url;
use crate::encoding::json;
use crate::pki::certificate::Certificate;
use crate::signature::jose::sign::x5c;

/// ETSI TS 119 182-1 §5.2.8.3.3.
const BY_HASH: &str = "http://uri.etsi.org/19182/ObjectIdByURIHash";

/// A signature that is to be made.
#[derive(Clone, Copy, Debug)]
pub struct DocumentSigning<'a> {
    /// What signs.
    pub key: &'a DocumentKey,
    /// The signer's certificate first, then those of the CAs above it: `x5c` as a whole.
    pub certificates: &'a [Certificate],
    /// The time that the signer claims.
    pub signed_at: Timestamp,
}

/// What is signed.
#[derive(Clone, Copy, Debug)]
pub enum DocumentContent<'a> {
    /// Octets that become the payload.
    Attached {
        /// The octets.
        bytes: &'a [u8],
        /// Their media type (RFC 7515 §4.1.10), where it is known.
        media_type: Option<&'a str>,
    },
    /// Something that stands elsewhere.
    Detached {
        /// What it is called: a URI reference, such as a file's name with the necessary escapes.
        reference: &'a str,
        /// What [`DetachedDigest`] gives.
        digest: &'a Digest,
        /// Its media type, where it is known.
        media_type: Option<&'a str>,
    },
}

impl DocumentSigning<'_> {
    /// Signs `content`; the compact serialisation.
    ///
    /// # Errors
    /// [`DocumentJwsError`]: the certificate is missing or of another key, JOSE has no algorithm for the key, or
    /// the digest is by one that `sigD` has no name for.
    pub fn sign(&self, content: DocumentContent<'_>) -> Result<String, DocumentJwsError> {
        let signer = self
            .certificates
            .first()
            .ok_or(DocumentJwsError::CertificateMissing)?;
        if signer.public_key().spki_der() != self.key.public_key().spki_der() {
            return Err(DocumentJwsError::KeyMismatch);
        }
        let mut header = self.header(signer)?;
        let payload = match content {
            DocumentContent::Attached { bytes, media_type } => {
                if let Some(media_type) = media_type {
                    header.insert("cty".to_owned(), Value::from(media_type));
                }
                base64url::encode(bytes)
            }
            DocumentContent::Detached {
                reference,
                digest,
                media_type,
            } => {
                header.insert("sigD".to_owned(), by_hash(reference, digest, media_type)?);
                String::new()
            }
        };
        // RFC 7515 §4.1.11: extensions that must be understood, which ETSI's are.
        let critical: Vec<&str> = ["sigD", "sigT"]
            .into_iter()
            .filter(|name| header.contains_key(*name))
            .collect();
        header.insert("crit".to_owned(), json!(critical));
        let mut compact = base64url::encode(&json::canonical(&Value::Object(header)));
        compact.push('.');
        compact.push_str(&payload);
        let value = self.key.sign_jose(compact.as_bytes())?;
        compact.push('.');
        compact.push_str(&base64url::encode(&value));
        Ok(compact)
    }

    /// The members that do not depend on the content.
    fn header(&self, signer: &Certificate) -> Result<Map<String, Value>, DocumentJwsError> {
        let algorithm = self.key.algorithm();
        let alg = if algorithm == SignatureAlgorithm::Ed25519 {
            // RFC 9864 renamed it; readers that know the old name alone are the majority, and both are read.
            "EdDSA"
        } else {
            algorithm.jose_name().ok_or(DocumentKeyError::NoJose)?
        };
        // `sigT` is of whole seconds (ETSI TS 119 182-1 §5.2.1).
        let signed_at = Timestamp::from_unix_seconds(self.signed_at.as_unix_seconds())
            .unwrap_or(self.signed_at);
        let members = [
            ("alg", Value::from(alg)),
            ("sigT", Value::from(signed_at.to_string())),
            ("typ", Value::from("jose")),
            (
                "x5t#S256",
                Value::from(base64url::encode(sha256(signer.der()).as_bytes())),
            ),
        ];
        let members = members.into_iter().chain(x5c(self.certificates));
        Ok(members
            .map(|(name, value)| (name.to_owned(), value))
            .collect())
    }
}

/// `sigD` for one object.
fn by_hash(
    reference: &str,
    digest: &Digest,
    media_type: Option<&str>,
) -> Result<Value, DocumentJwsError> {
    let algorithm = digest.algorithm();
    let named = hash_name(algorithm).ok_or(DocumentJwsError::Digest(algorithm))?;
    let mut members = Map::new();
    members.insert("mId".to_owned(), Value::from(BY_HASH));
    members.insert("pars".to_owned(), json!([reference]));
    members.insert("hashM".to_owned(), Value::from(named));
    members.insert(
        "hashV".to_owned(),
        json!([base64url::encode(digest.as_bytes())]),
    );
    if let Some(media_type) = media_type {
        members.insert("ctys".to_owned(), json!([media_type]));
    }
    Ok(Value::Object(members))
}

/// The names of digests in `hashM`.
const HASH_NAMES: [(DigestAlgorithm, &str); 3] = [
    (DigestAlgorithm::Sha256, "S256"),
    (DigestAlgorithm::Sha384, "S384"),
    (DigestAlgorithm::Sha512, "S512"),
];

fn hash_name(algorithm: DigestAlgorithm) -> Option<&'static str> {
    let mut names = HASH_NAMES.into_iter();
    names
        .find(|(known, _)| *known == algorithm)
        .map(|(_, name)| name)
}

/// The digest of content that stands elsewhere, as `sigD` has it: of its base64url encoding, not of its octets
/// (ETSI TS 119 182-1 §5.2.8.1: "the base64url-encoded digest value of the base64url-encoded data object").
#[derive(Debug)]
pub struct DetachedDigest {
    context: DigestContext,
    /// Fewer octets than three, which base64url turns into four characters.
    rest: Vec<u8>,
}

impl DetachedDigest {
    /// The digest of nothing so far, by SHA-256, SHA-384 or SHA-512.
    #[must_use]
    pub fn new(algorithm: DigestAlgorithm) -> Self {
        Self {
            context: DigestContext::new(algorithm),
            rest: Vec::new(),
        }
    }

    /// Appends octets of the content.
    pub fn update(&mut self, bytes: &[u8]) {
        self.rest.extend_from_slice(bytes);
        let whole = self.rest.len() - self.rest.len() % 3;
        let groups: Vec<u8> = self.rest.drain(..whole).collect();
        self.context.update(base64url::encode(&groups).as_bytes());
    }

    /// The digest of everything appended.
    #[must_use]
    pub fn finish(mut self) -> Digest {
        self.context
            .update(base64url::encode(&self.rest).as_bytes());
        self.context.finish()
    }
}

/// Why no JWS was made.
#[derive(Debug, thiserror::Error)]
pub enum DocumentJwsError {
    /// Without a certificate nobody can tell whose it is.
    #[error("there is no certificate of the signer")]
    CertificateMissing,
    /// `sigD` has no name for this digest.
    #[error("JAdES has no name for the digest {0}")]
    Digest(DigestAlgorithm),
    /// The first certificate is of another key.
    #[error("the first certificate is not that of the key")]
    KeyMismatch,
    /// The key has no algorithm in JOSE, as SM2 has none, or did not sign.
    #[error(transparent)]
    Sign(#[from] DocumentKeyError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::digest;
    use crate::crypto::document_key::RsaPadding;
    use crate::crypto::key_purpose::KeyPurpose;
    use crate::crypto::random::SeededRandom;
    use crate::crypto::sign::SigningKey;
    use crate::crypto::verify::SignatureForm;
    use crate::crypto::verify::verify_signature;
    use proptest::prelude::*;

    fn at() -> Timestamp {
        Timestamp::parse("2026-03-01T08:00:00.5Z").unwrap()
    }

    fn signer() -> (DocumentKey, Certificate) {
        let pair = rcgen::KeyPair::generate().unwrap();
        let key = DocumentKey::from_pkcs8(&pair.serialize_der(), RsaPadding::Pkcs1).unwrap();
        let parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
        let certificate = parameters.self_signed(&pair).unwrap();
        (key, Certificate::parse_der(certificate.der()).unwrap())
    }

    fn opened(compact: &str, key: &DocumentKey) -> (Value, Vec<u8>) {
        let (input, value) = compact.rsplit_once('.').unwrap();
        let value = base64url::decode(value, 1000).unwrap();
        let (message, form) = (input.as_bytes(), SignatureForm::Fixed);
        assert_eq!(
            verify_signature(key.algorithm(), key.public_key(), message, &value, form),
            Ok(())
        );
        let (header, payload) = input.split_once('.').unwrap();
        let header = base64url::decode(header, 10_000).unwrap();
        (
            serde_json::from_slice(&header).unwrap(),
            base64url::decode(payload, 1000).unwrap(),
        )
    }

    #[test]
    fn attached_content_is_the_payload() {
        let (key, certificate) = signer();
        let signing = DocumentSigning {
            key: &key,
            certificates: std::slice::from_ref(&certificate),
            signed_at: at(),
        };
        let content = DocumentContent::Attached {
            bytes: b"content",
            media_type: Some("text/plain"),
        };
        let (header, payload) = opened(&signing.sign(content).unwrap(), &key);
        assert_eq!(payload, b"content");
        assert_eq!(header["alg"], "ES256");
        assert_eq!(header["cty"], "text/plain");
        assert_eq!(header["sigT"], "2026-03-01T08:00:00Z");
        assert_eq!(header["crit"], json!(["sigT"]));
        let thumbprint = base64url::encode(sha256(certificate.der()).as_bytes());
        assert_eq!(header["x5t#S256"], thumbprint);
        assert_eq!(header["x5c"].as_array().unwrap().len(), 1);
    }

    #[test]
    fn detached_content_is_named_by_the_digest_of_its_encoding() {
        let (key, certificate) = signer();
        let signing = DocumentSigning {
            key: &key,
            certificates: &[certificate],
            signed_at: at(),
        };
        let mut context = DetachedDigest::new(DigestAlgorithm::Sha256);
        context.update(b"content");
        let content = DocumentContent::Detached {
            reference: "a.txt",
            digest: &context.finish(),
            media_type: None,
        };
        let (header, payload) = opened(&signing.sign(content).unwrap(), &key);
        assert_eq!(payload, b"");
        assert_eq!(header["crit"], json!(["sigD", "sigT"]));
        let expected = sha256(base64url::encode(b"content").as_bytes());
        assert_eq!(
            header["sigD"],
            json!({
                "mId": BY_HASH,
                "pars": ["a.txt"],
                "hashM": "S256",
                "hashV": [base64url::encode(expected.as_bytes())],
            })
        );
    }

    #[test]
    fn sm2_and_foreign_certificates_are_refused() {
        let (_, certificate) = signer();
        let random = SeededRandom::new([6; 32]);
        let (sm2, pkcs8) = SigningKey::generate_sm2(KeyPurpose::Credential, &random).unwrap();
        let key = DocumentKey::from_pkcs8(pkcs8.expose(), RsaPadding::Pkcs1).unwrap();
        assert_eq!(key.public_key(), sm2.public_key());
        assert!(matches!(key.sign_jose(b"x"), Err(DocumentKeyError::NoJose)));
        let content = DocumentContent::Attached {
            bytes: b"content",
            media_type: None,
        };
        let refused = |certificates: &[Certificate]| {
            let signed_at = at();
            let signing = DocumentSigning {
                key: &key,
                certificates,
                signed_at,
            };
            signing.sign(content).unwrap_err()
        };
        assert!(matches!(refused(&[]), DocumentJwsError::CertificateMissing));
        assert!(matches!(
            refused(&[certificate]),
            DocumentJwsError::KeyMismatch
        ));
    }

    proptest! {
        #[test]
        fn pieces_do_not_change_the_digest(
            bytes in proptest::collection::vec(any::<u8>(), 0..100),
            piece in 1_usize..10,
        ) {
            let mut context = DetachedDigest::new(DigestAlgorithm::Sha384);
            for piece in bytes.chunks(piece) {
                context.update(piece);
            }
            let whole = digest(DigestAlgorithm::Sha384, base64url::encode(&bytes).as_bytes());
            prop_assert_eq!(context.finish(), whole);
        }
    }
}
