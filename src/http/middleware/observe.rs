//! Spans and counts of requests. Neither holds a path, a query, a body or a key: paths hold company codes,
//! queries hold names.

use std::time::Instant;

use axum::extract::MatchedPath;
use axum::http::Method;
use axum::http::StatusCode;
use tracing::Span;
use tracing::info;
use tracing::info_span;

use crate::http::metrics::Metrics;
use crate::http::middleware::request_id::RequestId;

/// The span in which a request is worked on; what is logged below carries its identifier.
pub(in crate::http::middleware) fn request_span<B>(
    id: &RequestId,
    request: &axum::http::Request<B>,
) -> Span {
    info_span!(
        "request",
        request.id = %id,
        http.method = %request.method(),
        http.route = route(request),
    )
}

/// A request that is being answered.
pub(in crate::http::middleware) struct Observed {
    started: Instant,
    method: Method,
    /// None: no route serves it.
    route: Option<MatchedPath>,
}

impl Observed {
    /// Begins to count its time.
    pub(in crate::http::middleware) fn begin<B>(request: &axum::http::Request<B>) -> Self {
        Self {
            started: Instant::now(),
            method: request.method().clone(),
            route: request.extensions().get::<MatchedPath>().cloned(),
        }
    }

    /// Counts the request and its duration, and logs that it was answered.
    pub(in crate::http::middleware) fn end(self, metrics: &Metrics, status: StatusCode) {
        let took = self.started.elapsed();
        metrics.request(template(self.route.as_ref()), &self.method, status, took);
        let status = status.as_u16();
        let duration_ms = took.as_secs_f64() * 1000.0;
        info!(
            http.status = status,
            duration_ms, "answered with status {status} in {duration_ms:.1} ms"
        );
    }
}

/// The template of the route that serves the request.
fn route<B>(request: &axum::http::Request<B>) -> &str {
    template(request.extensions().get::<MatchedPath>())
}

fn template(route: Option<&MatchedPath>) -> &str {
    route.map_or("unmatched", MatchedPath::as_str)
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::extract::Request;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;
    use crate::http::middleware::Surroundings;
    use crate::http::middleware::surround;

    #[tokio::test]
    async fn requests_are_counted_by_template_never_by_path() {
        let metrics = Metrics::new();
        let surroundings = Surroundings::fixture(metrics.clone());
        let router = Router::new()
            .route("/companies/{uscc}", get(|| async {}))
            .fallback(|| async {})
            .layer(from_fn_with_state(surroundings, surround));
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
