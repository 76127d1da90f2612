//! Rehearses a change of the recognition table (`POST /v1/recognition/rehearse`): lays it over the verifications of the
//! last days and tells whose verdicts would be others, before anybody activates it.
//!
//! # What it works on
//! No document is kept, and none is verified again. With each receipt it is kept what its verdict asked of recognition,
//! and where recognition refused, the verdict behind the refusal ([`crate::service::receipt_facts`]); everything else
//! (mathematics, dates, revocation, the credential's state) is taken over as it was. Both tables, with the change and
//! without, are asked for one and the same time. What these facts cannot tell is counted as undecided, with the reason.
//!
//! # Bounds
//! Only verifications of callers that the change speaks of are read, the newest first, at most [`MAX_EXAMINED`] together
//! and from at most [`MAX_DAYS`] back. One rehearsal runs at a time.

pub mod answer;
mod facts;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::registry::recognition;
use crate::registry::recognition::Recogniser;
use crate::registry::recognition::RecognitionRow;
use crate::registry::recognition::change::Change;
use crate::registry::recognition::proposal::ProposalId;
use crate::registry::recognition::table;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyId;
use crate::service::app::App;
use crate::service::change_recognition::ChangeRecognitionError;
use crate::service::foresee::Foreseen;
use crate::service::foresee::Grounds;
use crate::service::manage::CONSOLE;
use crate::service::receipt_facts::AskedOfRecognition;
use crate::service::receipt_facts::Verdict;
use crate::service::rehearse::answer::CallerOutcome;
use crate::service::rehearse::answer::Cause;
use crate::service::rehearse::answer::ChangedVerification;
use crate::service::rehearse::answer::Counts;
use crate::service::rehearse::answer::Rehearsal;
use crate::service::rehearse::answer::Undecided;
use crate::service::rehearse::facts::Facts;
use crate::service::rehearse::facts::PolicyFacts;
use crate::store::error::StoreError;
use crate::store::receipts::KeptVerification;
use crate::validation::limits::Limits;
use crate::validation::report::Indication;
use crate::validation::standing::Standing;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::Usage;

/// How far back a rehearsal goes at most, in days.
pub const MAX_DAYS: u32 = 366;
/// How far back it goes unless something else is asked for, in days.
pub const DEFAULT_DAYS: u32 = 30;
/// How many verifications it looks at.
pub const MAX_EXAMINED: u64 = 200_000;
/// How many verifications of one caller are shown one by one.
pub const MAX_SHOWN: usize = 20;
/// Receipts that are read at once.
const PAGE: u32 = 1_000;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What is rehearsed.
#[derive(Debug, Clone)]
pub enum Subject {
    /// A change that nobody has proposed yet.
    Change(Change),
    /// What was proposed, whatever became of it.
    Proposal(ProposalId),
}

/// What somebody wants to know.
#[derive(Debug, Clone)]
pub struct RehearseRequest {
    /// What is rehearsed.
    pub subject: Subject,
    /// How many days back, 1 to [`MAX_DAYS`].
    pub days: u32,
    /// The time for which recognition is asked; absent: when the change would be in force, now at the earliest.
    pub at: Option<Timestamp>,
}

/// How far a rehearsal has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Receipts looked at.
    pub examined: u64,
    /// Of so many.
    pub of: u64,
}

/// Why nothing was rehearsed.
#[derive(Debug, thiserror::Error)]
pub enum RehearseError {
    /// Another one is running.
    #[error("a rehearsal is running already")]
    Busy,
    /// The change cannot be laid over the table, or names what is not there.
    #[error(transparent)]
    Change(#[from] ChangeRecognitionError),
    /// The work was cut off.
    #[error("the rehearsal was cut off")]
    CutOff,
    /// The days are none or too many.
    #[error("{0} days: must be 1 to {MAX_DAYS}")]
    Days(u32),
    /// The database failed.
    #[error("the receipts could not be read")]
    Store(#[from] StoreError),
}

impl App {
    /// What a change would have made of the verifications of the last days; it is recorded before it is told.
    /// `progress` hears how far it has come.
    ///
    /// # Errors
    /// [`RehearseError::Change`] for a change that could not be carried out either.
    pub async fn rehearse(
        &self,
        by: Option<&RelyingPartyId>,
        request: RehearseRequest,
        progress: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Rehearsal, RehearseError> {
        if !(1..=MAX_DAYS).contains(&request.days) {
            return Err(RehearseError::Days(request.days));
        }
        let alone = self.inner().rehearsing.try_lock();
        let _alone = alone.map_err(|_running| RehearseError::Busy)?;
        let began = self.now();
        let since = began.minus(DAY.saturating_mul(request.days));
        let (plan, parties) = self.plan(request.subject, request.at, began).await?;
        let mut of = 0_u64;
        for party in &parties {
            let receipts = self.store().receipts();
            of = of.saturating_add(receipts.count_since(&party.id, since).await?);
        }
        let mut course = Course {
            since,
            examined: 0,
            of: of.min(MAX_EXAMINED),
            is_complete: true,
            progress,
        };
        let mut rehearsal = Rehearsal {
            base_version: plan.base_version,
            at: plan.at,
            since,
            is_complete: true,
            total: Counts::default(),
            callers: Vec::new(),
            because: Vec::new(),
            changes: Vec::new(),
        };
        let mut causes = Causes::new();
        for party in parties {
            let stage = Stage::new(party, Arc::clone(&plan));
            let stage = self.examine(stage, &mut course).await?;
            stage.finish(&mut rehearsal, &mut causes);
        }
        rehearsal.is_complete = course.is_complete;
        let causes = causes.into_iter();
        rehearsal.because = causes
            .map(|((ca, usage, is_recognised), count)| Cause {
                ca,
                usage,
                is_recognised,
                count,
            })
            .collect();
        let (actor, total) = (by.map_or(CONSOLE, RelyingPartyId::as_str), &rehearsal.total);
        let outcome = format!("{} of {} changed", total.changed, total.examined);
        let object = table::digest(&plan.after).to_string();
        let action = AuditAction::RecognitionRehearsed;
        let event = AuditEvent::new(began, actor, action, &object, &outcome);
        self.record_event(event, began).await?;
        Ok(rehearsal)
    }

    /// What is to be compared, and for whom.
    async fn plan(
        &self,
        subject: Subject,
        at: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(Arc<Plan>, Vec<RelyingParty>), RehearseError> {
        let (change, planned) = match subject {
            Subject::Change(change) => (change, None),
            Subject::Proposal(id) => {
                let draft = self.proposal(id).await?.draft;
                (draft.change, draft.activate_at)
            }
        };
        let table = self.recognition_table().await?;
        let after = self.fitting(&change, &table).await?;
        let begins = change.added.iter().map(|row| row.valid_from);
        let in_force = begins.chain(planned).fold(now, Timestamp::max);
        let plan = Plan {
            base_version: table.version,
            before: table.rows.clone(),
            after,
            trust: self.trust(),
            at: at.unwrap_or(in_force),
        };
        let mut parties = self.store().callers().list().await?;
        parties.retain(|party| speaks_of(&change, party));
        Ok((Arc::new(plan), parties))
    }

    /// Examines one caller's verifications, page by page.
    async fn examine(
        &self,
        mut stage: Stage,
        course: &mut Course<'_>,
    ) -> Result<Stage, RehearseError> {
        let mut before = None;
        loop {
            let left = MAX_EXAMINED.saturating_sub(course.examined);
            let limit = PAGE.min(u32::try_from(left).unwrap_or(PAGE));
            if limit == 0 {
                course.is_complete = false;
                return Ok(stage);
            }
            let receipts = self.store().receipts();
            let page = receipts
                .verifications(&stage.party.id, course.since, before.as_ref(), limit)
                .await?;
            let read = u64::try_from(page.len()).unwrap_or(u64::MAX);
            before = page.last().map(|last| (last.issued_at, last.id.clone()));
            let done = tokio::task::spawn_blocking(move || {
                page.iter().for_each(|one| stage.examine(one));
                stage
            });
            stage = done.await.map_err(|_panicked| RehearseError::CutOff)?;
            course.advance(read);
            if read < u64::from(limit) {
                return Ok(stage);
            }
        }
    }
}

/// How far it has come.
struct Course<'a> {
    since: Timestamp,
    examined: u64,
    of: u64,
    is_complete: bool,
    progress: &'a mut (dyn FnMut(Progress) + Send),
}

impl Course<'_> {
    fn advance(&mut self, read: u64) {
        self.examined = self.examined.saturating_add(read);
        (self.progress)(Progress {
            examined: self.examined,
            of: self.of.max(self.examined),
        });
    }
}

/// Lines of recognition that the change gives (or takes), and how often they made the difference.
type Causes = BTreeMap<(CaId, Usage, bool), u64>;

/// Whether a change says anything about a relying party.
fn speaks_of(change: &Change, party: &RelyingParty) -> bool {
    let mut rows = change.removed.iter().chain(&change.added);
    rows.any(|row| match &row.caller {
        Recogniser::One(id) => *id == party.id,
        Recogniser::Every(kind) => *kind == party.kind,
    })
}

/// What is compared.
struct Plan {
    base_version: u64,
    before: Vec<RecognitionRow>,
    after: Vec<RecognitionRow>,
    trust: Arc<TrustSet>,
    at: Timestamp,
}

/// One caller's verifications, as far as they are examined.
struct Stage {
    party: RelyingParty,
    plan: Arc<Plan>,
    counts: Counts,
    transitions: BTreeMap<(Verdict, Verdict), u64>,
    causes: Causes,
    shown: Vec<ChangedVerification>,
    /// How questions are answered; verifications ask the same ones over and over.
    known: BTreeMap<Sha256, BTreeMap<Usage, Answers>>,
}

/// What recognition answers without the change and with it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answers {
    before: Answer,
    after: Answer,
}

/// Whether an anchor is accepted, and under which limits.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    is_accepted: bool,
    limits: Vec<Limits>,
}

static REFUSED: Answers = Answers {
    before: Answer::REFUSED,
    after: Answer::REFUSED,
};

impl Answers {
    fn is_limited(&self) -> bool {
        !self.before.limits.is_empty() || !self.after.limits.is_empty()
    }
}

impl Answer {
    const REFUSED: Self = Self {
        is_accepted: false,
        limits: Vec::new(),
    };

    fn of(
        party: &RelyingParty,
        rows: &[RecognitionRow],
        asked: (Sha256, &Usage),
        plan: &Plan,
    ) -> Self {
        let Some(store) = plan.trust.owner(&asked.0) else {
            return Self::REFUSED;
        };
        let rows = recognition::speaking_for(party, rows, plan.at);
        let standing = recognition::standing_by(rows.iter().copied(), store, asked, plan.at);
        if standing != Standing::Accepted {
            return Self::REFUSED;
        }
        let about = rows.iter().filter(|row| {
            row.ca == store.id
                && row.usage == *asked.1
                && row.in_force(plan.at)
                && row.anchors().contains(&asked.0)
        });
        let limits = about.map(|row| row.limits().clone());
        Self {
            is_accepted: true,
            limits: limits.filter(|limits| !limits.is_empty()).collect(),
        }
    }
}

/// What would become of one verification.
enum Fate {
    Changed {
        before: Verdict,
        after: Verdict,
        because: Vec<(CaId, Usage, bool)>,
    },
    Undecided(Undecided),
    Unchanged,
}

impl Stage {
    fn new(party: RelyingParty, plan: Arc<Plan>) -> Self {
        Self {
            party,
            plan,
            counts: Counts::default(),
            transitions: BTreeMap::new(),
            causes: Causes::new(),
            shown: Vec::new(),
            known: BTreeMap::new(),
        }
    }

    fn examine(&mut self, kept: &KeptVerification) {
        let one = |count: &mut u64| *count = count.saturating_add(1);
        one(&mut self.counts.examined);
        let facts: Option<Facts> = serde_json::from_str(&kept.facts).ok();
        let fate = facts.as_ref().map(|facts| self.fate(facts));
        match (fate, facts) {
            (Some(Fate::Unchanged), _) => one(&mut self.counts.unchanged),
            (Some(Fate::Undecided(why)), _) => one(self.counts.undecided.entry(why).or_default()),
            (
                Some(Fate::Changed {
                    before,
                    after,
                    because,
                }),
                Some(facts),
            ) => {
                one(&mut self.counts.changed);
                one(self.transitions.entry((before, after)).or_default());
                for line in because {
                    one(self.causes.entry(line).or_default());
                }
                if self.shown.len() < MAX_SHOWN {
                    let digests = &facts.document.digests;
                    self.shown.push(ChangedVerification {
                        receipt: kept.id.clone(),
                        verified_at: kept.issued_at,
                        caller: self.party.id.to_string(),
                        company: facts.company(),
                        document: digests
                            .get("sha256")
                            .and_then(|hex| Sha256::parse(hex).ok()),
                        purpose: facts.policy.purpose,
                        before,
                        after,
                    });
                }
            }
            (Some(Fate::Changed { .. }) | None, _) => {
                one(self
                    .counts
                    .undecided
                    .entry(Undecided::FactsNotKept)
                    .or_default());
            }
        }
    }

    fn fate(&mut self, facts: &Facts) -> Fate {
        let Some(recognition) = &facts.recognition else {
            return Fate::Undecided(Undecided::FactsNotKept);
        };
        let otherwise = recognition.otherwise.iter().flat_map(|one| &one.asked);
        let questions = || recognition.asked.iter().chain(otherwise.clone());
        for question in questions() {
            self.learn(question);
        }
        let answers = |question: &AskedOfRecognition| self.answers(question, &facts.policy);
        let differs = |question: &AskedOfRecognition| {
            let Answers { before, after } = answers(question);
            before != after
        };
        if !questions().any(differs) {
            return Fate::Unchanged;
        }
        if questions().any(|question| answers(question).is_limited()) {
            return Fate::Undecided(Undecided::LimitsApply);
        }
        let signatures = facts.signatures.iter();
        let anchors: Vec<Option<Sha256>> = signatures
            .map(|one| one.path.last().map(|last| last.sha256))
            .collect();
        let grounds = Grounds {
            verdict: Verdict {
                indication: facts.indication,
                sub_indication: facts.sub_indication,
            },
            recognition,
            anchors: &anchors,
        };
        let before = grounds.foresee(|question| answers(question).before.is_accepted);
        let after = grounds.foresee(|question| answers(question).after.is_accepted);
        let undecided = |foreseen| match foreseen {
            Foreseen::Indeterminate => true,
            Foreseen::Verdict(verdict) => verdict.indication == Indication::Indeterminate,
            Foreseen::Unknown => false,
        };
        match (before, after) {
            (Foreseen::Verdict(before), Foreseen::Verdict(after)) if before == after => {
                Fate::Unchanged
            }
            (Foreseen::Verdict(before), Foreseen::Verdict(after)) => {
                let lines = questions()
                    .filter(|question| differs(question))
                    .map(|question| {
                        let is_recognised = answers(question).after.is_accepted;
                        (question.ca.clone(), question.usage.clone(), is_recognised)
                    });
                let mut because: Vec<_> = lines.collect();
                because.sort_unstable();
                because.dedup();
                Fate::Changed {
                    before,
                    after,
                    because,
                }
            }
            _ if undecided(before) && undecided(after) => Fate::Unchanged,
            _ => Fate::Undecided(Undecided::DocumentNeeded),
        }
    }

    /// Puts a question to both tables, once.
    fn learn(&mut self, question: &AskedOfRecognition) {
        let of_anchor = self.known.entry(question.anchor).or_default();
        if !of_anchor.contains_key(&question.usage) {
            let asked = (question.anchor, &question.usage);
            let answer = |rows: &[RecognitionRow]| Answer::of(&self.party, rows, asked, &self.plan);
            let answers = Answers {
                before: answer(&self.plan.before),
                after: answer(&self.plan.after),
            };
            of_anchor.insert(question.usage.clone(), answers);
        }
    }

    /// What was learnt; a request that asked for other CAs only refuses this one, whatever the table says.
    fn answers(&self, question: &AskedOfRecognition, policy: &PolicyFacts) -> &Answers {
        let of_anchor = self.known.get(&question.anchor);
        let known = of_anchor.and_then(|usages| usages.get(&question.usage));
        let is_left_out =
            !policy.narrowed_to.is_empty() && !policy.narrowed_to.contains(&question.ca);
        known.filter(|_| !is_left_out).unwrap_or(&REFUSED)
    }

    fn finish(self, rehearsal: &mut Rehearsal, causes: &mut Causes) {
        rehearsal.total.add(&self.counts);
        for (line, count) in self.causes {
            let known = causes.entry(line).or_default();
            *known = known.saturating_add(count);
        }
        rehearsal.changes.extend(self.shown);
        let outcome = CallerOutcome::of(&self.party, self.counts, self.transitions);
        rehearsal.callers.push(outcome);
    }
}
