//! CRLs of ours, judged by OpenSSL's command line.

use yinxin::clock::Timestamp;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::sign::SigningKey;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::issue::IssuingCa;
use yinxin::pki::issue::crl::CrlProfile;
use yinxin::pki::issue::crl::RevokedCertificate;
use yinxin::pki::issue::crl::issue_crl;
use yinxin::pki::issue::issue_end_entity;
use yinxin::pki::issue::issue_root;
use yinxin::pki::issue::profile::CertificateProfile;
use yinxin::pki::issue::profile::EndEntityUsage;
use yinxin::pki::revocation::reason::RevocationReason;

use crate::city;
use crate::interop::openssl::OpenSsl;

fn root() -> IssuingCa {
    let (key, _) = SigningKey::generate(KeyPurpose::CertificateAuthority).unwrap();
    let certificate = issue_root(&key, &city::issuer_profile(1), None).unwrap();
    IssuingCa::new(certificate, key).unwrap()
}

fn end_entity(root: &IssuingCa, serial: u8) -> Certificate {
    let (key, _) = SigningKey::generate(KeyPurpose::Credential).unwrap();
    let profile = CertificateProfile {
        crl_url: Some("http://crl.invalid/root.crl".to_owned()),
        ..city::issuer_profile(serial)
    };
    let usage = EndEntityUsage::Signer(Vec::new());
    issue_end_entity(root, key.public_key(), &profile, &usage).unwrap()
}

fn crl(root: &IssuingCa, revoked: &[&Certificate]) -> Vec<u8> {
    let at = |seconds| Timestamp::from_unix_seconds(city::now().as_unix_seconds() + seconds);
    let entries = revoked.iter().map(|certificate| RevokedCertificate {
        serial: certificate.serial().clone(),
        at: at(-60).unwrap(),
        reason: RevocationReason::KeyCompromise,
    });
    let profile = CrlProfile {
        number: 7,
        this_update: at(-30).unwrap(),
        next_update: at(3600).unwrap(),
        revoked: entries.collect(),
    };
    issue_crl(root, &profile).unwrap()
}

/// What `openssl verify -crl_check` says against the certificate; none if nothing.
fn complaint(openssl: &OpenSsl, certificate: &Certificate) -> Option<String> {
    openssl.write("end-entity.pem", &[certificate]);
    let at = city::now().as_unix_seconds().to_string();
    let arguments = [
        "verify",
        "-x509_strict",
        "-crl_check",
        "-attime",
        &at,
        "-no-CApath",
        "-CAfile",
        "root.pem",
        "-CRLfile",
        "crl.pem",
        "end-entity.pem",
    ];
    let output = openssl.run(&arguments);
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    (!output.status.success()).then_some(complaint)
}

#[test]
fn openssl_finds_revoked_what_we_revoke() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let root = root();
    let (good, bad) = (end_entity(&root, 2), end_entity(&root, 3));
    openssl.write("root.pem", &[root.certificate()]);
    openssl.write_crl("crl.pem", &crl(&root, &[&bad]));
    assert_eq!(complaint(&openssl, &good), None);
    let revoked = complaint(&openssl, &bad).unwrap();
    assert!(revoked.contains("certificate revoked"), "{revoked}");
}

#[test]
fn openssl_verifies_our_crls_with_their_own_key_only() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let (root, other) = (root(), root());
    for revoked in [vec![], vec![end_entity(&root, 2)]] {
        let der = crl(&root, &revoked.iter().collect::<Vec<_>>());
        openssl.write_crl("crl.pem", &der);
        for (ca, is_issuer) in [(&root, true), (&other, false)] {
            openssl.write("ca.pem", &[ca.certificate()]);
            let output = openssl.run(&["crl", "-noout", "-in", "crl.pem", "-CAfile", "ca.pem"]);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(said.contains("verify OK"), is_issuer, "{said}");
        }
    }
}
