//! Credentials of ours and of an independent library, each read by the other (`tests/interop`).

use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;

use serde_json::Map;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use yinxin::clock::Timestamp;
use yinxin::credential::claims::Claims;
use yinxin::credential::kind::KindSet;
use yinxin::credential::sd_jwt_vc::issue::IssueInput;
use yinxin::credential::sd_jwt_vc::issue::prepare;
use yinxin::credential::sd_jwt_vc::issue::sign;
use yinxin::credential::sd_jwt_vc::parse::Limits;
use yinxin::credential::sd_jwt_vc::parse::SdJwt;
use yinxin::credential::status_list::StatusReference;
use yinxin::crypto::key_purpose::KeyPurpose;
use yinxin::crypto::random::SystemRandom;
use yinxin::crypto::sign::SigningKey;
use yinxin::encoding::pem;
use yinxin::identifier::opaque_id::CredentialId;

/// The other library, a key that both sides use, and a folder for what they hand each other.
struct Peer {
    python: PathBuf,
    folder: TempDir,
    key: SigningKey,
}

impl Peer {
    /// None where `tests/run` did not install it, and the test that asked says so and passes.
    #[expect(
        clippy::disallowed_methods,
        clippy::print_stderr,
        reason = "tests are told where the peer is, and say when it is not there"
    )]
    fn find() -> Option<Self> {
        let Ok(python) = env::var("YINXIN_PYTHON") else {
            assert!(env::var("CI").as_deref() != Ok("true"), "run tests/run");
            eprintln!("skipped: no YINXIN_PYTHON; tests/run sets it");
            return None;
        };
        let (key, pkcs8) = SigningKey::generate(KeyPurpose::Credential).unwrap();
        let peer = Self {
            python: PathBuf::from(python),
            folder: TempDir::new().unwrap(),
            key,
        };
        peer.write("key.pem", &pem::encode("PRIVATE KEY", pkcs8.expose()));
        let public = peer.key.public_key().spki_der();
        peer.write("public.pem", &pem::encode("PUBLIC KEY", public));
        Some(peer)
    }

    fn write(&self, name: &str, content: &str) {
        fs::write(self.folder.path().join(name), content).unwrap();
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/sd_jwt_peer.py");
        let mut command = Command::new(&self.python);
        command.current_dir(self.folder.path());
        command.arg(script).args(arguments).output().unwrap()
    }

    fn answer(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{complaint}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// What the peer says of a credential, or `None` where it refuses it.
    fn verify(&self, credential: &str) -> Option<Value> {
        self.write("credential", credential);
        let output = self.run(&["verify", "--issuer-key", "public.pem", "credential"]);
        match output.status.code() {
            Some(0) => Some(serde_json::from_slice(&output.stdout).unwrap()),
            Some(1) => None,
            _ => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        }
    }

    fn issue_ours(&self) -> String {
        let kinds = KindSet::builtin("https://yinxin.example").unwrap();
        let kind = kinds.by_id("business-registration").unwrap();
        let claims: Map<String, Value> = serde_json::from_value(json!({
            "name": "东莞市示例有限公司",
            "uscc": "91350100M000100Y43",
            "state": "active",
            "capital": {"amount": 2_130_000, "currency": "CNY"},
            "address": "东莞市南城街道示例路1号",
            "legalRepresentative": "示例人一",
            "establishedOn": "2015-03-01",
            "registrations": [
                {"department": "customs", "number": "1", "registeredOn": "2015-04-01", "state": "active"},
                {"department": "state-tax", "number": "2", "registeredOn": "2015-03-02", "state": "active"},
            ],
        }))
        .unwrap();
        let at = |seconds| Timestamp::from_unix_seconds(seconds).unwrap();
        let input = IssueInput {
            id: CredentialId::from_random([7; 16]),
            kind,
            claims: Claims::check(claims, kind).unwrap(),
            issuer: "https://yinxin.example".to_owned(),
            issued_at: at(1_700_000_000),
            not_before: None,
            expires_at: at(4_000_000_000),
            status: StatusReference {
                index: 3,
                uri: "https://yinxin.example/status/1".to_owned(),
            },
        };
        sign(
            &prepare(input, &SystemRandom::new()).unwrap(),
            &self.key,
            &[],
        )
        .unwrap()
    }

    fn read(&self, text: &str) -> SdJwt {
        let credential = SdJwt::parse(text, Limits::DEFAULT).unwrap();
        assert_eq!(credential.jws().verify(self.key.public_key()), Ok(()));
        credential
    }
}

#[test]
fn the_peer_reads_our_credential_as_we_do() {
    let Some(peer) = Peer::find() else { return };
    let ours = peer.issue_ours();
    let theirs = peer.verify(&ours).expect("accepted");
    assert_eq!(theirs["header"]["typ"], "dc+sd-jwt");
    assert_eq!(theirs["withheld"], 0);
    let claims = peer.read(&ours).disclose().all.clone();
    assert_eq!(theirs["payload"], Value::Object(claims));
}

#[test]
fn what_the_peer_withholds_we_miss_and_nothing_else() {
    let Some(peer) = Peer::find() else { return };
    peer.write("credential", &peer.issue_ours());
    let chosen = ["--disclose", "capital", "--disclose", "registrations/1"];
    let mut arguments = vec!["present"];
    arguments.extend(chosen);
    arguments.push("credential");
    let presented = peer.answer(&arguments);
    let credential = peer.read(&presented);
    let claims = &credential.disclose().all;
    assert_eq!(claims["capital"]["amount"], 2_130_000);
    assert_eq!(claims["registrations"].as_array().unwrap().len(), 1);
    assert_eq!(claims["uscc"], "91350100M000100Y43");
    assert!(!claims.contains_key("address"));
    assert_eq!(credential.disclose().withheld.len(), 4);
    assert_eq!(peer.verify(&presented).unwrap()["withheld"], 4);
}

#[test]
fn we_read_the_peers_credential_as_it_does() {
    let Some(peer) = Peer::find() else { return };
    let claims = json!({
        "vct": "https://elsewhere.example/licence",
        "iss": "https://elsewhere.example",
        "iat": 1_700_000_000,
        "exp": 4_000_000_000_i64,
        "status": {"status_list": {"idx": 5, "uri": "https://elsewhere.example/status/1"}},
        "holder": {"name": "某公司", "address": {"city": "东莞", "street": "示例路"}},
        "permits": ["food", "drink"],
        "fee": 12.5,
    });
    peer.write("claims.json", &claims.to_string());
    let issued = peer.answer(&[
        "issue",
        "--key",
        "key.pem",
        "--claims",
        "claims.json",
        "--disclosable",
        "holder",
        "--disclosable",
        "holder/address",
        "--disclosable",
        "holder/address/street",
        "--disclosable",
        "permits/1",
        "--disclosable",
        "fee",
    ]);
    let credential = peer.read(&issued);
    assert_eq!(Value::Object(credential.disclose().all.clone()), claims);
    assert_eq!(credential.disclosures().len(), 5);

    let without_address = credential.present(|disclosure| disclosure.name() != Some("address"));
    let theirs = peer.verify(&without_address).unwrap();
    let ours = peer.read(&without_address).disclose().all.clone();
    assert_eq!(theirs["payload"], Value::Object(ours));
    assert_eq!(theirs["payload"]["holder"], json!({"name": "某公司"}));
}

#[test]
fn both_refuse_what_was_altered() {
    let Some(peer) = Peer::find() else { return };
    let ours = peer.issue_ours();
    let first_disclosure = ours.find('~').unwrap() + 3;
    let last_disclosure = ours.len() - 3;
    for at in [first_disclosure, last_disclosure] {
        let other = if ours.get(at..=at) == Some("A") {
            "B"
        } else {
            "A"
        };
        let mut altered = ours.clone();
        altered.replace_range(at..=at, other);
        assert!(SdJwt::parse(&altered, Limits::DEFAULT).is_err());
        assert_eq!(peer.verify(&altered), None);
    }
}
