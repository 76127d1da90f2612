//! Writes problems for their readers: in their language, with the request's identifier, as JSON, or as a
//! page for who asks for one.

use std::any::Any;

use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::Method;
use axum::http::Uri;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use tracing::error;
use tracing::info;

use crate::http::language::Language;
use crate::http::language::weight;
use crate::http::metrics::Metrics;
use crate::http::middleware::RequestId;
use crate::http::pages::page::Page;
use crate::http::pages::problem::problem_page;
use crate::http::problem::PROBLEM_JSON;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::http::site::Site;
use crate::http::streamed::APPLICATION_NDJSON;

/// Who reads the answer.
pub(in crate::http::middleware) struct Reader {
    language: Language,
    method: Method,
    uri: Uri,
    wants_page: bool,
    /// A browser, which may ask its user for a password.
    may_ask: bool,
    request_id: Option<RequestId>,
}

impl Reader {
    /// Whoever sent the request.
    pub(in crate::http::middleware) fn of(request: &Request) -> Self {
        Self {
            language: Language::negotiate(request.uri().query(), request.headers()),
            method: request.method().clone(),
            uri: request.uri().clone(),
            wants_page: wants_page(request.headers()),
            may_ask: *request.method() == Method::GET && prefers_page(request.headers()),
            request_id: request.extensions().get::<RequestId>().cloned(),
        }
    }

    /// Rewrites the body of an answer that carries a [`Problem`]; status and headers stay.
    pub(in crate::http::middleware) fn render(
        &self,
        site: &Site,
        metrics: &Metrics,
        response: Response,
    ) -> Response {
        let Some(problem) = response.extensions().get::<Problem>().cloned() else {
            return response;
        };
        let kind = problem.kind();
        metrics.problem(kind);
        info!(
            problem.r#type = kind.entry().name,
            "answered with problem `{}`",
            kind.entry().name
        );
        self.answer(site, &problem, response)
    }

    fn answer(&self, site: &Site, problem: &Problem, answered: Response) -> Response {
        let instance = self.request_id.as_ref().map(RequestId::urn);
        let instance = instance.as_deref();
        let page = Page::new(site.clone(), self.language, &self.method, &self.uri);
        let page = self
            .wants_page
            .then(|| problem_page(page, problem, instance))
            .flatten();
        let (media_type, body) = match page {
            Some(page) => ("text/html; charset=utf-8", page),
            None => (
                PROBLEM_JSON,
                problem
                    .to_json(&site.public_url, self.language, instance)
                    .to_string(),
            ),
        };
        let (mut parts, _) = answered.into_parts();
        parts.headers.remove(header::CONTENT_LENGTH);
        for (name, value) in [
            (header::CONTENT_TYPE, media_type),
            (header::CONTENT_LANGUAGE, self.language.tag()),
            (header::VARY, "Accept, Accept-Language"),
        ] {
            parts.headers.insert(name, HeaderValue::from_static(value));
        }
        if self.may_ask && parts.headers.contains_key(header::WWW_AUTHENTICATE) {
            let challenge = HeaderValue::from_static(BASIC);
            parts.headers.append(header::WWW_AUTHENTICATE, challenge);
        }
        Response::from_parts(parts, Body::from(body))
    }
}

/// What lets a browser ask for a key (RFC 7617 §2), for pages of callers; see `extract::caller`.
const BASIC: &str = "Basic realm=\"API key as password\", charset=\"UTF-8\"";

const HTML: &[&str] = &["text/html", "application/xhtml+xml"];
const JSON: &[&str] = &["application/json"];

/// Whether `Accept` names HTML; `*/*`, which programs send, does not.
pub(in crate::http) fn wants_page(headers: &HeaderMap) -> bool {
    accepted(headers, HTML) > 0
}

/// Whether `Accept` names HTML and does not like JSON as much: for what is answered in both.
pub(in crate::http) fn prefers_page(headers: &HeaderMap) -> bool {
    accepted(headers, HTML) > accepted(headers, JSON)
}

/// Whether `Accept` names NDJSON and does not like JSON as much.
pub(in crate::http) fn prefers_lines(headers: &HeaderMap) -> bool {
    accepted(headers, &[APPLICATION_NDJSON]) > accepted(headers, JSON)
}

/// How much one of these media types is liked, in thousandths; by its name, not by a range.
fn accepted(headers: &HeaderMap, media_types: &[&str]) -> u16 {
    let lines = headers.get_all(header::ACCEPT).iter();
    let ranges = lines.flat_map(|line| line.to_str().unwrap_or_default().split(','));
    let weights = ranges.filter_map(|range| {
        let (media_type, parameters) = range.split_once(';').unwrap_or((range, ""));
        let mut known = media_types.iter();
        let is_meant = known.any(|known| known.eq_ignore_ascii_case(media_type.trim()));
        is_meant.then(|| weight(parameters))
    });
    weights.max().unwrap_or(0)
}

/// A panic is a bug; the caller gets its reference, the log what the code said.
pub(in crate::http) fn panic_to_problem(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&'static str>().copied())
        .unwrap_or("nothing");
    error!("a request made the code panic: {said}");
    Problem::new(ProblemType::InternalError).into_response()
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::to_bytes;
    use axum::http::StatusCode;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use serde_json::Value;
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;
    use crate::http::middleware::Surroundings;
    use crate::http::middleware::surround;

    fn router(metrics: &Metrics) -> Router {
        async fn missing() -> Problem {
            Problem::new(ProblemType::UnknownCompany).detail("细节", "particulars")
        }
        async fn panicking() {
            panic!("secret");
        }
        let surroundings = Surroundings::fixture(metrics.clone());
        Router::new()
            .route("/missing", get(missing))
            .route("/panicking", get(panicking))
            .layer(CatchPanicLayer::custom(panic_to_problem))
            .layer(from_fn_with_state(surroundings, surround))
    }

    async fn ask(path: &str, accept: &'static str) -> (Response<()>, String) {
        let request = Request::get(path)
            .header(header::ACCEPT, accept)
            .body(Body::empty())
            .unwrap();
        let response = router(&Metrics::new()).oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        (
            Response::from_parts(parts, ()),
            String::from_utf8(body.to_vec()).unwrap(),
        )
    }

    #[tokio::test]
    async fn a_program_gets_json_in_its_language() {
        let (response, body) = ask("/missing?lang=en", "*/*").await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(response.headers()[header::CONTENT_TYPE], PROBLEM_JSON);
        assert_eq!(response.headers()[header::CONTENT_LANGUAGE], "en");
        let json: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            json["type"],
            "https://city.example/problems/unknown-company"
        );
        assert_eq!(json["detail"], "particulars");
    }

    #[tokio::test]
    async fn a_browser_gets_a_page_that_says_the_same() {
        let (response, body) = ask("/missing", "text/html,application/xml;q=0.9,*/*;q=0.8").await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND);
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/html; charset=utf-8"
        );
        assert!(
            body.contains("本地未登记该代码的企业") && body.contains("细节"),
            "{body}"
        );
    }

    #[tokio::test]
    async fn a_panic_is_an_internal_problem_that_tells_nothing() {
        let (response, body) = ask("/panicking", "*/*").await;
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(
            body.contains("INTERNAL_ERROR") && !body.contains("secret"),
            "{body}"
        );
    }

    #[tokio::test]
    async fn problems_are_counted_by_type() {
        let metrics = Metrics::new();
        let request = Request::get("/missing").body(Body::empty()).unwrap();
        router(&metrics).oneshot(request).await.unwrap();
        assert!(
            metrics
                .render()
                .contains(r#"problems_total{type="unknown-company"} 1"#)
        );
    }

    #[test]
    fn only_who_names_html_wants_a_page() {
        let accepting = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(value));
            wants_page(&headers)
        };
        assert!(accepting("text/html") && accepting("application/json, Text/HTML;q=0.1"));
        assert!(
            !accepting("*/*")
                && !accepting("text/*")
                && !accepting("text/html;q=0")
                && !accepting("")
        );
        assert!(!wants_page(&HeaderMap::new()));
        let preferring = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, value.parse().unwrap());
            prefers_page(&headers)
        };
        assert!(preferring("text/html") && preferring("application/json;q=0.9, text/html"));
        assert!(!preferring("application/json, text/html"));
        assert!(!preferring("application/json, Text/HTML;q=0.1") && !preferring("*/*"));
    }
}
