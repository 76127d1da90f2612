//! The bodies and pages that people and programs see, word by word.

use std::path::Path;

use insta::Settings;
use serde_json::Value;
use serde_json::json;
use yinxin::http::pages::render_all_samples;
use yinxin::http::problem::table::PROBLEMS;

use crate::http::client::Ask;
use crate::http::town::Town;
use crate::http::town::issuing;

/// Has snapshots of this folder compared under the names they are given.
fn in_folder(name: &str, compare: impl FnOnce()) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots");
    let mut settings = Settings::clone_current();
    settings.set_snapshot_path(folder.join(name));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(compare);
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap()
}

/// Replaces what follows from keys and signatures, which are new in each run.
fn without_signatures(value: &mut Value) {
    let varying = ["credential", "receipt", "sha256", "sm3", "digest", "size"];
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let is_text = member.is_string() || member.is_number();
                if is_text && varying.contains(&name.as_str()) {
                    *member = json!(format!("[{name}]"));
                } else {
                    without_signatures(member);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(without_signatures),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn compare(name: &str, mut body: Value) {
    without_signatures(&mut body);
    insta::assert_snapshot!(name, pretty(&body));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answers_of_the_tour() {
    let town = Town::open().await;
    let uscc = town.city.company(1).await;
    let path = format!("/v1/companies/{uscc}");
    let confirmed = town
        .ask(&Ask::get(format!("{path}?purpose=loan")).key(&town.bank))
        .expect(200);
    let facts = json!({"facts": {"legalRepresentative": "示例人", "address": "别处"}});
    let matched = Ask::post(format!("{path}/match"))
        .key(&town.bank)
        .json(&facts);
    let matched = town.ask(&matched).expect(200);
    let found = Ask::get("/v1/companies?name=%E7%A4%BA%E4%BE%8B").key(&town.bank);
    let found = town.ask(&found).expect(200);
    let issued = town.issue(&uscc);
    let credential = issued["credential"].as_str().unwrap().to_owned();
    let passed = town.verify(credential.clone());
    let change = Ask::post(format!(
        "/v1/credentials/{}/status",
        issued["id"].as_str().unwrap()
    ));
    let change = change
        .key(&town.market)
        .json(&json!({"action": "revoke", "reason": "吊销"}));
    let revoked = town.ask(&change).expect(200);
    let failed = town.verify(credential);
    in_folder("answers", || {
        compare("confirmed", confirmed);
        compare("matched", matched);
        compare("found", found);
        compare("issued", issued);
        compare("verified-passed", passed);
        compare("revoked", revoked);
        compare("verified-revoked", failed);
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_credential_says() {
    let town = Town::open().await;
    let issued = town.issue(&town.city.company(1).await);
    let credential = issued["credential"].as_str().unwrap();
    let decode = |text: &str| -> Value {
        let bytes = yinxin::encoding::base64url::decode(text, 1 << 16).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    };
    let mut parts = credential.split('~');
    let mut jwt = parts.next().unwrap().split('.');
    let mut header = decode(jwt.next().unwrap());
    header["x5c"] = json!(["[certificate]"]);
    let payload = decode(jwt.next().unwrap());
    let disclosures: Vec<Value> = parts.filter(|part| !part.is_empty()).map(decode).collect();
    let whole = json!({"header": header, "payload": payload, "disclosures": disclosures});
    in_folder("answers", || {
        insta::assert_snapshot!("credential", pretty(&whole))
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn problems_in_both_languages() {
    let town = Town::open().await;
    let wrong = Ask::get("/v1/companies/91441900MA00000019").key(&town.bank);
    let asked = [
        ("problem-invalid-uscc", wrong),
        ("problem-api-key-missing", issuing(&crate::store::uscc(1))),
    ];
    for (name, ask) in asked {
        for language in ["zh", "en"] {
            let answer = town.ask(&ask.clone().header("Accept-Language", language));
            let mut problem = answer.json();
            // Which request of this town's it is depends on who asks first for the description.
            problem["instance"] = json!("urn:uuid:…");
            in_folder("answers", || {
                compare(&format!("{name}.{language}"), problem)
            });
        }
    }
}

#[test]
fn the_table_of_problems() {
    let mut table = String::new();
    for entry in PROBLEMS {
        let status = entry.status.as_u16();
        table.push_str(&format!(
            "{status} {} {}\n    {}\n    {}\n    {}\n    {}\n",
            entry.name, entry.code, entry.title, entry.title_zh, entry.action, entry.action_zh
        ));
    }
    in_folder("answers", || insta::assert_snapshot!("problems", table));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operations_of_the_interface() {
    let town = Town::open().await;
    let document = town.ask(&Ask::get("/openapi.json")).expect(200);
    let mut table = String::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let parameters = parameters.map(|one| one["name"].as_str().unwrap());
            let statuses = operation["responses"].as_object().unwrap().keys();
            table.push_str(&format!(
                "{} {path}\n    {}\n    key: {}\n    parameters: {}\n    answers: {}\n",
                method.to_uppercase(),
                operation["summary"].as_str().unwrap(),
                operation.get("security").unwrap_or(&json!("none")),
                parameters.collect::<Vec<_>>().join(", "),
                statuses.map(String::as_str).collect::<Vec<_>>().join(" "),
            ));
        }
    }
    in_folder("answers", || insta::assert_snapshot!("operations", table));
}

#[test]
fn every_page() {
    for (name, html) in render_all_samples() {
        in_folder("pages", || {
            insta::assert_snapshot!(name.as_str(), html.unwrap())
        });
    }
}
