//! Request headers with a meaning of their own.

use axum::extract::FromRequestParts;
use axum::http::HeaderName;
use axum::http::header;
use axum::http::request::Parts;

use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The longest idempotency key; a UUID has 36 characters.
const MAX_IDEMPOTENCY_KEY_BYTES: usize = 128;

/// The key under which a request may be repeated without being carried out twice; absent if the caller
/// sent none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::http) struct IdempotencyKeyHeader(pub(in crate::http) Option<String>);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKeyHeader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(key) = single(parts, &IDEMPOTENCY_KEY)? else {
            return Ok(Self(None));
        };
        let printable = key.bytes().all(|byte| byte.is_ascii_graphic());
        if key.is_empty() || key.len() > MAX_IDEMPOTENCY_KEY_BYTES || !printable {
            return Err(refused(
                &IDEMPOTENCY_KEY,
                format!("must be 1 to {MAX_IDEMPOTENCY_KEY_BYTES} printable ASCII characters"),
            ));
        }
        Ok(Self(Some(key.to_owned())))
    }
}

/// The version of a company that a change is meant for: `If-Match: "7"`, or `If-None-Match: *` for a
/// company that must not exist yet. Absent: whatever version there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::http) struct ExpectedVersion(pub(in crate::http) Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for ExpectedVersion {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let version = single(parts, &header::IF_MATCH)?;
        let none = single(parts, &header::IF_NONE_MATCH)?;
        match (version, none) {
            (None, None) => Ok(Self(None)),
            (None, Some("*")) => Ok(Self(Some(0))),
            (None, Some(_)) => Err(refused(
                &header::IF_NONE_MATCH,
                "takes `*` alone here".to_owned(),
            )),
            (Some(_), Some(_)) => Err(refused(
                &header::IF_MATCH,
                "contradicts If-None-Match".to_owned(),
            )),
            (Some(tag), None) => {
                let number = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
                let version = number
                    .filter(|number| is_plain_number(number))
                    .and_then(|number| number.parse().ok());
                let explained = || {
                    refused(
                        &header::IF_MATCH,
                        "must be a version in quotes, as in `\"7\"`".to_owned(),
                    )
                };
                version
                    .map(|version| Self(Some(version)))
                    .ok_or_else(explained)
            }
        }
    }
}

fn is_plain_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'))
}

/// The value of a header that may come once.
fn single<'a>(parts: &'a Parts, name: &HeaderName) -> Result<Option<&'a str>, Problem> {
    let mut values = parts.headers.get_all(name).iter();
    let value = values.next();
    if values.next().is_some() {
        return Err(refused(name, "given twice".to_owned()));
    }
    value
        .map(|value| {
            value
                .to_str()
                .ok()
                .ok_or_else(|| refused(name, "is not ASCII".to_owned()))
        })
        .transpose()
}

fn refused(name: &HeaderName, what: String) -> Problem {
    Problem::new(ProblemType::InvalidHeader)
        .explained(format!("{name}: {what}"))
        .with("header", name.as_str())
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::extract::Request;

    use super::*;

    async fn extract<T: FromRequestParts<(), Rejection = Problem>>(
        headers: &[(&str, &[u8])],
    ) -> Result<T, ProblemType> {
        let mut request = Request::post("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut parts, _) = request.body(Body::empty()).unwrap().into_parts();
        T::from_request_parts(&mut parts, &())
            .await
            .map_err(|problem| problem.kind())
    }

    #[tokio::test]
    async fn an_idempotency_key_is_short_and_printable() {
        let key = extract::<IdempotencyKeyHeader>(&[("idempotency-key", b"3f-A1")]).await;
        assert_eq!(key, Ok(IdempotencyKeyHeader(Some("3f-A1".to_owned()))));
        assert_eq!(extract(&[]).await, Ok(IdempotencyKeyHeader(None)));
        let long = [b'x'; MAX_IDEMPOTENCY_KEY_BYTES + 1];
        for value in [b"".as_slice(), b"a b", &long, "印".as_bytes()] {
            let refused = extract::<IdempotencyKeyHeader>(&[("idempotency-key", value)]).await;
            assert_eq!(refused, Err(ProblemType::InvalidHeader));
        }
        let twice: &[(&str, &[u8])] = &[("idempotency-key", b"a"), ("idempotency-key", b"a")];
        assert_eq!(
            extract::<IdempotencyKeyHeader>(twice).await,
            Err(ProblemType::InvalidHeader)
        );
    }

    #[tokio::test]
    async fn an_expected_version_is_a_strong_tag() {
        assert_eq!(
            extract(&[("if-match", br#""7""#)]).await,
            Ok(ExpectedVersion(Some(7)))
        );
        assert_eq!(
            extract(&[("if-none-match", b"*")]).await,
            Ok(ExpectedVersion(Some(0)))
        );
        assert_eq!(extract(&[]).await, Ok(ExpectedVersion(None)));
        for value in [
            r"7",
            r#"W/"7""#,
            r#""07""#,
            r#""-1""#,
            r#""""#,
            "*",
            r#""1", "2""#,
            r#""99999999999999999999""#,
        ] {
            let refused = extract::<ExpectedVersion>(&[("if-match", value.as_bytes())]).await;
            assert_eq!(refused, Err(ProblemType::InvalidHeader), "{value}");
        }
        let both: &[(&str, &[u8])] = &[("if-match", br#""7""#), ("if-none-match", b"*")];
        assert_eq!(
            extract::<ExpectedVersion>(both).await,
            Err(ProblemType::InvalidHeader)
        );
    }
}
