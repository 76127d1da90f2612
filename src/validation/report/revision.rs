//! What is told of a document's revisions, and of what was changed from one to the next.

use serde::Deserialize;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::signature::facts::modification::ChangeFact;
use crate::signature::facts::modification::ChangeKind;
use crate::validation::report::Indication;

/// One revision of a document: a version of it that a later one only adds to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevisionReport {
    /// Its number, the first being 1.
    pub number: usize,
    /// How many bytes the document had when it ended.
    pub size_bytes: usize,
    /// The signatures that were made with it, by their `id`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<String>,
    /// The document timestamps that were made with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub timestamps: Vec<RevisionTimestamp>,
    /// What it changed of the one before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<ChangeReport>,
    /// Why that cannot be said, where it cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undecided: Option<String>,
}

/// A timestamp over a revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RevisionTimestamp {
    /// The time in it.
    pub time: Timestamp,
    /// The verdict on it, as it stands with the signatures.
    pub indication: Indication,
}

/// One thing that was changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeReport {
    /// What kind of change it is.
    pub kind: ChangeName,
    /// Whether the signer allowed it; none where no signature is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permitted: Option<bool>,
    /// What was changed, in the words of the format.
    pub place: String,
    /// The object in which it was found: number and generation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// The page on which it shows, the first being 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page: Option<usize>,
}

/// The kinds of changes by their names in JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeName {
    /// An annotation that draws nothing over the page.
    Annotation,
    /// Anything else: what the document shows or does.
    Content,
    /// A timestamp over the whole document.
    DocumentTimestamp,
    /// Certificates and revocation information for later.
    Evidence,
    /// A field for a later signature.
    FieldAdded,
    /// A form field was filled in.
    FieldFilled,
    /// Title, author, dates and the like.
    Metadata,
    /// Another signature.
    Signature,
}

impl ChangeName {
    /// In English and in Chinese, for people.
    #[must_use]
    pub const fn labels(self) -> (&'static str, &'static str) {
        match self {
            Self::Annotation => ("annotation added", "添加批注"),
            Self::Content => ("content changed", "内容改动"),
            Self::DocumentTimestamp => ("document timestamp added", "加盖文档时间戳"),
            Self::Evidence => ("validation data added", "添加验证资料"),
            Self::FieldAdded => ("signature field added", "添加签名域"),
            Self::FieldFilled => ("form field filled in", "填写表单"),
            Self::Metadata => ("metadata changed", "文档属性改动"),
            Self::Signature => ("signed", "签名"),
        }
    }
}

impl From<ChangeKind> for ChangeName {
    fn from(kind: ChangeKind) -> Self {
        match kind {
            ChangeKind::Annotation => Self::Annotation,
            ChangeKind::Content => Self::Content,
            ChangeKind::DocumentTimestamp => Self::DocumentTimestamp,
            ChangeKind::Evidence => Self::Evidence,
            ChangeKind::FieldAdded => Self::FieldAdded,
            ChangeKind::FieldFilled => Self::FieldFilled,
            ChangeKind::Metadata => Self::Metadata,
            ChangeKind::Signature => Self::Signature,
        }
    }
}

impl ChangeReport {
    /// One of a signature's own: whether its signer allowed it is told.
    #[must_use]
    pub fn after_signature(fact: &ChangeFact) -> Self {
        Self {
            permitted: Some(fact.permitted),
            ..Self::between_revisions(fact)
        }
    }

    /// One between two revisions, whoever signed them.
    #[must_use]
    pub fn between_revisions(fact: &ChangeFact) -> Self {
        Self {
            kind: fact.kind.into(),
            permitted: None,
            place: fact.place.clone(),
            object: fact.object.clone(),
            page: fact.page,
        }
    }
}
