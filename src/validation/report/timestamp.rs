//! The verdict on a timestamp.

use serde::Deserialize;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::validation::report::SignatureReport;

/// The verdict on a timestamp.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimestampReport {
    /// What it covers.
    pub kind: TimestampKind,
    /// The time in it; none where it cannot be read.
    pub time: Option<Timestamp>,
    /// Whether it is about what it stands beside; none where that could not be decided.
    pub imprint: Option<ImprintMatch>,
    /// The verdict on the authority's signature; `id` is that of the timestamp, `format` is `timestamp`.
    pub signature: SignatureReport,
}

/// What a timestamp covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimestampKind {
    /// Signature, certificates and evidence, to outlive them.
    Archive,
    /// The content, before it was signed.
    Content,
    /// What was handed in with it.
    Document,
    /// References to certificates and evidence.
    References,
    /// The signature's value.
    Signature,
}

/// Whether a timestamp is about what it stands beside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImprintMatch {
    /// It is.
    Match,
    /// It is about something else.
    Mismatch,
}
