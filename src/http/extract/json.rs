//! Reads a JSON body strictly: no duplicate members, bounded depth, no unknown members, and an error that
//! names the member and what is wrong with it.

use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::header;
use serde::de::DeserializeOwned;

use crate::crypto::digest::Sha256;
use crate::crypto::digest::sha256;
use crate::encoding::json;
use crate::encoding::json::JsonError;
use crate::encoding::json::JsonLimits;
use crate::http::extract::body::read_body;
use crate::http::extract::body::too_large;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;

/// The media type of JSON.
pub(in crate::http) const APPLICATION_JSON: &str = "application/json";

/// A body that was JSON of the right shape.
#[derive(Debug)]
pub(in crate::http) struct StrictJson<T> {
    /// What it says.
    pub(in crate::http) value: T,
    /// The digest of its bytes as they came.
    pub(in crate::http) sha256: Sha256,
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for StrictJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let media_type = media_type(request.headers());
        if media_type.as_deref() != Some(APPLICATION_JSON) {
            return Err(unsupported_media_type(&[APPLICATION_JSON]));
        }
        let (_, bytes) = read_body(request).await?;
        let value = read_json(&bytes, bytes.len())?;
        Ok(Self {
            value,
            sha256: sha256(&bytes),
        })
    }
}

/// The media type of a body in lower case, without its parameters; none where none was named.
pub(in crate::http) fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().unwrap_or("?");
    let essence = value.split(';').next().unwrap_or(value);
    Some(essence.trim().to_ascii_lowercase())
}

/// The problem of a content type that is not taken; `expected` lists those that are.
pub(in crate::http) fn unsupported_media_type(expected: &[&str]) -> Problem {
    let listed = expected.join(", ");
    Problem::new(ProblemType::UnsupportedMediaType)
        .with("expected", expected.to_vec())
        .detail(
            format!("支持的内容类型：{listed}"),
            format!("expected {listed}"),
        )
}

/// Reads JSON of at most `max_bytes` into a type that denies unknown members.
///
/// # Errors
/// [`ProblemType::MalformedJson`] for what is no JSON or not strict, [`ProblemType::InvalidBody`] for JSON
/// of another shape.
pub(in crate::http) fn read_json<T: DeserializeOwned>(
    bytes: &Bytes,
    max_bytes: usize,
) -> Result<T, Problem> {
    let limits = JsonLimits {
        max_bytes,
        ..JsonLimits::DEFAULT
    };
    json::parse(bytes, limits).map_err(|error| {
        if let JsonError::TooLong { max_bytes } = error {
            return too_large(max_bytes);
        }
        Problem::new(ProblemType::MalformedJson).explained(with_sources(&error))
    })?;
    // Read a second time for the type, because this reader says at which member it stopped.
    let read = axum::Json::<T>::from_bytes(bytes);
    read.map(|axum::Json(value)| value)
        .map_err(|rejection| invalid(ProblemType::InvalidBody, "member", &rejection))
}

/// A problem from a rejection that says where it stopped: `path: what`, after a general sentence.
pub(in crate::http) fn invalid(
    kind: ProblemType,
    place: &'static str,
    rejection: &dyn std::error::Error,
) -> Problem {
    let text = rejection
        .source()
        .map_or_else(|| rejection.to_string(), ToString::to_string);
    let problem = Problem::new(kind).explained(&text);
    let path = text.split_once(": ").map(|(path, _)| path);
    let path = path.filter(|path| !path.contains(' ') && !path.is_empty());
    match path.or_else(|| named(&text)) {
        Some(path) => problem.with(place, path),
        None => problem,
    }
}

/// The member that is missing or one too many at the top, where there is no path to it.
fn named(text: &str) -> Option<&str> {
    let rest = ["missing field `", "unknown field `"]
        .iter()
        .find_map(|start| text.strip_prefix(start))?;
    rest.split_once('`').map(|(name, _)| name)
}

fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Order {
        #[expect(dead_code, reason = "only read")]
        uscc: String,
        #[serde(default)]
        inner: Option<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        #[expect(dead_code, reason = "only read")]
        count: u32,
    }

    async fn read(content_type: Option<&str>, body: &str) -> Result<Order, Problem> {
        let mut request = Request::post("/");
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        StrictJson::<Order>::from_request(request, &())
            .await
            .map(|json| json.value)
    }

    async fn refused(body: &str) -> (ProblemType, String, Option<String>) {
        let problem = read(Some("application/json"), body).await.unwrap_err();
        let json = problem.to_json("", crate::http::language::Language::En, None);
        let member = json
            .get("member")
            .and_then(|member| member.as_str())
            .map(str::to_owned);
        (
            problem.kind(),
            json["detail"].as_str().unwrap_or_default().to_owned(),
            member,
        )
    }

    #[tokio::test]
    async fn json_of_the_right_shape_is_read() {
        assert!(
            read(Some("Application/JSON; charset=utf-8"), r#"{"uscc":"1"}"#)
                .await
                .is_ok()
        );
        let order = read(
            Some("application/json"),
            r#"{"uscc":"1","inner":{"count":3}}"#,
        )
        .await
        .unwrap();
        assert!(order.inner.is_some());
    }

    #[tokio::test]
    async fn what_is_wrong_is_named_with_its_place() {
        let (kind, detail, member) = refused(r#"{"uscc":"1","inner":{"count":"x"}}"#).await;
        assert_eq!(kind, ProblemType::InvalidBody);
        assert_eq!(member.as_deref(), Some("inner.count"));
        assert!(detail.contains("expected u32"), "{detail}");

        let (kind, detail, member) = refused(r#"{"uscc":"1","unknown":1}"#).await;
        assert_eq!(member.as_deref(), Some("unknown"));
        assert_eq!(kind, ProblemType::InvalidBody);
        assert!(detail.contains("unknown field `unknown`"), "{detail}");

        let (kind, detail, _) = refused("{}").await;
        assert_eq!(kind, ProblemType::InvalidBody);
        assert!(detail.contains("missing field `uscc`"), "{detail}");
    }

    #[tokio::test]
    async fn json_that_two_readers_could_understand_differently_is_refused() {
        for body in [
            r#"{"uscc":"1","uscc":"2"}"#,
            "{\"uscc\":\"1\"} x",
            "",
            "{",
            "\u{feff}{}",
            r#"{"uscc":"\ud800"}"#,
        ] {
            let (kind, detail, _) = refused(body).await;
            assert_eq!(kind, ProblemType::MalformedJson, "{body}");
            assert!(!detail.is_empty());
        }
        let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
        assert_eq!(refused(&deep).await.0, ProblemType::MalformedJson);
        let (_, detail, _) = refused(r#"{"uscc":"1","uscc":"2"}"#).await;
        assert!(detail.contains("uscc"), "{detail}");
    }

    #[tokio::test]
    async fn other_content_types_are_refused_with_the_one_that_is_taken() {
        for content_type in [
            None,
            Some("text/plain"),
            Some("application/jsonx"),
            Some(""),
        ] {
            let problem = read(content_type, r#"{"uscc":"1"}"#).await.unwrap_err();
            assert_eq!(problem.kind(), ProblemType::UnsupportedMediaType);
            assert_eq!(
                problem.member("expected"),
                Some(&serde_json::json!(["application/json"]))
            );
        }
    }
}
