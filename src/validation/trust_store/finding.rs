//! What an operator should know about the trust roots, although nothing about it is an error.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::pki::certificate::Certificate;
use crate::validation::strength::key_weakness;
use crate::validation::trust_store::RevocationMode;
use crate::validation::trust_store::TrustStore;
use crate::validation::trust_store::name::CaId;
use crate::validation::trust_store::set::TrustSet;

/// An anchor that ends within this time deserves a letter to its CA.
const SOON: Duration = Duration::from_secs(180 * 24 * 60 * 60);

/// One remark of `trust check`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustFinding {
    /// Whose.
    pub ca: CaId,
    /// Which anchor; none where it concerns the CA as a whole.
    pub anchor: Option<Sha256>,
    /// What.
    pub kind: TrustFindingKind,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustFindingKind {
    /// Another anchor has the same key.
    DuplicateKey {
        /// Whose it is.
        other: CaId,
        /// Which it is.
        other_anchor: Sha256,
    },
    /// Another anchor has the same subject, but another key.
    DuplicateSubject {
        /// Whose it is.
        other: CaId,
        /// Which it is.
        other_anchor: Sha256,
    },
    /// The anchor has expired.
    Expired {
        /// When.
        not_after: Timestamp,
    },
    /// The anchor expires soon.
    ExpiresSoon {
        /// When.
        not_after: Timestamp,
    },
    /// The CA's licence has ended.
    LicenceEnded {
        /// When.
        valid_until: Timestamp,
    },
    /// Revocation must be known, but there is no host from which evidence of it may be fetched.
    NoEvidenceHosts,
    /// The CA may vouch for nothing.
    NoUsages,
    /// The anchor is not valid yet.
    NotYetValid {
        /// From when it is.
        not_before: Timestamp,
    },
    /// The key is too weak, or of a kind that we cannot compute.
    WeakKey {
        /// The kind of key.
        key: String,
    },
}

impl fmt::Display for TrustFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.anchor {
            Some(anchor) => write!(f, "{}: anchor {anchor} {}", self.ca, self.kind),
            None => write!(f, "{}: {}", self.ca, self.kind),
        }
    }
}

impl fmt::Display for TrustFindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateKey {
                other,
                other_anchor,
            } => {
                write!(f, "has the key of {other_anchor} of `{other}`")
            }
            Self::DuplicateSubject {
                other,
                other_anchor,
            } => {
                write!(
                    f,
                    "has the subject, but not the key, of {other_anchor} of `{other}`"
                )
            }
            Self::Expired { not_after } => write!(f, "expired at {not_after}"),
            Self::ExpiresSoon { not_after } => write!(f, "expires soon, at {not_after}"),
            Self::LicenceEnded { valid_until } => write!(f, "licence ended at {valid_until}"),
            Self::NoEvidenceHosts => f.write_str(
                "requires evidence of revocation but names no host to fetch it from (hosts): \
                 only documents that carry it pass",
            ),
            Self::NoUsages => f.write_str("may vouch for nothing (no usages)"),
            Self::NotYetValid { not_before } => write!(f, "not valid before {not_before}"),
            Self::WeakKey { key } => write!(f, "key too weak or not supported ({key})"),
        }
    }
}

impl TrustSet {
    /// What an operator should know about the set at a time, in the order of its CAs.
    #[must_use]
    pub fn findings(&self, at: Timestamp) -> Vec<TrustFinding> {
        let mut findings = Vec::new();
        let mut seen = Seen::default();
        for store in self.stores() {
            let about_ca = |kind| TrustFinding {
                ca: store.id.clone(),
                anchor: None,
                kind,
            };
            findings.extend(ca_findings(store, at).into_iter().map(about_ca));
            for anchor in &store.anchors {
                let certificate = anchor.certificate();
                let mut kinds = anchor_findings(certificate, at);
                kinds.extend(seen.duplicates(store, certificate));
                findings.extend(kinds.into_iter().map(|kind| TrustFinding {
                    ca: store.id.clone(),
                    anchor: Some(anchor.id()),
                    kind,
                }));
            }
        }
        findings
    }
}

fn ca_findings(store: &TrustStore, at: Timestamp) -> Vec<TrustFindingKind> {
    let no_usages = store
        .usages
        .is_empty()
        .then_some(TrustFindingKind::NoUsages);
    let ended = store
        .licence
        .valid_until
        .filter(|valid_until| *valid_until < at);
    let ended = ended.map(|valid_until| TrustFindingKind::LicenceEnded { valid_until });
    // Of a CA without usages nothing is judged.
    let unfetched = !store.usages.is_empty()
        && store.revocation == RevocationMode::Required
        && store.evidence.hosts.is_empty();
    let unfetched = unfetched.then_some(TrustFindingKind::NoEvidenceHosts);
    no_usages
        .into_iter()
        .chain(unfetched)
        .chain(ended)
        .collect()
}

fn anchor_findings(certificate: &Certificate, at: Timestamp) -> Vec<TrustFindingKind> {
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    let mut kinds = Vec::new();
    if at < not_before {
        kinds.push(TrustFindingKind::NotYetValid { not_before });
    }
    if not_after < at {
        kinds.push(TrustFindingKind::Expired { not_after });
    } else if not_after < at.plus(SOON) {
        kinds.push(TrustFindingKind::ExpiresSoon { not_after });
    }
    if let Some(key) = key_weakness(certificate.public_key()) {
        kinds.push(TrustFindingKind::WeakKey { key });
    }
    kinds
}

/// Anchors met so far, by what must not repeat unnoticed.
#[derive(Default)]
struct Seen {
    by_key: BTreeMap<Sha256, (CaId, Sha256)>,
    by_subject: BTreeMap<String, (CaId, Sha256)>,
}

impl Seen {
    fn duplicates(
        &mut self,
        store: &TrustStore,
        certificate: &Certificate,
    ) -> Option<TrustFindingKind> {
        let own = (store.id.clone(), certificate.sha256());
        let key = certificate.public_key().sha256();
        let subject = certificate.subject().to_string();
        let same_key = self.by_key.get(&key).cloned();
        let same_subject = self.by_subject.get(&subject).cloned();
        self.by_key.entry(key).or_insert_with(|| own.clone());
        self.by_subject.entry(subject).or_insert(own);
        if let Some((other, other_anchor)) = same_key {
            return Some(TrustFindingKind::DuplicateKey {
                other,
                other_anchor,
            });
        }
        let (other, other_anchor) = same_subject?;
        Some(TrustFindingKind::DuplicateSubject {
            other,
            other_anchor,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::validation::fixture;

    const GDCA: &[u8] = include_bytes!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/trust-roots/gdca/gdca-trustauth-r5-root.pem"
    ));
    const CA_TOML: &str = "name = 'a'\nname-zh = 'b'\noperator = 'c'\n";

    fn kinds(ca_toml: &str, at: &str) -> Vec<TrustFindingKind> {
        let pems = [("root.pem".to_owned(), GDCA.to_vec())];
        let store = TrustStore::parse("gdca", ca_toml, &pems).unwrap();
        let set = TrustSet::new(vec![store]).unwrap();
        let findings = set.findings(Timestamp::parse(at).unwrap());
        findings.into_iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn dates_are_told_before_they_hurt() {
        // GDCA TrustAUTH R5 ROOT: 2014-11-26T05:13:15Z to 2040-12-31T15:59:59Z.
        let not_after = Timestamp::parse("2040-12-31T15:59:59Z").unwrap();
        let with_usage =
            format!("{CA_TOML}hosts = ['crl.gdca.example']\n[usages.tax]\nekus = ['1.2']\n");
        assert_eq!(kinds(&with_usage, "2026-01-01T00:00:00Z"), []);
        assert_eq!(
            kinds(&with_usage, "2040-12-01T00:00:00Z"),
            [TrustFindingKind::ExpiresSoon { not_after }]
        );
        assert_eq!(
            kinds(&with_usage, "2041-01-01T00:00:00Z"),
            [TrustFindingKind::Expired { not_after }]
        );
        let early = kinds(&with_usage, "2014-01-01T00:00:00Z");
        assert!(matches!(
            early.as_slice(),
            [TrustFindingKind::NotYetValid { .. }]
        ));
    }

    #[test]
    fn a_ca_without_usages_or_licence_is_told() {
        let licence = format!("licence-valid-until = '2025-01-01'\n{CA_TOML}");
        let found = kinds(&licence, "2026-01-01T00:00:00Z");
        assert!(matches!(
            found.as_slice(),
            [
                TrustFindingKind::NoUsages,
                TrustFindingKind::LicenceEnded { .. }
            ]
        ));
    }

    #[test]
    fn a_ca_whose_revocation_must_but_cannot_be_known_is_told() {
        let usage = "[usages.tax]\nekus = ['1.2']\n";
        let at = "2026-01-01T00:00:00Z";
        for (lines, found) in [
            ("", vec![TrustFindingKind::NoEvidenceHosts]),
            ("hosts = ['crl.example.cn']\n", vec![]),
            ("revocation = { not-checked = 'short-lived' }\n", vec![]),
        ] {
            assert_eq!(kinds(&format!("{CA_TOML}{lines}{usage}"), at), found);
        }
        assert_eq!(kinds(CA_TOML, at), [TrustFindingKind::NoUsages]);
    }

    #[test]
    fn what_repeats_under_another_anchor_is_told() {
        let (root, twin) = fixture::root_and_twin("Root");
        let namesake = fixture::root("Root");
        let stores = [
            fixture::store("a", &[root.certificate()], ""),
            fixture::store("b", &[&twin], ""),
            fixture::store("c", &[namesake.certificate()], ""),
        ];
        let findings = fixture::set(&stores).findings(fixture::now());
        let (other, other_anchor) = (CaId::parse("a").unwrap(), root.certificate().sha256());
        assert_eq!(
            findings,
            [
                TrustFinding {
                    ca: CaId::parse("b").unwrap(),
                    anchor: Some(twin.sha256()),
                    kind: TrustFindingKind::DuplicateKey {
                        other: other.clone(),
                        other_anchor
                    }
                },
                TrustFinding {
                    ca: CaId::parse("c").unwrap(),
                    anchor: Some(namesake.certificate().sha256()),
                    kind: TrustFindingKind::DuplicateSubject {
                        other,
                        other_anchor
                    }
                },
            ]
        );
    }
}
