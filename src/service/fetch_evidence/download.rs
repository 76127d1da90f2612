//! Fetches bytes from where a CA's rules permit, and from nowhere else.
//!
//! The name is resolved once, by us; every address that it has is held against the CA's rules, and the
//! connection is made to exactly these. The HTTP client resolves nothing, knows no proxy and follows no
//! redirect, so that there is no second answer that could be another one.

use std::fmt;
use std::io;
use std::io::Read as _;
use std::net::IpAddr;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::Body;
use ureq::config::Config;
use ureq::http::Response;
use ureq::http::StatusCode;
use ureq::http::Uri;
use ureq::http::header;
use ureq::unversioned::resolver::ResolvedSocketAddrs;
use ureq::unversioned::resolver::Resolver;
use ureq::unversioned::transport::Connector as _;
use ureq::unversioned::transport::NextTimeout;
use ureq::unversioned::transport::RustlsConnector;
use ureq::unversioned::transport::TcpConnector;

use crate::service::fetch_evidence::error::FetchError;
use crate::service::fetch_evidence::resolve::Resolve;
use crate::validation::trust_store::EvidenceRules;
use crate::validation::trust_store::EvidenceUrl;
use crate::validation::trust_store::UrlScheme;

/// Addresses that are tried; a host with more is reached at these.
const MAX_ADDRESSES: usize = 8;

/// What is fetched.
#[derive(Debug, Clone)]
pub struct Order {
    /// From where.
    pub url: EvidenceUrl,
    /// The OCSP request in DER that is sent (RFC 6960 Appendix A.1: by `POST`); none: `GET`.
    pub ocsp_request: Option<Vec<u8>>,
    /// What is permitted.
    pub rules: EvidenceRules,
}

/// Something that fetches. It blocks, and is called on threads of its own.
pub trait Download: Send + Sync {
    /// Fetches the bytes of an answer.
    ///
    /// # Errors
    /// [`FetchError`] says what kept it from it.
    fn download(&self, order: &Order) -> Result<Vec<u8>, FetchError>;
}

/// What one answer may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caps {
    /// To make the connection, TLS included.
    pub connect: Duration,
    /// Between two parts of the answer.
    pub read: Duration,
    /// For everything together.
    pub total: Duration,
    /// Bytes of the answer's body.
    pub max_bytes: u64,
}

/// Fetches over HTTP and HTTPS.
pub struct HttpDownload {
    resolver: Arc<dyn Resolve>,
    caps: Caps,
}

impl HttpDownload {
    /// Fetches from where `resolver` says that hosts are.
    #[must_use]
    pub fn new(resolver: Arc<dyn Resolve>, caps: Caps) -> Self {
        Self { resolver, caps }
    }

    /// Every address of the host, all of them permitted.
    fn addresses(&self, order: &Order) -> Result<Vec<IpAddr>, FetchError> {
        let addresses = match order.url.host_address() {
            Some(address) => vec![IpAddr::V4(address)],
            None => self
                .resolver
                .addresses(order.url.host())
                .map_err(|_unresolved| FetchError::NameNotFound)?,
        };
        let refused = addresses
            .iter()
            .find(|address| !order.rules.permits_address(**address));
        match refused {
            Some(address) => Err(FetchError::AddressNotPermitted { address: *address }),
            None if addresses.is_empty() => Err(FetchError::NameNotFound),
            None => Ok(addresses),
        }
    }

    fn agent(&self, addresses: &[IpAddr], port: u16) -> Agent {
        let config = Config::builder()
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .max_idle_connections(0)
            .user_agent(concat!("yinxin/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .timeout_global(Some(self.caps.total))
            .timeout_connect(Some(self.caps.connect))
            .timeout_per_read(Some(self.caps.read))
            .timeout_per_write(Some(self.caps.read))
            .build();
        let addresses = addresses.iter().take(MAX_ADDRESSES);
        let pinned = Pinned(
            addresses
                .map(|address| SocketAddr::new(*address, port))
                .collect(),
        );
        let connector = ().chain(TcpConnector::default()).chain(RustlsConnector::default());
        Agent::with_parts(config, connector, pinned)
    }

    fn ask(&self, order: &Order) -> Result<Response<Body>, FetchError> {
        let agent = self.agent(&self.addresses(order)?, order.url.port());
        let (url, is_tls) = (order.url.as_str(), order.url.scheme() == UrlScheme::Https);
        let sent = match &order.ocsp_request {
            None => agent
                .get(url)
                .header(header::ACCEPT, "application/pkix-crl, */*;q=0.1")
                .call(),
            Some(request) => agent
                .post(url)
                .header(header::ACCEPT, "application/ocsp-response, */*;q=0.1")
                .header(header::CONTENT_TYPE, "application/ocsp-request")
                .send(request.as_slice()),
        };
        sent.map_err(|error| sort(error, is_tls))
    }

    /// Reads the body to its end, or to the byte that is one too many.
    fn body(&self, mut response: Response<Body>, is_tls: bool) -> Result<Vec<u8>, FetchError> {
        let max_bytes = self.caps.max_bytes;
        let announced = response.headers().get(header::CONTENT_LENGTH);
        let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if announced.is_some_and(|length| length > max_bytes) {
            return Err(FetchError::TooLarge { max_bytes });
        }
        let mut body = Vec::new();
        let mut limited = response
            .body_mut()
            .as_reader()
            .take(max_bytes.saturating_add(1));
        limited
            .read_to_end(&mut body)
            .map_err(|error| sort(error.into(), is_tls))?;
        match u64::try_from(body.len()) {
            Ok(length) if length <= max_bytes => Ok(body),
            Ok(_) | Err(_) => Err(FetchError::TooLarge { max_bytes }),
        }
    }
}

impl Download for HttpDownload {
    fn download(&self, order: &Order) -> Result<Vec<u8>, FetchError> {
        order.rules.permit(&order.url)?;
        let response = self.ask(order)?;
        let status = response.status();
        if status.is_redirection() {
            let status = status.as_u16();
            return Err(FetchError::Redirected { status });
        }
        if status != StatusCode::OK {
            let status = status.as_u16();
            return Err(FetchError::Status { status });
        }
        let encoding = response.headers().get(header::CONTENT_ENCODING);
        if encoding.is_some_and(|encoding| encoding != "identity") {
            return Err(FetchError::ContentEncoding);
        }
        self.body(response, order.url.scheme() == UrlScheme::Https)
    }
}

/// Gives the addresses that were checked, whatever is asked.
struct Pinned(Vec<SocketAddr>);

impl fmt::Debug for Pinned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Pinned").field(&self.0).finish()
    }
}

impl Resolver for Pinned {
    fn resolve(
        &self,
        _uri: &Uri,
        _config: &Config,
        _timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        for address in &self.0 {
            addresses.push(*address);
        }
        Ok(addresses)
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a foreign enum that may grow"
)]
fn sort(error: ureq::Error, is_tls: bool) -> FetchError {
    match error {
        ureq::Error::Timeout(_) => FetchError::TimedOut,
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) | ureq::Error::TlsRequired => FetchError::Tls,
        ureq::Error::HostNotFound => FetchError::NameNotFound,
        ureq::Error::ConnectionFailed => FetchError::ConnectFailed,
        ureq::Error::Io(error) => sort_io(&error, is_tls),
        _ => FetchError::Http,
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a foreign enum that may grow"
)]
fn sort_io(error: &io::Error, is_tls: bool) -> FetchError {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => FetchError::TimedOut,
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe => FetchError::BrokenOff,
        // The TLS library says so of what the peer sent.
        io::ErrorKind::InvalidData if is_tls => FetchError::Tls,
        _ => FetchError::ConnectFailed,
    }
}
