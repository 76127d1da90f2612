//! Takes up what certificates and trust stores name.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::service::app::App;
use crate::store::error::StoreError;
use crate::store::evidence::EvidenceSource;
use crate::store::evidence::Queued;
use crate::store::evidence::Sought;
use crate::store::evidence::SourceId;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::EvidenceUrl;
use crate::validation::trust_store::EvidenceUrlError;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::UrlNotPermitted;

/// A certificate names a few addresses; what comes after so many is not looked at.
const MAX_SIGHTINGS: usize = 32;

/// For how long it is enough to have noted that a source is wanted.
const NOTED_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// For how long it is enough to have heard that there is no room.
const FULL_FOR: Duration = Duration::from_secs(10 * 60);

/// Sources are forgotten when nobody wanted them for so long.
const KEPT_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// How many sources are remembered as noted; more begin anew.
const MAX_NOTED: usize = 100_000;

/// An address of evidence in a certificate that a CA answers for: its path was validated to an anchor of
/// that CA.
#[derive(Debug, Clone, Copy)]
pub enum Sighting<'a> {
    /// A distribution point (RFC 5280 §4.2.1.13).
    Crl {
        /// As it stands there.
        url: &'a str,
        /// Who is expected to sign the list: the certificate's issuer, unless the distribution point
        /// names another one.
        issuer: Option<&'a Certificate>,
    },
    /// A responder (RFC 5280 §4.2.2.1, `id-ad-ocsp`).
    Ocsp {
        /// As it stands there.
        url: &'a str,
        /// Whose status is asked for.
        certificate: &'a Certificate,
        /// The CA certificate above it.
        issuer: &'a Certificate,
    },
}

/// What became of a sighting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sighted {
    /// It is fetched, or will be.
    Awaited,
    /// It is not fetched.
    Refused(SightingRefusal),
}

/// Why an address in a certificate is not fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SightingRefusal {
    /// The CA has as many sources as it may have.
    #[error("the CA has as many sources of evidence as it may have")]
    Full,
    /// The CA's rules do not permit it.
    #[error(transparent)]
    NotPermitted(UrlNotPermitted),
    /// There are too many addresses.
    #[error("too many addresses stand before it")]
    TooMany,
    /// There is no such CA.
    #[error("there is no such CA")]
    UnknownCa,
    /// It cannot be fetched from; LDAP is one of the reasons.
    #[error(transparent)]
    Url(EvidenceUrlError),
}

/// What is known to be noted, and until when.
#[derive(Debug, Default)]
pub(in crate::service) struct Noted(Mutex<BTreeMap<SourceId, (Sighted, Timestamp)>>);

impl Noted {
    fn known(&self, id: SourceId, now: Timestamp) -> Option<Sighted> {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (sighted, until) = noted.get(&id)?;
        (now < *until).then_some(*sighted)
    }

    fn note(&self, id: SourceId, sighted: Sighted, until: Timestamp) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= MAX_NOTED {
            noted.clear();
        }
        noted.insert(id, (sighted, until));
    }
}

impl App {
    /// Queues what the certificates of a path to an anchor of `ca` name, to be fetched later and by
    /// somebody else; gives what became of each sighting, in their order.
    ///
    /// To be called whenever evidence was looked for, found or not: that it was wanted lately is what
    /// keeps a source from being forgotten. It costs the database a write for a source that is new, and
    /// one a day for others.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn queue_first_sight(
        &self,
        ca: &CaId,
        sightings: &[Sighting<'_>],
    ) -> Result<Vec<Sighted>, StoreError> {
        let trust = self.trust();
        let mut outcomes = Vec::with_capacity(sightings.len());
        let mut is_new = false;
        for (place, sighting) in sightings.iter().enumerate() {
            let read = if place < MAX_SIGHTINGS {
                read(ca, &trust, *sighting)
            } else {
                Err(SightingRefusal::TooMany)
            };
            outcomes.push(match read {
                Ok(source) => {
                    let (sighted, added) = self.queue_source(&source).await?;
                    is_new |= added;
                    sighted
                }
                Err(refusal) => Sighted::Refused(refusal),
            });
        }
        if is_new {
            self.inner().evidence.wake.notify_one();
        }
        Ok(outcomes)
    }

    /// Queues one source; tells whether it is new.
    async fn queue_source(&self, source: &EvidenceSource) -> Result<(Sighted, bool), StoreError> {
        let now = self.now();
        let noted = &self.inner().evidence.noted;
        if let Some(sighted) = noted.known(source.id(), now) {
            return Ok((sighted, false));
        }
        let limit = self.settings().evidence.max_sources_per_ca;
        let displaceable = now.minus(NOTED_FOR);
        let store = self.store().evidence();
        let queued = store.queue(source, now, displaceable, limit).await?;
        let (sighted, until) = match queued {
            Queued::Added | Queued::Known => (Sighted::Awaited, now.plus(NOTED_FOR)),
            Queued::Full => (Sighted::Refused(SightingRefusal::Full), now.plus(FULL_FOR)),
        };
        noted.note(source.id(), sighted, until);
        Ok((sighted, queued == Queued::Added))
    }

    /// Has the lists that the trust stores name fetched from now on, if the trust stores are others than
    /// the last time.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn pin_evidence(&self) -> Result<(), StoreError> {
        let trust = self.trust();
        let pinned = &self.inner().evidence.pinned;
        let same = |last: &Option<Arc<TrustSet>>| {
            last.as_ref().is_some_and(|last| Arc::ptr_eq(last, &trust))
        };
        if same(&pinned.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(());
        }
        let sources: Vec<EvidenceSource> = trust
            .stores()
            .iter()
            .flat_map(|store| {
                store.evidence.prefetched.iter().map(|url| {
                    let sought = Sought::Crl { issuer: None };
                    EvidenceSource::new(store.id.clone(), url.clone(), sought)
                })
            })
            .collect();
        self.store().evidence().pin(&sources, self.now()).await?;
        *pinned.lock().unwrap_or_else(PoisonError::into_inner) = Some(trust);
        Ok(())
    }

    /// Forgets what nobody has wanted for a month.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub(in crate::service) async fn forget_unwanted_evidence(&self) -> Result<(), StoreError> {
        let unwanted_since = self.now().minus(KEPT_FOR);
        self.store().evidence().forget(unwanted_since).await?;
        Ok(())
    }
}

fn read(
    ca: &CaId,
    trust: &TrustSet,
    sighting: Sighting<'_>,
) -> Result<EvidenceSource, SightingRefusal> {
    let der = |certificate: &Certificate| certificate.der().to_vec();
    let (url, sought) = match sighting {
        Sighting::Crl { url, issuer } => (
            url,
            Sought::Crl {
                issuer: issuer.map(der),
            },
        ),
        Sighting::Ocsp {
            url,
            certificate,
            issuer,
        } => (
            url,
            Sought::Ocsp {
                certificate: der(certificate),
                issuer: der(issuer),
            },
        ),
    };
    let store = trust.store(ca).ok_or(SightingRefusal::UnknownCa)?;
    let url = EvidenceUrl::parse(url).map_err(SightingRefusal::Url)?;
    store
        .evidence
        .permit(&url)
        .map_err(SightingRefusal::NotPermitted)?;
    Ok(EvidenceSource::new(ca.clone(), url, sought))
}
