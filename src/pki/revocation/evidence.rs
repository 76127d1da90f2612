//! CRLs and OCSP responses at hand, found by what they may be about.

use std::collections::HashMap;
use std::sync::LazyLock;

use crate::pki::name::DistinguishedName;
use crate::pki::revocation::crl::Crl;
use crate::pki::revocation::ocsp::BasicResponse;
use crate::pki::revocation::ocsp::Nonce;
use crate::pki::revocation::ocsp::OcspResponse;
use crate::pki::revocation::ocsp::RefusalStatus;
use crate::pki::revocation::ocsp::SingleResponse;

/// CRLs and OCSP responses, none of them trusted yet.
///
/// Made once and then only looked at, so that it can be shared. Finding those that may be about a
/// certificate takes no longer for thousands than for one.
#[derive(Debug, Default)]
pub struct Evidence {
    crls: Vec<Crl>,
    /// By what issuers' names are compared by.
    crls_by_issuer: HashMap<Box<[u8]>, Vec<usize>>,
    responses: Vec<Received>,
    /// By the serial number asked about: which response, which answer in it.
    answers_by_serial: HashMap<Box<[u8]>, Vec<(usize, usize)>>,
    refusals: Vec<RefusalStatus>,
}

/// An OCSP response, and what is known of the request that it answers.
#[derive(Clone, Debug)]
pub struct ReceivedResponse {
    /// What came.
    pub response: OcspResponse,
    /// The nonce of the request, if it had one: then the response has to bear it.
    pub nonce: Option<Nonce>,
}

#[derive(Debug)]
struct Received {
    response: BasicResponse,
    request: RequestMatch,
}

/// Whether a response answers the request that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RequestMatch {
    /// The request bore a nonce, and the response not the same.
    Another,
    /// The nonces are equal, or the request bore none.
    Fits,
}

/// One answer about one certificate.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    pub(super) response: &'a BasicResponse,
    pub(super) single: &'a SingleResponse,
    pub(super) request: RequestMatch,
}

impl From<OcspResponse> for ReceivedResponse {
    fn from(response: OcspResponse) -> Self {
        let nonce = None;
        Self { response, nonce }
    }
}

impl Evidence {
    /// Indexes `crls` and `responses`; what occurs twice counts once.
    #[must_use]
    pub fn new(
        crls: impl IntoIterator<Item = Crl>,
        responses: impl IntoIterator<Item = ReceivedResponse>,
    ) -> Self {
        let mut evidence = Self::default();
        for crl in crls {
            evidence.take_crl(crl);
        }
        for received in responses {
            evidence.take_response(received);
        }
        evidence
    }

    /// Nothing at all, to borrow.
    #[must_use]
    pub fn none() -> &'static Self {
        static NONE: LazyLock<Evidence> = LazyLock::new(Evidence::default);
        &NONE
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.crls.is_empty() && self.responses.is_empty() && self.refusals.is_empty()
    }

    /// The CRLs, in the order in which they came.
    #[must_use]
    pub fn crls(&self) -> &[Crl] {
        &self.crls
    }

    /// The OCSP responses that say something, in the order in which they came.
    pub fn responses(&self) -> impl Iterator<Item = &BasicResponse> {
        self.responses.iter().map(|received| &received.response)
    }

    fn take_crl(&mut self, crl: Crl) {
        let key = crl.issuer().comparison_key().into();
        let of_issuer = self.crls_by_issuer.entry(key).or_default();
        let mut known = of_issuer.iter().filter_map(|place| self.crls.get(*place));
        if known.all(|other| *other != crl) {
            of_issuer.push(self.crls.len());
            self.crls.push(crl);
        }
    }

    fn take_response(&mut self, received: ReceivedResponse) {
        let response = match received.response {
            OcspResponse::Basic(response) => response,
            OcspResponse::Refusal(status) => {
                if !self.refusals.contains(&status) {
                    self.refusals.push(status);
                }
                return;
            }
        };
        let fits = received
            .nonce
            .is_none_or(|nonce| response.has_nonce(&nonce));
        let place = self.responses.len();
        for (number, single) in response.answers().iter().enumerate() {
            let key = single.id.serial().into();
            let of_serial = self.answers_by_serial.entry(key).or_default();
            of_serial.push((place, number));
        }
        self.responses.push(Received {
            response,
            request: match fits {
                true => RequestMatch::Fits,
                false => RequestMatch::Another,
            },
        });
    }

    /// The CRLs of `issuer`.
    pub(super) fn crls_of(&self, issuer: &DistinguishedName) -> impl Iterator<Item = &Crl> {
        // An empty name names nobody.
        let places = match issuer.is_empty() {
            true => None,
            false => self.crls_by_issuer.get(issuer.comparison_key()),
        };
        let places = places.map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.crls.get(*place))
    }

    /// The answers about certificates of the serial number whose contents octets are given, of whatever
    /// issuer.
    pub(super) fn answers_about(&self, serial: &[u8]) -> impl Iterator<Item = Answer<'_>> {
        let places = self.answers_by_serial.get(serial);
        let places = places.map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|(place, number)| {
            let received = self.responses.get(*place)?;
            Some(Answer {
                response: &received.response,
                single: received.response.answers().get(*number)?,
                request: received.request,
            })
        })
    }

    /// The refusals that came in place of answers. Nobody can say about which certificate.
    pub(super) fn refusals(&self) -> &[RefusalStatus] {
        &self.refusals
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::digest::DigestAlgorithm;
    use crate::pki::certificate::Certificate;
    use crate::pki::certificate::fixtures::Parts;
    use crate::pki::certificate::fixtures::common_name;
    use crate::pki::certificate::fixtures::extension;
    use crate::pki::certificate::fixtures::sequence;
    use crate::pki::der;
    use crate::pki::revocation::crl::fixtures::CrlParts;
    use crate::pki::revocation::ocsp::CertificateId;
    use crate::pki::revocation::ocsp::fixtures::ResponseParts;
    use crate::pki::revocation::ocsp::fixtures::SingleParts;

    fn name(text: &str) -> DistinguishedName {
        DistinguishedName::parse_der(&common_name(text)).unwrap()
    }

    fn crl(issuer: &str) -> Crl {
        Crl::parse_der(CrlParts::good(issuer).der()).unwrap()
    }

    #[test]
    fn crls_are_found_by_their_issuers_name() {
        let mut nameless = CrlParts::good("x");
        nameless.issuer = sequence(&[]);
        let nameless = Crl::parse_der(nameless.der()).unwrap();
        let crls = [crl("CA"), crl("CB"), crl("ca "), crl("CA"), nameless];
        let evidence = Evidence::new(crls, []);
        assert_eq!(evidence.crls().len(), 4);
        assert_eq!(evidence.crls_of(&name("Ca")).count(), 2);
        assert_eq!(evidence.crls_of(&name("CB")).count(), 1);
        assert_eq!(evidence.crls_of(&name("CC")).count(), 0);
        let nobody = DistinguishedName::parse_der(&sequence(&[])).unwrap();
        assert_eq!(evidence.crls_of(&nobody).count(), 0);
    }

    #[test]
    fn answers_are_found_by_serial_number() {
        let certificate = Certificate::parse_der(&Parts::good().der()).unwrap();
        let key = certificate.public_key();
        let id = CertificateId::new(&certificate, key, DigestAlgorithm::Sha1);
        let nonce = Nonce([1; 32]);
        let respond = |extensions: Vec<Vec<u8>>| {
            let singles = vec![SingleParts::good(&id), SingleParts::unknown(&id)];
            let mut parts = ResponseParts::good("R", singles);
            parts.extensions = extensions;
            OcspResponse::parse_der(parts.der()).unwrap()
        };
        let value = der::encode(der::OCTET_STRING, &nonce.0);
        let with_nonce = || respond(vec![extension("1.3.6.1.5.5.7.48.1.2", false, &value)]);
        let refused = || OcspResponse::Refusal(RefusalStatus::TryLater).into();
        let asked = |response| ReceivedResponse {
            response,
            nonce: Some(nonce),
        };
        let evidence = Evidence::new(
            [],
            [
                respond(vec![]).into(),
                refused(),
                asked(with_nonce()),
                asked(respond(vec![])),
                refused(),
            ],
        );
        let serial = certificate.serial().as_bytes();
        let found: Vec<RequestMatch> = evidence
            .answers_about(serial)
            .map(|answer| answer.request)
            .collect();
        let fits = RequestMatch::Fits;
        let another = RequestMatch::Another;
        assert_eq!(found, [fits, fits, fits, fits, another, another]);
        assert_eq!(evidence.answers_about(b"\x01").count(), 0);
        assert_eq!(evidence.refusals(), [RefusalStatus::TryLater]);
    }
}
