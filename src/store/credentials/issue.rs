//! The three writes of issuing, and what start-up does with those that were cut off.

use serde_json::Value;
use sqlx::AnyConnection;

use crate::clock::Timestamp;
use crate::credential::state::Change;
use crate::evidence::audit::AuditEvent;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::registry::department::DepartmentId;
use crate::registry::relying_party::RelyingPartyId;
use crate::store::audit;
use crate::store::companies;
use crate::store::credentials::Credentials;
use crate::store::credentials::supersede::Ended;
use crate::store::credentials::supersede::Supersession;
use crate::store::error::StoreError;
use crate::store::holders;
use crate::store::holders::NewCode;
use crate::store::idempotency;
use crate::store::idempotency::ClaimOutcome;
use crate::store::idempotency::IdempotencyClaim;
use crate::store::pool::Write;
use crate::store::row::Reader;
use crate::store::row::column;
use crate::store::status_lists;
use crate::store::status_lists::ENTRIES;
use crate::store::status_lists::StatusListId;
use crate::store::status_lists::StatusSlot;

const RESERVE: &str = "INSERT INTO credential (credential_id, vct, uscc, company_version, department, region, \
    issued_by, issued_at, expires_at, status_list_id, status_index, status_value, state, state_changed_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 'reserved', $8) \
    ON CONFLICT (status_list_id, status_index) DO NOTHING";

const PREPARE: &str = "UPDATE credential SET state = 'prepared', payload = $2, disclosures = $3 \
                       WHERE credential_id = $1 AND state = 'reserved'";

const STAGE: &str = "SELECT credential_id, uscc, vct, company_version, state, compact FROM credential \
                     WHERE credential_id = $1";

/// The bytes to be signed stand in the signed credential from here on.
const SIGN: &str = "UPDATE credential SET state = 'valid', compact = $2, state_changed_at = $3, \
                    state_changed_by = $4, payload = NULL, disclosures = NULL \
                    WHERE credential_id = $1 AND state = 'prepared'";

const VOID: &str = "UPDATE credential SET state = 'void', status_value = 1, state_changed_at = $2, \
    state_changed_by = $3, payload = NULL, disclosures = NULL \
    WHERE credential_id = $1 AND state IN ('reserved', 'prepared') RETURNING status_list_id";

/// A credential to be issued.
#[derive(Debug, Clone, Copy)]
pub struct NewCredential<'a> {
    /// Its identifier.
    pub id: &'a CredentialId,
    /// Its type.
    pub vct: &'a str,
    /// The company, which must be known.
    pub uscc: &'a Uscc,
    /// The version of the company that its claims are taken from.
    pub company_version: u64,
    /// The department that owns the type.
    pub department: &'a DepartmentId,
    /// The region of the company, a GB/T 2260 code.
    pub region: &'a str,
    /// Who asks for it.
    pub issued_by: &'a RelyingPartyId,
    /// When it is issued.
    pub issued_at: Timestamp,
    /// From when it is not valid any more.
    pub expires_at: Timestamp,
    /// What keeps the request from being served twice, where the caller asked for that.
    pub idempotency: Option<&'a IdempotencyClaim>,
}

/// Where to look for a free number.
#[derive(Debug, Clone, Copy)]
pub struct StatusAllocation<'a> {
    /// The list to open when no open one has a number free among the candidates.
    pub new_list: &'a StatusListId,
    /// Random numbers below [`ENTRIES`], tried in this order; 64 leave hardly any list short of full.
    pub candidates: &'a [u32],
}

/// What became of a reservation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReserveOutcome {
    /// The idempotency key was used with another body.
    Conflict,
    /// The same request is being served.
    InFlight,
    /// The same request was served; this is the credential it made.
    Replayed(CredentialId),
    /// The number is reserved.
    Reserved(StatusSlot),
}

/// A credential that was signed.
#[derive(Debug, Clone, Copy)]
pub struct SignedCredential<'a> {
    /// Which.
    pub id: &'a CredentialId,
    /// The signed credential with all its disclosures.
    pub compact: &'a str,
    /// Who puts it in force and when, and why the earlier one ends, for its holder to read.
    pub change: &'a Change,
    /// The pick-up code that is given with it, where one is.
    pub pick_up_code: Option<&'a NewCode>,
    /// What the audit trail says of it. A superseded credential gets its own line.
    pub audit: &'a AuditEvent,
}

/// What became of a signed credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignedOutcome {
    /// It is in force already, with these very bytes: an earlier attempt did come through.
    AlreadyStored,
    /// There is none of that id waiting for its signature.
    NotPrepared,
    /// The company has changed since: what was signed may not be true any more. Void it, and issue anew.
    Outdated {
        /// The company's version.
        company_version: u64,
    },
    /// It is in force.
    Stored {
        /// The credentials it took the place of: none or one.
        superseded: Vec<CredentialId>,
    },
}

impl Credentials<'_> {
    /// First write: claims the idempotency key and reserves a number in a status list.
    ///
    /// # Errors
    /// [`StoreError::Refused`] when the company is not known; [`StoreError::Unstorable`] without any
    /// candidate below [`ENTRIES`].
    pub async fn reserve(
        &self,
        new: NewCredential<'_>,
        allocation: StatusAllocation<'_>,
    ) -> Result<ReserveOutcome, StoreError> {
        let mut write = self.pool.begin().await?;
        if let Some(claim) = new.idempotency {
            match idempotency::lay(&mut write, claim, Some(new.id.as_str()), new.issued_at).await? {
                ClaimOutcome::Conflict => return Ok(ReserveOutcome::Conflict),
                ClaimOutcome::InFlight => return Ok(ReserveOutcome::InFlight),
                ClaimOutcome::Replay(result) => {
                    let inconsistent = |_malformed| StoreError::Inconsistent {
                        table: "idempotency",
                        id: claim.caller.to_string(),
                    };
                    return Ok(ReserveOutcome::Replayed(
                        CredentialId::parse(&result).map_err(inconsistent)?,
                    ));
                }
                ClaimOutcome::Started => {}
            }
        }
        let slot = allocate(&mut write, &new, allocation).await?;
        write.commit().await?;
        Ok(ReserveOutcome::Reserved(slot))
    }

    /// Second write: keeps what will be signed. `false`: there is no reservation of that id waiting for it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn store_prepared(
        &self,
        id: &CredentialId,
        payload: &Value,
        disclosures: &[String],
    ) -> Result<bool, StoreError> {
        let disclosures = Value::from(disclosures.to_vec()).to_string();
        let mut write = self.pool.begin().await?;
        let prepared = sqlx::query(PREPARE)
            .bind(id.as_str())
            .bind(payload.to_string())
            .bind(disclosures)
            .execute(&mut *write)
            .await?
            .rows_affected();
        write.commit().await?;
        Ok(prepared == 1)
    }

    /// Third write: puts a signed credential in force, supersedes the one that was, completes the
    /// idempotency key. Once it returned [`SignedOutcome::Stored`] the caller may be answered, and the pick-up code is
    /// in force, as it is after [`SignedOutcome::AlreadyStored`].
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn store_signed(
        &self,
        signed: SignedCredential<'_>,
    ) -> Result<SignedOutcome, StoreError> {
        let mut write = self.pool.begin().await?;
        let outcome = put_in_force(&mut write, signed).await?;
        match outcome {
            SignedOutcome::AlreadyStored | SignedOutcome::Stored { .. } => write.commit().await?,
            SignedOutcome::NotPrepared | SignedOutcome::Outdated { .. } => {}
        }
        Ok(outcome)
    }

    /// Gives up an unfinished credential and its idempotency key; its number says "invalid" for ever.
    /// `false`: it is not unfinished.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn void(&self, id: &CredentialId, event: &AuditEvent) -> Result<bool, StoreError> {
        let mut write = self.pool.begin().await?;
        let row = sqlx::query(VOID)
            .bind(id.as_str())
            .bind(event.at.as_micros())
            .bind(event.actor.as_str())
            .fetch_optional(&mut *write)
            .await?;
        let Some(row) = row else { return Ok(false) };
        status_lists::bump(&mut write, vec![status_lists::read_id(&row)?]).await?;
        idempotency::abandon(&mut write, id.as_str()).await?;
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await?;
        Ok(true)
    }
}

async fn allocate(
    connection: &mut AnyConnection,
    new: &NewCredential<'_>,
    allocation: StatusAllocation<'_>,
) -> Result<StatusSlot, StoreError> {
    let mut lists = status_lists::open_lists(connection).await?;
    for list in lists.drain(..) {
        if let Some(slot) = allocate_in(connection, new, &list, allocation.candidates).await? {
            return Ok(slot);
        }
    }
    status_lists::create(connection, allocation.new_list, new.issued_at).await?;
    allocate_in(connection, new, allocation.new_list, allocation.candidates)
        .await?
        .ok_or(StoreError::Unstorable)
}

async fn allocate_in(
    connection: &mut AnyConnection,
    new: &NewCredential<'_>,
    list: &StatusListId,
    candidates: &[u32],
) -> Result<Option<StatusSlot>, StoreError> {
    for index in candidates.iter().copied().filter(|index| *index < ENTRIES) {
        let slot = StatusSlot {
            list: list.clone(),
            index,
        };
        if insert(connection, new, &slot).await? {
            status_lists::count(connection, list).await?;
            return Ok(Some(slot));
        }
    }
    Ok(None)
}

/// `false`: the number is taken.
async fn insert(
    connection: &mut AnyConnection,
    new: &NewCredential<'_>,
    slot: &StatusSlot,
) -> Result<bool, StoreError> {
    let inserted = sqlx::query(RESERVE)
        .bind(new.id.as_str())
        .bind(new.vct)
        .bind(new.uscc.as_str())
        .bind(column(new.company_version)?)
        .bind(new.department.as_str())
        .bind(new.region)
        .bind(new.issued_by.as_str())
        .bind(new.issued_at.as_micros())
        .bind(new.expires_at.as_micros())
        .bind(slot.list.as_str())
        .bind(i64::from(slot.index))
        .execute(connection)
        .await?
        .rows_affected();
    Ok(inserted == 1)
}

async fn put_in_force(
    write: &mut Write,
    signed: SignedCredential<'_>,
) -> Result<SignedOutcome, StoreError> {
    let row = sqlx::query(STAGE)
        .bind(signed.id.as_str())
        .fetch_optional(&mut **write)
        .await?;
    let Some(row) = row else {
        return Ok(SignedOutcome::NotPrepared);
    };
    let row = Reader::new(&row, "credential", "credential_id")?;
    if row.text_or_null("compact")?.as_deref() == Some(signed.compact) {
        if let Some(code) = signed.pick_up_code {
            holders::give_code(write, signed.id, code).await?;
        }
        return Ok(SignedOutcome::AlreadyStored);
    }
    let uscc = row.parsed("uscc", |uscc| Uscc::parse(uscc).ok())?;
    let company_version = companies::hold(write, &uscc).await?;
    if company_version != row.number::<u64>("company_version")? {
        return Ok(SignedOutcome::Outdated { company_version });
    }
    // Before the new one comes into force: of two, the unique index would refuse the second.
    let by = Supersession {
        change: signed.change,
        successor: Some(signed.id),
        audit: signed.audit,
    };
    let mut ended = Ended::default();
    ended.supersede(write, &uscc, &row.text("vct")?, by).await?;
    let stored = sqlx::query(SIGN)
        .bind(signed.id.as_str())
        .bind(signed.compact)
        .bind(signed.change.at.as_micros())
        .bind(signed.change.by.as_str())
        .execute(&mut **write)
        .await?
        .rows_affected();
    if stored == 0 {
        return Ok(SignedOutcome::NotPrepared);
    }
    let superseded = ended.settle(write).await?;
    if let Some(code) = signed.pick_up_code {
        holders::give_code(write, signed.id, code).await?;
    }
    idempotency::complete(write, signed.id.as_str()).await?;
    audit::append(write, std::slice::from_ref(signed.audit)).await?;
    Ok(SignedOutcome::Stored { superseded })
}
