//! Certificates that our CA code issues, read and validated by OpenSSL.

use yinxin::clock::Timestamp;
use yinxin::crypto::key_purpose::KEY_PURPOSES;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::sign::SigningKey;
use yinxin::encoding::hex;
use yinxin::pki::certificate::Certificate;
use yinxin::pki::issue::IssuingCa;
use yinxin::pki::issue::issue_end_entity;
use yinxin::pki::issue::issue_intermediate;
use yinxin::pki::issue::issue_root;
use yinxin::pki::issue::profile;
use yinxin::pki::issue::profile::CertificateProfile;
use yinxin::pki::issue::profile::EndEntityUsage;
use yinxin::pki::path::PathValidator;
use yinxin::pki::trust_anchor::AnchorSet;
use yinxin::pki::trust_anchor::TrustAnchor;

use crate::city;
use crate::interop::openssl::OpenSsl;

const ROOT: &str = "root.pem";
const INTERMEDIATE: &str = "intermediate.pem";
const END_ENTITY: &str = "end-entity.pem";

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn ca_profile(name: &str, serial: u8) -> CertificateProfile {
    CertificateProfile {
        subject: vec![
            (profile::COUNTRY, "CN".to_owned()),
            (profile::COMMON_NAME, name.to_owned()),
        ],
        not_before: at("2025-01-01T00:00:00Z"),
        not_after: at("2054-12-31T00:00:00Z"),
        identity: Vec::new(),
        ..city::issuer_profile(serial)
    }
}

fn root(max_path_length: Option<u8>) -> IssuingCa {
    let (key, _) = SigningKey::generate(KeyPurpose::CertificateAuthority).unwrap();
    let certificate = issue_root(&key, &ca_profile("Root", 1), max_path_length).unwrap();
    IssuingCa::new(certificate, key).unwrap()
}

fn intermediate(issuer: &IssuingCa, name: &str, max_path_length: Option<u8>) -> IssuingCa {
    let (key, _) = SigningKey::generate(KeyPurpose::CertificateAuthority).unwrap();
    let profile = ca_profile(name, 2);
    let certificate =
        issue_intermediate(issuer, key.public_key(), &profile, max_path_length).unwrap();
    IssuingCa::new(certificate, key).unwrap()
}

fn end_entity(issuer: &IssuingCa, usage: &EndEntityUsage) -> Certificate {
    let (key, _) = SigningKey::generate(KeyPurpose::Credential).unwrap();
    issue_end_entity(issuer, key.public_key(), &city::issuer_profile(3), usage).unwrap()
}

/// Both verdicts on a path, which must agree.
#[track_caller]
fn is_accepted(
    openssl: &OpenSsl,
    (end_entity, above): (&Certificate, &[&Certificate]),
    root: &Certificate,
    at: Timestamp,
) -> bool {
    openssl.write(ROOT, &[root]);
    openssl.write(INTERMEDIATE, above);
    openssl.write(END_ENTITY, &[end_entity]);
    let between = (!above.is_empty()).then_some(INTERMEDIATE);
    let theirs = openssl.verify(END_ENTITY, (ROOT, between), at);

    let anchors = AnchorSet::new([TrustAnchor::new(root.clone())]);
    let intermediates: Vec<Certificate> = above.iter().copied().cloned().collect();
    let ours = PathValidator::new(&anchors, &intermediates, at).validate(end_entity);
    assert_eq!(
        ours.is_ok(),
        theirs.is_ok(),
        "ours: {ours:?}, OpenSSL's: {theirs:?}"
    );
    ours.is_ok()
}

#[test]
fn openssl_accepts_every_profile_that_we_issue() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let (root, at) = (root(Some(1)), city::now());
    let ca = intermediate(&root, "Issuing", Some(0));
    let purposes = KEY_PURPOSES.iter().map(|entry| entry.purpose);
    let own = purposes
        .filter(|purpose| purpose.eku().is_some())
        .map(EndEntityUsage::Purpose);
    for usage in own.chain([EndEntityUsage::Signer(Vec::new())]) {
        let below_root = end_entity(&root, &usage);
        let below_intermediate = end_entity(&ca, &usage);
        let (root, ca) = (root.certificate(), ca.certificate());
        assert!(
            is_accepted(&openssl, (&below_root, &[]), root, at),
            "{usage:?}"
        );
        assert!(
            is_accepted(&openssl, (&below_intermediate, &[ca]), root, at),
            "{usage:?}"
        );
    }
}

#[test]
fn openssl_reads_in_a_certificate_what_we_read() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let root = root(None);
    let ours = end_entity(&root, &EndEntityUsage::Purpose(KeyPurpose::Credential));
    openssl.write(END_ENTITY, &[&ours]);
    let field = |arguments: &[&str]| openssl.field(END_ENTITY, arguments);

    let rfc_4514 = ["-nameopt", "RFC2253,utf8,-esc_msb"];
    assert_eq!(
        field(&[&["-subject"], &rfc_4514[..]].concat()),
        ours.subject().to_string()
    );
    assert_eq!(
        field(&[&["-issuer"], &rfc_4514[..]].concat()),
        ours.issuer().to_string()
    );
    assert_eq!(
        field(&["-serial"]).to_lowercase(),
        ours.serial().to_string()
    );
    assert_eq!(field(&["-startdate"]), "Jan  1 00:00:00 2026 GMT");
    assert_eq!(field(&["-enddate"]), "Dec 31 00:00:00 2030 GMT");
    let fingerprint = field(&["-fingerprint", "-sha256"])
        .replace(':', "")
        .to_lowercase();
    assert_eq!(fingerprint, ours.sha256().to_string());

    let extensions = field(&[
        "-ext",
        "basicConstraints,keyUsage,extendedKeyUsage,subjectKeyIdentifier",
    ]);
    let key_id = hex::encode(ours.subject_key_id().unwrap());
    let compact = extensions.replace([':', ' ', '\n'], "");
    for expected in [
        "BasicConstraintscriticalCAFALSE",
        "KeyUsagecriticalDigitalSignature",
        &format!(
            "ExtendedKeyUsagecritical{}",
            KeyPurpose::Credential.eku().unwrap()
        ),
        &key_id.to_uppercase(),
    ] {
        let expected = expected.replace(':', "");
        assert!(compact.contains(&expected), "{expected} in {extensions}");
    }
}

#[test]
fn neither_accepts_a_path_that_is_out_of_order() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let usage = EndEntityUsage::Purpose(KeyPurpose::Credential);
    let (wide, other, now) = (root(None), root(None), city::now());
    let leaf = end_entity(&wide, &usage);
    let genuine = wide.certificate();
    assert!(
        is_accepted(&openssl, (&leaf, &[]), genuine, now),
        "the twin of those below"
    );

    assert!(
        !is_accepted(&openssl, (&leaf, &[]), other.certificate(), now),
        "another root of one name"
    );
    for outside in ["2025-12-31T23:59:59Z", "2030-12-31T00:00:01Z"] {
        assert!(
            !is_accepted(&openssl, (&leaf, &[]), genuine, at(outside)),
            "at {outside}"
        );
    }
    let ca = intermediate(&wide, "Issuing", None);
    let below = end_entity(&ca, &usage);
    assert!(
        !is_accepted(&openssl, (&below, &[]), genuine, now),
        "an intermediate is missing"
    );
    assert!(
        !is_accepted(&openssl, (&below, &[&leaf]), genuine, now),
        "an end entity is no CA"
    );

    let mut flipped = leaf.der().to_vec();
    *flipped.last_mut().unwrap() ^= 1;
    let flipped = Certificate::parse_der(&flipped).unwrap();
    assert!(
        !is_accepted(&openssl, (&flipped, &[]), genuine, now),
        "one bit of the signature"
    );
}

#[test]
fn neither_accepts_a_path_longer_than_its_ca_allows() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let (root, now) = (root(Some(1)), city::now());
    // Our own code refuses to issue a CA below path length 0, so the limit stands one higher.
    let upper = intermediate(&root, "Upper", None);
    let lower = intermediate(&upper, "Lower", None);
    let leaf = end_entity(&lower, &EndEntityUsage::Signer(Vec::new()));
    let above = [upper.certificate(), lower.certificate()];
    assert!(!is_accepted(
        &openssl,
        (&leaf, &above),
        root.certificate(),
        now
    ));
    let short = end_entity(&upper, &EndEntityUsage::Signer(Vec::new()));
    assert!(is_accepted(
        &openssl,
        (&short, &above[..1]),
        root.certificate(),
        now
    ));
}
