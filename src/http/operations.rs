//! `/livez`, `/readyz`, `/version`, `/metrics`: for whoever runs the service.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::metrics::Metrics;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::service::app::App;

/// How the service is.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct StateView {
    /// `live` or `ready`.
    status: &'static str,
}

/// Which program this is.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::http) struct VersionView {
    /// Its name.
    name: &'static str,
    /// Its version.
    version: &'static str,
}

/// Is the process alive?
///
/// Asks nothing of the database: a process whose database is away need not be restarted.
#[utoipa::path(
    get,
    path = "/livez",
    tag = "operations",
    operation_id = "livez",
    responses((status = 200, description = "It is.", body = StateView)),
)]
pub(in crate::http) async fn livez() -> Json<StateView> {
    Json(StateView { status: "live" })
}

/// Can it answer?
///
/// Asks the database. While it cannot, send callers elsewhere.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "operations",
    operation_id = "readyz",
    responses((status = 200, description = "It can.", body = StateView)),
)]
pub(in crate::http) async fn readyz(State(app): State<App>) -> Result<Json<StateView>, Problem> {
    app.ready()
        .await
        .map_err(|error| Problem::logged(ProblemType::NotReady, &error))?;
    Ok(Json(StateView { status: "ready" }))
}

/// Which version is it?
///
/// Name and version of the program.
#[utoipa::path(
    get,
    path = "/version",
    tag = "operations",
    operation_id = "version",
    responses((status = 200, description = "Name and version.", body = VersionView)),
)]
pub(in crate::http) async fn version() -> Json<VersionView> {
    Json(VersionView {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
    })
}

/// What has it done?
///
/// Counts and durations in the text form of Prometheus. No label is an id or anything a caller chooses.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "operations",
    operation_id = "metrics",
    responses((status = 200, description = "Prometheus text, version 0.0.4.", content_type = "text/plain", body = String)),
)]
pub(in crate::http) async fn metrics(
    State(app): State<App>,
    State(metrics): State<Metrics>,
) -> Response {
    metrics.evidence(&app.evidence_counts());
    let media_type = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (media_type, metrics.render()).into_response()
}
