//! OCSP requests that OpenSSL's responder answers, and its answers and CRLs judged by us.

use std::fs;

use yinxin::clock::Clock as _;
use yinxin::clock::SystemClock;
use yinxin::crypto::digest::DigestAlgorithm;
use yinxin::pki::certificate;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::path::PathValidator;
use yinxin::pki::revocation::check::RevocationChecker;
use yinxin::pki::revocation::crl;
use yinxin::pki::revocation::crl::Crl;
use yinxin::pki::revocation::evidence::Evidence;
use yinxin::pki::revocation::evidence::ReceivedResponse;
use yinxin::pki::revocation::freshness::FreshnessPolicy;
use yinxin::pki::revocation::ocsp::Nonce;
use yinxin::pki::revocation::ocsp::OcspResponse;
use yinxin::pki::revocation::ocsp::request_der;
use yinxin::pki::revocation::reason::RevocationReason;
use yinxin::pki::revocation::status::CertificateStatus;
use yinxin::pki::revocation::undetermined::OcspProblem;
use yinxin::pki::revocation::undetermined::UndeterminedReason;
use yinxin::pki::trust_anchor::AnchorSet;
use yinxin::pki::trust_anchor::TrustAnchor;

use crate::interop::openssl::OpenSsl;

const CONFIGURATION: &str = "\
[ca]
default_ca = town
[town]
database = index.txt
serial = serial.txt
crlnumber = number.txt
new_certs_dir = .
default_md = sha256
default_days = 30
default_crl_days = 7
crl_extensions = crl
policy = anything
[anything]
commonName = supplied
[crl]
authorityKeyIdentifier = keyid
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign, digitalSignature
subjectKeyIdentifier = hash
[responder]
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
[plain]
keyUsage = digitalSignature
[req]
distinguished_name = nothing
[nothing]
";

/// A CA run by OpenSSL, with a responder and certificates that are good, revoked and on hold.
struct Town {
    openssl: OpenSsl,
    root: Certificate,
}

impl Town {
    fn found() -> Option<Self> {
        let openssl = OpenSsl::find()?;
        let write = |name: &str, text: &str| fs::write(openssl.path().join(name), text).unwrap();
        write("ca.cnf", CONFIGURATION);
        write("index.txt", "");
        write("serial.txt", "1000\n");
        write("number.txt", "0A\n");
        let ec = [
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
        ];
        let root = ["req", "-x509", "-config", "ca.cnf", "-extensions", "root"];
        let files = [
            "-keyout", "root.key", "-out", "root.pem", "-subj", "/CN=Root",
        ];
        openssl.succeed(&[&root[..], &ec, &files].concat());
        for (name, extensions) in [
            ("responder", "responder"),
            ("good", "plain"),
            ("revoked", "plain"),
            ("held", "plain"),
        ] {
            let (key, request) = (format!("{name}.key"), format!("{name}.csr"));
            let (out, subject) = (format!("{name}.pem"), format!("/CN={name}"));
            let make = ["req", "-new", "-config", "ca.cnf", "-subj", &subject];
            let files = ["-keyout", &key, "-out", &request];
            openssl.succeed(&[&make[..], &ec, &files].concat());
            let sign = ["-in", &request, "-out", &out, "-extensions", extensions];
            openssl.succeed(&[&CA[..], &["-batch", "-notext"], &sign].concat());
        }
        let revoke = |name, reason| {
            openssl.succeed(&[&CA[..], &["-revoke", name, "-crl_reason", reason]].concat());
        };
        revoke("revoked.pem", "keyCompromise");
        revoke("held.pem", "certificateHold");
        let root = certificate_in(&openssl, "root");
        Some(Self { openssl, root })
    }

    fn certificate(&self, name: &str) -> Certificate {
        certificate_in(&self.openssl, name)
    }

    /// What OpenSSL's responder says to `request`, signed by `signer`.
    fn answer(&self, request: &[u8], signer: &str) -> OcspResponse {
        let folder = self.openssl.path();
        fs::write(folder.join("request.der"), request).unwrap();
        let (certificate, key) = (format!("{signer}.pem"), format!("{signer}.key"));
        let responder = [
            "ocsp",
            "-index",
            "index.txt",
            "-CA",
            "root.pem",
            "-ndays",
            "1",
        ];
        let signer = ["-rsigner", &certificate, "-rkey", &key];
        let files = ["-reqin", "request.der", "-respout", "response.der"];
        self.openssl
            .succeed(&[&responder[..], &signer, &files].concat());
        OcspResponse::parse_der(fs::read(folder.join("response.der")).unwrap()).unwrap()
    }

    fn crl(&self) -> Crl {
        self.openssl
            .succeed(&[&CA[..], &["-gencrl", "-out", "crl.pem"]].concat());
        let bytes = fs::read(self.openssl.path().join("crl.pem")).unwrap();
        crl::parse_all(&bytes, 1).unwrap().remove(0)
    }

    fn status(&self, name: &str, evidence: &Evidence) -> CertificateStatus {
        let anchors = AnchorSet::new([TrustAnchor::new(self.root.clone())]);
        let now = SystemClock.now();
        let path = PathValidator::new(&anchors, &[], now)
            .validate(&self.certificate(name))
            .unwrap();
        let evidence = [evidence];
        RevocationChecker::new(&evidence, &[], FreshnessPolicy::at(now))
            .check(&path)
            .remove(0)
    }
}

const CA: [&str; 7] = [
    "ca", "-config", "ca.cnf", "-keyfile", "root.key", "-cert", "root.pem",
];

fn certificate_in(openssl: &OpenSsl, name: &str) -> Certificate {
    let bytes = fs::read(openssl.path().join(format!("{name}.pem"))).unwrap();
    certificate::parse_all(&bytes, 1).unwrap().remove(0)
}

#[track_caller]
fn assert_told(status: &CertificateStatus, name: &str) {
    let is_right = match name {
        "good" => status.is_good(),
        "held" => matches!(status, CertificateStatus::OnHold { .. }),
        _ => matches!(
            status,
            CertificateStatus::Revoked {
                reason: RevocationReason::KeyCompromise,
                ..
            }
        ),
    };
    assert!(is_right, "{name}: {status:#?}");
}

#[test]
fn its_responder_understands_us_and_we_understand_it() {
    let Some(town) = Town::found() else { return };
    let key = town.root.public_key();
    let nonce = Nonce([0x5a; 32]);
    for name in ["good", "revoked", "held"] {
        let certificate = town.certificate(name);
        for hash in [DigestAlgorithm::Sha1, DigestAlgorithm::Sha256] {
            for signer in ["root", "responder"] {
                let request = request_der(&certificate, key, hash, Some(&nonce));
                let response = town.answer(&request, signer);
                let received = |nonce| ReceivedResponse {
                    response: response.clone(),
                    nonce: Some(nonce),
                };
                let evidence = Evidence::new([], [received(nonce)]);
                assert_told(&town.status(name, &evidence), name);
                let other = Evidence::new([], [received(Nonce([0xa5; 32]))]);
                let CertificateStatus::Undetermined { why } = town.status(name, &other) else {
                    panic!("{name}: another nonce was accepted")
                };
                assert!(why.iter().any(|reason| matches!(
                    reason,
                    UndeterminedReason::Ocsp {
                        problem: OcspProblem::Nonce,
                        ..
                    }
                )));
            }
        }
    }
}

#[test]
fn who_is_no_responder_is_not_believed() {
    let Some(town) = Town::found() else { return };
    let certificate = town.certificate("good");
    let key = town.root.public_key();
    let request = request_der(&certificate, key, DigestAlgorithm::Sha1, None);
    let evidence = Evidence::new([], [town.answer(&request, "held").into()]);
    let CertificateStatus::Undetermined { why } = town.status("good", &evidence) else {
        panic!("anybody may answer")
    };
    assert!(matches!(
        why.as_slice(),
        [UndeterminedReason::Ocsp {
            problem: OcspProblem::Unauthorised(_),
            ..
        }]
    ));
}

#[test]
fn its_lists_are_read() {
    let Some(town) = Town::found() else { return };
    let crl = town.crl();
    assert_eq!(crl.entry_count(), 2);
    assert_eq!(crl.number().unwrap().to_string(), "0a");
    assert_eq!(crl.verify_signature(town.root.public_key()), Ok(()));
    let evidence = Evidence::new([crl], []);
    for name in ["good", "revoked", "held"] {
        assert_told(&town.status(name, &evidence), name);
    }
}
