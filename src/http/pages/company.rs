//! A company as the public may see it: name, code and state, and what the state means.

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::clock::Timestamp;
use crate::http::extract::path::shortened;
use crate::http::extract::query::StrictQuery;
use crate::http::language::Language;
use crate::http::pages::moment::Moment;
use crate::http::pages::page::Page;
use crate::http::pages::tone::Tone;
use crate::http::problem::Problem;
use crate::identifier::uscc::Uscc;
use crate::registry::company::Company;
use crate::registry::company::CompanyFlag;
use crate::registry::company::Standing;
use crate::service::app::App;
use crate::service::call::CallContext;

/// The page of a company.
#[derive(Debug, Template)]
#[template(path = "company.html", config = "src/http/askama.toml")]
struct CompanyPage {
    page: Page,
    company: CompanyLines,
}

/// What the page says.
#[derive(Debug)]
struct CompanyLines {
    name: String,
    name_en: Option<String>,
    uscc: String,
    tone: Tone,
    state: &'static str,
    meaning: &'static str,
    flags: Vec<FlagLine>,
    next: &'static str,
    answered_at: Moment,
}

#[derive(Debug)]
struct FlagLine {
    tone: Tone,
    name: &'static str,
    meaning: &'static str,
}

impl CompanyPage {
    fn new(page: Page, company: &Company, answered_at: Timestamp) -> Self {
        let language = page.language;
        let state = company.state.entry();
        let company = CompanyLines {
            name: company.name.as_str().to_owned(),
            name_en: company
                .name_en
                .as_ref()
                .map(|name| name.as_str().to_owned()),
            uscc: company.uscc.to_string(),
            tone: tone(company.standing()),
            state: language.of(state.name_zh, state.name),
            meaning: language.of(state.meaning_zh, state.meaning),
            flags: company
                .flags
                .iter()
                .map(|flag| flag_line(*flag, language))
                .collect(),
            next: next(company.standing(), language),
            answered_at: answered_at.into(),
        };
        Self { page, company }
    }
}

fn flag_line(flag: CompanyFlag, language: Language) -> FlagLine {
    let entry = flag.entry();
    FlagLine {
        tone: tone(entry.standing),
        name: language.of(entry.name_zh, entry.name),
        meaning: language.of(entry.meaning_zh, entry.meaning),
    }
}

const fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::MayAct => Tone::Good,
        Standing::Caution | Standing::Ask => Tone::Caution,
        Standing::LiquidationOnly | Standing::Gone => Tone::Bad,
    }
}

/// What somebody at a counter does next.
const fn next(standing: Standing, language: Language) -> &'static str {
    match standing {
        Standing::MayAct => language.of(
            "将名称和代码与来人所述逐字核对；一致即可办理，无须再要求提交纸质证明。",
            "Compare name and code with what you were told, character by character. If they agree, go ahead; no \
             paper is needed.",
        ),
        Standing::Caution => language.of(
            "企业可以经营，但有上述标注事项：请先了解原因，再决定是否办理。",
            "The company may act, but look into what is noted above before you go ahead.",
        ),
        Standing::LiquidationOnly => language.of(
            "企业只能从事与清算有关的活动：请勿办理新的业务，清算事务请核对清算组授权。",
            "Begin nothing new with this company. For its liquidation, ask for the liquidators' authority.",
        ),
        Standing::Ask => language.of(
            "本系统的记录不足以判断：请先向登记机关核实。",
            "What is on record here does not decide it: ask the registration authority first.",
        ),
        Standing::Gone => language.of(
            "该主体已不存在：请勿以其名义办理任何业务。",
            "This company no longer exists: do nothing in its name.",
        ),
    }
}

/// Which company is asked about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct CompanyQuery {
    /// As somebody typed it.
    #[serde(default)]
    uscc: String,
}

/// `GET /company?uscc=`
pub(in crate::http) async fn company(
    page: Page,
    State(app): State<App>,
    StrictQuery(query): StrictQuery<CompanyQuery>,
) -> Result<Response, Problem> {
    let again = |problem: Problem| problem.with("uscc", shortened(&query.uscc));
    let uscc = Uscc::from_input(&query.uscc).map_err(|error| again(error.into()))?;
    let context = CallContext::default();
    let confirmation = app
        .confirm(&app.public_caller(), &uscc, None, &context)
        .await?;
    let language = page.language;
    Page::respond(
        language,
        &CompanyPage::new(page, &confirmation.company, confirmation.answered_at),
    )
}

/// Companies to look at: one that may act, one that must be looked at, one that is gone.
pub(in crate::http) fn samples(page: &Page) -> Vec<(&'static str, askama::Result<String>)> {
    let samples = [
        ("company-active", "active", json!([])),
        (
            "company-abnormal",
            "active",
            json!(["abnormal-operation", "serious-violation"]),
        ),
        ("company-liquidation", "active", json!(["liquidation"])),
        ("company-moved-out", "moved-out", json!([])),
        ("company-deregistered", "deregistered", json!([])),
    ];
    samples
        .into_iter()
        .filter_map(|(name, state, flags)| {
            let company = sample(state, &flags)?;
            let answered_at = company.updated_at;
            Some((
                name,
                CompanyPage::new(page.clone(), &company, answered_at).render(),
            ))
        })
        .collect()
}

/// A company in that state.
pub(in crate::http) fn sample(state: &str, flags: &Value) -> Option<Company> {
    let uscc = Uscc::with_check("91441900MA5ABCDE7").ok()?;
    serde_json::from_value(json!({
        "uscc": uscc,
        "name": "东莞市厚街镇晨曦五金制品有限公司",
        "nameEn": "Chenxi Hardware (Dongguan) Co., Ltd.",
        "state": state,
        "flags": flags,
        "address": "东莞市厚街镇家具大道 1 号",
        "legalRepresentative": "李明",
        "establishedOn": "2015-03-02",
        "version": 3,
        "updatedAt": "2026-01-02T03:04:05Z",
    }))
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(state: &str, flags: &Value, language: Language) -> String {
        let company = sample(state, flags).unwrap();
        CompanyPage::new(Page::sample(language), &company, company.updated_at)
            .render()
            .unwrap()
    }

    #[test]
    fn the_public_sees_name_code_and_state_and_nothing_else() {
        let html = html("active", &json!([]), Language::Zh);
        assert!(html.contains("晨曦五金制品有限公司") && html.contains("存续"));
        for private in ["李明", "家具大道", "2015-03-02"] {
            assert!(!html.contains(private), "{private}");
        }
    }

    #[test]
    fn a_flag_changes_what_to_do_although_the_state_is_active() {
        let plain = html("active", &json!([]), Language::En);
        assert!(plain.contains("verdict good") && plain.contains("go ahead"));
        let flagged = html("active", &json!(["liquidation"]), Language::En);
        assert!(flagged.contains("verdict bad") && flagged.contains("Begin nothing new"));
        let flagged = html("active", &json!(["abnormal-operation"]), Language::En);
        assert!(flagged.contains("verdict caution") && flagged.contains("look into"));
    }

    #[test]
    fn who_is_gone_is_gone_in_both_languages() {
        assert!(html("deregistered", &json!([]), Language::Zh).contains("该主体已不存在"));
        assert!(html("annulled", &json!([]), Language::En).contains("no longer exists"));
    }
}
