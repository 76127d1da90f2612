//! Says who accepts a document, for what (`POST /v1/recognition/check`).
//!
//! The document is verified once, as if everybody accepted every CA that may vouch for a usage. What that
//! verdict asked of recognition is noted ([`Consulted`]); every relying party and purpose is then answered from
//! the recognition table. Whoever gives the same answers as somebody before gets the same verdict; for each new
//! set of answers it is judged anew by the code that judges everything, with every signature already proven.
//!
//! Nobody is told when another's recognition ended or begins: of others, only what the CA lacks.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::credential::sd_jwt_vc::validate::StatusFinding;
use crate::crypto::digest::Sha256;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::pki::path::Remember;
use crate::pki::revocation::freshness::LaterEvidence;
use crate::registry::purpose::PURPOSES;
use crate::registry::purpose::Purpose;
use crate::registry::recognition;
use crate::registry::recognition::Limited;
use crate::registry::recognition::PartyRows;
use crate::registry::recognition::RecognitionRow;
use crate::registry::recognition::RowsByParty;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyKind;
use crate::registry::relying_party::Scope;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::service::judge;
use crate::service::judge::Judged;
use crate::service::judge::Judging;
use crate::service::open::Content;
use crate::service::open::Document;
use crate::service::open::Naming;
use crate::service::submitted::Original;
use crate::service::submitted::SignedContent;
use crate::service::submitted::Submitted;
use crate::service::verify::RETRY_AFTER_SECONDS;
use crate::service::verify::VerifyError;
use crate::service::verify::computed;
use crate::service::verify::object_and_outcome;
use crate::validation::context::Demands;
use crate::validation::context::RevocationPolicy;
use crate::validation::profile::TrustProfile;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::reason::Severity;
use crate::validation::report::Overall;
use crate::validation::report::Report;
use crate::validation::standing::Consulted;
use crate::validation::standing::Question;
use crate::validation::standing::SaidNo;
use crate::validation::standing::Standing;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::Usage;

/// How often one document is judged at most. A certificate takes one judgement for each usage and for each way
/// in which somebody refuses its CA, some thirty; a sender who adds signatures of many CAs could ask for one a
/// party and purpose.
const MAX_JUDGEMENTS: usize = 128;

/// A document of which it is asked who accepts it.
#[derive(Debug)]
pub struct CheckRequest {
    /// The document or certificate.
    pub submitted: Submitted,
    /// What the sender says of it.
    pub naming: Naming,
    /// Content that it was signed apart from.
    pub originals: Vec<Original>,
    /// How several signatures make one verdict.
    pub overall: Overall,
}

/// Who accepts a document.
#[derive(Debug)]
pub struct Checked {
    /// The verdict under the usage that does best, if every CA were recognised.
    pub report: Report,
    /// The version of the recognition table that the answers come from.
    pub version: u64,
    /// Every relying party.
    pub parties: Vec<PartyAnswer>,
}

/// Whether one relying party accepts it.
#[derive(Debug, PartialEq, Eq)]
pub struct PartyAnswer {
    /// Who.
    pub party: RelyingParty,
    /// For every purpose.
    pub purposes: Vec<PurposeAnswer>,
}

/// Whether it is accepted for one purpose.
#[derive(Debug, PartialEq, Eq)]
pub struct PurposeAnswer {
    /// What for.
    pub purpose: &'static Purpose,
    /// Whether the verdict would be `TOTAL-PASSED`.
    pub accepted: bool,
    /// Why not; empty where it is.
    pub reasons: Vec<Objection>,
}

/// One reason why something is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Objection {
    /// The reason.
    pub code: ReasonCode,
    /// Which CA it is about, if it is about one.
    pub ca: Option<CaId>,
    /// And which usage.
    pub usage: Option<Usage>,
    /// Which row said no; told to the party itself, and to who may change or audit recognition.
    pub said_no: Option<SaidNo>,
}

/// Who is asked, and the table that answers.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    /// The relying parties, in the order of the answer.
    pub parties: &'a [RelyingParty],
    /// The recognition table.
    pub rows: &'a [RecognitionRow],
    /// Its version.
    pub version: u64,
}

impl App {
    /// Whether each relying party accepts a document for each purpose, as `caller` may know it.
    ///
    /// # Errors
    /// [`VerifyError`]; what is wrong with the document itself is part of the answer.
    pub async fn check_recognition(
        &self,
        caller: &Caller,
        request: CheckRequest,
    ) -> Result<Checked, VerifyError> {
        if request.submitted.bytes().is_empty() {
            return Err(VerifyError::EmptyDocument);
        }
        let CheckRequest {
            submitted,
            naming,
            originals,
            overall,
        } = request;
        let open = move || submitted.open(naming, originals, SignedContent::Omit);
        let opened = computed(open).await??;
        let status = match opened.document.credential() {
            Some(credential) => self.status_of(credential).await?,
            None => StatusFinding::Unavailable {
                retry_after_seconds: RETRY_AFTER_SECONDS,
            },
        };
        let (issuers, parties) = (self.issuers().await?, self.relying_parties().await?);
        let table = self.recognition_table().await?;
        let version = table.version;
        let (app, trust, evidence, now) = (self.clone(), self.trust(), self.evidence(), self.now());
        let work = move || {
            let judging = Judging {
                trust: &trust,
                profile: &TrustProfile::everything(&trust, &Usage::timestamp()),
                issuers: &issuers,
                kinds: app.kinds(),
                intermediates: &[],
                demands: Demands::of_a_signer(),
                revocation: RevocationPolicy::FromTrustStore,
                later_evidence: LaterEvidence::Refuse,
                evidence: evidence.indexed(),
                memory: Some(&app.inner().proven),
                expected_signer: None,
                overall,
                at: now,
                now,
                consulted: None,
                recent: None,
                remember: Remember::EndEntityToo,
            };
            let matrix = Matrix {
                parties: &parties,
                rows: &table.rows,
                version,
            };
            let (mut judged, parties) = check(&opened.document, &judging, &status, matrix);
            opened.tell(&mut judged.report);
            (judged, parties)
        };
        let (judged, mut parties) = computed(work).await?;
        self.seek_evidence(&judged.paths).await?;
        let (object, outcome) = object_and_outcome(&judged.report);
        let (actor, action) = (caller.party.id.as_str(), AuditAction::AcceptanceAsked);
        let event = AuditEvent::new(now, actor, action, &object, &outcome);
        self.record_event(event, now).await?;
        for party in &mut parties {
            party.tell_only_what_is_for(caller);
        }
        Ok(Checked {
            report: judged.report,
            version,
            parties,
        })
    }

    /// Everybody who relies on documents: departments and banks by their ids, the public last. Whoever runs the
    /// system relies on none.
    async fn relying_parties(&self) -> Result<Vec<RelyingParty>, VerifyError> {
        let mut parties = self.store().callers().list().await?;
        parties.retain(|party| party.kind != RelyingPartyKind::Operator);
        parties.sort_by_key(|party| std::cmp::Reverse(party.kind));
        parties.push(RelyingParty::public());
        Ok(parties)
    }
}

impl PartyAnswer {
    /// The dates of a row are the party's own business, and of those who look after the table.
    fn tell_only_what_is_for(&mut self, caller: &Caller) {
        let may_know = caller.party.id == self.party.id && !caller.is_public()
            || [Scope::Audit, Scope::Trust]
                .iter()
                .any(|scope| caller.scopes.contains(scope));
        if may_know {
            return;
        }
        for purpose in &mut self.purposes {
            for objection in &mut purpose.reasons {
                // What the CA itself may not vouch for is no party's secret.
                objection.said_no = objection.said_no.filter(|row| *row == SaidNo::CaToml);
            }
        }
    }
}

/// The best verdict that there could be, and whether each party of `matrix` accepts the document. What
/// `judging` says of a profile does not matter.
#[must_use]
pub fn check(
    document: &Document,
    judging: &Judging<'_>,
    status: &StatusFinding,
    matrix: Matrix<'_>,
) -> (Judged, Vec<PartyAnswer>) {
    let mut usages = BTreeMap::<Usage, Rulings>::new();
    let mut best: Option<Judged> = None;
    let asked: Vec<(&'static Purpose, Usage)> = PURPOSES
        .iter()
        .map(|purpose| (purpose, decisive(document, purpose)))
        .collect();
    for (_, usage) in &asked {
        if usages.contains_key(usage) {
            continue;
        }
        let profile = TrustProfile::everything(judging.trust, usage);
        let (judged, answers) = judged(document, judging, status, &profile);
        let mut rulings = Rulings::default();
        rulings.add((answers, BTreeSet::new()), Ruling::of(&judged.report));
        usages.insert(usage.clone(), rulings);
        if best
            .as_ref()
            .is_none_or(|best| worth(&judged.report) < worth(&best.report))
        {
            best = Some(judged);
        }
    }
    let mut left = MAX_JUDGEMENTS.saturating_sub(usages.len());
    let table = RowsByParty::new(matrix.rows);
    let mut parties = Vec::with_capacity(matrix.parties.len());
    for party in matrix.parties {
        let rows = table.of(party, judging.trust, judging.at);
        let mut of_usage = BTreeMap::<&Usage, (bool, Vec<Objection>)>::new();
        for (purpose, usage) in &asked {
            let Some(rulings) = usages
                .get_mut(usage)
                .filter(|_| !of_usage.contains_key(usage))
            else {
                continue;
            };
            let told = match rulings.find(&rows) {
                Some(ruling) => ruling.for_party(&rows),
                None if left == 0 => (false, vec![Objection::new(ReasonCode::PathBudgetExhausted)]),
                None => {
                    left = left.saturating_sub(1);
                    let own = rows.rows();
                    let profile = recognition::resolve(
                        party,
                        purpose,
                        own,
                        judging.trust,
                        matrix.version,
                        judging.at,
                    );
                    let (judged, answers) = judged(document, judging, status, &profile);
                    let ruling = Ruling::of(&judged.report);
                    let told = ruling.for_party(&rows);
                    rulings.add((answers, rows.limited()), ruling);
                    told
                }
            };
            of_usage.insert(usage, told);
        }
        parties.push(PartyAnswer {
            party: party.clone(),
            purposes: asked
                .iter()
                .map(|(purpose, usage)| answer(purpose, of_usage.get(usage)))
                .collect(),
        });
    }
    // There is a purpose, and so a best verdict; else nothing passes.
    let best = best.unwrap_or_else(|| judge::judge(document, judging, status.clone()));
    (best, parties)
}

/// The usage by which a document is judged for a purpose.
fn decisive(document: &Document, purpose: &Purpose) -> Usage {
    match document.content() {
        Content::Credential(_) => purpose.issuer_usage(),
        Content::Timestamp(_) => Usage::timestamp(),
        Content::Certificates(_)
        | Content::MalformedJws(_)
        | Content::Pdf(_)
        | Content::Signatures(_) => purpose.signer_usage(),
    }
}

/// The verdict under `profile`, and what it asked of it.
fn judged(
    document: &Document,
    judging: &Judging<'_>,
    status: &StatusFinding,
    profile: &TrustProfile,
) -> (Judged, BTreeMap<Question, Standing>) {
    let consulted = Consulted::default();
    let judging = Judging {
        profile,
        consulted: Some(&consulted),
        remember: Remember::EndEntityToo,
        ..*judging
    };
    let judged = judge::judge(document, &judging, status.clone());
    (judged, consulted.into_answers())
}

/// Lower is better: the indication, then how much speaks against it.
fn worth(report: &Report) -> impl Ord + use<> {
    let reasons = report.all_reasons().into_iter();
    let errors = reasons.filter(|reason| reason.severity() == Severity::Error);
    (report.indication, errors.count())
}

fn answer(purpose: &'static Purpose, told: Option<&(bool, Vec<Objection>)>) -> PurposeAnswer {
    let (accepted, reasons) = told.cloned().unwrap_or_default();
    PurposeAnswer {
        purpose,
        accepted,
        reasons,
    }
}

/// What was ruled for one usage, by the answers that it rests on.
#[derive(Debug, Default)]
struct Rulings(Vec<(Grounds, Ruling)>);

/// The answers that a ruling rests on, and the limits under which it was made.
type Grounds = (BTreeMap<Question, Standing>, BTreeSet<Limited>);

/// A verdict, as far as it is told.
#[derive(Debug)]
struct Ruling {
    accepted: bool,
    objections: Vec<(Objection, Option<Sha256>)>,
}

impl Rulings {
    fn add(&mut self, grounds: Grounds, ruling: Ruling) {
        self.0.push((grounds, ruling));
    }

    /// The ruling on somebody who gives the same answers under the same limits.
    fn find(&self, rows: &PartyRows<'_>) -> Option<&Ruling> {
        // Rulings ask nearly the same: each question is put to the rows once.
        let mut known = Vec::<(&Question, Standing)>::new();
        let limited = rows.limited();
        let mut alike = self.0.iter().filter(|((_, under), _)| *under == limited);
        let found = alike.find(|((answers, _), _)| {
            answers.iter().all(|(question, expected)| {
                let told = known.iter().find(|(asked, _)| *asked == question);
                let standing = told.map(|(_, standing)| *standing).unwrap_or_else(|| {
                    let standing = rows.standing(question.0, &question.1);
                    known.push((question, standing));
                    standing
                });
                standing == *expected
            })
        });
        found.map(|(_, ruling)| ruling)
    }
}

impl Ruling {
    fn of(report: &Report) -> Self {
        let accepted = report.passed();
        let reasons = report.all_reasons().into_iter();
        let errors = reasons.filter(|reason| !accepted && reason.severity() == Severity::Error);
        let mut objections: Vec<_> = errors.map(objection).collect();
        let mut told = Vec::new();
        objections.retain(|one| {
            let is_new = !told.contains(one);
            told.push(one.clone());
            is_new
        });
        Self {
            accepted,
            objections,
        }
    }

    /// The verdict on one party, with its own rows in the reasons.
    fn for_party(&self, rows: &PartyRows<'_>) -> (bool, Vec<Objection>) {
        let objections = self.objections.iter().map(|(objection, anchor)| {
            let said_no = anchor
                .zip(objection.usage.as_ref())
                .map(|asked| rows.said_no(asked));
            Objection {
                said_no,
                ..objection.clone()
            }
        });
        (self.accepted, objections.collect())
    }
}

impl Objection {
    const fn new(code: ReasonCode) -> Self {
        Self {
            code,
            ca: None,
            usage: None,
            said_no: None,
        }
    }
}

/// What a reason says, and the anchor if it is about recognition.
fn objection(reason: &Reason) -> (Objection, Option<Sha256>) {
    let text = |name: &str| reason.params().get(name)?.as_str();
    let objection = Objection {
        ca: text("caId").and_then(|id| CaId::parse(id).ok()),
        usage: text("usageId").and_then(|id| Usage::parse(id).ok()),
        ..Objection::new(reason.code())
    };
    let anchor = text("anchor").and_then(|digest| Sha256::parse(digest).ok());
    (objection, anchor)
}

#[cfg(test)]
mod tests;
