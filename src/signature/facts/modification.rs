//! What was done to a document after it was signed, where its format can tell.

/// What was done to a document after a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModificationFacts {
    /// All of it together.
    pub extent: ModificationExtent,
    /// One by one, in the order of the document; no more than [`MAX_CHANGES`].
    pub changes: Vec<ChangeFact>,
    /// Why it cannot be said, where it cannot.
    pub undecided: Option<String>,
}

/// Changes that are listed one by one.
pub const MAX_CHANGES: usize = 64;

impl ModificationFacts {
    /// Nothing was done.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            extent: ModificationExtent::None,
            changes: Vec::new(),
            undecided: None,
        }
    }

    /// It cannot be said what was done.
    #[must_use]
    pub fn unknown(why: impl Into<String>) -> Self {
        Self {
            extent: ModificationExtent::Unknown,
            changes: Vec::new(),
            undecided: Some(why.into()),
        }
    }
}

/// How far changes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ModificationExtent {
    /// Nothing was changed.
    None,
    /// What was changed is what the signer allowed.
    Permitted,
    /// Not decidable.
    Unknown,
    /// More was changed than the signer allowed.
    Forbidden,
}

/// One thing that differs between two revisions of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeFact {
    /// What kind of change it is.
    pub kind: ChangeKind,
    /// Whether the signer allowed it.
    pub permitted: bool,
    /// What was changed, in the words of the format: `page 2, Contents`, `field company.name`.
    pub place: String,
    /// The object in which it was found, by the format's name for it: `12 0`.
    pub object: Option<String>,
    /// The page on which it shows, the first being 1.
    pub page: Option<usize>,
}

/// Kinds of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ChangeKind {
    /// An annotation that draws nothing over the page.
    Annotation,
    /// Anything else: what the document shows or does.
    Content,
    /// A timestamp over the whole document.
    DocumentTimestamp,
    /// Certificates and revocation information for later (ETSI EN 319 142-1 §5.4.2).
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
