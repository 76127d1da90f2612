//! `GET` and `POST /accept`: who accepts a certificate or a signed document, for companies.

mod answer;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::http::extract::form::Form;
use crate::http::metrics::Metrics;
use crate::http::pages::accept::answer::Answer;
use crate::http::pages::check::document;
use crate::http::pages::page::Page;
use crate::http::pages::tone::Tone;
use crate::http::problem::Problem;
use crate::service::app::App;
use crate::service::check_recognition::CheckRequest;
use crate::service::check_recognition::Checked;
use crate::service::open::Naming;
use crate::service::verify::Overall;
use crate::service::verify::Submitted;

/// The page that asks for a file.
#[derive(Debug, Template)]
#[template(path = "accept_ask.html", config = "src/http/askama.toml")]
struct AskPage {
    page: Page,
}

/// The page that answers.
#[derive(Debug, Template)]
#[template(path = "accept.html", config = "src/http/askama.toml")]
struct AcceptPage {
    page: Page,
    answer: Answer,
}

impl AcceptPage {
    fn new(page: Page, checked: &Checked) -> Self {
        let answer = Answer::new(checked, page.language);
        Self { page, answer }
    }
}

/// `GET /accept`
pub(in crate::http) async fn ask(page: Page) -> Result<Response, Problem> {
    Page::respond(page.language, &AskPage { page })
}

/// `POST /accept`
pub(in crate::http) async fn accept(
    page: Page,
    State(app): State<App>,
    State(metrics): State<Metrics>,
    form: Form,
) -> Result<Response, Problem> {
    let (document, originals) = document(form)?;
    let request = CheckRequest {
        submitted: Submitted::Document(document.bytes.into()),
        naming: Naming {
            name: document.name,
            media_type: None,
        },
        originals,
        overall: Overall::All,
    };
    let checked = app.check_recognition(&app.public_caller(), request).await?;
    metrics.verification(checked.report.indication.as_str());
    Page::respond(page.language, &AcceptPage::new(page, &checked))
}

/// The pages, for looking at them.
pub(in crate::http) fn samples(page: &Page) -> Vec<(&'static str, askama::Result<String>)> {
    let mut samples = vec![("accept-ask", AskPage { page: page.clone() }.render())];
    let posted = || page.clone().without_switch();
    samples.extend(answer::samples().into_iter().map(|(name, checked)| {
        let page = AcceptPage::new(posted(), &checked);
        (name, page.render())
    }));
    samples
}
