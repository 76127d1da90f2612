//! What a credential says, in the reader's words.

use serde_json::Map;
use serde_json::Value;

use crate::credential::kind::ClaimDescription;
use crate::credential::kind::CredentialKind;
use crate::http::language::Language;
use crate::registry::company::STATES;
use crate::registry::department::Department;
use crate::registry::department::DepartmentId;
use crate::registry::registration::RegistrationState;

/// One line of a list of facts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct Fact {
    /// What it is.
    pub(in crate::http) label: String,
    /// What it says; several where it is a list.
    pub(in crate::http) values: Vec<String>,
}

/// Facts shown of a credential whose type we do not know; its issuer may have put anything into it.
const MAX_UNKNOWN_FACTS: usize = 40;
/// Characters shown of a value of such a credential.
const MAX_UNKNOWN_CHARACTERS: usize = 300;

/// The facts of a credential but for name and code, which stand above them in large type.
pub(in crate::http) fn facts(
    claims: &Value,
    kind: Option<&CredentialKind>,
    language: Language,
) -> Vec<Fact> {
    let Some(members) = claims.as_object() else {
        return Vec::new();
    };
    let Some(kind) = kind else {
        return unknown(members);
    };
    let top_level = kind
        .claims
        .iter()
        .filter_map(|claim| match claim.path.as_slice() {
            [Some(name)] if name != "name" && name != "uscc" => Some((name, claim)),
            _ => None,
        });
    top_level
        .filter_map(|(name, claim)| {
            let values = lines(name, members.get(name)?, language);
            (!values.is_empty()).then(|| Fact {
                label: label(claim, language),
                values,
            })
        })
        .collect()
}

/// The labels of what was withheld.
pub(in crate::http) fn withheld(
    names: &[String],
    kind: Option<&CredentialKind>,
    language: Language,
) -> Vec<String> {
    let named = |name: &String| {
        let claim = kind?.claims.iter().find(|claim| claim.name() == *name)?;
        Some(label(claim, language))
    };
    let mut labels: Vec<String> = names.iter().filter_map(named).collect();
    let nameless = names.len() - labels.len();
    if nameless > 0 {
        labels.push(language.of("其他事项", "other facts").to_owned());
    }
    labels
}

fn label(claim: &ClaimDescription, language: Language) -> String {
    language.of(&claim.label_zh, &claim.label).to_owned()
}

/// A value in words, a line for each element of a list.
fn lines(name: &str, value: &Value, language: Language) -> Vec<String> {
    match value {
        Value::Array(elements) => elements
            .iter()
            .flat_map(|element| lines(name, element, language))
            .collect(),
        Value::Object(members) => vec![object(members, language)],
        Value::String(text) if name == "state" => vec![company_state(text, language)],
        Value::String(text) => vec![text.clone()],
        Value::Null => Vec::new(),
        Value::Bool(_) | Value::Number(_) => vec![value.to_string()],
    }
}

/// The objects that our own types have, as people write them; any other one member by member.
fn object(members: &Map<String, Value>, language: Language) -> String {
    let text = |name: &str| members.get(name).and_then(Value::as_str);
    if let (Some(amount), Some(currency)) = (
        members.get("amount").and_then(Value::as_u64),
        text("currency"),
    ) {
        return format!("{} {currency}", grouped(amount));
    }
    if let (Some(code), Some(zh), Some(en)) = (text("code"), text("name"), text("nameEn")) {
        return match language {
            Language::En => format!("{en} ({code})"),
            Language::Zh => format!("{zh}（{code}）"),
        };
    }
    if let Some(from) = text("from") {
        let until = text("until").unwrap_or(language.of("长期", "no end"));
        return format!("{from} {} {until}", language.of("至", "to"));
    }
    let mut words: Vec<String> = Vec::new();
    for (name, value) in members {
        match (name.as_str(), value) {
            ("department", Value::String(id)) => words.insert(0, department(id, language)),
            ("state", Value::String(id)) => words.push(registration_state(id, language)),
            (_, Value::String(text)) => words.push(text.clone()),
            (_, other) => words.push(other.to_string()),
        }
    }
    words.join(language.of("，", ", "))
}

fn company_state(id: &str, language: Language) -> String {
    let entry = STATES.iter().find(|entry| entry.id == id);
    entry
        .map_or(id, |entry| language.of(entry.name_zh, entry.name))
        .to_owned()
}

fn registration_state(id: &str, language: Language) -> String {
    let states = [
        RegistrationState::Active,
        RegistrationState::Cancelled,
        RegistrationState::Suspended,
    ];
    let state = states.into_iter().find(|state| state.id() == id);
    state
        .map_or(id, |state| language.of(state.name_zh(), state.id()))
        .to_owned()
}

/// A department's name, as far as we know it.
pub(in crate::http) fn department(id: &str, language: Language) -> String {
    let known = DepartmentId::parse(id)
        .ok()
        .and_then(|id| Department::find(&id));
    known
        .map_or(id, |known| language.of(known.name_zh, known.name))
        .to_owned()
}

/// A number with a comma before each group of three digits.
pub(in crate::http) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

fn unknown(members: &Map<String, Value>) -> Vec<Fact> {
    let shown = members
        .iter()
        .filter(|(name, _)| *name != "name" && *name != "uscc")
        .take(MAX_UNKNOWN_FACTS);
    shown
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            Fact {
                label: name.chars().take(80).collect(),
                values: vec![text.chars().take(MAX_UNKNOWN_CHARACTERS).collect()],
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::credential::kind::KindSet;

    fn kind() -> CredentialKind {
        let kinds = KindSet::builtin("https://city.example").unwrap();
        kinds.by_id("business-registration").unwrap().clone()
    }

    fn said(claims: &Value, language: Language) -> Vec<(String, String)> {
        let facts = facts(claims, Some(&kind()), language);
        facts
            .into_iter()
            .map(|fact| (fact.label, fact.values.join(" | ")))
            .collect()
    }

    #[test]
    fn facts_are_said_in_the_readers_words_and_in_the_types_order() {
        let claims = json!({
            "establishedOn": "2015-03-02",
            "name": "东莞市样例有限公司",
            "uscc": "91441900MA5ABCDE7X",
            "state": "active",
            "capital": {"amount": 2_130_000, "currency": "CNY"},
            "industry": {"code": "C39", "name": "制造业", "nameEn": "Manufacturing"},
            "businessTerm": {"from": "2015-03-02"},
            "registrations": [
                {"department": "state-tax", "number": "粤税 1", "registeredOn": "2015-03-05", "state": "active"},
                {"department": "elsewhere", "number": "2", "registeredOn": "2016-01-01", "state": "suspended"},
            ],
        });
        let zh = said(&claims, Language::Zh);
        assert_eq!(
            zh[0],
            ("登记状态".to_owned(), "存续（在营、开业、在册）".to_owned())
        );
        assert_eq!(zh[1].1, "2,130,000 CNY");
        assert_eq!(zh[2].1, "制造业（C39）");
        assert_eq!(zh[4].1, "2015-03-02 至 长期");
        let (first, second) = zh[5].1.split_once(" | ").unwrap();
        assert!(
            first.starts_with(Department::find(&DepartmentId::STATE_TAX).unwrap().name_zh),
            "{first}"
        );
        assert!(first.ends_with("有效"), "{first}");
        assert!(
            second.starts_with("elsewhere") && second.ends_with("暂停"),
            "{second}"
        );
        let en = said(&claims, Language::En);
        assert_eq!(en[2].1, "Manufacturing (C39)");
        assert_eq!(en[4].1, "2015-03-02 to no end");
    }

    #[test]
    fn a_list_of_which_nothing_is_disclosed_is_not_shown() {
        assert_eq!(said(&json!({"registrations": []}), Language::Zh), []);
    }

    #[test]
    fn an_unknown_type_is_shown_as_it_is_but_not_without_end() {
        let mut claims = Map::new();
        for index in 0..100 {
            claims.insert(format!("member{index}"), "x".repeat(1000).into());
        }
        let facts = facts(&Value::Object(claims), None, Language::En);
        assert_eq!(facts.len(), MAX_UNKNOWN_FACTS);
        assert!(
            facts
                .iter()
                .all(|fact| fact.values[0].len() == MAX_UNKNOWN_CHARACTERS)
        );
    }

    #[test]
    fn what_is_withheld_is_named_where_the_type_names_it() {
        let names = [
            "capital".to_owned(),
            "registrations[]".to_owned(),
            "Xk3…".to_owned(),
        ];
        assert_eq!(
            withheld(&names, Some(&kind()), Language::Zh),
            ["注册资本", "登记", "其他事项"]
        );
        assert_eq!(withheld(&names, None, Language::En), ["other facts"]);
    }

    #[test]
    fn digits_are_grouped_by_three() {
        let samples = [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (2_130_000, "2,130,000"),
        ];
        for (number, text) in samples {
            assert_eq!(grouped(number), text);
        }
    }
}
