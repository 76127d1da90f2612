//! Where the revocation evidence of a CA may come from, and how old it may be.

use std::net::IpAddr;
use std::time::Duration;

use crate::validation::trust_store::address_range::AddressRange;
use crate::validation::trust_store::address_range::is_public;
use crate::validation::trust_store::evidence_url::EvidenceHost;
use crate::validation::trust_store::evidence_url::EvidenceUrl;

/// What `ca.toml` says of evidence. By default nothing is fetched.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EvidenceRules {
    /// Hosts from which evidence may be fetched when a certificate of this CA names them.
    pub hosts: Vec<EvidenceHost>,
    /// The only addresses that may be connected to; absent: every public one.
    pub addresses: Option<Vec<AddressRange>>,
    /// Evidence issued longer ago than this counts as stale, even before its own end.
    pub maximum_age: Option<Duration>,
    /// Certificate revocation lists that are fetched from the start on; their hosts are among `hosts`.
    pub prefetched: Vec<EvidenceUrl>,
}

/// Why an address may not be fetched from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UrlNotPermitted {
    /// Its host is not in `hosts`.
    #[error("the host is not one of the CA's")]
    Host,
    /// Its host is, but not at that port.
    #[error("the port is not one of the host's")]
    Port,
}

impl EvidenceRules {
    /// Whether evidence of this CA may be fetched from an address.
    ///
    /// # Errors
    /// [`UrlNotPermitted`] says what is not permitted about it.
    pub fn permit(&self, url: &EvidenceUrl) -> Result<(), UrlNotPermitted> {
        if self.hosts.iter().any(|host| host.permits(url)) {
            Ok(())
        } else if self.hosts.iter().any(|host| host.is_host_of(url)) {
            Err(UrlNotPermitted::Port)
        } else {
            Err(UrlNotPermitted::Host)
        }
    }

    /// Whether a connection may be made to `address` for evidence of this CA.
    #[must_use]
    pub fn permits_address(&self, address: IpAddr) -> bool {
        match &self.addresses {
            Some(ranges) => ranges.iter().any(|range| range.contains(address)),
            None => is_public(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn nothing_said_permits_nothing() {
        let url = EvidenceUrl::parse("http://crl.example.cn/").unwrap();
        let rules = EvidenceRules::default();
        assert_eq!(rules.permit(&url), Err(UrlNotPermitted::Host));
        let rules = EvidenceRules {
            hosts: vec![EvidenceHost::parse("crl.example.cn:81").unwrap()],
            ..EvidenceRules::default()
        };
        assert_eq!(rules.permit(&url), Err(UrlNotPermitted::Port));
    }

    #[test]
    fn named_ranges_replace_the_public_addresses() {
        let mut rules = EvidenceRules::default();
        assert!(rules.permits_address(address("1.1.1.1")));
        assert!(!rules.permits_address(address("10.20.0.1")));
        rules.addresses = Some(vec!["10.20.0.0/16".parse().unwrap()]);
        assert!(rules.permits_address(address("10.20.0.1")));
        for other in ["1.1.1.1", "10.21.0.1", "127.0.0.1", "::ffff:10.20.0.1"] {
            assert!(!rules.permits_address(address(other)), "{other}");
        }
    }
}
