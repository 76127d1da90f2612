//! A root and an intermediate of P-256, under which everybody who signs in these measurements stands.

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::IsCa;
use rcgen::Issuer;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;

/// Both certificates in DER, and the intermediate to issue with.
pub(crate) struct Authorities {
    pub(crate) root: Vec<u8>,
    pub(crate) sub: Vec<u8>,
    pub(crate) issuer: Issuer<'static, KeyPair>,
}

impl Authorities {
    pub(crate) fn new() -> Self {
        let root_key = KeyPair::generate().unwrap();
        let root = ca("Example Root CA");
        let root_der = root.self_signed(&root_key).unwrap().der().to_vec();
        let root = Issuer::new(root, root_key);
        let sub_key = KeyPair::generate().unwrap();
        let sub = ca("Example Sub CA");
        let sub_der = sub.signed_by(&sub_key, &root).unwrap().der().to_vec();
        Self {
            root: root_der,
            sub: sub_der,
            issuer: Issuer::new(sub, sub_key),
        }
    }
}

fn ca(name: &str) -> CertificateParams {
    let mut ca = CertificateParams::default();
    ca.distinguished_name.push(DnType::CommonName, name);
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    ca.use_authority_key_identifier_extension = true;
    ca
}
