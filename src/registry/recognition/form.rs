//! The JSON form of a row, in the interface, in proposals and under the table's digest.

use std::time::Duration;

use serde::Deserialize;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::crypto::digest::Sha256;
use crate::pki::oid::Oid;
use crate::registry::recognition::Decision;
use crate::registry::recognition::Recogniser;
use crate::registry::recognition::RecognitionRow;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::relying_party::RelyingPartyKind;
use crate::validation::limits::Limits;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::Usage;

/// Why a form is no row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowFormError {
    /// No signature algorithm of that name.
    #[error("there is no signature algorithm `{0}`")]
    Algorithm(String),
    /// What accepts must say which anchors.
    #[error("`anchors` is missing: SHA-256 digests of the CA's anchors that are recognised")]
    AnchorsMissing,
    /// Neither a party nor a kind, or both.
    #[error("one of `caller` and `every` must be there, and not both")]
    Caller,
    /// Evidence of age zero is none.
    #[error("a maximum age of evidence must be 1 second to 366 days")]
    EvidenceAge,
    /// Keys have at least one bit, and none has more than this.
    #[error("a minimum of key bits must be 1 to 16384")]
    KeyBits,
    /// Not an object identifier.
    #[error("`{0}` is not an object identifier")]
    Policy(String),
    /// What refuses has neither anchors nor limits.
    #[error("a row that refuses has neither anchors nor limits")]
    RefusesSome,
}

/// What a row says, in one word.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionForm {
    /// The CA is recognised.
    #[default]
    Accept,
    /// It is not.
    Refuse,
}

/// The form of limits.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LimitsForm {
    /// Names of signature algorithms.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub algorithms: Vec<String>,
    /// Bits of an RSA modulus, or as strong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_key_bits: Option<u32>,
    /// In seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_evidence_age_seconds: Option<u64>,
    /// Certificate policies, dotted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
}

/// The form of a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RowForm {
    /// One relying party.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<RelyingPartyId>,
    /// Or every one of a kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<RelyingPartyKind>,
    /// Which CA.
    pub ca: CaId,
    /// For what.
    pub usage: Usage,
    /// What it says.
    #[serde(default)]
    pub decision: DecisionForm,
    /// Which anchors; not there where it refuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchors: Option<Vec<Sha256>>,
    /// Under which limits; not there where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitsForm>,
    /// From when on.
    pub valid_from: Timestamp,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Timestamp>,
}

impl From<&RecognitionRow> for RowForm {
    fn from(row: &RecognitionRow) -> Self {
        let (caller, every) = match &row.caller {
            Recogniser::One(id) => (Some(id.clone()), None),
            Recogniser::Every(kind) => (None, Some(*kind)),
        };
        let (decision, anchors, limits) = match &row.decision {
            Decision::Accept { anchors, limits } => {
                let mut anchors = anchors.clone();
                anchors.sort_unstable();
                anchors.dedup();
                let limits = (!limits.is_empty()).then(|| LimitsForm::from(limits));
                (DecisionForm::Accept, Some(anchors), limits)
            }
            Decision::Refuse => (DecisionForm::Refuse, None, None),
        };
        Self {
            caller,
            every,
            ca: row.ca.clone(),
            usage: row.usage.clone(),
            decision,
            anchors,
            limits,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
        }
    }
}

impl TryFrom<RowForm> for RecognitionRow {
    type Error = RowFormError;

    fn try_from(form: RowForm) -> Result<Self, RowFormError> {
        let caller = match (form.caller, form.every) {
            (Some(id), None) => Recogniser::One(id),
            (None, Some(kind)) => Recogniser::Every(kind),
            (Some(_), Some(_)) | (None, None) => return Err(RowFormError::Caller),
        };
        let decision = match (form.decision, form.anchors, form.limits) {
            (DecisionForm::Accept, Some(anchors), limits) => Decision::Accept {
                anchors,
                limits: limits.unwrap_or_default().try_into()?,
            },
            (DecisionForm::Accept, None, _) => return Err(RowFormError::AnchorsMissing),
            (DecisionForm::Refuse, None, None) => Decision::Refuse,
            (DecisionForm::Refuse, _, _) => return Err(RowFormError::RefusesSome),
        };
        let row = Self {
            caller,
            ca: form.ca,
            usage: form.usage,
            valid_from: form.valid_from,
            valid_until: form.valid_until,
            decision,
        };
        Ok(row.normalised())
    }
}

impl From<&Limits> for LimitsForm {
    fn from(limits: &Limits) -> Self {
        let limits = limits.clone().normalised();
        let names = limits.algorithms.iter().map(|algorithm| algorithm.name());
        Self {
            algorithms: names.map(str::to_owned).collect(),
            minimum_key_bits: limits.minimum_key_bits,
            maximum_evidence_age_seconds: limits.maximum_evidence_age.map(|age| age.as_secs()),
            policies: limits.policies.iter().map(Oid::to_string).collect(),
        }
    }
}

/// The largest RSA key that anybody makes.
const MAX_KEY_BITS: u32 = 16384;
/// Longer than any evidence is valid; what is meant to last longer is meant to have no limit.
const MAX_EVIDENCE_AGE_SECONDS: u64 = 366 * 24 * 60 * 60;

impl TryFrom<LimitsForm> for Limits {
    type Error = RowFormError;

    fn try_from(form: LimitsForm) -> Result<Self, RowFormError> {
        let algorithms = form.algorithms.into_iter().map(|name| {
            SignatureAlgorithm::from_name(&name).map_err(|_unknown| RowFormError::Algorithm(name))
        });
        let policies = form
            .policies
            .into_iter()
            .map(|text| Oid::parse(&text).map_err(|_malformed| RowFormError::Policy(text)));
        let bits = form.minimum_key_bits;
        if bits.is_some_and(|bits| !(1..=MAX_KEY_BITS).contains(&bits)) {
            return Err(RowFormError::KeyBits);
        }
        let age = form.maximum_evidence_age_seconds;
        if age.is_some_and(|age| !(1..=MAX_EVIDENCE_AGE_SECONDS).contains(&age)) {
            return Err(RowFormError::EvidenceAge);
        }
        let limits = Self {
            algorithms: algorithms.collect::<Result<_, _>>()?,
            minimum_key_bits: bits,
            maximum_evidence_age: age.map(Duration::from_secs),
            policies: policies.collect::<Result<_, _>>()?,
        };
        Ok(limits.normalised())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::*;

    fn read(json: Value) -> Result<RecognitionRow, String> {
        let form: RowForm = serde_json::from_value(json).map_err(|error| error.to_string())?;
        RecognitionRow::try_from(form).map_err(|error| error.to_string())
    }

    fn full() -> Value {
        json!({
            "every": "bank", "ca": "gdca", "usage": "banking", "decision": "accept",
            "anchors": ["07".repeat(32)],
            "limits": {"algorithms": ["SM2-SM3"], "minimumKeyBits": 3072, "maximumEvidenceAgeSeconds": 3600,
                       "policies": ["1.2.3"]},
            "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2027-01-01T00:00:00Z",
        })
    }

    #[test]
    fn a_form_is_read_and_written_the_same() {
        let row = read(full()).unwrap();
        assert_eq!(serde_json::to_value(RowForm::from(&row)).unwrap(), full());
        let refusal = json!({"caller": "bank-a", "ca": "gdca", "usage": "tax", "decision": "refuse",
                             "validFrom": "2026-01-01T00:00:00Z"});
        let row = read(refusal.clone()).unwrap();
        assert_eq!(serde_json::to_value(RowForm::from(&row)).unwrap(), refusal);
    }

    #[test]
    fn what_is_no_row_is_told() {
        for (member, value, told) in [
            ("caller", json!("bank-a"), "not both"),
            ("anchors", Value::Null, "`anchors` is missing"),
            ("decision", json!("refuse"), "neither anchors nor limits"),
            ("decision", json!("maybe"), "unknown variant"),
            ("every", json!("weather"), "unknown variant"),
            ("ca", json!("GDCA"), ""),
            ("limits", json!({"algorithms": ["ROT13"]}), "`ROT13`"),
            ("limits", json!({"policies": ["one"]}), "`one`"),
            ("limits", json!({"minimumKeyBits": 0}), "1 to 16384"),
            (
                "limits",
                json!({"maximumEvidenceAgeSeconds": 0}),
                "366 days",
            ),
            ("limits", json!({"colour": "red"}), "unknown field"),
            ("validFrom", json!("yesterday"), ""),
            ("colour", json!("red"), "unknown field"),
        ] {
            let mut form = full();
            form[member] = value;
            let error = read(form).unwrap_err();
            assert!(error.contains(told), "{member}: {error}");
        }
    }
}
