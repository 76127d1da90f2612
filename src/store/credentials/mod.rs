//! Credentials, from the moment their number is reserved.
//!
//! Issuing writes three times, so that a crash between any two leaves a row that start-up finds
//! ([`Credentials::unfinished`]): [`Credentials::reserve`] gives the number, [`Credentials::store_prepared`]
//! keeps what will be signed, [`Credentials::store_signed`] keeps the signature and puts the credential in
//! force. Only then is anybody answered. What is left unfinished is signed again from the same bytes or
//! voided; a void number says "invalid" for ever, in case its signature did escape.
//!
//! At most one credential of a type is in force for a company: putting one in force supersedes the other
//! in the same transaction, and a unique index holds even where this code is wrong.

pub(in crate::store) mod supersede;

mod change;
mod issue;
mod read;

use crate::clock::Timestamp;
use crate::credential::state::CredentialState;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::registry::department::DepartmentId;
use crate::registry::relying_party::RelyingPartyId;
use crate::store::pool::Pool;
use crate::store::status_lists::StatusSlot;

pub use issue::NewCredential;
pub use issue::ReserveOutcome;
pub use issue::SignedCredential;
pub use issue::SignedOutcome;
pub use issue::StatusAllocation;

/// Credentials.
#[derive(Debug)]
pub struct Credentials<'a> {
    pool: &'a Pool,
}

impl<'a> Credentials<'a> {
    pub(in crate::store) fn new(pool: &'a Pool) -> Self {
        Self { pool }
    }
}

/// What was fixed when the number was reserved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    /// Its identifier.
    pub id: CredentialId,
    /// Its type.
    pub vct: String,
    /// The company.
    pub uscc: Uscc,
    /// The version of the company that its claims were taken from.
    pub company_version: u64,
    /// The department that owns the type.
    pub department: DepartmentId,
    /// The region of the company, a GB/T 2260 code.
    pub region: String,
    /// Who asked for it to be issued.
    pub issued_by: RelyingPartyId,
    /// When it was issued.
    pub issued_at: Timestamp,
    /// From when it is not valid any more.
    pub expires_at: Timestamp,
    /// Its number in a status list.
    pub status: StatusSlot,
}

/// A credential that was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedCredential {
    /// What it is.
    pub reservation: Reservation,
    /// Whether it stands.
    pub state: CredentialState,
    /// The credential that took its place, where one did.
    pub superseded_by: Option<CredentialId>,
    /// The signed credential with all its disclosures.
    pub compact: String,
}

/// A credential whose issuing was cut off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedCredential {
    /// What it would become.
    pub reservation: Reservation,
    /// How far issuing came.
    pub stage: UnfinishedStage,
}

/// How far an unfinished issuing came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnfinishedStage {
    /// What will be signed is stored; it may have been signed, but nobody has it.
    Prepared {
        /// What will be signed.
        payload: serde_json::Value,
        /// Its disclosures, in their order.
        disclosures: Vec<String>,
    },
    /// It has a number and no more.
    Reserved,
}
