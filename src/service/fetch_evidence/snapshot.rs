//! The evidence at hand: what a validation may rely on, without asking anybody.

use std::collections::BTreeMap;
use std::sync::Arc;

use tracing::error;

use crate::pki::revocation::evidence::Evidence;
use crate::pki::revocation::evidence::ReceivedResponse;
use crate::pki::revocation::ocsp::OcspResponse;
use crate::service::app::App;
use crate::service::fetch_evidence::describe::EvidenceContent;
use crate::store::error::StoreError;
use crate::store::evidence::EvidenceOutline;
use crate::store::evidence::EvidenceSource;
use crate::store::evidence::SourceId;
use crate::validation::trust_store::CaId;

/// Evidence that was fetched.
#[derive(Debug, Clone)]
pub struct FetchedEvidence {
    /// What it is, and where it comes from.
    pub source: EvidenceSource,
    /// What it says of itself, when it was fetched, and the digest of its bytes.
    pub outline: EvidenceOutline,
    /// What it says; to whom it may say it, a validation decides.
    pub content: EvidenceContent,
}

/// The newest evidence of every source, as of one moment. It does not change; the application makes a new
/// one.
#[derive(Debug, Default)]
pub struct EvidenceSnapshot {
    version: u64,
    entries: BTreeMap<SourceId, FetchedEvidence>,
    /// All of it, as a validation asks it.
    indexed: Evidence,
}

impl EvidenceSnapshot {
    /// All of it.
    pub fn all(&self) -> impl Iterator<Item = &FetchedEvidence> {
        self.entries.values()
    }

    /// All of it, to be asked about certificates. Whom it may speak for is not decided by where it came from:
    /// its signer has to lead to the anchor of the certificate in question.
    #[must_use]
    pub const fn indexed(&self) -> &Evidence {
        &self.indexed
    }

    /// That of one CA's sources.
    pub fn of<'a>(&'a self, ca: &'a CaId) -> impl Iterator<Item = &'a FetchedEvidence> {
        self.all()
            .filter(move |evidence| evidence.source.ca() == ca)
    }

    /// That of one source.
    #[must_use]
    pub fn from_source(&self, id: SourceId) -> Option<&FetchedEvidence> {
        self.entries.get(&id)
    }
}

impl App {
    /// The evidence at hand at this moment; later changes do not reach one already taken.
    #[must_use]
    pub fn evidence(&self) -> Arc<EvidenceSnapshot> {
        self.inner().evidence.snapshot.load_full()
    }

    /// Takes up what was stored since, by this process or another one.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails; the evidence at hand stays.
    pub async fn reload_evidence(&self) -> Result<(), StoreError> {
        let store = self.store().evidence();
        let old = self.evidence();
        // Read first: what changes in between is loaded, and seen as newer the next time.
        let version = store.version().await?;
        if version == old.version {
            return Ok(());
        }
        let mut entries = BTreeMap::new();
        for (source, outline) in store.current().await? {
            let id = source.id();
            let held = old.from_source(id);
            let held = held.filter(|held| held.outline.sha256 == outline.sha256);
            let content = match held {
                Some(held) => held.content.clone(),
                None => match self.load_content(&source, &outline).await? {
                    Some(content) => content,
                    None => continue,
                },
            };
            let evidence = FetchedEvidence {
                source,
                outline,
                content,
            };
            entries.insert(id, evidence);
        }
        let snapshot = EvidenceSnapshot {
            version,
            indexed: indexed(&entries),
            entries,
        };
        self.inner().evidence.snapshot.store(Arc::new(snapshot));
        Ok(())
    }

    /// Loads and reads one body. `None`: it was replaced meanwhile, which the next version tells, or it is
    /// not read by this release.
    async fn load_content(
        &self,
        source: &EvidenceSource,
        outline: &EvidenceOutline,
    ) -> Result<Option<EvidenceContent>, StoreError> {
        let (id, kind) = (source.id(), source.kind());
        let body = self.store().evidence().body(id, outline.sha256).await?;
        let Some(body) = body else {
            return Ok(None);
        };
        // A list may have many megabytes.
        let parsed = tokio::task::spawn_blocking(move || EvidenceContent::parse(kind, body)).await;
        match parsed {
            Ok(Ok(content)) => Ok(Some(content)),
            Ok(Err(error)) => {
                error!(ca.id = %source.ca(), %error, "stored evidence from {} is not used", source.url());
                Ok(None)
            }
            Err(error) => {
                error!(%error, "reading stored evidence from {} was cut off", source.url());
                Ok(None)
            }
        }
    }
}

fn indexed(entries: &BTreeMap<SourceId, FetchedEvidence>) -> Evidence {
    let contents = || entries.values().map(|evidence| &evidence.content);
    let crls = contents().filter_map(|content| match content {
        EvidenceContent::Crl(crl) => Some(crl.clone()),
        EvidenceContent::Ocsp(_) => None,
    });
    let responses = contents().filter_map(|content| match content {
        EvidenceContent::Crl(_) => None,
        EvidenceContent::Ocsp(response) => Some(ReceivedResponse::from(OcspResponse::Basic(
            response.clone(),
        ))),
    });
    Evidence::new(crls, responses)
}
