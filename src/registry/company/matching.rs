//! Do these facts match? Answered field by field, without telling what is on record.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::registry::company::Company;
use crate::registry::company::facts::Capital;
use crate::registry::company::state::CompanyState;
use crate::registry::department::DEPARTMENTS;
use crate::registry::iso_date::parse_date;
use crate::registry::text::fold_for_comparison;

/// The longest value that is compared, in characters; twice the longest text on record.
pub const MAX_MATCH_VALUE_CHARACTERS: usize = 600;

/// The fields that can be compared. A registration's number is asked for by its department as well:
/// `registrations.state-tax`.
pub const MATCH_FIELDS: [&str; 8] = [
    "name",
    "nameEn",
    "legalRepresentative",
    "address",
    "state",
    "capital",
    "establishedOn",
    "industry",
];

/// What a department's registration number is asked for by: this, and the department's id.
const REGISTRATION_PREFIX: &str = "registrations.";

/// The answer about one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldAnswer {
    /// What was said is what is on record.
    Consistent,
    /// Something else is on record.
    Inconsistent,
    /// Nothing is on record.
    Unknown,
}

/// The answers, by the names that were asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MatchAnswer {
    /// One answer per field asked.
    pub fields: BTreeMap<String, FieldAnswer>,
}

impl MatchAnswer {
    /// All that was asked is consistent, and something was asked.
    #[must_use]
    pub fn all_consistent(&self) -> bool {
        !self.fields.is_empty()
            && self
                .fields
                .values()
                .all(|answer| *answer == FieldAnswer::Consistent)
    }
}

/// Why the question cannot be answered. Nothing is compared then: an answer to half a question would be
/// a way of asking more often than allowed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatchError {
    /// No field was named.
    #[error("nothing to compare")]
    Empty,
    /// No such field.
    #[error("there is no field `{field}` to compare; fields are {}, and registrations.<department>", MATCH_FIELDS.join(", "))]
    UnknownField {
        /// What was asked for, shortened.
        field: String,
    },
    /// The value is not of the form that the field has.
    #[error("{field} is not {expected}")]
    UnreadableValue {
        /// The field.
        field: String,
        /// What it should be.
        expected: &'static str,
    },
}

/// Compares what somebody says of a company with what is on record.
///
/// Texts are compared as people read them: full- and half-width forms, spaces, and kinds of brackets do
/// not count ([`fold_for_comparison`]). `state` takes our names, GSXT codes and the usual Chinese words;
/// `capital` whole units, optionally followed by a currency code (`2130000 CNY`; yuan without one).
///
/// # Errors
/// [`MatchError`]; the whole question is refused then.
pub fn match_facts(
    company: &Company,
    stated: &BTreeMap<String, String>,
) -> Result<MatchAnswer, MatchError> {
    if stated.is_empty() {
        return Err(MatchError::Empty);
    }
    let mut fields = BTreeMap::new();
    for (field, value) in stated {
        let answer = match_field(company, field, value)?;
        fields.insert(field.clone(), answer);
    }
    Ok(MatchAnswer { fields })
}

fn match_field(company: &Company, field: &str, value: &str) -> Result<FieldAnswer, MatchError> {
    let unreadable = |expected| MatchError::UnreadableValue {
        field: field.chars().take(100).collect(),
        expected,
    };
    if value.chars().nth(MAX_MATCH_VALUE_CHARACTERS).is_some() {
        return Err(unreadable("a text of at most 600 characters"));
    }
    let same_text = |recorded: Option<&str>| {
        answer(recorded.map(|recorded| fold_for_comparison(recorded) == fold_for_comparison(value)))
    };
    if let Some(department) = field.strip_prefix(REGISTRATION_PREFIX) {
        let known = DEPARTMENTS
            .iter()
            .any(|known| known.id.as_str() == department);
        let recorded = company
            .registrations
            .values()
            .find(|registration| registration.department.as_str() == department);
        if !known && recorded.is_none() {
            return Err(unknown_field(field));
        }
        return Ok(same_text(
            recorded.map(|registration| registration.number.as_str()),
        ));
    }
    match field {
        "name" => Ok(same_text(Some(&company.name))),
        "nameEn" => Ok(same_text(company.name_en.as_deref())),
        "legalRepresentative" => Ok(same_text(Some(&company.legal_representative))),
        "address" => Ok(same_text(Some(&company.address))),
        "industry" => Ok(same_text(
            company.industry.as_ref().map(|industry| industry.as_str()),
        )),
        "state" => {
            let state =
                CompanyState::from_words(value).ok_or_else(|| unreadable("a company state"))?;
            Ok(answer(Some(state == company.state)))
        }
        "capital" => {
            let (amount, currency) = read_capital(value).ok_or_else(|| {
                unreadable("a whole number, optionally followed by a currency code")
            })?;
            let same = |recorded: Capital| {
                recorded.amount == amount && recorded.currency.code() == currency
            };
            Ok(answer(company.capital.map(same)))
        }
        "establishedOn" => {
            let date = parse_date(value.trim()).ok_or_else(|| unreadable("a date YYYY-MM-DD"))?;
            Ok(answer(Some(date == company.established_on)))
        }
        _ => Err(unknown_field(field)),
    }
}

fn unknown_field(field: &str) -> MatchError {
    MatchError::UnknownField {
        field: field.chars().take(100).collect(),
    }
}

const fn answer(same: Option<bool>) -> FieldAnswer {
    match same {
        Some(true) => FieldAnswer::Consistent,
        Some(false) => FieldAnswer::Inconsistent,
        None => FieldAnswer::Unknown,
    }
}

/// `2130000`, `2,130,000`, `2130000 CNY`, `2130000元`.
fn read_capital(value: &str) -> Option<(u64, String)> {
    let folded = fold_for_comparison(value);
    let digits_end = folded
        .find(|c: char| !c.is_ascii_digit() && c != ',')
        .unwrap_or(folded.len());
    let (number, currency) = folded.split_at_checked(digits_end)?;
    let amount = number.replace(',', "").parse().ok()?;
    let currency = match currency {
        "" | "元" | "人民币" | "元人民币" => "CNY".to_owned(),
        code if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_lowercase()) => {
            code.to_ascii_uppercase()
        }
        _ => return None,
    };
    Some((amount, currency))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::company::event::tests::facts;
    use crate::registry::company::event::tests::registration;

    fn company() -> Company {
        let events = [
            facts(1, 10, json!({"nameEn": null})),
            registration(2, 20, "state-tax", "粤税 441900-1"),
        ];
        Company::fold(&events).unwrap().unwrap()
    }

    fn ask(field: &str, value: &str) -> Result<FieldAnswer, MatchError> {
        let stated = BTreeMap::from([(field.to_owned(), value.to_owned())]);
        match_facts(&company(), &stated).map(|answer| answer.fields[field])
    }

    #[test]
    fn what_is_on_record_is_consistent_however_it_is_written() {
        for (field, value) in [
            ("name", "东莞市示例（测试） 有限公司"),
            ("name", "东莞市示例【测试】有限公司"),
            ("legalRepresentative", " 示例人一"),
            ("address", "东莞市南城街道示例路１号"),
            ("state", "存续"),
            ("state", "1"),
            ("state", "active"),
            ("capital", "2130000"),
            ("capital", "2,130,000 CNY"),
            ("capital", "２１３００００元"),
            ("establishedOn", "2015-03-01"),
            ("industry", "c39"),
            ("registrations.state-tax", "粤税441900-1"),
        ] {
            assert_eq!(
                ask(field, value),
                Ok(FieldAnswer::Consistent),
                "{field} {value}"
            );
        }
    }

    #[test]
    fn anything_else_is_inconsistent() {
        for (field, value) in [
            ("name", "东莞市示例有限公司"),
            ("name", ""),
            ("legalRepresentative", "示例人二"),
            ("address", "东莞市南城街道示例路11号"),
            ("state", "注销"),
            ("capital", "2130001"),
            ("capital", "2130000 USD"),
            ("establishedOn", "2015-03-02"),
            ("registrations.state-tax", "粤税 441900-2"),
        ] {
            assert_eq!(
                ask(field, value),
                Ok(FieldAnswer::Inconsistent),
                "{field} {value}"
            );
        }
    }

    #[test]
    fn what_is_not_on_record_is_unknown() {
        assert_eq!(ask("nameEn", "Example"), Ok(FieldAnswer::Unknown));
        assert_eq!(ask("registrations.customs", "1"), Ok(FieldAnswer::Unknown));
    }

    #[test]
    fn unknown_fields_and_unreadable_values_refuse_the_question() {
        for field in [
            "",
            "Name",
            "uscc",
            "registrations",
            "registrations.",
            "registrations.weather",
        ] {
            assert!(
                matches!(ask(field, "x"), Err(MatchError::UnknownField { .. })),
                "{field}"
            );
        }
        for (field, value) in [
            ("state", "alive"),
            ("capital", ""),
            ("capital", "1.5"),
            ("capital", "-1"),
            ("capital", "213万元"),
            ("capital", "99999999999999999999"),
            ("establishedOn", "01/03/2015"),
            ("name", &"名".repeat(601)),
        ] {
            assert!(
                matches!(ask(field, value), Err(MatchError::UnreadableValue { .. })),
                "{field} {value}"
            );
        }
        assert_eq!(
            match_facts(&company(), &BTreeMap::new()),
            Err(MatchError::Empty)
        );
    }

    #[test]
    fn one_bad_field_refuses_all() {
        let stated = [("name", "x"), ("colour", "red")]
            .map(|(field, value)| (field.to_owned(), value.to_owned()));
        assert!(match_facts(&company(), &BTreeMap::from(stated)).is_err());
    }

    #[test]
    fn every_listed_field_can_be_asked() {
        for field in MATCH_FIELDS {
            assert!(
                !matches!(ask(field, "1"), Err(MatchError::UnknownField { .. })),
                "{field}"
            );
        }
    }

    #[test]
    fn all_consistent_needs_every_answer() {
        let of = |answers: &[FieldAnswer]| MatchAnswer {
            fields: answers
                .iter()
                .enumerate()
                .map(|(index, answer)| (index.to_string(), *answer))
                .collect(),
        };
        assert!(of(&[FieldAnswer::Consistent, FieldAnswer::Consistent]).all_consistent());
        assert!(!of(&[FieldAnswer::Consistent, FieldAnswer::Unknown]).all_consistent());
        assert!(!of(&[]).all_consistent());
    }
}
