//! Suspends, reinstates and revokes credentials; downloads them.

use serde::Deserialize;

use crate::clock::Timestamp;
use crate::credential::state::Change;
use crate::credential::state::ChangeReason;
use crate::credential::state::CredentialState;
use crate::credential::state::TransitionError;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::identifier::opaque_id::CredentialId;
use crate::registry::department::DepartmentId;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::store::credentials::IssuedCredential;
use crate::store::error::StoreError;

/// Why a credential's state was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeStatusError {
    /// Another change came between reading and writing, each time.
    #[error("credential `{0}` is being changed by somebody else")]
    Busy(CredentialId),
    /// The credential's state does not allow the change.
    #[error("credential `{id}` cannot be changed")]
    NotAllowed {
        /// The credential.
        id: CredentialId,
        /// What forbids it.
        #[source]
        cause: TransitionError,
    },
    /// The caller's department does not own the credential's type.
    #[error("credential `{id}` belongs to department `{owner}`")]
    NotYours {
        /// The credential.
        id: CredentialId,
        /// Whose it is.
        owner: DepartmentId,
    },
    /// The database failed.
    #[error("the credential could not be read or written")]
    Store(#[from] StoreError),
    /// No such credential.
    #[error("no credential `{0}`")]
    Unknown(CredentialId),
}

/// What a department may do with a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusAction {
    /// Lets a suspended credential stand again.
    Reinstate,
    /// Takes it back for good.
    Revoke,
    /// Takes it back for the time being.
    Suspend,
}

impl StatusAction {
    /// The name in requests.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::Reinstate => "reinstate",
            Self::Revoke => "revoke",
            Self::Suspend => "suspend",
        }
    }

    const fn audited_as(self) -> AuditAction {
        match self {
            Self::Reinstate => AuditAction::CredentialReinstated,
            Self::Revoke => AuditAction::CredentialRevoked,
            Self::Suspend => AuditAction::CredentialSuspended,
        }
    }

    fn apply(
        self,
        state: CredentialState,
        change: Change,
    ) -> Result<CredentialState, TransitionError> {
        match self {
            Self::Reinstate => state.reinstate(),
            Self::Revoke => state.revoke(change),
            Self::Suspend => state.suspend(change),
        }
    }
}

/// How often a change is tried again when another change came between reading and writing.
const ATTEMPTS: usize = 4;

impl App {
    /// Changes a credential's state on behalf of the department that owns its type. The status list shows
    /// it from the next request on; `reason` is kept in the audit trail.
    ///
    /// # Errors
    /// [`ChangeStatusError::NotAllowed`] says which state forbids it.
    pub async fn change_status(
        &self,
        caller: &Caller,
        id: &CredentialId,
        action: StatusAction,
        reason: &ChangeReason,
    ) -> Result<IssuedCredential, ChangeStatusError> {
        let began = self.now();
        let unknown = || ChangeStatusError::Unknown(id.clone());
        for _ in 0..ATTEMPTS {
            let credential = self.credential(id).await?.ok_or_else(unknown)?;
            let owner = &credential.reservation.department;
            if caller.party.department.as_ref() != Some(owner) {
                return Err(ChangeStatusError::NotYours {
                    id: id.clone(),
                    owner: owner.clone(),
                });
            }
            let at = self.now();
            let by = &caller.party.id;
            let change = Change {
                at,
                by: by.clone(),
                reason: reason.clone(),
            };
            let next = action
                .apply(credential.state.clone(), change)
                .map_err(|cause| ChangeStatusError::NotAllowed {
                    id: id.clone(),
                    cause,
                })?;
            let outcome = format!("{}: {}", next.name(), reason.as_str());
            let event = AuditEvent {
                subject: Some(credential.reservation.uscc.clone()),
                ..AuditEvent::new(at, by.as_str(), action.audited_as(), id.as_str(), &outcome)
            };
            let event = self.timed(event, began);
            if self
                .store()
                .credentials()
                .change_state(id, &credential.state, &next, &event)
                .await?
            {
                return self.credential(id).await?.ok_or_else(unknown);
            }
        }
        Err(ChangeStatusError::Busy(id.clone()))
    }

    /// A credential for `caller` to take away, with every disclosure; who took it stands in the audit trail.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing is handed out.
    pub async fn download(
        &self,
        caller: &Caller,
        id: &CredentialId,
    ) -> Result<Option<IssuedCredential>, StoreError> {
        let began = self.now();
        let Some(credential) = self.credential(id).await? else {
            return Ok(None);
        };
        self.record_download(caller.party.id.as_str(), &credential, began)
            .await?;
        Ok(Some(credential))
    }

    /// Records that `actor` takes a credential away, before it does.
    pub(in crate::service) async fn record_download(
        &self,
        actor: &str,
        credential: &IssuedCredential,
        began: Timestamp,
    ) -> Result<(), StoreError> {
        let event = AuditEvent {
            subject: Some(credential.reservation.uscc.clone()),
            ..AuditEvent::new(
                began,
                actor,
                AuditAction::CredentialDownloaded,
                credential.reservation.id.as_str(),
                credential.state.name(),
            )
        };
        self.record_event(event, began).await
    }

    /// A credential that was issued, as it stands now; `None` for one that never existed or was never
    /// finished.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn credential(
        &self,
        id: &CredentialId,
    ) -> Result<Option<IssuedCredential>, StoreError> {
        let stored = self.store().credentials().load(id).await?;
        Ok(stored.map(|credential| as_it_stands(credential, self.now())))
    }
}

/// A credential expires by the clock, not by being written to.
pub(in crate::service) fn as_it_stands(
    credential: IssuedCredential,
    at: Timestamp,
) -> IssuedCredential {
    if credential.state.has_ended() || at < credential.reservation.expires_at {
        return credential;
    }
    IssuedCredential {
        state: CredentialState::Expired,
        ..credential
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::fixture::City;
    use crate::service::fixture::REGISTRATION;
    use crate::service::fixture::department;
    use crate::service::fixture::uscc;
    use crate::service::issue::IssueRequest;

    #[tokio::test]
    async fn who_took_a_credential_away_stands_in_the_audit_trail() {
        let city = City::new().await;
        let request = IssueRequest {
            uscc: uscc(),
            vct: REGISTRATION.to_owned(),
        };
        let market = department("market-regulation");
        let issued = city.app.issue(&market, &request, None).await.unwrap();
        let id = &issued.credential.reservation.id;
        let customs = department("customs");
        let taken = city.app.download(&customs, id).await.unwrap();
        assert_eq!(taken, Some(issued.credential.clone()));
        let events = city.app.store().audit().list(0, 100).await.unwrap();
        let last = &events.last().unwrap().event;
        assert_eq!(last.action, AuditAction::CredentialDownloaded);
        assert_eq!(
            (last.actor.as_str(), last.object.as_str()),
            ("customs", id.as_str())
        );

        let unknown = CredentialId::from_random([9; 16]);
        assert_eq!(city.app.download(&customs, &unknown).await.unwrap(), None);
        let after = city.app.store().audit().list(0, 100).await.unwrap();
        assert_eq!(after.len(), events.len());
    }
}
