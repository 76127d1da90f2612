//! What the market regulator records of a company: the write side's one form, for the API, the import
//! and the stored event.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;
use time::Date;

use crate::identifier::uscc::Uscc;
use crate::identifier::uscc::UsccError;
use crate::registry::company::industry::Industry;
use crate::registry::company::industry::IndustryError;
use crate::registry::company::state::CompanyFlag;
use crate::registry::company::state::CompanyState;
use crate::registry::iso_date;
use crate::registry::text::Text;
use crate::registry::text::TextError;

/// The longest company name, in characters; the longest registered names have fewer than 100.
pub const MAX_NAME_CHARACTERS: usize = 200;
/// The longest address, in characters.
pub const MAX_ADDRESS_CHARACTERS: usize = 300;
/// The longest name of a person or of the company that is legal representative, in characters.
pub const MAX_PERSON_CHARACTERS: usize = 200;
/// The largest capital in whole units of its currency: 10^15, far above any company's and exact in
/// every JSON reader (2^53 is the limit of RFC 8259 §6).
pub const MAX_CAPITAL_AMOUNT: u64 = 1_000_000_000_000_000;
/// The first year in which a company may have been established; the oldest firms of China are younger.
const MIN_ESTABLISHED_YEAR: i32 = 1500;

/// A company's name.
pub type CompanyName = Text<MAX_NAME_CHARACTERS>;
/// A company's address (住所).
pub type Address = Text<MAX_ADDRESS_CHARACTERS>;
/// Who represents the company.
pub type PersonName = Text<MAX_PERSON_CHARACTERS>;

/// All facts that one recording states. It replaces the earlier facts as a whole: what is absent here is
/// not known any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "RawCompanyFacts")]
pub struct CompanyFacts {
    /// Whose facts.
    pub uscc: Uscc,
    /// Registered name (企业名称).
    pub name: CompanyName,
    /// Its English name, where it uses one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_en: Option<CompanyName>,
    /// Its state.
    pub state: CompanyState,
    /// What is noted against it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub flags: BTreeSet<CompanyFlag>,
    /// Registered capital (注册资本); absent where the form of enterprise has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capital: Option<Capital>,
    /// Registered address (住所).
    pub address: Address,
    /// Legal representative (法定代表人).
    pub legal_representative: PersonName,
    /// Industry (行业), GB/T 4754.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub industry: Option<Industry>,
    /// Day of establishment (成立日期).
    #[serde(with = "iso_date")]
    pub established_on: Date,
    /// Business term (营业期限); absent: not recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub business_term: Option<BusinessTerm>,
}

/// Registered capital.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Capital {
    /// Whole units of the currency (元), at most [`MAX_CAPITAL_AMOUNT`].
    pub amount: u64,
    /// Which currency.
    pub currency: Currency,
}

/// Currencies in which capital is registered, by their ISO 4217 codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Currency {
    /// 人民币.
    Cny,
    /// 欧元.
    Eur,
    /// 港元.
    Hkd,
    /// 日元.
    Jpy,
    /// 澳门元.
    Mop,
    /// 新台币.
    Twd,
    /// 美元.
    Usd,
}

impl Currency {
    /// Its ISO 4217 code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Cny => "CNY",
            Self::Eur => "EUR",
            Self::Hkd => "HKD",
            Self::Jpy => "JPY",
            Self::Mop => "MOP",
            Self::Twd => "TWD",
            Self::Usd => "USD",
        }
    }
}

/// From when until when the company is to do business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BusinessTerm {
    /// First day.
    #[serde(with = "iso_date")]
    pub from: Date,
    /// Last day; absent: without limit (长期).
    #[serde(
        default,
        with = "iso_date::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub until: Option<Date>,
}

/// Everything that is wrong with the facts that somebody sent, all at once.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.listed())]
pub struct CompanyFactsError {
    /// At least one.
    pub mistakes: Vec<FactMistake>,
}

impl CompanyFactsError {
    fn listed(&self) -> String {
        let lines: Vec<String> = self.mistakes.iter().map(ToString::to_string).collect();
        lines.join("; ")
    }
}

/// One member and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {problem}")]
pub struct FactMistake {
    /// The member's JSON name.
    pub field: &'static str,
    /// What is wrong.
    pub problem: FactProblem,
}

/// What can be wrong with a fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FactProblem {
    /// More than any company has.
    #[error("is {found}, more than {MAX_CAPITAL_AMOUNT}")]
    CapitalTooLarge {
        /// What was given.
        found: u64,
    },
    /// Not a day of the calendar in that form.
    #[error("is not a date YYYY-MM-DD")]
    Date,
    /// No such industry.
    #[error("{0}")]
    Industry(IndustryError),
    /// The business term ends before it begins.
    #[error("ends on {until}, before it begins on {from}")]
    TermReversed {
        /// First day.
        from: Date,
        /// Last day.
        until: Date,
    },
    /// Not a text that can be shown.
    #[error("{0}")]
    Text(TextError),
    /// Before there were companies.
    #[error("is before the year {MIN_ESTABLISHED_YEAR}")]
    TooEarly,
    /// Not a unified social credit code.
    #[error("{0}")]
    Uscc(UsccError),
}

/// What arrives: shaped, but with nothing checked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RawCompanyFacts {
    uscc: String,
    name: String,
    name_en: Option<String>,
    state: CompanyState,
    #[serde(default)]
    flags: BTreeSet<CompanyFlag>,
    capital: Option<Capital>,
    address: String,
    legal_representative: String,
    industry: Option<String>,
    established_on: String,
    business_term: Option<BusinessTerm>,
}

/// Gathers mistakes while values are read one by one.
#[derive(Default)]
struct Mistakes(Vec<FactMistake>);

impl Mistakes {
    fn note<T>(&mut self, field: &'static str, read: Result<T, FactProblem>) -> Option<T> {
        read.map_err(|problem| self.0.push(FactMistake { field, problem }))
            .ok()
    }
}

impl TryFrom<RawCompanyFacts> for CompanyFacts {
    type Error = CompanyFactsError;

    fn try_from(raw: RawCompanyFacts) -> Result<Self, CompanyFactsError> {
        let mut mistakes = Mistakes::default();
        let uscc = mistakes.note("uscc", Uscc::parse(&raw.uscc).map_err(FactProblem::Uscc));
        let name = mistakes.note("name", read_text(&raw.name));
        let name_en = mistakes.note("nameEn", raw.name_en.as_deref().map(read_text).transpose());
        let capital = mistakes.note("capital", raw.capital.map(check_capital).transpose());
        let address = mistakes.note("address", read_text(&raw.address));
        let representative =
            mistakes.note("legalRepresentative", read_text(&raw.legal_representative));
        let industry = mistakes.note(
            "industry",
            raw.industry.as_deref().map(read_industry).transpose(),
        );
        let established_on = mistakes.note("establishedOn", read_established(&raw.established_on));
        let term = mistakes.note(
            "businessTerm",
            raw.business_term.map(check_term).transpose(),
        );

        let complete = (|| {
            Some(Self {
                uscc: uscc?,
                name: name?,
                name_en: name_en?,
                state: raw.state,
                flags: raw.flags,
                capital: capital?,
                address: address?,
                legal_representative: representative?,
                industry: industry?,
                established_on: established_on?,
                business_term: term?,
            })
        })();
        complete.ok_or(CompanyFactsError {
            mistakes: mistakes.0,
        })
    }
}

fn read_text<const MAX: usize>(text: &str) -> Result<Text<MAX>, FactProblem> {
    Text::parse(text).map_err(FactProblem::Text)
}

fn read_industry(code: &str) -> Result<Industry, FactProblem> {
    Industry::parse(code).map_err(FactProblem::Industry)
}

fn check_capital(capital: Capital) -> Result<Capital, FactProblem> {
    if capital.amount > MAX_CAPITAL_AMOUNT {
        return Err(FactProblem::CapitalTooLarge {
            found: capital.amount,
        });
    }
    Ok(capital)
}

fn check_term(term: BusinessTerm) -> Result<BusinessTerm, FactProblem> {
    match term.until {
        Some(until) if until < term.from => Err(FactProblem::TermReversed {
            from: term.from,
            until,
        }),
        _ => Ok(term),
    }
}

fn read_established(text: &str) -> Result<Date, FactProblem> {
    let date = iso_date::parse_date(text).ok_or(FactProblem::Date)?;
    if date.year() < MIN_ESTABLISHED_YEAR {
        return Err(FactProblem::TooEarly);
    }
    Ok(date)
}

#[cfg(test)]
pub(crate) mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::*;

    /// Facts of an invented company under the standard's own example code.
    pub(crate) fn example() -> Value {
        json!({
            "uscc": "91350100M000100Y43",
            "name": "东莞市示例（测试）有限公司",
            "nameEn": "Dongguan Example Co., Ltd.",
            "state": "active",
            "flags": ["abnormal-operation"],
            "capital": {"amount": 2_130_000, "currency": "CNY"},
            "address": "东莞市南城街道示例路1号",
            "legalRepresentative": "示例人一",
            "industry": "C39",
            "establishedOn": "2015-03-01",
            "businessTerm": {"from": "2015-03-01", "until": "2045-02-28"}
        })
    }

    /// The same with members replaced or, by null, removed.
    pub(crate) fn example_with(changes: Value) -> Value {
        let mut facts = example();
        let members = facts.as_object_mut().unwrap();
        for (name, value) in changes.as_object().unwrap() {
            members.insert(name.clone(), value.clone());
        }
        members.retain(|_, value| !value.is_null());
        facts
    }

    fn mistakes(changes: Value) -> String {
        serde_json::from_value::<CompanyFacts>(example_with(changes))
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        let facts: CompanyFacts = serde_json::from_value(example()).unwrap();
        assert_eq!(facts.name.as_str(), "东莞市示例(测试)有限公司");
        let written = serde_json::to_value(&facts).unwrap();
        assert_eq!(
            serde_json::from_value::<CompanyFacts>(written).unwrap(),
            facts
        );
    }

    #[test]
    fn what_may_be_absent_may_be_absent() {
        let changes = json!({"nameEn": null, "flags": null, "capital": null, "industry": null, "businessTerm": null});
        let facts: CompanyFacts = serde_json::from_value(example_with(changes)).unwrap();
        assert!(facts.flags.is_empty());
        assert_eq!(facts.capital, None);
        let written = serde_json::to_value(&facts).unwrap();
        assert_eq!(written.as_object().unwrap().len(), 6);
        assert_eq!(
            serde_json::from_value::<CompanyFacts>(written).unwrap(),
            facts
        );
    }

    #[test]
    fn every_mistake_is_told_at_once_by_the_members_name() {
        let told = mistakes(json!({
            "uscc": "91350100M000100Y44",
            "name": " ",
            "address": "a\u{202E}b",
            "legalRepresentative": "甲".repeat(201),
            "industry": "C99",
            "establishedOn": "2015-02-30",
            "capital": {"amount": MAX_CAPITAL_AMOUNT + 1, "currency": "CNY"},
            "businessTerm": {"from": "2015-03-01", "until": "2015-02-28"}
        }));
        for field in [
            "uscc ",
            "name is empty",
            "address character 2 is U+202E",
            "legalRepresentative is longer than 200",
            "industry `C99`",
            "establishedOn is not a date",
            "capital is 1000000000000001",
            "businessTerm ends on 2015-02-28",
        ] {
            assert!(told.contains(field), "{field}: {told}");
        }
    }

    #[test]
    fn missing_and_unknown_members_and_wrong_shapes_are_named() {
        assert!(mistakes(json!({"address": null})).contains("missing field `address`"));
        assert!(mistakes(json!({"adress": "x"})).contains("unknown field `adress`"));
        assert!(mistakes(json!({"state": "open"})).contains("unknown variant `open`"));
        assert!(mistakes(json!({"flags": ["x"]})).contains("unknown variant `x`"));
        assert!(
            mistakes(json!({"capital": {"amount": 1.5, "currency": "CNY"}}))
                .contains("floating point")
        );
        assert!(mistakes(json!({"capital": {"amount": -1, "currency": "CNY"}})).contains("-1"));
        assert!(mistakes(json!({"capital": {"amount": 1, "currency": "XXX"}})).contains("`XXX`"));
        assert!(mistakes(json!({"establishedOn": "1300-01-01"})).contains("before the year 1500"));
    }
}
