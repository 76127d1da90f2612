//! The README's walk-through, as it stands there: from a bank that is refused a CA to one that recognises it.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;

use crate::cli::binary::Ended;
use crate::cli::binary::Served;
use crate::cli::binary::yinxin;
use crate::cli::demo;
use crate::cli::demo::printed_key;
use crate::http::client::Ask;

/// What the README says to paste.
fn commands() -> String {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, rest) = readme.split_once("```sh walk-through\n").unwrap();
    rest.split_once("```\n").unwrap().0.to_owned()
}

fn read(folder: &Path, name: &str) -> Value {
    let text = fs::read_to_string(folder.join(name)).unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}: {text}"))
}

fn verdict(report: &Value) -> Value {
    json!({"indication": report["indication"], "subIndication": report["subIndication"]})
}

#[test]
fn a_bank_is_refused_sees_why_and_passes_after_a_rehearsed_change() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("yinxin-demo");
    let served = [
        "demo",
        "--data",
        data.to_str().unwrap(),
        "--listen",
        "127.0.0.1:0",
    ];
    let server = Served::start(served);
    let told = server.told.join("\n");
    let ended = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &commands()])
        .current_dir(folder.path())
        .env("URL", format!("http://{}", server.address))
        .env("BANK_YI", printed_key(&told, "BANK_YI"))
        .env("OPERATOR", printed_key(&told, "OPERATOR"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");

    let files = data.join("samples/documents");
    let refused = read(&files, "refused.json");
    let refusal =
        json!({"indication": "INDETERMINATE", "subIndication": "CHAIN_CONSTRAINTS_FAILURE"});
    assert_eq!(verdict(&refused), refusal);
    let reasons = refused["signatures"][0]["reasons"].as_array().unwrap();
    let mut why = reasons.iter();
    let why = why.find(|reason| reason["code"] == "CA_NOT_RECOGNISED");
    assert_eq!(why.unwrap()["params"]["row"], "none");

    let passing = json!({"indication": "TOTAL-PASSED", "subIndication": null});
    let rehearsal = read(&files, "rehearsal.json");
    let transitions = json!([{"before": refusal, "after": passing, "count": 1}]);
    assert_eq!(
        rehearsal["callers"][0]["transitions"], transitions,
        "{rehearsal:#}"
    );

    assert_eq!(read(&files, "proposal.json")["state"], "proposed");
    assert_eq!(read(&files, "approved.json")["state"], "active");
    let passed = read(&files, "passed.json");
    assert_eq!(verdict(&passed), passing, "{passed:#}");
    assert_eq!(
        refused["document"]["digests"],
        passed["document"]["digests"]
    );

    for (name, own, differences) in [
        ("refused-replayed.json", &refusal, json!(["RECOGNISED_NOW"])),
        ("passed-replayed.json", &passing, json!([])),
    ] {
        let replayed = read(&files, name);
        assert_eq!(replayed["consistent"], true, "{replayed:#}");
        assert_eq!(&replayed["then"]["verdict"], own);
        assert_eq!(replayed["now"]["verdict"], passing, "{replayed:#}");
        let codes = replayed["differences"].as_array().unwrap().iter();
        let codes: Value = codes.map(|one| one["code"].clone()).collect();
        assert_eq!(codes, differences);
    }
}

/// A demonstration in which bank Yi was refused CA Yi, and a file with the row that is missing.
struct Refused {
    folder: TempDir,
    told: String,
}

impl Refused {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (files, told) = demo::made();
        files.write(&folder.path().join("yinxin-demo"));
        let refused = Self {
            folder,
            told: told.to_owned(),
        };
        let server = refused.serve();
        let file = refused.path("yinxin-demo/samples/documents/application.p7m");
        let report = Ask::post("/v1/verify?purpose=account-opening")
            .key(&printed_key(&refused.told, "BANK_YI"))
            .body("application/pkcs7-mime", fs::read(file).unwrap())
            .of(server.address)
            .expect(200);
        assert_eq!(report["indication"], "INDETERMINATE");
        let exported = refused.run(&["trust", "export"]).ok();
        let row = exported.split("[[row]]\n").find(|row| {
            ["bank-jia", "demo-yi", "banking"]
                .iter()
                .all(|word| row.contains(word))
        });
        let row = row.unwrap().replace("bank-jia", "bank-yi");
        let table = format!("{exported}\n[[row]]\n{row}");
        fs::write(refused.path("table.toml"), table).unwrap();
        refused
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    fn serve(&self) -> Served {
        let data = self.path("yinxin-demo");
        Served::start(["demo", "--data", &data, "--listen", "127.0.0.1:0"])
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        let config = self.path("yinxin-demo/yinxin.toml");
        yinxin([arguments, &["--config", &config]].concat())
    }
}

#[test]
fn a_table_is_rehearsed_from_its_file_with_and_without_a_server() {
    let city = Refused::new();
    let table = city.path("table.toml");
    let rehearse = ["trust", "rehearse", &table, "--days", "7"];
    let told = city.run(&rehearse).ok();
    for line in [
        "1 verifications since ",
        "1 would have another verdict, 0 the same",
        "because `demo-yi` is recognised for `banking`: 1",
        "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE -> TOTAL-PASSED  1",
    ] {
        assert!(told.contains(line), "{line}: {told}");
    }
    let json: Value =
        serde_json::from_str(&city.run(&[&rehearse[..], &["--json"]].concat()).ok()).unwrap();

    let server = city.serve();
    let busy = city.run(&rehearse).with(75);
    assert!(busy.err.contains("--server"), "{}", busy.err);
    let key = city.path("key");
    fs::write(&key, printed_key(&city.told, "OPERATOR")).unwrap();
    fs::set_permissions(&key, PermissionsExt::from_mode(0o600)).unwrap();
    let url = format!("http://{}", server.address);
    let through = ["--json", "--server", &url, "--key-file", &key];
    let ended = city.run(&[&rehearse[..], &through].concat());
    let through: Value = serde_json::from_str(&ended.ok()).unwrap();
    assert_eq!(through["callers"], json["callers"]);
    fs::write(&key, printed_key(&city.told, "BANK_YI")).unwrap();
    let denied = city.run(&[&rehearse[..], &["--server", &url, "--key-file", &key]].concat());
    assert!(denied.with(69).err.contains("SCOPE_MISSING"));
}

#[test]
fn what_cannot_be_rehearsed_is_told() {
    let city = Refused::new();
    let table = city.path("table.toml");
    city.run(&["trust", "rehearse"]).with(64);
    city.run(&["trust", "rehearse", &table, "--proposal", "1"])
        .with(64);
    city.run(&["trust", "rehearse", &table, "--days", "0"])
        .with(64);
    city.run(&["trust", "rehearse", "--proposal", "7"]).with(64);
    city.run(&["trust", "rehearse", &city.path("none.toml")])
        .with(66);
    let exported = city.run(&["trust", "export"]).ok();
    fs::write(&table, exported.replacen("city", "nowhere", 1)).unwrap();
    let refused = city.run(&["trust", "rehearse", &table]).with(65);
    assert!(
        refused.err.contains("line ") && refused.err.contains("no trust store"),
        "{}",
        refused.err
    );
}
