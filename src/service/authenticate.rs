//! Authenticates a caller by API key or by TLS client certificate.

use tracing::debug;

use crate::clock::Timestamp;
use crate::registry::api_key;
use crate::registry::caller_terms::CallerTerms;
use crate::registry::client_certificate::PresentedCertificate;
use crate::registry::relying_party::ApiKeyRecord;
use crate::registry::relying_party::KeyRefusal;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyKind;
use crate::registry::relying_party::Scope;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::service::registers::Registers;
use crate::store::error::StoreError;

/// Why a caller was not recognised. The variants look alike from outside on purpose: an answer that
/// told a wrong secret from an unknown key would tell an attacker which keys exist.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// The certificate stands for nobody, or is outside its validity period.
    #[error("the client certificate is not valid")]
    InvalidCertificate,
    /// The key is unknown, its secret is wrong, it has expired or was revoked.
    #[error("the API key is not valid")]
    InvalidKey,
    /// The database failed.
    #[error("the caller could not be looked up")]
    Store(#[from] StoreError),
}

/// What is recorded of a key, with whom it belongs to.
pub(in crate::service) type Found = (ApiKeyRecord, RelyingParty, CallerTerms);

impl App {
    /// The caller to whom `key` was given.
    ///
    /// # Errors
    /// [`AuthenticateError::InvalidKey`] for every key that is not in force, whatever the reason.
    pub async fn authenticate(&self, key: &str) -> Result<Caller, AuthenticateError> {
        let (callers, now) = (self.store().callers(), self.now());
        let tag = |full: &str| api_key::tag(&self.parts().pepper, full);
        let registers = self.registers(&self.store().glance(None).await?);
        let (record, party, terms) = match remembered(key, tag, &registers, now) {
            Some(found) => found,
            None => {
                let find = |prefix| callers.find_by_prefix(prefix);
                let found = admitted(key, tag, find, now).await?;
                registers.admit(&found, now);
                found
            }
        };
        callers.touch(&record, now).await?;
        Ok(Caller {
            party,
            scopes: record.scopes,
            terms,
        })
    }

    /// The caller for whom a certificate stands: the narrowest rule that it fits counts.
    ///
    /// # Errors
    /// [`AuthenticateError::InvalidCertificate`] when it stands for nobody or its time is not now.
    pub async fn authenticate_certificate(
        &self,
        presented: &PresentedCertificate,
    ) -> Result<Caller, AuthenticateError> {
        let now = self.now();
        let sha256 = presented.certificate.sha256();
        if !presented.is_current(now) {
            debug!(certificate.sha256 = %sha256, "refused a client certificate: not valid at this time");
            return Err(AuthenticateError::InvalidCertificate);
        }
        let certificates = self.store().client_certificates();
        for rule in presented.rules() {
            if let Some((record, party, terms)) = certificates.find(&rule).await? {
                certificates.touch(&record, now).await?;
                return Ok(Caller {
                    party,
                    scopes: record.scopes,
                    terms,
                });
            }
        }
        debug!(certificate.sha256 = %sha256, "refused a client certificate: it stands for nobody");
        Err(AuthenticateError::InvalidCertificate)
    }

    /// The caller of everybody who shows no key (DESIGN §6): may look up name and state, and have a
    /// credential judged under the city's CA alone.
    #[must_use]
    pub fn public_caller(&self) -> Caller {
        Caller {
            party: RelyingParty::public(),
            scopes: [Scope::Confirm, Scope::Verify].into_iter().collect(),
            terms: CallerTerms::default(),
        }
    }
}

/// What is recorded of a key that was admitted before, if it is still in force. Only the whole key is found here.
fn remembered(
    key: &str,
    tag: impl Fn(&str) -> [u8; 32],
    registers: &Registers,
    now: Timestamp,
) -> Option<Found> {
    let tag = tag(api_key::parse(key).ok()?.full());
    let found = registers.admitted(&tag, now)?;
    found.0.admit(&tag, now).is_ok().then_some(found)
}

/// What is recorded of the key, if it is in force. Every text of a key's form costs one tag, one look-up and
/// one comparison, whether its prefix is known or not.
async fn admitted<'k, F>(
    key: &'k str,
    tag: impl Fn(&str) -> [u8; 32],
    find: impl Fn(&'k str) -> F,
    now: Timestamp,
) -> Result<Found, AuthenticateError>
where
    F: Future<Output = Result<Option<Found>, StoreError>>,
{
    let presented = api_key::parse(key).map_err(|error| {
        debug!(%error, "refused an API key");
        AuthenticateError::InvalidKey
    })?;
    let tag = tag(presented.full());
    let found = find(presented.prefix()).await?;
    let judged = match &found {
        Some((record, ..)) => record.admit(&tag, now),
        None => Err(KeyRefusal::unknown(&tag)),
    };
    match (judged, found) {
        (Ok(()), Some(found)) => Ok(found),
        (Err(refusal), _) => {
            debug!(%refusal, key.prefix = presented.prefix(), "refused an API key");
            Err(AuthenticateError::InvalidKey)
        }
        (Ok(()), None) => Err(AuthenticateError::InvalidKey),
    }
}

impl Caller {
    /// Whether this is the built-in caller of those who show no key.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.party.kind == RelyingPartyKind::Public
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::registry::relying_party::RelyingPartyId;
    use crate::registry::text::Text;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_seconds(seconds).unwrap()
    }

    fn found(revoked_at: Option<Timestamp>) -> Found {
        let name = || Text::parse("A").unwrap();
        let id = RelyingPartyId::parse("bank-a").unwrap();
        let kind = RelyingPartyKind::Bank;
        let record = ApiKeyRecord {
            prefix: "abcd2345".to_owned(),
            tag: [7; 32],
            caller: id.clone(),
            scopes: [Scope::Verify].into(),
            created_at: at(0),
            expires_at: Some(at(100)),
            revoked_at,
            last_used_at: None,
        };
        let party = RelyingParty::new(id, kind, name(), name(), None).unwrap();
        (record, party, CallerTerms::default())
    }

    #[tokio::test]
    async fn a_key_costs_one_tag_and_one_look_up_whatever_its_prefix() {
        let key = format!("yx_abcd2345_{}", "A".repeat(43));
        for (what, recorded, tag, now, passes) in [
            ("good", Some(found(None)), [7; 32], 99, true),
            ("unknown", None, [7; 32], 99, false),
            ("wrong secret", Some(found(None)), [8; 32], 99, false),
            ("expired", Some(found(None)), [7; 32], 100, false),
            ("revoked", Some(found(Some(at(50)))), [7; 32], 99, false),
        ] {
            let (tags, look_ups) = (Cell::new(0), Cell::new(0));
            let tag = |_: &str| {
                tags.set(tags.get() + 1);
                tag
            };
            let find = |_| {
                look_ups.set(look_ups.get() + 1);
                std::future::ready(Ok(recorded.clone()))
            };
            let admitted = admitted(&key, tag, find, at(now)).await;
            assert_eq!(admitted.is_ok(), passes, "{what}");
            assert_eq!((tags.get(), look_ups.get()), (1, 1), "{what}");
        }
    }
}
