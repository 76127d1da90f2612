//! What an operator agrees on with callers: keys that take the place of others, limits, certificates, TLS.

use std::fs;
use std::process::Command;

use crate::cli::binary::Ended;
use crate::cli::binary::Served;
use crate::cli::binary::yinxin;
use crate::cli::installation::Installation;
use crate::http::client::Ask;

fn run(city: &Installation, arguments: &[&str]) -> Ended {
    let config = ["--config".to_owned(), city.config()];
    yinxin(
        arguments
            .iter()
            .map(|text| (*text).to_owned())
            .chain(config),
    )
}

fn prefix(key: &str) -> &str {
    key.split('_').nth(1).unwrap()
}

/// Puts lines into the section `[server]`.
fn configure(city: &Installation, lines: &str) {
    let text = fs::read_to_string(city.config()).unwrap();
    let text = text.replacen("[server]\n", &format!("[server]\n{lines}\n"), 1);
    fs::write(city.config(), text).unwrap();
}

/// Writes a self-signed certificate and its key, and gives their files.
fn self_signed(city: &Installation, name: &str) -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (
        city.data(&format!("{name}.pem")),
        city.data(&format!("{name}.key")),
    );
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (certificate, key)
}

#[test]
fn a_key_is_rotated_with_and_without_grace() {
    let city = Installation::new();
    let rotated = run(&city, &["caller", "key", "rotate", prefix(city.bank)]).ok();
    let new = rotated.trim().to_owned();
    assert_ne!(new, city.bank);
    let now = run(
        &city,
        &["caller", "key", "rotate", prefix(&new), "--grace", "0"],
    )
    .ok();
    let newest = now.trim();
    run(&city, &["caller", "key", "rotate", "nosuchky"]).with(64);
    run(&city, &["caller", "key", "rotate", prefix(&new)]).with(64);
    run(&city, &["caller", "key"]).with(64);
    let server = city.serve();
    let ask = Ask::get(format!("/v1/companies/{}", city.company(0)));
    ask.clone().key(city.bank).of(server.address).expect(200);
    let refused = ask.clone().key(&new).of(server.address);
    refused.problem(401, "API_KEY_INVALID");
    ask.key(newest).of(server.address).expect(200);
}

#[test]
fn what_a_caller_is_held_to_is_set_shown_and_taken_back() {
    let city = Installation::new();
    let limit = |arguments: &[&str]| {
        run(
            &city,
            &[&["caller", "limit", "bank-one"], arguments].concat(),
        )
    };
    let shown = limit(&[]).ok();
    assert!(shown.contains("purposes             any"), "{shown}");
    let set = [
        "--purpose",
        "loan",
        "--purpose",
        "account-opening",
        "--from",
        "10.20.0.0/16",
        "--from",
        "127.0.0.0/8",
        "--per-minute",
        "4",
        "--per-day",
        "3",
    ];
    let shown = limit(&set).ok();
    for told in [
        "purposes             account-opening, loan",
        "networks             10.20.0.0/16, 127.0.0.0/8",
        "requests per minute  4",
        "requests per day     3",
    ] {
        assert!(shown.contains(told), "{shown}");
    }
    for mistake in [
        ["--purpose", "gambling"],
        ["--from", "10.20.0.1/16"],
        ["--from", "here"],
        ["--per-minute", "0"],
        ["--per-day", "many"],
    ] {
        limit(&mistake).with(64);
    }
    limit(&["--purpose", "loan", "--purpose", "any"]).with(64);
    run(&city, &["caller", "limit", "nobody"]).with(64);
    assert_eq!(limit(&[]).ok(), shown, "a mistake changes nothing");
    let callers = run(&city, &["caller", "list"]).ok();
    assert_eq!(callers.matches("has limits of its own").count(), 1);
    let server = city.serve();
    let ask = Ask::get(format!("/v1/companies/{}?purpose=loan", city.company(0))).key(city.bank);
    let answer = ask.of(server.address);
    answer.expect(200);
    assert_eq!(answer.header("ratelimit-limit"), Some("2"));
    drop(server);
    let back = [
        "--purpose",
        "any",
        "--from",
        "any",
        "--per-minute",
        "default",
        "--per-day",
        "default",
    ];
    let shown = limit(&back).ok();
    assert!(shown.contains("networks             any"), "{shown}");
    assert!(shown.contains("requests per day     default"), "{shown}");
}

/// A data folder whose server speaks TLS, and its certificate.
fn with_tls() -> (Installation, String) {
    let city = Installation::new();
    let (certificate, _) = self_signed(&city, "server");
    configure(
        &city,
        "tls_listen = \"127.0.0.1:0\"\ntls_certificate_file = \"server.pem\"\ntls_key_file = \"server.key\"",
    );
    (city, certificate)
}

/// The version of HTTP and the status with which `curl` is answered; none where there is no `curl`.
fn curl(url: &str, trusted: &str, (certificate, key): (&str, &str)) -> Option<String> {
    let told = [
        "-sS",
        "--http2",
        "-o",
        "/dev/null",
        "-w",
        "%{http_version} %{http_code}",
    ];
    let shown = [
        "--cacert",
        trusted,
        "--cert",
        certificate,
        "--key",
        key,
        url,
    ];
    let output = Command::new("curl").args(told).args(shown).output().ok()?;
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn a_certificate_is_registered_once_listed_and_removed() {
    let (city, certificate) = with_tls();
    let (client, _) = self_signed(&city, "client");
    let add = [
        "caller",
        "certificate",
        "add",
        "bank-one",
        "--file",
        &client,
    ];
    let rule = run(&city, &add).ok();
    run(&city, &add).with(64);
    run(&city, &["caller", "certificate", "add", "bank-one"]).with(64);
    let authority = [&add[..], &["--authority", &client]].concat();
    let refused = run(&city, &authority).with(64);
    assert!(refused.err.contains("client_ca_file"), "{}", refused.err);
    let list = ["caller", "certificate", "list", "bank-one"];
    let listed = run(&city, &list).ok();
    assert!(listed.contains(rule.trim()), "{listed}");
    assert!(
        listed.contains("confirm,verify  last used never"),
        "{listed}"
    );
    let callers = run(&city, &["caller", "list"]).ok();
    let line = format!("    certificate {}", rule.trim());
    assert!(callers.contains(&line), "{callers}");
    let doctor = run(&city, &["doctor"]).ok();
    assert!(
        doctor.contains("the TLS certificate is valid until"),
        "{doctor}"
    );
    let remove = ["caller", "certificate", "remove", rule.trim()];
    run(&city, &remove).ok();
    run(&city, &remove).with(64);
    run(&city, &["caller", "certificate", "remove", "nonsense"]).with(64);
    assert_eq!(run(&city, &list).ok(), "");
    fs::write(&certificate, "broken").unwrap();
    let doctor = run(&city, &["doctor"]).with(78);
    assert!(doctor.out.contains("TLS cannot be set up"), "{doctor:?}");
    run(&city, &["serve"]).with(78);
}

#[test]
fn an_authority_that_is_configured_no_more_is_told_by_doctor() {
    let (city, _) = with_tls();
    let (ca, _) = self_signed(&city, "ca");
    let before = fs::read_to_string(city.config()).unwrap();
    configure(&city, "client_ca_file = \"ca.pem\"");
    let add = [
        "caller",
        "certificate",
        "add",
        "bank-one",
        "--authority",
        &ca,
    ];
    let rule = run(&city, &[&add[..], &["--subject", "CN=gateway"]].concat()).ok();
    assert!(rule.trim().ends_with(":CN=gateway"), "{rule}");
    run(&city, &add).with(64);
    let doctor = run(&city, &["doctor"]).ok();
    assert!(!doctor.contains("no client authority"), "{doctor}");
    fs::write(city.config(), before).unwrap();
    let doctor = run(&city, &["doctor"]).ok();
    assert!(
        doctor.contains("no client authority is configured for bank-one"),
        "{doctor}"
    );
}

#[test]
fn a_certificate_opens_our_own_tls_and_a_reload_shows_a_new_one() {
    let (city, certificate) = with_tls();
    let (client, client_key) = self_signed(&city, "client");
    run(
        &city,
        &[
            "caller",
            "certificate",
            "add",
            "bank-one",
            "--file",
            &client,
        ],
    )
    .ok();
    let server = city.serve();
    let url = format!("{}v1/companies/{}", secure_url(&server), city.company(0));
    let shown = (client.as_str(), client_key.as_str());
    let Some(told) = curl(&url, &certificate, shown) else {
        // `http::tls` has asked already.
        return;
    };
    assert_eq!(told, "2 200");
    let (stranger, key) = self_signed(&city, "stranger");
    let told = curl(&url, &certificate, (&stranger, &key)).unwrap();
    assert_eq!(told, "2 401");
    fs::copy(&certificate, city.data("old.pem")).unwrap();
    self_signed(&city, "server");
    server.signal("HUP");
    server.wait_for("the TLS certificate and the client authorities were read again");
    assert_eq!(curl(&url, &certificate, shown).unwrap(), "2 200");
    assert_eq!(curl(&url, &city.data("old.pem"), shown).unwrap(), "0 000");
    fs::write(&certificate, "broken").unwrap();
    server.signal("HUP");
    server.wait_for("TLS not reloaded");
    assert_eq!(curl(&url, &city.data("old.pem"), shown).unwrap(), "0 000");
}

fn secure_url(server: &Served) -> String {
    let told = server.told.iter();
    let mut found = told.filter_map(|line| line.strip_prefix("listening on "));
    let url = found.find(|url| url.starts_with("https://")).unwrap();
    url.replace("127.0.0.1", "localhost")
}

#[test]
fn half_of_tls_and_networks_that_are_none_are_told_with_their_place() {
    let city = Installation::new();
    configure(
        &city,
        "tls_listen = \"127.0.0.1:8443\"\ntrusted_proxies = [\"10.0.0.1/8\"]\nclient_certificate_proxies = 7",
    );
    let refused = run(&city, &["check-config"]).with(78);
    for told in [
        "server.tls_listen is there without `tls_certificate_file`",
        "server.trusted_proxies holds `10.0.0.1/8`: bits are set behind its prefix",
        "server.client_certificate_proxies is",
    ] {
        assert!(refused.err.contains(told), "{}", refused.err);
    }
}
