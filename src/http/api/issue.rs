//! `POST /v1/credentials`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::credential::kind::CredentialKind;
use crate::http::api::credential::CredentialView;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::headers::IdempotencyKeyHeader;
use crate::http::extract::json::StrictJson;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::identifier::uscc::Uscc;
use crate::service::app::App;
use crate::service::issue::IdempotencyKey;
use crate::service::issue::IssueRequest;

/// Says that the answer is one that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// Which credential about whom.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct IssueBody {
    /// The company's unified social credit code.
    uscc: String,
    /// The credential type: its address (`vct`), or its short name such as `business-registration`.
    #[schema(example = "business-registration")]
    r#type: String,
}

/// The type that a caller means by its address or its short name.
fn kind<'a>(app: &'a App, named: &str) -> Result<&'a CredentialKind, Problem> {
    let kinds = app.kinds();
    kinds
        .by_vct(named)
        .or_else(|| kinds.by_id(named))
        .ok_or_else(|| {
            let known: Vec<&str> = kinds.all().iter().map(|kind| kind.vct.as_str()).collect();
            Problem::new(ProblemType::UnknownCredentialType).with("knownTypes", known)
        })
}

/// Issue a credential
///
/// A department issues the types that it owns. Send an `Idempotency-Key`, kept for 24 hours: a request that
/// was not answered may then be repeated and gets the one credential, never a second. A credential of the
/// same type that the company holds already is superseded.
#[utoipa::path(
    post,
    path = "/v1/credentials",
    tag = "credentials",
    operation_id = "issueCredential",
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 128 printable ASCII characters, chosen by the caller.", min_length = 1, max_length = 128, pattern = "^[!-~]+$")),
    request_body = IssueBody,
    security(("apiKey" = ["issue"])),
    responses(
        (
            status = 201, description = "Issued, now or at the first request with this idempotency key.", body = CredentialView,
            headers(
                ("Location" = String, description = "The address of the credential."),
                ("Idempotency-Replayed" = bool, description = "`true`: it was issued at an earlier request with this key."),
            ),
            links(
                ("credential" = (operation_id = "credential", parameters(("id" = "$response.body#/id")))),
                ("credentialFile" = (operation_id = "credentialFile", parameters(("id" = "$response.body#/id")))),
                ("changeStatus" = (operation_id = "changeStatus", parameters(("id" = "$response.body#/id")))),
            ),
        ),
        (status = 404, description = "No such company.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 409, description = "The first request with this key is still being worked on, or the company is changing.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 422, description = "No such type, facts that do not fit it, or a key that was used for another request.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn issue(
    Authorised { caller, .. }: Authorised<scope::Issue>,
    State(app): State<App>,
    IdempotencyKeyHeader(key): IdempotencyKeyHeader,
    StrictJson {
        value: body,
        sha256,
    }: StrictJson<IssueBody>,
) -> Result<Response, Problem> {
    let request = IssueRequest {
        uscc: Uscc::parse(&body.uscc)?,
        vct: kind(&app, &body.r#type)?.vct.clone(),
    };
    let key = key.map(|key| IdempotencyKey { key, body: sha256 });
    let issued = app.issue(&caller, &request, key).await?;
    let view = CredentialView::new(&app, issued.credential);
    let location = [(header::LOCATION, format!("/v1/credentials/{}", view.id()))];
    let replayed = issued.replayed.then_some([(REPLAYED, "true")]);
    Ok((StatusCode::CREATED, location, replayed, Json(view)).into_response())
}
