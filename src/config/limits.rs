//! `[limits]`: how much anybody may ask.

use crate::config::field::Default;
use crate::config::field::Field;
use crate::config::field::SectionDoc;
use crate::config::reader::Section;

/// `[limits]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests that one address may make in a minute without a key.
    pub public_requests_per_minute: u32,
}

const PUBLIC_REQUESTS_PER_MINUTE: Field = Field {
    key: "public_requests_per_minute",
    doc: "How many requests one address may make without a key. Beyond them it is told to wait.",
    unit: "requests per minute and address",
    default: Default::Value("60"),
};

/// The section's documentation.
pub const SECTION: SectionDoc = SectionDoc {
    name: "limits",
    doc: "How much anybody may ask.",
    fields: &[&PUBLIC_REQUESTS_PER_MINUTE],
};

/// A million a minute is no limit any more.
const RATE_LIMITS: std::ops::RangeInclusive<u64> = 1..=1_000_000;

impl Limits {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        let rate = section.number(&PUBLIC_REQUESTS_PER_MINUTE, RATE_LIMITS)?;
        Some(Self {
            public_requests_per_minute: u32::try_from(rate).ok()?,
        })
    }
}
