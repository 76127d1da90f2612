//! All CAs together.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::json;

use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::encoding::json::canonical;
use crate::pki::trust_anchor::AnchorSet;
use crate::pki::trust_anchor::TrustAnchor;
use crate::validation::trust_store::TrustStore;
use crate::validation::trust_store::error::TrustSetError;
use crate::validation::trust_store::name::CaId;

/// Every CA that we know, each anchor belonging to exactly one.
#[derive(Debug, Clone)]
pub struct TrustSet {
    stores: Vec<TrustStore>,
    /// Which store each anchor belongs to, by its place in `stores`.
    owners: BTreeMap<Sha256, usize>,
    anchors: AnchorSet,
    /// The digest of each store's rules, in the order of `stores`.
    rules: Vec<Sha256>,
    digest: Sha256,
}

impl TrustSet {
    /// Puts the CAs together, ordered by id.
    ///
    /// # Errors
    /// [`TrustSetError`] if two have one name or share an anchor.
    pub fn new(mut stores: Vec<TrustStore>) -> Result<Self, TrustSetError> {
        stores.sort_by(|a, b| a.id.cmp(&b.id));
        let mut owners = BTreeMap::new();
        let mut previous: Option<&CaId> = None;
        for (place, store) in stores.iter().enumerate() {
            if previous == Some(&store.id) {
                let id = store.id.clone();
                return Err(TrustSetError::CaTwice { id });
            }
            previous = Some(&store.id);
            for anchor in &store.anchors {
                let earlier = owners.insert(anchor.id(), place);
                let Some(first) = earlier.and_then(|place| stores.get(place)) else {
                    continue;
                };
                return Err(TrustSetError::AnchorInTwoCas {
                    anchor: anchor.id(),
                    first: first.id.clone(),
                    second: store.id.clone(),
                });
            }
        }
        let rules: Vec<Sha256> = stores.iter().map(TrustStore::rules_digest).collect();
        let digest = sha256(&canonical(&content(&stores, &rules)));
        let anchors = stores.iter().flat_map(|store| &store.anchors);
        Ok(Self {
            anchors: anchors.cloned().collect(),
            stores,
            owners,
            rules,
            digest,
        })
    }

    /// The digest of all rules and anchors; two sets of one digest judge alike.
    #[must_use]
    pub fn digest(&self) -> Sha256 {
        self.digest
    }

    /// The CAs, ordered by id.
    #[must_use]
    pub fn stores(&self) -> &[TrustStore] {
        &self.stores
    }

    /// One CA.
    #[must_use]
    pub fn store(&self, id: &CaId) -> Option<&TrustStore> {
        self.stores.get(self.place(id)?)
    }

    /// The digest of what one CA's `ca.toml` says, computed once.
    #[must_use]
    pub fn rules_digest(&self, id: &CaId) -> Option<Sha256> {
        self.rules.get(self.place(id)?).copied()
    }

    fn place(&self, id: &CaId) -> Option<usize> {
        self.stores.binary_search_by(|store| store.id.cmp(id)).ok()
    }

    /// The anchors of all CAs.
    #[must_use]
    pub fn anchors(&self) -> &AnchorSet {
        &self.anchors
    }

    /// The CA that an anchor belongs to, by the SHA-256 of its certificate.
    #[must_use]
    pub fn owner(&self, anchor: &Sha256) -> Option<&TrustStore> {
        self.stores.get(*self.owners.get(anchor)?)
    }
}

fn content(stores: &[TrustStore], rules: &[Sha256]) -> Value {
    let entries = stores.iter().zip(rules).map(|(store, rules)| {
        let mut anchors: Vec<Sha256> = store.anchors.iter().map(TrustAnchor::id).collect();
        anchors.sort_unstable();
        json!({"rules": rules, "anchors": anchors})
    });
    Value::Array(entries.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GDCA: &[u8] = include_bytes!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/trust-roots/gdca/gdca-trustauth-r5-root.pem"
    ));
    const CFCA: &[u8] = include_bytes!(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/trust-roots/cfca/cfca-ev-root.pem"
    ));
    const CA_TOML: &str = "name = 'a'\nname-zh = 'b'\noperator = 'c'\n";

    fn store(id: &str, pem: &[u8]) -> TrustStore {
        TrustStore::parse(id, CA_TOML, &[("root.pem".to_owned(), pem.to_vec())]).unwrap()
    }

    #[test]
    fn cas_are_found_by_name_and_anchor() {
        let set = TrustSet::new(vec![store("gdca", GDCA), store("cfca", CFCA)]).unwrap();
        let ids: Vec<&str> = set.stores().iter().map(|store| store.id.as_str()).collect();
        assert_eq!(ids, ["cfca", "gdca"]);
        let gdca = set.store(&CaId::parse("gdca").unwrap()).unwrap();
        let anchor = gdca.anchors.first().unwrap();
        assert_eq!(set.owner(&anchor.id()).unwrap().id, gdca.id);
        assert!(set.store(&CaId::parse("other").unwrap()).is_none());
        assert!(set.owner(&Sha256([0; 32])).is_none());
    }

    #[test]
    fn one_name_or_one_anchor_twice_is_refused() {
        let twice = TrustSet::new(vec![store("a", GDCA), store("a", CFCA)]).unwrap_err();
        assert_eq!(
            twice.to_string(),
            "there are two CAs `a`; rename one of the folders"
        );
        let shared = TrustSet::new(vec![store("a", GDCA), store("b", GDCA)]).unwrap_err();
        assert!(
            shared
                .to_string()
                .ends_with("is in a and in b; delete it from one of them")
        );
    }

    #[test]
    fn the_digest_does_not_depend_on_order_but_on_anchors() {
        let digest = |stores| TrustSet::new(stores).unwrap().digest();
        let both = digest(vec![store("a", GDCA), store("b", CFCA)]);
        assert_eq!(both, digest(vec![store("b", CFCA), store("a", GDCA)]));
        assert_ne!(both, digest(vec![store("b", GDCA), store("a", CFCA)]));
        assert_ne!(both, digest(vec![store("a", GDCA)]));
    }
}
