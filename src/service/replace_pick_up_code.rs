//! Has a pick-up code made in the place of those before: the letter was lost, or somebody else read it.

use crate::crypto::random::RandomError;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::identifier::opaque_id::CredentialId;
use crate::registry::department::DepartmentId;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::service::issue::GivenCode;
use crate::store::error::StoreError;

/// Why no pick-up code was made.
#[derive(Debug, thiserror::Error)]
pub enum ReplacePickUpCodeError {
    /// The caller's department does not own the credential's type.
    #[error("credential `{id}` belongs to department `{owner}`")]
    NotYours {
        /// The credential.
        id: CredentialId,
        /// Whose it is.
        owner: DepartmentId,
    },
    /// No randomness.
    #[error("no randomness for a pick-up code")]
    Random(#[from] RandomError),
    /// The database failed.
    #[error("the pick-up code could not be stored")]
    Store(#[from] StoreError),
    /// No such credential.
    #[error("no credential `{0}`")]
    Unknown(CredentialId),
}

impl App {
    /// Makes a pick-up code for a credential, in whatever state, on behalf of the department that owns its type. Every
    /// code that was given for the company's credentials of this type is void from then on, and the company's sessions
    /// end: who holds a code that went astray is out.
    ///
    /// # Errors
    /// [`ReplacePickUpCodeError::NotYours`] for another department's credential.
    pub async fn replace_pick_up_code(
        &self,
        caller: &Caller,
        id: &CredentialId,
    ) -> Result<GivenCode, ReplacePickUpCodeError> {
        let unknown = || ReplacePickUpCodeError::Unknown(id.clone());
        let credential = self.credential(id).await?.ok_or_else(unknown)?;
        let reservation = &credential.reservation;
        if caller.party.department.as_ref() != Some(&reservation.department) {
            return Err(ReplacePickUpCodeError::NotYours {
                id: id.clone(),
                owner: reservation.department.clone(),
            });
        }
        let at = self.now();
        let given = self.give_code(at)?;
        let (actor, action) = (caller.party.id.as_str(), AuditAction::PickUpCodeReplaced);
        let event = AuditEvent {
            subject: Some(reservation.uscc.clone()),
            ..AuditEvent::new(at, actor, action, id.as_str(), "done")
        };
        let of = (id, &reservation.uscc, reservation.vct.as_str());
        let code = self.new_code(&given, at);
        let holders = self.store().holders();
        holders.replace_codes(of, &code, &event).await?;
        Ok(given)
    }
}
