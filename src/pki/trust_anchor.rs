//! Trust anchors: keys that are believed because somebody decided so, not because of a signature.

use std::collections::HashMap;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::crypto::public_key::PublicKey;
use crate::pki::certificate::Certificate;
use crate::pki::name::DistinguishedName;

/// A name and a key that paths may end at (RFC 5280 §6.1.1 (d)), held as a certificate.
///
/// Who decides to trust is somebody else; here it is taken as decided. The certificate's own signature
/// is not looked at, and neither are its dates: [`Self::not_after`] is there to warn by. What its
/// extensions forbid is honoured (RFC 5937): see [`crate::pki::path`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustAnchor {
    certificate: Certificate,
}

impl TrustAnchor {
    /// Makes `certificate` an anchor.
    #[must_use]
    pub const fn new(certificate: Certificate) -> Self {
        Self { certificate }
    }

    /// The certificate that the anchor came as.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// What identifies the anchor: the SHA-256 digest of its certificate.
    #[must_use]
    pub fn id(&self) -> Sha256 {
        self.certificate.sha256()
    }

    /// The name that certificates give as their issuer.
    #[must_use]
    pub fn name(&self) -> &DistinguishedName {
        self.certificate.subject()
    }

    /// The key that verifies them.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        self.certificate.public_key()
    }

    /// When its certificate ends. Paths are accepted afterwards, but the anchor wants replacing.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.certificate.not_after()
    }
}

impl From<Certificate> for TrustAnchor {
    fn from(certificate: Certificate) -> Self {
        Self::new(certificate)
    }
}

/// Trust anchors, found by name: thousands cost a search no more than a few.
///
/// Order is kept; the same certificate given twice is held once.
#[derive(Clone, Debug, Default)]
pub struct AnchorSet {
    anchors: Vec<TrustAnchor>,
    /// Positions of the anchors whose names match each other (RFC 5280 §7.1).
    groups: Vec<Vec<usize>>,
    /// The group of each encoding of a name that an anchor has: most certificates repeat it exactly.
    by_encoding: HashMap<Vec<u8>, usize>,
    /// The group of each name as it compares.
    by_comparison_key: HashMap<Vec<u8>, usize>,
}

impl AnchorSet {
    /// Indexes `anchors`.
    #[must_use]
    pub fn new(anchors: impl IntoIterator<Item = TrustAnchor>) -> Self {
        let mut set = Self::default();
        for anchor in anchors {
            set.insert(anchor);
        }
        set
    }

    fn insert(&mut self, anchor: TrustAnchor) {
        let name = anchor.name();
        // An empty name names nobody, so no path ends there.
        let group = match self.by_comparison_key.get(name.comparison_key()) {
            Some(group) => *group,
            None => {
                let key = name.comparison_key().to_vec();
                self.by_comparison_key.insert(key, self.groups.len());
                self.groups.push(Vec::new());
                self.groups.len() - 1
            }
        };
        let Some(members) = self.groups.get_mut(group) else {
            return;
        };
        let held = |position: &usize| self.anchors.get(*position) == Some(&anchor);
        if members.iter().any(held) {
            return;
        }
        members.push(self.anchors.len());
        self.by_encoding.insert(name.der().to_vec(), group);
        self.anchors.push(anchor);
    }

    /// Every anchor, in the order given.
    #[must_use]
    pub fn anchors(&self) -> &[TrustAnchor] {
        &self.anchors
    }

    /// The anchors whose name is `name`.
    pub fn named(&self, name: &DistinguishedName) -> impl Iterator<Item = &TrustAnchor> {
        let group = match name.is_empty() {
            true => None,
            false => self
                .by_encoding
                .get(name.der())
                .or_else(|| self.by_comparison_key.get(name.comparison_key())),
        };
        let members = group.and_then(|group| self.groups.get(*group));
        members
            .into_iter()
            .flatten()
            .filter_map(|position| self.anchors.get(*position))
    }

    /// Whether `certificate` is one of the anchors.
    #[must_use]
    pub fn contains(&self, certificate: &Certificate) -> bool {
        self.named(certificate.subject())
            .any(|anchor| anchor.certificate() == certificate)
    }
}

impl FromIterator<TrustAnchor> for AnchorSet {
    fn from_iter<I: IntoIterator<Item = TrustAnchor>>(anchors: I) -> Self {
        Self::new(anchors)
    }
}
