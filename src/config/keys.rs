//! `[keys]`: the private keys with which we sign.

use std::path::PathBuf;

use crate::config::field::Default;
use crate::config::field::Field;
use crate::config::field::SectionDoc;
use crate::config::reader::Section;

/// `[keys]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The folder of the encrypted key files and their certificates.
    pub dir: PathBuf,
    /// The file that holds the passphrase of the key files.
    pub passphrase_file: PathBuf,
}

const DIR: Field = Field {
    key: "dir",
    doc: "The folder of the encrypted private keys and of their certificates.",
    unit: "path",
    default: Default::Value("\"keys\""),
};
const PASSPHRASE_FILE: Field = Field {
    key: "passphrase_file",
    doc: "The file whose first line is the passphrase of the private keys. Keep it apart from the keys \
          and from their backups.",
    unit: "path",
    default: Default::Required {
        example: "\"passphrase\"",
    },
};

/// The section's documentation.
pub const SECTION: SectionDoc = SectionDoc {
    name: "keys",
    doc: "The private keys with which credentials, status lists, receipts and timestamps are signed.",
    fields: &[&DIR, &PASSPHRASE_FILE],
};

impl Keys {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        let dir = section.path(&DIR);
        let passphrase_file = section.path(&PASSPHRASE_FILE);
        Some(Self {
            dir: dir?,
            passphrase_file: passphrase_file?,
        })
    }
}
