//! What is said of a field: its documentation is data, so that the reference cannot differ from what is
//! read.

/// One field of a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its key in TOML.
    pub key: &'static str,
    /// What it is for, in whole sentences.
    pub doc: &'static str,
    /// Unit or form of the value.
    pub unit: &'static str,
    /// What holds when it is absent.
    pub default: Default,
}

/// What holds when a field is absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Default {
    /// Something that only absence says.
    Absent {
        /// What absence means.
        means: &'static str,
        /// A possible value, as TOML.
        example: &'static str,
    },
    /// Nothing: it must be present.
    Required {
        /// A possible value, as TOML.
        example: &'static str,
    },
    /// This value, as TOML.
    Value(&'static str),
}

/// One section of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionDoc {
    /// Its name in brackets.
    pub name: &'static str,
    /// What it is about.
    pub doc: &'static str,
    /// Its fields, in the order of the reference.
    pub fields: &'static [&'static Field],
}
