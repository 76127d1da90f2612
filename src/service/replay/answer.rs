//! What a replay answers.

use serde::Serialize;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::identifier::opaque_id::ReceiptId;
use crate::service::receipt_facts::Verdict;
use crate::validation::reason::ReasonCode;
use crate::validation::standing::SaidNo;
use crate::validation::standing::Standing;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::Usage;

/// What a replay found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replay {
    /// Which receipt.
    pub receipt: ReceiptId,
    /// Whether the recognition of then gives the receipt's own verdict; none where what it was asked is not kept.
    pub consistent: Option<bool>,
    /// With the recognition of then.
    pub then: Replayed,
    /// With the recognition of now.
    pub now: Replayed,
    /// What made the difference; empty where nothing did.
    pub differences: Vec<Difference>,
    /// What was decided or computed again.
    pub recomputed: Vec<&'static str>,
    /// What was taken over from the verdict of then.
    pub taken_over: Vec<&'static str>,
}

/// A verdict, and under which profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replayed {
    /// The verdict; none where only the document itself could tell.
    pub verdict: Option<Verdict>,
    /// The profile.
    pub profile: ReplayedProfile,
}

/// The profile that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ReplayedProfile {
    /// Its name.
    pub name: String,
    /// The version of the recognition table.
    pub version: u64,
    /// The time for which it was asked.
    pub at: Timestamp,
}

/// Makes the enum and its words from one table.
macro_rules! differences {
    ($($(#[doc = $doc:literal])+ $variant:ident $code:literal $message:literal $message_zh:literal;)+) => {
        /// Why then and now, or the receipt and its replay, are not the same.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum DifferenceKind {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl DifferenceKind {
            const fn words(self) -> (&'static str, &'static str, &'static str) {
                match self { $(Self::$variant => ($code, $message, $message_zh),)+ }
            }
        }
    };
}

differences! {
    /// The CA was distrusted.
    CaDistrusted "CA_DISTRUSTED"
        "The CA is not trusted any more for what is not proven to be older." "该机构已停止采信，仅早于停止时点者除外。";
    /// There is no such CA any more.
    CaGone "CA_GONE"
        "The CA is not among the known ones any more." "该机构已不在已知机构之列。";
    /// A certificate was revoked.
    CertificateRevoked "CERTIFICATE_REVOKED"
        "The signer's certificate is revoked by a list at hand." "据现有吊销列表，签名证书已被吊销。";
    /// What is kept is not what the receipt says.
    FactsDiffer "FACTS_DIFFER"
        "What is kept with the receipt is not what the receipt says." "留存的事实与回执所载不一致。";
    /// It is refused now as then, for another reason.
    RefusedOtherwise "REFUSED_OTHERWISE"
        "It is refused now as then, for another reason." "现在与当时同样不予认可，但理由不同。";
    /// It is recognised now and was not then.
    RecognisedNow "RECOGNISED_NOW"
        "The anchor is recognised now and was not then." "该信任锚当时未获认可，现已认可。";
    /// It was recognised then and is not now.
    RecognisedNoMore "RECOGNISED_NO_MORE"
        "The anchor was recognised then and is not now." "该信任锚当时获认可，现已不再认可。";
    /// The table of then does not answer as it is said to have answered.
    ThenOtherwise "THEN_OTHERWISE"
        "The recognition table of then does not give the answer that the verdict rests on." "当时的认可表得不出该结论所依据的认可结果。";
}

/// One difference.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Its code; append-only.
    pub code: &'static str,
    /// In English.
    pub message: &'static str,
    /// In Chinese.
    pub message_zh: &'static str,
    /// The anchor that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Sha256>,
    /// The certificate that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<Sha256>,
    /// Whose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<CaId>,
    /// For which usage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Usage>,
    /// How the anchor stood, and by which row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then: Option<Answered>,
    /// How it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub now: Option<Answered>,
    /// Since when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
}

/// How an anchor stands, and which row says no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answered {
    /// How it stands.
    pub standing: Standing,
    /// The reason that a report gives for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonCode>,
    /// Which row says no, as in reports.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub row: Option<&'static str>,
    /// Until when there was recognition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recognised_until: Option<Timestamp>,
    /// From when on there will be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recognised_from: Option<Timestamp>,
}

impl Difference {
    pub(super) const fn of(kind: DifferenceKind) -> Self {
        let (code, message, message_zh) = kind.words();
        Self {
            code,
            message,
            message_zh,
            anchor: None,
            certificate: None,
            ca: None,
            usage: None,
            then: None,
            now: None,
            since: None,
        }
    }
}

impl Answered {
    pub(super) fn of(standing: Standing, said_no: Option<SaidNo>) -> Self {
        let said_no = said_no.filter(|_| standing != Standing::Accepted);
        Self {
            standing,
            reason: standing.code(),
            row: said_no.map(SaidNo::as_str),
            recognised_until: said_no.and_then(SaidNo::until),
            recognised_from: said_no.and_then(SaidNo::from),
        }
    }
}
