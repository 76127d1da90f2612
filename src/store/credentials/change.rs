//! What becomes of a credential after it was issued.

use crate::clock::Timestamp;
use crate::credential::state::CredentialState;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::evidence::audit::SYSTEM;
use crate::identifier::opaque_id::CredentialId;
use crate::store::audit;
use crate::store::credentials::Credentials;
use crate::store::credentials::supersede::Ended;
use crate::store::error::StoreError;
use crate::store::status_lists;

/// `false`: another state than the caller saw — it re-reads and decides.
const CHANGE: &str = "UPDATE credential SET state = $3, status_value = $4, state_changed_at = $5, \
    state_changed_by = $6, state_reason = $7 \
    WHERE credential_id = $1 AND state = $2 RETURNING status_list_id";

/// RFC 7519 §4.1.4: "on or after" its expiration time a token is not accepted.
const EXPIRE: &str = "UPDATE credential SET state = 'expired', status_value = 0, state_changed_at = $1, \
    state_changed_by = $3, state_reason = NULL \
    WHERE state IN ('valid', 'suspended') AND credential_id IN (SELECT due.credential_id FROM credential due \
        WHERE due.state IN ('valid', 'suspended') AND due.expires_at <= $1 ORDER BY due.expires_at LIMIT $2) \
    RETURNING credential_id, status_list_id";

impl Credentials<'_> {
    /// Brings a credential from the state `from`, which the caller saw, to `to`. `false`: it is not in
    /// that state, or unknown.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn change_state(
        &self,
        id: &CredentialId,
        from: &CredentialState,
        to: &CredentialState,
        event: &AuditEvent,
    ) -> Result<bool, StoreError> {
        let change = to.change();
        let mut write = self.pool.begin().await?;
        let row = sqlx::query(CHANGE)
            .bind(id.as_str())
            .bind(from.name())
            .bind(to.name())
            .bind(i64::from(to.status_value()))
            .bind(change.map_or(event.at, |change| change.at).as_micros())
            .bind(change.map_or(event.actor.as_str(), |change| change.by.as_str()))
            .bind(change.map(|change| change.reason.as_str()))
            .fetch_optional(&mut *write)
            .await?;
        let Some(row) = row else { return Ok(false) };
        status_lists::bump(&mut write, vec![status_lists::read_id(&row)?]).await?;
        audit::append(&mut write, std::slice::from_ref(event)).await?;
        write.commit().await?;
        Ok(true)
    }

    /// Ends at most `limit` credentials whose time is over at `now`; gives which. Fewer than `limit`: all
    /// that were due.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn expire_due(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<CredentialId>, StoreError> {
        let mut write = self.pool.begin().await?;
        let rows = sqlx::query(EXPIRE)
            .bind(now.as_micros())
            .bind(i64::from(limit))
            .bind(SYSTEM)
            .fetch_all(&mut *write)
            .await?;
        let name = CredentialState::Expired.name();
        let mut ended = Ended::default();
        ended.note(&rows, |id| {
            AuditEvent::new(
                now,
                SYSTEM,
                AuditAction::CredentialExpired,
                id.as_str(),
                name,
            )
        })?;
        let expired = ended.settle(&mut write).await?;
        write.commit().await?;
        Ok(expired)
    }
}
