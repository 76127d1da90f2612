//! Evidence as CAs make it: revocation lists, and a responder that answers what it is asked.

use yinxin::clock::Timestamp;
use yinxin::crypto::sign::SigningKey;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::der;
use yinxin::pki::issue::IssuingCa;

const SEQUENCE: u8 = 0x30;
/// `ecdsa-with-SHA256` (RFC 5758 §3.2).
const ECDSA_SHA256: [u8; 10] = [6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
/// `id-ce-cRLNumber` (RFC 5280 §5.2.3).
const CRL_NUMBER: [u8; 5] = [6, 3, 0x55, 0x1d, 20];
/// `id-ce-authorityKeyIdentifier` (RFC 5280 §5.2.1).
const AUTHORITY_KEY_IDENTIFIER: [u8; 5] = [6, 3, 0x55, 0x1d, 35];
/// `id-pkix-ocsp-basic` (RFC 6960 §4.2.1).
const OCSP_BASIC: [u8; 11] = [6, 9, 0x2b, 6, 1, 5, 5, 7, 0x30, 1, 1];

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    der::encode(SEQUENCE, &parts.concat())
}

/// `20260601000000Z`, or without the first digits.
fn time(at: Timestamp, tag: u8, without: usize) -> Vec<u8> {
    let digits: String = at
        .to_string()
        .chars()
        .filter(char::is_ascii_digit)
        .skip(without)
        .collect();
    der::encode(tag, format!("{digits}Z").as_bytes())
}

fn utc_time(at: Timestamp) -> Vec<u8> {
    time(at, 0x17, 2)
}

fn generalized_time(at: Timestamp) -> Vec<u8> {
    time(at, 0x18, 0)
}

fn signed(tbs: Vec<u8>, key: &SigningKey) -> [Vec<u8>; 3] {
    let mut bits = vec![0];
    bits.extend(key.sign_der(&tbs).unwrap());
    let algorithm = sequence(&[ECDSA_SHA256.to_vec()]);
    [tbs, algorithm, der::encode(0x03, &bits)]
}

/// A list on which nobody stands.
pub(crate) fn crl(
    ca: &IssuingCa,
    number: u8,
    this_update: Timestamp,
    next_update: Timestamp,
) -> Vec<u8> {
    let extension =
        |oid: &[u8], value: Vec<u8>| sequence(&[oid.to_vec(), der::encode(0x04, &value)]);
    let key_id = ca.certificate().subject_key_id().unwrap();
    let extensions = sequence(&[
        extension(
            &AUTHORITY_KEY_IDENTIFIER,
            sequence(&[der::encode(0x80, key_id)]),
        ),
        extension(&CRL_NUMBER, der::encode_unsigned(&[number])),
    ]);
    let tbs = sequence(&[
        der::encode_unsigned(&[1]),
        sequence(&[ECDSA_SHA256.to_vec()]),
        ca.certificate().subject().der().to_vec(),
        utc_time(this_update),
        utc_time(next_update),
        der::encode(0xa0, &extensions),
    ]);
    sequence(&signed(tbs, ca.key()))
}

/// Whoever answers.
pub(super) struct Responder<'a> {
    pub(super) certificate: &'a Certificate,
    pub(super) key: &'a SigningKey,
    /// Whether its certificate comes with its answers.
    pub(super) introduced: bool,
}

impl<'a> Responder<'a> {
    /// The CA itself.
    pub(super) fn ca(ca: &'a IssuingCa) -> Self {
        Self {
            certificate: ca.certificate(),
            key: ca.key(),
            introduced: false,
        }
    }

    /// Good, whatever is asked for in `request`.
    pub(super) fn answer(
        &self,
        request: &[u8],
        this_update: Timestamp,
        next_update: Timestamp,
    ) -> Vec<u8> {
        let single = sequence(&[
            cert_id(request),
            der::encode(0x80, &[]),
            generalized_time(this_update),
            der::encode(0xa0, &generalized_time(next_update)),
        ]);
        let tbs = sequence(&[
            der::encode(0xa1, self.certificate.subject().der()),
            generalized_time(this_update),
            sequence(&[single]),
        ]);
        let mut basic = signed(tbs, self.key).to_vec();
        if self.introduced {
            let certificates = sequence(&[self.certificate.der().to_vec()]);
            basic.push(der::encode(0xa0, &certificates));
        }
        let octets = der::encode(0x04, &sequence(&basic));
        let bytes = sequence(&[OCSP_BASIC.to_vec(), octets]);
        sequence(&[der::encode(0x0a, &[0]), der::encode(0xa0, &bytes)])
    }
}

/// `unauthorized`, which anybody may say.
pub(super) fn ocsp_refusal() -> Vec<u8> {
    sequence(&[der::encode(0x0a, &[6])])
}

/// The one `CertID` that is asked about.
fn cert_id(request: &[u8]) -> Vec<u8> {
    let mut list = der::single(request).unwrap();
    // OCSPRequest, TBSRequest, requestList, Request.
    for _ in 0..3 {
        let mut fields = list.reader();
        list = fields.read().unwrap();
        while list.tag != SEQUENCE {
            list = fields.read().unwrap();
        }
    }
    list.reader().read().unwrap().whole.to_vec()
}

/// The same with the last bit of its signature changed.
pub(super) fn forged(bytes: &[u8]) -> Vec<u8> {
    let mut forged = bytes.to_vec();
    *forged.last_mut().unwrap() ^= 1;
    forged
}
