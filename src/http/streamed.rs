//! Answers that are written while they are sent.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::Context;
use std::task::Poll;

use axum::body::Bytes;
use axum::body::HttpBody;
use axum::extract::FromRef;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use http_body::Frame;
use serde_json::Value;
use tokio::sync::mpsc;

use crate::http::language::Language;
use crate::http::middleware::RequestId;
use crate::http::problem::Problem;
use crate::http::site::Site;

/// The media type of one JSON text a line.
pub(in crate::http) const APPLICATION_NDJSON: &str = "application/x-ndjson";

/// A body that is written while it is sent.
pub(in crate::http) struct Streamed(pub(in crate::http) mpsc::Receiver<Bytes>);

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let next = self.0.poll_recv(context);
        next.map(|answer| answer.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// Who reads the answers, and how problems are told to them.
#[derive(Debug)]
pub(in crate::http) struct Reader {
    language: Language,
    public_url: String,
    request_id: Option<RequestId>,
}

impl Reader {
    /// A problem as a part of an answer that has begun.
    pub(in crate::http) fn shown(&self, problem: &Problem) -> Value {
        let instance = self.request_id.as_ref().map(RequestId::urn);
        problem.to_json(&self.public_url, self.language, instance.as_deref())
    }
}

impl<S> FromRequestParts<S> for Reader
where
    S: Send + Sync,
    Site: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        Ok(Self {
            language: Language::negotiate(parts.uri.query(), &parts.headers),
            public_url: Site::from_ref(state).public_url.to_string(),
            request_id: parts.extensions.get::<RequestId>().cloned(),
        })
    }
}
