//! Looks at the database's health, for `doctor` and `/readyz`.

use crate::clock::Timestamp;
use crate::service::app::App;
use crate::service::sign_receipt::TOLERATED_CLOCK_STEP;
use crate::store::error::StoreError;

/// How the database is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Health {
    /// Companies registered.
    pub companies: u64,
    /// Credentials whose issuing was cut off.
    pub unfinished: usize,
    /// Whether the schema is that of this program.
    pub schema_is_current: bool,
    /// The highest time signed, if the clock is too far behind it to sign.
    pub clock_behind: Option<Timestamp>,
}

impl App {
    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`] when it does not.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.store().meta().ping().await
    }

    /// Looks at everything that `doctor` tells of the database.
    ///
    /// # Errors
    /// [`StoreError`] when it does not answer.
    pub async fn health(&self) -> Result<Health, StoreError> {
        let store = self.store();
        let now = self.now();
        let signed = store.signing_clock().highest().await?;
        let unfinished = store.credentials().unfinished(Timestamp::MAX).await?.len();
        Ok(Health {
            companies: store.companies().count().await?,
            unfinished,
            schema_is_current: store.meta().schema_is_current().await?,
            clock_behind: signed.filter(|signed| now.plus(TOLERATED_CLOCK_STEP) < *signed),
        })
    }
}
