//! What a rehearsal needs of a receipt's facts: a fraction, so that the rest is skipped when they are read.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::crypto::digest::Sha256;
use crate::identifier::uscc::Uscc;
use crate::service::receipt_facts::RecognitionFacts;
use crate::validation::report::Indication;
use crate::validation::report::SubIndication;
use crate::validation::trust_store::CaId;

/// What a rehearsal needs of a receipt's facts.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Facts {
    pub(super) indication: Indication,
    pub(super) sub_indication: Option<SubIndication>,
    pub(super) policy: PolicyFacts,
    pub(super) document: DocumentFacts,
    #[serde(default)]
    pub(super) signatures: Vec<SignatureFacts>,
    pub(super) recognition: Option<RecognitionFacts>,
    pub(super) credential: Option<CredentialFacts>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PolicyFacts {
    pub(super) purpose: String,
    #[serde(default)]
    pub(super) narrowed_to: Vec<CaId>,
}

#[derive(Deserialize)]
pub(super) struct DocumentFacts {
    #[serde(default)]
    pub(super) digests: BTreeMap<String, String>,
}

#[derive(Deserialize)]
pub(super) struct SignatureFacts {
    #[serde(default)]
    pub(super) path: Vec<PathFacts>,
    pub(super) signer: Option<SignerFacts>,
}

#[derive(Deserialize)]
pub(super) struct PathFacts {
    pub(super) sha256: Sha256,
}

#[derive(Deserialize)]
pub(super) struct SignerFacts {
    pub(super) uscc: Option<Uscc>,
}

#[derive(Deserialize)]
pub(super) struct CredentialFacts {
    #[serde(default)]
    pub(super) claims: ClaimFacts,
}

#[derive(Default, Deserialize)]
pub(super) struct ClaimFacts {
    pub(super) uscc: Option<serde_json::Value>,
}

impl Facts {
    /// The company that signed, or that the credential is about.
    pub(super) fn company(&self) -> Option<Uscc> {
        match &self.credential {
            Some(credential) => Uscc::parse(credential.claims.uscc.as_ref()?.as_str()?).ok(),
            None => self.signatures.first()?.signer.as_ref()?.uscc.clone(),
        }
    }
}
