//! The description of the interface for programs (OpenAPI 3.1).
//!
//! Operations and the shapes of this layer come from the handlers. The shapes that lower layers own (the
//! report, companies) stand in `components.json`, and so do those that its macro cannot say; tests hold every answer
//! against them. What operations have in common, their problems and the shapes of what is sent, is added here.

mod problems;
mod requests;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header;
use axum::response::IntoResponse;
use axum::response::Response;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa::openapi::security::HttpAuthScheme;
use utoipa::openapi::security::HttpBuilder;
use utoipa::openapi::security::SecurityScheme;

/// The shapes that lower layers own.
const COMPONENTS: &str = include_str!("components.json");

/// The name of the security scheme.
pub(in crate::http) const API_KEY: &str = "apiKey";

/// The name of the security scheme of companies that signed in.
pub(in crate::http) const HOLDER_SESSION: &str = "holderSession";

/// The name of the security scheme of those who show a TLS client certificate.
const MUTUAL_TLS: &str = "mutualTLS";

/// What the document says of the whole interface.
#[derive(Debug, OpenApi)]
#[openapi(
    info(
        title = "yinxin: registration credentials and their verification",
        description = "Confirm what a company is, issue signed registration credentials, and have credentials, \
                       signatures and certificates judged against the certificate authorities that you recognise. \
                       Times are RFC 3339 in UTC, digests lower-case hex, documents standard base64. A completed \
                       check answers 200 whatever its verdict; everything else that is not 2xx is a problem (RFC 9457). \
                       `RateLimit-Limit`, `-Remaining` and `-Reset` tell what is left of an allowance, of requests at once, \
                       and in how many seconds it is whole again; beyond it 429 has `Retry-After`."
    ),
    tags(
        (name = "verify", description = "Have documents, credentials and certificates judged."),
        (name = "companies", description = "Confirm companies, compare facts, and record them."),
        (name = "credentials", description = "Issue registration credentials and change their state."),
        (name = "holder", description = "Companies sign in without an account, fetch their credentials and see who looked at them."),
        (name = "recognition", description = "Who recognises which certificate authority, and changes of it."),
        (name = "public", description = "What anybody may fetch: status lists, keys, types."),
        (name = "operations", description = "For whoever runs the service."),
    )
)]
struct Described;

/// The document that the handlers' descriptions are added to.
pub(in crate::http) fn base() -> utoipa::openapi::OpenApi {
    let mut document = Described::openapi();
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("yx_…")
        .description(Some(
            "An API key that the operator gave out: `Authorization: Bearer yx_…`.",
        ))
        .build();
    let components = document.components.get_or_insert_default();
    components.add_security_scheme(API_KEY, SecurityScheme::Http(scheme));
    let session = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("yxs_…")
        .description(Some(
            "The token of a company's session, from `POST /v1/holder/sessions`: `Authorization: Bearer yxs_…`. It opens \
             what is that company's own.",
        ))
        .build();
    components.add_security_scheme(HOLDER_SESSION, SecurityScheme::Http(session));
    document
}

/// The finished document.
///
/// # Errors
/// When a part is not JSON, which a test excludes.
pub(in crate::http) fn finish(
    document: &utoipa::openapi::OpenApi,
    public_url: &str,
) -> Result<Value, serde_json::Error> {
    let mut document = serde_json::to_value(document)?;
    let shapes: Map<String, Value> = serde_json::from_str(COMPONENTS)?;
    if let Some(members) = document.as_object_mut() {
        members.insert("servers".to_owned(), json!([{ "url": public_url }]));
    }
    if let Some(schemas) = document
        .pointer_mut("/components/schemas")
        .and_then(Value::as_object_mut)
    {
        schemas.extend(shapes);
        schemas.extend(requests::tables());
        requests::add_items(schemas);
    }
    if let Some(schemes) = document
        .pointer_mut("/components/securitySchemes")
        .and_then(Value::as_object_mut)
    {
        let scheme = json!({
            "type": "mutualTLS",
            "description": "A TLS client certificate that the operator registered for the caller. An API key that is \
                            shown as well goes before it.",
        });
        schemes.insert(MUTUAL_TLS.to_owned(), scheme);
    }
    for operation in requests::operations(&mut document) {
        problems::add(operation);
        add_mutual_tls(operation);
    }
    requests::shape(&mut document);
    Ok(document)
}

/// Whoever may show an API key may show a certificate instead, with the same scopes.
fn add_mutual_tls(operation: &mut Value) {
    let Some(alternatives) = operation.get_mut("security").and_then(Value::as_array_mut) else {
        return;
    };
    let scopes = alternatives.iter().filter_map(|one| one.get(API_KEY));
    let added: Vec<Value> = scopes.map(|scopes| json!({ MUTUAL_TLS: scopes })).collect();
    alternatives.extend(added);
}

/// The document as it is served.
#[derive(Debug, Clone)]
pub(in crate::http) struct OpenApiDocument(pub(in crate::http) Arc<Value>);

/// `GET /openapi.json`
pub(in crate::http) async fn openapi_json(State(document): State<OpenApiDocument>) -> Response {
    let headers = [(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    )];
    (headers, axum::Json(document.0.as_ref())).into_response()
}

#[cfg(test)]
mod tests {
    use jsonschema::Validator;

    use super::*;
    use crate::clock::Timestamp;
    use crate::crypto::digest::DigestAlgorithm;
    use crate::crypto::digest::Sha256;
    use crate::evidence::audit::AuditAction;
    use crate::evidence::audit::AuditEvent;
    use crate::evidence::audit::AuditProfile;
    use crate::evidence::audit::chain::ChainTip;
    use crate::http::language::Language;
    use crate::http::pages::verdict;
    use crate::http::problem::Problem;
    use crate::http::problem::table::ProblemType;
    use crate::identifier::opaque_id::SegmentId;
    use crate::registry::recognition::form::RowForm;
    use crate::store::audit::RecordedEvent;
    use crate::validation::report::simple;

    /// What tells whether a value has the shape `name` of `components.json`.
    fn validator_of(name: &str) -> Validator {
        let shapes: Value = serde_json::from_str(COMPONENTS).unwrap();
        let schema = json!({ "$ref": format!("#/components/schemas/{name}"), "components": { "schemas": shapes } });
        jsonschema::validator_for(&schema).unwrap()
    }

    /// Whether `value` has the shape `name` of `components.json`.
    fn assert_shape(name: &str, value: &Value) {
        let validator = validator_of(name);
        if let Err(error) = validator.validate(value) {
            panic!("{name}{}: {error}\n{value:#}", error.instance_path());
        }
    }

    #[test]
    fn reports_have_the_shape_that_is_described() {
        for report in verdict::samples::reports() {
            assert_shape("Report", &serde_json::to_value(&report).unwrap());
            assert_shape("Report", &simple(&report).unwrap());
        }
    }

    #[test]
    fn rows_of_the_recognition_table_have_the_shape_that_is_described() {
        let row = json!({
            "every": "bank", "ca": "gdca", "usage": "banking", "decision": "accept", "anchors": ["07".repeat(32)],
            "limits": {"algorithms": ["SM2-SM3"], "minimumKeyBits": 3072, "maximumEvidenceAgeSeconds": 3600,
                       "policies": ["1.2.3"]},
            "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2027-01-01T00:00:00Z",
        });
        let form: RowForm = serde_json::from_value(row.clone()).unwrap();
        assert_eq!(serde_json::to_value(&form).unwrap(), row);
        assert_shape("RecognitionRow", &row);
        assert_shape(
            "RecognitionProposalBody",
            &json!({"added": [row], "note": "x"}),
        );
    }

    #[test]
    fn a_shape_that_gained_or_lost_a_member_would_be_noticed() {
        let report = verdict::samples::reports().remove(0);
        let mut value = serde_json::to_value(&report).unwrap();
        value["new"] = json!(1);
        let validator = validator_of("Report");
        assert!(!validator.is_valid(&value));
        value.as_object_mut().unwrap().remove("new");
        assert!(validator.is_valid(&value));
        value.as_object_mut().unwrap().remove("receipt");
        assert!(!validator.is_valid(&value));
    }

    #[test]
    fn companies_and_problems_have_the_shapes_that_are_described() {
        let company =
            crate::http::pages::company::sample("active", &json!(["liquidation"])).unwrap();
        assert_shape("Company", &serde_json::to_value(&company).unwrap());
        assert_shape(
            "CompanyFacts",
            &serde_json::to_value(company.facts()).unwrap(),
        );
        let problem = Problem::new(ProblemType::InvalidUscc).with("position", 18);
        assert_shape(
            "Problem",
            &problem.to_json("https://city.example", Language::Zh, Some("urn:uuid:0")),
        );
    }

    #[test]
    fn lines_of_the_audit_trail_have_the_shape_that_is_described() {
        let event = AuditEvent {
            operator: Some("clerk".to_owned()),
            profile: Some(AuditProfile {
                name: "bank-x/loan".to_owned(),
                version: 3,
                digest: Sha256([1; 32]),
            }),
            latency_micros: Some(7),
            ..AuditEvent::new(
                Timestamp::UNIX_EPOCH,
                "bank-x",
                AuditAction::DocumentVerified,
                "00",
                "TOTAL-PASSED",
            )
        };
        let mut tip = ChainTip::begin(SegmentId::from_random([1; 16]));
        let link = tip.append(&event, [7; 32]);
        for link in [Some(link), None] {
            let recorded = RecordedEvent {
                sequence: 1,
                event: event.clone(),
                link,
            };
            assert_shape("AuditLine", &serde_json::to_value(&recorded).unwrap());
        }
    }

    #[test]
    fn a_digest_of_content_is_as_long_as_its_algorithm_makes_it() {
        let shapes: Value = serde_json::from_str(COMPONENTS).unwrap();
        let names = shapes["DigestName"]["enum"].as_array().unwrap();
        let validator = validator_of("OriginalBody");
        for name in names {
            let algorithm = DigestAlgorithm::from_name(name.as_str().unwrap()).unwrap();
            for bytes in [20, 28, 32, 48, 64] {
                let body = json!({"digest": "0f".repeat(bytes), "digestAlgorithm": name});
                let is_right = bytes == algorithm.output_bytes();
                assert_eq!(validator.is_valid(&body), is_right, "{body}");
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let shapes: Map<String, Value> = serde_json::from_str(COMPONENTS).unwrap();
        for reference in COMPONENTS.split("#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(shapes.contains_key(name), "{name}");
        }
    }
}
