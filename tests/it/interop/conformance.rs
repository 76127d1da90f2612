//! The description of the interface, taken at its word: Schemathesis makes thousands of requests of it, well-formed
//! and malformed, and holds the answers against it. How, and where its checks do not apply, stands in
//! `tests/interop/schemathesis.toml`.

use std::path::Path;

use serde_json::Value;
use serde_json::json;

use crate::http::client::Ask;
use crate::http::signed::claims;
use crate::http::town::Town;
use crate::interop::peer::Peer;
use crate::interop::peer::SCRIPTS;

/// More than the whole run makes: what is tested here is not the limit.
const REQUESTS_PER_MINUTE: u32 = 1_000_000;

/// What there is in the town: a company, and by the id of an operation what stands in its path.
async fn known(town: &Town, key: &str) -> Value {
    let uscc = town.city.company(1).await;
    let issued = town.issue(&uscc);
    let credential = json!({"id": issued["id"]});
    let list = issued["status"]["uri"].as_str().unwrap();
    let list = list.rsplit('/').next().unwrap();
    let document = issued["credential"].as_str().unwrap();
    let verify = Ask::post("/v1/verify").key(key);
    let report = town.ask(&verify.body("application/dc+sd-jwt", document));
    let receipt = json!({"id": claims(&report.expect(200))["jti"]});
    json!({
        "uscc": uscc,
        "pickUpCode": issued["pickUpCode"],
        "replacePickUpCode": credential,
        "changeStatus": credential,
        "credential": credential,
        "credentialFile": credential,
        "credentialType": {"id": "business-registration", "version": "v1"},
        "receipt": receipt,
        "replayReceipt": receipt,
        "statusList": {"list": list},
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing_that_is_not_as_described() {
    let Some(peer) = Peer::of("schemathesis", "schemathesis_hooks.py") else {
        return;
    };
    let town = Town::with_public_limit(REQUESTS_PER_MINUTE).await;
    let key = town.master_key().await;
    let known = known(&town, &key).await;
    let mut command = peer.module("schemathesis.cli");
    command.env("YINXIN_KNOWN", known.to_string());
    command.arg("--config-file");
    command.arg(Path::new(SCRIPTS).join("schemathesis.toml"));
    command.args(["run", "--header", &format!("Authorization: Bearer {key}")]);
    command.arg(format!("http://{}/openapi.json", town.address));
    command.args(["--url", &format!("http://{}", town.address)]);
    let output = tokio::task::spawn_blocking(move || command.output().unwrap());
    let output = output.await.unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}\n{complaint}");
}
