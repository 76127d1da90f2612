//! `POST /v1/credentials/{id}/pick-up-code`

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::path::PathCredentialId;
use crate::http::problem::Problem;
use crate::identifier::opaque_id::CredentialId;
use crate::service::app::App;
use crate::service::issue::GivenCode;

/// A pick-up code, shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct PickUpCodeView {
    /// The code, 28 characters in seven groups, to be handed to the company.
    pick_up_code: String,
    /// From when it is not accepted any more.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// The credential that it was made for.
    #[schema(value_type = String)]
    credential_id: CredentialId,
}

impl PickUpCodeView {
    fn new(given: &GivenCode, credential_id: CredentialId) -> Self {
        Self {
            pick_up_code: given.code.written().expose().clone(),
            expires_at: given.expires_at,
            credential_id,
        }
    }
}

/// Make a pick-up code
///
/// In the place of every code that was given for the company's credentials of this type: they are void from now on, and
/// whoever signed in for the company has to do so again. For the department that owns the type, when a code was lost or
/// somebody else read it. The code is shown in this answer alone.
#[utoipa::path(
    post,
    path = "/v1/credentials/{id}/pick-up-code",
    tag = "credentials",
    operation_id = "replacePickUpCode",
    params(("id" = String, Path, description = "The credential's number.")),
    security(("apiKey" = ["issue"])),
    responses(
        (status = 201, description = "Made.", body = PickUpCodeView),
        (status = 404, description = "No such credential.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn replace_pick_up_code(
    Authorised { caller, .. }: Authorised<scope::Issue>,
    State(app): State<App>,
    PathCredentialId(id): PathCredentialId,
) -> Result<(StatusCode, Json<PickUpCodeView>), Problem> {
    let given = app.replace_pick_up_code(&caller, &id).await?;
    Ok((StatusCode::CREATED, Json(PickUpCodeView::new(&given, id))))
}
