//! What callers of `POST /v1/verify` send: a document as JSON, as a form or as the body itself.

use axum::extract::FromRequest;
use axum::extract::FromRequestParts;
use axum::extract::Request;
use serde::Deserialize;
use serde::Serialize;
use utoipa::IntoParams;
use utoipa::ToSchema;

use crate::clock::Timestamp;
use crate::crypto::algorithm::SignatureAlgorithm;
use crate::http::extract::accept::AcceptBody;
use crate::http::extract::accept::accepted_cas;
use crate::http::extract::accept::listed_cas;
use crate::http::extract::body::read_body;
use crate::http::extract::context::Place;
use crate::http::extract::context::call_context;
use crate::http::extract::form::Form;
use crate::http::extract::form::MULTIPART;
use crate::http::extract::form::shown_name;
use crate::http::extract::form::visible;
use crate::http::extract::json::APPLICATION_JSON;
use crate::http::extract::json::media_type;
use crate::http::extract::json::read_json;
use crate::http::extract::original::OriginalBody;
use crate::http::extract::original::Originals;
use crate::http::extract::original::decode_member;
use crate::http::extract::original::read_digest;
use crate::http::extract::original::read_originals;
use crate::http::extract::query::StrictQuery;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::identifier::uscc::Uscc;
use crate::service::open::Naming;
use crate::service::verify::DiagnosticDetail;
use crate::service::verify::Original;
use crate::service::verify::Overall;
use crate::service::verify::SignedContent;
use crate::service::verify::Submitted;
use crate::service::verify::VerifyRequest;

/// How much a report tells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum ReportType {
    /// Verdict, reasons, signer and credential; less than 2 KB for an ordinary file.
    Simple,
    /// Paths, policies, revocation evidence and the outcome of every check as well.
    #[default]
    Detailed,
    /// Everything that was read as well: certificates, evidence, attributes.
    Diagnostic,
}

impl ReportType {
    /// Whether everything that was read is told.
    pub(in crate::http) const fn diagnostics(self) -> DiagnosticDetail {
        match self {
            Self::Diagnostic => DiagnosticDetail::Include,
            Self::Detailed | Self::Simple => DiagnosticDetail::Omit,
        }
    }
}

/// A caller's own name for an item of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(in crate::http) enum ItemId {
    /// A number.
    Number(i64),
    /// A text, at most 128 characters.
    Text(String),
}

impl ItemId {
    /// Whether it has more characters than that.
    pub(in crate::http) fn is_longer_than(&self, characters: usize) -> bool {
        match self {
            Self::Number(_) => false,
            Self::Text(text) => text.chars().nth(characters).is_some(),
        }
    }
}

/// How the verdicts of several signatures make one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(in crate::http) enum OverallRule {
    /// The worst counts.
    #[default]
    All,
    /// The best counts.
    Any,
}

/// What a caller wants of a document, besides a verdict.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct VerifyQuery {
    /// What for: decides which CAs count, and stands in the receipt.
    purpose: Option<String>,
    /// Who asks, for the receipt; at most 64 characters.
    operator: Option<String>,
    /// For which matter, for the receipt; at most 64 characters.
    matter_code: Option<String>,
    /// How much the report tells.
    #[param(inline)]
    report_type: Option<ReportType>,
    /// A time in the past to judge for, RFC 3339; needs the scope `audit`, and is no proof of anything.
    #[param(value_type = Option<String>, format = DateTime)]
    validation_time: Option<Timestamp>,
    /// How several signatures make one verdict.
    #[param(inline)]
    overall: Option<OverallRule>,
    /// The company that you expect to have signed.
    expect_signer_uscc: Option<String>,
    /// The document's file name.
    name: Option<String>,
    /// The digest of the content that the document was signed apart from, in lower-case hex.
    digest: Option<String>,
    /// That digest's algorithm, for example sha256 or sm3.
    digest_algorithm: Option<String>,
    /// Whether to give back the signed content that lies inside, in base64; only if a signature is intact.
    include_content: Option<bool>,
    /// Ids of certificate authorities of your profile, with commas between them; no others count then.
    accept_cas: Option<String>,
}

/// A document and what the caller wants of it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct VerifyBody {
    /// The document.
    document: DocumentBody,
    /// Where the document is a bare signature value: whose it is; `originals` then holds what was signed.
    signer: Option<SignerBody>,
    /// Content that it was signed apart from.
    #[serde(default)]
    originals: Vec<OriginalBody>,
    /// Whether to give back the signed content that lies inside, in base64; only if a signature is intact.
    include_content: Option<bool>,
    /// The caller's own name for the item, repeated in its answer; only in a batch, whose description has it.
    #[schema(ignore)]
    id: Option<ItemId>,
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
    /// How several signatures make one verdict.
    overall: Option<OverallRule>,
    /// What the caller expects.
    expect: Option<ExpectBody>,
    /// Narrows the caller's profile; nothing widens it.
    accept: Option<AcceptBody>,
}

impl VerifyBody {
    /// One that says nothing but what the document is.
    pub(in crate::http) fn about(
        (document, signer): (DocumentBody, Option<SignerBody>),
        originals: Vec<OriginalBody>,
        overall: Option<OverallRule>,
    ) -> Self {
        Self {
            document,
            signer,
            originals,
            overall,
            ..Self::default()
        }
    }

    /// Whether it has a name of more characters than that.
    pub(in crate::http) fn has_long_id(&self, characters: usize) -> bool {
        let id = self.id.as_ref();
        id.is_some_and(|id| id.is_longer_than(characters))
    }
}

/// The signer of a bare signature value.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct SignerBody {
    /// Its certificate in standard base64: PEM, DER or PKCS#7, with those of its CAs as you like.
    certificate: String,
    /// How the value was made, by the names of reports, such as `ECDSA-SHA256`; by default what keys of its kind
    /// usually do.
    algorithm: Option<String>,
}

/// A document.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct DocumentBody {
    /// Its bytes in standard base64.
    #[schema(value_type = String, required = true)]
    bytes: Option<String>,
    /// A digest says nothing of a signature, and is refused with what to do instead.
    #[schema(ignore)]
    digest: Option<String>,
    /// The digest's algorithm.
    #[schema(ignore)]
    #[expect(dead_code, reason = "part of the interface, refused with the digest")]
    digest_algorithm: Option<String>,
    /// Its file name.
    name: Option<String>,
    /// Its media type; only repeated, its content says what it is.
    media_type: Option<String>,
}

/// A document and what the caller wants of it, as a form. Every part but `document` is text.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes what `VerifyInput::of_form` reads")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct VerifyForm {
    /// The document.
    #[schema(value_type = String, format = Binary, min_length = 1)]
    document: Vec<u8>,
    /// Content that it was signed apart from; may come several times.
    #[schema(value_type = Option<String>, format = Binary)]
    original: Option<Vec<u8>>,
    /// As `originals` of a JSON body: digests of content that stays with you.
    originals: Option<String>,
    /// The digest of the content that the document was signed apart from, in lower-case hex.
    digest: Option<String>,
    /// That digest's algorithm, for example sha256 or sm3.
    digest_algorithm: Option<String>,
    /// Whether to give back the signed content that lies inside, in base64; only if a signature is intact.
    include_content: Option<bool>,
    /// Its file name, if not that of the part.
    name: Option<String>,
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
    /// How several signatures make one verdict.
    overall: Option<OverallRule>,
    /// The company that you expect to have signed.
    expect_signer_uscc: Option<String>,
    /// Ids of certificate authorities of your profile, with commas between them; no others count then.
    accept_cas: Option<String>,
}

/// What the caller expects.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct ExpectBody {
    /// The company that must have signed.
    pub(in crate::http) signer_uscc: Option<String>,
}

/// The document's bytes, and what the sender calls them.
pub(in crate::http) struct File {
    pub(in crate::http) bytes: Vec<u8>,
    pub(in crate::http) media_type: Option<String>,
}

/// A request in any of its three forms.
#[derive(Debug)]
pub(in crate::http) struct VerifyInput {
    pub(in crate::http) request: VerifyRequest,
    pub(in crate::http) report_type: ReportType,
}

impl<S: Send + Sync> FromRequest<S> for VerifyInput {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let StrictQuery(query) =
            StrictQuery::<VerifyQuery>::from_request_parts(&mut parts, state).await?;
        let media_type = media_type(&parts.headers);
        let request = Request::from_parts(parts, body);
        match media_type.as_deref() {
            Some(APPLICATION_JSON) => {
                query.refuse_any()?;
                let (_, bytes) = read_body(request).await?;
                let body: VerifyBody = read_json(&bytes, bytes.len())?;
                if body.id.is_some() {
                    return Err(Place::Body.refused("id", "belongs to an item of a batch"));
                }
                Self::of_json(body)
            }
            Some(MULTIPART) => {
                query.refuse_any()?;
                Self::of_form(Form::from_request(request, state).await?)
            }
            _ => Self::of_body(request, media_type, query).await,
        }
    }
}

impl VerifyQuery {
    /// One that says nothing but what the document is; `digest` comes with its algorithm.
    pub(in crate::http) fn about(
        name: Option<String>,
        (digest, digest_algorithm): (Option<String>, Option<String>),
        overall: Option<OverallRule>,
    ) -> Self {
        Self {
            name,
            digest,
            digest_algorithm,
            overall,
            ..Self::default()
        }
    }

    /// With a JSON body or a form everything stands there; the same in two places could contradict.
    fn refuse_any(&self) -> Result<(), Problem> {
        let given = [
            ("purpose", self.purpose.is_some()),
            ("operator", self.operator.is_some()),
            ("matterCode", self.matter_code.is_some()),
            ("reportType", self.report_type.is_some()),
            ("validationTime", self.validation_time.is_some()),
            ("overall", self.overall.is_some()),
            ("expectSignerUscc", self.expect_signer_uscc.is_some()),
            ("name", self.name.is_some()),
            ("digest", self.digest.is_some()),
            ("digestAlgorithm", self.digest_algorithm.is_some()),
            ("includeContent", self.include_content.is_some()),
            ("acceptCas", self.accept_cas.is_some()),
        ];
        refuse_in_query(&given)
    }
}

/// Refuses what is said in the query although there is a body that says it.
pub(in crate::http) fn refuse_in_query(given: &[(&str, bool)]) -> Result<(), Problem> {
    match given.iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((name, _)) => Err(Place::Query.refused(name, "belongs into the body here")),
    }
}

/// Takes a document for a bare value of `signer`.
fn raw(document: Submitted, signer: SignerBody) -> Result<Submitted, Problem> {
    let algorithm = signer
        .algorithm
        .as_deref()
        .map(SignatureAlgorithm::from_name);
    let algorithm = algorithm
        .transpose()
        .map_err(|unknown| Place::Body.refused("signer.algorithm", &unknown.to_string()))?;
    Ok(Submitted::Raw {
        value: document.into_bytes(),
        signer: decode_member(&signer.certificate, "signer.certificate")?,
        algorithm,
    })
}

impl VerifyInput {
    /// The body is the document; the query says everything else.
    pub(in crate::http) async fn of_body(
        request: Request,
        media_type: Option<String>,
        asked: VerifyQuery,
    ) -> Result<Self, Problem> {
        let (_, bytes) = read_body(request).await?;
        let file = File {
            bytes: bytes.into(),
            media_type,
        };
        Self::new(file, Vec::new(), asked, Place::Query)
    }

    pub(in crate::http) fn new(
        file: File,
        mut originals: Vec<Original>,
        asked: VerifyQuery,
        place: Place,
    ) -> Result<Self, Problem> {
        let (digest, algorithm) = (asked.digest.as_deref(), asked.digest_algorithm.as_deref());
        originals.extend(read_digest(place, digest, algorithm)?);
        let expected_signer = asked
            .expect_signer_uscc
            .as_deref()
            .map(Uscc::from_input)
            .transpose()?;
        let overall = match asked.overall.unwrap_or_default() {
            OverallRule::All => Overall::All,
            OverallRule::Any => Overall::Any,
        };
        Ok(Self {
            request: VerifyRequest {
                submitted: Submitted::Document(file.bytes),
                naming: Naming {
                    name: asked.name.as_deref().and_then(shown_name),
                    media_type: file.media_type.as_deref().and_then(visible),
                },
                originals,
                signed_content: match asked.include_content {
                    Some(true) => SignedContent::Include,
                    Some(false) | None => SignedContent::Omit,
                },
                diagnostics: asked.report_type.unwrap_or_default().diagnostics(),
                context: call_context(place, asked.purpose, asked.operator, asked.matter_code)?,
                validation_time: asked.validation_time,
                overall,
                expected_signer,
                accepted_cas: listed_cas(place, asked.accept_cas.as_deref())?,
            },
            report_type: asked.report_type.unwrap_or_default(),
        })
    }

    pub(in crate::http) fn of_json(body: VerifyBody) -> Result<Self, Problem> {
        let bytes = match (body.document.bytes, body.document.digest) {
            (Some(bytes), None) => decode_member(&bytes, "document.bytes")?,
            (None, Some(_)) => return Err(Problem::new(ProblemType::DigestOnly)),
            (Some(_), Some(_)) => return Err(Problem::new(ProblemType::DocumentAmbiguous)),
            (None, None) => {
                return Err(
                    Problem::new(ProblemType::DocumentMissing).with("member", "document.bytes")
                );
            }
        };
        let asked = VerifyQuery {
            purpose: body.purpose,
            operator: body.operator,
            matter_code: body.matter_code,
            report_type: body.report_type,
            validation_time: body.validation_time,
            overall: body.overall,
            expect_signer_uscc: body.expect.and_then(|expect| expect.signer_uscc),
            name: body.document.name,
            digest: None,
            digest_algorithm: None,
            include_content: body.include_content,
            accept_cas: None,
        };
        let file = File {
            bytes,
            media_type: body.document.media_type,
        };
        let mut input = Self::new(file, read_originals(body.originals)?, asked, Place::Body)?;
        input.request.accepted_cas = accepted_cas(body.accept)?;
        if let Some(signer) = body.signer {
            input.request.submitted = raw(input.request.submitted, signer)?;
        }
        Ok(input)
    }

    pub(in crate::http) fn of_form(mut form: Form) -> Result<Self, Problem> {
        let document = form
            .document
            .take()
            .ok_or_else(|| Problem::new(ProblemType::DocumentMissing))?;
        let validation_time = form
            .take("validationTime")
            .map(|text| Timestamp::parse(&text))
            .transpose();
        let asked = VerifyQuery {
            purpose: form.take("purpose"),
            operator: form.take("operator"),
            matter_code: form.take("matterCode"),
            report_type: form.take_word("reportType")?,
            validation_time: validation_time
                .map_err(|error| Place::Body.refused("validationTime", &error.to_string()))?,
            overall: form.take_word("overall")?,
            expect_signer_uscc: form.take("expectSignerUscc"),
            name: form.take("name").or(document.name),
            digest: form.take("digest"),
            digest_algorithm: form.take("digestAlgorithm"),
            include_content: form.take_json("includeContent")?,
            accept_cas: form.take("acceptCas"),
        };
        let bodies: Option<Vec<OriginalBody>> = form.take_json("originals")?;
        let mut originals = Originals(read_originals(bodies.unwrap_or_default())?);
        for original in form.originals.drain(..) {
            originals.add_bytes(original.name, original.bytes.into())?;
        }
        form.refuse_rest()?;
        let file = File {
            bytes: document.bytes.into(),
            media_type: document.media_type,
        };
        Self::new(file, originals.0, asked, Place::Body)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::header;

    use super::*;

    async fn read(
        query: &str,
        content_type: Option<&str>,
        body: &str,
    ) -> Result<VerifyInput, ProblemType> {
        let mut request = Request::post(format!("/v1/verify{query}"));
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        VerifyInput::from_request(request, &())
            .await
            .map_err(|problem| problem.kind())
    }

    async fn read_json_body(body: &str) -> Result<VerifyInput, ProblemType> {
        read("", Some("application/json"), body).await
    }

    #[tokio::test]
    async fn a_json_body_is_read() {
        let body = r#"{"document":{"bytes":"ZXlK","name":"a.jwt"},"purpose":"loan","overall":"any","reportType":"simple"}"#;
        let input = read_json_body(body).await.unwrap();
        assert!(matches!(&input.request.submitted, Submitted::Document(bytes) if bytes == b"eyJ"));
        assert_eq!(input.request.naming.name.as_deref(), Some("a.jwt"));
        assert_eq!(input.request.context.purpose.as_deref(), Some("loan"));
        assert_eq!(input.request.overall, Overall::Any);
        assert_eq!(input.report_type, ReportType::Simple);
    }

    #[tokio::test]
    async fn a_raw_body_is_read_with_its_query() {
        let input = read("?purpose=loan&name=a%5Cb.jwt&lang=en", None, "eyJ")
            .await
            .unwrap();
        assert!(matches!(&input.request.submitted, Submitted::Document(bytes) if bytes == b"eyJ"));
        assert_eq!(input.request.naming.name.as_deref(), Some("b.jwt"));
        assert_eq!(input.request.context.purpose.as_deref(), Some("loan"));
        let input = read("", Some("application/dc+sd-jwt"), "eyJ")
            .await
            .unwrap();
        assert_eq!(
            input.request.naming.media_type.as_deref(),
            Some("application/dc+sd-jwt")
        );
    }

    #[tokio::test]
    async fn a_form_is_read() {
        let form = "--B\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a.pem\"\r\n\r\neyJ\r\n\
                    --B\r\nContent-Disposition: form-data; name=\"overall\"\r\n\r\nany\r\n--B--\r\n";
        let input = read("", Some("multipart/form-data; boundary=B"), form)
            .await
            .unwrap();
        assert!(matches!(&input.request.submitted, Submitted::Document(bytes) if bytes == b"eyJ"));
        assert_eq!(input.request.overall, Overall::Any);
        let unknown = form.replace("overall", "surprise");
        let refused = read("", Some("multipart/form-data; boundary=B"), &unknown).await;
        assert_eq!(refused.unwrap_err(), ProblemType::InvalidBody);
        let wrong = form.replace("any", "some");
        let refused = read("", Some("multipart/form-data; boundary=B"), &wrong).await;
        assert_eq!(refused.unwrap_err(), ProblemType::InvalidBody);
    }

    #[tokio::test]
    async fn exactly_one_document_with_bytes_is_wanted() {
        for (document, problem) in [
            ("{}", ProblemType::DocumentMissing),
            (
                r#"{"bytes":"ZXlK","digest":"00"}"#,
                ProblemType::DocumentAmbiguous,
            ),
            (
                r#"{"digest":"00","digestAlgorithm":"sha256"}"#,
                ProblemType::DigestOnly,
            ),
            (r#"{"bytes":"ZXl*"}"#, ProblemType::MalformedBase64),
            (r#"{"bytes":"ZXl","name":1}"#, ProblemType::InvalidBody),
            (r#"{"bytes":"ZXlK","surprise":1}"#, ProblemType::InvalidBody),
        ] {
            let refused = read_json_body(&format!("{{\"document\":{document}}}")).await;
            assert_eq!(refused.unwrap_err(), problem, "{document}");
        }
    }

    #[tokio::test]
    async fn nothing_is_said_in_two_places() {
        let body = r#"{"document":{"bytes":"ZXlK"}}"#;
        let refused = read("?purpose=loan", Some("application/json"), body).await;
        assert_eq!(refused.unwrap_err(), ProblemType::InvalidQuery);
        assert!(
            read("?lang=en", Some("application/json"), body)
                .await
                .is_ok()
        );
        assert_eq!(
            read("?surprise=1", None, "eyJ").await.unwrap_err(),
            ProblemType::InvalidQuery
        );
    }

    #[tokio::test]
    async fn what_goes_into_a_receipt_is_checked() {
        let long = "x".repeat(65);
        let refused = read(&format!("?operator={long}"), None, "eyJ").await;
        assert_eq!(refused.unwrap_err(), ProblemType::InvalidQuery);
        let refused = read("?expectSignerUscc=123", None, "eyJ").await;
        assert_eq!(refused.unwrap_err(), ProblemType::InvalidUscc);
    }
}
