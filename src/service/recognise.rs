//! Turns a caller and a purpose into the trust profile in force, and reloads the trust stores.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;

use tracing::error;
use tracing::info;

use crate::clock::Timestamp;
use crate::crypto::digest::Sha256;
use crate::evidence::audit::AuditAction;
use crate::evidence::audit::AuditEvent;
use crate::registry::purpose::Purpose;
use crate::registry::recognition;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyId;
use crate::registry::relying_party::RelyingPartyKind;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::store::error::StoreError;
use crate::store::recognition::RecognitionTable;
use crate::store::trust_roots::TrustRootsError;
use crate::validation::profile::TrustProfile;
use crate::validation::trust_store::TrustSet;

/// Where trust stores are read from. Implemented in `cli`, which knows the folders.
pub trait TrustSource: Send + Sync {
    /// Reads and checks all trust stores.
    ///
    /// # Errors
    /// [`TrustRootsError`] names the file; the set in force stays.
    fn read(&self) -> Result<TrustSet, TrustRootsError>;
}

/// Why no trust profile could be resolved.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The caller may name other purposes alone.
    #[error("the caller may not name the purpose `{purpose}`")]
    PurposeNotAllowed {
        /// What it named, or the default.
        purpose: &'static str,
        /// What it may name.
        allowed: Vec<&'static str>,
    },
    /// The database failed.
    #[error("the recognition table could not be read")]
    Store(#[from] StoreError),
    /// There is no such purpose.
    #[error("there is no purpose `{0}`")]
    UnknownPurpose(String),
}

impl App {
    /// The profile by which signatures are judged for `caller` and `purpose` at `at`.
    ///
    /// # Errors
    /// [`ProfileError::UnknownPurpose`] for a purpose that is not in the table,
    /// [`ProfileError::PurposeNotAllowed`] for one that the caller may not name.
    pub async fn profile_for(
        &self,
        caller: &Caller,
        purpose: Option<&str>,
        at: Timestamp,
    ) -> Result<TrustProfile, ProfileError> {
        purpose_for(caller, purpose)?;
        let version = self.store().recognition().version().await?;
        let known = (version, &self.trust());
        let profile = self.known_profile_for(caller, purpose, at, known).await?;
        Ok(Arc::unwrap_or_clone(profile))
    }

    /// As [`Self::profile_for`], by the recognition table of a version that is known and the trust stores at hand.
    ///
    /// # Errors
    /// As [`Self::profile_for`].
    pub(in crate::service) async fn known_profile_for(
        &self,
        caller: &Caller,
        purpose: Option<&str>,
        at: Timestamp,
        (version, trust): (u64, &Arc<TrustSet>),
    ) -> Result<Arc<TrustProfile>, ProfileError> {
        let purpose = purpose_for(caller, purpose)?;
        let known = self.inner().profiles.load_full();
        let is_current = |known: &Arc<Profiles>| {
            known.table.version == version && Arc::ptr_eq(&known.trust, trust)
        };
        let profiles = match known.filter(is_current) {
            Some(profiles) => profiles,
            None => {
                let table = self.recognition_table_of(version).await?;
                let profiles = Arc::new(Profiles::new(table, Arc::clone(trust)));
                self.inner().profiles.store(Some(Arc::clone(&profiles)));
                profiles
            }
        };
        Ok(profiles.of(&caller.party, purpose, at))
    }

    /// The recognition table. What a version holds never changes, so that it is read once a version.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn recognition_table(&self) -> Result<Arc<RecognitionTable>, StoreError> {
        let version = self.store().recognition().version().await?;
        self.recognition_table_of(version).await
    }

    async fn recognition_table_of(
        &self,
        version: u64,
    ) -> Result<Arc<RecognitionTable>, StoreError> {
        let known = self.inner().recognition.load_full();
        if let Some(table) = known.filter(|table| table.version == version) {
            return Ok(table);
        }
        let table = Arc::new(self.store().recognition().load_version(version).await?);
        self.inner().recognition.store(Some(Arc::clone(&table)));
        Ok(table)
    }

    /// Reads all trust stores again and puts them in force together; a broken file keeps the old set.
    ///
    /// # Errors
    /// [`TrustRootsError`] names the broken file.
    pub fn reload_trust(&self) -> Result<Arc<TrustSet>, TrustRootsError> {
        match self.parts().trust_source.read() {
            Ok(set) => {
                let set = Arc::new(set);
                self.inner().trust.store(Arc::clone(&set));
                info!(trust.digest = %set.digest(), ca.count = set.stores().len(), "trust stores reloaded");
                Ok(set)
            }
            Err(error) => {
                error!(%error, "trust stores not reloaded: the old set stays in force");
                Err(error)
            }
        }
    }
}

/// Profiles that were made from one recognition table and one set of trust stores.
pub(in crate::service) struct Profiles {
    table: Arc<RecognitionTable>,
    trust: Arc<TrustSet>,
    /// The times at which something in the table begins or ends, in their order: between two of them a profile
    /// stays what it is.
    turns: Vec<Timestamp>,
    made: Mutex<HashMap<ProfileKey, Arc<TrustProfile>>>,
}

/// Whose, for what, and between which times.
type ProfileKey = (
    RelyingPartyId,
    RelyingPartyKind,
    &'static str,
    (usize, usize),
);

/// Profiles that are remembered; more begin anew. There are as many as relying parties ask for different purposes.
const MAX_PROFILES: usize = 4096;

impl Profiles {
    fn new(table: Arc<RecognitionTable>, trust: Arc<TrustSet>) -> Self {
        let rows = table.rows.iter();
        let of_rows = rows.flat_map(|row| [Some(row.valid_from), row.valid_until]);
        let of_stores = trust.stores().iter().map(|store| store.valid_from);
        let mut turns: Vec<Timestamp> = of_rows.chain(of_stores).flatten().collect();
        turns.sort_unstable();
        turns.dedup();
        Self {
            table,
            trust,
            turns,
            made: Mutex::default(),
        }
    }

    fn of(
        &self,
        party: &RelyingParty,
        purpose: &'static Purpose,
        at: Timestamp,
    ) -> Arc<TrustProfile> {
        let begun = self.turns.partition_point(|turn| *turn <= at);
        let over = self.turns.partition_point(|turn| *turn < at);
        let key = (party.id.clone(), party.kind, purpose.id, (begun, over));
        if let Some(profile) = self.made().get(&key) {
            return Arc::clone(profile);
        }
        let (rows, version) = (&self.table.rows, self.table.version);
        let profile = recognition::resolve(party, purpose, rows, &self.trust, version, at);
        let profile = Arc::new(profile);
        let mut made = self.made();
        if made.len() >= MAX_PROFILES {
            made.clear();
        }
        made.insert(key, Arc::clone(&profile));
        profile
    }

    fn made(&self) -> MutexGuard<'_, HashMap<ProfileKey, Arc<TrustProfile>>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a reload of the trust stores was not carried out, or not recorded.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The work was cut off.
    #[error("reloading the trust stores was cut off")]
    CutOff,
    /// A file is broken; the set of that digest stays in force.
    #[error("a trust store is broken")]
    Refused {
        /// Of the set in force.
        digest: Sha256,
        /// Which file, and what is wrong with it.
        #[source]
        cause: TrustRootsError,
    },
    /// The database failed.
    #[error("the reload could not be recorded")]
    Store(#[from] StoreError),
}

impl App {
    /// Reloads the trust stores as [`Self::reload_trust`] does, for a caller, and records what came of it.
    ///
    /// # Errors
    /// [`ReloadError::Refused`] names the broken file; the set before stays in force.
    pub async fn reload_trust_for(
        &self,
        by: &RelyingPartyId,
    ) -> Result<Arc<TrustSet>, ReloadError> {
        let reloading = self.clone();
        // Reading files blocks.
        let reloaded = tokio::task::spawn_blocking(move || reloading.reload_trust());
        let reloaded = reloaded.await.map_err(|_cut_off| ReloadError::CutOff)?;
        let (action, outcome) = match &reloaded {
            Ok(set) => (AuditAction::TrustReloaded, set.digest().to_string()),
            Err(_) => (AuditAction::TrustRefused, "refused".to_owned()),
        };
        let event = AuditEvent::new(self.now(), by.as_str(), action, "trust-roots", &outcome);
        self.store().audit().append(&event).await?;
        reloaded.map_err(|cause| ReloadError::Refused {
            digest: self.trust().digest(),
            cause,
        })
    }
}

/// The purpose of that id, or the default purpose when none is named, if the caller may name it.
pub(in crate::service) fn purpose_for(
    caller: &Caller,
    id: Option<&str>,
) -> Result<&'static Purpose, ProfileError> {
    let purpose = match id {
        None => Purpose::default_purpose(),
        Some(id) => Purpose::find(id).ok_or_else(|| ProfileError::UnknownPurpose(id.to_owned()))?,
    };
    let purposes = &caller.terms.purposes;
    if purposes.allow(purpose) {
        return Ok(purpose);
    }
    Err(ProfileError::PurposeNotAllowed {
        purpose: purpose.id,
        allowed: purposes.ids().unwrap_or_default(),
    })
}
