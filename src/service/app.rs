//! The built application: what every use case needs, handed in by `cli`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::OnceLock;

use arc_swap::ArcSwap;
use arc_swap::ArcSwapOption;
use tracing::warn;

use crate::clock::Clock;
use crate::clock::Timestamp;
use crate::credential::kind::KindSet;
use crate::crypto::hmac::HmacKey;
use crate::crypto::random::Random;
use crate::crypto::sign::SigningKey;
use crate::pki::certificate::Certificate;
use crate::pki::path::ProvenSignatures;
use crate::registry::recognition::proposal::Approval;
use crate::service::fail_point::FailPoints;
use crate::service::fetch_evidence::EvidenceSettings;
use crate::service::fetch_evidence::EvidenceState;
use crate::service::fetch_evidence::download::Download;
use crate::service::outcomes_at_hand::OutcomesAtHand;
use crate::service::publish_status::CachedStatusList;
use crate::service::recognise::Profiles;
use crate::service::recognise::TrustSource;
use crate::service::registers::Registers;
use crate::service::retain::Started;
use crate::service::seen_before::SeenBefore;
use crate::service::sign_audit_head::Anchored;
use crate::service::sign_audit_head::AuditSettings;
use crate::service::sign_receipt::SignedUpTo;
use crate::store::Store;
use crate::store::recognition::RecognitionTable;
use crate::store::status_lists::StatusListId;
use crate::validation::trust_store::TrustSet;

/// A signing key with the certificates that vouch for it, the key's own first, no trust anchor.
#[derive(Debug)]
pub struct CertifiedKey {
    /// The private key.
    pub key: SigningKey,
    /// Its certificate and the CA certificates up to, not including, the anchor.
    pub certificates: Vec<Certificate>,
}

/// The keys of the city, one purpose each.
#[derive(Debug)]
pub struct CityKeys {
    /// Signs credentials.
    pub credential: CertifiedKey,
    /// Signs receipts.
    pub receipt: CertifiedKey,
    /// Signs status lists.
    pub status_list: CertifiedKey,
    /// Signs timestamps; none in data folders that were made before there were any.
    pub timestamp: Option<CertifiedKey>,
}

/// What does not change while the process runs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The address under which the public reaches this service, without a trailing slash.
    pub public_url: String,
    /// How long others may keep a status list.
    pub status_list_ttl: std::time::Duration,
    /// How long a status list may be relied on at all.
    pub status_list_lifetime: std::time::Duration,
    /// How evidence of revocation is fetched.
    pub evidence: EvidenceSettings,
    /// Whether a change of the recognition table needs a second person.
    pub approval: Approval,
    /// How the audit trail is kept.
    pub audit: AuditSettings,
}

/// Everything an [`App`] is made of.
pub struct AppParts {
    /// The database.
    pub store: Store,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness for identifiers, salts and status indexes.
    pub random: Arc<dyn Random>,
    /// The keys of the city.
    pub keys: CityKeys,
    /// The key under which API keys are hashed.
    pub pepper: HmacKey,
    /// The credential types.
    pub kinds: KindSet,
    /// Where trust stores are read from, at start and at each reload.
    pub trust_source: Box<dyn TrustSource>,
    /// What fetches evidence of revocation.
    pub download: Arc<dyn Download>,
    /// What does not change.
    pub settings: Settings,
    /// Where a test wants the process to pause.
    pub fail_points: FailPoints,
}

/// The application; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub(in crate::service) struct Inner {
    pub(in crate::service) parts: AppParts,
    pub(in crate::service) trust: ArcSwap<TrustSet>,
    /// Signatures on certificates that were found right; of no trust set in particular.
    pub(in crate::service) proven: ProvenSignatures,
    /// Owned by `verify`: what issuers' certificates were found to be worth in this second.
    pub(in crate::service) outcomes: OutcomesAtHand,
    /// Owned by `verify`: credentials that were presented before.
    pub(in crate::service) seen: SeenBefore,
    /// Owned by `recognise`: the recognition table as it was last read.
    pub(in crate::service) recognition: ArcSwapOption<RecognitionTable>,
    /// Owned by `rehearse`: held while one runs.
    pub(in crate::service) rehearsing: tokio::sync::Mutex<()>,
    /// Owned by `recognise`: the profiles that were last made.
    pub(in crate::service) profiles: ArcSwapOption<Profiles>,
    /// Owned by `registers`: the registers as they were last read.
    pub(in crate::service) registers: ArcSwap<Registers>,
    /// Owned by `sign_receipt`, which alone locks it.
    pub(in crate::service) signed: tokio::sync::Mutex<SignedUpTo>,
    /// Owned by `publish_status`: the newest token of each list.
    pub(in crate::service) status_lists: Mutex<BTreeMap<StatusListId, Arc<CachedStatusList>>>,
    /// Owned by `publish_status`: held while a token is made.
    pub(in crate::service) publishing: tokio::sync::Mutex<()>,
    /// Owned by `sign_audit_head`: held while a head is signed, and what is known of the anchor file.
    pub(in crate::service) anchored: tokio::sync::Mutex<Anchored>,
    /// Owned by `fetch_evidence`.
    pub(in crate::service) evidence: EvidenceState,
    /// Owned by `retain`: what the clock can be held against.
    pub(in crate::service) started: OnceLock<Started>,
}

impl App {
    /// Builds the application around a trust set that was read from its trust source.
    #[must_use]
    pub fn new(parts: AppParts, trust: TrustSet) -> Self {
        Self(Arc::new(Inner {
            evidence: EvidenceState::new(&parts.settings.evidence),
            started: OnceLock::new(),
            parts,
            trust: ArcSwap::from_pointee(trust),
            proven: ProvenSignatures::default(),
            outcomes: OutcomesAtHand::default(),
            seen: SeenBefore::default(),
            recognition: ArcSwapOption::empty(),
            rehearsing: tokio::sync::Mutex::new(()),
            profiles: ArcSwapOption::empty(),
            registers: ArcSwap::default(),
            signed: tokio::sync::Mutex::default(),
            status_lists: Mutex::new(BTreeMap::new()),
            publishing: tokio::sync::Mutex::default(),
            anchored: tokio::sync::Mutex::default(),
        }))
    }

    /// The time, as handed in.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.parts.clock.now()
    }

    /// What does not change while the process runs.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.0.parts.settings
    }

    /// The credential types.
    #[must_use]
    pub fn kinds(&self) -> &KindSet {
        &self.0.parts.kinds
    }

    /// The trust set in force at this moment; a reload does not change one already taken.
    #[must_use]
    pub fn trust(&self) -> Arc<TrustSet> {
        self.0.trust.load_full()
    }

    /// The keys of the city, for publishing their public halves.
    #[must_use]
    pub fn keys(&self) -> &CityKeys {
        &self.0.parts.keys
    }

    /// Closes the database, after a head over what this process told the audit trail; nothing can be asked
    /// afterwards.
    pub async fn close(&self) {
        if let Err(error) = self.sign_audit_head().await {
            warn!(%error, "the end of the audit trail is not signed: the next start signs it");
        }
        self.store().close().await;
    }

    pub(in crate::service) fn inner(&self) -> &Inner {
        &self.0
    }

    pub(in crate::service) fn parts(&self) -> &AppParts {
        &self.0.parts
    }

    pub(in crate::service) fn store(&self) -> &Store {
        &self.0.parts.store
    }
}
