//! `POST /v1/companies/{uscc}/challenge`, `POST /v1/holder/sessions`, `DELETE /v1/holder/session` and
//! `GET /v1/holder/credentials`: companies fetch what is their own.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::http::extract::context::Place;
use crate::http::extract::holder::SignedIn;
use crate::http::extract::json::StrictJson;
use crate::http::extract::original::decode_member;
use crate::http::extract::path::PathUscc;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::registry::holder::challenge::MAX_CHALLENGE_BYTES;
use crate::registry::holder::pick_up_code::PickUpCode;
use crate::service::admit_holder::Admitted;
use crate::service::admit_holder::AnsweredChallenge;
use crate::service::admit_holder::Challenge;
use crate::service::app::App;
use crate::store::credentials::IssuedCredential;

/// A challenge to a company.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ChallengeView {
    /// What to sign: these bytes of UTF-8, with or without one line end behind them.
    challenge: String,
    /// The company that it is for.
    #[schema(value_type = String)]
    uscc: Uscc,
    /// From when it is not accepted any more: ten minutes from now.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl ChallengeView {
    fn new(challenge: Challenge, uscc: Uscc) -> Self {
        Self {
            challenge: challenge.text,
            uscc,
            expires_at: challenge.expires_at,
        }
    }
}

/// What a company signs in with: `pickUpCode` alone, or the other three together.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct SessionBody {
    /// The code that came with a credential. Case, spaces and hyphens do not matter.
    pick_up_code: Option<String>,
    /// The company's unified social credit code.
    uscc: Option<String>,
    /// The challenge, as it was answered.
    challenge: Option<String>,
    /// The signature of the challenge in standard base64: CMS (any key, SM2 as well) or JWS, around it or apart from
    /// it, by one signer.
    signature: Option<String>,
}

/// How a company signs in.
pub(in crate::http) enum Shown {
    Code(PickUpCode),
    Signature(AnsweredChallenge),
}

impl SessionBody {
    fn shown(self) -> Result<Shown, Problem> {
        match (self.pick_up_code, self.uscc, self.challenge, self.signature) {
            (Some(code), None, None, None) => Ok(Shown::Code(PickUpCode::parse(&code)?)),
            (None, Some(uscc), Some(challenge), Some(signature)) => {
                let signature = decode_member(&signature, "signature")?;
                Shown::signature(&uscc, challenge, signature)
            }
            _ => Err(Place::Body.refused(
                "pickUpCode",
                "must stand alone, or `uscc`, `challenge` and `signature` together",
            )),
        }
    }
}

impl Shown {
    /// A signature over a challenge, as far as that can be one of ours.
    pub(in crate::http) fn signature(
        uscc: &str,
        text: String,
        signature: Vec<u8>,
    ) -> Result<Self, Problem> {
        if text.len() > MAX_CHALLENGE_BYTES {
            return Err(Problem::new(ProblemType::ChallengeInvalid));
        }
        if signature.is_empty() {
            return Err(Problem::new(ProblemType::DocumentEmpty));
        }
        Ok(Self::Signature(AnsweredChallenge {
            uscc: Uscc::parse(uscc)?,
            text,
            signature,
        }))
    }

    /// Lets the company in.
    pub(in crate::http) async fn admit(self, app: &App) -> Result<Admitted, Problem> {
        match self {
            Self::Code(code) => Ok(app.admit_by_code(&code).await?),
            Self::Signature(answered) => Ok(app.admit_by_signature(answered).await?),
        }
    }
}

/// A session of a company.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct SessionView {
    /// What to show from now on, `Authorization: Bearer yxs_…`.
    token: String,
    /// The company.
    #[schema(value_type = String)]
    uscc: Uscc,
    /// When it ends: in half an hour.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

impl SessionView {
    fn new(admitted: &Admitted) -> Self {
        Self {
            token: admitted.token.expose().to_owned(),
            uscc: admitted.holder.uscc().clone(),
            expires_at: admitted.expires_at,
        }
    }
}

/// The credentials of a company.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct HolderCredentialsView {
    /// The company.
    #[schema(value_type = String)]
    uscc: Uscc,
    /// The newest of each type, in whatever state.
    credentials: Vec<HolderCredentialView>,
}

/// A credential, as its company finds it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct HolderCredentialView {
    /// Its number.
    #[schema(value_type = String)]
    id: CredentialId,
    /// Its type (`vct`).
    r#type: String,
    /// The department that owns the type.
    department: String,
    /// `valid`, `suspended`, `revoked`, `superseded` or `expired`.
    state: &'static str,
    /// When it was issued.
    #[schema(value_type = String, format = DateTime)]
    issued_at: Timestamp,
    /// From when it is not valid any more.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// The page that anybody may compare a paper with.
    page: String,
    /// The path of the file.
    file: String,
}

impl HolderCredentialView {
    fn new(app: &App, credential: IssuedCredential) -> Self {
        let reservation = credential.reservation;
        Self {
            page: format!("{}/v/{}", app.settings().public_url, reservation.id),
            file: format!("/v1/credentials/{}/file", reservation.id),
            id: reservation.id,
            r#type: reservation.vct,
            department: reservation.department.to_string(),
            state: credential.state.name(),
            issued_at: reservation.issued_at,
            expires_at: reservation.expires_at,
        }
    }
}

/// Ask for a challenge
///
/// For a company that signs in with a certificate of its own. The challenge is one line that says what is signed, for
/// whom, where and until when; it is good for ten minutes and for one session. Sign exactly this text, with any tool,
/// and send it back to `POST /v1/holder/sessions`. Limited per address.
#[utoipa::path(
    post,
    path = "/v1/companies/{uscc}/challenge",
    tag = "holder",
    operation_id = "challengeHolder",
    params(("uscc" = String, Path, description = "Unified social credit code, 18 characters.")),
    responses(
        (status = 201, description = "A challenge.", body = ChallengeView),
        (status = 404, description = "No such company.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 429, description = "Too many requests from this address; `Retry-After` says when to try again.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn challenge(
    State(app): State<App>,
    PathUscc(uscc): PathUscc,
) -> Result<(StatusCode, Json<ChallengeView>), Problem> {
    let challenge = app.challenge_holder(&uscc).await?;
    Ok((
        StatusCode::CREATED,
        Json(ChallengeView::new(challenge, uscc)),
    ))
}

/// Sign in as a company
///
/// With the pick-up code that came with a credential, or with the signature of a challenge. A signature counts if it is
/// by one signer over exactly the challenge, if its certificate names the company, and if this service recognises the
/// CA for sign-in: the verdict is that of `POST /v1/verify` for the relying party `holder`, and every other one than
/// `TOTAL-PASSED` refuses, with its reasons. A code works any number of times until it expires or is replaced, a
/// challenge once. The session ends after half an hour. Limited per address.
#[utoipa::path(
    post,
    path = "/v1/holder/sessions",
    tag = "holder",
    operation_id = "openHolderSession",
    request_body(content = ref("#/components/schemas/HolderSessionBody"), content_type = "application/json"),
    responses(
        (status = 201, description = "Signed in.", body = SessionView),
        (status = 403, description = "The code or the challenge is not valid, or the signature does not count; `reasons` says why.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 422, description = "The signature is in a format that is not read.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 429, description = "Too many requests from this address; `Retry-After` says when to try again.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn open_session(
    State(app): State<App>,
    StrictJson { value: body, .. }: StrictJson<SessionBody>,
) -> Result<(StatusCode, Json<SessionView>), Problem> {
    let admitted = body.shown()?.admit(&app).await?;
    Ok((StatusCode::CREATED, Json(SessionView::new(&admitted))))
}

/// Sign out
///
/// Ends the session whose token is shown, and no other of the company: the token opens nothing any more. Whoever
/// replaces a pick-up code ends all of them.
#[utoipa::path(
    delete,
    path = "/v1/holder/session",
    tag = "holder",
    operation_id = "endHolderSession",
    security(("holderSession" = [])),
    responses((status = 204, description = "Signed out.")),
)]
pub(in crate::http) async fn end_session(
    SignedIn(holder): SignedIn,
    State(app): State<App>,
) -> Result<StatusCode, Problem> {
    app.end_session(&holder).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// List the company's own credentials
///
/// The newest of each type, in whatever state. `GET /v1/credentials/{id}` and its file take the same session, for
/// every credential of the company.
#[utoipa::path(
    get,
    path = "/v1/holder/credentials",
    tag = "holder",
    operation_id = "holderCredentials",
    security(("holderSession" = [])),
    responses((status = 200, description = "Credentials, perhaps none.", body = HolderCredentialsView)),
)]
pub(in crate::http) async fn credentials(
    SignedIn(holder): SignedIn,
    State(app): State<App>,
) -> Result<Json<HolderCredentialsView>, Problem> {
    let found = app.own_credentials(&holder).await?;
    let views = found.into_iter();
    Ok(Json(HolderCredentialsView {
        uscc: holder.uscc().clone(),
        credentials: views
            .map(|credential| HolderCredentialView::new(&app, credential))
            .collect(),
    }))
}
