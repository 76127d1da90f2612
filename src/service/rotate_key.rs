//! Replaces an API key by a newer one and lets the old one run out.

use std::time::Duration;

use crate::evidence::audit::AuditAction;
use crate::registry::api_key;
use crate::registry::relying_party::ApiKeyRecord;
use crate::secret::Secret;
use crate::service::app::App;
use crate::service::manage::ManageError;
use crate::store::callers::Rotated;

impl App {
    /// Gives the owner of a key in force a new one with the same scopes and, if the old one was to expire,
    /// the same lifetime from now on. The old key is accepted for `grace` more, but not beyond its own end.
    ///
    /// # Errors
    /// [`ManageError::UnknownKey`] when no key in force has that prefix.
    pub async fn rotate_key(
        &self,
        prefix: &str,
        grace: Duration,
    ) -> Result<Secret<String>, ManageError> {
        let callers = self.store().callers();
        let found = callers.find_by_prefix(prefix).await?;
        let (old, ..) = found.ok_or_else(|| ManageError::UnknownKey(prefix.to_owned()))?;
        let now = self.now();
        let until = old
            .expires_at
            .map_or(now.plus(grace), |end| end.min(now.plus(grace)));
        loop {
            let (key, new_prefix) = api_key::generate(self.parts().random.as_ref())?;
            let events = [
                self.by_console(AuditAction::ApiKeyCreated, &new_prefix),
                self.by_console(AuditAction::ApiKeyRotated, prefix),
            ];
            let record = ApiKeyRecord {
                prefix: new_prefix,
                tag: api_key::tag(&self.parts().pepper, key.expose()),
                caller: old.caller.clone(),
                scopes: old.scopes.clone(),
                created_at: now,
                expires_at: old
                    .expires_at
                    .map(|end| now.plus(end.since(old.created_at))),
                revoked_at: None,
                last_used_at: None,
            };
            match callers
                .rotate_key((prefix, until), &record, &events)
                .await?
            {
                Rotated::Done => return Ok(key),
                Rotated::NotInForce => return Err(ManageError::UnknownKey(prefix.to_owned())),
                Rotated::PrefixTaken => {}
            }
        }
    }
}
