//! `PUT /v1/companies/{uscc}`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::context::Place;
use crate::http::extract::headers::ExpectedVersion;
use crate::http::extract::json::StrictJson;
use crate::http::extract::path::PathUscc;
use crate::http::problem::Problem;
use crate::identifier::opaque_id::CredentialId;
use crate::registry::company::Company;
use crate::registry::company::CompanyFacts;
use crate::service::app::App;
use crate::service::register::Recorded;

/// What recording did.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct RecordedView {
    /// The company afterwards.
    #[schema(schema_with = crate::http::api::confirm::company_schema)]
    company: Company,
    /// Whether the company was new.
    created: bool,
    /// The numbers of credentials that the change superseded.
    #[schema(value_type = Vec<String>)]
    superseded: Vec<CredentialId>,
}

impl From<Recorded> for RecordedView {
    fn from(recorded: Recorded) -> Self {
        Self {
            company: recorded.company,
            created: recorded.created,
            superseded: recorded.superseded,
        }
    }
}

/// Record the facts of a company
///
/// Replaces the facts as a whole. With `If-Match: "<version>"` only if the company is at that version, with
/// `If-None-Match: *` only if it is new. A credential whose claims the change makes untrue is superseded in
/// the same moment.
#[utoipa::path(
    put,
    path = "/v1/companies/{uscc}",
    tag = "companies",
    operation_id = "recordFacts",
    params(
        ("uscc" = String, Path, description = "Unified social credit code, 18 characters."),
        ("If-Match" = Option<String>, Header, description = "The version in quotes that the change is meant for.", min_length = 3, max_length = 21, pattern = r#"^"(0|[1-9][0-9]{0,18})"$"#),
        ("If-None-Match" = Option<String>, Header, description = "`*`: the company must be new.", min_length = 1, max_length = 1, pattern = r"^\*$"),
    ),
    request_body(content = ref("#/components/schemas/CompanyFacts"), content_type = "application/json"),
    security(("apiKey" = ["register"])),
    responses(
        (status = 200, description = "Recorded.", body = RecordedView),
        (status = 201, description = "Recorded; the company is new.", body = RecordedView),
        (status = 409, description = "Others are recording at the same time.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 412, description = "The company is at another version.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 422, description = "The facts were refused.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn record_facts(
    Authorised { caller, .. }: Authorised<scope::Register>,
    State(app): State<App>,
    PathUscc(uscc): PathUscc,
    ExpectedVersion(version): ExpectedVersion,
    StrictJson { value: facts, .. }: StrictJson<CompanyFacts>,
) -> Result<(StatusCode, Json<RecordedView>), Problem> {
    if facts.uscc != uscc {
        return Err(Place::Body.refused("uscc", "is not the code in the address"));
    }
    let recorded = app.record_facts(&caller, &uscc, facts, version).await?;
    let status = if recorded.created {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    Ok((status, Json(recorded.into())))
}
