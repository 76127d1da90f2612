//! A problem as a page, and the page that explains a kind of problem.

use askama::Template;
use axum::extract::Path;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::HeaderValue;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::json;
use tracing::error;

use crate::http::middleware::wants_page;
use crate::http::pages::page::Page;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemEntry;
use crate::http::problem::table::ProblemType;
use crate::http::site::Site;

/// A problem as its reader sees it.
#[derive(Debug, Template)]
#[template(path = "problem.html", config = "src/http/askama.toml")]
struct ProblemPage {
    page: Page,
    title: &'static str,
    detail: Option<String>,
    action: String,
    status: u16,
    name: &'static str,
    code: &'static str,
    instance: Option<String>,
    ask_company: bool,
    ask_document: bool,
    /// What was asked for, to be corrected.
    uscc: String,
    uscc_problem: Option<String>,
}

/// Kinds after which the reader may want to type a code again.
const ABOUT_COMPANY: [ProblemType; 2] = [ProblemType::InvalidUscc, ProblemType::UnknownCompany];
/// Kinds after which the reader may want to choose a file again.
const ABOUT_DOCUMENT: [ProblemType; 5] = [
    ProblemType::BodyTooLarge,
    ProblemType::DocumentAmbiguous,
    ProblemType::DocumentEmpty,
    ProblemType::DocumentMissing,
    ProblemType::UnsupportedFormat,
];

impl ProblemPage {
    fn new(page: Page, problem: &Problem, instance: Option<&str>) -> Self {
        let entry = problem.kind().entry();
        let language = page.language;
        let uscc = problem.member("uscc").and_then(|uscc| uscc.as_str());
        Self {
            page,
            title: problem.title(language),
            detail: problem.detail_in(language).map(sentence),
            action: sentence(problem.action(language)),
            status: entry.status.as_u16(),
            name: entry.name,
            code: entry.code,
            instance: instance.map(str::to_owned),
            ask_company: ABOUT_COMPANY.contains(&entry.kind),
            ask_document: ABOUT_DOCUMENT.contains(&entry.kind),
            uscc: uscc.unwrap_or_default().to_owned(),
            uscc_problem: None,
        }
    }
}

/// A text as people read it: with a capital, without the marks that set off names of members.
fn sentence(text: &str) -> String {
    let plain = text.replace('`', "");
    let mut characters = plain.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// The problem as a page; none if it could not be rendered, so that it is answered as JSON instead.
pub(in crate::http) fn problem_page(
    page: Page,
    problem: &Problem,
    instance: Option<&str>,
) -> Option<String> {
    match ProblemPage::new(page, problem, instance).render() {
        Ok(html) => Some(html),
        Err(error) => {
            error!(%error, "the page of a problem could not be rendered");
            None
        }
    }
}

/// What a kind of problem means.
#[derive(Debug, Template)]
#[template(path = "problem_type.html", config = "src/http/askama.toml")]
struct ProblemTypePage {
    page: Page,
    entry: ProblemEntry,
}

/// `GET /problems/{name}`: what a problem means, as a page or JSON.
pub(in crate::http) async fn problem_type(
    page: Page,
    State(site): State<Site>,
    Path(name): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let kind = ProblemType::by_name(&name).ok_or_else(|| Problem::new(ProblemType::NotFound))?;
    let entry = kind.entry();
    if wants_page(&headers) {
        let mut response = Page::respond(page.language, &ProblemTypePage { page, entry })?;
        response.headers_mut().insert(
            header::VARY,
            HeaderValue::from_static("Accept, Accept-Language"),
        );
        return Ok(response);
    }
    let description = json!({
        "type": format!("{}/problems/{}", site.public_url, entry.name),
        "code": entry.code,
        "status": entry.status.as_u16(),
        "title": entry.title,
        "titleZh": entry.title_zh,
        "action": entry.action,
        "actionZh": entry.action_zh,
    });
    Ok(([(header::VARY, "Accept")], axum::Json(description)).into_response())
}

/// Problems to look at.
pub(in crate::http) fn samples(page: &Page) -> Vec<(&'static str, askama::Result<String>)> {
    let instance = Some("urn:uuid:019b7c3e-5d08-7cc3-98c4-dc0c0c07398f");
    let wrong_code = Problem::new(ProblemType::InvalidUscc)
        .detail(
            "第 18 位是 X，按前 17 位计算应为 3",
            "character 18 is X, but the other characters demand 3",
        )
        .with("uscc", "91441900MA5ABCDE7X");
    let nothing_chosen = Problem::new(ProblemType::DocumentMissing);
    let our_fault = Problem::new(ProblemType::InternalError);
    let page_of = |problem: &Problem| ProblemPage::new(page.clone(), problem, instance).render();
    vec![
        ("problem-invalid-uscc", page_of(&wrong_code)),
        ("problem-document-missing", page_of(&nothing_chosen)),
        ("problem-internal-error", page_of(&our_fault)),
        (
            "problem-type",
            ProblemTypePage {
                page: page.clone(),
                entry: ProblemType::ScopeMissing.entry(),
            }
            .render(),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::language::LANGUAGES;
    use crate::http::language::Language;
    use crate::http::problem::table::PROBLEMS;

    #[test]
    fn every_problem_has_a_page_in_both_languages() {
        for entry in PROBLEMS {
            for language in LANGUAGES {
                let page = Page::sample(language);
                let problem = Problem::new(entry.kind);
                let html = problem_page(page, &problem, Some("urn:uuid:0")).unwrap();
                assert!(
                    html.contains(entry.code) && html.contains("urn:uuid:0"),
                    "{}",
                    entry.code
                );
            }
        }
    }

    #[test]
    fn what_somebody_typed_is_repeated_as_text_never_as_markup() {
        let problem = Problem::new(ProblemType::InvalidUscc)
            .detail("<b>", "<script>alert(1)</script>")
            .with("uscc", "\"><script>");
        let html = problem_page(Page::sample(Language::En), &problem, None).unwrap();
        assert!(!html.contains("<script>"), "{html}");
        assert!(html.contains("&#60;script&#62;alert(1)"), "{html}");
    }

    #[test]
    fn texts_are_written_for_people() {
        assert_eq!(
            sentence("the check character is `X`"),
            "The check character is X"
        );
        assert_eq!(sentence("第 18 位"), "第 18 位");
        assert_eq!(sentence(""), "");
    }

    #[test]
    fn a_wrong_code_can_be_typed_again_at_once() {
        let problem = Problem::new(ProblemType::InvalidUscc).with("uscc", "91441900MA5ABCDE7X");
        let html = problem_page(Page::sample(Language::Zh), &problem, None).unwrap();
        assert!(html.contains(r#"value="91441900MA5ABCDE7X""#));
    }
}
