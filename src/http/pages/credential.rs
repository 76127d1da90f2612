//! `GET /v/{id}`: the page that a credential's QR code opens.
//!
//! It shows whom the credential is about, so that a genuine code on somebody else's paper is noticed.

use std::time::Duration;

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use crate::clock::Timestamp;
use crate::credential::kind::CredentialKind;
use crate::credential::sd_jwt_vc::parse::Limits;
use crate::credential::sd_jwt_vc::parse::SdJwt;
use crate::credential::state::AutomaticChange;
use crate::credential::state::Change;
use crate::credential::state::CredentialState;
use crate::http::extract::path::PathCredentialId;
use crate::http::language::Language;
use crate::http::pages::facts::department;
use crate::http::pages::moment::Moment;
use crate::http::pages::page::Page;
use crate::http::pages::tone::Tone;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::registry::relying_party::RelyingPartyId;
use crate::service::app::App;
use crate::store::credentials::IssuedCredential;

/// The page.
#[derive(Debug, Template)]
#[template(path = "credential.html", config = "src/http/askama.toml")]
struct CredentialPage {
    page: Page,
    credential: CredentialLines,
}

/// What the page says.
#[derive(Debug)]
struct CredentialLines {
    id: String,
    kind: String,
    name: String,
    uscc: String,
    tone: Tone,
    state: &'static str,
    meaning: &'static str,
    issuer: String,
    issued_at: Moment,
    expires_at: Moment,
    changed_at: Option<Moment>,
    answered_at: Moment,
}

/// How the page shows a state.
pub(in crate::http::pages) struct StateWords {
    pub(in crate::http::pages) tone: Tone,
    pub(in crate::http::pages) word: &'static str,
    pub(in crate::http::pages) meaning: &'static str,
}

impl CredentialPage {
    fn new(
        page: Page,
        credential: &IssuedCredential,
        kind: Option<&CredentialKind>,
        now: Timestamp,
    ) -> Option<Self> {
        let language = page.language;
        let reservation = &credential.reservation;
        let words = state_words(&credential.state, language);
        let lines = CredentialLines {
            id: reservation.id.to_string(),
            kind: kind
                .map_or(reservation.vct.as_str(), |kind| {
                    language.of(&kind.name_zh, &kind.name)
                })
                .to_owned(),
            name: name(&credential.compact)?,
            uscc: reservation.uscc.to_string(),
            tone: words.tone,
            state: words.word,
            meaning: words.meaning,
            issuer: department(reservation.department.as_str(), language),
            issued_at: reservation.issued_at.into(),
            expires_at: reservation.expires_at.into(),
            changed_at: credential.state.change().map(|change| change.at.into()),
            answered_at: now.into(),
        };
        Some(Self {
            page,
            credential: lines,
        })
    }
}

/// The name that the credential itself states; it is always disclosed.
fn name(compact: &str) -> Option<String> {
    let credential = SdJwt::parse(compact, Limits::DEFAULT).ok()?;
    let subject = &credential.disclose().subject;
    Some(subject.get("name")?.as_str()?.to_owned())
}

/// A state in words.
pub(in crate::http::pages) fn state_words(
    state: &CredentialState,
    language: Language,
) -> StateWords {
    let (tone, word, meaning) = match state {
        CredentialState::Valid => (
            Tone::Good,
            language.of("有效", "In force"),
            language.of("该凭证由本系统签发，目前有效。", "This credential was issued here and is in force."),
        ),
        CredentialState::Suspended(_) => (
            Tone::Caution,
            language.of("暂停使用", "Suspended"),
            language.of(
                "签发部门已暂停该凭证：恢复之前请勿凭此办理。",
                "The issuing department suspended it: do not rely on it until it is reinstated.",
            ),
        ),
        CredentialState::Revoked(_) => (
            Tone::Bad,
            language.of("已撤销", "Revoked"),
            language.of("签发部门已撤销该凭证：请勿凭此办理。", "The issuing department revoked it: do not rely on it."),
        ),
        CredentialState::Superseded(_) => (
            Tone::Bad,
            language.of("已被取代", "Superseded"),
            language.of(
                "企业信息已变更，该凭证不再有效：请查看企业当前状态，或索取新凭证。",
                "The company's facts changed and this credential is void: look the company up, or ask for the new \
                 one.",
            ),
        ),
        CredentialState::Expired => (
            Tone::Bad,
            language.of("已过期", "Expired"),
            language.of("该凭证已过有效期：请索取新凭证。", "Its time is over: ask for a new one."),
        ),
    };
    StateWords {
        tone,
        word,
        meaning,
    }
}

/// `GET /v/{id}`
pub(in crate::http) async fn credential(
    page: Page,
    State(app): State<App>,
    PathCredentialId(id): PathCredentialId,
) -> Result<Response, Problem> {
    let unknown = || Problem::new(ProblemType::UnknownCredential).with("credentialId", id.as_str());
    let credential = app.credential(&id).await?.ok_or_else(unknown)?;
    let kind = app.kinds().by_vct(&credential.reservation.vct);
    let language = page.language;
    let shown = CredentialPage::new(page, &credential, kind, app.now());
    Page::respond(
        language,
        &shown.ok_or_else(|| Problem::new(ProblemType::InternalError))?,
    )
}

/// A credential in each state.
pub(in crate::http) fn samples(page: &Page) -> Vec<(&'static str, askama::Result<String>)> {
    let at = Timestamp::from_unix_seconds(1_767_323_045).unwrap_or(Timestamp::UNIX_EPOCH);
    let samples = sample_states(at).into_iter().map(|(sample, state)| {
        let words = state_words(&state, page.language);
        let lines = CredentialLines {
            id: "kX3vT0pQ9bY2mR7sW4cJ1g".to_owned(),
            kind: page
                .language
                .of("商事登记电子凭证", "Business registration credential")
                .to_owned(),
            name: "东莞市厚街镇晨曦五金制品有限公司".to_owned(),
            uscc: "91441900MA5ABCDE7F".to_owned(),
            tone: words.tone,
            state: words.word,
            meaning: words.meaning,
            issuer: department("market-regulation", page.language),
            issued_at: at.into(),
            expires_at: at.plus(Duration::from_secs(365 * 24 * 60 * 60)).into(),
            changed_at: state.change().map(|change| change.at.into()),
            answered_at: at.into(),
        };
        (
            sample,
            CredentialPage {
                page: page.clone(),
                credential: lines,
            }
            .render(),
        )
    });
    samples.collect()
}

fn sample_states(at: Timestamp) -> Vec<(&'static str, CredentialState)> {
    let mut states = vec![
        ("credential-valid", CredentialState::Valid),
        ("credential-expired", CredentialState::Expired),
    ];
    if let Ok(by) = RelyingPartyId::parse("market-regulation") {
        let change = || Change {
            at,
            by: by.clone(),
            reason: AutomaticChange::FactChanged.reason(),
        };
        states.push(("credential-suspended", CredentialState::Suspended(change())));
        states.push(("credential-revoked", CredentialState::Revoked(change())));
        states.push((
            "credential-superseded",
            CredentialState::Superseded(change()),
        ));
    }
    states
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::language::LANGUAGES;

    #[test]
    fn only_a_valid_credential_looks_good() {
        let states = sample_states(Timestamp::UNIX_EPOCH);
        assert_eq!(states.len(), 5);
        for (_, state) in states {
            for language in LANGUAGES {
                let words = state_words(&state, language);
                assert_eq!(words.tone == Tone::Good, state == CredentialState::Valid);
            }
        }
    }

    #[test]
    fn the_page_asks_to_compare_name_and_code_with_the_paper() {
        let (_, html) = samples(&Page::sample(Language::Zh)).remove(0);
        let html = html.unwrap();
        assert!(html.contains("逐字核对") && html.contains("91441900MA5ABCDE7F"));
    }
}
