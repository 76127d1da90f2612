//! What is sent to ask who accepts a document: the forms of `POST /v1/verify`, without what that asks beside.

use axum::extract::FromRequest;
use axum::extract::FromRequestParts;
use axum::extract::Request;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa::ToSchema;

use crate::http::api::verify_input::DocumentBody;
use crate::http::api::verify_input::OverallRule;
use crate::http::api::verify_input::SignerBody;
use crate::http::api::verify_input::VerifyBody;
use crate::http::api::verify_input::VerifyInput;
use crate::http::api::verify_input::VerifyQuery;
use crate::http::api::verify_input::refuse_in_query;
use crate::http::extract::body::read_body;
use crate::http::extract::form::Form;
use crate::http::extract::form::MULTIPART;
use crate::http::extract::json::APPLICATION_JSON;
use crate::http::extract::json::media_type;
use crate::http::extract::json::read_json;
use crate::http::extract::original::OriginalBody;
use crate::http::extract::query::StrictQuery;
use crate::http::problem::Problem;
use crate::service::check_recognition::CheckRequest;

/// Fields of a form that mean something here.
const FIELDS: [&str; 5] = ["digest", "digestAlgorithm", "name", "originals", "overall"];

/// What is said of a document that is the body itself.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct CheckQuery {
    /// How several signatures make one verdict.
    #[param(inline)]
    overall: Option<OverallRule>,
    /// The document's file name.
    name: Option<String>,
    /// The digest of the content that the document was signed apart from, in lower-case hex.
    digest: Option<String>,
    /// That digest's algorithm, for example sha256 or sm3.
    digest_algorithm: Option<String>,
}

/// A document of which it is asked who accepts it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct CheckBody {
    /// The document or certificate.
    document: DocumentBody,
    /// Where the document is a bare signature value: whose it is; `originals` then holds what was signed.
    signer: Option<SignerBody>,
    /// Content that it was signed apart from.
    #[serde(default)]
    originals: Vec<OriginalBody>,
    /// How several signatures make one verdict.
    overall: Option<OverallRule>,
}

/// A document of which it is asked who accepts it, as a form.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes what `CheckInput` reads of a form")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(in crate::http) struct CheckForm {
    /// The document or certificate.
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
    /// Its file name, if not that of the part.
    name: Option<String>,
    /// How several signatures make one verdict.
    overall: Option<OverallRule>,
}

/// A request that was read.
#[derive(Debug)]
pub(in crate::http) struct CheckInput(pub(in crate::http) CheckRequest);

impl<S: Send + Sync> FromRequest<S> for CheckInput {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let StrictQuery(query) =
            StrictQuery::<CheckQuery>::from_request_parts(&mut parts, state).await?;
        let media_type = media_type(&parts.headers);
        let request = Request::from_parts(parts, body);
        let input = match media_type.as_deref() {
            Some(APPLICATION_JSON) => {
                query.refuse_any()?;
                let (_, bytes) = read_body(request).await?;
                let CheckBody {
                    document,
                    signer,
                    originals,
                    overall,
                } = read_json(&bytes, bytes.len())?;
                let document = (document, signer);
                VerifyInput::of_json(VerifyBody::about(document, originals, overall))?
            }
            Some(MULTIPART) => {
                query.refuse_any()?;
                let form = Form::from_request(request, state).await?;
                form.refuse_all_but(&FIELDS)?;
                VerifyInput::of_form(form)?
            }
            _ => VerifyInput::of_body(request, media_type, query.into()).await?,
        };
        Ok(Self::from(input))
    }
}

impl From<VerifyInput> for CheckInput {
    fn from(input: VerifyInput) -> Self {
        let asked = input.request;
        Self(CheckRequest {
            submitted: asked.submitted,
            naming: asked.naming,
            originals: asked.originals,
            overall: asked.overall,
        })
    }
}

impl From<CheckQuery> for VerifyQuery {
    fn from(query: CheckQuery) -> Self {
        let digest = (query.digest, query.digest_algorithm);
        Self::about(query.name, digest, query.overall)
    }
}

impl CheckQuery {
    /// With a JSON body or a form everything stands there.
    fn refuse_any(&self) -> Result<(), Problem> {
        let given = [
            ("overall", self.overall.is_some()),
            ("name", self.name.is_some()),
            ("digest", self.digest.is_some()),
            ("digestAlgorithm", self.digest_algorithm.is_some()),
        ];
        refuse_in_query(&given)
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::header;

    use super::*;
    use crate::http::problem::table::ProblemType;
    use crate::service::verify::Overall;

    async fn read(query: &str, media_type: &str, body: &str) -> Result<CheckRequest, ProblemType> {
        let request = Request::post(format!("/v1/recognition/check{query}"))
            .header(header::CONTENT_TYPE, media_type)
            .body(Body::from(body.to_owned()))
            .unwrap();
        let read = CheckInput::from_request(request, &()).await;
        read.map(|CheckInput(request)| request)
            .map_err(|problem| problem.kind())
    }

    #[tokio::test]
    async fn the_three_forms_are_read() {
        let json = r#"{"document":{"bytes":"ZXlK"},"overall":"any"}"#;
        let read_json = read("", "application/json", json).await.unwrap();
        assert_eq!(read_json.overall, Overall::Any);
        let raw = read("?overall=any&name=a.p7s", "text/plain", "eyJ")
            .await
            .unwrap();
        assert_eq!(raw.overall, Overall::Any);
        assert_eq!(raw.naming.name.as_deref(), Some("a.p7s"));
        let form = "--B\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a\"\r\n\r\neyJ\r\n--B--\r\n";
        assert!(
            read("", "multipart/form-data; boundary=B", form)
                .await
                .is_ok()
        );
    }

    #[tokio::test]
    async fn nobody_says_what_for_or_by_which_cas() {
        let json = r#"{"document":{"bytes":"ZXlK"},"purpose":"loan"}"#;
        let refused = read("", "application/json", json).await;
        assert_eq!(refused.unwrap_err(), ProblemType::InvalidBody);
        let refused = read("?acceptCas=gdca", "text/plain", "eyJ").await;
        assert_eq!(refused.unwrap_err(), ProblemType::InvalidQuery);
        let form = "--B\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a\"\r\n\r\neyJ\r\n\
                    --B\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nloan\r\n--B--\r\n";
        let refused = read("", "multipart/form-data; boundary=B", form).await;
        assert_eq!(refused.unwrap_err(), ProblemType::InvalidBody);
        let json = r#"{"document":{"bytes":"ZXlK"}}"#;
        let refused = read("?overall=any", "application/json", json).await;
        assert_eq!(refused.unwrap_err(), ProblemType::InvalidQuery);
    }
}
