//! A city as an operator sets it up, served by the real binary on one core.

use std::fmt::Write as _;
use std::fs;
use std::io::BufRead as _;
use std::io::BufReader;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::Mutex;
use std::thread;

use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use yinxin::identifier::uscc::Uscc;

use crate::SERVER_CORE;
use crate::client::Connection;

/// Credentials that nothing is measured with.
const SAMPLES: usize = 64;

/// The server's process; killed when it is dropped.
pub(crate) struct City {
    child: Child,
    pub(crate) address: SocketAddr,
    /// The key of a bank.
    pub(crate) bank: String,
    /// Credentials of one company each.
    pub(crate) credentials: Vec<Vec<u8>>,
    /// Others, to begin with.
    pub(crate) samples: Vec<Vec<u8>>,
    _folder: TempDir,
}

fn yinxin(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_yinxin"))
        .args(arguments)
        .stderr(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn uscc(number: usize) -> Uscc {
    Uscc::with_check(&format!("91441900YX{number:07}")).unwrap()
}

fn company(number: usize) -> Value {
    json!({
        "company": {
            "uscc": uscc(number), "name": format!("东莞市示例{number}精密制造有限公司"),
            "nameEn": "Sample Co., Ltd.", "state": "active",
            "capital": {"amount": 2_130_000, "currency": "CNY"}, "address": "东莞市南城街道示例路1号",
            "legalRepresentative": "示例人一", "establishedOn": "2015-03-01",
        },
        "registrations": [
            {"department": "customs", "number": "4419960001", "registeredOn": "2015-04-01", "state": "active"},
            {"department": "state-tax", "number": "441900000000001", "registeredOn": "2015-03-02", "state": "active"},
        ],
    })
}

impl City {
    /// One with so many credentials.
    pub(crate) fn open(credentials: usize) -> Self {
        // On a disk, as a city's would be.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let data = folder.path().join("data");
        let config = data.join("yinxin.toml");
        let config = config.to_str().unwrap();
        yinxin(&[
            "init",
            "--data",
            data.to_str().unwrap(),
            "--city",
            "Example City",
            "--city-zh",
            "示例市",
            "--issuer-uscc",
            "11441900YX0000008B",
            "--public-url",
            "https://yinxin.example",
            "--listen",
            "127.0.0.1:0",
        ]);
        let add = |id: &str, kind: &[&str]| {
            let caller = [
                "caller",
                "add",
                id,
                "--config",
                config,
                "--name",
                "Example",
                "--name-zh",
                "示例",
            ];
            let recognised = ["--recognise", "city:credential-issuing", "--kind"];
            let key = yinxin(&[&caller[..], &recognised[..], kind].concat());
            let unlimited = ["--per-minute", "100000000", "--config", config];
            yinxin(&[&["caller", "limit", id], &unlimited[..]].concat());
            key
        };
        let market = add(
            "market-regulation",
            &["department", "--department", "market-regulation"],
        );
        let bank = add("bank-one", &["bank"]);
        let companies = folder.path().join("companies.ndjson");
        let count = credentials + SAMPLES;
        import(&companies, count);
        yinxin(&[
            "company",
            "import",
            companies.to_str().unwrap(),
            "--as",
            "market-regulation",
            "--config",
            config,
        ]);
        let (child, address) = serve(config);
        let mut credentials = issue(address, &market, count);
        Self {
            samples: credentials.split_off(credentials.len() - SAMPLES),
            credentials,
            child,
            address,
            bank,
            _folder: folder,
        }
    }
}

impl City {
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }
}

fn import(file: &Path, count: usize) {
    let mut text = String::new();
    for number in 0..count {
        writeln!(text, "{}", company(number)).unwrap();
    }
    fs::write(file, text).unwrap();
}

fn serve(config: &str) -> (Child, SocketAddr) {
    let mut child = Command::new("taskset")
        .args([
            "-c",
            SERVER_CORE,
            env!("CARGO_BIN_EXE_yinxin"),
            "serve",
            "--config",
            config,
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut printed = BufReader::new(child.stdout.take().unwrap());
    printed.read_line(&mut line).unwrap();
    let address = line.trim().trim_start_matches("listening on http://");
    (child, address.trim_end_matches('/').parse().unwrap())
}

/// Issues and fetches the credentials of so many companies.
fn issue(address: SocketAddr, key: &str, count: usize) -> Vec<Vec<u8>> {
    let numbers: Vec<usize> = (0..count).collect();
    let issued = Mutex::new(Vec::new());
    let issued_by_all = &issued;
    thread::scope(|scope| {
        for numbers in numbers.chunks(count.div_ceil(8)) {
            scope.spawn(move || {
                let mut connection = Connection::open(address);
                for number in numbers {
                    let body = json!({"uscc": uscc(*number), "type": "business-registration"}).to_string();
                    let request = format!(
                        "POST /v1/credentials HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {key}\r\n\
                         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                        body.len()
                    );
                    let told: Value = serde_json::from_slice(connection.ask(request.as_bytes())).unwrap();
                    let request = format!(
                        "GET /v1/credentials/{}/file HTTP/1.1\r\nhost: a\r\nauthorization: Bearer {key}\r\n\r\n",
                        told["id"].as_str().unwrap()
                    );
                    let file = connection.ask(request.as_bytes()).to_vec();
                    issued_by_all.lock().unwrap().push(file);
                }
            });
        }
    });
    issued.into_inner().unwrap()
}

impl Drop for City {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}
