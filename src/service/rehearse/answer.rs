//! What a rehearsal answers.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::identifier::opaque_id::ReceiptId;
use crate::identifier::uscc::Uscc;
use crate::registry::relying_party::RelyingParty;
use crate::service::receipt_facts::Verdict;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::Usage;

/// What a change would have made of past verifications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rehearsal {
    /// The version of the table that the change was laid over.
    pub base_version: u64,
    /// The time for which recognition was asked, before and after the change.
    pub at: Timestamp,
    /// Verifications since then were looked at.
    pub since: Timestamp,
    /// Whether these were all; else the oldest were left out.
    pub is_complete: bool,
    /// In total.
    #[serde(flatten)]
    pub total: Counts,
    /// By the relying party; those for whom the change says nothing are not looked at.
    pub callers: Vec<CallerOutcome>,
    /// How often which line of recognition made the difference.
    pub because: Vec<Cause>,
    /// Verifications with another verdict, the newest of each caller: no more than [`super::MAX_SHOWN`] a caller.
    pub changes: Vec<ChangedVerification>,
}

/// How many verifications.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Were looked at.
    pub examined: u64,
    /// Would have had another verdict.
    pub changed: u64,
    /// Would have had the same one.
    pub unchanged: u64,
    /// Cannot be told, by reason.
    pub undecided: BTreeMap<Undecided, u64>,
}

/// Why it cannot be told what would have become of a verification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Undecided {
    /// Only the document could tell, and it is not kept.
    DocumentNeeded,
    /// What recognition was asked is not kept: an earlier release verified it.
    FactsNotKept,
    /// A row has limits, and whether they are met only the certificates and the evidence tell.
    LimitsApply,
}

/// One relying party's verifications.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CallerOutcome {
    /// Who.
    pub caller: String,
    /// Its name.
    pub name: String,
    /// Its Chinese name.
    pub name_zh: String,
    /// How many.
    #[serde(flatten)]
    pub counts: Counts,
    /// Which verdicts would have become which.
    pub transitions: Vec<Transition>,
}

/// A verdict that would have become another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    /// With the table as it is.
    pub before: Verdict,
    /// With the change.
    pub after: Verdict,
    /// How often.
    pub count: u64,
}

/// A line of recognition that the change takes or gives.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// Which CA.
    pub ca: CaId,
    /// For what.
    pub usage: Usage,
    /// Whether it is recognised with the change, and not without; or the other way round.
    pub is_recognised: bool,
    /// In how many of the changed verifications.
    pub count: u64,
}

/// One verification with another verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangedVerification {
    /// Its receipt.
    pub receipt: ReceiptId,
    /// When it was.
    pub verified_at: Timestamp,
    /// Whose.
    pub caller: String,
    /// What for.
    pub purpose: String,
    /// SHA-256 of the document, where it was handed in.
    pub document: Option<Sha256>,
    /// The company that signed, or that the credential is about.
    pub company: Option<Uscc>,
    /// With the table as it is.
    pub before: Verdict,
    /// With the change.
    pub after: Verdict,
}

impl CallerOutcome {
    pub(super) fn of(
        party: &RelyingParty,
        counts: Counts,
        transitions: BTreeMap<(Verdict, Verdict), u64>,
    ) -> Self {
        let transitions = transitions.into_iter();
        Self {
            caller: party.id.to_string(),
            name: party.name.to_string(),
            name_zh: party.name_zh.to_string(),
            counts,
            transitions: transitions
                .map(|((before, after), count)| Transition {
                    before,
                    after,
                    count,
                })
                .collect(),
        }
    }
}

impl Counts {
    pub(super) fn add(&mut self, other: &Self) {
        let sum = |one: &mut u64, more: u64| *one = one.saturating_add(more);
        sum(&mut self.examined, other.examined);
        sum(&mut self.changed, other.changed);
        sum(&mut self.unchanged, other.unchanged);
        for (why, count) in &other.undecided {
            sum(self.undecided.entry(*why).or_default(), *count);
        }
    }
}
