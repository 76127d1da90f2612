//! CAs and certificates for the tests of this layer.

use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;

use crate::clock::Timestamp;
use crate::crypto::key_purpose::KeyPurpose;
use crate::crypto::sign::SigningKey;
use crate::encoding::pem;
use crate::pki::certificate::Certificate;
use crate::pki::issue::IssuingCa;
use crate::pki::issue::issue_end_entity;
use crate::pki::issue::issue_intermediate;
use crate::pki::issue::issue_root;
use crate::pki::issue::profile::COMMON_NAME;
use crate::pki::issue::profile::CertificateProfile;
use crate::pki::issue::profile::EndEntityUsage;
use crate::pki::oid::Oid;
use crate::validation::limits::Limits;
use crate::validation::profile::OnStale;
use crate::validation::profile::ProfileParts;
use crate::validation::profile::ProfileRow;
use crate::validation::profile::TrustProfile;
use crate::validation::trust_store::CaId;
use crate::validation::trust_store::TrustSet;
use crate::validation::trust_store::TrustStore;
use crate::validation::trust_store::Usage;

/// The EKU that every store of these tests demands for `tax`, unless it says otherwise.
pub(crate) const TAX_EKU: &str = "1.3.6.1.5.5.7.3.4";

/// The time of these tests.
pub(crate) fn now() -> Timestamp {
    at("2026-06-01T00:00:00Z")
}

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

pub(crate) fn usage(name: &str) -> Usage {
    Usage::parse(name).unwrap()
}

pub(crate) fn oid(text: &str) -> Oid {
    Oid::parse(text).unwrap()
}

/// A certificate's particulars: valid in 2025 and 2026 for `CN=name`.
pub(crate) fn particulars(name: &str) -> CertificateProfile {
    static SERIAL: AtomicU64 = AtomicU64::new(1);
    let mut serial = [0; 16];
    serial[0] = 0x40;
    serial[8..].copy_from_slice(&SERIAL.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    CertificateProfile {
        subject: vec![(COMMON_NAME, name.to_owned())],
        serial,
        not_before: at("2025-01-01T00:00:00Z"),
        not_after: at("2026-12-31T00:00:00Z"),
        policies: Vec::new(),
        crl_url: None,
        identity: Vec::new(),
    }
}

fn key(purpose: KeyPurpose) -> (SigningKey, Vec<u8>) {
    let (key, pkcs8) = SigningKey::generate(purpose).unwrap();
    (key, pkcs8.expose().clone())
}

/// A root of its own.
pub(crate) fn root(name: &str) -> IssuingCa {
    root_and_twin(name).0
}

/// A root, and another certificate of the same name and key.
pub(crate) fn root_and_twin(name: &str) -> (IssuingCa, Certificate) {
    let (key, _) = key(KeyPurpose::CertificateAuthority);
    let wide = || CertificateProfile {
        not_before: at("2005-01-01T00:00:00Z"),
        not_after: at("2040-01-01T00:00:00Z"),
        ..particulars(name)
    };
    let certificate = issue_root(&key, &wide(), None).unwrap();
    let twin = issue_root(&key, &wide(), None).unwrap();
    (IssuingCa::new(certificate, key).unwrap(), twin)
}

/// A CA below another.
pub(crate) fn intermediate(issuer: &IssuingCa, profile: &CertificateProfile) -> IssuingCa {
    let (key, _) = key(KeyPurpose::CertificateAuthority);
    let certificate = issue_intermediate(issuer, key.public_key(), profile, None).unwrap();
    IssuingCa::new(certificate, key).unwrap()
}

/// A signer's certificate with these extended key usages, and its key.
pub(crate) fn signer(
    issuer: &IssuingCa,
    profile: &CertificateProfile,
    ekus: &[&str],
) -> (Certificate, SigningKey) {
    let (key, _) = key(KeyPurpose::Credential);
    let usage = EndEntityUsage::Signer(ekus.iter().map(|eku| oid(eku)).collect());
    let certificate = issue_end_entity(issuer, key.public_key(), profile, &usage).unwrap();
    (certificate, key)
}

/// A CA that may vouch for `tax` with [`TAX_EKU`], does not check revocation, and whatever `more` says.
pub(crate) fn store(id: &str, anchors: &[&Certificate], more: &str) -> TrustStore {
    let usage = format!("[usages.tax]\nekus = ['{TAX_EKU}']\n");
    let ca_toml = format!(
        "name = 'CA {id}'\nname-zh = '机构{id}'\noperator = 'o'\n{}{}",
        if more.contains("revocation") {
            ""
        } else {
            "revocation = { not-checked = 'test' }\n"
        },
        if more.contains("[usages") {
            more.to_owned()
        } else {
            format!("{more}\n{usage}")
        },
    );
    let pems: Vec<(String, Vec<u8>)> = anchors
        .iter()
        .enumerate()
        .map(|(number, anchor)| {
            let text = pem::encode("CERTIFICATE", anchor.der());
            (format!("{number}.pem"), text.into_bytes())
        })
        .collect();
    TrustStore::parse(id, &ca_toml, &pems).unwrap()
}

pub(crate) fn set(stores: &[TrustStore]) -> TrustSet {
    TrustSet::new(stores.to_vec()).unwrap()
}

/// A profile of `bank-x` that accepts every anchor of these CAs for these usages.
pub(crate) fn profile(trust: &TrustSet, cas: &[&str], usages: &[&str]) -> TrustProfile {
    let rows = cas.iter().map(|ca| {
        let ca = CaId::parse(ca).unwrap();
        let anchors = &trust.store(&ca).unwrap().anchors;
        ProfileRow {
            anchors: anchors.iter().map(|anchor| anchor.id()).collect(),
            ca,
            usages: usages.iter().map(|name| usage(name)).collect(),
            limits: Limits::default(),
        }
    });
    let parts = ProfileParts {
        name: "bank-x/tax-filing".to_owned(),
        caller: "bank-x".to_owned(),
        purpose: "tax-filing".to_owned(),
        version: 1,
        rows: rows.collect(),
        signer_usage: usage("tax"),
        issuer_usage: usage("credential-issuing"),
        on_stale: OnStale::default(),
    };
    TrustProfile::build(parts, trust)
}

/// Certifies an intermediate's key once more, by another CA.
pub(crate) fn issue_cross(
    issuer: &IssuingCa,
    key: &SigningKey,
    profile: &CertificateProfile,
) -> Certificate {
    issue_intermediate(issuer, key.public_key(), profile, None).unwrap()
}
