//! Which CAs we know, and what each may vouch for: `trust-roots/<ca>/ca.toml` and the PEM files beside it.
//!
//! Knowing a CA is not recognising it. A store says what its CA is *permitted* to vouch for; what a
//! caller accepts is a [`TrustProfile`](crate::validation::profile::TrustProfile), which can only
//! narrow it. A CA without usages vouches for nothing and is known only so that it can be named.

mod address_range;
mod ca_toml;
mod error;
mod evidence_rules;
mod evidence_url;
mod finding;
mod name;
mod set;

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::encoding::json::canonical;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::parse_all;
use crate::pki::oid::Oid;
use crate::pki::trust_anchor::TrustAnchor;
use crate::validation::report::CaRef;

pub use address_range::AddressRange;
pub use address_range::AddressRangeError;
pub use error::Location;
pub use error::TrustSetError;
pub use error::TrustStoreError;
pub use evidence_rules::EvidenceRules;
pub use evidence_rules::UrlNotPermitted;
pub use evidence_url::EvidenceHost;
pub use evidence_url::EvidenceUrl;
pub use evidence_url::EvidenceUrlError;
pub use evidence_url::UrlScheme;
pub use finding::TrustFinding;
pub use finding::TrustFindingKind;
pub use name::CaId;
pub use name::NameError;
pub use name::Usage;
pub use name::usage_names;
pub use set::TrustSet;

/// One PEM file holds few certificates; a bundle of hundreds is a mistake.
const MAX_ANCHORS_PER_FILE: usize = 100;

/// What an end-entity certificate must carry so that its CA vouches for a usage.
///
/// Of each list that is not empty it must carry one member. A rule that asks for nothing accepts every
/// certificate of the CA, its TLS certificates too: `ca.toml` cannot say that.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageRule {
    /// Certificate policies (RFC 5280 §4.2.1.4), one of which must be named.
    pub policies: Vec<Oid>,
    /// Extended key usages (RFC 5280 §4.2.1.12), one of which must be named; `anyExtendedKeyUsage` in a
    /// certificate stands for none of them.
    pub ekus: Vec<Oid>,
}

/// Whether the revocation of this CA's certificates must be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevocationMode {
    /// Nothing passes without a definite answer.
    Required,
    /// It is not examined, for the reason that the operator wrote down; every report repeats it.
    NotChecked {
        /// Why.
        reason: String,
    },
}

/// The licence of a Chinese certification service (电子认证服务许可证).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Licence {
    /// Its number.
    pub number: Option<String>,
    /// Its last day, as written.
    pub valid_until: Option<Timestamp>,
}

/// One CA: who it is, what it may vouch for, and its trust anchors.
#[derive(Debug, Clone)]
pub struct TrustStore {
    /// The name of its folder.
    pub id: CaId,
    /// Its name in English.
    pub name: String,
    /// Its name in Chinese.
    pub name_zh: String,
    /// The company that runs it.
    pub operator: String,
    /// That company's Chinese name.
    pub operator_zh: Option<String>,
    /// Its licence, where known.
    pub licence: Licence,
    /// A demonstration CA: `serve` refuses it, every report says so.
    pub demo: bool,
    /// What it may vouch for; nothing, if empty.
    pub usages: BTreeMap<Usage, UsageRule>,
    /// Signature algorithms that count under it; none: every one of ours that is not weak.
    pub algorithms: Option<Vec<SignatureAlgorithm>>,
    /// Before this time it vouches for nothing.
    pub valid_from: Option<Timestamp>,
    /// Signatures that are not proven to be older than this count for nothing.
    pub distrust_after: Option<Timestamp>,
    /// Where its certificates name the company: OIDs of subject attributes or extensions, best first.
    pub identity_oids: Vec<Oid>,
    /// Where its revocation evidence may come from, and how old it may be.
    pub evidence: EvidenceRules,
    /// Whether revocation must be known.
    pub revocation: RevocationMode,
    /// Where paths may end.
    pub anchors: Vec<TrustAnchor>,
}

impl TrustStore {
    /// Reads one CA's folder: the text of its `ca.toml` and its PEM files by name.
    ///
    /// # Errors
    /// [`TrustStoreError`] for the first mistake, with file and line.
    pub fn parse(
        id: &str,
        ca_toml: &str,
        pems: &[(String, Vec<u8>)],
    ) -> Result<Self, TrustStoreError> {
        let id = CaId::parse(id).map_err(|source| TrustStoreError::FolderName {
            name: id.chars().take(64).collect(),
            source,
        })?;
        let anchors = parse_anchors(&id, pems)?;
        ca_toml::parse(id, ca_toml, anchors)
    }

    /// A CA made of bare anchors, for the command line's `--anchor`: it may vouch for `usage` with any
    /// of its certificates, and nothing else is known of it.
    #[must_use]
    pub fn of_anchors(id: CaId, anchors: Vec<Certificate>, usage: Usage) -> Self {
        Self {
            name: id.to_string(),
            name_zh: id.to_string(),
            id,
            operator: String::new(),
            operator_zh: None,
            licence: Licence::default(),
            demo: false,
            usages: [usage, Usage::timestamp()]
                .into_iter()
                .map(|usage| (usage, UsageRule::default()))
                .collect(),
            algorithms: None,
            valid_from: None,
            distrust_after: None,
            identity_oids: Vec::new(),
            evidence: EvidenceRules::default(),
            revocation: RevocationMode::Required,
            anchors: anchors.into_iter().map(TrustAnchor::new).collect(),
        }
    }

    /// How a report names it.
    #[must_use]
    pub fn ca_ref(&self) -> CaRef {
        CaRef {
            id: self.id.to_string(),
            name: self.name.clone(),
            name_zh: self.name_zh.clone(),
        }
    }

    /// The digest of everything in `ca.toml` that a verdict can depend on; anchors are pinned by
    /// their own digests.
    #[must_use]
    pub fn rules_digest(&self) -> Sha256 {
        sha256(&canonical(&self.rules()))
    }

    fn rules(&self) -> Value {
        let texts = |oids: &[Oid]| oids.iter().map(Oid::to_string).collect::<Vec<_>>();
        let usages = self.usages.iter().map(|(usage, rule)| {
            let rule = json!({"policies": texts(&rule.policies), "ekus": texts(&rule.ekus)});
            (usage.to_string(), rule)
        });
        let algorithms = self.algorithms.as_ref().map(|algorithms| {
            let names = algorithms.iter().map(|algorithm| algorithm.name());
            names.collect::<Vec<_>>()
        });
        let revocation = match &self.revocation {
            RevocationMode::Required => json!("required"),
            RevocationMode::NotChecked { reason } => json!({"not-checked": reason}),
        };
        json!({
            "id": self.id.as_str(),
            "demo": self.demo,
            "usages": usages.collect::<serde_json::Map<_, _>>(),
            "algorithms": algorithms,
            "valid-from": self.valid_from,
            "distrust-after": self.distrust_after,
            "identity-oids": texts(&self.identity_oids),
            "maximum-age": self.evidence.maximum_age.map(|age| age.as_secs()),
            "revocation": revocation,
        })
    }
}

fn parse_anchors(
    id: &CaId,
    pems: &[(String, Vec<u8>)],
) -> Result<Vec<TrustAnchor>, TrustStoreError> {
    let mut files = BTreeMap::<Sha256, String>::new();
    let mut anchors = Vec::new();
    for (name, bytes) in pems {
        let file = format!("{id}/{name}");
        let certificates = parse_all(bytes, MAX_ANCHORS_PER_FILE).map_err(|source| {
            TrustStoreError::AnchorMalformed {
                file: file.clone(),
                source: Box::new(source),
            }
        })?;
        for certificate in certificates {
            if certificate
                .basic_constraints()
                .is_some_and(|constraints| !constraints.is_ca)
            {
                let subject = certificate.subject().to_string();
                return Err(TrustStoreError::AnchorNotACa { file, subject });
            }
            if let Some(other) = files.insert(certificate.sha256(), file.clone()) {
                return Err(TrustStoreError::AnchorTwice { file, other });
            }
            anchors.push(TrustAnchor::new(certificate));
        }
    }
    if anchors.is_empty() {
        return Err(TrustStoreError::NoAnchor { ca: id.clone() });
    }
    Ok(anchors)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CA_TOML: &str = include_str!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/trust-roots/gdca/ca.toml"
    ));
    const ROOT: &[u8] = include_bytes!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/trust-roots/gdca/gdca-trustauth-r5-root.pem"
    ));

    fn file(name: &str, bytes: &[u8]) -> (String, Vec<u8>) {
        (name.to_owned(), bytes.to_vec())
    }

    fn error(id: &str, pems: &[(String, Vec<u8>)]) -> String {
        TrustStore::parse(id, CA_TOML, pems)
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn a_shipped_folder_is_read_and_vouches_for_nothing() {
        let store = TrustStore::parse("gdca", CA_TOML, &[file("root.pem", ROOT)]).unwrap();
        assert_eq!(store.anchors.len(), 1);
        assert!(store.usages.is_empty());
        assert_eq!(store.ca_ref().name_zh, "数安时代");
    }

    #[test]
    fn broken_folders_are_refused_by_name() {
        assert_eq!(
            error("gdca", &[]),
            "gdca: no certificate beside ca.toml; add the CA's root as PEM, or delete the folder"
        );
        assert_eq!(
            error("gdca", &[file("a.pem", ROOT), file("b.pem", ROOT)]),
            "gdca/b.pem: the same certificate is in gdca/a.pem already; delete one of the two"
        );
        let torn = ROOT.get(..ROOT.len() / 2).unwrap();
        let refused = error("gdca", &[file("torn.pem", torn)]);
        assert!(
            refused.starts_with("gdca/torn.pem: not a certificate that can be read"),
            "{refused}"
        );
        let refused = error("../gdca", &[file("root.pem", ROOT)]);
        assert!(
            refused.starts_with("folder `../gdca`: not usable as the id of a CA"),
            "{refused}"
        );
    }

    #[test]
    fn the_digest_covers_every_rule_and_no_name() {
        let parse =
            |text: &str| TrustStore::parse("gdca", text, &[file("root.pem", ROOT)]).unwrap();
        let digest = parse(CA_TOML).rules_digest();
        let renamed = CA_TOML.replace("name = \"GDCA\"", "name = \"Other\"");
        assert_eq!(parse(&renamed).rules_digest(), digest);
        for (from, to) in [
            ("demo = false", "demo = true"),
            (
                "revocation = \"required\"",
                "revocation = { not-checked = \"x\" }",
            ),
            ("identity-oids = []", "identity-oids = [\"2.5.4.97\"]"),
            ("[usages]", "[usages.tax]\nekus = [\"1.2.3\"]"),
            ("2014-11-26", "2014-11-27"),
            ("hosts = []", "distrust-after = \"2027-01-01\""),
            ("hosts = []", "algorithms = [\"Ed25519\"]"),
            ("hosts = []", "maximum-age = \"7d\""),
        ] {
            assert!(CA_TOML.contains(from), "{from}");
            assert_ne!(
                parse(&CA_TOML.replace(from, to)).rules_digest(),
                digest,
                "{to}"
            );
        }
    }
}
