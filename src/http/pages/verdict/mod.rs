//! A verdict as a page: what it is in large type, why, and what to do next.

mod revision;
pub(in crate::http) mod samples;
pub(in crate::http) mod signature;

use std::collections::BTreeMap;

use askama::Template;
use serde_json::Value;

use crate::credential::kind::CredentialKind;
use crate::credential::kind::KindSet;
use crate::crypto::digest::DigestAlgorithm;
use crate::http::language::Language;
use crate::http::pages::facts::Fact;
use crate::http::pages::facts::facts;
use crate::http::pages::facts::grouped;
use crate::http::pages::facts::withheld;
use crate::http::pages::moment::Moment;
use crate::http::pages::page::Page;
use crate::http::pages::tone::Tone;
use crate::http::pages::verdict::revision::RevisionLine;
use crate::http::pages::verdict::revision::revision_lines;
use crate::http::pages::verdict::signature::SignatureLines;
use crate::http::pages::verdict::signature::signature_lines;
use crate::registry::relying_party::RelyingParty;
use crate::signature::jose::compact::CompactJws;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::reason::Severity;
use crate::validation::report::CERTIFICATE_FORMAT;
use crate::validation::report::CredentialCondition;
use crate::validation::report::CredentialReport;
use crate::validation::report::Indication;
use crate::validation::report::Report;

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
    /// How the document came about, where that is known.
    revisions: Vec<RevisionLine>,
    /// Whether the signatures are worth a table: those of a signed document, not of a credential or certificate.
    has_overview: bool,
    originals: Vec<OriginalLines>,
    file_name: Option<String>,
    format: String,
    size: Option<String>,
    digests: Vec<(String, String)>,
    checked_at: Moment,
    /// Absent for the public, who has none of its own.
    policy: Option<PolicyLines>,
    /// The number of the receipt, where there is one.
    receipt: Option<String>,
    /// Whether there is a form to go back to.
    for_visitor: bool,
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
    /// Which signature it is about, where there are several.
    about: Option<String>,
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

/// Content that the document was signed apart from.
#[derive(Debug)]
struct OriginalLines {
    name: String,
    seen: bool,
    digests: Vec<(String, String)>,
}

/// By whose rules it was judged.
#[derive(Debug)]
struct PolicyLines {
    caller: String,
    purpose: String,
    profile: String,
    version: u64,
}

/// Who gets the page, and what was sent.
#[derive(Debug)]
pub(in crate::http) enum Origin {
    /// A caller with a key or without, by the interface for programs.
    Caller,
    /// Somebody who chose a file on our page, or pasted a text, which may be shown again in the other language.
    Visitor {
        /// What was pasted.
        pasted: Option<String>,
    },
}

impl VerdictPage {
    /// The page of a report.
    pub(in crate::http) fn new(
        page: Page,
        report: &Report,
        kinds: &KindSet,
        origin: Origin,
    ) -> Self {
        let language = page.language;
        let kind = report
            .credential
            .as_ref()
            .and_then(|credential| kinds.by_vct(&credential.vct));
        let (tone, word, meaning) = headline(report, language);
        let signatures: Vec<SignatureLines> = report
            .signatures
            .iter()
            .map(|signature| signature_lines(signature, language))
            .collect();
        let verdict = Verdict {
            passed: report.passed(),
            tone,
            word,
            meaning,
            indication: report.indication.as_str(),
            sub_indication: report.sub_indication.map(|sub| sub.as_str()),
            holder: report.credential.as_ref().and_then(holder),
            reasons: reason_lines(report, tone, language),
            credential: report
                .credential
                .as_ref()
                .map(|credential| credential_lines(credential, kind, language)),
            revisions: revision_lines(report, &signatures, language),
            signatures,
            has_overview: report.credential.is_none()
                && report
                    .signatures
                    .iter()
                    .any(|signature| signature.format != CERTIFICATE_FORMAT),
            originals: originals(report, language),
            file_name: report.document.name.clone(),
            format: report.document.format.clone(),
            size: report
                .document
                .size
                .map(|size| format!("{}{}", grouped(size), language.of(" 字节", " bytes"))),
            digests: digests(&report.document.digests),
            checked_at: report.validated_at.into(),
            policy: policy(report),
            receipt: report.receipt.as_deref().and_then(receipt_number),
            for_visitor: matches!(origin, Origin::Visitor { .. }),
            pasted: match origin {
                Origin::Caller => None,
                Origin::Visitor { pasted } => pasted,
            },
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

/// Every reason once, those that weigh most first; of several signatures each says which it is about.
fn reason_lines(report: &Report, verdict: Tone, language: Language) -> Vec<ReasonLine> {
    let several = report.signatures.len() > 1;
    let own = report.reasons.iter().map(|reason| (None, reason));
    let of_signatures = report.signatures.iter().flat_map(|signature| {
        let about = several.then_some(signature.id.as_str());
        signature.reasons.iter().map(move |reason| (about, reason))
    });
    let mut reasons: Vec<(Option<&str>, &Reason)> = own
        .chain(of_signatures)
        .filter(|(_, reason)| !SAID_ELSEWHERE.contains(&reason.code()))
        .collect();
    reasons.sort_by_key(|(_, reason)| std::cmp::Reverse(reason.severity()));
    let mut lines: Vec<ReasonLine> = Vec::new();
    for (about, reason) in reasons {
        let line = reason_line(reason, verdict, language);
        let mut told = lines.iter_mut();
        match told.find(|told| told.code == line.code && told.message == line.message) {
            Some(told) => {
                if let (Some(ids), Some(id)) = (&mut told.about, about) {
                    ids.push_str(language.of("、", ", "));
                    ids.push_str(id);
                }
            }
            None => lines.push(ReasonLine {
                about: about.map(str::to_owned),
                ..line
            }),
        }
    }
    lines
}

/// Digests by the names that people know.
fn digests(digests: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let named = digests.iter().map(|(member, hex)| {
        let algorithm = DigestAlgorithm::from_name(member);
        let name = algorithm.map_or_else(|| member.clone(), |known| known.name().to_owned());
        (name, hex.clone())
    });
    named.collect()
}

fn originals(report: &Report, language: Language) -> Vec<OriginalLines> {
    let originals = report.originals.iter();
    originals
        .map(|original| OriginalLines {
            name: original
                .name
                .clone()
                .unwrap_or_else(|| language.of("（未提供文件名）", "(no file name)").to_owned()),
            seen: original.seen,
            digests: digests(&original.digests),
        })
        .collect()
}

fn policy(report: &Report) -> Option<PolicyLines> {
    let policy = &report.policy;
    (policy.caller != RelyingParty::public().id.as_str()).then(|| PolicyLines {
        caller: policy.caller.clone(),
        purpose: policy.purpose.clone(),
        profile: policy.profile.clone(),
        version: policy.version,
    })
}

/// The number of a receipt of ours.
fn receipt_number(receipt: &str) -> Option<String> {
    let jws = CompactJws::parse(receipt).ok()?;
    let claims: Value = serde_json::from_slice(jws.payload()).ok()?;
    claims.get("jti")?.as_str().map(str::to_owned)
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
        about: None,
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
