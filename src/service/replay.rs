//! Replays a receipt (`POST /v1/receipts/{id}/replay`): decides recognition again, as it was and as it is.
//!
//! The document is not kept, so nothing that needs it is computed again: mathematics, paths, dates and the content
//! are taken over from the verdict of then, and the answer names them. What is decided again is whom the caller
//! recognised: versions of the recognition table are kept for ever, and with each receipt what it depended on of
//! the CAs' trust stores, and where recognition refused something, the verdict behind the refusal. A verdict that this
//! cannot tell is none: the document has to be verified again.

pub mod answer;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::evidence::receipt;
use crate::evidence::receipt::ReceiptKind;
use crate::identifier::opaque_id::ReceiptId;
use crate::pki::certificate::SerialNumber;
use crate::pki::revocation::reason::RevocationReason;
use crate::registry::recognition;
use crate::registry::recognition::RecognitionRow;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::service::fetch_receipt::FetchReceiptError;
use crate::service::fetch_receipt::FoundReceipt;
use crate::service::fetch_receipt::UNKNOWN;
use crate::service::foresee::Grounds;
use crate::service::receipt_facts::AskedOfRecognition;
use crate::service::receipt_facts::ReceiptFacts;
use crate::service::receipt_facts::RecognitionFacts;
use crate::service::receipt_facts::Verdict;
use crate::service::replay::answer::Answered;
use crate::service::replay::answer::Difference;
use crate::service::replay::answer::DifferenceKind;
use crate::service::replay::answer::Replay;
use crate::service::replay::answer::Replayed;
use crate::service::replay::answer::ReplayedProfile;
use crate::store::error::StoreError;
use crate::store::recognition::RecognitionTable;
use crate::validation::reason::Reason;
use crate::validation::reason::ReasonCode;
use crate::validation::report::PolicyRef;
use crate::validation::report::Report;
use crate::validation::report::SignatureReport;
use crate::validation::report::SubIndication;
use crate::validation::standing::CaTerms;
use crate::validation::standing::KnownCa;
use crate::validation::standing::SaidNo;
use crate::validation::standing::Standing;

/// Why nothing was replayed.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// There is no such receipt for the caller, or it cannot be read.
    #[error(transparent)]
    Fetch(#[from] FetchReceiptError),
    /// What is kept with it cannot be read.
    #[error("what is kept with the receipt cannot be read")]
    Facts(#[source] serde_json::Error),
    /// It is about a company: no recognition was asked.
    #[error("receipt `{0}` is about a company")]
    NothingToReplay(ReceiptId),
    /// The database failed.
    #[error("the recognition table could not be read")]
    Store(#[from] StoreError),
}

impl App {
    /// Decides recognition again for a receipt of `caller`, or any where `caller` may audit; it is recorded first.
    ///
    /// # Errors
    /// [`ReplayError`]; that the verdicts are not the same is an answer.
    pub async fn replay(&self, caller: &Caller, id: &ReceiptId) -> Result<Replay, ReplayError> {
        let began = self.now();
        let replayed = match self.receipt_for(caller, id).await? {
            Some(found) => self.replay_of(found).await,
            None => Err(FetchReceiptError::Unknown(id.clone()).into()),
        };
        let outcome = match &replayed {
            Ok(replay) if replay.consistent == Some(false) => "inconsistent",
            Ok(replay) if replay.differences.is_empty() => "same",
            Ok(_) => "different",
            Err(ReplayError::Fetch(FetchReceiptError::Unknown(_))) => UNKNOWN,
            Err(ReplayError::NothingToReplay(_)) => "NOTHING_TO_REPLAY",
            Err(_) => "INTERNAL_ERROR",
        };
        let (actor, action) = (caller.party.id.as_str(), AuditAction::ReceiptReplayed);
        let event = AuditEvent::new(began, actor, action, id.as_str(), outcome);
        self.record_event(event, began).await?;
        replayed
    }

    async fn replay_of(&self, found: FoundReceipt) -> Result<Replay, ReplayError> {
        let FoundReceipt { stored, claims } = found;
        if claims.kind != ReceiptKind::Verify {
            return Err(ReplayError::NothingToReplay(stored.id));
        }
        let facts = ReceiptFacts::read(stored.facts.clone()).map_err(ReplayError::Facts)?;
        let recognition = self.store().recognition();
        let mut tables = Tables {
            then: recognition
                .load_version(facts.report.policy.version)
                .await?,
            now: RecognitionTable::clone(&*self.recognition_table().await?),
        };
        let party = self.store().callers().load(&stored.caller).await?;
        let then = facts.recognition.as_ref().map(|asked| asked.at);
        let then = then.unwrap_or(facts.report.validated_at);
        for (table, at) in [(&mut tables.then, then), (&mut tables.now, self.now())] {
            let own = party.as_ref();
            let own = own.map(|party| recognition::speaking_for(party, &table.rows, at));
            table.rows = own.unwrap_or_default().into_iter().cloned().collect();
        }
        let mut replay = self.decided(&stored.id, &facts, &tables);
        let own_key = self.keys().receipt.key.public_key();
        let (recomputed, taken_over) = (&mut replay.recomputed, &mut replay.taken_over);
        let signed = stored.form.signed();
        match signed.and_then(|compact| receipt::verify(compact, own_key).ok()) {
            Some(_) => recomputed.push("receipt-signature"),
            // Signed with a key from before the present one, or without its signed form since that was erased.
            None => taken_over.push("receipt-signature"),
        }
        let said = (claims.indication, claims.sub_indication);
        let policy = &facts.report.policy;
        let is_same = said == (Some(facts.report.indication), facts.report.sub_indication)
            && claims.profile.as_ref().is_some_and(|profile| {
                profile.version == policy.version
                    && profile.digest.as_bytes() == policy.digest.as_bytes()
            });
        if !is_same {
            replay.consistent = Some(false);
            replay
                .differences
                .push(Difference::of(DifferenceKind::FactsDiffer));
        }
        Ok(replay)
    }

    fn decided(&self, id: &ReceiptId, facts: &ReceiptFacts, tables: &Tables) -> Replay {
        let (report, now) = (&facts.report, self.now());
        let own = Verdict::of(report);
        let profile = |version, at| ReplayedProfile {
            name: report.policy.profile.clone(),
            version,
            at,
        };
        let mut replay = Replay {
            receipt: id.clone(),
            consistent: None,
            then: Replayed {
                verdict: Some(own),
                profile: profile(report.policy.version, report.validated_at),
            },
            now: Replayed {
                verdict: None,
                profile: profile(tables.now.version, now),
            },
            differences: Vec::new(),
            recomputed: Vec::new(),
            taken_over: vec![
                "mathematics",
                "content",
                "certification-path",
                "certificate-validity",
                "credential-state",
                "revocation",
            ],
        };
        let Some(asked) = &facts.recognition else {
            replay.taken_over.push("recognition");
            return replay;
        };
        replay.then.profile.at = asked.at;
        replay.recomputed.push("recognition");
        let mut decision = Decision::default();
        for question in &asked.asked {
            self.decide(question, (asked, report), tables, &mut decision);
        }
        self.look_up_revocation(report, &mut decision);
        replay.consistent = Some(!decision.is_inconsistent);
        if decision.is_inconsistent {
            replay.then.verdict = None;
        } else {
            replay.now.verdict = self.verdict_now((asked, report), tables, &decision);
        }
        let mut questions: Vec<&AskedOfRecognition> = asked.asked.iter().collect();
        if replay.now.verdict != Some(own) {
            questions.extend(asked.otherwise.iter().flat_map(|one| &one.asked));
        }
        let is_asked = |row: &RecognitionRow| {
            let mut questions = questions.iter();
            questions.any(|question| question.ca == row.ca && question.usage == row.usage)
        };
        let rows = tables.then.rows.iter().chain(&tables.now.rows);
        if rows
            .filter(|row| is_asked(row))
            .any(|row| !row.limits().is_empty())
        {
            // Whether a limit is met only the certificates and the evidence tell, which are not kept.
            replay.now.verdict = None;
            replay.taken_over.push("limits");
        }
        replay.differences = decision.differences;
        replay
    }

    /// Puts one question again, to then and to now.
    fn decide(
        &self,
        question: &AskedOfRecognition,
        (asked, report): (&RecognitionFacts, &Report),
        tables: &Tables,
        decision: &mut Decision,
    ) {
        let policy = &report.policy;
        let terms = asked.cas.iter().find(|terms| terms.id == question.ca);
        let then =
            terms.map(|terms| answered(&tables.then.rows, (policy, terms), question, asked.at));
        let trust = self.trust();
        let store = trust.owner(&question.anchor);
        let now = self.answered_now(question, policy, tables);
        let about = |kind| Difference {
            anchor: Some(question.anchor),
            ca: Some(question.ca.clone()),
            usage: Some(question.usage.clone()),
            then: then.or(Some(Answered::of(question.standing, None))),
            now: Some(now),
            ..Difference::of(kind)
        };
        if then.map(|then| then.standing) != Some(question.standing) {
            decision.is_inconsistent = true;
            decision
                .differences
                .push(about(DifferenceKind::ThenOtherwise));
        }
        let stood = question.standing == Standing::Accepted;
        let stands = now.standing == Standing::Accepted;
        if stood && !stands {
            let kind = match store {
                Some(_) => DifferenceKind::RecognisedNoMore,
                None => DifferenceKind::CaGone,
            };
            decision.differences.push(about(kind));
        } else if !stood && stands {
            decision
                .differences
                .push(about(DifferenceKind::RecognisedNow));
        } else if question.standing != now.standing {
            let kind = match store {
                Some(_) => DifferenceKind::RefusedOtherwise,
                None => DifferenceKind::CaGone,
            };
            decision.differences.push(about(kind));
        }
        let was_distrusted = terms.and_then(|terms| terms.distrust_after);
        let distrusted = store.and_then(|store| store.distrust_after);
        let Some(after) = distrusted.filter(|_| stood && stands && distrusted != was_distrusted)
        else {
            return;
        };
        let mut signatures = report.signatures.iter();
        if signatures.any(|one| ends_at(one, question.anchor) && is_younger(one, after)) {
            let difference = about(DifferenceKind::CaDistrusted);
            decision.differences.push(Difference {
                since: Some(after),
                ..difference
            });
            decision.lose(SubIndication::ChainConstraintsFailure);
        }
    }

    fn answered_now(
        &self,
        question: &AskedOfRecognition,
        policy: &PolicyRef,
        tables: &Tables,
    ) -> Answered {
        match self.trust().owner(&question.anchor) {
            Some(store) => answered(&tables.now.rows, (policy, store), question, self.now()),
            None => Answered::of(Standing::NotRecognised, None),
        }
    }

    /// The verdict of now, as far as it can be told from that of then.
    fn verdict_now(
        &self,
        (asked, report): (&RecognitionFacts, &Report),
        tables: &Tables,
        decision: &Decision,
    ) -> Option<Verdict> {
        let signatures = report.signatures.iter();
        let anchors: Vec<_> = signatures.map(anchor_of).collect();
        let grounds = Grounds {
            verdict: Verdict::of(report),
            recognition: asked,
            anchors: &anchors,
        };
        let accepts = |question: &AskedOfRecognition| {
            let now = self.answered_now(question, &report.policy, tables);
            now.standing == Standing::Accepted
        };
        let foreseen = grounds.foresee(accepts).verdict()?;
        let improves = foreseen.indication < report.indication;
        if improves
            && asked
                .cas
                .iter()
                .any(|terms| self.is_distrusted_since(terms))
        {
            return None;
        }
        match decision.fallen {
            None => Some(foreseen),
            Some(sub_indication) => grounds.worsened(foreseen, sub_indication).verdict(),
        }
    }

    fn is_distrusted_since(&self, terms: &CaTerms) -> bool {
        let trust = self.trust();
        let store = trust.store(&terms.id);
        store.and_then(|store| store.distrust_after) != terms.distrust_after
    }

    /// Whether lists at hand say that a signer's certificate is revoked, where an anchor that we know issued it: of
    /// others we have no certificate whose key could verify a list. That no list names it proves nothing here.
    fn look_up_revocation(&self, report: &Report, decision: &mut Decision) {
        for signature in &report.signatures {
            let Some(revoked_at) = self.revoked_at(signature) else {
                continue;
            };
            let mut told = signature.reasons.iter().map(Reason::code);
            if told.any(|code| code == ReasonCode::CertificateRevoked) {
                continue;
            }
            decision.differences.push(Difference {
                certificate: signature.path.first().map(|first| first.sha256),
                since: Some(revoked_at),
                ..Difference::of(DifferenceKind::CertificateRevoked)
            });
            decision.lose(SubIndication::RevokedNoPoe);
        }
    }

    fn revoked_at(&self, signature: &SignatureReport) -> Option<Timestamp> {
        let [_, anchor] = signature.path.as_slice() else {
            return None;
        };
        let (trust, evidence) = (self.trust(), self.evidence());
        let mut anchors = trust.anchors().anchors().iter();
        let anchor = anchors.find(|one| one.id() == anchor.sha256)?;
        let serial = SerialNumber::from_hex(&signature.signer.as_ref()?.serial)?;
        let complete = evidence.indexed().crls().iter().filter(|crl| {
            crl.issuer() == anchor.name() && crl.base_number().is_none() && crl.flaw().is_none()
        });
        complete
            .filter(|crl| crl.verify_signature(anchor.public_key()).is_ok())
            .filter_map(|crl| crl.find(anchor.name(), &serial))
            // A hold may be over.
            .filter(|entry| entry.reason != RevocationReason::CertificateHold)
            .map(|entry| entry.revocation_date)
            .min()
    }
}

/// The recognition tables that are compared.
struct Tables {
    then: RecognitionTable,
    now: RecognitionTable,
}

/// What was found so far.
#[derive(Default)]
struct Decision {
    is_inconsistent: bool,
    differences: Vec<Difference>,
    /// The first thing beside recognition that fell on the path of a signature.
    fallen: Option<SubIndication>,
}

impl Decision {
    fn lose(&mut self, sub_indication: SubIndication) {
        self.fallen = self.fallen.or(Some(sub_indication));
    }
}

/// How the anchor of a question stands by `rows`, which speak for the caller, as far as the request asked.
fn answered(
    rows: &[RecognitionRow],
    (policy, ca): (&PolicyRef, &impl KnownCa),
    question: &AskedOfRecognition,
    at: Timestamp,
) -> Answered {
    let is_left_out = !policy.narrowed_to.is_empty() && !policy.narrowed_to.contains(ca.id());
    let own = || rows.iter().filter(|_| !is_left_out);
    let asked = (question.anchor, &question.usage);
    let standing = recognition::standing_by(own(), ca, asked, at);
    let said_no = match is_left_out && standing != Standing::NotPermitted {
        true => SaidNo::Narrowing,
        false => recognition::said_no_by(own(), ca, asked, (standing, at)),
    };
    Answered::of(standing, Some(said_no))
}

/// Whether nothing proves that a signature is older than that.
fn is_younger(signature: &SignatureReport, than: Timestamp) -> bool {
    signature
        .signing_time
        .best_signature_time
        .is_none_or(|best| than < best)
}

/// Whether the path of a signature ends at an anchor.
fn ends_at(signature: &SignatureReport, anchor: Sha256) -> bool {
    anchor_of(signature) == Some(anchor)
}

fn anchor_of(signature: &SignatureReport) -> Option<Sha256> {
    signature.path.last().map(|last| last.sha256)
}
