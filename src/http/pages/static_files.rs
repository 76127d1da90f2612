//! The style sheet, the script and the seal, compiled in.

use axum::extract::Path;
use axum::http::HeaderValue;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;

use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;

/// The style sheet.
pub(in crate::http) const PAGE_CSS: &str = include_str!("../static/page.css");
/// The script; every page works without it.
pub(in crate::http) const PAGE_JS: &str = include_str!("../static/page.js");
/// The icon.
const SEAL_SVG: &str = include_str!("../static/seal.svg");

const FILES: [(&str, &str, &str); 3] = [
    ("page.css", "text/css; charset=utf-8", PAGE_CSS),
    ("page.js", "text/javascript; charset=utf-8", PAGE_JS),
    ("seal.svg", "image/svg+xml", SEAL_SVG),
];

/// Pages name these files with a digest of their content, so a year is no risk; the icon is not so named,
/// but nothing depends on it.
const KEEP: &str = "public, max-age=31536000, immutable";

/// `GET /static/{name}`
pub(in crate::http) async fn static_file(Path(name): Path<String>) -> Result<Response, Problem> {
    let (_, media_type, content) = FILES
        .into_iter()
        .find(|(known, _, _)| *known == name)
        .ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, HeaderValue::from_static(KEEP)),
    ];
    Ok((headers, content).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_files_of_the_list_are_served() {
        let response = static_file(Path("page.css".to_owned())).await.unwrap();
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/css; charset=utf-8"
        );
        for name in ["", "page", "../page.css", "page.css/", "mod.rs"] {
            let problem = static_file(Path(name.to_owned())).await.unwrap_err();
            assert_eq!(problem.kind(), ProblemType::NotFound, "{name}");
        }
    }

    #[test]
    fn nothing_is_fetched_from_elsewhere() {
        for (name, _, content) in FILES {
            let elsewhere = content.replace("http://www.w3.org/2000/svg", "");
            assert!(
                !elsewhere.contains("http") && !elsewhere.contains("url("),
                "{name}"
            );
        }
    }
}
