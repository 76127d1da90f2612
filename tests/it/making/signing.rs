//! `yinxin sign`.

use std::fs;
use std::path::Path;
use std::path::PathBuf;

use serde_json::Value;
use serde_json::json;
use yinxin::crypto::digest::DigestAlgorithm;
use yinxin::crypto::digest::digest;
use yinxin::crypto::document_key::DocumentSigner as _;
use yinxin::crypto::verify::SignatureForm;
use yinxin::crypto::verify::verify_signature;
use yinxin::encoding::base64url;
use yinxin::signature::cms::signed_data::Dialect;
use yinxin::signature::cms::signed_data::SignedData;
use yinxin::signature::detached::DetachedContent;
use yinxin::signature::facts::CertificateReference;
use yinxin::signature::facts::ContentCoverage;
use yinxin::signature::facts::Integrity;
use yinxin::signature::jose::document::JwsDocument;

use crate::cli::binary::Ended;
use crate::cli::binary::yinxin;
use crate::interop::openssl::OpenSsl;
use crate::making::signer::KINDS;
use crate::making::signer::Signer;
use crate::making::signer::new_key;
use crate::making::signer::write_key;

/// Line ends of every kind, so that a writer that touches them shows.
const CONTENT: &[u8] = "合同\r\nline\nend\r".as_bytes();

fn sign(folder: &Path, more: &[&str]) -> Ended {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let mut arguments = vec!["sign".to_owned(), path("content.txt")];
    for (option, name) in [("--key", "key.pem"), ("--certificate", "certificate.pem")] {
        arguments.extend([option.to_owned(), path(name)]);
    }
    arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
    yinxin(arguments)
}

/// A folder with the content and a signer.
fn folder(kind: &str) -> (tempfile::TempDir, Signer) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("content.txt"), CONTENT).unwrap();
    let signer = Signer::new(folder.path(), kind);
    (folder, signer)
}

/// What our reader says of one signature.
fn assert_intact(signed: &[u8], signer: &Signer, dialect: Dialect, coverage: ContentCoverage) {
    let read = SignedData::parse(signed).unwrap();
    assert_eq!(read.dialect(), dialect);
    let apart = DetachedContent::of_bytes(None, CONTENT.to_vec(), &read.needs());
    let mut facts = read.facts(&[apart]);
    assert_eq!(facts.len(), 1);
    let facts = facts.remove(0);
    assert_eq!(facts.integrity, Integrity::Intact);
    assert_eq!(facts.coverage, coverage);
    assert_eq!(facts.reference, CertificateReference::Matches);
    assert_eq!(facts.signer.as_ref(), Some(&signer.certificate));
    assert_eq!(facts.faults, []);
    assert!(facts.claimed_at.is_some());
}

#[test]
fn every_kind_of_key_signs_cms_that_we_and_openssl_read() {
    let openssl = OpenSsl::find();
    for kind in KINDS {
        let (folder, signer) = folder(kind);
        let cases: &[(&[&str], &str)] = match kind {
            "rsa" => &[
                (&[], "content.txt.p7m"),
                (&["--detached"], "content.txt.p7s"),
                (&["--pss", "--force"], "content.txt.p7m"),
            ],
            _ => &[
                (&[], "content.txt.p7m"),
                (&["--detached"], "content.txt.p7s"),
            ],
        };
        for (more, name) in cases {
            sign(folder.path(), more).ok();
            let signed = fs::read(folder.path().join(name)).unwrap();
            let coverage = match more.contains(&"--detached") {
                true => ContentCoverage::Detached,
                false => ContentCoverage::Whole,
            };
            assert_intact(&signed, &signer, Dialect::Cms, coverage);
            // OpenSSL 3.0 verifies neither SM2 nor EdDSA in CMS.
            let is_known = !matches!(kind, "ed25519" | "sm2");
            if let Some(openssl) = openssl.as_ref().filter(|_| is_known) {
                assert_openssl_verifies(openssl, folder.path(), (name, coverage));
            }
        }
    }
}

fn assert_openssl_verifies(
    openssl: &OpenSsl,
    folder: &Path,
    (name, coverage): (&str, ContentCoverage),
) {
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (signed, root, content) = (path(name), path("root.pem"), path("content.txt"));
    let mut arguments = vec![
        "cms", "-verify", "-binary", "-inform", "DER", "-in", &signed,
    ];
    arguments.extend(["-CAfile", &root, "-purpose", "any", "-out", "out"]);
    if coverage == ContentCoverage::Detached {
        arguments.extend(["-content", &content]);
    }
    openssl.succeed(&arguments);
    assert_eq!(fs::read(openssl.path().join("out")).unwrap(), CONTENT);
}

#[test]
fn sm2_signs_the_dialect_of_gm_t_0010() {
    let (folder, signer) = folder("sm2");
    sign(folder.path(), &["--format", "gm"]).ok();
    let signed = fs::read(folder.path().join("content.txt.p7m")).unwrap();
    assert_intact(&signed, &signer, Dialect::Gmt0010, ContentCoverage::Whole);
    sign(folder.path(), &["--format", "gm", "--detached"]).ok();
    let signed = fs::read(folder.path().join("content.txt.p7s")).unwrap();
    assert_intact(
        &signed,
        &signer,
        Dialect::Gmt0010,
        ContentCoverage::Detached,
    );
}

/// What our reader says of a JWS.
fn assert_jws_intact(compact: &str, signer: &Signer, coverage: ContentCoverage) {
    let read = JwsDocument::parse(compact.as_bytes()).unwrap();
    let name = Some("content.txt".to_owned());
    let apart = DetachedContent::of_bytes(name, CONTENT.to_vec(), &read.needs());
    let apart = match coverage {
        ContentCoverage::Detached => vec![apart],
        ContentCoverage::Whole
        | ContentCoverage::Revision
        | ContentCoverage::Partial
        | ContentCoverage::Unknown => Vec::new(),
    };
    let mut facts = read.facts(&apart);
    assert_eq!(facts.len(), 1);
    let facts = facts.remove(0);
    assert_eq!(facts.integrity, Integrity::Intact);
    assert_eq!(facts.format, "JAdES-BASELINE-B");
    assert_eq!(facts.coverage, coverage);
    assert_eq!(facts.reference, CertificateReference::Matches);
    assert_eq!(facts.signer.as_ref(), Some(&signer.certificate));
    assert_eq!(facts.faults, []);
    assert!(facts.claimed_at.is_some());
}

/// Header and payload of a compact JWS whose value was verified.
fn opened(compact: &str, signer: &Signer) -> (Value, Vec<u8>) {
    let (input, value) = compact.rsplit_once('.').unwrap();
    let (header, payload) = input.split_once('.').unwrap();
    let header = base64url::decode(header, 100_000).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    let value = base64url::decode(value, 10_000).unwrap();
    let algorithm = header["alg"].as_str().unwrap();
    let algorithm =
        yinxin::crypto::algorithm::SignatureAlgorithm::from_jose_name(algorithm).unwrap();
    let (key, form) = (signer.key.public_key(), SignatureForm::Fixed);
    assert_eq!(
        verify_signature(algorithm, key, input.as_bytes(), &value, form),
        Ok(())
    );
    (header, base64url::decode(payload, 10_000).unwrap())
}

#[test]
fn every_kind_of_key_but_sm2_signs_jws() {
    for (kind, more, alg) in [
        ("rsa", "--force", "RS256"),
        ("rsa", "--pss", "PS256"),
        ("p256", "--force", "ES256"),
        ("p384", "--force", "ES384"),
        ("p521", "--force", "ES512"),
        ("ed25519", "--force", "EdDSA"),
    ] {
        let (folder, signer) = folder(kind);
        let out = folder.path().join("content.txt.jws");
        sign(folder.path(), &["--format", "jws", more]).ok();
        let signed = fs::read_to_string(&out).unwrap();
        assert_jws_intact(&signed, &signer, ContentCoverage::Whole);
        let (header, payload) = opened(&signed, &signer);
        assert_eq!(header["alg"], alg);
        assert_eq!(payload, CONTENT);

        sign(folder.path(), &["--format", "jws", "--detached", "--force"]).ok();
        let signed = fs::read_to_string(&out).unwrap();
        assert_jws_intact(&signed, &signer, ContentCoverage::Detached);
        let (header, payload) = opened(&signed, &signer);
        assert_eq!(payload, b"");
        assert_eq!(header["sigD"]["pars"], json!(["content.txt"]));
        let named = match header["sigD"]["hashM"].as_str().unwrap() {
            "S256" => DigestAlgorithm::Sha256,
            "S384" => DigestAlgorithm::Sha384,
            "S512" => DigestAlgorithm::Sha512,
            other => panic!("{other}"),
        };
        let expected = digest(named, base64url::encode(CONTENT).as_bytes());
        let expected = base64url::encode(expected.as_bytes());
        assert_eq!(header["sigD"]["hashV"], json!([expected]));
    }
}

#[test]
fn what_does_not_go_together_is_refused_and_nothing_is_written() {
    let (folder, _) = folder("sm2");
    let refused = |more: &[&str]| sign(folder.path(), more).with(64).err;
    assert!(refused(&["--format", "jws"]).contains("--format gm"));
    assert!(refused(&["--pss"]).contains("RSA"));
    // The certificate of another key.
    write_key(&folder.path().join("key.pem"), &new_key("p256"));
    assert!(refused(&[]).contains("no certificate"));
    Signer::new(folder.path(), "p256");
    assert!(refused(&["--format", "gm"]).contains("SM2"));
    let stamped = ["--format", "jws", "--timestamp", "http://127.0.0.1:1/tsa"];
    assert!(refused(&stamped).contains("no room"));
    Signer::expired(folder.path());
    assert!(refused(&[]).contains("expired"));
    assert_eq!(outputs(folder.path()), Vec::<PathBuf>::new());
}

fn outputs(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            name.starts_with("content.txt.")
        })
        .collect()
}

#[test]
fn keys_that_cannot_be_read_are_explained() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, _) = folder("p256");
    let key = folder.path().join("key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let ended = sign(folder.path(), &[]).with(66);
    assert!(ended.err.contains("chmod 600"), "{}", ended.err);

    let other = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n";
    fs::write(&key, other).unwrap();
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let ended = sign(folder.path(), &[]).with(65);
    assert!(ended.err.contains("openssl pkcs8 -topk8"), "{}", ended.err);

    fs::remove_file(&key).unwrap();
    sign(folder.path(), &[]).with(66);
}

#[test]
fn a_key_of_openssl_under_a_passphrase_is_read() {
    let Some(openssl) = OpenSsl::find() else {
        return;
    };
    let (folder, signer) = folder("p256");
    let key = folder.path().join("key.pem");
    let key = key.to_str().unwrap();
    openssl.succeed(&[
        "pkcs8",
        "-topk8",
        "-in",
        key,
        "-out",
        "closed.pem",
        "-passout",
        "pass:open",
    ]);
    fs::copy(openssl.path().join("closed.pem"), key).unwrap();
    let ended = sign(folder.path(), &[]).with(65);
    assert!(ended.err.contains("--passphrase-file"), "{}", ended.err);

    let passphrase = folder.path().join("passphrase");
    write_key(&passphrase, b"");
    fs::write(&passphrase, "open\n").unwrap();
    sign(
        folder.path(),
        &["--passphrase-file", passphrase.to_str().unwrap()],
    )
    .ok();
    let signed = fs::read(folder.path().join("content.txt.p7m")).unwrap();
    assert_intact(&signed, &signer, Dialect::Cms, ContentCoverage::Whole);
}

#[test]
fn what_is_there_is_overwritten_only_by_force() {
    let (folder, _) = folder("p256");
    let out = folder.path().join("content.txt.p7m");
    fs::write(&out, "mine").unwrap();
    let ended = sign(folder.path(), &[]).with(64);
    assert!(ended.err.contains("--force"), "{}", ended.err);
    assert_eq!(fs::read_to_string(&out).unwrap(), "mine");
    sign(folder.path(), &["--force"]).ok();
    assert!(SignedData::parse(&fs::read(&out).unwrap()).is_ok());
}

#[test]
fn a_detached_jws_finds_its_content_by_a_name_with_escapes() {
    let (folder, signer) = folder("p256");
    let named = "合同 1.txt";
    fs::rename(folder.path().join("content.txt"), folder.path().join(named)).unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (file, key, certificate) = (path(named), path("key.pem"), path("certificate.pem"));
    let out = path("out.jws");
    yinxin([
        "sign",
        &file,
        "--key",
        &key,
        "--certificate",
        &certificate,
        "--format",
        "jws",
        "--detached",
        "--out",
        &out,
    ])
    .ok();
    let signed = fs::read(&out).unwrap();
    let read = JwsDocument::parse(&signed).unwrap();
    let content = |name: &str, bytes: &[u8]| {
        DetachedContent::of_bytes(Some(name.to_owned()), bytes.to_vec(), &read.needs())
    };
    let (other, meant) = (content("other.txt", b"other"), content(named, CONTENT));
    let facts = read.facts(&[other, meant]).remove(0);
    assert_eq!(facts.integrity, Integrity::Intact);
    assert_eq!(facts.signer.as_ref(), Some(&signer.certificate));
}
