//! `POST /v1/companies/{uscc}/match`

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::context::Place;
use crate::http::extract::context::call_context;
use crate::http::extract::json::StrictJson;
use crate::http::extract::path::PathUscc;
use crate::http::problem::Problem;
use crate::registry::company::FieldAnswer;
use crate::service::app::App;
use crate::service::match_facts::Matched;

/// What somebody says of a company.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct MatchBody {
    /// What is said, by the name of the fact: `name`, `nameEn`, `legalRepresentative`, `address`, `state`,
    /// `capital` (`2130000 CNY`), `establishedOn`, `industry`, `registrations.<department>`.
    #[schema(schema_with = stated_schema)]
    facts: BTreeMap<String, String>,
    /// What for; stands in the receipt.
    purpose: Option<String>,
    /// Who asks, for the receipt; at most 64 characters.
    operator: Option<String>,
    /// For which matter, for the receipt; at most 64 characters.
    matter_code: Option<String>,
}

fn stated_schema() -> utoipa::openapi::Ref {
    utoipa::openapi::Ref::from_schema_name("StatedFacts")
}

/// Whether what was said is what is on record.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct MatchView {
    /// Whether every fact asked about is consistent.
    all_consistent: bool,
    /// `consistent`, `inconsistent`, or `unknown` where nothing is on record, by the names that were asked.
    #[schema(value_type = BTreeMap<String, String>)]
    fields: BTreeMap<String, FieldAnswer>,
    /// When this was answered.
    #[schema(value_type = String, format = DateTime)]
    answered_at: Timestamp,
    /// The signed receipt, a compact JWS.
    receipt: String,
}

impl From<Matched> for MatchView {
    fn from(matched: Matched) -> Self {
        Self {
            all_consistent: matched.answer.all_consistent(),
            fields: matched.answer.fields,
            answered_at: matched.receipt.at,
            receipt: matched.receipt.compact,
        }
    }
}

/// Compare facts with the record
///
/// Tells whether facts that somebody stated are those on record, without telling the record. Attempts are
/// limited for each company, so that nothing can be found out by trying.
#[utoipa::path(
    post,
    path = "/v1/companies/{uscc}/match",
    tag = "companies",
    operation_id = "matchFacts",
    params(("uscc" = String, Path, description = "Unified social credit code, 18 characters.")),
    request_body = MatchBody,
    security(("apiKey" = ["confirm"])),
    responses(
        (status = 200, description = "Field by field.", body = MatchView),
        (status = 404, description = "No such company.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 422, description = "There is no such fact to compare.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 429, description = "Compared too often; `Retry-After` says when to try again.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn match_facts(
    Authorised { caller, .. }: Authorised<scope::Confirm>,
    State(app): State<App>,
    PathUscc(uscc): PathUscc,
    StrictJson { value: body, .. }: StrictJson<MatchBody>,
) -> Result<Json<MatchView>, Problem> {
    let context = call_context(Place::Body, body.purpose, body.operator, body.matter_code)?;
    let matched = app
        .match_facts(&caller, &uscc, &body.facts, &context)
        .await?;
    Ok(Json(matched.into()))
}
