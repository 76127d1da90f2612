//! What is known of a company.
//!
//! [`Company`] is a projection: the sum of the events recorded so far ([`Company::fold`]). Writers send
//! [`CompanyFacts`] or a registration; nobody edits a [`Company`].

mod event;
mod facts;
mod industry;
mod matching;
mod state;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;
use time::Date;

pub use event::CompanyEvent;
pub use event::CompanyEventBody;
pub use event::MAX_REGISTRATIONS;
pub use event::TransitionError;
pub use facts::Address;
pub use facts::BusinessTerm;
pub use facts::Capital;
pub use facts::CompanyFacts;
pub use facts::CompanyFactsError;
pub use facts::CompanyName;
pub use facts::Currency;
pub use facts::FactMistake;
pub use facts::FactProblem;
pub use facts::MAX_ADDRESS_CHARACTERS;
pub use facts::MAX_CAPITAL_AMOUNT;
pub use facts::MAX_NAME_CHARACTERS;
pub use facts::MAX_PERSON_CHARACTERS;
pub use facts::PersonName;
pub use industry::INDUSTRY_SECTIONS;
pub use industry::Industry;
pub use industry::IndustryError;
pub use industry::IndustrySection;
pub use matching::FieldAnswer;
pub use matching::MATCH_FIELDS;
pub use matching::MAX_MATCH_VALUE_CHARACTERS;
pub use matching::MatchAnswer;
pub use matching::MatchError;
pub use matching::match_facts;
pub use state::CompanyFlag;
pub use state::CompanyState;
pub use state::FLAGS;
pub use state::FlagEntry;
pub use state::STATES;
pub use state::Standing;
pub use state::StateEntry;

use crate::clock::Timestamp;
use crate::identifier::uscc::Uscc;
use crate::registry::department::DepartmentId;
use crate::registry::iso_date;
use crate::registry::registration::Registration;

/// A company as it stood after the event `version`.
///
/// Every field's meaning is that of [`CompanyFacts`]. The JSON form is what the store keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Company {
    /// Which company.
    pub uscc: Uscc,
    /// Registered name.
    pub name: CompanyName,
    /// English name, where it uses one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name_en: Option<CompanyName>,
    /// Its state.
    pub state: CompanyState,
    /// What is noted against it.
    #[serde(default)]
    pub flags: BTreeSet<CompanyFlag>,
    /// Registered capital.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capital: Option<Capital>,
    /// Registered address.
    pub address: Address,
    /// Legal representative.
    pub legal_representative: PersonName,
    /// Industry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry: Option<Industry>,
    /// Day of establishment.
    #[serde(with = "iso_date")]
    pub established_on: Date,
    /// Business term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_term: Option<BusinessTerm>,
    /// The latest registration with each department.
    #[serde(default)]
    pub registrations: BTreeMap<DepartmentId, Registration>,
    /// The sequence of the last event applied.
    pub version: u64,
    /// When that event was recorded.
    pub updated_at: Timestamp,
}

impl Company {
    /// What state and flags together mean for somebody who deals with the company: the most restrictive
    /// of them.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let flags = self.flags.iter().map(|flag| flag.entry().standing);
        flags.fold(self.state.entry().standing, Standing::max)
    }

    /// Whether an event would tell nothing new.
    #[must_use]
    pub fn records(&self, body: &CompanyEventBody) -> bool {
        match body {
            CompanyEventBody::FactsRecorded(facts) => self.facts() == *facts,
            CompanyEventBody::RegistrationRecorded(registration) => {
                self.registrations.get(&registration.department) == Some(registration)
            }
        }
    }

    /// The facts as the write side states them.
    #[must_use]
    pub fn facts(&self) -> CompanyFacts {
        CompanyFacts {
            uscc: self.uscc.clone(),
            name: self.name.clone(),
            name_en: self.name_en.clone(),
            state: self.state,
            flags: self.flags.clone(),
            capital: self.capital,
            address: self.address.clone(),
            legal_representative: self.legal_representative.clone(),
            industry: self.industry.clone(),
            established_on: self.established_on,
            business_term: self.business_term,
        }
    }
}

/// The JSON names of what differs between two versions of one company, registrations included. Empty:
/// nothing that a credential states has changed.
#[must_use]
pub fn fact_changes(old: &Company, new: &Company) -> Vec<&'static str> {
    let compared = [
        ("uscc", old.uscc != new.uscc),
        ("name", old.name != new.name),
        ("nameEn", old.name_en != new.name_en),
        ("state", old.state != new.state),
        ("flags", old.flags != new.flags),
        ("capital", old.capital != new.capital),
        ("address", old.address != new.address),
        (
            "legalRepresentative",
            old.legal_representative != new.legal_representative,
        ),
        ("industry", old.industry != new.industry),
        ("establishedOn", old.established_on != new.established_on),
        ("businessTerm", old.business_term != new.business_term),
        ("registrations", old.registrations != new.registrations),
    ];
    compared
        .iter()
        .filter(|(_, differs)| *differs)
        .map(|(name, _)| *name)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::event::tests::facts;
    use super::event::tests::registration;
    use super::*;

    fn company(changes: serde_json::Value) -> Company {
        Company::fold(&[facts(1, 10, changes)]).unwrap().unwrap()
    }

    #[test]
    fn reads_back_as_stored_and_tolerates_members_of_later_releases() {
        let events = [
            facts(1, 10, json!({})),
            registration(2, 20, "state-tax", "T1"),
        ];
        let company = Company::fold(&events).unwrap().unwrap();
        let mut stored = serde_json::to_value(&company).unwrap();
        stored["addedLater"] = json!(1);
        assert_eq!(serde_json::from_value::<Company>(stored).unwrap(), company);
    }

    #[test]
    fn names_exactly_what_changed() {
        let old = company(json!({}));
        assert!(fact_changes(&old, &old).is_empty());
        for (member, value) in [
            ("name", json!("改名")),
            ("nameEn", json!(null)),
            ("state", json!("deregistered")),
            ("flags", json!([])),
            ("capital", json!({"amount": 1, "currency": "CNY"})),
            ("address", json!("别处")),
            ("legalRepresentative", json!("示例人二")),
            ("industry", json!(null)),
            ("establishedOn", json!("2016-01-01")),
            ("businessTerm", json!(null)),
        ] {
            assert_eq!(
                fact_changes(&old, &company(json!({ member: value }))),
                [member]
            );
        }
        let registered =
            Company::apply(Some(old.clone()), &registration(2, 20, "customs", "1")).unwrap();
        assert_eq!(fact_changes(&old, &registered), ["registrations"]);
    }

    #[test]
    fn recording_the_companys_own_facts_changes_nothing() {
        let old = company(json!({}));
        let event = CompanyEvent {
            sequence: 2,
            body: CompanyEventBody::FactsRecorded(old.facts()),
            ..facts(2, 30, json!({}))
        };
        let new = Company::apply(Some(old.clone()), &event).unwrap();
        assert!(fact_changes(&old, &new).is_empty());
        assert_eq!(new.version, 2);
    }

    #[test]
    fn standing_is_the_most_restrictive_of_state_and_flags() {
        for (state, flags, expected) in [
            ("active", json!([]), Standing::MayAct),
            ("active", json!(["dormancy-record"]), Standing::Caution),
            (
                "active",
                json!(["abnormal-operation", "liquidation"]),
                Standing::LiquidationOnly,
            ),
            (
                "revoked-not-deregistered",
                json!(["serious-violation"]),
                Standing::LiquidationOnly,
            ),
            ("deregistered", json!(["liquidation"]), Standing::Gone),
            ("moved-out", json!([]), Standing::Ask),
        ] {
            let company = company(json!({"state": state, "flags": flags}));
            assert_eq!(company.standing(), expected, "{state} {flags}");
        }
    }
}
