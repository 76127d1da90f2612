//! Finishes or voids what a crash left half issued.

use std::time::Duration;

use tracing::info;

use crate::clock::Timestamp;
use crate::credential::sd_jwt_vc::issue::Prepared;
use crate::service::app::App;
use crate::service::issue::IssueError;
use crate::store::credentials::UnfinishedStage;
use crate::store::pool::Engine;

/// Nobody works this long on one credential: requests end after 30 seconds.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(5 * 60);

/// Credentials ended in one transaction.
const EXPIRED_AT_A_TIME: u32 = 1_000;
const FULL_BATCH: usize = 1_000;

/// What start-up found and did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Credentials that were prepared and are now signed.
    pub finished: usize,
    /// Reservations that were given up; their idempotency keys are free again.
    pub voided: usize,
}

impl App {
    /// Finishes what was stored for signing and voids what was merely reserved. Runs before the first
    /// request is taken: of a data folder that is ours alone everything is left over, of a database that
    /// other nodes share only what is older than [`GIVEN_UP_AFTER`].
    ///
    /// # Errors
    /// [`IssueError`] when the database or the key fails; nothing is lost, the next start tries again.
    pub async fn recover(&self) -> Result<Recovered, IssueError> {
        self.note_start().await?;
        let before = match self.store().meta().engine() {
            Engine::Postgres => self.now().minus(GIVEN_UP_AFTER),
            Engine::Sqlite => Timestamp::MAX,
        };
        self.recover_begun_before(before).await
    }

    /// What is done again and again while the service runs: finishes or voids what another node left half
    /// issued, ends credentials whose time is over, forgets idempotency keys that are no longer kept, what companies
    /// may no longer show, sources of evidence that nobody wants, and what was recorded and kept for long enough.
    ///
    /// # Errors
    /// [`IssueError`] when the database or the key fails; the next time tries again.
    pub async fn keep_house(&self) -> Result<(), IssueError> {
        self.recover_begun_before(self.now().minus(GIVEN_UP_AFTER))
            .await?;
        let credentials = self.store().credentials();
        while credentials
            .expire_due(self.now(), EXPIRED_AT_A_TIME)
            .await?
            .len()
            >= FULL_BATCH
        {}
        self.store().idempotency().forget_old(self.now()).await?;
        self.store().holders().forget_expired(self.now()).await?;
        self.forget_unwanted_evidence().await?;
        self.activate_due_proposals().await?;
        self.let_go_of_what_is_due().await?;
        Ok(())
    }

    async fn recover_begun_before(&self, before: Timestamp) -> Result<Recovered, IssueError> {
        let mut recovered = Recovered::default();
        for unfinished in self.store().credentials().unfinished(before).await? {
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
                    // Without a pick-up code: there is nobody to show it to.
                    let (id, by) = ((id, &reservation.uscc), &reservation.issued_by);
                    self.sign_prepared(id, by, &prepared, None).await?.is_some()
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
