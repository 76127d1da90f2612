//! `POST /v1/credentials/{id}/status`

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::credential::state::ChangeReason;
use crate::http::api::credential::CredentialView;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::json::StrictJson;
use crate::http::extract::path::PathCredentialId;
use crate::http::problem::Problem;
use crate::service::app::App;
use crate::service::change_status::StatusAction;

/// What is to happen to a credential, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct ChangeStatusBody {
    /// `suspend`, `reinstate` or `revoke`; revoking is final.
    #[schema(value_type = String, pattern = "^(reinstate|revoke|suspend)$")]
    action: StatusAction,
    /// Why, in 1 to 200 characters; kept in the audit trail and shown to the holder.
    #[schema(value_type = String, min_length = 1, max_length = 200)]
    reason: ChangeReason,
}

/// Suspend, reinstate or revoke a credential
///
/// The department that owns the type changes the state. The status list shows it at once.
#[utoipa::path(
    post,
    path = "/v1/credentials/{id}/status",
    tag = "credentials",
    operation_id = "changeStatus",
    params(("id" = String, Path, description = "The credential's number.")),
    request_body = ChangeStatusBody,
    security(("apiKey" = ["status"])),
    responses(
        (status = 200, description = "The credential in its new state.", body = CredentialView),
        (status = 404, description = "No such credential.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 409, description = "Its state does not allow this, or somebody else is changing it.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn change_status(
    Authorised { caller, .. }: Authorised<scope::Status>,
    State(app): State<App>,
    PathCredentialId(id): PathCredentialId,
    StrictJson { value: body, .. }: StrictJson<ChangeStatusBody>,
) -> Result<Json<CredentialView>, Problem> {
    let credential = app
        .change_status(&caller, &id, body.action, &body.reason)
        .await?;
    Ok(Json(CredentialView::new(&app, credential)))
}
