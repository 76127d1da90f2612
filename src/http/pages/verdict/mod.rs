//! A verdict as a page: what it is in large type, why, and what to do next.

pub(in crate::http) mod samples;

use askama::Template;

use crate::credential::kind::CredentialKind;
use crate::credential::kind::KindSet;
use crate::http::language::Language;
use crate::http::pages::facts::Fact;
use crate::http::pages::facts::facts;
use crate::http::pages::facts::grouped;
use crate::http::pages::facts::withheld;
use crate::http::pages::moment::Moment;
use crate::http::pages::page::Page;
use crate::http::pages::tone::Tone;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::reason::Severity;
use crate::validation::report::CredentialCondition;
use crate::validation::report::CredentialReport;
use crate::validation::report::Indication;
use crate::validation::report::Report;
use crate::validation::report::SignatureReport;
use crate::validation::report::TriedCandidate;

/// The page.
#[derive(Debug, Template)]
#[template(path = "verdict.html", config = "src/http/askama.toml")]
pub(in crate::http) struct VerdictPage {
    page: Page,
    verdict: Verdict,
}

/// What the page says.
#[derive(Debug)]
struct Verdict {
    /// Whether what the document says may be relied on.
    passed: bool,
    tone: Tone,
    word: &'static str,
    meaning: &'static str,
    indication: &'static str,
    sub_indication: Option<&'static str>,
    holder: Option<Holder>,
    reasons: Vec<ReasonLine>,
    credential: Option<CredentialLines>,
    signatures: Vec<SignatureLines>,
    file_name: Option<String>,
    format: String,
    size: Option<String>,
    sha256: Option<String>,
    checked_at: Moment,
    /// What was pasted, to be shown again in the other language.
    pasted: Option<String>,
}

/// The company that a credential is about.
#[derive(Debug)]
struct Holder {
    name: String,
    uscc: String,
}

#[derive(Debug)]
struct ReasonLine {
    tone: Tone,
    message: String,
    action: String,
    code: &'static str,
}

#[derive(Debug)]
struct CredentialLines {
    kind: String,
    issuer: String,
    state: &'static str,
    facts: Vec<Fact>,
    withheld: Vec<String>,
    holder_bound: bool,
}

#[derive(Debug)]
struct SignatureLines {
    integrity: &'static str,
    signer: String,
    signer_uscc: Option<String>,
    ca: String,
    claimed_at: Option<Moment>,
    algorithm: String,
    tried: Vec<TriedLine>,
    tried_more: usize,
}

/// A certificate on which no accepted path could be built.
#[derive(Debug)]
struct TriedLine {
    subject: String,
    sha256: String,
    message: String,
    code: &'static str,
}

impl VerdictPage {
    /// The page of a report; `pasted` is the text that was pasted, if it was.
    pub(in crate::http) fn new(
        page: Page,
        report: &Report,
        kinds: &KindSet,
        pasted: Option<String>,
    ) -> Self {
        let language = page.language;
        let kind = report
            .credential
            .as_ref()
            .and_then(|credential| kinds.by_vct(&credential.vct));
        let (tone, word, meaning) = headline(report, language);
        let verdict = Verdict {
            passed: report.passed(),
            tone,
            word,
            meaning,
            indication: report.indication.as_str(),
            sub_indication: report.sub_indication.map(|sub| sub.as_str()),
            holder: report.credential.as_ref().and_then(holder),
            reasons: report
                .all_reasons()
                .into_iter()
                .filter(|reason| !SAID_ELSEWHERE.contains(&reason.code()))
                .map(|reason| reason_line(reason, tone, language))
                .collect(),
            credential: report
                .credential
                .as_ref()
                .map(|credential| credential_lines(credential, kind, language)),
            signatures: report
                .signatures
                .iter()
                .map(|signature| signature_lines(signature, language))
                .collect(),
            file_name: report.document.name.clone(),
            format: report.document.format.clone(),
            size: report
                .document
                .size
                .map(|size| format!("{}{}", grouped(size), language.of(" 字节", " bytes"))),
            sha256: report.document.digests.get("sha256").cloned(),
            checked_at: report.validated_at.into(),
            pasted,
        };
        Self { page, verdict }
    }
}

/// Reasons that the page says beside what they are about.
const SAID_ELSEWHERE: [ReasonCode; 2] = [ReasonCode::ClaimsWithheld, ReasonCode::HolderNotBound];

/// The verdict in large type and what it means for who asked.
fn headline(report: &Report, language: Language) -> (Tone, &'static str, &'static str) {
    let of_credential = report.credential.is_some();
    match report.indication {
        Indication::TotalPassed if of_credential => (
            Tone::Good,
            language.of("验证通过", "Passed"),
            language.of(
                "凭证由有权机关签发，签发后未被改动，目前有效。",
                "The credential was issued by the authority entitled to, has not been altered, and is in force.",
            ),
        ),
        Indication::TotalPassed => (
            Tone::Good,
            language.of("验证通过", "Passed"),
            language.of("未发现问题，可以依据。", "Nothing speaks against relying on it."),
        ),
        Indication::TotalFailed => (
            Tone::Bad,
            language.of("验证不通过", "Failed"),
            language.of("请勿凭此办理。原因见下。", "Do not rely on it. The reasons are below."),
        ),
        Indication::Indeterminate => (
            Tone::Caution,
            language.of("无法判定", "Undecided"),
            language.of(
                "现有材料既不足以认定为真，也不足以认定为假。在下列问题解决前，请勿凭此办理。",
                "What is at hand proves neither that it is genuine nor that it is not. Do not rely on it until the \
                 points below are settled.",
            ),
        ),
    }
}

/// Name and code of the company, where the credential says both.
fn holder(credential: &CredentialReport) -> Option<Holder> {
    let text = |name: &str| credential.claims.get(name)?.as_str().map(str::to_owned);
    Some(Holder {
        name: text("name")?,
        uscc: text("uscc")?,
    })
}

/// A reason never looks worse than the verdict: one that did not decide it is a hint.
fn reason_line(reason: &Reason, verdict: Tone, language: Language) -> ReasonLine {
    let tone = match reason.severity() {
        Severity::Error => Tone::Bad,
        Severity::Warning => Tone::Caution,
        Severity::Info => Tone::Plain,
    };
    let action = match language {
        Language::En => reason.action(),
        Language::Zh => reason.action_zh(),
    };
    let worst = if verdict == Tone::Bad {
        Tone::Bad
    } else {
        Tone::Caution
    };
    ReasonLine {
        tone: tone.min(worst),
        message: message(reason, language),
        action,
        code: reason.code().as_str(),
    }
}

fn message(reason: &Reason, language: Language) -> String {
    match language {
        Language::En => reason.message(),
        Language::Zh => reason.message_zh(),
    }
}

fn credential_lines(
    credential: &CredentialReport,
    kind: Option<&CredentialKind>,
    language: Language,
) -> CredentialLines {
    let unlisted = || {
        language
            .of("签发机构名册中没有该签发人", "not in the issuer register")
            .to_owned()
    };
    CredentialLines {
        kind: kind
            .map_or(&credential.vct, |kind| {
                if language == Language::Zh {
                    &kind.name_zh
                } else {
                    &kind.name
                }
            })
            .clone(),
        issuer: credential
            .issuer
            .as_ref()
            .map_or_else(unlisted, |issuer| issuer.name.clone()),
        state: condition(credential.state, language),
        facts: facts(&credential.claims, kind, language),
        withheld: withheld(&credential.withheld, kind, language),
        holder_bound: credential.holder_bound,
    }
}

fn condition(condition: Option<CredentialCondition>, language: Language) -> &'static str {
    match condition {
        Some(CredentialCondition::Valid) => language.of("有效", "In force"),
        Some(CredentialCondition::Suspended) => language.of("暂停使用", "Suspended"),
        Some(CredentialCondition::Revoked) => language.of("已撤销", "Revoked"),
        Some(CredentialCondition::Superseded) => {
            language.of("已被新凭证取代", "Superseded by a newer one")
        }
        Some(CredentialCondition::Expired) => language.of("已过期", "Expired"),
        None => language.of("未能查明", "Could not be established"),
    }
}

fn signature_lines(signature: &SignatureReport, language: Language) -> SignatureLines {
    let unknown = || language.of("不明", "unknown").to_owned();
    let signer = signature.signer.as_ref();
    let integrity = match signature.cryptographic.intact {
        Some(true) => language.of("签名后未被改动", "Not altered since it was signed"),
        Some(false) => language.of(
            "签名后被改动，或签名系伪造",
            "Altered since it was signed, or the signature is forged",
        ),
        None => language.of("未能计算", "Could not be computed"),
    };
    SignatureLines {
        integrity,
        signer: signer.map_or_else(unknown, |signer| signer.subject.clone()),
        signer_uscc: signer.and_then(|signer| Some(signer.uscc.as_ref()?.to_string())),
        ca: signature
            .ca
            .as_ref()
            .map_or_else(unknown, |ca| language.of(&ca.name_zh, &ca.name).to_owned()),
        claimed_at: signature.signing_time.claimed.map(Moment::from),
        algorithm: signature
            .cryptographic
            .signature_algorithm
            .clone()
            .unwrap_or_else(unknown),
        tried: signature
            .tried
            .iter()
            .map(|candidate| tried_line(candidate, language))
            .collect(),
        tried_more: signature.tried_more,
    }
}

fn tried_line(candidate: &TriedCandidate, language: Language) -> TriedLine {
    TriedLine {
        subject: candidate.subject.clone(),
        sha256: candidate.sha256.to_string(),
        message: message(&candidate.reason, language),
        code: candidate.reason.code().as_str(),
    }
}
