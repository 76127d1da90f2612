//! `[trust]`: the certificate authorities.

use std::path::PathBuf;

use crate::config::field::Default;
use crate::config::field::Field;
use crate::config::field::SectionDoc;
use crate::config::reader::Section;
use crate::registry::recognition::proposal::Approval;

/// `[trust]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The folder of trust roots; absent: those embedded in the program.
    pub roots_dir: Option<PathBuf>,
    /// Whether a change of the recognition table needs a second person.
    pub approval: Approval,
}

const APPROVALS: [(&str, Approval); 2] = [
    ("none", Approval::None),
    ("two-person", Approval::TwoPerson),
];

const ROOTS_DIR: Field = Field {
    key: "roots_dir",
    doc: "The folder of trust roots, with one folder per certificate authority. It replaces those that \
          the program carries, which vouch for nothing by themselves: they are roots of the web.",
    unit: "path",
    default: Default::Absent {
        means: "the roots that the program carries are used",
        example: "\"trust-roots\"",
    },
};

const APPROVAL: Field = Field {
    key: "approval",
    doc: "Whether a change of who recognises which certificate authority needs a second person: none, whoever may \
          change the table changes it; two-person, a change is proposed by one operator and approved by another, and \
          nothing changes without. One caller counts as one person, whatever keys it has.",
    unit: "none or two-person",
    default: Default::Value("\"none\""),
};

/// The section's documentation.
pub const SECTION: SectionDoc = SectionDoc {
    name: "trust",
    doc: "The certificate authorities that are known. Who recognises which is kept in the database.",
    fields: &[&ROOTS_DIR, &APPROVAL],
};

impl Trust {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        let roots_dir = section.optional_path(&ROOTS_DIR);
        let approval = section.choice(&APPROVAL, &APPROVALS);
        Some(Self {
            roots_dir: roots_dir?,
            approval: approval?,
        })
    }
}
