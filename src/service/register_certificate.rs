//! Registers which TLS client certificates stand for a caller.

use std::collections::BTreeSet;

use crate::evidence::audit::AuditAction;
use crate::registry::client_certificate::CertificateRule;
use crate::registry::client_certificate::ClientCertificateRecord;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::relying_party::Scope;
use crate::service::app::App;
use crate::service::manage::ManageError;

impl App {
    /// Lets the certificates of `rule` stand for a caller.
    ///
    /// # Errors
    /// [`ManageError::UnknownCaller`]; [`ManageError::RuleExists`] when they stand for somebody already.
    pub async fn add_certificate(
        &self,
        caller: &RelyingPartyId,
        rule: CertificateRule,
        scopes: BTreeSet<Scope>,
    ) -> Result<(), ManageError> {
        if self.store().callers().load(caller).await?.is_none() {
            return Err(ManageError::UnknownCaller(caller.clone()));
        }
        let event = self.by_console(AuditAction::ClientCertificateAdded, &rule.to_string());
        let record = ClientCertificateRecord {
            rule,
            caller: caller.clone(),
            scopes,
            created_at: self.now(),
            last_used_at: None,
        };
        let certificates = self.store().client_certificates();
        if certificates.add(&record, &event).await? {
            Ok(())
        } else {
            Err(ManageError::RuleExists(record.rule))
        }
    }

    /// Lets the certificates of `rule` stand for nobody any more.
    ///
    /// # Errors
    /// [`ManageError::UnknownRule`].
    pub async fn remove_certificate(&self, rule: &CertificateRule) -> Result<(), ManageError> {
        let event = self.by_console(AuditAction::ClientCertificateRemoved, &rule.to_string());
        if self
            .store()
            .client_certificates()
            .remove(rule, &event)
            .await?
        {
            Ok(())
        } else {
            Err(ManageError::UnknownRule(rule.clone()))
        }
    }

    /// The certificate rules of a caller.
    ///
    /// # Errors
    /// [`ManageError::Store`] when the database fails.
    pub async fn certificates_of(
        &self,
        caller: &RelyingPartyId,
    ) -> Result<Vec<ClientCertificateRecord>, ManageError> {
        Ok(self.store().client_certificates().of(caller).await?)
    }
}
