//! Signs receipts, and keeps anything from being signed by a clock that went back.
//!
//! # One signature an answer
//! Every receipt has a signature of its own, so that any JOSE library verifies it alone. Measured beside it was one
//! signature over the root of a Merkle tree of the receipts that are kept together, each receipt carrying its path
//! (in one run, in turns, the same claims, microseconds a receipt):
//!
//! | | µs | bytes |
//! |---|---|---|
//! | a signature each | 23.9, of which the signature 18.1 | 1,044 |
//! | one over 4 | 9.2 | |
//! | one over 8 | 6.5 | |
//! | one over 16 | 5.3 | 1,285 |
//! | one over 64 | 5.1 | |
//!
//! The claims are written faster since; the signature costs what it did. The 19 µs that a batch of 16 saves are 4 to 7 %
//! of the time for which an answer over HTTP has the core (`benches/http.rs`). They are not worth receipts that need a
//! tool of ours, that are a quarter longer where 2 KB have to do, and that cannot be made before it is known which
//! others are kept with them.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::crypto::random::RandomError;
use crate::crypto::random::array;
use crate::evidence::audit::AuditEvent;
use crate::evidence::receipt;
use crate::evidence::receipt::ReceiptClaims;
use crate::evidence::receipt::ReceiptError;
use crate::evidence::receipt::ReceiptKind;
use crate::identifier::opaque_id::ReceiptId;
use crate::service::app::App;
use crate::service::call::CallContext;
use crate::service::call::Caller;
use crate::service::call::CallerText;
use crate::store::error::StoreError;
use crate::store::receipts::AttemptLimit;

/// How far behind the highest time ever signed a clock may be before signing stops. Clocks that are
/// kept by NTP step back by less; a restored machine or a wrong battery clock by far more.
pub const TOLERATED_CLOCK_STEP: Duration = Duration::from_secs(5);

/// How often the highest time signed is written down. A crash forgets at most this much of it, which
/// is less than [`TOLERATED_CLOCK_STEP`] and so lets no step back pass that would otherwise be refused
/// by more than that.
const WRITTEN_EVERY: Duration = Duration::from_secs(1);

/// Why nothing was signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningTimeError {
    /// The clock is behind a time that was signed already.
    #[error("the clock says {now}, but {signed} was signed already: set the clock right")]
    ClockBehind {
        /// What the clock says.
        now: Timestamp,
        /// The highest time ever signed.
        signed: Timestamp,
    },
    /// The database failed.
    #[error("the highest time signed could not be read or written")]
    Store(#[from] StoreError),
}

/// Why an answer could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignReceiptError {
    /// The facts of the answer could not be written as JSON.
    #[error("the facts of the answer could not be written as JSON")]
    Encode(#[source] serde_json::Error),
    /// No randomness for the receipt's identifier.
    #[error("no randomness for the receipt's identifier")]
    Random(#[from] RandomError),
    /// The receipt was too large or the key refused.
    #[error("the receipt could not be made")]
    Receipt(#[from] ReceiptError),
    /// Storing the receipt failed.
    #[error("the receipt could not be stored")]
    Store(#[from] StoreError),
    /// The clock cannot be relied on.
    #[error("the receipt was not signed")]
    Time(#[from] SigningTimeError),
}

/// The highest time signed, and how much of that is written down; absent until the first signature.
#[derive(Debug, Default)]
pub(in crate::service) struct SignedUpTo {
    highest: Option<Timestamp>,
    written: Option<Timestamp>,
}

impl App {
    /// The time to sign now: never lower than any time signed before.
    ///
    /// # Errors
    /// [`SigningTimeError::ClockBehind`] when the clock is more than [`TOLERATED_CLOCK_STEP`] behind.
    pub(in crate::service) async fn signing_time(&self) -> Result<Timestamp, SigningTimeError> {
        let mut signed = self.inner().signed.lock().await;
        let now = self.now();
        let written = match signed.written {
            Some(written) => Some(written),
            None => self.store().signing_clock().highest().await?,
        };
        let highest = signed.highest.max(written);
        if let Some(highest) = highest
            && now.plus(TOLERATED_CLOCK_STEP) < highest
        {
            return Err(SigningTimeError::ClockBehind {
                now,
                signed: highest,
            });
        }
        let at = highest.map_or(now, |highest| now.max(highest));
        if written.is_none_or(|written| at.since(written) >= WRITTEN_EVERY) {
            self.store().signing_clock().advance(at).await?;
            signed.written = Some(at);
        } else {
            signed.written = written;
        }
        signed.highest = Some(at);
        Ok(at)
    }

    /// Signs and stores a receipt of what `call` asked, with its line in the audit trail; `fill` adds what was
    /// answered, at that time.
    ///
    /// # Errors
    /// [`SignReceiptError`] says which step failed; without a receipt there is no answer.
    pub(in crate::service) async fn sign_receipt(
        &self,
        call: Call<'_>,
        facts: &str,
        event: AuditEvent,
        fill: impl FnOnce(ReceiptClaims) -> ReceiptClaims,
    ) -> Result<SignedReceipt, SignReceiptError> {
        let (claims, receipt) = self.make_receipt(call, fill).await?;
        let event = self.timed(event, call.began);
        self.store()
            .receipts()
            .insert(&claims, &receipt.compact, facts, &event)
            .await?;
        Ok(receipt)
    }

    /// As [`Self::sign_receipt`], for answers of which a caller gets only so many about one company.
    /// `None`: it has had them, and this one must not be given.
    ///
    /// # Errors
    /// [`SignReceiptError`] says which step failed; without a receipt there is no answer.
    pub(in crate::service) async fn sign_limited_receipt(
        &self,
        call: Call<'_>,
        facts: &str,
        (limit, event): (AttemptLimit, AuditEvent),
        fill: impl FnOnce(ReceiptClaims) -> ReceiptClaims,
    ) -> Result<Option<SignedReceipt>, SignReceiptError> {
        let (claims, receipt) = self.make_receipt(call, fill).await?;
        let event = self.timed(event, call.began);
        let kept = self
            .store()
            .receipts()
            .insert_limited(&claims, &receipt.compact, facts, (limit, &event))
            .await?;
        Ok(kept.then_some(receipt))
    }

    async fn make_receipt(
        &self,
        call: Call<'_>,
        fill: impl FnOnce(ReceiptClaims) -> ReceiptClaims,
    ) -> Result<(ReceiptClaims, SignedReceipt), SignReceiptError> {
        let at = self.signing_time().await?;
        let id = ReceiptId::new(
            at.as_unix_milliseconds(),
            array(self.parts().random.as_ref())?,
        );
        let audience = call.caller.party.id.as_str();
        let claims = ReceiptClaims::new(
            call.kind,
            id.clone(),
            &self.settings().public_url,
            audience,
            at.as_unix_seconds(),
        );
        let text = |given: &Option<CallerText>| given.as_ref().map(|text| text.as_str().to_owned());
        let claims = fill(ReceiptClaims {
            purpose: call.context.purpose.clone(),
            operator: text(&call.context.operator),
            matter_code: text(&call.context.matter_code),
            ..claims
        });
        let compact = receipt::sign(&claims, &self.keys().receipt.key)?;
        Ok((claims, SignedReceipt { id, compact, at }))
    }
}

/// Who asked what, and why.
#[derive(Clone, Copy)]
pub(in crate::service) struct Call<'a> {
    pub(in crate::service) kind: ReceiptKind,
    pub(in crate::service) caller: &'a Caller,
    pub(in crate::service) context: &'a CallContext,
    /// When it was asked.
    pub(in crate::service) began: Timestamp,
}

/// A receipt as the caller gets it.
#[derive(Debug, Clone)]
pub struct SignedReceipt {
    /// Its identifier.
    pub id: ReceiptId,
    /// The compact JWS.
    pub compact: String,
    /// When it was signed.
    pub at: Timestamp,
}
