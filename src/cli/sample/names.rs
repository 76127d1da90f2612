//! The words of which sample companies are made.

/// Which of the published sectors a company belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sector {
    /// High-tech industry.
    HighTech,
    /// Services.
    Services,
    /// Traditional manufacturing.
    TraditionalManufacturing,
}

/// What a company does.
#[derive(Debug, Clone, Copy)]
pub(super) struct Trade {
    /// Which sector that is.
    pub(super) sector: Sector,
    /// Its division of GB/T 4754-2017.
    pub(super) industry: &'static str,
    /// The word in a Chinese name.
    pub(super) word: &'static str,
    /// The word in an English name.
    pub(super) word_en: &'static str,
}

const fn trade(
    sector: Sector,
    industry: &'static str,
    word: &'static str,
    word_en: &'static str,
) -> Trade {
    Trade {
        sector,
        industry,
        word,
        word_en,
    }
}

/// The trades; every industry belongs to one sector only.
pub(super) const TRADES: [Trade; 28] = [
    trade(Sector::Services, "F51", "贸易", "Trading"),
    trade(Sector::Services, "F52", "商贸", "Commerce"),
    trade(Sector::Services, "G54", "货运", "Freight"),
    trade(Sector::Services, "G59", "仓储", "Warehousing"),
    trade(Sector::Services, "H62", "餐饮管理", "Catering"),
    trade(Sector::Services, "K70", "物业管理", "Property Management"),
    trade(Sector::Services, "L72", "企业管理咨询", "Consulting"),
    trade(Sector::Services, "O81", "设备维修", "Repair"),
    trade(Sector::Services, "P83", "教育咨询", "Education"),
    trade(Sector::Services, "R88", "文化传播", "Culture"),
    trade(Sector::HighTech, "C27", "生物医药", "Biopharmaceutical"),
    trade(Sector::HighTech, "C35", "智能装备", "Intelligent Equipment"),
    trade(Sector::HighTech, "C38", "新能源", "New Energy"),
    trade(Sector::HighTech, "C39", "电子科技", "Electronic Technology"),
    trade(Sector::HighTech, "C40", "精密仪器", "Precision Instruments"),
    trade(Sector::HighTech, "I65", "软件", "Software"),
    trade(Sector::HighTech, "M73", "新材料研究", "New Materials"),
    trade(Sector::TraditionalManufacturing, "C14", "食品", "Foods"),
    trade(Sector::TraditionalManufacturing, "C17", "毛织", "Knitting"),
    trade(Sector::TraditionalManufacturing, "C18", "服饰", "Garments"),
    trade(Sector::TraditionalManufacturing, "C19", "鞋业", "Footwear"),
    trade(Sector::TraditionalManufacturing, "C21", "家具", "Furniture"),
    trade(
        Sector::TraditionalManufacturing,
        "C22",
        "纸品",
        "Paper Products",
    ),
    trade(Sector::TraditionalManufacturing, "C23", "印刷", "Printing"),
    trade(Sector::TraditionalManufacturing, "C24", "玩具", "Toys"),
    trade(
        Sector::TraditionalManufacturing,
        "C29",
        "塑胶制品",
        "Plastics",
    ),
    trade(
        Sector::TraditionalManufacturing,
        "C33",
        "五金制品",
        "Hardware",
    ),
    trade(Sector::TraditionalManufacturing, "C41", "工艺品", "Crafts"),
];

impl Sector {
    /// The sector of an industry that sample companies have. `None`: no sample company has it.
    #[must_use]
    pub fn of(industry: &str) -> Option<Self> {
        TRADES
            .iter()
            .find(|trade| trade.industry == industry)
            .map(|trade| trade.sector)
    }
}

/// First, second and third character of invented shop names (字号), each with its pinyin. Three seldom
/// characters together, so that no company is called that.
pub(super) const SYLLABLES: [[(&str, &str); 16]; 3] = [
    [
        ("朔", "shuo"),
        ("砚", "yan"),
        ("榆", "yu"),
        ("霁", "ji"),
        ("岚", "lan"),
        ("棠", "tang"),
        ("汀", "ting"),
        ("苇", "wei"),
        ("槐", "huai"),
        ("鹭", "lu"),
        ("笙", "sheng"),
        ("簌", "su"),
        ("珞", "luo"),
        ("菡", "han"),
        ("栎", "li"),
        ("溯", "su"),
    ],
    [
        ("墨", "mo"),
        ("桁", "heng"),
        ("穗", "sui"),
        ("篱", "li"),
        ("陌", "mo"),
        ("屿", "yu"),
        ("烁", "shuo"),
        ("莳", "shi"),
        ("舷", "xian"),
        ("缇", "ti"),
        ("琢", "zhuo"),
        ("坞", "wu"),
        ("蓼", "liao"),
        ("翎", "ling"),
        ("煦", "xu"),
        ("岫", "xiu"),
    ],
    [
        ("衡", "heng"),
        ("澍", "shu"),
        ("铎", "duo"),
        ("翊", "yi"),
        ("钰", "yu"),
        ("筱", "xiao"),
        ("崧", "song"),
        ("珩", "heng"),
        ("昱", "yu"),
        ("瀚", "han"),
        ("徽", "hui"),
        ("骐", "qi"),
        ("璟", "jing"),
        ("垚", "yao"),
        ("淼", "miao"),
        ("焱", "yan"),
    ],
];

/// Dongguan's street offices, towns and parks (the city has no counties).
pub(super) const TOWNS: [&str; 36] = [
    "东城街道",
    "南城街道",
    "万江街道",
    "莞城街道",
    "石碣镇",
    "石龙镇",
    "茶山镇",
    "石排镇",
    "企石镇",
    "横沥镇",
    "桥头镇",
    "谢岗镇",
    "东坑镇",
    "常平镇",
    "寮步镇",
    "樟木头镇",
    "大朗镇",
    "黄江镇",
    "清溪镇",
    "塘厦镇",
    "凤岗镇",
    "大岭山镇",
    "长安镇",
    "虎门镇",
    "厚街镇",
    "沙田镇",
    "道滘镇",
    "洪梅镇",
    "麻涌镇",
    "望牛墩镇",
    "中堂镇",
    "高埗镇",
    "松山湖",
    "东莞港",
    "东莞生态园",
    "东莞滨海湾新区",
];

/// Roads, each plainly a sample.
pub(super) const ROADS: [&str; 6] = [
    "示例路",
    "示例一路",
    "示例二路",
    "示例大道",
    "示例工业园",
    "示例科技园",
];

/// A number from 1 to 999 in Chinese numerals; anything else in digits.
pub(super) fn chinese_numeral(number: usize) -> String {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |value: usize| DIGITS.get(value % 10).copied().unwrap_or("");
    let (hundreds, tens, ones) = (number / 100, number / 10 % 10, number % 10);
    if !(1..=999).contains(&number) {
        return number.to_string();
    }
    let mut text = String::new();
    if hundreds > 0 {
        text.push_str(digit(hundreds));
        text.push('百');
    }
    match (hundreds, tens, ones) {
        (_, 0, 0) => {}
        (0, 0, _) => text.push_str(digit(ones)),
        (_, 0, _) => {
            text.push('零');
            text.push_str(digit(ones));
        }
        _ => {
            if hundreds > 0 || tens > 1 {
                text.push_str(digit(tens));
            }
            text.push('十');
            if ones > 0 {
                text.push_str(digit(ones));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numerals_are_written_as_people_write_them() {
        for (number, words) in [
            (1, "一"),
            (10, "十"),
            (11, "十一"),
            (20, "二十"),
            (99, "九十九"),
            (100, "一百"),
            (101, "一百零一"),
            (110, "一百一十"),
            (119, "一百一十九"),
            (200, "二百"),
            (999, "九百九十九"),
            (0, "0"),
            (1000, "1000"),
        ] {
            assert_eq!(chinese_numeral(number), words);
        }
        let all: BTreeSet<_> = (1..=999).map(chinese_numeral).collect();
        assert_eq!(all.len(), 999);
    }

    #[test]
    fn an_industry_belongs_to_one_trade() {
        let by_industry: BTreeMap<_, _> = TRADES
            .iter()
            .map(|trade| (trade.industry, trade.sector))
            .collect();
        assert_eq!(by_industry.len(), TRADES.len());
        assert_eq!(Sector::of("C39"), Some(Sector::HighTech));
        assert_eq!(Sector::of("B06"), None);
    }

    #[test]
    fn no_syllable_or_town_stands_twice() {
        for position in SYLLABLES {
            assert_eq!(
                position
                    .iter()
                    .map(|(character, _)| character)
                    .collect::<BTreeSet<_>>()
                    .len(),
                16
            );
        }
        assert_eq!(TOWNS.iter().collect::<BTreeSet<_>>().len(), TOWNS.len());
    }
}
