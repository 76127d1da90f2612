//! The unified social credit code (统一社会信用代码, USCC) of GB 32100-2015.
//!
//! Eighteen characters: the registering department, the class of organisation, six digits of region
//! (GB/T 2260), the nine characters of the organisation code (GB 11714), and a check character.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;
use unicode_normalization::UnicodeNormalization as _;

use crate::identifier::organisation_code;

/// The characters, in the order of their values 0 to 30: no I, O, S, V, Z.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// The size of the alphabet, and the modulus of the check character.
const MODULUS: usize = 31;
const LENGTH: usize = 18;

/// Department and class of organisation: the first two characters.
const CLASSES: [&str; 36] = [
    "11", "12", "13", "19", // 机构编制: government bodies and institutions
    "21", "29", // 外交
    "31", "32", "33", "34", "35", "39", // 司法行政: law firms, notaries …
    "41", "49", // 文化
    "51", "52", "53", "59", // 民政: associations, foundations …
    "61", "62", "69", // 旅游
    "71", "72", "79", // 宗教
    "81", "89", // 工会
    "91", "92",
    "93", // 市场监管 (formerly 工商): enterprises, sole traders, cooperatives
    "A1", "A9", // 中央军委改革和编制办公室
    "N1", "N2", "N3", "N9", // 农业: rural collectives
    "Y1", // 其他
];

/// The first two digits of the region: the provinces of GB/T 2260.
///
/// Only the province is looked at, because codes keep the county that they were issued in, and counties
/// come and go.
const PROVINCES: [&str; 34] = [
    "11", "12", "13", "14", "15", // 北京 天津 河北 山西 内蒙古
    "21", "22", "23", // 辽宁 吉林 黑龙江
    "31", "32", "33", "34", "35", "36",
    "37", // 上海 江苏 浙江 安徽 福建 江西 山东
    "41", "42", "43", "44", "45", "46", // 河南 湖北 湖南 广东 广西 海南
    "50", "51", "52", "53", "54", // 重庆 四川 贵州 云南 西藏
    "61", "62", "63", "64", "65", // 陕西 甘肃 青海 宁夏 新疆
    "71", "81", "82", // 台湾 香港 澳门
];

/// The region of what is registered centrally.
const CENTRAL_REGION: &str = "100000";

/// Longest input that is normalised, in bytes: ample for eighteen full-width characters and their spaces.
const MAX_INPUT_BYTES: usize = 256;

/// A well-formed USCC: upper case, known class and province, check character right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Uscc(String);

impl Uscc {
    /// Reads a code as it is stored and signed: eighteen characters, nothing to be forgiven.
    ///
    /// The check character of the organisation code inside is *not* demanded, since codes exist that
    /// carry a wrong one; see [`Self::warnings`].
    ///
    /// # Errors
    /// See [`UsccError`]; the first thing wrong, in the order length, alphabet, check character, class,
    /// region.
    pub fn parse(text: &str) -> Result<Self, UsccError> {
        let found = text.chars().count();
        if found != LENGTH {
            return Err(UsccError::Length { found });
        }
        let expected = check_character(text)?;
        if let Some(found) = text.chars().next_back().filter(|last| *last != expected) {
            return Err(UsccError::CheckCharacter { expected, found });
        }
        let code = Self(text.to_owned());
        if !CLASSES.contains(&code.class()) {
            return Err(UsccError::Class {
                found: code.class().to_owned(),
            });
        }
        if !is_known_region(code.region()) {
            return Err(UsccError::Region {
                found: code.region().to_owned(),
            });
        }
        Ok(code)
    }

    /// Reads a code as people type and paste it: full-width characters, lower case, spaces and hyphens
    /// are made good, and nothing else. The letters I, O, S, V and Z are refused, never taken for the
    /// digits that they resemble.
    ///
    /// # Errors
    /// See [`UsccError`]; positions count what is left after normalising.
    pub fn from_input(text: &str) -> Result<Self, UsccError> {
        if text.len() > MAX_INPUT_BYTES {
            return Err(UsccError::Length {
                found: text.chars().count(),
            });
        }
        let normalised: String = text
            .nfkc()
            .filter(|character| !is_separator(*character))
            .map(|character| character.to_ascii_uppercase())
            .collect();
        Self::parse(&normalised)
    }

    /// Completes the first seventeen characters with their check character; for sample data and tests.
    ///
    /// # Errors
    /// See [`UsccError`]; [`UsccError::Length`] counts the check character that was added.
    pub fn with_check(first17: &str) -> Result<Self, UsccError> {
        let check = check_character(first17)?;
        Self::parse(&format!("{first17}{check}"))
    }

    /// The eighteen characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Department and class: the first two characters, such as `91` for an enterprise.
    pub fn class(&self) -> &str {
        self.characters(0, 2)
    }

    /// The registering department: the first character, `9` for market regulation (formerly 工商).
    pub fn registration_department(&self) -> char {
        self.0.chars().next().unwrap_or_default()
    }

    /// The six digits of the region where the code was issued, `100000` for central registration.
    pub fn region(&self) -> &str {
        self.characters(2, 8)
    }

    /// The organisation code inside, in its own notation, such as `71526726-X`; its check character may
    /// be wrong.
    pub fn organisation_code(&self) -> String {
        format!("{}-{}", self.characters(8, 16), self.characters(16, 17))
    }

    /// What is odd about the code without making it wrong.
    pub fn warnings(&self) -> Vec<UsccWarning> {
        let expected = organisation_code::check_character(self.characters(8, 16));
        let found = self.characters(16, 17).chars().next();
        expected
            .zip(found)
            .filter(|(expected, found)| expected != found)
            .map(|(expected, found)| UsccWarning::OrganisationCode { expected, found })
            .into_iter()
            .collect()
    }

    /// The characters from `start` to before `end`, which are also bytes: the alphabet is ASCII.
    fn characters(&self, start: usize, end: usize) -> &str {
        self.0.get(start..end).unwrap_or_default()
    }
}

/// The check character of the first seventeen characters (GB 32100-2015): weights 3^(i-1) mod 31,
/// and a sum divisible by 31 gives 0.
///
/// Looks at whatever follows them for its alphabet only.
fn check_character(text: &str) -> Result<char, UsccError> {
    let mut weight = 1;
    let mut sum = 0;
    for (index, character) in text.chars().enumerate() {
        let value = ALPHABET.find(character).ok_or(UsccError::Alphabet {
            position: index.saturating_add(1),
            found: character,
        })?;
        if index < LENGTH - 1 {
            sum = (sum + value * weight) % MODULUS;
            weight = weight * 3 % MODULUS;
        }
    }
    let value = (MODULUS - sum) % MODULUS;
    Ok(ALPHABET.chars().nth(value).unwrap_or_default())
}

fn is_known_region(region: &str) -> bool {
    region.bytes().all(|byte| byte.is_ascii_digit())
        && (region == CENTRAL_REGION
            || PROVINCES
                .iter()
                .any(|province| region.starts_with(province)))
}

/// Spaces of every kind, and what stands for a hyphen after NFKC: hyphen-minus, hyphen, dashes, minus.
fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Uscc {
    type Error = UsccError;

    fn try_from(text: String) -> Result<Self, UsccError> {
        Self::parse(&text)
    }
}

impl From<Uscc> for String {
    fn from(code: Uscc) -> Self {
        code.0
    }
}

/// Why a text is not a USCC.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    /// Not one of `0-9A-HJ-NPQRTUWXY`.
    #[error("character {position} (`{found}`) does not occur in a unified social credit code")]
    Alphabet {
        /// Counted from 1.
        position: usize,
        /// What stands there.
        found: char,
    },
    /// One of the characters is wrong, most likely because it was mistyped.
    #[error("the check character is `{found}`, but the other characters demand `{expected}`")]
    CheckCharacter {
        /// What the first seventeen characters demand.
        expected: char,
        /// The eighteenth character.
        found: char,
    },
    /// No department registers organisations of this class.
    #[error("no class of organisation has the code `{found}`")]
    Class {
        /// The first two characters.
        found: String,
    },
    /// Not eighteen characters: perhaps an organisation code (9) or a registration number (15).
    #[error("a unified social credit code has 18 characters, not {found}")]
    Length {
        /// How many there are.
        found: usize,
    },
    /// Not a region of any province.
    #[error("no province has a region `{found}`")]
    Region {
        /// Characters three to eight.
        found: String,
    },
}

/// What is odd about a USCC that is accepted all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsccWarning {
    /// The check character of the organisation code inside (the seventeenth) does not fit.
    OrganisationCode {
        /// What the eight characters before it demand.
        expected: char,
        /// What stands there.
        found: char,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STANDARDS_EXAMPLE: &str = "91350100M000100Y43";

    #[test]
    fn the_standards_example_is_read() {
        let code = Uscc::parse(STANDARDS_EXAMPLE).unwrap();
        assert_eq!(code.class(), "91");
        assert_eq!(code.registration_department(), '9');
        assert_eq!(code.region(), "350100");
        assert_eq!(code.organisation_code(), "M000100Y-4");
        assert_eq!(code.warnings(), []);
        assert_eq!(code.to_string(), STANDARDS_EXAMPLE);
    }

    #[test]
    fn each_thing_wrong_has_its_own_error() {
        for (text, expected) in [
            ("", UsccError::Length { found: 0 }),
            ("91350100M000100Y4", UsccError::Length { found: 17 }),
            ("91350100M000100Y433", UsccError::Length { found: 19 }),
            (
                "91350100MO00100Y43",
                UsccError::Alphabet {
                    position: 10,
                    found: 'O',
                },
            ),
            (
                "91350100M000100Y4Z",
                UsccError::Alphabet {
                    position: 18,
                    found: 'Z',
                },
            ),
            (
                "91350100M000100Y4４",
                UsccError::Alphabet {
                    position: 18,
                    found: '４',
                },
            ),
            (
                "91350100M000100Y44",
                UsccError::CheckCharacter {
                    expected: '3',
                    found: '4',
                },
            ),
        ] {
            assert_eq!(Uscc::parse(text), Err(expected), "{text}");
        }
        assert_eq!(
            Uscc::with_check("94441900MA4193854"),
            Err(UsccError::Class {
                found: "94".to_owned()
            })
        );
        for region in ["999900", "160000", "910000", "100100", "44A900", "000000"] {
            assert_eq!(
                Uscc::with_check(&format!("91{region}MA5921497")),
                Err(UsccError::Region {
                    found: region.to_owned()
                })
            );
        }
    }

    #[test]
    fn input_is_normalised_and_never_repaired() {
        for text in [
            " 91350100m000100y43\n",
            "9135-0100-M000-100Y-43",
            "９１３５０１００Ｍ０００１００Ｙ４３",
            "91350100\u{3000}M000100Y\u{2013}43",
        ] {
            assert_eq!(
                Uscc::from_input(text).unwrap().as_str(),
                STANDARDS_EXAMPLE,
                "{text}"
            );
            assert!(Uscc::parse(text).is_err(), "{text}");
        }
        for (text, found) in [
            ("9135O100M000100Y43", 'O'),
            ("9135o100M000100Y43", 'O'),
            ("9I350100M000100Y43", 'I'),
            ("913S0100M000100Y43", 'S'),
            ("91350100M000100V43", 'V'),
            ("91350100M000100Y4Z", 'Z'),
        ] {
            assert!(
                matches!(Uscc::from_input(text), Err(UsccError::Alphabet { found: letter, .. }) if letter == found),
                "{text}"
            );
        }
        assert_eq!(
            Uscc::from_input(&" ".repeat(257)),
            Err(UsccError::Length { found: 257 })
        );
    }

    #[test]
    fn a_wrong_organisation_code_inside_is_a_warning() {
        let code = Uscc::parse("91441900MA4DQ87C7L").unwrap();
        assert!(matches!(
            code.warnings().as_slice(),
            [UsccWarning::OrganisationCode { found: '7', .. }]
        ));
    }

    #[test]
    fn json_is_as_strict_as_parse() {
        let code: Uscc = serde_json::from_str("\"91350100M000100Y43\"").unwrap();
        assert_eq!(
            serde_json::to_string(&code).unwrap(),
            "\"91350100M000100Y43\""
        );
        assert!(serde_json::from_str::<Uscc>("\"91350100m000100y43\"").is_err());
        assert!(serde_json::from_str::<Uscc>("913501").is_err());
    }

    fn any_code() -> impl Strategy<Value = Uscc> {
        let class = prop::sample::select(CLASSES.to_vec());
        let province = prop::sample::select(PROVINCES.to_vec());
        (class, province, "[0-9]{4}[0-9A-HJ-NPQRTUWXY]{9}").prop_map(|(class, province, rest)| {
            Uscc::with_check(&format!("{class}{province}{rest}")).unwrap()
        })
    }

    proptest! {
        #[test]
        fn what_was_written_is_read_as_the_same(code in any_code()) {
            prop_assert_eq!(&Uscc::parse(code.as_str()).unwrap(), &code);
            prop_assert_eq!(&Uscc::from_input(&code.as_str().to_lowercase()).unwrap(), &code);
            let json = serde_json::to_string(&code).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Uscc>(&json).unwrap(), &code);
        }

        /// 31 is prime and no weight is divisible by it.
        #[test]
        fn one_wrong_character_is_always_found(code in any_code(), at in 0..18usize, to in 0..31usize) {
            let mut characters: Vec<char> = code.as_str().chars().collect();
            let other = ALPHABET.chars().nth(to).unwrap();
            prop_assume!(characters[at] != other);
            characters[at] = other;
            let altered: String = characters.into_iter().collect();
            prop_assert!(matches!(Uscc::parse(&altered), Err(UsccError::CheckCharacter { .. })), "{}", altered);
        }

        #[test]
        fn whatever_input_gives_is_strictly_well_formed(text in "\\PC{0,40}") {
            if let Ok(code) = Uscc::from_input(&text) {
                prop_assert_eq!(Uscc::parse(code.as_str()), Ok(code));
            }
        }
    }
}
