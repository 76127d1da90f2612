//! What a piece of evidence claims about a certificate, before anybody has verified it.

use crate::clock::Timestamp;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::crl::CrlEntry;
use crate::pki::revocation::crl::CrlNumber;
use crate::pki::revocation::evidence::Answer;
use crate::pki::revocation::reason::ReasonSet;
use crate::pki::revocation::reason::RevocationReason;
use crate::pki::revocation::status::Currency;

/// A claim, and what it rests on.
#[derive(Clone, Debug)]
pub(super) struct Claim<'a> {
    pub(super) source: Source<'a>,
    pub(super) says: Says,
    /// The reasons for which `says` holds, if it is that nothing is the matter.
    pub(super) covers: ReasonSet,
    pub(super) currency: Currency,
}

/// What a claim rests on.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    /// An OCSP answer.
    Answer(Answer<'a>),
    /// One CRL: a complete one; or a delta CRL alone, which can accuse but not clear.
    List(&'a Crl),
    /// A complete CRL brought up to date (RFC 5280 §5.2.4).
    Updated {
        /// The complete CRL.
        base: &'a Crl,
        /// What changed.
        delta: &'a Crl,
    },
}

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// The certificate is not revoked at the time asked about.
    Clear,
    /// It is on hold.
    Hold(CrlEntry),
    /// It is revoked for good.
    Revoked(CrlEntry),
}

impl Says {
    /// What an entry says as of `at`: one that begins later does not matter yet. A certificate is not to be
    /// relied on from its revocation or the invalidity date, whichever is earlier.
    pub(super) fn of_entry(entry: Option<CrlEntry>, at: Timestamp) -> Self {
        let Some(entry) = entry else {
            return Self::Clear;
        };
        let since = entry.invalidity_date.map_or(entry.revocation_date, |date| {
            date.min(entry.revocation_date)
        });
        match entry.reason {
            RevocationReason::RemoveFromCrl => Self::Clear,
            _ if since > at => Self::Clear,
            RevocationReason::CertificateHold => Self::Hold(entry),
            RevocationReason::AaCompromise
            | RevocationReason::AffiliationChanged
            | RevocationReason::CaCompromise
            | RevocationReason::CessationOfOperation
            | RevocationReason::KeyCompromise
            | RevocationReason::PrivilegeWithdrawn
            | RevocationReason::Superseded
            | RevocationReason::Unrecognised(_)
            | RevocationReason::Unspecified => Self::Revoked(entry),
        }
    }

    /// What a complete CRL's entry and a delta CRL's say together (§6.3.3 (i) to (k)). A removal ends a
    /// hold; it also marks certificates that expired, and does not make one good that was revoked for
    /// good.
    pub(super) fn updated(base: Option<CrlEntry>, delta: Option<CrlEntry>, at: Timestamp) -> Self {
        let of_base = Self::of_entry(base, at);
        match (delta, of_base) {
            (None, says) | (Some(_), says @ Self::Revoked(_)) => says,
            (Some(entry), _) if entry.reason == RevocationReason::RemoveFromCrl => Self::Clear,
            (Some(entry), says) => match Self::of_entry(Some(entry), at) {
                Self::Clear => says,
                graver @ (Self::Hold(_) | Self::Revoked(_)) => graver,
            },
        }
    }
}

impl Claim<'_> {
    /// How many bytes have to be digested to verify it: what is cheap goes first.
    pub(super) fn cost(&self) -> usize {
        match self.source {
            Source::Answer(answer) => answer.response.der().len(),
            Source::List(crl) => crl.der().len(),
            Source::Updated { base, delta } => base.der().len() + delta.der().len(),
        }
    }

    /// Whether `other` speaks for the same matters at a later time, so that it can end a hold.
    pub(super) fn is_superseded_by(&self, other: &Self) -> bool {
        let is_same_series = match (self.newest_list(), other.newest_list()) {
            (None, None) => true,
            (Some(one), Some(other)) => {
                one.issuer().matches(other.issuer()) && one.has_scope_of(other)
            }
            (None, Some(_)) | (Some(_), None) => false,
        };
        is_same_series && self.as_of() < other.as_of()
    }

    /// As of when it speaks; of CRLs of one time the higher number is the later one.
    pub(super) fn as_of(&self) -> (Timestamp, Option<&CrlNumber>) {
        match self.source {
            Source::Answer(answer) => (answer.single.this_update, None),
            Source::List(crl) | Source::Updated { delta: crl, .. } => {
                (crl.this_update(), crl.number())
            }
        }
    }

    const fn newest_list(&self) -> Option<&Crl> {
        match self.source {
            Source::Answer(_) => None,
            Source::List(crl) | Source::Updated { delta: crl, .. } => Some(crl),
        }
    }
}
