//! `POST /v1/credentials`

use axum::Json;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
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
use crate::service::issue::Issued;

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

/// A credential that was issued, with the code by which its company fetches it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct IssuedView {
    /// The credential.
    #[serde(flatten)]
    credential: CredentialView,
    /// The pick-up code to hand to the company, shown this once; null in an answer that was given before. What is lost
    /// is replaced by `POST /v1/credentials/{id}/pick-up-code`.
    pick_up_code: Option<String>,
    /// From when the code is not accepted any more; null without one.
    #[schema(value_type = Option<String>, format = DateTime)]
    pick_up_code_expires_at: Option<Timestamp>,
}

impl IssuedView {
    fn new(app: &App, issued: Issued) -> Self {
        let given = issued.pick_up_code.as_ref();
        Self {
            pick_up_code: given.map(|given| given.code.written().expose().clone()),
            pick_up_code_expires_at: given.map(|given| given.expires_at),
            credential: CredentialView::new(app, issued.credential),
        }
    }
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
/// same type that the company holds already is superseded. With it comes a pick-up code, good for 90 days, by which the
/// company fetches its credentials itself; the code is shown once, and a repeated request does not show it again.
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
            status = 201, description = "Issued, now or at the first request with this idempotency key.", body = IssuedView,
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
    let replayed = issued.replayed.then_some([(REPLAYED, "true")]);
    let view = IssuedView::new(&app, issued);
    let id = view.credential.id();
    let location = [(header::LOCATION, format!("/v1/credentials/{id}"))];
    Ok((StatusCode::CREATED, location, replayed, Json(view)).into_response())
}
