//! Bounds how many requests with a large body are in memory at once.

use std::sync::Arc;

use axum::extract::Request;
use axum::extract::State;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;
use tokio::sync::OwnedSemaphorePermit;
use tokio::sync::Semaphore;

use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;

/// Room for a number of requests at a time; clones share it.
#[derive(Debug, Clone)]
pub(in crate::http) struct Room(Arc<Semaphore>);

impl Room {
    /// Room for `requests` at a time.
    pub(in crate::http) fn for_requests(requests: usize) -> Self {
        Self(Arc::new(Semaphore::new(requests)))
    }

    /// A place that is held until it is dropped, for work that goes on after the answer began; none where there
    /// is no room.
    pub(in crate::http) fn enter(self) -> Option<OwnedSemaphorePermit> {
        self.0.try_acquire_owned().ok()
    }
}

/// Lets a request in, or answers 503 at once when there is no room: a queue would only hold more memory.
pub(in crate::http) async fn admit(
    State(room): State<Room>,
    request: Request,
    next: Next,
) -> Response {
    match room.0.try_acquire() {
        Ok(_place) => next.run(request).await,
        Err(_full) => Problem::new(ProblemType::Overloaded).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    async fn status_with_room_for(requests: usize) -> StatusCode {
        let room = Room::for_requests(requests);
        let router = Router::new()
            .route("/", get(|| async {}))
            .layer(from_fn_with_state(room, admit));
        let request = Request::get("/").body(Body::empty()).unwrap();
        router.oneshot(request).await.unwrap().status()
    }

    #[tokio::test]
    async fn a_request_is_let_in_while_there_is_room() {
        assert_eq!(status_with_room_for(1).await, StatusCode::OK);
        assert_eq!(
            status_with_room_for(0).await,
            StatusCode::SERVICE_UNAVAILABLE
        );
    }
}
