//! The report on one certification path: what `yinxin path` prints.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::validation::certificate::SignerOutcome;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::CaRef;
use crate::validation::report::Indication;
use crate::validation::report::PathElement;
use crate::validation::report::PolicyRef;
use crate::validation::report::RevocationInfo;
use crate::validation::report::Signer;
use crate::validation::report::SubIndication;
use crate::validation::report::TriedCandidate;

/// The verdict on a certification path, with everything it rests on.
///
/// A signature is judged by more than its path, so this is not a [`Report`](crate::validation::report::Report);
/// its members have the names and the meaning that they have there.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PathReport {
    /// The verdict.
    pub indication: Indication,
    /// ETSI's refinement of the verdict.
    pub sub_indication: Option<SubIndication>,
    /// Whose certificate it is; none where it could not be read.
    pub subject: Option<Signer>,
    /// The known CA that the path leads to.
    pub ca: Option<CaRef>,
    /// The path, end entity first, trust anchor last; else the end entity alone.
    pub path: Vec<PathElement>,
    /// Certificate policies for which it is valid, in the trust anchor's terms.
    pub policies: Vec<String>,
    /// Which revocation evidence was used.
    pub revocation: Vec<RevocationInfo>,
    /// Why the verdict is what it is.
    pub reasons: Vec<Reason>,
    /// Certificates that were tried on the way up and fell.
    pub tried: Vec<TriedCandidate>,
    /// How many more fell than are listed.
    pub tried_more: usize,
    /// What was accepted.
    pub policy: Option<PolicyRef>,
    /// When it was judged, by the clock.
    pub validated_at: Timestamp,
}

impl PathReport {
    /// The report on an outcome; `remarks` stand beside its reasons.
    #[must_use]
    pub fn new(
        outcome: SignerOutcome,
        remarks: Vec<Reason>,
        policy: PolicyRef,
        validated_at: Timestamp,
    ) -> Self {
        let mut reasons = outcome.reasons;
        reasons.extend(remarks);
        Self {
            indication: outcome.indication,
            sub_indication: outcome.sub_indication,
            subject: Some(outcome.signer),
            ca: outcome.ca,
            path: outcome.path,
            policies: outcome.policies,
            revocation: outcome.revocation,
            reasons,
            tried: outcome.tried,
            tried_more: outcome.tried_more,
            policy: Some(policy),
            validated_at,
        }
    }

    /// The report on bytes that are no certificate.
    #[must_use]
    pub fn malformed(detail: &str, validated_at: Timestamp) -> Self {
        let reason = Reason::new(ReasonCode::FormatCertificate).with("detail", detail);
        Self {
            indication: Indication::TotalFailed,
            sub_indication: Some(SubIndication::FormatFailure),
            subject: None,
            ca: None,
            path: Vec::new(),
            policies: Vec::new(),
            revocation: Vec::new(),
            reasons: vec![reason],
            tried: Vec::new(),
            tried_more: 0,
            policy: None,
            validated_at,
        }
    }
}
