//! What is known of a request before its caller is: the address it comes from, the client certificate it
//! brought, and how much may be asked.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use axum::http::HeaderMap;
use axum::http::HeaderName;

use crate::http::caller_limit::CallerLimit;
use crate::http::caller_limit::DailyQuota;
use crate::http::client_authorities::ClientAuthorities;
use crate::http::forwarded_certificate;
use crate::http::listener::Peer;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::http::public_limit::PublicLimit;
use crate::http::state::HttpOptions;
use crate::http::token_bucket::Allowance;
use crate::registry::client_certificate::PresentedCertificate;
use crate::service::app::App;
use crate::service::call::Caller;
use crate::validation::trust_store::AddressRange;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The limits and the proxies of this service; clones share them.
#[derive(Clone)]
pub(in crate::http) struct Gate {
    pub(in crate::http) public: PublicLimit,
    callers: CallerLimit,
    /// Whose `X-Forwarded-For` counts.
    proxies: Arc<[AddressRange]>,
    /// Whose `Client-Cert` counts.
    certificate_proxies: Arc<[AddressRange]>,
    authorities: ClientAuthorities,
}

/// One request at the gate. Whoever authenticates its caller admits it here.
#[derive(Clone)]
pub(in crate::http) struct Entrance {
    gate: Gate,
    address: IpAddr,
    certificate: Option<Arc<PresentedCertificate>>,
    told: Arc<Mutex<Option<Allowance>>>,
}

impl Gate {
    #[must_use]
    pub(in crate::http) fn new(options: &HttpOptions) -> Self {
        let clock = || Arc::clone(&options.clock);
        Self {
            public: PublicLimit::per_minute(options.public_requests_per_minute, clock()),
            callers: CallerLimit::new(options.quotas, clock()),
            proxies: options.trusted_proxies.clone().into(),
            certificate_proxies: options.client_certificate_proxies.clone().into(),
            authorities: options.client_authorities.clone(),
        }
    }

    /// The address that asks. Of a proxy that is trusted, the last address that it forwards for is one that
    /// it saw itself; what stands before that in the header, anyone may have written.
    #[must_use]
    pub(in crate::http) fn address(&self, peer: Option<&Peer>, headers: &HeaderMap) -> IpAddr {
        let peer = peer.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.address);
        if !holds(&self.proxies, peer) {
            return peer;
        }
        let line = headers.get_all(FORWARDED_FOR).iter().next_back();
        line.and_then(|line| line.to_str().ok()?.rsplit(',').next()?.trim().parse().ok())
            .unwrap_or(peer)
    }

    /// The request's entrance.
    ///
    /// # Errors
    /// A problem when it brings a forwarded certificate from somewhere else than a configured proxy, or one
    /// that cannot be read.
    pub(in crate::http) fn entrance(
        &self,
        peer: Option<&Peer>,
        headers: &HeaderMap,
    ) -> Result<Entrance, Problem> {
        let own = peer.and_then(|peer| peer.certificate.clone());
        let certificate = if forwarded_certificate::is_in(headers) {
            let from_proxy =
                peer.is_some_and(|peer| holds(&self.certificate_proxies, peer.address));
            if !from_proxy {
                return Err(Problem::new(ProblemType::ClientCertificateNotForwarded));
            }
            Some(Arc::new(forwarded_certificate::read(
                headers,
                &self.authorities,
            )?))
        } else {
            own
        };
        Ok(Entrance {
            gate: self.clone(),
            address: self.address(peer, headers),
            certificate,
            told: Arc::default(),
        })
    }
}

impl Entrance {
    /// The certificate that it brought, if it brought one.
    #[must_use]
    pub(in crate::http) const fn certificate(&self) -> Option<&Arc<PresentedCertificate>> {
        self.certificate.as_ref()
    }

    /// What the caller was told of its allowance, once it was admitted or refused for it.
    #[must_use]
    pub(in crate::http) fn told(&self) -> Option<Allowance> {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets an authenticated caller in, if it calls from where it may and not too often.
    ///
    /// # Errors
    /// A problem that says which of the two it is, or that it could not be told.
    pub(in crate::http) async fn admit(&self, caller: &Caller, app: &App) -> Result<(), Problem> {
        if !caller.terms.networks.allow(self.address) {
            let address = self.address.to_canonical().to_string();
            return Err(Problem::new(ProblemType::AddressNotAllowed).with("address", address));
        }
        let draw = async |of: DailyQuota, wanted| {
            let drawing = app.draw_requests(&caller.party.id, of.day, (wanted, of.requests));
            drawing.await
        };
        let Some(allowance) = self.gate.callers.take(caller, draw).await? else {
            return Ok(());
        };
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(allowance);
        if allowance.granted {
            return Ok(());
        }
        Err(Problem::new(ProblemType::CallerRateLimited).retry_after(allowance.reset_after))
    }

    /// Lets somebody go on whose request is counted for the address that it comes from.
    ///
    /// # Errors
    /// A problem when the address asked too often.
    pub(in crate::http) fn admit_by_address(&self) -> Result<(), Problem> {
        let allowance = self.gate.public.take(self.address);
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(allowance);
        if allowance.granted {
            return Ok(());
        }
        Err(Problem::new(ProblemType::RateLimited).retry_after(allowance.reset_after))
    }
}

fn holds(ranges: &[AddressRange], address: IpAddr) -> bool {
    let address = address.to_canonical();
    ranges.iter().any(|range| range.contains(address))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::clock::FixedClock;
    use crate::clock::Timestamp;
    use crate::crypto::random::SeededRandom;

    /// The address that asks, as the gate with the usual options sees it.
    fn asker(peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
        let clock = Arc::new(FixedClock::new(Timestamp::UNIX_EPOCH));
        let options = HttpOptions::new(clock, Arc::new(SeededRandom::new([1; 32])));
        let peer = peer.map(|address| Peer {
            address,
            certificate: None,
        });
        Gate::new(&options).address(peer.as_ref(), headers)
    }

    fn forwarded(values: &[&'static str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(FORWARDED_FOR, HeaderValue::from_static(value));
        }
        headers
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn behind_a_proxy_on_this_machine_the_last_forwarded_address_asks() {
        let headers = forwarded(&["203.0.113.1, 198.51.100.2"]);
        assert_eq!(asker(Some(ip("127.0.0.1")), &headers), ip("198.51.100.2"));
        let headers = forwarded(&["203.0.113.1", "2001:db8::7"]);
        assert_eq!(asker(Some(ip("::1")), &headers), ip("2001:db8::7"));
    }

    #[test]
    fn nobody_else_can_claim_another_address() {
        let headers = forwarded(&["203.0.113.1"]);
        assert_eq!(asker(Some(ip("192.0.2.9")), &headers), ip("192.0.2.9"));
        assert_eq!(asker(None, &headers), ip("0.0.0.0"));
    }

    #[test]
    fn an_unreadable_forwarded_address_counts_as_the_proxy() {
        for value in ["", "unknown", "1.2.3.4, ", "1.2.3.4:80"] {
            assert_eq!(
                asker(Some(ip("127.0.0.1")), &forwarded(&[value])),
                ip("127.0.0.1"),
                "{value}"
            );
        }
    }
}
