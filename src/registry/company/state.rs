//! In what state a company is, what is noted against it, and what that means for somebody who deals
//! with it.
//!
//! The codes are those of the national publicity system (国家企业信用信息公示系统, GSXT); the words are
//! those that its pages and provincial data use.

use serde::Deserialize;
use serde::Serialize;

use crate::registry::text::fold_for_comparison;

/// Whether a company exists and may act, in the terms of its registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompanyState {
    /// 存续（在营、开业、在册）: it exists.
    Active,
    /// 吊销，未注销: its licence was withdrawn as a penalty; it exists for liquidation only.
    RevokedNotDeregistered,
    /// 吊销，已注销: its licence was withdrawn, and it has been deregistered since.
    RevokedDeregistered,
    /// 注销: deregistered.
    Deregistered,
    /// 撤销: its registration was annulled.
    Annulled,
    /// 迁出: moved to another authority's district.
    MovedOut,
    /// 其他: none of these.
    Other,
}

/// What is noted against a company beside its [`CompanyState`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompanyFlag {
    /// 经营异常: on the list of abnormal operations.
    AbnormalOperation,
    /// 歇业: recorded as dormant, for three years at most (市场主体登记管理条例 art. 30). Still existing.
    DormancyRecord,
    /// 清算: in liquidation.
    Liquidation,
    /// 严重违法失信: on the list of serious violations.
    SeriousViolation,
}

/// What a state or flag means for a bank or department that deals with the company.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It may act.
    MayAct,
    /// It may act; look closer first.
    Caution,
    /// It takes on nothing new; what it does serves its liquidation.
    LiquidationOnly,
    /// Not decided by this: ask the registration authority.
    Ask,
    /// It does not exist.
    Gone,
}

/// One state, with everything that is said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StateEntry {
    /// The state.
    pub state: CompanyState,
    /// Its name in our JSON.
    pub id: &'static str,
    /// Its GSXT code.
    pub code: &'static str,
    /// English name.
    pub name: &'static str,
    /// Chinese name, as GSXT shows it.
    pub name_zh: &'static str,
    /// The consequence.
    pub standing: Standing,
    /// What it means, for who deals with the company.
    pub meaning: &'static str,
    /// The same in Chinese.
    pub meaning_zh: &'static str,
    /// Other words for it in data that departments exchange.
    pub also: &'static [&'static str],
}

/// One flag, with everything that is said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FlagEntry {
    /// The flag.
    pub flag: CompanyFlag,
    /// Its name in our JSON.
    pub id: &'static str,
    /// English name.
    pub name: &'static str,
    /// Chinese name.
    pub name_zh: &'static str,
    /// The consequence, where the state itself lets the company act.
    pub standing: Standing,
    /// What it means, for who deals with the company.
    pub meaning: &'static str,
    /// The same in Chinese.
    pub meaning_zh: &'static str,
}

/// Every state, in the order of the GSXT codes.
pub const STATES: [StateEntry; 7] = [
    StateEntry {
        state: CompanyState::Active,
        id: "active",
        code: "1",
        name: "Active",
        name_zh: "存续（在营、开业、在册）",
        standing: Standing::MayAct,
        meaning: "The company exists and may act; look at its flags as well.",
        meaning_zh: "企业存续，可以开展经营活动；请同时核查其标注事项。",
        also: &[
            "存续",
            "在业",
            "开业",
            "在营",
            "在册",
            "正常",
            "在营（开业）",
            "开业/正常经营",
            "登记成立",
            "确立",
            "K",
        ],
    },
    StateEntry {
        state: CompanyState::RevokedNotDeregistered,
        id: "revoked-not-deregistered",
        code: "2",
        name: "Licence revoked, not deregistered",
        name_zh: "吊销，未注销",
        standing: Standing::LiquidationOnly,
        meaning: "The licence was revoked: no new business. The company is a legal person until it is deregistered, for liquidation only.",
        meaning_zh: "营业执照已被吊销，不得开展新的经营活动；注销前法人资格仍存续，仅限清算。",
        also: &["吊销", "吊销未注销", "DA"],
    },
    StateEntry {
        state: CompanyState::RevokedDeregistered,
        id: "revoked-deregistered",
        code: "3",
        name: "Licence revoked, deregistered",
        name_zh: "吊销，已注销",
        standing: Standing::Gone,
        meaning: "The licence was revoked and the company has been deregistered: it no longer exists.",
        meaning_zh: "营业执照已被吊销且企业已注销，主体已不存在。",
        also: &["吊销已注销", "D"],
    },
    StateEntry {
        state: CompanyState::Deregistered,
        id: "deregistered",
        code: "4",
        name: "Deregistered",
        name_zh: "注销",
        standing: Standing::Gone,
        meaning: "The company has been deregistered: it no longer exists.",
        meaning_zh: "企业已注销，主体已不存在。",
        also: &["已注销", "注销企业", "X"],
    },
    StateEntry {
        state: CompanyState::Annulled,
        id: "annulled",
        code: "5",
        name: "Registration annulled",
        name_zh: "撤销",
        standing: Standing::Gone,
        meaning: "The registration was annulled: treat the company as not registered.",
        meaning_zh: "企业登记已被撤销，视为未登记。",
        also: &["已撤销", "撤销登记", "Q"],
    },
    StateEntry {
        state: CompanyState::MovedOut,
        id: "moved-out",
        code: "6",
        name: "Moved out",
        name_zh: "迁出",
        standing: Standing::Ask,
        meaning: "The company moved to another authority's district: ask there.",
        meaning_zh: "企业已迁往其他登记机关辖区，请向迁入地查询。",
        also: &["已迁出", "迁往市外", "C"],
    },
    StateEntry {
        state: CompanyState::Other,
        id: "other",
        code: "9",
        name: "Other",
        name_zh: "其他",
        standing: Standing::Ask,
        meaning: "None of the usual states: ask the registration authority.",
        meaning_zh: "非常见状态，请向登记机关核实。",
        also: &[],
    },
];

/// Every flag.
pub const FLAGS: [FlagEntry; 4] = [
    FlagEntry {
        flag: CompanyFlag::AbnormalOperation,
        id: "abnormal-operation",
        name: "Abnormal operation",
        name_zh: "经营异常",
        standing: Standing::Caution,
        meaning: "On the list of abnormal operations, for instance because it could not be reached at its address: find out why.",
        meaning_zh: "已列入经营异常名录（例如通过登记住所无法联系），请核实原因。",
    },
    FlagEntry {
        flag: CompanyFlag::DormancyRecord,
        id: "dormancy-record",
        name: "Dormant on record",
        name_zh: "歇业",
        standing: Standing::Caution,
        meaning: "Recorded as dormant, for three years at most: the company exists but does no business at present.",
        meaning_zh: "已办理歇业备案（最长三年）：企业存续，但目前不开展经营活动。",
    },
    FlagEntry {
        flag: CompanyFlag::Liquidation,
        id: "liquidation",
        name: "In liquidation",
        name_zh: "清算",
        standing: Standing::LiquidationOnly,
        meaning: "In liquidation: it takes on nothing unrelated to that.",
        meaning_zh: "正在清算，不得开展与清算无关的经营活动。",
    },
    FlagEntry {
        flag: CompanyFlag::SeriousViolation,
        id: "serious-violation",
        name: "Serious violation",
        name_zh: "严重违法失信",
        standing: Standing::Caution,
        meaning: "On the list of serious violations and dishonesty: its dealings are restricted by law.",
        meaning_zh: "已列入严重违法失信名单，其经营活动依法受到限制。",
    },
];

impl CompanyState {
    /// The table row of this state.
    #[must_use]
    pub const fn entry(self) -> &'static StateEntry {
        let [
            active,
            revoked,
            revoked_deregistered,
            deregistered,
            annulled,
            moved_out,
            other,
        ] = &STATES;
        match self {
            Self::Active => active,
            Self::RevokedNotDeregistered => revoked,
            Self::RevokedDeregistered => revoked_deregistered,
            Self::Deregistered => deregistered,
            Self::Annulled => annulled,
            Self::MovedOut => moved_out,
            Self::Other => other,
        }
    }

    /// The state that a word or code of our table names. `None`: no such word; never a guess.
    #[must_use]
    pub fn from_words(words: &str) -> Option<Self> {
        let wanted = fold_for_comparison(words);
        let named = |entry: &&StateEntry| {
            [entry.id, entry.code, entry.name, entry.name_zh]
                .iter()
                .chain(entry.also)
                .any(|known| fold_for_comparison(known) == wanted)
        };
        STATES.iter().find(named).map(|entry| entry.state)
    }
}

impl CompanyFlag {
    /// The table row of this flag.
    #[must_use]
    pub const fn entry(self) -> &'static FlagEntry {
        let [
            abnormal_operation,
            dormancy_record,
            liquidation,
            serious_violation,
        ] = &FLAGS;
        match self {
            Self::AbnormalOperation => abnormal_operation,
            Self::DormancyRecord => dormancy_record,
            Self::Liquidation => liquidation,
            Self::SeriousViolation => serious_violation,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_the_row_of_its_state_and_its_id_is_the_json_name() {
        for entry in &STATES {
            assert_eq!(entry.state.entry(), entry);
            assert_eq!(serde_json::to_value(entry.state).unwrap(), entry.id);
        }
        for entry in &FLAGS {
            assert_eq!(entry.flag.entry(), entry);
            assert_eq!(serde_json::to_value(entry.flag).unwrap(), entry.id);
        }
    }

    #[test]
    fn every_word_names_one_state() {
        for entry in &STATES {
            for word in [entry.id, entry.code, entry.name, entry.name_zh]
                .iter()
                .chain(entry.also)
            {
                assert_eq!(CompanyState::from_words(word), Some(entry.state), "{word}");
            }
        }
        assert_eq!(
            CompanyState::from_words("吊销,未注销"),
            Some(CompanyState::RevokedNotDeregistered)
        );
        assert_eq!(
            CompanyState::from_words("存续(在营、开业、在册)"),
            Some(CompanyState::Active)
        );
    }

    #[test]
    fn a_word_that_is_not_in_the_table_names_nothing() {
        for word in ["", "0", "7", "alive", "歇业", "吊", "存续存续"] {
            assert_eq!(CompanyState::from_words(word), None, "{word}");
        }
    }

    #[test]
    fn only_an_active_company_may_act() {
        for entry in &STATES {
            let may_act = entry.standing == Standing::MayAct;
            assert_eq!(may_act, entry.state == CompanyState::Active, "{}", entry.id);
        }
    }
}
