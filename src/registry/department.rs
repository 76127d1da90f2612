//! The 16 departments with which a company registers in one go (一网通).

use std::borrow::Cow;

use serde::Deserialize;
use serde::Serialize;

use crate::identifier::uscc::Uscc;
use crate::registry::slug::SlugError;
use crate::registry::slug::check_slug;

/// A department's name in URLs, keys and tables, e.g. `market-regulation`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DepartmentId(Cow<'static, str>);

impl DepartmentId {
    /// The market regulator (工商), which registers the company itself and owns its licence.
    pub const MARKET_REGULATION: Self = Self(Cow::Borrowed("market-regulation"));
    /// The state tax bureau (国税).
    pub const STATE_TAX: Self = Self(Cow::Borrowed("state-tax"));

    /// Checks the form only; whether such a department exists is for [`Department::find`] to say.
    ///
    /// # Errors
    /// [`SlugError`] when it is not lower-case words joined by hyphens.
    pub fn parse(text: &str) -> Result<Self, SlugError> {
        check_slug(text)?;
        Ok(Self(Cow::Owned(text.to_owned())))
    }

    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for DepartmentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for DepartmentId {
    type Error = SlugError;

    fn try_from(text: String) -> Result<Self, SlugError> {
        Self::parse(&text)
    }
}

impl From<DepartmentId> for String {
    fn from(id: DepartmentId) -> Self {
        id.0.into_owned()
    }
}

/// A department of the city.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Department {
    /// Its id.
    pub id: DepartmentId,
    /// English name.
    pub name: &'static str,
    /// Chinese name.
    pub name_zh: &'static str,
    /// Plausible but not on the published list: for demonstration.
    pub sample: bool,
    /// Its own unified social credit code, where known.
    pub uscc: Option<Uscc>,
}

impl Department {
    /// The department of that id. `None`: there is none.
    #[must_use]
    pub fn find(id: &DepartmentId) -> Option<&'static Self> {
        DEPARTMENTS.iter().find(|department| department.id == *id)
    }
}

/// A department of the published list of 2015.
const fn published(id: &'static str, name: &'static str, name_zh: &'static str) -> Department {
    Department {
        id: DepartmentId(Cow::Borrowed(id)),
        name,
        name_zh,
        sample: false,
        uscc: None,
    }
}

/// A department that completes the sixteen for demonstration.
const fn sample(id: &'static str, name: &'static str, name_zh: &'static str) -> Department {
    Department {
        id: DepartmentId(Cow::Borrowed(id)),
        name,
        name_zh,
        sample: true,
        uscc: None,
    }
}

/// The sixteen: seven are named in the published account of 一网通, nine are samples.
pub static DEPARTMENTS: [Department; 16] = [
    published("market-regulation", "Market Regulation", "工商"),
    published("state-tax", "State Tax", "国税"),
    published("local-tax", "Local Tax", "地税"),
    published("social-security", "Social Security", "社保"),
    published("human-resources", "Human Resources", "人力资源"),
    published("customs", "Customs", "海关"),
    published(
        "inspection-quarantine",
        "Inspection and Quarantine",
        "检验检疫",
    ),
    sample(
        "public-security-seal",
        "Public Security (seals)",
        "公安（印章）",
    ),
    sample("banking-supervision", "Banking Supervision", "银行监管"),
    sample("statistics", "Statistics", "统计"),
    sample("housing-fund", "Housing Provident Fund", "住房公积金"),
    sample("commerce", "Commerce", "商务"),
    sample("fire-safety", "Fire Safety", "消防"),
    sample("environment", "Environmental Protection", "环境保护"),
    sample("health", "Health", "卫生"),
    sample("transport", "Transport", "交通运输"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_sixteen_of_which_seven_are_published() {
        let ids: BTreeSet<_> = DEPARTMENTS
            .iter()
            .map(|department| &department.id)
            .collect();
        assert_eq!(ids.len(), 16);
        assert_eq!(
            DEPARTMENTS
                .iter()
                .filter(|department| !department.sample)
                .count(),
            7
        );
        for department in &DEPARTMENTS {
            assert_eq!(
                DepartmentId::parse(department.id.as_str()).as_ref(),
                Ok(&department.id)
            );
            assert_eq!(Department::find(&department.id), Some(department));
        }
    }

    #[test]
    fn the_named_ones_are_in_the_table() {
        assert_eq!(
            Department::find(&DepartmentId::MARKET_REGULATION)
                .unwrap()
                .name_zh,
            "工商"
        );
        assert_eq!(
            Department::find(&DepartmentId::STATE_TAX).unwrap().name_zh,
            "国税"
        );
    }

    #[test]
    fn an_unknown_or_malformed_id_finds_nothing() {
        assert_eq!(
            Department::find(&DepartmentId::parse("weather").unwrap()),
            None
        );
        assert!(DepartmentId::parse("Market Regulation").is_err());
        assert!(serde_json::from_str::<DepartmentId>("\"工商\"").is_err());
    }
}
