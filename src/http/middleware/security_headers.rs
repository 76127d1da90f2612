//! Headers that keep a browser from doing with an answer what we did not mean.

use axum::extract::Request;
use axum::http::HeaderMap;
use axum::http::HeaderName;
use axum::http::HeaderValue;
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;

use crate::http::site::Site;

/// No inline script or style, nothing from elsewhere, no frame around our pages. Sent with every answer:
/// whatever a browser takes for a page is bound by it.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Sets the headers; one that a handler set itself stays.
pub(in crate::http::middleware) fn secure(site: &Site, headers: &mut HeaderMap) {
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        // Addresses of our pages hold company codes, which are nobody else's business.
        (header::REFERRER_POLICY, "no-referrer"),
        (
            PERMISSIONS_POLICY,
            "camera=(), geolocation=(), microphone=()",
        ),
        (OPENER_POLICY, "same-origin"),
        (RESOURCE_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        let value = HeaderValue::from_static(value);
        headers.entry(name).or_insert(value);
    }
    if site.is_https() {
        // RFC 6797; two years, as browsers' preload lists ask for.
        let value = HeaderValue::from_static("max-age=63072000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, value);
    }
}

/// Lets scripts of any origin read the answer: for what is public anyway and is meant for wallets and
/// verifiers in browsers.
pub(in crate::http) async fn allow_any_origin(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("ETag"),
    );
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
    response
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn;
    use axum::routing::get;
    use tower::ServiceExt as _;

    use super::*;

    fn secured(url: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        secure(&Site::new(url, false), &mut headers);
        headers
    }

    #[test]
    fn every_answer_is_bound_by_a_strict_policy() {
        let headers = secured("http://127.0.0.1");
        let policy = headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        for part in [
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        ] {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains("data:") && !policy.contains('*'));
        assert_eq!(headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert!(!headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
        assert!(!headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    }

    #[test]
    fn over_https_browsers_are_told_to_stay_there() {
        let headers = secured("https://city.example");
        assert!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
    }

    #[tokio::test]
    async fn what_is_public_may_be_read_from_anywhere_and_keeps_its_own_caching() {
        let handler = || async { [(header::CACHE_CONTROL, "public")] };
        let router = Router::new()
            .route("/", get(handler))
            .layer(from_fn(allow_any_origin));
        let request = Request::get("/").body(Body::empty()).unwrap();
        let mut answered = router.oneshot(request).await.unwrap();
        secure(
            &Site::new("https://city.example", false),
            answered.headers_mut(),
        );
        let headers = answered.headers();
        assert_eq!(headers[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert_eq!(headers[RESOURCE_POLICY], "cross-origin");
        assert_eq!(headers[header::CACHE_CONTROL], "public");
    }
}
