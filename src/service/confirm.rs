//! Confirms what a company is, now or as we would have answered at an earlier time.

use serde_json::Value;

use crate::clock::Timestamp;
use crate::crypto::digest::sha256;
use crate::encoding::json;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::evidence::receipt::ReceiptClaims;
use crate::evidence::receipt::ReceiptDigest;
use crate::evidence::receipt::ReceiptKind;
use crate::identifier::uscc::Uscc;
use crate::registry::company::Company;
use crate::service::app::App;
use crate::service::call::CallContext;
use crate::service::call::Caller;
use crate::service::recognise::ProfileError;
use crate::service::recognise::purpose_for;
use crate::service::sign_receipt::Call;
use crate::service::sign_receipt::SignReceiptError;
use crate::service::sign_receipt::SignedReceipt;
use crate::store::companies::CompanySummary;
use crate::store::error::StoreError;

/// What the audit trail says of a look-up of a company that there is not.
pub(in crate::service) const UNKNOWN_COMPANY: &str = "UNKNOWN_COMPANY";

/// A signed answer about a company.
#[derive(Debug)]
pub struct Confirmation {
    /// The company.
    pub company: Company,
    /// The company as JSON: what the receipt's `answer` is the digest of.
    pub answer: Value,
    /// The time asked about, if it was not now.
    pub as_of: Option<Timestamp>,
    /// When the answer was given.
    pub answered_at: Timestamp,
    /// The receipt; `None` for the public, who get none.
    pub receipt: Option<SignedReceipt>,
}

/// Why nothing was confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// `asOf` lies in the future: nobody knows what we will answer.
    #[error("{as_of} lies in the future")]
    AsOfInFuture {
        /// The time asked about.
        as_of: Timestamp,
    },
    /// The company could not be written as JSON.
    #[error("the company could not be written as JSON")]
    Encode(#[source] serde_json::Error),
    /// No such purpose.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The answer could not be signed, so it is not given.
    #[error("the answer could not be signed")]
    Receipt(#[from] SignReceiptError),
    /// The database failed.
    #[error("the company could not be read")]
    Store(#[from] StoreError),
    /// No such company (at that time).
    #[error("no company `{0}`")]
    UnknownCompany(Uscc),
}

impl App {
    /// Confirms a company (`GET /v1/companies/{uscc}`).
    ///
    /// # Errors
    /// [`ConfirmError::UnknownCompany`] when we would have known nothing of it at `as_of`.
    pub async fn confirm(
        &self,
        caller: &Caller,
        uscc: &Uscc,
        as_of: Option<Timestamp>,
        context: &CallContext,
    ) -> Result<Confirmation, ConfirmError> {
        let began = self.now();
        purpose_for(caller, context.purpose.as_deref())?;
        let company = match as_of {
            None => self.store().companies().load(uscc).await?,
            Some(as_of) if as_of > self.now() => return Err(ConfirmError::AsOfInFuture { as_of }),
            Some(as_of) => self.store().companies().load_as_of(uscc, as_of).await?,
        };
        let call = Call {
            kind: ReceiptKind::Confirm,
            caller,
            context,
            began,
        };
        let event = |outcome: &str| AuditEvent {
            subject: Some(uscc.clone()),
            ..self.event_of(call, AuditAction::CompanyConfirmed, uscc.as_str(), outcome)
        };
        let Some(company) = company else {
            self.record_event(event(UNKNOWN_COMPANY), began).await?;
            return Err(ConfirmError::UnknownCompany(uscc.clone()));
        };
        let event = event(company.state.entry().id);
        let answer = serde_json::to_value(&company).map_err(ConfirmError::Encode)?;
        let receipt = if caller.is_public() {
            self.record_event(event, began).await?;
            None
        } else {
            let fill = |claims: ReceiptClaims| ReceiptClaims {
                sub: Some(uscc.clone()),
                answer: Some(answer_digest(&answer)),
                as_of: as_of.map(Timestamp::as_unix_seconds),
                ..claims
            };
            Some(
                self.sign_receipt(call, &answer.to_string(), event, fill)
                    .await?,
            )
        };
        let answered_at = receipt
            .as_ref()
            .map_or_else(|| self.now(), |receipt| receipt.at);
        Ok(Confirmation {
            company,
            answer,
            as_of,
            answered_at,
            receipt,
        })
    }

    /// Companies whose name contains `text`, in the order of their USCC, after `after`. The audit trail has
    /// the digest of the text, which may be somebody's name, and how many were found.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn find_companies(
        &self,
        caller: &Caller,
        text: &str,
        after: Option<&Uscc>,
        limit: u32,
    ) -> Result<Vec<CompanySummary>, StoreError> {
        let began = self.now();
        let companies = self.store().companies();
        let found = companies
            .find_by_name(text, after.map(Uscc::as_str), limit)
            .await?;
        let event = AuditEvent::new(
            began,
            caller.party.id.as_str(),
            AuditAction::CompaniesSearched,
            &sha256(text.as_bytes()).to_string(),
            &format!("{} found", found.len()),
        );
        self.record_event(event, began).await?;
        Ok(found)
    }
}

/// What binds an answer to its receipt: SHA-256 of its canonical JSON.
pub(in crate::service) fn answer_digest(answer: &Value) -> ReceiptDigest {
    ReceiptDigest::new(sha256(&json::canonical(answer)).0)
}
