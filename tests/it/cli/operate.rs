//! What an operator does from day to day: callers, companies, credentials, trust stores, configuration.

use std::fs;

use serde_json::Value;
use serde_json::json;

use crate::cli::binary::Ended;
use crate::cli::binary::Served;
use crate::cli::binary::yinxin;
use crate::cli::installation::Installation;
use crate::cli::installation::ndjson;
use crate::http::client::Ask;

impl Installation {
    /// Runs a command on the data folder.
    fn run(&self, arguments: &[&str]) -> Ended {
        let config = ["--config".to_owned(), self.config()];
        yinxin(
            arguments
                .iter()
                .map(|text| (*text).to_owned())
                .chain(config),
        )
    }

    /// Runs a command in the name of the issuing department.
    fn run_as_market(&self, arguments: &[&str]) -> Ended {
        self.run(&[arguments, &["--as", "market-regulation"]].concat())
    }

    /// Runs a command through a server, with that key.
    fn run_through(&self, server: &Served, key: &str, arguments: &[&str]) -> Ended {
        let file = self.beside("key");
        crate::cli::files::write(std::path::Path::new(&file), key.as_bytes());
        let url = format!("http://{}", server.address);
        self.run(&[arguments, &["--server", &url, "--key-file", &file]].concat())
    }
}

/// The identifier in `issued credential ID`.
fn issued_id(ended: &Ended) -> String {
    let line = ended
        .err
        .lines()
        .find_map(|line| line.strip_prefix("issued credential "));
    line.unwrap_or_else(|| panic!("{ended:?}")).to_owned()
}

#[test]
fn a_caller_s_key_is_shown_once_works_and_can_be_revoked() {
    let city = Installation::new();
    let add = [
        "caller",
        "add",
        "bank-two",
        "--kind",
        "bank",
        "--name",
        "Bank Two",
        "--name-zh",
        "二行",
    ];
    let first = city.run(&add).ok();
    let refused = city.run(&add).with(64);
    assert!(refused.err.contains("bank-two"), "{}", refused.err);
    let second = city
        .run(&[
            "caller",
            "key",
            "bank-two",
            "--scope",
            "confirm",
            "--expires-in",
            "30",
        ])
        .ok();
    let (first, second) = (first.trim(), second.trim());
    assert_ne!(first, second);
    let list = city.run(&["caller", "list"]).ok();
    let prefix = |key: &str| key.split('_').nth(1).unwrap().to_owned();
    assert!(list.contains("bank-two  Bank Two 二行 (bank)"), "{list}");
    assert!(
        list.contains(&prefix(first)) && list.contains(&prefix(second)),
        "{list}"
    );
    assert!(
        !list.contains(first) && !list.contains(second),
        "a key is shown again"
    );
    let company = format!("/v1/companies/{}", city.company(0));
    let revoked = city.run(&["caller", "revoke", &prefix(second)]).ok();
    assert!(revoked.contains("is revoked"), "{revoked}");
    city.run(&["caller", "revoke", "nosuchky"]).with(64);
    let server = city.serve();
    let ask = |key: &str| Ask::get(&company).key(key).of(server.address);
    ask(first).expect(200);
    ask(second).problem(401, "API_KEY_INVALID");
}

#[test]
fn a_caller_cannot_recognise_what_there_is_not() {
    let city = Installation::new();
    for (recognised, told) in [
        ("nowhere:banking", "no trust store `nowhere`"),
        ("city:banking", "credential-issuing"),
        ("city", "is not CA:USAGE"),
    ] {
        let add = [
            "caller",
            "add",
            "b",
            "--kind",
            "bank",
            "--name",
            "B",
            "--name-zh",
            "行",
            "--recognise",
        ];
        let refused = city.run(&[&add[..], &[recognised]].concat()).with(64);
        assert!(refused.err.contains(told), "{}", refused.err);
    }
    assert!(!city.run(&["caller", "list"]).ok().contains("\nb "));
}

#[test]
fn an_import_is_all_or_nothing_and_names_the_line() {
    let city = Installation::new();
    let file = city.beside("companies.ndjson");
    let lines = ndjson(60);
    let mut broken: Vec<&str> = lines.lines().skip(40).collect();
    broken[10] = "{\"company\": {\"uscc\": \"91441900YX0000016Y\"}}";
    fs::write(&file, broken.join("\n")).unwrap();
    let show = |number: usize| {
        let uscc = city.company(number);
        city.run_as_market(&["company", "show", uscc.as_str()])
    };
    let refused = city.run_as_market(&["company", "import", &file]).with(65);
    assert!(refused.err.contains("line 11"), "{}", refused.err);
    assert!(
        refused.err.contains("nothing was imported"),
        "{}",
        refused.err
    );
    show(40).with(65);
    let whole: Vec<&str> = lines.lines().skip(40).collect();
    fs::write(&file, whole.join("\n")).unwrap();
    let told = city.run_as_market(&["company", "import", &file]).ok();
    assert!(told.starts_with("20 companies"), "{told}");
    let company: Value = serde_json::from_str(&show(40).ok()).unwrap();
    assert_eq!(company["uscc"], city.company(40).as_str());
    city.run_as_market(&["company", "import", &city.beside("absent")])
        .with(66);
    let nobody = city.run(&["company", "import", &file]).with(64);
    assert!(nobody.err.contains("--as"), "{}", nobody.err);
}

#[test]
fn a_credential_is_issued_suspended_reinstated_and_revoked_directly() {
    let city = Installation::new();
    let uscc = city.company(1);
    let ended = city.run_as_market(&["issue", uscc.as_str()]).with(0);
    let id = issued_id(&ended);
    let file = city.beside("credential");
    fs::write(&file, &ended.out).unwrap();
    let verify = |code: i32| {
        let data = city.data("");
        yinxin(["verify", &file, "--data", &data, "--profile", "bank-one"]).with(code)
    };
    verify(0);
    for (action, state, code) in [
        ("suspend", "suspended", 2),
        ("reinstate", "valid", 0),
        ("revoke", "revoked", 1),
    ] {
        let changed = city
            .run_as_market(&["credential", action, &id, "--reason", "测试 test"])
            .ok();
        assert!(changed.contains(&format!("{id}  {state}")), "{changed}");
        assert!(
            city.run_as_market(&["credential", "show", &id])
                .ok()
                .contains(state)
        );
        verify(code);
    }
    city.run_as_market(&["credential", "reinstate", &id, "--reason", "x"])
        .with(65);
    city.run(&["issue", uscc.as_str(), "--as", "state-tax"])
        .with(65);
    city.run_as_market(&["issue", uscc.as_str(), "--type", "driving-licence"])
        .with(64);
}

#[test]
fn while_a_server_has_the_folder_commands_go_through_it() {
    let city = Installation::new();
    let server = city.serve();
    let uscc = city.company(2);
    let busy = city.run_as_market(&["issue", uscc.as_str()]).with(75);
    assert!(busy.err.contains("--server"), "{}", busy.err);
    city.run(&["serve"]).with(75);
    let through = |arguments: &[&str]| city.run_through(&server, city.market, arguments);
    let file = city.beside("issued.sd-jwt");
    let ended = through(&["issue", uscc.as_str(), "--output", &file]).with(0);
    let id = issued_id(&ended);
    let credential = fs::read_to_string(&file).unwrap();
    let verify = || {
        let ask = Ask::post("/v1/verify")
            .key(city.bank)
            .body("text/plain", credential.trim());
        ask.of(server.address).expect(200)
    };
    assert_eq!(verify()["indication"], "TOTAL-PASSED");
    for (action, indication) in [
        ("suspend", "INDETERMINATE"),
        ("reinstate", "TOTAL-PASSED"),
        ("revoke", "TOTAL-FAILED"),
    ] {
        through(&["credential", action, &id, "--reason", "测试"]).ok();
        assert_eq!(verify()["indication"], indication);
    }
    let shown = through(&["credential", "show", &id]).ok();
    assert_eq!(
        serde_json::from_str::<Value>(&shown).unwrap()["state"],
        "revoked"
    );
    let company = through(&["company", "show", uscc.as_str()]).ok();
    assert!(company.contains(uscc.as_str()));
    let import = city.beside("more.ndjson");
    fs::write(&import, ndjson(1)).unwrap();
    through(&["company", "import", &import]).ok();
    let refused = city
        .run_through(&server, city.tax, &["issue", uscc.as_str()])
        .with(69);
    assert!(
        refused.err.contains("NOT_YOUR_CREDENTIAL_TYPE"),
        "{}",
        refused.err
    );
}

#[test]
fn a_pick_up_code_is_shown_once_and_replaced_on_request() {
    let city = Installation::new();
    let uscc = city.company(1);
    let ended = city.run_as_market(&["issue", uscc.as_str()]).with(0);
    let id = issued_id(&ended);
    let shown = |text: &str| text.trim().rsplit(' ').next().unwrap().to_owned();
    let first = shown(&ended.err);
    assert_eq!(first.len(), 34, "{}", ended.err);
    let second = city.run_as_market(&["credential", "pick-up-code", &id]);
    let second = shown(&second.ok());
    city.run(&["credential", "pick-up-code", &id, "--as", "state-tax"])
        .with(65);
    let server = city.serve();
    let third = city.run_through(&server, city.market, &["credential", "pick-up-code", &id]);
    let third = shown(&third.ok());
    let url = format!("http://{}", server.address);
    let (file, out) = (city.beside("code"), city.beside("fetched"));
    for (code, ends) in [
        (&first, 69),
        (&second, 69),
        (&third, 0),
        (&"7K3M".to_owned(), 69),
    ] {
        crate::cli::files::write(std::path::Path::new(&file), code.as_bytes());
        let run = [
            "credential",
            "pick-up",
            "--server",
            &url,
            "--code-file",
            &file,
        ];
        let ended = yinxin([&run[..], &["--out", &out]].concat()).with(ends);
        assert!(!ended.err.contains(code.as_str()), "{}", ended.err);
    }
    let kept = fs::read_to_string(format!("{out}/business-registration.sd-jwt")).unwrap();
    assert_eq!(kept, ended.out.trim_end());
    let neither = ["credential", "pick-up", "--server", &url, "--out", &out];
    yinxin(neither.to_vec()).with(64);
    let log = server.stop().1.join("\n");
    for secret in [&first, &second, &third] {
        assert!(
            !log.contains(secret.as_str()) && !log.contains("yxs_"),
            "{log}"
        );
    }
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let city = Installation::new();
    let server = city.serve();
    let address = server.address;
    server.kill();
    let file = city.beside("key");
    crate::cli::files::write(std::path::Path::new(&file), city.bank.as_bytes());
    let url = format!("http://{address}");
    let show = [
        "company",
        "show",
        "91441900YX0000016X",
        "--server",
        &url,
        "--key-file",
        &file,
    ];
    let refused = city.run(&show).with(69);
    assert!(
        refused.err.contains("is a server running"),
        "{}",
        refused.err
    );
}

#[test]
fn every_mistake_of_a_configuration_is_told_at_once_with_its_line() {
    let city = Installation::new();
    city.run(&["check-config"]).ok();
    let text = "[server]\nlisten = 'nowhere'\npublic_url = 'http://example.org'\nsurprise = 1\n\n\
                [database]\ndata_dir = 5\n\n[log]\nlevel = 'loud'\n";
    fs::write(city.config(), text).unwrap();
    for command in ["check-config", "serve", "doctor"] {
        let refused = city.run(&[command]).with(78);
        for place in [
            "2:10: server.listen",
            "3:14: server.public_url",
            "4:1: server.surprise",
            "7:12",
            "10:9: log.level",
        ] {
            assert!(
                refused.err.contains(place),
                "{command} {place}: {}",
                refused.err
            );
        }
    }
    fs::remove_file(city.config()).unwrap();
    city.run(&["check-config"]).with(66);
}

#[test]
fn the_doctor_finds_nothing_bad_in_what_was_just_made_and_a_wrong_key_at_once() {
    let city = Installation::new();
    let told = city.run(&["doctor"]).ok();
    assert!(
        told.contains("40 companies") && !told.contains("BAD"),
        "{told}"
    );
    let other = fs::read(city.data("keys/receipt.certificate.pem")).unwrap();
    fs::write(city.data("keys/credential.certificate.pem"), other).unwrap();
    let refused = city.run(&["doctor"]).with(78);
    assert!(refused.err.contains("is not that of"), "{}", refused.err);
}

#[test]
fn a_folder_without_a_timestamp_key_serves_everything_but_timestamps() {
    use yinxin::signature::timestamp::response::FailureReason;
    use yinxin::signature::timestamp::response::TimestampResponse;

    let city = Installation::new();
    let refusal = |city: &Installation| {
        let server = city.serve();
        let asked = Ask::post("/tsa").body("application/timestamp-query", b"nonsense");
        match TimestampResponse::parse(&asked.of(server.address).body).unwrap() {
            TimestampResponse::Refused(refusal) => refusal.reason,
            TimestampResponse::Granted { .. } => None,
        }
    };
    assert_eq!(refusal(&city), Some(FailureReason::BadDataFormat));
    for name in ["timestamp.key.pem", "timestamp.certificate.pem"] {
        fs::remove_file(city.data(&format!("keys/{name}"))).unwrap();
    }
    assert_eq!(refusal(&city), Some(FailureReason::SystemFailure));
}

#[test]
fn trust_stores_are_listed_and_checked() {
    let city = Installation::new();
    let roots = city.data("trust-roots");
    let list = yinxin(["trust", "list", "--trust-roots", &roots, "--json"]).ok();
    let stores: Vec<Value> = list
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let ours = stores.iter().find(|store| store["id"] == "city").unwrap();
    assert_eq!(ours["usages"], json!(["credential-issuing", "timestamp"]));
    assert!(yinxin(["trust", "list"]).ok().contains("trust set "));
    let checked = yinxin(["trust", "check", "--trust-roots", &roots]).with(0);
    assert!(checked.err.contains("7 trust stores"), "{}", checked.err);
    fs::write(format!("{roots}/city/ca.toml"), "name = 5\n").unwrap();
    for command in ["list", "check"] {
        let refused = yinxin(["trust", command, "--trust-roots", &roots]).with(78);
        assert!(refused.err.contains("ca.toml"), "{}", refused.err);
    }
}

#[test]
fn a_broken_trust_store_keeps_the_old_set_and_says_why() {
    let city = Installation::new();
    let server = city.serve();
    let uscc = city.company(3);
    let body = json!({"uscc": uscc, "type": "business-registration"});
    let issued = Ask::post("/v1/credentials").key(city.market).json(&body);
    let issued = issued.of(server.address).expect(201);
    let verdict = || {
        let credential = issued["credential"].as_str().unwrap();
        let ask = Ask::post("/v1/verify")
            .key(city.bank)
            .body("text/plain", credential);
        ask.of(server.address).expect(200)["indication"].clone()
    };
    assert_eq!(verdict(), "TOTAL-PASSED");
    let file = city.data("trust-roots/city/ca.toml");
    let good = fs::read_to_string(&file).unwrap();
    fs::write(&file, "name = 'a string that does not end\n").unwrap();
    server.signal("HUP");
    let line = server.wait_for("trust stores not reloaded");
    assert!(line.contains("ca.toml"), "{line}");
    assert_eq!(verdict(), "TOTAL-PASSED");
    fs::write(&file, good.replace("credential-issuing", "banking")).unwrap();
    server.signal("HUP");
    server.wait_for("trust stores reloaded");
    assert_eq!(verdict(), "INDETERMINATE");
    fs::write(&file, good).unwrap();
    server.signal("HUP");
    server.wait_for("trust stores reloaded");
    assert_eq!(verdict(), "TOTAL-PASSED");
}

#[test]
fn a_backup_taken_while_serving_is_restored_served_and_knows_its_credentials() {
    let city = Installation::new();
    let server = city.serve();
    let body = json!({"uscc": city.company(4), "type": "business-registration"});
    let issue = Ask::post("/v1/credentials")
        .key(city.market)
        .header("Idempotency-Key", "k")
        .json(&body);
    let issued = issue.of(server.address).expect(201);
    let archive = city.beside("city.tar.gz");
    city.run(&["backup", &archive]).ok();
    server.kill();
    let restored = city.beside("restored");
    yinxin(["restore", &archive, "--data", &restored]).ok();
    yinxin(["restore", &archive, "--data", &restored]).with(64);
    let config = format!("{restored}/yinxin.toml");
    yinxin(["doctor", "--config", &config]).ok();
    let server = Served::start(["serve", "--config", &config]);
    let credential = issued["credential"].as_str().unwrap();
    let verify = Ask::post("/v1/verify")
        .key(city.bank)
        .body("text/plain", credential);
    assert_eq!(
        verify.of(server.address).expect(200)["indication"],
        "TOTAL-PASSED"
    );
    let again = issue.of(server.address).expect(201);
    assert_eq!(again["credential"], issued["credential"], "issued twice");
    assert_eq!(again["pickUpCode"], Value::Null, "shown twice");
    // The letter that the company holds still counts.
    let (code, fetched) = (city.beside("code"), city.beside("fetched"));
    crate::cli::files::write(
        std::path::Path::new(&code),
        issued["pickUpCode"].as_str().unwrap().as_bytes(),
    );
    let url = format!("http://{}", server.address);
    let pick_up = ["credential", "pick-up", "--server", &url];
    yinxin([&pick_up[..], &["--code-file", &code, "--out", &fetched]].concat()).ok();
    let file = fs::read_to_string(format!("{fetched}/business-registration.sd-jwt"));
    assert_eq!(file.unwrap(), credential);
    drop(server);
    let mut damaged = fs::read(&archive).unwrap();
    damaged.truncate(damaged.len() / 2);
    fs::write(&archive, damaged).unwrap();
    let elsewhere = city.beside("elsewhere");
    yinxin(["restore", &city.beside("absent"), "--data", &elsewhere]).with(66);
    yinxin(["restore", &archive, "--data", &elsewhere]).with(65);
    assert!(!fs::exists(format!("{elsewhere}/yinxin.toml")).unwrap());
}

#[test]
fn what_would_let_others_in_is_refused() {
    let city = Installation::new();
    let again = yinxin([
        "init",
        "--data",
        &city.data(""),
        "--city",
        "X",
        "--city-zh",
        "某市",
        "--issuer-uscc",
        "11441900YX0000008B",
        "--public-url",
        "http://127.0.0.1:1",
    ]);
    assert!(again.with(64).err.contains("data"));
    let passphrase = std::path::PathBuf::from(city.data("passphrase"));
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(&passphrase, open).unwrap();
    let refused = city.run(&["doctor"]).with(78);
    assert!(refused.err.contains("passphrase"), "{}", refused.err);
}

#[test]
fn a_fail_point_that_there_is_not_is_refused() {
    let city = Installation::new();
    let refused = city
        .run(&["serve", "--pause-at", "issue.at-lunch"])
        .with(64);
    assert!(refused.err.contains("issue.after-sign"), "{}", refused.err);
}

#[test]
fn who_recognises_whom_is_exported_proposed_and_approved_by_another() {
    let city = Installation::new();
    let operators = ["day-shift", "night-shift"];
    for id in operators {
        let add = [
            "caller",
            "add",
            id,
            "--kind",
            "operator",
            "--name",
            id,
            "--name-zh",
            id,
        ];
        city.run(&add).ok();
    }
    let exported = city.run(&["trust", "export"]).ok();
    assert!(exported.starts_with("[[row]]\n"), "{exported}");
    let file = city.beside("table.toml");
    fs::write(&file, &exported).unwrap();
    let told = city.run(&["trust", "import", &file]).ok();
    assert!(told.contains("like that already"), "{told}");

    let (public, others) = exported.split_once("\n\n").unwrap();
    let changed = format!("{public}\nvalid-until = \"2030-01-01T00:00:00Z\"\n\n{others}");
    fs::write(&file, &changed).unwrap();
    let propose = [
        "trust",
        "propose",
        &file,
        "--as",
        "day-shift",
        "--note",
        "circular 12",
    ];
    let told = city.run(&propose).ok();
    assert!(
        told.starts_with("proposal 1  proposed  by day-shift"),
        "{told}"
    );
    assert!(
        told.contains("\n    + `") && told.contains("\n    - `"),
        "{told}"
    );
    assert_eq!(city.run(&["trust", "export"]).ok(), exported);
    let market = ["trust", "approve", "1", "--as", "market-regulation"];
    city.run(&market).with(64);
    let approved = city
        .run(&["trust", "approve", "1", "--as", "night-shift"])
        .ok();
    assert!(approved.starts_with("proposal 1  active"), "{approved}");
    assert!(
        city.run(&["trust", "export"])
            .ok()
            .contains("2030-01-01T00:00:00Z")
    );
    let first = city.run(&["trust", "export", "--version", "1"]).ok();
    assert!(!first.contains("2030-01-01"), "{first}");
    city.run(&["trust", "withdraw", "1", "--as", "night-shift"])
        .with(64);
    let listed = city.run(&["trust", "proposals"]).ok();
    assert!(listed.contains("approved by night-shift"), "{listed}");
}

#[test]
fn a_mistake_in_a_table_is_told_with_its_line_and_nothing_is_imported() {
    let city = Installation::new();
    let file = city.beside("table.toml");
    let exported = city.run(&["trust", "export"]).ok();
    let broken = exported.replacen("usage = \"", "usage = \"No ", 1);
    fs::write(&file, &broken).unwrap();
    let line = broken
        .lines()
        .position(|line| line.contains("No "))
        .unwrap()
        + 1;
    let refused = city.run(&["trust", "import", &file]).with(65);
    assert!(
        refused.err.contains(&format!("line {line}:")),
        "{}",
        refused.err
    );
    fs::write(&file, exported.replacen("ca = \"", "ca = \"un", 1)).unwrap();
    let refused = city.run(&["trust", "import", &file]).with(65);
    assert!(
        refused.err.contains("line ") && refused.err.contains("no trust store"),
        "{}",
        refused.err
    );
    assert_eq!(city.run(&["trust", "export"]).ok(), exported);
}

#[test]
fn where_two_persons_are_required_nothing_changes_at_once() {
    let city = Installation::new();
    let file = city.beside("table.toml");
    let exported = city.run(&["trust", "export"]).ok();
    fs::write(&file, exported.split_once("\n\n").unwrap().0).unwrap();
    let config = fs::read_to_string(city.config()).unwrap();
    let config = match config.contains("[trust]") {
        true => config.replacen("[trust]", "[trust]\napproval = \"two-person\"", 1),
        false => format!("{config}\n[trust]\napproval = \"two-person\"\n"),
    };
    fs::write(city.config(), config).unwrap();
    let refused = city.run(&["trust", "import", &file]).with(64);
    assert!(refused.err.contains("--propose"), "{}", refused.err);
    let recognise = [
        "caller",
        "add",
        "bank-nine",
        "--kind",
        "bank",
        "--name",
        "Nine",
        "--name-zh",
        "九行",
        "--recognise",
        "city:credential-issuing",
    ];
    city.run(&recognise).with(64);
    assert!(!city.run(&["caller", "list"]).ok().contains("bank-nine"));
    assert_eq!(city.run(&["trust", "export"]).ok(), exported);
}
