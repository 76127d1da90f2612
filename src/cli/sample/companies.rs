//! Two hundred companies whose sectors and capital follow the published figures of Dongguan.

use std::collections::BTreeSet;

use time::Date;
use time::Duration;
use time::Month;

use crate::cli::sample::names::ROADS;
use crate::cli::sample::names::SYLLABLES;
pub use crate::cli::sample::names::Sector;
use crate::cli::sample::names::TOWNS;
use crate::cli::sample::names::TRADES;
use crate::cli::sample::names::Trade;
use crate::cli::sample::names::chinese_numeral;
use crate::crypto::random::RandomError;
use crate::crypto::random::SeededRandom;
use crate::crypto::random::array;
use crate::identifier::organisation_code;
use crate::identifier::uscc::Uscc;
use crate::identifier::uscc::UsccError;
use crate::registry::company::BusinessTerm;
use crate::registry::company::Capital;
use crate::registry::company::CompanyFacts;
use crate::registry::company::CompanyFlag;
use crate::registry::company::CompanyState;
use crate::registry::company::Currency;
use crate::registry::company::Industry;
use crate::registry::company::IndustryError;
use crate::registry::department::DEPARTMENTS;
use crate::registry::department::Department;
use crate::registry::department::DepartmentId;
use crate::registry::import::ImportRecord;
use crate::registry::registration::Registration;
use crate::registry::registration::RegistrationState;
use crate::registry::text::TextError;

/// How many companies there are.
pub const SAMPLE_COMPANIES: usize = 200;
/// The mean of their capital in yuan, as published.
pub const MEAN_CAPITAL_YUAN: u64 = 2_130_000;
/// How many belong to each sector: 48 %, 22 % and 30 %, as published.
pub const SECTORS: [(Sector, usize); 3] = [
    (Sector::Services, 96),
    (Sector::HighTech, 44),
    (Sector::TraditionalManufacturing, 60),
];

/// Department and class (market regulation, enterprise), and region (Dongguan), of every code.
const CODE_PREFIX: &str = "91441900";
/// How every invented organisation code begins; none was ever allotted under it.
const ORGANISATION_PREFIX: &str = "YX";
/// What makes the same companies each time.
const SEED: [u8; 32] = *b"yinxin: sample companies, set 1.";

/// Capital in yuan, and how many companies have it. The last company takes what is missing to the mean.
const CAPITALS: [(u64, usize); 10] = [
    (100_000, 16),
    (300_000, 16),
    (500_000, 40),
    (1_000_000, 50),
    (2_000_000, 30),
    (3_000_000, 16),
    (5_000_000, 18),
    (8_000_000, 1),
    (10_000_000, 10),
    (20_000_000, 2),
];

/// The companies, by their place in the list, of which there is something to tell.
const EXCEPTIONS: [(usize, CompanyState, &[CompanyFlag]); 15] = [
    (13, CompanyState::Active, &[CompanyFlag::AbnormalOperation]),
    (27, CompanyState::Deregistered, &[]),
    (41, CompanyState::RevokedNotDeregistered, &[]),
    (55, CompanyState::Active, &[CompanyFlag::DormancyRecord]),
    (69, CompanyState::MovedOut, &[]),
    (83, CompanyState::Active, &[CompanyFlag::Liquidation]),
    (97, CompanyState::RevokedDeregistered, &[]),
    (
        111,
        CompanyState::Active,
        &[
            CompanyFlag::AbnormalOperation,
            CompanyFlag::SeriousViolation,
        ],
    ),
    (125, CompanyState::Annulled, &[]),
    (
        139,
        CompanyState::RevokedNotDeregistered,
        &[CompanyFlag::SeriousViolation],
    ),
    (153, CompanyState::Deregistered, &[]),
    (160, CompanyState::Active, &[CompanyFlag::DormancyRecord]),
    (167, CompanyState::Other, &[]),
    (181, CompanyState::Active, &[CompanyFlag::AbnormalOperation]),
    (195, CompanyState::MovedOut, &[]),
];

/// Why there is no sample data. None of it happens with the words that this module holds; a test says so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// A date beyond the calendar.
    #[error("a sample date is beyond the calendar")]
    Calendar,
    /// An industry that does not exist.
    #[error("a sample industry is wrong")]
    Industry(#[from] IndustryError),
    /// No randomness.
    #[error("no sample data without randomness")]
    Random(#[from] RandomError),
    /// A text that cannot be stored.
    #[error("a sample text cannot be stored")]
    Text(#[from] TextError),
    /// A company code that is not one.
    #[error("a sample company code is wrong")]
    Uscc(#[from] UsccError),
}

/// The sample companies, the same each time, each with its registrations.
///
/// # Errors
/// [`SampleError`]; not with the words that this module holds.
pub fn sample_companies() -> Result<Vec<ImportRecord>, SampleError> {
    let dice = Dice(SeededRandom::new(SEED));
    let mut trades = shuffled(&dice, sector_list())?.into_iter();
    let mut capitals = shuffled(&dice, capital_list())?.into_iter();
    let mut names = BTreeSet::new();
    let mut records = Vec::with_capacity(SAMPLE_COMPANIES);
    for number in 1..=SAMPLE_COMPANIES {
        let (Some(sector), Some(capital)) = (trades.next(), capitals.next()) else {
            break;
        };
        let facts = company(&dice, number, sector, capital, &mut names)?;
        let registrations = registrations(&dice, number, &facts)?;
        records.push(ImportRecord {
            company: facts,
            registrations,
        });
    }
    Ok(records)
}

/// Numbers and choices that the seed determines.
struct Dice(SeededRandom);

impl Dice {
    /// A number below `limit`; 0 when there is none.
    fn below(&self, limit: usize) -> Result<usize, RandomError> {
        // 32 bits over at most a few thousand: the bias is beyond notice in sample data.
        let drawn = u32::from_be_bytes(array(&self.0)?);
        Ok(usize::try_from(drawn)
            .unwrap_or(0)
            .checked_rem(limit)
            .unwrap_or(0))
    }

    fn pick<'a, T>(&self, choices: &'a [T]) -> Result<&'a T, RandomError> {
        choices.get(self.below(choices.len())?).ok_or(RandomError)
    }

    /// True in `percent` of a hundred cases.
    fn chance(&self, percent: usize) -> Result<bool, RandomError> {
        Ok(self.below(100)? < percent)
    }
}

fn shuffled<T>(dice: &Dice, mut list: Vec<T>) -> Result<Vec<T>, RandomError> {
    for last in (1..list.len()).rev() {
        list.swap(last, dice.below(last.saturating_add(1))?);
    }
    Ok(list)
}

fn sector_list() -> Vec<Sector> {
    SECTORS
        .iter()
        .flat_map(|(sector, count)| std::iter::repeat_n(*sector, *count))
        .collect()
}

fn capital_list() -> Vec<u64> {
    let mut list: Vec<u64> = CAPITALS
        .iter()
        .flat_map(|(yuan, count)| std::iter::repeat_n(*yuan, *count))
        .collect();
    let total = u64::try_from(SAMPLE_COMPANIES)
        .unwrap_or(0)
        .saturating_mul(MEAN_CAPITAL_YUAN);
    list.push(total.saturating_sub(list.iter().sum()));
    list
}

fn company(
    dice: &Dice,
    number: usize,
    sector: Sector,
    capital: u64,
    names: &mut BTreeSet<String>,
) -> Result<CompanyFacts, SampleError> {
    let of_sector: Vec<&Trade> = TRADES
        .iter()
        .filter(|trade| trade.sector == sector)
        .collect();
    let trade = dice.pick(&of_sector)?;
    let (name, name_en) = company_name(dice, trade, names)?;
    let exception = EXCEPTIONS.iter().find(|(place, ..)| *place == number);
    let (state, flags) = exception.map_or(
        (CompanyState::Active, [].as_slice()),
        |(_, state, flags)| (*state, *flags),
    );
    let established_on = established_on(dice)?;
    let address = format!(
        "东莞市{}{}{}号",
        dice.pick(&TOWNS)?,
        dice.pick(&ROADS)?,
        dice.below(300)?.saturating_add(1)
    );
    Ok(CompanyFacts {
        uscc: company_code(number)?,
        name: name.try_into()?,
        name_en: Some(name_en.try_into()?),
        state,
        flags: flags.iter().copied().collect(),
        capital: Some(Capital {
            amount: capital,
            currency: Currency::Cny,
        }),
        address: address.try_into()?,
        legal_representative: format!("示例人{}", chinese_numeral(number)).try_into()?,
        industry: Some(Industry::parse(trade.industry)?),
        established_on,
        business_term: Some(business_term(dice, established_on)?),
    })
}

/// `91`, Dongguan, an organisation code with its check character, and the check character of it all.
fn company_code(number: usize) -> Result<Uscc, SampleError> {
    let body = format!("{ORGANISATION_PREFIX}{number:06}");
    let check = organisation_code::check_character(&body);
    Ok(Uscc::with_check(&format!(
        "{CODE_PREFIX}{body}{}",
        check.unwrap_or('?')
    ))?)
}

fn company_name(
    dice: &Dice,
    trade: &Trade,
    taken: &mut BTreeSet<String>,
) -> Result<(String, String), RandomError> {
    loop {
        let mut shop = String::new();
        let mut shop_en = String::new();
        for position in &SYLLABLES {
            let (character, pinyin) = dice.pick(position)?;
            shop.push_str(character);
            shop_en.push_str(pinyin);
        }
        if taken.insert(shop.clone()) {
            let mut letters = shop_en.chars();
            let capital = letters
                .next()
                .map_or(' ', |letter| letter.to_ascii_uppercase());
            let name_en = format!(
                "Dongguan {capital}{} {} Co., Ltd.",
                letters.as_str(),
                trade.word_en
            );
            return Ok((format!("东莞市{shop}{}有限公司", trade.word), name_en));
        }
    }
}

/// A day of the years 2000 to 2015, when the service began.
fn established_on(dice: &Dice) -> Result<Date, SampleError> {
    let days = i64::try_from(dice.below(5_800)?).unwrap_or(0);
    let first = Date::from_calendar_date(2000, Month::January, 4).ok();
    first
        .and_then(|first| first.checked_add(Duration::days(days)))
        .ok_or(SampleError::Calendar)
}

/// Two in three are for thirty years, the others without limit.
fn business_term(dice: &Dice, from: Date) -> Result<BusinessTerm, SampleError> {
    let until = if dice.chance(67)? {
        let day_before = from.previous_day().ok_or(SampleError::Calendar)?;
        // 29 February has no anniversary in every year: the term then ends on the 28th.
        let year = day_before.year().saturating_add(30);
        let until = day_before
            .replace_year(year)
            .or_else(|_| Date::from_calendar_date(year, Month::February, 28));
        Some(until.ok().ok_or(SampleError::Calendar)?)
    } else {
        None
    };
    Ok(BusinessTerm { from, until })
}

/// In how many of a hundred cases a company of a sector is registered with a department.
fn likelihood(department: &Department, sector: Option<Sector>) -> usize {
    let exports = sector.is_some_and(|sector| sector != Sector::Services);
    match department.id.as_str() {
        "market-regulation" => 100,
        "state-tax" | "local-tax" => 97,
        "social-security" | "human-resources" => 85,
        "housing-fund" | "public-security-seal" | "statistics" => 60,
        "customs" | "inspection-quarantine" | "commerce" => {
            if exports {
                55
            } else {
                15
            }
        }
        "environment" | "fire-safety" => {
            if exports {
                50
            } else {
                20
            }
        }
        _ => 10,
    }
}

fn registrations(
    dice: &Dice,
    number: usize,
    facts: &CompanyFacts,
) -> Result<Vec<Registration>, SampleError> {
    let sector = facts
        .industry
        .as_ref()
        .and_then(|industry| Sector::of(industry.as_str()));
    let mut registrations = Vec::new();
    for department in &DEPARTMENTS {
        let registered = dice.chance(likelihood(department, sector))?;
        let days = i64::try_from(dice.below(90)?).unwrap_or(0);
        if registered {
            let first = department.id == DepartmentId::MARKET_REGULATION;
            let later =
                facts
                    .established_on
                    .checked_add(Duration::days(if first { 0 } else { days }));
            let short = department.name_zh.split('（').next().unwrap_or("");
            registrations.push(Registration {
                department: department.id.clone(),
                number: format!("粤莞{short}样字第{number:06}号").try_into()?,
                registered_on: later.ok_or(SampleError::Calendar)?,
                state: registration_state(facts.state),
            });
        }
    }
    Ok(registrations)
}

const fn registration_state(company: CompanyState) -> RegistrationState {
    match company {
        CompanyState::Active | CompanyState::Other => RegistrationState::Active,
        CompanyState::RevokedNotDeregistered => RegistrationState::Suspended,
        CompanyState::Annulled
        | CompanyState::Deregistered
        | CompanyState::MovedOut
        | CompanyState::RevokedDeregistered => RegistrationState::Cancelled,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::registry::company::STATES;

    fn companies() -> Vec<ImportRecord> {
        sample_companies().unwrap()
    }

    #[test]
    fn they_are_the_same_each_time() {
        assert_eq!(companies(), companies());
        assert_eq!(companies().len(), SAMPLE_COMPANIES);
    }

    #[test]
    fn sectors_are_as_published() {
        let mut counts = BTreeMap::new();
        for record in companies() {
            let sector = Sector::of(record.company.industry.unwrap().as_str()).unwrap();
            *counts.entry(sector).or_insert(0) += 1;
        }
        let expected = [
            (Sector::HighTech, 44),
            (Sector::Services, 96),
            (Sector::TraditionalManufacturing, 60),
        ];
        assert_eq!(counts, BTreeMap::from(expected));
    }

    #[test]
    fn the_mean_capital_is_as_published_and_nobodys_is_absurd() {
        let amounts: Vec<u64> = companies()
            .iter()
            .map(|record| record.company.capital.unwrap().amount)
            .collect();
        assert_eq!(amounts.iter().sum::<u64>(), 200 * 2_130_000);
        assert!(
            amounts
                .iter()
                .all(|amount| (100_000..=20_000_000).contains(amount))
        );
    }

    #[test]
    fn codes_are_valid_distinct_enterprises_of_dongguan() {
        let codes: BTreeSet<Uscc> = companies()
            .into_iter()
            .map(|record| record.company.uscc)
            .collect();
        assert_eq!(codes.len(), SAMPLE_COMPANIES);
        for code in codes {
            assert_eq!(Uscc::parse(code.as_str()).as_ref(), Ok(&code));
            assert!(code.warnings().is_empty(), "{code}");
            assert!(code.as_str().starts_with("91441900YX"), "{code}");
            assert_eq!(code.region(), "441900");
        }
    }

    #[test]
    fn names_are_distinct_and_people_and_streets_are_plainly_samples() {
        let companies = companies();
        let names: BTreeSet<_> = companies
            .iter()
            .map(|record| record.company.name.as_str())
            .collect();
        let names_en: BTreeSet<_> = companies
            .iter()
            .filter_map(|record| record.company.name_en.as_deref())
            .collect();
        let people: BTreeSet<_> = companies
            .iter()
            .map(|record| record.company.legal_representative.as_str())
            .collect();
        assert_eq!(
            (names.len(), people.len()),
            (SAMPLE_COMPANIES, SAMPLE_COMPANIES)
        );
        assert!(names_en.len() > 190);
        assert!(
            names
                .iter()
                .all(|name| name.starts_with("东莞市") && name.ends_with("有限公司"))
        );
        assert!(people.iter().all(|person| person.starts_with("示例人")));
        for record in &companies {
            assert!(
                record.company.address.contains("示例"),
                "{}",
                record.company.address
            );
            assert!(
                TOWNS
                    .iter()
                    .any(|town| record.company.address.contains(town))
            );
        }
    }

    #[test]
    fn a_few_are_in_every_other_state_or_flagged() {
        let companies = companies();
        for entry in STATES {
            let found = companies
                .iter()
                .filter(|record| record.company.state == entry.state)
                .count();
            let expected = if entry.state == CompanyState::Active {
                180..=195
            } else {
                1..=3
            };
            assert!(expected.contains(&found), "{}: {found}", entry.id);
        }
        let flags: BTreeSet<_> = companies
            .iter()
            .flat_map(|record| record.company.flags.clone())
            .collect();
        assert_eq!(flags.len(), 4);
    }

    #[test]
    fn each_is_registered_with_several_departments_each_of_which_has_some() {
        let mut with = BTreeMap::<DepartmentId, usize>::new();
        for record in companies() {
            assert!(record.registrations.len() >= 3, "{}", record.company.name);
            for registration in record.registrations {
                assert!(registration.registered_on >= record.company.established_on);
                *with.entry(registration.department).or_default() += 1;
            }
        }
        assert_eq!(with.len(), DEPARTMENTS.len());
        assert_eq!(
            with.get(&DepartmentId::MARKET_REGULATION),
            Some(&SAMPLE_COMPANIES)
        );
    }

    #[test]
    fn they_are_import_lines() {
        for record in companies() {
            let line = serde_json::to_string(&record).unwrap();
            assert_eq!(serde_json::from_str::<ImportRecord>(&line).unwrap(), record);
        }
    }
}
