//! `/v1/recognition/proposals`
#![expect(
    unused_qualifications,
    reason = "the description macro writes the paths of query types in full"
)]

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;

use crate::clock::Timestamp;
use crate::http::api::recognition::VersionsQuery;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::json::StrictJson;
use crate::http::extract::path::PathProposalId;
use crate::http::extract::query::StrictQuery;
use crate::http::extract::query::number;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::registry::recognition::change::Change;
use crate::registry::recognition::change::ChangeForm;
use crate::registry::recognition::form::RowForm;
use crate::registry::recognition::proposal::Act;
use crate::registry::recognition::proposal::Proposal;
use crate::registry::recognition::proposal::ProposalId;
use crate::registry::recognition::proposal::ProposalState;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::text::Text;
use crate::service::app::App;
use crate::service::change_recognition::Request;

/// What is proposed.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct ProposalBody {
    #[serde(default)]
    removed: Vec<RowForm>,
    #[serde(default)]
    added: Vec<RowForm>,
    note: Option<String>,
    activate_at: Option<Timestamp>,
}

impl TryFrom<ProposalBody> for Request {
    type Error = Problem;

    fn try_from(body: ProposalBody) -> Result<Self, Problem> {
        let note = body.note.as_deref().map(Text::parse).transpose();
        let note = note.map_err(|error| {
            let problem = Problem::new(ProblemType::InvalidBody);
            problem.explained(error.to_string()).with("member", "note")
        })?;
        let (removed, added) = (body.removed, body.added);
        Ok(Self {
            change: Change::try_from(ChangeForm { removed, added })?,
            note,
            activate_at: body.activate_at,
        })
    }
}

/// A proposal.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ProposalView {
    id: u64,
    state: &'static str,
    base_version: u64,
    proposed_by: RelyingPartyId,
    proposed_at: Timestamp,
    activate_at: Option<Timestamp>,
    note: Option<String>,
    approved: Option<ActView>,
    withdrawn: Option<ActView>,
    version: Option<u64>,
    problem: Option<String>,
    #[serde(flatten)]
    change: ChangeForm,
}

/// Who did something, and when.
#[derive(Debug, Serialize)]
struct ActView {
    by: RelyingPartyId,
    at: Timestamp,
}

impl From<&Act> for ActView {
    fn from(act: &Act) -> Self {
        Self {
            by: act.by.clone(),
            at: act.at,
        }
    }
}

impl From<&Proposal> for ProposalView {
    fn from(proposal: &Proposal) -> Self {
        let Proposal { id, draft, state } = proposal;
        let (withdrawn, version, problem) = match state {
            ProposalState::Proposed | ProposalState::Approved(_) => (None, None, None),
            ProposalState::Active { version, .. } => (None, Some(*version), None),
            ProposalState::Withdrawn { withdrawn, .. } => (Some(withdrawn), None, None),
            ProposalState::Lapsed { problem, .. } => (None, None, Some(problem.clone())),
        };
        Self {
            id: id.0,
            state: state.name(),
            base_version: draft.base_version,
            proposed_by: draft.proposed_by.clone(),
            proposed_at: draft.proposed_at,
            activate_at: draft.activate_at,
            note: draft.note.as_ref().map(|note| note.as_str().to_owned()),
            approved: state.approved().map(ActView::from),
            withdrawn: withdrawn.map(ActView::from),
            version,
            problem,
            change: ChangeForm::from(&draft.change),
        }
    }
}

/// Propose a change
///
/// Records a change of the recognition table: rows that go, each as it stands there, and rows that come. Nothing
/// changes before it is approved, where two persons are required by another caller than the one who proposed it; then it
/// takes effect at once, or at `activateAt`. A change that does not fit the table is refused as a whole.
#[utoipa::path(
    post,
    path = "/v1/recognition/proposals",
    tag = "recognition",
    operation_id = "proposeRecognition",
    request_body(content = ref("#/components/schemas/RecognitionProposalBody"), content_type = "application/json"),
    security(("apiKey" = ["trust"])),
    responses(
        (
            status = 201, description = "It waits for approval.", body = ref("#/components/schemas/RecognitionProposal"),
            links(
                ("approve" = (operation_id = "approveRecognition", parameters(("id" = "$response.body#/id")))),
                ("withdraw" = (operation_id = "withdrawRecognition", parameters(("id" = "$response.body#/id")))),
            ),
        ),
        (status = 422, description = "It does not fit the table, or a row is none.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn propose(
    caller: Authorised<scope::Trust>,
    State(app): State<App>,
    body: StrictJson<ProposalBody>,
) -> Result<(StatusCode, Json<ProposalView>), Problem> {
    let by = caller.caller.party.id;
    let proposal = app.propose_recognition(&by, body.value.try_into()?).await?;
    Ok((StatusCode::CREATED, Json(ProposalView::from(&proposal))))
}

/// Which proposals.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct ProposalsQuery {
    /// Continue before this proposal: `next` of the answer before.
    #[param(minimum = 0)]
    before: Option<i64>,
    /// How many, 1 to 100; 20 if absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

/// Proposals, the newest first.
#[derive(Debug, Serialize)]
pub(in crate::http) struct ProposalsView {
    proposals: Vec<ProposalView>,
    next: Option<u64>,
}

/// List what was proposed
///
/// Lists proposals, the newest first, whatever became of them.
#[utoipa::path(
    get,
    path = "/v1/recognition/proposals",
    tag = "recognition",
    operation_id = "recognitionProposals",
    params(ProposalsQuery),
    security(("apiKey" = ["trust"])),
    responses((status = 200, description = "The proposals.", body = ref("#/components/schemas/RecognitionProposals"))),
)]
pub(in crate::http) async fn proposals(
    _: Authorised<scope::Trust>,
    State(app): State<App>,
    StrictQuery(query): StrictQuery<ProposalsQuery>,
) -> Result<Json<ProposalsView>, Problem> {
    let limit = VersionsQuery::limit(query.limit)?;
    let before = number("before", query.before, 0)?.map(ProposalId);
    let found = app.proposals(before, limit).await?;
    let full = usize::try_from(limit).is_ok_and(|limit| found.len() >= limit);
    Ok(Json(ProposalsView {
        next: found.last().map(|last| last.id.0).filter(|_| full),
        proposals: found.iter().map(ProposalView::from).collect(),
    }))
}

/// Approve a proposal
///
/// Approves a change. It takes effect at once if its time has come, and makes a new version of the table. Where two
/// persons are required, whoever proposed it is refused.
#[utoipa::path(
    post,
    path = "/v1/recognition/proposals/{id}/approve",
    tag = "recognition",
    operation_id = "approveRecognition",
    params(("id" = u64, Path, description = "The proposal's number.", minimum = 1)),
    security(("apiKey" = ["trust"])),
    responses(
        (status = 200, description = "It is approved, or active already.", body = ref("#/components/schemas/RecognitionProposal")),
        (status = 404, description = "No such proposal.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 409, description = "It is decided already.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 422, description = "It does not fit the table any more.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn approve(
    caller: Authorised<scope::Trust>,
    State(app): State<App>,
    PathProposalId(id): PathProposalId,
) -> Result<Json<ProposalView>, Problem> {
    let by = caller.caller.party.id;
    let proposal = app.approve_recognition(&by, id).await?;
    Ok(Json(ProposalView::from(&proposal)))
}

/// Withdraw a proposal
///
/// Withdraws a change before it takes effect.
#[utoipa::path(
    post,
    path = "/v1/recognition/proposals/{id}/withdraw",
    tag = "recognition",
    operation_id = "withdrawRecognition",
    params(("id" = u64, Path, description = "The proposal's number.", minimum = 1)),
    security(("apiKey" = ["trust"])),
    responses(
        (status = 200, description = "It is withdrawn.", body = ref("#/components/schemas/RecognitionProposal")),
        (status = 404, description = "No such proposal.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 409, description = "It is decided already.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn withdraw(
    caller: Authorised<scope::Trust>,
    State(app): State<App>,
    PathProposalId(id): PathProposalId,
) -> Result<Json<ProposalView>, Problem> {
    let by = caller.caller.party.id;
    let proposal = app.withdraw_recognition(&by, id).await?;
    Ok(Json(ProposalView::from(&proposal)))
}
