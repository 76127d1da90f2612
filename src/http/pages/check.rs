//! `POST /check`: has a file or a pasted credential judged for the public.

use axum::extract::State;
use axum::response::Response;

use crate::http::extract::form::Form;
use crate::http::extract::form::FormFile;
use crate::http::extract::form::shown_name;
use crate::http::extract::original::Originals;
use crate::http::metrics::Metrics;
use crate::http::pages::page::Page;
use crate::http::pages::verdict::Origin;
use crate::http::pages::verdict::VerdictPage;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::service::app::App;
use crate::service::call::CallContext;
use crate::service::open::Naming;
use crate::service::verify::DiagnosticDetail;
use crate::service::verify::Original;
use crate::service::verify::Overall;
use crate::service::verify::SignedContent;
use crate::service::verify::Submitted;
use crate::service::verify::VerifyRequest;

/// The longest text that a page carries along to be shown in the other language, in bytes: a credential
/// with all its disclosures has about 5 KB.
const MAX_CARRIED_BYTES: usize = 64 * 1024;

/// The document of the form: a file that was chosen or a text that was pasted, not both; and the contents that it
/// may have been signed apart from.
pub(in crate::http) fn document(mut form: Form) -> Result<(FormFile, Vec<Original>), Problem> {
    let pasted = form
        .take("text")
        .map(|text| text.trim().to_owned())
        .filter(|text| !text.is_empty());
    let name = form.take("name").as_deref().and_then(shown_name);
    form.refuse_rest()?;
    let mut originals = Originals::default();
    for original in form.originals {
        originals.add_bytes(original.name, original.bytes.into())?;
    }
    let document = match (form.document, pasted) {
        (Some(file), None) => file,
        (None, Some(text)) => FormFile {
            bytes: text.into(),
            name,
            media_type: None,
        },
        (Some(_), Some(_)) => return Err(Problem::new(ProblemType::DocumentAmbiguous)),
        (None, None) => return Err(Problem::new(ProblemType::DocumentMissing)),
    };
    Ok((document, originals.0))
}

/// What can be carried along: text, and not too much of it.
fn carried(bytes: &[u8]) -> Option<String> {
    let short = bytes.len() <= MAX_CARRIED_BYTES;
    short
        .then(|| std::str::from_utf8(bytes).ok().map(str::to_owned))
        .flatten()
}

/// `POST /check`
pub(in crate::http) async fn check(
    page: Page,
    State(app): State<App>,
    State(metrics): State<Metrics>,
    form: Form,
) -> Result<Response, Problem> {
    let (document, originals) = document(form)?;
    // Content that stands apart is not carried along, and without it the verdict would be another one.
    let pasted = match originals.is_empty() {
        true => carried(&document.bytes),
        false => None,
    };
    let request = VerifyRequest {
        submitted: Submitted::Document(document.bytes.into()),
        naming: Naming {
            name: document.name,
            media_type: None,
        },
        originals,
        signed_content: SignedContent::Omit,
        diagnostics: DiagnosticDetail::Omit,
        context: CallContext::default(),
        validation_time: None,
        overall: Overall::All,
        expected_signer: None,
        accepted_cas: None,
    };
    let report = app.verify(&app.public_caller(), request).await?;
    metrics.verification(report.indication.as_str());
    Page::respond(
        page.language,
        &VerdictPage::new(page, &report, app.kinds(), Origin::Visitor { pasted }),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(file: Option<&str>, text: &str) -> Form {
        let document = file.map(|content| FormFile {
            bytes: content.to_owned().into(),
            name: Some("a.jwt".to_owned()),
            media_type: None,
        });
        let fields = [("text".to_owned(), text.to_owned())].into_iter().collect();
        Form {
            document,
            fields,
            ..Form::default()
        }
    }

    #[test]
    fn a_file_or_a_text_is_taken() {
        assert_eq!(
            document(form(Some("eyJ"), "")).unwrap().0.bytes.as_ref(),
            b"eyJ"
        );
        assert_eq!(
            document(form(None, " eyJ\r\n")).unwrap().0.bytes.as_ref(),
            b"eyJ"
        );
    }

    #[test]
    fn both_or_neither_is_refused() {
        let refused = |form| document(form).unwrap_err().kind();
        assert_eq!(
            refused(form(Some("a"), "b")),
            ProblemType::DocumentAmbiguous
        );
        assert_eq!(refused(form(None, " \n ")), ProblemType::DocumentMissing);
    }

    #[test]
    fn only_short_texts_are_carried_along() {
        assert_eq!(carried(b"eyJ").as_deref(), Some("eyJ"));
        assert_eq!(carried(&[0xff, 0xfe]), None);
        assert_eq!(carried(&vec![b'x'; MAX_CARRIED_BYTES + 1]), None);
    }
}
