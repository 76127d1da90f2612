//! What handlers and middleware share.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRef;

use crate::clock::Clock;
use crate::crypto::random::Random;
use crate::http::client_authorities::ClientAuthorities;
use crate::http::metrics::Metrics;
use crate::http::openapi::OpenApiDocument;
use crate::http::site::Site;
use crate::registry::caller_terms::Quotas;
use crate::service::app::App;
use crate::validation::trust_store::AddressRange;

/// What whoever starts the service decides about its HTTP side.
#[derive(Clone)]
pub struct HttpOptions {
    /// The largest request body, in bytes.
    pub max_body_bytes: usize,
    /// How long one request may take, the arrival of its body included.
    pub request_timeout: Duration,
    /// How many requests without a key one address may make in a minute.
    pub public_requests_per_minute: u32,
    /// How much each kind of caller may ask.
    pub quotas: Quotas,
    /// Proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<AddressRange>,
    /// Proxies whose `Client-Cert` counts.
    pub client_certificate_proxies: Vec<AddressRange>,
    /// Under which client certificates are valid.
    pub client_authorities: ClientAuthorities,
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
            public_requests_per_minute: 60,
            quotas: Quotas::default(),
            trusted_proxies: ["127.0.0.0/8", "::1/128"]
                .iter()
                .filter_map(|range| range.parse().ok())
                .collect(),
            client_certificate_proxies: Vec::new(),
            client_authorities: ClientAuthorities::none(Arc::clone(&clock)),
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
    site: Site,
    metrics: Metrics,
    document: OpenApiDocument,
}

impl HttpState {
    pub(in crate::http) fn new(
        app: App,
        site: Site,
        metrics: Metrics,
        document: OpenApiDocument,
    ) -> Self {
        Self(Arc::new(Inner {
            app,
            site,
            metrics,
            document,
        }))
    }
}

impl FromRef<HttpState> for App {
    fn from_ref(state: &HttpState) -> Self {
        state.0.app.clone()
    }
}

impl FromRef<HttpState> for Site {
    fn from_ref(state: &HttpState) -> Self {
        state.0.site.clone()
    }
}

impl FromRef<HttpState> for Metrics {
    fn from_ref(state: &HttpState) -> Self {
        state.0.metrics.clone()
    }
}

impl FromRef<HttpState> for OpenApiDocument {
    fn from_ref(state: &HttpState) -> Self {
        state.0.document.clone()
    }
}
