//! `POST /v1/recognition/check`

mod input;

use std::time::Instant;

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use axum::response::Response;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::http::api::check_recognition::input::CheckBody;
use crate::http::api::check_recognition::input::CheckForm;
use crate::http::api::check_recognition::input::CheckInput;
use crate::http::api::check_recognition::input::CheckQuery;
use crate::http::api::verify::SERVER_TIMING;
use crate::http::extract::caller::AnyCaller;
use crate::http::extract::caller::scope;
use crate::http::problem::Problem;
use crate::registry::relying_party::RelyingPartyKind;
use crate::service::app::App;
use crate::service::check_recognition::Checked;
use crate::service::check_recognition::Objection;
use crate::service::check_recognition::PartyAnswer;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::CaRef;
use crate::validation::report::DocumentInfo;
use crate::validation::report::Indication;
use crate::validation::report::Signer;
use crate::validation::report::SubIndication;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::Usage;

/// Who accepts a document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CheckedView<'a> {
    document: &'a DocumentInfo,
    signer: Option<&'a Signer>,
    ca: Option<&'a CaRef>,
    verdict: VerdictView<'a>,
    version: u64,
    parties: Vec<PartyView<'a>>,
    validated_at: Timestamp,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct VerdictView<'a> {
    indication: Indication,
    sub_indication: Option<SubIndication>,
    reasons: Vec<&'a Reason>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PartyView<'a> {
    id: &'a str,
    name: &'a str,
    name_zh: &'a str,
    kind: RelyingPartyKind,
    purposes: Vec<PurposeView<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PurposeView<'a> {
    purpose: &'static str,
    accepted: bool,
    reasons: Vec<ObjectionView<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ObjectionView<'a> {
    code: ReasonCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    ca: Option<&'a CaId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<&'a Usage>,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recognised_until: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recognised_from: Option<Timestamp>,
}

impl<'a> From<&'a Checked> for CheckedView<'a> {
    fn from(checked: &'a Checked) -> Self {
        let report = &checked.report;
        let first = report.signatures.first();
        Self {
            document: &report.document,
            signer: first.and_then(|signature| signature.signer.as_ref()),
            ca: first.and_then(|signature| signature.ca.as_ref()),
            verdict: VerdictView {
                indication: report.indication,
                sub_indication: report.sub_indication,
                reasons: report.all_reasons(),
            },
            version: checked.version,
            parties: checked.parties.iter().map(PartyView::from).collect(),
            validated_at: report.validated_at,
        }
    }
}

impl<'a> From<&'a PartyAnswer> for PartyView<'a> {
    fn from(answer: &'a PartyAnswer) -> Self {
        let purposes = answer.purposes.iter().map(|answer| PurposeView {
            purpose: answer.purpose.id,
            accepted: answer.accepted,
            reasons: answer.reasons.iter().map(ObjectionView::from).collect(),
        });
        Self {
            id: answer.party.id.as_str(),
            name: answer.party.name.as_str(),
            name_zh: answer.party.name_zh.as_str(),
            kind: answer.party.kind,
            purposes: purposes.collect(),
        }
    }
}

impl<'a> From<&'a Objection> for ObjectionView<'a> {
    fn from(objection: &'a Objection) -> Self {
        let said_no = objection.said_no;
        Self {
            code: objection.code,
            ca: objection.ca.as_ref(),
            usage: objection.usage.as_ref(),
            row: said_no.map(|row| row.as_str()),
            recognised_until: said_no.and_then(|row| row.until()),
            recognised_from: said_no.and_then(|row| row.from()),
        }
    }
}

/// Ask who accepts a document
///
/// A certificate or a signed document is verified once and answered for every relying party and purpose:
/// whether it would pass, and if not, why. `verdict` is what it is worth if every certificate authority were
/// recognised. Anybody may ask; requests without a key are limited per address.
///
/// Which row of the recognition table said no, and from when or until when there is recognition, is told of
/// the caller's own rows alone, and of everybody's to a key with the scope `audit` or `trust`.
#[utoipa::path(
    post,
    path = "/v1/recognition/check",
    tag = "verify",
    operation_id = "checkRecognition",
    params(CheckQuery),
    request_body(content(
        (CheckBody = "application/json"),
        (CheckForm = "multipart/form-data"),
        (ref("#/components/schemas/DocumentBytes") = "application/octet-stream"),
    )),
    security((), ("apiKey" = ["verify"])),
    responses(
        (status = 200, description = "Who accepts it.", body = ref("#/components/schemas/RecognitionCheck")),
        (status = 422, description = "A format that is not read, or a digest alone.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn check_recognition(
    AnyCaller { caller, .. }: AnyCaller<scope::Verify>,
    State(app): State<App>,
    CheckInput(request): CheckInput,
) -> Result<Response, Problem> {
    let started = Instant::now();
    let checked = app.check_recognition(&caller, request).await?;
    let timing = format!("check;dur={:.1}", started.elapsed().as_secs_f64() * 1000.0);
    Ok(([(SERVER_TIMING, timing)], Json(CheckedView::from(&checked))).into_response())
}
