//! Tells the audit trail what was asked and answered.

use crate::clock::Timestamp;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::registry::purpose::Purpose;
use crate::service::app::App;
use crate::service::call::CallerText;
use crate::service::sign_receipt::Call;
use crate::store::error::StoreError;

impl App {
    /// What the audit trail says of a call: who asked, for which purpose, in whose name.
    pub(in crate::service) fn event_of(
        &self,
        call: Call<'_>,
        action: AuditAction,
        object: &str,
        outcome: &str,
    ) -> AuditEvent {
        let text = |given: &Option<CallerText>| given.as_ref().map(|text| text.as_str().to_owned());
        let default = Purpose::default_purpose().id;
        let purpose = call.context.purpose.as_deref().unwrap_or(default);
        AuditEvent {
            purpose: Some(purpose.to_owned()),
            operator: text(&call.context.operator),
            matter_code: text(&call.context.matter_code),
            ..AuditEvent::new(
                call.began,
                call.caller.party.id.as_str(),
                action,
                object,
                outcome,
            )
        }
    }

    /// The event with the time that has passed since it was asked.
    pub(in crate::service) fn timed(&self, event: AuditEvent, began: Timestamp) -> AuditEvent {
        let passed = self.now().since(began).as_micros();
        AuditEvent {
            latency_micros: u64::try_from(passed).ok(),
            ..event
        }
    }

    /// Records an answer that leaves no other trace. It must be recorded before it is given.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; then the answer must not be given.
    pub(in crate::service) async fn record_event(
        &self,
        event: AuditEvent,
        began: Timestamp,
    ) -> Result<(), StoreError> {
        let event = self.timed(event, began);
        self.store().audit().append(&event).await
    }
}
