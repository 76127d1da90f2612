//! What was signed, by which algorithm, and the fact of who did, once it was computed.

use std::ops::Range;
use std::sync::OnceLock;

use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::Sha256;
use crate::crypto::public_key::PublicKey;
use crate::crypto::verify::SignatureForm;
use crate::crypto::verify::verify_signature;
use crate::pki::algorithm_identifier::AlgorithmIdentifier;
use crate::pki::certificate::IssuerSignatureError;
use crate::pki::der::Element;
use crate::pki::oid::Oid;

/// The signature on bytes that are kept beside it and never change.
///
/// That a key made it is remembered, so that a CRL of many megabytes is digested once and not for every
/// certificate that is looked up in it. Only successes are, and nothing but this fact: it says nothing
/// about dates or trust.
#[derive(Debug)]
pub(super) struct Signed {
    tbs: Range<usize>,
    signature: Vec<u8>,
    algorithm: Option<SignatureAlgorithm>,
    algorithm_oid: Oid,
    proven_key: OnceLock<Sha256>,
}

impl Signed {
    /// `tbs` is what was signed, as an element of the bytes that [`Self::verify`] will be given.
    pub(super) fn new(
        tbs: Element<'_>,
        algorithm: AlgorithmIdentifier<'_>,
        signature: &[u8],
    ) -> Self {
        Self {
            tbs: tbs.range(),
            signature: signature.to_vec(),
            algorithm: algorithm.signature_algorithm(),
            algorithm_oid: algorithm.oid,
            proven_key: OnceLock::new(),
        }
    }

    pub(super) const fn algorithm(&self) -> Option<SignatureAlgorithm> {
        self.algorithm
    }

    pub(super) fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// What was signed, out of the `whole` that it was read from.
    pub(super) fn tbs<'a>(&self, whole: &'a [u8]) -> &'a [u8] {
        whole.get(self.tbs.clone()).unwrap_or_default()
    }

    /// Whether [`Self::verify`] answers for this key without computing.
    pub(super) fn is_proven_by(&self, key: &PublicKey) -> bool {
        self.proven_key.get() == Some(&key.sha256())
    }

    /// Computes whether `key` made the signature on the signed part of `whole`.
    pub(super) fn verify(&self, whole: &[u8], key: &PublicKey) -> Result<(), IssuerSignatureError> {
        if self.is_proven_by(key) {
            return Ok(());
        }
        let Some(algorithm) = self.algorithm else {
            let oid = self.algorithm_oid.clone();
            return Err(IssuerSignatureError::UnsupportedAlgorithm(oid));
        };
        let message = self.tbs(whole);
        verify_signature(algorithm, key, message, &self.signature, SignatureForm::Der)?;
        // Another key that fits as well would be a second fact; one is enough to remember.
        let _: Result<(), Sha256> = self.proven_key.set(key.sha256());
        Ok(())
    }
}
