//! What a caller is held to beside its scopes: the purposes that it may name, the networks that it calls
//! from, and how much it may ask.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::registry::purpose::Purpose;
use crate::registry::relying_party::RelyingPartyKind;
use crate::validation::trust_store::AddressRange;
use crate::validation::trust_store::AddressRangeError;

/// As many networks as a caller may have; more are no list that anybody keeps in view.
pub const MAX_NETWORKS: usize = 64;

/// What one caller is held to. The default holds it to nothing but the quota of its kind.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CallerTerms {
    /// Which purposes it may name.
    pub purposes: Purposes,
    /// Where it may call from.
    pub networks: Networks,
    /// Requests a minute; absent: as its kind.
    pub requests_per_minute: Option<u32>,
    /// Requests a day; absent: as its kind.
    pub requests_per_day: Option<u32>,
}

/// Which purposes a caller may name.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Purposes {
    /// Every one.
    #[default]
    Any,
    /// These alone, by id; whoever names none is taken to name the default purpose.
    Only(BTreeSet<&'static str>),
}

/// Where a caller may call from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Networks {
    /// Anywhere.
    #[default]
    Any,
    /// These alone.
    Only(Vec<AddressRange>),
}

/// How much a caller may ask on one node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Requests a minute, at least one.
    pub per_minute: u32,
    /// Requests a day (UTC); absent: as many as the minutes of a day allow.
    pub per_day: Option<u32>,
}

/// The quota of each kind of caller that has keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quotas {
    /// Of banks.
    pub bank: Quota,
    /// Of departments.
    pub department: Quota,
    /// Of the operator.
    pub operator: Quota,
}

/// Why there are no such terms.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// Not a network.
    #[error("`{text}` is not a network: {cause}")]
    Network {
        /// What was written.
        text: String,
        /// What is wrong with it.
        #[source]
        cause: AddressRangeError,
    },
    /// More networks than are read.
    #[error("{found} networks where at most {MAX_NETWORKS} are read")]
    TooManyNetworks {
        /// How many.
        found: usize,
    },
    /// No such purpose.
    #[error("there is no purpose `{0}`")]
    UnknownPurpose(String),
}

impl Purposes {
    /// Reads ids of purposes; none of them means every purpose.
    ///
    /// # Errors
    /// [`TermsError::UnknownPurpose`].
    pub fn parse<'a>(ids: impl IntoIterator<Item = &'a str>) -> Result<Self, TermsError> {
        let known = ids.into_iter().map(|id| {
            Purpose::find(id)
                .map(|purpose| purpose.id)
                .ok_or_else(|| TermsError::UnknownPurpose(id.to_owned()))
        });
        let only: BTreeSet<_> = known.collect::<Result<_, _>>()?;
        Ok(if only.is_empty() {
            Self::Any
        } else {
            Self::Only(only)
        })
    }

    /// Whether the purpose may be named.
    #[must_use]
    pub fn allow(&self, purpose: &Purpose) -> bool {
        match self {
            Self::Any => true,
            Self::Only(ids) => ids.contains(purpose.id),
        }
    }

    /// The ids that may be named. `None`: every one.
    #[must_use]
    pub fn ids(&self) -> Option<Vec<&'static str>> {
        match self {
            Self::Any => None,
            Self::Only(ids) => Some(ids.iter().copied().collect()),
        }
    }
}

impl Networks {
    /// Reads networks like `10.20.0.0/16`; none of them means anywhere.
    ///
    /// # Errors
    /// [`TermsError::Network`], [`TermsError::TooManyNetworks`].
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, TermsError> {
        let read = texts.into_iter().map(|text| {
            text.parse().map_err(|cause| TermsError::Network {
                text: text.to_owned(),
                cause,
            })
        });
        let only: Vec<AddressRange> = read.collect::<Result<_, _>>()?;
        match only.len() {
            0 => Ok(Self::Any),
            found if found > MAX_NETWORKS => Err(TermsError::TooManyNetworks { found }),
            _ => Ok(Self::Only(only)),
        }
    }

    /// Whether a call may come from `address`. An IPv4 address in IPv6 form counts as IPv4.
    #[must_use]
    pub fn allow(&self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::Only(ranges) => {
                let address = address.to_canonical();
                ranges.iter().any(|range| range.contains(address))
            }
        }
    }

    /// The networks as text. `None`: anywhere.
    #[must_use]
    pub fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::Any => None,
            Self::Only(ranges) => Some(ranges.iter().map(ToString::to_string).collect()),
        }
    }
}

impl Quotas {
    /// What `terms` leave of the quota of `kind`. `None` for the public and companies, who are limited by
    /// address.
    #[must_use]
    pub fn of(&self, kind: RelyingPartyKind, terms: &CallerTerms) -> Option<Quota> {
        let usual = match kind {
            RelyingPartyKind::Bank => self.bank,
            RelyingPartyKind::Department => self.department,
            RelyingPartyKind::Operator => self.operator,
            RelyingPartyKind::Holder | RelyingPartyKind::Public => return None,
        };
        Some(Quota {
            per_minute: terms.requests_per_minute.unwrap_or(usual.per_minute),
            per_day: terms.requests_per_day.or(usual.per_day),
        })
    }
}

impl Default for Quotas {
    /// As much as one node answers, so that no caller keeps it from the others for long.
    fn default() -> Self {
        let quota = |per_minute| Quota {
            per_minute,
            per_day: None,
        };
        Self {
            bank: quota(600_000),
            department: quota(600_000),
            operator: quota(60_000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn none_named_allows_all_and_some_named_allow_no_other() {
        let (loan, status) = (
            Purpose::find("loan").unwrap(),
            Purpose::find("company-status").unwrap(),
        );
        assert!(Purposes::parse([]).unwrap().allow(loan));
        let only = Purposes::parse(["loan"]).unwrap();
        assert!(only.allow(loan) && !only.allow(status));
        assert_eq!(only.ids(), Some(vec!["loan"]));
        assert_eq!(
            Purposes::parse(["gambling"]),
            Err(TermsError::UnknownPurpose("gambling".to_owned()))
        );
    }

    #[test]
    fn a_network_holds_its_addresses_in_either_form() {
        let networks = Networks::parse(["10.20.0.0/16", "2001:db8::/32"]).unwrap();
        for inside in ["10.20.3.4", "::ffff:10.20.3.4", "2001:db8::1"] {
            assert!(networks.allow(ip(inside)), "{inside}");
        }
        for outside in ["10.21.0.1", "2001:db9::1", "0.0.0.0"] {
            assert!(!networks.allow(ip(outside)), "{outside}");
        }
        assert!(Networks::Any.allow(ip("10.21.0.1")));
        assert!(matches!(
            Networks::parse(["10.20.0.1/16"]),
            Err(TermsError::Network { .. })
        ));
        let many = ["10.0.0.0/8"; MAX_NETWORKS + 1];
        assert_eq!(
            Networks::parse(many),
            Err(TermsError::TooManyNetworks {
                found: MAX_NETWORKS + 1
            })
        );
    }

    #[test]
    fn a_caller_s_own_limit_goes_before_that_of_its_kind() {
        let quotas = Quotas::default();
        let terms = CallerTerms {
            requests_per_minute: Some(7),
            ..CallerTerms::default()
        };
        let quota = quotas.of(RelyingPartyKind::Bank, &terms).unwrap();
        assert_eq!((quota.per_minute, quota.per_day), (7, None));
        assert_eq!(quotas.of(RelyingPartyKind::Public, &terms), None);
    }
}
