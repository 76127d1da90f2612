//! Reads a form: one document, content that it was signed apart from, and text fields.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::body::Bytes;
use axum::extract::FromRequest;
use axum::extract::Multipart;
use axum::extract::Request;
use axum::extract::multipart::Field;
use serde::de::DeserializeOwned;

use crate::http::extract::body::read_body;
use crate::http::extract::context::Place;
use crate::http::extract::json::media_type;
use crate::http::extract::json::read_json;
use crate::http::extract::json::unsupported_media_type;
use crate::http::extract::path::shortened;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::pki::name::text::is_hidden;

/// The media type of forms with files.
pub(in crate::http) const MULTIPART: &str = "multipart/form-data";

/// The part that holds the document.
const DOCUMENT: &str = "document";
/// Parts that hold content that it was signed apart from; there may be several.
const ORIGINAL: &str = "original";
/// The longest file name of common file systems.
const MAX_NAME_CHARACTERS: usize = 255;
/// Parts that a form may have; more is no form of ours.
const MAX_PARTS: usize = 32;

/// A form that was read to its end. Every field came once.
#[derive(Debug, Default)]
pub(in crate::http) struct Form {
    /// The document, if a part named `document` came with at least a file name or a byte; a browser sends an
    /// empty part for a file that was not chosen.
    pub(in crate::http) document: Option<FormFile>,
    /// Content that the document was signed apart from.
    pub(in crate::http) originals: Vec<FormFile>,
    /// Text fields by name.
    pub(in crate::http) fields: BTreeMap<String, String>,
}

/// A file of a form.
#[derive(Debug)]
pub(in crate::http) struct FormFile {
    /// Its content.
    pub(in crate::http) bytes: Bytes,
    /// Its name, as the sender says; the last segment alone.
    pub(in crate::http) name: Option<String>,
    /// Its media type, as the sender says.
    pub(in crate::http) media_type: Option<String>,
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if media_type(request.headers()).as_deref() != Some(MULTIPART) {
            return Err(unsupported_media_type(&[MULTIPART]));
        }
        // The body is bounded here; the reader's own limit is lifted in `router`.
        let (parts, bytes) = read_body(request).await?;
        let request = Request::from_parts(parts, Body::from(bytes));
        let mut multipart = Multipart::from_request(request, state)
            .await
            .map_err(|rejection| malformed(&rejection.body_text()))?;
        let mut form = Self::default();
        for _ in 0..MAX_PARTS {
            match multipart.next_field().await {
                Ok(Some(field)) => form.add(field).await?,
                Ok(None) => return Ok(form),
                Err(error) => return Err(malformed(&error.body_text())),
            }
        }
        Err(malformed("too many parts"))
    }
}

impl Form {
    async fn add(&mut self, field: Field<'_>) -> Result<(), Problem> {
        let name = field
            .name()
            .ok_or_else(|| malformed("a part has no name"))?
            .to_owned();
        if name == DOCUMENT || name == ORIGINAL {
            let file = FormFile {
                name: field.file_name().and_then(shown_name),
                media_type: field.content_type().map(str::to_owned),
                bytes: field
                    .bytes()
                    .await
                    .map_err(|error| malformed(&error.body_text()))?,
            };
            if file.bytes.is_empty() && file.name.is_none() {
                return Ok(());
            }
            if name == ORIGINAL {
                self.originals.push(file);
                return Ok(());
            }
            return match self.document.replace(file) {
                None => Ok(()),
                Some(_) => Err(malformed("two parts are named `document`")),
            };
        }
        let text = field
            .text()
            .await
            .map_err(|error| malformed(&error.body_text()))?;
        match self.fields.insert(name.clone(), text) {
            None => Ok(()),
            Some(_) => Err(malformed(&format!("two parts are named `{name}`"))),
        }
    }

    /// Takes a field out that says one of a few words.
    pub(in crate::http) fn take_word<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, Problem> {
        let word = self
            .take(name)
            .map(|word| serde_json::from_value(word.into()))
            .transpose();
        word.map_err(|error| Place::Body.refused(name, &error.to_string()))
    }

    /// Takes a field out that is JSON: a list, or `true`.
    pub(in crate::http) fn take_json<T: DeserializeOwned>(
        &mut self,
        name: &'static str,
    ) -> Result<Option<T>, Problem> {
        let read = self.take(name).map(|text| {
            let read = read_json(&text.clone().into(), text.len());
            read.map_err(|problem: Problem| problem.with("member", name))
        });
        read.transpose()
    }

    /// Refuses what is left: fields that nobody asked for.
    pub(in crate::http) fn refuse_rest(&self) -> Result<(), Problem> {
        self.refuse_all_but(&[])
    }

    /// Refuses fields of other names.
    pub(in crate::http) fn refuse_all_but(&self, known: &[&str]) -> Result<(), Problem> {
        match self
            .fields
            .keys()
            .find(|name| !known.contains(&name.as_str()))
        {
            None => Ok(()),
            Some(name) => Err(Problem::new(ProblemType::InvalidBody)
                .explained(format!("{}: there is no such field", shortened(name)))
                .with("member", shortened(name))),
        }
    }

    /// Takes a text field out; empty counts as absent, as browsers send every field.
    pub(in crate::http) fn take(&mut self, name: &str) -> Option<String> {
        self.fields.remove(name).filter(|text| !text.is_empty())
    }
}

/// A file's own name, fit to be repeated: where it lies on the sender's machine is nobody's business.
pub(in crate::http) fn shown_name(path: &str) -> Option<String> {
    visible(path.rsplit(['/', '\\']).next().unwrap_or(path))
}

/// A text of the sender's that may be repeated in a report and on a page: without control characters and
/// those that turn the direction of text, not longer than a file name can be. None if nothing is left.
pub(in crate::http) fn visible(text: &str) -> Option<String> {
    let shown: String = text
        .chars()
        .filter(|character| !is_hidden(*character))
        .take(MAX_NAME_CHARACTERS)
        .collect();
    let shown = shown.trim();
    (!shown.is_empty()).then(|| shown.to_owned())
}

fn malformed(what: &str) -> Problem {
    Problem::new(ProblemType::MalformedMultipart).explained(what)
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;

    fn part(disposition: &str, content: &str) -> String {
        format!("--B\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n")
    }

    async fn read(parts: &[String]) -> Result<Form, ProblemType> {
        let body = format!("{}--B--\r\n", parts.concat());
        let request = Request::post("/")
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=B")
            .body(Body::from(body))
            .unwrap();
        Form::from_request(request, &())
            .await
            .map_err(|problem| problem.kind())
    }

    #[tokio::test]
    async fn a_file_and_fields_are_read() {
        let document = part(r#"name="document"; filename="C:\Users\li\a.jwt""#, "eyJ");
        let mut form = read(&[
            document,
            part(r#"name="purpose""#, "loan"),
            part(r#"name="text""#, ""),
        ])
        .await
        .unwrap();
        let file = form.document.as_ref().unwrap();
        assert_eq!(file.bytes.as_ref(), b"eyJ");
        assert_eq!(file.name.as_deref(), Some("a.jwt"));
        assert_eq!(form.take("purpose").as_deref(), Some("loan"));
        assert_eq!(form.take("text"), None);
    }

    #[tokio::test]
    async fn content_may_come_in_several_parts() {
        let form = read(&[
            part(r#"name="document"; filename="a.p7s""#, "x"),
            part(r#"name="original"; filename="a.txt""#, "one"),
            part(r#"name="original"; filename="b.txt""#, "two"),
            part(r#"name="original"; filename="""#, ""),
        ])
        .await
        .unwrap();
        let names: Vec<_> = form
            .originals
            .iter()
            .map(|file| file.name.as_deref())
            .collect();
        assert_eq!(names, [Some("a.txt"), Some("b.txt")]);
    }

    #[tokio::test]
    async fn a_file_that_was_not_chosen_is_no_file_but_an_empty_file_is_one() {
        let form = read(&[part(r#"name="document"; filename="""#, "")])
            .await
            .unwrap();
        assert!(form.document.is_none());
        let form = read(&[part(r#"name="document"; filename="a""#, "")])
            .await
            .unwrap();
        assert!(form.document.unwrap().bytes.is_empty());
    }

    #[tokio::test]
    async fn only_a_form_is_taken() {
        let request = Request::post("/").body(Body::from("eyJ")).unwrap();
        let problem = Form::from_request(request, &()).await.unwrap_err();
        assert_eq!(problem.kind(), ProblemType::UnsupportedMediaType);
    }

    #[test]
    fn a_name_is_repeated_without_what_cannot_be_seen() {
        assert_eq!(shown_name("C:\\Users\\li\\a.jwt").as_deref(), Some("a.jwt"));
        assert_eq!(
            shown_name("a\u{202e}twj.exe\n").as_deref(),
            Some("atwj.exe")
        );
        assert_eq!(shown_name("\u{200b} "), None);
        assert_eq!(
            shown_name(&"x".repeat(300)).unwrap().len(),
            MAX_NAME_CHARACTERS
        );
    }

    #[tokio::test]
    async fn a_form_that_means_two_things_is_refused() {
        let document = part(r#"name="document"; filename="a""#, "x");
        let field = part(r#"name="purpose""#, "x");
        for parts in [
            vec![document.clone(), document],
            vec![field.clone(), field.clone()],
            vec![part("nameless=1", "x")],
            (0..=MAX_PARTS)
                .map(|index| part(&format!("name=\"f{index}\""), "x"))
                .collect(),
        ] {
            assert_eq!(
                read(&parts).await.unwrap_err(),
                ProblemType::MalformedMultipart
            );
        }
    }

    #[tokio::test]
    async fn a_form_that_breaks_off_is_refused() {
        for body in [
            "",
            "--B\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx",
        ] {
            let request = Request::post("/")
                .header(header::CONTENT_TYPE, "multipart/form-data; boundary=B")
                .body(Body::from(body))
                .unwrap();
            let problem = Form::from_request(request, &()).await.unwrap_err();
            assert_eq!(problem.kind(), ProblemType::MalformedMultipart, "{body:?}");
        }
    }
}
