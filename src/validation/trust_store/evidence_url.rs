//! Addresses of evidence, and the hosts from which a CA's evidence may be fetched.
//!
//! An address stands in a certificate, which anybody may have made. It is read strictly, into exactly what
//! will be asked for: two readers that disagree about a URL are how a check is passed with one host and
//! the connection made to another.

use std::fmt;
use std::net::Ipv4Addr;

use axum::http::Uri;

/// Longest address that is read, in bytes. Those in use have less than 200.
pub(super) const MAX_URL_BYTES: usize = 1024;

/// How evidence is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UrlScheme {
    /// In the clear; what is fetched is signed.
    Http,
    /// Through TLS.
    Https,
}

impl UrlScheme {
    /// Its name in an address.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port where an address names none.
    #[must_use]
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// An address of evidence, in one form: scheme and host in lower case, no port where it is the scheme's
/// own, a path always. It has no user, no fragment and no characters outside ASCII.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EvidenceUrl {
    scheme: UrlScheme,
    host: String,
    port: u16,
    text: String,
}

/// Why a text is not an [`EvidenceUrl`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceUrlError {
    /// A directory (RFC 4516). Where else the CA publishes is for its `ca.toml` to say.
    #[error("it is an LDAP address, which is not fetched from")]
    LdapNotSupported,
    /// Not a URL with a host (RFC 3986), or one that readers understand differently.
    #[error("it is not a URL with a plain host name or IPv4 address")]
    Malformed,
    /// Neither http nor https.
    #[error("its scheme is neither http nor https")]
    Scheme,
    /// Longer than [`MAX_URL_BYTES`].
    #[error("it has more than {MAX_URL_BYTES} bytes")]
    TooLong,
    /// It names a user or carries a password.
    #[error("it names a user")]
    UserInfo,
}

impl EvidenceUrl {
    /// Reads an address.
    ///
    /// # Errors
    /// [`EvidenceUrlError::LdapNotSupported`] for `ldap:` and `ldaps:`, others for what is refused.
    pub fn parse(text: &str) -> Result<Self, EvidenceUrlError> {
        let scheme = scheme(text)?;
        if text.len() > MAX_URL_BYTES {
            return Err(EvidenceUrlError::TooLong);
        }
        if !text.bytes().all(is_plain) {
            return Err(EvidenceUrlError::Malformed);
        }
        let uri: Uri = text
            .parse()
            .map_err(|_malformed| EvidenceUrlError::Malformed)?;
        let authority = uri.authority().ok_or(EvidenceUrlError::Malformed)?.as_str();
        if authority.contains('@') {
            return Err(EvidenceUrlError::UserInfo);
        }
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        };
        let host = host.to_ascii_lowercase();
        if !is_host(&host) {
            return Err(EvidenceUrlError::Malformed);
        }
        let port = match port {
            Some(port) => parse_port(port).ok_or(EvidenceUrlError::Malformed)?,
            None => scheme.default_port(),
        };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let slash = if path.starts_with('/') { "" } else { "/" };
        let at = if port == scheme.default_port() {
            host.clone()
        } else {
            format!("{host}:{port}")
        };
        Ok(Self {
            scheme,
            text: format!("{}://{at}{slash}{path}", scheme.name()),
            host,
            port,
        })
    }

    /// How it is fetched.
    #[must_use]
    pub const fn scheme(&self) -> UrlScheme {
        self.scheme
    }

    /// The host's name in lower case, or an IPv4 address.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The host, if it is an address already.
    #[must_use]
    pub fn host_address(&self) -> Option<Ipv4Addr> {
        self.host.parse().ok()
    }

    /// The port, named or not.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The whole address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for EvidenceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn scheme(text: &str) -> Result<UrlScheme, EvidenceUrlError> {
    let (scheme, _) = text.split_once(':').ok_or(EvidenceUrlError::Malformed)?;
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    if is("http") {
        Ok(UrlScheme::Http)
    } else if is("https") {
        Ok(UrlScheme::Https)
    } else if is("ldap") || is("ldaps") {
        Err(EvidenceUrlError::LdapNotSupported)
    } else {
        Err(EvidenceUrlError::Scheme)
    }
}

/// What RFC 3986 §2 allows in a URL, without the fragment and the brackets of IPv6.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && !br##""#<>[\]^`{|}"##.contains(&byte)
}

/// A port other than 0, in digits without zeros before them.
fn parse_port(text: &str) -> Option<u16> {
    let first = text.bytes().next()?;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (digits && first != b'0')
        .then(|| text.parse().ok())
        .flatten()
}

/// A host from which evidence may be fetched; without a port, at the ports of http and https alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceHost {
    name: String,
    port: Option<u16>,
}

impl EvidenceHost {
    /// Reads `crl.example.cn`, `10.1.2.3` or either with a port behind a colon. `None`: it is none of these.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (name, port) = match text.split_once(':') {
            Some((name, port)) => (name, Some(parse_port(port)?)),
            None => (text, None),
        };
        is_host(name).then(|| Self {
            name: name.to_owned(),
            port,
        })
    }

    /// Whether the address has this host, at whatever port.
    #[must_use]
    pub fn is_host_of(&self, url: &EvidenceUrl) -> bool {
        self.name == url.host
    }

    /// Whether the address may be fetched because of this host.
    #[must_use]
    pub fn permits(&self, url: &EvidenceUrl) -> bool {
        let port = self.port.unwrap_or_else(|| url.scheme.default_port());
        self.is_host_of(url) && url.port == port
    }
}

impl fmt::Display for EvidenceHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write!(f, "{}:{port}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// A host name of RFC 1123 §2.1 in lower case with at least one dot (punycode, where it is Chinese), or an
/// IPv4 address of four decimal numbers.
///
/// Resolvers take `0x7f.1`, `127.1` and `0177.0.0.1` for addresses as well; such names are refused.
fn is_host(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let Some((_, last)) = text.rsplit_once('.') else {
        return false;
    };
    if last.starts_with(|first: char| first.is_ascii_digit()) {
        // Top-level domains are alphabetic (RFC 1123 §2.1): this can only be an address.
        return text.parse::<Ipv4Addr>().is_ok();
    }
    text.len() <= 253 && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn url(text: &str) -> EvidenceUrl {
        EvidenceUrl::parse(text).unwrap()
    }

    #[test]
    fn an_address_has_one_form() {
        for (text, form, port) in [
            (
                "http://crl.example.cn/a.crl",
                "http://crl.example.cn/a.crl",
                80,
            ),
            (
                "HTTP://CRL.Example.CN:80/A.crl",
                "http://crl.example.cn/A.crl",
                80,
            ),
            ("https://crl.example.cn:443", "https://crl.example.cn/", 443),
            (
                "http://crl.example.cn:443/",
                "http://crl.example.cn:443/",
                443,
            ),
            (
                "http://crl.example.cn?a=%20b",
                "http://crl.example.cn/?a=%20b",
                80,
            ),
            (
                "https://10.1.2.3:8443/x?y=z&w",
                "https://10.1.2.3:8443/x?y=z&w",
                8443,
            ),
        ] {
            let read = url(text);
            assert_eq!((read.as_str(), read.port()), (form, port), "{text}");
            assert_eq!(url(form), read, "{text}");
        }
        assert_eq!(
            url("http://10.1.2.3/").host_address(),
            Some(Ipv4Addr::new(10, 1, 2, 3))
        );
        assert_eq!(url("http://a.b/").host_address(), None);
    }

    #[test]
    fn what_readers_understand_differently_is_refused() {
        use EvidenceUrlError::*;
        for (text, why) in [
            ("", Malformed),
            ("crl.example.cn/a.crl", Malformed),
            ("http:crl.example.cn", Malformed),
            ("http:/crl.example.cn/", Malformed),
            ("http://", Malformed),
            ("http:///a.crl", Malformed),
            ("http://localhost/", Malformed),
            ("http://crl.example.cn./", Malformed),
            ("http://crl_1.example.cn/", Malformed),
            ("http://crl.example.cn:/", Malformed),
            ("http://crl.example.cn:0/", Malformed),
            ("http://crl.example.cn:080/", Malformed),
            ("http://crl.example.cn:65536/", Malformed),
            ("http://crl.example.cn:80:80/", Malformed),
            ("http://crl.example.cn:+80/", Malformed),
            ("http://crl.example.cn/a b", Malformed),
            ("http://crl.example.cn/\n", Malformed),
            ("http://crl.example.cn/\0", Malformed),
            ("http://crl.example.cn\\@evil.example/", Malformed),
            ("http://crl.example.cn#@evil.example/", Malformed),
            ("http://crl.example.cn/#a", Malformed),
            ("http://crl%2eexample.cn/", Malformed),
            ("http://中国.cn/", Malformed),
            ("http://crl。example.cn/", Malformed),
            ("http://[::1]/", Malformed),
            ("http://[::ffff:127.0.0.1]/", Malformed),
            ("http://2130706433/", Malformed),
            ("http://0x7f000001/", Malformed),
            ("http://017700000001/", Malformed),
            ("http://127.1/", Malformed),
            ("http://127.0.0.01/", Malformed),
            ("http://0177.0.0.1/", Malformed),
            ("http://0x7f.0.0.1/", Malformed),
            ("http://127.0.0.0x1/", Malformed),
            ("http://127.0.0.1.2/", Malformed),
            ("http://crl.example.cn@127.0.0.1/", UserInfo),
            ("http://user:password@crl.example.cn/", UserInfo),
            ("http://@crl.example.cn/", UserInfo),
            ("ftp://crl.example.cn/", Scheme),
            ("file:///etc/passwd", Scheme),
            ("gopher://crl.example.cn/", Scheme),
            ("unix:/run/socket", Scheme),
            (" http://crl.example.cn/", Scheme),
            ("ldap://ldap.example.cn/cn=x?crl", LdapNotSupported),
            (
                "LDAPS:///cn=a b,c=CN?certificateRevocationList",
                LdapNotSupported,
            ),
        ] {
            assert_eq!(EvidenceUrl::parse(text), Err(why), "{text:?}");
        }
        let long = format!("http://crl.example.cn/{}", "a".repeat(MAX_URL_BYTES));
        assert_eq!(EvidenceUrl::parse(&long), Err(TooLong));
    }

    #[test]
    fn a_host_permits_its_own_ports_alone() {
        let host = |text: &str| EvidenceHost::parse(text).unwrap();
        for (entry, text, permitted) in [
            ("crl.example.cn", "http://crl.example.cn/x", true),
            ("crl.example.cn", "https://crl.example.cn/x", true),
            ("crl.example.cn", "http://crl.example.cn:8080/x", false),
            ("crl.example.cn", "http://crl.example.cn:443/x", false),
            ("crl.example.cn", "https://crl.example.cn:80/x", false),
            ("crl.example.cn", "http://a.crl.example.cn/x", false),
            ("crl.example.cn", "http://example.cn/x", false),
            (
                "crl.example.cn",
                "http://crl.example.cn.evil.example/x",
                false,
            ),
            ("crl.example.cn:8080", "http://crl.example.cn:8080/x", true),
            ("crl.example.cn:8080", "https://crl.example.cn:8080/x", true),
            ("crl.example.cn:8080", "http://crl.example.cn/x", false),
            ("10.1.2.3", "http://10.1.2.3/x", true),
        ] {
            assert_eq!(host(entry).permits(&url(text)), permitted, "{entry} {text}");
        }
        assert!(host("a.b").is_host_of(&url("http://a.b:1/")));
    }

    #[test]
    fn hosts_are_bare() {
        for good in [
            "crl.example.cn",
            "xn--fiqs8s.cn",
            "a.b",
            "a.b:8080",
            "10.0.0.1",
            "1.a",
        ] {
            assert_eq!(EvidenceHost::parse(good).unwrap().to_string(), good);
        }
        for bad in [
            "",
            "cn",
            "a..b",
            "A.cn",
            "-a.cn",
            "a.cn:",
            "a.cn:0",
            "a.cn:080",
            "a.cn:http",
            "a.cn/",
            "中国.cn",
            "127.1",
            "0x7f.0.0.1",
            "256.0.0.1",
            "a.1",
            "[::1]",
            "::1",
        ] {
            assert_eq!(EvidenceHost::parse(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_read_again_as_the_same(
            text in "(http|HTTPS)://[a-z0-9.:@-]{1,20}(/[!-~]{0,20})?",
        ) {
            if let Ok(read) = EvidenceUrl::parse(&text) {
                prop_assert_eq!(EvidenceUrl::parse(read.as_str()), Ok(read.clone()));
                let uri: Uri = read.as_str().parse().unwrap();
                prop_assert_eq!(uri.host(), Some(read.host()));
                prop_assert_eq!(uri.port_u16().unwrap_or_else(|| read.scheme().default_port()), read.port());
            }
        }
    }
}
