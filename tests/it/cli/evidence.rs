//! What an operator sees and does about evidence of revocation.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use yinxin::clock::Clock as _;
use yinxin::clock::SystemClock;
use yinxin::signature::pdf::document;

use crate::cli::binary::Ended;
use crate::cli::binary::yinxin;
use crate::cli::installation::Installation;
use crate::making::pdf::page;
use crate::making::pdf::sign;
use crate::making::signer::DOCUMENT_SIGNING;
use crate::making::signer::Signer;
use crate::making::signer::crl as signers_crl;
use crate::running_city::pki;
use crate::service::fetch_evidence::made::crl;
use crate::service::fetch_evidence::web::Web;
use crate::service::fetch_evidence::web::ok;

/// A list of some CA, issued an hour ago and good for as long as is said.
fn list(hours: u64) -> Vec<u8> {
    let this_update = SystemClock.now().minus(Duration::from_secs(3600));
    let next_update = this_update.plus(Duration::from_secs(hours * 3600));
    crl(&pki().alpha, 1, this_update, next_update)
}

impl Installation {
    /// Has the city's CA name a list at that server, by its address: no name needs be resolved.
    fn pin(&self, web: &Web) {
        let file = format!("{}/city/ca.toml", self.data("trust-roots"));
        let text = fs::read_to_string(&file).unwrap();
        let host = web.address;
        let lines = format!(
            "hosts = ['{host}']\naddresses = ['127.0.0.0/8']\nevidence = ['http://{host}/a.crl']"
        );
        assert!(text.contains("hosts = []"));
        fs::write(&file, text.replace("hosts = []", &lines)).unwrap();
    }

    fn evidence(&self, arguments: &[&str]) -> Ended {
        let config = self.config();
        let arguments = arguments.iter().copied();
        yinxin(
            ["evidence"]
                .into_iter()
                .chain(arguments)
                .chain(["--config", &config]),
        )
    }

    fn listed(&self) -> Value {
        let list = self.evidence(&["list", "--json"]).ok();
        assert_eq!(list.lines().count(), 1, "{list}");
        serde_json::from_str(&list).unwrap()
    }
}

#[test]
fn evidence_is_fetched_without_a_server_and_listed() {
    let city = Installation::new();
    assert_eq!(city.evidence(&["list"]).ok(), "0 sources of evidence\n");
    assert_eq!(
        city.evidence(&["fetch"]).ok(),
        "0 new, 0 unchanged, 0 failed\n"
    );
    let web = Web::with(list(48));
    city.pin(&web);
    assert_eq!(
        city.evidence(&["fetch"]).ok(),
        "1 new, 0 unchanged, 0 failed\n"
    );
    assert_eq!(
        city.evidence(&["fetch"]).ok(),
        "0 new, 0 unchanged, 0 failed\n",
        "it is not due"
    );
    assert_eq!(
        city.evidence(&["fetch", "--all"]).ok(),
        "0 new, 1 unchanged, 0 failed\n"
    );
    let told = city.evidence(&["list"]).ok();
    for part in [
        &format!("city  crl  http://{}/a.crl  [ca.toml]\n", web.address),
        "    issued 20",
        " (60 min ago)  good until 20",
        "  signer not known yet\n    next attempt 20",
        "1 sources of evidence\n",
    ] {
        assert!(told.contains(part), "{part:?} is not in {told}");
    }
    let listed = city.listed();
    assert_eq!(listed["url"], format!("http://{}/a.crl", web.address));
    assert_eq!(listed["evidence"]["signerKnown"], false);
    assert_eq!(listed["failures"], 0);
    let doctor = yinxin(["doctor", "--config", &city.config()]).ok();
    assert!(doctor.contains("ok   1 sources of evidence"), "{doctor}");
}

#[test]
fn what_fails_and_what_ended_is_told() {
    let city = Installation::new();
    let web = Web::saying("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\n\r\n");
    city.pin(&web);
    let failed = city.evidence(&["fetch"]).with(69);
    assert_eq!(failed.out, "0 new, 0 unchanged, 1 failed\n");
    let line = format!("city  http://{}/a.crl: REDIRECTED 302\n", web.address);
    assert!(failed.err.contains(&line), "{}", failed.err);
    let told = city.evidence(&["list"]).ok();
    assert!(told.contains("    nothing yet\n"), "{told}");
    assert!(told.contains("1 attempts: REDIRECTED 302"), "{told}");
    // Once it is repaired, nobody waits for the next attempt.
    let late = list(1);
    let web = Web::at(web_address_after(web), move |_, stream| ok(stream, &late));
    city.evidence(&["fetch"]).ok();
    let told = city.evidence(&["list"]).ok();
    assert!(told.contains("STALE since 20"), "{told}");
    assert_eq!(city.listed()["lastError"], Value::Null);
    let doctor = yinxin(["doctor", "--config", &city.config()]).ok();
    let line = format!(
        "warn 1 sources of evidence are stale: certificates that need them are not decided; the \
         first is of city, http://{}/a.crl\n",
        web.address
    );
    assert!(doctor.contains(&line), "{doctor}");
}

/// Where a server was, once it is gone.
fn web_address_after(web: Web) -> std::net::SocketAddr {
    let address = web.address;
    drop(web);
    // Its listener closes when the thread that was woken ends.
    while std::net::TcpListener::bind(address).is_err() {
        std::thread::yield_now();
    }
    address
}

#[test]
fn a_server_fetches_what_ca_toml_names_and_proxies_are_ignored() {
    let city = Installation::new();
    let (web, proxy) = (Web::with(list(48)), Web::with(Vec::new()));
    city.pin(&web);
    let address = format!("http://{}", proxy.address);
    let status = Command::new(env!("CARGO_BIN_EXE_yinxin"))
        .args(["evidence", "fetch", "--config", &city.config()])
        .env("http_proxy", &address)
        .env("HTTP_PROXY", &address)
        .env("ALL_PROXY", &address)
        .stdout(Stdio::null())
        .status();
    assert!(status.unwrap().success());
    assert_eq!((web.connections(), proxy.connections()), (1, 0));
    let later = Web::with(list(48));
    let file = format!("{}/city/ca.toml", city.data("trust-roots"));
    let text = fs::read_to_string(&file).unwrap();
    let moved = text.replace(&web.address.to_string(), &later.address.to_string());
    fs::write(&file, moved).unwrap();
    let server = city.serve();
    let line = server.wait_for("stored the evidence of city");
    assert!(line.contains("\"ca.id\":\"city\""), "{line}");
    let busy = city.evidence(&["fetch"]).with(75);
    assert!(busy.err.contains("server"), "{}", busy.err);
    assert!(city.evidence(&["list"]).ok().contains("2 sources"));
    let metrics = crate::http::client::Ask::get("/metrics").of(server.address);
    let line = r#"evidence_fetches_total{kind="crl",outcome="stored"} 1"#;
    assert!(metrics.text().contains(line), "{}", metrics.text());
    assert!(
        !metrics.text().contains("a.crl"),
        "an address in the metrics"
    );
    let (code, _) = server.stop();
    assert_eq!(code, Some(0));
    assert_eq!((web.connections(), later.connections()), (1, 1));
}

#[test]
fn a_server_that_is_fetching_stops_when_it_is_told() {
    let city = Installation::new();
    let web = Web::start(|_, stream| {
        // Never answers; ends when the other side is gone.
        let _ = std::io::copy(stream, &mut std::io::sink());
        Ok(())
    });
    city.pin(&web);
    let server = city.serve();
    while web.connections() == 0 {
        std::thread::yield_now();
    }
    let (code, _) = server.stop();
    assert_eq!(code, Some(0));
    let listed = city.listed();
    assert_eq!(
        (&listed["failures"], &listed["evidence"]),
        (&Value::from(0), &Value::Null)
    );
}

#[test]
fn a_pdf_is_extended_by_what_was_fetched() {
    let city = Installation::new();
    let web = Web::with(signers_crl());
    let host = web.address;
    let folder = tempfile::tempdir().unwrap();
    Signer::new(folder.path(), "p256");
    // The city's own authority timestamps the signature; that CA publishes no lists, and says so.
    let served = city.serve();
    let tsa = format!("http://{}/tsa", served.address);
    fs::write(folder.path().join("a.pdf"), page("")).unwrap();
    sign(folder.path(), "a.pdf", &["--timestamp", &tsa]).ok();
    served.stop();

    let store = Path::new(&city.data("trust-roots")).join("signers");
    fs::create_dir(&store).unwrap();
    fs::copy(folder.path().join("root.pem"), store.join("root.pem")).unwrap();
    let lines = format!(
        "name = 'Signers'\nname-zh = '签名人'\noperator = 'Signers'\nhosts = ['{host}']\n\
         addresses = ['127.0.0.0/8']\nevidence = ['http://{host}/a.crl']\n[usages]\nregistration = {{ ekus = ['{DOCUMENT_SIGNING}'] }}\n"
    );
    fs::write(store.join("ca.toml"), lines).unwrap();
    let document = folder.path().join("a.signed.pdf");
    let extend = || {
        yinxin([
            "extend",
            document.to_str().unwrap(),
            "--data",
            &city.data(""),
        ])
    };
    let ended = extend().with(69);
    assert!(ended.err.contains("某公司"), "{}", ended.err);
    city.evidence(&["fetch"]).ok();
    let told = extend().ok();
    assert!(told.contains("4 certificates, 1 CRLs, 0 OCSP"), "{told}");
    let extended = fs::read(folder.path().join("a.signed.extended.pdf")).unwrap();
    let facts = document::read(&extended).unwrap();
    assert_eq!(facts.signatures[0].format, "PAdES-BASELINE-LT");
    assert_eq!(facts.evidence.crls().len(), 1);
}
