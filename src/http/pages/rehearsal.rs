//! What a change of recognition would have made of past verifications, for an operator.

use askama::Template;
use axum::response::Response;

use crate::http::language::Language;
use crate::http::pages::moment::Moment;
use crate::http::pages::page::Page;
use crate::http::pages::tone::Tone;
use crate::http::pages::verdict::signature::verdict;
use crate::http::problem::Problem;
use crate::registry::purpose::Purpose;
use crate::service::receipt_facts::Verdict;
use crate::service::rehearse::answer::Cause;
use crate::service::rehearse::answer::ChangedVerification;
use crate::service::rehearse::answer::Counts;
use crate::service::rehearse::answer::Rehearsal;
use crate::service::rehearse::answer::Undecided;
use crate::validation::trust_store::usage_names;

/// The page.
#[derive(Debug, Template)]
#[template(path = "rehearsal.html", config = "src/http/askama.toml")]
pub(in crate::http) struct RehearsalPage {
    page: Page,
    tone: Tone,
    word: String,
    base_version: u64,
    at: Moment,
    since: Moment,
    is_complete: bool,
    total: CountLine,
    callers: Vec<CallerLine>,
    causes: Vec<CauseLine>,
    changes: Vec<ChangedLine>,
}

/// How many verifications, in words.
#[derive(Debug)]
struct CountLine {
    examined: u64,
    changed: u64,
    unchanged: u64,
    undecided: Vec<(u64, &'static str)>,
}

/// One caller.
#[derive(Debug)]
struct CallerLine {
    id: String,
    name: String,
    counts: CountLine,
    transitions: Vec<(VerdictLine, VerdictLine, u64)>,
}

/// A verdict.
#[derive(Debug)]
struct VerdictLine {
    tone: Tone,
    word: &'static str,
    code: &'static str,
}

/// What made the difference.
#[derive(Debug)]
struct CauseLine {
    tone: Tone,
    word: &'static str,
    ca: String,
    usage: String,
    count: u64,
}

/// One verification.
#[derive(Debug)]
struct ChangedLine {
    caller: String,
    purpose: String,
    company: Option<String>,
    receipt: String,
    at: Moment,
    before: VerdictLine,
    after: VerdictLine,
}

impl RehearsalPage {
    pub(in crate::http) fn new(page: Page, told: &Rehearsal) -> Self {
        let language = page.language;
        let (changed, examined) = (told.total.changed, told.total.examined);
        let undecided: u64 = told.total.undecided.values().sum();
        let word = match changed {
            0 => language
                .of("无结论变化", "No verdict would change")
                .to_owned(),
            _ => match language {
                Language::Zh => format!("{examined} 次核验中，{changed} 次结论会变化"),
                Language::En => {
                    format!("{changed} of {examined} verifications would have another verdict")
                }
            },
        };
        let callers = told.callers.iter().map(|caller| CallerLine {
            id: caller.caller.clone(),
            name: language.of(&caller.name_zh, &caller.name).to_owned(),
            counts: counts(&caller.counts, language),
            transitions: caller
                .transitions
                .iter()
                .map(|one| {
                    let shown = |verdict| shown(verdict, language);
                    (shown(one.before), shown(one.after), one.count)
                })
                .collect(),
        });
        Self {
            tone: match (changed, undecided) {
                (0, 0) => Tone::Plain,
                _ => Tone::Caution,
            },
            word,
            base_version: told.base_version,
            at: told.at.into(),
            since: told.since.into(),
            is_complete: told.is_complete,
            total: counts(&told.total, language),
            callers: callers.collect(),
            causes: told
                .because
                .iter()
                .map(|cause| caused(cause, language))
                .collect(),
            changes: told
                .changes
                .iter()
                .map(|change| changed_line(change, language))
                .collect(),
            page,
        }
    }

    pub(in crate::http) fn respond(&self) -> Result<Response, Problem> {
        Page::respond(self.page.language, self)
    }
}

fn counts(counts: &Counts, language: Language) -> CountLine {
    let undecided = counts.undecided.iter();
    CountLine {
        examined: counts.examined,
        changed: counts.changed,
        unchanged: counts.unchanged,
        undecided: undecided
            .map(|(why, count)| (*count, undecided_because(*why, language)))
            .collect(),
    }
}

const fn undecided_because(why: Undecided, language: Language) -> &'static str {
    match why {
        Undecided::DocumentNeeded => language.of(
            "须有文件本身才能判定，而文件未留存",
            "only the document could tell, and it is not kept",
        ),
        Undecided::FactsNotKept => language.of(
            "由早期版本核验，未留存认可情况",
            "verified by an earlier release, which did not keep what recognition was asked",
        ),
        Undecided::LimitsApply => language.of(
            "涉及附限制条件的认可，是否符合须看证书和证据",
            "a recognition has limits, and whether they are met only certificates and evidence tell",
        ),
    }
}

fn shown(told: Verdict, language: Language) -> VerdictLine {
    let (tone, word) = verdict(told.indication, language);
    let indication = told.indication.as_str();
    VerdictLine {
        tone,
        word,
        code: told.sub_indication.map_or(indication, |sub| sub.as_str()),
    }
}

fn caused(cause: &Cause, language: Language) -> CauseLine {
    let (name, name_zh) = usage_names(&cause.usage);
    let (tone, word) = match cause.is_recognised {
        true => (
            Tone::Good,
            language.of("新认可", "recognised by the change"),
        ),
        false => (Tone::Bad, language.of("不再认可", "no longer recognised")),
    };
    CauseLine {
        tone,
        word,
        ca: cause.ca.to_string(),
        usage: language.of(name_zh, name).to_owned(),
        count: cause.count,
    }
}

fn changed_line(change: &ChangedVerification, language: Language) -> ChangedLine {
    let purpose = match Purpose::find(&change.purpose) {
        Some(purpose) => language.of(purpose.name_zh, purpose.name),
        None => &change.purpose,
    };
    ChangedLine {
        caller: change.caller.clone(),
        purpose: purpose.to_owned(),
        company: change.company.as_ref().map(ToString::to_string),
        receipt: change.receipt.to_string(),
        at: change.verified_at.into(),
        before: shown(change.before, language),
        after: shown(change.after, language),
    }
}

/// The page with sample content.
pub(super) fn samples(page: &Page) -> Vec<(&'static str, askama::Result<String>)> {
    let rendered = |told: &Rehearsal| RehearsalPage::new(page.clone(), told).render();
    vec![
        ("rehearsal", rendered(&sample::some_change())),
        ("rehearsal-nothing", rendered(&sample::nothing_changes())),
    ]
}

mod sample {
    use std::collections::BTreeMap;

    use crate::clock::Timestamp;
    use crate::crypto::digest::Sha256;
    use crate::identifier::opaque_id::ReceiptId;
    use crate::service::receipt_facts::Verdict;
    use crate::service::rehearse::answer::CallerOutcome;
    use crate::service::rehearse::answer::Cause;
    use crate::service::rehearse::answer::ChangedVerification;
    use crate::service::rehearse::answer::Counts;
    use crate::service::rehearse::answer::Rehearsal;
    use crate::service::rehearse::answer::Transition;
    use crate::service::rehearse::answer::Undecided;
    use crate::validation::report::Indication;
    use crate::validation::report::SubIndication;
    use crate::validation::trust_store::CaId;
    use crate::validation::trust_store::Usage;

    const BEFORE: Verdict = Verdict {
        indication: Indication::Indeterminate,
        sub_indication: Some(SubIndication::ChainConstraintsFailure),
    };
    const AFTER: Verdict = Verdict {
        indication: Indication::TotalPassed,
        sub_indication: None,
    };

    fn at(day: u32) -> Timestamp {
        let text = format!("2026-06-{day:02}T01:02:03Z");
        Timestamp::parse(&text).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    pub(super) fn nothing_changes() -> Rehearsal {
        Rehearsal {
            base_version: 7,
            at: at(30),
            since: at(1),
            is_complete: true,
            total: Counts::default(),
            callers: Vec::new(),
            because: Vec::new(),
            changes: Vec::new(),
        }
    }

    pub(super) fn some_change() -> Rehearsal {
        let counts = Counts {
            examined: 1_240,
            changed: 12,
            unchanged: 1_200,
            undecided: BTreeMap::from([
                (Undecided::DocumentNeeded, 1),
                (Undecided::FactsNotKept, 20),
                (Undecided::LimitsApply, 7),
            ]),
        };
        let cause = CaId::parse("demo-yi")
            .ok()
            .zip(Usage::parse("banking").ok());
        Rehearsal {
            is_complete: false,
            total: counts.clone(),
            callers: vec![CallerOutcome {
                caller: "bank-yi".to_owned(),
                name: "Bank Yi".to_owned(),
                name_zh: "乙银行".to_owned(),
                counts,
                transitions: vec![Transition {
                    before: BEFORE,
                    after: AFTER,
                    count: 12,
                }],
            }],
            because: cause
                .map(|(ca, usage)| Cause {
                    ca,
                    usage,
                    is_recognised: true,
                    count: 12,
                })
                .into_iter()
                .collect(),
            changes: vec![ChangedVerification {
                receipt: ReceiptId::from_random([7; 16]),
                verified_at: at(2),
                caller: "bank-yi".to_owned(),
                purpose: "account-opening".to_owned(),
                document: Some(Sha256([3; 32])),
                company: None,
                before: BEFORE,
                after: AFTER,
            }],
            ..nothing_changes()
        }
    }
}
