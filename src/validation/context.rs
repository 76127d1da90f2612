//! Everything a signature is judged by, beside itself (ETSI EN 319 102-1 §5.2.4).

use crate::clock::Timestamp;
use crate::validation::profile::TrustProfile;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::Usage;

/// Which CAs there are, which the caller accepts, for what, and when.
#[derive(Debug, Clone, Copy)]
pub struct ValidationContext<'a> {
    /// The CAs that we know.
    pub trust: &'a TrustSet,
    /// What the caller accepts of them.
    pub profile: &'a TrustProfile,
    /// The usage that the signer's CA must have: the profile's `signer_usage` or `issuer_usage`.
    pub usage: &'a Usage,
    /// The time for which is judged.
    pub at: Timestamp,
    /// Whether revocation matters.
    pub revocation: RevocationPolicy,
}

/// Whether the revocation of certificates matters to a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationPolicy {
    /// As the CA's `ca.toml` says.
    FromTrustStore,
    /// It is not examined, because whoever asked said so; the report repeats it.
    Skip,
}
