//! What a report says of an electronic seal.

use serde::Deserialize;
use serde::Serialize;

use crate::clock::Timestamp;
use crate::signature::facts::SealFacts;

/// The electronic seal that a signature was made with. What is wrong with it stands among the signature's reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SealReport {
    /// 1, 4 or 5: of GM/T 0031-2014, GB/T 38540-2020 or GM/T 0031-2025.
    pub version: u32,
    /// Its number.
    pub id: String,
    /// Its name.
    pub name: String,
    /// From when it may be used.
    pub valid_from: Timestamp,
    /// Until when it may be used.
    pub valid_until: Timestamp,
    /// Who made it: a name in RFC 4514 form; none where the certificate cannot be read.
    pub maker: Option<String>,
    /// Whether the signer's certificate is among those that may use it.
    pub signer_listed: bool,
}

impl From<&SealFacts> for SealReport {
    fn from(facts: &SealFacts) -> Self {
        let maker = facts.maker.as_ref();
        Self {
            version: facts.version,
            id: facts.id.clone(),
            name: facts.name.clone(),
            valid_from: facts.valid_from,
            valid_until: facts.valid_until,
            maker: maker.map(|maker| maker.subject().to_string()),
            signer_listed: facts.signer_listed,
        }
    }
}
