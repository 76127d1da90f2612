//! Changes who recognises which CA: at once, or by a proposal that another operator approves.
//!
//! Every change is laid over the table as it is at that moment, checked as a whole, and makes a new version. A proposal
//! is approved for a date; when it comes, [`App::activate_due_proposals`] lays it over the table of then, and where it
//! does not fit any more it lapses, which is recorded, rather than changing something else.

use std::collections::BTreeSet;

use tracing::info;
use tracing::warn;

use crate::clock::Timestamp;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::registry::recognition::Recogniser;
use crate::registry::recognition::RecognitionRow;
use crate::registry::recognition::change::Change;
use crate::registry::recognition::change::ChangeError;
use crate::registry::recognition::proposal::Act;
use crate::registry::recognition::proposal::Approval;
use crate::registry::recognition::proposal::Draft;
use crate::registry::recognition::proposal::MAX_NOTE_CHARACTERS;
use crate::registry::recognition::proposal::Proposal;
use crate::registry::recognition::proposal::ProposalError;
use crate::registry::recognition::proposal::ProposalId;
use crate::registry::recognition::proposal::ProposalState;
use crate::registry::recognition::table;
use crate::registry::recognition::table::Named;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::text::Text;
use crate::service::app::App;
use crate::service::manage::CONSOLE;
use crate::store::error::StoreError;
use crate::store::recognition::Activation;
use crate::store::recognition::RecognitionTable;
use crate::store::recognition::VersionRecord;

/// Why the recognition table stays as it is.
#[derive(Debug, thiserror::Error)]
pub enum ChangeRecognitionError {
    /// Nothing changes without a second person.
    #[error(
        "a change of the recognition table has to be proposed, and approved by another operator"
    )]
    ApprovalRequired,
    /// The change cannot be laid over the table.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// Nothing would change.
    #[error("the table is like that already")]
    NothingChanges,
    /// What became of the proposal before does not allow it.
    #[error(transparent)]
    Proposal(#[from] ProposalError),
    /// A row that is to be added names what is not there.
    #[error(transparent)]
    Row(#[from] RowRefusal),
    /// The database failed.
    #[error("the recognition table could not be read or written")]
    Store(#[from] StoreError),
    /// There is no such proposal.
    #[error("there is no proposal {0}")]
    UnknownProposal(ProposalId),
}

/// Why a row may not be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {problem}", Named(row))]
pub struct RowRefusal {
    /// Which.
    pub row: Box<RecognitionRow>,
    /// Why.
    pub problem: RowProblem,
}

/// What a row names that is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowProblem {
    /// The CA has no such anchor.
    #[error("the CA has no anchor {0}")]
    UnknownAnchor(String),
    /// No trust store of that name.
    #[error("there is no trust store of that name")]
    UnknownCa,
    /// No such relying party.
    #[error("there is no such caller")]
    UnknownCaller,
    /// `ca.toml` does not permit the usage.
    #[error("the CA is not permitted this usage")]
    UsageNotPermitted,
}

/// What somebody asks to be changed.
#[derive(Debug, Clone)]
pub struct Request {
    /// The change.
    pub change: Change,
    /// Why.
    pub note: Option<Text<MAX_NOTE_CHARACTERS>>,
    /// From when on; absent: from its approval on.
    pub activate_at: Option<Timestamp>,
}

/// A version of the table and what it changed.
#[derive(Debug, Clone)]
pub struct Version {
    /// Which.
    pub record: VersionRecord,
    /// What came and went with it.
    pub change: Change,
}

impl App {
    /// Adds rows to the recognition table; the table gets a new version.
    ///
    /// # Errors
    /// As [`Self::change_recognition`].
    pub async fn add_recognition(
        &self,
        rows: &[RecognitionRow],
    ) -> Result<(), ChangeRecognitionError> {
        let change = |_: &[RecognitionRow]| Change::adding(rows);
        self.change_recognition(None, change).await?;
        Ok(())
    }

    /// Changes the table at once, in the name of a caller or of the console; gives its new version.
    ///
    /// # Errors
    /// [`ChangeRecognitionError::ApprovalRequired`] where two persons are; [`ChangeRecognitionError::Row`] and
    /// [`ChangeRecognitionError::Change`] for what does not fit, [`ChangeRecognitionError::NothingChanges`].
    pub async fn change_recognition(
        &self,
        by: Option<&RelyingPartyId>,
        change: impl Fn(&[RecognitionRow]) -> Change,
    ) -> Result<u64, ChangeRecognitionError> {
        match self.settings().approval {
            Approval::None => {}
            Approval::TwoPerson => return Err(ChangeRecognitionError::ApprovalRequired),
        }
        loop {
            let table = self.recognition_table().await?;
            let change = change(&table.rows);
            let rows = self.fitting(&change, &table).await?;
            let next = table.version.saturating_add(1);
            let event = self.changed(by.map_or(CONSOLE, RelyingPartyId::as_str), &rows, next);
            let recognition = self.store().recognition();
            // Somebody else's change in between is kept: ours goes on top of it.
            if recognition.replace(table.version, &rows, &event).await? {
                info!(recognition.version = next, "recognition table changed");
                return Ok(next);
            }
        }
    }

    /// Records a proposal; it changes nothing yet.
    ///
    /// # Errors
    /// As [`Self::change_recognition`], but for the approval.
    pub async fn propose_recognition(
        &self,
        by: &RelyingPartyId,
        request: Request,
    ) -> Result<Proposal, ChangeRecognitionError> {
        let table = self.recognition_table().await?;
        self.fitting(&request.change, &table).await?;
        let draft = Draft {
            change: request.change,
            base_version: table.version,
            note: request.note,
            proposed_by: by.clone(),
            proposed_at: self.now(),
            activate_at: request.activate_at,
        };
        let proposed = |id| self.about(by.as_str(), AuditAction::RecognitionProposed, id, "done");
        Ok(self.store().proposals().add(draft, proposed).await?)
    }

    /// Approves a proposal. It takes effect at once if its time has come.
    ///
    /// # Errors
    /// [`ChangeRecognitionError::Proposal`] for whoever proposed it, or when it is not open;
    /// [`ChangeRecognitionError::Change`] when it does not fit the table any more: then it stays proposed.
    pub async fn approve_recognition(
        &self,
        by: &RelyingPartyId,
        id: ProposalId,
    ) -> Result<Proposal, ChangeRecognitionError> {
        let proposal = self.proposal(id).await?;
        let approved = proposal.approve(self.act(by), self.settings().approval)?;
        let table = self.recognition_table().await?;
        self.fitting(&proposal.draft.change, &table).await?;
        let event = self.about(by.as_str(), AuditAction::RecognitionApproved, id, "done");
        self.move_on(&proposal, &approved, &event).await?;
        let proposal = self.proposal(id).await?;
        if proposal.is_due(self.now()) {
            self.activate(&proposal).await?;
        }
        self.proposal(id).await
    }

    /// Withdraws a proposal before it takes effect.
    ///
    /// # Errors
    /// [`ChangeRecognitionError::Proposal`] when it took effect or was withdrawn already.
    pub async fn withdraw_recognition(
        &self,
        by: &RelyingPartyId,
        id: ProposalId,
    ) -> Result<Proposal, ChangeRecognitionError> {
        let proposal = self.proposal(id).await?;
        let withdrawn = proposal.withdraw(self.act(by))?;
        let event = self.about(by.as_str(), AuditAction::RecognitionWithdrawn, id, "done");
        self.move_on(&proposal, &withdrawn, &event).await?;
        self.proposal(id).await
    }

    /// Lets every approved proposal take effect whose time has come, the oldest first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; what took effect before stays.
    pub async fn activate_due_proposals(&self) -> Result<(), StoreError> {
        for proposal in self.store().proposals().approved().await? {
            if proposal.is_due(self.now()) {
                self.activate(&proposal).await?;
            }
        }
        Ok(())
    }

    /// A proposal.
    ///
    /// # Errors
    /// [`ChangeRecognitionError::UnknownProposal`] when there is none of that number.
    pub async fn proposal(&self, id: ProposalId) -> Result<Proposal, ChangeRecognitionError> {
        let found = self.store().proposals().load(id).await?;
        found.ok_or(ChangeRecognitionError::UnknownProposal(id))
    }

    /// At most `limit` proposals, the newest first, from before `before` on.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn proposals(
        &self,
        before: Option<ProposalId>,
        limit: u32,
    ) -> Result<Vec<Proposal>, StoreError> {
        self.store().proposals().list(before, limit).await
    }

    /// The table as it was at a version. `None`: there is no such version yet.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn recognition_at(
        &self,
        version: u64,
    ) -> Result<Option<RecognitionTable>, StoreError> {
        let recognition = self.store().recognition();
        if recognition.version().await? < version {
            return Ok(None);
        }
        recognition.load_version(version).await.map(Some)
    }

    /// At most `limit` versions and what each changed, the newest first, from before `before` on.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn recognition_versions(
        &self,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Version>, StoreError> {
        let recognition = self.store().recognition();
        let mut versions = Vec::new();
        for record in recognition.versions(before, limit).await? {
            let change = recognition.change_of(record.version).await?;
            versions.push(Version { record, change });
        }
        Ok(versions)
    }

    /// The relying parties for whom rows can speak, the built-in ones among them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn recognisers(&self) -> Result<Vec<RelyingParty>, StoreError> {
        let mut parties = self.store().callers().list().await?;
        parties.extend([RelyingParty::holder(), RelyingParty::public()]);
        Ok(parties)
    }

    async fn activate(&self, proposal: &Proposal) -> Result<(), StoreError> {
        let ProposalState::Approved(approved) = &proposal.state else {
            return Ok(());
        };
        let (by, at) = (approved.by.as_str(), self.now());
        loop {
            let table = self.recognition_table().await?;
            let rows = match proposal.draft.change.apply(&table.rows) {
                Ok(rows) => rows,
                Err(error) => {
                    warn!(proposal.id = %proposal.id, "an approved change of the recognition table lapsed: {error}");
                    let state = ProposalState::Lapsed {
                        approved: approved.clone(),
                        at,
                        problem: error.to_string(),
                    };
                    let (action, id) = (AuditAction::RecognitionLapsed, proposal.id);
                    let event = self.about(by, action, id, "does not fit");
                    let proposals = self.store().proposals();
                    proposals.change_state(proposal, &state, &event).await?;
                    return Ok(());
                }
            };
            let version = table.version.saturating_add(1);
            let state = ProposalState::Active {
                approved: approved.clone(),
                at,
                version,
            };
            let state = &state;
            let event = self.changed(by, &rows, version);
            let activation = Activation { proposal, state };
            let recognition = self.store().recognition();
            if recognition
                .activate(table.version, &rows, &event, activation)
                .await?
            {
                info!(
                    recognition.version = version,
                    "recognition table changed by proposal {}", proposal.id
                );
                return Ok(());
            }
            // Either the table changed meanwhile, or another node did what is to be done.
            let now = self.store().proposals().load(proposal.id).await?;
            if now.is_none_or(|now| now.state != proposal.state) {
                return Ok(());
            }
        }
    }

    async fn move_on(
        &self,
        seen: &Proposal,
        to: &ProposalState,
        event: &AuditEvent,
    ) -> Result<(), ChangeRecognitionError> {
        let proposals = self.store().proposals();
        if proposals.change_state(seen, to, event).await? {
            return Ok(());
        }
        let now = self.proposal(seen.id).await?;
        let (id, state) = (seen.id, now.state.name());
        Err(ProposalError::NotOpen { id, state }.into())
    }

    /// The table that a change makes, if everything that it adds is there to be recognised.
    pub(in crate::service) async fn fitting(
        &self,
        change: &Change,
        table: &RecognitionTable,
    ) -> Result<Vec<RecognitionRow>, ChangeRecognitionError> {
        if change.is_empty() {
            return Err(ChangeRecognitionError::NothingChanges);
        }
        self.refuse_unknown(&change.added).await?;
        Ok(change.apply(&table.rows)?)
    }

    /// Rows that stay may name a CA whose folder is gone: they are inert. What is added must be there.
    async fn refuse_unknown(&self, added: &[RecognitionRow]) -> Result<(), ChangeRecognitionError> {
        let parties = self.recognisers().await?;
        let parties: BTreeSet<&RelyingPartyId> = parties.iter().map(|party| &party.id).collect();
        let trust = self.trust();
        for row in added {
            let is_known = match &row.caller {
                Recogniser::One(id) => parties.contains(id),
                Recogniser::Every(_) => true,
            };
            let store = trust.store(&row.ca);
            let has = |anchor| {
                store.is_some_and(|store| store.anchors.iter().any(|one| one.id() == anchor))
            };
            let strange = row.anchors().iter().find(|anchor| !has(**anchor));
            let problem = match (is_known, store, strange) {
                (false, _, _) => RowProblem::UnknownCaller,
                (true, None, _) => RowProblem::UnknownCa,
                (true, Some(store), _) if !store.usages.contains_key(&row.usage) => {
                    RowProblem::UsageNotPermitted
                }
                (true, Some(_), Some(anchor)) => RowProblem::UnknownAnchor(anchor.to_string()),
                (true, Some(_), None) => continue,
            };
            let row = Box::new(row.clone());
            return Err(RowRefusal { row, problem }.into());
        }
        Ok(())
    }

    fn act(&self, by: &RelyingPartyId) -> Act {
        Act {
            by: by.clone(),
            at: self.now(),
        }
    }

    /// The event of a new version: its object is the digest of the table.
    fn changed(&self, by: &str, rows: &[RecognitionRow], version: u64) -> AuditEvent {
        let digest = table::digest(rows).to_string();
        let outcome = format!("version {version}");
        let action = AuditAction::RecognitionChanged;
        AuditEvent::new(self.now(), by, action, &digest, &outcome)
    }

    fn about(&self, by: &str, action: AuditAction, id: ProposalId, outcome: &str) -> AuditEvent {
        AuditEvent::new(self.now(), by, action, &format!("proposal {id}"), outcome)
    }
}
