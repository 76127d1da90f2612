//! Laws of [`Certificate::parse_der`] and [`parse_all`].

use std::cmp::Ordering;

use openssl::asn1::Asn1Time;
use openssl::x509::X509;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use yinxin::clock::Timestamp;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::certificate::parse_all;
use yinxin::pki::oid::Oid;

/// A certificate keeps its bytes, and its to-be-signed part and signature lie inside them; whatever it
/// shows can be shown on a terminal; a file of several holds nothing that would not parse alone; two
/// other readers, where they read it at all, read the same; with its last byte missing, or one more, it
/// is none.
pub fn parse(data: &[u8]) {
    if let Ok(certificate) = Certificate::parse_der(data) {
        assert_eq!(certificate.der(), data, "not what was read");
        assert_lawful(&certificate);
        if let Ok((_, peer)) = X509Certificate::from_der(data) {
            assert_reads_as_x509_parser(&certificate, &peer);
        }
        if let Ok(peer) = X509::from_der(data) {
            assert_reads_as_openssl(&certificate, &peer);
        }
        let longer = [data, &[0]].concat();
        assert!(Certificate::parse_der(&longer).is_err(), "a byte more");
        let shorter = data.split_last().map_or(data, |(_, shorter)| shorter);
        assert!(Certificate::parse_der(shorter).is_err(), "a byte fewer");
    }
    for certificate in parse_all(data, 16).unwrap_or_default() {
        assert_lawful(&certificate);
        let again = Certificate::parse_der(certificate.der()).expect("it parsed before");
        assert_eq!(again.sha256(), certificate.sha256());
    }
}

fn assert_lawful(certificate: &Certificate) {
    assert_inside(certificate.der(), certificate.tbs_der());
    assert_inside(certificate.der(), certificate.signature());
    for shown in [
        certificate.subject().to_string(),
        certificate.issuer().to_string(),
        certificate.serial().to_string(),
        certificate.not_before().to_string(),
        certificate.not_after().to_string(),
    ] {
        assert!(!shown.chars().any(char::is_control), "{shown:?}");
    }
    assert!(certificate.subject().matches(certificate.subject()));
    assert_eq!(
        certificate.is_self_issued(),
        certificate.subject().matches(certificate.issuer())
    );
}

fn assert_inside(whole: &[u8], part: &[u8]) {
    let found = part.is_empty() || whole.windows(part.len()).any(|window| window == part);
    assert!(found, "a part lies outside the certificate");
}

fn assert_reads_as_x509_parser(ours: &Certificate, peer: &X509Certificate<'_>) {
    assert_eq!(ours.tbs_der(), peer.tbs_certificate.as_ref());
    // Bits that do not fill their last octet are no signature.
    let signature = match peer.signature_value.unused_bits {
        0 => &*peer.signature_value.data,
        _ => &[],
    };
    assert_eq!(ours.signature(), signature);
    assert_eq!(ours.issuer().der(), peer.issuer().as_raw());
    assert_eq!(ours.subject().der(), peer.subject().as_raw());
    assert_eq!(ours.public_key().spki_der(), peer.public_key().raw);
    assert_eq!(ours.version(), peer.version().0 + 1);
    let period = [ours.not_before(), ours.not_after()].map(Timestamp::as_unix_seconds);
    let validity = peer.validity();
    assert_eq!(
        period,
        [validity.not_before, validity.not_after].map(|time| time.timestamp())
    );
    for extension in peer.extensions() {
        // The peer's own text of an identifier is wrong where the first octet has a follower.
        let oid = Oid::from_der_content(extension.oid.as_bytes()).expect("we read it");
        let value = ours.extension_value(&oid);
        assert_eq!(value, Some(extension.value), "{oid}");
        let is_critical = ours.is_extension_critical(&oid);
        assert_eq!(is_critical, extension.critical, "{oid}");
    }
    if let Ok(Some(constraints)) = peer.basic_constraints() {
        let read = ours.basic_constraints().expect("the peer found them");
        assert_eq!(read.is_ca, constraints.value.ca);
        assert_eq!(read.max_path_length, constraints.value.path_len_constraint);
    }
    if let Ok(Some(usage)) = peer.key_usage() {
        let read = ours.key_usage().expect("the peer found it");
        assert_eq!(read.key_cert_sign(), usage.value.key_cert_sign());
    }
}

fn assert_reads_as_openssl(ours: &Certificate, peer: &X509) {
    let name = |name: &openssl::x509::X509NameRef| name.to_der().expect("a name");
    assert_eq!(ours.issuer().der(), name(peer.issuer_name()));
    assert_eq!(ours.subject().der(), name(peer.subject_name()));
    if !ours.signature().is_empty() {
        assert_eq!(ours.signature(), peer.signature().as_slice());
    }
    for (ours, peer) in [
        (ours.not_before(), peer.not_before()),
        (ours.not_after(), peer.not_after()),
    ] {
        let ours = Asn1Time::from_unix(ours.as_unix_seconds()).expect("a time");
        if let Ok(order) = ours.compare(peer) {
            assert_eq!(order, Ordering::Equal);
        }
    }
    if let Some(id) = peer.subject_key_id() {
        assert_eq!(ours.subject_key_id(), Some(id.as_slice()));
    }
    if let Some(id) = peer.authority_key_id() {
        assert_eq!(ours.authority_key_id(), Some(id.as_slice()));
    }
}
