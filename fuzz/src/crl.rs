//! Laws of [`Crl::parse_der`].

use x509_parser::prelude::FromDer as _;
use x509_parser::revocation_list::CertificateRevocationList;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::revocation::crl::CoveredIssuers;
use yinxin::pki::revocation::crl::Crl;

use crate::unsigned;

/// A list keeps its bytes; with its last byte missing, or one more, it is none; no entry is lost and none
/// is made up; another reader, where it reads the list at all, reads the same.
pub fn parse(data: &[u8]) {
    let crl = match Crl::parse_der(data) {
        Ok(crl) => crl,
        Err(refusal) => {
            assert_can_be_shown(&refusal.to_string());
            return;
        }
    };
    assert_eq!(crl.der(), data, "not what was read");
    let shorter = data.split_last().map_or(data, |(_, shorter)| shorter);
    assert!(Crl::parse_der(shorter).is_err(), "a byte fewer");
    assert!(
        Crl::parse_der([data, &[0]].concat()).is_err(),
        "a byte more"
    );
    if let Some(flaw) = crl.flaw() {
        assert_can_be_shown(&flaw.to_string());
    }
    if let Ok((_, peer)) = CertificateRevocationList::from_der(data) {
        assert_reads_as_x509_parser(&crl, &peer);
    }
}

fn assert_reads_as_x509_parser(crl: &Crl, peer: &CertificateRevocationList<'_>) {
    assert_eq!(crl.issuer().der(), peer.issuer().as_raw());
    assert_eq!(crl.tbs_der(), peer.tbs_cert_list.as_ref());
    assert_eq!(crl.signature(), &*peer.signature_value.data);
    assert_eq!(
        crl.this_update().as_unix_seconds(),
        peer.last_update().timestamp()
    );
    let next_update = peer.next_update().map(|time| time.timestamp());
    assert_eq!(
        crl.next_update().map(|time| time.as_unix_seconds()),
        next_update
    );
    let serials: Vec<&[u8]> = peer
        .iter_revoked_certificates()
        .map(|entry| entry.raw_serial())
        .collect();
    assert_eq!(crl.entry_count(), serials.len(), "entries");
    let is_direct = crl
        .issuing_distribution_point()
        .is_none_or(|point| point.issuers() != CoveredIssuers::Any);
    if !is_direct || crl.issuer().is_empty() {
        return;
    }
    for serial in serials.iter().take(16) {
        let Some(certificate) = numbered(serial) else {
            continue;
        };
        let found = crl.find(crl.issuer(), certificate.serial());
        assert!(found.is_some(), "{} is lost", certificate.serial());
    }
    let absent = [0x5a; 19];
    if let Some(certificate) = numbered(&absent)
        && !serials.contains(&absent.as_slice())
    {
        assert_eq!(
            crl.find(crl.issuer(), certificate.serial()),
            None,
            "made up"
        );
    }
}

fn numbered(serial: &[u8]) -> Option<Certificate> {
    // Negative ones the writer does not write.
    if serial.first().is_none_or(|first| *first >= 0x80) {
        return None;
    }
    unsigned::certificate(|draft| draft.serial = serial.to_vec())
}

fn assert_can_be_shown(text: &str) {
    assert!(!text.chars().any(char::is_control), "{text:?}");
}
