//! The rule on CRLs that their reading does not enforce.

use crate::pki::revocation::crl::Crl;
use crate::pki::rules::Rules;

/// A rule that a CRL breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrlRuleViolation {
    /// RFC 5280 §5.2.3: "CRL issuers conforming to this profile MUST include this extension in all CRLs".
    #[error("the CRL has no number (RFC 5280 §5.2.3)")]
    NumberMissing,
}

/// Whether a CRL keeps to `rules`. A critical number makes it unusable under all of them.
///
/// # Errors
/// [`CrlRuleViolation`] if it does not; never under [`Rules::Path`].
pub fn check_crl(rules: Rules, crl: &Crl) -> Result<(), CrlRuleViolation> {
    match (rules, crl.number()) {
        (Rules::Path, _) | (Rules::Rfc5280 | Rules::WebPki, Some(_)) => Ok(()),
        (Rules::Rfc5280 | Rules::WebPki, None) => Err(CrlRuleViolation::NumberMissing),
    }
}
