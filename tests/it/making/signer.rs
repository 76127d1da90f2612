//! Keys of every kind, each with a certificate of one CA, in files as people keep them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::LazyLock;

use openssl::ec::EcGroup;
use openssl::ec::EcKey;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::rsa::Rsa;
use yinxin::clock::Clock as _;
use yinxin::clock::SystemClock;
use yinxin::clock::Timestamp;
use yinxin::crypto::document_key::DocumentKey;
use yinxin::crypto::document_key::DocumentSigner as _;
use yinxin::crypto::document_key::RsaPadding;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::random::SystemRandom;
use yinxin::crypto::sign::SigningKey;
use yinxin::encoding::pem;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::issue::IssuingCa;
use yinxin::pki::issue::crl::CrlProfile;
use yinxin::pki::issue::crl::issue_crl;
use yinxin::pki::issue::issue_end_entity;
use yinxin::pki::issue::issue_root;
use yinxin::pki::issue::profile;
use yinxin::pki::issue::profile::CertificateProfile;
use yinxin::pki::issue::profile::EndEntityUsage;
use yinxin::pki::oid::Oid;

use crate::running_city::time;

/// `id-kp-documentSigning` (RFC 9336 §3).
pub(crate) const DOCUMENT_SIGNING: &str = "1.3.6.1.5.5.7.3.36";

/// Every kind of key that signs.
pub(crate) const KINDS: [&str; 6] = ["rsa", "p256", "p384", "p521", "ed25519", "sm2"];

static CA: LazyLock<IssuingCa> = LazyLock::new(|| {
    let (key, _) = SigningKey::generate(KeyPurpose::CertificateAuthority).unwrap();
    let profile = profile("Signers' CA", 1, (long_ago(), time("2090-01-01T00:00:00Z")));
    let root = issue_root(&key, &profile, None).unwrap();
    IssuingCa::new(root, key).unwrap()
});

fn long_ago() -> Timestamp {
    time("2020-01-01T00:00:00Z")
}

fn profile(name: &str, serial: u8, (from, until): (Timestamp, Timestamp)) -> CertificateProfile {
    CertificateProfile {
        subject: vec![(profile::COMMON_NAME, name.to_owned())],
        serial: profile::serial_from_random([serial; 16]),
        not_before: from,
        not_after: until,
        policies: Vec::new(),
        crl_url: None,
        identity: Vec::new(),
    }
}

/// PKCS#8 of a new key.
pub(crate) fn new_key(kind: &str) -> Vec<u8> {
    let ec = |curve| {
        let group = EcGroup::from_curve_name(curve).unwrap();
        PKey::from_ec_key(EcKey::generate(&group).unwrap()).unwrap()
    };
    let key = match kind {
        "rsa" => PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap(),
        "p256" => ec(Nid::X9_62_PRIME256V1),
        "p384" => ec(Nid::SECP384R1),
        "p521" => ec(Nid::SECP521R1),
        "ed25519" => PKey::generate_ed25519().unwrap(),
        "sm2" => {
            let random = SystemRandom::new();
            let made = SigningKey::generate_sm2(KeyPurpose::Credential, &random);
            return made.unwrap().1.expose().clone();
        }
        other => panic!("{other}"),
    };
    key.private_key_to_pkcs8().unwrap()
}

/// A key and its certificate in a folder, as `key.pem` and `certificate.pem`, beside `root.pem`.
pub(crate) struct Signer {
    pub(crate) key: DocumentKey,
    pub(crate) certificate: Certificate,
}

impl Signer {
    pub(crate) fn new(folder: &Path, kind: &str) -> Self {
        let until = time("2080-01-01T00:00:00Z");
        Self::valid(folder, kind, (long_ago(), until))
    }

    /// One whose certificate is a day too old.
    pub(crate) fn expired(folder: &Path) -> Self {
        let yesterday = SystemClock
            .now()
            .minus(std::time::Duration::from_secs(86_400));
        Self::valid(folder, "p256", (long_ago(), yesterday))
    }

    fn valid(folder: &Path, kind: &str, validity: (Timestamp, Timestamp)) -> Self {
        let pkcs8 = new_key(kind);
        let key = DocumentKey::from_pkcs8(&pkcs8, RsaPadding::Pkcs1).unwrap();
        let usage = EndEntityUsage::Signer(vec![Oid::parse(DOCUMENT_SIGNING).unwrap()]);
        let profile = profile("某公司", 2, validity);
        let certificate = issue_end_entity(&CA, key.public_key(), &profile, &usage).unwrap();
        write_key(&folder.join("key.pem"), &pkcs8);
        let write = |name: &str, certificate: &Certificate| {
            let text = pem::encode("CERTIFICATE", certificate.der());
            fs::write(folder.join(name), text).unwrap();
        };
        write("certificate.pem", &certificate);
        write("root.pem", CA.certificate());
        Self { key, certificate }
    }
}

/// A CRL of the CA, on which nobody stands.
pub(crate) fn crl() -> Vec<u8> {
    let now = SystemClock.now();
    let day = std::time::Duration::from_secs(86_400);
    let profile = CrlProfile {
        number: 1,
        this_update: now.minus(day),
        next_update: now.plus(day),
        revoked: Vec::new(),
    };
    issue_crl(&CA, &profile).unwrap()
}

/// A private key that nobody else may read.
pub(crate) fn write_key(path: &Path, pkcs8: &[u8]) {
    fs::write(path, pem::encode("PRIVATE KEY", pkcs8)).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}
