//! Limits how often those who show no key may ask, and how often anybody may look at a page.

use std::net::IpAddr;
use std::net::Ipv4Addr;
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

use crate::http::listener::Peer;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::http::public_limit::Allowance;
use crate::http::public_limit::PublicLimit;

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Draws a request without a key on its address's allowance, and tells how much is left. A request with a
/// key is not limited here: its key is checked, and a wrong one gets nothing.
pub(in crate::http) async fn limit_public(
    State(limit): State<PublicLimit>,
    request: Request,
    next: Next,
) -> Response {
    if request.headers().contains_key(header::AUTHORIZATION) {
        return next.run(request).await;
    }
    limit_everybody(State(limit), request, next).await
}

/// Draws every request on its address's allowance. For pages, which ask for no key and so check none:
/// there a header that anybody can send must not open the gate.
pub(in crate::http) async fn limit_everybody(
    State(limit): State<PublicLimit>,
    request: Request,
    next: Next,
) -> Response {
    let peer = request
        .extensions()
        .get::<ConnectInfo<Peer>>()
        .map(|info| info.0.0);
    let address = asker(peer, request.headers());
    let allowance = limit.take(address);
    let mut response = if allowance.granted {
        next.run(request).await
    } else {
        refused(allowance.reset_after).into_response()
    };
    tell(allowance, response.headers_mut());
    response
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

/// The address that asks. A peer on this machine is the TLS proxy in front of us, and the last address it
/// forwards for is one that it saw itself; what stands before that in the header, anyone may have written.
fn asker(peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
    let peer = peer.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
    if !peer.to_canonical().is_loopback() {
        return peer;
    }
    let line = headers.get_all(FORWARDED_FOR).iter().next_back();
    line.and_then(|line| line.to_str().ok()?.rsplit(',').next()?.trim().parse().ok())
        .unwrap_or(peer)
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

    fn forwarded(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
        }
        headers
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// What a second request with this header gets where an address may ask once.
    async fn second(path: &str, authorization: Option<&str>) -> StatusCode {
        let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
        let limit = PublicLimit::per_minute(2, clock);
        let keyed = Router::new()
            .route("/keyed", get(|| async {}))
            .layer(from_fn_with_state(limit.clone(), limit_public));
        let page = Router::new()
            .route("/page", get(|| async {}))
            .layer(from_fn_with_state(limit, limit_everybody));
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
    fn behind_a_proxy_on_this_machine_the_last_forwarded_address_asks() {
        let headers = forwarded(&["203.0.113.1, 198.51.100.2"]);
        assert_eq!(asker(Some(ip("127.0.0.1")), &headers), ip("198.51.100.2"));
        let headers = forwarded(&["203.0.113.1", "2001:db8::7"]);
        assert_eq!(asker(Some(ip("::1")), &headers), ip("2001:db8::7"));
    }

    #[test]
    fn nobody_else_can_claim_another_address() {
        let headers = forwarded(&["203.0.113.1"]);
        assert_eq!(asker(Some(ip("192.0.2.9")), &headers), ip("192.0.2.9"));
        assert_eq!(asker(None, &headers), ip("0.0.0.0"));
    }

    #[test]
    fn an_unreadable_forwarded_address_counts_as_the_proxy() {
        for value in ["", "unknown", "1.2.3.4, ", "1.2.3.4:80"] {
            assert_eq!(
                asker(Some(ip("127.0.0.1")), &forwarded(&[value])),
                ip("127.0.0.1"),
                "{value}"
            );
        }
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
