//! `[server]`: where the service listens and how much of a request it takes.

use std::net::IpAddr;
use std::net::SocketAddr;
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

/// `[server]`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Address and port to listen at.
    pub listen: SocketAddr,
    /// Scheme, host and port under which everybody reaches the service; lower case, no trailing slash.
    pub public_url: String,
    /// The largest request body.
    pub max_body_bytes: usize,
    /// How long one request may take.
    pub request_timeout: Duration,
    /// How long requests in flight may take to end once the service is told to stop.
    pub shutdown_timeout: Duration,
}

const LISTEN: Field = Field {
    key: "listen",
    doc: "Where the service listens. It speaks plain HTTP; put a TLS proxy in front of anything but this \
          machine itself.",
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
        let max_body_bytes = section.number(&MAX_BODY_BYTES, BODY_LIMITS);
        let request_timeout = section.number(&REQUEST_TIMEOUT_SECONDS, TIMEOUT_LIMITS);
        let shutdown_timeout = section.number(&SHUTDOWN_TIMEOUT_SECONDS, TIMEOUT_LIMITS);
        Some(Self {
            listen: listen?,
            public_url: public_url?,
            max_body_bytes: usize::try_from(max_body_bytes?).ok()?,
            request_timeout: Duration::from_secs(request_timeout?),
            shutdown_timeout: Duration::from_secs(shutdown_timeout?),
        })
    }
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
