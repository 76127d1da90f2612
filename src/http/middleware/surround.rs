//! What every request passes through, as one layer: each layer of a router costs every request as much as one of these
//! steps.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::extract::State;
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument as _;

use crate::http::metrics::Metrics;
use crate::http::middleware::observe::Observed;
use crate::http::middleware::observe::request_span;
use crate::http::middleware::render_problem::Reader;
use crate::http::middleware::request_id::RequestIds;
use crate::http::middleware::security_headers::secure;
use crate::http::middleware::time_limit::limit_time;
use crate::http::site::Site;
use crate::http::state::HttpOptions;

/// What the steps need; clones share it.
#[derive(Clone)]
pub(in crate::http) struct Surroundings(Arc<Inner>);

struct Inner {
    ids: RequestIds,
    metrics: Metrics,
    site: Site,
    time_limit: Duration,
}

impl Surroundings {
    /// Those of a service at `site` that counts in `metrics`.
    pub(in crate::http) fn new(options: &HttpOptions, site: &Site, metrics: Metrics) -> Self {
        Self(Arc::new(Inner {
            ids: RequestIds {
                clock: Arc::clone(&options.clock),
                random: Arc::clone(&options.random),
            },
            metrics,
            site: site.clone(),
            time_limit: options.request_timeout,
        }))
    }

    /// Those of a service that counts in `metrics`.
    #[cfg(test)]
    pub(in crate::http::middleware) fn fixture(metrics: Metrics) -> Self {
        use crate::clock::FixedClock;
        use crate::clock::Timestamp;
        use crate::crypto::random::SeededRandom;

        let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
        let options = HttpOptions::new(clock, Arc::new(SeededRandom::new([1; 32])));
        Self::new(&options, &Site::new("https://city.example", false), metrics)
    }
}

/// Identifies a request, and has it attended to in a span of its own.
pub(in crate::http) async fn surround(
    State(surroundings): State<Surroundings>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = surroundings.0.ids.identify(&mut request);
    let span = request_span(&id, &request);
    let mut response = attend(&surroundings.0, request, next)
        .instrument(span)
        .await;
    id.tell(response.headers_mut());
    response
}

/// Has a request answered in time, its problem written for the reader, security headers set; counts and logs it.
async fn attend(inner: &Inner, request: Request, next: Next) -> Response {
    let observed = Observed::begin(&request);
    let reader = Reader::of(&request);
    let answered = limit_time(inner.time_limit, next.run(request)).await;
    let mut response = reader.render(&inner.site, &inner.metrics, answered);
    secure(&inner.site, response.headers_mut());
    observed.end(&inner.metrics, response.status());
    response
}
