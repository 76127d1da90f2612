//! First inputs of revocation: lists and responses with everything that they may have.

use yinxin::pki::der;

use crate::certificate_writer as writer;
use crate::certificate_writer::Extension;

/// `ecdsa-with-SHA256`.
fn algorithm() -> Vec<u8> {
    writer::sequence(&[writer::oid("1.2.840.10045.4.3.2")])
}

/// Signed by nobody.
fn signed(tbs: Vec<u8>, more: Vec<u8>) -> Vec<u8> {
    let signature = der::encode(der::BIT_STRING, &[0; 9]);
    writer::sequence(&[tbs, algorithm(), signature, more])
}

fn utc(text: &str) -> Vec<u8> {
    der::encode(der::UTC_TIME, text.as_bytes())
}

fn generalized(text: &str) -> Vec<u8> {
    der::encode(der::GENERALIZED_TIME, text.as_bytes())
}

fn explicit(number: u8, content: &[u8]) -> Vec<u8> {
    der::encode(der::context_constructed(number), content)
}

fn number(value: u8) -> Vec<u8> {
    der::encode(der::INTEGER, &[value])
}

fn extensions(list: &[Extension]) -> Vec<u8> {
    writer::sequence(&list.iter().map(Extension::to_der).collect::<Vec<_>>())
}

fn full_name(uri: &str) -> Vec<u8> {
    explicit(0, &explicit(0, &writer::uri(uri)))
}

/// Certificate revocation lists: none revoked, some, a delta, one for several issuers, one of some reasons.
pub fn crls() -> Vec<Vec<u8>> {
    let entry = |serial: u8, list: &[Extension]| {
        let extensions = match list {
            [] => Vec::new(),
            some => extensions(some),
        };
        writer::sequence(&[number(serial), utc("250101000000Z"), extensions])
    };
    let reason =
        |code: u8| Extension::new("2.5.29.21", false, der::encode(der::ENUMERATED, &[code]));
    let invalid_since = Extension::new("2.5.29.24", false, generalized("20241231000000Z"));
    let issuer = writer::sequence(&[writer::directory(&writer::common_name("Other CA"))]);
    let issuer = Extension::new("2.5.29.29", true, issuer);
    let crl_number = Extension::new("2.5.29.20", false, number(7));
    let key = writer::authority_key_id(&[7; 20]);
    let delta = Extension::new("2.5.29.27", true, number(5));
    let scope = |fields: &[u8]| {
        let name = full_name("http://crl.example/1.crl");
        let value = writer::sequence(&[name, fields.to_vec()]);
        Extension::new("2.5.29.28", true, value)
    };
    let freshest = writer::sequence(&[writer::sequence(&[full_name("http://crl.example/d.crl")])]);
    let freshest = Extension::new("2.5.29.46", false, freshest);
    let list = |entries: &[Vec<u8>], more: &[Extension]| {
        let entries = match entries {
            [] => Vec::new(),
            some => writer::sequence(some),
        };
        let tbs = writer::sequence(&[
            number(1),
            algorithm(),
            writer::common_name("CA"),
            utc("250601000000Z"),
            utc("250701000000Z"),
            entries,
            explicit(
                0,
                &extensions(&[&[crl_number.clone(), key.clone()], more].concat()),
            ),
        ]);
        signed(tbs, Vec::new())
    };
    let some = [
        entry(1, &[]),
        entry(2, &[reason(1), invalid_since]),
        entry(3, &[reason(6)]),
    ];
    vec![
        list(&[], &[]),
        list(&some, &[freshest]),
        list(&[entry(3, &[reason(8)])], &[delta]),
        list(
            &[entry(4, &[issuer]), entry(5, &[])],
            &[scope(&[0x84, 1, 0xff])],
        ),
        list(
            &[entry(6, &[reason(1)])],
            &[scope(&[0x83, 2, 5, 0x60, 0x81, 1, 0xff])],
        ),
    ]
}

/// OCSP responses: refusals, and one signed answer about four certificates.
pub fn ocsp_responses() -> Vec<Vec<u8>> {
    let status = |code: u8| der::encode(der::ENUMERATED, &[code]);
    let hash = |octets: &[u8]| der::encode(der::OCTET_STRING, octets);
    let answer = |serial: u8, status: Vec<u8>, more: Vec<u8>| {
        let sha1 = writer::sequence(&[writer::oid("1.3.14.3.2.26"), der::encode(der::NULL, &[])]);
        let id = writer::sequence(&[sha1, hash(&[1; 20]), hash(&[2; 20]), number(serial)]);
        writer::sequence(&[id, status, generalized("20250601000000Z"), more])
    };
    let next_update = explicit(0, &generalized("20250701000000Z"));
    let revoked = [generalized("20250101000000Z"), explicit(0, &status(1))].concat();
    let answers = [
        answer(1, vec![0x80, 0], next_update.clone()),
        answer(2, explicit(1, &revoked), next_update),
        answer(3, vec![0x82, 0], Vec::new()),
        answer(4, explicit(1, &generalized("19700101000000Z")), Vec::new()),
    ];
    let nonce = Extension::new("1.3.6.1.5.5.7.48.1.2", false, hash(&[9; 32]));
    let tbs = writer::sequence(&[
        explicit(2, &hash(&[3; 20])),
        generalized("20250601000001Z"),
        writer::sequence(&answers),
        explicit(1, &extensions(&[nonce])),
    ]);
    let certificate = crate::unsigned::certificate(|_| ()).expect("a good one");
    let certificates = explicit(0, &writer::sequence(&[certificate.der().to_vec()]));
    let basic = hash(&signed(tbs, certificates));
    let bytes = writer::sequence(&[writer::oid("1.3.6.1.5.5.7.48.1.1"), basic]);
    let mut seeds: Vec<Vec<u8>> = [1, 2, 3, 5, 6]
        .map(|code| writer::sequence(&[status(code)]))
        .to_vec();
    seeds.push(writer::sequence(&[status(0), explicit(0, &bytes)]));
    seeds
}
