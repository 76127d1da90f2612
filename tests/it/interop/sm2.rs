//! SM2 certificates of ours, judged by OpenSSL's command line.
//!
//! It takes the identifier for the one certificate that it is asked about, and leaves an empty one for those
//! above: hence a root and what it issued, and no more.

use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::random::SeededRandom;
use yinxin::crypto::sign::SigningKey;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::issue::IssuingCa;
use yinxin::pki::issue::issue_end_entity;
use yinxin::pki::issue::issue_root;
use yinxin::pki::issue::profile::EndEntityUsage;

use crate::city;
use crate::interop::openssl::OpenSsl;

static RANDOM: SeededRandom = SeededRandom::new([7; 32]);

fn key(purpose: KeyPurpose) -> SigningKey {
    SigningKey::generate_sm2(purpose, &RANDOM).unwrap().0
}

fn root() -> IssuingCa {
    let key = key(KeyPurpose::CertificateAuthority);
    let certificate = issue_root(&key, &city::issuer_profile(1), None).unwrap();
    IssuingCa::new(certificate, key).unwrap()
}

fn end_entity(root: &IssuingCa) -> Certificate {
    let key = key(KeyPurpose::Credential);
    let usage = EndEntityUsage::Signer(Vec::new());
    issue_end_entity(root, key.public_key(), &city::issuer_profile(2), &usage).unwrap()
}

fn is_accepted(openssl: &OpenSsl, end_entity: &Certificate, root: &Certificate, id: &str) -> bool {
    openssl.write("root.pem", &[root]);
    openssl.write("end-entity.pem", &[end_entity]);
    let at = city::now().as_unix_seconds().to_string();
    let id = format!("distid:{id}");
    let arguments = [
        "verify",
        "-vfyopt",
        &id,
        "-attime",
        &at,
        "-no-CApath",
        "-CAfile",
        "root.pem",
        "end-entity.pem",
    ];
    openssl.run(&arguments).status.success()
}

#[test]
fn openssl_accepts_what_an_sm2_ca_issues() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let (one, other) = (root(), root());
    let certificate = end_entity(&one);
    let (one, other) = (one.certificate(), other.certificate());
    let id = "1234567812345678";
    assert!(is_accepted(&openssl, &certificate, one, id));
    assert!(
        !is_accepted(&openssl, &certificate, one, ""),
        "another identifier"
    );
    assert!(
        !is_accepted(&openssl, &certificate, other, id),
        "another key"
    );
}
