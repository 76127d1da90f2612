//! `[server]`: where the service listens and how much of a request it takes.

use std::net::IpAddr;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use axum::http::Uri;
use toml::de::DeValue;

use crate::config::field::Default;
use crate::config::field::Field;
use crate::config::field::SectionDoc;
use crate::config::mistake::ConfigProblem;
use crate::config::mistake::UrlFault;
use crate::config::reader::Refusal;
use crate::config::reader::Section;
use crate::config::reader::text;
use crate::evidence::receipt::MAX_ISS_BYTES;
use crate::validation::trust_store::AddressRange;

/// `[server]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Address and port to listen at.
    pub listen: SocketAddr,
    /// Scheme, host and port under which everybody reaches the service; lower case, no trailing slash.
    pub public_url: String,
    /// Our own TLS, beside plain HTTP; absent: none.
    pub tls: Option<Tls>,
    /// The certificates of the authorities of client certificates; absent: pins alone count.
    pub client_ca_file: Option<PathBuf>,
    /// Proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<AddressRange>,
    /// Proxies whose `Client-Cert` counts.
    pub client_certificate_proxies: Vec<AddressRange>,
    /// The largest request body.
    pub max_body_bytes: usize,
    /// How long one request may take.
    pub request_timeout: Duration,
    /// How long requests in flight may take to end once the service is told to stop.
    pub shutdown_timeout: Duration,
}

/// Where we speak TLS ourselves, and what we show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Address and port.
    pub listen: SocketAddr,
    /// The certificates in PEM, the server's own first.
    pub certificate_file: PathBuf,
    /// The private key in PEM.
    pub key_file: PathBuf,
}

const LISTEN: Field = Field {
    key: "listen",
    doc: "Where the service listens. It speaks plain HTTP there; put a TLS proxy in front of anything but this \
          machine itself, or keep it on this machine and set `tls_listen`.",
    unit: "IP address and port",
    default: Default::Value("\"127.0.0.1:8440\""),
};
const PUBLIC_URL: Field = Field {
    key: "public_url",
    doc: "How everybody reaches the service. It stands in credentials, status lists and receipts, so \
          changing it later leaves those that exist pointing at the old address. https, or http on this \
          machine.",
    unit: "URL of scheme, host and port",
    default: Default::Required {
        example: "\"https://yinxin.example.org\"",
    },
};
const TLS_LISTEN: Field = Field {
    key: "tls_listen",
    doc: "Where the service speaks TLS itself (1.2 and 1.3, HTTP/1.1 and HTTP/2) and asks callers for a client \
          certificate, which nobody has to have. Plain HTTP is served as well, at `listen`.",
    unit: "IP address and port",
    default: Default::Absent {
        means: "TLS is left to a proxy",
        example: "\"0.0.0.0:8443\"",
    },
};
const TLS_CERTIFICATE_FILE: Field = Field {
    key: "tls_certificate_file",
    doc: "The server's certificate in PEM, followed by those of its authorities. SIGHUP reads it again.",
    unit: "path",
    default: Default::Absent {
        means: "there is no TLS",
        example: "\"tls/server.pem\"",
    },
};
const TLS_KEY_FILE: Field = Field {
    key: "tls_key_file",
    doc: "The private key of that certificate in PEM, not encrypted: only the service may read the file. SIGHUP \
          reads it again.",
    unit: "path",
    default: Default::Absent {
        means: "there is no TLS",
        example: "\"tls/server.key\"",
    },
};
const CLIENT_CA_FILE: Field = Field {
    key: "client_ca_file",
    doc: "The certificates, in PEM, of authorities whose client certificates count where a caller is registered by \
          authority and subject (`yinxin caller certificate add --authority`). SIGHUP reads it again.",
    unit: "path",
    default: Default::Absent {
        means: "client certificates count by their digest or key alone",
        example: "\"tls/client-ca.pem\"",
    },
};
const TRUSTED_PROXIES: Field = Field {
    key: "trusted_proxies",
    doc: "Proxies in front of the service, by network: the last address of their `X-Forwarded-For` is taken for the \
          one that asks.",
    unit: "networks",
    default: Default::Value("[\"127.0.0.0/8\", \"::1/128\"]"),
};
const CLIENT_CERTIFICATE_PROXIES: Field = Field {
    key: "client_certificate_proxies",
    doc: "Proxies that verify client certificates and forward them in `Client-Cert` (RFC 9440), by network. They must \
          remove the header where clients send it. From anywhere else a request with the header is refused.",
    unit: "networks",
    default: Default::Value("[]"),
};
const MAX_BODY_BYTES: Field = Field {
    key: "max_body_bytes",
    doc: "The largest request body; a larger one is refused with 413.",
    unit: "bytes",
    default: Default::Value("20_971_520"),
};
const REQUEST_TIMEOUT_SECONDS: Field = Field {
    key: "request_timeout_seconds",
    doc: "How long one request may take before it is given up.",
    unit: "seconds",
    default: Default::Value("30"),
};
const SHUTDOWN_TIMEOUT_SECONDS: Field = Field {
    key: "shutdown_timeout_seconds",
    doc: "How long requests in flight may take to end once the service is told to stop.",
    unit: "seconds",
    default: Default::Value("20"),
};

/// The section's documentation.
pub const SECTION: SectionDoc = SectionDoc {
    name: "server",
    doc: "Where the service listens and how much of a request it takes.",
    fields: &[
        &LISTEN,
        &PUBLIC_URL,
        &TLS_LISTEN,
        &TLS_CERTIFICATE_FILE,
        &TLS_KEY_FILE,
        &CLIENT_CA_FILE,
        &TRUSTED_PROXIES,
        &CLIENT_CERTIFICATE_PROXIES,
        &MAX_BODY_BYTES,
        &REQUEST_TIMEOUT_SECONDS,
        &SHUTDOWN_TIMEOUT_SECONDS,
    ],
};

/// From one kilobyte, less than which no credential fits, to a gigabyte, more than which no memory does.
const BODY_LIMITS: std::ops::RangeInclusive<u64> = 1_024..=1_073_741_824;
/// An hour is longer than any proxy waits.
const TIMEOUT_LIMITS: std::ops::RangeInclusive<u64> = 1..=3_600;

impl Server {
    pub(super) fn read(section: &mut Section<'_, '_>) -> Option<Self> {
        let listen = section.value(&LISTEN, listen_address);
        let public_url = section.value(&PUBLIC_URL, public_url);
        let tls = tls(section);
        let client_ca_file = section.optional_path(&CLIENT_CA_FILE);
        let trusted_proxies = section.value(&TRUSTED_PROXIES, networks);
        let certificate_proxies = section.value(&CLIENT_CERTIFICATE_PROXIES, networks);
        let max_body_bytes = section.number(&MAX_BODY_BYTES, BODY_LIMITS);
        let request_timeout = section.number(&REQUEST_TIMEOUT_SECONDS, TIMEOUT_LIMITS);
        let shutdown_timeout = section.number(&SHUTDOWN_TIMEOUT_SECONDS, TIMEOUT_LIMITS);
        Some(Self {
            listen: listen?,
            public_url: public_url?,
            tls: tls?,
            client_ca_file: client_ca_file?,
            trusted_proxies: trusted_proxies?,
            client_certificate_proxies: certificate_proxies?,
            max_body_bytes: usize::try_from(max_body_bytes?).ok()?,
            request_timeout: Duration::from_secs(request_timeout?),
            shutdown_timeout: Duration::from_secs(shutdown_timeout?),
        })
    }
}

/// All three of the fields, or none. `None`: a mistake was noted.
fn tls(section: &mut Section<'_, '_>) -> Option<Option<Tls>> {
    let fields = [&TLS_LISTEN, &TLS_CERTIFICATE_FILE, &TLS_KEY_FILE];
    let Some(present) = fields.into_iter().find(|field| section.has(field)) else {
        return Some(None);
    };
    if let Some(absent) = fields.into_iter().find(|field| !section.has(field)) {
        let problem = ConfigProblem::Alone { other: absent.key };
        let hint = "TLS takes an address, a certificate and its key";
        section.refuse(present, Refusal::new(problem, hint));
        return None;
    }
    let listen = section.value(&TLS_LISTEN, listen_address);
    let certificate_file = section.path(&TLS_CERTIFICATE_FILE);
    let key_file = section.path(&TLS_KEY_FILE);
    Some(Some(Tls {
        listen: listen?,
        certificate_file: certificate_file?,
        key_file: key_file?,
    }))
}

fn networks(value: &DeValue<'_>) -> Result<Vec<AddressRange>, Refusal> {
    let items = value.as_array().ok_or_else(|| {
        let problem = ConfigProblem::WrongType {
            expected: "a list of networks",
            found: value.type_str(),
        };
        Refusal::new(problem, "write for example [\"10.20.0.0/16\"]")
    })?;
    let network = |text: &str| {
        text.parse().map_err(|reason| {
            let found = text.to_owned();
            let problem = ConfigProblem::Network { found, reason };
            Refusal::new(problem, "write for example \"10.20.0.0/16\"")
        })
    };
    let items = items.iter().map(|item| network(text(item.get_ref())?));
    items.collect()
}

fn listen_address(value: &DeValue<'_>) -> Result<SocketAddr, Refusal> {
    let text = text(value)?;
    let hint = "write for example \"127.0.0.1:8440\", or \"[::]:8440\" for every interface";
    text.parse().ok().ok_or_else(|| {
        Refusal::new(
            ConfigProblem::ListenAddress {
                found: text.to_owned(),
            },
            hint,
        )
    })
}

fn public_url(value: &DeValue<'_>) -> Result<String, Refusal> {
    let found = text(value)?;
    read_origin(found).map_err(|reason| {
        let problem = ConfigProblem::Url {
            found: found.to_owned(),
            reason,
        };
        Refusal::new(problem, "write for example \"https://yinxin.example.org\"")
    })
}

/// Scheme, host and port, in lower case and without a slash at the end.
fn read_origin(url: &str) -> Result<String, UrlFault> {
    let uri: Uri = url.parse().ok().ok_or(UrlFault::NotAUrl)?;
    let scheme = uri.scheme_str().ok_or(UrlFault::NotAUrl)?;
    let authority = uri
        .authority()
        .filter(|authority| !authority.host().is_empty());
    let authority = authority.ok_or(UrlFault::NotAUrl)?;
    let more = !matches!(uri.path(), "" | "/")
        || uri.query().is_some()
        || url.contains('#')
        || authority.as_str().contains('@');
    if more {
        return Err(UrlFault::MoreThanOrigin);
    }
    match scheme {
        "https" => {}
        "http" if is_this_machine(authority.host()) => {}
        "http" => return Err(UrlFault::Insecure),
        _ => return Err(UrlFault::Scheme),
    }
    let origin = format!("{scheme}://{}", authority.as_str().to_ascii_lowercase());
    if origin.len() > MAX_ISS_BYTES {
        return Err(UrlFault::TooLong);
    }
    Ok(origin)
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_an_origin() {
        for (url, expected) in [
            (
                "https://Yinxin.Example.ORG/",
                Ok("https://yinxin.example.org"),
            ),
            (
                "https://yinxin.example.org:8443",
                Ok("https://yinxin.example.org:8443"),
            ),
            ("http://127.0.0.1:8440", Ok("http://127.0.0.1:8440")),
            ("http://[::1]:8440", Ok("http://[::1]:8440")),
            ("http://localhost", Ok("http://localhost")),
            ("http://yinxin.example.org", Err(UrlFault::Insecure)),
            ("http://127.0.0.1.example.org", Err(UrlFault::Insecure)),
            ("ftp://yinxin.example.org", Err(UrlFault::Scheme)),
            (
                "https://a-name-that-leaves-no-room-in-a-receipt.yinxin.dongguan.example.org",
                Err(UrlFault::TooLong),
            ),
            (
                "https://yinxin.example.org/app",
                Err(UrlFault::MoreThanOrigin),
            ),
            (
                "https://yinxin.example.org?x",
                Err(UrlFault::MoreThanOrigin),
            ),
            (
                "https://yinxin.example.org/#x",
                Err(UrlFault::MoreThanOrigin),
            ),
            (
                "https://user@yinxin.example.org",
                Err(UrlFault::MoreThanOrigin),
            ),
            ("yinxin.example.org", Err(UrlFault::NotAUrl)),
            ("/yinxin", Err(UrlFault::NotAUrl)),
            ("https://", Err(UrlFault::NotAUrl)),
            ("https://a b", Err(UrlFault::NotAUrl)),
        ] {
            assert_eq!(read_origin(url), expected.map(str::to_owned), "{url}");
        }
    }
}
