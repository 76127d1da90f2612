//! `[limits]`: how much anybody may ask.

use crate::config::field::Default;
use crate::config::field::Field;
use crate::config::field::SectionDoc;
use crate::config::reader::Section;
use crate::registry::caller_terms::Quota;
use crate::registry::caller_terms::Quotas;

/// `[limits]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Requests that one address may make in a minute without a key.
    pub public_requests_per_minute: u32,
    /// What each kind of caller may ask.
    pub quotas: Quotas,
}

const PUBLIC_REQUESTS_PER_MINUTE: Field = Field {
    key: "public_requests_per_minute",
    doc: "How many requests one address may make without a key. Beyond them it is told to wait.",
    unit: "requests per minute and address",
    default: Default::Value("60"),
};

macro_rules! quota_fields {
    ($($minute:ident $minute_key:literal $day:ident $day_key:literal $who:literal $default:literal;)+) => {$(
        const $minute: Field = Field {
            key: $minute_key,
            doc: concat!(
                "How many requests ", $who, " may make. Half of them at once, the others evenly. `yinxin caller \
                 limit` sets another number for one caller. Each node counts for itself."
            ),
            unit: "requests per minute and caller",
            default: Default::Value($default),
        };
        const $day: Field = Field {
            key: $day_key,
            doc: concat!("How many requests ", $who, " may make in a day (UTC) on one node since it started."),
            unit: "requests per day and caller",
            default: Default::Absent {
                means: "as many as the minutes of a day allow",
                example: "100_000",
            },
        };
    )+};
}

quota_fields! {
    BANK_MINUTE "bank_requests_per_minute" BANK_DAY "bank_requests_per_day" "a bank" "600_000";
    DEPARTMENT_MINUTE "department_requests_per_minute" DEPARTMENT_DAY "department_requests_per_day" "a department" "600_000";
    OPERATOR_MINUTE "operator_requests_per_minute" OPERATOR_DAY "operator_requests_per_day" "an operator" "60_000";
}

/// The section's documentation.
pub const SECTION: SectionDoc = SectionDoc {
    name: "limits",
    doc: "How much anybody may ask.",
    fields: &[
        &PUBLIC_REQUESTS_PER_MINUTE,
        &BANK_MINUTE,
        &BANK_DAY,
        &DEPARTMENT_MINUTE,
        &DEPARTMENT_DAY,
        &OPERATOR_MINUTE,
        &OPERATOR_DAY,
    ],
};

/// A million a minute is no limit any more.
const RATE_LIMITS: std::ops::RangeInclusive<u64> = 1..=1_000_000;
/// As many as a million a minute make.
const DAY_LIMITS: std::ops::RangeInclusive<u64> = 1..=1_440_000_000;

impl Limits {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        let rate = section.number(&PUBLIC_REQUESTS_PER_MINUTE, RATE_LIMITS);
        let bank = quota(section, &BANK_MINUTE, &BANK_DAY);
        let department = quota(section, &DEPARTMENT_MINUTE, &DEPARTMENT_DAY);
        let operator = quota(section, &OPERATOR_MINUTE, &OPERATOR_DAY);
        Some(Self {
            public_requests_per_minute: u32::try_from(rate?).ok()?,
            quotas: Quotas {
                bank: bank?,
                department: department?,
                operator: operator?,
            },
        })
    }
}

fn quota(section: &mut Section<'_, '_>, minute: &Field, day: &Field) -> Option<Quota> {
    let per_minute = section.number(minute, RATE_LIMITS);
    let per_day = if section.has(day) {
        Some(u32::try_from(section.number(day, DAY_LIMITS)?).ok()?)
    } else {
        None
    };
    Some(Quota {
        per_minute: u32::try_from(per_minute?).ok()?,
        per_day,
    })
}
