//! `[trust]`: the certificate authorities.

use std::path::PathBuf;

use crate::config::field::Default;
use crate::config::field::Field;
use crate::config::field::SectionDoc;
use crate::config::reader::Section;

/// `[trust]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The folder of trust roots; absent: those embedded in the program.
    pub roots_dir: Option<PathBuf>,
}

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

/// The section's documentation.
pub const SECTION: SectionDoc = SectionDoc {
    name: "trust",
    doc: "The certificate authorities that are known. Who recognises which is kept in the database.",
    fields: &[&ROOTS_DIR],
};

impl Trust {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        Some(Self {
            roots_dir: section.optional_path(&ROOTS_DIR)?,
        })
    }
}
