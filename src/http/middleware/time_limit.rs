//! Gives up requests that take too long.

use std::time::Duration;

use axum::extract::Request;
use axum::extract::State;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;
use tokio::time::timeout;

use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;

/// Answers 503 when the handler has not answered within the limit.
///
/// The limit covers the body's arrival as well, which has a limit of its own before
/// (`extract::body`), so that the two can be told apart.
pub(in crate::http) async fn limit_time(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    match timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_elapsed) => Problem::new(ProblemType::TimedOut).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_handler_that_never_answers_is_given_up() {
        let handler = || async { pending::<()>().await };
        let router = Router::new()
            .route("/", get(handler))
            .layer(from_fn_with_state(Duration::ZERO, limit_time));
        let request = Request::get("/").body(Body::empty()).unwrap();
        let response = router.oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let problem = response.extensions().get::<Problem>().unwrap();
        assert_eq!(problem.kind(), ProblemType::TimedOut);
    }
}
