//! `GET /status/{list}`: a status list token (draft-ietf-oauth-status-list §8).

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::http::extract::path::PathText;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::service::app::App;
use crate::store::status_lists::StatusListId;

/// The media type of status list tokens (draft-ietf-oauth-status-list §8.1).
const STATUS_LIST_JWT: &str = "application/statuslist+jwt";

/// A revocation must show within a second, whatever lies between us and who asks; the entity tag makes
/// asking again cheap. How long a verifier may rely on the token itself stands in its `ttl`.
const CACHE_CONTROL: &str = "public, max-age=1, must-revalidate";

/// Fetch a status list
///
/// The states of credentials as a signed Token Status List: two bits each, 0 valid, 1 revoked or superseded,
/// 2 suspended. Its address stands in each credential. With `If-None-Match` an unchanged list costs nothing.
#[utoipa::path(
    get,
    path = "/status/{list}",
    tag = "public",
    operation_id = "statusList",
    params(
        ("list" = String, Path, description = "The list, as in a credential's `status.status_list.uri`."),
        ("If-None-Match" = Option<String>, Header, description = "The entity tag of the list at hand."),
    ),
    responses(
        (status = 200, description = "The list, a compact JWS.", content_type = "application/statuslist+jwt", body = String),
        (status = 304, description = "It has not changed."),
        (status = 404, description = "No such list.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn status_list(
    State(app): State<App>,
    PathText(list): PathText,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let unknown = || Problem::new(ProblemType::UnknownStatusList);
    let id = StatusListId::parse(&list).ok_or_else(unknown)?;
    let published = app.status_list(&id).await?.ok_or_else(unknown)?;
    let caching = [
        (header::CACHE_CONTROL, CACHE_CONTROL),
        (header::ETAG, published.etag.as_str()),
    ];
    if has_tag(&headers, &published.etag) {
        return Ok((StatusCode::NOT_MODIFIED, caching).into_response());
    }
    let media_type = [(
        header::CONTENT_TYPE,
        HeaderValue::from_static(STATUS_LIST_JWT),
    )];
    Ok((caching, media_type, published.compact.clone()).into_response())
}

/// Whether `If-None-Match` names the tag, by weak comparison (RFC 9110 §13.1.2).
fn has_tag(headers: &HeaderMap, etag: &str) -> bool {
    let lines = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|line| line.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    tags.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list_weak_or_strong() {
        let has = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(value));
            has_tag(&headers, "\"abc\"")
        };
        assert!(has("\"abc\"") && has("W/\"abc\"") && has("\"x\", \"abc\"") && has("*"));
        assert!(!has("abc") && !has("\"ABC\"") && !has(""));
        assert!(!has_tag(&HeaderMap::new(), "\"abc\""));
    }
}
