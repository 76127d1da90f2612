//! One line of a company import: a company's facts and its registrations.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

use crate::registry::company::CompanyEventBody;
use crate::registry::company::CompanyFacts;
use crate::registry::company::MAX_REGISTRATIONS;
use crate::registry::department::DepartmentId;
use crate::registry::registration::Registration;

/// One company of an import file, one JSON object a line (NDJSON).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "RawImportRecord")]
pub struct ImportRecord {
    /// Its facts.
    pub company: CompanyFacts,
    /// Its registrations, each department once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub registrations: Vec<Registration>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawImportRecord {
    company: CompanyFacts,
    #[serde(default)]
    registrations: Vec<Registration>,
}

/// Why a record that is well-formed as JSON is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// Two registrations with one department: which counts is not said.
    #[error("two registrations with `{department}`")]
    DepartmentTwice {
        /// The department.
        department: DepartmentId,
    },
    /// More registrations than there are departments.
    #[error("{found} registrations, at most {MAX_REGISTRATIONS}")]
    TooManyRegistrations {
        /// How many there are.
        found: usize,
    },
}

impl TryFrom<RawImportRecord> for ImportRecord {
    type Error = ImportError;

    fn try_from(raw: RawImportRecord) -> Result<Self, ImportError> {
        let found = raw.registrations.len();
        if found > MAX_REGISTRATIONS {
            return Err(ImportError::TooManyRegistrations { found });
        }
        let mut seen = BTreeSet::new();
        for registration in &raw.registrations {
            if !seen.insert(&registration.department) {
                let department = registration.department.clone();
                return Err(ImportError::DepartmentTwice { department });
            }
        }
        Ok(Self {
            company: raw.company,
            registrations: raw.registrations,
        })
    }
}

impl ImportRecord {
    /// What to record for it: the facts, then each registration.
    #[must_use]
    pub fn into_events(self) -> Vec<CompanyEventBody> {
        let registrations = self
            .registrations
            .into_iter()
            .map(CompanyEventBody::RegistrationRecorded);
        std::iter::once(CompanyEventBody::FactsRecorded(self.company))
            .chain(registrations)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(registrations: serde_json::Value) -> serde_json::Value {
        json!({
            "company": {
                "uscc": "91350100M000100Y43", "name": "示例", "state": "active", "address": "示例路",
                "legalRepresentative": "示例人一", "establishedOn": "2015-03-01"
            },
            "registrations": registrations
        })
    }

    fn registration(department: &str) -> serde_json::Value {
        json!({"department": department, "number": "1", "registeredOn": "2015-03-01", "state": "active"})
    }

    #[test]
    fn becomes_the_facts_and_then_the_registrations() {
        let line = record(json!([registration("customs"), registration("state-tax")]));
        let read: ImportRecord = serde_json::from_value(line).unwrap();
        let again = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
        assert_eq!(read, again);
        let kinds: Vec<_> = read
            .into_events()
            .iter()
            .map(CompanyEventBody::kind)
            .collect();
        assert_eq!(
            kinds,
            [
                "facts-recorded",
                "registration-recorded",
                "registration-recorded"
            ]
        );
    }

    #[test]
    fn registrations_may_be_absent() {
        let mut line = record(json!([]));
        line.as_object_mut().unwrap().remove("registrations");
        assert!(
            serde_json::from_value::<ImportRecord>(line)
                .unwrap()
                .registrations
                .is_empty()
        );
    }

    #[test]
    fn refuses_a_department_twice_too_many_and_unknown_members() {
        let twice = record(json!([registration("customs"), registration("customs")]));
        let told = serde_json::from_value::<ImportRecord>(twice)
            .unwrap_err()
            .to_string();
        assert!(told.contains("two registrations with `customs`"), "{told}");

        let many: Vec<_> = (0..=MAX_REGISTRATIONS)
            .map(|index| registration(&format!("d{index}")))
            .collect();
        let told = serde_json::from_value::<ImportRecord>(record(json!(many)))
            .unwrap_err()
            .to_string();
        assert!(told.contains("33 registrations"), "{told}");

        let mut unknown = record(json!([]));
        unknown["note"] = json!("x");
        assert!(serde_json::from_value::<ImportRecord>(unknown).is_err());
    }
}
