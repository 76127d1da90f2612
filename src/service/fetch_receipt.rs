//! Gives a receipt again (`GET /v1/receipts/{id}`): to whom it was given, and to the scope `audit`.

use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::evidence::receipt::ReceiptClaims;
use crate::evidence::receipt::ReceiptError;
use crate::identifier::opaque_id::ReceiptId;
use crate::registry::relying_party::Scope;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::store::error::StoreError;
use crate::store::receipts::StoredReceipt;

/// How the audit trail and the problem call a receipt that is not there for the caller.
pub(in crate::service) const UNKNOWN: &str = "UNKNOWN_RECEIPT";

/// A receipt, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundReceipt {
    /// As far as it is kept.
    pub stored: StoredReceipt,
    /// What it says.
    pub claims: ReceiptClaims,
}

/// Why no receipt was given.
#[derive(Debug, thiserror::Error)]
pub enum FetchReceiptError {
    /// What is stored is no receipt.
    #[error("the stored receipt cannot be read")]
    Receipt(#[from] ReceiptError),
    /// The database failed.
    #[error("the receipt could not be read")]
    Store(#[from] StoreError),
    /// There is none of that identifier, or it is another caller's: which of the two is not said.
    #[error("no receipt `{0}`")]
    Unknown(ReceiptId),
}

impl App {
    /// The receipt of that identifier, if it was given to `caller` or `caller` may audit. Who asked is recorded
    /// first, whatever the answer.
    ///
    /// # Errors
    /// [`FetchReceiptError::Unknown`] for another caller's receipt as for one that never was.
    pub async fn receipt(
        &self,
        caller: &Caller,
        id: &ReceiptId,
    ) -> Result<FoundReceipt, FetchReceiptError> {
        let began = self.now();
        let found = self.receipt_for(caller, id).await?;
        let outcome = found.as_ref().map_or(UNKNOWN, |_| "done");
        let (actor, action) = (caller.party.id.as_str(), AuditAction::ReceiptRead);
        let event = AuditEvent::new(began, actor, action, id.as_str(), outcome);
        self.record_event(event, began).await?;
        found.ok_or_else(|| FetchReceiptError::Unknown(id.clone()))
    }

    /// As [`Self::receipt`], without a line in the audit trail; `None` where it is not for `caller`.
    pub(in crate::service) async fn receipt_for(
        &self,
        caller: &Caller,
        id: &ReceiptId,
    ) -> Result<Option<FoundReceipt>, FetchReceiptError> {
        let stored = self.store().receipts().load(id).await?;
        let is_for = |receipt: &StoredReceipt| {
            caller.scopes.contains(&Scope::Audit) || receipt.caller == caller.party.id
        };
        let found = stored.filter(is_for).map(|stored| {
            let claims = stored.form.claims()?;
            Ok(FoundReceipt { stored, claims })
        });
        found.transpose()
    }
}
