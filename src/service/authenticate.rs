//! Authenticates a caller by API key.

use tracing::debug;

use crate::registry::api_key;
use crate::registry::relying_party::RelyingParty;
use crate::registry::relying_party::RelyingPartyKind;
use crate::registry::relying_party::Scope;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::store::error::StoreError;

/// Why a caller was not recognised. The variants look alike from outside on purpose: an answer that
/// told a wrong secret from an unknown key would tell an attacker which keys exist.
#[derive(Debug, thiserror::Error)]
pub enum AuthenticateError {
    /// The key is unknown, its secret is wrong, it has expired or was revoked.
    #[error("the API key is not valid")]
    InvalidKey,
    /// The database failed.
    #[error("the caller could not be looked up")]
    Store(#[from] StoreError),
}

impl App {
    /// The caller to whom `key` was given.
    ///
    /// # Errors
    /// [`AuthenticateError::InvalidKey`] for every key that is not in force, whatever the reason.
    pub async fn authenticate(&self, key: &str) -> Result<Caller, AuthenticateError> {
        let presented = api_key::parse(key).map_err(|error| {
            debug!(%error, "refused an API key");
            AuthenticateError::InvalidKey
        })?;
        // The tag is computed before the look-up, so that an unknown prefix costs the same.
        let tag = api_key::tag(&self.parts().pepper, presented.full());
        let now = self.now();
        let Some((record, party)) = self
            .store()
            .callers()
            .find_by_prefix(presented.prefix())
            .await?
        else {
            return Err(AuthenticateError::InvalidKey);
        };
        record.admit(&tag, now).map_err(|refusal| {
            debug!(%refusal, key.prefix = record.prefix, "refused an API key");
            AuthenticateError::InvalidKey
        })?;
        self.store().callers().touch(&record, now).await?;
        Ok(Caller {
            party,
            scopes: record.scopes,
        })
    }

    /// The caller of everybody who shows no key (DESIGN §6): may look up name and state, and have a
    /// credential judged under the city's CA alone.
    #[must_use]
    pub fn public_caller(&self) -> Caller {
        Caller {
            party: RelyingParty::public(),
            scopes: [Scope::Confirm, Scope::Verify].into_iter().collect(),
        }
    }
}

impl Caller {
    /// Whether this is the built-in caller of those who show no key.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.party.kind == RelyingPartyKind::Public
    }
}
