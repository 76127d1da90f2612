//! Problems: why a request was not answered (RFC 9457).
//!
//! [`table`] is the one list of kinds, `map` turns every error of the layers below into one of them, and
//! [`crate::http::middleware::surround`] writes it as JSON or as a page, in the reader's language
//! and with the request's identifier. A verdict is never a problem: a forged document answers 200.

mod map;
pub mod table;

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use axum::Json;
use axum::http::HeaderValue;
use axum::http::StatusCode;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::Map;
use serde_json::Value;
use tracing::error;

use crate::http::language::Language;
use crate::http::problem::table::ProblemType;

/// The media type of problems (RFC 9457 §6.1).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Why a request was not answered, without anything the caller must not see.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    kind: ProblemType,
    detail: Option<Detail>,
    members: BTreeMap<&'static str, Value>,
    retry_after: Option<Duration>,
}

/// What in particular is the matter, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Detail {
    en: String,
    zh: String,
}

impl Problem {
    /// A problem of that kind, without particulars.
    #[must_use]
    pub fn new(kind: ProblemType) -> Self {
        Self {
            kind,
            detail: None,
            members: BTreeMap::new(),
            retry_after: usual_retry(kind),
        }
    }

    /// A fault of ours. The cause and its sources go to the log, under the request's identifier; the
    /// caller gets the identifier alone.
    #[must_use]
    pub fn internal(cause: &dyn Error) -> Self {
        Self::logged(ProblemType::InternalError, cause)
    }

    /// A problem that the operator must act upon: logged with its causes, which the caller does not see.
    #[must_use]
    pub fn logged(kind: ProblemType, cause: &dyn Error) -> Self {
        let entry = kind.entry();
        error!(problem.r#type = entry.name, cause = %Causes(cause), "{}: {}", entry.title, Causes(cause));
        Self::new(kind)
    }

    /// Adds what in particular is the matter.
    #[must_use]
    pub fn detail(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        self.detail = Some(Detail {
            en: en.into(),
            zh: zh.into(),
        });
        self
    }

    /// Adds what in particular is the matter, for programmers, who read it in English.
    #[must_use]
    pub fn explained(self, en: impl Into<String>) -> Self {
        let en = en.into();
        self.detail(en.clone(), en)
    }

    /// Adds an extension member (RFC 9457 §3.2); `name` is camelCase.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.members.insert(name, value.into());
        self
    }

    /// Says after what time it is worth trying again.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.retry_after = Some(wait);
        self
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> ProblemType {
        self.kind
    }

    /// The status it is answered with.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.kind.entry().status
    }

    /// What is the matter.
    #[must_use]
    pub fn title(&self, language: Language) -> &'static str {
        let entry = self.kind.entry();
        language.of(entry.title_zh, entry.title)
    }

    /// What the caller does next.
    #[must_use]
    pub fn action(&self, language: Language) -> &'static str {
        let entry = self.kind.entry();
        language.of(entry.action_zh, entry.action)
    }

    /// What in particular is the matter, if more can be said than the title.
    #[must_use]
    pub fn detail_in(&self, language: Language) -> Option<&str> {
        let detail = self.detail.as_ref()?;
        Some(language.of(&detail.zh, &detail.en))
    }

    /// An extension member.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// Its JSON form; `instance` is the request's identifier.
    #[must_use]
    pub fn to_json(&self, public_url: &str, language: Language, instance: Option<&str>) -> Value {
        let entry = self.kind.entry();
        let mut json = Map::new();
        json.insert(
            "type".to_owned(),
            format!("{public_url}/problems/{}", entry.name).into(),
        );
        json.insert("code".to_owned(), entry.code.into());
        json.insert("title".to_owned(), self.title(language).into());
        json.insert("status".to_owned(), entry.status.as_u16().into());
        if let Some(detail) = self.detail_in(language) {
            json.insert("detail".to_owned(), detail.into());
        }
        json.insert("action".to_owned(), self.action(language).into());
        if let Some(instance) = instance {
            json.insert("instance".to_owned(), instance.into());
        }
        for (name, value) in &self.members {
            json.insert((*name).to_owned(), value.clone());
        }
        Value::Object(json)
    }

    /// Sets the headers that belong to it.
    fn set_headers(&self, response: &mut Response) {
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = self.challenge() {
            headers.insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(wait) = self.retry_after {
            // Whole seconds, rounded up: trying earlier is in vain (RFC 9110 §10.2.3).
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }

    /// What goes into `WWW-Authenticate` (RFC 6750 §3).
    fn challenge(&self) -> Option<HeaderValue> {
        let row = CHALLENGES.iter().find(|(kind, _)| *kind == self.kind)?;
        Some(HeaderValue::from_static(row.1))
    }
}

/// The challenges of RFC 6750 §3: without a key none is given a reason (§3.1).
const CHALLENGES: [(ProblemType, &str); 6] = [
    (ProblemType::ApiKeyMissing, r#"Bearer realm="yinxin""#),
    (
        ProblemType::ApiKeyInvalid,
        r#"Bearer realm="yinxin", error="invalid_token""#,
    ),
    (
        ProblemType::ClientCertificateInvalid,
        r#"Bearer realm="yinxin""#,
    ),
    (
        ProblemType::ScopeMissing,
        r#"Bearer realm="yinxin", error="insufficient_scope""#,
    ),
    (
        ProblemType::SessionInvalid,
        r#"Bearer realm="yinxin", error="invalid_token""#,
    ),
    (ProblemType::SessionMissing, r#"Bearer realm="yinxin""#),
];

/// After how many seconds it is worth trying again, where the caller did nothing wrong.
const USUAL_RETRY: [(ProblemType, u64); 7] = [
    (ProblemType::Busy, 1),
    (ProblemType::ClockBehind, 60),
    (ProblemType::DatabaseUnavailable, 5),
    (ProblemType::IdempotencyInFlight, 1),
    (ProblemType::NotReady, 5),
    (ProblemType::Overloaded, 2),
    (ProblemType::TimedOut, 5),
];

fn usual_retry(kind: ProblemType) -> Option<Duration> {
    let (_, seconds) = USUAL_RETRY.iter().find(|(known, _)| *known == kind)?;
    Some(Duration::from_secs(*seconds))
}

impl IntoResponse for Problem {
    /// English JSON; the middleware writes it anew for the reader, from the problem it finds beside it.
    fn into_response(self) -> Response {
        let mut response =
            (self.status(), Json(self.to_json("", Language::En, None))).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        self.set_headers(&mut response);
        response.extensions_mut().insert(self);
        response
    }
}

/// An error with all its sources, on one line.
pub(in crate::http) struct Causes<'a>(pub(in crate::http) &'a dyn Error);

impl std::fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(cause) = next {
            write!(f, ": {cause}")?;
            next = cause.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_json_form_has_the_members_of_rfc_9457_and_our_own() {
        let problem = Problem::new(ProblemType::InvalidUscc)
            .detail("第 18 位应为 X", "character 18 should be X")
            .with("position", 18);
        let json = problem.to_json("https://city.example", Language::Zh, Some("urn:uuid:0"));
        assert_eq!(json["type"], "https://city.example/problems/invalid-uscc");
        assert_eq!(json["code"], "INVALID_USCC");
        assert_eq!(json["status"], 400);
        assert_eq!(json["title"], "统一社会信用代码有误");
        assert_eq!(json["detail"], "第 18 位应为 X");
        assert_eq!(json["instance"], "urn:uuid:0");
        assert_eq!(json["position"], 18);
    }

    #[test]
    fn an_internal_problem_does_not_carry_its_cause() {
        let cause = std::io::Error::other("password=hunter2");
        let problem = Problem::internal(&cause);
        let shown = format!("{problem:?} {}", problem.to_json("", Language::En, None));
        assert!(!shown.contains("hunter2"));
    }

    #[test]
    fn who_shows_no_key_is_asked_for_one() {
        let response = Problem::new(ProblemType::ApiKeyMissing).into_response();
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(
            response.headers()[header::WWW_AUTHENTICATE],
            r#"Bearer realm="yinxin""#
        );
        assert_eq!(response.headers()[header::CONTENT_TYPE], PROBLEM_JSON);
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    }

    #[test]
    fn the_time_to_wait_is_rounded_up() {
        let problem =
            Problem::new(ProblemType::RateLimited).retry_after(Duration::from_millis(1200));
        assert_eq!(problem.into_response().headers()[header::RETRY_AFTER], "2");
        let problem = Problem::new(ProblemType::NotFound);
        assert!(
            !problem
                .into_response()
                .headers()
                .contains_key(header::RETRY_AFTER)
        );
    }

    #[test]
    fn causes_are_written_on_one_line() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] std::io::Error);
        let error = Outer(std::io::Error::other("inner"));
        assert_eq!(Causes(&error).to_string(), "outer: inner");
    }
}
