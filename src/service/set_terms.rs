//! Holds a caller to purposes, networks and limits.

use crate::evidence::audit::AuditAction;
use crate::registry::caller_terms::CallerTerms;
use crate::registry::relying_party::RelyingPartyId;
use crate::service::app::App;
use crate::service::manage::ManageError;
use crate::store::caller_days::Drawn;
use crate::store::error::StoreError;

impl App {
    /// What a caller is held to.
    ///
    /// # Errors
    /// [`ManageError::UnknownCaller`].
    pub async fn terms(&self, caller: &RelyingPartyId) -> Result<CallerTerms, ManageError> {
        let terms = self.store().callers().terms(caller).await?;
        terms.ok_or_else(|| ManageError::UnknownCaller(caller.clone()))
    }

    /// Draws at most `wanted` of the requests that a caller has on a day, counted since 1970 in UTC, from what all nodes
    /// together let in.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn draw_requests(
        &self,
        caller: &RelyingPartyId,
        day: i64,
        (wanted, quota): (u32, u32),
    ) -> Result<Drawn, StoreError> {
        let days = self.store().caller_days();
        days.draw(caller, day, wanted, quota).await
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
