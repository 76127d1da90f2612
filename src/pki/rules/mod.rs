//! Certificate profiles: what a standard asks of certificates beyond what makes a path valid.
//!
//! RFC 5280 §6 says when a path is valid; its §4 says what "conforming CAs" put into certificates, which a
//! relying party may or may not insist on. [`Rules`] chooses; the default insists on nothing, because CAs
//! in use break one rule or another. [`check`] walks a path that is already validated and lists
//! every rule that is broken, so that a caller may show them all.
//!
//! [`table`] is the whole list, one line a rule. What makes a certificate unreadable (a duplicate extension,
//! an empty extended key usage) is not here: such a certificate is no
//! [`Certificate`]. Not here either is what RFC 5280 §6 checks.

mod authority;
mod common_name;
mod crl;
mod fields;
mod names;
mod table;
#[cfg(test)]
mod tests;
mod web;

use std::fmt;
use std::str::FromStr;

use crate::clock::Timestamp;
use crate::pki::certificate::Certificate;
use crate::pki::certificate::SerialNumber;
use crate::pki::oid::Oid;

pub use crate::pki::rules::crl::CrlRuleViolation;
pub use crate::pki::rules::crl::check_crl;
pub use crate::pki::rules::table::Rule;

/// Which profile is insisted on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Rules {
    /// None: RFC 5280 §6 alone.
    #[default]
    Path,
    /// RFC 5280 §4.
    Rfc5280,
    /// RFC 5280 §4, with the exceptions and additions that the CA/Browser Forum's Baseline Requirements
    /// for TLS server certificates make (§7.1).
    WebPki,
}

/// The text names no [`Rules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the rules are `path`, `rfc5280` or `webpki`")]
pub struct UnknownRules;

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Path => "path",
            Self::Rfc5280 => "rfc5280",
            Self::WebPki => "webpki",
        })
    }
}

/// The place of a certificate in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// The certificate that the trust anchor came as.
    Anchor,
    /// The certificate that was asked about.
    EndEntity,
    /// One between the two.
    Intermediate,
}

/// A rule that a certificate of a path breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("certificate {serial} ({place}): {} ({})", .rule.requirement(), .rule.clause())]
pub struct RuleViolation {
    /// What it breaks.
    pub rule: Rule,
    /// Where the certificate stands.
    pub place: Place,
    /// Its number.
    pub serial: SerialNumber,
}

/// One certificate of a path, as the rules look at it.
#[derive(Clone, Copy)]
struct Subject<'a> {
    certificate: &'a Certificate,
    place: Place,
    at: Timestamp,
}

/// Every rule that `path`, the end entity first, or the certificate of its `anchor` breaks at `at`; in the
/// order of the path, the anchor last.
#[must_use]
pub fn check(
    rules: Rules,
    path: &[&Certificate],
    anchor: &Certificate,
    at: Timestamp,
) -> Vec<RuleViolation> {
    let below = path.iter().enumerate().map(|(i, certificate)| Subject {
        certificate,
        place: match i {
            0 => Place::EndEntity,
            _ => Place::Intermediate,
        },
        at,
    });
    let anchor = Subject {
        certificate: anchor,
        place: Place::Anchor,
        at,
    };
    below
        .chain([anchor])
        .flat_map(|subject| violations(rules, subject))
        .collect()
}

fn violations(rules: Rules, subject: Subject<'_>) -> impl Iterator<Item = RuleViolation> {
    let applying = table::TABLE.iter().filter(move |row| row.applies(rules));
    let broken = applying.filter(move |row| (row.is_broken)(&subject));
    broken.map(move |row| RuleViolation {
        rule: row.rule,
        place: subject.place,
        serial: subject.certificate.serial().clone(),
    })
}

impl Subject<'_> {
    /// Whether its basic constraints say that it is a CA.
    fn is_ca(&self) -> bool {
        let constraints = self.certificate.basic_constraints();
        constraints.is_some_and(|constraints| constraints.is_ca)
    }

    fn has(&self, oid: &Oid) -> bool {
        self.certificate.extension_value(oid).is_some()
    }

    /// Whether the extension `oid` is there and not critical.
    fn has_uncritical(&self, oid: &Oid) -> bool {
        self.has(oid) && !self.certificate.is_extension_critical(oid)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Anchor => "trust anchor",
            Self::EndEntity => "end entity",
            Self::Intermediate => "intermediate",
        })
    }
}

impl FromStr for Rules {
    type Err = UnknownRules;

    fn from_str(text: &str) -> Result<Self, UnknownRules> {
        match text {
            "path" => Ok(Self::Path),
            "rfc5280" => Ok(Self::Rfc5280),
            "webpki" => Ok(Self::WebPki),
            _ => Err(UnknownRules),
        }
    }
}
