//! `/pickup`: a company fetches its credentials and sees who looked at it, by pick-up code or signature.
//!
//! Codes, signatures and sessions come in bodies, never in addresses, which browsers and proxies keep. The page that
//! answers carries the session for its own buttons, and nothing is left when it is closed.

mod own;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::clock::Timestamp;
use crate::http::api::credential::as_file;
use crate::http::api::holder::Shown;
use crate::http::extract::context::Place;
use crate::http::extract::form::Form;
use crate::http::pages::moment::Moment;
use crate::http::pages::page::Page;
use crate::http::pages::pick_up::own::OwnPage;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::registry::holder::pick_up_code::PickUpCode;
use crate::service::admit_holder::Challenge;
use crate::service::admit_holder::SessionError;
use crate::service::app::App;

/// The page that asks for a code, or for whom to make a challenge.
#[derive(Debug, Template)]
#[template(path = "pickup_ask.html", config = "src/http/askama.toml")]
struct AskPage {
    page: Page,
    /// Whether a company was signed in until now.
    left: bool,
}

/// The page that shows a challenge and takes its signature.
#[derive(Debug, Template)]
#[template(path = "pickup_challenge.html", config = "src/http/askama.toml")]
struct ChallengePage {
    page: Page,
    uscc: String,
    challenge: String,
    until: Moment,
}

impl ChallengePage {
    fn new(page: Page, uscc: &Uscc, challenge: Challenge) -> Self {
        Self {
            page,
            uscc: uscc.to_string(),
            challenge: challenge.text,
            until: challenge.expires_at.into(),
        }
    }
}

/// `GET /pickup`
pub(in crate::http) async fn ask(page: Page) -> Result<Response, Problem> {
    Page::respond(page.language, &AskPage { page, left: false })
}

/// `POST /pickup/end`
pub(in crate::http) async fn end(
    page: Page,
    State(app): State<App>,
    mut form: Form,
) -> Result<Response, Problem> {
    let session = session(&mut form)?;
    form.refuse_rest()?;
    let ending = async {
        let holder = app.authenticate_holder(&session).await?;
        app.end_session(&holder).await
    };
    match ending.await {
        // Whoever leaves late is out already.
        Ok(()) | Err(SessionError::NotInForce) => {}
        Err(error) => return Err(error.into()),
    }
    let page = page.without_switch();
    Page::respond(page.language, &AskPage { page, left: true })
}

/// `POST /pickup/challenge`
pub(in crate::http) async fn challenge(
    page: Page,
    State(app): State<App>,
    mut form: Form,
) -> Result<Response, Problem> {
    let typed = form.take("uscc").unwrap_or_default();
    form.refuse_rest()?;
    let uscc = Uscc::from_input(&typed)?;
    let challenge = app.challenge_holder(&uscc).await?;
    Page::respond(page.language, &ChallengePage::new(page, &uscc, challenge))
}

/// `POST /pickup`
pub(in crate::http) async fn pick_up(
    page: Page,
    State(app): State<App>,
    form: Form,
) -> Result<Response, Problem> {
    let admitted = shown(form)?.admit(&app).await?;
    let own = OwnPage::of(page, &app, &admitted).await?;
    Page::respond(own.language(), &own)
}

/// `POST /pickup/file`
pub(in crate::http) async fn file(
    State(app): State<App>,
    mut form: Form,
) -> Result<Response, Problem> {
    let session = session(&mut form)?;
    let id = CredentialId::parse(&form.take("credential").unwrap_or_default())?;
    form.refuse_rest()?;
    let holder = app.authenticate_holder(&session).await?;
    let credential = app.hand_out(&holder, &id).await?;
    let unknown = || Problem::new(ProblemType::UnknownCredential).with("credentialId", id.as_str());
    Ok(as_file(credential.ok_or_else(unknown)?))
}

/// The session that the page of a company that signed in carries.
fn session(form: &mut Form) -> Result<String, Problem> {
    let session = form.take("session");
    session.ok_or_else(|| Problem::new(ProblemType::SessionMissing))
}

/// What somebody signs in with: a code, or a challenge with its signature as a file or pasted.
fn shown(mut form: Form) -> Result<Shown, Problem> {
    let (code, uscc, challenge) = (form.take("code"), form.take("uscc"), form.take("challenge"));
    let pasted = form.take("text");
    form.refuse_rest()?;
    if let Some(challenge) = challenge {
        let signature = match (form.document, pasted) {
            (Some(file), None) => file.bytes.into(),
            (None, Some(text)) => text.into_bytes(),
            (Some(_), Some(_)) => return Err(Problem::new(ProblemType::DocumentAmbiguous)),
            (None, None) => return Err(Problem::new(ProblemType::DocumentMissing)),
        };
        return Shown::signature(&uscc.unwrap_or_default(), challenge, signature);
    }
    match code {
        Some(code) => Ok(Shown::Code(PickUpCode::parse(&code)?)),
        None => Err(Place::Body.refused("code", "is missing")),
    }
}

/// The pages, for looking at them.
pub(in crate::http) fn samples(page: &Page) -> Vec<(&'static str, askama::Result<String>)> {
    let posted = || page.clone().without_switch();
    let ask = |page, left| AskPage { page, left };
    let challenge = ChallengePage {
        page: posted(),
        uscc: "91441900MA5ABCDE7F".to_owned(),
        challenge:
            "印信企业自助登录 yinxin company sign-in; …; 随机数 nonce: kX3vT0pQ9bY2mR7sW4cJ1g"
                .to_owned(),
        until: Timestamp::from_unix_seconds(1_767_323_045)
            .unwrap_or(Timestamp::UNIX_EPOCH)
            .into(),
    };
    vec![
        ("pickup-ask", ask(page.clone(), false).render()),
        ("pickup-left", ask(posted(), true).render()),
        ("pickup-challenge", challenge.render()),
        ("pickup-own", OwnPage::sample(posted()).render()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::language::Language;

    #[test]
    fn a_code_is_posted_and_never_stands_in_an_address() {
        for (name, html) in samples(&Page::sample(Language::Zh)) {
            let html = html.unwrap();
            assert!(!html.contains("method=\"get\""), "{name}");
            for form in html.split("<form ").skip(1) {
                let tag = form.split('>').next().unwrap();
                assert!(tag.contains("method=\"post\""), "{name}: {tag}");
                assert!(tag.contains("enctype=\"multipart/form-data\""), "{name}");
            }
        }
    }
}
