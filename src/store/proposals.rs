//! Proposed changes of the recognition table; none is ever deleted.

use sqlx::AnyConnection;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::evidence::audit::AuditEvent;
use crate::registry::recognition::change::Change;
use crate::registry::recognition::change::ChangeForm;
use crate::registry::recognition::proposal::Act;
use crate::registry::recognition::proposal::Draft;
use crate::registry::recognition::proposal::Proposal;
use crate::registry::recognition::proposal::ProposalId;
use crate::registry::recognition::proposal::ProposalState;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::text::Text;
use crate::store::audit;
use crate::store::error::StoreError;
use crate::store::error::is_duplicate;
use crate::store::pool::Pool;
use crate::store::row::Reader;
use crate::store::row::column;

const LAST: &str = "SELECT max(proposal_id) FROM recognition_proposal";

const ADD: &str = "INSERT INTO recognition_proposal \
    (proposal_id, base_version, change, note, proposed_by, proposed_at, activate_at, state) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, 'proposed')";

const LOAD: &str = "SELECT CAST(proposal_id AS TEXT) AS id, proposal_id, base_version, change, note, proposed_by, \
    proposed_at, activate_at, state, approved_by, approved_at, closed_by, closed_at, version, problem \
    FROM recognition_proposal WHERE proposal_id = $1";

const LIST: &str = "SELECT CAST(proposal_id AS TEXT) AS id, proposal_id, base_version, change, note, proposed_by, \
    proposed_at, activate_at, state, approved_by, approved_at, closed_by, closed_at, version, problem \
    FROM recognition_proposal WHERE proposal_id < $1 ORDER BY proposal_id DESC LIMIT $2";

const APPROVED: &str = "SELECT CAST(proposal_id AS TEXT) AS id, proposal_id, base_version, change, note, proposed_by, \
    proposed_at, activate_at, state, approved_by, approved_at, closed_by, closed_at, version, problem \
    FROM recognition_proposal WHERE state = 'approved' ORDER BY proposal_id";

/// Nothing happens when its state is another by now.
const MOVE: &str = "UPDATE recognition_proposal SET state = $3, approved_by = $4, approved_at = $5, closed_by = $6, \
    closed_at = $7, version = $8, problem = $9 WHERE proposal_id = $1 AND state = $2";

/// Proposed changes.
#[derive(Debug)]
pub struct Proposals<'a> {
    pool: &'a Pool,
}

impl<'a> Proposals<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }

    /// Records a proposal under the next number, with the event that `event` makes of it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn add(
        &self,
        draft: Draft,
        event: impl Fn(ProposalId) -> AuditEvent,
    ) -> Result<Proposal, StoreError> {
        let content = serde_json::to_string(&ChangeForm::from(&draft.change))
            .map_err(|_not_json| StoreError::Unstorable)?;
        loop {
            let mut write = self.pool.begin().await?;
            let last: Option<i64> = sqlx::query(LAST).fetch_one(&mut *write).await?.try_get(0)?;
            let number = last.unwrap_or(0).saturating_add(1);
            let id = ProposalId(u64::try_from(number).map_err(|_negative| StoreError::Unstorable)?);
            let added = sqlx::query(ADD)
                .bind(number)
                .bind(column(draft.base_version)?)
                .bind(content.as_str())
                .bind(draft.note.as_ref().map(Text::as_str))
                .bind(draft.proposed_by.as_str())
                .bind(draft.proposed_at.as_micros())
                .bind(draft.activate_at.map(Timestamp::as_micros))
                .execute(&mut *write)
                .await;
            match added {
                Ok(_) => {}
                // Another node took the number.
                Err(error) if is_duplicate(&error) => continue,
                Err(error) => return Err(error.into()),
            }
            audit::append(&mut write, &[event(id)]).await?;
            write.commit().await?;
            let state = ProposalState::Proposed;
            return Ok(Proposal { id, draft, state });
        }
    }

    /// The proposal of that number.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn load(&self, id: ProposalId) -> Result<Option<Proposal>, StoreError> {
        let Ok(number) = column(id.0) else {
            return Ok(None);
        };
        let row = sqlx::query(LOAD)
            .bind(number)
            .fetch_optional(self.pool.reader())
            .await?;
        row.as_ref().map(read).transpose()
    }

    /// At most `limit` proposals, the newest first, from before `before` on.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn list(
        &self,
        before: Option<ProposalId>,
        limit: u32,
    ) -> Result<Vec<Proposal>, StoreError> {
        let before = before.map_or(i64::MAX, |before| column(before.0).unwrap_or(i64::MAX));
        let rows = sqlx::query(LIST)
            .bind(before)
            .bind(i64::from(limit))
            .fetch_all(self.pool.reader())
            .await?;
        rows.iter().map(read).collect()
    }

    /// Those that wait for their time, the oldest first.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn approved(&self) -> Result<Vec<Proposal>, StoreError> {
        let rows = sqlx::query(APPROVED).fetch_all(self.pool.reader()).await?;
        rows.iter().map(read).collect()
    }

    /// Moves a proposal on from the state in which it was seen. `false`: it is in another by now.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn change_state(
        &self,
        seen: &Proposal,
        to: &ProposalState,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let mut write = self.pool.begin().await?;
        if !change_state(&mut write, seen, to).await? {
            return Ok(false);
        }
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await?;
        Ok(true)
    }
}

/// Moves a proposal on inside the transaction that does what it proposes.
pub(in crate::store) async fn change_state(
    connection: &mut AnyConnection,
    seen: &Proposal,
    to: &ProposalState,
) -> Result<bool, StoreError> {
    let approved = to.approved();
    let closed = Closed::of(to);
    let moved = sqlx::query(MOVE)
        .bind(column(seen.id.0)?)
        .bind(seen.state.name())
        .bind(to.name())
        .bind(approved.map(|act| act.by.as_str()))
        .bind(approved.map(|act| act.at.as_micros()))
        .bind(closed.by)
        .bind(closed.at.map(Timestamp::as_micros))
        .bind(closed.version.map(column).transpose()?)
        .bind(closed.problem)
        .execute(connection)
        .await?;
    Ok(moved.rows_affected() == 1)
}

/// The columns about a proposal's end.
#[derive(Default)]
struct Closed<'a> {
    by: Option<&'a str>,
    at: Option<Timestamp>,
    version: Option<u64>,
    problem: Option<&'a str>,
}

impl<'a> Closed<'a> {
    fn of(state: &'a ProposalState) -> Self {
        match state {
            ProposalState::Proposed | ProposalState::Approved(_) => Self::default(),
            ProposalState::Active { at, version, .. } => Self {
                at: Some(*at),
                version: Some(*version),
                ..Self::default()
            },
            ProposalState::Withdrawn { withdrawn, .. } => Self {
                by: Some(withdrawn.by.as_str()),
                at: Some(withdrawn.at),
                ..Self::default()
            },
            ProposalState::Lapsed { at, problem, .. } => Self {
                at: Some(*at),
                problem: Some(problem),
                ..Self::default()
            },
        }
    }
}

fn read(row: &AnyRow) -> Result<Proposal, StoreError> {
    let row = Reader::new(row, "recognition_proposal", "id")?;
    let change = |text: &str| {
        let form: ChangeForm = serde_json::from_str(text).ok()?;
        Change::try_from(form).ok()
    };
    Ok(Proposal {
        id: ProposalId(row.number("proposal_id")?),
        draft: Draft {
            change: row.parsed("change", change)?,
            base_version: row.number("base_version")?,
            note: row.parsed_or_null("note", |note| Text::parse(note).ok())?,
            proposed_by: row.parsed("proposed_by", |id| RelyingPartyId::parse(id).ok())?,
            proposed_at: row.time("proposed_at")?,
            activate_at: row.time_or_null("activate_at")?,
        },
        state: read_state(&row)?,
    })
}

fn read_state(row: &Reader<'_>) -> Result<ProposalState, StoreError> {
    let act = |by: &str, at: &str| {
        let by = row.parsed_or_null(by, |id| RelyingPartyId::parse(id).ok())?;
        let at = row.time_or_null(at)?;
        Ok::<_, StoreError>(by.zip(at).map(|(by, at)| Act { by, at }))
    };
    let approved = act("approved_by", "approved_at")?;
    let closed_at = row.time_or_null("closed_at")?;
    let state = match (row.text("state")?.as_str(), approved, closed_at) {
        ("proposed", None, None) => Some(ProposalState::Proposed),
        ("approved", Some(approved), None) => Some(ProposalState::Approved(approved)),
        ("active", Some(approved), Some(at)) => {
            let version = row.number_or_null("version")?;
            version.map(|version| ProposalState::Active {
                approved,
                at,
                version,
            })
        }
        ("withdrawn", approved, Some(_)) => {
            act("closed_by", "closed_at")?.map(|withdrawn| ProposalState::Withdrawn {
                approved,
                withdrawn,
            })
        }
        ("lapsed", Some(approved), Some(at)) => {
            let problem = row.text_or_null("problem")?;
            problem.map(|problem| ProposalState::Lapsed {
                approved,
                at,
                problem,
            })
        }
        _ => None,
    };
    state.ok_or_else(|| row.inconsistent())
}
