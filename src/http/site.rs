//! What every page and problem says about where it comes from.

use std::sync::Arc;

/// The service as its readers know it; cheap to clone.
#[derive(Debug, Clone)]
pub(in crate::http) struct Site {
    /// The address under which everybody reaches it, without a trailing slash.
    pub(in crate::http) public_url: Arc<str>,
    /// Whether every page says that nothing shown is real.
    pub(in crate::http) demo: bool,
}

impl Site {
    /// A site at that address.
    #[must_use]
    pub(in crate::http) fn new(public_url: &str, demo: bool) -> Self {
        Self {
            public_url: public_url.into(),
            demo,
        }
    }

    /// Host and port, as they stand in a browser's address bar.
    #[must_use]
    pub(in crate::http) fn host(&self) -> &str {
        match self.public_url.split_once("://") {
            Some((_, host)) => host,
            None => &self.public_url,
        }
    }

    /// Whether it is reached over TLS, so that browsers may be told never to do otherwise.
    #[must_use]
    pub(in crate::http) fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_what_the_address_bar_shows() {
        assert_eq!(
            Site::new("https://yinxin.dg.example", false).host(),
            "yinxin.dg.example"
        );
        assert_eq!(
            Site::new("http://127.0.0.1:8440", true).host(),
            "127.0.0.1:8440"
        );
    }

    #[test]
    fn https_is_told_from_http() {
        assert!(Site::new("https://a.example", false).is_https());
        assert!(!Site::new("http://localhost", false).is_https());
    }
}
