//! Publishes status lists as signed tokens (Token Status List), rebuilt as soon as a state changed.

use std::sync::Arc;
use std::sync::PoisonError;

use crate::clock::Timestamp;
use crate::credential::status_list::StatusList;
use crate::credential::status_list::StatusReference;
use crate::credential::status_list::error::StatusListError;
use crate::credential::status_list::token;
use crate::credential::status_list::token::Publication;
use crate::crypto::digest::sha256;
use crate::service::app::App;
use crate::service::sign_receipt::SigningTimeError;
use crate::store::error::StoreError;
use crate::store::status_lists::ENTRIES;
use crate::store::status_lists::StatusListId;
use crate::store::status_lists::StatusSlot;

/// A status list as it is served.
#[derive(Debug, Clone)]
pub struct PublishedStatusList {
    /// The compact JWS, `application/statuslist+jwt`.
    pub compact: String,
    /// Strong entity tag, quoted: a digest of the token.
    pub etag: String,
}

/// Why a status list cannot be published.
#[derive(Debug, thiserror::Error)]
pub enum PublishStatusError {
    /// The list could not be encoded or signed.
    #[error("the status list could not be made")]
    List(#[from] StatusListError),
    /// The database failed.
    #[error("the states could not be read")]
    Store(#[from] StoreError),
    /// The clock cannot be relied on.
    #[error("the status list was not signed")]
    Time(#[from] SigningTimeError),
}

/// A token with what tells whether it is still the newest.
#[derive(Debug)]
pub(in crate::service) struct CachedStatusList {
    version: u64,
    signed_at: Timestamp,
    published: PublishedStatusList,
}

impl App {
    /// The newest token of a list; `None` for a list that does not exist.
    ///
    /// One small read tells whether a state changed; only then, or when half its time to live is over,
    /// is a token signed anew.
    ///
    /// # Errors
    /// [`PublishStatusError`] says which step failed.
    pub async fn status_list(
        &self,
        id: &StatusListId,
    ) -> Result<Option<PublishedStatusList>, PublishStatusError> {
        let Some(version) = self.store().status_lists().version(id).await? else {
            return Ok(None);
        };
        if let Some(published) = self.fresh_status_list(id, version) {
            return Ok(Some(published));
        }
        // Whoever asks while a list is signed gets that one: asking often must not mean signing often.
        let _one_at_a_time = self.inner().publishing.lock().await;
        if let Some(published) = self.fresh_status_list(id, version) {
            return Ok(Some(published));
        }
        let Some(cached) = self.sign_status_list(id).await? else {
            return Ok(None);
        };
        let published = cached.published.clone();
        let mut lists = self
            .inner()
            .status_lists
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        lists.insert(id.clone(), Arc::new(cached));
        Ok(Some(published))
    }

    /// Where the status of a slot is published.
    pub(in crate::service) fn status_reference(&self, slot: &StatusSlot) -> StatusReference {
        StatusReference {
            uri: self.status_list_uri(&slot.list),
            index: u64::from(slot.index),
        }
    }

    /// The address of a status list, which is also its `sub`.
    #[must_use]
    pub fn status_list_uri(&self, id: &StatusListId) -> String {
        format!("{}/status/{id}", self.settings().public_url)
    }

    /// Whether an address is that of a status list of ours.
    pub(in crate::service) fn is_our_status_list(&self, uri: &str) -> bool {
        uri.strip_prefix(&self.settings().public_url)
            .is_some_and(|path| path.starts_with("/status/"))
    }

    /// The token at hand, if it says what the list said at `version` or later and is young enough.
    fn fresh_status_list(&self, id: &StatusListId, version: u64) -> Option<PublishedStatusList> {
        let cached = self.cached_status_list(id)?;
        let young = self.now().since(cached.signed_at) < self.settings().status_list_ttl / 2;
        (cached.version >= version && young).then(|| cached.published.clone())
    }

    fn cached_status_list(&self, id: &StatusListId) -> Option<Arc<CachedStatusList>> {
        let lists = self
            .inner()
            .status_lists
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        lists.get(id).cloned()
    }

    async fn sign_status_list(
        &self,
        id: &StatusListId,
    ) -> Result<Option<CachedStatusList>, PublishStatusError> {
        let Some(contents) = self.store().status_lists().contents(id).await? else {
            return Ok(None);
        };
        let mut list = StatusList::new(u64::from(ENTRIES))?;
        for (index, value) in contents.values {
            list.set(u64::from(index), value)?;
        }
        let signed_at = self.signing_time().await?;
        let settings = self.settings();
        let uri = self.status_list_uri(id);
        let publication = Publication {
            uri: &uri,
            issued_at: signed_at,
            expires_at: signed_at.plus(settings.status_list_lifetime),
            ttl_seconds: u32::try_from(settings.status_list_ttl.as_secs()).unwrap_or(u32::MAX),
        };
        let key = &self.keys().status_list;
        let compact = token::encode(&list, publication, &key.key, &key.certificates)?;
        let etag = format!("\"{}\"", sha256(compact.as_bytes()));
        let published = PublishedStatusList { compact, etag };
        Ok(Some(CachedStatusList {
            version: contents.version,
            signed_at,
            published,
        }))
    }
}

#[cfg(test)]
mod tests {
    use crate::service::fixture::City;
    use crate::service::fixture::REGISTRATION;
    use crate::service::fixture::department;
    use crate::service::fixture::uscc;
    use crate::service::issue::IssueRequest;

    #[tokio::test]
    async fn those_who_ask_at_once_get_one_token() {
        let city = City::new().await;
        let request = IssueRequest {
            uscc: uscc(),
            vct: REGISTRATION.to_owned(),
        };
        let market = department("market-regulation");
        let issued = city.app.issue(&market, &request, None).await.unwrap();
        let list = &issued.credential.reservation.status.list;
        let ask = || city.app.status_list(list);
        let (one, two, three) = tokio::join!(ask(), ask(), ask());
        let [one, two, three] = [one, two, three].map(|list| list.unwrap().unwrap().etag);
        // No two signatures of ECDSA are the same.
        assert_eq!(one, two);
        assert_eq!(two, three);
    }
}
