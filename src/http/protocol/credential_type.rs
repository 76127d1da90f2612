//! `GET /vct/{id}/{version}`: what a credential type is (SD-JWT VC type metadata).

use axum::Json;
use axum::extract::State;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::service::app::App;

/// Describe a credential type
///
/// Type metadata of SD-JWT VC: names and claims with their labels in both languages. The address is the
/// `vct` of each credential of the type.
#[utoipa::path(
    get,
    path = "/vct/{id}/{version}",
    tag = "public",
    operation_id = "credentialType",
    params(
        ("id" = String, Path, description = "The type's short name."),
        ("version" = String, Path, description = "`v1`."),
    ),
    responses(
        (status = 200, description = "The type.", body = ref("#/components/schemas/CredentialTypeMetadata")),
        (status = 404, description = "No such type.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn credential_type(
    State(app): State<App>,
    uri: Uri,
) -> Result<Response, Problem> {
    let vct = format!("{}{}", app.settings().public_url, uri.path());
    let kind = app
        .kinds()
        .by_vct(&vct)
        .ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    let caching = [(header::CACHE_CONTROL, "public, max-age=3600")];
    Ok((caching, Json(kind.type_metadata())).into_response())
}
