//! Spans and counts of requests. Neither holds a path, a query, a body or a key: paths hold company codes,
//! queries hold names.

use std::time::Duration;
use std::time::Instant;

use axum::extract::MatchedPath;
use axum::extract::Request;
use axum::extract::State;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Span;
use tracing::info;
use tracing::info_span;

use crate::http::metrics::Metrics;
use crate::http::middleware::RequestId;

/// The span in which a request is worked on; what is logged below carries its identifier.
pub(in crate::http) fn request_span<B>(request: &axum::http::Request<B>) -> Span {
    let id = request.extensions().get::<RequestId>();
    info_span!(
        "request",
        request.id = id.map(tracing::field::display),
        http.method = %request.method(),
        http.route = route(request),
    )
}

/// Logs that a request was answered.
pub(in crate::http) fn log_answer<B>(response: &axum::http::Response<B>, took: Duration, _: &Span) {
    let status = response.status().as_u16();
    let duration_ms = took.as_secs_f64() * 1000.0;
    info!(
        http.status = status,
        duration_ms, "answered with status {status} in {duration_ms:.1} ms"
    );
}

/// Counts the request and its duration, once answered.
pub(in crate::http) async fn count_requests(
    State(metrics): State<Metrics>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let route = route(&request).to_owned();
    let response = next.run(request).await;
    metrics.request(&route, &method, response.status(), started.elapsed());
    response
}

/// The template of the route that serves the request.
fn route<B>(request: &axum::http::Request<B>) -> &str {
    request
        .extensions()
        .get::<MatchedPath>()
        .map_or("unmatched", MatchedPath::as_str)
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn requests_are_counted_by_template_never_by_path() {
        let metrics = Metrics::new();
        let router = Router::new()
            .route("/companies/{uscc}", get(|| async {}))
            .fallback(|| async {})
            .layer(from_fn_with_state(metrics.clone(), count_requests));
        for path in ["/companies/914419", "/secret"] {
            let request = Request::get(path).body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap();
        }
        let text = metrics.render();
        assert!(text.contains(r#"route="/companies/{uscc}""#), "{text}");
        assert!(text.contains(r#"route="unmatched""#), "{text}");
        assert!(!text.contains("914419") && !text.contains("secret"));
    }
}
