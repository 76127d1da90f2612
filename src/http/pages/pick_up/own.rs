//! The page of a company that signed in: its credentials, and who looked at it.

use std::collections::BTreeMap;

use askama::Template;
use serde_json::Value;

use crate::clock::Timestamp;
use crate::credential::sd_jwt_vc::parse::Limits;
use crate::credential::sd_jwt_vc::parse::SdJwt;
use crate::evidence::audit::AuditAction;
use crate::http::language::Language;
use crate::http::pages::credential::state_words;
use crate::http::pages::facts::Fact;
use crate::http::pages::facts::department;
use crate::http::pages::facts::facts;
use crate::http::pages::moment::Moment;
use crate::http::pages::page::Page;
use crate::http::pages::tone::Tone;
use crate::http::problem::Problem;
use crate::registry::purpose::Purpose;
use crate::service::admit_holder::Admitted;
use crate::service::app::App;
use crate::service::read_audit::Access;
use crate::store::credentials::IssuedCredential;

/// Accesses on the page; the interface has the rest.
const SHOWN_ACCESSES: u32 = 20;

/// The page.
#[derive(Template)]
#[template(path = "pickup.html", config = "src/http/askama.toml")]
pub(super) struct OwnPage {
    page: Page,
    /// The company's name as its newest credential has it; none without credentials.
    name: Option<String>,
    uscc: String,
    /// Shown by the page's own buttons.
    session: String,
    until: Moment,
    credentials: Vec<CredentialLines>,
    accesses: Vec<AccessLine>,
    /// Whether there are more accesses than are shown.
    more: bool,
}

/// A credential on the page.
struct CredentialLines {
    id: String,
    kind: String,
    department: String,
    tone: Tone,
    state: &'static str,
    meaning: &'static str,
    issued_at: Moment,
    expires_at: Moment,
    facts: Vec<Fact>,
}

/// A look at the company.
struct AccessLine {
    at: Moment,
    who: String,
    what: &'static str,
    purpose: Option<&'static str>,
}

impl OwnPage {
    /// What the company that was let in may see.
    pub(super) async fn of(page: Page, app: &App, admitted: &Admitted) -> Result<Self, Problem> {
        let language = page.language;
        let holder = &admitted.holder;
        let credentials = app.own_credentials(holder).await?;
        let seen = app
            .own_accesses(holder, holder.uscc(), None, SHOWN_ACCESSES)
            .await?;
        let parties = app.recognisers().await?;
        let names: BTreeMap<String, &str> = parties
            .iter()
            .map(|party| {
                let name = language.of(party.name_zh.as_str(), party.name.as_str());
                (party.id.to_string(), name)
            })
            .chain([(holder.actor(), language.of("本企业", "this company"))])
            .collect();
        let newest = credentials
            .iter()
            .max_by_key(|credential| credential.reservation.issued_at);
        let name = newest.and_then(|credential| {
            let claims = claims(credential)?;
            Some(claims.get("name")?.as_str()?.to_owned())
        });
        let accesses = seen.accesses.into_iter();
        Ok(Self {
            name,
            uscc: holder.uscc().to_string(),
            session: admitted.token.expose().to_owned(),
            until: admitted.expires_at.into(),
            credentials: credentials
                .iter()
                .map(|credential| credential_lines(app, credential, language))
                .collect(),
            accesses: accesses
                .map(|access| access_line(access, &names, language))
                .collect(),
            more: seen.next.is_some(),
            page: page.without_switch(),
        })
    }

    /// In which language it is written.
    pub(super) const fn language(&self) -> Language {
        self.page.language
    }

    /// One for looking at.
    pub(super) fn sample(page: Page) -> Self {
        let language = page.language;
        let at = Timestamp::from_unix_seconds(1_767_323_045).unwrap_or(Timestamp::UNIX_EPOCH);
        let fact = |label: &str, value: &str| Fact {
            label: label.to_owned(),
            values: vec![value.to_owned()],
        };
        Self {
            name: Some("东莞市厚街镇晨曦五金制品有限公司".to_owned()),
            uscc: "91441900MA5ABCDE7F".to_owned(),
            session: "yxs_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned(),
            until: at.into(),
            credentials: vec![CredentialLines {
                id: "kX3vT0pQ9bY2mR7sW4cJ1g".to_owned(),
                kind: language
                    .of("商事登记电子凭证", "Business registration credential")
                    .to_owned(),
                department: department("market-regulation", language),
                tone: Tone::Good,
                state: language.of("有效", "In force"),
                meaning: language.of(
                    "该凭证由本系统签发，目前有效。",
                    "This credential was issued here and is in force.",
                ),
                issued_at: at.into(),
                expires_at: at.into(),
                facts: vec![fact(
                    language.of("注册资本", "Registered capital"),
                    "2,130,000 CNY",
                )],
            }],
            accesses: vec![AccessLine {
                at: at.into(),
                who: "甲银行（示例）".to_owned(),
                what: words(AuditAction::CompanyConfirmed, language),
                purpose: Purpose::find("loan")
                    .map(|purpose| language.of(purpose.name_zh, purpose.name)),
            }],
            more: true,
            page,
        }
    }
}

/// What a credential of ours discloses; none if it does not parse, which a credential of ours does.
fn claims(credential: &IssuedCredential) -> Option<Value> {
    let parsed = SdJwt::parse(&credential.compact, Limits::DEFAULT).ok()?;
    Some(Value::Object(parsed.disclose().all()))
}

fn credential_lines(
    app: &App,
    credential: &IssuedCredential,
    language: Language,
) -> CredentialLines {
    let reservation = &credential.reservation;
    let kind = app.kinds().by_vct(&reservation.vct);
    let words = state_words(&credential.state, language);
    let named = kind.map(|kind| language.of(&kind.name_zh, &kind.name));
    CredentialLines {
        id: reservation.id.to_string(),
        kind: named.unwrap_or(&reservation.vct).to_owned(),
        department: department(reservation.department.as_str(), language),
        tone: words.tone,
        state: words.word,
        meaning: words.meaning,
        issued_at: reservation.issued_at.into(),
        expires_at: reservation.expires_at.into(),
        facts: facts(&claims(credential).unwrap_or_default(), kind, language),
    }
}

fn access_line(access: Access, names: &BTreeMap<String, &str>, language: Language) -> AccessLine {
    let purpose = access.purpose.as_deref().and_then(Purpose::find);
    let who = names.get(&access.caller).map(|name| (*name).to_owned());
    AccessLine {
        at: access.at.into(),
        who: who.unwrap_or(access.caller),
        what: words(access.action, language),
        purpose: purpose.map(|purpose| language.of(purpose.name_zh, purpose.name)),
    }
}

/// What was done, for who is no programmer.
const WORDS: [(AuditAction, &str, &str); 5] = [
    (
        AuditAction::CompanyConfirmed,
        "查询企业",
        "looked the company up",
    ),
    (
        AuditAction::CompanyMatched,
        "比对企业信息",
        "compared facts",
    ),
    (
        AuditAction::CredentialDownloaded,
        "下载凭证",
        "downloaded a credential",
    ),
    (
        AuditAction::DocumentVerified,
        "核验文件",
        "verified a document",
    ),
    (AuditAction::HolderAdmitted, "登录", "signed in"),
];

/// Other actions are not told to companies.
fn words(action: AuditAction, language: Language) -> &'static str {
    let known = WORDS.iter().find(|(known, ..)| *known == action);
    known.map_or(action.as_str(), |(_, zh, en)| language.of(zh, en))
}
