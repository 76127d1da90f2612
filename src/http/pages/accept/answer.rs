//! What the page says of each relying party.

use crate::http::language::Language;
use crate::http::pages::moment::Moment;
use crate::http::pages::tone::Tone;
use crate::http::pages::verdict::signature::common_name;
use crate::registry::relying_party::RelyingPartyKind;
use crate::service::check_recognition::Checked;
use crate::service::check_recognition::Objection;
use crate::service::check_recognition::PartyAnswer;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::reason::Severity;
use crate::validation::report::Indication;
use crate::validation::report::Report;
use crate::validation::standing::SaidNo;

mod sample;

pub(super) use sample::samples;

/// Everything that the page says.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) tone: Tone,
    pub(super) word: String,
    pub(super) meaning: &'static str,
    /// What is wrong with the document itself.
    pub(super) faults: Vec<FaultLine>,
    pub(super) signer: Option<SignerLine>,
    pub(super) file_name: Option<String>,
    pub(super) parties: Vec<PartyLine>,
    pub(super) checked_at: Moment,
}

/// What is wrong, and what to do.
#[derive(Debug)]
pub(super) struct FaultLine {
    pub(super) message: String,
    pub(super) action: String,
    pub(super) code: &'static str,
}

/// Whose certificate it is.
#[derive(Debug)]
pub(super) struct SignerLine {
    pub(super) name: String,
    pub(super) uscc: Option<String>,
    pub(super) ca: Option<String>,
}

/// One relying party.
#[derive(Debug)]
pub(super) struct PartyLine {
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) tone: Tone,
    pub(super) word: &'static str,
    pub(super) accepted: Vec<&'static str>,
    pub(super) refused: Vec<RefusedLine>,
}

/// Purposes that are refused for the same reasons; none named: every purpose.
#[derive(Debug)]
pub(super) struct RefusedLine {
    pub(super) purposes: Vec<&'static str>,
    pub(super) why: Vec<String>,
}

impl Answer {
    pub(super) fn new(checked: &Checked, language: Language) -> Self {
        let report = &checked.report;
        let mut parties: Vec<PartyLine> = checked
            .parties
            .iter()
            .map(|party| party_line(party, report, language))
            .collect();
        // Whoever accepts it for something comes first; otherwise the order stays.
        parties.sort_by_key(|party| party.accepted.is_empty());
        let accepting = parties.iter().filter(|party| !party.accepted.is_empty());
        let (tone, word, meaning) = headline(report, accepting.count(), language);
        Self {
            tone,
            word,
            meaning,
            faults: faults(report, language),
            signer: signer(report, language),
            file_name: report.document.name.clone(),
            parties,
            checked_at: report.validated_at.into(),
        }
    }
}

fn headline(report: &Report, accepting: usize, language: Language) -> (Tone, String, &'static str) {
    let of = |zh: &str, en: &str| language.of(zh, en).to_owned();
    match (report.indication, accepting) {
        (Indication::TotalPassed, 0) => (
            Tone::Caution,
            of("目前没有单位认可", "Nobody accepts it at present"),
            language.of(
                "文件或证书本身未发现问题，但没有单位认可其电子认证机构。",
                "Nothing is wrong with it, but nobody recognises its certificate authority.",
            ),
        ),
        (Indication::TotalPassed, count) => (
            Tone::Good,
            match (language, count) {
                (Language::Zh, count) => format!("{count} 家单位认可"),
                (Language::En, 1) => "Accepted by 1 party".to_owned(),
                (Language::En, count) => format!("Accepted by {count} parties"),
            },
            language.of(
                "各单位认可的用途不同，详见下表。",
                "What for differs; the table below tells.",
            ),
        ),
        (Indication::TotalFailed, _) => (
            Tone::Bad,
            of("没有单位会认可", "Nobody accepts it"),
            language.of(
                "文件或证书本身有问题，与各单位的认可范围无关。",
                "Something is wrong with it, whoever recognises its certificate authority.",
            ),
        ),
        (Indication::Indeterminate, _) => (
            Tone::Caution,
            of("目前无法认可", "It cannot be accepted at present"),
            language.of(
                "现有材料不足以作出判断，与各单位的认可范围无关。",
                "What is at hand does not suffice, whoever recognises its certificate authority.",
            ),
        ),
    }
}

fn faults(report: &Report, language: Language) -> Vec<FaultLine> {
    let reasons = report.all_reasons().into_iter();
    let errors = reasons.filter(|reason| reason.severity() == Severity::Error);
    let mut faults: Vec<FaultLine> = Vec::new();
    for reason in errors.filter(|_| !report.passed()) {
        let line = FaultLine {
            message: message(reason, language),
            action: match language {
                Language::En => reason.action(),
                Language::Zh => reason.action_zh(),
            },
            code: reason.code().as_str(),
        };
        if !faults.iter().any(|told| told.message == line.message) {
            faults.push(line);
        }
    }
    faults
}

fn signer(report: &Report, language: Language) -> Option<SignerLine> {
    let signature = report.signatures.first()?;
    let signer = signature.signer.as_ref()?;
    let ca = signature.ca.as_ref();
    Some(SignerLine {
        name: common_name(&signer.subject),
        uscc: signer.uscc.as_ref().map(ToString::to_string),
        ca: ca.map(|ca| language.of(&ca.name_zh, &ca.name).to_owned()),
    })
}

fn party_line(answer: &PartyAnswer, report: &Report, language: Language) -> PartyLine {
    let name = language.of(answer.party.name_zh.as_str(), answer.party.name.as_str());
    let mut accepted = Vec::new();
    let mut refused: Vec<RefusedLine> = Vec::new();
    for purpose in &answer.purposes {
        let shown = language.of(purpose.purpose.name_zh, purpose.purpose.name);
        if purpose.accepted {
            accepted.push(shown);
            continue;
        }
        let mut why: Vec<String> = Vec::new();
        for objection in &purpose.reasons {
            let told = words(objection, report, language);
            if !why.contains(&told) {
                why.push(told);
            }
        }
        match refused.iter_mut().find(|line| line.why == why) {
            Some(line) => line.purposes.push(shown),
            None => refused.push(RefusedLine {
                purposes: vec![shown],
                why,
            }),
        }
    }
    if let (true, [only]) = (accepted.is_empty(), refused.as_mut_slice()) {
        only.purposes.clear();
    }
    let (tone, word) = match (accepted.is_empty(), refused.is_empty()) {
        (false, true) => (Tone::Good, language.of("✓ 认可", "✓ Accepted")),
        (false, false) => (
            Tone::Good,
            language.of("✓ 部分用途认可", "✓ For some purposes"),
        ),
        (true, _) => (Tone::Bad, language.of("✗ 不认可", "✗ Not accepted")),
    };
    PartyLine {
        name: name.to_owned(),
        kind: kind(answer.party.kind, language),
        tone,
        word,
        accepted,
        refused,
    }
}

const fn kind(kind: RelyingPartyKind, language: Language) -> &'static str {
    match kind {
        RelyingPartyKind::Bank => language.of("银行", "bank"),
        RelyingPartyKind::Department => language.of("部门", "department"),
        RelyingPartyKind::Holder => language.of("企业自助", "company self-service"),
        RelyingPartyKind::Operator => language.of("运维方", "operator"),
        RelyingPartyKind::Public => language.of("本服务公开查验", "public check on this site"),
    }
}

/// Reasons in words for the company whose certificate it is, alike for every purpose, so that those stand together.
const WORDS: [(ReasonCode, &str, &str); 5] = [
    (
        ReasonCode::AnchorNotRecognised,
        "未核准该机构的这一根证书",
        "this root certificate is not approved",
    ),
    (
        ReasonCode::CaNotRecognised,
        "未认可该电子认证机构",
        "the certificate authority is not recognised",
    ),
    (
        ReasonCode::CertificatePolicyMissing,
        "证书未注明可用于此项业务",
        "the certificate is not marked for it",
    ),
    (
        ReasonCode::KeyPurposeMismatch,
        "证书未注明可用于此项业务",
        "the certificate is not marked for it",
    ),
    (
        ReasonCode::UsageNotPermitted,
        "认可该机构，但不用于此项业务",
        "the authority is recognised, but not for it",
    ),
];

fn words(objection: &Objection, report: &Report, language: Language) -> String {
    if objection.said_no == Some(SaidNo::CaToml) {
        let zh = "该机构的证书不适用于此项业务";
        let en = "certificates of this authority are not meant for it";
        return language.of(zh, en).to_owned();
    }
    let mut ours = WORDS.iter();
    if let Some((_, zh, en)) = ours.find(|(code, ..)| *code == objection.code) {
        return language.of(zh, en).to_owned();
    }
    let mut reasons = report.all_reasons().into_iter();
    let found = reasons.find(|reason| reason.code() == objection.code);
    found.map_or_else(
        || objection.code.as_str().to_owned(),
        |found| message(found, language),
    )
}

fn message(reason: &Reason, language: Language) -> String {
    match language {
        Language::En => reason.message(),
        Language::Zh => reason.message_zh(),
    }
}
