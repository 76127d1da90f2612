//! What happens to a company's record, and the record that results. Events are only ever appended.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::identifier::uscc::Uscc;
use crate::registry::company::Company;
use crate::registry::company::facts::CompanyFacts;
use crate::registry::department::DepartmentId;
use crate::registry::registration::Registration;
use crate::registry::relying_party::RelyingPartyId;

/// The most departments with which one company is registered: twice the sixteen there are.
pub const MAX_REGISTRATIONS: usize = 32;

/// One recording in a company's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompanyEvent {
    /// Which of the company's events, from 1, without gaps. It becomes the company's version.
    pub sequence: u64,
    /// When we recorded it; never before the event that precedes it.
    pub recorded_at: Timestamp,
    /// Who recorded it.
    pub recorded_by: RelyingPartyId,
    /// What was recorded.
    pub body: CompanyEventBody,
}

/// What can be recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "kebab-case")]
pub enum CompanyEventBody {
    /// The market regulator's facts, replacing the earlier ones.
    FactsRecorded(CompanyFacts),
    /// One department's registration, replacing its earlier one.
    RegistrationRecorded(Registration),
}

impl CompanyEventBody {
    /// The kind's name, as in JSON.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::FactsRecorded(_) => "facts-recorded",
            Self::RegistrationRecorded(_) => "registration-recorded",
        }
    }
}

/// Why an event does not follow on what is known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransitionError {
    /// Facts of another company.
    #[error("facts of {found} recorded for {expected}")]
    OtherCompany {
        /// Whose record it is.
        expected: Uscc,
        /// Whose facts came.
        found: Uscc,
    },
    /// Recorded before the event that it follows: `asOf` would then skip one in the middle.
    #[error("recorded at {at}, before the preceding event at {preceding}")]
    RecordedEarlier {
        /// The time of the preceding event.
        preceding: Timestamp,
        /// The time of this one.
        at: Timestamp,
    },
    /// Somebody else recorded in between, or an event is missing.
    #[error("event {found} cannot follow version {}", expected.saturating_sub(1))]
    Sequence {
        /// The sequence that would follow.
        expected: u64,
        /// The sequence that came.
        found: u64,
    },
    /// More departments than exist.
    #[error(
        "a company has at most {MAX_REGISTRATIONS} registrations; `{department}` would be one more"
    )]
    TooManyRegistrations {
        /// The department whose registration came.
        department: DepartmentId,
    },
    /// A registration of a company whose facts were never recorded.
    #[error("registration recorded for a company whose facts are not known")]
    UnknownCompany,
}

impl Company {
    /// The company after one more event; `None` before the first.
    ///
    /// # Errors
    /// [`TransitionError`]: the event does not follow on `company`.
    pub fn apply(company: Option<Self>, event: &CompanyEvent) -> Result<Self, TransitionError> {
        check_follows(company.as_ref(), event)?;
        match (&event.body, company) {
            (CompanyEventBody::FactsRecorded(facts), None) => {
                Ok(Self::with_facts(facts.clone(), BTreeMap::new(), event))
            }
            (CompanyEventBody::FactsRecorded(facts), Some(known)) => {
                if known.uscc != facts.uscc {
                    let found = facts.uscc.clone();
                    return Err(TransitionError::OtherCompany {
                        expected: known.uscc,
                        found,
                    });
                }
                Ok(Self::with_facts(facts.clone(), known.registrations, event))
            }
            (CompanyEventBody::RegistrationRecorded(_), None) => {
                Err(TransitionError::UnknownCompany)
            }
            (CompanyEventBody::RegistrationRecorded(registration), Some(mut known)) => {
                let department = registration.department.clone();
                known
                    .registrations
                    .insert(department.clone(), registration.clone());
                if known.registrations.len() > MAX_REGISTRATIONS {
                    return Err(TransitionError::TooManyRegistrations { department });
                }
                known.version = event.sequence;
                known.updated_at = event.recorded_at;
                Ok(known)
            }
        }
    }

    /// The company after all of `events`, in their order. `Ok(None)`: there are none.
    ///
    /// # Errors
    /// The first event that does not follow.
    pub fn fold<'a>(
        events: impl IntoIterator<Item = &'a CompanyEvent>,
    ) -> Result<Option<Self>, TransitionError> {
        events
            .into_iter()
            .try_fold(None, |company, event| Self::apply(company, event).map(Some))
    }

    fn with_facts(
        facts: CompanyFacts,
        registrations: BTreeMap<DepartmentId, Registration>,
        event: &CompanyEvent,
    ) -> Self {
        Self {
            uscc: facts.uscc,
            name: facts.name,
            name_en: facts.name_en,
            state: facts.state,
            flags: facts.flags,
            capital: facts.capital,
            address: facts.address,
            legal_representative: facts.legal_representative,
            industry: facts.industry,
            established_on: facts.established_on,
            business_term: facts.business_term,
            registrations,
            version: event.sequence,
            updated_at: event.recorded_at,
        }
    }
}

fn check_follows(company: Option<&Company>, event: &CompanyEvent) -> Result<(), TransitionError> {
    let expected = company.map_or(1, |known| known.version.saturating_add(1));
    if event.sequence != expected {
        return Err(TransitionError::Sequence {
            expected,
            found: event.sequence,
        });
    }
    match company {
        Some(known) if event.recorded_at < known.updated_at => {
            Err(TransitionError::RecordedEarlier {
                preceding: known.updated_at,
                at: event.recorded_at,
            })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::registry::company::facts::tests::example_with;

    pub(crate) fn facts(sequence: u64, at: i64, changes: serde_json::Value) -> CompanyEvent {
        let facts = serde_json::from_value(example_with(changes)).unwrap();
        event(sequence, at, CompanyEventBody::FactsRecorded(facts))
    }

    pub(crate) fn registration(
        sequence: u64,
        at: i64,
        department: &str,
        number: &str,
    ) -> CompanyEvent {
        let registration = serde_json::from_value(json!({
            "department": department, "number": number, "registeredOn": "2015-03-02", "state": "active"
        }));
        event(
            sequence,
            at,
            CompanyEventBody::RegistrationRecorded(registration.unwrap()),
        )
    }

    fn event(sequence: u64, at: i64, body: CompanyEventBody) -> CompanyEvent {
        CompanyEvent {
            sequence,
            recorded_at: Timestamp::from_unix_seconds(at).unwrap(),
            recorded_by: RelyingPartyId::parse("market-regulation").unwrap(),
            body,
        }
    }

    #[test]
    fn facts_replace_facts_and_keep_registrations() {
        let events = [
            facts(1, 10, json!({})),
            registration(2, 20, "state-tax", "T1"),
            registration(3, 20, "state-tax", "T2"),
            registration(4, 21, "customs", "C1"),
            facts(5, 30, json!({"name": "改名示例", "nameEn": null})),
        ];
        let company = Company::fold(&events).unwrap().unwrap();
        assert_eq!(company.version, 5);
        assert_eq!(
            company.updated_at,
            Timestamp::from_unix_seconds(30).unwrap()
        );
        assert_eq!(company.name.as_str(), "改名示例");
        assert_eq!(company.name_en, None);
        let numbers: Vec<&str> = company
            .registrations
            .values()
            .map(|registration| registration.number.as_str())
            .collect();
        assert_eq!(numbers, ["C1", "T2"]);
    }

    #[test]
    fn no_events_are_no_company() {
        assert_eq!(Company::fold(&[]), Ok(None));
    }

    #[test]
    fn a_registration_needs_a_company() {
        assert_eq!(
            Company::apply(None, &registration(1, 1, "state-tax", "T1")),
            Err(TransitionError::UnknownCompany)
        );
    }

    #[test]
    fn gaps_repetitions_and_other_companies_are_refused() {
        let first = facts(1, 10, json!({}));
        let known = Company::apply(None, &first).unwrap();
        for sequence in [0, 1, 3] {
            assert_eq!(
                Company::apply(Some(known.clone()), &facts(sequence, 11, json!({}))),
                Err(TransitionError::Sequence {
                    expected: 2,
                    found: sequence
                })
            );
        }
        assert!(matches!(
            Company::apply(
                Some(known.clone()),
                &facts(2, 11, json!({"uscc": "91441900557262083U"}))
            ),
            Err(TransitionError::OtherCompany { .. })
        ));
        assert!(matches!(
            Company::apply(Some(known), &facts(2, 9, json!({}))),
            Err(TransitionError::RecordedEarlier { .. })
        ));
    }

    #[test]
    fn registrations_are_bounded() {
        let mut company = Company::apply(None, &facts(1, 1, json!({}))).unwrap();
        for index in 0..MAX_REGISTRATIONS {
            let event = registration(company.version + 1, 1, &format!("d{index}"), "1");
            company = Company::apply(Some(company), &event).unwrap();
        }
        let again = registration(company.version + 1, 1, "d0", "2");
        company = Company::apply(Some(company), &again).unwrap();
        let more = registration(company.version + 1, 1, "one-more", "1");
        assert!(matches!(
            Company::apply(Some(company), &more),
            Err(TransitionError::TooManyRegistrations { .. })
        ));
    }

    #[test]
    fn an_event_has_one_json_form() {
        let event = registration(2, 20, "state-tax", "T1");
        let json = serde_json::to_value(&event.body).unwrap();
        assert_eq!(json["kind"], event.body.kind());
        assert_eq!(
            serde_json::from_value::<CompanyEventBody>(json).unwrap(),
            event.body
        );
        let event = facts(1, 10, json!({}));
        let json = serde_json::to_value(&event.body).unwrap();
        assert_eq!(json["kind"], event.body.kind());
        assert_eq!(
            serde_json::from_value::<CompanyEventBody>(json).unwrap(),
            event.body
        );
    }

    proptest! {
        #[test]
        fn folding_is_the_same_in_one_go_or_in_two(kinds in prop::collection::vec(0u8..4, 0..12), cut in 0usize..13) {
            let events: Vec<CompanyEvent> = std::iter::once(facts(1, 0, json!({})))
                .chain(kinds.iter().zip(2u64..).map(|(kind, sequence)| match kind {
                    0 => facts(sequence, 1, json!({"name": format!("名{sequence}")})),
                    kind => registration(sequence, 1, &format!("d{kind}"), &sequence.to_string()),
                }))
                .collect();
            let whole = Company::fold(&events).unwrap();
            let (before, after) = events.split_at(cut.min(events.len()));
            let mut resumed = Company::fold(before).unwrap();
            for event in after {
                resumed = Some(Company::apply(resumed, event).unwrap());
            }
            prop_assert_eq!(whole, resumed);
        }
    }
}
