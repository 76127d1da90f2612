//! `POST /tsa`: timestamps over HTTP (RFC 3161 §3.4).

use axum::extract::Request;
use axum::extract::State;
use axum::http::header;
use axum::response::IntoResponse as _;
use axum::response::Response;
use tracing::error;
use tracing::info;

use crate::http::extract::body::BodyLimit;
use crate::http::extract::body::read_body;
use crate::http::extract::json::media_type;
use crate::http::extract::json::unsupported_media_type;
use crate::http::problem::Causes;
use crate::http::problem::Problem;
use crate::service::app::App;
use crate::service::issue_timestamp::IssueTimestampError;
use crate::signature::timestamp::response::FailureReason;
use crate::signature::timestamp::response::Grant;
use crate::signature::timestamp::response::TimestampResponse;

/// The media types of RFC 3161 §3.4.
const QUERY: &str = "application/timestamp-query";
const REPLY: &str = "application/timestamp-reply";

/// A request has some 100 bytes, 200 with the longest digest and nonce.
pub(in crate::http) const LIMIT: BodyLimit = BodyLimit {
    max_bytes: 8 * 1024,
    ..BodyLimit::SMALL
};

/// Timestamp a digest
///
/// Proves that something existed now, without showing it to us: the request holds a digest by SHA-256, SHA-384,
/// SHA-512 or SM3 (RFC 3161). Whether a token was granted stands in the answer's status, not in the status of HTTP.
#[utoipa::path(
    post,
    path = "/tsa",
    tag = "public",
    operation_id = "timestamp",
    request_body(content = String, content_type = "application/timestamp-query", description = "`TimeStampReq` in DER."),
    responses(
        (status = 200, description = "`TimeStampResp` in DER: a token, or why there is none.", content_type = "application/timestamp-reply", body = String),
        (status = 413, description = "The body is larger than any request.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 415, description = "Another media type.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
        (status = 429, description = "Too many requests from this address.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn timestamp(
    State(app): State<App>,
    request: Request,
) -> Result<Response, Problem> {
    if media_type(request.headers()).as_deref() != Some(QUERY) {
        return Err(unsupported_media_type(&[QUERY]));
    }
    let (_, query) = read_body(request).await?;
    let response = match app.issue_timestamp(&query).await {
        Ok(token) => TimestampResponse::Granted {
            token,
            grant: Grant::AsAsked,
        },
        Err(cause) => refused(&cause),
    };
    let headers = [
        (header::CONTENT_TYPE, REPLY),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, response.to_der()).into_response())
}

/// What is the caller's to mend is told in full; of what is ours, that it failed.
fn refused(cause: &IssueTimestampError) -> TimestampResponse {
    let reason = cause.failure();
    let is_ours = matches!(
        reason,
        FailureReason::SystemFailure | FailureReason::TimeNotAvailable
    );
    let told = if matches!(cause, IssueTimestampError::NoAuthority) {
        info!("a timestamp was asked for, and there is no key for them");
        cause.to_string()
    } else if is_ours {
        error!(cause = %Causes(cause), "no timestamp was issued: {}", Causes(cause));
        "no timestamps are issued at present".to_owned()
    } else {
        cause.to_string()
    };
    TimestampResponse::rejection(reason, &told)
}
