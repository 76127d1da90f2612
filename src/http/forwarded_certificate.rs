//! Client certificates that a proxy forwards in a header (RFC 9440).
//!
//! The proxy proved possession of the private key; we cannot. So only proxies that the operator configured
//! are believed, and who else sends the header is refused rather than served without it: a forgery is to
//! show, and a proxy that passes on what clients send is to be noticed.

use axum::http::HeaderMap;
use axum::http::HeaderName;
use rustls::pki_types::CertificateDer;

use crate::encoding::base64;
use crate::http::client_authorities::ClientAuthorities;
use crate::http::problem::Problem;
use crate::http::problem::table::ProblemType;
use crate::registry::client_certificate::PresentedCertificate;

const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");
const CLIENT_CERT_CHAIN: HeaderName = HeaderName::from_static("client-cert-chain");

/// The largest certificate that is read: ten times a common one.
const MAX_CERTIFICATE_BYTES: usize = 16 * 1024;
/// Certificates of a chain: as many as a path has at most in practice.
const MAX_CHAIN: usize = 8;

/// Whether a request brings a forwarded certificate, or pretends to.
#[must_use]
pub(in crate::http) fn is_in(headers: &HeaderMap) -> bool {
    headers.contains_key(CLIENT_CERT) || headers.contains_key(CLIENT_CERT_CHAIN)
}

/// Reads `Client-Cert` (RFC 9440 §2.2) and, if there is one, `Client-Cert-Chain` (§2.3).
///
/// # Errors
/// A problem naming the header.
pub(in crate::http) fn read(
    headers: &HeaderMap,
    authorities: &ClientAuthorities,
) -> Result<PresentedCertificate, Problem> {
    let mut values = headers.get_all(&CLIENT_CERT).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(refused(&CLIENT_CERT));
    };
    let end_entity = value.to_str().ok().and_then(byte_sequence);
    let end_entity = end_entity.ok_or_else(|| refused(&CLIENT_CERT))?;
    let mut chain = Vec::new();
    for value in headers.get_all(&CLIENT_CERT_CHAIN) {
        let value = value
            .to_str()
            .map_err(|_malformed| refused(&CLIENT_CERT_CHAIN))?;
        for member in value.split(',') {
            let der = byte_sequence(member).filter(|_| chain.len() < MAX_CHAIN);
            let der = der.ok_or_else(|| refused(&CLIENT_CERT_CHAIN))?;
            chain.push(CertificateDer::from(der));
        }
    }
    authorities
        .present(&end_entity, &chain)
        .map_err(|_malformed| refused(&CLIENT_CERT))
}

/// A byte sequence of structured fields (RFC 9651 §3.3.5), without parameters.
fn byte_sequence(text: &str) -> Option<Vec<u8>> {
    let inner = text
        .trim_matches(' ')
        .strip_prefix(':')?
        .strip_suffix(':')?;
    base64::decode(inner, MAX_CERTIFICATE_BYTES).ok()
}

fn refused(header: &HeaderName) -> Problem {
    Problem::new(ProblemType::InvalidHeader)
        .explained("it is not a certificate in the form of RFC 9440".to_owned())
        .with("header", header.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_sequence_is_base64_between_colons() {
        assert_eq!(byte_sequence(":AQI=:"), Some(vec![1, 2]));
        assert_eq!(byte_sequence(" :AQI=: "), Some(vec![1, 2]));
        for text in ["", ":", "AQI=", ":AQI", ":AQI=", ":%%:", ":AQI=:;a=1"] {
            assert_eq!(byte_sequence(text), None, "{text}");
        }
    }
}
