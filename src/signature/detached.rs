//! Content that stands apart from its signature: its digests, and its bytes where they are needed.
//!
//! Most signatures need no more of the content than a digest, so that content may be digested as it
//! streams by, or stay with its owner altogether.

use std::collections::BTreeSet;

use crate::crypto::digest::Digest;
use crate::crypto::digest::DigestAlgorithm;
use crate::crypto::digest::DigestContext;

/// What a signature asks of content that stands apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentNeeds {
    /// Digests by these algorithms.
    pub digests: BTreeSet<DigestAlgorithm>,
    /// The bytes themselves: they, not a digest of them, are signed.
    pub bytes: bool,
}

impl ContentNeeds {
    /// What both ask.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.digests.extend(other.digests);
        self.bytes |= other.bytes;
        self
    }
}

/// Content that stands apart, as far as it was handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DetachedContent {
    /// What the signature may call it.
    pub name: Option<String>,
    /// Its digests.
    pub digests: Vec<Digest>,
    /// Its bytes, where we had them and they were asked for.
    pub bytes: Option<Vec<u8>>,
}

impl DetachedContent {
    /// Content whose bytes are at hand, with the digests that `needs` asks for.
    #[must_use]
    pub fn of_bytes(name: Option<String>, bytes: Vec<u8>, needs: &ContentNeeds) -> Self {
        let mut digester = Digester::new(needs);
        digester.update(&bytes);
        Self {
            name,
            digests: digester.finish(),
            bytes: Some(bytes),
        }
    }

    /// Its digest by `algorithm`, if that is known or can be computed.
    #[must_use]
    pub fn digest(&self, algorithm: DigestAlgorithm) -> Option<Digest> {
        let mut known = self.digests.iter();
        let known = known
            .find(|digest| digest.algorithm() == algorithm)
            .cloned();
        known.or_else(|| {
            Some(crate::crypto::digest::digest(
                algorithm,
                self.bytes.as_ref()?,
            ))
        })
    }
}

/// Computes several digests of bytes that come piece by piece.
#[derive(Debug)]
pub struct Digester(Vec<DigestContext>);

impl Digester {
    /// Nothing so far.
    #[must_use]
    pub fn new(needs: &ContentNeeds) -> Self {
        Self(
            needs
                .digests
                .iter()
                .copied()
                .map(DigestContext::new)
                .collect(),
        )
    }

    /// Appends `bytes`.
    pub fn update(&mut self, bytes: &[u8]) {
        for context in &mut self.0 {
            context.update(bytes);
        }
    }

    /// The digests of everything appended.
    #[must_use]
    pub fn finish(self) -> Vec<Digest> {
        self.0.into_iter().map(DigestContext::finish).collect()
    }
}
