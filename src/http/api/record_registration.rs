//! `POST /v1/companies/{uscc}/registrations`

use axum::Json;
use axum::extract::State;

use crate::http::api::record_facts::RecordedView;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::json::StrictJson;
use crate::http::extract::path::PathUscc;
use crate::http::problem::Problem;
use crate::registry::registration::Registration;
use crate::service::app::App;

/// Record a registration with your department
///
/// Replaces the department's earlier registration of the company. A department records its own alone.
#[utoipa::path(
    post,
    path = "/v1/companies/{uscc}/registrations",
    tag = "companies",
    operation_id = "recordRegistration",
    params(("uscc" = String, Path, description = "Unified social credit code, 18 characters.")),
    request_body(content = ref("#/components/schemas/Registration"), content_type = "application/json"),
    security(("apiKey" = ["register"])),
    responses(
        (status = 200, description = "Recorded.", body = RecordedView),
        (status = 404, description = "No such company.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 409, description = "Others are recording at the same time.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn record_registration(
    Authorised { caller, .. }: Authorised<scope::Register>,
    State(app): State<App>,
    PathUscc(uscc): PathUscc,
    StrictJson {
        value: registration,
        ..
    }: StrictJson<Registration>,
) -> Result<Json<RecordedView>, Problem> {
    let recorded = app
        .record_registration(&caller, &uscc, registration)
        .await?;
    Ok(Json(recorded.into()))
}
