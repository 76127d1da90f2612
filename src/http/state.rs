//! What handlers and middleware share.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;

use crate::clock::Clock;
use crate::crypto::random::Random;
use crate::http::metrics::Metrics;
use crate::http::public_limit::PublicLimit;
use crate::http::site::Site;
use crate::service::app::App;

/// What whoever starts the service decides about its HTTP side.
#[derive(Clone)]
pub struct HttpOptions {
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// How long one request may take, once its body has arrived.
    pub request_timeout: Duration,
    /// How long requests in flight may take to end once the service is told to stop.
    pub shutdown_timeout: Duration,
    /// How many requests without a key one address may make in a minute.
    pub public_requests_per_minute: u32,
    /// Whether every page says that nothing shown is real.
    pub demo: bool,
    /// The application's clock, for request identifiers and limits.
    pub clock: Arc<dyn Clock>,
    /// Randomness for request identifiers.
    pub random: Arc<dyn Random>,
}

impl HttpOptions {
    /// The defaults of the configuration, around a clock and a source of randomness.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Self {
        Self {
            max_body_bytes: 20 * 1024 * 1024,
            request_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(20),
            public_requests_per_minute: 60,
            demo: false,
            clock,
            random,
        }
    }
}

/// Everything a handler may ask for; cheap to clone.
#[derive(Clone)]
pub(in crate::http) struct HttpState(Arc<Inner>);

struct Inner {
    app: App,
    options: HttpOptions,
    site: Site,
    metrics: Metrics,
    public_limit: PublicLimit,
}

impl HttpState {
    pub(in crate::http) fn new(app: App, options: HttpOptions) -> Self {
        let site = Site::new(&app.settings().public_url, options.demo);
        let public_limit = PublicLimit::per_minute(options.public_requests_per_minute, Arc::clone(&options.clock));
        Self(Arc::new(Inner {
            app,
            options,
            site,
            metrics: Metrics::new(),
            public_limit,
        }))
    }

    pub(in crate::http) fn app(&self) -> &App {
        &self.0.app
    }

    pub(in crate::http) fn options(&self) -> &HttpOptions {
        &self.0.options
    }

    pub(in crate::http) fn site(&self) -> &Site {
        &self.0.site
    }

    pub(in crate::http) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(in crate::http) fn public_limit(&self) -> &PublicLimit {
        &self.0.public_limit
    }
}

impl FromRef<HttpState> for App {
    fn from_ref(state: &HttpState) -> Self {
        state.app().clone()
    }
}

impl FromRef<HttpState> for Site {
    fn from_ref(state: &HttpState) -> Self {
        state.site().clone()
    }
}

impl FromRef<HttpState> for Metrics {
    fn from_ref(state: &HttpState) -> Self {
        state.metrics().clone()
    }
}
