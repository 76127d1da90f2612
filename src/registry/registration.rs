//! A company's registration with one department.

use serde::Deserialize;
use serde::Serialize;
use time::Date;

use crate::registry::department::DepartmentId;
use crate::registry::iso_date;
use crate::registry::text::Text;

/// The longest registration number, in characters.
pub const MAX_NUMBER_CHARACTERS: usize = 64;

/// That a department has the company on its books, under which number and since when.
///
/// The JSON form is shared by the API, the import and the stored event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Registration {
    /// With whom.
    pub department: DepartmentId,
    /// The number that the department gave.
    pub number: Text<MAX_NUMBER_CHARACTERS>,
    /// Since which day.
    #[serde(with = "iso_date")]
    pub registered_on: Date,
    /// Whether it stands.
    pub state: RegistrationState,
}

/// Whether a registration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegistrationState {
    /// It stands.
    Active,
    /// It ended.
    Cancelled,
    /// It rests, and may come back.
    Suspended,
}

impl RegistrationState {
    /// Its name in JSON and tables.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Cancelled => "cancelled",
            Self::Suspended => "suspended",
        }
    }

    /// Its Chinese name.
    #[must_use]
    pub const fn name_zh(self) -> &'static str {
        match self {
            Self::Active => "有效",
            Self::Cancelled => "注销",
            Self::Suspended => "暂停",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_one_json_form() {
        let json = r#"{"department":"state-tax","number":"粤税 1","registeredOn":"2015-03-01","state":"active"}"#;
        let registration: Registration = serde_json::from_str(json).unwrap();
        assert_eq!(registration.department, DepartmentId::STATE_TAX);
        assert_eq!(serde_json::to_string(&registration).unwrap(), json);
    }

    #[test]
    fn state_ids_are_the_json_names() {
        for state in [
            RegistrationState::Active,
            RegistrationState::Cancelled,
            RegistrationState::Suspended,
        ] {
            assert_eq!(serde_json::to_value(state).unwrap(), state.id());
        }
    }

    #[test]
    fn refuses_unknown_members_dates_states_and_long_numbers() {
        let long = "1".repeat(65);
        for bad in [
            r#"{"department":"state-tax","number":"1","registeredOn":"2015-03-01","state":"active","x":1}"#,
            r#"{"department":"state-tax","number":"1","registeredOn":"2015-02-30","state":"active"}"#,
            r#"{"department":"state-tax","number":"1","registeredOn":"2015-03-01","state":"ok"}"#,
            r#"{"department":"state tax","number":"1","registeredOn":"2015-03-01","state":"active"}"#,
            r#"{"department":"state-tax","number":"","registeredOn":"2015-03-01","state":"active"}"#,
            &format!(
                r#"{{"department":"state-tax","number":"{long}","registeredOn":"2015-03-01","state":"active"}}"#
            ),
        ] {
            assert!(serde_json::from_str::<Registration>(bad).is_err(), "{bad}");
        }
    }
}
