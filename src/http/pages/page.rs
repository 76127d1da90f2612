//! What every page has: a language, a way to the other one, and where it comes from.

use std::sync::LazyLock;

use askama::Template;
use axum::extract::FromRef;
use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::Uri;
use axum::http::header;
use axum::http::request::Parts;
use axum::response::Html;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::crypto::digest::sha256;
use crate::http::language::Language;
use crate::http::pages::static_files::PAGE_CSS;
use crate::http::pages::static_files::PAGE_JS;
use crate::http::problem::Problem;
use crate::http::site::Site;

/// The frame of a page.
#[derive(Debug, Clone)]
pub(in crate::http) struct Page {
    /// In which language it is written.
    pub(in crate::http) language: Language,
    /// Where it comes from.
    pub(in crate::http) site: Site,
    /// The same page in the other language; none where it answers what was posted.
    pub(in crate::http) switch: Option<String>,
}

impl Page {
    /// The frame of the page that answers a request.
    pub(in crate::http) fn new(site: Site, language: Language, method: &Method, uri: &Uri) -> Self {
        let has_address = *method == Method::GET || *method == Method::HEAD;
        Self {
            language,
            site,
            switch: has_address.then(|| switch(language.other(), uri.query())),
        }
    }

    /// The same frame around an answer to what was posted.
    pub(in crate::http) fn without_switch(self) -> Self {
        Self {
            switch: None,
            ..self
        }
    }

    /// The service's name.
    pub(in crate::http) fn site_name(&self) -> &'static str {
        self.language
            .of("企业登记与凭证查验", "Company registration check")
    }

    /// The style sheet; its address changes with its content, so that it may be kept for ever.
    pub(in crate::http) fn style_href(&self) -> &'static str {
        static HREF: LazyLock<String> = LazyLock::new(|| versioned("/static/page.css", PAGE_CSS));
        &HREF
    }

    /// The script; its address changes with its content.
    pub(in crate::http) fn script_href(&self) -> &'static str {
        static HREF: LazyLock<String> = LazyLock::new(|| versioned("/static/page.js", PAGE_JS));
        &HREF
    }

    /// The answer that carries a page rendered in this frame.
    pub(in crate::http) fn respond(
        language: Language,
        template: &impl Template,
    ) -> Result<Response, Problem> {
        let html = template
            .render()
            .map_err(|error| Problem::internal(&error))?;
        let headers = [
            (
                header::CONTENT_LANGUAGE,
                HeaderValue::from_static(language.tag()),
            ),
            (header::VARY, HeaderValue::from_static("Accept-Language")),
        ];
        Ok((headers, Html(html)).into_response())
    }
}

fn versioned(path: &str, content: &str) -> String {
    let digest = sha256(content.as_bytes()).to_string();
    format!("{path}?v={}", digest.get(..12).unwrap_or(&digest))
}

/// A reference to the same path with the same query but for the language. Relative on purpose: a path that
/// begins with two slashes, repeated here, would lead to another host.
fn switch(language: Language, query: Option<&str>) -> String {
    let mut href = String::from("?");
    for pair in query.unwrap_or_default().split('&') {
        if !pair.is_empty() && !pair.starts_with("lang=") {
            href.push_str(pair);
            href.push('&');
        }
    }
    href.push_str("lang=");
    href.push_str(language.code());
    href
}

impl<S> FromRequestParts<S> for Page
where
    S: Send + Sync,
    Site: FromRef<S>,
{
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let language = Language::negotiate(parts.uri.query(), &parts.headers);
        let site = Site::from_ref(state);
        Ok(Self::new(site, language, &parts.method, &parts.uri))
    }
}

impl Page {
    /// The frame of samples.
    pub(in crate::http) fn sample(language: Language) -> Self {
        let site = Site::new("https://yinxin.dg.example", false);
        Self::new(
            site,
            language,
            &Method::GET,
            &Uri::from_static("/company?uscc=91441900MA5ABCDE7X"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_keeps_the_query_and_names_no_path() {
        assert_eq!(switch(Language::En, None), "?lang=en");
        assert_eq!(switch(Language::Zh, Some("lang=en")), "?lang=zh");
        assert_eq!(
            switch(Language::En, Some("uscc=91%2044&lang=zh&x=1")),
            "?uscc=91%2044&x=1&lang=en"
        );
    }

    #[test]
    fn what_was_posted_has_no_address_to_switch_at() {
        let frame = |method| {
            Page::new(
                Site::new("", false),
                Language::Zh,
                &method,
                &Uri::from_static("/check"),
            )
        };
        assert_eq!(frame(Method::POST).switch, None);
        assert_eq!(frame(Method::GET).switch.as_deref(), Some("?lang=en"));
    }

    #[test]
    fn assets_have_addresses_that_change_with_their_content() {
        let page = Page::sample(Language::Zh);
        assert!(page.style_href().starts_with("/static/page.css?v="));
        assert_ne!(versioned("/a", "one"), versioned("/a", "two"));
    }
}
