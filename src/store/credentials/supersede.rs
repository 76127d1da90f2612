//! Ends credentials because something took their place, inside the transaction of whatever did.

use sqlx::any::AnyRow;

use crate::credential::state::Change;
use crate::credential::state::CredentialState;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::identifier::opaque_id::CredentialId;
use crate::identifier::uscc::Uscc;
use crate::store::audit;
use crate::store::error::StoreError;
use crate::store::pool::Write;
use crate::store::row::Reader;
use crate::store::status_lists;
use crate::store::status_lists::StatusListId;

const SUPERSEDE: &str = "UPDATE credential SET state = 'superseded', status_value = $3, state_changed_at = $4, \
    state_changed_by = $5, state_reason = $6, superseded_by = $7 \
    WHERE uscc = $1 AND vct = $2 AND state IN ('valid', 'suspended') RETURNING credential_id, status_list_id";

/// By what, and on whose account.
#[derive(Clone, Copy)]
pub(in crate::store) struct Supersession<'a> {
    /// Who did it, when and why.
    pub(in crate::store) change: &'a Change,
    /// The credential that takes their place; `None` when a fact changed and none does yet.
    pub(in crate::store) successor: Option<&'a CredentialId>,
    /// What the audit trail says of the cause; their own lines take its particulars.
    pub(in crate::store) audit: &'a AuditEvent,
}

/// Credentials that a transaction ended. Status lists and audit trail are told of all of them together
/// and last, so that every transaction locks in one order: company, credentials, lists.
#[derive(Default)]
pub(in crate::store) struct Ended {
    ids: Vec<CredentialId>,
    lists: Vec<StatusListId>,
    events: Vec<AuditEvent>,
}

impl Ended {
    /// Supersedes what is in force of one type for one company.
    pub(in crate::store) async fn supersede(
        &mut self,
        write: &mut Write,
        uscc: &Uscc,
        vct: &str,
        by: Supersession<'_>,
    ) -> Result<(), StoreError> {
        let state = CredentialState::Superseded(by.change.clone());
        let rows = sqlx::query(SUPERSEDE)
            .bind(uscc.as_str())
            .bind(vct)
            .bind(i64::from(state.status_value()))
            .bind(by.change.at.as_micros())
            .bind(by.change.by.as_str())
            .bind(by.change.reason.as_str())
            .bind(by.successor.map(CredentialId::as_str))
            .fetch_all(&mut **write)
            .await?;
        self.note(&rows, |id| AuditEvent {
            action: AuditAction::CredentialSuperseded,
            object: id.as_str().to_owned(),
            outcome: state.name().to_owned(),
            ..by.audit.clone()
        })
    }

    /// Notes the credentials of `rows`, each with its line of the audit trail.
    pub(in crate::store) fn note(
        &mut self,
        rows: &[AnyRow],
        event: impl Fn(&CredentialId) -> AuditEvent,
    ) -> Result<(), StoreError> {
        for row in rows {
            self.lists.push(status_lists::read_id(row)?);
            let row = Reader::new(row, "credential", "credential_id")?;
            let id = row.parsed("credential_id", |id| CredentialId::parse(id).ok())?;
            self.events.push(event(&id));
            self.ids.push(id);
        }
        Ok(())
    }

    /// Tells the status lists and the audit trail; gives which credentials were ended.
    pub(in crate::store) async fn settle(
        self,
        write: &mut Write,
    ) -> Result<Vec<CredentialId>, StoreError> {
        status_lists::bump(write, self.lists).await?;
        audit::append(write, &self.events).await?;
        Ok(self.ids)
    }
}
