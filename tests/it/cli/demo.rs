//! `yinxin demo`: one command from nothing to a city, with a sample for every verdict.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::cli::binary::Served;
use crate::cli::binary::yinxin;
use crate::cli::files::Files;
use crate::http::client::Ask;

/// The port that the system chooses.
const ANY_PORT: &str = "127.0.0.1:0";

struct Demo {
    folder: TempDir,
}

/// A demonstration that was made, and what was printed then.
static MADE: LazyLock<(Files, String)> = LazyLock::new(|| {
    let demo = Demo::none();
    let data = demo.data();
    let told = yinxin(Demo::arguments(&data, &["--no-serve"])).ok();
    (Files::of(&data), told)
});

/// The files of a demonstration, and what was printed when it was made.
pub(crate) fn made() -> &'static (Files, String) {
    &MADE
}

impl Demo {
    /// None is made yet.
    fn none() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    /// One that was made, with what was printed then.
    fn made() -> (Self, &'static str) {
        let demo = Self::none();
        let (files, told) = &*MADE;
        files.write(&demo.data());
        (demo, told)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("city")
    }

    fn arguments<'a>(data: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
        let first = ["demo", "--data", data.to_str().unwrap()];
        first.iter().chain(more).copied().collect()
    }

    fn serve(&self) -> Served {
        Served::start(Self::arguments(&self.data(), &["--listen", ANY_PORT]))
    }
}

/// The key that was printed as `export NAME=…`.
pub(crate) fn printed_key(told: &str, name: &str) -> String {
    let marker = format!("export {name}=");
    let (_, rest) = told.split_once(&marker).unwrap();
    rest.split_whitespace().next().unwrap().to_owned()
}

/// The variable under which the key of that caller is printed.
fn variable(caller: &str) -> String {
    caller.to_uppercase().replace('-', "_")
}

fn expected(data: &Path) -> Vec<Value> {
    let text = fs::read_to_string(data.join("samples/expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Compares a report with what `expected.json` says of the sample.
fn assert_as_expected(report: &Value, sample: &Value) {
    for member in ["indication", "subIndication"] {
        assert_eq!(report[member], sample[member], "{sample} {report}");
    }
    if let Some(reason) = sample["reason"].as_str() {
        let code = format!("\"code\":\"{reason}\"");
        assert!(report.to_string().contains(&code), "{sample} {report}");
    }
}

/// Every file with its size and time of change, but for those that any process touches.
fn inventory(folder: &Path) -> Vec<(PathBuf, u64, i64)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let metadata = fs::metadata(&path).unwrap();
        if metadata.is_dir() {
            found.extend(inventory(&path));
        } else if !path.ends_with("lock") {
            found.push((path, metadata.len(), metadata.mtime_nsec()));
        }
    }
    found.sort();
    found
}

#[test]
fn from_nothing_it_serves_within_ten_seconds_and_stops_when_told() {
    let demo = Demo::none();
    let server = demo.serve();
    assert!(server.processor_seconds() < 10);
    let told = server.told.join("\n");
    let bank = printed_key(&told, "BANK_JIA");
    let uscc = fs::read_to_string(demo.data().join("samples/company.txt")).unwrap();
    let answer = Ask::get(format!("/v1/companies/{}", uscc.trim()))
        .key(&bank)
        .of(server.address)
        .expect(200);
    assert_eq!(answer["company"]["uscc"], uscc.trim());
    let page = Ask::get("/").of(server.address);
    assert_eq!(page.status, 200);
    assert!(page.text().contains("演示"), "{page}");
    let address = server.address;
    let (code, log) = server.stop();
    assert_eq!(code, Some(0), "{log:?}");
    assert!(log.iter().any(|line| line == "stopped"), "{log:?}");
    assert!(Ask::get("/livez").send(address).is_err());
}

#[test]
fn making_it_again_changes_nothing_and_shows_no_key() {
    let (demo, _) = Demo::made();
    let before = inventory(&demo.data());
    let again = yinxin(Demo::arguments(&demo.data(), &["--no-serve"])).with(0);
    assert!(again.err.contains("is used as it is"), "{}", again.err);
    assert!(!again.out.contains("yx_") && !again.err.contains("yx_"));
    assert_eq!(inventory(&demo.data()), before);
}

#[test]
fn every_sample_gets_its_verdict_from_the_command_line_and_over_http() {
    let (demo, told) = Demo::made();
    let data = demo.data();
    let samples = expected(&data);
    assert_eq!(samples.len(), 9);
    for sample in &samples {
        assert_on_the_command_line(&data, sample);
    }
    let server = demo.serve();
    for sample in &samples {
        let key = printed_key(told, &variable(sample["caller"].as_str().unwrap()));
        let file = data.join("samples").join(sample["file"].as_str().unwrap());
        let report = Ask::post("/v1/verify")
            .key(&key)
            .body("application/dc+sd-jwt", fs::read(file).unwrap())
            .of(server.address)
            .expect(200);
        assert_as_expected(&report, sample);
    }
    // A data folder that is served can still be read by others.
    assert_on_the_command_line(&data, &samples[0]);
}

fn assert_on_the_command_line(data: &Path, sample: &Value) {
    let file = data.join("samples").join(sample["file"].as_str().unwrap());
    let ended = yinxin([
        "verify",
        file.to_str().unwrap(),
        "--data",
        data.to_str().unwrap(),
        "--profile",
        sample["caller"].as_str().unwrap(),
        "--json",
    ]);
    let code = match sample["indication"].as_str().unwrap() {
        "TOTAL-PASSED" => 0,
        "TOTAL-FAILED" => 1,
        _ => 2,
    };
    let out = ended.with(code).out;
    assert_eq!(out.lines().count(), 1, "one line a file");
    assert_as_expected(&serde_json::from_str(&out).unwrap(), sample);
}

#[test]
fn it_is_a_city_of_two_hundred_companies_a_signing_one_and_five_callers() {
    let (demo, told) = Demo::made();
    let server = demo.serve();
    let bank = printed_key(told, "BANK_YI");
    let (mut found, mut after) = (0, String::new());
    loop {
        let page = Ask::get(format!(
            "/v1/companies?name=%E4%B8%9C%E8%8E%9E&limit=100{after}"
        ))
        .key(&bank)
        .of(server.address)
        .expect(200);
        found += page["companies"].as_array().unwrap().len();
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(found, 200);
    drop(server);
    let config = demo.data().join("yinxin.toml");
    let doctor = yinxin(["doctor", "--config", config.to_str().unwrap()]).ok();
    assert!(doctor.contains("201 companies"), "{doctor}");
    assert_eq!(told.matches("export ").count(), 5);
}

#[test]
fn the_sample_company_fetches_its_credential_by_code_and_by_certificate() {
    let (demo, _) = Demo::made();
    let server = demo.serve();
    let url = format!("http://{}", server.address);
    let sample = |name: &str| {
        let path = demo.data().join("samples").join(name);
        path.to_str().unwrap().to_owned()
    };
    let out = demo.folder.path().join("fetched");
    let fetch = |how: &[&str]| {
        let run = ["credential", "pick-up", "--server", &url, "--out"];
        let run = [&run[..], &[out.to_str().unwrap()], how].concat();
        let told = yinxin(run).ok();
        assert!(
            told.contains("business-registration.sd-jwt: valid"),
            "{told}"
        );
        fs::read_to_string(out.join("business-registration.sd-jwt")).unwrap()
    };
    let by_code = fetch(&["--code-file", &sample("pick-up-code.txt")]);
    let uscc = "91441900YX0099992K";
    for ca in ["demo-jia", "demo-yi", "demo-bing"] {
        let key = sample(&format!("company-of-{ca}.key.pem"));
        let certificate = sample(&format!("company-of-{ca}.pem"));
        let how = ["--uscc", uscc, "--key", &key, "--certificate", &certificate];
        assert_eq!(fetch(&how), by_code, "{ca}");
    }
    let file = out.join("business-registration.sd-jwt");
    let (file, data) = (file.to_str().unwrap(), demo.data());
    let data = data.to_str().unwrap();
    let verify = ["verify", file, "--data", data, "--profile", "bank-jia"];
    yinxin(verify.to_vec()).ok();
}

#[test]
fn it_is_for_this_machine_alone() {
    let demo = Demo::none();
    let arguments = Demo::arguments(&demo.data(), &["--listen", "0.0.0.0:8441"]).join(" ");
    let refused = yinxin(arguments.split(' ')).with(64);
    assert!(refused.err.contains("not a loopback address"));
    assert!(!demo.data().exists());
}

#[test]
fn its_demonstration_cas_are_refused_by_serve() {
    let (demo, _) = Demo::made();
    let config = demo.data().join("yinxin.toml");
    let refused = yinxin(["serve", "--config", config.to_str().unwrap()]).with(78);
    assert!(refused.err.contains("demo"), "{}", refused.err);
}

#[test]
fn the_samples_of_national_cryptography_are_judged_by_their_list() {
    let (demo, _) = Demo::made();
    let file = |name: &str| {
        let path = demo.data().join("samples/sm2").join(name);
        path.to_str().unwrap().to_owned()
    };
    let path = |certificate: &str, more: &[&str]| {
        let (certificate, anchor) = (file(certificate), file("root.pem"));
        let first = ["path", &certificate, "--anchor", &anchor, "--json"];
        yinxin(first.iter().chain(more).copied())
    };
    let crl = file("ca.crl");
    let report = |ended: &str| -> Value { serde_json::from_str(ended).unwrap() };
    let passed = report(&path("company.pem", &["--crl", &crl]).with(0).out);
    assert_eq!(passed["indication"], "TOTAL-PASSED");
    assert_eq!(passed["revocation"][0]["source"], "CRL");
    let revoked = report(&path("revoked.pem", &["--crl", &crl]).with(2).out);
    assert_eq!(revoked["subIndication"], "REVOKED_NO_POE");
    assert_eq!(revoked["reasons"][0]["code"], "CERTIFICATE_REVOKED");
    let unknown = report(&path("company.pem", &[]).with(2).out);
    assert_eq!(unknown["subIndication"], "TRY_LATER");
}

#[test]
fn what_the_sample_company_signed_is_judged_for_who_recognises_its_ca() {
    let (demo, _) = Demo::made();
    let data = demo.data().to_str().unwrap().to_owned();
    let file = |name: &str| {
        let path = demo.data().join("samples/documents").join(name);
        path.to_str().unwrap().to_owned()
    };
    let judged = |arguments: &[&str], profile: &str, exit: i32| -> Value {
        let by = ["--data", &data, "--profile", profile, "--json"];
        let all = ["verify"].iter().chain(arguments).chain(&by).copied();
        serde_json::from_str(&yinxin(all).with(exit).out).unwrap()
    };
    let (apart, content, altered) = (
        file("application.txt.p7s"),
        file("application.txt"),
        file("altered.txt"),
    );
    for name in ["application.p7m", "application.jws"] {
        let report = judged(&[&file(name)], "bank-jia/account-opening", 0);
        assert_eq!(report["indication"], "TOTAL-PASSED", "{name}");
        let other = judged(&[&file(name)], "bank-yi/account-opening", 2);
        assert_eq!(
            other["subIndication"], "CHAIN_CONSTRAINTS_FAILURE",
            "{name}"
        );
    }
    let whole = judged(
        &[&apart, "--content", &content],
        "bank-jia/account-opening",
        0,
    );
    assert_eq!(whole["signatures"][0]["format"], "CAdES-BASELINE-T");
    assert_eq!(
        whole["signatures"][0]["timestamps"][0]["signature"]["indication"],
        "TOTAL-PASSED"
    );
    let other = judged(
        &[&apart, "--content", &altered],
        "bank-jia/account-opening",
        1,
    );
    assert_eq!(other["subIndication"], "HASH_FAILURE");
    let withheld = judged(&[&apart], "bank-jia/account-opening", 2);
    assert_eq!(withheld["subIndication"], "SIGNED_DATA_NOT_FOUND");
    let sm2 = |name: &str| {
        demo.data()
            .join("samples/sm2")
            .join(name)
            .to_str()
            .unwrap()
            .to_owned()
    };
    let (national, anchor, crl) = (file("application.gm.p7m"), sm2("root.pem"), sm2("ca.crl"));
    let passed = yinxin([
        "verify", &national, "--anchor", &anchor, "--crl", &crl, "--json",
    ]);
    let passed: Value = serde_json::from_str(&passed.with(0).out).unwrap();
    assert_eq!(
        passed["signatures"][0]["cryptographic"]["signatureAlgorithm"],
        "SM2-SM3"
    );
}
