//! Digests of certificates in a header: `x5t#S256` (RFC 7515 §4.1.8), `x5t#o` and `sigX5ts` (ETSI TS 119 182-1
//! §5.2.2).

use serde_json::Map;
use serde_json::Value;

use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::digest;
use crate::encoding::base64url;
use crate::pki::certificate::Certificate;
use crate::signature::facts::CertificateReference;
use crate::signature::facts::Fault;
use crate::signature::jose::error::excerpt;

/// A digest in a header: SHA-512 and some room.
const MAX_DIGEST_BYTES: usize = 128;

/// What `JAdES` calls digest algorithms (ETSI TS 119 182-1 §5.2.2.2, after RFC 7518 §7.1).
const DIGEST_NAMES: &[(&str, DigestAlgorithm)] = &[
    ("S256", DigestAlgorithm::Sha256),
    ("S384", DigestAlgorithm::Sha384),
    ("S512", DigestAlgorithm::Sha512),
    ("S3-256", DigestAlgorithm::Sha3_256),
    ("S3-384", DigestAlgorithm::Sha3_384),
    ("S3-512", DigestAlgorithm::Sha3_512),
];

/// The digest algorithm of a name in `JAdES`.
pub(super) fn digest_algorithm(name: &str) -> Option<DigestAlgorithm> {
    let known = DIGEST_NAMES.iter().find(|(known, _)| *known == name);
    known.map(|(_, algorithm)| *algorithm)
}

/// A digest in base64url; none where it has not its algorithm's length.
pub(super) fn decode_digest(algorithm: DigestAlgorithm, text: &str) -> Option<Digest> {
    Digest::from_bytes(algorithm, &base64url::decode(text, MAX_DIGEST_BYTES).ok()?)
}

/// The digests by which a protected header names the signer's certificate.
#[derive(Debug, Default)]
pub(super) struct Thumbprints {
    /// All of them have to fit.
    named: Vec<Digest>,
    /// Of SHA-1 (`x5t`): it can contradict, but with its collisions it names nothing.
    contradicting: Option<Digest>,
    /// Whether one of them names no certificate, because it is malformed.
    is_malformed: bool,
}

impl Thumbprints {
    /// Reads what `protected` has of them.
    pub(super) fn read(protected: &Map<String, Value>, faults: &mut Vec<Fault>) -> Self {
        let mut read = Self::default();
        if let Some(value) = protected.get("x5t#S256") {
            let found = value.as_str();
            let found = found.and_then(|text| decode_digest(DigestAlgorithm::Sha256, text));
            read.take(found, "x5t#S256", faults);
        }
        if let Some(value) = protected.get("x5t") {
            let found = value.as_str();
            let found = found.and_then(|text| decode_digest(DigestAlgorithm::Sha1, text));
            match found {
                Some(digest) => read.contradicting = Some(digest),
                None => read.take(None, "x5t", faults),
            }
        }
        if let Some(value) = protected.get("x5t#o") {
            read.take_object(value, "x5t#o", faults);
        }
        // ETSI TS 119 182-1 §5.2.2.3: the first is the signer's, the others are of its path.
        if let Some(value) = protected.get("sigX5ts") {
            match value.as_array().and_then(|elements| elements.first()) {
                Some(first) => read.take_object(first, "sigX5ts", faults),
                None => read.take(None, "sigX5ts", faults),
            }
        }
        read
    }

    /// `{ "digAlg": …, "digVal": … }`.
    fn take_object(&mut self, value: &Value, place: &str, faults: &mut Vec<Fault>) {
        let text = |name| value.get(name).and_then(Value::as_str);
        let (Some(name), Some(digest)) = (text("digAlg"), text("digVal")) else {
            return self.take(None, place, faults);
        };
        match digest_algorithm(name) {
            Some(algorithm) => self.take(decode_digest(algorithm, digest), place, faults),
            None => {
                let detail = format!("unknown digest algorithm {}", excerpt(name));
                faults.push(Fault::unprocessed(place, detail));
            }
        }
    }

    fn take(&mut self, digest: Option<Digest>, place: &str, faults: &mut Vec<Fault>) {
        match digest {
            Some(digest) => self.named.push(digest),
            None => {
                self.is_malformed = true;
                faults.push(Fault::broken(place, "is no digest of a certificate"));
            }
        }
    }

    /// Whether a certificate is named at all.
    pub(super) const fn is_empty(&self) -> bool {
        self.named.is_empty()
    }

    /// Whether it is `certificate` that is named.
    pub(super) fn reference_to(&self, certificate: &Certificate) -> CertificateReference {
        let fits = |named: &Digest| digest(named.algorithm(), certificate.der()) == *named;
        let all = self.named.iter().all(fits) && self.contradicting.iter().all(fits);
        match (all, self.is_malformed, self.named.is_empty()) {
            (false, ..) | (_, true, _) => CertificateReference::Differs,
            (true, false, true) => CertificateReference::Absent,
            (true, false, false) => CertificateReference::Matches,
        }
    }
}
