//! Limits how often callers and those who show no key may ask, and how often anybody may look at a page.

use std::time::Duration;

use axum::extract::ConnectInfo;
use axum::extract::Request;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::header;
use axum::middleware::Next;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::http::gate::Gate;
use crate::http::listener::Peer;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::http::token_bucket::Allowance;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

/// Draws a request that shows neither key nor certificate on its address's allowance, and tells how much is
/// left. Another one is not limited here: whoever authenticates its caller counts it at the [`Entrance`] that
/// it finds in the request, and who shows something wrong gets nothing.
///
/// [`Entrance`]: crate::http::gate::Entrance
pub(in crate::http) async fn limit_callers(
    State(gate): State<Gate>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = peer(&request).cloned();
    let entrance = match gate.entrance(peer.as_ref(), request.headers()) {
        Ok(entrance) => entrance,
        Err(problem) => return problem.into_response(),
    };
    let shows = request.headers().contains_key(header::AUTHORIZATION);
    if !shows && entrance.certificate().is_none() {
        return limit_everybody(State(gate), request, next).await;
    }
    request.extensions_mut().insert(entrance.clone());
    let mut response = next.run(request).await;
    if let Some(allowance) = entrance.told() {
        tell(allowance, response.headers_mut());
    }
    response
}

/// Draws every request on its address's allowance. For pages, which ask for no key and so check none:
/// there a header that anybody can send must not open the gate.
pub(in crate::http) async fn limit_everybody(
    State(gate): State<Gate>,
    request: Request,
    next: Next,
) -> Response {
    let address = gate.address(peer(&request), request.headers());
    let allowance = gate.public.take(address);
    let mut response = if allowance.granted {
        next.run(request).await
    } else {
        refused(allowance.reset_after).into_response()
    };
    tell(allowance, response.headers_mut());
    response
}

fn peer(request: &Request) -> Option<&Peer> {
    let connected = request.extensions().get::<ConnectInfo<Peer>>();
    connected.map(|connected| &connected.0)
}

fn refused(wait: Duration) -> Problem {
    let seconds = whole_seconds(wait);
    Problem::new(ProblemType::RateLimited)
        .retry_after(wait)
        .detail(
            format!("请在 {seconds} 秒后重试"),
            format!("try again in {seconds} s"),
        )
}

/// Rounded up: trying earlier is in vain.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

fn tell(allowance: Allowance, headers: &mut HeaderMap) {
    let seconds = whole_seconds(allowance.reset_after);
    headers.insert(LIMIT, HeaderValue::from(allowance.limit));
    headers.insert(REMAINING, HeaderValue::from(allowance.remaining));
    headers.insert(RESET, HeaderValue::from(seconds));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;
    use crate::clock::FixedClock;
    use crate::clock::Timestamp;
    use crate::crypto::random::SeededRandom;
    use crate::http::state::HttpOptions;

    /// What a second request with this header gets where an address may ask once.
    async fn second(path: &str, authorization: Option<&str>) -> StatusCode {
        let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
        let random = Arc::new(SeededRandom::new([1; 32]));
        let mut options = HttpOptions::new(clock, random);
        options.public_requests_per_minute = 2;
        let gate = Gate::new(&options);
        let keyed = Router::new()
            .route("/keyed", get(|| async {}))
            .layer(from_fn_with_state(gate.clone(), limit_callers));
        let page = Router::new()
            .route("/page", get(|| async {}))
            .layer(from_fn_with_state(gate, limit_everybody));
        let router = keyed.merge(page);
        let ask = || {
            let mut request = Request::get(path);
            if let Some(value) = authorization {
                request = request.header(header::AUTHORIZATION, value);
            }
            router.clone().oneshot(request.body(Body::empty()).unwrap())
        };
        assert_eq!(ask().await.unwrap().status(), StatusCode::OK);
        ask().await.unwrap().status()
    }

    #[tokio::test]
    async fn a_header_opens_no_page() {
        let limited = StatusCode::TOO_MANY_REQUESTS;
        assert_eq!(second("/page", None).await, limited);
        assert_eq!(second("/page", Some("Bearer anything")).await, limited);
        assert_eq!(second("/keyed", None).await, limited);
        // What stands behind this gate checks the key.
        assert_eq!(second("/keyed", Some("Bearer a")).await, StatusCode::OK);
    }

    #[test]
    fn the_allowance_is_told_in_whole_seconds_rounded_up() {
        let mut headers = HeaderMap::new();
        let reset_after = Duration::from_millis(1001);
        tell(
            Allowance {
                granted: true,
                limit: 15,
                remaining: 3,
                reset_after,
            },
            &mut headers,
        );
        assert_eq!(headers[LIMIT], "15");
        assert_eq!(headers[REMAINING], "3");
        assert_eq!(headers[RESET], "2");
    }
}
