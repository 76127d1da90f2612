//! `POST /v1/verify`

use std::convert::Infallible;
use std::time::Instant;

use axum::extract::FromRef;
use axum::extract::FromRequestParts;
use axum::extract::State;
use axum::http::HeaderName;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;
use serde_json::Value;

use crate::http::api::verify_input::ReportType;
use crate::http::api::verify_input::VerifyBody;
use crate::http::api::verify_input::VerifyForm;
use crate::http::api::verify_input::VerifyInput;
use crate::http::api::verify_input::VerifyQuery;
use crate::http::extract::caller::AnyCaller;
use crate::http::extract::caller::scope;
use crate::http::metrics::Metrics;
use crate::http::middleware::prefers_page;
use crate::http::pages::page::Page;
use crate::http::pages::verdict::Origin;
use crate::http::pages::verdict::VerdictPage;
use crate::http::problem::Problem;
use crate::http::site::Site;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::validation::report::Report;
use crate::validation::report::simple;

pub(in crate::http) const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Have a document judged
///
/// Signed documents (PDF and PAdES, CMS and CAdES, GM/T 0010, JWS and JAdES), timestamps (RFC 3161), credentials
/// (SD-JWT) and certificates (PEM, DER) are recognised by their content. The document comes as
/// JSON, as a form, or as the body itself with everything else in the query. A completed check answers 200
/// whatever the verdict, with a signed receipt.
///
/// A signature that stands apart from its content needs that content beside it, or digests of it, in `originals`.
/// A PDF may stay where it is: the value of `Contents` is the document then, its media type `application/pdf`, and the
/// digest of what `ByteRange` covers stands in `originals`; what it covers of the PDF cannot be told.
/// With `Accept: text/html` the answer is a sheet to print, in the language of `Accept-Language` or `lang`.
///
/// Without a key anybody may have a credential judged under the city's CA alone; no receipt is given then,
/// and requests are limited per address.
#[utoipa::path(
    post,
    path = "/v1/verify",
    tag = "verify",
    operation_id = "verify",
    params(VerifyQuery),
    request_body(content(
        (VerifyBody = "application/json"),
        (VerifyForm = "multipart/form-data"),
        (ref("#/components/schemas/DocumentBytes") = "application/octet-stream"),
    )),
    security((), ("apiKey" = ["verify"])),
    responses(
        (status = 200, description = "The verdict.", content(
            (ref("#/components/schemas/Report") = "application/json"),
            (String = "text/html"),
        )),
        (status = 422, description = "A format that is not read, a digest alone, an unknown purpose, or a certificate authority outside the profile.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn verify(
    AnyCaller { caller, .. }: AnyCaller<scope::Verify>,
    State(app): State<App>,
    State(metrics): State<Metrics>,
    form: AnswerForm,
    input: VerifyInput,
) -> Result<Response, Problem> {
    answer(Judge { app, metrics }, &caller, input, form).await
}

/// In what form a verdict is wanted.
#[derive(Debug)]
pub(in crate::http) enum AnswerForm {
    /// For programs.
    Json,
    /// A sheet to look at and to print.
    Page(Box<Page>),
}

impl<S> FromRequestParts<S> for AnswerForm
where
    S: Send + Sync,
    Site: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        if prefers_page(&parts.headers) {
            let page = Page::from_request_parts(parts, state).await?;
            return Ok(Self::Page(Box::new(page)));
        }
        Ok(Self::Json)
    }
}

/// What judging takes.
#[derive(Clone)]
pub(in crate::http) struct Judge {
    pub(in crate::http) app: App,
    pub(in crate::http) metrics: Metrics,
}

/// A report in the form that was asked for.
#[derive(Serialize)]
#[serde(untagged)]
pub(in crate::http) enum ShownReport {
    /// As it is.
    Full(Box<Report>),
    /// Shortened.
    Simple(Value),
}

impl Judge {
    /// Has it judged, and counted.
    pub(in crate::http) async fn report(
        &self,
        caller: &Caller,
        input: VerifyInput,
    ) -> Result<Report, Problem> {
        let report = self.app.verify(caller, input.request).await?;
        self.metrics.verification(report.indication.as_str());
        Ok(report)
    }
}

/// A report as far as `report_type` tells it.
pub(in crate::http) fn shown(
    mut report: Report,
    report_type: ReportType,
) -> Result<ShownReport, Problem> {
    match report_type {
        ReportType::Simple => {
            let json = simple(&report).map_err(|error| Problem::internal(&error))?;
            Ok(ShownReport::Simple(json))
        }
        ReportType::Detailed | ReportType::Diagnostic => {
            report.add_constraints();
            Ok(ShownReport::Full(Box::new(report)))
        }
    }
}

/// A report in JSON, for which there is room from the beginning: it has some kilobytes.
fn written(report: &ShownReport) -> Result<Vec<u8>, Problem> {
    let mut json = Vec::with_capacity(12 * 1024);
    serde_json::to_writer(&mut json, report).map_err(|error| Problem::internal(&error))?;
    Ok(json)
}

/// Has it judged, counted and timed.
pub(in crate::http) async fn answer(
    judge: Judge,
    caller: &Caller,
    input: VerifyInput,
    form: AnswerForm,
) -> Result<Response, Problem> {
    let started = Instant::now();
    let report_type = input.report_type;
    let report = judge.report(caller, input).await?;
    let timing = format!("verify;dur={:.1}", started.elapsed().as_secs_f64() * 1000.0);
    let timing = [(SERVER_TIMING, timing)];
    match form {
        AnswerForm::Json => {
            let body = written(&shown(report, report_type)?)?;
            let json = [(CONTENT_TYPE, "application/json")];
            Ok((timing, json, body).into_response())
        }
        AnswerForm::Page(page) => {
            let language = page.language;
            let sheet = VerdictPage::new(*page, &report, judge.app.kinds(), Origin::Caller);
            Ok((timing, Page::respond(language, &sheet)?).into_response())
        }
    }
}
