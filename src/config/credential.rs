//! `[credential]`: how fresh the published state of credentials is.

use std::time::Duration;

use crate::config::field::Default;
use crate::config::field::Field;
use crate::config::field::SectionDoc;
use crate::config::mistake::ConfigProblem;
use crate::config::reader::Refusal;
use crate::config::reader::Section;

/// `[credential]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Credential {
    /// How long a verifier may use a status list before it asks again (`ttl` of IETF Token Status List).
    pub status_list_ttl: Duration,
    /// How long a status list counts at all (`exp`).
    pub status_list_validity: Duration,
}

const STATUS_LIST_TTL_SECONDS: Field = Field {
    key: "status_list_ttl_seconds",
    doc: "How long others may use a status list before they ask for a newer one. Revocations reach them \
          at most this late.",
    unit: "seconds",
    default: Default::Value("60"),
};
const STATUS_LIST_VALIDITY_SECONDS: Field = Field {
    key: "status_list_validity_seconds",
    doc: "How long a status list counts at all. When the service is away for longer, nobody can tell \
          whether a credential still stands.",
    unit: "seconds",
    default: Default::Value("86_400"),
};

/// The section's documentation.
pub const SECTION: SectionDoc = SectionDoc {
    name: "credential",
    doc: "How fresh the published state of credentials is. How long a credential itself is valid belongs \
          to its type.",
    fields: &[&STATUS_LIST_TTL_SECONDS, &STATUS_LIST_VALIDITY_SECONDS],
};

/// A day: a revocation that reaches nobody for longer is none.
const TTL_LIMITS: std::ops::RangeInclusive<u64> = 1..=86_400;
/// From a minute to the 30 days that it takes to notice and repair anything.
const VALIDITY_LIMITS: std::ops::RangeInclusive<u64> = 60..=2_592_000;

impl Credential {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        let ttl = section.number(&STATUS_LIST_TTL_SECONDS, TTL_LIMITS);
        let validity = section.number(&STATUS_LIST_VALIDITY_SECONDS, VALIDITY_LIMITS);
        let (ttl, validity) = (ttl?, validity?);
        if validity < ttl {
            let problem = ConfigProblem::OutOfRange {
                found: validity.to_string(),
                min: ttl,
                max: *VALIDITY_LIMITS.end(),
            };
            let hint = "a status list must count for at least as long as it may be used";
            section.refuse(&STATUS_LIST_VALIDITY_SECONDS, Refusal::new(problem, hint));
        }
        Some(Self {
            status_list_ttl: Duration::from_secs(ttl),
            status_list_validity: Duration::from_secs(validity),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    #[test]
    fn a_list_must_outlive_its_ttl() {
        let text = "[server]\npublic_url=\"https://a.example\"\n[keys]\npassphrase_file=\"p\"\n\
                    [credential]\nstatus_list_ttl_seconds = 3600\nstatus_list_validity_seconds = 600\n";
        let mistakes = Config::parse(text, Path::new("yinxin.toml")).unwrap_err();
        assert_eq!(mistakes.len(), 1);
        let told = mistakes.first().unwrap().to_string();
        assert!(
            told.starts_with("yinxin.toml:7:32: credential.status_list_validity_seconds is 600"),
            "{told}"
        );
    }
}
