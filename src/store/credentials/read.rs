//! Reads credentials.

use sqlx::any::AnyRow;

use crate::clock::Timestamp;
use crate::credential::state::Change;
use crate::credential::state::ChangeReason;
use crate::credential::state::CredentialState;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::registry::department::DepartmentId;
use crate::registry::relying_party::RelyingPartyId;
use crate::store::credentials::Credentials;
use crate::store::credentials::IssuedCredential;
use crate::store::credentials::Reservation;
use crate::store::credentials::UnfinishedCredential;
use crate::store::credentials::UnfinishedStage;
use crate::store::error::StoreError;
use crate::store::row::Reader;
use crate::store::status_lists;
use crate::store::status_lists::StatusSlot;

/// The columns of every statement here.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT credential_id, vct, uscc, company_version, department, region, issued_by, issued_at, \
             expires_at, status_list_id, status_index, state, state_changed_at, state_changed_by, state_reason, \
             superseded_by, payload, disclosures, compact FROM credential WHERE ",
            $rest
        )
    };
}

const LOAD: &str = select!("credential_id = $1 AND compact IS NOT NULL");

const BY_STATUS: &str =
    select!("status_list_id = $1 AND status_index = $2 AND compact IS NOT NULL");

const FOR_COMPANY: &str =
    select!("uscc = $1 AND compact IS NOT NULL ORDER BY issued_at, credential_id");

const UNFINISHED: &str = select!(
    "state IN ('reserved', 'prepared') AND issued_at < $1 ORDER BY issued_at, credential_id"
);

impl Credentials<'_> {
    /// The issued credential of that id, in whatever state. `None`: none was issued.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn load(&self, id: &CredentialId) -> Result<Option<IssuedCredential>, StoreError> {
        let row = sqlx::query(LOAD)
            .bind(id.as_str())
            .fetch_optional(self.pool.reader())
            .await?;
        row.as_ref().map(read_issued).transpose()
    }

    /// The issued credential with that number in a status list. `None`: none was issued.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn load_by_status(
        &self,
        slot: &StatusSlot,
    ) -> Result<Option<IssuedCredential>, StoreError> {
        let row = sqlx::query(BY_STATUS)
            .bind(slot.list.as_str())
            .bind(i64::from(slot.index))
            .fetch_optional(self.pool.reader())
            .await?;
        row.as_ref().map(read_issued).transpose()
    }

    /// All credentials issued for a company, oldest first, in whatever state.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn for_company(&self, uscc: &Uscc) -> Result<Vec<IssuedCredential>, StoreError> {
        let rows = sqlx::query(FOR_COMPANY)
            .bind(uscc.as_str())
            .fetch_all(self.pool.reader())
            .await?;
        rows.iter().map(read_issued).collect()
    }

    /// Credentials whose issuing began before `before` and did not come to its end, oldest first. One node
    /// alone may ask for all of them when it starts; of several, each leaves what others are still at.
    ///
    /// # Errors
    /// [`StoreError::Inconsistent`] for a row that does not parse.
    pub async fn unfinished(
        &self,
        before: Timestamp,
    ) -> Result<Vec<UnfinishedCredential>, StoreError> {
        let rows = sqlx::query(UNFINISHED)
            .bind(before.as_micros())
            .fetch_all(self.pool.reader())
            .await?;
        rows.iter().map(read_unfinished).collect()
    }
}

fn read_reservation(row: &AnyRow) -> Result<Reservation, StoreError> {
    let list = status_lists::read_id(row)?;
    let row = Reader::new(row, "credential", "credential_id")?;
    Ok(Reservation {
        id: row.parsed("credential_id", |id| CredentialId::parse(id).ok())?,
        vct: row.text("vct")?,
        uscc: row.parsed("uscc", |uscc| Uscc::parse(uscc).ok())?,
        company_version: row.number("company_version")?,
        department: row.parsed("department", |id| DepartmentId::parse(id).ok())?,
        region: row.text("region")?,
        issued_by: row.parsed("issued_by", |id| RelyingPartyId::parse(id).ok())?,
        issued_at: row.time("issued_at")?,
        expires_at: row.time("expires_at")?,
        status: StatusSlot {
            list,
            index: row.number("status_index")?,
        },
    })
}

fn read_issued(row: &AnyRow) -> Result<IssuedCredential, StoreError> {
    let reservation = read_reservation(row)?;
    let row = Reader::new(row, "credential", "credential_id")?;
    Ok(IssuedCredential {
        reservation,
        state: read_state(&row)?,
        superseded_by: row.parsed_or_null("superseded_by", |id| CredentialId::parse(id).ok())?,
        compact: row.text("compact")?,
    })
}

fn read_state(row: &Reader<'_>) -> Result<CredentialState, StoreError> {
    match row.text("state")?.as_str() {
        "expired" => Ok(CredentialState::Expired),
        "revoked" => Ok(CredentialState::Revoked(read_change(row)?)),
        "superseded" => Ok(CredentialState::Superseded(read_change(row)?)),
        "suspended" => Ok(CredentialState::Suspended(read_change(row)?)),
        "valid" => Ok(CredentialState::Valid),
        _ => Err(row.inconsistent()),
    }
}

fn read_change(row: &Reader<'_>) -> Result<Change, StoreError> {
    Ok(Change {
        at: row.time("state_changed_at")?,
        by: row.parsed("state_changed_by", |id| RelyingPartyId::parse(id).ok())?,
        reason: row.parsed("state_reason", |reason| ChangeReason::parse(reason).ok())?,
    })
}

fn read_unfinished(row: &AnyRow) -> Result<UnfinishedCredential, StoreError> {
    let reservation = read_reservation(row)?;
    let row = Reader::new(row, "credential", "credential_id")?;
    let stage = match row.text("state")?.as_str() {
        "prepared" => UnfinishedStage::Prepared {
            payload: row.parsed("payload", |payload| serde_json::from_str(payload).ok())?,
            disclosures: row.parsed("disclosures", |list| serde_json::from_str(list).ok())?,
        },
        "reserved" => UnfinishedStage::Reserved,
        _ => return Err(row.inconsistent()),
    };
    Ok(UnfinishedCredential { reservation, stage })
}
