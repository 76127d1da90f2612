//! `GET /v1/credentials/{id}` and its file; a credential as every endpoint shows it.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::credential::state::Change;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::holder::CallerOrHolder;
use crate::http::extract::path::PathCredentialId;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::service::app::App;
use crate::store::credentials::IssuedCredential;

/// The media type of SD-JWT VC (draft-ietf-oauth-sd-jwt-vc §3.1).
const SD_JWT: &str = "application/dc+sd-jwt";

/// A credential.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct CredentialView {
    /// Its number.
    #[schema(value_type = String)]
    id: CredentialId,
    /// Its type (`vct`).
    r#type: String,
    /// The company.
    #[schema(value_type = String)]
    uscc: Uscc,
    /// The version of the company that its claims were taken from.
    company_version: u64,
    /// The department that owns the type.
    department: String,
    /// `valid`, `suspended`, `revoked`, `superseded` or `expired`.
    state: &'static str,
    /// Who brought it into this state, when and why; null where nobody did.
    state_change: Option<StateChangeView>,
    /// The credential that took its place.
    #[schema(value_type = Option<String>)]
    superseded_by: Option<CredentialId>,
    /// When it was issued.
    #[schema(value_type = String, format = DateTime)]
    issued_at: Timestamp,
    /// From when it is not valid any more.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// Its place in a status list.
    status: StatusView,
    /// The page that anybody may compare a paper with.
    page: String,
    /// The signed credential with all its disclosures, an SD-JWT.
    credential: String,
}

/// Who changed a credential's state, when and why.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StateChangeView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Who.
    by: String,
    /// Why.
    reason: String,
}

/// A place in a status list.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct StatusView {
    /// The list's address.
    uri: String,
    /// The place in it.
    index: u32,
}

impl CredentialView {
    /// The view of a credential.
    pub(in crate::http) fn new(app: &App, credential: IssuedCredential) -> Self {
        let reservation = credential.reservation;
        Self {
            page: format!("{}/v/{}", app.settings().public_url, reservation.id),
            status: StatusView {
                uri: app.status_list_uri(&reservation.status.list),
                index: reservation.status.index,
            },
            id: reservation.id,
            r#type: reservation.vct,
            uscc: reservation.uscc,
            company_version: reservation.company_version,
            department: reservation.department.to_string(),
            state: credential.state.name(),
            state_change: credential.state.change().map(StateChangeView::of),
            superseded_by: credential.superseded_by,
            issued_at: reservation.issued_at,
            expires_at: reservation.expires_at,
            credential: credential.compact,
        }
    }

    /// Its number.
    pub(in crate::http) fn id(&self) -> &CredentialId {
        &self.id
    }
}

impl StateChangeView {
    fn of(change: &Change) -> Self {
        Self {
            at: change.at,
            by: change.by.to_string(),
            reason: change.reason.as_str().to_owned(),
        }
    }
}

async fn take(
    app: &App,
    asking: &CallerOrHolder<scope::ReadCredentials>,
    id: &CredentialId,
) -> Result<IssuedCredential, Problem> {
    let credential = match asking {
        CallerOrHolder::Caller(Authorised { caller, .. }) => app.download(caller, id).await?,
        CallerOrHolder::Holder(holder) => app.hand_out(holder, id).await?,
    };
    credential.ok_or_else(|| {
        Problem::new(ProblemType::UnknownCredential).with("credentialId", id.as_str())
    })
}

/// A credential as a file to keep.
pub(in crate::http) fn as_file(credential: IssuedCredential) -> Response {
    let name = format!(
        "attachment; filename=\"{}.sd-jwt\"",
        credential.reservation.uscc
    );
    let headers = [
        (header::CONTENT_TYPE, SD_JWT.to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    (headers, credential.compact).into_response()
}

/// Look at a credential
///
/// With `Accept: application/dc+sd-jwt` the answer is the credential itself. Who looked stands in the audit
/// trail. A company's session sees the company's own credentials alone.
#[utoipa::path(
    get,
    path = "/v1/credentials/{id}",
    tag = "credentials",
    operation_id = "credential",
    params(("id" = String, Path, description = "The credential's number.")),
    security(("apiKey" = ["confirm", "issue"]), ("holderSession" = [])),
    responses(
        (status = 200, description = "The credential.", content(
            (CredentialView = "application/json"),
            (String = "application/dc+sd-jwt"),
        )),
        (status = 404, description = "No such credential.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn credential(
    asking: CallerOrHolder<scope::ReadCredentials>,
    State(app): State<App>,
    PathCredentialId(id): PathCredentialId,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let credential = take(&app, &asking, &id).await?;
    let wanted = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok());
    let mut response = if wanted.is_some_and(|accept| accept.contains(SD_JWT)) {
        ([(header::CONTENT_TYPE, SD_JWT)], credential.compact).into_response()
    } else {
        Json(CredentialView::new(&app, credential)).into_response()
    };
    response
        .headers_mut()
        .insert(header::VARY, HeaderValue::from_static("Accept"));
    Ok(response)
}

/// Download a credential
///
/// The credential itself, as a file to hand to the company; or for the company, with its session.
#[utoipa::path(
    get,
    path = "/v1/credentials/{id}/file",
    tag = "credentials",
    operation_id = "credentialFile",
    params(("id" = String, Path, description = "The credential's number.")),
    security(("apiKey" = ["confirm", "issue"]), ("holderSession" = [])),
    responses(
        (status = 200, description = "The file.", content_type = "application/dc+sd-jwt", body = String),
        (status = 404, description = "No such credential.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn credential_file(
    asking: CallerOrHolder<scope::ReadCredentials>,
    State(app): State<App>,
    PathCredentialId(id): PathCredentialId,
) -> Result<Response, Problem> {
    Ok(as_file(take(&app, &asking, &id).await?))
}
