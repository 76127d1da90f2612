//! The start page: the two questions that somebody at a counter has.

use askama::Template;
use axum::response::Response;

use crate::http::pages::page::Page;
use crate::http::problem::Problem;

/// The start page.
#[derive(Debug, Template)]
#[template(path = "home.html", config = "src/http/askama.toml")]
struct HomePage {
    page: Page,
    uscc: String,
    uscc_problem: Option<String>,
}

impl HomePage {
    fn new(page: Page) -> Self {
        Self {
            page,
            uscc: String::new(),
            uscc_problem: None,
        }
    }
}

/// `GET /`
pub(in crate::http) async fn home(page: Page) -> Result<Response, Problem> {
    Page::respond(page.language, &HomePage::new(page))
}

/// The page, for looking at it.
pub(in crate::http) fn samples(page: &Page) -> Vec<(&'static str, askama::Result<String>)> {
    vec![("home", HomePage::new(page.clone()).render())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::language::Language;

    #[test]
    fn both_questions_can_be_asked_without_a_script() {
        let html = HomePage::new(Page::sample(Language::Zh)).render().unwrap();
        assert!(html.contains(r#"<form action="/company" method="get""#));
        assert!(html.contains(
            r#"<form action="/check?lang=zh" method="post" enctype="multipart/form-data""#
        ));
        for named in ["uscc", "document", "text"] {
            assert!(html.contains(&format!("name=\"{named}\"")), "{named}");
            assert!(
                html.contains(&format!("for=\"{named}\"")),
                "{named} has no label"
            );
        }
    }
}
