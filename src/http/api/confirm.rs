//! `GET /v1/companies/{uscc}`
#![expect(
    unused_qualifications,
    reason = "the description macro writes the paths of query types in full"
)]

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use utoipa::IntoParams;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::http::extract::caller::AnyCaller;
use crate::http::extract::caller::scope;
use crate::http::extract::context::Place;
use crate::http::extract::context::call_context;
use crate::http::extract::path::PathUscc;
use crate::http::extract::query::StrictQuery;
use crate::http::problem::Problem;
use crate::registry::company::Company;
use crate::registry::company::Standing;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::service::confirm::Confirmation;

/// What may be asked about a company.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ConfirmQuery {
    /// Answers what would have been answered at that time, RFC 3339.
    #[param(value_type = Option<String>, format = DateTime)]
    as_of: Option<Timestamp>,
    /// What for; stands in the receipt.
    purpose: Option<String>,
    /// Who asks, for the receipt; at most 64 characters.
    operator: Option<String>,
    /// For which matter, for the receipt; at most 64 characters.
    matter_code: Option<String>,
}

/// A signed answer about a company.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ConfirmationView {
    /// The company. Without a key: `uscc`, `name`, `nameEn`, `state` and `flags` alone.
    #[schema(schema_with = told_schema)]
    company: Value,
    /// What state and flags mean for who deals with it.
    meaning: MeaningView,
    /// The time asked about, if it was not now.
    #[schema(value_type = Option<String>, format = DateTime)]
    as_of: Option<Timestamp>,
    /// When this was answered.
    #[schema(value_type = String, format = DateTime)]
    answered_at: Timestamp,
    /// The signed receipt, a compact JWS; null without a key.
    receipt: Option<String>,
}

/// What a company's state and flags mean.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct MeaningView {
    /// The most restrictive of state and flags: `may-act`, `caution`, `liquidation-only`, `ask`, `gone`.
    #[schema(value_type = String)]
    standing: Standing,
    /// The state's code in the national publicity system.
    state_code: &'static str,
    /// The state's English name.
    state_name: &'static str,
    /// The state's Chinese name.
    state_name_zh: &'static str,
    /// What it means, in English.
    text: &'static str,
    /// What it means, in Chinese.
    text_zh: &'static str,
}

pub(in crate::http) fn company_schema() -> utoipa::openapi::Ref {
    utoipa::openapi::Ref::from_schema_name("Company")
}

/// What is told with a key and without one.
fn told_schema() -> utoipa::openapi::schema::Schema {
    let told = utoipa::openapi::OneOfBuilder::new()
        .item(company_schema())
        .item(utoipa::openapi::Ref::from_schema_name("PublicCompany"));
    told.build().into()
}

impl ConfirmationView {
    fn new(caller: &Caller, confirmation: Confirmation) -> Self {
        let company = if caller.is_public() {
            public_part(&confirmation.company)
        } else {
            confirmation.answer
        };
        Self {
            company,
            meaning: MeaningView::of(&confirmation.company),
            as_of: confirmation.as_of,
            answered_at: confirmation.answered_at,
            receipt: confirmation.receipt.map(|receipt| receipt.compact),
        }
    }
}

impl MeaningView {
    fn of(company: &Company) -> Self {
        let state = company.state.entry();
        Self {
            standing: company.standing(),
            state_code: state.code,
            state_name: state.name,
            state_name_zh: state.name_zh,
            text: state.meaning,
            text_zh: state.meaning_zh,
        }
    }
}

/// What anybody may see of a company: name, code, and its state with what is noted against it, which by
/// law is published.
fn public_part(company: &Company) -> Value {
    let shown = [
        ("uscc", Some(json!(company.uscc))),
        ("name", Some(json!(company.name))),
        (
            "nameEn",
            company.name_en.as_ref().map(|name_en| json!(name_en)),
        ),
        ("state", Some(json!(company.state))),
        ("flags", Some(json!(company.flags))),
    ];
    let present = shown.into_iter();
    present
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect::<Map<_, _>>()
        .into()
}

/// Confirm a company
///
/// Answers what is on record, now or at an earlier time, with a signed receipt. Without a key anybody may
/// ask for name, code and state; no receipt is given then, and requests are limited per address.
#[utoipa::path(
    get,
    path = "/v1/companies/{uscc}",
    tag = "companies",
    operation_id = "confirmCompany",
    params(("uscc" = String, Path, description = "Unified social credit code, 18 characters."), ConfirmQuery),
    security((), ("apiKey" = ["confirm"])),
    responses(
        (status = 200, description = "What is on record.", body = ConfirmationView),
        (status = 404, description = "No such company (at that time).", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 422, description = "The time lies in the future.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn confirm(
    AnyCaller { caller, .. }: AnyCaller<scope::Confirm>,
    State(app): State<App>,
    PathUscc(uscc): PathUscc,
    StrictQuery(query): StrictQuery<ConfirmQuery>,
) -> Result<Json<ConfirmationView>, Problem> {
    let context = call_context(
        Place::Query,
        query.purpose,
        query.operator,
        query.matter_code,
    )?;
    let confirmation = app.confirm(&caller, &uscc, query.as_of, &context).await?;
    Ok(Json(ConfirmationView::new(&caller, confirmation)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::pages::company::sample;

    #[test]
    fn the_public_part_holds_nothing_private() {
        let company = sample("active", &json!(["liquidation"])).unwrap();
        let shown = public_part(&company);
        let names: Vec<_> = shown.as_object().unwrap().keys().cloned().collect();
        assert_eq!(names, ["flags", "name", "nameEn", "state", "uscc"]);
        assert_eq!(shown["flags"], json!(["liquidation"]));
    }

    #[test]
    fn flags_count_in_what_a_company_may_do() {
        let company = sample("active", &json!(["liquidation"])).unwrap();
        let meaning = serde_json::to_value(MeaningView::of(&company)).unwrap();
        assert_eq!(meaning["standing"], "liquidation-only");
        assert_eq!(meaning["stateCode"], "1");
    }
}
