//! `POST /v1/companies/import`

use axum::Json;
use axum::extract::Request;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::extract::body::read_body;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::json::media_type;
use crate::http::extract::json::unsupported_media_type;
use crate::http::problem::Problem;
use crate::service::app::App;

/// Newline-delimited JSON; there is no registered media type, these are in use.
const NDJSON: [&str; 3] = [
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
];

/// What was imported.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ImportedView {
    /// Companies.
    companies: u64,
    /// Registrations of these companies.
    registrations: u64,
}

/// Import companies
///
/// NDJSON, one company a line: `{"company": {…}, "registrations": […]}`. All of them are recorded, or none
/// and the answer names the line.
#[utoipa::path(
    post,
    path = "/v1/companies/import",
    tag = "companies",
    operation_id = "importCompanies",
    request_body(content = ref("#/components/schemas/ImportLine"), content_type = "application/x-ndjson"),
    security(("apiKey" = ["register"])),
    responses(
        (status = 200, description = "All were recorded.", body = ImportedView),
        (status = 422, description = "A line was refused; nothing was recorded.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn import(
    Authorised { caller, .. }: Authorised<scope::Register>,
    State(app): State<App>,
    request: Request,
) -> Result<Json<ImportedView>, Problem> {
    if !media_type(request.headers()).is_some_and(|found| NDJSON.contains(&found.as_str())) {
        return Err(unsupported_media_type(&NDJSON));
    }
    let (_, lines) = read_body(request).await?;
    let imported = app.import_companies(&caller, &lines, &|_| {}).await?;
    Ok(Json(ImportedView {
        companies: imported.companies,
        registrations: imported.registrations,
    }))
}
