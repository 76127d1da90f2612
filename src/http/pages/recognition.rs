//! Who recognises whom, for an operator: relying parties against CAs, what was changed, and what is proposed.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use askama::Template;
use axum::response::Response;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::http::language::Language;
use crate::http::pages::moment::Moment;
use crate::http::pages::page::Page;
use crate::http::pages::tone::Tone;
use crate::http::problem::Problem;
use crate::registry::recognition::Decision;
use crate::registry::recognition::Recogniser;
use crate::registry::recognition::RecognitionRow;
use crate::registry::recognition::change::Change;
use crate::registry::recognition::proposal::Proposal;
use crate::registry::recognition::proposal::ProposalState;
use crate::registry::recognition::table::digest;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyKind;
use crate::service::change_recognition::Version;
use crate::store::recognition::RecognitionTable;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::Usage;
use crate::validation::trust_store::usage_names;

/// How long before its end a recognition is said to end soon.
const ENDS_SOON: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// The page.
#[derive(Debug, Template)]
#[template(path = "recognition.html", config = "src/http/askama.toml")]
pub(in crate::http) struct RecognitionPage {
    page: Page,
    version: u64,
    digest: Sha256,
    at: Moment,
    columns: Vec<ColumnLine>,
    lines: Vec<PartyLine>,
    versions: Vec<ChangeLine>,
    proposals: Vec<ChangeLine>,
}

/// A CA.
#[derive(Debug)]
struct ColumnLine {
    id: String,
    name: String,
}

/// A relying party, or the default of a kind.
#[derive(Debug)]
struct PartyLine {
    id: String,
    name: String,
    is_default: bool,
    /// One for each column.
    cells: Vec<Vec<Chip>>,
}

/// What holds for one usage.
#[derive(Debug)]
struct Chip {
    tone: Tone,
    usage: String,
    word: &'static str,
    until: Option<String>,
    limited: bool,
}

/// A change, done or proposed.
#[derive(Debug)]
struct ChangeLine {
    title: String,
    state: Option<(Tone, &'static str)>,
    by: String,
    at: Moment,
    note: Option<String>,
    /// Where it is rehearsed; of what is not decided alone.
    rehearsal: Option<String>,
    digest: Option<String>,
    removed: Vec<String>,
    added: Vec<String>,
    /// How many rows are not listed.
    more: usize,
}

/// Rows of one change that are listed; the interface tells all.
const ROWS_OF_A_CHANGE: usize = 20;

/// What there is to be known of one party and one CA.
struct Question<'a> {
    rows: &'a BTreeMap<(Recogniser, CaId), Vec<&'a RecognitionRow>>,
    trust: &'a TrustSet,
    at: Timestamp,
    language: Language,
}

impl RecognitionPage {
    pub(in crate::http) fn new(
        page: Page,
        table: &RecognitionTable,
        (parties, trust): (&[RelyingParty], &TrustSet),
        at: Timestamp,
    ) -> Self {
        let language = page.language;
        let mut rows = BTreeMap::<_, Vec<&RecognitionRow>>::new();
        for row in &table.rows {
            let key = (row.caller.clone(), row.ca.clone());
            rows.entry(key).or_default().push(row);
        }
        let mut cas: BTreeSet<CaId> = rows.keys().map(|(_, ca)| ca.clone()).collect();
        let useful = trust.stores().iter();
        let useful = useful.filter(|store| !store.usages.is_empty());
        cas.extend(useful.map(|store| store.id.clone()));
        let rows = &rows;
        let question = Question {
            rows,
            trust,
            at,
            language,
        };
        let defaults = RelyingPartyKind::ALL.into_iter().filter_map(|kind| {
            let every = Recogniser::Every(kind);
            let spoken = rows.keys().any(|(caller, _)| *caller == every);
            spoken.then(|| PartyLine {
                id: every.to_string(),
                name: every_one(kind, language).to_owned(),
                is_default: true,
                cells: cas.iter().map(|ca| question.default_of(kind, ca)).collect(),
            })
        });
        let parties = parties.iter().filter(|party| {
            let own = Recogniser::One(party.id.clone());
            party.kind != RelyingPartyKind::Operator
                || rows.keys().any(|(caller, _)| *caller == own)
        });
        let parties = parties.map(|party| PartyLine {
            id: party.id.to_string(),
            name: language
                .of(party.name_zh.as_str(), party.name.as_str())
                .to_owned(),
            is_default: false,
            cells: cas.iter().map(|ca| question.of_party(party, ca)).collect(),
        });
        let columns = cas.iter().map(|ca| ColumnLine {
            id: ca.to_string(),
            name: trust.store(ca).map_or_else(
                || {
                    language
                        .of("（信任配置缺失）", "(no trust store)")
                        .to_owned()
                },
                |store| language.of(&store.name_zh, &store.name).to_owned(),
            ),
        });
        Self {
            version: table.version,
            digest: digest(&table.rows),
            at: at.into(),
            columns: columns.collect(),
            lines: defaults.chain(parties).collect(),
            versions: Vec::new(),
            proposals: Vec::new(),
            page,
        }
    }

    /// Adds what was changed, and what is proposed and not yet decided.
    pub(in crate::http) fn with_history(
        mut self,
        versions: &[Version],
        proposals: &[Proposal],
    ) -> Self {
        let language = self.page.language;
        self.versions = versions
            .iter()
            .map(|version| ChangeLine {
                digest: version.record.digest.map(|digest| digest.to_string()),
                by: version.record.changed_by.clone(),
                ..changed(
                    format!(
                        "{} {}",
                        language.of("版本", "Version"),
                        version.record.version
                    ),
                    &version.change,
                    version.record.changed_at,
                    language,
                )
            })
            .collect();
        self.proposals = proposals
            .iter()
            .map(|proposal| ChangeLine {
                state: Some(state(&proposal.state, language)),
                rehearsal: is_open(&proposal.state).then(|| {
                    let (id, code) = (proposal.id, language.code());
                    format!("/v1/recognition/proposals/{id}/rehearsal?lang={code}")
                }),
                by: proposal.draft.proposed_by.to_string(),
                note: proposal
                    .draft
                    .note
                    .as_ref()
                    .map(|note| note.as_str().to_owned()),
                ..changed(
                    format!("{} {}", language.of("提案", "Proposal"), proposal.id),
                    &proposal.draft.change,
                    proposal.draft.proposed_at,
                    language,
                )
            })
            .collect();
        self
    }

    pub(in crate::http) fn respond(&self) -> Result<Response, Problem> {
        Page::respond(self.page.language, self)
    }
}

impl Question<'_> {
    fn of(&self, caller: Recogniser, ca: &CaId) -> &[&RecognitionRow] {
        self.rows
            .get(&(caller, ca.clone()))
            .map_or(&[], Vec::as_slice)
    }

    fn default_of(&self, kind: RelyingPartyKind, ca: &CaId) -> Vec<Chip> {
        let rows = self.of(Recogniser::Every(kind), ca).iter();
        let shown = rows.filter(|row| self.matters(row));
        shown.map(|row| self.chip(row, false)).collect()
    }

    /// Its own rows, and of its kind those that none of its own replaces.
    fn of_party(&self, party: &RelyingParty, ca: &CaId) -> Vec<Chip> {
        let own = self.of(Recogniser::One(party.id.clone()), ca);
        let in_force = own.iter().filter(|row| row.in_force(self.at));
        let settled: BTreeSet<&Usage> = in_force.map(|row| &row.usage).collect();
        let defaults = self.of(Recogniser::Every(party.kind), ca).iter();
        let defaults =
            defaults.filter(|row| row.in_force(self.at) && !settled.contains(&row.usage));
        let own = own.iter().filter(|row| self.matters(row));
        let own = own.map(|row| self.chip(row, false));
        own.chain(defaults.map(|row| self.chip(row, true)))
            .collect()
    }

    /// What is over says nothing about now.
    fn matters(&self, row: &RecognitionRow) -> bool {
        row.valid_until.is_none_or(|until| self.at < until)
    }

    fn chip(&self, row: &RecognitionRow, by_default: bool) -> Chip {
        let soon = row
            .valid_until
            .is_some_and(|until| until <= self.at.plus(ENDS_SOON));
        let (tone, zh, en) = match (&row.decision, row.in_force(self.at)) {
            (_, false) => (Tone::Plain, "尚未生效", "not yet in force"),
            (Decision::Refuse, true) => (Tone::Bad, "不认可", "refused"),
            (Decision::Accept { .. }, true) if !self.has_effect(row) => {
                (Tone::Caution, "无效力", "no effect")
            }
            (Decision::Accept { .. }, true) if soon => (Tone::Caution, "即将到期", "ends soon"),
            (Decision::Accept { .. }, true) if by_default => {
                (Tone::Good, "默认认可", "recognised by default")
            }
            (Decision::Accept { .. }, true) => (Tone::Good, "认可", "recognised"),
        };
        Chip {
            tone,
            usage: usage_name(&row.usage, self.language),
            word: self.language.of(zh, en),
            until: row.valid_until.map(|until| until.date().to_string()),
            limited: matches!(&row.decision, Decision::Accept { limits, .. } if !limits.is_empty()),
        }
    }

    /// Whether the CA is there with one of the anchors, and may vouch for the usage.
    fn has_effect(&self, row: &RecognitionRow) -> bool {
        let store = self.trust.store(&row.ca);
        let store = store.filter(|store| store.usages.contains_key(&row.usage));
        let mut anchors = store.into_iter().flat_map(|store| &store.anchors);
        anchors.any(|anchor| row.anchors().contains(&anchor.id()))
    }
}

fn changed(title: String, change: &Change, at: Timestamp, language: Language) -> ChangeLine {
    let lines = |rows: &[RecognitionRow]| -> Vec<String> {
        let shown = rows.iter().take(ROWS_OF_A_CHANGE);
        shown.map(|row| described(row, language)).collect()
    };
    let more = |rows: &[RecognitionRow]| rows.len().saturating_sub(ROWS_OF_A_CHANGE);
    ChangeLine {
        title,
        state: None,
        by: String::new(),
        at: at.into(),
        note: None,
        rehearsal: None,
        digest: None,
        removed: lines(&change.removed),
        added: lines(&change.added),
        more: more(&change.removed).saturating_add(more(&change.added)),
    }
}

fn described(row: &RecognitionRow, language: Language) -> String {
    let caller = match &row.caller {
        Recogniser::One(id) => id.to_string(),
        Recogniser::Every(kind) => every_one(*kind, language).to_owned(),
    };
    let decision = match row.decision {
        Decision::Accept { .. } => language.of("认可", "recognises"),
        Decision::Refuse => language.of("不认可", "refuses"),
    };
    let usage = usage_name(&row.usage, language);
    let from = row.valid_from.date();
    let until = match row.valid_until {
        Some(until) => until.date().to_string(),
        None => language.of("长期", "further notice").to_owned(),
    };
    match language {
        Language::Zh => format!(
            "{caller} {decision} {} · {usage} · {from} 至 {until}",
            row.ca
        ),
        Language::En => format!(
            "{caller} {decision} {} · {usage} · {from} until {until}",
            row.ca
        ),
    }
}

fn usage_name(usage: &Usage, language: Language) -> String {
    let (name, name_zh) = usage_names(usage);
    language.of(name_zh, name).to_owned()
}

const fn every_one(kind: RelyingPartyKind, language: Language) -> &'static str {
    match kind {
        RelyingPartyKind::Bank => language.of("所有银行", "all banks"),
        RelyingPartyKind::Department => language.of("所有部门", "all departments"),
        RelyingPartyKind::Holder => language.of("企业自助", "company self-service"),
        RelyingPartyKind::Operator => language.of("所有运维方", "all operators"),
        RelyingPartyKind::Public => language.of("公众", "the public"),
    }
}

const fn is_open(state: &ProposalState) -> bool {
    match state {
        ProposalState::Proposed | ProposalState::Approved(_) => true,
        ProposalState::Active { .. }
        | ProposalState::Withdrawn { .. }
        | ProposalState::Lapsed { .. } => false,
    }
}

const fn state(state: &ProposalState, language: Language) -> (Tone, &'static str) {
    match state {
        ProposalState::Proposed => (Tone::Caution, language.of("待批准", "waits for approval")),
        ProposalState::Approved(_) => (Tone::Caution, language.of("待生效", "waits for its date")),
        ProposalState::Active { .. } => (Tone::Good, language.of("已生效", "active")),
        ProposalState::Withdrawn { .. } => (Tone::Plain, language.of("已撤回", "withdrawn")),
        ProposalState::Lapsed { .. } => (Tone::Bad, language.of("已失效", "lapsed")),
    }
}

/// A city with three CAs: what one kind recognises by default, what single parties do, and what changed.
pub(in crate::http) fn samples(page: &Page) -> Vec<(&'static str, askama::Result<String>)> {
    let sample = samples::sample(page).map(|sample| sample.render());
    sample
        .into_iter()
        .map(|html| ("recognition", html))
        .collect()
}

mod samples;
