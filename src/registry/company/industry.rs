//! Industries (行业) of GB/T 4754-2017, as far as their divisions.

use serde::Deserialize;
use serde::Serialize;

/// An industry of GB/T 4754-2017: a section letter, optionally followed by the two digits of a division
/// of it, and by one or two more for group and class: `C`, `C39`, `C3919`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Industry(String);

/// A section of GB/T 4754-2017.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndustrySection {
    /// Its letter.
    pub letter: char,
    /// First and last division.
    pub divisions: (u8, u8),
    /// Chinese name.
    pub name_zh: &'static str,
    /// English name.
    pub name: &'static str,
}

/// The sections of GB/T 4754-2017.
#[rustfmt::skip]
pub const INDUSTRY_SECTIONS: [IndustrySection; 20] = [
    IndustrySection { letter: 'A', divisions: (1, 5), name_zh: "农、林、牧、渔业", name: "Agriculture, forestry, husbandry and fishery" },
    IndustrySection { letter: 'B', divisions: (6, 12), name_zh: "采矿业", name: "Mining" },
    IndustrySection { letter: 'C', divisions: (13, 43), name_zh: "制造业", name: "Manufacturing" },
    IndustrySection { letter: 'D', divisions: (44, 46), name_zh: "电力、热力、燃气及水生产和供应业", name: "Electricity, heat, gas and water" },
    IndustrySection { letter: 'E', divisions: (47, 50), name_zh: "建筑业", name: "Construction" },
    IndustrySection { letter: 'F', divisions: (51, 52), name_zh: "批发和零售业", name: "Wholesale and retail trade" },
    IndustrySection { letter: 'G', divisions: (53, 60), name_zh: "交通运输、仓储和邮政业", name: "Transport, storage and post" },
    IndustrySection { letter: 'H', divisions: (61, 62), name_zh: "住宿和餐饮业", name: "Accommodation and catering" },
    IndustrySection { letter: 'I', divisions: (63, 65), name_zh: "信息传输、软件和信息技术服务业", name: "Information transmission, software and IT services" },
    IndustrySection { letter: 'J', divisions: (66, 69), name_zh: "金融业", name: "Finance" },
    IndustrySection { letter: 'K', divisions: (70, 70), name_zh: "房地产业", name: "Real estate" },
    IndustrySection { letter: 'L', divisions: (71, 72), name_zh: "租赁和商务服务业", name: "Leasing and business services" },
    IndustrySection { letter: 'M', divisions: (73, 75), name_zh: "科学研究和技术服务业", name: "Scientific research and technical services" },
    IndustrySection { letter: 'N', divisions: (76, 79), name_zh: "水利、环境和公共设施管理业", name: "Water, environment and public facilities" },
    IndustrySection { letter: 'O', divisions: (80, 82), name_zh: "居民服务、修理和其他服务业", name: "Household, repair and other services" },
    IndustrySection { letter: 'P', divisions: (83, 83), name_zh: "教育", name: "Education" },
    IndustrySection { letter: 'Q', divisions: (84, 85), name_zh: "卫生和社会工作", name: "Health and social work" },
    IndustrySection { letter: 'R', divisions: (86, 90), name_zh: "文化、体育和娱乐业", name: "Culture, sports and entertainment" },
    IndustrySection { letter: 'S', divisions: (91, 96), name_zh: "公共管理、社会保障和社会组织", name: "Public administration, social security and organisations" },
    IndustrySection { letter: 'T', divisions: (97, 97), name_zh: "国际组织", name: "International organisations" },
];

/// There is no such industry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not a code of GB/T 4754 (a section letter and a division of it, e.g. C39)")]
pub struct IndustryError {
    /// What was given, shortened.
    pub found: String,
}

impl Industry {
    /// Reads a code such as `C39`.
    ///
    /// # Errors
    /// [`IndustryError`] when there is no such section, or the division is not of that section.
    pub fn parse(code: &str) -> Result<Self, IndustryError> {
        let refused = || IndustryError {
            found: code.chars().take(8).collect(),
        };
        let mut characters = code.chars();
        let letter = characters.next().ok_or_else(refused)?;
        let digits = characters.as_str();
        let section = INDUSTRY_SECTIONS
            .iter()
            .find(|section| section.letter == letter);
        let (first, last) = section.ok_or_else(refused)?.divisions;
        let numeric = digits.bytes().all(|byte| byte.is_ascii_digit());
        let fits = match (numeric, digits.len()) {
            (true, 0) => true,
            (true, 2..=4) => digits
                .get(..2)
                .and_then(|division| division.parse::<u8>().ok())
                .is_some_and(|division| (first..=last).contains(&division)),
            _ => false,
        };
        if fits {
            Ok(Self(code.to_owned()))
        } else {
            Err(refused())
        }
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The section that the code begins with. Always present for a code that was parsed.
    #[must_use]
    pub fn section(&self) -> Option<&'static IndustrySection> {
        INDUSTRY_SECTIONS
            .iter()
            .find(|section| self.0.starts_with(section.letter))
    }
}

impl std::fmt::Display for Industry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Industry {
    type Error = IndustryError;

    fn try_from(code: String) -> Result<Self, IndustryError> {
        Self::parse(&code)
    }
}

impl From<Industry> for String {
    fn from(industry: Industry) -> Self {
        industry.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_industry_is_a_section_and_a_division_of_it() {
        for good in ["C", "C13", "C43", "C391", "C3919", "A01", "T97", "I65"] {
            assert_eq!(Industry::parse(good).unwrap().as_str(), good);
        }
        for bad in [
            "", "c39", "39", "C3", "C12", "C44", "C39190", "CC3", "U98", "C３９", "业",
        ] {
            assert!(Industry::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(
            Industry::parse("I65").unwrap().section().unwrap().letter,
            'I'
        );
    }
}
