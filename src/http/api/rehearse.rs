//! `POST /v1/recognition/rehearse` and `GET /v1/recognition/proposals/{id}/rehearsal`
#![expect(
    unused_qualifications,
    reason = "the description macro writes the paths of query types in full"
)]

use axum::Json;
use axum::body::Body;
use axum::body::Bytes;
use axum::extract::FromRequestParts;
use axum::extract::State;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::IntoResponse as _;
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;
use tokio::sync::mpsc;
use utoipa::IntoParams;

use crate::clock::Timestamp;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::context::Place;
use crate::http::extract::json::StrictJson;
use crate::http::extract::path::PathProposalId;
use crate::http::extract::query::StrictQuery;
use crate::http::metrics::Metrics;
use crate::http::middleware::prefers_lines;
use crate::http::middleware::prefers_page;
use crate::http::pages::page::Page;
use crate::http::pages::rehearsal::RehearsalPage;
use crate::http::problem::Problem;
use crate::http::state::HttpState;
use crate::http::streamed::APPLICATION_NDJSON;
use crate::http::streamed::Reader;
use crate::http::streamed::Streamed;
use crate::registry::recognition::change::Change;
use crate::registry::recognition::change::ChangeForm;
use crate::registry::recognition::form::RowForm;
use crate::registry::recognition::proposal::ProposalId;
use crate::registry::relying_party::RelyingPartyId;
use crate::service::app::App;
use crate::service::rehearse::DEFAULT_DAYS;
use crate::service::rehearse::MAX_DAYS;
use crate::service::rehearse::Progress;
use crate::service::rehearse::RehearseRequest;
use crate::service::rehearse::Subject;

/// What is rehearsed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct RehearseBody {
    removed: Option<Vec<RowForm>>,
    added: Option<Vec<RowForm>>,
    proposal: Option<u64>,
    days: Option<u32>,
    at: Option<Timestamp>,
}

impl TryFrom<RehearseBody> for RehearseRequest {
    type Error = Problem;

    fn try_from(body: RehearseBody) -> Result<Self, Problem> {
        let subject = match body.proposal {
            Some(_) if body.removed.is_some() || body.added.is_some() => {
                let what = "stands for rows: leave `removed` and `added` out";
                return Err(Place::Body.refused("proposal", what));
            }
            Some(id) => Subject::Proposal(ProposalId(id)),
            None => Subject::Change(Change::try_from(ChangeForm {
                removed: body.removed.unwrap_or_default(),
                added: body.added.unwrap_or_default(),
            })?),
        };
        Ok(Self {
            subject,
            days: body.days.unwrap_or(DEFAULT_DAYS),
            at: body.at,
        })
    }
}

/// In what form a rehearsal is told.
#[derive(Debug)]
pub(in crate::http) enum RehearsalForm {
    /// At once, when it is over.
    Json,
    /// A line whenever it has come further, the last one with the outcome.
    Lines(Reader),
    /// A page to look at.
    Page(Box<Page>),
}

impl FromRequestParts<HttpState> for RehearsalForm {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        state: &HttpState,
    ) -> Result<Self, Self::Rejection> {
        if prefers_page(&parts.headers) {
            let page = Page::from_request_parts(parts, state).await?;
            return Ok(Self::Page(Box::new(page)));
        }
        if prefers_lines(&parts.headers) {
            return Ok(Self::Lines(Reader::from_request_parts(parts, state).await?));
        }
        Ok(Self::Json)
    }
}

/// Rehearse a change of recognition
///
/// Lays a change, or a proposal, over the verifications of the last days (`days`, 1 to 366; 30 if absent) and tells
/// which callers' verdicts would be others, before anybody activates it; nothing changes. It works on what is kept with
/// receipts: what a verdict asked of recognition, and where recognition refused, the verdict behind the refusal. No
/// document is kept, and dates, revocation and the state of credentials are taken over as they were. What these facts
/// cannot tell is counted in `undecided`: `document-needed`, `limits-apply`, `facts-not-kept`. Recognition is asked for
/// the time `at`, else for when the change would be in force. The newest 200,000 verifications are looked at
/// (`isComplete`), and one rehearsal runs at a time. With `Accept: application/x-ndjson` a line tells how far it has
/// come, the last one the outcome; with `text/html` the answer is a page.
#[utoipa::path(
    post,
    path = "/v1/recognition/rehearse",
    tag = "recognition",
    operation_id = "rehearseRecognition",
    request_body(content = ref("#/components/schemas/RehearsalBody"), content_type = "application/json"),
    security(("apiKey" = ["trust"])),
    responses(
        (status = 200, description = "What would have become of them.", content(
            (ref("#/components/schemas/Rehearsal") = "application/json"),
            (ref("#/components/schemas/RehearsalLine") = "application/x-ndjson"),
            (String = "text/html"),
        )),
        (status = 404, description = "No such proposal.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 422, description = "The change does not fit the table, or a row is none.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 503, description = "Another rehearsal is running.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn rehearse(
    caller: Authorised<scope::Trust>,
    State(app): State<App>,
    State(metrics): State<Metrics>,
    form: RehearsalForm,
    body: StrictJson<RehearseBody>,
) -> Result<Response, Problem> {
    let request = RehearseRequest::try_from(body.value)?;
    told(caller, app, metrics, (form, request)).await
}

/// Over how many days a proposal is rehearsed, and for when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct RehearsalQuery {
    /// How many days back, 1 to 366; 30 if absent.
    #[param(minimum = 1, maximum = 366)]
    days: Option<u32>,
    /// The time for which recognition is asked; absent: when the change would be in force.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
}

/// Rehearse a proposal
///
/// The same as `POST /v1/recognition/rehearse` with the proposal's number, as something to look at: in a browser too,
/// which asks for a key as a password.
#[utoipa::path(
    get,
    path = "/v1/recognition/proposals/{id}/rehearsal",
    tag = "recognition",
    operation_id = "rehearseProposal",
    params(("id" = u64, Path, description = "The proposal's number.", minimum = 1), RehearsalQuery),
    security(("apiKey" = ["trust"])),
    responses(
        (status = 200, description = "What would have become of them.", content(
            (ref("#/components/schemas/Rehearsal") = "application/json"),
            (ref("#/components/schemas/RehearsalLine") = "application/x-ndjson"),
            (String = "text/html"),
        )),
        (status = 404, description = "No such proposal.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 422, description = "The proposal does not fit the table any more.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 503, description = "Another rehearsal is running.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn rehearse_proposal(
    caller: Authorised<scope::Trust>,
    State(app): State<App>,
    State(metrics): State<Metrics>,
    PathProposalId(id): PathProposalId,
    StrictQuery(query): StrictQuery<RehearsalQuery>,
    form: RehearsalForm,
) -> Result<Response, Problem> {
    let days = query.days.unwrap_or(DEFAULT_DAYS);
    if !(1..=MAX_DAYS).contains(&days) {
        return Err(Place::Query.refused("days", &format!("must be 1 to {MAX_DAYS}")));
    }
    let request = RehearseRequest {
        subject: Subject::Proposal(id),
        days,
        at: query.at,
    };
    told(caller, app, metrics, (form, request)).await
}

async fn told(
    caller: Authorised<scope::Trust>,
    app: App,
    metrics: Metrics,
    (form, request): (RehearsalForm, RehearseRequest),
) -> Result<Response, Problem> {
    let by = caller.caller.party.id;
    match form {
        RehearsalForm::Json => {
            let told = app.rehearse(Some(&by), request, &mut |_| {}).await?;
            Ok(Json(told).into_response())
        }
        RehearsalForm::Page(page) => {
            let told = app.rehearse(Some(&by), request, &mut |_| {}).await?;
            RehearsalPage::new(*page, &told).respond()
        }
        RehearsalForm::Lines(reader) => {
            let (lines, taken) = mpsc::channel(1);
            let telling = Telling {
                app,
                metrics,
                by,
                reader,
                lines,
            };
            tokio::spawn(telling.run(request));
            let headers = [(header::CONTENT_TYPE, APPLICATION_NDJSON)];
            Ok((headers, Body::new(Streamed(taken))).into_response())
        }
    }
}

/// A rehearsal that is told while it goes on.
struct Telling {
    app: App,
    metrics: Metrics,
    by: RelyingPartyId,
    reader: Reader,
    lines: mpsc::Sender<Bytes>,
}

impl Telling {
    /// Works until it is done, or nobody listens any more.
    async fn run(self, request: RehearseRequest) {
        let mut progress = |Progress { examined, of }: Progress| {
            // Whoever reads slowly misses a line, and holds nothing up.
            let _ = self
                .lines
                .try_send(line(&json!({ "examined": examined, "of": of })));
        };
        let told = tokio::select! {
            told = self.app.rehearse(Some(&self.by), request, &mut progress) => told,
            () = self.lines.closed() => return,
        };
        let last = match told {
            Ok(told) => json!({ "rehearsal": told }),
            Err(error) => {
                let problem = Problem::from(error);
                self.metrics.problem(problem.kind());
                json!({ "problem": self.reader.shown(&problem) })
            }
        };
        let _ = self.lines.send(line(&last)).await;
    }
}

fn line(told: &Value) -> Bytes {
    format!("{told}\n").into()
}
