//! `GET /v1/reasons`

use axum::Json;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::validation::reason::REASONS;
use crate::validation::reason::Severity;

/// Every reason there is.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(in crate::http) struct ReasonsView {
    /// In the order in which they were introduced; more may follow.
    reasons: Vec<ReasonView>,
}

/// A reason; `{param}` in a text stands for a particular.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct ReasonView {
    /// Its code; never renamed or reused.
    code: &'static str,
    /// `error`, `warning` or `info`.
    #[schema(value_type = String)]
    severity: Severity,
    /// What was found, in English.
    message: &'static str,
    /// What was found, in Chinese.
    message_zh: &'static str,
    /// What to do next, in English.
    action: &'static str,
    /// What to do next, in Chinese.
    action_zh: &'static str,
}

/// List all reasons
///
/// Every reason code that a report may carry, with its texts in both languages. Codes are append-only.
#[utoipa::path(
    get,
    path = "/v1/reasons",
    tag = "verify",
    operation_id = "reasons",
    responses((status = 200, description = "All of them.", body = ReasonsView)),
)]
pub(in crate::http) async fn reasons() -> Response {
    let reasons = REASONS.iter().map(|entry| ReasonView {
        code: entry.name,
        severity: entry.severity,
        message: entry.message,
        message_zh: entry.message_zh,
        action: entry.action,
        action_zh: entry.action_zh,
    });
    let view = ReasonsView {
        reasons: reasons.collect(),
    };
    (
        [(header::CACHE_CONTROL, "public, max-age=3600")],
        Json(view),
    )
        .into_response()
}
