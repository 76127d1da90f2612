//! Finishes or voids what a crash left half issued.

use tracing::info;

use crate::credential::sd_jwt_vc::issue::Prepared;
use crate::service::app::App;
use crate::service::issue::IssueError;
use crate::store::credentials::UnfinishedStage;

/// What start-up found and did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Credentials that were prepared and are now signed.
    pub finished: usize,
    /// Reservations that were given up; their idempotency keys are free again.
    pub voided: usize,
}

impl App {
    /// Finishes what was stored for signing and voids what was merely reserved. Runs once, before the
    /// first request is taken.
    ///
    /// # Errors
    /// [`IssueError`] when the database or the key fails; nothing is lost, the next start tries again.
    pub async fn recover(&self) -> Result<Recovered, IssueError> {
        let mut recovered = Recovered::default();
        for unfinished in self.store().credentials().unfinished(self.now()).await? {
            let reservation = &unfinished.reservation;
            let id = &reservation.id;
            let finished = match unfinished.stage {
                UnfinishedStage::Prepared {
                    payload,
                    disclosures,
                } => {
                    let prepared = Prepared {
                        payload,
                        disclosures,
                    };
                    self.sign_prepared(id, &reservation.issued_by, &prepared)
                        .await?
                        .is_some()
                }
                UnfinishedStage::Reserved => false,
            };
            if finished {
                info!(credential.id = %id, "finished credential `{id}`, left unsigned by a crash");
                recovered.finished += 1;
            } else {
                self.void(id).await?;
                info!(credential.id = %id, "voided reservation `{id}`, left by a crash");
                recovered.voided += 1;
            }
        }
        Ok(recovered)
    }
}
