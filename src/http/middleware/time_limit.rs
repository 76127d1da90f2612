//! Gives up requests that take too long.

use std::time::Duration;

use axum::response::IntoResponse;
use axum::response::Response;
use tokio::time::timeout;

use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;

/// Answers 503 when the handler has not answered within the limit.
///
/// The limit covers the body's arrival as well, which has a limit of its own before
/// (`extract::body`), so that the two can be told apart.
pub(in crate::http::middleware) async fn limit_time(
    limit: Duration,
    answering: impl Future<Output = Response>,
) -> Response {
    match timeout(limit, answering).await {
        Ok(response) => response,
        Err(_elapsed) => Problem::new(ProblemType::TimedOut).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use axum::http::StatusCode;

    use super::*;

    #[tokio::test]
    async fn a_handler_that_never_answers_is_given_up() {
        let response = limit_time(Duration::ZERO, pending()).await;
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let problem = response.extensions().get::<Problem>().unwrap();
        assert_eq!(problem.kind(), ProblemType::TimedOut);
    }
}
