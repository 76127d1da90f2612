//! `GET /v1/recognition` and `GET /v1/recognition/versions`
#![expect(
    unused_qualifications,
    reason = "the description macro writes the paths of query types in full"
)]

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse as _;
use axum::response::Response;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::http::api::verify::AnswerForm;
use crate::http::extract::caller::Authorised;
use crate::http::extract::caller::scope;
use crate::http::extract::context::Place;
use crate::http::extract::query::StrictQuery;
use crate::http::extract::query::number;
use crate::http::pages::recognition::RecognitionPage;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::registry::recognition::change::ChangeForm;
use crate::registry::recognition::form::RowForm;
use crate::registry::recognition::table::digest;
use crate::service::app::App;
use crate::service::change_recognition::Version;
use crate::store::recognition::RecognitionTable;

/// Versions in one answer unless fewer are asked for.
const DEFAULT_LIMIT: u32 = 20;
/// Versions in one answer at most.
const MAX_LIMIT: u32 = 100;
/// What the page shows of versions and proposals.
const SHOWN_ON_PAGE: u32 = 10;

/// Which version.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct TableQuery {
    /// The table as it was at this version; the current one if absent.
    #[param(minimum = 0)]
    version: Option<i64>,
}

/// A version of the table.
#[derive(Debug, Serialize)]
pub(in crate::http) struct TableView {
    version: u64,
    digest: Sha256,
    rows: Vec<RowForm>,
}

impl From<&RecognitionTable> for TableView {
    fn from(table: &RecognitionTable) -> Self {
        Self {
            version: table.version,
            digest: digest(&table.rows),
            rows: table.rows.iter().map(RowForm::from).collect(),
        }
    }
}

/// Show who recognises whom
///
/// Lists every row of the recognition table: which relying party, or by default every one of a kind, accepts which CA
/// for which usage, since when and until when, by which anchors and under which limits. The digest covers all rows.
/// With `Accept: text/html` the answer is a page that shows relying parties against CAs, what was changed, and what is
/// proposed.
#[utoipa::path(
    get,
    path = "/v1/recognition",
    tag = "recognition",
    operation_id = "recognition",
    params(TableQuery),
    security(("apiKey" = ["trust"])),
    responses(
        (status = 200, description = "The table.", content(
            (ref("#/components/schemas/RecognitionTable") = "application/json"),
            (String = "text/html"),
        )),
        (status = 404, description = "No such version.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn recognition(
    _: Authorised<scope::Trust>,
    State(app): State<App>,
    StrictQuery(query): StrictQuery<TableQuery>,
    form: AnswerForm,
) -> Result<Response, Problem> {
    let table = table(&app, number("version", query.version, 0)?).await?;
    match form {
        AnswerForm::Json => Ok(Json(TableView::from(&table)).into_response()),
        AnswerForm::Page(page) => {
            let versions = app
                .recognition_versions(Some(table.version.saturating_add(1)), SHOWN_ON_PAGE)
                .await?;
            let proposals = app.proposals(None, SHOWN_ON_PAGE).await?;
            let parties = app.recognisers().await?;
            let (trust, now) = (app.trust(), app.now());
            RecognitionPage::new(*page, &table, (&parties, &trust), now)
                .with_history(&versions, &proposals)
                .respond()
        }
    }
}

async fn table(app: &App, version: Option<u64>) -> Result<RecognitionTable, Problem> {
    let current = app.recognition_table().await?;
    match version {
        None => Ok(RecognitionTable::clone(&current)),
        Some(version) => app.recognition_at(version).await?.ok_or_else(|| {
            Problem::new(ProblemType::UnknownRecognitionVersion).with("version", current.version)
        }),
    }
}

/// Which versions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct VersionsQuery {
    /// Continue before this version: `next` of the answer before.
    #[param(minimum = 0)]
    before: Option<i64>,
    /// How many, 1 to 100; 20 if absent.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<u32>,
}

impl VersionsQuery {
    pub(in crate::http) fn limit(limit: Option<u32>) -> Result<u32, Problem> {
        match limit.unwrap_or(DEFAULT_LIMIT) {
            limit @ 1..=MAX_LIMIT => Ok(limit),
            _ => Err(Place::Query.refused("limit", "must be 1 to 100")),
        }
    }
}

/// Versions, the newest first.
#[derive(Debug, Serialize)]
pub(in crate::http) struct VersionsView {
    versions: Vec<VersionView>,
    next: Option<u64>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct VersionView {
    version: u64,
    changed_at: Timestamp,
    changed_by: String,
    digest: Option<Sha256>,
    #[serde(flatten)]
    change: ChangeForm,
}

impl VersionsView {
    pub(in crate::http) fn new(versions: &[Version], limit: u32) -> Self {
        let full = usize::try_from(limit).is_ok_and(|limit| versions.len() >= limit);
        let last = versions.last().map(|version| version.record.version);
        let view = |version: &Version| VersionView {
            version: version.record.version,
            changed_at: version.record.changed_at,
            changed_by: version.record.changed_by.clone(),
            digest: version.record.digest,
            change: ChangeForm::from(&version.change),
        };
        Self {
            versions: versions.iter().map(view).collect(),
            next: last.filter(|_| full),
        }
    }
}

/// Show what was changed
///
/// Lists the versions of the recognition table, the newest first, each with the rows that came and those that went, who
/// changed it and when. A version that an earlier release made has no digest.
#[utoipa::path(
    get,
    path = "/v1/recognition/versions",
    tag = "recognition",
    operation_id = "recognitionVersions",
    params(VersionsQuery),
    security(("apiKey" = ["trust"])),
    responses((status = 200, description = "The versions.", body = ref("#/components/schemas/RecognitionVersions"))),
)]
pub(in crate::http) async fn versions(
    _: Authorised<scope::Trust>,
    State(app): State<App>,
    StrictQuery(query): StrictQuery<VersionsQuery>,
) -> Result<Json<VersionsView>, Problem> {
    let limit = VersionsQuery::limit(query.limit)?;
    let before = number("before", query.before, 0)?;
    let versions = app.recognition_versions(before, limit).await?;
    Ok(Json(VersionsView::new(&versions, limit)))
}

/// `POST /v1/trust/reload`: a set of trust stores that took effect.
#[derive(Debug, Serialize)]
pub(in crate::http) struct ReloadedView {
    digest: Sha256,
    #[serde(rename = "trustStores")]
    trust_stores: usize,
}

/// Reload the trust stores
///
/// Reads all trust stores again and puts them in force together. Anchors that no row of the recognition table pins stay
/// inert. Where a file is broken, nothing changes, and `detail` names the file.
#[utoipa::path(
    post,
    path = "/v1/trust/reload",
    tag = "recognition",
    operation_id = "reloadTrust",
    security(("apiKey" = ["trust"])),
    responses(
        (status = 200, description = "They are in force.", body = ref("#/components/schemas/TrustReloaded")),
        (status = 422, description = "A file is broken; the set before stays in force.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn reload_trust(
    caller: Authorised<scope::Trust>,
    State(app): State<App>,
) -> Result<Json<ReloadedView>, Problem> {
    let by = caller.caller.party.id;
    let set = app.reload_trust_for(&by).await?;
    Ok(Json(ReloadedView {
        digest: set.digest(),
        trust_stores: set.stores().len(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_versions_in_an_answer_is_bounded() {
        assert_eq!(VersionsQuery::limit(None).unwrap(), DEFAULT_LIMIT);
        assert!(VersionsQuery::limit(Some(0)).is_err());
        assert!(VersionsQuery::limit(Some(101)).is_err());
    }
}
