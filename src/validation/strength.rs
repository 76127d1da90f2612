//! Whether algorithms and keys suffice: policy, beside the question whether a signature is intact.
//!
//! ETSI EN 319 102-1 §5.2.8 asks for it of the signature and §5.2.6 of each certificate on the path,
//! the trust anchor's own signature excepted, which proves nothing.

use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::algorithm::Weakness;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::public_key::KeyAlgorithm;
use crate::crypto::public_key::PublicKey;
use crate::pki::certificate::Certificate;
use crate::pki::trust_anchor::TrustAnchor;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::Indication;
use crate::validation::report::SignatureReport;
use crate::validation::report::SubIndication;
use crate::validation::trust_store::TrustStore;

/// The kind of a key that is too weak or that we cannot compute with; none if it suffices.
pub(super) fn key_weakness(key: &PublicKey) -> Option<String> {
    let algorithm = key.algorithm();
    let weak =
        matches!(algorithm, KeyAlgorithm::Unsupported { .. }) || algorithm.weakness().is_some();
    weak.then(|| algorithm.to_string())
}

/// Why a signature by a certificate's key does not suffice at a time, though it may be intact.
pub(super) fn signature_weakness(
    algorithm: SignatureAlgorithm,
    signer: &Certificate,
    at: Timestamp,
) -> Option<Reason> {
    let weakness = algorithm.weakness(signer.public_key().algorithm(), at)?;
    Some(match weakness {
        Weakness::AlgorithmSunset { algorithm, since } => Reason::new(ReasonCode::AlgorithmTooWeak)
            .with("algorithm", algorithm.name())
            .with("sunset", since),
        Weakness::KeyTooShort { .. } => {
            weak_key(signer.public_key().algorithm().to_string(), signer)
        }
    })
}

/// Why a digest beside the signature algorithm's own does not suffice for what was signed at a time.
pub(super) fn digest_weakness(digest: DigestAlgorithm, at: Timestamp) -> Option<Reason> {
    // The digest is as strong as RSA with it: one date for both.
    let sunset = SignatureAlgorithm::rsa_pkcs1_with(digest)?.row().sunset?;
    // Both are RFC 3339 in UTC, so text order is time order.
    (at.to_string().as_str() >= sunset).then(|| {
        Reason::new(ReasonCode::AlgorithmTooWeak)
            .with("algorithm", digest.name())
            .with("sunset", sunset)
    })
}

/// Whether the algorithm suffices (ETSI EN 319 102-1 §5.2.8) at the time when it was used, and the CA permits it;
/// the key has been looked at with its path.
pub(super) fn check(
    report: &mut SignatureReport,
    algorithm: SignatureAlgorithm,
    signer: &Certificate,
    (store, at): (Option<&TrustStore>, Timestamp),
) {
    let key = signer.public_key().algorithm();
    let weakness = signature_weakness(algorithm, signer, at);
    let refused = store.and_then(|store| not_permitted(store, algorithm, Some(key)));
    for reason in weakness.into_iter().chain(refused) {
        tell(report, reason);
    }
}

/// Adds a reason of this kind, unless it was told of a certificate already.
pub(super) fn tell(report: &mut SignatureReport, reason: Reason) {
    if report.reasons.contains(&reason) {
        return;
    }
    let sub_indication = Some(SubIndication::CryptoConstraintsFailure);
    report.restrict(Indication::Indeterminate, sub_indication, reason);
}

/// Why a certificate does not suffice by itself: the algorithm it was signed with, or its own key.
///
/// Whether the key that signed it is strong is said of the certificate above.
pub(super) fn certificate_weakness(certificate: &Certificate, at: Timestamp) -> Option<Reason> {
    let algorithm = certificate.signature_algorithm();
    algorithm
        .and_then(|algorithm| signature_weakness(algorithm, certificate, at))
        .or_else(|| {
            Some(weak_key(
                key_weakness(certificate.public_key())?,
                certificate,
            ))
        })
}

/// Why an anchor's key does not suffice; its own signature proves nothing and is not looked at.
pub(super) fn anchor_weakness(anchor: &TrustAnchor) -> Option<Reason> {
    let key = key_weakness(anchor.public_key())?;
    Some(weak_key(key, anchor.certificate()))
}

fn weak_key(key: String, certificate: &Certificate) -> Reason {
    Reason::new(ReasonCode::KeyTooWeak)
        .with("key", key)
        .with("subject", certificate.subject().to_string())
}

/// Why `ca.toml` does not permit a signature of this algorithm by this key; none if it does or is silent.
pub(super) fn not_permitted(
    store: &TrustStore,
    algorithm: SignatureAlgorithm,
    key: Option<KeyAlgorithm>,
) -> Option<Reason> {
    let permitted = store.algorithms.as_ref()?;
    let fits = permitted.iter().any(|entry| covers(*entry, algorithm, key));
    (!fits).then(|| {
        Reason::new(ReasonCode::AlgorithmNotPermitted)
            .with("algorithm", algorithm.name())
            .with("ca", store.name.as_str())
            .with("caZh", store.name_zh.as_str())
    })
}

/// Whether permitting `entry` permits `algorithm` with this kind of key: the same digest and padding,
/// and a key of its kind. X.509 and JOSE name one and the same ECDSA differently.
pub(super) fn covers(
    entry: SignatureAlgorithm,
    algorithm: SignatureAlgorithm,
    key: Option<KeyAlgorithm>,
) -> bool {
    let (entry, algorithm) = (entry.row(), algorithm.row());
    entry.digest == algorithm.digest
        && entry.parameters == algorithm.parameters
        && entry.key.overlaps(algorithm.key)
        && key.is_none_or(|key| entry.key.permits(key))
}
