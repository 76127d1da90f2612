//! What a verdict page says of one signature: who, under which CA, when, and what stands around it.

use crate::http::language::Language;
use crate::http::pages::moment::Moment;
use crate::http::pages::tone::Tone;
use crate::http::pages::verdict::message;
use crate::validation::reason::Severity;
use crate::validation::report::Coverage;
use crate::validation::report::Indication;
use crate::validation::report::Modifications;
use crate::validation::report::SealReport;
use crate::validation::report::SignatureReport;
use crate::validation::report::TimestampKind;
use crate::validation::report::TimestampReport;
use crate::validation::report::TriedCandidate;

/// One signature.
#[derive(Debug)]
pub(super) struct SignatureLines {
    pub(super) id: String,
    pub(super) format: String,
    pub(super) tone: Tone,
    pub(super) word: &'static str,
    pub(super) indication: &'static str,
    pub(super) sub_indication: Option<&'static str>,
    pub(super) integrity: &'static str,
    pub(super) coverage: Option<&'static str>,
    /// What was done to the document after it.
    pub(super) modifications: Option<&'static str>,
    pub(super) signer: String,
    /// The signer's common name, where it has one.
    pub(super) signer_name: String,
    pub(super) signer_uscc: Option<String>,
    pub(super) ca: String,
    pub(super) times: Vec<TimeLine>,
    pub(super) algorithm: String,
    pub(super) timestamps: Vec<StampLine>,
    pub(super) counter_signatures: Vec<CounterLine>,
    pub(super) seal: Option<SealLine>,
    pub(super) tried: Vec<TriedLine>,
    pub(super) tried_more: usize,
}

/// A time, and who says so.
#[derive(Debug)]
pub(super) struct TimeLine {
    pub(super) label: &'static str,
    pub(super) at: Moment,
    pub(super) source: String,
}

/// A timestamp.
#[derive(Debug)]
pub(super) struct StampLine {
    pub(super) kind: &'static str,
    pub(super) at: Option<Moment>,
    pub(super) authority: String,
    pub(super) tone: Tone,
    pub(super) word: &'static str,
    /// Why it does not pass.
    pub(super) why: Option<String>,
}

/// A signature over this one.
#[derive(Debug)]
pub(super) struct CounterLine {
    pub(super) signer: String,
    pub(super) tone: Tone,
    pub(super) word: &'static str,
    pub(super) claimed_at: Option<Moment>,
    pub(super) why: Option<String>,
}

/// The electronic seal that it was made with.
#[derive(Debug)]
pub(super) struct SealLine {
    pub(super) name: String,
    pub(super) id: String,
    /// The common name of its maker.
    pub(super) maker: String,
    pub(super) valid_from: Moment,
    pub(super) valid_until: Moment,
}

/// A certificate on which no accepted path could be built.
#[derive(Debug)]
pub(super) struct TriedLine {
    pub(super) subject: String,
    pub(super) sha256: String,
    pub(super) message: String,
    pub(super) code: &'static str,
}

/// The lines of a signature.
pub(super) fn signature_lines(signature: &SignatureReport, language: Language) -> SignatureLines {
    let unknown = || language.of("不明", "unknown").to_owned();
    let (tone, word) = verdict(signature.indication, language);
    SignatureLines {
        id: signature.id.clone(),
        format: signature.format.clone(),
        tone,
        word,
        indication: signature.indication.as_str(),
        sub_indication: signature.sub_indication.map(|sub| sub.as_str()),
        integrity: integrity(signature, language),
        coverage: coverage(signature.coverage, language),
        modifications: signature
            .modifications_after
            .map(|extent| modifications(extent, language)),
        signer: signer(signature, language),
        signer_name: common_name(&signer(signature, language)),
        signer_uscc: signature
            .signer
            .as_ref()
            .and_then(|signer| Some(signer.uscc.as_ref()?.to_string())),
        ca: signature
            .ca
            .as_ref()
            .map_or_else(unknown, |ca| language.of(&ca.name_zh, &ca.name).to_owned()),
        times: times(signature, language),
        algorithm: signature
            .cryptographic
            .signature_algorithm
            .clone()
            .unwrap_or_else(unknown),
        timestamps: signature
            .timestamps
            .iter()
            .map(|stamp| stamp_line(stamp, language))
            .collect(),
        counter_signatures: signature
            .counter_signatures
            .iter()
            .map(|counter| counter_line(counter, language))
            .collect(),
        seal: signature
            .seal
            .as_ref()
            .map(|seal| seal_line(seal, language)),
        tried: signature
            .tried
            .iter()
            .map(|candidate| tried_line(candidate, language))
            .collect(),
        tried_more: signature.tried_more,
    }
}

pub(in crate::http::pages) const fn verdict(
    indication: Indication,
    language: Language,
) -> (Tone, &'static str) {
    match indication {
        Indication::TotalPassed => (Tone::Good, language.of("通过", "Passed")),
        Indication::TotalFailed => (Tone::Bad, language.of("不通过", "Failed")),
        Indication::Indeterminate => (Tone::Caution, language.of("无法判定", "Undecided")),
    }
}

fn integrity(signature: &SignatureReport, language: Language) -> &'static str {
    match signature.cryptographic.intact {
        Some(true) => language.of("签名后未被改动", "Not altered since it was signed"),
        Some(false) => language.of(
            "签名后被改动，或签名系伪造",
            "Altered since it was signed, or the signature is forged",
        ),
        None => language.of("未能计算", "Could not be computed"),
    }
}

const fn coverage(coverage: Coverage, language: Language) -> Option<&'static str> {
    match coverage {
        Coverage::Detached => Some(language.of("另行提交的原文", "Content that stands apart")),
        Coverage::Partial => Some(language.of("文件的一部分", "A part of the document")),
        Coverage::Revision => Some(language.of("文件的较早版本", "An earlier revision")),
        Coverage::WholeDocument => Some(language.of("整个文件", "The whole document")),
        Coverage::Unknown => None,
    }
}

const fn modifications(extent: Modifications, language: Language) -> &'static str {
    match extent {
        Modifications::None => language.of("没有", "None"),
        Modifications::Permitted => {
            language.of("有，均在签名人允许的范围内", "Some, as the signer allowed")
        }
        Modifications::Forbidden => language.of(
            "有，超出签名人允许的范围",
            "Some, beyond what the signer allowed",
        ),
        Modifications::Unknown => language.of("无法判断", "Could not be decided"),
    }
}

fn signer(signature: &SignatureReport, language: Language) -> String {
    let signer = signature.signer.as_ref();
    signer.map_or_else(
        || language.of("不明", "unknown").to_owned(),
        |signer| signer.subject.clone(),
    )
}

/// The common name in a name of RFC 4514 form, for where there is little room; the whole where there is none.
pub(in crate::http) fn common_name(subject: &str) -> String {
    let mut found = None;
    let mut rest = subject;
    loop {
        let mut escaped = false;
        let end = rest.find(|character: char| {
            let ends = !escaped && matches!(character, ',' | '+');
            escaped = !escaped && character == '\\';
            ends
        });
        let (part, after) = match end.and_then(|end| rest.split_at_checked(end)) {
            Some((part, after)) => (part, after.get(1..)),
            None => (rest, None),
        };
        if let Some(name) = part.strip_prefix("CN=") {
            found.get_or_insert(name);
        }
        match after {
            Some(after) => rest = after,
            None => break,
        }
    }
    found.map_or_else(|| subject.to_owned(), |name| name.replace('\\', ""))
}

/// What is said and what is proven of when it was signed, each with its source.
fn times(signature: &SignatureReport, language: Language) -> Vec<TimeLine> {
    let known = signature.signing_time;
    let is_timestamp = signature.format == "timestamp";
    let claimed = known.claimed.map(|at| TimeLine {
        label: match is_timestamp {
            true => language.of("时间戳时间", "Time in the timestamp"),
            false => language.of("声称的签名时间", "Signing time, as claimed"),
        },
        at: at.into(),
        source: match is_timestamp {
            true => language.of("时间戳服务机构", "its authority"),
            false => language.of("签名人自述，未经证明", "the signer says so; not proven"),
        }
        .to_owned(),
    });
    let not_before = known.not_before.map(|at| TimeLine {
        label: language.of("签名不早于", "Signed after"),
        at: at.into(),
        source: language
            .of("内容时间戳证明", "proven by a timestamp of the content")
            .to_owned(),
    });
    let existed = known.best_signature_time.map(|at| {
        let stamp = signature.timestamps.iter().find(|stamp| {
            stamp.time == Some(at)
                && stamp.kind != TimestampKind::Content
                && stamp.signature.indication == Indication::TotalPassed
        });
        let source = stamp.map_or_else(
            || language.of("本次核验所见", "seen by this check").to_owned(),
            |stamp| {
                let by = common_name(&signer(&stamp.signature, language));
                match language {
                    Language::En => format!("proven by a timestamp of {by}"),
                    Language::Zh => format!("时间戳证明（{by}）"),
                }
            },
        );
        TimeLine {
            label: language.of("签名至迟已存在于", "Signed before"),
            at: at.into(),
            source,
        }
    });
    claimed
        .into_iter()
        .chain(not_before)
        .chain(existed)
        .collect()
}

fn stamp_line(stamp: &TimestampReport, language: Language) -> StampLine {
    let (tone, word) = verdict(stamp.signature.indication, language);
    StampLine {
        kind: match stamp.kind {
            TimestampKind::Archive => language.of("存档时间戳", "Archive timestamp"),
            TimestampKind::Content => language.of("内容时间戳", "Timestamp of the content"),
            TimestampKind::Document => language.of("文件时间戳", "Timestamp of the document"),
            TimestampKind::References => language.of("引用时间戳", "Timestamp of references"),
            TimestampKind::Signature => language.of("签名时间戳", "Timestamp of the signature"),
        },
        at: stamp.time.map(Moment::from),
        authority: common_name(&signer(&stamp.signature, language)),
        tone,
        word,
        why: why(&stamp.signature, language),
    }
}

fn counter_line(counter: &SignatureReport, language: Language) -> CounterLine {
    let (tone, word) = verdict(counter.indication, language);
    CounterLine {
        signer: common_name(&signer(counter, language)),
        tone,
        word,
        claimed_at: counter.signing_time.claimed.map(Moment::from),
        why: why(counter, language),
    }
}

fn seal_line(seal: &SealReport, language: Language) -> SealLine {
    let maker = seal.maker.as_deref();
    SealLine {
        name: seal.name.clone(),
        id: seal.id.clone(),
        maker: maker.map_or_else(|| language.of("不明", "unknown").to_owned(), common_name),
        valid_from: seal.valid_from.into(),
        valid_until: seal.valid_until.into(),
    }
}

/// The first reason that decided a verdict.
fn why(signature: &SignatureReport, language: Language) -> Option<String> {
    let mut reasons = signature.reasons.iter();
    let decisive = reasons.find(|reason| reason.severity() == Severity::Error)?;
    Some(message(decisive, language))
}

fn tried_line(candidate: &TriedCandidate, language: Language) -> TriedLine {
    TriedLine {
        subject: candidate.subject.clone(),
        sha256: candidate.sha256.to_string(),
        message: message(&candidate.reason, language),
        code: candidate.reason.code().as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_name_is_the_common_name() {
        for (subject, name) in [
            ("CN=某公司,O=某公司,C=CN", "某公司"),
            ("title=a\\,CN=b,CN=Smith\\, John+UID=1,C=CN", "Smith, John"),
            ("O=Only an organisation,C=CN", "O=Only an organisation,C=CN"),
            ("", ""),
            ("CN=", ""),
        ] {
            assert_eq!(common_name(subject), name, "{subject}");
        }
    }
}
