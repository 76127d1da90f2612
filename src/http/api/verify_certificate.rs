//! `POST /v1/certificates/verify`

use axum::extract::FromRequest;
use axum::extract::Request;
use axum::extract::State;
use axum::response::Response;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::http::api::verify::AnswerForm;
use crate::http::api::verify::Judge;
use crate::http::api::verify::answer;
use crate::http::api::verify_input::ExpectBody;
use crate::http::api::verify_input::ReportType;
use crate::http::api::verify_input::VerifyInput;
use crate::http::extract::accept::AcceptBody;
use crate::http::extract::accept::accepted_cas;
use crate::http::extract::caller::AnyCaller;
use crate::http::extract::caller::scope;
use crate::http::extract::context::Place;
use crate::http::extract::context::call_context;
use crate::http::extract::form::shown_name;
use crate::http::extract::json::StrictJson;
use crate::http::extract::original::decode_member;
use crate::http::metrics::Metrics;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::identifier::uscc::Uscc;
use crate::service::app::App;
use crate::service::open::Naming;
use crate::service::verify::Overall;
use crate::service::verify::SignedContent;
use crate::service::verify::Submitted;
use crate::service::verify::VerifyRequest;

/// More intermediates than this are not read; a path has two or three.
const MAX_INTERMEDIATES: usize = 64;

/// A certificate and what the caller wants of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct CertificateRequest {
    /// The certificate: PEM, DER or a PKCS#7 bag.
    certificate: CertificateBody,
    /// Certificates that may lie between it and a trust anchor, in any order; at most 64.
    #[serde(default)]
    intermediates: Vec<CertificateBody>,
    /// What for: decides which CAs count, and stands in the receipt.
    purpose: Option<String>,
    /// Who asks, for the receipt; at most 64 characters.
    operator: Option<String>,
    /// For which matter, for the receipt; at most 64 characters.
    matter_code: Option<String>,
    /// How much the report tells.
    report_type: Option<ReportType>,
    /// A time in the past to judge for; needs the scope `audit`, and is no proof of anything.
    #[schema(value_type = Option<String>, format = DateTime)]
    validation_time: Option<Timestamp>,
    /// What the caller expects.
    expect: Option<ExpectBody>,
    /// Narrows the caller's profile; nothing widens it.
    accept: Option<AcceptBody>,
}

/// One certificate, or several.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct CertificateBody {
    /// Its bytes in standard base64.
    bytes: String,
    /// Its file name.
    name: Option<String>,
}

impl<S: Send + Sync> FromRequest<S> for CertificateInput {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let StrictJson { value, .. } = StrictJson::from_request(request, state).await?;
        Self::new(value)
    }
}

/// A request that was read.
#[derive(Debug)]
pub(in crate::http) struct CertificateInput(VerifyInput);

impl CertificateInput {
    fn new(body: CertificateRequest) -> Result<Self, Problem> {
        if body.certificate.bytes.is_empty() {
            return Err(
                Problem::new(ProblemType::DocumentMissing).with("member", "certificate.bytes")
            );
        }
        if body.intermediates.len() > MAX_INTERMEDIATES {
            let explained = format!("has more than {MAX_INTERMEDIATES} members");
            return Err(Place::Body.refused("intermediates", &explained));
        }
        let intermediates = body.intermediates.iter().enumerate();
        let intermediates = intermediates.map(|(place, one)| {
            decode_member(&one.bytes, &format!("intermediates[{place}].bytes"))
        });
        let expected_signer = body.expect.and_then(|expect| expect.signer_uscc);
        Ok(Self(VerifyInput {
            request: VerifyRequest {
                submitted: Submitted::Certificate {
                    bytes: decode_member(&body.certificate.bytes, "certificate.bytes")?,
                    intermediates: intermediates.collect::<Result<_, _>>()?,
                },
                naming: Naming {
                    name: body.certificate.name.as_deref().and_then(shown_name),
                    media_type: None,
                },
                originals: Vec::new(),
                signed_content: SignedContent::Omit,
                diagnostics: body.report_type.unwrap_or_default().diagnostics(),
                context: call_context(Place::Body, body.purpose, body.operator, body.matter_code)?,
                validation_time: body.validation_time,
                overall: Overall::All,
                expected_signer: expected_signer
                    .as_deref()
                    .map(Uscc::from_input)
                    .transpose()?,
                accepted_cas: accepted_cas(body.accept)?,
            },
            report_type: body.report_type.unwrap_or_default(),
        }))
    }
}

/// Have a certificate judged
///
/// Builds and validates its certification path (RFC 5280 §6) to the trust anchors that count for the caller
/// and purpose, revocation included. `intermediates` may be anything that came with it, in any order. A
/// completed check answers 200 whatever the verdict, with a signed receipt; on failure `tried` lists every
/// candidate and why it fell.
#[utoipa::path(
    post,
    path = "/v1/certificates/verify",
    tag = "verify",
    operation_id = "verifyCertificate",
    request_body(content = CertificateRequest, content_type = "application/json"),
    security((), ("apiKey" = ["verify"])),
    responses(
        (status = 200, description = "The verdict.", content(
            (ref("#/components/schemas/Report") = "application/json"),
            (String = "text/html"),
        )),
        (status = 422, description = "An unknown purpose, or a certificate authority outside the profile.", content_type = "application/problem+json", body = ref("#/components/schemas/Problem")),
    ),
)]
pub(in crate::http) async fn verify_certificate(
    AnyCaller { caller, .. }: AnyCaller<scope::Verify>,
    State(app): State<App>,
    State(metrics): State<Metrics>,
    form: AnswerForm,
    CertificateInput(input): CertificateInput,
) -> Result<Response, Problem> {
    answer(Judge { app, metrics }, &caller, input, form).await
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use serde_json::json;

    use super::*;

    fn read(body: Value) -> Result<CertificateInput, Problem> {
        CertificateInput::new(serde_json::from_value(body).unwrap())
    }

    #[test]
    fn a_body_is_read() {
        let body = json!({
            "certificate": {"bytes": "AAEC", "name": "a.cer"},
            "intermediates": [{"bytes": "Aw=="}],
            "purpose": "loan",
        });
        let CertificateInput(input) = read(body).unwrap();
        assert_eq!(input.request.naming.name.as_deref(), Some("a.cer"));
        assert!(matches!(
            input.request.submitted,
            Submitted::Certificate { bytes, intermediates }
                if bytes == [0, 1, 2] && intermediates == [[3]]
        ));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let kind = |body| read(body).unwrap_err().kind();
        let no_base64 = json!({"certificate": {"bytes": "*"}});
        assert_eq!(kind(no_base64), ProblemType::MalformedBase64);
        let empty = json!({"certificate": {"bytes": ""}});
        assert_eq!(kind(empty), ProblemType::DocumentMissing);
        let below = json!({"certificate": {"bytes": "AAEC"}, "intermediates": [{"bytes": "-"}]});
        assert_eq!(kind(below), ProblemType::MalformedBase64);
        let many = vec![json!({"bytes": "AA=="}); MAX_INTERMEDIATES + 1];
        let many = json!({"certificate": {"bytes": "AAEC"}, "intermediates": many});
        assert!(read(many).is_err());
    }
}
