//! Adds callers, their API keys and what they recognise.

use std::collections::BTreeSet;

use crate::clock::Timestamp;
use crate::crypto::random::RandomError;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::registry::api_key;
use crate::registry::client_certificate::CertificateRule;
use crate::registry::department::Department;
use crate::registry::department::DepartmentId;
use crate::registry::issuer::IssuerEntry;
use crate::registry::relying_party::ApiKeyRecord;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::relying_party::RelyingPartyKind;
use crate::registry::relying_party::Scope;
use crate::secret::Secret;
use crate::service::app::App;
use crate::store::error::StoreError;

/// Why a caller was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    /// There is a caller of that id already.
    #[error("there is a caller `{0}` already")]
    CallerExists(RelyingPartyId),
    /// No randomness for a key.
    #[error("no randomness for the API key")]
    Random(#[from] RandomError),
    /// The database failed.
    #[error("the callers could not be read or written")]
    Store(#[from] StoreError),
    /// The certificate rule is registered already, for whomever.
    #[error("`{0}` is registered already")]
    RuleExists(CertificateRule),
    /// There is no such caller.
    #[error("there is no caller `{0}`")]
    UnknownCaller(RelyingPartyId),
    /// The caller would act for a department that does not exist.
    #[error("there is no department `{0}`")]
    UnknownDepartment(DepartmentId),
    /// There is no such certificate rule.
    #[error("no caller has `{0}`")]
    UnknownRule(CertificateRule),
    /// There is no such key.
    #[error("there is no API key `{0}`")]
    UnknownKey(String),
}

/// What keys of a kind of caller may do unless fewer scopes are asked for.
#[must_use]
pub fn scopes_of(kind: RelyingPartyKind) -> BTreeSet<Scope> {
    let scopes: &[Scope] = match kind {
        RelyingPartyKind::Bank => &[Scope::Confirm, Scope::Verify],
        RelyingPartyKind::Department => &[
            Scope::Confirm,
            Scope::Issue,
            Scope::Register,
            Scope::Status,
            Scope::Verify,
        ],
        RelyingPartyKind::Operator => &[Scope::Admin, Scope::Audit, Scope::Trust],
        RelyingPartyKind::Holder | RelyingPartyKind::Public => &[],
    };
    scopes.iter().copied().collect()
}

/// Who manages: whoever has the command line of the installation.
pub(in crate::service) const CONSOLE: &str = "console";

impl App {
    /// Adds a caller.
    ///
    /// # Errors
    /// [`ManageError::CallerExists`] when the id is taken, [`ManageError::UnknownDepartment`] when the
    /// city has no such department.
    pub async fn add_caller(&self, party: &RelyingParty) -> Result<(), ManageError> {
        if let Some(department) = &party.department
            && Department::find(department).is_none()
        {
            return Err(ManageError::UnknownDepartment(department.clone()));
        }
        if self.store().callers().load(&party.id).await?.is_some() {
            return Err(ManageError::CallerExists(party.id.clone()));
        }
        let event = self.by_console(AuditAction::CallerChanged, party.id.as_str());
        Ok(self
            .store()
            .callers()
            .upsert_relying_party(party, &event)
            .await?)
    }

    /// Gives a caller an API key. The key is returned this once; only its tag is kept.
    ///
    /// # Errors
    /// [`ManageError::UnknownCaller`] when there is no such caller.
    pub async fn add_key(
        &self,
        caller: &RelyingPartyId,
        scopes: BTreeSet<Scope>,
        expires_at: Option<Timestamp>,
    ) -> Result<Secret<String>, ManageError> {
        if self.store().callers().load(caller).await?.is_none() {
            return Err(ManageError::UnknownCaller(caller.clone()));
        }
        loop {
            let (key, prefix) = api_key::generate(self.parts().random.as_ref())?;
            let event = self.by_console(AuditAction::ApiKeyCreated, &prefix);
            let record = ApiKeyRecord {
                prefix,
                tag: api_key::tag(&self.parts().pepper, key.expose()),
                caller: caller.clone(),
                scopes: scopes.clone(),
                created_at: self.now(),
                expires_at,
                revoked_at: None,
                last_used_at: None,
            };
            // A prefix that is taken is drawn again; there are 2^48 of them.
            if self.store().callers().add_key(&record, &event).await? {
                return Ok(key);
            }
        }
    }

    /// Revokes an API key; it is refused from the next request on.
    ///
    /// # Errors
    /// [`ManageError::UnknownKey`] when no key in force has that prefix.
    pub async fn revoke_key(&self, prefix: &str) -> Result<(), ManageError> {
        let event = self.by_console(AuditAction::ApiKeyRevoked, prefix);
        if self.store().callers().revoke_key(prefix, &event).await? {
            Ok(())
        } else {
            Err(ManageError::UnknownKey(prefix.to_owned()))
        }
    }

    /// All callers with their keys.
    ///
    /// # Errors
    /// [`ManageError::Store`] when the database fails.
    pub async fn callers(&self) -> Result<Vec<(RelyingParty, Vec<ApiKeyRecord>)>, ManageError> {
        let mut callers = Vec::new();
        for party in self.store().callers().list().await? {
            let keys = self.store().callers().keys_of(&party.id).await?;
            callers.push((party, keys));
        }
        Ok(callers)
    }

    /// Enters an issuer into the issuer register.
    ///
    /// # Errors
    /// [`ManageError::Store`] when the database fails.
    pub async fn enter_issuer(&self, entry: &IssuerEntry) -> Result<(), ManageError> {
        let event = self.by_console(AuditAction::IssuerChanged, &entry.id);
        Ok(self.store().issuers().upsert(entry, &event).await?)
    }

    /// Notes in the audit trail what the operator had this process do: `action` to `object`.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn note_operation(
        &self,
        action: AuditAction,
        object: &str,
        outcome: &str,
    ) -> Result<(), StoreError> {
        let event = AuditEvent::new(self.now(), CONSOLE, action, object, outcome);
        self.store().audit().append(&event).await
    }

    pub(in crate::service) fn by_console(&self, action: AuditAction, object: &str) -> AuditEvent {
        AuditEvent::new(self.now(), CONSOLE, action, object, "done")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::fixture::City;
    use crate::service::fixture::department;

    #[tokio::test]
    async fn nobody_acts_for_a_department_that_does_not_exist() {
        let city = City::new().await;
        let weather = department("weather");
        let refused = city.app.add_caller(&weather.party).await;
        assert!(matches!(refused, Err(ManageError::UnknownDepartment(_))));
        city.app
            .add_caller(&department("customs").party)
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn what_the_operator_had_done_stands_in_the_audit_trail() {
        let city = City::new().await;
        let action = AuditAction::TrustReloaded;
        city.app
            .note_operation(action, "trust-roots", "abc")
            .await
            .unwrap();
        let events = city.app.store().audit().list(0, 100).await.unwrap();
        let last = &events.last().unwrap().event;
        assert_eq!((last.actor.as_str(), last.action), (CONSOLE, action));
        assert_eq!(
            (last.object.as_str(), last.outcome.as_str()),
            ("trust-roots", "abc")
        );
    }
}
