//! Holds a caller to purposes, networks and limits.

use crate::evidence::audit::AuditAction;
use crate::registry::caller_terms::CallerTerms;
use crate::registry::relying_party::RelyingPartyId;
use crate::service::app::App;
use crate::service::manage::ManageError;

impl App {
    /// What a caller is held to.
    ///
    /// # Errors
    /// [`ManageError::UnknownCaller`].
    pub async fn terms(&self, caller: &RelyingPartyId) -> Result<CallerTerms, ManageError> {
        let terms = self.store().callers().terms(caller).await?;
        terms.ok_or_else(|| ManageError::UnknownCaller(caller.clone()))
    }

    /// Holds a caller to `terms` from the next request on.
    ///
    /// # Errors
    /// [`ManageError::UnknownCaller`].
    pub async fn set_terms(
        &self,
        caller: &RelyingPartyId,
        terms: &CallerTerms,
    ) -> Result<(), ManageError> {
        let event = self.by_console(AuditAction::CallerChanged, caller.as_str());
        if self
            .store()
            .callers()
            .set_terms(caller, terms, &event)
            .await?
        {
            Ok(())
        } else {
            Err(ManageError::UnknownCaller(caller.clone()))
        }
    }
}
