//! Tells whether facts match a company, without telling the facts.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::json;

use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::evidence::receipt::ReceiptClaims;
use crate::evidence::receipt::ReceiptKind;
use crate::identifier::uscc::Uscc;
use crate::registry::company::MatchAnswer;
use crate::registry::company::MatchError as FieldError;
use crate::registry::company::match_facts;
use crate::service::app::App;
use crate::service::call::CallContext;
use crate::service::call::Caller;
use crate::service::confirm::UNKNOWN_COMPANY;
use crate::service::confirm::answer_digest;
use crate::service::recognise::ProfileError;
use crate::service::recognise::purpose_for;
use crate::service::sign_receipt::Call;
use crate::service::sign_receipt::SignReceiptError;
use crate::service::sign_receipt::SignedReceipt;
use crate::store::error::StoreError;
use crate::store::receipts::AttemptLimit;

/// Attempts that one caller has for one company within [`ATTEMPTS_WINDOW`]: enough for a clerk's typing
/// mistakes, too few to find out an address or a capital by trying.
pub const MAX_ATTEMPTS: u64 = 20;

/// The time over which attempts are counted.
pub const ATTEMPTS_WINDOW: Duration = Duration::from_secs(60 * 60);

/// A signed answer to "do these facts match".
#[derive(Debug)]
pub struct Matched {
    /// Field by field.
    pub answer: MatchAnswer,
    /// The receipt.
    pub receipt: SignedReceipt,
}

/// Why nothing was matched.
#[derive(Debug, thiserror::Error)]
pub enum MatchError {
    /// A field that cannot be matched.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// No such purpose.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// The answer could not be signed, so it is not given.
    #[error("the answer could not be signed")]
    Receipt(#[from] SignReceiptError),
    /// The database failed.
    #[error("the company could not be read")]
    Store(#[from] StoreError),
    /// The caller tried this company too often.
    #[error("more than {MAX_ATTEMPTS} attempts at one company within an hour")]
    TooManyAttempts {
        /// When the next attempt may be made.
        retry_after: Duration,
    },
    /// No such company.
    #[error("no company `{0}`")]
    UnknownCompany(Uscc),
}

impl App {
    /// Compares `facts` with the company's (`POST /v1/companies/{uscc}/match`).
    ///
    /// # Errors
    /// [`MatchError::TooManyAttempts`] after [`MAX_ATTEMPTS`] in an hour.
    pub async fn match_facts(
        &self,
        caller: &Caller,
        uscc: &Uscc,
        facts: &BTreeMap<String, String>,
        context: &CallContext,
    ) -> Result<Matched, MatchError> {
        let began = self.now();
        purpose_for(caller, context.purpose.as_deref())?;
        let company = self.store().companies().load(uscc).await?;
        let call = Call {
            kind: ReceiptKind::Match,
            caller,
            context,
            began,
        };
        let event = |outcome: &str| AuditEvent {
            subject: Some(uscc.clone()),
            ..self.event_of(call, AuditAction::CompanyMatched, uscc.as_str(), outcome)
        };
        let Some(company) = company else {
            self.record_event(event(UNKNOWN_COMPANY), began).await?;
            return Err(MatchError::UnknownCompany(uscc.clone()));
        };
        let answer = match_facts(&company, facts)?;
        let limit = AttemptLimit {
            since: self.now().minus(ATTEMPTS_WINDOW),
            at_most: MAX_ATTEMPTS,
        };
        let fields = json!({ "fields": answer.fields });
        let consistent = if answer.all_consistent() {
            "consistent"
        } else {
            "inconsistent"
        };
        let fill = |claims: ReceiptClaims| ReceiptClaims {
            sub: Some(uscc.clone()),
            answer: Some(answer_digest(&fields)),
            ..claims
        };
        let limited = (limit, event(consistent));
        match self
            .sign_limited_receipt(call, &fields.to_string(), limited, fill)
            .await?
        {
            Some(receipt) => Ok(Matched { answer, receipt }),
            None => {
                self.record_event(event("TOO_MANY_ATTEMPTS"), began).await?;
                Err(MatchError::TooManyAttempts {
                    retry_after: ATTEMPTS_WINDOW,
                })
            }
        }
    }
}
