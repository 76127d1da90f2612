//! A signature value alone, with the certificate and the content that it belongs to handed in beside it.

use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::public_key::KeyAlgorithm;
use crate::crypto::verify::SignatureForm;
use crate::crypto::verify::verify_signature;
use crate::encoding::base64;
use crate::encoding::hex;
use crate::pki::certificate::Certificate;
use crate::pki::revocation::evidence::Evidence;
use crate::signature::detached::ContentNeeds;
use crate::signature::detached::DetachedContent;
use crate::signature::facts::AlgorithmFact;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::ContentCoverage;
use crate::signature::facts::Integrity;
use crate::signature::facts::SignatureFacts;

/// RSA with 16,384 bits, in hexadecimal and some line ends.
const MAX_BYTES: usize = 8 * 1024;

/// A bare value, and what is said of it.
#[derive(Clone, Debug)]
pub struct RawSignature {
    value: Vec<u8>,
    /// The signer's certificate first.
    certificates: Vec<Certificate>,
    algorithm: Option<SignatureAlgorithm>,
}

/// Why bytes are no bare value.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("a signature value of {size_bytes} bytes; at most {maximum} are read")]
pub struct RawError {
    size_bytes: usize,
    maximum: usize,
}

impl RawSignature {
    /// Takes `bytes` for the value, in hexadecimal or base64 if they are such text. Without `algorithm` it is the one
    /// that keys of the signer's kind usually sign with.
    ///
    /// # Errors
    /// [`RawError`] for more bytes than any signature has.
    pub fn new(
        bytes: &[u8],
        certificates: Vec<Certificate>,
        algorithm: Option<SignatureAlgorithm>,
    ) -> Result<Self, RawError> {
        if bytes.len() > MAX_BYTES {
            let (size_bytes, maximum) = (bytes.len(), MAX_BYTES);
            return Err(RawError {
                size_bytes,
                maximum,
            });
        }
        let key = certificates
            .first()
            .map(|signer| signer.public_key().algorithm());
        Ok(Self {
            value: decoded(bytes),
            algorithm: algorithm.or_else(|| key.and_then(usual)),
            certificates,
        })
    }

    /// It is made over the content itself.
    #[must_use]
    pub const fn needs() -> ContentNeeds {
        ContentNeeds {
            digests: std::collections::BTreeSet::new(),
            bytes: true,
        }
    }

    /// Computes with it. Nothing names the signer's certificate, so that whoever hands it in vouches for it.
    #[must_use]
    pub fn facts(self, detached: &[DetachedContent]) -> SignatureFacts {
        let content = detached.iter().find_map(|content| content.bytes.as_deref());
        let mut certificates = self.certificates.into_iter();
        let signer = certificates.next();
        let integrity = match (&signer, self.algorithm, content) {
            (None, ..) => Integrity::NoCertificate,
            (Some(_), None, _) => Integrity::AlgorithmUnknown,
            (Some(_), Some(_), None) => Integrity::ContentMissing,
            (Some(signer), Some(algorithm), Some(content)) => {
                verified(&self.value, algorithm, signer, content)
            }
        };
        SignatureFacts {
            format: "raw".to_owned(),
            coverage: ContentCoverage::Detached,
            algorithm: match self.algorithm {
                Some(algorithm) => algorithm.into(),
                None => AlgorithmFact {
                    known: None,
                    name: "–".to_owned(),
                },
            },
            digest: None,
            integrity,
            signer,
            certificates: certificates.collect(),
            reference: CertificateReference::Absent,
            evidence: Evidence::default(),
            claimed_at: None,
            timestamps: Vec::new(),
            counter_signatures: Vec::new(),
            faults: Vec::new(),
            attributes: Vec::new(),
            seal: None,
        }
    }
}

/// In either form that values of ECDSA have (RFC 3279 §2.2.3, RFC 7518 §3.4).
fn verified(
    value: &[u8],
    algorithm: SignatureAlgorithm,
    signer: &Certificate,
    content: &[u8],
) -> Integrity {
    let key = signer.public_key();
    let verify = |form| verify_signature(algorithm, key, content, value, form);
    let outcome = verify(SignatureForm::Der)
        .or_else(|error| verify(SignatureForm::Fixed).map_err(|_wrong_too| error));
    Integrity::of(outcome, key.algorithm())
}

fn decoded(bytes: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return bytes.to_vec();
    };
    let text = text.trim();
    let as_hex = hex::decode(&text.to_ascii_lowercase()).ok();
    as_hex
        .or_else(|| base64::decode(text, MAX_BYTES).ok())
        .unwrap_or_else(|| bytes.to_vec())
}

/// What keys of a kind usually sign with.
fn usual(key: KeyAlgorithm) -> Option<SignatureAlgorithm> {
    match key {
        KeyAlgorithm::Rsa { .. } => SignatureAlgorithm::rsa_pkcs1_with(DigestAlgorithm::Sha256),
        KeyAlgorithm::EcP384 | KeyAlgorithm::EcBrainpoolP384r1 => {
            Some(SignatureAlgorithm::EcdsaSha384)
        }
        KeyAlgorithm::EcP521 | KeyAlgorithm::EcBrainpoolP512r1 => {
            Some(SignatureAlgorithm::EcdsaSha512)
        }
        KeyAlgorithm::EcP256 | KeyAlgorithm::EcSecp256k1 | KeyAlgorithm::EcBrainpoolP256r1 => {
            Some(SignatureAlgorithm::EcdsaSha256)
        }
        KeyAlgorithm::Ed25519 => Some(SignatureAlgorithm::Ed25519),
        KeyAlgorithm::Ed448 => Some(SignatureAlgorithm::Ed448),
        KeyAlgorithm::MlDsa44 => Some(SignatureAlgorithm::MlDsa44),
        KeyAlgorithm::MlDsa65 => Some(SignatureAlgorithm::MlDsa65),
        KeyAlgorithm::MlDsa87 => Some(SignatureAlgorithm::MlDsa87),
        KeyAlgorithm::Sm2 => Some(SignatureAlgorithm::Sm2Sm3),
        KeyAlgorithm::RsaPss { .. }
        | KeyAlgorithm::EcP192
        | KeyAlgorithm::EcP224
        | KeyAlgorithm::Unsupported { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::cms::fixtures::CONTENT;
    use crate::signature::cms::fixtures::Signer;

    fn integrity(value: &[u8], signer: &Signer, content: &[u8]) -> Integrity {
        let certificates = vec![signer.certificate.clone()];
        let raw = RawSignature::new(value, certificates, None).unwrap();
        let content = DetachedContent::of_bytes(None, content.to_vec(), &RawSignature::needs());
        raw.facts(&[content]).integrity
    }

    #[test]
    fn a_value_is_read_in_every_spelling() {
        let signer = Signer::p256("a");
        let der = signer.key.sign_der(CONTENT).unwrap();
        let fixed = signer.key.sign(CONTENT).unwrap();
        for value in [
            der.clone(),
            fixed,
            hex::encode(&der).into_bytes(),
            hex::encode(&der).to_uppercase().into_bytes(),
            format!("{}\n", base64::encode(&der)).into_bytes(),
        ] {
            assert_eq!(integrity(&value, &signer, CONTENT), Integrity::Intact);
            assert_eq!(integrity(&value, &signer, b"x"), Integrity::ValueWrong);
            assert_eq!(
                integrity(&value, &Signer::p256("b"), CONTENT),
                Integrity::ValueWrong
            );
        }
        let national = Signer::sm2("c");
        let der = national.key.sign_der(CONTENT).unwrap();
        assert_eq!(integrity(&der, &national, CONTENT), Integrity::Intact);
    }

    #[test]
    fn what_is_missing_is_said() {
        let signer = Signer::p256("a");
        let raw = |certificates| RawSignature::new(&[1], certificates, None).unwrap();
        assert_eq!(raw(vec![]).facts(&[]).integrity, Integrity::NoCertificate);
        let facts = raw(vec![signer.certificate.clone()]).facts(&[]);
        assert_eq!(facts.integrity, Integrity::ContentMissing);
        let rsa = Some(SignatureAlgorithm::RsaPkcs1Sha256);
        let raw = RawSignature::new(&[1], vec![signer.certificate], rsa).unwrap();
        let content = DetachedContent::of_bytes(None, CONTENT.to_vec(), &RawSignature::needs());
        assert!(matches!(
            raw.facts(&[content]).integrity,
            Integrity::KeyMismatch { .. }
        ));
        let error = RawSignature::new(&[0; MAX_BYTES + 1], vec![], None).unwrap_err();
        assert!(error.to_string().contains("8193 bytes"));
    }
}
