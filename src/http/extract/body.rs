//! Reads a request's body to its end, within a size and a time.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use axum::body::Body;
use axum::body::Bytes;
use axum::body::HttpBody;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header;
use axum::http::request::Parts;
use tokio::time::timeout;

use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;

/// How much of a body a route takes, and how long it may take to arrive. Put on a route as an extension; a
/// route without one gets the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct BodyLimit {
    /// Bytes.
    pub(in crate::http) max_bytes: usize,
    /// From the first byte to the last.
    pub(in crate::http) arrives_within: Duration,
}

impl BodyLimit {
    /// For what people and programs write by hand: a few facts, a few settings.
    pub(in crate::http) const SMALL: Self = Self {
        max_bytes: 64 * 1024,
        arrives_within: Duration::from_secs(10),
    };
}

/// The parts of a request and its whole body.
///
/// # Errors
/// [`ProblemType::BodyTooLarge`], [`ProblemType::RequestTimeout`], [`ProblemType::BodyUnreadable`].
pub(in crate::http) async fn read_body(request: Request) -> Result<(Parts, Bytes), Problem> {
    let (parts, body) = request.into_parts();
    let limit = parts
        .extensions
        .get::<BodyLimit>()
        .copied()
        .unwrap_or(BodyLimit::SMALL);
    if announces_too_much(&parts.headers, limit.max_bytes) {
        return Err(too_large(limit.max_bytes));
    }
    match timeout(limit.arrives_within, collect(body, limit.max_bytes)).await {
        Ok(read) => Ok((parts, read?)),
        Err(_elapsed) => Err(Problem::new(ProblemType::RequestTimeout)),
    }
}

/// Whether to answer without reading on: the sender waits for our word before it sends too much (RFC 9110
/// §10.1.1), or announces so much more that reading it away is not worth it.
fn announces_too_much(headers: &HeaderMap, max_bytes: usize) -> bool {
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let waits = headers.contains_key(header::EXPECT);
    announced
        .is_some_and(|bytes| bytes > max_bytes.saturating_mul(2) || (waits && bytes > max_bytes))
}

/// A body that is too large is read away up to twice the limit, since many clients read no answer before
/// they have sent everything.
async fn collect(mut body: Body, max_bytes: usize) -> Result<Bytes, Problem> {
    let mut collected = Vec::new();
    let mut received: usize = 0;
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|cause| {
            tracing::debug!(%cause, "a body did not arrive as a whole");
            Problem::new(ProblemType::BodyUnreadable)
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        received = received.saturating_add(data.len());
        if received <= max_bytes {
            collected.extend_from_slice(&data);
        } else if received > max_bytes.saturating_mul(2) {
            break;
        }
    }
    if received > max_bytes {
        Err(too_large(max_bytes))
    } else {
        Ok(collected.into())
    }
}

/// The problem of a body that is larger than the route takes.
pub(in crate::http) fn too_large(max_bytes: usize) -> Problem {
    Problem::new(ProblemType::BodyTooLarge)
        .with("maxSizeBytes", max_bytes)
        .detail(
            format!("最多 {max_bytes} 字节"),
            format!("at most {max_bytes} bytes are taken here"),
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: usize, header: Option<(&str, &str)>) -> Result<usize, ProblemType> {
        let mut request = Request::post("/").extension(BodyLimit {
            max_bytes: 1000,
            arrives_within: Duration::from_secs(1),
        });
        if let Some((name, value)) = header {
            request = request.header(name, value);
        }
        let request = request.body(Body::from(vec![b'x'; bytes])).unwrap();
        let read = read_body(request).await;
        read.map(|(_, body)| body.len())
            .map_err(|problem| problem.kind())
    }

    #[tokio::test]
    async fn a_body_is_taken_up_to_its_limit_and_not_a_byte_more() {
        assert_eq!(read(0, None).await, Ok(0));
        assert_eq!(read(1000, None).await, Ok(1000));
        assert_eq!(read(1001, None).await, Err(ProblemType::BodyTooLarge));
        assert_eq!(read(100_000, None).await, Err(ProblemType::BodyTooLarge));
    }

    #[tokio::test]
    async fn what_announces_too_much_is_not_read_at_all() {
        assert_eq!(
            read(1, Some(("content-length", "2001"))).await,
            Err(ProblemType::BodyTooLarge)
        );
        assert_eq!(read(1, Some(("content-length", "1500"))).await, Ok(1));
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_LENGTH, 1001.into());
        assert!(!announces_too_much(&headers, 1000));
        headers.insert(header::EXPECT, "100-continue".parse().unwrap());
        assert!(announces_too_much(&headers, 1000));
    }

    #[tokio::test]
    async fn a_route_without_a_limit_takes_little() {
        let request = Request::post("/")
            .body(Body::from(vec![0; BodyLimit::SMALL.max_bytes + 1]))
            .unwrap();
        let problem = read_body(request).await.unwrap_err();
        assert_eq!(problem.kind(), ProblemType::BodyTooLarge);
        assert_eq!(
            problem.member("maxSizeBytes"),
            Some(&serde_json::json!(65536))
        );
    }
}
