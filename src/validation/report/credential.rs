//! What a report says of a credential.

use std::sync::Arc;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::identifier::uscc::Uscc;

/// What is said of a credential beside its signature.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialReport {
    /// Its number; none in credentials of others that have none.
    pub id: Option<String>,
    /// Its type.
    pub vct: String,
    /// Who issued it, by the issuer register; none where the register does not know the signer.
    pub issuer: Option<CredentialIssuer>,
    /// Its state; none where that could not be established.
    pub state: Option<CredentialCondition>,
    /// What it says, disclosed claims in their place.
    pub claims: Arc<Value>,
    /// What the holder withheld: names where they are known of the type, else digests.
    pub withheld: Vec<String>,
    /// Where its state was looked up.
    pub status: Option<StatusInfo>,
    /// Whether it is bound to a key of its holder. Without it anyone may present the file.
    pub holder_bound: bool,
}

/// The department that issued a credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CredentialIssuer {
    /// Its USCC, where the register has it.
    pub uscc: Option<Uscc>,
    /// Its name.
    pub name: String,
}

/// The state of a credential as a report shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CredentialCondition {
    /// In force.
    Valid,
    /// Out of force for the time being.
    Suspended,
    /// Ended by its issuer.
    Revoked,
    /// Replaced by a newer one.
    Superseded,
    /// Past its last day.
    Expired,
}

impl CredentialCondition {
    const ALL: [Self; 5] = [
        Self::Valid,
        Self::Suspended,
        Self::Revoked,
        Self::Superseded,
        Self::Expired,
    ];

    /// The condition of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }

    /// The word for it in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
            Self::Superseded => "superseded",
            Self::Expired => "expired",
        }
    }
}

/// Where the state of a credential was looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusInfo {
    /// The status list's address.
    pub uri: String,
    /// The credential's place in it.
    pub index: u64,
    /// How old the list was when used, in seconds; none where no list was at hand.
    pub age_seconds: Option<u64>,
}
