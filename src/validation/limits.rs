//! What a caller asks of a CA that it recognises, beyond the CA's own rules: only certain algorithms, strong keys,
//! fresh evidence, certain certificate policies.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::public_key::KeyAlgorithm;
use crate::pki::certificate::Certificate;
use crate::pki::oid::Oid;
use crate::validation::context::ValidationContext;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::SignatureReport;
use crate::validation::strength;
use crate::validation::trust_store::TrustStore;

/// Limits of one recognition; the default limits nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limits {
    /// Signature algorithms that count, in order and without repetition; empty: those that the CA's rules permit.
    pub algorithms: Vec<SignatureAlgorithm>,
    /// The strength of every key of a path, in bits of an RSA modulus; none: what suffices for everybody.
    pub minimum_key_bits: Option<u32>,
    /// How old evidence of revocation may be; none: as the CA's rules say.
    pub maximum_evidence_age: Option<Duration>,
    /// Certificate policies (RFC 5280 §4.2.1.4), one of which the end entity must name; empty: any.
    pub policies: Vec<Oid>,
}

impl Limits {
    /// No limits.
    pub const NONE: Self = Self {
        algorithms: Vec::new(),
        minimum_key_bits: None,
        maximum_evidence_age: None,
        policies: Vec::new(),
    };

    /// Whether nothing is limited.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// In order and without repetition, so that equal limits are equal.
    #[must_use]
    pub fn normalised(mut self) -> Self {
        self.algorithms.sort_unstable();
        self.algorithms.dedup();
        self.policies.sort_unstable();
        self.policies.dedup();
        self
    }

    pub(super) fn to_json(&self) -> Value {
        let algorithms = self.algorithms.iter().map(|algorithm| algorithm.name());
        json!({
            "algorithms": algorithms.collect::<Vec<_>>(),
            "minimumKeyBits": self.minimum_key_bits,
            "maximumEvidenceAge": self.maximum_evidence_age.map(|age| age.as_secs()),
            "policies": self.policies.iter().map(Oid::to_string).collect::<Vec<_>>(),
        })
    }

    /// Whether a signature of this algorithm, made by this kind of key where it is known, counts.
    pub(super) fn permit(&self, algorithm: SignatureAlgorithm, key: Option<KeyAlgorithm>) -> bool {
        let mut permitted = self.algorithms.iter();
        self.algorithms.is_empty()
            || permitted.any(|entry| strength::covers(*entry, algorithm, key))
    }

    /// Whether a key is strong enough; one whose strength we do not know is not.
    pub(super) fn suffices(&self, key: KeyAlgorithm) -> bool {
        self.minimum_key_bits.is_none_or(|minimum| {
            let minimum = usize::try_from(minimum).unwrap_or(usize::MAX);
            modulus_bits(key).is_some_and(|bits| minimum <= bits)
        })
    }

    /// Whether a certificate is of a kind that counts.
    pub(super) fn admit(&self, end_entity: &Certificate) -> bool {
        let carried = end_entity.certificate_policies();
        self.policies.is_empty() || self.policies.iter().any(|oid| carried.contains(oid))
    }
}

/// The bits of an RSA modulus that protect as well as the key (NIST SP 800-57 Part 1 Rev. 5, Table 2; FIPS 204,
/// Table 1 for ML-DSA); none where we do not know.
const fn modulus_bits(key: KeyAlgorithm) -> Option<usize> {
    Some(match key {
        KeyAlgorithm::Rsa { bits } | KeyAlgorithm::RsaPss { bits } => bits,
        KeyAlgorithm::EcP192 => 1024,
        KeyAlgorithm::EcP224 => 2048,
        KeyAlgorithm::EcP256
        | KeyAlgorithm::EcBrainpoolP256r1
        | KeyAlgorithm::EcSecp256k1
        | KeyAlgorithm::Ed25519
        | KeyAlgorithm::MlDsa44
        | KeyAlgorithm::Sm2 => 3072,
        KeyAlgorithm::EcP384
        | KeyAlgorithm::EcBrainpoolP384r1
        | KeyAlgorithm::Ed448
        | KeyAlgorithm::MlDsa65 => 7680,
        KeyAlgorithm::EcP521 | KeyAlgorithm::EcBrainpoolP512r1 | KeyAlgorithm::MlDsa87 => 15360,
        KeyAlgorithm::Unsupported { .. } => return None,
    })
}

/// Restricts a report whose signature is of an algorithm with which the caller does not recognise the CA.
pub(super) fn check_signature(
    report: &mut SignatureReport,
    (algorithm, signer): (SignatureAlgorithm, &Certificate),
    limits: &[&Limits],
    (store, context): (Option<&TrustStore>, &ValidationContext<'_>),
) {
    let key = signer.public_key().algorithm();
    let Some(store) = store else {
        return;
    };
    for limits in limits {
        if !limits.permit(algorithm, Some(key)) {
            strength::tell(report, algorithm_refused(algorithm, limits, store, context));
        }
    }
}

/// The reason for an algorithm that is not among those permitted.
pub(super) fn algorithm_refused(
    algorithm: SignatureAlgorithm,
    limits: &Limits,
    store: &TrustStore,
    context: &ValidationContext<'_>,
) -> Reason {
    let names = limits.algorithms.iter().map(|algorithm| algorithm.name());
    about(ReasonCode::LimitAlgorithm, store, context)
        .with("algorithm", algorithm.name())
        .with("permitted", names.collect::<Vec<_>>().join(", "))
}

/// A reason of the caller's about the CA.
pub(super) fn about(
    code: ReasonCode,
    store: &TrustStore,
    context: &ValidationContext<'_>,
) -> Reason {
    Reason::new(code)
        .with("caller", context.profile.caller.as_str())
        .with("ca", store.name.as_str())
        .with("caZh", store.name_zh.as_str())
        .with("caId", store.id.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits(minimum_key_bits: u32) -> Limits {
        Limits {
            minimum_key_bits: Some(minimum_key_bits),
            ..Limits::default()
        }
    }

    #[test]
    fn keys_are_compared_by_what_they_protect() {
        let rsa = |bits| KeyAlgorithm::Rsa { bits };
        assert!(Limits::default().suffices(rsa(512)));
        assert!(limits(3072).suffices(rsa(3072)) && !limits(3072).suffices(rsa(3071)));
        assert!(limits(3072).suffices(KeyAlgorithm::Sm2));
        assert!(!limits(3073).suffices(KeyAlgorithm::EcP256));
        assert!(limits(7680).suffices(KeyAlgorithm::EcP384));
    }

    #[test]
    fn an_algorithm_is_permitted_by_name_and_kind_of_key() {
        let sm2_alone = Limits {
            algorithms: vec![SignatureAlgorithm::from_name("SM2-SM3").unwrap()],
            ..Limits::default()
        };
        let rsa = SignatureAlgorithm::RsaPkcs1Sha256;
        assert!(!sm2_alone.permit(rsa, None));
        assert!(Limits::default().permit(rsa, None));
    }

    #[test]
    fn equal_limits_are_equal_in_whatever_order_they_are_written() {
        let algorithms = |names: &[&str]| Limits {
            algorithms: names
                .iter()
                .map(|name| SignatureAlgorithm::from_name(name).unwrap())
                .collect(),
            ..Limits::default()
        };
        let (one, other) = (
            algorithms(&["SM2-SM3", "Ed25519"]),
            algorithms(&["Ed25519", "SM2-SM3", "Ed25519"]),
        );
        assert_ne!(one, other);
        assert_eq!(one.normalised(), other.normalised());
    }
}
