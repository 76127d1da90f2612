//! Hands a company that signed in what is its own: the list of its credentials, and each of them.

use std::collections::BTreeMap;

use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::identifier::opaque_id::CredentialId;
use crate::service::app::App;
use crate::service::call::Holder;
use crate::service::change_status::as_it_stands;
use crate::store::credentials::IssuedCredential;
use crate::store::error::StoreError;

impl App {
    /// The company's newest credential of each type, in whatever state: what became of it is news to its holder too.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing is told.
    pub async fn own_credentials(
        &self,
        holder: &Holder,
    ) -> Result<Vec<IssuedCredential>, StoreError> {
        let began = self.now();
        let mut newest = BTreeMap::new();
        // The oldest come first, so that the last of a type stays.
        for credential in self
            .store()
            .credentials()
            .for_company(holder.uscc())
            .await?
        {
            newest.insert(credential.reservation.vct.clone(), credential);
        }
        let found: Vec<IssuedCredential> = newest
            .into_values()
            .map(|credential| as_it_stands(credential, began))
            .collect();
        let (actor, uscc) = (holder.actor(), holder.uscc().as_str());
        let outcome = format!("{} credentials", found.len());
        let event = AuditEvent::new(
            began,
            &actor,
            AuditAction::CredentialsListed,
            uscc,
            &outcome,
        );
        self.record_event(event, began).await?;
        Ok(found)
    }

    /// A credential for its company to take away. `None`: there is no such credential, or it is another company's.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then nothing is handed out.
    pub async fn hand_out(
        &self,
        holder: &Holder,
        id: &CredentialId,
    ) -> Result<Option<IssuedCredential>, StoreError> {
        let began = self.now();
        let credential = self.credential(id).await?;
        let own = credential.filter(|found| found.reservation.uscc == *holder.uscc());
        if let Some(credential) = &own {
            self.record_download(&holder.actor(), credential, began)
                .await?;
        }
        Ok(own)
    }
}
