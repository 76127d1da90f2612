//! The description of the interface, taken at its word: Schemathesis makes thousands of requests of it, well-formed
//! and malformed, and holds the answers against it. How, and where its checks do not apply, stands in
//! `tests/interop/schemathesis.toml`.

use std::path::Path;

use crate::http::town::Town;
use crate::interop::peer::Peer;
use crate::interop::peer::SCRIPTS;

/// More than the whole run makes: what is tested here is not the limit.
const REQUESTS_PER_MINUTE: u32 = 1_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn schemathesis_finds_nothing_that_is_not_as_described() {
    let Some(peer) = Peer::of("schemathesis", "schemathesis_hooks.py") else {
        return;
    };
    let town = Town::with_public_limit(REQUESTS_PER_MINUTE).await;
    let uscc = town.city.company(1).await;
    let key = town.master_key().await;
    let mut command = peer.module("schemathesis.cli");
    command.env("YINXIN_KNOWN_USCC", uscc.as_str());
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
