//! What is kept with the receipt of a verification so that it can be replayed: the report, and what recognition
//! was asked for it.
//!
//! The document is not kept. The certificates of paths stand in the report by the digests of their DER form. Where
//! recognition refused something, what lies behind the refusal is judged as well and kept, so that it can be told
//! what a change of recognition would have made of it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::validation::report::Indication;
use crate::validation::report::Overall;
use crate::validation::report::Report;
use crate::validation::report::SubIndication;
use crate::validation::standing::CaTerms;
use crate::validation::standing::Question;
use crate::validation::standing::Standing;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::Usage;

/// The member of the facts that the report has not.
const RECOGNITION: &str = "recognition";

/// The facts of a receipt.
#[derive(Debug, Clone, PartialEq)]
pub struct ReceiptFacts {
    /// The answer; its `policy` says for whom and for what recognition was asked.
    pub report: Report,
    /// What recognition was asked; none in a receipt of a release that did not keep it.
    pub recognition: Option<RecognitionFacts>,
}

/// What a verdict asked of recognition, and what it depended on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecognitionFacts {
    /// The time for which it was asked, to the microsecond.
    pub at: Timestamp,
    /// How several signatures made one verdict.
    pub overall: Overall,
    /// The questions with their answers.
    pub asked: Vec<AskedOfRecognition>,
    /// The CAs that the questions were about, as they were then.
    pub cas: Vec<CaTerms>,
    /// What the verdict would have been with other answers; empty where recognition refused nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub otherwise: Vec<Otherwise>,
}

/// A verdict as it would have been.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Otherwise {
    /// The questions with the answers that lead to it.
    pub asked: Vec<AskedOfRecognition>,
    /// The verdict.
    #[serde(flatten)]
    pub verdict: Verdict,
}

/// An indication and its refinement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// The indication.
    pub indication: Indication,
    /// Its refinement.
    pub sub_indication: Option<SubIndication>,
}

impl Verdict {
    /// That of a report.
    #[must_use]
    pub const fn of(report: &Report) -> Self {
        Self {
            indication: report.indication,
            sub_indication: report.sub_indication,
        }
    }
}

/// One question, and what it was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AskedOfRecognition {
    /// Which anchor, by the digest of its certificate.
    pub anchor: Sha256,
    /// Whose.
    pub ca: CaId,
    /// For what.
    pub usage: Usage,
    /// How it stood.
    pub standing: Standing,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.indication.as_str())?;
        match self.sub_indication {
            Some(sub) => write!(formatter, " {}", sub.as_str()),
            None => Ok(()),
        }
    }
}

impl AskedOfRecognition {
    /// Whether it was recognised.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.standing == Standing::Accepted
    }

    fn all(answers: BTreeMap<Question, Standing>, trust: &TrustSet) -> Vec<Self> {
        let asked = answers
            .into_iter()
            .filter_map(|((anchor, usage), standing)| {
                let ca = trust.owner(&anchor)?.id.clone();
                Some(Self {
                    anchor,
                    ca,
                    usage,
                    standing,
                })
            });
        asked.collect()
    }
}

impl RecognitionFacts {
    /// What was asked of a profile made from `trust`, and with which answers the verdict would have been another.
    #[must_use]
    pub fn new(
        answers: BTreeMap<Question, Standing>,
        otherwise: Vec<(Verdict, BTreeMap<Question, Standing>)>,
        trust: &TrustSet,
        (at, overall): (Timestamp, Overall),
    ) -> Self {
        let asked = AskedOfRecognition::all(answers, trust);
        let otherwise = otherwise.into_iter().map(|(verdict, answers)| Otherwise {
            asked: AskedOfRecognition::all(answers, trust),
            verdict,
        });
        let otherwise: Vec<Otherwise> = otherwise.collect();
        let all = otherwise.iter().flat_map(|one| &one.asked).chain(&asked);
        let cas: BTreeSet<&CaId> = all.map(|one| &one.ca).collect();
        let cas = cas.into_iter().filter_map(|ca| trust.store(ca));
        Self {
            at,
            overall,
            cas: cas.map(CaTerms::of).collect(),
            asked,
            otherwise,
        }
    }
}

/// Whether a row of the recognition table could make the answer another one.
#[must_use]
pub fn is_refused_by_recognition(standing: Standing) -> bool {
    match standing {
        Standing::Accepted | Standing::NotPermitted => false,
        Standing::AnchorNotRecognised | Standing::NotRecognised | Standing::UsageNotRecognised => {
            true
        }
    }
}

/// The facts as they are kept; [`RECOGNITION`] beside the members of the report.
#[derive(Serialize)]
struct Kept<'a> {
    #[serde(flatten)]
    report: &'a Report,
    recognition: &'a RecognitionFacts,
}

impl ReceiptFacts {
    /// How an answer and what was asked for it are kept.
    ///
    /// # Errors
    /// When they cannot be written as JSON.
    pub fn kept(
        report: &Report,
        recognition: &RecognitionFacts,
    ) -> Result<String, serde_json::Error> {
        serde_json::to_string(&Kept {
            report,
            recognition,
        })
    }

    /// Reads what was kept.
    ///
    /// # Errors
    /// When it is something else.
    pub fn read(mut facts: Value) -> Result<Self, serde_json::Error> {
        let members = facts.as_object_mut();
        let recognition = members.and_then(|members| members.remove(RECOGNITION));
        Ok(Self {
            recognition: recognition.map(serde_json::from_value).transpose()?,
            report: serde_json::from_value(facts)?,
        })
    }
}
